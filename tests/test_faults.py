"""Whatever is wrong with its input, analysis says it in one whole sentence that names the place."""

import numpy as np
import pandas as pd
import pytest

from helpers import churn, inputs, lifecycle, segments
from helpers.data import CourseError

# What each function asks of its tables: {parameter: columns}.
SALES = "account_id date quantity unit_price"
BOUGHT = {"customer_id_col": "who", "datetime_col": "day"}
ENDED = BOUGHT | {"observation_period_end": "2025-12-31"}
NEEDS = [
    (
        segments.account_profit,
        {
            "orders": "account_id date sku quantity unit_price paid",
            "products": "sku unit_cost",
            "touches": "account_id date channel minutes",
            "tickets": "account_id opened kind",
            "cost_rates": "activity yuan",
        },
        {"cost_of_capital": 0.1, "start": "2025-01-01", "end": "2025-12-31"},
    ),
    (
        segments.standing,
        {"accounts": "account_id opened", "orders": f"{SALES} paid"},
        {"as_of": "2025-12-31"},
    ),
    (
        segments.survey_outcomes,
        {
            "survey": "respondent date",
            "contacts": "contact_id account_id",
            "purchases": "member_id date",
            "orders": "account_id date",
        },
        {"days": 30},
    ),
    (
        segments.tier_summary,
        {"customers": "tier yuan"},
        {"tier_col": "tier", "value_cols": ["yuan"]},
    ),
    (segments.allocate, {"options": "yuan hours"}, {"value_col": "yuan", "limits": {"hours": 1}}),
    (segments.rfm, {"transactions": "who day yuan"}, ENDED | {"monetary_value_col": "yuan"}),
    (segments.purchase_cycle, {"transactions": "who day"}, ENDED),
    (
        churn.contract_losses,
        {"contracts": "who end renewed"},
        {"customer_id_col": "who", "start": "2025-01-01", "end": "2025-12-31"},
    ),
    (churn.silent_losses, {"transactions": "who day"}, ENDED),
    (
        churn.revenue_losses,
        {"transactions": "who day yuan"},
        BOUGHT | {"monetary_value_col": "yuan", "before": ("2024", "2024"), "after": ("2025",) * 2},
    ),
    (churn.retention_triangle, {"transactions": "who day"}, ENDED),
    (lifecycle.stages, {"transactions": "who day yuan"}, ENDED | {"monetary_value_col": "yuan"}),
    (lifecycle.matrix, {"moves": "rate"}, {}),
    (
        lifecycle.points_liability,
        {"purchases": "who date points", "redemptions": "who date points"},
        {"customer_id_col": "who", "at": "2025-12-31", "point_cost": 0.01},
    ),
    (
        lifecycle.lifetime_summary,
        {"transactions": "who day yuan"},
        ENDED | {"monetary_value_col": "yuan"},
    ),
    (lifecycle.fit_bg_nbd, {"summary": "frequency recency T"}, {}),
    (lifecycle.fit_gamma_gamma, {"summary": "frequency monetary_value"}, {}),
    (
        lifecycle.warning_signs,
        {
            "orders": SALES,
            "tickets": "account_id opened kind",
            "contacts": "account_id end",
            "touches": "account_id date note",
        },
        {"as_of": "2025-12-31"},
    ),
    (lifecycle.warning_score, {"signs": "gap basket"}, {"weights": {"gap": 1, "basket": 1}}),
    (
        lifecycle.care_dates,
        {"customers": "last_touch tier warned"},
        {"as_of": "2025-12-31", "every_days": {"A": 14}},
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("function", "tables", "options", "name"),
    [(*each, name) for each in NEEDS for name in each[1]],
    ids=[f"{function.__name__}-{name}" for function, tables, _ in NEEDS for name in tables],
)
def test_a_missing_column_is_named_with_its_table(function, tables, options, name):
    given = {table: pd.DataFrame(columns=columns.split()) for table, columns in tables.items()}
    wanted = tables[name].split()
    with pytest.raises(CourseError) as fault:
        function(**given | {name: pd.DataFrame({"other": []})}, **options)
    assert str(fault.value) == f"{name} is missing required columns: {wanted}."
    with pytest.raises(CourseError, match=f"^{name} "):
        function(**given | {name: pd.Series([1])}, **options)


ONE, TWO = pd.Series([1.0]), pd.Series([1.0, 2.0])
LOST = pd.Series([True, False])
TIERS = segments.rank_tiers(TWO)
OPTIONS = pd.DataFrame({"yuan": [1.0, 2.0], "hours": [1.0, 1.0]})
ROWS = pd.DataFrame({"who": ["a", "b"], "day": pd.to_datetime(["2025-01-01"] * 2), "yuan": TWO})
KEEPING = {"loss_rate": 0.2, "unavoidable": 0.1, "halving_spend": 9, "cost_of_a_loss": 9}
STATES = pd.DataFrame([[0.5, 0.5], [0.5, 0.5]], index=["a", "b"], columns=["a", "b"])
HISTORY = pd.DataFrame({"frequency": [1], "recency": [1.0], "T": [2.0], "monetary_value": [5.0]})
BG_NBD = lifecycle.Fit({"r": 1.0, "alpha": 1.0, "a": 1.0, "b": 1.0}, 0.0, 1)
SIGNS = pd.DataFrame({"gap": [True]})
CARED = pd.DataFrame(
    {"last_touch": pd.to_datetime(["2025-12-01"]), "tier": ["A"], "warned": [False]}
)


def profit(**changed):
    """Of a firm that sold P1 and P2 once, and knows no more than the tables that are given."""
    day = pd.to_datetime(["2025-06-01", "2025-06-01"])
    known = {
        "orders": pd.DataFrame(
            {"account_id": "K1", "date": day, "sku": ["P2", "P1"], "quantity": 1, "unit_price": 9.0}
        ).assign(paid=day),
        "products": pd.DataFrame({"sku": ["P1", "P2"], "unit_cost": [1.0, 1.0]}),
        "touches": pd.DataFrame({"account_id": "K1", "date": day, "channel": "call", "minutes": 6}),
        "tickets": pd.DataFrame({"account_id": ["K1"], "opened": day[:1], "kind": ["return"]}),
        "cost_rates": pd.DataFrame({"activity": ["order_line"], "yuan": [5.0]}),
    }
    return segments.account_profit(
        **known | changed, cost_of_capital=0.1, start="2025-01-01", end="2025-12-31"
    )


def allocate(options=OPTIONS, **limits):
    return segments.allocate(options, value_col="yuan", limits=limits)


def stages(rows=ROWS, **thresholds):
    return lifecycle.stages(rows, **ENDED, monetary_value_col="yuan", **thresholds)


def points(earned=0, redeemed=0, **rules):
    table = pd.DataFrame({"who": ["a"], "date": ROWS["day"][:1], "points": 0})
    return lifecycle.points_liability(
        table.assign(points=earned), table.assign(points=redeemed),
        customer_id_col="who", **{"at": "2025-12-31", "point_cost": 0.01} | rules,
    )  # fmt: skip


def value(**changed):
    return lifecycle.constant_value(**{"margin": 1, "retention": 1, "discount_rate": 0} | changed)


def history(**changed):
    return HISTORY.assign(**changed)


def care(rows=CARED, every_days=None, **rules):
    return lifecycle.care_dates(
        rows,
        as_of="2025-12-31",
        every_days={"A": 14} if every_days is None else every_days,
        **rules,
    )


FAULTS = [
    # segments
    (
        lambda: profit(products=pd.DataFrame({"sku": ["P0"], "unit_cost": [1.0]})),
        "products has no row for P1, P2, which was ordered.",
    ),
    (profit, "cost_rates has no rate for call, return."),
    (
        lambda: profit(orders=pd.DataFrame(columns=NEEDS[0][1]["orders"].split(), dtype=object)
                       .astype({"date": "datetime64[ns]"})),
        "No order lies between 2025-01-01 and 2025-12-31.",
    ),
    (
        lambda: segments.top_share(ONE, top=20),
        "top is a share from 0 to 1, and 20 is not: write 0.2 for 20 %.",
    ),
    (
        lambda: segments.value_tiers(pd.Series([9.0, -1.0, -2.0])),
        "2 values are negative, so cumulative shares would pass 100 %: use rank_tiers, or a value "
        "that cannot be negative.",
    ),
    (
        lambda: segments.rank_tiers(ONE, shares={"A": 0.5, "B": 0.4}),
        "The tiers' shares must be positive and add up to 1, not 0.9.",
    ),
    (
        lambda: segments.rank_tiers(ONE, shares={"A": 1.5, "B": -0.5}),
        "The tiers' shares must be positive and add up to 1, not 1.",
    ),
    (
        lambda: segments.top_share(ONE * 0),
        "The total is not positive, so shares of it have no meaning.",
    ),
    (
        lambda: segments.agreement(TIERS, ONE),
        "agreement needs two tierings, such as rank_tiers and value_tiers give.",
    ),
    (
        lambda: segments.agreement(TIERS[:0], TIERS[:0]),
        "agreement needs the same customers in both tierings, at least one.",
    ),
    (
        lambda: segments.scores(TWO, n_scores=10),
        "n_scores is a whole number from 2 to 9, and 10 is not.",
    ),
    (
        lambda: segments.natural_breaks(TWO, n_classes=3),
        "3 classes need as many different values, and there are 2.",
    ),
    (
        lambda: segments.natural_breaks(pd.Series([1, np.inf])),
        "An infinite value belongs to no class: drop it first.",
    ),
    (
        lambda: segments.allocate(OPTIONS, value_col="yuan", limits=["hours"]),
        "limits names what is scarce and how much there is: {'hours': 120}.",
    ),
    (
        lambda: allocate(hours=np.inf),
        "A limit is a number from 0, and {'hours': inf} holds something else.",
    ),
    (
        lambda: allocate(hours="9"),
        "A limit is a number from 0, and {'hours': '9'} holds something else.",
    ),
    (
        lambda: allocate(OPTIONS[:0], hours=1),
        "There is no option to choose from: check your filter.",
    ),
    (
        lambda: allocate(OPTIONS.set_axis([0, 0]), hours=1),
        "Each option has one row: its name stands twice in the index.",
    ),
    (lambda: allocate(OPTIONS.astype(str), hours=1), "The column 'yuan' must hold numbers."),
    *[
        (
            lambda change=change: allocate(OPTIONS.assign(**change), hours=1),
            "Values are finite, and nothing takes less than 0 of a limit.",
        )
        for change in ({"yuan": np.inf}, {"hours": np.inf}, {"hours": [-1, 1]})
    ],
    # churn
    (
        lambda: churn.silent_losses(ROWS, **ENDED, cycles=0),
        "cycles is a number above 0, and 0 is not.",
    ),
    (
        lambda: churn.silent_losses(ROWS, **ENDED, least_days=-1),
        "A number of days is 0 or more, and -1 is not.",
    ),
    (
        lambda: churn.revenue_losses(
            ROWS, **BOUGHT, monetary_value_col="yuan", before=("2025", "2025"), after=("2025",) * 2
        ),
        "The period before must end before the period after begins.",
    ),
    (
        lambda: churn.revenue_losses(
            ROWS, **BOUGHT, monetary_value_col="yuan", before=("2024", "2024"), after=("2025",) * 2
        ),
        "Nobody bought in the period before: there is nothing to lose.",
    ),
    (
        lambda: churn.loss_rate(pd.Series([None], dtype="boolean")),
        "lost must hold True or False for at least one customer.",
    ),
    (
        lambda: churn.loss_rate(LOST, by=pd.Series(["a", None])),
        "1 customers have no group: give them one.",
    ),
    (
        lambda: churn.retention_triangle(ROWS, **ENDED, period="week"),
        "period is one of month, quarter, year, and 'week' is not.",
    ),
    (
        lambda: churn.survival_curve(TWO, pd.Series([True, None])),
        "1 values of lost are missing: leave them out.",
    ),
    (lambda: churn.survival_curve(-TWO, LOST), "A duration is a finite number, not below 0."),
    (
        lambda: churn.survival_curve(TWO, LOST, entry=TWO),
        "An entry is 0 or later, and before its duration.",
    ),
    (
        lambda: churn.survival_curve(TWO, LOST, confidence=95),
        "confidence is a share between 0 and 1, and 95 is not.",
    ),
    (
        lambda: churn.cost_of_keeping(5, **KEEPING),
        "spend is a list of yuan per customer and year, none below 0.",
    ),
    (
        lambda: churn.best_spend(**KEEPING | {"unavoidable": 0.3}),
        "Rates are shares: 0 <= unavoidable <= loss_rate <= 1, not 0.3 and 0.2.",
    ),
    (
        lambda: churn.best_spend(**KEEPING | {"halving_spend": 0}),
        "halving_spend must be above 0 yuan, and cost_of_a_loss not below.",
    ),
    # lifecycle
    (
        lambda: stages(cycles=0),
        "Thresholds must be 0 < falling <= 1 <= rising; days and cycles above 0.",
    ),
    (
        lambda: lifecycle.stages(
            ROWS.rename(columns={"who": "lately"}), **ENDED | {"customer_id_col": "lately"},
            monetary_value_col="yuan",
        ),
        "'lately' is a column of the result: rename yours first.",
    ),
    (
        lambda: lifecycle.transitions(["a"], ["b"]),
        "before and after are columns (Series) with the customers as index.",
    ),
    (
        lambda: lifecycle.transitions(ONE, ONE, states=[]),
        "states names each state once, and [] does not.",
    ),
    (
        lambda: lifecycle.transitions(TWO.set_axis([1, 1]), ONE, states=[1]),
        "Each customer has one state before and one after: the index repeats.",
    ),
    (
        lambda: lifecycle.transitions(TWO, TWO, states=["a"]),
        "These states are not among ['a']: [1.0, 2.0].",
    ),
    (
        lambda: lifecycle.transitions(ONE, ONE.set_axis([9]), states=[1]),
        "No customer has a state before and one after: compare the indexes.",
    ),
    (
        lambda: lifecycle.matrix(pd.DataFrame({"rate": ONE})),
        "moves is the table that transitions gives: index (from, to).",
    ),
    (
        lambda: lifecycle.matrix(lifecycle.transitions(ONE, ONE, states=[1, 2])[1:]),
        "moves has lost rows: give all that transitions gave.",
    ),
    (
        lambda: lifecycle.project({"a": 1}, STATES, periods=-1),
        "periods is a whole number from 0, and -1 is not.",
    ),
    (
        lambda: lifecycle.steady_state(STATES, entering={"a": 1}),
        "Nobody ever leaves for good from a, b: with newcomers the base grows on.",
    ),
    (
        lambda: lifecycle.project({"a": 1}, STATES.to_numpy(), periods=1),
        "rates is a table (a DataFrame) such as matrix gives.",
    ),
    (
        lambda: lifecycle.project({"a": 1}, STATES[:1], periods=1),
        "rates is a square: the same states in rows (from) and columns (to).",
    ),
    (
        lambda: lifecycle.project({"a": 1}, STATES * 2, periods=1),
        "Each row of rates holds shares from 0 that add up to 1.",
    ),
    (
        lambda: lifecycle.project(5, STATES, periods=1),
        "Give customers by state: a Series, or a dictionary.",
    ),
    (
        lambda: lifecycle.project({"z": 1, 3: 1}, STATES, periods=1),
        "rates does not know these states: [3, 'z'].",
    ),
    (
        lambda: lifecycle.project({"a": -1}, STATES, periods=1),
        "Each state holds one number of customers, from 0, and none is missing.",
    ),
    (lambda: lifecycle.half_life(2), "retention is a share from 0 to 1, and 2 is not."),
    (
        lambda: points(point_cost=-1),
        "redemption_rate is a share from 0 to 1, point_cost yuan from 0.",
    ),
    (lambda: points(0.5), "Points are whole numbers from 0: correct or round them first."),
    (
        lambda: points(1, 2),
        "1 members handed in more points than they were given, a first: are all purchases there?",
    ),
    (lambda: points(at=5), "at is a date like '2025-12-31', and 5 is not."),
    (
        lambda: value(retention=2),
        "margin is in yuan, retention a share from 0 to 1, discount_rate a share.",
    ),
    (lambda: value(periods=-1), "periods is a whole number from 0, and -1 is not."),
    (value, "More is kept than discounted: this value has no end."),
    (
        lambda: lifecycle.fit_sbg([9, 8]),
        "survivors needs the customers left after at least 0, 1 and 2 periods.",
    ),
    (
        lambda: lifecycle.fit_sbg([9, 9, 9]),
        "Survivors may not rise, and some must leave: check the counts.",
    ),
    (
        lambda: lifecycle.fit_sbg([9, 0, 0]),
        "All survivors leave in the first period: there is no later one to fit.",
    ),
    (lambda: lifecycle.fit_sbg([9, 9, 5]), "The sBG model found no maximum in these data: they "
     "are too few or too alike."),
    (
        lambda: lifecycle.sbg_survival(0, 1, periods=1),
        "alpha and beta are numbers above 0: take them from fit_sbg.",
    ),
    (
        lambda: lifecycle.sbg_survival(1, 1, periods=-1),
        "periods is a whole number from 0, and -1 is not.",
    ),
    (
        lambda: lifecycle.lifetime_summary(ROWS, **ENDED, unit="decade"),
        "unit is one of day, week, month, year, and 'decade' is not.",
    ),
    (
        lambda: lifecycle.fit_bg_nbd(history(T=np.nan)),
        "The summary must have no missing frequency, recency or T.",
    ),
    *[
        (
            lambda function=function: function(history(frequency=-1)),
            "frequency counts repeat purchases: whole numbers from 0.",
        )
        for function in (lifecycle.fit_bg_nbd, lifecycle.fit_gamma_gamma)
    ],
    (
        lambda: lifecycle.fit_gamma_gamma(pd.concat([HISTORY, HISTORY], axis=1)),
        "summary has two columns 'frequency': rename or drop one.",
    ),
    (
        lambda: lifecycle.fit_bg_nbd(history(recency=3)),
        "recency cannot pass T, and is 0 where frequency is: check the summary.",
    ),
    (
        lambda: lifecycle.fit_bg_nbd(history(frequency=0, recency=0)),
        "No customer has bought twice: BG/NBD has nothing to learn from.",
    ),
    (
        lambda: lifecycle.expected_purchases(BG_NBD, HISTORY, periods=-1),
        "periods is a number from 0, and -1 is not.",
    ),
    (
        lambda: lifecycle.chance_alive(None, HISTORY),
        "This asks for a fit with r, alpha, a, b, each above 0.",
    ),
    (
        lambda: lifecycle.fit_gamma_gamma(HISTORY),
        "Gamma-gamma needs at least three repeat buyers who spent something.",
    ),
    (
        lambda: lifecycle.fit_gamma_gamma(history(monetary_value=0)),
        "1 repeat buyers have a monetary_value that is not above 0, which gamma-gamma cannot "
        "explain: look at them, then leave them out.",
    ),
    (
        lambda: lifecycle.expected_spend(
            lifecycle.Fit({"p": 1, "q": 1, "gamma": 1}, 0, 1), HISTORY
        ),
        "These customers spend so unequally that no mean exists (q <= 1).",
    ),
    (
        lambda: lifecycle.warning_score(ONE),
        "signs is a table with one column of True or False for each sign.",
    ),
    (
        lambda: lifecycle.warning_score(SIGNS, weights={}),
        "weights gives a number for each sign, such as {'silent': 2}.",
    ),
    (
        lambda: lifecycle.warning_score(SIGNS, weights={"gap": "2"}),
        "A weight is a number: {'gap': '2'} holds something else.",
    ),
    (
        lambda: lifecycle.warning_score(SIGNS[["gap", "gap"]]),
        "Each sign has a column of its own, and a name stands here twice.",
    ),
    (
        lambda: lifecycle.warning_score(SIGNS.assign(gap=3)),
        "A sign is True or False, and 'gap' holds other values.",
    ),
    (
        lambda: care(every_days=14),
        "every_days gives a number of days for each tier, such as {'A': 14}.",
    ),
    (lambda: care(warned_days=0), "A rule of care is a number of days, 1 or more."),
    (
        lambda: care(pd.concat([CARED.assign(tier="Z"), CARED.assign(tier=3)])),
        "every_days has no rule for these tiers: [3, 'Z'].",
    ),
    (
        lambda: care(CARED.assign(last_touch=pd.Timestamp("2026-01-01"))),
        "Some last_touch lies after 2025-12-31: leave out what came later.",
    ),
    # inputs
    (
        lambda: inputs.complete(ROWS, "rows", ["who", "who"]),
        "Each column has one task, and here one is named twice: ['who', 'who'].",
    ),
    (
        lambda: inputs.complete(ROWS[["day", "who", "who"]], "rows", ["day", "who"]),
        "rows has two columns 'who': rename or drop one.",
    ),
    (
        lambda: inputs.complete(ROWS.assign(who=["a", None]), "rows", ["day", "who"]),
        "1 of 2 values in 'who' are missing: find out what they mean, then fill them or drop "
        "their rows.",
    ),
    (
        lambda: inputs.dated(ROWS, "yuan"),
        "The column 'yuan' must hold dates (without a time zone), and holds float64: convert it "
        "with pd.to_datetime.",
    ),
    (lambda: inputs.same_index([1]), "Give columns of a table (Series), not a list."),
    (
        lambda: inputs.same_index(ONE, None, TWO),
        "The columns must have the same index: take them from one table.",
    ),
    (
        lambda: care(CARED.assign(warned=2)),
        "warned must hold True and False, and holds int64.",
    ),
    (
        lambda: churn.loss_rate(pd.Series([2, 0])),
        "lost must hold True and False, and holds int64.",
    ),
    (
        lambda: segments.purchase_cycle(ROWS[:0], **ENDED),
        "There is no transaction: the table is empty. Check your filter.",
    ),
    (
        lambda: segments.purchase_cycle(ROWS, **BOUGHT, observation_period_end="2024-12-31"),
        "All transactions are later than 2024-12-31: give an observation_period_end that they "
        "reach.",
    ),
    (
        lambda: stages(ROWS.astype({"yuan": "category"})),
        "The column 'yuan' must hold numbers, and holds category.",
    ),
    (lambda: stages(ROWS.assign(yuan=np.inf)), "The column 'yuan' holds an infinite amount."),
    (
        lambda: segments.purchase_cycle(ROWS, **BOUGHT, observation_period_end=20251231),
        "observation_period_end is a date like '2025-12-31', and 20251231 is not.",
    ),
    (
        lambda: inputs.known([1]),
        "The values must be one column of a table (a Series), not a list.",
    ),
    (lambda: inputs.known(ONE[:0]), "There is no customer: the series is empty."),
    (
        lambda: inputs.known(ROWS["who"].astype("category")),
        "The values must be numbers, and 'who' holds category.",
    ),
    (
        lambda: inputs.known(pd.Series([1, None])),
        "1 of 2 values are missing: decide first whether they mean zero.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("call", "sentence"), FAULTS, ids=[said for _, said in FAULTS])
def test_a_fault_is_said_in_one_whole_sentence(call, sentence):
    with pytest.raises(CourseError) as fault:
        call()
    assert str(fault.value) == sentence
