"""People: the buying centre of each account, and what its members answer in the yearly survey."""

from __future__ import annotations

import numpy as np
import pandas as pd

from . import cast
from .common import AS_OF, START, ids, stream

ROLES = ("user", "influencer", "decider", "approver", "buyer", "gatekeeper")

# Who sits in a buying centre of n people: title, Chinese title, roles, influence.
_OWNER = ("Owner", "店主", "decider;approver;buyer;user", 5)
_HEAD = ("General manager", "总经理", "decider;approver", 5)
_CHIEF = ("General manager", "总经理", "approver", 5)
_VICE = ("Vice-president", "副总经理", "decider", 5)
_FINANCE = ("Finance director", "财务总监", "approver", 4)
_IT_DECIDES = ("IT manager", "信息部经理", "decider;influencer", 4)
_IT = ("IT manager", "信息部经理", "influencer", 3)
_BUYER_GUARD = ("Purchasing manager", "采购经理", "buyer;gatekeeper", 3)
_BUYER = ("Purchasing manager", "采购经理", "buyer", 3)
_OFFICE = ("Office secretary", "办公室秘书", "gatekeeper", 2)
_FLOOR = ("Warehouse supervisor", "仓库主管", "user;influencer", 2)
_CLERK = ("Counter clerk", "柜台职员", "user", 1)
_ENGINEER = ("Systems engineer", "系统工程师", "user;influencer", 2)
BUYING_CENTRES = {
    1: [_OWNER],
    2: [_HEAD, ("Store manager", "店长", "buyer;gatekeeper;user", 3)],
    3: [_HEAD, _BUYER_GUARD, _FLOOR],
    4: [_CHIEF, _IT_DECIDES, _BUYER_GUARD, _FLOOR],
    5: [_CHIEF, _IT_DECIDES, _BUYER, _OFFICE, _CLERK],
    6: [_FINANCE, _VICE, _IT, _BUYER, _OFFICE, _FLOOR],
    7: [_FINANCE, _VICE, _IT, _BUYER, _OFFICE, _ENGINEER, _CLERK],
}

# How many people we know, by kind and size; the mean of a draw that moves by one either way.
_PEOPLE = {"professional": 1, "shop": 1.5, "brand store": 2, "agent": 3}
_PEOPLE_BY_SIZE = {"small": 3, "medium": 4, "large": 5.5}

_SURNAMES = """
Li 李, Zhao 赵, Chen 陈, Liu 刘, Yang 杨, Huang 黄, Wu 吴, Zhou 周, Xu 徐, Sun 孙, Ma 马,
Zhu 朱, Hu 胡, Guo 郭, He 何, Lin 林, Gao 高, Luo 罗, Zheng 郑, Liang 梁, Xie 谢, Song 宋,
Tang 唐, Deng 邓, Han 韩, Feng 冯, Cao 曹, Peng 彭, Zeng 曾, Xiao 肖, Tian 田, Dong 董, Pan 潘,
Yuan 袁, Cai 蔡, Jiang 蒋, Yu 余, Du 杜, Ye 叶, Cheng 程, Wei 魏, Su 苏, Lu 卢, Ding 丁,
Ren 任, Shen 沈, Yao 姚, Jia 贾, Qin 秦, Shi 石
"""
_GIVEN = """
Wei 伟, Min 敏, Jing 静, Li 丽, Qiang 强, Lei 磊, Jun 军, Yang 洋, Yan 艳, Yong 勇, Jie 杰,
Tao 涛, Ming 明, Chao 超, Xia 霞, Ping 平, Gang 刚, Hui 慧, Hong 红, Fei 飞, Bo 波, Na 娜,
Ying 英, Lan 兰, Jianguo 建国, Xiaoyan 晓燕, Zhiqiang 志强, Haibo 海波, Yulan 玉兰,
Guohua 国华, Xinyi 欣怡, Haoran 浩然, Yuting 雨婷, Zihan 子涵, Wenjie 文杰, Lihua 丽华,
Jiahui 佳慧, Zhiyuan 志远, Meiling 美玲, Siyuan 思远, Ruoxi 若溪, Tianyu 天宇, Shuping 淑萍,
Weidong 卫东, Chunhua 春华, Qiuyue 秋月, Yifan 一凡, Peng 鹏, Kun 坤, Dan 丹
"""

