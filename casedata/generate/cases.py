"""The cases A-E and the five agents: what is pinned so that their facts hold in every world.

The world is drawn first, then a few accounts are written over. Order of calls:

1. `pin_reps` and `pin_accounts` after reps and accounts are drawn,
2. `pin_assignments` after the assignments are drawn (it settles who of R07's accounts leaves),
3. `shape_orders` on the finished order lines, before anything is derived from them,
4. `make_cases` for the cases table, `TRUTH` for the truth table.

All functions return new frames and touch no other account.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from . import cast
from .catalogue import MAIN_MOUSE
from .common import START, stream
from .places import REGION_OF

RESPONSIBILITY = {
    "enterprise": ("consumer", "enterprise customer"),
    "agent": ("intermediary", "agent"),
    "shop": ("intermediary", "agent"),
}

# What the customer file says of each account of the cases.
FILE = pd.DataFrame(
    [
        # id, name, name_zh, kind, province, city, size, credit_rating, opened, terms_days, recorded
        (cast.CASE_A, "Xinglan Logistics", "星澜物流", "enterprise", "Hubei", "Wuhan",
         "large", "A", "2023-02-13", 30, None),
        (cast.CASE_B, "Chuyun Trade Services", "楚运贸易服务", "enterprise", "Hubei", "Wuhan",
         "large", "A", "2022-02-21", 30, "rival_offer"),
        (cast.CASE_B_BRANCH, "Haizhou Group East China Branch", "海洲集团华东分公司", "enterprise",
         "Shanghai", "Shanghai", "large", "A", "2025-03-10", 30, None),
        (cast.CASE_C, "Ruiheng Engineering", "瑞恒工程", "enterprise", "Hubei", "Yichang",
         "medium", "B", "2024-09-23", 30, "price"),
        (cast.CASE_D, "Minghe Property Services", "明禾物业", "enterprise", "Hubei", "Wuhan",
         "large", "B", None, 30, None),
        (cast.CASE_E_SHOPS[0], "Campus Gate Computers", "校门电脑", "shop", "Hubei", "Wuhan",
         "small", "B", "2019-08-26", 15, None),
        (cast.CASE_E_SHOPS[1], "Blue Bridge Digital", "蓝桥数码", "shop", "Hubei", "Wuhan",
         "small", "B", "2020-09-07", 15, None),
        (cast.CASE_E_SHOPS[2], "North Dormitory Tech", "北舍科技", "shop", "Hubei", "Wuhan",
         "small", "B", "2021-03-01", 15, None),
        (cast.AGENTS["Hunan"], "Xiangyuan Peripherals (Hunan)", "湘源外设", "agent", "Hunan",
         "Changsha", "large", "C", "2014-05-12", 60, None),
        (cast.AGENTS["Guangxi"], "Guiling Office Supply (Guangxi)", "桂岭办公", "agent", "Guangxi",
         "Nanning", "small", "B", "2019-03-18", 30, None),
        (cast.AGENTS["Jiangsu"], "Suhua Digital (Jiangsu)", "苏华数码", "agent", "Jiangsu",
         "Nanjing", "large", "A", "2015-09-07", 60, None),
        (cast.AGENTS["Shandong"], "Luhai Trading (Shandong)", "鲁海商贸", "agent", "Shandong",
         "Jinan", "medium", "B", "2016-04-11", 60, None),
        (cast.AGENTS["Yantai"], "Yanwan Computers (Yantai)", "烟湾电脑", "agent", "Shandong",
         "Yantai", "small", "D", "2020-06-15", 30, None),
    ],
    columns=[
        "account_id", "name", "name_zh", "kind", "province", "city",
        "size", "credit_rating", "opened", "terms_days", "loss_reason_recorded",
    ],
)  # fmt: skip

# Latent traits as quantiles among accounts of the same kind; high credit pays on time.
TRAITS = pd.DataFrame(
    [
        (cast.CASE_A, 0.955, 0.35, 0.80, 0.80, 0.97, 0.75),
        (cast.CASE_B, 0.94, 0.80, 0.80, 0.30, 0.50, 0.60),
        (cast.CASE_B_BRANCH, 0.91, 0.70, 0.80, 0.30, 0.50, 0.60),
        (cast.CASE_C, 0.84, 0.70, 0.60, 0.30, 0.50, 0.50),
        (cast.CASE_D, 0.90, 0.50, 0.50, 0.50, 0.50, 0.50),
        (cast.CASE_E_SHOPS[0], 0.70, 0.50, 0.50, 0.40, 0.50, 0.50),
        (cast.CASE_E_SHOPS[1], 0.60, 0.50, 0.50, 0.40, 0.50, 0.50),
        (cast.CASE_E_SHOPS[2], 0.55, 0.50, 0.50, 0.40, 0.50, 0.50),
        (cast.AGENTS["Hunan"], 0.90, 0.97, 0.15, 0.50, 0.50, 0.50),
        (cast.AGENTS["Guangxi"], 0.30, 0.95, 0.60, 0.30, 0.50, 0.50),
        (cast.AGENTS["Jiangsu"], 0.95, 0.10, 0.95, 0.50, 0.50, 0.50),
        (cast.AGENTS["Shandong"], 0.60, 0.50, 0.50, 0.50, 0.50, 0.50),
        (cast.AGENTS["Yantai"], 0.25, 0.35, 0.02, 0.70, 0.50, 0.50),
    ],
    columns=["account_id", "need", "loyalty", "credit", "hassle", "slowness", "growth"],
).set_index("account_id")

# Those of the cases who are lost: date and true cause. The others stay to the end.
LOSSES = {
    cast.CASE_B: (pd.Timestamp("2024-12-31"), "moved"),
    cast.CASE_C: (cast.WANG_SHENG_LEFT, "rep_left"),
}

# What the truth says of each case: the cause that a good diagnosis names, and why.
TRUTH = {
    cast.CASE_A: ("quality", "bad batches of one line from autumn 2024; buys less, not gone"),
    cast.CASE_B: ("moved", "office merged into the East China branch; not churn"),
    cast.CASE_C: ("rep_left", "only R07 was known there; he went to a rival"),
    cast.CASE_D: ("short_termism", "our two managers gave two answers; the deal is still open"),
    **dict.fromkeys(
        cast.CASE_E_SHOPS, ("innovation", "asked for a motion-sensing mouse that we did not make")
    ),
}

# R07 hands over at least so many accounts besides case C, half of them with a visit; a share of
# each half is lost within so many days.
PORTFOLIO = 24
LOST_WITHOUT_VISIT, LOST_WITH_VISIT = 0.70, 0.08
LEAVES_WITHIN = 80

A_LEFT_IN_2025 = 0.40  # of case A's 2024 purchases, in yuan
BRANCH_SHARE = 0.50  # of case B's 2024 purchases, bought by the branch in 2025
E_LEFT_IN_2025 = 0.55  # of the 2024 purchases of each of area E's shops
THIN_MARGIN = 0.06  # of the price that area E's shops pay in 2025

# The five agents' purchases by year, as multiples of a typical agent's year.
AGENT_SALES = pd.DataFrame(
    {
        "Hunan": [2.4, 2.6, 2.8],
        "Guangxi": [0.45, 0.60, 0.80],
        "Jiangsu": [3.0, 3.1, 2.9],
        "Shandong": [1.30, 1.15, 0.95],
        "Yantai": [0.40, 0.50, 0.60],
    },
    index=[2023, 2024, 2025],
)


def pin_reps(reps: pd.DataFrame) -> pd.DataFrame:
    """Return `reps` with Wang Sheng (R07) as the cases tell of him."""
    reps = reps.copy()
    row = reps["rep_id"] == cast.WANG_SHENG
    reps.loc[row, ["name", "name_zh", "region"]] = ["Wang Sheng", "王生", "Central"]
    reps.loc[row, "hired"] = pd.Timestamp("2019-07-01")
    reps.loc[row, "left"] = cast.WANG_SHENG_LEFT
    reps.loc[row, "went_to"] = cast.RIVALS[0]
    return reps


def pin_accounts(accounts: pd.DataFrame) -> pd.DataFrame:
    """Return `accounts` with the accounts of the cases written over.

    Works on any columns that are there: those of the customer file get fixed values, latent
    traits get a fixed quantile among accounts of the same kind, losses get a fixed date and cause.
    """
    accounts = accounts.set_index("account_id")
    file = FILE.set_index("account_id")
    file["opened"] = pd.to_datetime(file["opened"])
    file["relation"] = file["kind"].map(lambda kind: RESPONSIBILITY[kind][0])
    file["responsibility"] = file["kind"].map(lambda kind: RESPONSIBILITY[kind][1])
    for column in file.columns.intersection(accounts.columns):
        accounts.loc[file.index, column] = file[column]
    for trait in TRAITS.columns.intersection(accounts.columns):
        drawn = accounts[trait].groupby(accounts["kind"])
        for account_id, quantile in TRAITS[trait].items():
            peers = drawn.get_group(file.loc[account_id, "kind"])
            accounts.loc[account_id, trait] = peers.quantile(quantile)
    if "loss_date" in accounts:
        accounts.loc[file.index, "loss_date"] = pd.NaT
        accounts.loc[file.index, "loss_cause"] = None
        for account_id, (date, cause) in LOSSES.items():
            accounts.loc[account_id, ["loss_date", "loss_cause"]] = [date, cause]
    if "first_order" in accounts:
        accounts.loc[file.index, "first_order"] = file["opened"] + pd.Timedelta(days=9)
    return accounts.reset_index()


def pin_assignments(
    seed: int, accounts: pd.DataFrame, assignments: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return (accounts, assignments) such that Wang Sheng's leaving can be studied.

    R07 looks after case C from its opening and, till he leaves, after at least `PORTFOLIO`
    further accounts. All are handed over on 1 July 2025, half of them with a visit; of those
    without one, more are lost (cause rep_left) in the weeks that follow. B and its branch
    have different reps; D is assigned from May 2025.
    """
    rng = stream(seed, "cases.assignments")
    accounts, rows = accounts.copy(), assignments.copy()
    handover = cast.WANG_SHENG_LEFT + pd.Timedelta(days=1)

    # His portfolio: what is his by June 2025, filled up with other business accounts nearby.
    served = (accounts["opened"] < "2025-01-01") & ~(accounts["loss_date"] <= handover)
    served &= ~accounts["account_id"].isin(FILE["account_id"])
    is_his = rows["rep_id"] == cast.WANG_SHENG
    his_now = rows.loc[is_his & ~(rows["end"] < cast.WANG_SHENG_LEFT), "account_id"]
    his = accounts["account_id"].isin(his_now)
    nearby = accounts["province"].map(REGION_OF).eq("Central")
    nearby &= accounts["kind"].isin(["enterprise", "public body"])
    candidates = accounts.assign(his=his, draw=rng.random(len(accounts)))[served & (his | nearby)]
    candidates = candidates.sort_values(["his", "draw"], ascending=[False, True])
    size = max(PORTFOLIO, candidates["his"].sum())
    # Of each two that need about the same, one is handed over with a visit.
    portfolio = candidates.head(size).sort_values("need", ascending=False)["account_id"].to_numpy()
    first = rng.integers(2, size=(size + 1) // 2)
    with_visit = pd.Series((np.arange(size) + first.repeat(2)[:size]) % 2 == 0, index=portfolio)

    his_ids = [*portfolio, cast.CASE_C]
    opened = accounts.set_index("account_id")["opened"].clip(lower=START)
    until = pd.DataFrame(
        {
            "account_id": his_ids,
            "rep_id": cast.WANG_SHENG,
            "start": opened[his_ids].to_numpy(),
            "end": cast.WANG_SHENG_LEFT,
            "handover_visit": False,
        }
    )
    after = until.drop(columns="end").assign(  # without an end, as the others: NaT once together
        rep_id=rng.choice(cast.SUCCESSORS, len(until)),
        start=handover,
        handover_visit=with_visit.reindex(his_ids, fill_value=False).to_numpy(),
    )
    others = pd.DataFrame(
        [
            (cast.CASE_B, "R15", opened[cast.CASE_B], False),
            (cast.CASE_B_BRANCH, "R05", pd.Timestamp("2025-02-17"), False),
            (cast.CASE_D, "R15", pd.Timestamp("2025-05-12"), False),
        ],
        columns=after.columns,
    )
    pinned = pd.concat([until, after, others])
    # Whatever else is still his goes to the same two. The cases' accounts, who stay, get a visit.
    rest = is_his & rows["end"].isna()
    rows.loc[rest, "end"] = cast.WANG_SHENG_LEFT
    passed_on = rows[rest & ~rows["account_id"].isin(pinned["account_id"])]
    passed_on = passed_on.assign(
        rep_id=rng.choice(cast.SUCCESSORS, len(passed_on)), start=handover, end=pd.NaT
    )
    rows = pd.concat([rows[~rows["account_id"].isin(pinned["account_id"])], passed_on, pinned])
    visited_too = rows["account_id"].isin(FILE["account_id"]) & (rows["start"] == handover)
    rows.loc[visited_too & (rows["account_id"] != cast.CASE_C), "handover_visit"] = True
    rows = rows.sort_values(["account_id", "start"], ignore_index=True)

    # Losses that follow from the hand-over, and none of the portfolio's for another reason.
    visited, unvisited = with_visit.index[with_visit], with_visit.index[~with_visit]
    lost = [
        *rng.choice(unvisited, round(LOST_WITHOUT_VISIT * len(unvisited)), replace=False),
        *rng.choice(visited, round(LOST_WITH_VISIT * len(visited)), replace=False),
    ]
    days = rng.integers(1, LEAVES_WITHIN, len(lost))
    accounts = accounts.set_index("account_id")
    accounts.loc[portfolio, "loss_date"] = pd.NaT
    accounts.loc[portfolio, "loss_cause"] = None
    accounts.loc[lost, "loss_date"] = handover + pd.to_timedelta(days, unit="D")
    accounts.loc[lost, "loss_cause"] = "rep_left"
    return accounts.reset_index(), rows


def shape_orders(
    seed: int, orders: pd.DataFrame, products: pd.DataFrame, accounts: pd.DataFrame
) -> pd.DataFrame:
    """Return the finished order lines with those of the cases brought to their facts.

    Expects the columns of the orders table. Raises ValueError when an account of the cases has no
    line in a year that its facts speak of.
    """
    rng = stream(seed, "cases.orders")
    account_id, date = orders["account_id"], orders["date"]
    drop = account_id.eq(cast.CASE_D)
    drop |= account_id.eq(cast.CASE_B) & (date > "2024-12-31")
    drop |= account_id.eq(cast.CASE_B_BRANCH) & (date < "2025-03-10")
    drop |= account_id.eq(cast.CASE_C) & (date > cast.WANG_SHENG_LEFT)
    orders = orders[~drop].reset_index(drop=True)

    orders = _end_in_december(orders, cast.CASE_B)
    orders = _only_main_product(orders, products)
    yuan = _yearly_yuan(orders)
    wanted = {
        (cast.CASE_A, 2025): A_LEFT_IN_2025 * _at(yuan, cast.CASE_A, 2024),
        (cast.CASE_B_BRANCH, 2025): BRANCH_SHARE * _at(yuan, cast.CASE_B, 2024),
    }
    for shop in cast.CASE_E_SHOPS:
        wanted[shop, 2025] = E_LEFT_IN_2025 * _at(yuan, shop, 2024)
    agents = accounts.loc[accounts["kind"] == "agent", "account_id"]
    of_agents = yuan[yuan.index.get_level_values(0).isin(agents)]
    typical = of_agents.groupby(level=1).median().mean()
    for name, factors in AGENT_SALES.items():
        for year, factor in factors.items():
            wanted[cast.AGENTS[name], year] = factor * typical
    theirs = orders["account_id"].isin({case for case, _ in wanted})
    shaped = orders[theirs]
    for (case, year), target in wanted.items():
        shaped = _thin_out(rng, shaped, case, year, target)
        shaped = _scale(shaped, case, year, target)
    orders = pd.concat([orders[~theirs], shaped])
    return orders.sort_values(["date", "order_id", "line"], ignore_index=True)


def _yearly_yuan(orders: pd.DataFrame) -> pd.Series:
    """Return yuan bought, indexed by account_id and year."""
    yuan = orders["quantity"] * orders["unit_price"]
    return yuan.groupby([orders["account_id"], orders["date"].dt.year]).sum()


def _at(yuan: pd.Series, account_id: str, year: int) -> float:
    """Return one account's yuan of a year; raise ValueError where it bought nothing."""
    if (account_id, year) not in yuan.index:
        raise ValueError(f"Case account {account_id} has no order in {year}: pin its order rate.")
    return yuan[account_id, year]


def _scale(orders: pd.DataFrame, account_id: str, year: int, target: float) -> pd.DataFrame:
    """Return `orders` with one account's quantities of a year brought to `target` yuan.

    Quantities stay whole and at least 1; the lines take up what rounding leaves, dearest first.
    """
    mine = (orders["account_id"] == account_id) & (orders["date"].dt.year == year)
    lines = orders[mine]
    price = lines["unit_price"].to_numpy()
    wanted = lines["quantity"] * target / _at(_yearly_yuan(lines), account_id, year)
    wanted = wanted.to_numpy()
    for _ in range(8):  # lines of one unit cannot shrink, so that the others shrink more
        wanted = wanted * target / (wanted.round().clip(min=1) * price).sum()
    quantity = wanted.round().clip(min=1).astype("int64")
    rest = target - (quantity * price).sum()
    for line in np.argsort(-price, kind="stable"):
        step = max(1 - quantity[line], int(rest / price[line]))
        quantity[line] += step
        rest -= step * price[line]
    quantities = orders["quantity"].to_numpy(copy=True)
    quantities[mine] = quantity
    return orders.assign(quantity=quantities)


def _end_in_december(orders: pd.DataFrame, account_id: str) -> pd.DataFrame:
    """Return `orders` with the account's last order moved into the last ten days of 2024."""
    orders = orders.copy()
    dates = orders.loc[orders["account_id"] == account_id, "date"]
    if dates.empty:
        raise ValueError(f"Case account {account_id} has no order: pin its order rate.")
    last = orders["order_id"] == orders.loc[dates.idxmax(), "order_id"]
    shift = max(pd.Timestamp("2024-12-24") - dates.max(), pd.Timedelta(0))
    orders.loc[last, ["date", "due", "paid"]] += shift
    return orders


def _thin_out(
    rng: np.random.Generator, orders: pd.DataFrame, account_id: str, year: int, most: float
) -> pd.DataFrame:
    """Return `orders` without some of the account's orders, so that a year has `most` yuan or less.

    Which ones stay is drawn; the smallest always does.
    """
    mine = orders[(orders["account_id"] == account_id) & (orders["date"].dt.year == year)]
    yuan = (mine["quantity"] * mine["unit_price"]).groupby(mine["order_id"]).sum()
    drawn = yuan.drop(yuan.idxmin()).sample(frac=1, random_state=rng)
    gone = drawn.index[drawn.cumsum() + yuan.min() > most]
    return orders[~orders["order_id"].isin(gone)]


def _only_main_product(orders: pd.DataFrame, products: pd.DataFrame) -> pd.DataFrame:
    """Return `orders` in which area E's shops buy in 2025 one product only, at a thin margin.

    Their batches are those that others got at the same time.
    """
    cost = products.set_index("sku").loc[MAIN_MOUSE, "unit_cost"]
    theirs = orders["account_id"].isin(cast.CASE_E_SHOPS) & (orders["date"].dt.year == 2025)
    batches = orders.loc[orders["sku"].eq(MAIN_MOUSE) & ~theirs, ["date", "batch"]].sort_values(
        "date"
    )
    lines = orders[theirs].sort_values("date").drop_duplicates("order_id")
    nearest = pd.merge_asof(lines[["date"]], batches, on="date", direction="nearest")
    lines = lines.assign(
        line=1,
        sku=MAIN_MOUSE,
        batch=nearest["batch"].to_numpy(),
        unit_price=round(cost / (1 - THIN_MARGIN), 2),
    )
    return pd.concat([orders[~theirs], lines], ignore_index=True)


def make_cases() -> pd.DataFrame:
    """Return the cases table: columns case (A-E, agent), account_id."""
    rows = [
        ("A", cast.CASE_A),
        ("B", cast.CASE_B),
        ("C", cast.CASE_C),
        ("D", cast.CASE_D),
        *(("E", shop) for shop in cast.CASE_E_SHOPS),
        *(("agent", agent) for agent in cast.AGENTS.values()),
    ]
    return pd.DataFrame(rows, columns=["case", "account_id"])
