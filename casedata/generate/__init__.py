"""The world of Lanhe Devices, made from one seed: `make_world(seed)` returns all its tables."""

from __future__ import annotations

import pandas as pd

from . import accounts as organisations
from . import cases, catalogue, contracts, losses, orders, service, tastes, team
from . import stories as happenings

__all__ = ["make_world"]


def make_world(seed: int = 2025, *, members: int = 8_000) -> dict[str, pd.DataFrame]:
    """Return every table of the world of `seed` by name, the truth among them.

    The same seed gives the same world. `members` sets the size of the club alone.
    """
    stories = happenings.draw(seed)
    products = catalogue.products(seed)
    world = {
        "products": products,
        "cost_rates": catalogue.cost_rates(),
        "finance": catalogue.finance(),
        **_business(seed, products, stories),
    }
    return world


def _business(seed, products, stories) -> dict[str, pd.DataFrame]:
    """Return the tables of accounts: who they are and what passed between them and us."""
    reps = cases.pin_reps(team.reps(seed))
    accounts = cases.pin_accounts(organisations.accounts(seed, stories))
    assignments = team.assignments(seed, accounts, reps)
    taste = tastes.tastes(seed, accounts, products)
    by_line = tastes.by_line(taste, products)
    hand_overs = team.hand_overs(assignments, reps)
    accounts = losses.losses(seed, accounts, hand_overs, by_line)
    accounts, assignments = cases.pin_assignments(seed, accounts, assignments)
    accounts = organisations.after_pinning(accounts, assignments)
    accounts = losses.recorded_reason(seed, accounts)
    hand_overs = team.hand_overs(assignments, reps)

    lines = orders.potential(seed, accounts, products, taste, hand_overs, stories)
    failures = service.tickets(seed, lines, accounts, products, stories)
    treated = service.recoveries(seed, failures, accounts)
    lines = service.spoil(seed, lines, failures, treated, accounts)
    lines = cases.shape_orders(seed, lines.drop(columns="bad"), products, accounts)
    tickets, recoveries = service.settle(lines, failures, treated)
    return {
        "accounts": accounts,
        "reps": reps,
        "assignments": assignments,
        "orders": lines,
        "tickets": tickets,
        "recoveries": recoveries,
        "contracts": contracts.make(seed, accounts),
    }
