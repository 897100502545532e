"""The truth: what real data can never show. Chapters do not load it; checks and tests do."""

from __future__ import annotations

import pandas as pd

from . import cases
from .stories import Story

COLUMNS = [
    "kind", "id", "need", "price_sensitivity", "loyalty", "credit", "loss_date", "cause", "detail",
]  # fmt: skip
TRAITS = ["need", "price_sensitivity", "loyalty", "credit"]


def make(accounts: pd.DataFrame, members: pd.DataFrame, stories: dict[str, Story]) -> pd.DataFrame:
    """Return one row per account, member and story: latent traits, loss and its true cause.

    `need` is in yuan a year, the other traits lie between 0 and 1. An account of a case names its
    cause even if it has not left. A story's parameters stand in `detail`.
    """
    told = pd.DataFrame(cases.TRUTH, index=["cause", "detail"]).T
    of_accounts = accounts.rename(columns={"account_id": "id", "loss_cause": "cause"})
    of_accounts = of_accounts.assign(
        kind="account",
        cause=of_accounts["id"].map(told["cause"]).fillna(of_accounts["cause"]),
        detail=of_accounts["id"].map(told["detail"]),
    )
    of_members = members.rename(columns={"member_id": "id"}).assign(kind="member")
    of_members = of_members.astype({"id": "str", "cause": "str", "detail": "str"})
    of_stories = pd.DataFrame(
        {"kind": "story", "id": list(stories), "detail": [s.detail() for s in stories.values()]}
    )
    parts = [part.reindex(columns=COLUMNS) for part in (of_accounts, of_members, of_stories)]
    table = pd.concat([part.astype(_TYPES) for part in parts], ignore_index=True)
    return table.round({"need": 0, "price_sensitivity": 3, "loyalty": 3, "credit": 3})


_TYPES = {
    **dict.fromkeys(["kind", "id", "cause", "detail"], "str"),
    **dict.fromkeys(TRAITS, "float64"),
    "loss_date": "datetime64[us]",
}
