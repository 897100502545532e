"""Chapter 08: stages of the customers' life: mend one move between them, and see five years of it.

A period is a quarter. The next stage is taken to depend on the present one alone (a Markov chain).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers import charts, lifecycle
from helpers.data import CourseError
from helpers.panels.base import Panel, choice, round_steps, slider

PERIODS = 20  # quarters: five years
MOST_POINTS = 20
STATES = 7  # as many as the controls and the picture have room for
LOW = -0.4  # how far below 0 the picture of the yuan reaches; its largest amount is at 1
NAME = 12  # characters of a state's name that the title has room for
WIDTH, HEIGHT = 900, 400


def stage_moves(
    rates: pd.DataFrame,
    *,
    start: pd.Series | Mapping[str, float],
    entering: pd.Series | Mapping[str, float],
    value: pd.Series | Mapping[str, float],
    costs: pd.Series | Mapping[str, float] | None = None,
    **hooks,
) -> Panel:
    """A panel that mends one move between stages, and shows what it changes in 20 quarters.

    `rates`: square of shares, from (rows) × to (columns), as `lifecycle.matrix` gives it; `start`:
    customers by state today; `entering`: new ones in every quarter, by state; `value`: yuan that a
    customer brings in a quarter whose end finds them in that state, one for each state. `costs`:
    yuan a quarter at which "cost" stands when that state is chosen in "from" (0 where it says
    nothing).

    Controls: "from" and "to", "points" (0 to 20), "cost" (yuan a quarter, whatever the points).
    What is taken from what: of the customers in "from", so many percent no longer move to the worst
    state (that of the least value, the later one of equals: here "gone") but to "to"; never more
    than do move there. From the worst state itself they are taken from those who stay in it: that
    is winning back. Yuan are those of the quarters 1 to 20, not discounted. `hooks` are `state` and
    `on_commit` of Panel. Raises CourseError for rates that are none, for unknown states and for
    amounts that are missing or below 0.
    """
    base = Base(rates, start=start, entering=entering, value=value)
    given = _amounts({} if costs is None else costs, base.states, "costs")
    return StageMoves(base, costs=given, **hooks)


class Base:
    """The customers by state, how they move, and what they bring."""

    def __init__(self, rates, *, start, entering, value):
        if not isinstance(rates, pd.DataFrame) or not 2 <= len(rates) <= STATES:
            raise CourseError(f"rates is a square table of 2 to {STATES} states: rows from, to.")
        self.states = [str(name) for name in rates.index]
        self.rates = rates.set_axis(self.states).set_axis(rates.columns.astype(str), axis=1)
        self.start = _amounts(start, self.states, "start")
        self.entering = _amounts(entering, self.states, "entering")
        missing = [name for name in self.states if name not in pd.Series(value, dtype=float).index]
        if missing:
            raise CourseError(f"value says nothing of {missing[0]!r}: yuan a quarter, 0 if none.")
        self.value = _amounts(value, self.states, "value")
        yuan = self.value.to_numpy()
        self.worst = self.states[len(yuan) - 1 - int(yuan[::-1].argmin())]
        self._square = self.rates.to_numpy(dtype=float)
        lifecycle.project(self.start, self.rates, periods=1)  # refuses rates that are none
        self.usual = self.after(self._square)

    def mended(self, here: str, there: str, points: float) -> tuple[np.ndarray, float]:
        """The rates when so many points go `there` instead of to the worst state; what was taken.

        The share taken is at most what the row has there.
        """
        row, worst = self.states.index(here), self.states.index(self.worst)
        share = min(points / 100, self._square[row, worst])
        rates = self._square.copy()
        rates[row, worst] -= share
        rates[row, self.states.index(there)] += share
        return rates, float(share)

    def after(self, rates: np.ndarray) -> np.ndarray:
        """What `lifecycle.project` gives, without its checks: it is asked six times a redraw."""
        come, rows = self.entering.to_numpy(), [self.start.to_numpy()]
        for _ in range(PERIODS):
            rows.append(rows[-1] @ rates + come)
        return np.array(rows)

    def gained(self, customers: np.ndarray) -> np.ndarray:
        """Yuan gained against the usual course, added up quarter by quarter from 0."""
        return ((customers - self.usual) @ self.value.to_numpy()).cumsum().round(6)


class StageMoves(Panel):
    """See `stage_moves`."""

    def __init__(self, base: Base, *, costs: pd.Series, **hooks):
        self._base, self._costs = base, costs
        better = [name for name in base.states if name != base.worst]
        leaving = base.rates.loc[better, base.worst]
        first = leaving.idxmax()
        begins = (hooks.get("state") or {}).get("from", first)
        ten = [base.gained(base.after(base.mended(each, each, 10)[0]))[-1] for each in better]
        amounts = round_steps(max(1.0, *ten, costs.max() * PERIODS) / PERIODS, 0.0, *costs)
        super().__init__(
            {
                "from": choice("of those", base.states, first),
                "to": choice("send to", better, first),
                "points": slider("so many", {f"{p} of 100": p for p in range(MOST_POINTS + 1)}, 5),
                "cost": slider(
                    "cost", {f"¥{amount:,.12g}": amount for amount in amounts}, costs[begins]
                ),
            },
            caption="Left, customers by stage over five years, thin as things are, thick with the "
            "change; right, yuan that the change brings (solid) and costs (dashed), added up.",
            width=WIDTH,
            height=HEIGHT,
            **hooks,
        )

    def settle(self, name: str) -> None:
        if name == "from":
            self.controls["cost"].value = self._costs[self.values["from"]]

    def draw(self, fig: Figure) -> None:
        base = self._base
        self._shown = [n for n, name in enumerate(base.states) if name != base.worst]
        most = max(
            base.after(base.mended(name, name, MOST_POINTS)[0])[:, self._shown].max()
            for name in base.states
            if name != base.worst
        )
        self._top = 1.12 * most or 1.0
        ax = fig.add_axes((0.09, 0.16, 0.315, 0.6))
        ax.set(xlim=(0, PERIODS), ylim=(0, self._top))
        _years(ax)
        ax.locator_params(axis="y", nbins=4)
        ax.yaxis.set_major_formatter(_short)
        fig.text(0.005, 0.795, "customers by stage", va="bottom")
        self._before, self._after, self._names = [], [], []
        for place, n in enumerate(self._shown):
            color, dashes = charts.LINE_STYLES[place % len(charts.LINE_STYLES)]
            look = {"color": color, "linestyle": dashes}
            quarters = np.arange(PERIODS + 1)
            usual = ax.plot(quarters, base.usual[:, n], linewidth=1.2, **look)[0]
            name = base.states[n]
            after = ax.plot(quarters, base.usual[:, n], linewidth=3.5, label=name, **look)[0]
            words = ax.text(PERIODS + 0.5, 0, "", color=color, va="center", weight="bold")
            self._before.append(usual)
            self._after.append(after)
            self._names.append(words)
        money = fig.add_axes((0.655, 0.16, 0.215, 0.6))
        money.set(xlim=(0, PERIODS), ylim=(LOW, 1.1), yticks=[0])
        _years(money)
        fig.text(0.625, 0.795, "yuan, added up", va="bottom")
        money.axhline(0, color=charts.INK, linewidth=1, linestyle="-")
        flat = np.zeros(PERIODS + 1)
        (self._gain,) = money.plot(flat, color=charts.BLUE, linestyle="-", label="brings")
        (self._spent,) = money.plot(flat, color=charts.VERMILLION, linestyle="--", label="costs")
        self._gain_text = money.text(PERIODS + 0.5, 0, "", color=charts.BLUE, va="center")
        self._cost_text = money.text(PERIODS + 0.5, 0, "", color=charts.VERMILLION, va="center")
        self._title = fig.text(0.005, 0.97, "", va="top", weight="bold", size=19)
        moving = [*self._after, *self._names, self._gain, self._spent, self._title]
        for artist in (*moving, self._gain_text, self._cost_text):
            artist.set_animated(True)

    def update(self, values: dict) -> str:
        base, here, there = self._base, values["from"], values["to"]
        rates, share = base.mended(here, there, values["points"])
        customers = base.after(rates)
        gain = base.gained(customers)
        spent = values["cost"] * np.arange(PERIODS + 1.0)
        self._show_customers(customers)
        self._show_money(gain, spent)
        net = gain[-1] - spent[-1]
        points = f"{100 * share:.3g}"
        begin, end = charts.shortened(here, NAME), charts.shortened(there, NAME)
        way = f"kept in {begin}" if here == there else f"from {begin} to {end}"
        self._title.set_text(f"{points} of 100 {way}: {_signed(net)} in five years")
        moved = share * customers[:-1, base.states.index(here)].mean()
        more = (customers - base.usual)[-1, self._shown].sum()
        usual = f"stay {base.worst}" if here == base.worst else f"would be {base.worst}"
        capped = "" if 100 * share > values["points"] - 1e-9 else ", all that there are"
        if not share:
            return f"Nobody of {here} is sent elsewhere: all goes on as it is. {self._best(values)}"
        return (
            f"In each quarter {points} of 100 in {here} who {usual} go to {there} "
            f"instead{capped}: {moved:,.1f} customers. In five years {more:,.0f} more are not "
            f"{base.worst}. That brings {charts.yuan(gain[-1])}, {_each(gain[-1], moved)}"
            f"and costs {charts.yuan(spent[-1])}. It pays up to "
            f"{charts.yuan(max(gain[-1], 0) / PERIODS)} a quarter. {self._best(values)}"
        )

    def _best(self, values: dict) -> str:
        """Which state's change gains most with the same points and the same goal."""
        base, points = self._base, values["points"] or 1
        gains = {
            name: base.gained(base.after(base.mended(name, values["to"], points)[0]))[-1]
            for name in base.states
        }
        best = max(gains, key=gains.get)
        return (
            f"For {points} of 100 sent to {values['to']}, most comes from {best}: "
            f"{charts.yuan(gains[best])}, cost aside."
        )

    def _show_customers(self, customers: np.ndarray) -> None:
        ends = customers[-1, self._shown]
        heights = _apart(np.minimum(ends, self._top) / self._top, 0.105) * self._top
        for line, words, n, end, height in zip(
            self._after, self._names, self._shown, ends, heights, strict=True
        ):
            line.set_ydata(customers[:, n])
            name = charts.shortened(self._base.states[n], NAME)
            words.set(text=f"{_count(end)} {name}", y=height)

    def _show_money(self, gain: np.ndarray, spent: np.ndarray) -> None:
        scale = max(np.abs(gain).max(), spent.max(), 1.0)
        self._gain.set_ydata(gain / scale)
        self._spent.set_ydata(spent / scale)
        ends = np.clip(np.array([gain[-1], spent[-1]]) / scale, LOW, 1.1)
        high = _apart((ends - LOW) / (1.1 - LOW), 0.12) * (1.1 - LOW) + LOW
        self._gain_text.set(text=charts.yuan(gain[-1]), y=high[0])
        self._cost_text.set(text=charts.yuan(spent[-1]), y=high[1])


