"""Service cases: what fails, how long we take, what we do about it, and what it costs us."""

from __future__ import annotations

import numpy as np
import pandas as pd

from . import cast
from .common import AS_OF, N_DAYS, START, ids, stream
from .losses import LAPSE
from .places import REGION_OF
from .stories import Story

# Chance that a unit is returned or needs repair: from a good batch, from a bad one.
_RETURN, _REPAIR = (0.0065, 0.200), (0.0075, 0.120)
_COMPLAINTS = 0.16  # complaints per return or repair of an account of typical hassle
_INQUIRIES = 2.6  # a year, of an account that needs 30,000 yuan, with typical hassle
_DAYS = {"return": 5.0, "repair": 10.0, "complaint": 6.0, "inquiry": 1.0}  # median to close
_OUTCOMES = {
    "return": (["replaced", "refunded", "rejected"], [0.62, 0.28, 0.10]),
    "repair": (["repaired", "replaced", "rejected"], [0.80, 0.12, 0.08]),
    "complaint": (["settled", "credit note", "rejected"], [0.66, 0.20, 0.14]),
    "inquiry": (["answered", "referred"], [0.9, 0.1]),
}
_SLOW_BAD = 2.2  # spare parts for bad batches are short: their repairs take so much longer
_SLOW_CASE_A = 1.7
_SLOW_LAPSE = 3.0  # accounts that leave for poor service waited so much longer before
FAKES = 30  # tickets "not genuine" in the city of a counterfeit

TRIAL = (pd.Timestamp("2024-07-01"), pd.Timestamp("2024-12-31"))  # treatments given by lot
TREATMENTS = ("nothing", "apology", "repair", "discount")
MEMORY_DAYS = 60  # so long the answer to a failure decides which orders survive it
# Share of the orders of those days that survive, by treatment.
_KEPT = {"nothing": 0.55, "apology": 0.72, "repair": 0.93, "discount": 0.80}
_CHOSEN = {  # by value third: in practice the large get much, the small get nothing
    0: [0.55, 0.35, 0.07, 0.03],
    1: [0.25, 0.40, 0.20, 0.15],
    2: [0.05, 0.20, 0.35, 0.40],
}
# How much an account minds that a share of its purchases fails: for all orders, for the line's.
_MINDS, _MINDS_LINE = 3.0, 5.5
_WORST = 2.0  # it cannot do without us altogether
_GRUDGE_DAYS = 150


def tickets(
    seed: int,
    orders: pd.DataFrame,
    accounts: pd.DataFrame,
    products: pd.DataFrame,
    stories: dict[str, Story],
) -> pd.DataFrame:
    """Return the service cases that follow from the order lines; ids come with `settle`."""
    rng = stream(seed, "tickets")
    traits = accounts.set_index("account_id")
    failing = [
        _failures(rng, "return", _RETURN, 22, orders, traits),
        _failures(rng, "repair", _REPAIR, 160, orders, traits),
    ]
    failures = pd.concat(failing, ignore_index=True)
    tables = [failures, _complaints(rng, failures, traits, stories), _inquiries(rng, traits)]
    if "counterfeit_line" in stories:
        tables.append(_fakes(rng, accounts, products, stories["counterfeit_line"]))
    table = pd.concat(tables, ignore_index=True)
    table = table[table["opened"] <= AS_OF].reset_index(drop=True)
    table["closed"] = _closed(rng, table, traits, stories)
    drawn = pd.Series("", table.index)
    for kind, (words, chances) in _OUTCOMES.items():
        rows = table["kind"] == kind
        drawn[rows] = rng.choice(words, rows.sum(), p=chances)
    if "outcome" in table:
        drawn = table["outcome"].fillna(drawn)
    table["outcome"] = drawn.where(table["closed"].notna())
    return table.sort_values(["opened", "account_id", "kind"], kind="stable", ignore_index=True)


def _failures(rng, kind, chances, mean_days, orders, traits) -> pd.DataFrame:
    """Return one case per order line of which at least one unit fails."""
    hassle = orders["account_id"].map(traits["hassle"]).to_numpy()
    chance = np.where(orders["bad"], chances[1], chances[0] * hassle)
    failed = rng.binomial(orders["quantity"], chance.clip(max=0.5))
    rows = orders[failed > 0]
    days = np.floor(rng.exponential(mean_days, len(rows))) + 3
    opened = rows["date"] + pd.to_timedelta(days, unit="D")
    table = rows[["account_id", "sku", "batch", "bad"]].assign(opened=opened, kind=kind)
    table.insert(3, "quantity", failed[failed > 0])
    lost = table["account_id"].map(traits["loss_date"])
    return table[~(table["opened"] > lost)]


