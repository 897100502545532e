"""Chapter 11: the customer file, an account on one page: who, whom we know, what now."""

from __future__ import annotations

from collections.abc import Mapping

import ipywidgets as widgets
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from helpers import charts
from helpers.data import CourseError
from helpers.panels.base import Panel, choice
from helpers.panels.customer_records import (
    CHANNELS,
    KINDS,
    QUARTERS,
    RECENT,
    ROLES,
    WEEKS,
    Account,
    Person,
    Records,
    drawable,
    when,
)

LISTS = ["due first", "warned", "by value", "by name"]
ALL, NO_REP, NOBODY = "all", "(no rep)", ""
SIGNS = {  # the signs of `lifecycle.warning_signs`: in the picture, and in the text
    "gap": ("long silent", "silent for more than two of its cycles"),
    "basket": ("buys less", "a quarter's purchases below 60 % of what they were"),
    "tickets": ("more failures", "more returns, repairs and complaints than usual"),
    "contact": ("a contact left", "somebody whom we knew has left"),
    "diary": ("a clue in the notes", "a note hints at a loss"),
}
WIDTH, HEIGHT, LEFT = 900, 520, 4  # pixels
TEXT = 12  # points at 100 dots an inch: 16.7 pixels
PLURALS = dict(zip(KINDS, ["returns", "repairs", "complaints", "inquiries"], strict=True))
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
STANCES = {  # for whom the mark stands: marker, colour, filled
    "for us": ("^", charts.GREEN, True),
    "neutral": ("o", charts.INK, False),
    "against": ("v", charts.VERMILLION, True),
    "gone": ("x", charts.GREY, True),
}
WIDTHS = {  # of a control's label, and of the control with it
    "rep": ("2.2em", "236px"),
    "list": ("2.2em", "186px"),
    "account": ("4.4em", "440px"),
}
SLOTS = (116, 298)  # where the marks of a role's two people stand, in pixels from the left
STRIP = {  # the rows of the year's marks: marker, colour, what is filled, what is hollow
    "orders": ("s", charts.BLUE, "orders", None),
    "tickets": ("v", charts.VERMILLION, "failures", "inquiries"),
    "touches": ("o", charts.GREEN, "visits", "calls and emails"),
}


def customer_file(
    base: pd.DataFrame,
    *,
    contacts: pd.DataFrame,
    orders: pd.DataFrame,
    tickets: pd.DataFrame,
    touches: pd.DataFrame,
    as_of: str | pd.Timestamp,
    account_id: str | None = None,
    **hooks,
) -> Panel:
    """A panel that shows all we know of one account on one page, as of a day.

    `base`: one row per account, account_id its index; columns name, stage, value (yuan a year, may
    be missing), warnings (text such as "gap, basket", or ""), next_care (date, may be missing),
    reason (text); if there, also name_zh, city, province, tier and rep. The other tables are the
    course's own; nothing later than `as_of` is shown, nor accounts that `base` has not.
    `account_id`: whom to begin with.

    Controls: "rep" (all or one; only if `base` has rep), "list" (due first, warned, by value, by
    name), "account" (those of the list, in its order); the buttons "back" and "next" go through
    the list. `hooks` are `state` and `on_commit` of Panel; what a state names and is no longer
    there is passed over. A table that will not do is said in the panel, in one sentence.
    """
    tables = {"contacts": contacts, "orders": orders, "tickets": tickets, "touches": touches}
    return CustomerFile(base, tables, as_of=as_of, account_id=account_id, **hooks)


