"""Who joins the club: when, where, through which channel, and with which hidden traits."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..common import AS_OF, N_DAYS, START, stream
from ..places import CLUB_CITIES

FOUNDING_SHARE = 0.12  # joined in the first days, at the tills of the stores
FOUNDING_DAYS = 10
NEED_PER_YEAR = 16.5  # mean purchases a year while a customer
NEED_SHAPE = 2.6  # of the gamma distribution: the smaller, the more unequal the members
BULK_SHARE, BULK_NEED = 0.01, 0.15  # buy many pieces at once, and seldom come back
PLAN_SHARE = 0.045  # have the service plan that charges fees
LIFTED_SHARE = 0.25  # buy more once they collect points; the others would have bought anyway

# share of members; need, loyalty and price sensitivity against the mean; share that never buys
CHANNELS = pd.DataFrame(
    {
        "share": [0.46, 0.32, 0.07, 0.15],
        "need": [1.0, 0.95, 1.15, 0.75],
        "loyalty": [0.1, -0.2, 0.5, -0.6],
        "price": [-0.2, 0.1, -0.3, 0.6],
        "never": [0.02, 0.06, 0.015, 0.14],
    },
    index=["store", "online", "referral", "campaign"],
)
CITY_SHARES = np.linspace(0.16, 0.04, len(CLUB_CITIES))

# The first day of the points programme, two cities at a time; the last two cities still wait.
POINTS_WAVES = np.array(
    ["2024-01-01", "2024-04-01", "2024-08-01", "2025-01-01", "NaT"], dtype="datetime64[s]"
).repeat(2)

TASTES = ("home", "office", "counter")
_TASTE_SHARES = (0.5, 0.35, 0.15)
MAIL_TYPES = ("persuadable", "sure thing", "lost cause", "sleeping dog")
# Shares of MAIL_TYPES among members with low, middling and high need. The regulars would come
# anyway, and some of them take a mass mailing amiss.
_MAIL_SHARES = np.array(
    [[0.40, 0.10, 0.45, 0.05], [0.55, 0.30, 0.10, 0.05], [0.05, 0.57, 0.0, 0.38]]
)


def draw(seed: int, stories: dict, *, n_members: int) -> pd.DataFrame:
    """Return the members in order of joining, one row each, with numbers instead of names.

    Days count from START; `city`, `channel`, `taste` and `mail_type` are positions in their
    lists; `referrer` is a row or -1. `need` is in purchases a year, `loyalty` and
    `price_sensitivity` run from 0 to 1, `satisfaction` and `alternatives` are standard normal.
    """
    rng = stream(seed, "club.members")
    joined_day = _joined_days(rng, n_members)
    channel = _choose(rng, CHANNELS["share"], n_members)
    channel[(channel == 2) & (joined_day < FOUNDING_DAYS)] = 0  # nobody there to refer them
    traits = CHANNELS.take(channel).reset_index(drop=True)

    satisfaction, alternatives, own, thrift = rng.standard_normal((4, n_members))
    # A tie holds because it pleases (satisfaction) or because nothing else is at hand.
    tie = 0.5 * satisfaction - 0.65 * alternatives + 0.57 * own + traits["loyalty"].to_numpy()
    loyalty = _to_share(tie)
    need = rng.gamma(NEED_SHAPE, NEED_PER_YEAR / NEED_SHAPE, n_members) * traits["need"].to_numpy()
    bulk = rng.random(n_members) < BULK_SHARE
    need[bulk] *= BULK_NEED
    city = _choose(rng, CITY_SHARES, n_members)
    points_dates = _points_dates(rng, stories)
    return pd.DataFrame(
        {
            "joined_day": joined_day,
            "birthday": _birthdays(rng, n_members),
            "city": city,
            "channel": channel,
            "referrer": _referrers(rng, joined_day, loyalty, channel == 2),
            "points_from": points_dates[city],
            "need": need,
            "price_sensitivity": _to_share(thrift + traits["price"].to_numpy()),
            "loyalty": loyalty,
            "satisfaction": satisfaction,
            "alternatives": alternatives,
            "regularity": np.array([1, 2, 4])[_choose(rng, (0.6, 0.3, 0.1), n_members)],
            "taste": _choose(rng, _TASTE_SHARES, n_members),
            "purse": _choose(rng, (0.4, 0.4, 0.2), n_members),
            "never_buys": rng.random(n_members) < traits["never"].to_numpy(),
            "bulk": bulk,
            "lifted": rng.random(n_members) < LIFTED_SHARE,
            "plan": rng.random(n_members) < PLAN_SHARE,
            "mail_type": _mail_types(rng, need),
        }
    )


def _joined_days(rng: np.random.Generator, n: int) -> np.ndarray:
    """Return joining days in ascending order: a founding cohort, then slowly more each month."""
    founding = rng.random(n) < FOUNDING_SHARE
    later = FOUNDING_DAYS + (N_DAYS - FOUNDING_DAYS) * rng.random(n) ** 0.92
    return np.sort(np.where(founding, rng.integers(0, FOUNDING_DAYS, n), later).astype(np.int32))


def _referrers(rng, joined_day, loyalty, referred) -> np.ndarray:
    """Return the row of each referred member's referrer: the more loyal of two earlier members."""
    n_earlier = np.searchsorted(joined_day, joined_day[referred])
    pair = (rng.random((2, n_earlier.size)) * n_earlier).astype(np.int32)
    referrers = np.full(joined_day.size, -1, dtype=np.int32)
    referrers[referred] = np.where(loyalty[pair[0]] > loyalty[pair[1]], *pair)
    return referrers


