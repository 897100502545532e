"""Service contracts: a year at a time, renewed or not."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .common import AS_OF, START, ids, stream

_KINDS = {"enterprise": 0.75, "public body": 0.8, "agent": 0.5}
_GIVEN_UP = 0.05  # contracts that a staying account does not renew
_YEARS = 4  # contract years that may touch the history


def make(seed: int, accounts: pd.DataFrame) -> pd.DataFrame:
    """Return contracts: contract_id, account_id, start, end, yuan_month, renewed.

    An account that leaves does not renew. `renewed` is missing while a contract runs.
    """
    rng = stream(seed, "contracts")
    chance = accounts["kind"].map(_KINDS).fillna(0) * accounts["size"].map(
        {"small": 0.35, "medium": 0.75, "large": 0.95}
    )
    chosen = accounts["opened"].notna() & (rng.random(len(accounts)) < chance)
    table = accounts[chosen].reset_index(drop=True)
    n = len(table)
    # The first contract that may touch the history starts within the year before it.
    earliest = START - pd.to_timedelta(rng.integers(0, 365, n), unit="D")
    signed = table["opened"] + pd.to_timedelta(rng.integers(20, 150, n), unit="D")
    first = pd.Series(earliest).where(signed < earliest, signed).dt.normalize()
    fee = np.round(0.004 * table["need"] ** 0.9 * rng.uniform(0.8, 1.25, n) + 60, -1)
    years = [_year(rng, table, first, fee, number) for number in range(_YEARS)]
    rows = pd.concat(years).sort_values(["at", "start"])
    # A contract that was given up ends the chain.
    ended = (rows["renewed"] == False).groupby(rows["at"]).cumsum()  # noqa: E712
    rows = rows[(ended.groupby(rows["at"]).shift(fill_value=0) == 0) & (rows["start"] <= AS_OF)]
    rows = rows.sort_values(["start", "account_id"], ignore_index=True)
    rows.insert(0, "contract_id", ids("S", len(rows)))
    return rows.drop(columns="at")


def _year(rng, table, first, fee, number) -> pd.DataFrame:
    """Return the contracts of one contract year, whether or not they came about."""
    start = first + pd.DateOffset(years=number)
    end = first + pd.DateOffset(years=number + 1) - pd.Timedelta(days=1)
    leaves = table["loss_date"] <= end + pd.Timedelta(days=30)
    stays = ~leaves & (rng.random(len(table)) >= _GIVEN_UP)
    return pd.DataFrame(
        {
            "at": table.index,
            "account_id": table["account_id"],
            "start": start,
            "end": end,
            "yuan_month": fee * 1.03**number,
            "renewed": stays.astype("boolean").where(end < AS_OF),
        }
    )
