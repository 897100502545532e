"""What an account buys of the catalogue, by kind and by its own habits."""

from __future__ import annotations

import numpy as np
import pandas as pd

from . import cast
from .common import stream

# Line weights by kind of account, in the order of catalogue.LINES.
_LINES = ["mice", "keyboards", "headsets", "scanners", "terminals", "printers"]
_BY_KIND = pd.DataFrame(
    {
        "enterprise": [2.0, 2.0, 1.5, 2.6, 1.2, 1.5],
        "public body": [2.0, 2.5, 1.0, 1.5, 1.0, 2.5],
        "agent": [2.5, 2.5, 2.0, 2.0, 1.5, 2.0],
        "shop": [4.0, 3.0, 2.5, 0.6, 0.2, 0.8],
        "brand store": [4.0, 3.0, 3.0, 0.3, 0.1, 0.8],
        "professional": [3.0, 3.0, 1.5, 0.2, 0.1, 0.8],
    },
    index=_LINES,
)
CASE_A_SCANNERS = 3.0  # case A lives on scanning: this line weighs so much more than its next


def tastes(seed: int, accounts: pd.DataFrame, products: pd.DataFrame) -> pd.DataFrame:
    """Return the chance that an order line of an account is for a product: accounts × skus.

    Rows sum to 1. Dear products are seldom bought by accounts that need little.
    """
    rng = stream(seed, "tastes")
    n, line_of = len(accounts), products["line"]
    by_line = _BY_KIND[accounts["kind"]].T.to_numpy() * np.exp(rng.normal(0, 1.1, (n, len(_LINES))))
    is_a = (accounts["account_id"] == cast.CASE_A).to_numpy()
    scanners = _LINES.index("scanners")
    by_line[is_a, scanners] = by_line[is_a].max() * CASE_A_SCANNERS
    by_sku = by_line[:, pd.Index(_LINES).get_indexer(line_of)]
    by_sku = by_sku * np.exp(rng.normal(0, 0.7, (n, len(products))))
    reach = accounts["need"].to_numpy()[:, None] ** 0.55 * 4
    by_sku = by_sku / (1 + (products["list_price"].to_numpy() / reach) ** 2)
    shares = by_sku / by_sku.sum(axis=1, keepdims=True)
    return pd.DataFrame(shares, index=accounts["account_id"].to_numpy(), columns=products["sku"])


def by_line(tastes: pd.DataFrame, products: pd.DataFrame) -> pd.DataFrame:
    """Return the same shares added up by line of products: accounts × lines."""
    return tastes.T.groupby(products.set_index("sku")["line"]).sum().T
