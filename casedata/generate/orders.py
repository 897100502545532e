"""Orders: which days, what, how many, at what price, paid when."""

from __future__ import annotations

import numpy as np
import pandas as pd

from . import demand
from .catalogue import INCIDENTS, MAIN_MOUSE
from .common import AS_OF, N_DAYS, START, stream
from .losses import LAPSE
from .stories import Story

LINES_PER_ORDER = 2.1  # mean beyond the first
BAD_OF_SECOND_PLANT = 0.8  # share of the second plant's batches that are bad in an incident
_DISCOUNT = {
    "enterprise": 0.01, "public body": 0.05, "agent": 0.13, "shop": 0.09, "brand store": 0.17,
    "professional": 0.0,
}  # fmt: skip
_NEVER_PAID = {"A": 0.0005, "B": 0.002, "C": 0.008, "D": 0.03}


def potential(
    seed: int,
    accounts: pd.DataFrame,
    products: pd.DataFrame,
    tastes: pd.DataFrame,
    hand_overs: pd.DataFrame,
    stories: dict[str, Story],
) -> pd.DataFrame:
    """Return the order lines that come if no failure of ours spoils any (see `recovery`).

    The columns are those of the orders table and `bad` (True for lines from a bad batch).
    """
    rng = stream(seed, "orders")
    rate = demand.orders_per_day(seed, accounts, hand_overs, stories)
    ordered = rng.random(rate.shape) < 1 - np.exp(-rate)
    first = (accounts["first_order"] - START).dt.days
    starts = first.between(0, N_DAYS - 1).to_numpy()
    ordered[starts, first[starts].astype(int)] = True
    day, account = np.nonzero(ordered.T)  # by date
    lines = _lines(rng, accounts, products, tastes, account, day)
    lines["quantity"] = _quantities(rng, accounts, products, lines)
    lines["unit_price"] = _prices(rng, accounts, products, lines, stories)
    lines["batch"], lines["bad"] = _batches(rng, accounts, products, lines)
    lines["due"], lines["paid"] = _payment(rng, accounts, lines, stories)
    order_id = pd.Series("O" + (lines["order"] + 1).astype(str).str.zfill(6))
    lines = lines.assign(
        order_id=order_id,
        account_id=accounts["account_id"].to_numpy()[lines["account"]],
        sku=products["sku"].to_numpy()[lines["product"]],
    )
    return lines[
        [
            "order_id", "line", "date", "account_id", "sku", "batch", "quantity", "unit_price",
            "due", "paid", "bad",
        ]
    ]  # fmt: skip


def _lines(rng, accounts, products, tastes, account, day) -> pd.DataFrame:
    """Return the lines of each order: order, account and product (row numbers), date, line."""
    n_lines = 1 + rng.poisson(LINES_PER_ORDER, len(account))
    lines = pd.DataFrame({"order": np.repeat(np.arange(len(account)), n_lines)})
    lines["account"] = account[lines["order"]]
    lines["date"] = START + pd.to_timedelta(day[lines["order"]], unit="D")
    # Draw from each account's own distribution: count how many of its steps lie below a number.
    steps = tastes.to_numpy().cumsum(axis=1)[lines["account"]]
    drawn = (rng.random((len(lines), 1)) > steps).sum(axis=1)
    lines["product"] = drawn.clip(max=len(products) - 1)
    launched = products["launched"].to_numpy()[lines["product"]]
    lines = lines[lines["date"] >= launched].drop_duplicates(["order", "product"])
    lines = lines.sort_values(["order", "product"], ignore_index=True)
    return lines.assign(line=lines.groupby("order").cumcount() + 1)


def _quantities(rng, accounts, products, lines) -> np.ndarray:
    """Return quantities such that an account without any event buys what it needs."""
    # Some lines fall away: products not yet launched, or twice in one order.
    yearly_lines = demand.orders_a_year(accounts) * (1 + 0.85 * LINES_PER_ORDER)
    yuan = accounts["need"].to_numpy() / yearly_lines
    day = (lines["date"] - START).dt.days.to_numpy()
    account = lines["account"].to_numpy()
    level = demand.level(accounts)[account, day] ** 0.5
    price = products["list_price"].to_numpy()[lines["product"]]
    # Dear things are bought in small numbers, but not in proportion to their price.
    share = (price / 400) ** 0.35
    wanted = yuan[account] * level * share / price * rng.lognormal(-0.1, 0.45, len(lines))
    return np.maximum(1, np.floor(wanted + rng.random(len(lines)))).astype(int)


