"""Segmentation: what an account earns us, how concentrated that is, its tier, and how it buys.

Pure functions: they take tables, return new ones, and change nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real

import numpy as np
import pandas as pd

from helpers import inputs
from helpers.data import CourseError

ABCD = {"A": 0.50, "B": 0.30, "C": 0.15, "D": 0.05}
"""Management tiers (courseware): shares of the total value, from the best customer down."""

PYRAMID = {"platinum": 0.01, "gold": 0.04, "iron": 0.15, "lead": 0.80}
"""Customer pyramid: shares of the customers. Shares: Curry & Curry 2000; metals: Zeithaml, Rust
& Lemon 2001."""


def account_profit(
    orders: pd.DataFrame,
    products: pd.DataFrame,
    touches: pd.DataFrame,
    tickets: pd.DataFrame,
    cost_rates: pd.DataFrame,
    *,
    cost_of_capital: float,
    start: str | pd.Timestamp,
    end: str | pd.Timestamp,
) -> pd.DataFrame:
    """Return revenue, costs and profit of every account that ordered from `start` to `end`.

    One row per account, sorted by account_id; columns account_id, revenue, gross_margin,
    cost_to_serve, credit_cost, profit, all in yuan of the period. Cost to serve is activities
    times their rates (`cost_rates`: order lines, visit and call hours, e-mails, tickets by kind);
    credit cost is `cost_of_capital` (a share per year) on each line from its date to its payment,
    or to `end` while unpaid. Raises CourseError when a column, a rate or a product is missing, or
    nothing was ordered.
    """
    inputs.require(orders, "orders", "account_id date sku quantity unit_price paid")
    inputs.require(products, "products", "sku unit_cost")
    inputs.require(touches, "touches", "account_id date channel minutes")
    inputs.require(tickets, "tickets", "account_id opened kind")
    inputs.require(cost_rates, "cost_rates", "activity yuan")
    start, end = pd.Timestamp(start), pd.Timestamp(end)
    lines = orders[orders["date"].between(start, end)]
    if lines.empty:
        raise CourseError(f"No order lies between {start:%Y-%m-%d} and {end:%Y-%m-%d}.")
    unknown = sorted(set(lines["sku"]) - set(products["sku"]))
    if unknown:
        raise CourseError(f"products has no row for {', '.join(unknown)}, which was ordered.")

    unit_cost = lines["sku"].map(products.set_index("sku")["unit_cost"])
    revenue = lines["quantity"] * lines["unit_price"]
    days_lent = (lines["paid"].fillna(end).clip(upper=end) - lines["date"]).dt.days
    accounts = lines["account_id"]
    profit = pd.DataFrame(
        {
            "revenue": revenue.groupby(accounts).sum(),
            "gross_margin": (revenue - lines["quantity"] * unit_cost).groupby(accounts).sum(),
        }
    )
    activities = activity_amounts(
        lines,
        touches[touches["date"].between(start, end)],
        tickets[tickets["opened"].between(start, end)],
    )
    profit["cost_to_serve"] = _priced(activities, cost_rates)  # each has an order line at least
    lent = revenue * days_lent / 365 * cost_of_capital
    profit["credit_cost"] = lent.groupby(accounts).sum()
    profit["profit"] = profit["gross_margin"] - profit["cost_to_serve"] - profit["credit_cost"]
    return profit.sort_index().rename_axis("account_id").reset_index()


def activity_amounts(
    lines: pd.DataFrame, touches: pd.DataFrame, tickets: pd.DataFrame
) -> pd.DataFrame:
    """Return how much of each activity every account took, in the units of `cost_rates`.

    One row per account_id (the index), one column per activity: order_line in lines, visit and
    call in hours, email in touches, return, repair, complaint and inquiry in tickets.
    """
    hours = touches["minutes"] / 60
    amount = hours.where(touches["channel"] != "email", 1.0)
    parts = [
        pd.DataFrame({"account_id": lines["account_id"], "activity": "order_line", "amount": 1.0}),
        pd.DataFrame(
            {
                "account_id": touches["account_id"],
                "activity": touches["channel"],
                "amount": amount,
            }
        ),
        pd.DataFrame(
            {"account_id": tickets["account_id"], "activity": tickets["kind"], "amount": 1.0}
        ),
    ]
    return pd.concat(parts).pivot_table(
        index="account_id", columns="activity", values="amount", aggfunc="sum", fill_value=0.0
    )


def standing(
    accounts: pd.DataFrame,
    orders: pd.DataFrame,
    *,
    as_of: str | pd.Timestamp,
    n_quarters: int = 8,
    least: int = 4,
) -> pd.DataFrame:
    """Return `accounts` with what their orders told on the day `as_of`; nothing later counts.

    One row per account open by then, with three columns more. quarters: calendar quarters up to
    that of `as_of` in which it could have ordered, at most `n_quarters`, not before it was opened
    and not before `orders` begin. loyalty: share of these with an order, 0 to 1; NaN where they
    are fewer than `least`, too few to say. exposure: yuan of order lines not yet paid. Raises
    CourseError when a column is missing or no account was open.
    """
    inputs.require(accounts, "accounts", "account_id opened")
    inputs.require(orders, "orders", "account_id date quantity unit_price paid")
    as_of = pd.Timestamp(as_of)
    stood = accounts[accounts["opened"] <= as_of].reset_index(drop=True)
    if stood.empty:
        raise CourseError(f"No account was open on {as_of:%Y-%m-%d}.")
    lines = orders[orders["date"] <= as_of]
    quarter, last = _quarter_number(lines["date"]), as_of.year * 4 + as_of.quarter - 1
    first = max(last - n_quarters + 1, quarter.min() if len(lines) else last)
    start = _quarter_number(stood["opened"]).clip(lower=first)
    stood["quarters"] = last + 1 - start
    since = lines["account_id"].map(pd.Series(start.array, index=stood["account_id"]))
    ordered = quarter[quarter >= since].groupby(lines["account_id"]).nunique()
    ordered = stood["account_id"].map(ordered).fillna(0)
    stood["loyalty"] = (ordered / stood["quarters"]).where(stood["quarters"] >= least)
    unpaid = lines[~(lines["paid"] <= as_of)]
    owed = (unpaid["quantity"] * unpaid["unit_price"]).groupby(unpaid["account_id"]).sum()
    stood["exposure"] = stood["account_id"].map(owed).fillna(0.0)
    return stood


def _quarter_number(dates: pd.Series) -> pd.Series:
    """Quarters counted through, so that they can be subtracted: 2025Q1 is one more than 2024Q4."""
    return dates.dt.year * 4 + dates.dt.quarter - 1


def survey_outcomes(
    survey: pd.DataFrame,
    contacts: pd.DataFrame,
    purchases: pd.DataFrame,
    orders: pd.DataFrame,
    *,
    days: int,
) -> pd.DataFrame:
    """Return the answers of `survey` with what followed: who pays, and whether they bought.

    As `survey`, with three columns more. buyer: the member who answered, or the account of the
    contact who did. times_bought: on how many days the buyer bought (`purchases` of members,
    `orders` of accounts) within `days` days after the answer, its own day not counted. bought:
    at least once. Raises CourseError when a column is missing, or where the sales end before the
    days after the last answer do: not yet seen is not the same as not bought.
    """
    inputs.require(survey, "survey", "respondent date")
    inputs.require(contacts, "contacts", "contact_id account_id")
    inputs.require(purchases, "purchases", "member_id date")
    inputs.require(orders, "orders", "account_id date")
    account_of = contacts.set_index("contact_id")["account_id"]
    buyer = survey["respondent"].map(account_of).fillna(survey["respondent"])
    columns = ["buyer", "sold"]
    sales = pd.concat(
        [
            purchases[["member_id", "date"]].set_axis(columns, axis=1),
            orders[["account_id", "date"]].set_axis(columns, axis=1),
        ]
    )
    sales = sales.dropna()
    if survey["date"].max() + pd.Timedelta(days=days) > sales["sold"].max():
        raise CourseError(f"The sales end before {days} days after the last answer: ask for fewer.")
    who, _ = pd.factorize(pd.concat([buyer, sales["buyer"]]))
    day = pd.concat([survey["date"], sales["sold"]]).dt.normalize()
    day = (day - day.min()).dt.days
    at = (who * (day.max() + days + 1) + day).to_numpy()  # buyer after buyer on one line of days
    asked, sold = at[: len(survey)], np.sort(at[len(survey) :])
    sold = sold[np.diff(sold, prepend=-1) > 0]  # np.unique takes ten times as long
    order, times = asked.argsort(), np.empty(len(survey), dtype="int64")
    asked = asked[order]  # looked up in order they take a tenth of the time
    times[order] = sold.searchsorted(asked + days, "right") - sold.searchsorted(asked, "right")
    return survey.assign(buyer=buyer, times_bought=times, bought=times > 0)


def concentration_curve(values: pd.Series) -> pd.DataFrame:
    """Return the cumulative share of a value against the share of customers, best first.

    Rows from (0, 0) to (1, 1), one more than there are customers; columns customer_share and
    value_share. Of revenue this is the Lorenz curve turned over; of profit with losses among it
    the whale curve, which rises above 1. Raises CourseError when values are missing or their
    total is not positive.
    """
    ranked = _total_checked(values).sort_values(ascending=False)
    customers = len(ranked)
    cumulative = ranked.cumsum() / ranked.sum()
    return pd.DataFrame(
        {
            "customer_share": np.arange(customers + 1) / customers,
            "value_share": np.append(0.0, cumulative),
        }
    )


def top_share(values: pd.Series, *, top: float = 0.20) -> float:
    """Return the share of the total that the best `top` (0 to 1) of the customers hold.

    Where `top` cuts through a customer, that customer counts in proportion, so the answer does
    not jump and ties need no rule. The share may exceed 1 when others lose money.
    """
    if not 0 <= top <= 1:
        raise CourseError(f"top is a share from 0 to 1, and {top} is not: write 0.2 for 20 %.")
    ranked = _total_checked(values).sort_values(ascending=False).to_numpy()
    cut = round(top * len(ranked), 9)  # 0.29 * 100 is 28.999…96 in floating point
    whole = int(cut)
    part = (cut - whole) * ranked[whole] if whole < len(ranked) else 0.0
    return float((ranked[:whole].sum() + part) / ranked.sum())


def rank_tiers(values: pd.Series, *, shares: Mapping[str, float] = PYRAMID) -> pd.Series:
    """Return each customer's tier by rank: `shares` of the customers, from the best down.

    A customer's tier depends on the share of customers that are strictly better, so equal
    customers get equal tiers (the higher one). Same index as `values`; ordered categories, best
    first. Raises CourseError when values are missing or the shares do not add up to 1.
    """
    better = inputs.known(values).rank(method="min", ascending=False) - 1
    return _cut(better / len(values), shares)


def value_tiers(values: pd.Series, *, shares: Mapping[str, float] = ABCD) -> pd.Series:
    """Return each customer's tier by value: `shares` of the total, from the best customer down.

    A customer's tier depends on the share of the total held by strictly better customers, so
    equal customers get equal tiers, and the best is always in the first. Same index as `values`;
    ordered categories, best first. Raises CourseError for missing or negative values (a share of
    a total with losses in it has no clear meaning) or shares that do not add up to 1.
    """
    values = _total_checked(values)
    if (values < 0).any():
        raise CourseError(
            f"{(values < 0).sum()} values are negative, so cumulative shares would pass 100 %: "
            "use rank_tiers, or a value that cannot be negative."
        )
    ranked = values.sort_values(ascending=False, kind="stable")
    before = ranked.cumsum() - ranked
    held_by_better = before.groupby(ranked).transform("min").reindex(values.index)
    return _cut(held_by_better / values.sum(), shares)


def tier_summary(customers: pd.DataFrame, *, tier_col: str, value_cols: list[str]) -> pd.DataFrame:
    """Return, per tier, the number of customers and the sums of `value_cols`, with their shares.

    Index: tiers in their order, empty ones too; columns customers, customer_share and, for each
    value column v, v and v_share (NaN where the total is zero).
    """
    inputs.require(customers, "customers", [tier_col, *value_cols])
    grouped = customers.groupby(tier_col, observed=False)
    summary = grouped[value_cols].sum()
    summary.insert(0, "customers", grouped.size())
    for column in ["customers", *value_cols]:
        name = "customer_share" if column == "customers" else f"{column}_share"
        summary[name] = summary[column] / (summary[column].sum() or float("nan"))
    return summary


def agreement(first: pd.Series, second: pd.Series) -> pd.Series:
    """Return how far two tierings of the same customers agree, beside what chance would give.

    Tiers are compared by their place (first, second, …), so their names may differ. Entries:
    agreement and by_chance, shares of the customers; kappa, the part of the possible agreement
    beyond chance that was reached (Cohen 1960; NaN where chance alone gives 1). Raises CourseError
    unless both are ordered categories over the same customers.
    """
    if not all(isinstance(s.dtype, pd.CategoricalDtype) for s in (first, second)):
        raise CourseError("agreement needs two tierings, such as rank_tiers and value_tiers give.")
    if len(first) == 0 or not first.index.sort_values().equals(second.index.sort_values()):
        raise CourseError("agreement needs the same customers in both tierings, at least one.")
    one, two = first.cat.codes, second.reindex(first.index).cat.codes
    same = (one == two).mean()
    by_chance = (one.value_counts(normalize=True) * two.value_counts(normalize=True)).sum()
    kappa = (same - by_chance) / (1 - by_chance) if by_chance < 1 else float("nan")
    return pd.Series({"agreement": same, "by_chance": by_chance, "kappa": kappa})


def rfm(
    transactions: pd.DataFrame,
    *,
    customer_id_col: str,
    datetime_col: str,
    monetary_value_col: str,
    observation_period_end: str | pd.Timestamp,
    order_id_col: str | None = None,
    n_scores: int = 5,
) -> pd.DataFrame:
    """Return recency, frequency and monetary value of each customer, with scores.

    One row per customer with a transaction up to and including the day `observation_period_end`
    (later ones are not known yet), sorted by customer. Columns: `customer_id_col`;
    first_purchase and last_purchase (dates); recency_days from the last purchase to that day;
    n_purchases, the first one included: rows, or different `order_id_col` where a row is a line
    of an order; monetary, the total (to a millionth), and mean_value, the total per purchase, in
    the unit of `monetary_value_col`; r_score, f_score and m_score as `scores` gives them
    (`n_scores` is best); rfm_segment, the three written after one another, such as "545".

    A return (a negative amount) lowers the total, and its row counts as a purchase: take such rows
    out first where they should not.

    Not to be confused with the columns of lifetime value (frequency, recency, T), which count
    repeat purchases. Raises CourseError for missing columns, wrong types, missing values, and
    when there is no transaction.
    """
    known = inputs.transactions(
        transactions,
        customer_id_col=customer_id_col,
        datetime_col=datetime_col,
        observation_period_end=observation_period_end,
        others=[monetary_value_col, *([order_id_col] if order_id_col else [])],
    )
    amounts = inputs.amounts(known, monetary_value_col)
    customer, ids, days_ago = inputs.numbered(
        known, customer_id_col, datetime_col, observation_period_end
    )
    since_first, since_last = np.zeros(len(ids), dtype=int), np.full(len(ids), days_ago.max())
    np.maximum.at(since_first, customer, days_ago)
    np.minimum.at(since_last, customer, days_ago)
    end, dtype = inputs.day(observation_period_end), known[datetime_col].dtype
    total = np.bincount(customer, weights=amounts)
    table = pd.DataFrame(
        {
            customer_id_col: ids,
            "first_purchase": (end - pd.to_timedelta(since_first, unit="D")).astype(dtype),
            "last_purchase": (end - pd.to_timedelta(since_last, unit="D")).astype(dtype),
            "recency_days": since_last,
            "n_purchases": np.bincount(customer),
            "monetary": total.round(6),  # 0.1 + 0.2 + 0.3 is not quite 0.3 + 0.2 + 0.1
        }
    )
    if order_id_col:
        table["n_purchases"] = known[order_id_col].groupby(customer).nunique()
    table["mean_value"] = table["monetary"] / table["n_purchases"]
    table["r_score"] = scores(table["recency_days"], n_scores=n_scores, higher_is_better=False)
    table["f_score"] = scores(table["n_purchases"], n_scores=n_scores)
    table["m_score"] = scores(table["monetary"], n_scores=n_scores)
    number = 100 * table["r_score"] + 10 * table["f_score"] + table["m_score"]
    code, segments = pd.factorize(number)  # write each of the few segments once
    table["rfm_segment"] = pd.Series(segments.astype("str"), dtype="str").take(code).array
    return table


def scores(values: pd.Series, *, n_scores: int = 5, higher_is_better: bool = True) -> pd.Series:
    """Return a score from 1 to `n_scores` (best) for each customer, by rank.

    Customers with equal values share the middle of the ranks that they take up, so they get equal
    scores; when all are equal, all get the middle score. The price: classes need not be equally
    large. Same index as `values`. Raises CourseError when values are missing, no numbers or none.
    """
    if n_scores not in range(2, 10):
        raise CourseError(f"n_scores is a whole number from 2 to 9, and {n_scores!r} is not.")
    known = inputs.known(values).to_numpy()
    ranked = np.argsort(known)
    ordered = known[ranked]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))  # where equals begin
    equals = np.diff(starts, append=len(known))
    worse = starts if higher_is_better else len(known) - starts - equals
    middle = 2 * worse + equals  # twice the rank's middle: in whole numbers no score is near a cut
    score = np.empty(len(known), dtype="int64")
    score[ranked] = np.repeat(middle * n_scores // (2 * len(known)) + 1, equals)
    return pd.Series(score, index=values.index, name="score")


def purchase_cycle(
    transactions: pd.DataFrame,
    *,
    customer_id_col: str,
    datetime_col: str,
    observation_period_end: str | pd.Timestamp,
) -> pd.DataFrame:
    """Return how often each customer buys, and how long each has been silent by that measure.

    One row per customer with a transaction up to and including the day `observation_period_end`,
    sorted by customer. Columns: `customer_id_col`; n_purchases, the different days with a
    purchase; cycle_days, the median number of days from one to the next (NaN below three
    purchases: a single gap is no habit); silence_days from the last one to the period's end;
    cycles_silent, silence_days / cycle_days. Raises CourseError as `rfm` does.
    """
    known = inputs.transactions(
        transactions,
        customer_id_col=customer_id_col,
        datetime_col=datetime_col,
        observation_period_end=observation_period_end,
    )
    customer, ids, days_ago = inputs.numbered(
        known, customer_id_col, datetime_col, observation_period_end
    )
    longest = days_ago.max()
    visits = np.sort(customer * (longest + 1) + longest - days_ago)  # by customer, then by day
    visits = visits[np.diff(visits, prepend=-1) > 0]  # np.unique takes ten times as long
    customer, day = np.divmod(visits, longest + 1)
    n_purchases = np.bincount(customer)
    gap = pd.Series(np.diff(day))[np.diff(customer) == 0]
    median = gap.groupby(customer[gap.index]).median()
    table = pd.DataFrame({customer_id_col: ids, "n_purchases": n_purchases})
    table["cycle_days"] = median.reindex(table.index).where(n_purchases >= 3)
    table["silence_days"] = longest - day[n_purchases.cumsum() - 1]
    table["cycles_silent"] = table["silence_days"] / table["cycle_days"]
    return table


def natural_breaks(values: pd.Series, *, n_classes: int = 2) -> list[float]:
    """Return where `n_classes` classes begin that are as alike within as can be.

    The n_classes - 1 smallest values of the upper classes, ascending: classes so cut have the
    smallest sum of squared distances from their means (Fisher 1958, exact; known from maps as
    Jenks's breaks). For three classes or more the time grows with the square of the different
    values: round them where they are tens of thousands. Raises CourseError when values are missing
    or fewer differ than classes.
    """
    values = inputs.known(values)
    different, count = np.unique(values, return_counts=True)  # equals are never parted
    if n_classes not in range(1, len(different) + 1):
        raise CourseError(
            f"{n_classes} classes need as many different values, and there are {len(different)}."
        )
    if not np.isfinite(different).all():
        raise CourseError("An infinite value belongs to no class: drop it first.")
    best = np.full((n_classes, len(different)), np.inf)  # of classes - 1 × the last value in them
    begin = np.zeros(best.shape, dtype=int)  # where the last of these classes begins
    best[0] = _spread(different, count)
    first = 1 if n_classes > 2 else max(1, len(different) - 1)  # two classes need no middle one
    for last in range(first, len(different)):
        candidates = best[:-1, :last] + _spread(different[last::-1], count[last::-1])[-2::-1]
        begin[1:, last] = candidates.argmin(axis=1) + 1
        best[1:, last] = candidates.min(axis=1)
    found, last = [], len(different) - 1
    for classes in range(n_classes - 1, 0, -1):
        found.append(float(different[begin[classes, last]]))
        last = begin[classes, last] - 1
    return found[::-1]


def _spread(values: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Return the squared distances within each class that begins with the first value, summed."""
    beyond = values - values[0]  # small where the class is: exact
    total, square = (count * beyond).cumsum(), (count * beyond**2).cumsum()
    return square - total**2 / count.cumsum()


@dataclass(frozen=True)
class Allocation:
    """What `allocate` found. share: by option, 0 to 1 of it done; value: yuan that they bring.

    used: by limit, in its unit; shadow_price: by limit, yuan that one more unit of it would bring
    (0 where some is left over).
    """

    share: pd.Series
    value: float
    used: pd.Series
    shadow_price: pd.Series


def allocate(options: pd.DataFrame, *, value_col: str, limits: Mapping[str, float]) -> Allocation:
    """Return what to do, of all that could be done, so that it brings most within the limits.

    `options`: one row per thing that can be done once, its name in the index; `value_col`, the
    yuan it brings if done wholly; and a column for each of `limits`, what it takes of it: `limits`
    {"hours": 120} asks for a column hours. Each option may be done in part, for that part of its
    value. Solved as a linear programme (scipy, HiGHS). Raises CourseError when a column is missing
    or has gaps, something takes less than nothing, or a limit is not a number from 0.
    """
    if not isinstance(limits, (Mapping, pd.Series)) or len(limits) == 0:
        raise CourseError("limits names what is scarce and how much there is: {'hours': 120}.")
    bounds = dict(limits)
    if not all(isinstance(most, Real) and 0 <= most < np.inf for most in bounds.values()):
        raise CourseError(f"A limit is a number from 0, and {bounds} holds something else.")
    known = inputs.complete(options, "options", [value_col, *bounds])
    if known.empty:
        raise CourseError("There is no option to choose from: check your filter.")
    if known.index.has_duplicates:
        raise CourseError("Each option has one row: its name stands twice in the index.")
    for column in known:
        if not pd.api.types.is_numeric_dtype(known[column]):
            raise CourseError(f"The column {column!r} must hold numbers.")
    values, takes = known[value_col].to_numpy(float), known[list(bounds)].to_numpy(float)
    if not (np.isfinite(values).all() and np.isfinite(takes).all() and (takes >= 0).all()):
        raise CourseError("Values are finite, and nothing takes less than 0 of a limit.")
    from scipy.optimize import linprog  # slow to import, rarely needed

    how = {"bounds": (0, 1)}
    if len(known) >= 2_000:  # there the time of presolve and of the simplex grows with the square
        how |= {"method": "highs-ipm", "options": {"presolve": False}}
    found = linprog(-values, A_ub=takes.T, b_ub=list(bounds.values()), **how)
    names = pd.Index(bounds, name="limit")
    return Allocation(
        share=pd.Series(found.x, known.index, name="share"),
        value=float(values @ found.x),
        used=pd.Series(found.x @ takes, names, name="used"),
        shadow_price=pd.Series(0.0 - found.ineqlin.marginals, names, name="shadow_price"),
    )


def _priced(activities: pd.DataFrame, cost_rates: pd.DataFrame) -> pd.Series:
    rates = cost_rates.set_index("activity")["yuan"]
    unpriced = sorted(set(activities.columns) - set(rates.index))
    if unpriced:
        raise CourseError(f"cost_rates has no rate for {', '.join(unpriced)}.")
    return activities.mul(rates[activities.columns]).sum(axis="columns")


def _cut(position: pd.Series, shares: Mapping[str, float]) -> pd.Series:
    """Put customers with `position` (0 to below 1) into consecutive `shares` of the range."""
    if abs(sum(shares.values()) - 1) > 1e-9 or min(shares.values()) < 0:
        raise CourseError(
            f"The tiers' shares must be positive and add up to 1, not {sum(shares.values()):.4g}."
        )
    ends = pd.Series(shares).cumsum().to_numpy()[:-1]
    tier = (position.to_numpy()[:, None] >= ends - 1e-9).sum(axis=1)
    categories = pd.CategoricalDtype(list(shares), ordered=True)
    return pd.Series(
        pd.Categorical.from_codes(tier, dtype=categories), index=position.index, name="tier"
    )


def _total_checked(values: pd.Series) -> pd.Series:
    values = inputs.known(values)
    if not values.sum() > 0:
        raise CourseError("The total is not positive, so shares of it have no meaning.")
    return values
