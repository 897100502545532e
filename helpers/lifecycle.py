"""The life of a customer: stages and moves between them, points, lifetime value, warning signs.

Pure functions: they take tables, return new ones, and change nothing. `frequency`, `recency` and
`T` have their meaning of lifetime value here (repeat purchases; last less first; age), not that of
`segments.rfm`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral, Real

import numpy as np
import pandas as pd

from helpers import churn, inputs, segments
from helpers.data import CourseError

STAGES = {
    "identify": ("establish", "识别期", "建立期"),
    "develop": ("develop", "发展期", "发展期"),
    "stable": ("maintain", "稳定期", "维持期"),
    "decline": ("recover", "衰退期", "恢复期"),
    "gone": ("gone", "流失", "流失"),
}
"""The stages of the courseware's second deck, each with the first deck's name for it and both in
Chinese (L2); "gone" is ours, for those who are silent for good."""

UNITS = {"day": 1.0, "week": 7.0, "month": 365.25 / 12, "year": 365.25}


# ---- stages and moves ----------------------------------------------------------------------------


def stages(
    transactions: pd.DataFrame,
    *,
    customer_id_col: str,
    datetime_col: str,
    monetary_value_col: str,
    observation_period_end: str | pd.Timestamp,
    window_days: int = 182,
    young_days: int = 365,
    rising: float = 1.25,
    falling: float = 0.6,
    cycles: float = 3,
) -> pd.DataFrame:
    """Return the stage of each customer on a day, by a rule that looks at behaviour only.

    One row per customer with a transaction by `observation_period_end`, sorted by customer.
    Columns: `customer_id_col`; stage (categorical, in the order of STAGES); age_days since the
    first purchase; cycles_silent; lately and before (what was bought in the last `window_days` and
    in as many days before them, in the unit of `monetary_value_col`). The first that is true:

    - gone: silent for more than `cycles` own cycles and for `window_days` / 2 (whoever shows no
      cycle: for `window_days`);
    - identify: first purchase at most `window_days` ago;
    - decline: `lately` below `falling` × `before`;
    - develop: first purchase at most `young_days` ago, or `lately` above `rising` × `before`;
    - stable: all others.

    The rule is this course's; another reasonable one gives other stages. Raises CourseError as
    `segments.rfm` does, and for thresholds that overlap.
    """
    thresholds = (falling, rising, window_days, young_days, cycles)
    if not (
        all(isinstance(threshold, Real) for threshold in thresholds)
        and 0 < falling <= 1 <= rising
        and min(window_days, young_days, cycles) > 0
    ):
        raise CourseError("Thresholds must be 0 < falling <= 1 <= rising; days and cycles above 0.")
    _free(customer_id_col, "stage age_days cycles_silent lately before")
    columns = {"customer_id_col": customer_id_col, "datetime_col": datetime_col}
    known = inputs.transactions(
        transactions,
        **columns,
        observation_period_end=observation_period_end,
        others=[monetary_value_col],
    )
    amounts = inputs.amounts(known, monetary_value_col)
    customer, ids, days_ago = inputs.numbered(
        known, customer_id_col, datetime_col, observation_period_end
    )
    cycle = segments.purchase_cycle(known, **columns, observation_period_end=observation_period_end)
    age = np.zeros(len(ids), dtype=int)
    np.maximum.at(age, customer, days_ago)
    table = pd.DataFrame({customer_id_col: ids, "age_days": age})
    table["cycles_silent"] = cycle["cycles_silent"]
    for name, first in (("lately", 0), ("before", window_days)):
        within = (days_ago >= first) & (days_ago < first + window_days)
        spent = np.bincount(customer[within], amounts[within], minlength=len(ids))
        table[name] = spent.astype(float).round(6)  # it counts 0 of nothing as a whole number
    bought = table["before"].clip(lower=0)  # who returned more than they bought did not buy
    silence = cycle["silence_days"]
    by_cycle = (table["cycles_silent"] > cycles) & (silence > window_days / 2)
    is_gone = by_cycle.where(table["cycles_silent"].notna(), silence > window_days)
    rules = {
        "gone": is_gone,
        "identify": table["age_days"] <= window_days,
        "decline": table["lately"] < falling * bought,
        "develop": (table["age_days"] <= young_days) | (table["lately"] > rising * bought),
    }
    stage = np.select([rule.to_numpy() for rule in rules.values()], list(rules), "stable")
    table.insert(1, "stage", pd.Categorical(stage, categories=list(STAGES), ordered=True))
    return table


def transitions(
    before: pd.Series,
    after: pd.Series,
    *,
    states: Sequence[str] = tuple(STAGES),
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Return how customers moved between states, with the range of each rate.

    `before` and `after`: each customer's state, customers in the index; whoever is missing in one
    of them is left out. One row per pair of states, index (from, to), in the order of `states`.
    Columns: count, n (all who began in `from`), rate (count / n), low and high (Wilson's interval,
    as in `churn.loss_rate`); NaN where nobody began. Raises CourseError for unknown states.
    """
    states = list(states)
    if not (isinstance(before, pd.Series) and isinstance(after, pd.Series)):
        raise CourseError("before and after are columns (Series) with the customers as index.")
    if not states or len(set(states)) < len(states):
        raise CourseError(f"states names each state once, and {states} does not.")
    if before.index.has_duplicates or after.index.has_duplicates:
        raise CourseError("Each customer has one state before and one after: the index repeats.")
    both = pd.concat({"from": before, "to": after}, axis="columns", join="inner").dropna()
    unknown = sorted((set(both["from"]) | set(both["to"])) - set(states), key=str)
    if unknown:
        raise CourseError(f"These states are not among {states}: {unknown}.")
    if both.empty:
        raise CourseError("No customer has a state before and one after: compare the indexes.")
    counts = pd.crosstab(both["from"].astype(object), both["to"].astype(object))
    counts = counts.reindex(index=states, columns=states, fill_value=0)
    table = counts.stack().rename("count").to_frame()  # noqa: PD013
    table.index.names = ["from", "to"]
    table["n"] = table.groupby(level="from", sort=False)["count"].transform("sum")
    table["rate"] = (table["count"] / table["n"]).where(table["n"] > 0)
    low, high = churn.wilson(table["count"], table["n"], confidence=confidence)
    return table.assign(low=low, high=high)


