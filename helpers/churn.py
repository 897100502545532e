"""Churn: who was lost by which definition, how fast a base melts, and what keeping is worth.

Pure functions: they take tables, return new ones, and change nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from statistics import NormalDist

import numpy as np
import pandas as pd

from helpers import inputs, segments
from helpers.data import CourseError

CAUSES = {
    "unstable quality": ("quality",),
    "lack of innovation": ("innovation",),
    "weak service": ("service",),
    "our rep left": ("rep_left",),
    "a rival's offer": ("rival_offer",),
    "short-termism": ("short_termism",),
    "not ours": ("closed", "moved", "no_need"),
}
"""Why customers leave: the six causes of the courseware (C3) and what is not ours (closed, moved,
no more need), each with the words that our tables write for it."""

PERIODS = {"month": "M", "quarter": "Q", "year": "Y"}


# ---- three definitions of loss -------------------------------------------------------------------


def contract_losses(
    contracts: pd.DataFrame,
    *,
    customer_id_col: str,
    start: str | pd.Timestamp,
    end: str | pd.Timestamp,
) -> pd.DataFrame:
    """Return which contracts that ran out from `start` to `end` were not renewed.

    One row per contract whose last day, `end`, lies in the period, in order of that day. Columns:
    `customer_id_col`, end, lost (boolean; <NA> where `renewed` is missing: not known yet). A
    customer with two contracts has two rows. Raises CourseError when a customer or an end is
    missing, for columns of the wrong kind, and when no contract ran out.
    """
    inputs.require(contracts, "contracts", [customer_id_col, "end", "renewed"])
    table = inputs.complete(contracts, "contracts", [customer_id_col, "end"])
    last_day = inputs.dated(table, "end").dt.normalize()
    first, last = _period((start, end), "the period")
    table = table.assign(end=last_day, lost=~inputs.flags(contracts["renewed"], "renewed"))
    table = table[last_day.between(first, last)].sort_values("end", kind="stable")
    if table.empty:
        raise CourseError(f"No contract ran out from {first:%Y-%m-%d} to {last:%Y-%m-%d}.")
    return table.reset_index(drop=True)


def silent_losses(
    transactions: pd.DataFrame,
    *,
    customer_id_col: str,
    datetime_col: str,
    observation_period_end: str | pd.Timestamp,
    cycles: float = 3,
    least_days: float = 0,
    without_cycle_days: float | None = None,
) -> pd.DataFrame:
    """Return who has been silent for longer than `cycles` times their own purchase cycle.

    And for more than `least_days`: three cycles of a quick buyer are a holiday. Whoever has no
    cycle is lost after `without_cycle_days`; without that number nobody can say.

    One row per customer with a transaction up to and including `observation_period_end`, sorted by
    customer. Columns: `customer_id_col`, last_purchase (date), cycle_days, silence_days,
    cycles_silent (as `segments.purchase_cycle`), lost (boolean; <NA> where nobody can say: below
    three days of purchase, which show no cycle). Raises CourseError as `segments.rfm` does.
    """
    if not (isinstance(cycles, Real) and cycles > 0):
        raise CourseError(f"cycles is a number above 0, and {cycles!r} is not.")
    for days in (least_days, without_cycle_days):
        if not (days is None or (isinstance(days, Real) and days >= 0)):
            raise CourseError(f"A number of days is 0 or more, and {days!r} is not.")
    table = segments.purchase_cycle(
        transactions,
        customer_id_col=customer_id_col,
        datetime_col=datetime_col,
        observation_period_end=observation_period_end,
    )
    silence = pd.to_timedelta(table["silence_days"], unit="D")
    table["last_purchase"] = inputs.day(observation_period_end) - silence
    too_long = (table["cycles_silent"] > cycles) & (table["silence_days"] > least_days)
    no_cycle = table["cycles_silent"].isna()
    table["lost"] = too_long.astype("boolean").mask(no_cycle)
    if without_cycle_days is not None:
        late = table["silence_days"] > without_cycle_days
        table["lost"] = table["lost"].mask(no_cycle, late)
    columns = ["last_purchase", "cycle_days", "silence_days", "cycles_silent", "lost"]
    return table[[customer_id_col, *columns]]


def revenue_losses(
    transactions: pd.DataFrame,
    *,
    customer_id_col: str,
    datetime_col: str,
    monetary_value_col: str,
    before: tuple[str | pd.Timestamp, str | pd.Timestamp],
    after: tuple[str | pd.Timestamp, str | pd.Timestamp],
) -> pd.DataFrame:
    """Return how much less each customer of one period bought in a later one.

    `before` and `after` are (first day, last day). One row per customer who bought in `before`,
    sorted by customer. Columns: `customer_id_col`, before, after, change (after - before; all in
    the unit of `monetary_value_col`), kind: "gone" (bought nothing after), "less", or "as much or
    more". Raises CourseError as `segments.rfm` does, and when the periods overlap.
    """
    periods = _period(before, "before"), _period(after, "after")
    if periods[0][1] >= periods[1][0]:
        raise CourseError("The period before must end before the period after begins.")
    known = inputs.transactions(
        transactions,
        customer_id_col=customer_id_col,
        datetime_col=datetime_col,
        observation_period_end=periods[1][1],
        others=[monetary_value_col],
    )
    inputs.amounts(known, monetary_value_col)
    known = known.reset_index(drop=True).astype({monetary_value_col: float})
    days = known[datetime_col].dt.normalize()
    then, later = (
        known[days.between(*period)]
        .groupby(customer_id_col, observed=True)[monetary_value_col]
        .sum()
        .round(6)  # 0.1 + 0.2 is not quite 0.3
        for period in periods
    )
    if then.empty:
        raise CourseError("Nobody bought in the period before: there is nothing to lose.")
    table = then.rename("before").reset_index()
    table["after"] = later.reindex(then.index).fillna(0).to_numpy()
    table["change"] = (table["after"] - table["before"]).round(6)
    gone = ~then.index.isin(later.index)
    kinds = np.where(table["change"] < 0, "less", "as much or more")
    return table.assign(kind=np.where(gone, "gone", kinds))


# ---- rates ---------------------------------------------------------------------------------------


def loss_rate(
    lost: pd.Series, *, by: pd.Series | None = None, confidence: float = 0.95
) -> pd.DataFrame:
    """Return the share lost, by group, with the range in which the true rate may lie.

    `lost` is True, False or missing (not known: left out), one per customer; `by` gives each
    customer's group (same index). One row per group ("all" without `by`), highest rate first.
    Columns: n, lost, rate, low, high: Wilson's score interval (1927), which stays between 0 and 1
    and is sensible for few customers and for none lost. Raises CourseError when nothing is known,
    and when a customer has no group.
    """
    inputs.same_index(lost, by)
    flags = inputs.flags(lost, "lost")
    groups = pd.Series("all", index=flags.index) if by is None else by
    is_known = flags.notna().to_numpy()
    known, groups = flags[is_known].astype(int), groups[is_known]
    if known.empty:
        raise CourseError("lost must hold True or False for at least one customer.")
    if groups.isna().any():
        raise CourseError(f"{int(groups.isna().sum()):,} customers have no group: give them one.")
    table = known.groupby(groups, observed=True).agg(n="size", lost="sum")
    table["rate"] = table["lost"] / table["n"]
    table["low"], table["high"] = wilson(table["lost"], table["n"], confidence=confidence)
    return table.sort_values(["rate", "n"], ascending=False, kind="stable")


def wilson(
    count: pd.Series, n: pd.Series, *, confidence: float = 0.95
) -> tuple[pd.Series, pd.Series]:
    """Return (low, high) of Wilson's score interval (1927) for `count` of `n`; NaN where n is 0."""
    z = _quantile(confidence)
    rate = count / n.where(n > 0)
    middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2))
    low, high = middle - half, middle + half
    return low.where((count > 0) | rate.isna(), 0), high.where((count < n) | rate.isna(), 1)


