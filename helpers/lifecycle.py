"""The life of a customer: stages and moves between them, points, lifetime value, warning signs.

Pure functions: they take tables, return new ones, and change nothing. `frequency`, `recency` and
`T` have their meaning of lifetime value here (repeat purchases; last less first; age), not that of
`segments.rfm`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
    if not (0 < falling <= 1 <= rising and window_days > 0 and cycles > 0):
        raise CourseError("Thresholds must be 0 < falling <= 1 <= rising; days and cycles above 0.")
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
        table[name] = np.bincount(customer[within], amounts[within], minlength=len(ids)).round(6)
    silence = cycle["silence_days"]
    by_cycle = (table["cycles_silent"] > cycles) & (silence > window_days / 2)
    is_gone = by_cycle.where(table["cycles_silent"].notna(), silence > window_days)
    rules = {
        "gone": is_gone,
        "identify": table["age_days"] <= window_days,
        "decline": table["lately"] < falling * table["before"],
        "develop": (table["age_days"] <= young_days) | (table["lately"] > rising * table["before"]),
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
    if before.index.has_duplicates or after.index.has_duplicates:
        raise CourseError("Each customer has one state before and one after: the index repeats.")
    both = pd.DataFrame({"from": before, "to": after}).dropna()
    unknown = sorted((set(both["from"]) | set(both["to"])) - set(states))
    if unknown:
        raise CourseError(f"These states are not among {list(states)}: {unknown}.")
    if both.empty:
        raise CourseError("No customer has a state before and one after: compare the indexes.")
    counts = pd.crosstab(both["from"].astype(object), both["to"].astype(object))
    counts = counts.reindex(index=list(states), columns=list(states), fill_value=0)
    table = counts.stack().rename("count").to_frame()  # noqa: PD013
    table.index.names = ["from", "to"]
    table["n"] = table.groupby(level="from", sort=False)["count"].transform("sum")
    table["rate"] = (table["count"] / table["n"]).where(table["n"] > 0)
    low, high = churn.wilson(table["count"], table["n"], confidence=confidence)
    return table.assign(low=low, high=high)


def matrix(moves: pd.DataFrame) -> pd.DataFrame:
    """Return `transitions` as a square of rates: from (rows) × to (columns), each row adding to 1.

    A state in which nobody began stays where it is (rate 1 to itself): nothing else is known.
    """
    rates = moves["rate"].unstack(sort=False)  # noqa: PD010 (a pivot would sort the states)
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
    CourseError where states differ, or a row of rates is none.
    """
    states = _checked_rates(rates)
    come = _by_state({} if entering is None else entering, states)
    rows = [_by_state(start, states)]
    for _ in range(periods):
        rows.append(rows[-1] @ rates.to_numpy(dtype=float) + come)
    return pd.DataFrame(rows, columns=states).rename_axis("period")


def steady_state(rates: pd.DataFrame, *, entering: pd.Series | Mapping[str, float]) -> pd.Series:
    """Return the customers by state at which as many leave as enter: where `project` ends.

    States that nobody leaves (rate 1 to itself) hold ever more, and are left out. Raises
    CourseError when no state is left at all for good, since the base then grows without end.
    """
    states = _checked_rates(rates)
    square = rates.to_numpy(dtype=float)
    moving = np.diag(square) < 1
    if moving.all():
        raise CourseError("Nobody ever leaves for good here: with newcomers the base grows on.")
    come = _by_state(entering, states)[moving]
    held = np.linalg.solve((np.eye(moving.sum()) - square[np.ix_(moving, moving)]).T, come)
    return pd.Series(held, index=np.array(states)[moving], name="customers")


