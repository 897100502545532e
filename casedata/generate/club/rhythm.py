"""The club's clock: it runs fast on a weekend in November and slowly at Spring Festival.

A member's purchases come at a steady personal rate *by this clock*; turning clock time back into
days puts the seasons in. Each city has a clock of its own, and so have the members whom points
make buy more, since the programme reached the cities at different times.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..common import AS_OF, N_DAYS, START

POINTS_LIFT = 1.4  # how much faster the clock of a lifted member runs under the programme
_MONTHS = (1.0, 0.8, 0.95, 0.9, 0.95, 1.15, 0.9, 1.0, 1.1, 0.95, 1.3, 1.0)
_SPRING_FESTIVALS = pd.to_datetime(["2023-01-22", "2024-02-10", "2025-01-29"])


def daily_pace() -> np.ndarray:
    """Return how busy each day is, with mean 1: months, weekends, paydays and holidays."""
    days = pd.date_range(START, AS_OF)
    pace = np.array(_MONTHS)[days.month - 1]
    pace = pace * np.where(days.day_of_week >= 5, 1.4, 1.0)
    pace *= np.where(days.day.isin([10, 15]), 1.3, 1.0)
    month_day = days.strftime("%m-%d")
    pace *= np.where((month_day >= "10-01") & (month_day <= "10-07"), 1.25, 1.0)
    pace *= np.where(month_day.isin(["06-18", "11-11"]), 2.5, 1.0)
    for festival in _SPRING_FESTIVALS:
        pace *= np.where(np.abs((days - festival).days) <= 4, 0.4, 1.0)
    return pace / pace.mean()


class Clock:
    """Turns days into clock time and back, for members of each group (city × lifted)."""

    def __init__(self, members: pd.DataFrame):
        """Build the clocks of all cities from their first day of points."""
        self.group = (members["city"].to_numpy() * 2 + members["lifted"].to_numpy()).astype(np.int8)
        starts = members.groupby("city")["points_from"].first()
        days = pd.date_range(START, AS_OF).to_numpy()
        pace = daily_pace()
        n_groups = 2 * int(members["city"].max() + 1)
        ticks = np.zeros((n_groups, N_DAYS + 1))
        for city, points_from in starts.items():
            under_points = days >= points_from.to_datetime64()  # False throughout where NaT
            ticks[2 * city, 1:] = pace.cumsum()
            ticks[2 * city + 1, 1:] = (pace * np.where(under_points, POINTS_LIFT, 1.0)).cumsum()
        # One clock after the other on a single line, so that one search serves all groups.
        self._ticks = (ticks + np.arange(n_groups)[:, None] * 2 * N_DAYS).ravel()

    def time(self, member: np.ndarray, day: np.ndarray) -> np.ndarray:
        """Return the clock time at the start of `day`."""
        return self._ticks[self.group[member].astype(np.int64) * (N_DAYS + 1) + day]

    def day(self, member: np.ndarray, time: np.ndarray) -> np.ndarray:
        """Return the day on which the clock shows `time`."""
        tick = np.searchsorted(self._ticks, time, side="right") - 1
        return (tick - self.group[member].astype(np.int64) * (N_DAYS + 1)).astype(np.int16)
