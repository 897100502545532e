"""Chapter 05: whom to write to? What a mailing brought because of itself, by rule and by depth."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers import charts
from helpers.data import CourseError
from helpers.panels.base import Panel, choice, percent_slider, slider

DEPTHS = np.arange(1, 101)  # percent of the members who are written to
WIDE = 1.96  # standard errors to either side: 95 of 100 such trials lie within


class Trial:
    """Members from the first to the last by one rule: what mailing the first q % brought.

    Half of them, drawn by lot, were mailed. Members that the rule does not tell apart stand in an
    order drawn by lot, the same each time.
    """

    def __init__(self, members: pd.DataFrame, rule: str):
        shuffled = np.random.default_rng(0).permutation(len(members))
        rank = members[rule].to_numpy(dtype=float)[shuffled]
        order = shuffled[np.argsort(-rank, kind="stable")]
        mailed = members["mailed"].to_numpy(dtype=bool)[order]
        margin = members["margin"].to_numpy(dtype=float)[order]
        taken = np.round(DEPTHS / 100 * len(members)).astype(int)
        arms = [self._arm(arm, margin, taken) for arm in (mailed, ~mailed)]
        (self.with_letter, spread, count), (self.without, other_spread, other_count) = arms
        self.known = (count >= 2) & (other_count >= 2)  # below that there is no comparison
        self.extra = self.with_letter - self.without
        self.error = np.sqrt(
            spread / np.maximum(count, 1) + other_spread / np.maximum(other_count, 1)
        )

    @staticmethod
    def _arm(arm: np.ndarray, margin: np.ndarray, taken: np.ndarray) -> tuple:
        """The mean, the variance and the number of one arm among the first `taken` members."""
        sums = np.vstack([arm, arm * margin, arm * margin**2]).cumsum(axis=1)
        count, total, squares = np.hstack([np.zeros((3, 1)), sums])[:, taken]
        mean = total / np.maximum(count, 1)
        variance = (squares - count * mean**2) / np.maximum(count - 1, 1)
        return mean, np.maximum(variance, 0), count

    def profit(self, letter_cost: float, extra: np.ndarray | None = None) -> np.ndarray:
        """Yuan per 1,000 members at each depth: ten letters a percent."""
        extra = self.extra if extra is None else extra
        return np.where(self.known, 10 * DEPTHS * (extra - letter_cost), np.nan)


def campaign(members: pd.DataFrame, *, letter_cost: float, rules: Sequence[str], **hooks) -> Panel:
    """A panel that shows what a mailing earns when it goes to the first so many percent by a rule.

    `members` has one row per member of a mailing's randomised part: mailed (True or False, drawn
    by lot), margin (yuan in the weeks after the date), and a column for each of `rules`, by which
    members are ranked, highest first. `letter_cost` in yuan. Controls: "rule", "share" (whole
    percent written to), "cost" (yuan a letter). `hooks` are `state` and `on_commit` of Panel.
    """
    return Campaign(
        members,
        letter_cost=letter_cost,
        rules=[rules] if isinstance(rules, str) else list(rules),
        **hooks,
    )


class Campaign(Panel):
    """See `campaign`."""

    def __init__(self, members, *, letter_cost: float, rules: list[str], **hooks):
        if not rules:
            raise CourseError("campaign needs at least one rule: the name of a column to rank by.")
        if not (pd.api.types.is_number(letter_cost) and 0 <= letter_cost < np.inf):
            raise CourseError(f"letter_cost is an amount in yuan, and {letter_cost!r} is not.")
        self._members, self._rules = members, rules
        costs = sorted({*range(0, 21), letter_cost})
        super().__init__(
            {
                "rule": choice("first come", rules, rules[0]),
                "share": percent_slider("write to", 30, low=1),
                "cost": slider("letter cost", {f"{c:g} yuan": c for c in costs}, letter_cost),
            },
            caption="Solid line: profit per 1,000 members, by the share of them written to, ranked "
            "by the rule; grey band: where it may lie; dashed line: as many members drawn by lot.",
            height=400,
            **hooks,
        )

    def draw(self, fig: Figure) -> None:
        members = _checked(self._members, self._rules)
        self._trials = {rule: Trial(members, rule) for rule in self._rules}
        costs = [cost for _, cost in self.controls["cost"].options]
        edges = [
            trial.profit(cost, trial.extra + side * WIDE * trial.error)[9:]
            for trial in self._trials.values()
            for side in (-1, 1)
            for cost in (costs[0], costs[-1])
        ]
        if not np.isfinite(edges).any():
            raise CourseError("One half of the trial holds nobody: there is nothing to compare.")
        low, high = min(0, np.nanmin(edges)), max(0, np.nanmax(edges))
        ax = fig.add_axes((0.17, 0.2, 0.8, 0.56))
        ax.set(xlim=(0, 101), ylim=(low, high), xlabel="share of the members written to (%)")
        ax.set_ylabel("yuan per 1,000")
        ax.locator_params(axis="y", nbins=5)
        ax.yaxis.set_major_formatter(lambda amount, _: f"{amount:,.0f}".replace("-", "−"))
        self._band = ax.fill_between(DEPTHS, 0, 0, color="#D9D9D9", linewidth=0)
        zero = ax.axhline(0, color=charts.INK, linewidth=1, linestyle="-")
        (self._lot,) = ax.plot(DEPTHS, 0 * DEPTHS, color=charts.GREY, linestyle="--", linewidth=2)
        (self._curve,) = ax.plot(DEPTHS, 0 * DEPTHS, color=charts.BLUE, linestyle="-")
        (self._mark,) = ax.plot([30, 30], [low, high], color=charts.INK, linewidth=1, linestyle=":")
        (self._dot,) = ax.plot([30], [0], "o", color=charts.VERMILLION, markersize=12)
        self._title = fig.text(0.005, 0.97, "", va="top", weight="bold", size=19)
        names = {"by the rule": self._curve, "may lie here": self._band, "by lot": self._lot}
        look = {"ncols": 3, "borderpad": 0, "columnspacing": 1.4, "handlelength": 1.6}
        ax.legend(names.values(), names, loc="lower left", bbox_to_anchor=(-0.02, 1.02), **look)
        for artist in (self._band, zero, self._lot, self._curve, self._mark, self._dot):
            artist.set_animated(True)
        self._title.set_animated(True)

    def update(self, values: dict) -> str:
        trial, at, cost = self._trials[values["rule"]], values["share"] - 1, values["cost"]
        if not trial.known[at]:
            raise CourseError(
                f"Among the first {values['share']} % by {values['rule']} one half of the trial "
                "holds fewer than two members: write to more."
            )
        profit = trial.profit(cost)
        reach = WIDE * trial.error
        low, high = trial.profit(cost, trial.extra - reach), trial.profit(cost, trial.extra + reach)
        known = np.flatnonzero(trial.known)
        outline = np.concatenate(
            [
                np.column_stack([DEPTHS[known], low[known]]),
                np.column_stack([DEPTHS[known], high[known]])[::-1],
            ]
        )
        self._band.set_verts([outline])
        self._curve.set_ydata(profit)
        self._lot.set_ydata(10 * DEPTHS * (trial.extra[-1] - cost))
        self._mark.set_xdata([values["share"]] * 2)
        self._dot.set_data([values["share"]], [profit[at]])
        by_lot = self._lot.get_ydata()[at]
        rule = charts.shortened(values["rule"], 24)
        verb = "earn" if profit[at] >= 0 else "lose"
        amount = charts.yuan(abs(profit[at]))
        self._title.set_text(f"The first {values['share']} % by {rule} {verb} {amount}")
        sure = abs(trial.extra[at]) > reach[at]
        return (
            f"Writing to the first {values['share']} % by {values['rule']}: each letter adds "
            f"{_signed(trial.extra[at])} yuan of margin, give or take {reach[at]:.1f}"
            f"{'' if sure else ' (so it may be nothing)'}, and costs {cost:g}; per 1,000 members "
            f"the mailing {_earns(profit[at])}; to as many drawn by lot it {_earns(by_lot)}. "
            f"Those written to brought {trial.with_letter[at]:.0f} yuan each, those like them "
            f"without a letter {trial.without[at]:.0f}."
        )


def _earns(amount: float) -> str:
    return f"{'earns' if amount >= 0 else 'loses'} {abs(amount):,.0f} yuan"


def _signed(amount: float) -> str:
    return f"{amount:+.1f}".replace("-", "−")


def _checked(members: pd.DataFrame, rules: list[str]) -> pd.DataFrame:
    """Return the members; raise CourseError when no trial can be read from them."""
    missing = [name for name in ["mailed", "margin", *rules] if name not in members.columns]
    if missing:
        raise CourseError(f"campaign needs the column {missing[0]!r}: add it to the members.")
    if members.empty:
        raise CourseError("There is no member in this trial: check your filter.")
    for name in ["margin", *rules]:
        if not pd.api.types.is_numeric_dtype(members[name]):
            raise CourseError(f"The column {name!r} must hold numbers.")
    if members[["mailed", "margin", *rules]].isna().any(axis=None):
        raise CourseError(
            "Some of mailed, margin or the rules are missing: who never bought needs a rank too."
        )
    if not np.isfinite(members["margin"].to_numpy(dtype=float)).all():
        raise CourseError("Some margin is infinite: mend it first.")
    if not members["mailed"].isin([True, False]).all():
        raise CourseError("mailed must be True or False for every member.")
    arms = members["mailed"].astype(bool).sum()
    if min(arms, len(members) - arms) < 2:
        raise CourseError(
            "One half of the trial holds fewer than two members: there is nothing to compare."
        )
    return members
