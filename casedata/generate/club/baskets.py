"""What members buy: a product that suits their taste, how many, at which price."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..common import START

# How members of each taste (members.TASTES) spread their purchases over the product lines.
_LINE_SHARES = pd.DataFrame(
    {
        "mice": [0.40, 0.36, 0.20],
        "keyboards": [0.29, 0.31, 0.16],
        "headsets": [0.27, 0.19, 0.04],
        "scanners": [0.01, 0.06, 0.34],
        "terminals": [0.0, 0.0, 0.04],
        "printers": [0.03, 0.08, 0.22],
    }
)
_PRICE_SLOPES = (-1.4, -1.2, -1.0)  # thrifty, middling and generous purses within a line
BAD_RATES = {  # share of purchases that go wrong: broken, wrong, or rudely dealt with
    "mice": 0.03, "keyboards": 0.03, "headsets": 0.05,
    "scanners": 0.07, "terminals": 0.06, "printers": 0.08,
}  # fmt: skip

# Who bought the first often buys the second next.
COMPANIONS = {
    "MS02": "KB02", "MS04": "KB03", "KB03": "HS03", "HS02": "HS04",
    "SC01": "PR01", "PR01": "SC01", "SC02": "TM03", "TM01": "PR01", "PR02": "SC03",
}  # fmt: skip
COMPANION_SHARE = 0.22
# A new product takes a share of the purchases of those who had bought one of its relatives.
RELATIVES = {"MS04": ("MS03", "KB03"), "HS04": ("HS02", "HS03"), "TM04": ("TM01", "TM03")}
LAUNCH_DAYS = 120
LAUNCH_SHARE = 0.12

TENURE_DISCOUNT_PER_YEAR = 0.012  # the longer they are with us, the more they haggle off
_QUANTITIES = np.array([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 3])
_BULK_QUANTITY = (8, 25)
BULK_SHARE = 0.6  # of the few purchases of a bulk buyer


class Shelf:
    """The products as arrays, and the odds with which each kind of member takes one."""

    def __init__(self, products: pd.DataFrame):
        """Prepare odds for taste × purse, with and without a bad experience."""
        self.skus = products["sku"].to_numpy()
        self.price = products["list_price"].to_numpy()
        self.cost = products["unit_cost"].to_numpy()
        self.line = products["line"].to_numpy()
        self.launch_day = (products["launched"] - START).dt.days.to_numpy()
        self.bad_rate = products["line"].map(BAD_RATES).to_numpy()
        position = {sku: i for i, sku in enumerate(self.skus)}
        self.companion = np.array([position[COMPANIONS.get(sku, sku)] for sku in self.skus])
        self.predecessor = np.array([self._predecessor(i) for i in range(len(products))])
        self.new = np.flatnonzero(self.launch_day > 0)

        slopes = np.array(_PRICE_SLOPES)[:, None]
        within = products["list_price"].to_numpy() ** slopes  # purse × sku
        by_line = pd.DataFrame(within.T).groupby(self.line).transform("sum").to_numpy().T
        shares = _LINE_SHARES[list(self.line)].to_numpy()[:, None, :]  # taste × 1 × sku
        self.odds = (shares * within / by_line).reshape(-1, len(products))  # (taste, purse) × sku
        bad, good = self.odds * self.bad_rate, self.odds * (1 - self.bad_rate)
        self._cumulated = self._stacked(np.concatenate([good, bad]))

    def _predecessor(self, i: int) -> int:
        """Return what was bought in place of product `i` before its launch."""
        older = np.flatnonzero((self.line == self.line[i]) & (self.launch_day <= 0))
        return older[np.abs(self.price[older] - self.price[i]).argmin()]

    @staticmethod
    def _stacked(odds: np.ndarray) -> np.ndarray:
        """Lay cumulated odds end to end, kind k from k to k + 1, for a single search."""
        cumulated = odds.cumsum(axis=1)
        cumulated /= cumulated[:, -1:]
        return (cumulated + np.arange(len(odds))[:, None]).ravel()

    def kind(self, members: pd.DataFrame) -> np.ndarray:
        """Return each member's row of the odds."""
        return (members["taste"] * len(_PRICE_SLOPES) + members["purse"]).to_numpy()

    def bad_rate_of(self, members: pd.DataFrame) -> np.ndarray:
        """Return each member's chance that a purchase goes wrong, given what he tends to buy."""
        kinds = (self.odds * self.bad_rate).sum(axis=1) / self.odds.sum(axis=1)
        return kinds[self.kind(members)]

    def mean_price_of(self, members: pd.DataFrame) -> np.ndarray:
        """Return the list price in yuan that each member's purchases have on average."""
        return (self.odds @ self.price / self.odds.sum(axis=1))[self.kind(members)]

    def pick(self, rng: np.random.Generator, kind: np.ndarray, bad: np.ndarray) -> np.ndarray:
        """Return a product for each purchase; bad experiences fall on the products that fail."""
        row = kind + bad * len(self.odds)
        found = np.searchsorted(self._cumulated, row + rng.random(row.size), side="right")
        return (found - row * len(self.skus)).astype(np.int8)


