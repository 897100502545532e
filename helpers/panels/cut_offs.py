"""Chapter 03: where should A end? Cut-offs of the tiers, and what each tier then holds."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from helpers import charts
from helpers.data import CourseError
from helpers.panels.base import Panel, choice, percent_slider

TIERS = {"A": 0.20, "B": 0.30, "C": 0.30, "D": 0.20}


class Ranking:
    """Customers from the best down by one value, with running totals: a cut costs no new sums."""

    def __init__(self, customers: pd.DataFrame, value_col: str):
        better = customers[value_col].rank(method="min", ascending=False).to_numpy() - 1
        self.order = np.argsort(better, kind="stable")
        self._better = better[self.order] / len(customers)
        columns = {
            "accounts": np.ones(len(customers)),
            "profit": customers["profit"],
            "cost to serve": customers["cost_to_serve"],
            "losing": customers["profit"] < 0,
        }
        sums = pd.DataFrame(columns).to_numpy(dtype=float)[self.order].cumsum(axis=0)
        self._sums = np.vstack([np.zeros(len(columns)), sums])

    @property
    def is_flat(self) -> bool:
        """Whether nobody is better than another."""
        return not self._better.any()

    def cut(self, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Cut at these shares of the customers, as segments.rank_tiers does: ties go up.

        Returns each tier's sums (tiers × accounts, profit, cost to serve, accounts that lose money)
        and each customer's tier (0 for the best), in the order of the frame.
        """
        places = np.searchsorted(self._better, ends)
        edges = np.array([0, *places, len(self.order)])
        tiers = np.empty(len(self.order), dtype=int)
        tiers[self.order] = np.repeat(np.arange(len(edges) - 1), np.diff(edges))
        return np.diff(self._sums[edges], axis=0), tiers


def cut_offs(customers: pd.DataFrame, *, shares: Mapping[str, float] = TIERS, **hooks) -> Panel:
    """A panel that moves the cut-offs of the tiers and shows what each tier then holds.

    `customers` has one row per account: account_id, revenue, profit and cost_to_serve in yuan, and
    name if there is one. `shares` are the tiers to begin with, as shares of the accounts from the
    best down. Controls: one per tier but the last (where it ends, in whole percent), and "ranking"
    (by revenue, to begin with, or by profit). `hooks` are `state` and `on_commit` of Panel.
    """
    return CutOffs(customers, shares=shares, **hooks)


class CutOffs(Panel):
    """See `cut_offs`."""

    def __init__(self, customers: pd.DataFrame, *, shares: Mapping[str, float], **hooks):
        self._customers, self._tiers = customers, list(shares)
        ends = (100 * np.cumsum(list(shares.values()))[:-1]).round().astype(int)
        self._first_ends, room = ends / 100, len(ends) - 1
        sliders = {
            tier: percent_slider(f"{tier} ends at", int(end), low=1 + i, high=99 - room + i)
            for i, (tier, end) in enumerate(zip(self._tiers, ends, strict=False))
        }
        super().__init__(
            sliders | {"ranking": choice("ranked by", ["revenue", "profit"], "revenue")},
            caption="Bars: each tier's share of the accounts, of the profit and of the cost to "
            "serve; a dark mark shows where the bar stood at first.",
            height=340,
            **hooks,
        )

    def draw(self, fig: Figure) -> None:
        customers = _checked(self._customers)
        self._names = customers.get("name", customers["account_id"]).to_numpy()
        self._size = customers["revenue"].to_numpy()
        self._totals = customers[["profit", "cost_to_serve"]].sum().to_numpy()
        self._rankings = {value: Ranking(customers, value) for value in ("revenue", "profit")}
        first, self._first_tiers = self._rankings["revenue"].cut(self._first_ends)

        ax = fig.add_axes((0.035, 0, 0.96, 0.88))
        gains = customers["profit"].clip(lower=0).sum() / self._totals[0]  # no tier can hold more
        columns = ["accounts", "profit", "cost to serve"]
        self._grid = charts.BarGrid(
            ax, self._tiers, columns, low=1 - gains, high=gains, marks=self._shares(first)
        )
        ax.set_xlim(right=3.8)
        ax.text(3, -0.62, "lose money", weight="bold", va="bottom")
        self._losing = [ax.text(3, row, "", va="center") for row in range(len(self._tiers))]
        self._title = fig.text(0.005, 0.97, "", va="top", weight="bold", size=19)
        for artist in (*self._grid.artists, *self._losing, self._title):
            artist.set_animated(True)

    def settle(self, name: str) -> None:
        """Keep the ends in order: the slider that was moved pushes its neighbours."""
        if name == "ranking":
            return
        tiers = self._tiers[:-1]
        moved, end = tiers.index(name), self.controls[name].value
        for i, tier in enumerate(tiers):
            keep_order = max if i > moved else min
            self.controls[tier].value = keep_order(self.controls[tier].value, end + i - moved)

    def update(self, values: dict) -> str:
        ranking = values["ranking"]
        if self._rankings[ranking].is_flat:
            raise CourseError(f"All accounts are equal by {ranking}: no cut-off divides them.")
        ends = np.array([values[tier] for tier in self._tiers[:-1]])
        sums, tiers = self._rankings[ranking].cut(ends / 100)
        shares = self._shares(sums)
        self._grid.set(shares)
        for words, (accounts, *_, losing) in zip(self._losing, sums, strict=True):
            words.set_text(f"{losing:.0f} of {accounts:.0f}")
        best = f"{self._tiers[0]}, the best {ends[0]} % by {ranking},"
        self._title.set_text(f"{best} holds {charts.percent(shares[0, 1])} of the profit")
        return (
            f"{best} holds {sums[0, 0]:.0f} of the accounts, {charts.percent(shares[0, 1])} of the "
            f"profit and {charts.percent(shares[0, 2])} of the cost to serve; {sums[0, 3]:.0f} of "
            f"its accounts lose money. {self._who_moves(tiers)}"
        )

    def _shares(self, sums: np.ndarray) -> np.ndarray:
        """Tiers × (accounts, profit, cost to serve), each as a share of its total."""
        return sums[:, :3] / [len(self._customers), *self._totals]

    def _who_moves(self, tiers: np.ndarray) -> str:
        moved = np.flatnonzero(tiers != self._first_tiers)
        if not len(moved):
            return "No account has changed tier."
        largest = moved[np.argsort(-self._size[moved], kind="stable")[:3]]
        names = [
            f"{self._names[i]} ({self._tiers[self._first_tiers[i]]} → {self._tiers[tiers[i]]})"
            for i in largest
        ]
        return f"Changed tier: {len(moved)}; the largest are {', '.join(names)}."


def _checked(customers: pd.DataFrame) -> pd.DataFrame:
    """Return the customers; raise CourseError when they cannot be divided into tiers."""
    numbers = ["revenue", "profit", "cost_to_serve"]
    missing = [name for name in ["account_id", *numbers] if name not in customers.columns]
    if missing:
        raise CourseError(f"cut_offs needs the column {missing[0]!r}: merge it to the customers.")
    if len(customers) < 2:
        raise CourseError(f"Tiers need at least two accounts, and here are {len(customers)}.")
    if customers[numbers].isna().any(axis=None):
        raise CourseError(
            "Some revenue, profit or cost to serve is missing: fill or drop it first."
        )
    if not (customers[["profit", "cost_to_serve"]].sum() > 0).all():
        raise CourseError("These accounts bring no profit, or cost nothing: shares mean nothing.")
    return customers