def _complaints(rng, failures, traits, stories) -> pd.DataFrame:
    """Return complaints about failures, more from those who mind more and in a flood."""
    chance = _COMPLAINTS * failures["account_id"].map(traits["hassle"]) ** 0.5
    chance *= np.where(failures["bad"], 2.0, 1.0)
    if "warehouse_flood" in stories:
        flood = stories["warehouse_flood"]
        chance *= np.where(_flooded(failures, traits, flood), flood["complaints"], 1)
    table = failures[rng.random(len(failures)) < chance]
    delay = pd.to_timedelta(rng.integers(1, 20, len(table)), unit="D")
    return table.assign(kind="complaint", opened=table["opened"] + delay)


def _inquiries(rng, traits) -> pd.DataFrame:
    """Return questions asked of us: about no batch, sometimes about no product."""
    there = traits.dropna(subset="first_order")
    first = there["first_order"].clip(lower=START)
    last = there["loss_date"].fillna(AS_OF)
    days = (last - first).dt.days.clip(lower=1)
    volume = (there["need"] / 30_000) ** 0.6
    n = rng.poisson(_INQUIRIES * volume * there["hassle"] * days / 365.25)
    rows = np.repeat(np.arange(len(there)), n)
    day = np.floor(rng.random(len(rows)) * days.to_numpy()[rows])
    opened = first.to_numpy()[rows] + pd.to_timedelta(day, unit="D")
    return pd.DataFrame({"account_id": there.index[rows], "opened": opened, "kind": "inquiry"})


def _fakes(rng, accounts, products, story) -> pd.DataFrame:
    """Return complaints about fakes of one line in one city: no batch of ours fits them."""
    near = accounts["city"].eq(story["city"]) & accounts["first_order"].notna()
    near &= accounts["loss_date"].isna()
    who = accounts.loc[near, "account_id"].to_numpy()
    skus = products.loc[products["line"] == story["line"], "sku"].to_numpy()
    days = rng.integers(0, (story.end - story.start).days, FAKES)
    return pd.DataFrame(
        {
            "account_id": rng.choice(who, FAKES),
            "sku": rng.choice(skus, FAKES),
            "quantity": rng.integers(1, 4, FAKES),
            "opened": story.start + pd.to_timedelta(days, unit="D"),
            "kind": "complaint",
            "outcome": "not genuine",
        }
    )


def _flooded(table, traits, flood) -> pd.Series:
    region = table["account_id"].map(traits["province"].map(REGION_OF))
    return region.eq(flood["region"]) & flood.covers(table["opened"])


def _closed(rng, table, traits, stories) -> pd.Series:
    """Return the day on which each case was closed, NaT if it was open at AS_OF."""
    days = table["kind"].map(_DAYS) * rng.lognormal(0, 0.55, len(table))
    days = days * table["account_id"].map(traits["slowness"])
    days = days * np.where(table["kind"].eq("repair") & table["bad"].eq(True), _SLOW_BAD, 1)
    days = days * np.where(table["account_id"] == cast.CASE_A, _SLOW_CASE_A, 1)
    ahead = table["account_id"].map(traits["loss_date"]) - table["opened"]
    lapsed = table["account_id"].map(traits["loss_cause"]).eq("service") & (ahead <= 2 * LAPSE)
    days = days * np.where(lapsed, _SLOW_LAPSE, 1)
    if "warehouse_flood" in stories:
        flood = stories["warehouse_flood"]
        late = _flooded(table, traits, flood) & table["kind"].isin(["return", "repair"])
        days = days + np.where(late, flood["delay_days"], 0)
    closed = table["opened"] + pd.to_timedelta(np.floor(days), unit="D")
    return closed.where(closed <= AS_OF)


