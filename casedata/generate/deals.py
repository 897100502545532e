"""Deals, and the diary of touches: every visit, call and email by a rep.

How a deal goes: it runs for a drawn time; each person of the buying centre is met or not, the more
likely the longer it runs; the roles met, the mood of the people, the terms asked for and the way of
selling then decide the result. Age wins deals by itself too, so a plain comparison of roles met
overstates what meeting a role does.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from . import cases, cast, notes
from .common import AS_OF, N_DAYS, START, ids, stream
from .contacts import ROLES, known_since
from .places import REGION_OF
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

CHANNELS = ["visit", "call", "email"]
SERVICE_MIX = [0.42, 0.36, 0.22]
DEAL_MIX = [0.50, 0.32, 0.18]
CALL_ABOUT_COMPLAINT = 0.35  # of complaint cases that also make the customer call the rep

TRACED = 0.80  # of the losses that leave their true cause in a note
MISTRACED = 0.20  # of the losses that leave a wrong one (too)
LOOK_ALIKES = 0.30  # of the accounts that stay, per year: a note that looks like a cause
NEGLECT = 0.12  # of the touches that an account gets, once we neglect it
STORY_SHARE = 0.5  # of the touches that a story concerns: they tell of it

TOUCH_COLUMNS = [
    "date", "account_id", "contact_id", "rep_id", "deal", "channel", "phase", "minutes", "topic",
    "note",
]  # fmt: skip


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
    served = _served(accounts, assignments)
    style = _style(rng, reps)
    deals = _open(rng, served)
    selling = _sell(rng, deals, contacts, assignments, style)
    deals = _decide(rng, deals, selling, contacts, style, stories)
    deal_d, touches_d = cases.deal_d()

    rng = stream(seed, "touches")
    serving = pd.concat(
        [
            _serve(rng, served, stories),
            _call_back(rng, accounts),
            _complaints(rng, tickets, products),
            _traces(rng, served[~served["account_id"].isin(cases.FILE["account_id"])]),
        ],
        ignore_index=True,
    )
    serving = serving[~cases.silent(serving["account_id"], serving["date"])]
    serving = pd.concat([serving, cases.touches(), touches_d], ignore_index=True)
    serving["rep_id"] = _rep_on(assignments, serving["account_id"], serving["date"])
    serving = _with_contact(rng, serving[serving["rep_id"].notna()], contacts)
    touches = pd.concat([selling, serving], ignore_index=True)
    return _number(pd.concat([deals, deal_d], ignore_index=True), touches, contacts)


def _served(accounts: pd.DataFrame, assignments: pd.DataFrame) -> pd.DataFrame:
    """Return `accounts` with the first and last day on which a rep looks after them.

    Days count from START. The last day is that of the loss, or AS_OF.
    """
    known = known_since(accounts, assignments).clip(lower=START)
    until = accounts["loss_date"].fillna(AS_OF)
    served = accounts.assign(
        first=(known - START).dt.days,
        last=(until - START).dt.days,
        prospect=accounts["opened"].isna(),
    )
    return served[served["last"] > served["first"]].reset_index(drop=True)


def _date(days) -> pd.Series:
    """Return the dates of days counted from START."""
    return pd.Series(START + pd.to_timedelta(days, unit="D")).astype("datetime64[us]")


def _weekday(dates: pd.Series, *, first: pd.Series, last: pd.Series) -> pd.Series:
    """Return `dates` with weekend days moved to Monday, or to Friday where Monday is too late.

    `first` and `last` bound each date; at least three days must lie between them.
    """
    number = dates.dt.day_of_week
    forward = dates + pd.to_timedelta((7 - number).where(number >= 5, 0), unit="D")
    back = dates - pd.to_timedelta((number - 4).clip(lower=0), unit="D")
    return forward.where((forward <= last) | (back < first), back)


def _rep_on(assignments: pd.DataFrame, account_id: pd.Series, date: pd.Series) -> np.ndarray:
    """Return the rep assigned to each account on each date, None where there is none."""
    wanted = pd.DataFrame({"account_id": account_id.to_numpy(), "date": date.to_numpy()})
    spans = assignments[["account_id", "rep_id", "start", "end"]].sort_values("start")
    spans = spans.astype({"start": wanted["date"].dtype})
    found = pd.merge_asof(
        wanted.reset_index().sort_values("date"),
        spans,
        left_on="date",
        right_on="start",
        by="account_id",
    ).set_index("index")
    over = found["end"] < found["date"]
    return found["rep_id"].where(~over).sort_index().to_numpy()


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
    opened = _date(begin)
    opened = _weekday(opened, first=opened, last=pd.Series(AS_OF, deals.index))
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


def _sell(
    rng: np.random.Generator,
    deals: pd.DataFrame,
    contacts: pd.DataFrame,
    assignments: pd.DataFrame,
    style: pd.Series,
) -> pd.DataFrame:
    """Return the touches of the deals: who of the buying centre is met, when, in which phase."""
    people = contacts[["contact_id", "account_id", "roles", "start", "end"]]
    pairs = deals[["deal", "account_id", "opened", "closed", "prospect"]].merge(
        people, on="account_id"
    )
    pairs["from"] = pairs[["opened", "start"]].max(axis=1)
    pairs["to"] = pairs[["closed", "end"]].min(axis=1)
    pairs = pairs[(pairs["to"] - pairs["from"]).dt.days >= 3].reset_index(drop=True)
    shared_days = (pairs["to"] - pairs["from"]).dt.days
    rates = pairs["roles"].map(_meeting_rates(pairs["roles"]))
    effort = rng.lognormal(0, 0.3, len(deals))[pairs["deal"]] * np.where(pairs["prospect"], 0.6, 1)
    waiting = DEAL_DAYS * pd.Series(rng.exponential(1 / (rates * effort)), pairs.index)
    soonest = waiting == waiting.groupby(pairs["deal"]).transform("min")
    pairs = pairs[(waiting < shared_days) | soonest].reset_index(drop=True)

    # Everybody met is met once; further touches go to any of them.
    n_met = pairs.groupby("deal")["account_id"].size()
    offset = n_met.cumsum() - n_met
    days = deals.set_index("deal").loc[n_met.index, "days"]
    further = np.repeat(n_met.index, rng.poisson(1.2 + days / 26))
    rows = offset[further] + (rng.random(len(further)) * n_met[further]).astype(int)
    touches = pairs.loc[np.concatenate([np.arange(len(pairs)), rows])].reset_index(drop=True)
    span = (touches["to"] - touches["from"]).dt.days + 1
    date = touches["from"] + pd.to_timedelta((rng.random(len(touches)) * span) // 1, unit="D")
    touches["date"] = _weekday(date, first=touches["from"], last=touches["to"])
    touches["rep_id"] = _rep_on(assignments, touches["account_id"], touches["date"])
    touches = touches[touches["rep_id"].notna()].sort_values(["deal", "date"], ignore_index=True)

    # The course of a deal goes through the phases; the rep's style says how long each takes.
    led = touches["rep_id"].map(style).to_numpy()[:, None]
    ends = (led * CUSTOMER_LED + (1 - led) * TRADITIONAL).cumsum(axis=1)[:, :-1]
    in_deal = touches.groupby("deal")["date"]
    progress = (in_deal.cumcount() + rng.random(len(touches))) / in_deal.transform("size")
    phase = (progress.to_numpy()[:, None] > ends).sum(axis=1)
    touches["phase"] = np.array(PHASES, dtype=object)[phase]
    touches["topic"] = touches["phase"].map(notes.PHASE_TOPIC)
    touches["note"] = notes.draw(rng, touches["topic"])
    touches["channel"] = rng.choice(CHANNELS, len(touches), p=DEAL_MIX)
    touches["minutes"] = _minutes(rng, touches["channel"], hassle=1.0)
    return touches[TOUCH_COLUMNS]


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


def _minutes(rng: np.random.Generator, channel: pd.Series, *, hassle) -> np.ndarray:
    """Return how long each touch takes: visits 30-120 minutes, calls 3-45, emails 4-10."""
    n = len(channel)
    visit = 5 * np.round(52 * hassle**0.35 * rng.lognormal(0, 0.30, n) / 5)
    call = np.round(11 * hassle**0.35 * rng.lognormal(0, 0.45, n))
    minutes = np.select(
        [channel == "visit", channel == "call"],
        [np.clip(visit, 30, 120), np.clip(call, 3, 45)],
        rng.integers(4, 11, n),
    )
    return minutes.astype(int)


def _service_rows(rng: np.random.Generator, rows: pd.DataFrame, **columns) -> pd.DataFrame:
    """Return touches outside deals for rows of account_id, day and hassle, on weekdays.

    Channel and minutes are drawn; `columns` gives what is known beside (topic, note, channel …).
    """
    date = _date(rows["day"].to_numpy())
    channel = rng.choice(CHANNELS, len(rows), p=SERVICE_MIX)
    touches = pd.DataFrame(
        {"account_id": rows["account_id"].to_numpy(), "channel": channel, "phase": "service"}
    ).assign(date=_weekday(date, first=_date([0])[0], last=AS_OF), **columns)
    hassle = rows["hassle"].to_numpy()
    return touches.assign(minutes=_minutes(rng, touches["channel"], hassle=hassle))


def _serve(
    rng: np.random.Generator, served: pd.DataFrame, stories: dict[str, Story]
) -> pd.DataFrame:
    """Return the touches of day-to-day service, and of prospects without a deal.

    Each account gets `touches_year` of them a year, spread by month. An account that is lost for
    our service was looked after in its first months, and hardly any more.
    """
    edges = np.append((pd.date_range(START, AS_OF, freq="MS") - START).days, N_DAYS)
    first, last = served["first"].to_numpy()[:, None], served["last"].to_numpy()[:, None]
    begin, end = np.maximum(edges[:-1], first), np.minimum(edges[1:], last + 1)
    days = np.maximum(end - begin, 0)
    rate = served["touches_year"].to_numpy()[:, None] * days / 365
    forgotten = served["loss_cause"].eq("service").to_numpy()[:, None]
    quiet = (begin > first + 120) & (begin > last - 540)
    rate = np.where(forgotten & quiet, NEGLECT * rate, rate)
    account = np.repeat(np.arange(len(served)), len(edges) - 1)
    repeats = rng.poisson(rate).ravel()
    rows = served.iloc[np.repeat(account, repeats)].reset_index(drop=True)
    begin, days = np.repeat(begin.ravel(), repeats), np.repeat(days.ravel(), repeats)
    rows["day"] = begin + (rng.random(len(rows)) * days).astype(int)
    names, weights = list(notes.SERVICE_TOPICS), np.array([*notes.SERVICE_TOPICS.values()])
    topic = pd.Series(rng.choice(names, len(rows), p=weights / weights.sum()), dtype=object)
    phase = np.where(rows["prospect"], "trust", "service")
    topic = topic.mask(rows["prospect"], "introduction")
    touches = _service_rows(rng, rows, topic=topic, note=notes.draw(rng, topic), phase=phase)
    for name, story in stories.items():
        hit = _concerns(name, story, rows) & story.covers(touches["date"])
        told = hit & (rng.random(len(rows)) < STORY_SHARE)
        words = [text.format(**story.params) for text in notes.STORY_NOTES.get(name, [])]
        if words:
            touches.loc[told, "note"] = notes.pick(rng, words, told.sum())
            touches.loc[told, "topic"] = notes.STORY_TOPIC[name]
    return touches


def _concerns(name: str, story: Story, rows: pd.DataFrame) -> pd.Series:
    """Return which accounts a story touches, as far as reps hear of it."""
    match name:
        case "price_war":
            return rows["province"] == story["province"]
        case "warehouse_flood":
            return rows["province"].map(REGION_OF) == story["region"]
        case "counterfeit_line" | "viral_product" | "generous_clerk":
            return rows["city"].eq(story["city"]) & rows["kind"].isin(["shop", "brand store"])
        case "budget_freeze":
            return rows["kind"] == "public body"
        case "slow_chain":
            return rows["in_chain"]
        case "web_rival":
            return rows["kind"] == "shop"
        case "price_list_mistake":
            return rows["kind"].isin(["agent", "shop", "enterprise"])
    return pd.Series(False, index=rows.index)


def _call_back(rng: np.random.Generator, accounts: pd.DataFrame) -> pd.DataFrame:
    """Return the few touches that an account still gets in the half year after it was lost."""
    lost = accounts[accounts["loss_date"].notna() & accounts["loss_cause"].ne("closed")]
    rows = lost.iloc[np.repeat(np.arange(len(lost)), rng.poisson(0.8, len(lost)))]
    day = (rows["loss_date"] - START).dt.days + rng.integers(20, 200, len(rows))
    rows = rows.assign(day=day)[day < N_DAYS - 3]
    note = notes.pick(rng, notes.AFTER_LOSS, len(rows))
    return _service_rows(rng, rows, topic="greeting", note=note, channel="call")


def _complaints(
    rng: np.random.Generator, tickets: pd.DataFrame, products: pd.DataFrame
) -> pd.DataFrame:
    """Return the calls to the rep that come with some complaints, on the day of the case."""
    rows = tickets[tickets["kind"].eq("complaint") & tickets["sku"].notna()]
    rows = rows[rng.random(len(rows)) < CALL_ABOUT_COMPLAINT]
    rows = rows.assign(day=(rows["opened"] - START).dt.days, hassle=1.0)
    topic = pd.Series("complaint", index=range(len(rows)))
    line = rows["sku"].map(products.set_index("sku")["line"]).to_numpy()
    note = pd.Series(notes.draw(rng, topic)).str.cat(line, sep=": ")
    return _service_rows(rng, rows, topic="complaint", note=note.to_numpy(), channel="call")


def _traces(rng: np.random.Generator, served: pd.DataFrame) -> pd.DataFrame:
    """Return the notes that hint at causes.

    Most losses leave their true cause in one to three notes of the months before, some a wrong
    one; and in each year some accounts that stay get a note that looks just like it.
    """
    lost = served[served["loss_date"].notna()]
    true = lost[rng.random(len(lost)) < TRACED]
    true = true.iloc[np.repeat(np.arange(len(true)), rng.integers(1, 4, len(true)))]
    true = true.assign(cause=true["loss_cause"])
    wrong = lost[rng.random(len(lost)) < MISTRACED]
    stay = pd.concat([served[served["loss_date"].isna()]] * 3)
    alike = stay[rng.random(len(stay)) < LOOK_ALIKES]
    causes = list(notes.TRACES)
    wrong = wrong.assign(cause=rng.choice(causes, len(wrong)))
    alike = alike.assign(cause=rng.choice(causes, len(alike)))
    rows = pd.concat([true, wrong, alike], ignore_index=True)
    before = rows["last"] - rng.integers(5, 110, len(rows))
    anywhere = rows["first"] + rng.random(len(rows)) * (rows["last"] - rows["first"])
    rows["day"] = before.where(rows["loss_date"].notna(), anywhere).clip(lower=rows["first"])
    rows["day"] = rows["day"].astype(int)
    written = pd.DataFrame({"topic": "", "note": ""}, index=rows.index)
    for cause, options in notes.TRACES.items():
        hit = (rows["cause"] == cause).to_numpy()
        written.loc[hit] = np.array(options)[rng.integers(len(options), size=hit.sum())]
    return _service_rows(rng, rows, topic=written["topic"], note=written["note"])


def _with_contact(
    rng: np.random.Generator, touches: pd.DataFrame, contacts: pd.DataFrame
) -> pd.DataFrame:
    """Return `touches` with contact_id: a person who was there that day, buyers and users first.

    A touch that `wants` a role goes to somebody who holds it. Touches with nobody there fall away.
    """
    touches = touches.reset_index(drop=True)
    people = contacts[["contact_id", "account_id", "roles", "start", "end"]]
    pairs = touches[["account_id", "date", "wants"]].reset_index().merge(people, on="account_id")
    there = (pairs["start"] <= pairs["date"]) & ~(pairs["end"] < pairs["date"])
    pairs = pairs[there]
    weight = 1.0 + 2 * pairs["roles"].str.contains("buyer") + pairs["roles"].str.contains("user")
    for role in touches["wants"].dropna().unique():
        holds = pairs["wants"].eq(role) & pairs["roles"].str.contains(role)
        weight = weight.mask(holds, 1e6)
    # The one whose exponential clock rings first: drawn in proportion to the weights.
    pairs = pairs.assign(rings=rng.exponential(1 / weight)).sort_values("rings")
    first = pairs.drop_duplicates("index").set_index("index")["contact_id"]
    touches["contact_id"] = first.reindex(touches.index)
    return touches[touches["contact_id"].notna()].reindex(columns=TOUCH_COLUMNS)


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
