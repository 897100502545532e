"""Points, rewards and cards (syllabus L8, S8): a point a yuan, a reward for each 500."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..common import N_DAYS, START, stream
from ..places import CLUB_CITIES

# points -> reward and what it costs us in yuan
REWARDS = pd.DataFrame(
    {
        "reward": ["washing powder", "detergent and toothpaste", "tissue and notebook"],
        "cost": [8.5, 19.0, 31.0],
    },
    index=[500, 1000, 1500],
)
REDEEM_SHARE = 0.7  # of the rewards that a collector could take are taken
COLLECTOR_SHARE = 0.75  # the other members never redeem
MAX_DELAY_DAYS = 45

CARDS = ("member", "silver", "gold", "diamond")
CARD_FROM_YUAN = (1_500, 4_000, 10_000)  # spent in 2025
CARD_YEAR = 2025


def earned(visits: pd.DataFrame, members: pd.DataFrame, stories: dict) -> np.ndarray:
    """Return the points of each visit: a point a yuan, once the programme is in the city."""
    since = (members["points_from"] - START).dt.days.fillna(N_DAYS).to_numpy().astype(np.int16)
    member, day = visits["member"].to_numpy(), visits["day"].to_numpy()
    factor = np.ones(len(visits), dtype=np.float32)
    if "generous_clerk" in stories:
        story = stories["generous_clerk"]
        there = members["city"].to_numpy() == CLUB_CITIES.index(story["city"])
        first, last = (story.start - START).days, (story.end - START).days
        factor[there[member] & (day >= first) & (day <= last)] = story["factor"]
    points = np.where(day >= since[member], visits["amount"].to_numpy() * factor, 0)
    return points.astype(np.int32)


def redeem(seed: int, visits: pd.DataFrame, loss_day: np.ndarray) -> pd.DataFrame:
    """Return rewards taken: member, day, points, reward, cost (yuan).

    Each collector saves for one reward. The k-th is taken after k times its points were earned,
    so no balance is ever negative. Visits have points and stand in each member's order.
    """
    rng = stream(seed, "club.points")
    member, points = visits["member"].to_numpy(), visits["points"].to_numpy()
    n_members = loss_day.size
    price = rng.choice(REWARDS.index.to_numpy(), n_members, p=[0.5, 0.3, 0.2])[member]
    total = points.cumsum(dtype=np.int64)
    first = np.searchsorted(member, np.arange(n_members))
    before_first = np.concatenate([[0], total])[first]
    due_after = (total - before_first[member]) // price
    due_before = (total - points - before_first[member]) // price
    collects = rng.random(n_members) < COLLECTOR_SHARE
    new = np.where(collects[member], due_after - due_before, 0)

    taken = rng.binomial(new, REDEEM_SHARE)
    row = np.repeat(np.arange(len(visits)), taken)
    day = visits["day"].to_numpy()[row] + rng.integers(0, MAX_DELAY_DAYS, row.size)
    rewards = pd.DataFrame({"member": member[row], "day": day, "points": price[row]})
    rewards = rewards[day <= np.minimum(loss_day[rewards["member"]], N_DAYS - 1)]
    rewards = rewards.join(REWARDS, on="points")
    return rewards.sort_values(["day", "member"], kind="stable", ignore_index=True)


def cards(visits: pd.DataFrame, n_members: int) -> pd.Categorical:
    """Return each member's card, from what he spent in CARD_YEAR."""
    first = (pd.Timestamp(CARD_YEAR, 1, 1) - START).days
    year = visits["day"].to_numpy() >= first
    spent = np.bincount(visits["member"][year], visits["amount"][year], minlength=n_members)
    level = np.searchsorted(CARD_FROM_YUAN, spent, side="right")
    return pd.Categorical.from_codes(level, CARDS)
