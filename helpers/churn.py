"""Churn: who was lost by which definition, how fast a base melts, and what keeping is worth.

Pure functions: they take tables, return new ones, and change nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    customer with two contracts has two rows. Raises CourseError when no contract ran out.
    """
    inputs.require(contracts, "contracts", [customer_id_col, "end", "renewed"])
    first, last = inputs.day(start, "start"), inputs.day(end, "end")
    ran_out = contracts[contracts["end"].between(first, last)].sort_values("end")
    if ran_out.empty:
        raise CourseError(f"No contract ran out from {first:%Y-%m-%d} to {last:%Y-%m-%d}.")
    table = ran_out[[customer_id_col, "end"]].reset_index(drop=True)
    return table.assign(lost=~ran_out["renewed"].astype("boolean").reset_index(drop=True))


def silent_losses(
    transactions: pd.DataFrame,
    *,
    customer_id_col: str,
    datetime_col: str,
    observation_period_end: str | pd.Timestamp,
    cycles: float = 3,
) -> pd.DataFrame:
    """Return who has been silent for longer than `cycles` times their own purchase cycle.

    One row per customer with a transaction up to and including `observation_period_end`, sorted by
    customer. Columns: `customer_id_col`, last_purchase (date), cycle_days, silence_days,
    cycles_silent (as `segments.purchase_cycle`), lost (boolean; <NA> below three days of purchase,
    which show no cycle). Raises CourseError as `segments.rfm` does.
    """
    if not cycles > 0:
        raise CourseError(f"cycles is a number above 0, and {cycles!r} is not.")
    table = segments.purchase_cycle(
        transactions,
        customer_id_col=customer_id_col,
        datetime_col=datetime_col,
        observation_period_end=observation_period_end,
    )
    silence = pd.to_timedelta(table["silence_days"], unit="D")
    table["last_purchase"] = inputs.day(observation_period_end) - silence
    too_long = (table["cycles_silent"] > cycles).astype("boolean")
    table["lost"] = too_long.where(table["cycles_silent"].notna())
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
    periods = [
        tuple(inputs.day(date, f"each date of {name}") for date in period)
        for name, period in (("before", before), ("after", after))
    ]
    if sorted(sum(periods, ())) != list(sum(periods, ())) or periods[0][1] == periods[1][0]:
        raise CourseError("The periods are (first day, last day), the second after the first.")
    known = inputs.transactions(
        transactions,
        customer_id_col=customer_id_col,
        datetime_col=datetime_col,
        observation_period_end=periods[1][1],
        others=[monetary_value_col],
    )
    inputs.amounts(known, monetary_value_col)
    days = known[datetime_col].dt.normalize()
    then, later = (
        known[days.between(*period)].groupby(known[customer_id_col])[monetary_value_col].sum()
        for period in periods
    )
    if then.empty:
        raise CourseError("Nobody bought in the period before: there is nothing to lose.")
    table = then.rename("before").rename_axis(customer_id_col).reset_index()
    table["after"] = later.reindex(then.index).fillna(0).to_numpy()
    table["change"] = (table["after"] - table["before"]).round(6)  # 0.1 + 0.2 is not quite 0.3
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
    and is sensible for few customers and for none lost. Raises CourseError when nothing is known.
    """
    z = _quantile(confidence)
    groups = pd.Series("all", index=lost.index) if by is None else by
    if not groups.index.equals(lost.index):
        raise CourseError("lost and by must have the same index: take both from one table.")
    known = lost.dropna().astype(float)
    if known.empty or not known.isin([0, 1]).all():
        raise CourseError("lost must hold True or False for at least one customer.")
    table = known.groupby(groups[known.index], observed=True).agg(n="size", lost="sum")
    table["lost"] = table["lost"].astype(int)
    table["rate"] = table["lost"] / table["n"]
    n, rate = table["n"], table["rate"]
    middle = (rate + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(rate * (1 - rate) / n + z**2 / (4 * n**2))
    table["low"] = (middle - half).clip(lower=0).where(table["lost"] > 0, 0)
    table["high"] = (middle + half).clip(upper=1).where(table["lost"] < n, 1)
    return table.sort_values(["rate", "n"], ascending=False, kind="stable")


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
    are active). Cells: the share that bought (with `counts`, their number). NaN where the period
    had not ended by `observation_period_end`: not yet observed is not zero. Raises CourseError as
    `segments.rfm` does.
    """
    if period not in PERIODS:
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
    age, width = number - first[customer], number.max() - cohorts[0] + 1
    active = np.zeros(len(ids) * width, dtype=bool)
    active[customer * width + age] = True
    customer, age = np.divmod(np.flatnonzero(active), width)  # each period of a customer once
    row = np.searchsorted(cohorts, first)[customer]
    table = np.bincount(row * width + age, minlength=len(cohorts) * width).astype(float)
    table = table.reshape(len(cohorts), width)
    if not counts:
        table /= table[:, :1]
    end = inputs.day(observation_period_end)
    now = pd.Period(end, freq=freq)
    ended = now.ordinal - (end < now.end_time.normalize())  # the last period that is over
    age_of_cell = cohorts[:, None] + np.arange(width)
    table[(age_of_cell > ended) & (np.arange(width) > 0)] = np.nan
    index = pd.PeriodIndex.from_ordinals(cohorts, freq=freq, name="cohort")
    return pd.DataFrame(table, index=index, columns=pd.RangeIndex(width, name=f"{period}s since"))


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
    (late entry): before it a customer could not have been seen to leave, so is not at risk.
    One row per duration at which somebody was lost, after a row for 0. Columns: time, at_risk,
    lost, survival, low, high (the log-log interval, Greenwood's variance, as lifelines has it).
    Raises CourseError when values are missing, and when an entry is not before its duration.
    """
    z = _quantile(confidence)
    time = inputs.known(duration).to_numpy()
    begin = np.zeros(len(time)) if entry is None else inputs.known(entry).to_numpy()
    if len(lost) != len(time) or len(begin) != len(time) or lost.isna().any():
        raise CourseError("Each customer needs a duration, an entry and whether it was lost.")
    if (time < 0).any() or (time < begin).any() or ((begin > 0) & (time == begin)).any():
        raise CourseError("A duration is not negative, and longer than its entry.")
    event = lost.to_numpy(dtype=bool)
    times, count = np.unique(time[event], return_counts=True)
    # At risk at t: those who entered before t and were still there just before it.
    gone_before = np.searchsorted(np.sort(time), times, side="left")
    entered = np.searchsorted(np.sort(begin), np.maximum(times, np.nextafter(0, 1)), side="left")
    at_risk = entered - gone_before
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
    there = int((begin == 0).sum())
    start = {"time": 0.0, "at_risk": there, "lost": 0, "survival": 1.0, "low": 1.0, "high": 1.0}
    if len(times) and times[0] == 0:  # lost on the first day
        return table
    return pd.concat([pd.DataFrame([start]), table], ignore_index=True)


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
    yuan = np.asarray(spend, dtype=float)
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
    if not (halving_spend > 0 and cost_of_a_loss >= 0):
        raise CourseError("halving_spend must be above 0 yuan, and cost_of_a_loss not below.")


def _quantile(confidence: float) -> float:
    if not 0 < confidence < 1:
        raise CourseError(f"confidence is a share between 0 and 1, and {confidence!r} is not.")
    return NormalDist().inv_cdf((1 + confidence) / 2)