def matrix(moves: pd.DataFrame) -> pd.DataFrame:
    """Return `transitions` as a square of rates: from (rows) × to (columns), each row adding to 1.

    A state in which nobody began stays where it is (rate 1 to itself): nothing else is known.
    Raises CourseError for any other table, and for one of which rows were left out.
    """
    inputs.require(moves, "moves", "rate")
    if moves.index.nlevels != 2 or moves.index.has_duplicates:
        raise CourseError("moves is the table that transitions gives: index (from, to).")
    rates = moves["rate"].unstack(sort=False)  # noqa: PD010 (a pivot would sort the states)
    is_square = list(rates.index) == list(rates.columns) and rates.size == len(moves)
    if not is_square or (rates.isna().any(axis=1) != rates.isna().all(axis=1)).any():
        raise CourseError("moves has lost rows: give all that transitions gave.")
    for state in rates.index[rates.isna().all(axis=1)]:
        rates.loc[state] = 0.0
        rates.loc[state, state] = 1.0
    return rates


def project(
    start: pd.Series,
    rates: pd.DataFrame,
    *,
    periods: int,
    entering: pd.Series | Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Return how many customers each state holds, period after period, if nothing changes.

    `start`: customers by state; `rates`: square of rates (from × to); `entering`: new customers in
    every period, by state. Rows 0 (the start) to `periods`, columns states. It takes for granted
    that the next state depends on the present one alone (Markov): look whether that holds. Raises
    CourseError where states differ, a row of rates is none, or a count is none.
    """
    if not (isinstance(periods, Integral) and periods >= 0):
        raise CourseError(f"periods is a whole number from 0, and {periods!r} is not.")
    states = _checked_rates(rates)
    come = _by_state({} if entering is None else entering, states)
    rows = [_by_state(start, states)]
    for _ in range(periods):
        rows.append(rows[-1] @ rates.to_numpy(dtype=float) + come)
    return pd.DataFrame(rows, columns=states).rename_axis("period")


def steady_state(rates: pd.DataFrame, *, entering: pd.Series | Mapping[str, float]) -> pd.Series:
    """Return the customers by state at which as many leave as enter: where `project` ends.

    States that nobody leaves (rate 1 to itself) hold ever more, and are left out. Raises
    CourseError when nobody gets there from some state, since the base then grows without end.
    """
    states = _checked_rates(rates)
    square = rates.to_numpy(dtype=float)
    moving = np.diag(square) < 1
    ends = ~moving
    for _ in states:  # who can get there in one move more?
        ends = ends | (square[:, ends] > 0).any(axis=1)
    if not ends.all():
        stay = ", ".join(str(state) for state, out in zip(states, ends, strict=True) if not out)
        raise CourseError(
            f"Nobody ever leaves for good from {stay}: with newcomers the base grows on."
        )
    come = _by_state(entering, states)[moving]
    held = np.linalg.solve((np.eye(moving.sum()) - square[np.ix_(moving, moving)]).T, come)
    return pd.Series(held, index=np.array(states)[moving], name="customers")


def half_life(retention: float) -> float:
    """Return the periods after which half are left, when `retention` (a share) stay in each."""
    if not _within(retention, 0, 1):
        raise CourseError(f"retention is a share from 0 to 1, and {retention!r} is not.")
    if retention in (0, 1):
        return np.inf if retention else 0.0
    return float(np.log(0.5) / np.log(retention))


# ---- points --------------------------------------------------------------------------------------


def points_liability(
    purchases: pd.DataFrame,
    redemptions: pd.DataFrame,
    *,
    customer_id_col: str,
    at: str | pd.Timestamp,
    point_cost: float,
    redemption_rate: float = 1.0,
) -> pd.DataFrame:
    """Return the points that each member still holds on a day, and what they will cost.

    `purchases` (date, points given) and `redemptions` (date, points handed in) up to and including
    `at`. One row per member with a point, sorted. Columns: `customer_id_col`, earned, redeemed,
    balance (points), liability (balance × `point_cost` yuan × `redemption_rate`, the share of
    points that will ever be handed in). Raises CourseError for missing values, points that are no
    whole numbers from 0, and where a member handed in more than were given, which means that rows
    are missing.
    """
    if not (_within(redemption_rate, 0, 1) and _within(point_cost, 0)):
        raise CourseError("redemption_rate is a share from 0 to 1, point_cost yuan from 0.")
    _free(customer_id_col, "earned redeemed balance liability")
    day = inputs.day(at, "at")
    sums = {}
    for name, table in (("earned", purchases), ("redeemed", redemptions)):
        columns = [customer_id_col, "date", "points"]
        known = inputs.complete(table, "purchases" if name == "earned" else "redemptions", columns)
        if len(known):  # an empty table has no types: nobody has handed in yet
            known = known[inputs.dated(known, "date") < day + pd.Timedelta(days=1)]
            points = inputs.amounts(known, "points")
            if ((points < 0) | (points % 1 > 0)).any():
                raise CourseError("Points are whole numbers from 0: correct or round them first.")
        sums[name] = known.groupby(customer_id_col, observed=True)["points"].sum()
    both = pd.concat(sums, axis="columns").fillna(0).astype("int64")
    both = both[both.any(axis=1)].rename_axis(customer_id_col).reset_index()
    both["balance"] = both["earned"] - both["redeemed"]
    short = both[both["balance"] < 0]
    if len(short):
        raise CourseError(
            f"{len(short)} members handed in more points than they were given, "
            f"{short[customer_id_col].iloc[0]} first: are all purchases there?"
        )
    return both.assign(liability=both["balance"] * point_cost * redemption_rate)


# ---- lifetime value ------------------------------------------------------------------------------


def constant_value(
    *, margin: float, retention: float, discount_rate: float, periods: int | None = None
) -> float:
    """Return the present value of a customer whose chance to stay is the same every period.

    `margin` comes at the start of each period, the first one now; `retention` stay for the next
    one; `discount_rate` per period; `periods` counted, or all that come. Same unit as `margin`.
    Raises CourseError for rates that have no end.
    """
    if not (_within(margin) and _within(retention, 0, 1) and _within(discount_rate, -1)):
        raise CourseError(
            "margin is in yuan, retention a share from 0 to 1, discount_rate a share."
        )
    if not (periods is None or (isinstance(periods, Integral) and periods >= 0)):
        raise CourseError(f"periods is a whole number from 0, and {periods!r} is not.")
    factor = retention / (1 + discount_rate) if discount_rate > -1 else np.inf
    if periods is None and factor < 1:
        return float(margin / (1 - factor))
    with np.errstate(over="ignore", invalid="ignore"):
        value = margin * (factor ** np.arange(periods or 0)).sum()
    if periods is None or not np.isfinite(value):
        raise CourseError("More is kept than discounted: this value has no end.")
    return float(value)


@dataclass(frozen=True)
class Fit:
    """What a maximum-likelihood fit found: parameters by name, log-likelihood, customers used."""

    parameters: dict[str, float]
    log_likelihood: float
    n: int

    def __getitem__(self, name: str) -> float:
        return self.parameters[name]


def fit_sbg(survivors: Sequence[float]) -> Fit:
    """Fit the shifted beta-geometric model (Fader & Hardie 2007) to survivors by period.

    `survivors`: customers of one cohort still there after 0, 1, 2, … periods, never rising. Each
    customer has a chance to leave of their own, drawn from a beta distribution with alpha and beta:
    those who leave easily go first, so retention rises with age. Raises CourseError when the counts
    rise, when nobody leaves, or when no maximum was found.
    """
    try:
        counts = np.asarray(survivors, dtype=float)
    except (TypeError, ValueError):
        counts = np.array(np.nan)
    if counts.ndim != 1 or len(counts) < 3 or not np.isfinite(counts).all():
        raise CourseError("survivors needs the customers left after at least 0, 1 and 2 periods.")
    if (np.diff(counts) > 0).any() or counts[-1] < 0 or counts[0] == counts[-1]:
        raise CourseError("Survivors may not rise, and some must leave: check the counts.")
    if counts[1] == 0:
        raise CourseError("All survivors leave in the first period: there is no later one to fit.")
    lost = -np.diff(counts)

    def cost(logs: np.ndarray) -> float:
        shares = sbg_survival(*np.exp(logs), periods=len(lost))
        with np.errstate(divide="ignore", invalid="ignore"):
            left = np.where(lost > 0, lost * np.log(-np.diff(shares)), 0).sum()
            left += counts[-1] * np.log(shares[-1]) if counts[-1] else 0
        return -left / counts[0]

    best = _minimum(cost, [(0.0, 0.0), (-1.0, 1.0), (1.0, 2.0)], "The sBG model")
    names = dict(zip(("alpha", "beta"), map(float, np.exp(best.x)), strict=True))
    return Fit(names, -float(best.fun * counts[0]), round(counts[0]))


def sbg_survival(alpha: float, beta: float, *, periods: int) -> np.ndarray:
    """Return the share still there after 0, 1, …, `periods` periods under the sBG model."""
    if not (_within(alpha) and _within(beta) and alpha > 0 and beta > 0):
        raise CourseError("alpha and beta are numbers above 0: take them from fit_sbg.")
    if not (isinstance(periods, Integral) and periods >= 0):
        raise CourseError(f"periods is a whole number from 0, and {periods!r} is not.")
    t = np.arange(1, periods + 1)
    return np.concatenate([[1.0], np.cumprod((beta + t - 1) / (alpha + beta + t - 1))])


def lifetime_summary(
    transactions: pd.DataFrame,
    *,
    customer_id_col: str,
    datetime_col: str,
    observation_period_end: str | pd.Timestamp,
    monetary_value_col: str | None = None,
    unit: str = "week",
) -> pd.DataFrame:
    """Return frequency, recency, T and monetary_value of each customer, for lifetime value.

    One row per customer with a transaction by `observation_period_end`, sorted. Columns:
    `customer_id_col`; frequency, the days with a purchase after the first one; recency, from first
    to last purchase (0 without a repeat); T, from the first purchase to the end, both in `unit`
    ("day", "week", "month", "year"); monetary_value, the mean of a repeat day's total (NaN without
    a repeat). Several purchases on one day count as one. Raises CourseError as `segments.rfm`.
    """
    if unit not in list(UNITS):
        raise CourseError(f"unit is one of {', '.join(UNITS)}, and {unit!r} is not.")
    _free(customer_id_col, "frequency recency T monetary_value")
    known = inputs.transactions(
        transactions,
        customer_id_col=customer_id_col,
        datetime_col=datetime_col,
        observation_period_end=observation_period_end,
        others=[monetary_value_col] if monetary_value_col else [],
    )
    customer, ids, days_ago = inputs.numbered(
        known, customer_id_col, datetime_col, observation_period_end
    )
    width = int(days_ago.max()) + 1
    visit = customer * width + (width - 1 - days_ago)
    small = len(ids) * width < 2**31  # half as wide, a third faster to sort
    visit = np.sort(visit.astype("int32") if small else visit)  # by customer, then by day
    visit = visit[np.diff(visit, prepend=-1) > 0]  # np.unique takes several times as long
    who, day = np.divmod(visit, width)
    days = np.bincount(who)
    last = days.cumsum() - 1
    first = last - days + 1
    table = pd.DataFrame({customer_id_col: ids, "frequency": days - 1})
    table["recency"] = (day[last] - day[first]) / UNITS[unit]
    table["T"] = (width - 1 - day[first]) / UNITS[unit]
    if monetary_value_col:
        amounts = inputs.amounts(known, monetary_value_col)
        amounts = np.where(days_ago < (width - 1 - day[first])[customer], amounts, 0.0)
        repeats = np.bincount(customer, amounts, len(ids))
        with np.errstate(invalid="ignore"):  # 0 / 0 without a repeat
            table["monetary_value"] = repeats / (days - 1)
    return table


def fit_bg_nbd(summary: pd.DataFrame) -> Fit:
    """Fit BG/NBD (Fader, Hardie & Lee 2005) to frequency, recency and T of a summary.

    While alive a customer buys at a rate of their own (gamma: r, alpha); after any purchase they
    may leave, with a chance of their own (beta: a, b). Raises CourseError when values are missing
    or contradict one another, and when no maximum was found.
    """
    x, t_x, age = _histories(summary)
    if not (x > 0).any():
        raise CourseError("No customer has bought twice: BG/NBD has nothing to learn from.")
    scale = age.mean()  # time in units of the mean age, so that a start suits any unit
    # Equal customers count once: a club has few different histories at short ages.
    histories = np.array([x, t_x / scale, age / scale])
    (x, t_x, age), count = np.unique(histories, axis=1, return_counts=True)
    levels, level = np.unique(x, return_inverse=True)  # and few different frequencies at any age
    n = int(count.sum())
    share = count / n

    def cost(logs: np.ndarray) -> tuple[float, np.ndarray]:
        from scipy.special import betaln, digamma, expit, gammaln

        r, alpha, a, b = np.exp(logs)
        later = np.log(alpha + age)
        terms = gammaln(r + levels) - gammaln(r) + betaln(a, b + levels) - betaln(a, b)
        terms = terms[level] + r * np.log(alpha) - (r + x) * later
        odds = _log_odds_gone((r, alpha, a, b), x, t_x, age)
        gone = expit(odds)
        silent = gone * (later - np.log(alpha + t_x))
        shared = digamma(a + b) - digamma(a + b + levels)
        slope = [
            (digamma(r + levels) - digamma(r))[level] + np.log(alpha) - later + silent,
            r / alpha - (r + x) * ((1 - gone) / (alpha + age) + gone / (alpha + t_x)),
            shared[level] + gone / a,
            (shared + digamma(b + levels) - digamma(b))[level] - gone / (b + np.maximum(x, 1) - 1),
        ]
        value = _sum(share, terms + np.logaddexp(0, odds))
        return -value, -np.exp(logs) * [_sum(share, each) for each in slope]

    starts = [(0.0, 0.0, 0.0, 0.0), (-1.0, -1.0, -0.5, 1.0)]
    best = _minimum(cost, starts, "BG/NBD", jac=True)
    r, alpha, a, b = map(float, np.exp(best.x))
    log_likelihood = -float(best.fun) * n - float(_sum(count, x) * np.log(scale))
    return Fit({"r": r, "alpha": alpha * float(scale), "a": a, "b": b}, log_likelihood, n)


def expected_purchases(fit: Fit, summary: pd.DataFrame, *, periods: float) -> pd.Series:
    """Return how many purchases BG/NBD expects of each customer in the next `periods`.

    `periods` in the unit of the summary; index as the summary. Fader, Hardie & Lee 2005, eq. 10.
    Raises CourseError as `fit_bg_nbd` does, and for a fit that lacks a parameter.
    """
    from scipy.special import betaincinv, hyp2f1

    r, alpha, a, b = _parameters(fit, "r alpha a b")
    x, _, age = _histories(summary)
    if not _within(periods, 0):
        raise CourseError(f"periods is a number from 0, and {periods!r} is not.")
    time = periods / (alpha + age)
    with np.errstate(all="ignore"):  # Euler's form of eq. 10: it stays finite where x is large
        grows = hyp2f1(a + b - 1 - r, a - 1, a + b + x - 1, time / (1 + time))
        grows = (a + b + x - 1) / (a - 1) * (1 - (1 + time) ** (1 - a) * grows)
    hard = ~np.isfinite(grows) | (abs(a - 1) < 1e-6) | (a > 100)
    if hard.any():  # the mean over a customer's chance to leave, which eq. 10 solves, by nodes
        node, weight = np.polynomial.legendre.leggauss(64)
        node = (node + 1) / 2
        weight, node = weight * 3 * node * (1 - node), node**2 * (3 - 2 * node)
        for some in np.array_split(np.flatnonzero(hard), hard.sum() // 10_000 + 1):  # for memory
            levels, level = np.unique(x[some], return_inverse=True)
            leave = np.maximum(betaincinv(a, b + levels[:, None], node), 1e-300)[level]
            shape, span = (r + x[some])[:, None], time[some][:, None]
            grows[some] = (-np.expm1(-shape * np.log1p(leave * span)) / leave) @ weight
    expected = grows * chance_alive(fit, summary).to_numpy() + 0.0
    return pd.Series(expected, index=summary.index, name="expected_purchases")


def chance_alive(fit: Fit, summary: pd.DataFrame) -> pd.Series:
    """Return the chance under BG/NBD that each customer is still one (1 without a repeat)."""
    from scipy.special import expit

    odds = _log_odds_gone(_parameters(fit, "r alpha a b"), *_histories(summary))
    return pd.Series(expit(-odds), index=summary.index, name="chance_alive")


def _log_odds_gone(parameters: Sequence[float], x: np.ndarray, t_x: np.ndarray, age: np.ndarray):
    """The log of a customer's odds to be gone under BG/NBD: minus infinity without a repeat."""
    r, alpha, a, b = parameters
    odds = np.log(a / (b + np.maximum(x, 1) - 1))
    odds += (r + x) * (np.log(alpha + age) - np.log(alpha + t_x))
    return np.where(x > 0, odds, -np.inf)


