"""The service plan and its fees (syllabus L9): fee upon fee, until the member has had enough."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..common import N_DAYS, stream
from .visits import NEVER

YUAN = {
    "set-up": 50, "number choice": 20, "special number": 88, "number change": 30,
    "monthly rent": 12, "late": 10, "cancellation": 60, "roaming": 25,
}  # fmt: skip
MONTH_DAYS = 30
# A month's chance of leaving: a base, and more for each extra fee, fading by half each month.
LEAVE_BASE, LEAVE_PER_FEE, MEMORY = 0.01, 0.05, 0.5


def charge(seed: int, members: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """Return fees (member, day, kind) as if nothing else ended the plan, and the leaving days.

    Extra fees fall on plan members at a rate that chance gives each of them, whatever their
    loyalty. The leaving day is NEVER for members without the plan and for those who bear it.
    """
    rng = stream(seed, "club.fees")
    plan = np.flatnonzero(members["plan"])
    start = members["joined_day"].to_numpy()[plan] + rng.integers(0, 60, plan.size)
    extra_rate = rng.beta(1.2, 3.0, plan.size)
    rows = [(plan, start, "set-up")]
    for kind, share in (("number choice", 0.5), ("special number", 0.15)):
        chosen = rng.random(plan.size) < share
        rows.append((plan[chosen], start[chosen], kind))

    leave_day = np.full(len(members), NEVER)
    burden = np.zeros(plan.size)
    alive = np.ones(plan.size, dtype=bool)
    for month in range(1, N_DAYS // MONTH_DAYS + 1):
        day = start + month * MONTH_DAYS
        rows.append((plan[alive], day[alive], "monthly rent"))
        burden *= MEMORY
        for kind, weight in (("late", 1.0), ("roaming", 0.7), ("number change", 0.15)):
            hit = alive & (rng.random(plan.size) < weight * extra_rate)
            rows.append((plan[hit], (day + rng.integers(1, 25, plan.size))[hit], kind))
            burden += hit
        leaves = alive & (rng.random(plan.size) < LEAVE_BASE + LEAVE_PER_FEE * burden)
        leave_day[plan[leaves]] = day[leaves] + 27
        alive &= ~leaves
    fees = pd.concat(
        pd.DataFrame({"member": member, "day": day, "kind": kind}) for member, day, kind in rows
    )
    return fees[fees["day"] < N_DAYS], leave_day


def settle(fees: pd.DataFrame, loss_day: np.ndarray) -> pd.DataFrame:
    """Return the fees really charged: none after a member's loss, and one for cancelling.

    A member who is lost for whatever reason gives up the plan; `loss_day` has a day per member.
    """
    charged = fees[fees["day"].to_numpy() <= loss_day[fees["member"]]]
    plan = charged["member"].unique()
    lost = plan[loss_day[plan] < N_DAYS]
    cancelled = pd.DataFrame({"member": lost, "day": loss_day[lost], "kind": "cancellation"})
    settled = pd.concat([charged, cancelled]).sort_values(["day", "member"], kind="stable")
    settled["yuan"] = settled["kind"].map(YUAN).astype(float)
    return settled.reset_index(drop=True)
