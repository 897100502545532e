"""Who leaves, when and why: the six causes of the courseware (C3) and three that are not ours."""

from __future__ import annotations

import numpy as np
import pandas as pd

from . import cases
from .catalogue import INCIDENTS
from .common import AS_OF, stream

YEARLY_LOSS = 0.18  # of the accounts that are there when a year begins
# cause -> its share of all losses; the first two come first, because few are in their way
CAUSES = {
    "rep_left": 0.14, "quality": 0.13, "innovation": 0.12, "service": 0.13, "rival_offer": 0.16,
    "short_termism": 0.09, "closed": 0.09, "moved": 0.07, "no_need": 0.07,
}  # fmt: skip
# Losses that follow from the cases, less those that they undo (see `cases`).
_PINNED = {2023: 0, 2024: 1, 2025: 8}
_GRIP = {"small": 1.0, "medium": 0.9, "large": 0.6}  # large accounts let go less easily
LAPSE = pd.Timedelta(days=150)  # how long before it leaves an account already turns away
RECORDED, RIGHT, LAZY = 0.88, 0.38, 0.55  # reps note a reason; the true one; else "price"


def losses(
    seed: int, accounts: pd.DataFrame, hand_overs: pd.DataFrame, taste: pd.DataFrame
) -> pd.DataFrame:
    """Return `accounts` with loss_date and loss_cause filled in for those who leave.

    Each year a fixed share leaves, with a fixed mix of causes; *who* leaves for a cause follows
    from the traits: high doses of bad batches, slow service, hand-overs without a visit, a hard
    eye for prices, and always little loyalty. `hand_overs` is from `team`; `taste` has each
    account's share of purchases by line of products.
    """
    rng = stream(seed, "losses")
    table = accounts.set_index("account_id")
    may_leave = ~table["kind"].isin(["brand store"]) & ~table["star"]
    may_leave &= ~table.index.isin(cases.FILE["account_id"])
    may_leave &= ~(table["kind"].eq("agent") & (table["loyalty"] > 0.3))
    may_leave &= table["need"].rank(pct=True) < 0.97  # the dozen largest are too well kept
    for year in (2023, 2024, 2025):
        there = (table["opened"] < f"{year}-01-01") & table["loss_date"].isna()
        n, shares = round(YEARLY_LOSS * there.sum()) - _PINNED[year], 1.0
        for cause, share in CAUSES.items():
            weight, earliest, latest = _hazard(cause, year, table, hand_overs, taste)
            weight = weight.where(there & may_leave & table["loss_date"].isna(), 0)
            weight = weight * np.exp(-1.6 * table["loyalty"])
            weight = weight * table["size"].map(_GRIP)
            k = min(max(1, round(n * share / shares)), int((weight > 0).sum()))
            n, shares = n - k, shares - share
            gone = rng.choice(table.index, k, replace=False, p=weight / weight.sum())
            days = (latest - earliest)[gone].dt.days
            date = earliest[gone] + pd.to_timedelta(np.floor(rng.random(k) * days), unit="D")
            table.loc[gone, "loss_date"] = date
            table.loc[gone, "loss_cause"] = cause
    hit = table["loss_cause"] == "quality"
    table.loc[hit, "dose"] = table.loc[hit, "dose"].clip(lower=0.6)
    return table.reset_index()


def _hazard(
    cause: str, year: int, table: pd.DataFrame, hand_overs: pd.DataFrame, taste: pd.DataFrame
) -> tuple[pd.Series, pd.Series, pd.Series]:
    """Return per account its weight for the cause, and the first and last day to leave on."""
    first = pd.Series(pd.Timestamp(year, 1, 1), table.index)
    last = pd.Series(pd.Timestamp(year, 12, 31), table.index)
    match cause:
        case "quality":
            line, start, end = INCIDENTS[year]
            weight = (table["dose"] * taste[line].reindex(table.index)) ** 1.5
            first = first.clip(lower=start + pd.Timedelta(days=120))
            return weight, first, last.clip(upper=end + pd.Timedelta(days=120))
        case "service":
            weight = table["slowness"] ** 2 * table["hassle"]
        case "rep_left":
            after = hand_overs[hand_overs["left"] & (hand_overs["day"].dt.year == year)]
            after = after.drop_duplicates("account_id").set_index("account_id").reindex(table.index)
            weight = after["visited"].map({True: 0.25, False: 1.0})
            day = after["day"] + pd.Timedelta(days=10)
            return weight.fillna(0), day, (day + pd.Timedelta(days=140)).clip(upper=AS_OF)
        case "rival_offer":
            weight = table["price_sensitivity"] ** 2
        case "short_termism":
            weight = (table["terms_days"] >= 30).astype(float)
        case "innovation":
            weight = table["kind"].map({"enterprise": 1.0, "shop": 2.0}).fillna(0.3)
        case "closed" | "no_need":
            weight = table["size"].map({"small": 1.0, "medium": 0.6, "large": 0.3})
        case _:
            weight = pd.Series(1.0, table.index)
    return weight, first, last


def recorded_reason(seed: int, accounts: pd.DataFrame) -> pd.DataFrame:
    """Return `accounts` with loss_reason_recorded: what the rep wrote down, often wrongly.

    Nothing is written of losses that nobody has noticed yet. The cases keep their own entries.
    """
    rng = stream(seed, "recorded reasons")
    table, n = accounts.copy(), len(accounts)
    noticed = (table["loss_date"] < AS_OF - pd.Timedelta(days=75)) & (rng.random(n) < RECORDED)
    words = rng.choice(list(CAUSES), n)
    words = np.where(rng.random(n) < LAZY, "price", words)
    right = pd.Series(rng.random(n)).where(noticed).rank(pct=True) <= RIGHT
    words = np.where(right, table["loss_cause"], words)
    drawn = pd.Series(words, table.index, dtype="str").where(noticed)
    pinned = table["account_id"].isin(cases.FILE["account_id"])
    table["loss_reason_recorded"] = table["loss_reason_recorded"].where(pinned, drawn)
    return table
