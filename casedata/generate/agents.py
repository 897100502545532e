"""The channel: the agents' yearly figures (syllabus S12), and the shops of area E (case E)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from . import cast
from .common import stream
from .places import REGIONS

# What head office knows of the five agents: share of a rival's goods, loyalty (0-1), sales as a
# share of the target, share sold in their own territory; each for 2023, 2024, 2025.
_FIVE = {
    "Hunan": ([0.02, 0.02, 0.03], [0.93, 0.94, 0.94], [1.02, 1.04, 1.03], [0.97, 0.96, 0.97]),
    "Guangxi": ([0.04, 0.03, 0.03], [0.88, 0.90, 0.91], [1.05, 1.10, 1.12], [0.98, 0.97, 0.98]),
    "Jiangsu": ([0.28, 0.36, 0.43], [0.34, 0.27, 0.22], [1.00, 0.97, 0.94], [0.94, 0.95, 0.93]),
    "Shandong": ([0.14, 0.15, 0.17], [0.58, 0.56, 0.53], [0.97, 0.89, 0.82], [0.98, 0.98, 0.97]),
    "Yantai": ([0.22, 0.24, 0.27], [0.40, 0.37, 0.34], [1.10, 1.18, 1.24], [0.58, 0.47, 0.39]),
}
_SOLD_BESIDE = {"Yantai": "Shandong", "Shandong": "Henan", "Hunan": "Hubei", "Guangxi": "Guangdong",
                "Jiangsu": "Zhejiang"}  # fmt: skip

# Area E: what a shop of the street buys from rivals in a quarter: line, brand, units, yuan each.
_RIVAL_GOODS = pd.DataFrame(
    [
        ("mice", cast.RIVALS[0], 46, 47.0),
        ("keyboards", cast.RIVALS[1], 24, 96.0),
        ("headsets", cast.RIVALS[2], 9, 141.0),
    ],
    columns=["line", "brand", "units", "price"],
)
MOTION_LINE = "motion-sensing mice"
_MOTION = {"units": 52, "price": 118.0, "from": "2024Q4"}
_TERM = [0.9, 1.0, 1.5, 0.8]  # sales by quarter: the new term begins in the third
# How our three shops' and the other two's purchases from rivals stand in 2025 against before.
_TURN = {"ours": 1.7, "others": 0.8}


def make_agents(seed: int, accounts: pd.DataFrame, orders: pd.DataFrame) -> pd.DataFrame:
    """Return one row per agent and year in which it bought from us.

    sales is what it bought, in yuan; late_days the mean of paid minus due over the order lines of
    the year that are paid; sold_in where it sold on, as "place=share; place=share".
    """
    rng = stream(seed, "agents")
    agents = accounts[accounts["kind"] == "agent"].set_index("account_id")
    lines = orders[orders["account_id"].isin(agents.index)]
    lines = lines.assign(
        year=lines["date"].dt.year,
        sales=lines["quantity"] * lines["unit_price"],
        late_days=(lines["paid"] - lines["due"]).dt.days,
    )
    by_year = lines.groupby(["account_id", "year"])
    table = by_year.agg(sales=("sales", "sum"), late_days=("late_days", "mean")).round(2)
    table = table.reset_index()
    who = agents.loc[table["account_id"]].reset_index()
    n = len(table)

    loyalty = who["loyalty"].rank(pct=True) * 0.8 + 0.1 + rng.normal(0, 0.03, n)
    known = pd.DataFrame(
        {
            "territory": who["city"],
            "beside": [_neighbour(province) for province in who["province"]],
            "rival_share": 0.4 * (1 - loyalty) + rng.normal(0, 0.03, n),
            "loyalty": loyalty,
            "reached": rng.uniform(0.82, 1.15, n),
            "own": rng.uniform(0.92, 1.0, n),
        }
    )
    year = table["year"] - table["year"].min()
    for name, columns in _FIVE.items():
        rows = table["account_id"] == cast.AGENTS[name]
        pinned = np.array(columns)[:, year[rows]].T
        known.loc[rows, ["rival_share", "loyalty", "reached", "own"]] = pinned
        known.loc[rows, "territory"] = name
        known.loc[rows, "beside"] = _SOLD_BESIDE[name]
    own, beside = known["own"].round(2), (1 - known["own"]).round(2)
    sold_in = known["territory"] + "=" + own.map("{:.2f}".format)
    rest = "; " + known["beside"] + "=" + beside.map("{:.2f}".format)
    table = table.assign(
        territory=known["territory"],
        target=(table["sales"] / known["reached"]).round(-3),
        sold_in=sold_in + rest.where(beside > 0, ""),
        rival_share=known["rival_share"].clip(0, 0.6).round(2),
        loyalty=known["loyalty"].clip(0, 1).round(2),
        credit_rating=who["credit_rating"],
    )
    return table[
        [
            "account_id", "year", "territory", "target", "sales", "sold_in", "late_days",
            "rival_share", "loyalty", "credit_rating",
        ]
    ]  # fmt: skip


def _neighbour(province: str) -> str:
    """Return the next province of the same region, or the province itself where it is alone."""
    for provinces in REGIONS.values():
        names = list(provinces)
        if province in names:
            return names[(names.index(province) + 1) % len(names)]
    raise ValueError(f"unknown province: {province}")


def make_shops(seed: int, orders: pd.DataFrame, products: pd.DataFrame) -> pd.DataFrame:
    """Return what area E's five shops bought: a row per shop, quarter, line and brand.

    price is what the shop paid for a unit, in yuan. Rows of our brand add up the orders table.
    """
    rng = stream(seed, "shops")
    ours = _ours(orders, products)
    quarters = pd.period_range("2023Q1", "2025Q4", freq="Q").astype(str)
    shops = pd.DataFrame(
        {"shop": list(cast.E_SHOP_NAMES), "account_id": list(cast.E_SHOP_NAMES.values())}
    )
    shops["volume"] = [1.0, 0.9, 0.8, 1.2, 1.0] * rng.uniform(0.9, 1.1, 5)
    grid = shops.merge(pd.DataFrame({"quarter": quarters}), how="cross")
    rivals = grid.merge(_RIVAL_GOODS, how="cross")
    motion = grid[grid["account_id"].isna() & (grid["quarter"] >= _MOTION["from"])].assign(
        line=MOTION_LINE,
        brand=cast.MOTION_MOUSE_BRAND,
        units=_MOTION["units"],
        price=_MOTION["price"],
    )
    turn = np.where(rivals["account_id"].isna(), _TURN["others"], _TURN["ours"])
    turn = np.where(rivals["quarter"].str[:4] == "2025", turn, 1.0)
    rivals["units"] = rivals["units"] * np.where(rivals["account_id"].isna(), 1, 0.5) * turn
    bought = pd.concat([rivals, motion], ignore_index=True)
    season = np.array(_TERM)[bought["quarter"].str[-1].astype(int) - 1]
    units = bought["units"] * bought["volume"] * season * rng.lognormal(0, 0.15, len(bought))
    bought["units"] = units.round().astype(int)
    bought["price"] = (bought["price"] * rng.uniform(0.97, 1.03, len(bought))).round(2)
    table = pd.concat([ours, bought[bought["units"] > 0]], ignore_index=True)
    table["shop"] = pd.Categorical(table["shop"], list(cast.E_SHOP_NAMES))
    table = table.sort_values(["shop", "quarter", "line", "brand"], ignore_index=True)
    table["shop"] = table["shop"].astype(str)
    return table[["shop", "account_id", "quarter", "line", "brand", "units", "price"]]


def _ours(orders: pd.DataFrame, products: pd.DataFrame) -> pd.DataFrame:
    """Return what the three shops bought from us, by quarter and line."""
    lines = orders[orders["account_id"].isin(cast.CASE_E_SHOPS)]
    shop_of = {account_id: shop for shop, account_id in cast.E_SHOP_NAMES.items()}
    lines = lines.assign(
        shop=lines["account_id"].map(shop_of),
        quarter=lines["date"].dt.to_period("Q").astype(str),
        line=lines["sku"].map(products.set_index("sku")["line"]),
        yuan=lines["quantity"] * lines["unit_price"],
        brand="Lanhe",
    )
    keys = ["shop", "account_id", "quarter", "line", "brand"]
    table = lines.groupby(keys, as_index=False).agg(units=("quantity", "sum"), yuan=("yuan", "sum"))
    return table.assign(price=(table["yuan"] / table["units"]).round(2)).drop(columns="yuan")
