"""What serving the accounts costs: the activity rates, set so that the profit curve is a whale."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .common import AS_OF

YEAR = 2025
PEAK = 1.50  # how far the cumulative profit of all accounts rises above its end
# activity, unit, yuan before the world's own level of costs
_RATES = [
    ("order_line", "line", 18.0),
    ("visit", "hour", 860.0),
    ("call", "hour", 300.0),
    ("email", "touch", 22.0),
    ("return", "ticket", 340.0),
    ("repair", "ticket", 420.0),
    ("complaint", "ticket", 650.0),
    ("inquiry", "ticket", 85.0),
]


def cost_rates(
    orders: pd.DataFrame,
    touches: pd.DataFrame,
    tickets: pd.DataFrame,
    products: pd.DataFrame,
    cost_of_capital: float,
) -> pd.DataFrame:
    """Return what one unit of each activity costs: activity, unit, yuan (whole).

    Worlds differ in how much work their accounts make. Their cost level follows, so that in each
    some accounts eat up a third of what the others earn.
    """
    rates = pd.DataFrame(_RATES, columns=["activity", "unit", "yuan"])
    margin = _margin(orders, products, cost_of_capital)
    work = _work(orders, touches, tickets).reindex(margin.index, fill_value=0)
    cost = work[rates["activity"]].to_numpy() @ rates["yuan"].to_numpy()
    low, high = 0.4, 2.5
    for _ in range(30):  # the peak rises with the level of costs: halve the interval
        level = (low + high) / 2
        if _peak(margin.to_numpy() - level * cost) < PEAK:
            low = level
        else:
            high = level
    return rates.assign(yuan=(rates["yuan"] * low).round())


def _peak(profit: np.ndarray) -> float:
    """Return the highest point of the cumulative profit, best first, as a multiple of its end."""
    total = profit.sum()
    return profit[profit > 0].sum() / total if total > 0 else np.inf


def _margin(orders: pd.DataFrame, products: pd.DataFrame, cost_of_capital: float) -> pd.Series:
    """Return each account's gross margin of the year less the cost of its credit, in yuan."""
    lines = orders[orders["date"].dt.year == YEAR]
    cost = lines["sku"].map(products.set_index("sku")["unit_cost"])
    days = (lines["paid"].fillna(AS_OF) - lines["date"]).dt.days
    credit = lines["unit_price"] * days / 365 * cost_of_capital
    yuan = lines["quantity"] * (lines["unit_price"] - cost - credit)
    return yuan.groupby(lines["account_id"]).sum()


def _work(orders: pd.DataFrame, touches: pd.DataFrame, tickets: pd.DataFrame) -> pd.DataFrame:
    """Return each account's work of the year, in the units of the rates: accounts × activities."""
    lines = orders[orders["date"].dt.year == YEAR]
    touches = touches[touches["date"].dt.year == YEAR]
    cases = tickets[tickets["opened"].dt.year == YEAR]
    hours = touches["minutes"].where(touches["channel"] != "email", 60) / 60
    parts = [
        hours.groupby([touches["account_id"], touches["channel"]]).sum().unstack(),
        cases.groupby(["account_id", "kind"]).size().unstack(),
        lines.groupby("account_id").size().rename("order_line"),
    ]
    return pd.concat(parts, axis=1).fillna(0)