class CustomerFile(Panel):
    """See `customer_file`."""

    def __init__(self, base, tables, *, as_of, account_id, state=None, **hooks):
        self._problem, self._chosen, self._reps = None, account_id, []
        try:
            self._records = Records(base, **tables, as_of=as_of)
            if account_id is not None and account_id not in self._records.place:
                raise CourseError(f"base has no account {account_id!r}: take one of its index.")
        except CourseError as problem:  # said when the panel is drawn
            self._problem = problem
        else:
            self._reps = self._records.reps
        self.controls = {
            **({"rep": choice("rep", [ALL, *self._offered_reps()], ALL)} if self._reps else {}),
            "list": choice("list", LISTS, LISTS[0]),
            "account": choice("account", [("nobody", NOBODY)], NOBODY),
        }
        for name, (words, width) in WIDTHS.items():  # in one row on a slide
            if name in self.controls:
                self.controls[name].style.description_width = words
                self.controls[name].layout.width = width
        self._restore(state or {})
        super().__init__(
            self.controls,
            caption="The file of one account: when to speak to it next; who fills which role, and "
            "how they stand to us; what it buys by quarter; what bothers it; and a mark for each "
            "week of orders, tickets and touches.",
            width=WIDTH,
            height=HEIGHT,
            **hooks,
        )
        self.back, self.next = (
            widgets.Button(description=name, tooltip=tip, layout={"width": "84px"})
            for name, tip in (("◂ back", "one up in the list"), ("next ▸", "one down in the list"))
        )
        for button, step in ((self.back, -1), (self.next, 1)):
            button.on_click(lambda _, step=step: self._go(step))
            button.disabled = self._problem is not None
        top, shown = self._box.children[0], list(self.controls.values())
        top.children = (*shown, self.back, self.next, *top.children[len(shown) :])

    def settle(self, name: str) -> None:
        """Another rep or list offers its accounts; the one shown stays if it is among them."""
        account = self.controls["account"]
        if self._problem:
            return
        if name == "account":
            self._chosen = account.value
            return
        offered = self._offered()
        with account.hold_sync():
            account.options = offered or [("nobody", NOBODY)]
            values = [value for _, value in account.options]
            account.value = self._chosen if self._chosen in values else values[0]
        if offered:
            self._chosen = account.value

    def _restore(self, state: Mapping[str, object]) -> None:
        for name in ("rep", "list"):
            if name in self.controls and state.get(name) in self.controls[name].options:
                self.controls[name].value = state[name]
        if not self._problem and state.get("account") in self._records.place:
            self._chosen = state["account"]
        self.settle("list")

    def _go(self, step: int) -> None:
        account = self.controls["account"]
        account.index = min(max(account.index + step, 0), len(account.options) - 1)

    def _offered_reps(self) -> list[str]:
        named = sorted({rep for rep in self._reps if rep})
        return [*named, *([NO_REP] if "" in self._reps else [])]

    def _offered(self) -> list[tuple[str, object]]:
        """The accounts of the list, in its order: what stands in the control, and the account."""
        records, which = self._records, self.controls["list"].value
        order = records.order(which)
        rep = self.controls["rep"].value if self._reps else ALL
        if rep != ALL:
            order = [i for i in order if records.reps[i] == ("" if rep == NO_REP else rep)]
        return [(records.listed(i, which), records.ids[i]) for i in order]

    # ---- the picture -----------------------------------------------------------------------------

    def draw(self, fig: Figure) -> None:
        if self._problem:
            raise self._problem
        page = fig.add_axes((0, 0, 1, 1))
        page.set(xlim=(0, WIDTH), ylim=(HEIGHT, 0))
        page.axis("off")
        self._title = self._words(page, LEFT, 20, size=19, weight="bold")
        self._where = self._words(page, WIDTH - 4, 20, ha="right")
        self._facts = self._words(page, LEFT, 50)
        self._draw_now(page)
        self._draw_roles(page)
        self._draw_purchases(fig, page)
        self._draw_tickets(fig, page)
        self._draw_strip(fig, page)

    def _words(self, page, x: float, y: float, text: str | None = None, **look):
        """Text on the page, about this height; what is not given yet will move."""
        look = {"size": TEXT, "va": "center_baseline", "parse_math": False} | look
        return page.text(x, y, text or "", animated=text is None, **look)

    def _draw_now(self, page) -> None:
        frame = Rectangle((4, 66), WIDTH - 8, 54, facecolor="none", edgecolor=charts.GREY)
        page.add_patch(frame)
        self._alarm = Rectangle((4, 66), 10, 54, facecolor=charts.BLUE, animated=True)
        page.add_patch(self._alarm)
        self._care = self._words(page, 24, 81, weight="bold")
        self._warned = self._words(page, 24, 105)

    def _draw_roles(self, page) -> None:
        self._words(page, LEFT, 140, "Whom we know", weight="bold")
        for x, name in zip((172, 251, 339, 428), STANCES, strict=True):
            marker, color, filled = STANCES[name]
            page.plot([x], [140], **_mark(marker, color, filled))
            self._words(page, x + 10, 140, name, size=TEXT)
        self._people = {
            name: page.plot([], [], animated=True, label=name, **_mark(*look))[0]
            for name, look in STANCES.items()
        }
        self._rows = [164 + 23 * i for i in range(len(ROLES))]
        self._names = {}
        for row, role in zip(self._rows, ROLES, strict=True):
            self._words(page, LEFT, row, role)
            for slot, x in enumerate(SLOTS):
                self._names[role, slot] = self._words(page, x + 11, row)

    def _draw_purchases(self, fig: Figure, page) -> None:
        left, right, top, bottom = 494, 830, 208, 368
        self._words(page, left, 140, "What they buy", weight="bold")
        self._bought = self._words(page, left, 164)
        self._silent = self._words(page, left, 187)
        ax = self._ax = _axes(fig, left, right, top, bottom)
        ax.set(xlim=(0, QUARTERS), ylim=(0, 1))
        ax.axhline(0, color=charts.INK, linewidth=1.5, linestyle="-")
        look = {"facecolor": charts.BLUE, "linewidth": 0, "animated": True}
        self._bars = [
            ax.add_patch(Rectangle((i + 0.1, 0), 0.8, 0, **look)) for i in range(QUARTERS)
        ]
        if self._records.quarters[-1].end_time.normalize() > self._records.day:  # not over yet
            self._bars[-1].set(hatch="//", edgecolor="white")
        self._best, self._last = (self._words(ax, 0, 0) for _ in range(2))
        pixels = (right - left) / QUARTERS
        starts = [i for i, q in enumerate(self._records.quarters) if q.quarter == 1 or not i]
        ends = [*starts[1:], QUARTERS]
        for start, end in zip(starts, ends, strict=True):
            x = left + start * pixels
            page.plot([x, x], [bottom, bottom + 20], color=charts.GREY, linewidth=1, linestyle="-")
            if end - start > 1:
                year = str(self._records.quarters[start].year)
                self._words(page, x + 4, bottom + 12, year)

    def _draw_tickets(self, fig: Figure, page) -> None:
        self._words(page, LEFT, 313, "What bothers them", weight="bold")
        self._words(page, 196, 313, "tickets of 12 months")
        top, step = 325, 21
        ax = _axes(fig, SLOTS[0] - 6, SLOTS[0] + 104, top, top + step * len(KINDS))
        ax.set(xlim=(0, 1), ylim=(len(KINDS) - 0.5, -0.5))
        ax.axvline(0, color=charts.INK, linewidth=1.5, linestyle="-")
        self._bothers, self._counts = [], []
        for i, kind in enumerate(KINDS):
            row = top + step * (i + 0.5)
            self._words(page, LEFT, row, kind)
            look = {"facecolor": charts.VERMILLION, "hatch": "//"}
            if kind == "inquiry":
                look = {"facecolor": charts.GREY}
            bar = Rectangle((0, i - 0.34), 0, 0.68, animated=True, linewidth=0, **look)
            bar.set_edgecolor("white")
            self._bothers.append(ax.add_patch(bar))
            self._counts.append(self._words(page, 0, row))
        self._tickets_left, self._tickets_width = SLOTS[0] - 6, 110

    def _draw_strip(self, fig: Figure, page) -> None:
        left, right, top, bottom = 80, 896, 430, 498
        day, year = self._records.day, self._records.year
        self._words(page, LEFT, 419, "12 months", weight="bold")
        read = "a mark a week, larger for more; hollow: inquiry, call or email only"
        self._words(page, 116, 419, f"to {day:%Y-%m-%d}: {read}")
        ax = _axes(fig, left, right, top, bottom)
        ax.set(xlim=(-year, 1), ylim=(2.5, -0.5))
        ax.spines["bottom"].set_visible(True)
        firsts = pd.date_range(day - pd.Timedelta(days=year - 1), day, freq="MS")
        for first in firsts:
            ago = (first - day).days
            ax.axvline(ago, color=charts.GREY, linewidth=0.8, linestyle="-")
            if ago < -20:
                x = left + (right - left) * (ago + year) / (year + 1)
                self._words(page, x + 4, bottom + 11, MONTHS[first.month - 1])
        self._marks = {}
        for row, (name, (marker, color, full, hollow)) in enumerate(STRIP.items()):
            self._words(page, LEFT, top + 23 * row + 11, name)
            for what, face in ((full, color), (hollow, "white")):
                if what is None:
                    continue
                marks = ax.scatter([], [], marker=marker, linewidths=1.6, animated=True)
                marks.set(facecolor=face, edgecolor=color, label=what, zorder=3)
                self._marks[what] = (row, marks)

    # ---- an account ------------------------------------------------------------------------------

    def update(self, values: dict) -> str:
        records = self._records
        if values["account"] == NOBODY:
            who = "" if values.get("rep", ALL) == ALL else f" with the rep {values['rep']}"
            raise CourseError(f"The list “{values['list']}”{who} is empty: take another list.")
        account = records.account(records.place[values["account"]])
        control = self.controls["account"]
        self._where.set_text(f"{control.index + 1} of {len(control.options)}")
        self._title.set_text(charts.shortened(drawable(account.name, account.id), 36))
        self._facts.set_text(charts.shortened(drawable(" · ".join(_standing(account))), 95))
        self._show_now(account)
        self._show_roles(account)
        self._show_purchases(account)
        self._show_tickets(account)
        self._show_strip(account)
        return told(account)

    def _show_now(self, account: Account) -> None:
        late = account.late is not None and account.late > 0
        self._alarm.set_facecolor(charts.VERMILLION if late or account.warnings else charts.BLUE)
        self._care.set_text(charts.shortened(drawable(_care(account)), 80))
        signs = [SIGNS.get(sign, (sign,))[0] for sign in account.warnings]
        words = f"Warned: {', '.join(signs)}" if signs else "No warning."
        self._warned.set_text(charts.shortened(drawable(words), 92))

    def _show_roles(self, account: Account) -> None:
        spots = {name: [] for name in STANCES}
        for row, role in zip(self._rows, ROLES, strict=True):
            for slot, (words, kind) in enumerate(_slots(account, role)):
                text = self._names[role, slot]
                text.set_text(words)
                nobody = kind == "nobody"
                text.set(
                    color=charts.VERMILLION if nobody else charts.INK,
                    weight="bold" if nobody else "normal",
                )
                text.set_x(SLOTS[slot] + (-6 if kind in ("nobody", "") else 11))
                if kind in spots:
                    spots[kind].append((SLOTS[slot], row))
        for name, marks in self._people.items():
            marks.set_data(*np.array(spots[name], dtype=float).reshape(-1, 2).T)

    def _show_purchases(self, account: Account) -> None:
        yuan = account.quarters
        top = max(yuan.max(), 1.0)
        self._ax.set_ylim(0, 1.16 * top)
        for bar, amount in zip(self._bars, yuan, strict=True):
            bar.set_height(max(amount, 0))
        best, last = int(yuan.argmax()), QUARTERS - 1
        self._last.set(text=charts.yuan(yuan[last]))
        self._last.set_position((QUARTERS + 0.1, max(yuan[last], 0.07 * top)))
        near = best > QUARTERS - 4  # so near the end that the last amount stands right of it
        self._best.set(position=(best + (0.9 if near else 0.1), yuan[best] + 0.08 * top))
        self._best.set_ha("right" if near else "left")
        self._best.set_text(charts.yuan(yuan[best]) if yuan[best] > 0 and best != last else "")
        if account.last_order is None:
            self._bought.set_text("never ordered in our records")
            self._silent.set_text("")
            self._last.set_text("")
            return
        before = f" ({charts.yuan(account.yuan_before)} before)"
        self._bought.set_text(f"{charts.yuan(account.yuan_year)} in 12 months{before}")
        self._silent.set_text(_silence(account))

    def _show_tickets(self, account: Account) -> None:
        scale = 1 / max(10, account.tickets.max())
        for i, (bar, words) in enumerate(zip(self._bothers, self._counts, strict=True)):
            count, still_open = int(account.tickets[i]), int(account.open[i])
            before = int(account.tickets_before[i])
            earlier = f" ({before} before)" if before or count else ""
            bar.set_width(count * scale)
            x = self._tickets_left + self._tickets_width * count * scale + 8
            waits = f", {still_open} open" if still_open else ""
            words.set(text=f"{count}{earlier}{waits}", x=x)
            words.set_weight("bold" if still_open else "normal")

    def _show_strip(self, account: Account) -> None:
        middle = -(7 * np.arange(WEEKS) + 3.5)
        for name, (row, marks) in self._marks.items():
            shown = account.weeks[name]
            there = np.flatnonzero(shown)
            marks.set_offsets(np.column_stack([middle[there], np.full(len(there), row)]))
            marks.set_sizes((0.72 * np.minimum(14, 6 * np.sqrt(shown[there]))) ** 2)


