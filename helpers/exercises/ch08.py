"""Chapter 08, the life of a customer: reference answers, known mistakes, recall and terms."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from helpers import data, lifecycle
from helpers.exercises import Exercise, Mistake, Prediction, Question, Term, computed

CLUB = {"customer_id_col": "member_id", "datetime_col": "date"}
QUARTERS = pd.date_range("2023-03-31", data.AS_OF, freq="QE")
JUNE = pd.Timestamp("2025-06-30")
STAGES = list(lifecycle.STAGES)
EXTRA_FEES = ("late", "roaming", "number change")


def _staged(day: pd.Timestamp, **rule) -> pd.DataFrame:
    table = lifecycle.stages(
        data.read("purchases"),
        **CLUB,
        monetary_value_col="amount",
        observation_period_end=day,
        **rule,
    )
    return table.set_index("member_id").assign(stage=lambda found: found["stage"].astype(object))


def _by_quarter() -> pd.DataFrame:
    """Return each member's stage on the last day of each quarter; missing before the first one."""
    return pd.DataFrame({day: _staged(day)["stage"] for day in QUARTERS})


def _stage() -> pd.DataFrame:
    return computed(_by_quarter)


# 8.1 -------------------------------------------------------------------------------------------


def _today() -> pd.DataFrame:
    return computed(_staged, data.AS_OF)


def _part(stage: str, column: str = "lately") -> float:
    table = _today()
    return 100 * table.loc[table["stage"] == stage, column].sum() / table[column].sum()


STABLE_PART = Exercise(
    "8.1",
    "Of what members bought in the last half-year (lately, yuan), how many percent came from the "
    "stage stable?",
    unit="%",
    answer=lambda: _part("stable"),
    mistakes=[
        Mistake(
            lambda: 100 * (_today()["stage"] == "stable").mean(),
            "That is their share of the members; the question asks for yuan.",
        ),
        Mistake(
            lambda: (
                100 * (_today()["stage"] == "stable").sum() / (_today()["stage"] != "gone").sum()
            ),
            "That is their share of the members who are not gone; the question asks for yuan.",
        ),
        Mistake(
            lambda: _part("stable", "before"),
            "You added up `before`, the half-year before the last one; take `lately`.",
        ),
        Mistake(
            lambda: (
                100
                * _today().loc[_today()["stage"] == "stable", "lately"].sum()
                / _today().loc[_today()["stage"] != "gone", "lately"].sum()
            ),
            "You left out what those bought who are called gone by now: set it against all rows.",
        ),
        Mistake(
            lambda: _today().loc[_today()["stage"] == "stable", "lately"].mean(),
            "Those are yuan for each member of the stage; the question asks for its part of the "
            "sum of all.",
        ),
        Mistake(
            lambda: _part("develop"),
            "That is the stage develop; the question asks for stable.",
        ),
        Mistake(
            lambda: _part("stable") / 100,
            "That is a share from 0 to 1; the question asks for percent.",
        ),
        Mistake(
            lambda: _today().loc[_today()["stage"] == "stable", "lately"].sum(),
            "Those are the yuan; set them against what all members bought.",
        ),
    ],
    insight=lambda part: (
        f"The stage develop brings {_part('develop'):.0f} % against these {part:.0f}. The slide "
        "promises the large profit in the stable stage; our rule calls whoever buys more than "
        "before *developing*, so the best are there. The name is in the rule, not in the member."
    ),
    hints=(
        "life has a row per member: stage, and lately in yuan.",
        "Sum lately where stage is 'stable', and once more over all rows.",
        "Divide, times 100.",
    ),
    minutes=2,
)

# 8.2 -------------------------------------------------------------------------------------------


def _two_rules() -> pd.DataFrame:
    other = _staged(JUNE, window_days=91, young_days=182)["stage"]
    two = pd.DataFrame({"ours": _stage()[JUNE], "theirs": other}).dropna()
    two["gone"] = _stage()[data.AS_OF].reindex(two.index) == "gone"
    return two


