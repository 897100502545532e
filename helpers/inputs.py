"""What analysis asks of its input: tables with the columns that it needs, of the right kind, whole.

A fault raises CourseError, in one sentence that says what to do. The analysis modules share this,
and a panel that takes whole tables.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from helpers.data import CourseError


def require(frame: pd.DataFrame, name: str, columns: str | list[str]) -> None:
    """Raise CourseError when `frame` is no table, or misses some of the columns."""
    if not isinstance(frame, pd.DataFrame):
        kind = type(frame).__name__
        raise CourseError(f"{name} must be a table (a DataFrame), not a {kind}.")
    wanted = columns.split() if isinstance(columns, str) else columns
    missing = [column for column in wanted if column not in frame.columns]
    if missing:
        raise CourseError(f"{name} is missing required columns: {missing}.")


def complete(frame: pd.DataFrame, name: str, columns: list[str]) -> pd.DataFrame:
    """Return these columns of a table; CourseError when one is missing, doubled, or has gaps."""
    require(frame, name, columns)
    if len(set(columns)) < len(columns):
        raise CourseError(f"Each column has one task, and here one is named twice: {columns}.")
    found = frame[columns]
    if found.shape[1] > len(columns):
        twice = found.columns[found.columns.duplicated()][0]
        raise CourseError(f"{name} has two columns {twice!r}: rename or drop one.")
    for column in columns:
        missing = int(found[column].isna().sum())
        if missing:
            raise CourseError(
                f"{missing:,} of {len(found):,} values in {column!r} are missing: find out what "
                "they mean, then fill them or drop their rows."
            )
    return found


def dated(frame: pd.DataFrame, column: str) -> pd.Series:
    """Return a column of dates; CourseError when it holds anything else."""
    dates = frame[column]
    if not pd.api.types.is_datetime64_dtype(dates):
        raise CourseError(
            f"The column {column!r} must hold dates (without a time zone), and holds "
            f"{dates.dtype}: convert it with pd.to_datetime."
        )
    return dates


def same_index(*columns: pd.Series | None) -> None:
    """Raise CourseError unless all are columns with the index of the first; None is left out."""
    for column in columns:
        if column is not None and not isinstance(column, pd.Series):
            kind = type(column).__name__
            raise CourseError(f"Give columns of a table (Series), not a {kind}.")
        if column is not None and not column.index.equals(columns[0].index):
            raise CourseError("The columns must have the same index: take them from one table.")


def flags(values: pd.Series, name: str) -> pd.Series:
    """Return True, False or missing as booleans (<NA>); CourseError when it is anything else."""
    try:
        return values.astype("boolean")
    except (TypeError, ValueError):
        raise CourseError(f"{name} must hold True and False, and holds {values.dtype}.") from None


def transactions(
    transactions: pd.DataFrame,
    *,
    customer_id_col: str,
    datetime_col: str,
    observation_period_end: str | pd.Timestamp,
    others: Sequence[str] = (),
) -> pd.DataFrame:
    """Return the needed columns of the transactions known by the end; CourseError at any fault."""
    columns = [customer_id_col, datetime_col, *others]
    known = complete(transactions, "transactions", columns)
    if known.empty:
        raise CourseError("There is no transaction: the table is empty. Check your filter.")
    dates = dated(known, datetime_col)
    is_known = dates < day(observation_period_end) + pd.Timedelta(days=1)
    known = known if is_known.all() else known[is_known]
    if known.empty:
        raise CourseError(
            f"All transactions are later than {day(observation_period_end):%Y-%m-%d}: give an "
            "observation_period_end that they reach."
        )
    return known


def amounts(known: pd.DataFrame, column: str) -> np.ndarray:
    """Return a column of amounts as floats; CourseError when they are no numbers, or infinite."""
    values = known[column]
    if not pd.api.types.is_numeric_dtype(values):
        raise CourseError(f"The column {column!r} must hold numbers, and holds {values.dtype}.")
    if not np.isfinite(values.to_numpy(dtype=float)).all():
        raise CourseError(f"The column {column!r} holds an infinite amount.")
    return values.to_numpy(dtype=float)


def numbered(
    known: pd.DataFrame,
    customer_id_col: str,
    datetime_col: str,
    observation_period_end: str | pd.Timestamp,
) -> tuple[np.ndarray, pd.Index, np.ndarray]:
    """Return each row's customer as a number, whom the numbers mean, and its days to the end.

    With numbers in place of names, NumPy sums in a third of the time that groupby takes.
    """
    customer, ids = known[customer_id_col].factorize(sort=True)
    days = known[datetime_col].to_numpy().astype("datetime64[D]")
    days_ago = np.datetime64(day(observation_period_end), "D") - days
    return customer, ids, days_ago.astype("int64")


def day(date: str | pd.Timestamp, name: str = "observation_period_end") -> pd.Timestamp:
    """Return the day of a date; CourseError naming the parameter when it is none."""
    try:
        found = pd.NaT if isinstance(date, (int, float, np.number)) else pd.Timestamp(date)
    except (TypeError, ValueError):
        found = pd.NaT
    if found is pd.NaT:
        raise CourseError(f"{name} is a date like '2025-12-31', and {date!r} is not.")
    return found.tz_localize(None).normalize()


def known(values: pd.Series) -> pd.Series:
    """Return a column of numbers as floats; CourseError when some are missing or none is there."""
    if not isinstance(values, pd.Series):
        kind = type(values).__name__
        raise CourseError(f"The values must be one column of a table (a Series), not a {kind}.")
    if len(values) == 0:
        raise CourseError("There is no customer: the series is empty.")
    if not pd.api.types.is_numeric_dtype(values):
        raise CourseError(f"The values must be numbers, and {values.name!r} holds {values.dtype}.")
    if values.isna().any():
        raise CourseError(
            f"{int(values.isna().sum())} of {len(values)} values are missing: "
            "decide first whether they mean zero."
        )
    return values.astype("float64")