def _years(ax) -> None:
    ax.set_xticks([0, 8, PERIODS], ["today", "2", "5 years"])
    ax.get_xticklabels()[-1].set_ha("right")


def _short(number: float, _=None) -> str:
    if number >= 10_000:
        return f"{number / 1e6:g} m" if number >= 1e6 else f"{number / 1e3:g} k"
    return f"{number:,.0f}"


def _count(customers: float) -> str:
    return f"{customers:,.0f}" if customers < 99_999.5 else f"{customers / 1e3:,.0f} k"


def _signed(amount: float) -> str:
    return f"{'+' if amount >= 0 else ''}{charts.yuan(amount)}"


def _each(gain: float, moved: float) -> str:
    """What one customer who is moved brings within the five years."""
    if not moved:
        return ""
    return f"{charts.yuan(gain / (moved * PERIODS))} for each of them, "


def _apart(heights: np.ndarray, step: float) -> np.ndarray:
    """Heights from 0 to 1 moved apart by at least a step, in their order, within 0 and 1."""
    order, placed = np.argsort(heights, kind="stable"), np.empty(len(heights))
    floor = 0.0
    for n in order:
        placed[n] = floor = max(heights[n], floor)
        floor += step
    ceiling = 1.0
    for n in order[::-1]:
        placed[n] = ceiling = min(placed[n], ceiling)
        ceiling -= step
    return placed


def _amounts(given, states: list[str], name: str) -> pd.Series:
    """Amounts from 0 by state, 0 where nothing is said; raise CourseError when they are none."""
    if not isinstance(given, (pd.Series, Mapping)):
        raise CourseError(f"{name} is a Series: one number for each state.")
    amounts = pd.Series(given)
    amounts = pd.to_numeric(amounts.set_axis(amounts.index.astype(str)), errors="coerce")
    unknown = sorted(set(amounts.index) - set(states))
    if unknown:
        raise CourseError(f"{name} speaks of {unknown[0]!r}, a state that rates does not know.")
    if amounts.index.has_duplicates:
        raise CourseError(f"{name} names a state twice: one number for each.")
    if not (np.isfinite(amounts.astype(float)).all() and (amounts >= 0).all()):
        raise CourseError(f"{name} holds numbers from 0, and some are missing or below.")
    return amounts.astype(float).reindex(states).fillna(0.0)
