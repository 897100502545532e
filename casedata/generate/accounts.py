"""The accounts: who they are, and the latent traits from which all that they do follows.

Latent columns (in no public table; the truth shows some):

need              yuan a year at list prices that the account would buy at the start of 2023
growth            factor by which its need has changed at the end of 2025, without any event
price_sensitivity 0 (does not ask) to 1 (asks for every discount)
loyalty           0 to 1: the higher, the less easily it leaves
credit            0 to 1: the higher, the more promptly it pays
hassle            1 is typical: how many visits, calls, rush orders and cases it makes us work
dose              share of its deliveries that come from the plant that slips (case A)
slowness          1 is typical: how long its service cases take us
touches_year      contacts a year that it gets from us: follows need and hassle
first_order       day of its first order within the history, empty for prospects
star              True for those small accounts of 2023 that become large
in_chain          True for the branches of the chain that pays ever later, if that story is told
rep_id            the rep who looks after the account at the end
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pandas as pd

from . import cast, names
from .common import START, ids, stream
from .places import CITIES, CLUB_CITIES, PROVINCE_OF
from .stories import Story

# kind -> accounts with orders, prospects, those opened within the history, yearly need in yuan
# (median, sigma of its logarithm), relation (R5), responsibility (S4).
KINDS = pd.DataFrame(
    [
        ("enterprise", 230, 26, 86, 15_000, 2.45, "consumer", "enterprise customer"),
        ("public body", 45, 7, 14, 32_000, 1.20, "public-interest", "enterprise customer"),
        ("agent", 20, 0, 2, 330_000, 0.90, "intermediary", "agent"),
        ("shop", 60, 0, 20, 11_000, 0.80, "intermediary", "agent"),
        ("brand store", 12, 0, 2, 110_000, 0.35, "internal", "internal customer"),
        ("professional", 20, 0, 8, 3_000, 0.60, "consumer", "retail consumer"),
    ],
    columns=[
        "kind", "customers", "prospects", "new", "need", "sigma", "relation", "responsibility",
    ],
).set_index("kind")  # fmt: skip

N = KINDS[["customers", "prospects"]].sum().sum()

FIXED_KINDS = {
    **dict.fromkeys((cast.CASE_A, cast.CASE_B, cast.CASE_B_BRANCH, cast.CASE_C), "enterprise"),
    **dict.fromkeys(cast.CASE_E_SHOPS, "shop"),
    **dict.fromkeys(cast.AGENTS.values(), "agent"),
}
PROVINCE_WEIGHT = {
    "Guangdong": 5, "Jiangsu": 4, "Zhejiang": 4, "Shandong": 4, "Hubei": 5, "Sichuan": 4,
}  # fmt: skip
N_STARS = 13
CASE_A_DOSE = 0.75


def strata(rng: np.random.Generator, n: int) -> np.ndarray:
    """Return `n` numbers in (0, 1), one from the middle of each n-th of it, shuffled.

    Worlds differ in who is large or loyal, but hardly in how many are.
    """
    return (rng.permutation(n) + rng.uniform(0.35, 0.65, n)) / n


def _normal(uniform: np.ndarray) -> np.ndarray:
    """Return the standard normal quantiles of numbers in (0, 1)."""
    return np.array([NormalDist().inv_cdf(u) for u in uniform])


def accounts(seed: int, stories: dict[str, Story]) -> pd.DataFrame:
    """Return the accounts with their latent traits, before the cases are pinned."""
    rng = stream(seed, "accounts")
    table = _kinds(rng)
    table["province"], table["city"] = _places(rng, table["kind"])
    firm = names.firms(rng, table["kind"], table["city"])
    table["name"], table["name_zh"] = firm["name"], firm["name_zh"]
    table["relation"] = table["kind"].map(KINDS["relation"])
    table["responsibility"] = table["kind"].map(KINDS["responsibility"])
    table["opened"] = _opened(rng, table["kind"], table["prospect"])
    table = _traits(rng, table)
    table["first_order"] = table["opened"] + pd.to_timedelta(rng.integers(3, 25, N), unit="D")
    table["terms_days"] = _terms(rng, table)
    if "slow_chain" in stories:
        table = _chain(rng, table, stories["slow_chain"])
    nothing = {"loss_date": pd.NaT, "loss_cause": None, "loss_reason_recorded": None}
    return table.drop(columns="prospect").assign(**nothing)


def _kinds(rng: np.random.Generator) -> pd.DataFrame:
    """Return account_id, kind, prospect; the cast keeps its places."""
    table = pd.DataFrame({"account_id": ids("K", N)})
    free = KINDS["customers"] - pd.Series(FIXED_KINDS).value_counts().reindex(KINDS.index).fillna(0)
    drawn = [(kind, False) for kind in KINDS.index for _ in range(int(free[kind]))]
    drawn += [(kind, True) for kind in KINDS.index for _ in range(KINDS["prospects"][kind])]
    drawn.remove(("enterprise", True))  # case D
    fixed = {name: (kind, False) for name, kind in FIXED_KINDS.items()}
    fixed[cast.CASE_D] = ("enterprise", True)
    order = iter(rng.permutation(len(drawn)))
    rows = [fixed.get(name) or drawn[next(order)] for name in table["account_id"]]
    table[["kind", "prospect"]] = pd.DataFrame(rows, index=table.index)
    return table


def _places(rng: np.random.Generator, kind: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return province and city of each account; agents are spread, stores are in club cities."""
    provinces = list(CITIES)
    weight = np.array([PROVINCE_WEIGHT.get(name, 2) for name in provinces], dtype=float)
    province = pd.Series(rng.choice(provinces, len(kind), p=weight / weight.sum()))
    is_agent = kind == "agent"
    province[is_agent] = rng.permutation(np.resize(provinces, is_agent.sum()))
    n_cities = province.map(lambda name: len(CITIES[name]))
    # The capital of a province has about half of its accounts.
    number = np.maximum(0, np.floor(rng.uniform(-0.8, 1, len(kind)) * n_cities)).astype(int)
    city = pd.Series([CITIES[name][i] for name, i in zip(province, number, strict=True)])
    is_store = kind == "brand store"
    city[is_store] = np.resize(CLUB_CITIES, is_store.sum())
    return city.map(PROVINCE_OF), city


