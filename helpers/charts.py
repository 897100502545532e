"""House style and charts: a DataFrame in, an Axes out; `show` displays it with alt text.

Every chart takes `ax=None` and returns the Axes that it drew on; its title states the finding,
computed from the data, unless `title=` gives another. A frame that cannot be drawn raises a
CourseError that says why in one sentence.
"""

from __future__ import annotations

import base64
import html
import io
import textwrap
from collections.abc import Callable, Mapping, Sequence

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection, PolyCollection, QuadMesh
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle, StepPatch
from matplotlib.ticker import FixedLocator
from PIL import Image

from helpers.data import CourseError
from helpers.letters import LettersCanvas

# Okabe & Ito's colours that reach a contrast of 3 : 1 on white, and the darkest grey for text.
BLUE, VERMILLION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
INK, GREY = "#222222", "#6B6B6B"
LINE_STYLES = ((BLUE, "-"), (VERMILLION, "--"), (GREEN, "-."), (PURPLE, ":"))
LOSS = {"facecolor": VERMILLION, "edgecolor": "white", "hatch": "//", "linewidth": 0}

WIDTH, HEIGHT = 1000, 540  # CSS pixels: what a slide of 1280 × 720 can hold
TEXT = 17.5  # points at 100 dots an inch: 24 CSS pixels
TITLE_CHARACTERS = 52  # what a line of the title holds
CAPTION = "font-size:18px;max-width:50em"

STYLE = {
    "figure.figsize": (WIDTH / 100, HEIGHT / 100),
    "figure.dpi": 100,
    "figure.constrained_layout.use": True,
    "font.family": ["DejaVu Sans"],
    "font.size": TEXT,
    "axes.titlesize": 19,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 14,
    "axes.labelsize": TEXT,
    "axes.edgecolor": GREY,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": mpl.cycler("color", [c for c, _ in LINE_STYLES])
    + mpl.cycler("linestyle", [s for _, s in LINE_STYLES]),
    "text.color": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.pad": 8,
    "xtick.labelsize": TEXT,
    "ytick.labelsize": TEXT,
    "legend.fontsize": TEXT,
    "legend.frameon": False,
    "lines.linewidth": 3,
    "hatch.linewidth": 1.5,
}


# ------------------------------------------------------------------ canvas and words


def new_axes(*, width: int = WIDTH, height: int = HEIGHT) -> Axes:
    """An empty Axes in the house style, on a figure of `width` × `height` CSS pixels.

    The style is set for the whole session here, so that what is added later looks alike.
    """
    plt.rcParams.update(STYLE)
    return plt.figure(figsize=(width / 100, height / 100)).add_subplot()


def finding(ax: Axes, text: str) -> Axes:
    """Set the title, a sentence that states the finding, on as many lines as it needs."""
    lines = max(1, len(textwrap.wrap(text, TITLE_CHARACTERS)))
    much_the_same = len(text) // lines + 8  # no line with a single word
    ax.set_title(textwrap.fill(text, min(TITLE_CHARACTERS, much_the_same)))
    return ax


def percent(share: float) -> str:
    """A share as text: 0.2 is "20 %"."""
    return f"{100 * share:.0f} %".replace("-", "−")


def yuan(amount: float) -> str:
    """An amount as text with three figures: 12_345_678 is "¥12.3 m"."""
    sign, amount = "−" if amount < 0 else "", float(f"{abs(amount):.3g}")
    for size, unit in ((1e9, " bn"), (1e6, " m"), (1e3, " k")):
        if amount >= size:
            scaled = amount / size
            return f"{sign}¥{scaled:.{max(0, 2 - int(np.log10(scaled)))}f}{unit}"
    return f"{sign}¥{amount:.0f}"


def _percent_axis(axis: mpl.axis.Axis) -> None:
    axis.set_major_formatter(lambda share, _: percent(share))


def _yuan_axis(axis: mpl.axis.Axis, largest: float, label: str) -> None:
    """Ticks in yuan, thousands or millions, whichever suits the largest amount; `label` says."""
    size, unit = next(
        (step for step in ((1e6, "million yuan"), (1e3, "thousand yuan")) if largest >= step[0]),
        (1, "yuan"),
    )
    axis.set_major_formatter(lambda amount, _: f"{amount / size:,g}".replace("-", "−"))
    axis.set_label_text(f"{label} ({unit})")


