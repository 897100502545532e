"""Chapter 04: cuts through accounts in two and three dimensions, and the exposure of each cell."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from helpers import charts
from helpers.data import CourseError
from helpers.panels.base import Panel, choice, percent_slider, slider

VIEWS = ["loyalty × credit", "loyalty × size", "all three"]
RATINGS = "DCBA"  # from the bottom up
GOOD_CREDIT = {"A": "A", "A to B": "AB", "A to C": "ABC"}
WORDS = {"loyalty": ("low loyalty", "high loyalty"), "credit": ("poor credit", "good credit"),
         "size": ("small", "large")}  # fmt: skip
LEFT, BOTTOM, TOP, RIGHT, GAP = 96, 44, 318, 890, 24  # of the grids, in pixels


def grid_cuts(accounts: pd.DataFrame, **hooks) -> Panel:
    """A panel that moves the cuts of a grid and shows who is in each cell, and what is at risk.

    `accounts` has one row per account: account_id, loyalty (0 to 1), revenue (yuan a year),
    credit_rating (A to D), exposure (yuan at risk), and name if there is one. Controls: "view"
    (two dimensions, or all three as two grids), "loyalty" (where high begins, in whole percent),
    "size" (where large begins, in yuan), "credit" (which ratings are good). At the cut is high.
    `hooks` are `state` and `on_commit` of Panel.
    """
    return GridCuts(accounts, **hooks)


class GridCuts(Panel):
    """See `grid_cuts`."""

    def __init__(self, accounts: pd.DataFrame, **hooks):
        self._accounts = accounts
        sizes = _round_amounts(accounts)
        middle = sizes[len(sizes) // 2]
        super().__init__(
            {
                "view": choice("view", VIEWS, VIEWS[0]),
                "loyalty": percent_slider("loyal from", 50, low=1),
                "size": slider("large from", {_round_yuan(size): size for size in sizes}, middle),
                "credit": choice("good credit", list(GOOD_CREDIT), "A to B"),
            },
            caption="Accounts as points in the cells of a grid, the larger the more they owe us; "
            "diamonds have changed cell; the hatched cell is the one to fear.",
            height=400,
            **hooks,
        )

    def draw(self, fig: Figure) -> None:
        accounts = _checked(self._accounts)
        self._names = accounts.get("name", accounts["account_id"]).to_numpy()
        self._revenue = accounts["revenue"].to_numpy(dtype=float)
        self._exposure = accounts["exposure"].to_numpy(dtype=float)
        rating = accounts["credit_rating"].map(RATINGS.index).to_numpy()
        spread, aside = np.random.default_rng(0).uniform(-0.32, 0.32, (2, len(accounts)))
        size = np.log10(np.maximum(self._revenue, 1))
        low, reach = size.min(), max(size.max() - size.min(), 1e-9)
        self._rating = rating
        self._scaled = lambda amount: 0.05 + 0.9 * (np.log10(max(amount, 1)) - low) / reach
        loyalty = accounts["loyalty"].to_numpy(dtype=float)
        self._loyalty = loyalty
        self._x = 0.03 + 0.94 * loyalty + aside / 40  # the borders stay free
        self._y = {"credit": (rating + 0.5 + spread) / 4, "size": 0.05 + 0.9 * (size - low) / reach}
        self._area = 14 + 200 * self._exposure / self._exposure.max()
        self._first = self._cuts(self.values)

        ax = fig.add_axes((0, 0, 1, 1))
        ax.set(xlim=(0, 900), ylim=(0, 400))
        ax.axis("off")
        text = {"ha": "center", "va": "center"}
        # What moves: a frame and a hatched cell per grid, cuts, points, words.
        self._frames = [
            ax.add_patch(Rectangle((0, 0), 0, 0, fill=False, ec=charts.GREY)) for _ in "12"
        ]
        self._feared = ax.add_patch(
            Rectangle((0, 0), 0, 0, fc="#F6E3D8", ec="#E3B9A0", hatch="//", linewidth=0, zorder=0)
        )
        self._lines = [ax.plot([], [], color=charts.INK, linewidth=2, ls="-")[0] for _ in "1234"]
        self._points = [
            ax.scatter([], [], color=color, marker=marker, alpha=alpha, linewidth=0, zorder=3)
            for color, marker, alpha in ((charts.BLUE, "o", 0.6), (charts.VERMILLION, "D", 1.0))
        ]
        box = {"facecolor": "white", "edgecolor": "none", "pad": 2, "alpha": 0.85}
        self._cells = [ax.text(0, 0, "", zorder=4, bbox=box) for _ in range(8)]
        self._heads = [ax.text(0, TOP + 18, "", weight="bold", **text) for _ in "12"]
        self._ticks = [ax.text(0, 0, "", ha="right", va="center") for _ in range(5)]
        self._ends = [
            ax.text(0, 0, words, ha=side, va="center")
            for words, side in (("0 %", "left"), ("100 %", "right")) * 2
        ]
        self._labels = [ax.text(0, 0, "loyalty", **text) for _ in "12"]
        self._title = ax.text(5, 388, "", va="top", weight="bold", size=19)
        for artist in (
            *self._frames, self._feared, *self._lines, *self._points, *self._cells, *self._heads,
            *self._ticks, *self._ends, *self._labels, self._title,
        ):  # fmt: skip
            artist.set_animated(True)

    def _cuts(self, values: dict) -> dict[str, np.ndarray]:
        """Whether each account is high, in each dimension."""
        return {
            "loyalty": self._loyalty >= values["loyalty"] / 100 - 1e-9,
            "size": self._revenue >= values["size"],
            "credit": np.isin(
                self._rating, [RATINGS.index(r) for r in GOOD_CREDIT[values["credit"]]]
            ),
        }

    def update(self, values: dict) -> str:
        view, high = values["view"], self._cuts(values)
        upright = "credit" if view == VIEWS[0] else "size"
        used = ["loyalty", upright] + (["credit"] if view == VIEWS[2] else [])
        self._see_that_it_divides(used)
        moved = np.any([high[name] != self._first[name] for name in used], axis=0)
        grids = [False, True] if view == VIEWS[2] else [None]
        cells, columns = {}, []
        for grid, (left, right) in zip(grids, _places(len(grids)), strict=True):
            inside = np.ones(len(moved), bool) if grid is None else high["credit"] == grid
            columns.append(np.where(inside, left + self._x * (right - left), np.nan))
            for loyal, up in product((False, True), repeat=2):
                who = inside & (high["loyalty"] == loyal) & (high[upright] == up)
                cells[grid, loyal, up] = int(who.sum()), self._exposure[who].sum()
        x = np.nanmax(columns, axis=0)
        y = BOTTOM + self._y[upright] * (TOP - BOTTOM)
        for points, which in zip(self._points, (~moved, moved), strict=True):
            points.set_offsets(np.column_stack([x, y])[which])
            points.set_sizes(self._area[which])
        self._place(values, grids, upright, cells)
        return self._told(cells, upright, moved)

    def _see_that_it_divides(self, used: list[str]) -> None:
        kinds = {"loyalty": self._loyalty, "size": self._revenue, "credit": self._rating}
        for name in used:
            if np.ptp(kinds[name]) == 0:
                raise CourseError(f"All accounts have the same {name}: no cut divides them.")

    def _place(self, values: dict, grids: list, upright: str, cells: dict) -> None:
        """Put frames, cuts and words where this view wants them; what is not needed is empty."""
        for words in (*self._cells, *self._heads, *self._ticks, *self._labels, *self._ends):
            words.set_visible(False)
        for line in self._lines:
            line.set_data([], [])
        for frame in self._frames:
            frame.set_bounds(0, 0, 0, 0)
        cut_y = self._scaled(values["size"]) - 0.004
        if upright == "credit":
            cut_y = 1 - len(GOOD_CREDIT[values["credit"]]) / 4
        cut_y = BOTTOM + np.clip(cut_y, 0, 1) * (TOP - BOTTOM)
        for i, (grid, (left, right)) in enumerate(zip(grids, _places(len(grids)), strict=True)):
            cut_x = left + (0.03 + 0.94 * values["loyalty"] / 100 - 0.009) * (right - left)
            self._frames[i].set_bounds(left, BOTTOM, right - left, TOP - BOTTOM)
            self._lines[2 * i].set_data([cut_x, cut_x], [BOTTOM, TOP])
            self._lines[2 * i + 1].set_data([left, right], [cut_y, cut_y])
            for n, (loyal, up) in enumerate(product((False, True), repeat=2)):
                count, owed = cells[grid, loyal, up]
                words = f"{count}: {charts.yuan(owed)}"
                corner = {"ha": "right" if loyal else "left", "va": "top" if up else "bottom"}
                x, y = right - 5 if loyal else left + 5, TOP - 5 if up else BOTTOM + 5
                self._show(self._cells[4 * i + n], x, y, words, **corner)
            if grid is not None:
                head = f"{WORDS['credit'][grid]} ({'' if grid else 'not '}{values['credit']})"
                self._show(self._heads[i], (left + right) / 2, TOP + 18, head)
            for end, x in zip(self._ends[2 * i : 2 * i + 2], (left, right), strict=True):
                self._show(end, x, BOTTOM - 20)
            self._show(self._labels[i], (left + right) / 2, BOTTOM - 20)
            if grid in (None, False):  # the cell to fear: low loyalty, and poor credit or large
                low_edge, high_edge = (BOTTOM, cut_y) if upright == "credit" else (cut_y, TOP)
                self._feared.set_bounds(left, low_edge, cut_x - left, high_edge - low_edge)
        if upright == "credit":
            marks = {rating: (n + 0.5) / 4 for n, rating in enumerate(RATINGS)}
        else:
            sizes = dict(self.controls["size"].options)
            decades = [words for words in sizes if words.startswith("¥1")] or list(sizes)
            marks = {words: self._scaled(sizes[words]) for words in decades[:5]}
        for tick, (words, at) in zip(self._ticks, marks.items(), strict=False):
            self._show(tick, LEFT - 8, BOTTOM + at * (TOP - BOTTOM), words)

    @staticmethod
    def _show(words, x: float, y: float, text: str | None = None, **look) -> None:
        words.set(position=(x, y), visible=True, **look)
        if text is not None:
            words.set_text(text)

    def _told(self, cells: dict, upright: str, moved: np.ndarray) -> str:
        total = self._exposure.sum()
        feared = (False if (False, False, False) in cells else None, False, upright == "size")
        count, owed = cells[feared]
        name = _name(feared, upright)
        share = charts.percent(owed / total)
        self._title.set_text(f"{name[0].upper()}{name[1:]}: {charts.yuan(owed)} at risk")
        fullest = max(cells, key=lambda cell: cells[cell][1])
        empty = [_name(cell, upright) for cell, (number, _) in cells.items() if not number]
        parts = [
            f"The cell to fear ({name}) holds {count} account{'s' * (count != 1)} and "
            f"{charts.yuan(owed)}, {share} of the {charts.yuan(total)} at risk.",
            f"Most is at risk in: {_name(fullest, upright)} ({charts.yuan(cells[fullest][1])}).",
            f"Empty: {'; '.join(empty)}." if empty else "",
            self._who_moved(moved),
        ]
        return " ".join(filter(None, parts))

    def _who_moved(self, moved: np.ndarray) -> str:
        where = np.flatnonzero(moved)
        if not len(where):
            return "No account has changed cell."
        largest = where[np.argsort(-self._revenue[where], kind="stable")[:3]]
        return (
            f"Changed cell since the first cuts: {len(where)}; the largest: "
            f"{', '.join(str(self._names[i]) for i in largest)}."
        )


def _places(count: int) -> list[tuple[float, float]]:
    """The left and right ends of one grid, or of two side by side."""
    if count == 1:
        return [(LEFT, RIGHT)]
    width = (RIGHT - LEFT - GAP) / 2
    return [(LEFT, LEFT + width), (RIGHT - width, RIGHT)]


def _name(cell: tuple, upright: str) -> str:
    grid, loyal, up = cell
    words = [WORDS["loyalty"][loyal], WORDS[upright][up]]
    return ", ".join(words + ([] if grid is None else [WORDS["credit"][grid]]))


def _round_amounts(accounts: pd.DataFrame) -> list[float]:
    """1, 2, 5, 10, 20, 50 … yuan as far as the accounts reach: where a cut may lie."""
    amounts = [float(f) * 10**power for power in range(2, 10) for f in (1, 2, 5)]
    revenue = pd.to_numeric(accounts.get("revenue", pd.Series(dtype=float)), errors="coerce")
    within = [a for a in amounts if (revenue < a).any() and (revenue >= a).any()]
    return within or [1e4, 1e5]


def _round_yuan(amount: float) -> str:
    return charts.yuan(amount).replace(".00", "").replace(".0", "")


def _checked(accounts: pd.DataFrame) -> pd.DataFrame:
    """Return the accounts; raise CourseError when they cannot be put into a grid."""
    numbers = ["loyalty", "revenue", "exposure"]
    needed = ["account_id", *numbers, "credit_rating"]
    missing = [name for name in needed if name not in accounts.columns]
    if missing:
        raise CourseError(f"grid_cuts needs the column {missing[0]!r}: add it to the accounts.")
    if len(accounts) < 2:
        raise CourseError(f"A grid needs at least two accounts, and here are {len(accounts)}.")
    if accounts[needed].isna().any(axis=None):
        raise CourseError("Some loyalty, revenue, rating or exposure is missing: fill or drop it.")
    if not all(pd.api.types.is_numeric_dtype(accounts[name]) for name in numbers):
        raise CourseError("loyalty, revenue and exposure must be numbers.")
    if not accounts["loyalty"].between(0, 1).all():
        raise CourseError("loyalty is a share from 0 to 1: divide percents by 100.")
    if (accounts[["revenue", "exposure"]] < 0).any(axis=None):
        raise CourseError("A revenue or an exposure is below zero: it cannot be shown in a grid.")
    unknown = sorted(set(accounts["credit_rating"].astype(str)) - set(RATINGS))
    if unknown:
        raise CourseError(f"The credit rating {unknown[0]!r} is none of A, B, C and D.")
    if not accounts["exposure"].sum() > 0:
        raise CourseError("No account owes us anything: there is no exposure to show.")
    return accounts
