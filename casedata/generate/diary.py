"""The diary of reps: visits, calls and emails that belong to no deal, and what is said in them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from . import case_diary, cast, notes
from .cases import FILE
from .common import AS_OF, N_DAYS, START, stream
from .places import REGION_OF
from .stories import Story

CHANNELS = ["visit", "call", "email"]
SERVICE_MIX = [0.42, 0.36, 0.22]
CALL_ABOUT_COMPLAINT = 0.35  # of complaint cases that also make the customer call the rep

TRACED = 0.80  # of the losses that leave their true cause in a note
MISTRACED = 0.20  # of the losses that leave a wrong one (too)
LOOK_ALIKES = 0.30  # of the accounts that stay, per year: a note that looks like a cause
NEGLECT = 0.12  # of the touches that an account gets, once we neglect it; no more than FEW a year
FEW = 2
STORY_SHARE = 0.7  # of the touches that a story concerns: they tell of it

TOUCH_COLUMNS = [
    "date", "account_id", "contact_id", "rep_id", "deal", "channel", "phase", "minutes", "topic",
    "note",
]  # fmt: skip


def outside_deals(
    seed: int,
    served: pd.DataFrame,
    contacts: pd.DataFrame,
    assignments: pd.DataFrame,
    tickets: pd.DataFrame,
    products: pd.DataFrame,
    stories: dict[str, Story],
) -> pd.DataFrame:
    """Return the touches that are not drawn with a deal, and all that tell the cases.

    `served` is from `served_days`. Columns are TOUCH_COLUMNS; `deal` is empty but for case D.
    """
    rng = stream(seed, "touches")
    touches = pd.concat(
        [
            _serve(rng, served[served["account_id"] != cast.CASE_D], stories),
            _call_back(rng, served),
            _complaints(rng, tickets, products),
            _traces(rng, served[~served["account_id"].isin(FILE["account_id"])]),
            case_diary.touches(),
        ],
        ignore_index=True,
    )
    touches["rep_id"] = rep_on(assignments, touches["account_id"], touches["date"])
    return _with_contact(rng, touches[touches["rep_id"].notna()], contacts)


def served_days(accounts: pd.DataFrame, known_since: pd.Series) -> pd.DataFrame:
    """Return `accounts` with first and last, the days on which we look after them, and prospect.

    Days count from START. The last day is that of the loss, or AS_OF.
    """
    known = known_since.clip(lower=START)
    until = accounts["loss_date"].fillna(AS_OF)
    served = accounts.assign(
        first=(known - START).dt.days,
        last=(until - START).dt.days,
        prospect=accounts["opened"].isna(),
    )
    return served[served["last"] > served["first"]].reset_index(drop=True)


def date_of(days) -> pd.Series:
    """Return the dates of days counted from START."""
    return pd.Series(START + pd.to_timedelta(days, unit="D")).astype("datetime64[us]")


def weekday(dates: pd.Series, *, first: pd.Series, last: pd.Series) -> pd.Series:
    """Return `dates` with weekend days moved to Monday, or to Friday where Monday is too late.

    `first` and `last` bound each date; at least three days must lie between them.
    """
    number = dates.dt.day_of_week
    forward = dates + pd.to_timedelta((7 - number).where(number >= 5, 0), unit="D")
    back = dates - pd.to_timedelta((number - 4).clip(lower=0), unit="D")
    return forward.where((forward <= last) | (back < first), back)


def rep_on(assignments: pd.DataFrame, account_id: pd.Series, date: pd.Series) -> np.ndarray:
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


def minutes(rng: np.random.Generator, channel: np.ndarray, *, hassle) -> np.ndarray:
    """Return how long each touch takes: visits 30-120 minutes, calls 3-45, emails 4-10."""
    n = len(channel)
    visit = 5 * np.round(52 * hassle**0.35 * rng.lognormal(0, 0.30, n) / 5)
    call = np.round(11 * hassle**0.35 * rng.lognormal(0, 0.45, n))
    drawn = np.select(
        [channel == "visit", channel == "call"],
        [np.clip(visit, 30, 120), np.clip(call, 3, 45)],
        rng.integers(4, 11, n),
    )
    return drawn.astype(int)


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
    rate = np.where(forgotten & quiet, np.minimum(NEGLECT * rate, FEW * days / 365), rate)
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


def _call_back(rng: np.random.Generator, served: pd.DataFrame) -> pd.DataFrame:
    """Return the few touches that an account still gets in the half year after it was lost."""
    lost = served[served["loss_date"].notna() & served["loss_cause"].ne("closed")]
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


def _service_rows(rng: np.random.Generator, rows: pd.DataFrame, **columns) -> pd.DataFrame:
    """Return touches outside deals for rows of account_id, day and hassle, on weekdays.

    Channel and minutes are drawn; `columns` gives what is known beside (topic, note, channel …).
    """
    date = date_of(rows["day"].to_numpy())
    channel = rng.choice(CHANNELS, len(rows), p=SERVICE_MIX)
    touches = pd.DataFrame(
        {"account_id": rows["account_id"].to_numpy(), "channel": channel, "phase": "service"}
    ).assign(date=weekday(date, first=date_of([0])[0], last=AS_OF), **columns)
    hassle = rows["hassle"].to_numpy()
    return touches.assign(minutes=minutes(rng, touches["channel"].to_numpy(), hassle=hassle))


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
