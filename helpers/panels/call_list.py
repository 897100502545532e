"""Chapter 10: whom to call, and how many? Calls, saves, waste and profit by rule."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers import charts
from helpers.data import CourseError
from helpers.panels.base import Panel, choice, percent_slider, slider

COSTS = [0, 20, 50, 100, 150, *range(200, 1001, 100), 1200, 1500, 2000, 3000, 5000]  # yuan a call


class Ranking:
    """Customers from the highest score down: leavers, and yuan at stake, among the first k.

    Customers whom the rule does not tell apart share what they hold: what one may expect of them in
    any order, so no order of the file decides.
    """

    def __init__(self, score: np.ndarray, lost: np.ndarray, value: np.ndarray):
        _, group = np.unique(-score, return_inverse=True)
        sizes = np.bincount(group)

        def first(amount: np.ndarray) -> np.ndarray:
            mean = np.bincount(group, amount) / sizes
            return np.concatenate([[0.0], np.repeat(mean, sizes).cumsum()])

        self.leavers, self.at_stake = first(lost.astype(float)), first(lost * value)

    def profit(self, call_cost: float, save_rate: float) -> np.ndarray:
        """Yuan that calling the first 0, 1, 2, … brings: margin kept less what the calls cost."""
        return save_rate * self.at_stake - call_cost * np.arange(len(self.at_stake))


def call_list(
    scored: pd.DataFrame,
    *,
    rules: Sequence[str],
    call_cost: float,
    save_rate: float,
    value_col: str = "value",
    capacity: int | None = None,
    **hooks,
) -> Panel:
    """A panel that shows what calling the first so many customers by a rule would have brought.

    `scored` has one row per customer of a month whose end is known: a column for each of `rules`
    (customers are called from the highest score down), lost (True: left in the time after), and
    `value_col` (yuan of margin kept if that customer is saved). `call_cost` in yuan; `save_rate`,
    the share of leavers whom a call saves (0 to 1). `capacity`: the calls that the team can make.
    Controls: "rule", "calls" (0 to all), "cost" (yuan a call), "save" (whole percent). `hooks` are
    `state` and `on_commit` of Panel.
    """
    return CallList(
        scored,
        rules=[rules] if isinstance(rules, str) else list(rules),
        call_cost=call_cost,
        save_rate=save_rate,
        value_col=value_col,
        capacity=capacity,
        **hooks,
    )


class CallList(Panel):
    """See `call_list`."""

    def __init__(self, scored, *, rules, call_cost, save_rate, value_col, capacity, **hooks):
        if not rules:
            raise CourseError("call_list needs at least one rule: the name of a column of scores.")
        if not (pd.api.types.is_number(call_cost) and 0 <= call_cost < np.inf):
            raise CourseError(f"call_cost is an amount in yuan, and {call_cost!r} is not.")
        if not (pd.api.types.is_number(save_rate) and 0 <= save_rate <= 1):
            raise CourseError(f"save_rate is a share from 0 to 1, and {save_rate!r} is not.")
        n = len(scored) if isinstance(scored, pd.DataFrame) else 0
        if capacity is not None and not (pd.api.types.is_number(capacity) and capacity >= 0):
            raise CourseError(f"capacity is a number of calls, and {capacity!r} is not.")
        self._scored, self._rules, self._value_col = scored, rules, value_col
        self._capacity = None if capacity is None else min(int(capacity), n)
        costs = sorted({*COSTS, call_cost})
        start = min(n, 30) if self._capacity is None else self._capacity
        super().__init__(
            {
                "rule": choice("first come", rules, rules[0]),
                "calls": slider("calls", {f"{k}": k for k in range(n + 1)}, start),
                "cost": slider("a call costs", {f"{c:,g} yuan": c for c in costs}, call_cost),
                "save": percent_slider("saves", round(100 * save_rate)),
            },
            caption="Solid line: profit by the number of customers called, from the highest score "
            "of the rule down; faint lines: the other rules; dashed line: as many drawn by lot; "
            "the upright line is what the team can call.",
            height=400,
            **hooks,
        )

    def draw(self, fig: Figure) -> None:
        scored = _checked(self._scored, self._rules, self._value_col)
        lost = scored["lost"].to_numpy(dtype=bool)
        value = scored[self._value_col].to_numpy(dtype=float)
        self._rankings = {
            rule: Ranking(scored[rule].to_numpy(dtype=float), lost, value) for rule in self._rules
        }
        self._lot = Ranking(np.zeros(len(scored)), lost, value)
        self._n = len(scored)
        k = np.arange(self._n + 1)
        ax = self._ax = fig.add_axes((0.175, 0.2, 0.795, 0.56))
        ax.set(xlim=(0, self._n), xlabel="customers called")
        ax.set_ylabel("yuan")
        ax.yaxis.set_label_coords(-0.165, 0.5)
        ax.locator_params(axis="y", nbins=5)
        ax.yaxis.set_major_formatter(lambda amount, _: f"{amount:,.0f}".replace("-", "−"))
        zero = ax.axhline(0, color=charts.INK, linewidth=1, linestyle="-")
        faint = {"color": charts.BLUE, "linewidth": 1.5, "linestyle": "-", "alpha": 0.4}
        self._others = {rule: ax.plot(k, 0 * k, **faint)[0] for rule in self._rules}
        (self._by_lot,) = ax.plot(k, 0 * k, color=charts.GREY, linestyle="--", linewidth=2)
        (self._curve,) = ax.plot(k, 0 * k, color=charts.BLUE, linestyle="-")
        (self._dot,) = ax.plot([0], [0], "o", color=charts.VERMILLION, markersize=12)
        (self._best,) = ax.plot([0], [0], "D", color=charts.INK, markersize=10, fillstyle="none")
        self._best.set(markeredgewidth=2, clip_on=False)
        moving = [ax.yaxis, zero, *self._others.values(), self._by_lot, self._curve]
        names = {"by the rule": self._curve, "best number": self._best, "by lot": self._by_lot}
        if len(self._rules) > 1:
            names["other rules"] = next(iter(self._others.values()))
        if self._capacity is not None:
            limit = ax.axvline(self._capacity, color=charts.INK, linewidth=1.5, linestyle=":")
            names["team's limit"] = limit
        look = {"ncols": 5, "borderpad": 0, "columnspacing": 1.1, "handlelength": 1.3}
        look |= {"handletextpad": 0.4, "fontsize": 16}
        ax.legend(names.values(), names, loc="lower left", bbox_to_anchor=(-0.2, 1.02), **look)
        self._title = fig.text(0.005, 0.97, "", va="top", weight="bold", size=19)
        for artist in (*moving, self._best, self._dot, self._title):
            artist.set_animated(True)

    def update(self, values: dict) -> str:
        rule, calls = values["rule"], values["calls"]
        cost, save = values["cost"], values["save"] / 100
        profits = {name: each.profit(cost, save) for name, each in self._rankings.items()}
        profit, by_lot = profits[rule], self._lot.profit(cost, save)
        edges = np.concatenate([*profits.values(), by_lot])
        low, high = min(0.0, edges.min()), max(0.0, edges.max())
        room = 0.05 * (high - low) or 1.0
        self._ax.set_ylim(low - room, high + room)
        for name, line in self._others.items():
            line.set_ydata(profits[name])
            line.set_visible(name != rule)
        self._curve.set_ydata(profit)
        self._by_lot.set_ydata(by_lot)
        best = int(profit.argmax())
        self._best.set_data([best], [profit[best]])
        self._dot.set_data([calls], [profit[calls]])
        leavers = self._rankings[rule].leavers[calls]
        verb = "earn" if profit[calls] >= 0 else "lose"
        amount = charts.yuan(abs(profit[calls]))
        self._title.set_text(f"{calls} calls by {charts.shortened(rule, 24)} {verb} {amount}")
        return (
            f"Calling {calls} of {self._n} customers, first those with the highest {rule}: "
            f"{leavers:.0f} would leave (by lot: {self._lot.leavers[calls]:.0f}), a call saves "
            f"{save * leavers:.1f} of them, {calls - leavers:.0f} calls go to customers who stay "
            f"anyway. Profit: {_yuan(profit[calls])} (by lot: {_yuan(by_lot[calls])}). "
            f"{self._advice(best, profit)}"
        )

    def _advice(self, best: int, profit: np.ndarray) -> str:
        if best == 0:
            return "By this rule not even the first call pays: call nobody."
        beyond = self._capacity is not None and best > self._capacity
        return (
            f"Most is earned with {best} calls: {_yuan(profit[best])}"
            f"{', more than the team can make' if beyond else ''}."
        )


def _yuan(amount: float) -> str:
    return f"{amount:,.0f} yuan".replace("-", "−")


def _checked(scored: pd.DataFrame, rules: list[str], value_col: str) -> pd.DataFrame:
    """Return the customers; raise CourseError when no list can be judged by them."""
    if not isinstance(scored, pd.DataFrame):
        raise CourseError("scored is a table with one row per customer.")
    missing = [name for name in ["lost", value_col, *rules] if name not in scored.columns]
    if missing:
        raise CourseError(f"call_list needs the column {missing[0]!r}: add it to the customers.")
    if scored.empty:
        raise CourseError("There is no customer to call: check your filter.")
    for name in [value_col, *rules]:
        if not pd.api.types.is_numeric_dtype(scored[name]):
            raise CourseError(f"The column {name!r} must hold numbers.")
    if scored[["lost", value_col, *rules]].isna().any(axis=None):
        raise CourseError(
            "Some of lost, value or the scores are missing: take a month whose end is known."
        )
    if not scored["lost"].isin([True, False]).all():
        raise CourseError("lost must be True or False for every customer.")
    numbers = scored[[value_col, *rules]].to_numpy(dtype=float)
    if not np.isfinite(numbers).all():
        raise CourseError("Some value or score is infinite: mend it first.")
    return scored
