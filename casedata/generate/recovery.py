"""What failures do: how we answer some of them, and which orders they cost us."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .common import AS_OF, N_DAYS, START, ids, stream

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