def _require(frame: pd.DataFrame, columns: list[str], *, chart: str, rows: int = 1) -> None:
    """Raise CourseError unless the frame has these columns and at least so many rows."""
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise CourseError(
            f"{chart} needs the column {missing[0]!r}; the frame has {list(frame.columns)}."
        )
    if len(frame) < rows:
        raise CourseError(
            f"{chart} needs at least {rows} rows; the frame has {len(frame)}: check your filter."
        )


# ------------------------------------------------------------------ charts


def concentration_curve(
    curves: Mapping[str, pd.DataFrame],
    *,
    top: float = 0.2,
    who: str = "accounts",
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Cumulative share of a value held by the best customers, with the mark "top 20 % → x %".

    `curves` names each line by what is held: {"revenue": segments.concentration_curve(…)},
    with customer_share and value_share running from 0 (best customers first).
    """
    if not 1 <= len(curves) <= len(LINE_STYLES):
        raise CourseError("concentration_curve needs one to four curves, such as {'revenue': …}.")
    for curve in curves.values():
        _require(curve, ["customer_share", "value_share"], chart="concentration_curve", rows=3)
    ax = ax or new_axes()
    ax.plot([0, 1], [0, 1], color=GREY, linewidth=1.5, linestyle=":", label="equality")
    ax.annotate(
        f"if all {who} were alike",
        (0.62, 0.62),
        xytext=(12, -6),
        textcoords="offset points",
        va="top",
        color=GREY,
    )
    held = {}
    for (name, curve), (color, dashes) in zip(curves.items(), LINE_STYLES, strict=False):
        x, y = curve["customer_share"].to_numpy(), curve["value_share"].to_numpy()
        ax.plot(x, y, color=color, linestyle=dashes, label=name)
        held[name] = float(np.interp(top, x, y))
        ax.plot(top, held[name], "o", color=color, markersize=11, label=f"top {percent(top)}")
    ax.set(
        xlim=(0, 1),
        ylim=(0, 1.05 * max(1, *(curve["value_share"].max() for curve in curves.values()))),
    )
    labels = {f"{percent(share)} of {name}": share for name, share in held.items()}
    _label_downwards(ax, top, labels)
    ax.axvline(top, color=GREY, linewidth=1, linestyle=":", zorder=0)
    ax.set(xlabel=f"share of {who}, best first", ylabel="share of the total, added up")
    _percent_axis(ax.xaxis)
    _percent_axis(ax.yaxis)
    default = f"The best {percent(top)} of {who} bring {_listed(list(labels))}"
    return finding(ax, title or default)


def _label_downwards(ax: Axes, x: float, heights: dict[str, float]) -> None:
    """Write each label right of and below its point (x, height); none on top of another."""
    low, high = ax.get_ylim()
    step, ceiling = 0.085 * (high - low), np.inf
    for label, height in sorted(heights.items(), key=lambda item: -item[1]):
        ceiling = min(height - 0.3 * step, ceiling - step)
        ax.annotate(label, (x, ceiling), xytext=(12, 0), textcoords="offset points", va="top")


def whale_curve(
    curve: pd.DataFrame,
    *,
    total: float | None = None,
    who: str = "accounts",
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Cumulative profit, best customers first: its peak, its end, and those who lose money.

    `curve` is segments.concentration_curve(profit); `total` (yuan) is written at its end.
    """
    _require(curve, ["customer_share", "value_share"], chart="whale_curve", rows=3)
    x, y = curve["customer_share"].to_numpy(), curve["value_share"].to_numpy()
    top = int(y.argmax())
    # Accounts that bring exactly nothing lie flat behind the peak: they do not lose money.
    flat = int(np.flatnonzero(y >= y[top] - 1e-12)[-1])
    losing = 1 - x[flat]
    ax = ax or new_axes()
    ax.plot(x, y, color=BLUE, label="profit, added up")
    ax.axhline(1, color=GREY, linewidth=1.5, linestyle=":")
    ax.plot([x[top], 1], [y[top], y[-1]], "o", color=BLUE, markersize=11, label="peak and end")
    note = {"ha": "right", "bbox": {"facecolor": "white", "edgecolor": "none", "pad": 4}}
    if losing > 0:
        ax.axvspan(x[flat], 1, facecolor="#F6E3D8", edgecolor="#E3B9A0", hatch="//", linewidth=0)
        ax.text(0.99, 0.06 * y[top], f"{percent(losing)} of {who} lose money", **note)
    end = "end: 100 %" + (f" = {yuan(total)}" if total is not None else "")
    ax.text(0.98, 0.92, end, va="top", **note)
    peak = f"peak: {percent(y[top])} at {percent(x[top])} of {who}"
    ax.text(max(x[top], 0.55), 1.04 * y[top], peak, va="bottom", **note)
    ax.set(xlim=(0, 1.01), ylim=(0, 1.18 * y[top]))
    ax.set(xlabel=f"share of {who}, best first", ylabel="share of profit, added up")
    _percent_axis(ax.xaxis)
    _percent_axis(ax.yaxis)
    default = (
        f"{percent(x[top])} of {who} earn {percent(y[top])} of the profit; "
        f"the rest lose {percent(y[top] - 1)}"
        if losing > 0
        else f"No {who} lose money: the profit only grows"
    )
    return finding(ax, title or default)


def ranked_bars(
    customers: pd.DataFrame,
    *,
    value_col: str = "profit",
    name_col: str = "name",
    n_named: int = 3,
    who: str = "accounts",
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """A thin bar per customer from the best to the worst; the ends are named, losses hatched.

    `customers` has one row per customer; `value_col` is in yuan.
    """
    _require(customers, [value_col, name_col], chart="ranked_bars")
    ranked = customers.sort_values(value_col, ascending=False)
    values = ranked[value_col].to_numpy(dtype=float)
    if not np.isfinite(values).all() or not values.any():
        raise CourseError(f"ranked_bars cannot draw {value_col}: some are missing, or all zero.")
    ax = ax or new_axes()
    edges = np.arange(len(values) + 1)
    ax.stairs(np.maximum(values, 0), edges, fill=True, color=BLUE, label="gains")
    losses = np.minimum(values, 0)
    ax.stairs(losses, edges, fill=True, label="losses", **LOSS)
    ax.axhline(0, color=INK, linewidth=1)
    gainers, losers = ranked[values > 0], ranked[values < 0]
    for rows, head, color, x, side in (
        (gainers.head(n_named), "Highest", BLUE, 0.07, "left"),
        (losers.tail(n_named)[::-1], "Lowest", VERMILLION, 1, "right"),
    ):
        lines = [
            f"{yuan(amount)}  {shortened(name)}"
            for name, amount in zip(rows[name_col], rows[value_col], strict=True)
        ]
        at = {"va": "top", "ha": side, "transform": ax.transAxes}
        if lines:
            ax.text(x, 0.98, head, color=color, weight="bold", **at)
            ax.text(x, 0.89, "\n".join(lines), **at)
    ax.set(xlim=(0, len(values)), xlabel=f"{who}, ranked by {value_col}")
    _yuan_axis(ax.yaxis, np.abs(values).max(), value_col)
    default = (
        f"{len(losers):,} of {len(values):,} {who} lose {yuan(-losses.sum())} together"
        if len(losers)
        else f"{len(values):,} {who} bring {yuan(values.sum())}, and none loses money"
    )
    return finding(ax, title or default)


def shortened(name: str, characters: int = 18) -> str:
    """A name cut to so many characters, an ellipsis for what is left out."""
    return name if len(name) <= characters else name[: characters - 1].rstrip() + "…"


class BarGrid:
    """Rows by columns of horizontal bars, each with its share printed; `set` moves them in place.

    One scale for all cells, from `low` (0 or less) to `high`: lengths compare across columns.
    `marks` (rows × columns) are shares to compare with: a dark mark stands where each bar would
    end.
    """

    def __init__(
        self,
        ax: Axes,
        rows: Sequence[str],
        columns: Sequence[str],
        *,
        low: float,
        high: float,
        marks: np.ndarray | None = None,
    ):
        self._scale = 0.66 / (high - low)  # of a column's width; the rest is for the number
        self._zeros = np.arange(len(columns)) - low * self._scale
        self._beyond = np.zeros((len(rows), len(columns)))  # where a number may begin, as a share
        self._bars, self._words = {}, {}
        for i, j in np.ndindex(self._beyond.shape):
            bar = Rectangle((self._zeros[j], i - 0.32), 0, 0.64, edgecolor="white", linewidth=0)
            self._bars[i, j] = ax.add_patch(bar)
            self._words[i, j] = ax.text(0, i, "", va="center")
        ax.vlines(self._zeros, -0.5, len(rows) - 0.5, color=GREY, linewidth=1.5)
        if marks is not None:
            self._beyond = np.maximum(marks, 0)
            for i, shares in enumerate(marks):
                ax.vlines(self._zeros + shares * self._scale, i - 0.42, i + 0.42, color=INK)
        for j, column in enumerate(columns):
            ax.text(self._zeros[j], -0.62, column, weight="bold", va="bottom")
        ax.set(xlim=(-0.02, len(columns)), ylim=(len(rows) - 0.45, -1.15), xticks=[])
        ax.set_yticks(range(len(rows)), [str(row) for row in rows], weight="bold")
        ax.tick_params(left=False)
        ax.spines[:].set_visible(False)

    @property
    def artists(self) -> list:
        """The bars and numbers that `set` moves."""
        return [*self._bars.values(), *self._words.values()]

    def set(self, shares: np.ndarray) -> None:
        """Show these shares (rows × columns; 0.2 is 20 %; losses are negative and hatched)."""
        for (i, j), share in np.ndenumerate(shares):
            color, hatch = (VERMILLION, "//") if share < 0 else (BLUE, None)
            self._bars[i, j].set(width=share * self._scale, facecolor=color, hatch=hatch)
            self._words[i, j].set_text(percent(share))
            self._words[i, j].set_x(
                self._zeros[j] + max(share, self._beyond[i, j]) * self._scale + 0.02
            )


def tier_bars(
    summary: pd.DataFrame,
    *,
    share_cols: Mapping[str, str] | None = None,
    who: str = "accounts",
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """A row per tier and a column per measure: bars of the tier's shares, each with its number.

    `summary` is segments.tier_summary(…): tiers in its index, shares in columns that end in
    _share. `share_cols` picks and names some of them: {"profit_share": "profit"}.
    """
    if share_cols is None:
        names = [c for c in summary.columns if c.endswith("_share")]
        share_cols = {c: c.removesuffix("_share").replace("_", " ") for c in names}
        if "customer_share" in share_cols:
            share_cols["customer_share"] = who
    _require(summary, list(share_cols) or ["customer_share"], chart="tier_bars")
    shares = summary[list(share_cols)].to_numpy(dtype=float)
    if not np.isfinite(shares).all():
        raise CourseError("tier_bars cannot draw a missing share: is a column's total zero?")
    ax = ax or new_axes()
    columns = list(share_cols.values())
    low, high = min(0, shares.min()), max(0.01, shares.max())
    BarGrid(ax, list(summary.index), columns, low=low, high=high).set(shares)
    parts = [f"{percent(share)} of {name}" for name, share in zip(columns, shares[0], strict=True)]
    return finding(ax, title or f"Tier {summary.index[0]} holds {_listed(parts)}")


def _listed(parts: list[str]) -> str:
    """a, b and c."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def cross_table(counts: pd.DataFrame, *, title: str | None = None, ax: Axes | None = None) -> Axes:
    """A heat map of counts, each printed in its cell; `counts` is pd.crosstab(rows, columns)."""
    _require(counts, [], chart="cross_table")
    cells = counts.to_numpy(dtype=float)
    if not cells.sum() > 0:
        raise CourseError("cross_table finds nothing to count: all of its cells are zero.")
    ax = ax or new_axes()
    ax.pcolormesh(cells, cmap="Blues", vmin=0, edgecolors="white", linewidth=3)
    for (row, column), count in np.ndenumerate(cells):
        dark = count > 0.55 * cells.max()
        ax.text(
            column + 0.5,
            row + 0.5,
            f"{count:,.0f}",
            ha="center",
            va="center",
            color="white" if dark else INK,
        )
    ax.set_xticks(np.arange(counts.shape[1]) + 0.5, [str(c) for c in counts.columns])
    ax.set_yticks(np.arange(counts.shape[0]) + 0.5, [str(r) for r in counts.index])
    ax.set(xlabel=str(counts.columns.name or ""), ylabel=str(counts.index.name or ""))
    ax.invert_yaxis()
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    row, column = np.unravel_index(cells.argmax(), cells.shape)
    default = (
        f"The fullest cell, {counts.index[row]} and {counts.columns[column]}, holds "
        f"{percent(cells.max() / cells.sum())} of all {cells.sum():,.0f}"
    )
    return finding(ax, title or default)


def waterfall(
    steps: Mapping[str, float] | pd.Series,
    *,
    result: str = "profit",
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """From a first amount by signed steps to what remains, `result`; in yuan.

    `steps` in order: {"revenue": 9e6, "cost of goods": -6e6, "cost to serve": -1e6}.
    """
    amounts = pd.Series(steps, dtype=float)
    if len(amounts) < 2 or amounts.isna().any() or not amounts.iloc[0] > 0:
        raise CourseError("waterfall needs an amount above zero, then steps, none of them missing.")
    ax = ax or new_axes()
    after = amounts.cumsum().to_numpy()
    rest = after[-1]
    heights = [*amounts, rest]
    bottoms = [0, *after[:-1], 0]
    names = [*amounts.index, result]
    for i, (height, bottom) in enumerate(zip(heights, bottoms, strict=True)):
        total = i in (0, len(heights) - 1)
        look = {"color": BLUE if total else GREEN} if height >= 0 else LOSS
        ax.bar(i, height, bottom=bottom, width=0.7, label=names[i], **look)
        ax.annotate(
            yuan(height),
            (i, max(bottom, bottom + height)),
            xytext=(0, 6),
            textcoords="offset points",
            ha="center",
        )
        if not total or i == 0:
            ax.plot([i + 0.35, i + 0.65], [after[i]] * 2, color=GREY, linewidth=1.5, linestyle="-")
    ax.axhline(0, color=INK, linewidth=1)
    ax.set_xticks(range(len(names)), [textwrap.fill(name, 13) for name in names])
    ax.tick_params(axis="x", length=0)
    low, high = min(0, after.min()), after.max()
    ax.set_ylim(1.1 * low, high + 0.1 * (high - low))
    _yuan_axis(ax.yaxis, float(np.abs(after).max()), "amount")
    kept = f"{100 * rest / amounts.iloc[0]:.0f}".replace("-", "−")
    return finding(ax, title or f"Of 100 yuan of {names[0]}, {kept} remain as {result}")


def bars(
    values: Mapping[str, float] | pd.Series,
    *,
    label: str,
    number: Callable[[float], str] = "{:,.0f}".format,
    title: str,
    notes: Sequence[str] = (),
    ax: Axes | None = None,
) -> Axes:
    """A horizontal bar per entry, in the given order from the top, its number beside it.

    `label` names the value with its unit; `number` writes it, such as `percent` or `yuan`; `notes`
    (one per bar) follow the numbers: how many cases lie behind each. Bars below zero are hatched.
    """
    values = pd.Series(values, dtype=float)
    if not len(values) or not np.isfinite(values).all():
        raise CourseError("bars needs at least one value, and none of them missing.")
    ax = ax or new_axes()
    low, high = min(0, values.min()), max(0, values.max())
    reach = (high - low) or 1
    for row, (name, value) in enumerate(values.items()):
        look = {"color": BLUE} if value >= 0 else LOSS
        ax.barh(row, value, height=0.66, label=str(name), **look)
        note = f"  {notes[row]}" if len(notes) else ""
        ax.text(max(value, 0) + 0.015 * reach, row, f"{number(value)}{note}", va="center")
    names = [textwrap.fill(str(name), 22) for name in values.index]
    ax.set_yticks(range(len(values)), names)
    ax.axvline(0, color=INK, linewidth=1)
    room = 0.16 + 0.012 * max((len(note) for note in notes), default=0)
    ax.set(xlim=(low, high + room * reach), ylim=(len(values) - 0.5, -0.5), xlabel=label, xticks=[])
    ax.tick_params(axis="y", length=0)
    ax.spines["bottom"].set_visible(False)
    ax.spines["left"].set_visible(False)
    return finding(ax, title)


def quadrants(
    points: pd.DataFrame,
    *,
    x_col: str,
    y_col: str,
    cuts: tuple[float, float],
    names: Sequence[Sequence[str]],
    xlabel: str,
    ylabel: str,
    jitter: float = 0.0,
    title: str | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Customers as points in four fields, each field with its name and how many it holds.

    `cuts` are where high begins on x and on y (at the cut is high). `names` are as one sees them:
    [[top left, top right], [bottom left, bottom right]]. `jitter` (in the axes' units) spreads
    points that lie on one another, such as answers from 1 to 5; always in the same way.
    """
    _require(points, [x_col, y_col], chart="quadrants")
    known = points[[x_col, y_col]].dropna().astype(float)
    if known.empty:
        raise CourseError(f"quadrants finds no customer with both {x_col} and {y_col}.")
    ax = ax or new_axes()
    right, top = known[x_col] >= cuts[0], known[y_col] >= cuts[1]
    spread = np.random.default_rng(0).uniform(-jitter, jitter, (2, len(known)))
    fields = ((~right & top, right & top), (~right & ~top, right & ~top))
    looks = (((GREEN, "^"), (BLUE, "o")), ((VERMILLION, "x"), (PURPLE, "s")))
    held = {}
    for i, j in np.ndindex(2, 2):
        inside, (color, marker) = fields[i][j].to_numpy(), looks[i][j]
        held[names[i][j]] = int(inside.sum())
        xs, ys = known[x_col] + spread[0], known[y_col] + spread[1]
        ax.scatter(xs[inside], ys[inside], s=26, color=color, marker=marker, alpha=0.55)
        name = f"{names[i][j]}: {inside.sum():,} ({percent(inside.mean())})"
        ax.text(
            0.01 if j == 0 else 0.99,
            0.99 if i == 0 else 0.01,
            name,
            transform=ax.transAxes,
            ha="left" if j == 0 else "right",
            va="top" if i == 0 else "bottom",
            weight="bold",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 3, "alpha": 0.85},
        )
    ax.axvline(cuts[0] - jitter, color=INK, linewidth=1.5, linestyle="-")
    ax.axhline(cuts[1] - jitter, color=INK, linewidth=1.5, linestyle="-")
    ax.margins(0.12)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    fullest = max(held, key=held.get)
    default = f"{held[fullest]:,} of {len(known):,} are {fullest}"
    return finding(ax, title or default)


# ------------------------------------------------------------------ showing


def figure_html(
    png: bytes, *, alt: str, caption: str = "", size: tuple[int, int], onload: str = ""
) -> str:
    """A <figure> with a picture of `size` CSS pixels: the form of alt text every reader keeps.

    `onload` is a script for the page to run when the picture is there.
    """
    source = base64.b64encode(png).decode("ascii")
    width, height = size
    script = f' onload="{html.escape(onload)}"' if onload else ""
    words = html.escape(caption).replace("\n", "<br>")
    note = f'<figcaption style="{CAPTION}">{words}</figcaption>' if caption else ""
    return (
        f'<figure style="margin:0"><img src="data:image/png;base64,{source}" '
        f'alt="{html.escape(alt)}" width="{width}" height="{height}" decoding="sync" '
        f'style="max-width:100%;height:auto"{script}>{note}</figure>'
    )


def show(fig_or_ax: Figure | Axes, *, alt: str, caption: str = "") -> None:
    """Display a figure with its alt text and caption, and close it.

    `alt` says in one sentence what the picture shows, for those who do not see it. The output
    holds HTML, a PNG, and a plain description of what was drawn, which the tests compare.
    Raises CourseError when `alt` is empty.
    """
    from IPython.display import display  # costs a script without a notebook 0.15 s

    fig = fig_or_ax if isinstance(fig_or_ax, Figure) else fig_or_ax.figure
    if not alt.strip():
        raise CourseError("show needs alt=…: one sentence that says what the picture shows.")
    png = _png(fig)
    plt.close(fig)
    size = tuple(round(side * 100) for side in fig.get_size_inches())
    display(
        {
            "text/html": figure_html(png, alt=alt, caption=caption, size=size),
            "image/png": png,
            "text/plain": describe(fig),
        },
        raw=True,
    )


def _png(fig: Figure, *, dpi: int = 150) -> bytes:
    """The figure, sharper than its CSS size (dpi 100), in 128 colours: a third of the bytes."""
    usual, fig.dpi = fig.dpi, dpi
    canvas = LettersCanvas(fig)
    canvas.draw()  # once: savefig would draw twice
    fig.dpi = usual
    picture = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    png = io.BytesIO()
    # Maximum coverage, and not the faster octree, keeps white white beside pale blue.
    picture.quantize(128, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(
        png, "png", compress_level=6
    )
    return png.getvalue()


def describe(fig: Figure) -> str:
    """What a figure shows, in words and rounded numbers: titles, axes, texts, lines, bars, cells.

    The same for the same data on every machine; different when the data drawn are different.
    """
    lines = []
    for ax in fig.axes:
        titles = [" ".join(ax.get_title(loc).split()) for loc in ("left", "center", "right")]
        lines.append(f"figure: {''.join(titles)}")
        for side, axis in (("x", ax.xaxis), ("y", ax.yaxis)):
            words = [axis.get_label_text()]
            if isinstance(axis.get_major_locator(), FixedLocator):  # ticks with words of their own
                words += [tick.get_text() for tick in axis.get_ticklabels()]
            lines += [f"{side}: {' | '.join(filter(None, words))}"] if any(words) else []
        bars = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
        if bars:
            widths, heights = zip(*((b.get_width(), b.get_height()) for b in bars), strict=True)
            lines.append(f"{len(bars)} bars: {_span('width', widths)}, {_span('height', heights)}")
        for artist in (*ax.lines, *ax.collections, *ax.images, *ax.patches):
            lines += _described(artist)
        texts = [" / ".join(text.get_text().splitlines()) for text in ax.texts]
        lines += [f"texts: {' | '.join(texts)}"] if texts else []
    return "\n".join(lines)


def _described(artist: mpl.artist.Artist) -> list[str]:
    """One line on the data of a line, a step, a scatter, a filled area or a heat map."""
    if isinstance(artist, Line2D):
        kind, data = "line", artist.get_xydata()
    elif isinstance(artist, PathCollection):
        kind, data = "points", artist.get_offsets()
    elif isinstance(artist, LineCollection):
        kind, data = "lines", np.concatenate(artist.get_segments())
    elif isinstance(artist, PolyCollection):
        nothing = np.empty((0, 2))
        kind = "area"
        data = np.concatenate([nothing, *(path.vertices for path in artist.get_paths())])
    elif isinstance(artist, StepPatch):
        kind, data = "steps", artist.get_data()[0]
    elif isinstance(artist, (QuadMesh, AxesImage)):
        kind, data = "cells", artist.get_array()
    else:
        return []
    data = np.asarray(data, dtype=float)
    if not data.size:  # a part that nothing is in at the moment
        return []
    label = "" if str(artist.get_label()).startswith("_") else f" {artist.get_label()}"
    if data.ndim == 2 and kind not in ("cells", "steps"):
        spans = f"{_span('x', data[:, 0])}, {_span('y', data[:, 1])}"
    else:
        spans = _span("value", data)
    return [f"{kind}{label}: {len(data)} × {spans}"]


def _span(name: str, values: Sequence[float]) -> str:
    """The range and the sum of some numbers, each to three figures."""
    values = np.asarray(values, dtype=float)
    low, high, total = np.nanmin(values), np.nanmax(values), np.nansum(values)
    if abs(total) < 1e-9 * max(abs(low), abs(high)):  # rounding left over from plus and minus
        total = 0
    return f"{name} {low:.3g} … {high:.3g}, sum {total:.3g}"