def half_life(retention: float) -> float:
    """Return the periods after which half are left, when `retention` (a share) stay in each."""
    if not 0 <= retention <= 1:
        raise CourseError(f"retention is a share from 0 to 1, and {retention!r} is not.")
    return (
        0.0
        if retention == 0
        else np.inf
        if retention == 1
        else float(np.log(0.5) / np.log(retention))
    )


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
    points that will ever be handed in). Raises CourseError where a member handed in more than were
    given, which means that rows are missing.
    """
    if not (0 <= redemption_rate <= 1 and point_cost >= 0):
        raise CourseError("redemption_rate is a share from 0 to 1, point_cost yuan from 0.")
    day = inputs.day(at, "at")
    sums = []
    for name, table in (("purchases", purchases), ("redemptions", redemptions)):
        inputs.require(table, name, [customer_id_col, "date", "points"])
        known = table[table["date"] < day + pd.Timedelta(days=1)]
        sums.append(known.groupby(customer_id_col)["points"].sum())
    both = pd.DataFrame(dict(zip(("earned", "redeemed"), sums, strict=True))).fillna(0)
    both = both[both.any(axis=1)].astype("int64").rename_axis(customer_id_col).reset_index()
    both["balance"] = both["earned"] - both["redeemed"]
    short = both[both["balance"] < 0]
    if len(short):
        raise CourseError(
            f"{len(short)} members handed in more points than they were given, "
            f"{short[customer_id_col].iloc[0]!r} first: are all purchases there?"
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
    if not (0 <= retention <= 1 and discount_rate > -1):
        raise CourseError("retention is a share from 0 to 1, discount_rate above -1.")
    factor = retention / (1 + discount_rate)
    if periods is not None:
        return float(margin * (factor ** np.arange(periods)).sum())
    if factor >= 1:
        raise CourseError("Nobody leaves and nothing is discounted: this value has no end.")
    return float(margin / (1 - factor))


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
    counts = np.asarray(survivors, dtype=float)
    if counts.ndim != 1 or len(counts) < 3 or not np.isfinite(counts).all():
        raise CourseError("survivors needs the customers left after at least 0, 1 and 2 periods.")
    if (np.diff(counts) > 0).any() or counts[-1] < 0 or counts[0] == counts[-1]:
        raise CourseError("Survivors may not rise, and some must leave: check the counts.")
    lost = -np.diff(counts)

    def cost(logs: np.ndarray) -> float:
        shares = sbg_survival(*np.exp(logs), periods=len(lost))
        with np.errstate(divide="ignore", invalid="ignore"):
            left = np.where(lost > 0, lost * np.log(-np.diff(shares)), 0).sum()
            return -(left + (counts[-1] * np.log(shares[-1]) if counts[-1] else 0))

    best = _minimum(cost, [(0.0, 0.0), (-1.0, 1.0), (1.0, 2.0)], "The sBG model")
    names = dict(zip(("alpha", "beta"), map(float, np.exp(best.x)), strict=True))
    return Fit(names, -float(best.fun), round(counts[0]))


def sbg_survival(alpha: float, beta: float, *, periods: int) -> np.ndarray:
    """Return the share still there after 0, 1, …, `periods` periods under the sBG model."""
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
    if unit not in UNITS:
        raise CourseError(f"unit is one of {', '.join(UNITS)}, and {unit!r} is not.")
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
    visit, row = np.unique(customer * width + (width - 1 - days_ago), return_inverse=True)
    who, day = np.divmod(visit, width)
    days = np.bincount(who, minlength=len(ids))
    last = days.cumsum() - 1
    first = last - days + 1
    table = pd.DataFrame({customer_id_col: ids, "frequency": days - 1})
    table["recency"] = (day[last] - day[first]) / UNITS[unit]
    table["T"] = (width - 1 - day[first]) / UNITS[unit]
    if monetary_value_col:
        spent = np.bincount(row, inputs.amounts(known, monetary_value_col), len(visit))
        spent[first] = 0.0
        repeats = np.bincount(who, spent, len(ids))
        with np.errstate(invalid="ignore"):
            table["monetary_value"] = repeats / np.where(days > 1, days - 1, np.nan)
    return table


def fit_bg_nbd(summary: pd.DataFrame) -> Fit:
    """Fit BG/NBD (Fader, Hardie & Lee 2005) to frequency, recency and T of a summary.

    While alive a customer buys at a rate of their own (gamma: r, alpha); after any purchase they
    may leave, with a chance of their own (beta: a, b). Raises CourseError when values are missing
    or contradict one another, and when no maximum was found.
    """
    inputs.require(summary, "summary", "frequency recency T")
    x, t_x, age = (summary[name].to_numpy(dtype=float) for name in ("frequency", "recency", "T"))
    if len(x) == 0 or np.isnan(np.concatenate([x, t_x, age])).any():
        raise CourseError("The summary needs customers, and no missing frequency, recency or T.")
    if (t_x > age + 1e-9).any() or (x < 0).any() or ((x == 0) & (t_x > 0)).any():
        raise CourseError("recency cannot pass T, and is 0 where frequency is: check the summary.")
    if not (x > 0).any():
        raise CourseError("No customer has bought twice: BG/NBD has nothing to learn from.")
    # Equal customers count once: a club has few different histories at short ages.
    (x, t_x, age), count = np.unique(np.array([x, t_x, age]), axis=1, return_counts=True)

    def cost(logs: np.ndarray) -> float:
        return -(count * _log_bg_nbd(np.exp(logs), x, t_x, age)).sum()

    starts = [(0.0, np.log(max(age.mean(), 1e-3)), 0.0, 0.0), (-1.0, 1.0, -0.5, 1.0)]
    best = _minimum(cost, starts, "BG/NBD")
    names = dict(zip(("r", "alpha", "a", "b"), map(float, np.exp(best.x)), strict=True))
    return Fit(names, -float(best.fun), int(count.sum()))


def _log_bg_nbd(parameters: np.ndarray, x: np.ndarray, t_x: np.ndarray, age: np.ndarray):
    from scipy.special import betaln, gammaln

    r, alpha, a, b = parameters
    common = r * np.log(alpha) + gammaln(r + x) - gammaln(r) - betaln(a, b)
    alive = betaln(a, b + x) - (r + x) * np.log(alpha + age)
    with np.errstate(divide="ignore", invalid="ignore"):
        left = betaln(a + 1, b + np.maximum(x, 1) - 1) - (r + x) * np.log(alpha + t_x)
    return common + np.where(x > 0, np.logaddexp(alive, left), alive)


def expected_purchases(fit: Fit, summary: pd.DataFrame, *, periods: float) -> pd.Series:
    """Return how many purchases BG/NBD expects of each customer in the next `periods`.

    `periods` in the unit of the summary; index as the summary. Fader, Hardie & Lee 2005, eq. 10.
    """
    from scipy.special import hyp2f1

    inputs.require(summary, "summary", "frequency recency T")
    r, alpha, a, b = (fit[name] for name in ("r", "alpha", "a", "b"))
    x, age = summary["frequency"].to_numpy(dtype=float), summary["T"].to_numpy(dtype=float)
    z = periods / (alpha + age + periods)
    grows = hyp2f1(r + x, b + x, a + b + x - 1, z)
    grows = 1 - ((alpha + age) / (alpha + age + periods)) ** (r + x) * grows
    expected = (a + b + x - 1) / (a - 1) * grows * chance_alive(fit, summary).to_numpy()
    return pd.Series(expected, index=summary.index, name="expected_purchases")


def chance_alive(fit: Fit, summary: pd.DataFrame) -> pd.Series:
    """Return the chance under BG/NBD that each customer is still one (1 without a repeat)."""
    inputs.require(summary, "summary", "frequency recency T")
    r, alpha, a, b = (fit[name] for name in ("r", "alpha", "a", "b"))
    x, t_x, age = (summary[name].to_numpy(dtype=float) for name in ("frequency", "recency", "T"))
    odds = a / (b + np.maximum(x, 1) - 1) * ((alpha + age) / (alpha + t_x)) ** (r + x)
    return pd.Series(np.where(x > 0, 1 / (1 + odds), 1.0), index=summary.index, name="chance_alive")


def fit_gamma_gamma(summary: pd.DataFrame) -> Fit:
    """Fit the gamma-gamma model of spending (Fader & Hardie 2013) to the repeat buyers.

    A purchase varies around a customer's own mean (gamma with shape p), and these means vary
    between customers (q, gamma). It takes for granted that spending and frequency do not go
    together: look at their correlation. Raises CourseError without repeat buyers of positive
    monetary_value, and when no maximum was found.
    """
    inputs.require(summary, "summary", "frequency monetary_value")
    repeat = summary[(summary["frequency"] > 0) & (summary["monetary_value"] > 0)]
    if len(repeat) < 3:
        raise CourseError("Gamma-gamma needs at least three repeat buyers who spent something.")
    x, mean = repeat["frequency"].to_numpy(float), repeat["monetary_value"].to_numpy(float)
    scale = float(mean.mean())  # in units of the mean, so that a start suits any currency
    m = mean / scale

    def cost(logs: np.ndarray) -> float:
        from scipy.special import gammaln

        p, q, v = np.exp(logs)
        terms = gammaln(p * x + q) - gammaln(p * x) - gammaln(q) + q * np.log(v)
        terms += (p * x - 1) * np.log(m) + p * x * np.log(x) - (p * x + q) * np.log(x * m + v)
        return -terms.sum()

    best = _minimum(cost, [(1.5, 1.0, 0.0), (0.5, 0.8, 0.0)], "Gamma-gamma")
    p, q, v = map(float, np.exp(best.x))
    log_likelihood = -float(best.fun) - len(m) * float(np.log(scale))
    return Fit({"p": p, "q": q, "gamma": v * scale}, log_likelihood, len(m))


def expected_spend(fit: Fit, summary: pd.DataFrame) -> pd.Series:
    """Return what gamma-gamma expects of each customer's next purchase; index as the summary.

    Between the customer's own mean and that of all: the fewer repeats, the nearer to all. Whoever
    has none gets the mean of all.
    """
    inputs.require(summary, "summary", "frequency monetary_value")
    p, q, gamma = (fit[name] for name in ("p", "q", "gamma"))
    if q <= 1:
        raise CourseError("These customers spend so unequally that no mean exists (q <= 1).")
    x = summary["frequency"].to_numpy(dtype=float)
    mean = np.where(x > 0, summary["monetary_value"].to_numpy(dtype=float), 0.0)
    spend = p * (gamma + x * mean) / (p * x + q - 1)
    return pd.Series(spend, index=summary.index, name="expected_spend")


# ---- warning -------------------------------------------------------------------------------------


def warning_score(signs: pd.DataFrame, *, weights: Mapping[str, float] | None = None) -> pd.Series:
    """Return how loudly each customer warns: the weights of the signs that are up, added.

    `signs`: one row per customer, one boolean column per sign; a missing value is no sign.
    `weights` by sign, 1 each without it. Same index. A rule, not a probability: what a score is
    worth shows on later months. Raises CourseError for signs that are not boolean or not there.
    """
    if not isinstance(signs, pd.DataFrame) or signs.shape[1] == 0:
        raise CourseError("signs is a table with one column of True or False for each sign.")
    weights = dict.fromkeys(signs.columns, 1.0) if weights is None else dict(weights)
    inputs.require(signs, "signs", list(weights))
    table = signs[list(weights)]
    wrong = [name for name in table if not table[name].dropna().isin([True, False]).all()]
    if wrong:
        raise CourseError(f"A sign is True or False, and {wrong[0]!r} holds other values.")
    score = sum(table[name].eq(True).fillna(False) * weight for name, weight in weights.items())
    return score.astype(float).rename("warning_score")


def _checked_rates(rates: pd.DataFrame) -> list[str]:
    states = list(rates.index)
    if states != list(rates.columns):
        raise CourseError("rates is a square: the same states in rows (from) and columns (to).")
    square = rates.to_numpy(dtype=float)
    if not ((square >= 0).all() and np.allclose(square.sum(axis=1), 1)):
        raise CourseError("Each row of rates holds shares from 0 that add up to 1.")
    return states


def _by_state(customers: pd.Series | Mapping[str, float], states: list[str]) -> np.ndarray:
    given = pd.Series(customers, dtype=float)
    unknown = sorted(set(given.index) - set(states))
    if unknown:
        raise CourseError(f"rates does not know these states: {unknown}.")
    return given.reindex(states).fillna(0).to_numpy()


def _minimum(cost, starts: Sequence[tuple], name: str):
    """The best of several descents; CourseError where none ends: half a fit would look like one."""
    from scipy.optimize import minimize

    best = None
    for start in starts:
        rough = minimize(cost, start, method="Nelder-Mead", options={"maxiter": 2_000})
        fine = minimize(cost, rough.x, method="L-BFGS-B", bounds=[(-12, 12)] * len(start))
        found = fine if fine.success and fine.fun <= rough.fun else rough
        if found.success and np.isfinite(found.fun) and (best is None or found.fun < best.fun):
            best = found
    if best is None or (np.abs(best.x) > 11.5).any():
        raise CourseError(f"{name} found no maximum in these data: they are too few or too alike.")
    return best
