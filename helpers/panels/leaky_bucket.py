"""Chapter 06: a bucket of customers: who pours in, who leaks out by which hole, and what it costs.

A year: each customer of its first day is spent on; who leaves in it brings no margin, who is won in
it begins to bring margin the next. So a loss costs a year's margin and a new customer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.patches import Ellipse, Polygon
from matplotlib.text import Text
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Bbox

from helpers import charts, churn
from helpers.data import CourseError
from helpers.panels.base import Panel, choice, round_steps, slider

YEARS = 10
NONE = "none"  # no hole is mended
HOLES = 9  # as many as the picture has room for
WATER, SURFACE = "#8CBFDD", "#BAD8EA"
FOR_GOOD = "#9C9C9C"  # a leak that nobody can mend: paler than the others in grey too
# The scene in pixels, from the lower left corner of the picture.
WIDTH, HEIGHT = 900, 420
RIM, HALF_RIM, HALF_BOTTOM, MIDDLE = 334, 110, 78, 116  # the bucket: height, half widths, centre
TAP, TAP_AT, WIDEST = 354, 86, 116  # the tap: height, centre; the widest stream
SCENE = 446  # where the scene ends on the right


def leaky_bucket(
    leaks: pd.Series | Mapping[str, float],
    *,
    customers: float,
    won: float,
    margin: float,
    win_cost: float,
    halving_spend: float,
    unavoidable: Sequence[str] = ("closed", "moved", "no more need"),
    **hooks,
) -> Panel:
    """A bucket of customers that leaks: what is poured in, what is mended, and what either costs.

    `leaks` gives for each cause of loss the share of the customers of a year's first day whom it
    takes in that year, 0 to 1. `customers`: how many there are today; `won`: new ones a year;
    `margin`: yuan that one brings a year; `win_cost`: yuan to win one; `halving_spend`: yuan per
    customer and year on keeping, each of which halves the leaks but for those named in
    `unavoidable` (see `churn.cost_of_keeping`; a loss costs `margin` + `win_cost`).

    Controls: "won" (a year), "win_cost", "keeping" (yuan per customer and year), "mended" (no hole,
    or one that can be: it is closed), "year" (to look at: 0 is today, 10 the last). `hooks` are
    `state` and `on_commit` of Panel. Raises CourseError for leaks that are no shares, and for
    amounts that are not positive.
    """
    amounts = {"customers": customers, "margin": margin, "win_cost": win_cost}
    for name, amount in (amounts | {"halving_spend": halving_spend}).items():
        if not (pd.api.types.is_number(amount) and 0 < amount < np.inf):
            raise CourseError(f"{name} is a number above 0, and {amount!r} is not.")
    if not (pd.api.types.is_number(won) and 0 <= won < np.inf):
        raise CourseError(f"won is a number of customers a year, 0 or more, and {won!r} is not.")
    names = [unavoidable] if isinstance(unavoidable, str) else list(unavoidable)
    base = Base(
        _checked(leaks), customers, margin=margin, halving_spend=halving_spend, unavoidable=names
    )
    return LeakyBucket(base, won=won, win_cost=win_cost, **hooks)


class Base:
    """The customers and the holes by which they leave; the holes that can be mended come first."""

    def __init__(
        self,
        leaks: pd.Series,
        customers: float,
        *,
        margin: float,
        halving_spend: float,
        unavoidable: Sequence[str],
    ):
        fixed = leaks.index.isin(unavoidable)
        order = np.lexsort([-leaks.to_numpy(), fixed])
        self.causes, self.leaks = leaks.index[order].to_list(), leaks.to_numpy()[order]
        self.avoidable = ~fixed[order]
        self.customers, self.margin, self.halving_spend = customers, margin, halving_spend

    def rates(self, mended: str, spend: float = 0) -> np.ndarray:
        """Each hole's share a year, one of them closed and so many yuan spent on each customer."""
        shrunk = self.leaks * np.where(self.avoidable, 2.0 ** (-spend / self.halving_spend), 1)
        return np.where([cause == mended for cause in self.causes], 0, shrunk)

    def levels(self, rate: float, won: float) -> np.ndarray:
        """The customers today and at the end of each of ten years."""
        levels = [self.customers]
        for _ in range(YEARS):
            levels.append(levels[-1] * (1 - rate) + won)
        return np.array(levels)

    def profits(
        self, levels: np.ndarray, rate: float, *, won: float, spend: float, win_cost: float
    ) -> np.ndarray:
        """Yuan that each of the ten years brings: margin of who stays, less keeping and winning."""
        return levels[:-1] * (self.margin * (1 - rate) - spend) - won * win_cost

    def cost(self, mended: str, win_cost: float) -> dict[str, float]:
        """What `churn.cost_of_keeping` asks for."""
        rates = self.rates(mended)
        unavoidable = float(rates[~self.avoidable].sum())
        return {
            "loss_rate": unavoidable + float(rates[self.avoidable].sum()),
            "unavoidable": unavoidable,
            "halving_spend": self.halving_spend,
            "cost_of_a_loss": self.margin + win_cost,
        }


