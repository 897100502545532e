"""The club's mailings: who got a letter, by coin or by rank, and who bought *because* of it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..common import START, stream
from .baskets import Shelf, fill
from .events import in_members_order
from .members import MAIL_TYPES
from .visits import CAUSES

COST_YUAN = 3.0
CAMPAIGNS = {
    "spring 2024": "2024-05-08",
    "autumn 2024": "2024-09-04",
    "new year 2025": "2025-01-08",
    "summer 2025": "2025-05-14",
    "autumn 2025": "2025-09-10",
}
RANDOM_SHARE, CHOSEN_SHARE = 0.46, 0.24  # of the members of the day, in each part of a campaign
RECENT_DAYS = 180  # the chosen part mails the top spenders of so many days
EFFECT_DAYS = 30
PERSUADED = 0.7  # of the persuadable buy once more
PUT_OFF = 0.65  # of the purchases that a sleeping dog would have made do not happen
WOKEN = 0.04  # of the sleeping dogs leave for good
_PERSUADABLE, _SLEEPING_DOG = MAIL_TYPES.index("persuadable"), MAIL_TYPES.index("sleeping dog")


def send(
    seed: int, visits: pd.DataFrame, members: pd.DataFrame, losses: pd.DataFrame, shelf: Shelf
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return the mailings, and the visits and losses after their effects.

    Mailings have member, day, campaign, assigned and mailed. The random part is mailed by coin.
    In the chosen part the top recent spenders are mailed, and others are kept for "comparison".
    """
    rng = stream(seed, "club.mailings")
    losses = losses.copy()
    happens = np.ones(len(visits), dtype=bool)
    mailings, extras = [], []
    for campaign, date in CAMPAIGNS.items():
        day = (pd.Timestamp(date) - START).days
        spending = _spending(visits, happens, day=day, n_members=len(members))
        for extra in extras:
            spending += _spending(extra, True, day=day, n_members=len(members))
        listed = _list(rng, members, spending, day=day)
        mailings.append(listed.assign(campaign=campaign))

        mailed = np.zeros(len(members), dtype=bool)
        mailed[listed.loc[listed["mailed"], "member"]] = True
        mailed &= losses["loss_day"].to_numpy() > day
        extras.append(_persuaded(rng, members, losses, shelf, mailed=mailed, day=day))
        happens &= ~_put_off(rng, visits, members, losses, mailed=mailed, day=day)
    visits = in_members_order([visits[happens], *extras])
    return pd.concat(mailings, ignore_index=True), visits, losses


def _spending(visits: pd.DataFrame, happens, *, day: int, n_members: int) -> np.ndarray:
    """Return what each member spent in the RECENT_DAYS before `day`, in yuan."""
    recent = visits["day"].between(day - RECENT_DAYS, day - 1) & ~visits["returned"] & happens
    return np.bincount(visits["member"][recent], visits["amount"][recent], minlength=n_members)


def _list(rng, members: pd.DataFrame, spending: np.ndarray, *, day: int) -> pd.DataFrame:
    """Return whom a campaign considers, in which part, and who is mailed."""
    present = rng.permutation(np.flatnonzero(members["joined_day"] < day))
    coin, rank = (int(len(present) * share / 2) for share in (RANDOM_SHARE, CHOSEN_SHARE))
    random_part, rest = present[: 2 * coin], present[2 * coin :]
    ranked = rest[np.argsort(-spending[rest], kind="stable")]
    top, others = ranked[:rank], rng.permutation(ranked[rank:])[:rank]
    listed = pd.DataFrame(
        {
            "member": np.concatenate([random_part, top, others]),
            "day": day,
            "assigned": np.repeat(["random", "chosen"], [2 * coin, 2 * rank]),
            "mailed": np.repeat([True, False, True, False], [coin, coin, rank, rank]),
        }
    )
    return listed.sort_values("member", ignore_index=True)


def _persuaded(rng, members, losses, shelf: Shelf, *, mailed, day: int) -> pd.DataFrame:
    """Return the filled visits that would not have been made without the letter."""
    persuadable = mailed & (members["mail_type"] == _PERSUADABLE) & ~members["never_buys"]
    buyers = np.flatnonzero(persuadable & (rng.random(len(members)) < PERSUADED))
    days = day + rng.integers(2, EFFECT_DAYS, buyers.size)
    still_here = days < losses["loss_day"].to_numpy()[buyers]
    extra = pd.DataFrame({"member": buyers, "day": days, "bad": False})[still_here]
    extra = extra.astype({"member": np.int32, "day": np.int16})
    return fill(rng, extra, members, shelf).assign(returned=False)


def _put_off(rng, visits, members, losses, *, mailed, day: int) -> np.ndarray:
    """Return True for visits that the letter spoiled, and enter in `losses` whom it drove out."""
    dog = mailed & (members["mail_type"] == _SLEEPING_DOG).to_numpy()
    leaver = dog & (rng.random(len(members)) < WOKEN)
    losses.loc[leaver, "loss_day"] = day
    losses.loc[leaver, "cause"] = CAUSES.index("service")
    visit_day = visits["day"].to_numpy()
    soon = np.flatnonzero((visit_day > day) & (visit_day <= day + EFFECT_DAYS))
    spoiled = (visit_day > day) & leaver[visits["member"]]
    spoiled[soon] |= dog[visits["member"].to_numpy()[soon]] & (rng.random(soon.size) < PUT_OFF)
    return spoiled