N_REAPPEAR = 14  # people who leave one account and are met again at another, same phone
YEARLY_LEAVING = 0.09  # share of people who leave in a year

# The survey: when each wave begins, days until the last answer, people who answer.
WAVES = ("2023-11-13", "2024-09-09", "2025-04-14")
WAVE_DAYS = 25
ANSWERS_PER_WAVE = 400

# Case B's head of office, met again at the branch (syllabus C6).
B_HEAD = {"name": "Fang Wenbo", "name_zh": "方文博", "phone": "100 2718 2818"}


def make(seed: int, accounts: pd.DataFrame, assignments: pd.DataFrame) -> pd.DataFrame:
    """Return the contacts: one row per person in an account's buying centre.

    A person who leaves is followed by a successor with the same title and roles. When an account
    closes or moves, all its people go. A few people are met again at another account: same name,
    same phone. `start` is when we met them; it may lie before 2023.
    """
    rng = stream(seed, "contacts")
    accounts = accounts.reset_index(drop=True)
    since = known_since(accounts, assignments)
    people = _seats(rng, accounts)
    at = people.pop("at").to_numpy()
    n = len(people)

    met_late = np.where(rng.random(n) < 0.3, rng.exponential(240, n), rng.exponential(15, n))
    met_late = np.where(people["account_id"] == cast.CASE_D, 0, met_late)
    people["start"] = since.to_numpy()[at] + pd.to_timedelta(met_late // 1, unit="D")
    people["start"] = people["start"].clip(upper=AS_OF - pd.Timedelta(days=20))
    people["stance"] = _stance(rng, accounts, at)
    influence = people["influence"].to_numpy() + rng.choice([-1, 0, 0, 0, 1], n)
    people["influence"] = np.clip(influence, 1, 5)

    people = _turn_over(rng, people)
    people = _close_down(rng, people, accounts)
    people = people.astype({"start": "datetime64[us]", "end": "datetime64[us]"})
    people[["name", "name_zh"]] = _names(rng, len(people))
    people["phone"] = _phones(rng, len(people))
    people = _reappear(rng, people)
    people = _pin_case_b(people)
    people = people.sort_values(["account_id", "start"], kind="stable", ignore_index=True)
    people.insert(0, "contact_id", ids("P", len(people), width=5))
    return people[
        [
            "contact_id", "account_id", "name", "name_zh", "title", "roles",
            "influence", "stance", "start", "end", "phone",
        ]
    ]  # fmt: skip


def known_since(accounts: pd.DataFrame, assignments: pd.DataFrame) -> pd.Series:
    """Return the first day we knew each account: opened, or a prospect's first assignment."""
    first = assignments.groupby("account_id")["start"].min()
    return accounts["opened"].fillna(accounts["account_id"].map(first)).fillna(START)


def _seats(rng: np.random.Generator, accounts: pd.DataFrame) -> pd.DataFrame:
    """Return one row per seat: at (row of the account), account_id, title, roles, influence."""
    wanted = accounts["kind"].map(_PEOPLE).fillna(accounts["size"].map(_PEOPLE_BY_SIZE))
    n_people = np.floor(wanted + rng.uniform(-0.5, 1.5, len(accounts))).astype(int)
    n_people = np.where(accounts["kind"] == "professional", 1, n_people)
    pinned = accounts["account_id"].isin(cast.CASES) & accounts["kind"].ne("shop")
    n_people = np.where(pinned, 6, n_people)
    seats = pd.DataFrame(
        [(n, *seat) for n, centre in BUYING_CENTRES.items() for seat in centre],
        columns=["n_people", "title", "title_zh", "roles", "influence"],
    )
    heads = pd.DataFrame(
        {"at": np.arange(len(accounts)), "n_people": np.clip(n_people, 1, 7)}
    ).assign(account_id=accounts["account_id"])
    people = heads.merge(seats, on="n_people").sort_values("at", kind="stable", ignore_index=True)
    people["title"] = people["title"] + " " + people["title_zh"]
    # A role may be shared: now and then one more person of the centre has a say.
    shares = (people["n_people"] >= 4) & (rng.random(len(people)) < 0.10)
    shares &= ~people["roles"].str.contains("influencer") & ~pinned[people["at"]].to_numpy()
    people.loc[shares, "roles"] += ";influencer"
    return people.drop(columns=["n_people", "title_zh"])


def _stance(rng: np.random.Generator, accounts: pd.DataFrame, at: np.ndarray) -> np.ndarray:
    """Return how each person stands to us, -2 to 2: the account's loyalty and their own mind."""
    loyalty = accounts["loyalty"].rank(pct=True).to_numpy()[at]
    drawn = 2.4 * (loyalty - 0.45) + rng.normal(0, 0.95, len(at))
    return np.clip(np.round(drawn), -2, 2).astype(int)


def _turn_over(rng: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
    """Return `people` with ends for those who left in 2023-2025, and their successors added.

    The people of the cases stay, so that there is always somebody who can tell.
    """
    years = rng.exponential(1 / YEARLY_LEAVING, len(people))
    since = people["start"].clip(lower=START)
    end = since + pd.to_timedelta((years * 365).clip(max=5000) // 1 + 30, unit="D")
    people["end"] = end.where((end < AS_OF) & ~people["account_id"].isin(cast.CASES))
    gone = people[people["end"].notna()]
    gap = pd.to_timedelta(rng.integers(5, 75, len(gone)), unit="D")
    new = gone.assign(
        start=gone["end"] + gap, end=pd.NaT, stance=rng.choice([-1, 0, 0, 1], len(gone))
    )
    return pd.concat([people, new[new["start"] < AS_OF]], ignore_index=True)


def _close_down(
    rng: np.random.Generator, people: pd.DataFrame, accounts: pd.DataFrame
) -> pd.DataFrame:
    """Return `people` with those of closed and moved accounts gone within weeks of the loss."""
    over = accounts[accounts["loss_cause"].isin(["closed", "moved"])]
    lost = people["account_id"].map(over.set_index("account_id")["loss_date"])
    leaves = lost + pd.to_timedelta(rng.integers(5, 50, len(people)), unit="D")
    ends = pd.DataFrame({"drawn": people["end"], "closing": leaves.where(leaves < AS_OF)})
    people["end"] = ends.min(axis=1)
    return people[~(people["start"] >= lost)].reset_index(drop=True)


def _names(rng: np.random.Generator, n: int) -> np.ndarray:
    """Return `n` names, surname first, as two columns: pinyin and Chinese."""
    surnames = np.array([pair.split() for pair in _SURNAMES.split(",")], dtype=object)
    given = np.array([pair.split() for pair in _GIVEN.split(",")], dtype=object)
    family = surnames[rng.integers(len(surnames), size=n)]
    own = given[rng.integers(len(given), size=n)]
    return np.column_stack([family[:, 0] + " " + own[:, 0], family[:, 1] + own[:, 1]])


def _phones(rng: np.random.Generator, n: int) -> np.ndarray:
    """Return `n` different phone numbers; the prefix 100 belongs to no mobile network."""
    digits = pd.Series(rng.choice(90_000_000, n, replace=False) + 10_000_000).astype(str)
    return ("100 " + digits.str[:4] + " " + digits.str[4:]).to_numpy()


def _reappear(rng: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
    """Return `people` in which some who left one account start at another soon afterwards."""
    people = people.reset_index(drop=True)
    case_b = [cast.CASE_B, cast.CASE_B_BRANCH]
    free = ~people["account_id"].isin(case_b)
    leavers = people[people["end"].notna() & free].sample(frac=1, random_state=rng)
    leavers = leavers.sort_values("end").iloc[:: max(1, len(leavers) // N_REAPPEAR)]
    arrivals = people[(people["start"] > "2023-02-01") & free].sort_values("start")
    pairs = pd.merge_asof(
        leavers[["end", "account_id", "name", "name_zh", "phone"]],
        arrivals[["start", "account_id"]].assign(row=arrivals.index),
        left_on="end",
        right_on="start",
        direction="forward",
        suffixes=("", "_new"),
        allow_exact_matches=False,
    )
    pairs = pairs[
        pairs["account_id_new"].notna() & (pairs["account_id_new"] != pairs["account_id"])
    ]
    pairs = pairs.drop_duplicates("row")
    columns = ["name", "name_zh", "phone"]
    people.loc[pairs["row"].astype(int), columns] = pairs[columns].to_numpy()
    return people


def _pin_case_b(people: pd.DataFrame) -> pd.DataFrame:
    """Return `people` with case B's head of office, who goes on at the branch."""
    decides = people["roles"].str.split(";").map(lambda roles: "decider" in roles)
    office = people["account_id"] == cast.CASE_B
    branch = people["account_id"] == cast.CASE_B_BRANCH
    # One person each: whoever else sat in the decider's chair is left out.
    people = people[~((office | branch) & decides)]
    head = {**B_HEAD, "roles": "decider", "influence": 5, "stance": 2}
    at_office = {
        "account_id": cast.CASE_B,
        "title": "Head of office 办事处主任",
        "start": pd.Timestamp("2022-02-21"),
        "end": pd.Timestamp("2025-01-17"),
    }
    at_branch = {
        "account_id": cast.CASE_B_BRANCH,
        "title": "Vice-president 副总经理",
        "start": pd.Timestamp("2025-02-10"),
        "end": pd.NaT,
    }
    rows = [head | at_office, head | at_branch]
    return pd.concat([people, pd.DataFrame(rows)], ignore_index=True)


def survey(
    seed: int,
    contacts: pd.DataFrame,
    accounts: pd.DataFrame,
    orders: pd.DataFrame,
    tickets: pd.DataFrame,
) -> pd.DataFrame:
    """Return the contacts' answers, wave by wave: respondent, date and the scores.

    Scores run from 1 to 5 (price: 5 is cheap). switch_at_discount is the discount in percent at
    which the person would change to a rival, 0 to 50. Answers follow what the account went
    through in the year before (failures, waiting, prices) and the person's stance; whether they
    would leave follows their loyalty too, so that there are hostages and defectors.
    """
    rng = stream(seed, "survey.contacts")
    waves = [
        _answers(rng, pd.Timestamp(wave), contacts, accounts, orders, tickets) for wave in WAVES
    ]
    return pd.concat(waves, ignore_index=True)


def _answers(
    rng: np.random.Generator,
    wave: pd.Timestamp,
    contacts: pd.DataFrame,
    accounts: pd.DataFrame,
    orders: pd.DataFrame,
    tickets: pd.DataFrame,
) -> pd.DataFrame:
    """Return the answers of one wave, from people of accounts that bought within a year."""
    felt = _experience(wave, orders, tickets)
    there = (contacts["start"] < wave) & ~(contacts["end"] < wave + pd.Timedelta(days=WAVE_DAYS))
    asked = contacts[there & contacts["account_id"].isin(felt.index)]
    of_c = asked["account_id"].eq(cast.CASE_C)
    who = pd.concat([asked[of_c], asked[~of_c].sample(ANSWERS_PER_WAVE, random_state=rng)])
    traits = accounts.set_index("account_id").loc[who["account_id"]].reset_index()
    felt = felt.loc[who["account_id"]].reset_index()
    stance, n = who["stance"].to_numpy(), len(who)
    noise = rng.normal(0, 1, (9, n))
    quality = 4.15 - 24 * felt["failure_rate"] + 0.35 * stance + 0.55 * noise[0]
    service = 4.2 - 0.04 * felt["waiting_days"] + 0.35 * stance + 0.55 * noise[1]
    thrift = traits["price_sensitivity"] - 0.5
    price = 3.0 - 5 * (felt["price_level"] - 1) - 0.8 * thrift + 0.15 * stance + 0.6 * noise[2]
    overall = 0.40 * quality + 0.35 * service + 0.25 * price + 0.20 * stance + 0.3 * noise[3]
    rival = 3.2 - 0.2 * stance + 0.6 * noise[4]
    loyalty = traits["loyalty"] - 0.5
    switch = 14 + 26 * loyalty + 5 * (overall - 3.5) - 4 * (rival - 3.2) - 14 * thrift
    answers = pd.DataFrame(
        {
            "quality": _scale(quality),
            "service": _scale(service),
            "price": _scale(price),
            "overall": _scale(overall),
            "rival_quality": _scale(rival + 0.2 + 0.5 * noise[5]),
            "rival_service": _scale(rival - 0.1 + 0.5 * noise[6]),
            "rival_price": _scale(rival + 0.1 + 0.5 * noise[7]),
            "switch_at_discount": _percent(switch + 4 * noise[8]),
            "intends_to_return": _scale(3.8 + 0.6 * (overall - 3.5) + loyalty + 0.5 * noise[8]),
        }
    )
    days = pd.to_timedelta(rng.integers(0, WAVE_DAYS, n), unit="D")
    answers.insert(0, "respondent", who["contact_id"].to_numpy())
    answers.insert(1, "date", wave + days)
    # Case C was content: whoever answers there says so.
    content = who["account_id"].eq(cast.CASE_C).to_numpy()
    scores = ["quality", "service", "overall", "intends_to_return"]
    answers.loc[content, scores] = answers.loc[content, scores].clip(lower=4)
    return answers.sort_values(["date", "respondent"], ignore_index=True)


def _experience(wave: pd.Timestamp, orders: pd.DataFrame, tickets: pd.DataFrame) -> pd.DataFrame:
    """Return what each account that bought went through in the year before `wave`.

    failure_rate is units returned or repaired per unit bought, waiting_days the mean days until
    such a case was closed, price_level what it paid against the average for the same products.
    """
    year = (wave - pd.Timedelta(days=365), wave)
    bought = orders[orders["date"].between(*year)]
    average = bought.groupby("sku")["unit_price"].transform("mean")
    bought = bought.assign(price_level=bought["unit_price"] / average)
    by_account = bought.groupby("account_id")
    failed = tickets[tickets["opened"].between(*year) & tickets["kind"].isin(["return", "repair"])]
    waited = (failed["closed"].fillna(wave) - failed["opened"]).dt.days
    units = failed.groupby("account_id")["quantity"].sum()
    felt = by_account.agg(units=("quantity", "sum"), price_level=("price_level", "mean"))
    felt["failure_rate"] = (units.reindex(felt.index, fill_value=0) / felt["units"]).clip(upper=0.2)
    felt["waiting_days"] = waited.groupby(failed["account_id"]).mean().reindex(felt.index)
    return felt.drop(columns="units").fillna({"waiting_days": 8}).clip(upper=60)


def _scale(score: pd.Series | np.ndarray) -> np.ndarray:
    """Return scores as answers from 1 to 5."""
    return np.clip(np.round(np.asarray(score)), 1, 5).astype(int)


def _percent(discount: pd.Series) -> np.ndarray:
    """Return discounts as answers: 0 to 50 percent in steps of 5."""
    return (5 * np.round(discount / 5)).clip(0, 50).astype(int).to_numpy()
