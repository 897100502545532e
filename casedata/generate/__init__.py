"""The world of Lanhe Devices, made from one seed: `make_world(seed)` returns all its tables."""

from __future__ import annotations

import pandas as pd

from . import accounts as organisations
from . import (
    agents,
    cases,
    catalogue,
    club,
    contacts,
    contracts,
    costing,
    deals,
    losses,
    orders,
    recovery,
    service,
    survey,
    tastes,
    team,
    truth,
)
from . import stories as happenings
from .package import fields, write_world

__all__ = ["make_world", "write_world"]


def make_world(seed: int = 2025, *, members: int = 8_000) -> dict[str, pd.DataFrame]:
    """Return every table of the world of `seed` by name, the truth among them.

    The same seed gives the same world. `members` sets the size of the club alone.
    """
    stories = happenings.draw(seed)
    products = catalogue.products(seed)
    world = {
        "products": products,
        "finance": catalogue.finance(),
        "cases": cases.make_cases(),
        **_business(seed, products, stories),
        **club.make(seed, products, stories, n_members=members),
    }
    finance = world["finance"].set_index("item")["value"]
    world["cost_rates"] = costing.cost_rates(
        world["orders"], world["touches"], world["tickets"], products, finance["cost_of_capital"]
    )
    world["survey"] = survey.join(world["survey_contacts"], world["survey_members"])
    world["truth"] = truth.make(world["accounts"], world["members"], stories)
    # What is not in the dictionary is latent: it stays in here.
    return {name: _tidy(world[name][columns]) for name, columns in fields().items()}


def _tidy(table: pd.DataFrame) -> pd.DataFrame:
    """Return `table` with one type for all dates and one for all text that is not categorical."""
    dates = table.select_dtypes("datetime").columns
    texts = [name for name in table if pd.api.types.is_object_dtype(table[name])]
    return table.astype({**dict.fromkeys(dates, "datetime64[us]"), **dict.fromkeys(texts, "str")})


def _business(seed, products, stories) -> dict[str, pd.DataFrame]:
    """Return the tables of accounts: who they are and what passed between them and us."""
    reps = cases.pin_reps(team.reps(seed))
    accounts = cases.pin_accounts(organisations.accounts(seed, stories))
    assignments = team.assignments(seed, accounts, reps)
    taste = tastes.tastes(seed, accounts, products)
    hand_overs = team.hand_overs(assignments, reps)
    accounts = losses.losses(seed, accounts, hand_overs, tastes.by_line(taste, products))
    accounts, assignments = cases.pin_assignments(seed, accounts, assignments)
    accounts = organisations.after_pinning(accounts, assignments)
    accounts = losses.recorded_reason(seed, accounts)
    people = contacts.make(seed, accounts, assignments)

    # Orders come, products fail, failures cost some of the orders, the cases take their shape.
    hand_overs = team.hand_overs(assignments, reps)
    lines = orders.potential(seed, accounts, products, taste, hand_overs, stories)
    failures = service.tickets(seed, lines, accounts, products, stories)
    treated = recovery.recoveries(seed, failures, accounts)
    lines = recovery.spoil(seed, lines, failures, treated, accounts, products)
    lines = cases.shape_orders(seed, lines.drop(columns="bad"), products, accounts)
    tickets, recoveries = recovery.settle(lines, failures, treated)
    sales, touches = deals.make(
        seed, accounts, people, reps, assignments, lines, tickets, products, stories
    )
    return {
        "accounts": accounts,
        "contacts": people,
        "reps": reps,
        "assignments": assignments,
        "orders": lines,
        "tickets": tickets,
        "recoveries": recoveries,
        "contracts": contracts.make(seed, accounts),
        "deals": sales,
        "touches": touches,
        "agents": agents.make_agents(seed, accounts, lines),
        "shops": agents.make_shops(seed, lines, products),
        "survey_contacts": contacts.survey(seed, people, accounts, lines, tickets),
    }
