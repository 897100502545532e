"""One quarter of the club's purchases as the shops sent them in: all text, with known faults.

Each kind of fault has a known number of rows, `fault_counts`; mended, the table is the quarter in
`purchases` again, but for the rows whose member or amount is missing: nobody can know those.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from .common import stream

QUARTER = ("2025-07-01", "2025-09-30")
LATE_FROM = "2025-06-16"  # sales of the fortnight before that arrived with this quarter's file

# Faults: rows of each kind, as a share of the quarter's purchases.
FAULT_SHARES = {
    "duplicate": 0.020,  # a purchase sent in twice, the second time perhaps spelt otherwise
    "late": 0.010,  # a purchase of the quarter before, at the end of the file
    "no_member": 0.006,
    "no_amount": 0.006,
    "no_date": 0.006,  # ids run in order of date, so the neighbours tell it
    "odd_member": 0.050,
    "odd_sku": 0.050,
    "odd_date": 0.150,
    "odd_amount": 0.080,
}  # and "returned": each returned sale stands there, and once more with a negative amount

MISSING = ("", "NA", "-", "无")
RETURN_DAYS = 14
_FULL_WIDTH = str.maketrans("0123456789.", "０１２３４５６７８９．")
_DATE_FORMATS = ("%Y/%m/%d", "%Y%m%d", "%Y年%m月%d日", "%Y.%m.%d")


def fault_counts(n_purchases: int) -> dict[str, int]:
    """Return how many rows of each fault a quarter of `n_purchases` gets (returns not counted)."""
    return {kind: round(share * n_purchases) for kind, share in FAULT_SHARES.items()}


def make(seed: int, purchases: pd.DataFrame, returned: pd.DataFrame) -> pd.DataFrame:
    """Return the quarter's file: the columns of purchases as text, faults put in.

    `purchases` and `returned` (sales that were taken back) share their numbering by date.
    """
    rng = stream(seed, "raw")
    quarter = purchases[purchases["date"].between(*QUARTER)].reset_index(drop=True)
    counts = fault_counts(len(quarter))
    rows, missing = _rows(rng, quarter, purchases, returned, counts)
    text = pd.DataFrame(
        {
            "purchase_id": rows["purchase_id"].astype(str),
            "date": _dates(rows["date"], "%Y-%m-%d"),
            "member_id": rows["member_id"].astype(str),
            "sku": rows["sku"].astype(str),
            "amount": np.char.mod("%.2f", rows["amount"].to_numpy()),
            "margin": np.char.mod("%.2f", rows["margin"].to_numpy()),
            "points": rows["points"].astype(str),
        }
    ).astype(object)
    for column, kind in (("member_id", "no_member"), ("amount", "no_amount"), ("date", "no_date")):
        blank = (missing == kind).to_numpy()
        text.loc[blank, column] = rng.choice(MISSING, blank.sum())
    respell = {"member_id": _odd_ids, "sku": _odd_ids, "date": _odd_dates, "amount": _odd_amounts}
    for column, odd in respell.items():
        kind = "odd_" + column.removesuffix("_id")
        known = np.flatnonzero(~text[column].isin(MISSING))
        chosen = np.sort(rng.choice(known, min(counts[kind], known.size), replace=False))
        text.iloc[chosen, text.columns.get_loc(column)] = odd(rng, rows[column].iloc[chosen])
    return text.astype("str")


def _rows(rng, quarter, purchases, returned, counts) -> tuple[pd.DataFrame, pd.Series]:
    """Return the file's rows in order of arrival, and what is missing in each ("" for nothing)."""
    fault = pd.Series("", index=quarter.index)
    fault[_pick(rng, _dated_by_neighbours(quarter), counts["no_date"])] = "no_date"
    for kind in ("no_member", "no_amount", "duplicate"):
        fault[_pick(rng, (fault == "").to_numpy(), counts[kind])] = kind
    copies = quarter[fault == "duplicate"]
    fault = fault.where(fault != "duplicate", "")

    taken_back = returned[returned["date"].between(*QUARTER)]
    refunds = taken_back.assign(**{c: -taken_back[c] for c in ("amount", "margin", "points")})
    delay = pd.to_timedelta(rng.integers(1, RETURN_DAYS + 1, len(refunds)), unit="D")
    refunds["date"] = (refunds["date"] + delay).clip(upper=pd.Timestamp(QUARTER[1]))

    before = purchases["date"].between(LATE_FROM, QUARTER[0], inclusive="left").to_numpy()
    late = purchases[_pick(rng, before, counts["late"])]
    parts = [quarter.assign(missing=fault), copies, taken_back, refunds]
    rows = pd.concat(parts, ignore_index=True).sort_values("date", kind="stable")
    rows = pd.concat([rows, late], ignore_index=True)
    return rows, rows["missing"].fillna("")


def _pick(rng: np.random.Generator, candidates: np.ndarray, n: int) -> np.ndarray:
    """Return a mask with `n` of the candidates, or all of them if there are fewer."""
    found = np.flatnonzero(candidates)
    chosen = np.zeros(candidates.size, dtype=bool)
    chosen[rng.choice(found, min(n, found.size), replace=False)] = True
    return chosen


def _dated_by_neighbours(quarter: pd.DataFrame) -> np.ndarray:
    """Return True for every other row whose neighbours before and after are of the same day."""
    date = quarter["date"]
    between = (date == date.shift()) & (date == date.shift(-1))
    return (between & (quarter.index % 2 == 1)).to_numpy()


def _dates(dates: pd.Series, pattern: str) -> np.ndarray:
    """Return dates as text; each day is formatted once."""
    codes, days = pd.factorize(dates)
    return pd.DatetimeIndex(days).strftime(pattern).to_numpy(dtype=object)[codes]


def _odd_dates(rng: np.random.Generator, dates: pd.Series) -> np.ndarray:
    forms = np.array([_dates(dates, pattern) for pattern in _DATE_FORMATS])
    return _one_each(rng, forms)


def _odd_ids(rng: np.random.Generator, ids: pd.Series) -> np.ndarray:
    """Return ids in lower case, with a hyphen, with blanks around, and in full-width digits."""
    ids = pd.Series(np.asarray(ids.cat.categories)[ids.cat.codes], dtype="str")
    forms = [
        ids.str.lower(),
        ids.str.replace(r"(?<=[A-Z])(?=\d)", "-", regex=True),
        " " + ids + "  ",
        ids.str.translate(_FULL_WIDTH),
    ]
    return _one_each(rng, np.array([form.to_numpy(dtype=object) for form in forms]))


def _odd_amounts(rng: np.random.Generator, amounts: pd.Series) -> np.ndarray:
    """Return amounts with a currency sign, thousands separators, 元, and full-width digits."""
    forms = [
        amounts.map("¥{:,.2f}".format),
        amounts.map("{:,.2f}元".format),
        amounts.map("{:.2f} RMB".format),
        amounts.map("{:.2f}".format).str.translate(_FULL_WIDTH),
    ]
    return _one_each(rng, np.array([form.to_numpy(dtype=object) for form in forms]))


def _one_each(rng: np.random.Generator, forms: np.ndarray) -> np.ndarray:
    """Return one of the forms (form × row) for each row."""
    return forms[rng.integers(len(forms), size=forms.shape[1]), np.arange(forms.shape[1])]