def _opened(rng: np.random.Generator, kind: pd.Series, prospect: pd.Series) -> pd.Series:
    """Return the day on which each account was opened, NaT for prospects."""
    rank = pd.Series(rng.random(len(kind))).where(~prospect, 2).groupby(kind).rank() - 1
    new = rank < kind.map(KINDS["new"])
    within = START + pd.to_timedelta(np.floor(strata(rng, len(kind)) * 1000), unit="D")
    # Those still here in 2023 are more often young: many of the old have gone.
    years = np.minimum(rng.exponential(3.5, len(kind)), 10.9)
    before = START - pd.to_timedelta(np.floor(20 + years * 365), unit="D")
    return pd.Series(np.where(new, within, before)).where(~prospect)


def _traits(rng: np.random.Generator, table: pd.DataFrame) -> pd.DataFrame:
    """Return `table` with the latent traits and what the customer file shows of them."""
    table = table.copy()
    for (kind, _), rows in table.groupby(["kind", "prospect"]).groups.items():
        n, about = len(rows), KINDS.loc[kind]
        size = strata(rng, n)
        table.loc[rows, "size_rank"] = size
        table.loc[rows, "need"] = about["need"] * np.exp(
            about["sigma"] * _normal(size).clip(max=2.1)
        )
        for trait in ("loyalty", "credit", "price_sensitivity"):
            table.loc[rows, trait] = strata(rng, n)
        # Hassle is spread evenly over large and small: blocks of five accounts of like size
        # hold one from each fifth.
        order = np.argsort(size)
        fifths = np.concatenate([rng.permutation(5) for _ in range(n // 5 + 1)])[:n]
        hassle = np.empty(n)
        hassle[order] = (fifths + rng.uniform(0.05, 0.95, n)) / 5
        table.loc[rows, "hassle"] = np.exp(0.85 * _normal(hassle))
    n = len(table)
    hassle_rank = table["hassle"].rank(pct=True)
    table["price_sensitivity"] = 0.5 * table["price_sensitivity"] + 0.5 * hassle_rank
    table["dose"] = rng.beta(0.8, 2.0, n)
    table.loc[table["account_id"] == cast.CASE_A, "dose"] = CASE_A_DOSE
    table["slowness"] = np.exp(rng.normal(0, 0.25, n))
    # The largest neither grow nor shrink much: no single account decides how a year goes.
    table["growth"] = np.exp(rng.normal(0, 0.38, n) * (1 - 0.7 * table["size_rank"] ** 8))
    small = table["kind"].eq("enterprise") & table["size_rank"].between(0.12, 0.38)
    small &= (table["opened"] < START) & ~table["account_id"].isin(FIXED_KINDS)
    stars = rng.choice(table.index[small], N_STARS, replace=False)
    table["star"] = table.index.isin(stars)
    large = table.loc[table["kind"] == "enterprise", "need"].quantile(0.88)
    table.loc[stars, "growth"] = large * rng.uniform(1.6, 2.6, N_STARS) / table.loc[stars, "need"]
    table["size"] = _band(
        table["size_rank"] + rng.normal(0, 0.12, n), [0.5, 0.82], ["small", "medium", "large"]
    )
    table["credit_rating"] = _band(
        table["credit"] + rng.normal(0, 0.08, n), [0.08, 0.28, 0.65], ["D", "C", "B", "A"]
    )
    return table.drop(columns="size_rank")


def _band(values: pd.Series, cuts: list[float], labels: list[str]) -> np.ndarray:
    """Return the label of the band in which each value lies."""
    return np.array(labels)[np.searchsorted(cuts, values)]


def _terms(rng: np.random.Generator, table: pd.DataFrame) -> np.ndarray:
    """Return the days of credit agreed: good payers, large buyers and public bodies get more."""
    score = table["need"].rank(pct=True) + 0.4 * table["credit"] + rng.normal(0, 0.2, len(table))
    terms = _band(score, [0.25, 0.5, 1.1, 1.25], [0, 15, 30, 60, 90])
    terms = np.where(table["kind"] == "public body", 60, terms)
    return np.where(table["kind"].isin(["brand store", "professional"]), 0, terms)


def _chain(rng: np.random.Generator, table: pd.DataFrame, story: Story) -> pd.DataFrame:
    """Return `table` with some enterprises made branches of one chain of hotels."""
    table = table.copy()
    fit = table["kind"].eq("enterprise") & (table["opened"] < "2024-07-01")
    fit &= table["need"].rank(pct=True).between(0.55, 0.95)
    fit &= ~table["account_id"].isin(FIXED_KINDS)
    one_per_city = table[fit].drop_duplicates("city")
    rows = rng.choice(one_per_city.index, story["accounts"], replace=False)
    city = table.loc[rows, "city"]
    table.loc[rows, "name"] = story["chain"] + " Hotels " + city
    table.loc[rows, "name_zh"] = story["chain_zh"] + "酒店" + city.map(names.CHINESE) + "店"
    table["in_chain"] = table.index.isin(rows)
    return table


def after_pinning(table: pd.DataFrame, assignments: pd.DataFrame) -> pd.DataFrame:
    """Return `table` with what follows from other traits, once the cases are pinned.

    Adds touches_year and rep_id, the rep who looks after the account at the end.
    """
    volume = (table["need"] / 30_000) ** 0.78
    latest = assignments.drop_duplicates("account_id", keep="last").set_index("account_id")
    return table.assign(
        touches_year=3.9 * volume.clip(0.12, 25) * table["hassle"] ** 1.3,
        rep_id=table["account_id"].map(latest["rep_id"]),
    )