def _gone_of(which: str = "both", *, stage: str = "decline") -> float:
    two = computed(_two_rules)
    ours, theirs = two["ours"] == stage, two["theirs"] == stage
    rows = {"both": ours & theirs, "ours": ours, "theirs": theirs, "any": ours | theirs}[which]
    return 100 * two.loc[rows, "gone"].mean()


BOTH_DECLINE = Exercise(
    "8.2",
    "Of the members whom both rules call decline in June, how many percent were gone by December?",
    unit="%",
    answer=_gone_of,
    mistakes=[
        Mistake(lambda: _gone_of("ours"), "Those are all whom our rule calls so; both must."),
        Mistake(lambda: _gone_of("theirs"), "Those are all whom their rule calls so; both must."),
        Mistake(
            lambda: _gone_of("any"),
            "You took members whom either rule calls so (|); both is &.",
        ),
        Mistake(
            lambda: 100 * computed(_two_rules)["gone"].mean(),
            "That is of all members in `two`; keep the rows first that both rules call decline.",
        ),
        Mistake(
            lambda: 100 - _gone_of(),
            "That is the share that was still there: turn it round.",
        ),
        Mistake(
            lambda: (
                100
                * (computed(_two_rules).eq("decline")[["ours", "theirs"]].all(axis=1)).sum()
                / len(computed(_two_rules))
            ),
            "That is how many members both rules call so; the question is how many of *them* "
            "were gone.",
        ),
        Mistake(lambda: _gone_of() / 100, "That is a share from 0 to 1; say it in percent."),
    ],
    insight=lambda gone: (
        f"{gone:.0f} of 100, against {_gone_of(stage='stable'):.0f} of those whom both call "
        f"stable. And still {100 - gone:.0f} of 100 in *decline* were there half a year later, "
        "without anybody's help. Price the gift to them accordingly."
    ),
    hints=(
        "two has a row per member: ours, theirs, gone_by_december.",
        "Keep rows where ours == 'decline' and (&) theirs == 'decline'; mind the brackets.",
        "The mean of a column of True and False is a share.",
    ),
    minutes=3,
)

# 8.3 -------------------------------------------------------------------------------------------


def _pairs(last: int = len(QUARTERS) - 1) -> tuple[pd.Series, pd.Series]:
    """Return stages before and after the four quarters that end with QUARTERS[last]."""
    stage, days = _stage(), QUARTERS[last - 4 : last + 1]
    steps = list(pairwise(days))
    before = pd.concat({end: stage[start] for start, end in steps})
    return before, pd.concat({end: stage[end] for _, end in steps})


def _rates_2025() -> pd.DataFrame:
    return lifecycle.matrix(lifecycle.transitions(*_pairs()))


def _rates() -> pd.DataFrame:
    return computed(_rates_2025)


def _rates_2024() -> pd.DataFrame:
    return lifecycle.matrix(lifecycle.transitions(*_pairs(len(QUARTERS) - 5)))


def _staying() -> float:
    """Return the share of all who are not gone that is not gone a quarter later."""
    before, after = _pairs()
    living = before.notna() & (before != "gone")
    return float((after[living] != "gone").mean())


def _half(retention: float) -> float:
    return float(np.log(0.5) / np.log(retention))