def _histories(summary: pd.DataFrame) -> list[np.ndarray]:
    """Return frequency, recency and T as arrays; CourseError where they cannot be true."""
    names = ["frequency", "recency", "T"]
    inputs.require(summary, "summary", names)
    if summary[names].isna().any(axis=None):
        raise CourseError("The summary must have no missing frequency, recency or T.")
    x, t_x, age = (inputs.amounts(summary, name) for name in names)
    if ((x < 0) | (x % 1 > 0)).any():
        raise CourseError("frequency counts repeat purchases: whole numbers from 0.")
    if ((t_x > age + 1e-9) | ((x > 0) != (t_x > 0)) | (t_x < 0)).any():
        raise CourseError("recency cannot pass T, and is 0 where frequency is: check the summary.")
    return [x, t_x, age]


def fit_gamma_gamma(summary: pd.DataFrame) -> Fit:
    """Fit the gamma-gamma model of spending (Fader & Hardie 2013) to the repeat buyers.

    A purchase varies around a customer's own mean (gamma with shape p), and these means vary
    between customers (q, gamma). It takes for granted that spending and frequency do not go
    together: look at their correlation. Raises CourseError for repeat buyers without a positive
    monetary_value, for fewer than three of them, and when no maximum was found.
    """
    x, mean = _spending(summary)
    x, mean = x[x > 0], mean[x > 0]
    if len(x) < 3:
        raise CourseError("Gamma-gamma needs at least three repeat buyers who spent something.")
    scale = float(mean.mean())  # in units of the mean, so that a start suits any currency
    spent, mean_log = x * mean / scale, np.log(mean / scale).mean()
    levels, count = np.unique(x, return_counts=True)  # few customers differ in frequency
    share, x_log_spent = count / len(x), _sum(x, np.log(spent)) / len(x)

    def cost(logs: np.ndarray) -> tuple[float, np.ndarray]:
        from scipy.special import digamma, gammaln

        p, q, v = np.exp(logs)
        shape, log_all = p * levels + q, np.log(spent + v)
        by_q, by_p = np.log(v) - log_all.mean(), x_log_spent - _sum(x, log_all) / len(x)
        value = _sum(share, gammaln(shape) - gammaln(p * levels)) - gammaln(q)
        value += q * by_q + p * by_p - mean_log
        slope = [
            _sum(share, levels * (digamma(shape) - digamma(p * levels))) + by_p,
            _sum(share, digamma(shape)) - digamma(q) + by_q,
            q / v - ((p * x + q) / (spent + v)).mean(),
        ]
        return -value, -np.exp(logs) * slope

    best = _minimum(cost, [(1.5, 1.0, 0.0), (0.5, 0.8, 0.0)], "Gamma-gamma", jac=True)
    p, q, v = map(float, np.exp(best.x))
    log_likelihood = -len(x) * (float(best.fun) + float(np.log(scale)))
    return Fit({"p": p, "q": q, "gamma": v * scale}, log_likelihood, len(x))


