"""The sales team: eighteen reps, who looks after which account, and how accounts change hands."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .cast import RIVALS
from .common import AS_OF, START, stream
from .places import REGION_OF

# The team is the same in every world; who leaves when is drawn.
_REPS = pd.DataFrame(
    [
        ("R01", "Zhao Minzhi", "赵敏之", "North"), ("R02", "Sun Kaiwen", "孙凯文", "Central"),
        ("R03", "Qian Lifen", "钱丽芬", "East"), ("R04", "Zhou Dehai", "周德海", "South"),
        ("R05", "Wu Jingru", "吴静茹", "East"), ("R06", "Zheng Boyuan", "郑博源", "Coast"),
        ("R07", "Wang Sheng", "王生", "Central"), ("R08", "Feng Xiulan", "冯秀岚", "South"),
        ("R09", "Chen Yifan", "陈一帆", "South"), ("R10", "Chu Guangming", "褚光明", "West"),
        ("R11", "Wei Shan", "卫珊", "East"), ("R12", "Jiang Taosheng", "蒋涛声", "Coast"),
        ("R13", "Shen Jialin", "沈嘉霖", "North"), ("R14", "Han Xuesong", "韩雪松", "West"),
        ("R15", "Yang Ruoxi", "杨若溪", "Central"), ("R16", "Zhu Haoran", "朱皓然", "East"),
        ("R17", "Qin Yuexin", "秦悦心", "Coast"), ("R18", "You Pengyi", "尤鹏翼", "South"),
    ],
    columns=["rep_id", "name", "name_zh", "region"],
)  # fmt: skip

# Reps who leave beside Wang Sheng: earliest and latest day, where to, and who comes for them.
_LEAVERS = {
    "R12": ("2023-05-01", "2023-10-31", RIVALS[1], "R17"),
    "R03": ("2023-11-01", "2024-04-30", None, "R16"),
    "R13": ("2024-05-01", "2024-10-31", RIVALS[2], None),
    "R08": ("2024-11-01", "2025-03-31", None, "R18"),
}
MOVED_ACCOUNTS = 0.14  # share of accounts that change hands although no rep leaves
VISITED = {"left": 0.45, "moved": 0.75}  # share of hand-overs that the former rep makes in person


def reps(seed: int) -> pd.DataFrame:
    """Return the 18 reps: rep_id, name, name_zh, region, hired, left, went_to."""
    rng = stream(seed, "reps")
    table = _REPS.copy()
    years = rng.integers(1, 11, len(table))
    table["hired"] = pd.Timestamp("2022-12-01") - pd.to_timedelta(years * 341, unit="D")
    table["left"] = pd.NaT
    table["went_to"] = None
    table = table.set_index("rep_id")
    for rep_id, (earliest, latest, rival, successor) in _LEAVERS.items():
        days = (pd.Timestamp(latest) - pd.Timestamp(earliest)).days
        left = pd.Timestamp(earliest) + pd.Timedelta(days=int(rng.integers(days)))
        table.loc[rep_id, ["left", "went_to"]] = [left, rival]
        if successor is not None:
            table.loc[successor, "hired"] = left - pd.Timedelta(days=20)
    return table.reset_index()


def assignments(seed: int, accounts: pd.DataFrame, reps: pd.DataFrame) -> pd.DataFrame:
    """Return who looks after whom: account_id, rep_id, start, end, handover_visit.

    Every account has one rep of its region at a time. An account changes hands when its rep leaves
    and, now and then, when the region is divided anew. Prospects are assigned within the history.
    """
    rng = stream(seed, "assignments")
    region = accounts["province"].map(REGION_OF)
    met = pd.Series(START + pd.to_timedelta(rng.integers(30, 900, len(accounts)), unit="D"))
    start = accounts["opened"].clip(lower=START).fillna(met)
    current = _assign(rng, accounts["account_id"], region, start, reps)
    finished = []
    leavers = reps.dropna(subset="left").set_index("left")["rep_id"]
    quarters = pd.date_range(START, AS_OF, freq="QE")[1:-1]
    for day in leavers.index.union(quarters):
        if day in quarters:
            settled = current["start"] < day - pd.Timedelta(days=180)
            hit = settled & (rng.random(len(current)) < MOVED_ACCOUNTS / len(quarters))
            hit &= ~current["rep_id"].isin(leavers[leavers.index == day])
            finished, current = _hand_over(rng, finished, current, hit, day, reps, "moved")
        if day in leavers.index:
            hit = current["rep_id"].eq(leavers[day]) & (current["start"] <= day)
            finished, current = _hand_over(rng, finished, current, hit, day, reps, "left")
    table = pd.concat([*finished, current]).drop(columns="region")
    return table.sort_values(["account_id", "start"], ignore_index=True)


def hand_overs(assignments: pd.DataFrame, reps: pd.DataFrame) -> pd.DataFrame:
    """Return each change of hands: account_id, day, visited, left (because the former rep left)."""
    rows = assignments.sort_values(["account_id", "start"])
    former = rows.groupby("account_id")[["rep_id", "end"]].shift()
    left = former["rep_id"].map(reps.set_index("rep_id")["left"])
    table = pd.DataFrame(
        {
            "account_id": rows["account_id"],
            "day": rows["start"],
            "visited": rows["handover_visit"],
            "left": left == former["end"],
        }
    )
    return table[former["rep_id"].notna()].reset_index(drop=True)


def _assign(
    rng: np.random.Generator,
    account_id: pd.Series,
    region: pd.Series,
    start: pd.Series,
    reps: pd.DataFrame,
    *,
    not_by: pd.Series | None = None,
) -> pd.DataFrame:
    """Return one open assignment per account, to a rep of its region who is there at `start`."""
    pairs = pd.DataFrame({"account_id": account_id, "region": region, "start": start})
    pairs["not_by"] = "" if not_by is None else not_by
    pairs = pairs.reset_index().merge(reps[["rep_id", "region", "hired", "left"]], on="region")
    there = (pairs["hired"] <= pairs["start"]) & ~(pairs["left"] <= pairs["start"])
    pairs = pairs[there & (pairs["rep_id"] != pairs["not_by"])]
    pairs = pairs.iloc[rng.permutation(len(pairs))].drop_duplicates("index")
    pairs = pairs.set_index("index").sort_index()[["account_id", "region", "rep_id", "start"]]
    return pairs.assign(end=pd.NaT, handover_visit=False)


def _hand_over(
    rng: np.random.Generator,
    finished: list[pd.DataFrame],
    current: pd.DataFrame,
    hit: pd.Series,
    day: pd.Timestamp,
    reps: pd.DataFrame,
    why: str,
) -> tuple[list[pd.DataFrame], pd.DataFrame]:
    """Return (finished, current) after the accounts `hit` have changed hands on `day`."""
    old = current[hit]
    start = pd.Series(day + pd.Timedelta(days=1), index=old.index)
    new = _assign(rng, old["account_id"], old["region"], start, reps, not_by=old["rep_id"])
    new["handover_visit"] = rng.random(len(new)) < VISITED[why]
    old = old.loc[new.index].assign(end=day)
    return [*finished, old], pd.concat([current.drop(new.index), new]).sort_index()