HALF_OF_DECLINE = Exercise(
    "8.3",
    "If the share of the row decline that is not gone stayed every quarter, after how many "
    "quarters would half be gone?",
    unit="quarters",
    tolerance=0.02,
    answer=lambda: _half(1 - _rates().loc["decline", "gone"]),
    mistakes=[
        Mistake(
            lambda: _half(_rates().loc["decline", "decline"]),
            "You took those who stay in *decline*; who moves to a better stage is not gone either.",
        ),
        Mistake(
            lambda: _half(_rates().loc["decline", "gone"]),
            "You took the share that goes; the half-life needs the share that stays, 1 less it.",
        ),
        Mistake(
            lambda: 0.5 / _rates().loc["decline", "gone"],
            "That divides one half by the loss: but each quarter loses a share of those left, "
            "not of those at the start.",
        ),
        Mistake(
            lambda: _half(1 - _rates().loc["decline", "gone"]) / 4,
            "Those are years; the question asks for quarters.",
        ),
        Mistake(
            lambda: np.ceil(_half(1 - _rates().loc["decline", "gone"])),
            "That is the first whole quarter; give it with two decimals, by logarithms.",
        ),
        Mistake(
            lambda: _half(computed(_staying)),
            "That is the half-life of all who are not gone, as printed above; take the row decline "
            "of `rates`.",
        ),
        Mistake(
            lambda: _half(1 - computed(_rates_2024).loc["decline", "gone"]),
            "These are the rates of 2024: section 4 has put them into `rates`. Run section 3 "
            "again, then this cell.",
        ),
        Mistake(
            lambda: _half(1 - _rates().loc["stable", "gone"]),
            "That is the row stable; take decline.",
        ),
        Mistake(
            lambda: 1 / _rates().loc["decline", "gone"],
            "That is the mean stay, 1 / loss; half are gone sooner, for a few stay very long.",
        ),
    ],
    insight="*If* the row went on like that. Most of those in decline have moved on by the next "
    "quarter, many upwards, and then another row holds: a half-life of a stage is a thought, one "
    "of a cohort a fact.",
    hints=(
        "rates.loc['decline', 'gone'] is the share that goes within a quarter.",
        "The others stay: 1 less that.",
        "np.log(0.5) / np.log(stay), or lifecycle.half_life(stay).",
    ),
    minutes=3,
)

# 8.4 -------------------------------------------------------------------------------------------


def _returns_by_time() -> pd.DataFrame:
    """Return a row per member gone and quarter: for how many quarters, and back in the next?"""
    stage, rows = _stage(), []
    gone_for = pd.Series(0, index=stage.index)
    for day, following in pairwise(QUARTERS):
        gone_for = (gone_for + 1).where(stage[day] == "gone", 0)
        now = gone_for[gone_for > 0]
        back = stage.loc[now.index, following] != "gone"
        rows.append(pd.DataFrame({"gone_for": now, "back": back}))
    return pd.concat(rows, ignore_index=True)


def _returns() -> pd.DataFrame:
    return computed(_returns_by_time)


FRESH_RETURNS = Exercise(
    "8.4",
    "Of all returns, how many percent came from members who had been gone for just one quarter?",
    unit="%",
    answer=lambda: 100 * (_returns().loc[_returns()["back"], "gone_for"] == 1).mean(),
    mistakes=[
        Mistake(
            lambda: 100 * _returns().loc[_returns()["gone_for"] == 1, "back"].mean(),
            "That is how many of the fresh ones came back; the question goes the other way: of "
            "those who came back, how many were fresh?",
        ),
        Mistake(
            lambda: 100 * (_returns()["gone_for"] == 1).mean(),
            "That is how many of all rows are fresh; keep the rows with back first.",
        ),
        Mistake(
            lambda: 100 * ((_returns()["gone_for"] == 1) & _returns()["back"]).mean(),
            "You divided by all rows; divide by the returns.",
        ),
        Mistake(
            lambda: 100 * _returns()["back"].mean(),
            "That is how many of all rows came back; how many of *those* were fresh?",
        ),
        Mistake(
            lambda: (_returns().loc[_returns()["back"], "gone_for"] == 1).sum(),
            "That is their number; set it against all returns.",
        ),
        Mistake(
            lambda: (_returns().loc[_returns()["back"], "gone_for"] == 1).mean(),
            "That is a share from 0 to 1; say it in percent.",
        ),
        Mistake(
            lambda: 100 * (_returns().loc[_returns()["back"], "gone_for"] <= 2).mean(),
            "That is one quarter or two; the question asks for just one.",
        ),
    ],
    insight="Many of these were never gone: slow buyers, whom the rule buried too early. A "
    "win-back letter has a best-before date, and some of its success is a false alarm.",
    hints=(
        "returns has gone_for (quarters in a row) and back (True or False).",
        "Keep the rows with back: returns[returns['back']].",
        "In how many of them is gone_for equal to 1? The mean of the comparison, times 100.",
    ),
    minutes=3,
)

