"""What every part of the generator shares: the calendar, random streams, and small vector tools."""

from __future__ import annotations

import zlib

import numpy as np
import pandas as pd

# Missing text is missing, as in pandas 3: a world's bytes agree.
if pd.__version__.startswith("2."):
    pd.set_option("future.infer_string", True)
    pd.set_option("mode.copy_on_write", True)

START = pd.Timestamp("2023-01-01")
AS_OF = pd.Timestamp("2025-12-31")
N_DAYS = (AS_OF - START).days + 1


def stream(seed: int, part: str) -> np.random.Generator:
    """Return the random stream of one part of the world.

    Each part draws from a stream of its own, so that a change in one part leaves the others as
    they were.
    """
    return np.random.default_rng([seed, zlib.crc32(part.encode())])


def ids(prefix: str, n: int, *, start: int = 1, width: int = 4) -> pd.Series:
    """Return `n` identifiers such as K0001, K0002, … as strings."""
    return pd.Series([f"{prefix}{number:0{width}d}" for number in range(start, start + n)])