def _prices(rng, accounts, products, lines, stories) -> np.ndarray:
    """Return the unit price of each line in yuan."""
    size = accounts["need"].rank(pct=True)
    discount = accounts["kind"].map(_DISCOUNT) + 0.02
    discount = discount + 0.52 * accounts["price_sensitivity"] ** 2 * (0.3 + 0.7 * size)
    discount = discount.clip(upper=0.44).to_numpy()[lines["account"]]
    product = products.iloc[lines["product"]].reset_index(drop=True)
    account = accounts.iloc[lines["account"]].reset_index(drop=True)
    is_main = product["sku"] == MAIN_MOUSE
    discount = np.where(is_main, 0.4 * discount, discount)
    by_order = rng.uniform(-0.02, 0.02, lines["order"].max() + 1)[lines["order"]]
    factor = 1 - discount + by_order
    # Before a rival's offer wins, we have followed it down.
    ahead = account["loss_date"] - lines["date"]
    followed = account["loss_cause"].eq("rival_offer") & (ahead <= LAPSE)
    factor = np.where(followed, factor * 0.91, factor)
    if "price_war" in stories:
        war = stories["price_war"]
        hit = account["province"].eq(war["province"]) & war.covers(lines["date"])
        factor = np.where(hit, factor * (1 - war["discount"]), factor)
    price = product["list_price"] * factor
    if "price_list_mistake" in stories:
        mistake = stories["price_list_mistake"]
        hit = product["sku"].eq(mistake["sku"]) & mistake.covers(lines["date"])
        price = price.where(~hit, product["unit_cost"] * mistake["price_of_cost"])
    return price.round(2).to_numpy()


def _batches(rng, accounts, products, lines) -> tuple[np.ndarray, np.ndarray]:
    """Return each line's batch, such as SC02-2409-2 (sku, month made, plant), and if it is bad.

    Plant 2 slips in the incidents; `dose` is an account's share of deliveries from there.
    """
    made = lines["date"] - pd.to_timedelta(rng.integers(15, 50, len(lines)), unit="D")
    second = rng.random(len(lines)) < accounts["dose"].to_numpy()[lines["account"]]
    sku = products["sku"].to_numpy()[lines["product"]]
    plant = np.where(second, "2", "1")
    batch = sku + "-" + made.dt.strftime("%y%m").to_numpy(dtype=object) + "-" + plant
    line = products["line"].to_numpy()[lines["product"]]
    risky = np.zeros(len(lines), dtype=bool)
    for name, start, end in INCIDENTS.values():
        risky |= second & (line == name) & made.between(start, end).to_numpy()
    code, uniques = pd.factorize(batch, sort=True)
    bad = rng.random(len(uniques)) < BAD_OF_SECOND_PLANT
    return batch, risky & bad[code]


def _payment(rng, accounts, lines, stories) -> tuple[pd.Series, pd.Series]:
    """Return when each line is due and when it was paid, NaT if not by AS_OF."""
    account = accounts.iloc[lines["account"]].reset_index(drop=True)
    last = lines["order"].max() + 1
    terms = account["terms_days"].to_numpy()
    ahead = account["loss_date"] - lines["date"]
    cut = account["loss_cause"].eq("short_termism") & (ahead <= LAPSE)
    due = lines["date"] + pd.to_timedelta(np.where(cut, terms // 30 * 15, terms), unit="D")
    # An account pays all lines of an order at once.
    typical = 70 * (1 - account["credit"]) ** 2.5
    own = rng.lognormal(-0.1, 0.45, last)[lines["order"]]
    days = typical * own + rng.integers(-4, 4, last)[lines["order"]]
    if "slow_chain" in stories:
        chain = stories["slow_chain"]
        months = (lines["date"] - chain.start).dt.days / 30.4
        slow = account["in_chain"] & (months >= 0)
        days = days + np.where(slow, months * chain["days_per_month"], 0)
    paid = due + pd.to_timedelta(np.floor(days), unit="D")
    paid = paid.clip(lower=lines["date"])
    never = rng.random(last)[lines["order"]] < account["credit_rating"].map(_NEVER_PAID)
    bankrupt = account["loss_cause"].eq("closed") & (ahead < pd.Timedelta(days=60))
    return due, paid.where((paid <= AS_OF) & ~never & ~bankrupt)