# 8.5 -------------------------------------------------------------------------------------------


def _margin_rate() -> float:
    purchases = data.read("purchases")
    return purchases["margin"].sum() / purchases["amount"].sum()


def _per_point_handed_in() -> float:
    taken = data.read("redemptions")
    return taken["cost"].sum() / taken["points"].sum()


def _must_add(cost: float | None = None) -> float:
    cost = data.finance("point_cost") if cost is None else cost
    return 100 * cost / (_margin_rate() - cost)


MUST_ADD = Exercise(
    "8.5",
    "By how many percent must points raise sales to pay for themselves?",
    unit="%",
    tolerance=0.02,
    answer=_must_add,
    mistakes=[
        Mistake(
            lambda: 100 * data.finance("point_cost") / _margin_rate(),
            "Nearly. The extra sales earn points too: each extra yuan brings its margin less its "
            "own point.",
        ),
        Mistake(
            lambda: _must_add(_per_point_handed_in()),
            "You took the cost of a point handed in; many never are: take point_cost, which is "
            "per point given.",
        ),
        Mistake(
            lambda: 100 * data.finance("point_cost"),
            "That is what points cost, in percent of sales. It is paid out of the *margin* of the "
            "extra sales.",
        ),
        Mistake(
            lambda: _must_add() / 100,
            "That is a share; the question asks for percent.",
        ),
        Mistake(
            lambda: (
                100 * data.finance("point_cost") / (_margin_rate() + data.finance("point_cost"))
            ),
            "The point of an extra yuan is a cost: take it off its margin, do not add it.",
        ),
        Mistake(
            lambda: 100 * (_margin_rate() - data.finance("point_cost")),
            "That is what an extra yuan leaves, in percent; how many extra yuan does it take to "
            "pay for the points of all?",
        ),
    ],
    insight=lambda must: (
        f"A rise of {must:.1f} % pays for all points, those of the 100 yuan that would have come "
        "anyway included. Compare it with the low end of what we found, not with the middle."
    ),
    hints=(
        "Per 100 yuan of today's sales: with x % more there are 100 + x yuan, and each costs its "
        "point.",
        "Gain: x × margin rate. Cost: (100 + x) × point cost. Set them equal.",
        "x = 100 × cost / (margin rate − cost).",
    ),
    minutes=4,
)

# 8.6 -------------------------------------------------------------------------------------------


def _fee_months() -> pd.DataFrame:
    """Return a row per month's rent: extra fees in 60 days before; cancelled within 30 days?"""
    fees = data.read("fees")
    rent = fees.loc[fees["kind"] == "monthly rent", ["member_id", "date"]]
    rent = rent[rent["date"] <= data.AS_OF - pd.Timedelta(days=30)].reset_index(names="month")
    pairs = rent.merge(fees, on="member_id", suffixes=("", "_fee"))
    days = (pairs["date_fee"] - pairs["date"]).dt.days
    extra = pairs["kind"].isin(EXTRA_FEES) & days.between(-60, -1)
    left = (pairs["kind"] == "cancellation") & days.between(0, 30)
    return pd.DataFrame(
        {
            "extra": extra.groupby(pairs["month"]).sum().clip(upper=2),
            "left": left.groupby(pairs["month"]).any(),
        }
    )


def _months() -> pd.DataFrame:
    return computed(_fee_months)


def _driven_out() -> float:
    charged = _months()["extra"] > 0
    usual = _months().loc[~charged, "left"].mean()
    return _months().loc[charged, "left"].sum() - usual * charged.sum()


def _luck_of_driven() -> float:
    """Return two standard errors of that number, each cancellation being a matter of chance."""
    charged = _months()["extra"] > 0
    times = charged.sum() / (~charged).sum()
    left = _months()["left"].groupby(charged).sum()
    return 2 * float(np.sqrt(left[True] + times**2 * left[False]))


