"""Deals, and the diary of touches: every visit, call and email by a rep.

How a deal goes: it runs for a drawn time; each person of the buying centre is met or not, the more
likely the longer it runs; the roles met, the mood of the people, the terms asked for and the way of
selling then decide the result. Age wins deals by itself too, so a plain comparison of roles met
overstates what meeting a role does.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from . import case_diary, cast, diary, notes
from .common import AS_OF, N_DAYS, ids, stream
from .contacts import ROLES, known_since
from .stories import Story

PHASES = ["trust", "needs", "benefits", "closing"]
TRADITIONAL = np.array([0.10, 0.20, 0.30, 0.40])  # share of selling time by phase (V15)
CUSTOMER_LED = np.array([0.40, 0.30, 0.20, 0.10])

N_DEALS = 500
N_OPEN = 11  # drawn deals still open at AS_OF, beside case D's
DEAL_DAYS, DEAL_SPREAD = 80, 0.65  # median and log sd of how long a deal runs
# People of a role met within 80 days, per person: rate of meeting.
MEETING_RATE = {
    "user": 1.1, "influencer": 0.9, "buyer": 1.5, "gatekeeper": 0.6, "decider": 0.5,
    "approver": 0.4,
}  # fmt: skip
# What decides a deal, on the logit scale.
ROLE_EFFECT = {
    "decider": 1.3, "approver": 1.2, "gatekeeper": 1.2, "buyer": 0.2, "influencer": 0.15,
    "user": 0.1,
}  # fmt: skip
INTERCEPT, AGE_EFFECT, STANCE_EFFECT, STYLE_EFFECT = -2.15, 0.9, 0.45, 2.4
TERMS = {  # asked for: (share of deals, effect on the chance)
    "none": (0.40, 0.35), "discount": (0.30, -0.10), "monthly payment": (0.18, -0.10),
    "quarterly payment": (0.12, -0.60),
}  # fmt: skip
STAR_EFFECT, WAR_EFFECT = 1.8, -1.2

DEAL_MIX = [0.50, 0.32, 0.18]


def make(
    seed: int,
    accounts: pd.DataFrame,
    contacts: pd.DataFrame,
    reps: pd.DataFrame,
    assignments: pd.DataFrame,
    orders: pd.DataFrame,
    tickets: pd.DataFrame,
    products: pd.DataFrame,
    stories: dict[str, Story],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return (deals, touches).

    `accounts` carries its latent columns. Every touch is made by the rep assigned on that day,
    with a person who is there on that day.
    """
    rng = stream(seed, "deals")
    served = diary.served_days(accounts, known_since(accounts, assignments))
    style = _style(rng, reps)
    deals = _open(rng, served)
    met = _meet(rng, deals, contacts)
    selling = _sell(rng, deals, met, assignments, style)
    deals = _decide(rng, deals, selling, contacts, style, stories)
    deals = pd.concat([deals, case_diary.deal_d()], ignore_index=True)
    serving = diary.outside_deals(seed, served, contacts, assignments, tickets, products, stories)
    return _number(deals, pd.concat([selling, serving], ignore_index=True), contacts)


def _style(rng: np.random.Generator, reps: pd.DataFrame) -> pd.Series:
    """Return each rep's way of selling: 0 traditional to 1 customer-led, spread evenly."""
    return pd.Series((rng.permutation(len(reps)) + 0.5) / len(reps), index=reps["rep_id"])