# ---- marks and words -----------------------------------------------------------------------------


def _axes(fig: Figure, left: float, right: float, top: float, bottom: float):
    """An empty field between these pixels, counted from the left and from the top."""
    ax = fig.add_axes(
        (left / WIDTH, 1 - bottom / HEIGHT, (right - left) / WIDTH, (bottom - top) / HEIGHT)
    )
    ax.set(xticks=[], yticks=[], facecolor="none")
    ax.spines[:].set_visible(False)
    return ax


def _mark(marker: str, color: str, filled: bool) -> dict:
    face = color if filled else "white"
    return {"marker": marker, "markersize": 8, "linestyle": "none", "markeredgewidth": 1.8,
            "markerfacecolor": face, "markeredgecolor": color}  # fmt: skip


def _standing(account: Account) -> list[str]:
    """Where they are, what they are to us, and whose they are: what is known of it."""
    parts = [
        account.place,
        account.tier and f"tier {account.tier}",
        account.stage and f"stage {account.stage}",
        _value(account),
        account.rep and f"rep {account.rep}",
    ]
    return [part for part in parts if part]


def _value(account: Account) -> str:
    return "value unknown" if account.value is None else f"{charts.yuan(account.value)} a year"


def _care(account: Account) -> str:
    if account.due is None:
        return "No date of care is set"
    reason = f" ({account.reason})" if account.reason else ""
    if account.late == 0:
        return f"Speak to them today{reason}"
    if account.late > 0:
        return f"Speak to them now: {when(account.late)}, due {account.due:%Y-%m-%d}{reason}"
    return f"Next care by {account.due:%Y-%m-%d}, {when(account.late)}{reason}"