DRIVEN_OUT = Exercise(
    "8.6",
    "How many of the members who left after one or more extra fees would not have left at the "
    "rate of the months without?",
    unit="members",
    tolerance=0.15,
    answer=_driven_out,
    mistakes=[
        Mistake(
            lambda: _months().loc[_months()["extra"] > 0, "left"].sum(),
            "Those are all who left after a fee; some would have left without one: take them off.",
        ),
        Mistake(
            lambda: (
                _months().loc[~(_months()["extra"] > 0), "left"].mean()
                * (_months()["extra"] > 0).sum()
            ),
            "That is how many would have left anyway; the question asks for the others.",
        ),
        Mistake(
            lambda: (
                _months().loc[_months()["extra"] > 0, "left"].sum()
                - _months().loc[_months()["extra"] == 0, "left"].sum()
            ),
            "You took off the number of those who left without a fee; but those are other, and "
            "more, months: take off their *rate* times the months with fees.",
        ),
        Mistake(
            lambda: (
                _months().loc[_months()["extra"] > 0, "left"].sum()
                - _months()["left"].mean() * (_months()["extra"] > 0).sum()
            ),
            "The usual rate is that of the months *without* extra fees; you took that of all.",
        ),
        Mistake(
            lambda: (
                len(_months())
                * (
                    _months().loc[_months()["extra"] > 0, "left"].mean()
                    - _months().loc[_months()["extra"] == 0, "left"].mean()
                )
            ),
            "You multiplied by all months; only those with an extra fee count.",
        ),
        Mistake(
            lambda: (
                _months().loc[_months()["extra"] == 2, "left"].sum()
                - _months().loc[_months()["extra"] == 0, "left"].mean()
                * (_months()["extra"] == 2).sum()
            ),
            "Those are the months with two or more; one fee counts too.",
        ),
        Mistake(
            lambda: (
                100
                * (
                    _months().loc[_months()["extra"] > 0, "left"].mean()
                    - _months().loc[_months()["extra"] == 0, "left"].mean()
                )
            ),
            "That is the difference of the rates in points; multiply it by the months with fees.",
        ),
    ],
    insight=lambda driven: (
        f"If the fees are the cause, about {driven:.0f} members, give or take "
        f"{_luck_of_driven():.0f} for luck, over fees of ten to thirty yuan. They bought in the "
        "shop as well. The fee stands in one account, the loss in another: nobody sees both."
    ),
    hints=(
        "Split months into extra == 0 and extra > 0; the mean of left is the rate.",
        "Expected without fees: the rate of extra == 0, times the number of months with extra > 0.",
        "Those who left in the months with fees, less that.",
    ),
    minutes=4,
)

# 8.7 -------------------------------------------------------------------------------------------

CALL_POINTS, CALL_YUAN = 3, 12  # call and mend: of 100, from decline to stable; yuan each a quarter


def _chain() -> dict:
    """Return what section 8 puts into its chain, and what call and mend changes."""
    before, after = _pairs()
    enters = after.notna() & (before.isna() | (before == "gone")) & (after != "gone")
    entering = after[enters].value_counts().reindex(STAGES, fill_value=0) / 4
    rates = _rates().copy()
    rates.loc["gone"] = [0.0, 0.0, 0.0, 0.0, 1.0]
    purchases = data.read("purchases")
    in_quarter = purchases.groupby(["member_id", pd.Grouper(key="date", freq="QE")])["margin"].sum()
    standing = after.dropna().rename_axis(["date", "member_id"]).reorder_levels([1, 0])
    value = in_quarter.reindex(standing.index).fillna(0).groupby(standing).mean().reindex(STAGES)
    start = _stage()[data.AS_OF].value_counts().reindex(STAGES)
    changed = rates.copy()
    changed.loc["decline", "gone"] -= CALL_POINTS / 100
    changed.loc["decline", "stable"] += CALL_POINTS / 100
    usual, there = (
        lifecycle.project(start, each, periods=20, entering=entering) for each in (rates, changed)
    )
    gain = (there.loc[1:] @ value).sum() - (usual.loc[1:] @ value).sum()
    return {"gain": gain, "cost": CALL_YUAN * there.loc[0:19, "decline"].sum()}