def break_even(cost: Mapping[str, float]) -> float:
    """The spend at which keeping has cost as much as it saved; 0 where no spend saves anything."""
    low = churn.best_spend(**cost)
    if low == 0:
        return 0.0
    avoidable = (cost["loss_rate"] - cost["unavoidable"]) * cost["cost_of_a_loss"]
    high = avoidable  # to spend as much as all avoidable losses cost can never pay
    for _ in range(50):
        middle = (low + high) / 2
        saved = avoidable * (1 - 2.0 ** (-middle / cost["halving_spend"]))
        low, high = (middle, high) if saved > middle else (low, middle)
    return low


class Unchanged(Artist):
    """Artists alone in their part of the picture: restored as pixels until `state` is another."""

    def __init__(self, artists: Sequence[Artist], *, part: Bbox):
        super().__init__()
        self.artists, self.part = artists, part
        self.state, self._drawn, self._pixels = None, None, None
        self.set(animated=True, zorder=-1)  # restored first: pixels hide what is below
        self._show(False)

    def draw(self, renderer: RendererAgg) -> None:
        if self._pixels and self._drawn == self.state:
            renderer.restore_region(self._pixels)
            return
        self._show(True)
        for artist in self.artists:
            artist.draw(renderer)
        self._show(False)
        self._drawn, self._pixels = self.state, renderer.copy_from_bbox(self.part)

    def _show(self, visible: bool) -> None:
        for artist in self.artists:
            artist.set_visible(visible)