def retention_triangle(
    transactions: pd.DataFrame,
    *,
    customer_id_col: str,
    datetime_col: str,
    observation_period_end: str | pd.Timestamp,
    period: str = "quarter",
    counts: bool = False,
) -> pd.DataFrame:
    """Return which share of each cohort bought in each period after its first.

    A cohort is all whose first transaction lies in one period ("month", "quarter" or "year"). Rows:
    cohorts with a member (a PeriodIndex named "cohort"); columns: periods since, from 0 (where all
    are active) to the last that is over for the oldest cohort. Cells: the share that bought (with
    `counts`, their number). NaN where the period had not ended by `observation_period_end`: not yet
    observed is not zero. Raises CourseError as `segments.rfm` does.
    """
    if period not in list(PERIODS):
        raise CourseError(f"period is one of {', '.join(PERIODS)}, and {period!r} is not.")
    known = inputs.transactions(
        transactions,
        customer_id_col=customer_id_col,
        datetime_col=datetime_col,
        observation_period_end=observation_period_end,
    )
    freq = PERIODS[period]
    customer, ids = known[customer_id_col].factorize()
    day, days = known[datetime_col].dt.normalize().factorize()  # few days, many rows
    number = pd.PeriodIndex(days, freq=freq).asi8[day]
    first = np.full(len(ids), number.max())
    np.minimum.at(first, customer, number)
    cohorts = np.unique(first)
    end = inputs.day(observation_period_end)
    now = pd.Period(end, freq=freq)
    ended = now.ordinal - (end < now.end_time.normalize())  # the last period that is over
    width = max(number.max(), ended) - cohorts[0] + 1
    active = np.zeros(len(ids) * width, dtype=bool)
    active[customer * width + number - first[customer]] = True
    customer, age = np.divmod(np.flatnonzero(active), width)  # each period of a customer once
    row = np.searchsorted(cohorts, first)[customer]
    table = np.bincount(row * width + age, minlength=len(cohorts) * width).astype(float)
    table = table.reshape(len(cohorts), width)
    if not counts:
        table /= table[:, :1]
    is_over = cohorts[:, None] + np.arange(width) <= ended
    is_over[:, 0] = True  # whoever belongs to a cohort bought in its first period
    index = pd.PeriodIndex.from_ordinals(cohorts, freq=freq, name="cohort")
    columns = pd.RangeIndex(width, name=f"{period}s since")
    triangle = pd.DataFrame(np.where(is_over, table, np.nan), index=index, columns=columns)
    return triangle.loc[:, is_over.any(axis=0)]