def _call() -> dict:
    return computed(_chain)


ENOUGH = Exercise(
    "8.7",
    "How many points of 100 must call and mend move to break even?",
    unit="points",
    tolerance=0.02,
    answer=lambda: CALL_POINTS * _call()["cost"] / _call()["gain"],
    mistakes=[
        Mistake(
            lambda: CALL_POINTS * _call()["gain"] / _call()["cost"],
            "Upside down: the more it gains at 3 points, the fewer are enough.",
        ),
        Mistake(
            lambda: _call()["cost"] / _call()["gain"],
            "That is the part of the 3 points that is enough; say it in points.",
        ),
        Mistake(
            lambda: _call()["gain"] / _call()["cost"],
            "That is what a yuan brings at 3 points; how many points make it bring just 1?",
        ),
        Mistake(
            lambda: CALL_POINTS * _call()["cost"] / _call()["gain"] / 100,
            "That is a share from 0 to 1; the question asks for points of 100.",
        ),
        Mistake(
            lambda: CALL_POINTS * (1 - _call()["cost"] / _call()["gain"]),
            "That is how many points may be missing; the question asks how many are needed.",
        ),
        Mistake(
            lambda: _call()["gain"] / CALL_POINTS,
            "That is the yuan that a point gains; how many points does it take to reach the cost?",
        ),
    ],
    insight=lambda enough: (
        f"{enough:.1f} of 100 is a figure that a trial can test: call half of those in decline, by "
        "lot, and count. A break-even turns an argument about a guess into a question of fact."
    ),
    hints=(
        "measures.loc['call and mend'] has gain and cost, in yuan of five years.",
        "A point gains a third of `gain`.",
        "How many such thirds make up the cost?",
    ),
    minutes=4,
)

# 8.8 -------------------------------------------------------------------------------------------

MEMO = Exercise(
    "8.8",
    "A memo to Mr Zhang, at least 80 words: which one move between stages to work on, what it "
    "gains and costs, what you would not pay for, and how the claim could be wrong",
    form="a memo",
    min_words=80,
    rubric={
        "names one move between two stages and the measure for it": (
            "decline",
            "identify",
            "develop",
            "stable",
            "newcomer",
            "识别",
            "发展",
            "稳定",
            "衰退",
        ),
        "gives gain and cost in yuan, or the break-even in points": (
            "yuan",
            "¥",
            "rmb",
            "元",
            "break even",
            "break-even",
        ),
        "says what not to pay for": (
            "not pay",
            "no longer",
            "stop",
            "drop",
            "instead of",
            "not spend",
            "nothing",
            "waive",
            "abolish",
            "不再",
        ),
        "says how it could be wrong, and what it is to be compared with": (
            "by lot",
            "random",
            "compar",
            "control",
            "half of",
            "trial",
            "assum",
            "guess",
            "不确定",
            "对照",
        ),
    },
    hints=(
        "Begin with the move: from which stage, to which, by what.",
        "Then the sum of section 8, and the fewest points at which it pays.",
        "End with a trial by lot that would show you to be wrong.",
    ),
    minutes=8,
)

EXERCISES = [
    STABLE_PART,
    BOTH_DECLINE,
    HALF_OF_DECLINE,
    FRESH_RETURNS,
    MUST_ADD,
    DRIVEN_OUT,
    ENOUGH,
    MEMO,
]

PREDICTIONS = [
    Prediction(
        "08.order",
        "Of 100 members who are gone, how many went through all four stages in the order of the "
        "slide, with no way back?",
        unit="members",
    ),
    Prediction(
        "08.agree",
        "Of 100 members whom at least one of the two rules does not call gone, how many get the "
        "same stage from both?",
        unit="members",
    ),
    Prediction(
        "08.stay",
        "Of 100 members whom our rule calls stable, how many does it still call stable a quarter "
        "later?",
        unit="members",
    ),
    Prediction(
        "08.back",
        "Of 100 members who have been gone for a year or longer, how many are back in the next "
        "quarter?",
        unit="members",
    ),
    Prediction(
        "08.points",
        "Members bought less in the half-year after points came than in the half before. What did "
        "the points do?",
        choices=(
            "they lowered buying",
            "nothing that we can tell from chance",
            "they raised buying",
        ),
    ),
]