class LeakyBucket(Panel):
    """See `leaky_bucket`."""

    def __init__(self, base: Base, *, won: float, win_cost: float, **hooks):
        self._base = base
        rate = base.leaks.sum()
        state = hooks.get("state") or {}
        still = rate * base.customers
        pours = round_steps(
            max(1.5 * won, 1.5 * still, base.customers / 10), won, state.get("won", won)
        )
        costs = round_steps(2 * win_cost, win_cost, state.get("win_cost", win_cost))
        avoidable = base.leaks[base.avoidable].sum() * (base.margin + costs[-1])
        spends = round_steps(max(avoidable, 2 * base.halving_spend), 0, state.get("keeping", 0))
        self._most_won, self._most_spent = pours[-1], spends[-1]
        mendable = [c for c, can in zip(base.causes, base.avoidable, strict=True) if can]
        years = {"today": 0} | {f"year {year}": year for year in range(1, YEARS + 1)}
        super().__init__(
            {
                "won": slider("won a year", {f"{n:,.12g}": n for n in pours}, won),
                "win_cost": slider("to win one", {_yuan(x): x for x in costs}, win_cost),
                "keeping": slider("keeping", {_yuan(x): x for x in spends}, 0),
                "mended": choice("mended", [NONE, *mendable], NONE),
                "year": slider("look at", years, YEARS),
            },
            caption="A bucket of customers: a stream in, with what winning costs, and out of each "
            "hole a stream as wide as its losses, with the margin that leaves; beside it the "
            "customers over ten years, and what spending on keeping adds to a year's profit if the "
            "level is held (black: what is spent now).",
            width=WIDTH,
            height=HEIGHT,
            **hooks,
        )

    def draw(self, fig: Figure) -> None:
        scene = fig.add_axes((0, 0, 1, 1))
        scene.set(xlim=(0, WIDTH), ylim=(0, HEIGHT))
        scene.axis("off")
        self._draw_bucket(scene)
        self._draw_years(fig)
        self._draw_money(fig)
        self._title = fig.text(0.005, 0.975, "", va="top", weight="bold", size=19)
        curve = [self._gain, self._even, self._best, self._best_text, self._even_text, self._peak]
        self._unchanged = {
            "title": Unchanged([self._title], part=Bbox([(0, 382), (WIDTH, HEIGHT)])),
            "won": Unchanged([self._pour_text], part=Bbox([(156, 346), (SCENE, 378)])),
            "money": Unchanged(curve, part=Bbox([(SCENE, 0), (WIDTH, 230)])),
        }
        for part in self._unchanged.values():
            fig.add_artist(part)

    def _draw_bucket(self, ax: Axes) -> None:
        base, holes = self._base, len(self._base.causes)
        pitch = 24 if holes > 7 else 27
        self._rows = 13 + pitch * np.arange(holes)[::-1]
        self._bottom = max(self._rows[0] + 24, 170)  # few holes: longer streams, no taller bucket
        most = max(
            base.levels(base.rates(mended, self._most_spent).sum(), self._most_won)[-1]
            for mended in self.controls["mended"].options
        )
        self._capacity = float(np.clip(1.05 * most, 1.7 * base.customers, 2.5 * base.customers))
        widths = base.leaks / (base.leaks.sum() or 1)
        gap = 5
        room = 2 * HALF_BOTTOM - 12 - gap * (holes - 1)
        slots = room * (0.7 * widths + 0.3 / holes)
        self._holes = MIDDLE + HALF_BOTTOM - 6 - (slots + gap).cumsum() + gap + slots / 2
        # The tap: a pipe from the left and a mouth as wide as the widest stream.
        mouth = [TAP_AT - WIDEST / 2 - 5, TAP_AT + WIDEST / 2 + 5]
        ax.plot([0, TAP_AT], [TAP + 15] * 2, color=charts.GREY, linewidth=9, linestyle="-")
        ax.plot([TAP_AT] * 2, [TAP + 3, TAP + 15], color=charts.GREY, linewidth=20, linestyle="-")
        ax.plot(mouth, [TAP] * 2, color=charts.GREY, linewidth=6, linestyle="-")
        # The bucket: walls, the far side of the rim behind the water and the near side before it.
        wall = {"fill": False, "edgecolor": charts.INK}
        rim = ((MIDDLE, RIM), 2 * HALF_RIM, 18)
        ax.add_patch(Ellipse(*rim, linewidth=2, **wall))
        self._water = Polygon([(0, 0)] * 4, facecolor=WATER, edgecolor="none", label="water")
        self._surface = Ellipse((MIDDLE, 0), 0, 18, facecolor=SURFACE, edgecolor=charts.BLUE)
        self._surface.set(linewidth=1)
        self._pour = Polygon([(0, 0)] * 4, facecolor=charts.BLUE, edgecolor="none", label="won")
        body = [
            (MIDDLE - HALF_RIM, RIM),
            (MIDDLE - HALF_BOTTOM, self._bottom),
            (MIDDLE + HALF_BOTTOM, self._bottom),
            (MIDDLE + HALF_RIM, RIM),
        ]
        hang = np.linspace(0, np.pi, 40)
        handle = Polygon(
            np.column_stack([MIDDLE + HALF_RIM * np.cos(hang), RIM - 34 * np.sin(hang)]),
            closed=False,
            fill=False,
            edgecolor=charts.GREY,
            linewidth=3,
        )
        sides = Polygon(body, closed=False, linewidth=5, joinstyle="round", **wall)
        self._streams = PolyCollection([], edgecolor="none", label="lost", zorder=1)
        self._over = PolyCollection([], facecolor=WATER, edgecolor="none", zorder=1)
        (self._patch,) = ax.plot([], [], "X", color=charts.GREEN, markersize=17, zorder=4)
        for moving in (self._water, self._surface, self._pour, handle, sides):
            ax.add_patch(moving)
        for moving in (self._streams, self._over):
            ax.add_collection(moving)
        for moving in (
            self._water,
            self._surface,
            self._pour,
            handle,
            sides,
            self._streams,
            self._over,
        ):
            moving.set_animated(True)
        now = self._at(base.customers)
        (mark,) = ax.plot(*self._across(now), color=charts.INK, linestyle=":", linewidth=2)
        edge = MIDDLE + self._half(now) + 12
        ax.text(edge, now, f"today {_count(base.customers)}", va="center")
        renderer = self._canvas.get_renderer()
        widest = ax.text(0, 0, "8" * max(3, len(_count(self._most_won))))
        room = widest.get_window_extent(renderer).width
        widest.remove()
        self._numbers = []  # beside the causes, which stay
        for x, slot, y, cause, can in zip(
            self._holes, slots, self._rows, base.causes, base.avoidable, strict=True
        ):
            look = {"va": "center_baseline", "color": charts.INK if can else charts.GREY}
            left = x + slot / 2 + 7 + room
            self._numbers.append(ax.text(left, y, "", ha="right", **look))
            _fit(ax.text(left + 7, y, cause, **look), SCENE - left - 7, renderer)
        end = MIDDLE + HALF_BOTTOM - 5
        self._level = ax.text(end, self._bottom + 20, "", weight="bold", zorder=5)
        self._level.set(ha="right", va="center")
        beside = MIDDLE + HALF_RIM + 12
        self._pour_text = ax.text(TAP_AT + WIDEST / 2 + 16, TAP + 6, "", va="center")
        self._profit = ax.text(beside, RIM - 14, "", va="center", weight="bold")
        self._lost_text = ax.text(beside, self._bottom + 13, "", va="center", color="#A34700")
        for moving in (mark, *self._numbers, self._level, self._patch):
            moving.set_animated(True)
        for moving in (self._profit, self._lost_text):
            moving.set_animated(True)

    def _draw_years(self, fig: Figure) -> None:
        ax = _axes(fig, bottom=264, height=82, heading="customers over ten years")
        ax.set(xlim=(0, YEARS), ylim=(0, self._capacity))
        ax.set_xticks([0, 5, YEARS], ["today", "5", "10 years"])
        ax.tick_params(axis="x", pad=4)
        ax.get_xticklabels()[-1].set_ha("right")
        ticks = _ticks(0.85 * self._capacity, 2)
        ax.set_yticks(ticks, [f"{number:,.12g}" for number in ticks])
        today = self._base.customers
        ax.axhline(today, color=charts.INK, linewidth=2, linestyle="--", label="stands still")
        (self._line,) = ax.plot(range(YEARS + 1), [today] * (YEARS + 1), color=charts.BLUE)
        (self._dot,) = ax.plot([0], [today], "o", color=charts.BLUE, markersize=11)
        self._still = ax.text(YEARS, today, "", ha="right")
        for moving in (self._line, self._dot, self._still):
            moving.set(animated=True, clip_on=moving is self._line)

    def _draw_money(self, fig: Figure) -> None:
        ax = _axes(fig, bottom=74, height=118, heading="keeping adds to a year's profit")
        ax.set(
            xlim=(0, 1.05 * self._most_spent), ylim=(-0.5, 1.55), xlabel="spent to keep a customer"
        )
        ax.set_yticks([0], ["0"])
        ticks = _ticks(0.98 * self._most_spent, 3)
        ax.set_xticks(ticks, [_short_yuan(amount) for amount in ticks])
        ax.tick_params(axis="x", pad=4)
        ax.xaxis.labelpad = 0
        ax.axhline(0, color=charts.INK, linewidth=2, linestyle="--", label="nothing spent")
        self._spends = np.linspace(0, 1.05 * self._most_spent, 201)
        (self._gain,) = ax.plot(self._spends, 0 * self._spends, color=charts.BLUE)
        look = {"linestyle": "none", "clip_on": False}
        (self._even,) = ax.plot([], [], "X", color=charts.VERMILLION, markersize=13, **look)
        (self._best,) = ax.plot([], [], "D", color=charts.GREEN, markersize=11, **look)
        (self._spent,) = ax.plot([], [], "o", color=charts.INK, markersize=11, **look)
        self._best_text, self._even_text = (ax.text(0, 0, "") for _ in "12")
        self._peak = ax.text(-0.03 * self._most_spent, 1, "", ha="right", va="center")
        self._spent.set_animated(True)

    def update(self, values: dict) -> str:
        base, year, spend = self._base, values["year"], values["keeping"]
        won, win_cost = values["won"], values["win_cost"]
        rates = base.rates(values["mended"], spend)
        rate, ends = rates.sum(), max(year, 1)  # today is seen with the year that it begins
        levels = base.levels(rate, won)
        profits = base.profits(levels, rate, won=won, spend=spend, win_cost=win_cost)
        cost = base.cost(values["mended"], win_cost)
        best, even = churn.best_spend(**cost), break_even(cost)
        lost = rates * levels[ends - 1]
        self._show_bucket(levels[year], lost, values["mended"])
        self._show_pour(levels[year], won)
        self._pour_text.set_text(f"{_count(won)} won: {charts.yuan(won * win_cost)}")
        # The margin alone: what their successors cost stands at the tap already.
        loss = charts.yuan(lost.sum() * base.margin)
        self._lost_text.set_text(f"{_count(lost.sum())} lost: {loss}")
        profit = charts.yuan(profits[ends - 1])
        self._profit.set_text(f"profit {profit}")
        self._show_years(levels, year, rate)
        self._show_money(cost, spend, best, even)
        self._title.set_text(_finding(base.customers, levels[-1]))
        self._unchanged["title"].state = self._title.get_text()
        self._unchanged["won"].state = self._pour_text.get_text()
        self._unchanged["money"].state = (values["mended"], win_cost)
        between = f"{_count(levels[year])} after year {year}, " if 0 < year < YEARS else ""
        first = f" (year 1: {charts.yuan(profits[0])})" if ends > 1 else ""
        further = churn.cost_of_keeping([spend], **cost)["loss_rate"][0] - cost["unavoidable"]
        further *= np.log(2) / base.halving_spend * cost["cost_of_a_loss"]
        return (
            f"{_count(base.customers)} customers today, {between}{_count(levels[-1])} in ten "
            f"years; {_count(rate * base.customers)} won a year hold the level. Profit in year "
            f"{ends}: {profit}{first}. With the level held, a further yuan on keeping each saves "
            f"{further:.2f}; {_advice(best, even)}."
        )

    def _at(self, customers: float) -> float:
        """How high in the picture so many customers stand in the bucket."""
        full = min(customers / self._capacity, 1)
        return self._bottom + full * (RIM - self._bottom)

    def _half(self, height: float) -> float:
        """Half the bucket's width at a height of the picture."""
        return np.interp(height, [self._bottom, RIM], [HALF_BOTTOM, HALF_RIM])

    def _across(self, height: float) -> tuple[list[float], list[float]]:
        half = self._half(height)
        return [MIDDLE - half, MIDDLE + half], [height, height]

    def _show_bucket(self, level: float, lost: np.ndarray, mended: str) -> None:
        height = self._at(level)
        left, right = self._across(height)[0]
        bottom = [(MIDDLE + HALF_BOTTOM, self._bottom), (MIDDLE - HALF_BOTTOM, self._bottom)]
        self._water.set_xy([(left, height), (right, height), *bottom])
        self._surface.set(center=(MIDDLE, height), width=right - left)
        self._over.set_verts(self._overflow() if level > self._capacity else [])
        self._level.set_text(_count(level))
        halves = lost * WIDEST / self._most_won / 2
        self._streams.set_verts(
            [
                _stream(x, self._bottom - 2, end, max(half, 0.6 * (half > 0)))
                for x, end, half in zip(self._holes, self._rows - 2, halves, strict=True)
            ]
        )
        colors = [charts.VERMILLION if can else FOR_GOOD for can in self._base.avoidable]
        self._streams.set_facecolor(colors)
        closed = [cause == mended for cause in self._base.causes]
        self._patch.set_data(self._holes[closed], [self._bottom - 3] * sum(closed))
        for words, shut, number in zip(self._numbers, closed, lost, strict=True):
            words.set_text("✓" if shut else _count(number))

    def _overflow(self) -> list[list[tuple[float, float]]]:
        """Water running down both walls."""
        foot = self._bottom + 0.2 * (RIM - self._bottom)
        return [
            [
                (MIDDLE + side * HALF_RIM, RIM + 5),
                (MIDDLE + side * (HALF_RIM + 10), RIM - 4),
                (MIDDLE + side * (self._half(foot) + 10), foot),
                (MIDDLE + side * (self._half(foot) + 4), foot),
            ]
            for side in (-1, 1)
        ]

    def _show_pour(self, level: float, won: float) -> None:
        half = won * WIDEST / self._most_won / 2
        self._pour.set_xy(_stream(TAP_AT, TAP - 3, self._at(level) - 4, half))

    def _show_years(self, levels: np.ndarray, year: int, rate: float) -> None:
        self._line.set_ydata(levels)
        self._dot.set_data([year], [min(levels[year], self._capacity)])
        self._dot.set_marker("o" if levels[year] <= self._capacity else "^")
        self._still.set_text(f"{_count(rate * self._base.customers)} a year hold it")
        falls, today = levels[-1] <= levels[0], self._base.customers
        self._still.set_va("bottom" if falls else "top")
        self._still.set_y(today + (0.02 if falls else -0.04) * self._capacity)

    def _show_money(self, cost: dict, spend: float, best: float, even: float) -> None:
        total = churn.cost_of_keeping([0, best, spend, *self._spends], **cost)["total"].to_numpy()
        _, peak, here, *curve = self._base.customers * (total[0] - total)
        scale = (
            max(peak, 0.02 * self._base.customers * self._most_spent) if best else -2 * curve[-1]
        )
        self._gain.set_ydata(np.array(curve) / scale)
        self._best.set_data([best], [peak / scale])
        self._even.set_data([even] if even else [], [0] if even else [])
        self._spent.set_data([spend], [max(here / scale, -0.5)])
        self._spent.set_marker("o" if here / scale >= -0.5 else "v")
        at_left = best < 0.25 * self._most_spent
        self._best_text.set(
            text=f"best {_short_yuan(best)}" if best else "best: spend nothing",
            position=(
                best + 0.04 * self._most_spent * at_left,
                max(peak / scale + 0.15, 0.62) if best else 0.2,
            ),
            ha="left" if at_left else "center",
        )
        is_late = even > 0.5 * self._most_spent  # then there is room on its left, under the line
        self._even_text.set(
            text="break-even" if even else "",
            position=(even, -0.08) if is_late else (even + 0.03 * self._most_spent, 0.08),
            ha="right" if is_late else "left",
            va="top" if is_late else "bottom",
        )
        if best:
            self._peak.set(text=f"+{_short_yuan(peak)}", y=max(peak / scale, 0.45))
        else:
            self._peak.set(text=_short_yuan(curve[-1]), y=-0.48)