def _open(rng: np.random.Generator, served: pd.DataFrame) -> pd.DataFrame:
    """Return the deals, without results: account, first and last day, terms, value, still_open."""
    fit = ~served["kind"].isin(["professional", "brand store"])
    fit &= (served["last"] - served["first"] > 60) & (served["account_id"] != cast.CASE_D)
    fit = served[fit].reset_index(drop=True)
    weight = (fit["touches_year"] ** 0.7 * (fit["last"] - fit["first"])).where(~fit["prospect"], 0)
    n_drawn = N_DEALS - fit["prospect"].sum()
    rows = np.concatenate(
        [
            np.flatnonzero(fit["prospect"]),
            rng.choice(len(fit), n_drawn, p=weight / weight.sum()),
        ]
    )
    deals = fit.loc[
        rows, ["account_id", "province", "need", "first", "last", "prospect"]
    ].reset_index(drop=True)
    n = len(deals)
    room = deals["last"] - deals["first"] - 2
    days = np.minimum(rng.lognormal(np.log(DEAL_DAYS), DEAL_SPREAD, n).clip(12, 400), room)
    begin = deals["first"] + (room - days) * rng.random(n)
    # The open ones: opened in the last months, with customers whom we still have.
    here = np.flatnonzero(deals["last"].eq(N_DAYS - 1) & (room > 200))
    still_open = np.isin(np.arange(n), rng.choice(here, N_OPEN, replace=False))
    begin = begin.where(~still_open, N_DAYS - 1 - rng.integers(25, 170, n)).astype(int)
    opened = diary.date_of(begin)
    opened = diary.weekday(opened, first=opened, last=pd.Series(AS_OF, deals.index))
    closed = (opened + pd.to_timedelta(days // 1, unit="D")).clip(upper=AS_OF)
    closed = closed.where(~still_open, AS_OF)
    names, shares = list(TERMS), [share for share, _ in TERMS.values()]
    return deals.assign(
        deal=np.arange(n),
        opened=opened,
        closed=closed.astype("datetime64[us]"),
        still_open=still_open,
        days=(closed - opened).dt.days.clip(lower=1),
        terms_asked=rng.choice(names, n, p=shares),
        value=(deals["need"] * rng.lognormal(-1.1, 0.6, n)).clip(800, 600_000).round(-2),
    )


def _meet(rng: np.random.Generator, deals: pd.DataFrame, contacts: pd.DataFrame) -> pd.DataFrame:
    """Return who is met in each deal: deal, contact_id, account_id, first and last possible day.

    The longer the deal runs while a person is there, the more likely they are met; whoever would
    be met first always is.
    """
    people = contacts[["contact_id", "account_id", "roles", "start", "end"]]
    pairs = deals[["deal", "account_id", "opened", "closed", "prospect"]].merge(
        people, on="account_id"
    )
    pairs["from"] = pairs[["opened", "start"]].max(axis=1)
    pairs["to"] = pairs[["closed", "end"]].min(axis=1)
    shared_days = (pairs["to"] - pairs["from"]).dt.days
    pairs = pairs.assign(shared_days=shared_days)[shared_days >= 3].reset_index(drop=True)
    rates = pairs["roles"].map(_meeting_rates(pairs["roles"]))
    effort = rng.lognormal(0, 0.3, len(deals))[pairs["deal"]] * np.where(pairs["prospect"], 0.6, 1)
    waiting = DEAL_DAYS * pd.Series(rng.exponential(1 / (rates * effort)), pairs.index)
    soonest = waiting == waiting.groupby(pairs["deal"]).transform("min")
    met = pairs[(waiting < pairs["shared_days"]) | soonest]
    return met[["deal", "contact_id", "account_id", "from", "to"]].reset_index(drop=True)


def _sell(
    rng: np.random.Generator,
    deals: pd.DataFrame,
    met: pd.DataFrame,
    assignments: pd.DataFrame,
    style: pd.Series,
) -> pd.DataFrame:
    """Return the touches of the deals: everybody `met` once, some again, in phases."""
    n_met = met["deal"].value_counts(sort=False).sort_index()
    offset = n_met.cumsum() - n_met
    days = deals.set_index("deal").loc[n_met.index, "days"]
    again = np.repeat(n_met.index, rng.poisson(1.2 + days / 26))
    rows = offset[again] + (rng.random(len(again)) * n_met[again]).astype(int)
    touches = met.loc[np.concatenate([met.index, rows])].reset_index(drop=True)
    span = (touches["to"] - touches["from"]).dt.days + 1
    date = touches["from"] + pd.to_timedelta((rng.random(len(touches)) * span) // 1, unit="D")
    touches["date"] = diary.weekday(date, first=touches["from"], last=touches["to"])
    touches["rep_id"] = diary.rep_on(assignments, touches["account_id"], touches["date"])
    touches = touches[touches["rep_id"].notna()].sort_values(["deal", "date"], ignore_index=True)
    phase = _phases(rng, touches, style)
    topic = phase.map(notes.PHASE_TOPIC)
    channel = rng.choice(diary.CHANNELS, len(touches), p=DEAL_MIX)
    touches = touches.assign(
        phase=phase,
        topic=topic,
        note=notes.draw(rng, topic),
        channel=channel,
        minutes=diary.minutes(rng, channel, hassle=1.0),
    )
    return touches[diary.TOUCH_COLUMNS]


def _phases(rng: np.random.Generator, touches: pd.DataFrame, style: pd.Series) -> pd.Series:
    """Return the phase of each touch; `touches` are in order of deal and date.

    The course of a deal goes through the phases; the rep's style says how long each takes.
    """
    led = touches["rep_id"].map(style).to_numpy()[:, None]
    ends = (led * CUSTOMER_LED + (1 - led) * TRADITIONAL).cumsum(axis=1)[:, :-1]
    in_deal = touches.groupby("deal")["date"]
    progress = (in_deal.cumcount() + rng.random(len(touches))) / in_deal.transform("size")
    phase = (progress.to_numpy()[:, None] > ends).sum(axis=1)
    return pd.Series(np.array(PHASES, dtype=object)[phase], index=touches.index)


def _meeting_rates(roles: pd.Series) -> dict[str, float]:
    """Return for each combination of roles how fast such a person is met: as the hardest role."""
    return {held: min(MEETING_RATE[role] for role in held.split(";")) for held in roles.unique()}


def _roles_by_deal(touches: pd.DataFrame, contacts: pd.DataFrame) -> pd.DataFrame:
    """Return whether each role was met: deals × roles, True or False."""
    roles = touches["contact_id"].map(contacts.set_index("contact_id")["roles"])
    return (
        pd.DataFrame({role: roles.str.contains(role) for role in ROLES})
        .groupby(touches["deal"])
        .any()
    )


def _decide(
    rng: np.random.Generator,
    deals: pd.DataFrame,
    selling: pd.DataFrame,
    contacts: pd.DataFrame,
    style: pd.Series,
    stories: dict[str, Story],
) -> pd.DataFrame:
    """Return the deals with their results; those without any touch are left out.

    A prospect has never bought, so its deals are lost or open.
    """
    deals = deals[deals["deal"].isin(selling["deal"])].set_index("deal")
    stance = selling["contact_id"].map(contacts.set_index("contact_id")["stance"])
    rep_id = selling.groupby("deal")["rep_id"].last()
    score = (
        INTERCEPT
        + _roles_by_deal(selling, contacts).astype(float) @ pd.Series(ROLE_EFFECT)
        + AGE_EFFECT * np.log(deals["days"] / DEAL_DAYS)
        + STANCE_EFFECT * stance.groupby(selling["deal"]).mean()
        + STYLE_EFFECT * (rep_id.map(style) - 0.5)
        + deals["terms_asked"].map({name: effect for name, (_, effect) in TERMS.items()})
    )
    if "star_rep" in stories:
        story = stories["star_rep"]
        score += STAR_EFFECT * (rep_id.eq(story["rep_id"]) & story.covers(deals["closed"]))
    if "price_war" in stories:
        story = stories["price_war"]
        score += WAR_EFFECT * (
            deals["province"].eq(story["province"]) & story.covers(deals["closed"])
        )
    won = (rng.random(len(deals)) < 1 / (1 + np.exp(-score))) & ~deals["prospect"]
    result = np.where(deals["still_open"], "open", np.where(won, "won", "lost"))
    closed = deals["closed"].where(~deals["still_open"])
    deals = deals.assign(result=result, closed=closed).reset_index()
    return deals[["deal", "account_id", "opened", "closed", "result", "value", "terms_asked"]]


def _number(
    deals: pd.DataFrame, touches: pd.DataFrame, contacts: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return (deals, touches) in order of date, with their ids and the roles met."""
    met = _roles_by_deal(touches, contacts)
    words = met.apply(lambda row: ";".join(met.columns[row]), axis=1)
    deals = deals.sort_values(["opened", "deal"], ignore_index=True)
    deals = deals.assign(roles_met=deals["deal"].map(words), deal_id=ids("D", len(deals)))
    touches = touches.sort_values(
        ["date", "account_id", "contact_id"], kind="stable", ignore_index=True
    )
    touches["deal_id"] = touches["deal"].map(deals.set_index("deal")["deal_id"])
    touches["touch_id"] = ids("TC", len(touches), width=5)
    return (
        deals[
            [
                "deal_id", "account_id", "opened", "closed", "result", "value", "terms_asked",
                "roles_met",
            ]
        ],
        touches[
            [
                "touch_id", "date", "account_id", "contact_id", "rep_id", "deal_id", "channel",
                "phase", "minutes", "topic", "note",
            ]
        ],
    )  # fmt: skip
