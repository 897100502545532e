"""Chapter 02: what quality, service and price weigh, and who would leave for a rival's discount."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers import charts
from helpers.data import CourseError
from helpers.panels.base import Panel, slider

PARTS = ("quality", "service", "price")
DISCOUNTS = np.arange(0, 51, 5)  # percent: the answers that the survey offered
POINTS_PER_10_PERCENT = 2.0
"""How far a discount of 10 % lifts the rival's price score (1 to 5): our assumption.

In the worlds we tried, the best weights then come within 6 to 7 percentage points of what people
said. With 1 instead of 2 they stay about 8 away; 3 comes no nearer to speak of.
"""


def switching_share(
    respondents: pd.DataFrame,
    weights: Mapping[str, float],
    discounts=DISCOUNTS,
    *,
    points_per_10_percent: float = POINTS_PER_10_PERCENT,
) -> np.ndarray:
    """Return the share of the respondents (0 to 1) who would switch at each discount (percent).

    A small model in the manner of conjoint analysis: a respondent's value of a firm is the
    weighted sum of its scores for quality, service and price (5 is cheap); a discount adds
    `points_per_10_percent` to the rival's price score; who then prefers the rival switches, and
    who is undecided stays. `respondents` has quality, service, price and rival_quality,
    rival_service, rival_price (1 to 5). Only the weights' proportions matter. Raises CourseError
    for missing columns or answers, and weights that are negative or all zero.
    """
    ahead = _lead(_checked(respondents), weights)
    return _share(ahead, weights, discounts, points_per_10_percent)


def _lead(differences: np.ndarray, weights: Mapping[str, float]) -> np.ndarray:
    """By how much each respondent values us above the rival, sorted."""
    unknown = [part for part in PARTS if part not in weights]
    if unknown:
        raise CourseError(f"The weights lack {unknown[0]!r}: give quality, service and price.")
    each = np.array([weights[part] for part in PARTS], dtype=float)
    if not ((each >= 0) & np.isfinite(each)).all() or not each.any():
        raise CourseError("Weights are 0 or more, and at least one is above 0: else all is equal.")
    return np.sort(differences @ each)


def _share(ahead, weights, discounts, points_per_10_percent) -> np.ndarray:
    gift = weights["price"] * points_per_10_percent * np.asarray(discounts, dtype=float) / 10
    return np.searchsorted(ahead, gift - 1e-9) / len(ahead)


def switching(respondents: pd.DataFrame, **hooks) -> Panel:
    """A panel that weighs quality, service and price, and shows who would leave for a discount.

    `respondents` are answers of the table survey: the columns of `switching_share` and
    switch_at_discount (percent, what they said). Controls: "quality", "service", "price"
    (weights 0 to 10) and "discount" (the rival's, in percent: the answers that the survey offered).
    `hooks` are `state` and `on_commit` of Panel.
    """
    return Switching(respondents, **hooks)


class Switching(Panel):
    """See `switching`."""

    def __init__(self, respondents: pd.DataFrame, **hooks):
        self._respondents = respondents
        weights = {str(weight): weight for weight in range(11)}
        super().__init__(
            {part: slider(part, weights, 5) for part in PARTS}
            | {"discount": slider("discount", {f"{d} %": d for d in DISCOUNTS.tolist()}, 10)},
            caption="Share who would switch to the rival, by the rival's discount: the model with "
            "these weights (solid) and what the respondents said (dashed).",
            height=380,
            **hooks,
        )

    def draw(self, fig: Figure) -> None:
        self._differences = _checked(self._respondents)
        said = self._respondents.get("switch_at_discount")
        if said is None:
            raise CourseError("switching needs the column 'switch_at_discount'.")
        said = np.sort(pd.to_numeric(said, errors="coerce").to_numpy(dtype=float))  # NaN to the end
        if np.isnan(said[-1]):
            raise CourseError("Some switch_at_discount is missing or not a number: drop it first.")
        self._stated = np.searchsorted(said, DISCOUNTS, side="right") / len(said)

        ax = fig.add_axes((0.14, 0.21, 0.72, 0.64))
        ax.plot(DISCOUNTS, self._stated, "--", color=charts.VERMILLION)
        ax.text(51, self._stated[-1], "said", color="#A34700", va="center", weight="bold")
        ax.set(xlim=(0, 50), ylim=(0, 1.04), xlabel="the rival's discount (%)")
        ax.set_ylabel("would switch")
        ax.yaxis.set_major_formatter(lambda share, _: charts.percent(share))
        (self._curve,) = ax.plot(DISCOUNTS, 0 * DISCOUNTS, color=charts.BLUE, linestyle="-")
        self._name = ax.text(51, 0, "model", color=charts.BLUE, va="center", weight="bold")
        (self._mark,) = ax.plot([0, 0], [0, 1.04], color=charts.INK, linewidth=1, linestyle=":")
        (self._dots,) = ax.plot([0, 0], [0, 0], "o", color=charts.INK, markersize=10, ls="none")
        self._title = fig.text(0.005, 0.97, "", va="top", weight="bold", size=19)
        for artist in (self._curve, self._name, self._mark, self._dots, self._title):
            artist.set_animated(True)

    def update(self, values: dict) -> str:
        ahead = _lead(self._differences, values)
        model = _share(ahead, values, DISCOUNTS, POINTS_PER_10_PERCENT)
        at = values["discount"]
        place = DISCOUNTS.tolist().index(at)
        here, stated = model[place], self._stated[place]
        gap = 100 * np.abs(model - self._stated).mean()
        self._curve.set_ydata(model)
        end = model[-1] if abs(model[-1] - self._stated[-1]) > 0.1 else model[-1] - 0.11
        self._name.set_y(end)
        self._mark.set_xdata([at, at])
        self._dots.set_data([at, at], [here, stated])
        self._title.set_text(f"Model and words are {gap:.0f} points apart on average")
        weights = ", ".join(f"{part} {values[part]}" for part in PARTS)
        stays = " Price weighs nothing, so no discount moves anybody." * (values["price"] == 0)
        return (
            f"Weights {weights}: at a discount of {at} % the model lets {charts.percent(here)} "
            f"switch; {charts.percent(stated)} said so. Over all discounts the two are "
            f"{gap:.1f} percentage points apart on average.{stays}"
        )


def _checked(respondents: pd.DataFrame) -> np.ndarray:
    """Return our scores less the rival's (respondents × parts); CourseError where that fails."""
    columns = [*PARTS, *(f"rival_{part}" for part in PARTS)]
    missing = [column for column in columns if column not in respondents.columns]
    if missing:
        raise CourseError(f"switching needs the column {missing[0]!r}, as the table survey has it.")
    answers = respondents[columns]
    if answers.empty:
        raise CourseError("There is no respondent here: check your filter.")
    if answers.isna().any(axis=None):
        raise CourseError("Some answers are missing: drop those respondents first.")
    if not answers.isin([1, 2, 3, 4, 5]).all(axis=None):
        raise CourseError("Scores are whole numbers from 1 to 5, and some here are not.")
    answers = answers.to_numpy(dtype=float)
    return answers[:, :3] - answers[:, 3:]