def fill(
    rng, visits: pd.DataFrame, members: pd.DataFrame, shelf: Shelf, *, sku=None
) -> pd.DataFrame:
    """Return the visits (member, day, bad, each member's in order) with sku, amount and margin.

    `sku` is a position on the shelf, drawn unless given; amount and margin are in yuan.
    """
    member, day = visits["member"].to_numpy(), visits["day"].to_numpy()
    if sku is None:
        sku = shelf.pick(rng, shelf.kind(members)[member], visits["bad"].to_numpy())
        sku = _follow_launches(rng, sku, member, day, shelf)
        sku = _add_companions(rng, sku, member, shelf)
        sku = np.where(shelf.launch_day[sku] > day, shelf.predecessor[sku], sku).astype(np.int8)
    return visits.assign(sku=sku, **_price(rng, sku, member, day, members, shelf))


def _follow_launches(rng, sku, member, day, shelf: Shelf) -> np.ndarray:
    """Let owners of its relatives try a new product in the months after its launch."""
    sku = sku.copy()
    for new in shelf.new:
        launch = shelf.launch_day[new]
        related = np.isin(shelf.skus, RELATIVES.get(shelf.skus[new], ()))
        owner = np.zeros(member.max(initial=0) + 1, dtype=bool)
        owner[member[related[sku] & (day < launch)]] = True
        tries = np.flatnonzero(owner[member] & (day >= launch) & (day < launch + LAUNCH_DAYS))
        sku[tries[rng.random(tries.size) < LAUNCH_SHARE]] = new
    return sku


def _add_companions(rng, sku, member, shelf: Shelf) -> np.ndarray:
    """Let some purchases be the companion of the same member's purchase before."""
    follows = rng.random(sku.size, dtype=np.float32) < COMPANION_SHARE
    follows[:1] = False
    follows[1:] &= member[1:] == member[:-1]
    follows[1:] &= shelf.companion[sku[:-1]] != sku[:-1]
    later = np.flatnonzero(follows)
    with_companions = sku.copy()
    with_companions[later] = shelf.companion[sku[later - 1]]
    return with_companions


def _price(rng, sku, member, day, members: pd.DataFrame, shelf: Shelf) -> dict[str, np.ndarray]:
    quantity = _QUANTITIES[rng.integers(0, len(_QUANTITIES), sku.size, dtype=np.int8)]
    bulk = np.flatnonzero(members["bulk"].to_numpy()[member] & (rng.random(sku.size) < BULK_SHARE))
    quantity[bulk] = rng.integers(*_BULK_QUANTITY, bulk.size)
    tenure_years = (day - members["joined_day"].to_numpy()[member]) / 365
    discount = 0.07 * members["price_sensitivity"].to_numpy()[member]
    discount += TENURE_DISCOUNT_PER_YEAR * tenure_years
    discount += 0.08 * rng.random(sku.size, dtype=np.float32)
    discount += np.where(quantity >= _BULK_QUANTITY[0], 0.08, 0.0)
    amount = np.round(quantity * shelf.price[sku] * (1 - discount), 2)
    return {"amount": amount, "margin": np.round(amount - quantity * shelf.cost[sku], 2)}