def _silence(account: Account) -> str:
    silent = f"silent {_days(account.silence)}" if account.silence else "ordered today"
    if account.cycle is None:
        return f"{silent}; no cycle to compare"
    cycle = f"its {max(1, round(account.cycle))}-day cycle"
    if not account.silence:
        return f"{silent}; {cycle} begins anew"
    cycles = account.silence / account.cycle
    return f"{silent}: {f'{cycles:.1f}' if cycles < 9.95 else f'{cycles:,.0f}'} × {cycle}"


def _days(number: int) -> str:
    return f"{number:,} day{'s' * (number != 1)}"


def _stance(person: Person) -> str:
    return f"{person.stance:+d}".replace("-", "−").replace("+0", "0")


def _slots(account: Account, role: str) -> list[tuple[str, str]]:
    """What stands in a role's two places: words, and which mark goes before them."""
    here = [
        (f"{charts.shortened(drawable(person.name, person.id), 14)} {_stance(person)}", person.side)
        for person in account.present
        if role in person.roles
    ]
    left = [
        (f"{charts.shortened(drawable(person.name, person.id), 13)} left", "gone")
        for person in account.leavers
        if role in person.roles
    ]
    slots = [*(here or [("nobody", "nobody")]), *left]
    if len(slots) > 2:
        more, gone = len(here[1:]), len(left)
        told = [f"and {more} more"] * (more > 0) + [f"{gone} left"] * (gone > 0)
        slots = [slots[0], (", ".join(told), "" if more else "gone")]
    return [*slots, ("", "")][:2]


