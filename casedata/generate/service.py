"""Service cases: what fails at the accounts, and how long we take to mend it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from . import cast
from .common import AS_OF, START, stream
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
    """Return questions asked of us, about no product in particular."""
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
