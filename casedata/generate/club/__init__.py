"""The club: members of Lanhe's brand stores, what they buy, earn, pay and are told.

`make` runs the parts in the order of cause and effect: traits, fees, visits, baskets, stories,
mailings, and then what follows from all of them: points, rewards, cards and what shops sent in.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from .. import raw, survey
from ..common import N_DAYS, stream
from ..places import CLUB_CITIES
from . import baskets, events, fees, mailings, points
from .members import CHANNELS, MAIL_TYPES, draw, to_date
from .visits import CAUSES, simulate


def make(
    seed: int, products: pd.DataFrame, stories: dict, *, n_members: int = 8000
) -> dict[str, pd.DataFrame]:
    """Return the club's tables: members, purchases, purchases_raw, redemptions, fees, mailings,
    and survey_members (the members' part of the survey).

    Members carry what belongs into the truth: need, price_sensitivity, loyalty, loss_date, cause
    and detail (how they take a mailing, and what became of a complaint).

    `products` needs sku, line, launched, list_price and unit_cost; `stories` go by name.
    Ids of members and words that repeat are categoricals, because worlds may be large.
    """
    members = draw(seed, stories, n_members=n_members)
    shelf = baskets.Shelf(products)
    charged, fee_leave_day = fees.charge(seed, members)
    visits, losses = simulate(
        seed, members, bad_rate=shelf.bad_rate_of(members), fee_leave_day=fee_leave_day
    )
    visits = baskets.fill(stream(seed, "club.baskets"), visits, members, shelf)
    visits = events.apply_stories(seed, visits, members, losses, stories=stories, shelf=shelf)
    visits = events.mark_returned(seed, visits)
    mailed, visits, losses = mailings.send(seed, visits, members, losses, shelf)

    visits["points"] = points.earned(visits, members, stories)
    loss_day = losses["loss_day"].to_numpy()
    kept = visits[~visits["returned"]]
    redeemed = points.redeem(seed, kept, loss_day)
    card = points.cards(kept, n_members)
    answers, complaint = survey.member_part(seed, members, kept)
    del kept

    member_id = member_ids(n_members)
    purchases, returned = _ledger(seed, visits, member_id, shelf.skus)
    return {
        "members": _named(members, losses, complaint, shelf, member_id=member_id, card=card),
        "purchases": purchases,
        "purchases_raw": raw.make(seed, purchases, returned),
        "redemptions": _dated(redeemed, member_id),
        "fees": _dated(fees.settle(charged, loss_day), member_id),
        "mailings": _mailings(mailed, member_id),
        "survey_members": _dated(answers, member_id).rename(columns={"member_id": "respondent"}),
    }


def member_ids(n_members: int) -> pd.Index:
    """Return M000001, M000002, …: the n-th row of members has the n-th id."""
    return pd.Index([f"M{number:06d}" for number in range(1, n_members + 1)])


def _by_id(rows, member_id: pd.Index) -> pd.Categorical:
    """Return the ids of member rows; row -1 is nobody."""
    return pd.Categorical.from_codes(rows, member_id)


def _ledger(
    seed: int, visits: pd.DataFrame, member_id: pd.Index, skus
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return purchases in order of date, and the sales that were returned, numbered together.

    So the purchase ids have gaps where a sale was taken back.
    """
    # Within a day the tills of all cities mix.
    hour = stream(seed, "club.hours").random(len(visits))
    order = np.argsort(visits["day"].to_numpy() + hour)
    sales = pd.DataFrame(
        {
            "purchase_id": np.arange(1, len(visits) + 1, dtype=np.int32),
            "date": to_date(visits["day"].to_numpy()[order]),
            "member_id": _by_id(visits["member"].to_numpy()[order], member_id),
            "sku": pd.Categorical.from_codes(visits["sku"].to_numpy()[order], skus),
        }
    )
    for column in ("amount", "margin", "points"):
        sales[column] = visits[column].to_numpy()[order]
    returned = visits["returned"].to_numpy()[order]
    return sales[~returned].reset_index(drop=True), sales[returned].reset_index(drop=True)


def _named(members, losses, complaint, shelf, *, member_id, card) -> pd.DataFrame:
    """Return the members with names for numbers, their card, and what belongs into the truth.

    `need` comes in purchases and goes in yuan a year, at list prices.
    """
    loss_date = pd.Series(to_date(losses["loss_day"].clip(upper=N_DAYS)))
    lost = losses["loss_day"] < N_DAYS
    mail_type = pd.Series(pd.Categorical.from_codes(members["mail_type"], MAIL_TYPES)).astype(str)
    return pd.DataFrame(
        {
            "member_id": member_id,
            "joined": to_date(members["joined_day"]),
            "birthday": members["birthday"],
            "city": pd.Categorical.from_codes(members["city"], CLUB_CITIES),
            "channel": pd.Categorical.from_codes(members["channel"], CHANNELS.index),
            "referred_by": _by_id(members["referrer"], member_id),
            "card": card,
            "points_from": members["points_from"],
            "need": (members["need"] * shelf.mean_price_of(members)).round(),
            "price_sensitivity": members["price_sensitivity"].round(3),
            "loyalty": members["loyalty"].round(3),
            "loss_date": loss_date.where(lost),
            "cause": pd.Categorical.from_codes(losses["cause"].where(lost, -1), CAUSES),
            "detail": ("mail=" + mail_type).str.cat(np.array(survey.COMPLAINTS)[complaint]),
        }
    )


def _dated(rows: pd.DataFrame, member_id: pd.Index) -> pd.DataFrame:
    """Return rows of (member, day, …) as rows of (member_id, date, …)."""
    named = rows.drop(columns=["member", "day"])
    named.insert(0, "member_id", _by_id(rows["member"], member_id))
    named.insert(1, "date", to_date(rows["day"]))
    return named


def _mailings(mailed: pd.DataFrame, member_id: pd.Index) -> pd.DataFrame:
    """Return the mailings in their column order; who was not mailed cost nothing."""
    columns = ["member_id", "date", "campaign", "assigned", "mailed"]
    cost = np.where(mailed["mailed"], mailings.COST_YUAN, 0.0)
    return _dated(mailed, member_id)[columns].assign(cost=cost)