def _axes(fig: Figure, *, bottom: int, height: int, heading: str) -> Axes:
    """One of the two charts beside the scene, its heading above."""
    ax = fig.add_axes((572 / WIDTH, bottom / HEIGHT, 312 / WIDTH, height / HEIGHT))
    fig.text(484 / WIDTH, (bottom + height + 4) / HEIGHT, heading, va="bottom")
    return ax


def _stream(x: float, top: float, end: float, half: float) -> np.ndarray:
    """The outline of falling water: as wide as it is, and round at its end."""
    turn = np.linspace(0, np.pi, 9)
    end = np.column_stack([x + half * np.cos(turn), end - min(half, 6) * np.sin(turn)])
    return np.vstack([[(x - half, top), (x + half, top)], end])


def _ticks(top: float, parts: int) -> list[float]:
    """Round numbers from 0 to `top` at the most."""
    return [tick for tick in MaxNLocator(parts).tick_values(0, top) if tick <= top]


def _fit(text: Text, width: float, renderer: RendererAgg) -> None:
    """Shorten the words until they fit into so many pixels."""
    words = text.get_text()
    while text.get_window_extent(renderer).width > width:
        words = words[:-1]
        text.set_text(f"{words.rstrip()}…")


def _count(customers: float) -> str:
    few = 0 < customers < 9.95
    return f"{customers:.1f}" if few else f"{customers:,.0f}"


