"""Chapter 09: what one customer is worth, and where a slogan about keeping customers is true.

The margin comes at the start of each year, the first one now, as in `lifecycle.constant_value`.
Profit per customer is the value less the cost to win one: it is what the slogans speak of.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from contourpy import contour_generator
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from helpers import charts
from helpers.data import CourseError
from helpers.panels.base import Panel, choice, slider

YEARS = 10
MOST_DISCOUNT = 30  # percent a year: the top of the map
LEAST_RETENTION = 40  # percent: the left end of the map, unless the customer's is lower
COLUMNS, ROWS = 120, 60  # cells of the map
NOWHERE = np.array(to_rgb("#D9D9D9"))  # where the slogan asks for more than all
LOSING = np.array(to_rgb("#F3C9B2"))  # where a customer does not bring what winning it cost


@dataclass(frozen=True)
class Slogan:
    """What a slogan does to retention (shares), and the rises of profit that are claimed."""

    apply: Callable
    claims: tuple[float, ...]


SLOGANS = {
    "5 points less churn": Slogan(lambda retention: retention + 0.05, (0.30, 0.85)),
    "5 % less churn": Slogan(lambda retention: 1 - 0.95 * (1 - retention), (0.30, 0.85)),
    "20 % more loyalty": Slogan(lambda retention: 1.2 * retention, (0.80,)),
}
"""The courseware's T2 (car service +30 % … banking +85 %), read in two ways, and T4 (+80 %), for
which "loyalty up" is read as retention times 1.2: the reading is ours."""


def lifetime_value(
    *, margin: float, retention: float, discount_rate: float, acquisition_cost: float, **hooks
) -> Panel:
    """What a customer is worth, when winning one is paid back, and where a slogan holds.

    `margin`: yuan a year; `retention`: share who stay for another year, 0 to below 1;
    `discount_rate`: share a year, 0 to 0.3; `acquisition_cost`: yuan to win one.

    Controls: "margin" (yuan a year), "retention" and "discount" (percent), "cost" (yuan to win
    one), "slogan" (one of SLOGANS). `hooks` are `state` and `on_commit` of Panel. Raises
    CourseError for amounts and shares outside these ranges.
    """
    ranges = {
        "margin": (margin, 0, np.inf, "yuan a year, above 0"),
        "retention": (retention, -1e-12, 1, "a share from 0 to below 1"),
        "discount_rate": (discount_rate, -1e-12, MOST_DISCOUNT / 100 + 1e-9, "from 0 to 0.3"),
        "acquisition_cost": (acquisition_cost, -1e-12, np.inf, "yuan, 0 or more"),
    }
    for name, (value, above, below, wanted) in ranges.items():
        if not (pd.api.types.is_number(value) and above < value < below):
            raise CourseError(f"{name} is {wanted}, and {value!r} is not.")
    return LifetimeValue(
        float(margin), float(retention), float(discount_rate), float(acquisition_cost), **hooks
    )


def value(margin, retention, discount_rate) -> np.ndarray:
    """Present value in yuan of a margin a year while the customer stays; infinite without end."""
    rest = 1 + np.asarray(discount_rate, dtype=float) - np.asarray(retention, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(rest > 1e-12, margin * (1 + discount_rate) / rest, np.inf)


def rise(slogan: Slogan, margin, retention, discount_rate, cost) -> np.ndarray:
    """By what share the slogan raises the profit per customer.

    NaN where there is no profit to raise, infinity where it asks for more than all to stay (which
    cannot be) or nothing would end the value.
    """
    kept = slogan.apply(np.asarray(retention, dtype=float))
    before = value(margin, retention, discount_rate) - cost
    after = value(margin, np.minimum(kept, 1), discount_rate) - cost
    with np.errstate(divide="ignore", invalid="ignore"):
        grown = np.where(before > 0, after / before - 1, np.nan)
    return np.where(kept > 1 + 1e-12, np.inf, grown)


class LifetimeValue(Panel):
    """See `lifetime_value`."""

    def __init__(
        self, margin: float, retention: float, discount: float, cost: float, **hooks
    ) -> None:
        state = hooks.get("state") or {}
        stay, rate = _percent(retention), _percent(discount)
        least = min(LEAST_RETENTION, stay, state.get("retention", stay))
        self._least = 10 * (least // 10) / 100
        stays = {*range(int(100 * self._least) or 1, 100), stay, state.get("retention", stay)}
        rates = {*range(MOST_DISCOUNT + 1), rate, state.get("discount", rate)}
        margins = _amounts(margin / 10, 10 * margin, margin, state.get("margin", margin))
        costs = _amounts(margin / 100, 10 * margin, 0.0, cost, state.get("cost", cost))
        first = next(iter(SLOGANS))
        super().__init__(
            {
                "margin": slider("margin", {_yuan(x): x for x in margins}, margin),
                "retention": slider("retention", {f"{p:g} %": p for p in sorted(stays)}, stay),
                "discount": slider("discount", {f"{p:g} %": p for p in sorted(rates)}, rate),
                "cost": slider("cost to win", {_yuan(x): x for x in costs}, cost),
                "slogan": choice("slogan", list(SLOGANS), first),
            },
            caption="Left: the present value of a customer, added up over ten years, as it is "
            "(solid) and with the slogan (dashed), against the cost to win one. Right: by how much "
            "the slogan raises the profit per customer, by retention and discount rate (each "
            "darker band is 10 % more); lines where it is as much as claimed; the dot is this "
            "customer. Per customer, the first margin now; what keeping costs is left out.",
            height=384,
            **hooks,
        )

    def draw(self, fig: Figure) -> None:
        self._draw_value(fig)
        self._draw_map(fig)
        self._title = fig.text(0.005, 0.98, "", va="top", weight="bold", size=19)
        self._title.set_animated(True)

    def _draw_value(self, fig: Figure) -> None:
        ax = fig.add_axes((0.03, 0.17, 0.3, 0.6))
        fig.text(0.03, 0.80, "value added up (today's yuan)", va="bottom")
        ax.set(xlim=(0.8, YEARS), ylim=(0, 1.08), xlabel="year", yticks=[])
        ax.set_xticks([1, 5, YEARS])
        ax.xaxis.labelpad = 0
        self._years = np.arange(1, YEARS + 1)
        nothing = 0.0 * self._years
        (self._with,) = ax.plot(self._years, nothing, "--", color=charts.GREEN, label="slogan")
        (self._as_is,) = ax.plot(self._years, nothing, color=charts.BLUE, ls="-", label="as it is")
        (self._cost,) = ax.plot([0.8, YEARS], [0, 0], color=charts.VERMILLION, ls=":", label="cost")
        (self._back,) = ax.plot([], [], "o", color=charts.INK, markersize=12, label="paid back")
        self._ends = [
            ax.text(YEARS + 0.3, 0, "", va="center", color=color, weight="bold")
            for color in ("#00704F", charts.BLUE, "#A34700")
        ]
        for moving in (self._with, self._as_is, self._cost, self._back, *self._ends):
            moving.set(animated=True, clip_on=False)

    def _draw_map(self, fig: Figure) -> None:
        ax = fig.add_axes((0.645, 0.17, 0.325, 0.6))
        fig.text(0.56, 0.80, "the slogan adds to the profit", va="bottom")
        low = 100 * self._least
        ax.set(xlim=(low, 100), ylim=(0, MOST_DISCOUNT), xlabel="retention (%)")
        ax.set_ylabel("discount rate (%)")
        ax.xaxis.labelpad = 0
        ax.set_yticks([0, 10, 20, MOST_DISCOUNT])
        ax.locator_params(axis="x", nbins=4)
        step = (100 - low) / COLUMNS
        self._stays = low + step * (np.arange(COLUMNS) + 0.5)
        self._rates = MOST_DISCOUNT / ROWS * (np.arange(ROWS) + 0.5)
        self._image = ax.imshow(
            np.ones((ROWS, COLUMNS, 3)),
            extent=(low, 100, 0, MOST_DISCOUNT),
            origin="lower",
            aspect="auto",
            interpolation="nearest",
            zorder=1,
        )
        self._lines = LineCollection([], colors=charts.INK, zorder=3, label="as claimed")
        ax.add_collection(self._lines, autolim=False)
        paper = {"facecolor": "white", "edgecolor": "none", "pad": 1.5, "alpha": 0.85}
        self._labels = [ax.text(0, 0, "", ha="center", va="center", zorder=4) for _ in "12345"]
        for label in self._labels:
            label.set_bbox(paper)
        (self._dot,) = ax.plot([], [], "o", color=charts.VERMILLION, markersize=15, zorder=5)
        self._dot.set(markeredgecolor="white", markeredgewidth=2.5, clip_on=False)
        for moving in (self._image, self._lines, *self._labels, self._dot):
            moving.set_animated(True)

    def update(self, values: dict) -> str:
        margin, cost, slogan = values["margin"], values["cost"], SLOGANS[values["slogan"]]
        stay, rate = values["retention"] / 100, values["discount"] / 100
        kept = slogan.apply(stay)
        worth, better = (float(value(margin, r, rate)) for r in (stay, min(kept, 1)))
        added = margin * ((stay / (1 + rate)) ** (self._years - 1)).cumsum()
        with_it = margin * ((min(kept, 1) / (1 + rate)) ** (self._years - 1)).cumsum()
        paid = np.flatnonzero(added >= cost - 1e-9)
        back = int(paid[0]) if len(paid) else None
        self._show_value(added, with_it if kept <= 1 else None, cost, back)
        self._show_map(slogan, margin, cost, values)
        grows = float(rise(slogan, margin, stay, rate, cost))
        self._title.set_text(_finding(values["slogan"], worth - cost, grows))
        return " ".join(
            [
                f"A customer is worth {charts.yuan(worth)} today; winning one costs {_yuan(cost)}: "
                f"{_payback(worth, cost, added, back)}",
                _effect(values["slogan"], stay, kept, worth, better, cost, grows),
                self._where(slogan, margin, rate, cost, values["discount"]),
            ]
        )

    def _show_value(self, added, with_it, cost: float, back: int | None) -> None:
        top = max(added[-1], cost, *([] if with_it is None else with_it)) or 1.0
        self._as_is.set_ydata(added / top)
        self._with.set_ydata(np.full(YEARS, np.nan) if with_it is None else with_it / top)
        self._cost.set_ydata([cost / top] * 2)
        self._back.set_data(*(([back + 1], [added[back] / top]) if back is not None else ([], [])))
        ends = [
            (np.inf if with_it is None else with_it[-1], "slogan"),
            (added[-1], "now"),
            (cost, "to win"),
        ]
        heights = _apart([min(amount / top, 1.2) for amount, _ in ends], 0.115)
        for text, (amount, name), height in zip(self._ends, ends, heights, strict=True):
            shown = np.isfinite(amount)
            text.set(text=f"{charts.yuan(amount)} {name}" if shown else "", y=height)

    def _show_map(self, slogan: Slogan, margin: float, cost: float, values: dict) -> None:
        stays, rates = self._stays / 100, self._rates[:, None] / 100
        grows = rise(slogan, margin, stays, rates, cost)
        over = np.broadcast_to(slogan.apply(stays) > 1 + 1e-12, grows.shape)
        losing = np.isnan(grows)
        bands = np.floor(10 * np.clip(np.where(over | losing, 0, grows), 0, 1) + 1e-9)
        deep = np.round(1.5 * bands)[..., None] / 15  # shades that the picture's palette holds
        colors = 1 - deep * (1 - np.array(to_rgb(charts.BLUE)))
        colors[over], colors[losing & ~over] = NOWHERE, LOSING
        self._image.set_data(colors)
        # Above 3 nothing claimed lies; a kink there keeps the contours where they belong.
        flat = np.ma.masked_where(over | losing, np.clip(grows, -1, 3))
        contours = contour_generator(self._stays, self._rates, flat)
        found = {claim: contours.lines(claim) for claim in slogan.claims}
        strokes = [(line, claim) for claim, lines in found.items() for line in lines]
        self._lines.set_segments([line for line, _ in strokes])
        self._lines.set_linewidth(
            [3.5 if claim == slogan.claims[-1] else 2 for _, claim in strokes]
        )
        self._label_map(found, bands, over, losing & ~over)
        self._dot.set_data([values["retention"]], [values["discount"]])

    def _label_map(
        self, found: dict, bands: np.ndarray, over: np.ndarray, losing: np.ndarray
    ) -> None:
        low, high = self._stays[0], self._stays[-1]
        room = 0.13 * (high - low)
        places, aside = [], 1.1 * room  # a claim stands to the left of its line
        for claim, lines in found.items():
            longest = max(lines, key=len, default=())
            if len(longest) > 5:
                at = longest[np.argmin(np.abs(longest[:, 1] - (16 if claim < 0.5 else 4)))]
                places.append((f"+{100 * claim:.0f} %", at[0] - aside, at[1]))
        for area, words in ((over, "over\n100 %"), (losing, "a loss")):
            if area.mean() > 0.09:
                rows, columns = np.nonzero(area)
                top = rows >= np.quantile(rows, 0.7)
                places.append((words, self._stays[columns[top]].mean(), 0.85 * MOST_DISCOUNT))
        if not bands.any():
            places.append(("under 10 % everywhere", (low + high) / 2, 0.6 * MOST_DISCOUNT))
        for label, place in zip(self._labels, [*places, *[("", low, 0)] * 5], strict=False):
            words, x, y = place
            label.set(text=words, x=np.clip(x, low + room, high - room), y=y)
            label.get_bbox_patch().set_visible(bool(words))

    def _where(
        self, slogan: Slogan, margin: float, rate: float, cost: float, percent: float
    ) -> str:
        """In words, at which retentions the claims come out at this discount rate."""
        stays = np.arange(0, 1.00001, 0.0005)
        grows = rise(slogan, margin, stays, rate, cost)
        parts = []
        for claim in slogan.claims:
            above = np.where(np.isfinite(grows), grows >= claim, np.nan)
            known = ~np.isnan(above)
            change = known[1:] & known[:-1] & (above[1:] != above[:-1])
            at = [f"{100 * stay:.0f} %" for stay in stays[1:][change]]
            where = f"comes out at a retention of {' and '.join(at)}" if at else "comes out nowhere"
            parts.append(f"+{100 * claim:.0f} % {where}")
        return f"At this discount rate {', '.join(parts)}."


def _percent(share: float) -> float:
    """A share as percent, to a tenth, whole where it is whole."""
    percent = round(100 * share, 1)
    return int(percent) if percent == int(percent) else percent


def _amounts(low: float, high: float, *values: float) -> list[float]:
    """Some forty amounts of two figures from `low` to `high`, each some 12 or 19 percent more."""
    steps = [float(f"{amount:.2g}") for amount in np.geomspace(low, high, 40)]
    return sorted({*steps, *values})


def _yuan(amount: float) -> str:
    return f"¥{amount:,.0f}" if amount >= 10 or amount == 0 else f"¥{amount:.2g}"


def _apart(heights: list[float], gap: float) -> list[float]:
    """The heights, pushed downwards where two stand closer than `gap`."""
    moved, ceiling = list(heights), np.inf
    for place in np.argsort([-height for height in heights], kind="stable"):
        moved[place] = min(heights[place], ceiling)
        ceiling = moved[place] - gap
    return moved


def _payback(worth: float, cost: float, added: np.ndarray, back: int | None) -> str:
    if worth < cost:
        return "that never comes back."
    if cost == 0:
        return "nothing has to come back."
    if back is None:
        return f"that comes back after year {YEARS}."
    return f"that is back in year {back + 1}."


def _effect(
    name: str, stay: float, kept: float, worth: float, better: float, cost: float, grows: float
) -> str:
    if kept > 1 + 1e-12:
        return (
            f"“{name}” would make {100 * stay:.0f} % into {100 * kept:.0f} %: more than all "
            "cannot stay."
        )
    to = f"“{name}” ({100 * stay:.4g} → {100 * kept:.4g} % stay)"
    if np.isnan(grows):
        return f"{to} lifts the value to {charts.yuan(better)}; of a loss no percentage is taken."
    if np.isinf(grows):
        return f"{to} would last for ever: without end, and without discount, no sum exists."
    return f"{to} raises the profit from {charts.yuan(worth - cost)} by {100 * grows:.0f} %."


def _finding(name: str, profit: float, grows: float) -> str:
    if np.isnan(grows):
        return f"Each customer loses {charts.yuan(-profit)}"
    if np.isinf(grows):
        return f"“{name}” is impossible here"
    return f"{name}: {100 * grows:+.0f} % profit on this customer"
