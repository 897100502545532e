"""What happens to members' purchases beside their own wishes: stories of the year, and returns."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..common import START, stream
from ..places import CLUB_CITIES
from .baskets import Shelf, fill

RETURNED_SHARE = 0.015


def apply_stories(
    seed: int, visits: pd.DataFrame, members: pd.DataFrame, losses: pd.DataFrame, *,
    stories: dict, shelf: Shelf,
) -> pd.DataFrame:  # fmt: skip
    """Return the filled visits after the stories that touch the club."""
    rng = stream(seed, "club.events")
    if "counterfeit_line" in stories:
        visits = _drop_counterfeit(rng, visits, members, stories["counterfeit_line"], shelf)
    if "viral_product" in stories:
        extra = _viral_visits(rng, visits, members, losses, stories["viral_product"], shelf)
        visits = in_members_order([visits, extra])
    return visits


def mark_returned(seed: int, visits: pd.DataFrame) -> pd.DataFrame:
    """Return the visits with `returned`: sales that were taken back, so no purchases at all."""
    rng = stream(seed, "club.returns")
    return visits.assign(returned=rng.random(len(visits), dtype=np.float32) < RETURNED_SHARE)


def in_members_order(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the visits of all parts by member and day."""
    visits = pd.concat(parts, ignore_index=True)
    key = visits["member"].to_numpy().astype(np.int64) * 2048 + visits["day"].to_numpy()
    return visits.take(np.argsort(key, kind="stable")).reset_index(drop=True)


def _days(story) -> tuple[int, int]:
    return (story.start - START).days, (story.end - START).days


def _drop_counterfeit(rng, visits, members, story, shelf: Shelf) -> pd.DataFrame:
    """Drop the share `lost` of one line's purchases in one city: members no longer trust it."""
    first, last = _days(story)
    lives_there = members["city"].to_numpy() == CLUB_CITIES.index(story["city"])
    hit = (
        visits["day"].between(first, last).to_numpy()
        & lives_there[visits["member"]]
        & (shelf.line[visits["sku"]] == story["line"])
    )
    return visits[~(hit & (rng.random(len(visits)) < story["lost"]))].reset_index(drop=True)


def _viral_visits(rng, visits, members, losses, story, shelf: Shelf) -> pd.DataFrame:
    """Return the extra purchases that make one sku sell `lift` times as often in one city."""
    first, last = _days(story)
    sku = int(np.flatnonzero(shelf.skus == story["sku"])[0])
    lives_there = (members["city"] == CLUB_CITIES.index(story["city"])).to_numpy()
    usual = visits["day"].between(first, last) & (visits["sku"] == sku)
    n_extra = int((usual & lives_there[visits["member"]]).sum() * (story["lift"] - 1))
    here = (members["joined_day"] <= first) & (losses["loss_day"] > last) & ~members["never_buys"]
    fans = np.flatnonzero(here & lives_there)
    if not len(fans):
        return visits.head(0)
    extra = pd.DataFrame(
        {
            "member": rng.choice(fans, n_extra).astype(np.int32),
            "day": rng.integers(first, last + 1, n_extra).astype(np.int16),
            "bad": np.zeros(n_extra, dtype=bool),
        }
    )
    return fill(rng, extra, members, shelf, sku=np.full(n_extra, sku, dtype=np.int8))
