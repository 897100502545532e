"""What chapter 11's customer file shows of an account: counted once for all, ready for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.font_manager import findfont

from helpers import charts, churn, inputs
from helpers.data import CourseError
from helpers.letters import glyphs

ROLES = ["user", "influencer", "decider", "approver", "buyer", "gatekeeper"]  # syllabus R2
KINDS = ["return", "repair", "complaint", "inquiry"]
CHANNELS = ["visit", "call", "email"]
QUARTERS, WEEKS = 12, 53
RECENT = 90  # days for which somebody who left is still named
NOTES = 3
TEXTS = ["stage", "warnings", "reason"]
OPTIONAL = ["name_zh", "city", "province", "tier", "rep"]
UNIQUE = {
    "contacts": ["contact_id"],
    "orders": ["order_id", "line"],
    "tickets": ["ticket_id"],
    "touches": ["touch_id"],
}
COLUMNS = {
    "contacts": "contact_id account_id name title roles stance influence start end",
    "orders": "order_id line account_id date quantity unit_price",
    "tickets": "ticket_id account_id kind opened closed",
    "touches": "touch_id account_id contact_id date channel note",
}


@dataclass(frozen=True)
class Person:
    """Somebody of the account's, as its contacts have them."""

    id: str
    name: str
    name_zh: str
    title: str
    roles: tuple[str, ...]
    stance: int
    end: pd.Timestamp | None

    @property
    def side(self) -> str:
        return "for us" if self.stance > 0 else "against" if self.stance < 0 else "neutral"


@dataclass(frozen=True)
class Account:
    """One account's file on the day; what is not known is None, or empty."""

    id: object
    name: str
    name_zh: str
    place: str
    tier: str
    rep: str
    stage: str
    value: float | None  # yuan a year
    warnings: list[str]
    due: pd.Timestamp | None
    late: int | None  # days; negative: not yet due
    reason: str
    present: list[Person]  # the most influential first
    leavers: list[Person]  # of the last RECENT days, the latest first
    last_known: Person | None  # of those who left before them, the latest
    quarters: np.ndarray  # yuan by quarter
    yuan_year: float
    yuan_before: float
    last_order: pd.Timestamp | None
    silence: int | None  # days
    cycle: float | None  # days
    tickets: np.ndarray  # of 12 months, by kind
    tickets_before: np.ndarray  # of the 12 months before
    open: np.ndarray  # by kind, however old
    oldest: int | None  # days
    touches: np.ndarray  # of 12 months, by channel
    since: int | None  # days since the last touch, however old
    notes: list[str]
    weeks: dict[str, np.ndarray]  # the year's marks, counts by week ago