def _yuan(amount: float) -> str:
    return f"¥{amount:,.12g}"


def _short_yuan(amount: float) -> str:
    """Two figures will do: "¥3.1 k"."""
    amount = float(f"{amount:.2g}")
    sizes = ((1e9, " bn"), (1e6, " m"), (1e3, " k"), (1, ""))
    size, unit = next((each for each in sizes if abs(amount) >= each[0]), (1, ""))
    return f"{'−' if amount < 0 else ''}¥{abs(amount) / size:g}{unit}"


def _finding(today: float, last: float) -> str:
    if _count(today) == _count(last):
        return f"The bucket stands still at {_count(today)} customers"
    way = "leak away to" if last < today else "grow to"
    return f"{_count(today)} customers {way} {_count(last)} in ten years"


def _advice(best: float, even: float) -> str:
    if not best:
        return "not even the first yuan pays"
    best, even = (float(f"{amount:.3g}") for amount in (best, even))
    return f"{_yuan(best)} is best, beyond {_yuan(even)} it costs more than it saves"


def _checked(leaks: pd.Series | Mapping[str, float]) -> pd.Series:
    """The leaks as numbers by cause; raise CourseError when they are no shares of customers."""
    if not isinstance(leaks, (pd.Series, Mapping)):
        raise CourseError("leaks is a Series: for each cause the share of customers it takes.")
    leaks = pd.Series(leaks)
    if not 1 <= len(leaks) <= HOLES:
        raise CourseError(
            f"The bucket has room for 1 to {HOLES} holes, and here are {len(leaks)}: add up the "
            "smallest under one name."
        )
    leaks.index = leaks.index.astype(str)
    if not leaks.index.is_unique:
        twice = leaks.index[leaks.index.duplicated()][0]
        raise CourseError(f"Two holes are called {twice!r}: add them up first.")
    shares = pd.to_numeric(leaks, errors="coerce").astype(float)
    if not shares.between(0, 1).all() or shares.sum() > 1 + 1e-9:
        raise CourseError("Leaks are shares of the customers a year, 0 to 1, and at most 1 in all.")
    return shares