# ---- survival ------------------------------------------------------------------------------------


def survival_curve(
    duration: pd.Series,
    lost: pd.Series,
    *,
    entry: pd.Series | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Return the share of customers who stay for longer than each duration (Kaplan & Meier 1958).

    `duration`: how long each was a customer when last seen (any unit); `lost`: True when lost
    then, False when still there (censored). `entry`: the duration at which we began to watch
    (late entry): before it a customer could not have been seen to leave, so is not at risk. Like R
    and lifelines we count them from the moment after it, not at a loss that falls on it.
    One row per duration at which somebody was lost, after a row for 0 (unless somebody was lost
    then). Columns: time, at_risk, lost, survival, low, high (the log-log interval, Greenwood's
    variance, as lifelines has it). Where all at risk are lost, survival is 0 from then on; late
    entry can bring that about early, while few are watched. Raises CourseError when values are
    missing, and when an entry is not before its duration.
    """
    z = _quantile(confidence)
    inputs.same_index(duration, lost, entry)
    time, flags = inputs.known(duration).to_numpy(), inputs.flags(lost, "lost")
    if flags.isna().any():
        raise CourseError(f"{int(flags.isna().sum())} values of lost are missing: leave them out.")
    if not 0 <= time.min() <= time.max() < np.inf:
        raise CourseError("A duration is a finite number, not below 0.")
    late = np.array([])
    if entry is not None:
        begin = inputs.known(entry).to_numpy()
        if (begin < 0).any() or ((begin > 0) & (begin >= time)).any():
            raise CourseError("An entry is 0 or later, and before its duration.")
        late = np.sort(begin[begin > 0])
    times, place = _different(time)
    leave = np.bincount(place)
    count = np.bincount(place, weights=flags.to_numpy(dtype=bool)).astype(int)
    gone_before, not_yet = leave.cumsum() - leave, len(late) - late.searchsorted(times)
    at_risk = len(time) - gone_before - not_yet
    times, at_risk, count = (values[count > 0] for values in (times, at_risk, count))
    survival = np.cumprod(1 - count / at_risk)
    with np.errstate(divide="ignore", invalid="ignore"):
        greenwood = np.cumsum(count / (at_risk * (at_risk - count)))
        spread = z * np.sqrt(greenwood) / np.log(survival)
        low, high = survival ** np.exp(-spread), survival ** np.exp(spread)
    table = pd.DataFrame(
        {
            "time": times,
            "at_risk": at_risk,
            "lost": count,
            "survival": survival,
            "low": np.where(survival > 0, low, 0.0),
            "high": np.where(survival > 0, high, 0.0),
        }
    )
    if len(times) and times[0] == 0:  # lost on the first day
        return table
    there = len(time) - len(late)
    start = {"time": 0.0, "at_risk": there, "lost": 0, "survival": 1.0, "low": 1.0, "high": 1.0}
    return pd.concat([pd.DataFrame([start]), table], ignore_index=True)


def _different(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the different values in order, and each value's place there; none is below 0."""
    if values.max() <= len(values) and np.array_equal(place := values.astype(int), values):
        return np.arange(values.max() + 1), place  # days or months, as most are: nothing to sort
    place, different = pd.factorize(values, sort=True)
    return different, place


# ---- what keeping is worth -----------------------------------------------------------------------


def cost_of_keeping(
    spend: Sequence[float] | pd.Series,
    *,
    loss_rate: float,
    unavoidable: float,
    halving_spend: float,
    cost_of_a_loss: float,
) -> pd.DataFrame:
    """Return what each level of `spend` on keeping costs in all, losses included.

    All in yuan per customer and year. Every `halving_spend` of it halves the part of the yearly
    `loss_rate` that can be avoided; `unavoidable` stays. `cost_of_a_loss`: yuan that one lost
    customer costs (to replace it, and the margin missed until then). One row per spend. Columns:
    spend, loss_rate, keeping (= spend), losing (loss_rate × cost_of_a_loss), total. The model is
    this course's: diminishing returns in their simplest form. Raises CourseError for rates outside
    0 <= unavoidable <= loss_rate <= 1 and for amounts that are not positive.
    """
    _check_rates(loss_rate, unavoidable, halving_spend, cost_of_a_loss)
    try:
        yuan = np.asarray(spend, dtype=float)
    except (TypeError, ValueError):
        yuan = np.array(np.nan)
    if yuan.ndim != 1 or not (yuan >= 0).all():
        raise CourseError("spend is a list of yuan per customer and year, none below 0.")
    rate = unavoidable + (loss_rate - unavoidable) * 2.0 ** (-yuan / halving_spend)
    losing = rate * cost_of_a_loss
    return pd.DataFrame(
        {
            "spend": yuan,
            "loss_rate": rate,
            "keeping": yuan,
            "losing": losing,
            "total": yuan + losing,
        }
    )


def best_spend(
    *, loss_rate: float, unavoidable: float, halving_spend: float, cost_of_a_loss: float
) -> float:
    """Return the spend at which `cost_of_keeping` has the lowest total (yuan, 0 or more).

    There a further yuan saves just one yuan of losses. Where even the first yuan saves less, it is
    0. Raises CourseError as `cost_of_keeping` does.
    """
    _check_rates(loss_rate, unavoidable, halving_spend, cost_of_a_loss)
    first_yuan = np.log(2) / halving_spend * (loss_rate - unavoidable) * cost_of_a_loss
    return float(halving_spend * np.log2(max(first_yuan, 1)))


def _check_rates(
    loss_rate: float, unavoidable: float, halving_spend: float, cost_of_a_loss: float
) -> None:
    if not 0 <= unavoidable <= loss_rate <= 1:
        raise CourseError(
            "Rates are shares: 0 <= unavoidable <= loss_rate <= 1, not "
            f"{unavoidable:g} and {loss_rate:g}."
        )
    if not (0 < halving_spend < np.inf and 0 <= cost_of_a_loss < np.inf):
        raise CourseError("halving_spend must be above 0 yuan, and cost_of_a_loss not below.")


def _period(days: tuple, name: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    if not isinstance(days, (tuple, list)) or len(days) != 2:
        raise CourseError(f"{name} is (first day, last day), and {days!r} is not.")
    first, last = (inputs.day(day, f"each day of {name}") for day in days)
    if first > last:
        raise CourseError(f"{name} ends on {last:%Y-%m-%d}, before it begins on {first:%Y-%m-%d}.")
    return first, last


def _quantile(confidence: float) -> float:
    if not (isinstance(confidence, Real) and 0 < confidence < 1):
        raise CourseError(f"confidence is a share between 0 and 1, and {confidence!r} is not.")
    return NormalDist().inv_cdf((1 + confidence) / 2)
