"""When members buy, and when they stop: a buy-till-you-die process with bad experiences.

After each purchase a member may leave (as in the BG/NBD model of Fader, Hardie & Lee 2005), the
likelier the less loyal he is and the worse the purchase went. Beside that, life takes some away:
they move, need no more, or have had enough of fees.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..common import N_DAYS, stream
from .rhythm import Clock

LEAVE_MAX = 0.11  # chance that a member without any loyalty leaves after a good purchase
BAD_FACTOR = 8.0  # a bad experience makes leaving so many times likelier
LIFE_EVENTS_PER_YEAR = 0.07
NEVER = np.iinfo(np.int32).max

# How a member's time ends, and what is then the true cause (weights by column of CAUSES).
_LIFE, _FEES, _BAD, _GOOD = range(4)
CAUSES = ("quality", "service", "innovation", "rival_offer", "short_termism", "moved", "no_need")
_CAUSE_WEIGHTS = np.array(
    [
        [0, 0, 0, 0, 0, 0.5, 0.5],
        [0, 0, 0, 0, 1, 0, 0],
        [0.6, 0.4, 0, 0, 0, 0, 0],
        [0, 0.2, 0.2, 0.45, 0, 0, 0.15],
    ]
)


def simulate(
    seed: int, members: pd.DataFrame, *, bad_rate: np.ndarray, fee_leave_day: np.ndarray
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return visits (member, day, bad), each member's in order, and losses (loss_day, cause).

    `bad_rate` is each member's chance of a bad experience, `fee_leave_day` the day on which fees
    drive him out (NEVER for most). Losses have a row per member; loss_day NEVER is "still here".
    """
    rng = stream(seed, "club.visits")
    clock = Clock(members)
    n = len(members)
    life_day = members["joined_day"] + rng.exponential(365 / LIFE_EVENTS_PER_YEAR, n)
    end_day = np.minimum(np.minimum(life_day, fee_leave_day), N_DAYS).astype(np.int32)
    loss_day = np.where(end_day < N_DAYS, end_day, NEVER)
    farewell = np.full(n, _LIFE, dtype=np.int8)
    farewell[fee_leave_day <= life_day] = _FEES

    member = np.flatnonzero(~members["never_buys"].to_numpy()).astype(np.int32)
    daily_rate = members["need"].to_numpy() / 365
    regularity = members["regularity"].to_numpy()
    leave_rate = LEAVE_MAX * (1 - members["loyalty"].to_numpy()) ** 2.2 + 0.002
    end_time = clock.time(np.arange(n), end_day)
    time = clock.time(member, members["joined_day"].to_numpy()[member])
    at_once = rng.random(member.size) < 0.8  # most join at the till, the others before they buy
    time += np.where(at_once, 0, rng.standard_exponential(member.size) / daily_rate[member])

    rounds = []
    while True:  # one round is everybody's next purchase
        here = time < end_time[member]
        member, time = member[here], time[here]
        if not member.size:
            break
        day = clock.day(member, time)
        bad = rng.random(member.size, dtype=np.float32) < bad_rate[member]
        rounds.append((member, day, bad))
        chance = leave_rate[member] * np.where(bad, BAD_FACTOR, 1.0)
        leaves = rng.random(member.size) < chance
        gone = member[leaves]
        loss_day[gone] = day[leaves]
        farewell[gone] = np.where(bad[leaves], _BAD, _GOOD)
        member, time = member[~leaves], time[~leaves]
        gap = rng.standard_gamma(regularity[member]) / regularity[member]
        time = time + gap / daily_rate[member]
    losses = pd.DataFrame({"loss_day": loss_day, "cause": _causes(rng, members, farewell)})
    return _in_members_order(rounds, n), losses


def _causes(rng: np.random.Generator, members: pd.DataFrame, farewell: np.ndarray) -> np.ndarray:
    """Return why each member left or would leave, as positions in CAUSES."""
    weights = _CAUSE_WEIGHTS[farewell]
    # Rivals draw the price-sensitive away, poor service drives out the dissatisfied.
    weights[:, CAUSES.index("rival_offer")] *= 2 * members["price_sensitivity"]
    weights[:, CAUSES.index("service")] *= 2 / (1 + np.exp(members["satisfaction"]))
    cumulated = weights.cumsum(axis=1)
    draws = rng.random((len(members), 1)) * cumulated[:, -1:]
    return (draws >= cumulated).sum(axis=1).astype(np.int8)


def _in_members_order(rounds: list[tuple], n_members: int) -> pd.DataFrame:
    """Lay the rounds out member by member; a member's k-th purchase comes from round k."""
    counts = np.zeros(n_members, dtype=np.int64)
    for member, _, _ in rounds:
        counts[member] += 1
    first = counts.cumsum() - counts
    visits = {
        "member": np.repeat(np.arange(n_members, dtype=np.int32), counts),
        "day": np.empty(counts.sum(), dtype=np.int16),
        "bad": np.empty(counts.sum(), dtype=bool),
    }
    for k, (member, day, bad) in enumerate(rounds):
        visits["day"][first[member] + k] = day
        visits["bad"][first[member] + k] = bad
    return pd.DataFrame(visits)