def _points_dates(rng: np.random.Generator, stories: dict) -> np.ndarray:
    """Return each city's first day of the points programme; chance orders the cities."""
    order = list(rng.permutation(len(CLUB_CITIES)))
    if "generous_clerk" in stories:  # a clerk can only be generous where there are points
        city = CLUB_CITIES.index(stories["generous_clerk"]["city"])
        order.remove(city)
        order.insert(0, city)
    dates = np.empty(len(CLUB_CITIES), dtype="datetime64[s]")
    dates[order] = POINTS_WAVES
    return dates


def _birthdays(rng: np.random.Generator, n: int) -> np.ndarray:
    """Return birthdays of people aged 18 to 70 on AS_OF; three in a hundred are not known."""
    age_days = (18 + 52 * rng.beta(1.6, 2.6, n)) * 365.25
    birthdays = np.datetime64(AS_OF, "D") - age_days.astype("timedelta64[D]")
    birthdays[rng.random(n) < 0.03] = np.datetime64("NaT", "D")
    return birthdays.astype("datetime64[s]")


def _mail_types(rng: np.random.Generator, need: np.ndarray) -> np.ndarray:
    level = np.searchsorted(np.quantile(need, [0.25, 0.75]), need)
    cumulated = _MAIL_SHARES.cumsum(axis=1)[level]
    return (rng.random((need.size, 1)) > cumulated).sum(axis=1).clip(0, 3).astype(np.int8)


def _choose(rng: np.random.Generator, shares, n: int) -> np.ndarray:
    """Return `n` positions drawn with probability proportional to `shares`."""
    cumulated = np.cumsum(np.asarray(shares) / np.sum(shares))
    return np.searchsorted(cumulated[:-1], rng.random(n), side="right").astype(np.int8)


def _to_share(score: np.ndarray) -> np.ndarray:
    """Squeeze a score around 0 into a trait between 0 and 1."""
    return 1 / (1 + np.exp(-1.6 * score))


def to_date(day) -> np.ndarray:
    """Return the dates of days counted from START."""
    return np.datetime64(START, "s") + np.asarray(day).astype("timedelta64[D]")
