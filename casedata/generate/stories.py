"""Ten things that may happen to Lanhe; each world draws three. The capstone asks which.

A story only says what happens, where and when. The part of the generator that makes the table
applies it: `orders` lowers the prices of a price war, `club` hands out the clerk's points.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from .catalogue import SKUS
from .common import stream
from .places import CLUB_CITIES, REGIONS

N_STORIES = 3
# Provinces with enough accounts for a price war to show; reps who stay to the end.
WAR_PROVINCES = ("Guangdong", "Zhejiang", "Shandong", "Hubei", "Sichuan", "Jiangsu")
STAR_REPS = ("R02", "R04", "R05", "R09", "R11", "R14")
CHAINS = (("Tangwu", "棠梧"), ("Yanzhou", "砚舟"), ("Lingque", "翎鹊"), ("Suqiao", "溯桥"))


@dataclass(frozen=True)
class Story:
    """One event: `name`, first and last day, and what else it needs, by name in `params`."""

    name: str
    start: pd.Timestamp
    end: pd.Timestamp
    params: dict = field(default_factory=dict)

    def __getitem__(self, key: str):
        return self.params[key]

    def covers(self, dates: pd.Series) -> pd.Series:
        """Return True for each date within the story."""
        return dates.between(self.start, self.end)

    def detail(self) -> str:
        """Return the parameters as "key=value; …", for the truth table."""
        items = {"start": self.start.date(), "end": self.end.date(), **self.params}
        return "; ".join(f"{key}={value}" for key, value in items.items())


def _pick(rng: np.random.Generator, options) -> str:
    return str(options[rng.integers(len(options))])


def _share(rng: np.random.Generator, low: float, high: float) -> float:
    return round(float(rng.uniform(low, high)), 2)


def _params(name: str, rng: np.random.Generator) -> dict:
    """Return the parameters of the story `name`."""
    match name:
        case "price_war":  # a rival undercuts; we follow with `discount`, and still lose `lost`
            return {
                "province": _pick(rng, WAR_PROVINCES),
                "discount": _share(rng, 0.14, 0.20),
                "lost": _share(rng, 0.25, 0.35),
            }
        case "star_rep":  # wins far more deals; the accounts of this rep grow by `lift` a year
            return {"rep_id": _pick(rng, STAR_REPS), "lift": _share(rng, 0.6, 0.9)}
        case "warehouse_flood":  # repairs wait `delay_days` longer; complaints times `complaints`
            return {
                "region": _pick(rng, list(REGIONS)),
                "delay_days": int(rng.integers(18, 28)),
                "complaints": 4,
            }
        case "counterfeit_line":  # fakes in one city: "not genuine" tickets, members buy less
            return {
                "city": _pick(rng, CLUB_CITIES),
                "line": _pick(rng, ("mice", "keyboards", "headsets")),
                "lost": _share(rng, 0.5, 0.65),
            }
        case "budget_freeze":  # public bodies stop `lost` of their orders
            return {"lost": _share(rng, 0.55, 0.7)}
        case "slow_chain":  # the chain's accounts pay `days_per_month` later each month
            chain, chain_zh = CHAINS[rng.integers(len(CHAINS))]
            return {"chain": chain, "chain_zh": chain_zh, "accounts": 6, "days_per_month": 6}
        case "viral_product":  # one sku sells `lift` times as often to one city's members
            return {
                "city": _pick(rng, CLUB_CITIES),
                "sku": _pick(rng, [sku for sku in SKUS if sku[:2] in ("MS", "KB", "HS")]),
                "lift": int(rng.integers(6, 10)),
            }
        case "generous_clerk":  # points in one city are multiplied by `factor`
            return {"city": _pick(rng, CLUB_CITIES), "factor": _share(rng, 1.6, 2.2)}
        case "web_rival":  # small shops move `lost` of their orders to a web seller
            return {"lost": _share(rng, 0.45, 0.6)}
        case "price_list_mistake":  # one sku invoiced at `price_of_cost` times its unit cost
            return {
                "sku": _pick(rng, [sku for sku in SKUS if sku[:2] in ("KB", "SC", "PR")]),
                "price_of_cost": _share(rng, 0.6, 0.75),
            }
    raise ValueError(f"unknown story: {name}")


# Story -> earliest and latest month of 2025 to begin, and months that it lasts.
_CALENDAR = {
    "price_war": (2, 4, 8),
    "star_rep": (1, 1, 12),
    "warehouse_flood": (4, 7, 3),
    "counterfeit_line": (3, 6, 6),
    "budget_freeze": (4, 6, 6),
    "slow_chain": (1, 2, 11),
    "viral_product": (3, 8, 3),
    "generous_clerk": (2, 6, 5),
    "web_rival": (3, 5, 8),
    "price_list_mistake": (3, 9, 2),
}
STORIES = tuple(_CALENDAR)


def draw(seed: int) -> dict[str, Story]:
    """Return this world's three stories by name."""
    rng = stream(seed, "stories")
    chosen = sorted(rng.choice(len(STORIES), N_STORIES, replace=False))
    return {STORIES[i]: _make(STORIES[i], rng) for i in chosen}


def _make(name: str, rng: np.random.Generator) -> Story:
    earliest, latest, months = _CALENDAR[name]
    start = pd.Timestamp(2025, int(rng.integers(earliest, latest + 1)), 1)
    end = start + pd.DateOffset(months=months) - pd.Timedelta(days=1)
    return Story(name, start, end, _params(name, rng))
