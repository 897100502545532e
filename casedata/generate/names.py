"""Names of firms, in pinyin and in Chinese. All are invented: any likeness is chance."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .places import CHINESE

_FIRST = {
    "Rui": "瑞", "Hong": "宏", "Jia": "嘉", "Zhuo": "卓", "Sheng": "晟", "Jin": "锦", "Ze": "泽",
    "Ming": "铭", "Mu": "沐", "Lan": "岚", "Jing": "景", "Lang": "朗", "Gu": "谷", "Cheng": "澄",
    "Nan": "楠", "Heng": "珩", "You": "攸", "Zhi": "芷", "Mo": "陌", "Ji": "霁", "Yao": "曜",
    "Shu": "舒", "Pu": "璞", "Qing": "青",
}  # fmt: skip
_SECOND = {
    "lu": "麓", "xi": "溪", "ling": "岭", "zhou": "舟", "qiao": "桥", "tang": "塘", "yan": "砚",
    "ge": "舸", "zhu": "渚", "di": "堤", "du": "渡", "feng": "枫", "yu": "榆", "fan": "帆",
    "quan": "泉", "tong": "桐", "peng": "蓬", "ting": "汀", "tan": "滩", "bu": "埠",
}  # fmt: skip

# What an account of each kind may call itself after its own name.
_TRADES = {
    "enterprise": [
        ("Logistics", "物流"), ("Foods", "食品"), ("Textiles", "纺织"), ("Pharmacies", "药房"),
        ("Hotels", "酒店"), ("Supermarkets", "超市"), ("Printing", "印务"), ("Furniture", "家具"),
        ("Insurance Brokers", "保险经纪"), ("Instruments", "仪器"), ("Building", "建筑"),
        ("Couriers", "快运"), ("Call Centres", "呼叫中心"), ("Machinery", "机械"),
    ],
    "public body": [
        ("County Library", "县图书馆"), ("District Clinic", "区卫生院"),
        ("County Tax Office", "县税务所"), ("District School", "区中学"),
        ("County Post Office", "县邮政所"), ("District Service Hall", "区政务大厅"),
    ],
    "agent": [("Peripherals Agency", "外设代理"), ("Office Supply Agency", "办公代理")],
    "shop": [
        ("Computers", "电脑行"), ("Digital", "数码店"), ("Electronics", "电子商行"),
        ("PC Corner", "电脑角"),
    ],
    "professional": [
        ("Design Studio", "设计工作室"), ("Accounting", "会计"), ("Translation", "翻译"),
        ("Photo Studio", "摄影"),
    ],
}  # fmt: skip


def stems(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """Return `n` different two-syllable names: columns name, name_zh.

    Raises ValueError when there are not so many.
    """
    if n > len(_FIRST) * len(_SECOND):
        raise ValueError(f"There are only {len(_FIRST) * len(_SECOND)} names, not {n}.")
    pairs = pd.MultiIndex.from_product([_FIRST, _SECOND]).to_frame(index=False, name=["a", "b"])
    pairs = pairs.iloc[rng.permutation(len(pairs))[:n]].reset_index(drop=True)
    return pd.DataFrame(
        {
            "name": pairs["a"] + pairs["b"],
            "name_zh": pairs["a"].map(_FIRST) + pairs["b"].map(_SECOND),
        }
    )


def firms(rng: np.random.Generator, kind: pd.Series, city: pd.Series) -> pd.DataFrame:
    """Return a name per account, none twice: columns name, name_zh.

    `kind` and `city` have one row per account. A brand store is named after its city.
    """
    names = stems(rng, len(kind))
    for label, trades in _TRADES.items():
        rows = (kind == label).to_numpy()
        trade = pd.DataFrame(trades).iloc[rng.integers(len(trades), size=rows.sum())]
        names.loc[rows, "name"] += " " + trade[0].to_numpy()
        names.loc[rows, "name_zh"] += trade[1].to_numpy()
    stores = (kind == "brand store").to_numpy()
    number = (city[stores].groupby(city[stores]).cumcount() + 1).astype(str)
    names.loc[stores, "name"] = "Lanhe Store " + city[stores] + " " + number
    names.loc[stores, "name_zh"] = "蓝禾" + city[stores].map(CHINESE) + number + "店"
    return names
