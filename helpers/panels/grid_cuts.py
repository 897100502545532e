"""Chapter 04: cuts through accounts in two and three dimensions, and the exposure of each cell."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from helpers import charts
from helpers.data import CourseError
from helpers.panels.base import Panel, choice, percent_slider, slider

VIEWS = ["loyalty × credit", "loyalty × size", "all three"]
RATINGS = "DCBA"  # from the bottom up
GOOD_CREDIT = {"A": "A", "A to B": "AB", "A to C": "ABC"}
WORDS = {"loyalty": ("low loyalty", "high loyalty"), "credit": ("poor credit", "good credit"),
         "size": ("small", "large")}  # fmt: skip
CAPTION = (
    "Accounts as points in the cells of a grid, the larger the more they owe us; diamonds have "
    "changed cell; the hatched cell is the one to fear."
)
LEFT, BOTTOM, TOP, RIGHT, GAP = 96, 44, 326, 884, 32  # of the grids, in pixels
BAND = 42  # pixels at a grid's upper and lower edge where no point lies: room for words


def grid_cuts(accounts: pd.DataFrame, **hooks) -> Panel:
    """A panel that moves the cuts of a grid and shows who is in each cell, and what is at risk.

    `accounts` has one row per account: account_id, loyalty (0 to 1), revenue (yuan a year),
    credit_rating (A to D), exposure (yuan at risk), and name if there is one. Controls: "view"
    (two dimensions, or all three as two grids), "loyalty" (where high begins, in whole percent),
    "size" (where large begins, in yuan), "credit" (which ratings are good). At the cut is high.
    The cell to fear is of low loyalty, and of poor credit or large, or both. `hooks` are `state`
    and `on_commit` of Panel.
    """
    return GridCuts(accounts, **hooks)


class Scenery(Artist):
    """What only another view changes: drawn once for each state, then restored as pixels."""

    def __init__(self, words: list[Text]):
        super().__init__()
        self.words, self.state, self._pixels = words, "", {}
        self.set(animated=True, zorder=-1)  # restored first: pixels hide what is below

    def draw(self, renderer: RendererAgg) -> None:
        if self.state in self._pixels:
            renderer.restore_region(self._pixels[self.state])
            return
        for words in self.words:
            words.draw(renderer)
        self._pixels[self.state] = renderer.copy_from_bbox(self.get_figure().bbox)


class GridCuts(Panel):
    """See `grid_cuts`."""

    def __init__(self, accounts: pd.DataFrame, **hooks):
        self._accounts = accounts
        sizes = _round_amounts(accounts)
        middle = sizes[len(sizes) // 2]
        if "size" in (hooks.get("state") or {}):  # to begin with, a cut may lie anywhere
            sizes = sorted({*sizes, hooks["state"]["size"]})
        super().__init__(
            {
                "view": choice("view", VIEWS, VIEWS[0]),
                "loyalty": percent_slider("loyal from", 50, low=1),
                "size": slider("large from", {f"¥{size:,.12g}": size for size in sizes}, middle),
                "credit": choice("good credit", list(GOOD_CREDIT), "A to B"),
            },
            caption=CAPTION,
            height=400,
            **hooks,
        )

    def draw(self, fig: Figure) -> None:
        accounts = _checked(self._accounts)
        self._names = accounts.get("name", accounts["account_id"]).to_numpy()
        self._revenue = accounts["revenue"].to_numpy(dtype=float)
        self._exposure = accounts["exposure"].to_numpy(dtype=float)
        self._loyalty = accounts["loyalty"].to_numpy(dtype=float)
        self._rating = accounts["credit_rating"].astype(str).map(RATINGS.index).to_numpy()
        self._floor = self._revenue[self._revenue > 0].min(initial=np.inf) / 2  # for who bought 0
        self._low = np.log10(min(self._floor, self._revenue.max() or 1))
        self._reach = max(np.log10(self._revenue.max() or 1) - self._low, 1e-9)
        up, aside = np.random.default_rng(0).uniform(-1, 1, (2, len(accounts)))
        # At the whole percent below, with the cuts between: no point lies on the wrong side.
        self._x = _across(np.floor(100 * self._loyalty + 1e-9)) + 0.0035 * aside
        for end, outward in ((0, -1), (1, 1)):  # where many stand, there is room to spread
            self._x += np.where(self._loyalty == end, outward * 0.045 * np.abs(aside), 0)
        self._y = {"credit": (self._rating + 0.5 + 0.32 * up) / 4, "size": self._up(self._revenue)}
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
        box = {"facecolor": "white", "edgecolor": "none", "pad": 1}
        self._cells = [ax.text(0, 0, "", zorder=4, bbox=box) for _ in range(8)]
        self._heads = [ax.text(0, TOP + 16, "", **text) for _ in "12"]
        self._ticks = [ax.text(0, 0, "", ha="right", va="center") for _ in range(5)]
        self._ends = [ax.text(0, 0, words, **text) for words in ("0 %", "100 %") * 2]
        self._labels = [ax.text(0, 0, "loyalty", **text) for _ in "12"]
        self._title = ax.text(5, 392, "", va="top", weight="bold", size=19)
        moving = (self._feared, *self._frames, *self._lines, *self._points, *self._cells)
        for artist in (*moving, self._title):
            artist.set_animated(True)
        self._scenery = Scenery([*self._heads, *self._ticks, *self._ends, *self._labels])
        for words in self._scenery.words:
            words.set_visible(False)
        ax.add_artist(self._scenery)

    def _up(self, revenue: np.ndarray) -> np.ndarray:
        """How high these revenues lie on the axis, from 0 to 1."""
        return (np.log10(np.maximum(revenue, self._floor)) - self._low) / self._reach

    def _cuts(self, values: dict) -> dict[str, np.ndarray]:
        """Whether each account is high, in each dimension."""
        good = [RATINGS.index(rating) for rating in GOOD_CREDIT[values["credit"]]]
        return {
            "loyalty": 100 * self._loyalty + 1e-9 >= values["loyalty"],
            "size": self._revenue >= values["size"],
            "credit": np.isin(self._rating, good),
        }

    def _cut_height(self, values: dict, upright: str) -> float:
        """Where the level cut lies, from 0 to 1: below who is at the cut, above who is not."""
        if upright == "credit":
            return 1 - len(GOOD_CREDIT[values["credit"]]) / 4
        below = self._y["size"][self._revenue < values["size"]].max(initial=0)
        cut = float(np.clip(self._up(values["size"]), 0, 1))
        return max(cut - 0.01, (below + cut) / 2)

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
        y = _in_pixels(self._y[upright])
        for points, which in zip(self._points, (~moved, moved), strict=True):
            points.set_offsets(np.column_stack([x, y])[which])
            points.set_sizes(self._area[which])
        self._place(values, grids, upright, cells)
        told = [f"{_name(cell, upright)} {_held(*held)}" for cell, held in cells.items()]
        self._caption = f"{CAPTION} In the cells, accounts and yuan owed: {'; '.join(told)}."
        return self._told(cells, upright, moved)

    def _see_that_it_divides(self, used: list[str]) -> None:
        kinds = {"loyalty": self._loyalty, "size": self._revenue, "credit": self._rating}
        for name in used:
            if np.ptp(kinds[name]) == 0:
                raise CourseError(f"All accounts have the same {name}: no cut divides them.")

    def _place(self, values: dict, grids: list, upright: str, cells: dict) -> None:
        """Put frames, cuts and words where this view wants them; what is not needed is empty."""
        self._scenery.state = (values["view"], values["credit"])
        for words in (*self._cells, *self._scenery.words):
            words.set_visible(False)
        for line in self._lines:
            line.set_data([], [])
        for frame in self._frames:
            frame.set_bounds(0, 0, 0, 0)
        cut_y = _in_pixels(self._cut_height(values, upright))
        for i, (grid, (left, right)) in enumerate(zip(grids, _places(len(grids)), strict=True)):
            cut_x = left + _across(values["loyalty"] - 0.5) * (right - left)
            self._frames[i].set_bounds(left, BOTTOM, right - left, TOP - BOTTOM)
            self._lines[2 * i].set_data([cut_x, cut_x], [BOTTOM, TOP])
            self._lines[2 * i + 1].set_data([left, right], [cut_y, cut_y])
            for n, (loyal, up) in enumerate(product((False, True), repeat=2)):
                corner = {"ha": "right" if loyal else "left", "va": "top" if up else "bottom"}
                x, y = right - 5 if loyal else left + 5, TOP - 5 if up else BOTTOM + 5
                held = _held(*cells[grid, loyal, up])
                self._show(self._cells[4 * i + n], x, y, held, **corner)
            head = "in each cell: how many accounts, what they owe"
            if grid is not None:
                head = f"{WORDS['credit'][grid]} ({'' if grid else 'not '}{values['credit']})"
            self._show(self._heads[i], (left + right) / 2, TOP + 16, head)
            for end, percent in zip(self._ends[2 * i : 2 * i + 2], (0, 100), strict=True):
                self._show(end, left + _across(percent) * (right - left), BOTTOM - 20)
            self._show(self._labels[i], (left + right) / 2, BOTTOM - 20)
            if grid in (None, False):  # the cell to fear: low loyalty, and poor credit or large
                low_edge, high_edge = (BOTTOM, cut_y) if upright == "credit" else (cut_y, TOP)
                self._feared.set_bounds(left, low_edge, cut_x - left, high_edge - low_edge)
        if upright == "credit":
            marks = {rating: (n + 0.5) / 4 for n, rating in enumerate(RATINGS)}
        else:
            amounts = 10 ** np.arange(np.ceil(self._low), self._low + self._reach + 1e-9)
            if len(amounts) < 2:
                amounts = np.array([size for _, size in self.controls["size"].options])
            amounts = amounts[:: 1 + (len(amounts) - 1) // len(self._ticks)]
            marks = {_short(amount): self._up(amount) for amount in amounts}
        for tick, (words, at) in zip(self._ticks, marks.items(), strict=False):
            self._show(tick, LEFT - 8, _in_pixels(at), words)

    @staticmethod
    def _show(words, x: float, y: float, text: str | None = None, **look) -> None:
        words.set(position=(x, y), visible=True, **look)
        if text is not None:
            words.set_text(text)

    def _told(self, cells: dict, upright: str, moved: np.ndarray) -> str:
        total = self._exposure.sum()
        feared = (False if (False, False, False) in cells else None, False, upright == "size")
        count, owed = cells[feared]
        name, owed_by_all = _name(feared, upright), charts.yuan(total)
        self._title.set_text(f"{name[0].upper()}{name[1:]}: {charts.yuan(owed)} at risk")
        fear = f"The cell to fear ({name}) is empty: none of the {owed_by_all} at risk is there."
        if count:
            share = charts.percent(owed / total)
            if 0 < owed < total / 200:
                share = "under 1 %"
            fear = (
                f"The cell to fear ({name}) holds {count} account{'s' * (count != 1)} and "
                f"{charts.yuan(owed)}, {share} of the {owed_by_all} at risk."
            )
        fullest = max(cells, key=lambda cell: cells[cell][1])
        empty = [
            _name(cell, upright)
            for cell, (number, _) in cells.items()
            if not number and cell != feared
        ]
        parts = [
            fear,
            f"Most is at risk in: {_name(fullest, upright)} ({charts.yuan(cells[fullest][1])}).",
            f"{'Empty' if count else 'Also empty'}: {'; '.join(empty)}." if empty else "",
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


def _across(percent: float | np.ndarray) -> float | np.ndarray:
    """How far right this loyalty lies in a grid, from 0 to 1."""
    return 0.06 + 0.88 * percent / 100


def _in_pixels(height: float | np.ndarray) -> float | np.ndarray:
    return BOTTOM + BAND + height * (TOP - BOTTOM - 2 * BAND)


def _name(cell: tuple, upright: str) -> str:
    grid, loyal, up = cell
    words = [WORDS["loyalty"][loyal], WORDS[upright][up]]
    return ", ".join(words + ([] if grid is None else [WORDS["credit"][grid]]))


def _short(yuan: float) -> str:
    return charts.yuan(yuan).replace(".00", "").replace(".0", "")


def _held(count: int, owed: float) -> str:
    return f"{count}: {charts.yuan(owed)}" if count else "empty"


def _round_amounts(accounts: pd.DataFrame) -> list[float]:
    """1, 2, 5, 10, 20, 50 … yuan as far as the accounts reach: where a cut may lie."""
    revenue = pd.to_numeric(accounts.get("revenue", pd.Series(dtype=float)), errors="coerce")
    revenue = revenue[revenue.between(1, 1e15)]
    if revenue.empty:
        return [1e4]
    powers = range(int(np.log10(revenue.min())), int(np.log10(revenue.max())) + 1)
    for steps in ((1, 2, 5), np.arange(10, 100) / 10):
        amounts = sorted({float(round(step * 10**power)) for power in powers for step in steps})
        within = [amount for amount in amounts if revenue.min() < amount <= revenue.max()]
        if len(within) > 2:
            return within
    return within or [float(revenue.max())]


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
    if np.isinf(accounts[numbers].to_numpy(dtype=float)).any():
        raise CourseError("Some loyalty, revenue or exposure is infinite: was it divided by zero?")
    if accounts["account_id"].duplicated().any():
        twice = accounts.loc[accounts["account_id"].duplicated(), "account_id"].iloc[0]
        raise CourseError(f"Account {twice} has two rows: a grid needs one row per account.")
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