def recoveries(seed: int, tickets: pd.DataFrame, accounts: pd.DataFrame) -> pd.DataFrame:
    """Return what we did about some failures: row of the ticket, treatment, assigned, date, cost.

    In the trial a lot decided; otherwise the account's value did, so that a naive comparison
    credits the treatments with what the accounts brought along.
    """
    rng = stream(seed, "recoveries")
    table = tickets[tickets["kind"].isin(["return", "repair", "complaint"])]
    # One failure of an account in two months is answered, so that no two answers overlap.
    month = table["opened"].dt.year * 12 + table["opened"].dt.month
    table = table[table["batch"].notna()].assign(spell=(month - 1) // 2)
    table = table.iloc[rng.permutation(len(table))]
    table = table.drop_duplicates(["account_id", "spell"]).sort_index()
    in_trial = table["opened"].between(*TRIAL).to_numpy()
    need = table["account_id"].map(accounts.set_index("account_id")["need"])
    third = np.minimum(2, np.floor(need.rank(pct=True).to_numpy() * 3)).astype(int)
    chances = np.array([_CHOSEN[i] for i in range(3)])[third]
    chances[in_trial] = 1 / len(TREATMENTS)
    drawn = (rng.random((len(table), 1)) > chances.cumsum(axis=1)).sum(axis=1).clip(max=3)
    base = np.array([0.0, 20.0, 260.0, 180.0])[drawn]
    cost = np.round(base * rng.uniform(0.6, 1.6, len(table)), 2)
    date = table["opened"] + pd.to_timedelta(rng.integers(1, 8, len(table)), unit="D")
    result = pd.DataFrame(
        {
            "ticket": table.index,
            "treatment": np.array(TREATMENTS)[drawn],
            "assigned": np.where(in_trial, "random", "chosen"),
            "date": date,
            "cost": cost,
        }
    )
    return result[result["date"] <= AS_OF].reset_index(drop=True)


def spoil(
    seed: int,
    orders: pd.DataFrame,
    tickets: pd.DataFrame,
    recoveries: pd.DataFrame,
    accounts: pd.DataFrame,
    products: pd.DataFrame,
) -> pd.DataFrame:
    """Return the orders that remain after our failures: returns and slow repairs cost purchases.

    Each failing unit lowers the account's rate in proportion to what it usually spends, above all
    on that line of products, and more so if we take long; it forgets within months. What we did
    about a failure decides how many orders of the next two months survive.
    """
    rng = stream(seed, "spoilt orders")
    who = pd.Index(accounts["account_id"])
    price, line_of = (products.set_index("sku")[name] for name in ("list_price", "line"))
    failed = tickets[tickets["kind"].isin(["return", "repair"]) & tickets["batch"].notna()]
    bought = orders[["account_id"]].assign(
        line=orders["sku"].map(line_of), yuan=orders["quantity"] * orders["sku"].map(price)
    )
    broken = failed[["account_id", "opened"]].assign(
        line=failed["sku"].map(line_of), yuan=failed["quantity"] * failed["sku"].map(price)
    )
    days = (failed["closed"].fillna(AS_OF) - failed["opened"]).dt.days
    broken["slow"] = 1 + (days - 12).clip(0, 60) / 30

    kept = np.exp(-_grudge(who, bought, broken, _MINDS).clip(max=_WORST))
    row = who.get_indexer(tickets["account_id"].to_numpy()[recoveries["ticket"]])
    since = np.arange(N_DAYS) - (recoveries["date"] - START).dt.days.to_numpy()[:, None]
    left = recoveries["treatment"].map(_KEPT).to_numpy()[:, None]
    np.multiply.at(kept, row, np.where((since > 0) & (since <= MEMORY_DAYS), left, 1))
    first = ~orders["order_id"].duplicated()
    opening = ~orders["account_id"].duplicated()
    day = (orders["date"] - START).dt.days.to_numpy()
    order = first.cumsum().to_numpy() - 1
    comes = rng.random(order[-1] + 1)[order] < kept[who.get_indexer(orders["account_id"]), day]

    minds_line = np.zeros(len(orders))
    for line in line_of.unique():
        theirs = bought["line"] == line
        grudge = _grudge(who, bought[theirs], broken[broken["line"] == line], _MINDS_LINE)
        at = who.get_indexer(orders.loc[theirs, "account_id"])
        minds_line[theirs] = grudge[at, day[theirs]]
    comes &= rng.random(len(orders)) < np.exp(-minds_line.clip(max=_WORST))
    orders = orders[comes | opening].reset_index(drop=True)
    return orders.assign(line=orders.groupby("order_id").cumcount() + 1)


def _grudge(who: pd.Index, bought: pd.DataFrame, broken: pd.DataFrame, minds: float) -> np.ndarray:
    """Return how much each account minds on each day what failed so far: accounts × days.

    A failure weighs as its share of what the account usually buys in the time that it remembers.
    """
    usual = bought.groupby("account_id")["yuan"].sum() / N_DAYS * _GRUDGE_DAYS
    share = (broken["yuan"] / broken["account_id"].map(usual)).clip(upper=0.2)
    grudge = np.zeros((len(who), N_DAYS))
    at = (who.get_indexer(broken["account_id"]), (broken["opened"] - START).dt.days)
    np.add.at(grudge, at, minds * share * broken["slow"])
    for day in range(1, N_DAYS):
        grudge[:, day] += np.exp(-1 / _GRUDGE_DAYS) * grudge[:, day - 1]
    return grudge


def settle(
    orders: pd.DataFrame, tickets: pd.DataFrame, recoveries: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return (tickets, recoveries) that fit the final orders, with their ids.

    A case about a batch needs an earlier order of that batch, and at most its quantity.
    """
    key = ["account_id", "sku", "batch"]
    bought = orders.groupby(key).agg(since=("date", "min"), units=("quantity", "sum"))
    table = tickets.join(bought, on=key)
    fits = table["batch"].isna() | (table["since"] <= table["opened"])
    table["quantity"] = table["quantity"].clip(upper=table["units"].fillna(np.inf))
    table = table[fits]
    table = table.assign(ticket_id=ids("T", len(table), width=5).to_numpy())
    done = recoveries[recoveries["ticket"].isin(table.index)]
    done = done.assign(ticket_id=table["ticket_id"].reindex(done["ticket"]).to_numpy())
    table = table.assign(quantity=table["quantity"].astype("Int64"))
    columns = ["ticket_id", *key, "quantity", "opened", "closed", "kind", "outcome"]
    return (
        table[columns].reset_index(drop=True),
        done[["ticket_id", "treatment", "assigned", "date", "cost"]].reset_index(drop=True),
    )