def expected_spend(fit: Fit, summary: pd.DataFrame) -> pd.Series:
    """Return what gamma-gamma expects of each customer's next purchase; index as the summary.

    Between the customer's own mean and that of all: the fewer repeats, the nearer to all. Whoever
    has none gets the mean of all.
    """
    p, q, gamma = _parameters(fit, "p q gamma")
    x, mean = _spending(summary)
    if q <= 1:
        raise CourseError("These customers spend so unequally that no mean exists (q <= 1).")
    spend = p * (gamma + x * mean) / (p * x + q - 1)
    return pd.Series(spend, index=summary.index, name="expected_spend")


def _spending(summary: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return frequency and monetary_value (0 without a repeat); CourseError for a gap."""
    names = ["frequency", "monetary_value"]
    inputs.require(summary, "summary", names)
    x = inputs.amounts(inputs.complete(summary, "summary", names[:1]), "frequency")
    if ((x < 0) | (x % 1 > 0)).any():
        raise CourseError("frequency counts repeat purchases: whole numbers from 0.")
    mean = np.zeros(len(x))
    repeat = inputs.complete(summary[x > 0], "summary", names)
    mean[x > 0] = inputs.amounts(repeat, "monetary_value")
    if wrong := int((mean[x > 0] <= 0).sum()):
        raise CourseError(
            f"{wrong:,} repeat buyers have a monetary_value that is not above 0, which gamma-gamma "
            "cannot explain: look at them, then leave them out."
        )
    return x, mean


def _parameters(fit: Fit, names: str) -> list[float]:
    """Return the parameters of a fit; CourseError where one is missing or not above 0."""
    try:
        found = [fit[name] for name in names.split()]
    except (KeyError, TypeError):
        found = [np.nan]
    if not all(_within(value, 0) and value > 0 for value in found):
        raise CourseError(f"This asks for a fit with {names.replace(' ', ', ')}, each above 0.")
    return found


# ---- warning -------------------------------------------------------------------------------------


CLUES = (
    "return in a row|failed again|all our batches|we do not make|looks the same|rival's new model|"
    "has come by|called back|same case|former rep|rep had changed|old rep|rival's quotation|"
    "lends units|order went to a rival|terms changed|no longer holds|minimum order|laid off|"
    "winding up|stopping at|head office in another|move out|merged|project is over|unopened|"
    "contractor"
)
"""What reps write where a cause of loss is at work (chapter 06): a regular expression."""


def warning_signs(
    orders: pd.DataFrame,
    tickets: pd.DataFrame,
    contacts: pd.DataFrame,
    touches: pd.DataFrame,
    *,
    as_of: str | pd.Timestamp,
    clues: str = CLUES,
) -> pd.DataFrame:
    """Return which warning signs of each account are up on the day `as_of`; nothing later counts.

    One row per account that still buys (it has a purchase cycle and has not been silent for more
    than three of them and 90 days), sorted by account_id, the index. Boolean columns:

    - gap: silent for more than two own cycles;
    - basket: revenue of the last 91 days below 60 % of a quarter's share of the 273 days before;
    - tickets: in the last 91 days at least one return, repair or complaint more than usual (a
      third of those of the 273 days before);
    - contact: somebody whom we knew there has left in the last 91 days;
    - diary: a note of the last 91 days matches `clues`.

    Signs and limits are this course's own (chapter 10). Raises CourseError when a column is
    missing or nothing was ordered by then.
    """
    inputs.require(orders, "orders", "account_id date quantity unit_price")
    inputs.require(tickets, "tickets", "account_id opened kind")
    inputs.require(contacts, "contacts", "account_id end")
    inputs.require(touches, "touches", "account_id date note")
    day = inputs.day(as_of, "as_of")
    now = churn.silent_losses(
        orders, customer_id_col="account_id", datetime_col="date", observation_period_end=day,
        least_days=90,
    ).set_index("account_id")  # fmt: skip
    now = now[now["lost"].eq(False)]  # where nobody can say, neither

    def within(table: pd.DataFrame, date_col: str, first: int, last: int) -> pd.DataFrame:
        return table[(day - table[date_col]).dt.days.between(first, last)]

    def counts(table: pd.DataFrame) -> pd.Series:
        return table["account_id"].value_counts().reindex(now.index, fill_value=0)

    def revenue(lines: pd.DataFrame) -> pd.Series:
        yuan = (lines["quantity"] * lines["unit_price"]).groupby(lines["account_id"]).sum()
        return yuan.reindex(now.index, fill_value=0)

    failures = tickets[tickets["kind"] != "inquiry"]
    more = (
        counts(within(failures, "opened", 0, 90)) - counts(within(failures, "opened", 91, 363)) / 3
    )
    told = touches[touches["note"].str.contains(clues, na=False)]
    return pd.DataFrame(
        {
            "gap": now["cycles_silent"] > 2,
            "basket": 3 * revenue(within(orders, "date", 0, 90))
            < 0.6 * revenue(within(orders, "date", 91, 363)),
            "tickets": more >= 1,
            "contact": counts(within(contacts, "end", 0, 90)) > 0,
            "diary": counts(within(told, "date", 0, 90)) > 0,
        }
    ).astype(bool)


def warning_score(signs: pd.DataFrame, *, weights: Mapping[str, float] | None = None) -> pd.Series:
    """Return how loudly each customer warns: the weights of the signs that are up, added.

    `signs`: one row per customer, one boolean column per sign; a missing value is no sign.
    `weights` by sign, 1 each without it. Same index. A rule, not a probability: what a score is
    worth shows on later months. Raises CourseError for signs that are not boolean or not there.
    """
    if not isinstance(signs, pd.DataFrame) or signs.shape[1] == 0:
        raise CourseError("signs is a table with one column of True or False for each sign.")
    weights = dict.fromkeys(signs.columns, 1.0) if weights is None else weights
    if not isinstance(weights, (Mapping, pd.Series)) or len(weights) == 0:
        raise CourseError("weights gives a number for each sign, such as {'silent': 2}.")
    weights = dict(weights)
    if not all(_within(weight) for weight in weights.values()):
        raise CourseError(f"A weight is a number: {weights} holds something else.")
    inputs.require(signs, "signs", list(weights))
    table = signs[list(weights)]
    if not table.columns.is_unique:
        raise CourseError("Each sign has a column of its own, and a name stands here twice.")
    wrong = [name for name in table if not table[name].dropna().isin([True, False]).all()]
    if wrong:
        raise CourseError(f"A sign is True or False, and {wrong[0]!r} holds other values.")
    score = sum(table[name].eq(True).fillna(False) * weight for name, weight in weights.items())
    return score.astype(float).rename("warning_score")


def care_dates(
    customers: pd.DataFrame,
    *,
    as_of: str | pd.Timestamp,
    every_days: Mapping[str, int],
    warned_days: int = 7,
) -> pd.DataFrame:
    """Return by when we owe each customer a word, by rule, and why.

    `customers`: one row per customer, with last_touch (the last day on which we spoke to them, by
    `as_of`; missing: never), tier (a key of `every_days`: after how many days it is their turn
    again), warned (True or False: then at the latest `warned_days` after the last word).

    Same index. Columns: due (date; for those never spoken to `as_of`), days_late (`as_of` less
    due; negative: not yet), reason (text). Raises CourseError for a tier without a rule, a word in
    the future, or a column that is missing or of the wrong kind.
    """
    inputs.require(customers, "customers", "last_touch tier warned")
    day = inputs.day(as_of, "as_of")
    if not isinstance(every_days, (Mapping, pd.Series)) or len(every_days) == 0:
        raise CourseError("every_days gives a number of days for each tier, such as {'A': 14}.")
    every = dict(every_days)
    if not all(_within(days, 1) for days in (*every.values(), warned_days)):
        raise CourseError("A rule of care is a number of days, 1 or more.")
    last, tier = inputs.dated(customers, "last_touch"), customers["tier"].astype(object)
    without = sorted(set(tier) - set(every), key=str)
    if without:
        raise CourseError(f"every_days has no rule for these tiers: {without}.")
    if (last > day).any():
        raise CourseError(f"Some last_touch lies after {day:%Y-%m-%d}: leave out what came later.")
    warned = inputs.flags(customers["warned"], "warned").fillna(False).astype(bool)
    turn = tier.map(every).astype(float)
    sooner = warned & (warned_days < turn)
    due = last + pd.to_timedelta(turn.mask(sooner, warned_days), unit="D")
    reason = "tier " + tier.astype(str) + ": every " + tier.map(every).astype(str) + " days"
    reason = reason.mask(sooner, f"warned: within {warned_days} days")
    table = pd.DataFrame({"due": due.fillna(day)})
    table["days_late"] = (day - table["due"]).dt.days
    table["reason"] = reason.mask(last.isna(), "never spoken to")
    return table


def _checked_rates(rates: pd.DataFrame) -> list[str]:
    if not isinstance(rates, pd.DataFrame) or rates.empty:
        raise CourseError("rates is a table (a DataFrame) such as matrix gives.")
    states = list(rates.index)
    if states != list(rates.columns) or len(set(states)) < len(states):
        raise CourseError("rates is a square: the same states in rows (from) and columns (to).")
    try:
        square = rates.to_numpy(dtype=float)
    except (TypeError, ValueError):
        square = np.array([[np.nan]])
    if not ((square >= 0).all() and np.allclose(square.sum(axis=1), 1)):
        raise CourseError("Each row of rates holds shares from 0 that add up to 1.")
    return states


def _by_state(customers: pd.Series | Mapping[str, float], states: list[str]) -> np.ndarray:
    if not isinstance(customers, (Mapping, pd.Series)):
        raise CourseError("Give customers by state: a Series, or a dictionary.")
    given = pd.Series(customers)
    unknown = sorted(set(given.index) - set(states), key=str)
    if unknown:
        raise CourseError(f"rates does not know these states: {unknown}.")
    is_count = [_within(value, 0) for value in given]
    if not all(is_count) or given.index.has_duplicates:
        raise CourseError("Each state holds one number of customers, from 0, and none is missing.")
    return given.astype(float).reindex(states).fillna(0).to_numpy()


def _free(customer_id_col: str, names: str) -> None:
    """Raise CourseError when the customers' column has the name of one that is made here."""
    if customer_id_col in names.split():
        raise CourseError(f"{customer_id_col!r} is a column of the result: rename yours first.")


def _within(value: float, low: float = -np.inf, high: float = np.inf) -> bool:
    """Whether it is a finite number from `low` to `high`."""
    return isinstance(value, Real) and bool(np.isfinite(value)) and low <= value <= high


def _sum(weights: np.ndarray, values: np.ndarray) -> float:
    """Return the weighted sum; `@` would start threads, which on a busy machine only wait."""
    return (weights * values).sum()


def _minimum(cost, starts: Sequence[tuple], name: str, *, jac: bool | str = "3-point"):
    """The best of several descents over logarithms of parameters, to 1 in about a million.

    With `jac` True the cost comes with its slope, which saves most of the work.
    CourseError where none ends, where the best lies at the bounds, or where two end at the same
    height far apart, on a ridge: half a fit would look like a fit.
    """
    from scipy.optimize import minimize

    how = {"method": "L-BFGS-B", "jac": jac, "options": {"ftol": 1e-13, "gtol": 1e-8}}
    found = [minimize(cost, start, bounds=[(-12, 12)] * len(start), **how) for start in starts]
    # Near the end rounding may stop a descent before it calls itself done: its slope tells.
    found = [end for end in found if end.success or np.abs(end.jac).max() < 1e-5]
    best = min(found, key=lambda end: end.fun, default=None)
    equal = [end.x for end in found if end.fun - best.fun < 1e-7]
    if best is None or np.abs(best.x).max() > 11.5 or np.ptp(equal, axis=0).max() > 0.05:
        raise CourseError(f"{name} found no maximum in these data: they are too few or too alike.")
    return best