def told(account: Account) -> str:
    """The whole file in words, a line for each part of the picture."""
    return "\n".join(
        [_who(account), _now(account), _whom(account), _buys(account), _bothered(account),
         _did(account)]
    )  # fmt: skip


def _who(account: Account) -> str:
    name = " ".join(filter(None, [account.name, account.name_zh]))
    return f"{name} ({account.id}): {', '.join(_standing(account))}."


def _now(account: Account) -> str:
    signs = [f"{sign} ({SIGNS[sign][1]})" if sign in SIGNS else sign for sign in account.warnings]
    return f"{_care(account)}. {f'Warned by {_listed(signs)}' if signs else 'No warning'}."


def _whom(account: Account) -> str:
    people = [
        f"{_named(person)}: {', '.join(person.roles) or 'no role known'}, stance {_stance(person)}"
        for person in account.present
    ]
    nobody = [role for role in ROLES if not any(role in p.roles for p in account.present)]
    gone = [
        f"{_named(person)} ({', '.join(person.roles) or 'no role known'}) on {person.end:%Y-%m-%d}"
        for person in account.leavers
    ]
    nobody_left = "nobody"
    if account.last_known and not gone:
        last = account.last_known
        nobody_left += f"; the last, {_named(last)}, left on {last.end:%Y-%m-%d}"
    return " ".join(
        [
            f"Whom we know: {'; '.join(people) or nobody_left}.",
            f"Nobody is {_listed(nobody, 'or')}." if nobody else "Every role is filled.",
            f"Left within {RECENT} days: {'; '.join(gone)}." if gone else "",
        ]
    ).strip()