class Records:
    """The accounts of `base` and what the tables hold of them by the end of the day."""

    def __init__(self, base, *, contacts, orders, tickets, touches, as_of):
        self.day = inputs.day(as_of, "as_of")
        self._keep(_checked(base))
        tables = {"contacts": contacts, "orders": orders, "tickets": tickets, "touches": touches}
        place = {name: self._owners(table, name) for name, table in tables.items()}
        owners = np.concatenate(list(place.values()))
        if len(owners) and not (owners >= 0).any():
            raise CourseError(
                "No table knows an account of base: its index must hold their account_id."
            )
        self._meet(contacts, place["contacts"])
        self._count_orders(orders, place["orders"])
        self._count_tickets(tickets, place["tickets"])
        self._count_touches(touches, place["touches"])

    # ---- the accounts ----------------------------------------------------------------------------

    def _keep(self, base: pd.DataFrame) -> None:
        self.ids = base.index.to_list()
        self.place = {name: i for i, name in enumerate(self.ids)}
        texts = {name: _texts(base, name) for name in ["name", *TEXTS, *OPTIONAL]}
        self._texts = texts
        self.reps = texts["rep"] if "rep" in base.columns else []
        self._value = base["value"].to_numpy(dtype=float, na_value=np.nan)
        self._due = base["next_care"].to_list()
        self._late = (self.day - base["next_care"].dt.normalize()).dt.days.to_numpy(dtype=float)
        self._signs = [[s for s in map(str.strip, w.split(",")) if s] for w in texts["warnings"]]
        twice = pd.Series(texts["name"]).duplicated(keep=False)
        self._labels = [
            f"{name} ({number})" if name and shared else name or str(number)
            for name, number, shared in zip(texts["name"], self.ids, twice, strict=True)
        ]

    def order(self, which: str) -> list[int]:
        """The accounts of a list by their places in `base`, in the order of that list."""
        signs = np.array([len(each) for each in self._signs])
        value = -np.nan_to_num(self._value, nan=-np.inf)
        names = pd.Series(self._labels, dtype=object).str.casefold().rank(method="first")
        keys = {
            "due first": (value, -np.nan_to_num(self._late, nan=-np.inf)),
            "warned": (value, -signs),
            "by value": (names, value),
            "by name": (names,),
        }[which]
        ranked = np.lexsort(keys)
        return [int(i) for i in ranked if which != "warned" or signs[i]]

    def listed(self, i: int, which: str) -> str:
        """How an account stands in a list: its name, and what the list goes by."""
        value, late = self._value[i], self._late[i]
        told = {
            "due first": "no date" if np.isnan(late) else when(int(late)),
            "warned": ", ".join(self._signs[i]),
            "by value": "value unknown" if np.isnan(value) else charts.yuan(value),
            "by name": self._texts["city"][i] or self._texts["province"][i],
        }[which]
        return f"{self._labels[i]} · {told}" if told else self._labels[i]

    def account(self, i: int) -> Account:
        """The file of the account at this place in `base`."""
        texts = {name: column[i] for name, column in self._texts.items()}
        city, province = texts["city"], texts["province"]
        ordered = self._silence[i] >= 0
        return Account(
            id=self.ids[i],
            name=texts["name"] or str(self.ids[i]),
            place=city if city == province else ", ".join(filter(None, [city, province])),
            **{name: texts[name] for name in ["name_zh", "tier", "rep", "stage", "reason"]},
            value=None if np.isnan(self._value[i]) else float(self._value[i]),
            warnings=self._signs[i],
            due=None if np.isnan(self._late[i]) else self._due[i],
            late=None if np.isnan(self._late[i]) else int(self._late[i]),
            present=self._present[i],
            leavers=self._leavers[i],
            last_known=self._last_known[i],
            quarters=self._quarters[i],
            yuan_year=float(self._years[i, 0]),
            yuan_before=float(self._years[i, 1]),
            last_order=self.day - pd.Timedelta(days=self._silence[i]) if ordered else None,
            silence=int(self._silence[i]) if ordered else None,
            cycle=None if np.isnan(self._cycle[i]) else float(self._cycle[i]),
            tickets=self._tickets[i],
            tickets_before=self._tickets_before[i],
            open=self._open[i],
            oldest=int(self._oldest[i]) if self._open[i].any() else None,
            touches=self._touches[i],
            since=int(self._since[i]) if np.isfinite(self._since[i]) else None,
            notes=self._notes[i],
            weeks={name: counts[i] for name, counts in self._weeks.items()},
        )

    # ---- the tables ------------------------------------------------------------------------------

    def _owners(self, table: pd.DataFrame, name: str) -> np.ndarray:
        """Each row's account, by its place in `base`, -1 for others; checks the table first."""
        inputs.complete(table, name, ["account_id"])
        inputs.require(table, name, COLUMNS[name])
        if table.duplicated(UNIQUE[name]).any():
            raise CourseError(
                f"{name} has the same {' and '.join(UNIQUE[name])} in several rows: "
                "drop all but one."
            )
        return pd.Index(self.ids).get_indexer(table["account_id"])

    def _ago(self, table: pd.DataFrame, column: str) -> np.ndarray:
        """Days from each date to the day: negative ones are still to come."""
        return (self.day - inputs.dated(table, column).dt.normalize()).dt.days.to_numpy(dtype=float)

    def _sum(self, owner: np.ndarray, column: np.ndarray, columns: int, amount=None) -> np.ndarray:
        """Amounts (or how many) by account and column."""
        shape = (len(self.ids), columns)
        flat = np.bincount(owner * columns + column, amount, minlength=shape[0] * columns)
        return flat.reshape(shape)

    def _by_week(self, owner: np.ndarray, ago: np.ndarray, chosen) -> np.ndarray:
        chosen = chosen & (ago < self.year)
        return self._sum(owner[chosen], ago[chosen].astype(int) // 7, WEEKS)

    def _count_orders(self, orders: pd.DataFrame, owner: np.ndarray) -> None:
        inputs.complete(orders, "orders", ["account_id", "date", "quantity", "unit_price"])
        ago = self._ago(orders, "date")
        ours = (owner >= 0) & (ago >= 0)
        orders, owner, ago = orders[ours], owner[ours], ago[ours].astype(int)
        yuan = inputs.amounts(orders, "quantity") * inputs.amounts(orders, "unit_price")
        last = self.day.to_period("Q")
        self.quarters = pd.period_range(end=last, periods=QUARTERS, freq="Q")
        dates = orders["date"]
        back = (last.year - dates.dt.year) * 4 + last.quarter - dates.dt.quarter
        back = back.to_numpy(dtype=int)
        shown = back < QUARTERS
        self._quarters = self._sum(owner[shown], QUARTERS - 1 - back[shown], QUARTERS, yuan[shown])
        years = np.where(ago < self.year, 0, np.where(ago < 2 * self.year, 1, 2))
        self._years = self._sum(owner, years, 3, yuan)
        self._silence = np.full(len(self.ids), -1)
        self._cycle = np.full(len(self.ids), np.nan)
        first_lines = ~orders["order_id"].duplicated().to_numpy()
        self._weeks = {"orders": self._by_week(owner, ago, first_lines)}
        if orders.empty:
            return
        silent = churn.silent_losses(
            orders, customer_id_col="account_id", datetime_col="date",
            observation_period_end=self.day,
        )  # fmt: skip
        places = pd.Index(self.ids).get_indexer(silent["account_id"])
        self._silence[places] = silent["silence_days"]
        self._cycle[places] = silent["cycle_days"]

    def _count_tickets(self, tickets: pd.DataFrame, owner: np.ndarray) -> None:
        inputs.complete(tickets, "tickets", ["account_id", "opened", "kind"])
        kind = _coded(tickets["kind"], KINDS, "tickets", "kind")
        ago = self._ago(tickets, "opened")
        closed = self._ago(tickets, "closed")
        ours = (owner >= 0) & (ago >= 0)
        owner, kind, ago = owner[ours], kind[ours], ago[ours].astype(int)
        still_open = ~(closed[ours] >= 0)
        lately = ago < self.year
        before = (ago >= self.year) & (ago < 2 * self.year)
        self._tickets = self._sum(owner[lately], kind[lately], len(KINDS))
        self._tickets_before = self._sum(owner[before], kind[before], len(KINDS))
        self._open = self._sum(owner[still_open], kind[still_open], len(KINDS))
        self._oldest = np.zeros(len(self.ids))
        np.maximum.at(self._oldest, owner[still_open], ago[still_open])
        inquiry = kind == KINDS.index("inquiry")
        self._mark("failures", "inquiries", owner, ago, ~inquiry)

    def _count_touches(self, touches: pd.DataFrame, owner: np.ndarray) -> None:
        inputs.complete(touches, "touches", ["account_id", "date", "channel"])
        channel = _coded(touches["channel"], CHANNELS, "touches", "channel")
        ago = self._ago(touches, "date")
        ours = (owner >= 0) & (ago >= 0)
        touches, owner, channel = touches[ours], owner[ours], channel[ours]
        ago = ago[ours].astype(int)
        lately = ago < self.year
        self._touches = self._sum(owner[lately], channel[lately], len(CHANNELS))
        self._mark("visits", "calls and emails", owner, ago, channel == CHANNELS.index("visit"))
        self._since = np.full(len(self.ids), np.inf)
        np.minimum.at(self._since, owner, ago)
        self._note(touches[touches["note"].notna().to_numpy()])

    def _note(self, written: pd.DataFrame) -> None:
        """Each account's last notes in words, the latest first."""
        latest = written.iloc[::-1].sort_values("date", ascending=False, kind="stable")
        latest = latest[latest.groupby("account_id").cumcount() < NOTES]
        self._notes = [[] for _ in self.ids]
        for account, date, channel, contact, note in zip(
            *(latest[c] for c in ["account_id", "date", "channel", "contact_id", "note"]),
            strict=True,
        ):
            who = self._known.get(contact)
            spoken = f"{channel}, {who}" if who else channel
            self._notes[self.place[account]].append(f"{date:%Y-%m-%d} ({spoken}): “{note}”")

    def _mark(self, full: str, hollow: str, owner, ago, is_full: np.ndarray) -> None:
        """Marks by week: a full one where there is one of the first, else a hollow one."""
        first = self._by_week(owner, ago, is_full)
        second = self._by_week(owner, ago, ~is_full)
        self._weeks[full] = np.where(first > 0, first + second, 0)
        self._weeks[hollow] = np.where(first > 0, 0, second)

    def _meet(self, contacts: pd.DataFrame, owner: np.ndarray) -> None:
        inputs.complete(contacts, "contacts", ["account_id", "contact_id", "stance", "influence"])
        for column in ("stance", "influence"):
            inputs.amounts(contacts, column)
        begun, ended = (-self._ago(contacts, "start"), self._ago(contacts, "end"))
        self._known: dict[object, str] = {}
        self._present: list[list[Person]] = [[] for _ in self.ids]
        self._leavers: list[list[Person]] = [[] for _ in self.ids]
        self._last_known: list[Person | None] = [None] * len(self.ids)
        here = (owner >= 0) & ~(begun > 0)
        order = np.lexsort((-contacts["influence"].to_numpy(dtype=float), owner))
        gone = order[np.lexsort((ended[order], owner[order]))]
        people = {i: person for i, person in enumerate(self._people(contacts)) if here[i]}
        for i in order:
            if here[i] and not ended[i] >= 0:
                self._present[owner[i]].append(people[i])
        for i in gone:
            if here[i] and 0 <= ended[i] <= RECENT:
                self._leavers[owner[i]].append(people[i])
            elif here[i] and ended[i] > RECENT and self._last_known[owner[i]] is None:
                self._last_known[owner[i]] = people[i]
        self._known = {person.id: person.name for person in people.values()}

    def _people(self, contacts: pd.DataFrame) -> list[Person]:
        names = ["name", "name_zh", "title", "roles"]
        texts = [_texts(contacts, name, "contacts") for name in names]
        roles = [tuple(filter(None, map(str.strip, each.split(";")))) for each in texts[-1]]
        unknown = sorted({role for each in roles for role in each} - set(ROLES))
        if unknown:
            raise CourseError(f"contacts has the role {unknown[0]!r}, none of the six.")
        return [
            Person(id=number, name=name or str(number), name_zh=zh, title=title, roles=held,
                   stance=int(stance), end=end)
            for number, name, zh, title, held, stance, end in zip(
                contacts["contact_id"], *texts[:-1], roles, contacts["stance"], contacts["end"],
                strict=True,
            )
        ]  # fmt: skip

    @property
    def year(self) -> int:
        """Days of the last 12 months."""
        return (self.day - (self.day - pd.DateOffset(years=1))).days


def when(days_late: int) -> str:
    """How late a date is, in few words."""
    if days_late == 0:
        return "today"
    many = f"{abs(days_late):,} day{'s' * (abs(days_late) != 1)}"
    return f"{many} late" if days_late > 0 else f"in {many}"


def drawable(text: str, instead: object = "") -> str:
    """What the pictures' font can draw of a text; nothing left: another text instead."""
    known = glyphs(findfont(charts.STYLE["font.family"][0]))
    drawn = "".join(letter for letter in text if ord(letter) in known).strip()
    return drawn or str(instead)


def _texts(table: pd.DataFrame, column: str, name: str = "base") -> list[str]:
    """A column of texts, empty where it says nothing or is not there; CourseError for others."""
    if column not in table.columns:
        return [""] * len(table)
    values = table[column].astype(object)
    values = values.where(values.notna(), "").to_list()
    wrong = [value for value in values if not isinstance(value, str)]
    if wrong:
        raise CourseError(f"The column {column!r} of {name} holds texts, and {wrong[0]!r} is none.")
    return [" ".join(value.split()) for value in values]


def _coded(values: pd.Series, known: Sequence[str], table: str, column: str) -> np.ndarray:
    """Each value's place among those known; CourseError for another."""
    codes = pd.Index(known).get_indexer(values)
    if (codes < 0).any():
        wrong = values[codes < 0].iloc[0]
        raise CourseError(f"{table} has the {column} {wrong!r}, none of {', '.join(known)}.")
    return codes


def _checked(base: pd.DataFrame) -> pd.DataFrame:
    """Return the accounts; raise CourseError when they make no list."""
    inputs.require(base, "base", ["name", "value", "next_care", *TEXTS])
    if "account_id" in base.columns:
        raise CourseError("base has account_id as its index: use set_index('account_id').")
    if base.empty:
        raise CourseError("There is no account: base is empty. Check your filter.")
    if base.columns.has_duplicates:
        twice = base.columns[base.columns.duplicated()][0]
        raise CourseError(f"base has two columns {twice!r}: rename or drop one.")
    if base.index.has_duplicates:
        twice = base.index[base.index.duplicated()][0]
        raise CourseError(f"Account {twice} has two rows in base: the file needs one row each.")
    if base.index.isna().any() or (base.index == "").any():
        raise CourseError("Some account of base has no account_id: drop it, or find the number.")
    value = base["value"]
    if not pd.api.types.is_numeric_dtype(value):
        raise CourseError(f"value is yuan a year, a number, and base holds {value.dtype}.")
    if np.isinf(value.to_numpy(dtype=float, na_value=np.nan)).any():
        raise CourseError("Some value is infinite: was it divided by zero?")
    inputs.dated(base, "next_care")
    return base
