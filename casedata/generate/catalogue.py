"""What Lanhe sells, and the assumptions of finance."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .common import stream

LINES = ("mice", "keyboards", "headsets", "scanners", "terminals", "printers")
MAIN_MOUSE = "MS01"  # what area E still buys: everybody has one, so its margin is thin

# Year -> line whose second plant slips, first and last day of production. The last is case A's.
INCIDENTS = {
    2023: ("headsets", pd.Timestamp("2023-02-01"), pd.Timestamp("2023-08-31")),
    2024: ("printers", pd.Timestamp("2024-01-01"), pd.Timestamp("2024-06-30")),
    2025: ("scanners", pd.Timestamp("2024-08-15"), pd.Timestamp("2025-06-30")),
}

# sku, name, Chinese name, line, launched, list price (yuan), cost as a share of it, warranty
_PRODUCTS = [
    ("MS01", "Reed Mouse", "苇鼠标", "mice", "2016-03-01", 59, 0.74, 12),
    ("MS02", "Reed Mouse Wireless", "苇无线鼠标", "mice", "2018-09-01", 119, 0.56, 12),
    ("MS03", "Heron Quiet Mouse", "鹭静音鼠标", "mice", "2021-05-01", 159, 0.53, 24),
    ("MS04", "Kingfisher Studio Mouse", "翠鸟设计鼠标", "mice", "2023-09-01", 329, 0.50, 24),
    ("KB01", "Paddy Keyboard", "稻键盘", "keyboards", "2015-06-01", 89, 0.66, 12),
    ("KB02", "Paddy Keyboard Wireless", "稻无线键盘", "keyboards", "2018-09-01", 169, 0.58, 12),
    (
        "KB03",
        "Terrace Mechanical Keyboard",
        "梯田机械键盘",
        "keyboards",
        "2020-04-01",
        399,
        0.53,
        24,
    ),
    ("KB04", "Sluice Counter Keyboard", "水闸柜台键盘", "keyboards", "2022-10-01", 299, 0.55, 36),
    ("HS01", "Cicada Headset", "蝉耳麦", "headsets", "2017-08-01", 129, 0.62, 12),
    ("HS02", "Cicada Call-Centre Headset", "蝉话务耳麦", "headsets", "2019-03-01", 269, 0.55, 24),
    ("HS03", "Swallow Wireless Headset", "燕无线耳麦", "headsets", "2021-11-01", 429, 0.53, 24),
    ("HS04", "Swallow Conference Set", "燕会议套装", "headsets", "2024-04-01", 899, 0.50, 24),
    ("SC01", "Firefly Barcode Scanner", "萤条码枪", "scanners", "2015-02-01", 349, 0.60, 24),
    ("SC02", "Firefly Wireless Scanner", "萤无线条码枪", "scanners", "2018-05-01", 599, 0.57, 24),
    ("SC03", "Lantern Desk Scanner", "灯笼台式扫描器", "scanners", "2020-09-01", 899, 0.55, 36),
    ("SC04", "Lantern Rugged Scanner", "灯笼工业扫描器", "scanners", "2022-06-01", 1499, 0.53, 36),
    ("TM01", "Ferry Terminal", "渡口终端", "terminals", "2014-10-01", 1299, 0.61, 36),
    ("TM02", "Ferry Touch Terminal", "渡口触控终端", "terminals", "2018-01-01", 1999, 0.58, 36),
    ("TM03", "Bridge Handheld", "桥手持终端", "terminals", "2021-03-01", 2499, 0.55, 36),
    ("TM04", "Bridge Handheld Pro", "桥手持终端Pro", "terminals", "2023-03-01", 3299, 0.52, 36),
    ("PR01", "Mulberry Receipt Printer", "桑票据打印机", "printers", "2016-07-01", 599, 0.63, 24),
    ("PR02", "Mulberry Label Printer", "桑标签打印机", "printers", "2019-10-01", 999, 0.58, 24),
    ("PR03", "Mulberry Mobile Printer", "桑便携打印机", "printers", "2022-02-01", 1199, 0.56, 24),
    ("PR04", "Orchard Office Printer", "果园办公打印机", "printers", "2017-04-01", 1699, 0.62, 24),
]  # fmt: skip
SKUS = tuple(row[0] for row in _PRODUCTS)


def products(seed: int) -> pd.DataFrame:
    """Return the 24 products; only the unit cost differs a little from world to world."""
    table = pd.DataFrame(
        _PRODUCTS,
        columns=[
            "sku", "name", "name_zh", "line", "launched", "list_price", "unit_cost",
            "warranty_months",
        ],
    )  # fmt: skip
    drift = stream(seed, "products").uniform(1.01, 1.05, len(table))
    table["launched"] = pd.to_datetime(table["launched"])
    table["list_price"] = table["list_price"].astype(float)
    table["unit_cost"] = np.round(table["list_price"] * table["unit_cost"] * drift, 2)
    return table


def finance() -> pd.DataFrame:
    """Return the assumptions of finance, each with its unit; the same in every world."""
    return pd.DataFrame(
        [
            ("cost_of_capital", 0.09, "share per year"),
            ("default_rate_A", 0.002, "share of credit sales per year"),
            ("default_rate_B", 0.008, "share of credit sales per year"),
            ("default_rate_C", 0.030, "share of credit sales per year"),
            ("default_rate_D", 0.100, "share of credit sales per year"),
            ("acquisition_cost_enterprise", 9500.0, "yuan per account"),
            ("acquisition_cost_public_body", 12000.0, "yuan per account"),
            ("acquisition_cost_agent", 26000.0, "yuan per account"),
            ("acquisition_cost_shop", 1800.0, "yuan per account"),
            ("acquisition_cost_professional", 260.0, "yuan per account"),
            ("acquisition_cost_store", 38.0, "yuan per member"),
            ("acquisition_cost_online", 62.0, "yuan per member"),
            ("acquisition_cost_campaign", 45.0, "yuan per member"),
            ("acquisition_cost_referral", 24.0, "yuan per member"),
            ("rep_cost", 210000.0, "yuan per rep and year"),
            ("rep_field_hours", 900.0, "hours per rep and year"),
            ("win_back_cost", 4200.0, "yuan per account"),
            ("recall_cost_per_unit", 55.0, "yuan per unit"),
            ("motion_mouse_launch_cost", 480000.0, "yuan"),
            ("motion_mouse_unit_margin", 38.0, "yuan per unit"),
            ("point_cost", 0.008, "yuan per point"),
        ],
        columns=["item", "value", "unit"],
    )