RECALL = [
    Question(
        "Two careful analysts put one customer into two stages. Who is wrong?",
        choices=[
            "The one with the shorter window",
            "Nobody need be: a stage is a claim by a rule",
            "The customer is in between",
        ],
        right="Nobody need be: a stage is a claim by a rule",
        because="Rules are judged by what they tell of later, not by which feels right.",
    ),
    Question(
        "In every quarter 80 % of those there stay. How many of 100 are left after two?",
        right=64,
        unit="customers",
        tolerance=0,
        because="0.8 × 0.8: the second fifth is of those who were left.",
    ),
    Question(
        "A Markov chain forgets something that a customer does not. What?",
        choices=[
            "Which stage he is in",
            "How long he has been in it",
            "That customers leave",
        ],
        right="How long he has been in it",
        because="The next step depends on today's stage alone; two years gone get the chances "
        "of one who left yesterday.",
    ),
    Question(
        "Sales in the cities with points fell by 20 %, in the cities without by 30 %. The points …",
        choices=["lowered sales", "raised sales", "did nothing"],
        right="raised sales",
        because="Without them they would have fallen as elsewhere, if both would have moved alike.",
    ),
    Question(
        "What does a points programme pay for?",
        choices=[
            "The extra sales only",
            "Every sale, those as well that would have come anyway",
            "The rewards only of those whom it lifted",
        ],
        right="Every sale, those as well that would have come anyway",
        because="So a small rise must carry the points of all sales.",
    ),
    Question(
        "The courseware calls a new product for an old customer cross-selling. Ansoff says …",
        choices=["market penetration", "product development", "diversification"],
        right="product development",
        because="And a new customer of an old product is his market development.",
    ),
    Question(
        "From chapter 06: a bucket leaks a fifth a year and 100 a year are poured in. Its level "
        "settles at …",
        right=500,
        unit="customers",
        tolerance=0,
        because="Where the leak, a fifth of the level, takes what comes in. That is "
        "a steady state.",
    ),
]

TERMS = [
    Term(
        "customer life cycle",
        "客户生命周期",
        "kèhù shēngmìng zhōuqī",
        "from first business to the end of the relation",
    ),
    Term(
        "identify (establish)",
        "识别期/建立期",
        "shíbié qī, jiànlì qī",
        "first stage: little is known, little is earned",
    ),
    Term("develop (strengthen)", "发展期/加强期", "fāzhǎn qī, jiāqiáng qī", "business grows"),
    Term(
        "stable, mature (maintain)",
        "稳定期/成熟期/维持期",
        "wěndìng qī, chéngshú qī, wéichí qī",
        "dependence and large profit, says the slide",
    ),
    Term(
        "decline (recover)",
        "衰退期/恢复期",
        "shuāituì qī, huīfù qī",
        "volume falls: win back, or end well",
    ),
    Term(
        "transition matrix",
        "转移矩阵",
        "zhuǎnyí jǔzhèn",
        "share of each stage that moves to each other one within a period",
    ),
    Term(
        "Markov chain",
        "马尔可夫链",
        "Mǎ'ěrkěfū liàn",
        "the next step depends on the present state alone",
    ),
    Term("half-life", "半衰期", "bànshuāiqī", "time after which half are left"),
    Term("steady state", "稳态", "wěntài", "levels at which as many leave each stage as enter it"),
    Term(
        "points liability",
        "积分负债",
        "jīfēn fùzhài",
        "what points given and not yet handed in will cost",
    ),
    Term(
        "exit barrier",
        "退出壁垒",
        "tuìchū bìlěi",
        "what leaving costs: economic, technical or by contract",
    ),
    Term("transaction cost", "交易成本", "jiāoyì chéngběn", "the cost of dealing with each other"),
    Term("cross-selling", "交叉销售", "jiāochā xiāoshòu", "a new product for an old customer"),
]