def _named(person: Person) -> str:
    title = f", {person.title}" if person.title else ""
    return " ".join(filter(None, [person.name, person.name_zh])) + title


def _buys(account: Account) -> str:
    if account.last_order is None:
        return "What they buy: no order in our records."
    return (
        f"What they buy: {charts.yuan(account.yuan_year)} in 12 months, "
        f"{charts.yuan(account.yuan_before)} in the 12 before, "
        f"{charts.yuan(account.quarters[-1])} in this quarter. Last order "
        f"{account.last_order:%Y-%m-%d}: {_silence(account)}."
    )


def _bothered(account: Account) -> str:
    counts = [
        _counted(n, PLURALS[kind], kind)
        for n, kind in zip(account.tickets, KINDS, strict=True)
        if n
    ]
    still_open = int(account.open.sum())
    waits = f"Still open: {still_open}, the oldest for {account.oldest} days." if still_open else ""
    return (
        f"What bothers them: {', '.join(counts) or 'no ticket'} in 12 months. "
        f"{waits or 'None is open.'}"
    )


def _did(account: Account) -> str:
    counts = [
        _counted(n, f"{channel}s", channel)
        for n, channel in zip(account.touches, CHANNELS, strict=True)
        if n
    ]
    if account.since is None:
        return "What we did: nobody has ever spoken to them."
    last = f"the last {_days(account.since)} ago" if account.since else "the last today"
    notes = f" Notes: {'; '.join(account.notes)}." if account.notes else ""
    return f"What we did: {', '.join(counts) or 'nothing'} in 12 months, {last}.{notes}"


def _counted(number: int, many: str, one: str) -> str:
    return f"{number:,.0f} {one if number == 1 else many}"


def _listed(parts: list[str], word: str = "and") -> str:
    return f" {word} ".join([*([", ".join(parts[:-1])] if parts[1:] else []), *parts[-1:]])
