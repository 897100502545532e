"""What serving the accounts costs: the activity rates, set so that the profit curve is a whale."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .common import AS_OF

YEAR = 2025
# The cumulative profit of all accounts, best first, rises to so many times its end; and the share
# of accounts that earn something comes as near to this as it can.
PEAK, EARNERS = (1.38, 1.60), 0.64
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
    levels = np.linspace(0.4, 2.5, 211)
    profits = margin.to_numpy() - levels[:, None] * cost
    peaks = profits.clip(min=0).sum(axis=1) / profits.sum(axis=1)
    misses = np.abs((profits > 0).mean(axis=1) - EARNERS)
    level = levels[np.where((peaks > PEAK[0]) & (peaks < PEAK[1]), misses, 1).argmin()]
    return rates.assign(yuan=(rates["yuan"] * level).round())


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
        touches.assign(hours=hours).pivot_table("hours", "account_id", "channel", "sum"),
        cases.pivot_table("ticket_id", "account_id", "kind", "count"),
        lines.groupby("account_id").size().rename("order_line"),
    ]
    return pd.concat(parts, axis=1).fillna(0)
