"""How often each account would order on each day: the product of all that acts on it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .common import AS_OF, N_DAYS, START, stream
from .losses import LAPSE
from .stories import Story

DAYS = pd.date_range(START, AS_OF)
# Orders by month, January to December; the Spring Festival falls in January or February.
_SEASON = {
    "enterprise": [0.85, 0.60, 1.10, 1.05, 1.00, 1.05, 0.95, 0.95, 1.10, 0.95, 1.15, 1.25],
    "public body": [0.40, 0.45, 0.90, 1.00, 1.00, 1.05, 0.80, 0.80, 1.10, 1.15, 1.60, 1.75],
    "agent": [0.90, 0.60, 1.15, 1.00, 1.00, 1.05, 0.90, 1.10, 1.15, 0.95, 1.15, 1.05],
    "shop": [0.85, 0.60, 1.20, 0.95, 0.95, 0.95, 0.75, 1.20, 1.50, 0.95, 1.20, 0.90],
    "brand store": [1.10, 0.70, 0.95, 0.90, 1.00, 1.10, 0.90, 1.00, 1.10, 0.95, 1.30, 1.00],
    "professional": [0.90, 0.70, 1.10, 1.00, 1.00, 1.10, 0.90, 0.90, 1.00, 1.00, 1.20, 1.20],
}
_WEEKDAY = np.array([1.15, 1.10, 1.05, 1.05, 1.00, 0.12, 0.05])
# How a purchase rate stands after an account changed hands, at first; it heals in half a year.
_AFTER_HAND_OVER = {
    (True, False): 0.40, (True, True): 0.88, (False, False): 0.85, (False, True): 1.0,
}  # fmt: skip
_HEALING_DAYS = 200
# What is left of the purchase rate on the last day, by the cause of the loss; it sinks to that
# during the lapse. Who closes, moves or loses his rep goes abruptly.
_LEFT_AT_THE_END = {
    "quality": 0.35, "innovation": 0.25, "service": 0.3, "rival_offer": 0.3, "short_termism": 0.4,
    "no_need": 0.15, "closed": 0.6, "moved": 1.0, "rep_left": 1.0,
}  # fmt: skip


def level(accounts: pd.DataFrame) -> np.ndarray:
    """Return what each account needs on each day, against START: accounts × days.

    Most grow or shrink evenly; stars rise in an S-shaped curve within a year and a half.
    """
    years = np.arange(N_DAYS) / 365.25
    even = np.tile(years / 3, (len(accounts), 1))
    rise = np.clip((years - 0.9) / 1.2, 0, 1)
    even[accounts["star"].to_numpy()] = rise**2 * (3 - 2 * rise)
    return accounts["growth"].to_numpy()[:, None] ** even


def orders_a_year(accounts: pd.DataFrame) -> np.ndarray:
    """Return how often each account orders in a year: who needs more orders more, and oftener."""
    return 22.0 * (accounts["need"].to_numpy() / 30_000) ** 0.43


def orders_per_day(
    seed: int, accounts: pd.DataFrame, hand_overs: pd.DataFrame, stories: dict[str, Story]
) -> np.ndarray:
    """Return the expected orders of each account on each day: accounts × days."""
    rng = stream(seed, "demand")
    kind = accounts["kind"].to_numpy()
    season = np.array([_SEASON[name] for name in kind])[:, DAYS.month.to_numpy() - 1]
    weekday = _WEEKDAY[DAYS.day_of_week.to_numpy()]
    rate = season * weekday * (orders_a_year(accounts) / weekday.mean() / 365.25)[:, None]
    rate = rate * level(accounts) ** 0.5
    months = DAYS.year.to_numpy() * 12 + DAYS.month.to_numpy() - START.year * 12 - 1
    mood = np.exp(rng.normal(-0.08, 0.4, (len(accounts), 36)))
    rate = rate * mood[:, months] * _presence(accounts) * _hand_over(accounts, hand_overs)
    return rate * _stories(accounts, stories)


def _presence(accounts: pd.DataFrame) -> np.ndarray:
    """Return 0 before the first order and after the loss, 1 between, less in the lapse."""
    day = np.arange(N_DAYS)
    first = _day_number(accounts["first_order"], missing=N_DAYS)[:, None]
    last = _day_number(accounts["loss_date"], missing=10 * N_DAYS)[:, None]
    left = accounts["loss_cause"].map(_LEFT_AT_THE_END).fillna(1.0).to_numpy()[:, None]
    lapse = np.clip(1 - (last - day) / LAPSE.days, 0, 1)
    young = 0.6 + 0.4 * np.clip((day - first) / 180, 0, 1)
    return np.where((day >= first) & (day <= last), left**lapse * young, 0)


def _hand_over(accounts: pd.DataFrame, hand_overs: pd.DataFrame) -> np.ndarray:
    """Return the factor by which changes of rep lower purchases: accounts × days."""
    factor = np.ones((len(accounts), N_DAYS))
    row = pd.Index(accounts["account_id"]).get_indexer(hand_overs["account_id"])
    since = np.arange(N_DAYS) - _day_number(hand_overs["day"], missing=0)[:, None]
    pairs = zip(hand_overs["left"], hand_overs["visited"], strict=True)
    dip = np.array([_AFTER_HAND_OVER[pair] for pair in pairs])[:, None]
    healed = np.clip(since / _HEALING_DAYS, 0, 1)
    np.multiply.at(factor, row, np.where(since >= 0, dip ** (1 - healed), 1))
    return factor


def _stories(accounts: pd.DataFrame, stories: dict[str, Story]) -> np.ndarray:
    """Return the factor by which the world's stories change purchases: accounts × days."""
    factor = np.ones((len(accounts), N_DAYS))
    for name, story in stories.items():
        during = story.covers(pd.Series(DAYS)).to_numpy()
        match name:
            case "price_war":
                hit = accounts["province"] == story["province"]
            case "budget_freeze":
                hit = accounts["kind"] == "public body"
            case "web_rival":
                hit = accounts["kind"].eq("shop") & accounts["size"].eq("small")
            case "star_rep":
                hit = accounts["rep_id"] == story["rep_id"]
                grown = np.clip((np.arange(N_DAYS) - _day_number(story.start)) / 365, 0, 1)
                factor[hit.to_numpy()] *= (1 + 2.5 * story["lift"]) ** grown
                continue
            case _:
                continue
        factor[np.ix_(hit.to_numpy(), during)] *= 1 - story["lost"]
    return factor


def _day_number(dates, *, missing: int = 0) -> np.ndarray:
    """Return days since START; `missing` where there is no date."""
    number = (pd.Series(dates) - START).dt.days
    return number.fillna(missing).to_numpy(dtype=int)
