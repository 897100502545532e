"""Chapter 09, lifetime value: reference answers, known mistakes, recall, terms and claims."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers import churn, data, lifecycle, segments
from helpers.exercises import Claim, Exercise, Mistake, Prediction, Question, Term, computed

CLUB = {"customer_id_col": "member_id", "datetime_col": "date"}
CHANNELS = ["store", "online", "campaign", "referral"]


def _rate() -> float:
    return data.finance("cost_of_capital")


def _member() -> dict[str, float]:
    """Return a member's margin a year (yuan), retention (share) and cost to win (yuan)."""
    purchases, members = data.read("purchases"), data.read("members")
    year = purchases["date"].dt.year
    then, now = (set(purchases.loc[year == each, "member_id"]) for each in (2024, 2025))
    new = members.loc[members["joined"].dt.year == 2025, "channel"]
    return {
        "margin": float(purchases.loc[year == 2025, "margin"].sum() / len(now)),
        "amount": float(purchases.loc[year == 2025, "amount"].sum() / len(now)),
        "retention": len(then & now) / len(then),
        "cost": float(new.map({name: _win_cost(name) for name in CHANNELS}).mean()),
    }


def _win_cost(channel: str) -> float:
    return data.finance(f"acquisition_cost_{channel}")


# 9.1 -------------------------------------------------------------------------------------------

SMALL, OTHER, NEXT, YEARS = 3_000, 8_000, 24_000, 6  # yuan, and years to the next car


def _must_return(*, gap: float = OTHER - SMALL, factor: float | None = None) -> float:
    factor = (1 + _rate()) ** YEARS if factor is None else factor
    return 100 * gap * factor / NEXT


MUST_RETURN = Exercise(
    "9.1",
    "How many percent of the small cars' buyers must come back to make up the 5,000 yuan?",
    unit="%",
    answer=_must_return,
    mistakes=[
        Mistake(
            lambda: _must_return(factor=1),
            "You counted the 24,000 yuan as if they came today; they come in six years.",
        ),
        Mistake(
            lambda: _must_return(factor=1 + _rate()),
            "You discounted for one year; the next car is bought in six.",
        ),
        Mistake(
            lambda: _must_return(factor=1 + YEARS * _rate()),
            "You counted too little interest: it is six years, with interest on interest: power 6.",
        ),
        Mistake(
            lambda: _must_return(factor=(1 + _rate()) ** -YEARS),
            "You divided where one multiplies: later money is worth less, so more must come back.",
        ),
        Mistake(
            lambda: _must_return(gap=OTHER),
            "The small car earns 3,000 itself: only the 5,000 that it lacks must come back.",
        ),
        Mistake(
            lambda: _must_return(gap=SMALL),
            "3,000 is what the small car earns; it lacks 5,000 to what any other earns.",
        ),
        Mistake(
            lambda: NEXT / (1 + _rate()) ** YEARS,
            "That is what the 24,000 are worth today; how many such cars make up the 5,000?",
        ),
        Mistake(lambda: _must_return() / 100, "That is a share from 0 to 1; say it in percent."),
        Mistake(
            lambda: _must_return(factor=1) / 100,
            "That is a share, and it counts the 24,000 yuan as if they came today.",
        ),
    ],
    insight="With six years to wait, more must come back than the plain sum says. Whether they "
    "will, nobody knows when the small car is launched: the value of a first buyer is a bet.",
    hints=(
        "What are 24,000 yuan in six years worth today, at the rate?",
        "Divide 24,000 by (1 + rate) ** 6.",
        "The 5,000 that are lacking, divided by that, times 100.",
    ),
    minutes=3,
)

# 9.2 -------------------------------------------------------------------------------------------


def _survivors() -> np.ndarray:
    """Return those of early 2023 still there after 0 to 10 quarters, by chapter 06's rule."""
    purchases = data.read("purchases")
    who = churn.silent_losses(
        purchases, **CLUB, observation_period_end=data.AS_OF, least_days=90, without_cycle_days=180
    ).set_index("member_id")
    first = purchases.groupby("member_id")["date"].min()
    stayed = ((who["last_purchase"] - first).dt.days / 91.3125).where(who["lost"], 99)
    early = stayed[first < "2023-04-01"]
    return np.array([(early >= quarter).sum() for quarter in range(11)])


def _values(*, last: int = 40, discounted: bool = True, used: int = 4) -> tuple[float, float]:
    """Return the quarters of margin by sBG and at the constant rate, from 0 to `last`."""
    survivors = computed(_survivors)
    fit = lifecycle.fit_sbg(survivors[: used + 1])
    quarters = np.arange(last + 1)
    factor = (1 + _rate()) ** -(quarters / 4) if discounted else 1.0
    model = lifecycle.sbg_survival(fit["alpha"], fit["beta"], periods=last)
    constant = (survivors[4] / survivors[0]) ** (quarters / 4)
    return float((model * factor).sum()), float((constant * factor).sum())


def _higher(**options) -> float:
    model, constant = _values(**options)
    return 100 * (model / constant - 1)


def _more_at_the_end() -> float:
    survivors = computed(_survivors)
    fit = lifecycle.fit_sbg(survivors[:5])
    model = lifecycle.sbg_survival(fit["alpha"], fit["beta"], periods=10)
    return 100 * (model[10] / (survivors[4] / survivors[0]) ** (10 / 4) - 1)


HIGHER = Exercise(
    "9.2",
    "By how many percent is a new member's value over quarters 0 to 40 higher by sBG than at the "
    "constant rate?",
    unit="%",
    tolerance=0.3,
    answer=_higher,
    mistakes=[
        Mistake(
            lambda: _higher(discounted=False),
            "You did not discount: multiply each quarter's share by discount first.",
        ),
        Mistake(
            lambda: _higher(last=10),
            "You stopped at quarter 10, where we stop knowing; the question goes on to 40.",
        ),
        Mistake(
            lambda: _higher(last=10, discounted=False),
            "You took the lines of the figure: ten quarters, and not discounted.",
        ),
        Mistake(
            _more_at_the_end,
            "That is how many more are there at quarter 10; the value adds up quarters 0 to 40.",
        ),
        Mistake(
            lambda: 100 * (1 - _values()[1] / _values()[0]),
            "You set the difference against sBG; the question sets it against the constant rate.",
        ),
        Mistake(
            lambda: 100 * _values()[0] / _values()[1],
            "That is sBG in percent of the constant rate; how much higher is it?",
        ),
        Mistake(lambda: _higher() / 100, "That is a share from 0 to 1; say it in percent."),
        Mistake(
            lambda: _values()[0] - _values()[1],
            "That is the difference in quarters of margin; say it in percent.",
        ),
        Mistake(
            lambda: _higher(used=10),
            "You fitted all ten quarters; take fit, which has seen four.",
        ),
    ],
    insight="Both fit the first year well. They part over the years that nobody has seen, and "
    "there lies much of the value: ask of every lifetime value how its tail was made.",
    hints=(
        "lifecycle.sbg_survival(fit['alpha'], fit['beta'], periods=40) gives 41 shares.",
        "The constant rate's shares: constant ** np.arange(41).",
        "Multiply both with discount, sum both, divide, less 1, times 100.",
    ),
    minutes=4,
)

# 9.3 -------------------------------------------------------------------------------------------

CDNOW = lifecycle.Fit({"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}, -9582.4, 2357)


def _alive(frequency: float, recency: float = 30.0, age: float = 40.0) -> float:
    history = pd.DataFrame({"frequency": [frequency], "recency": [recency], "T": [age]})
    return float(lifecycle.chance_alive(CDNOW, history).iloc[0])


LOWER_CHANCE = Exercise(
    "9.3",
    "Both first came 40 weeks ago and last at week 30; one came back twice, one twelve times. What "
    "is the lower of the two chances to be alive?",
    unit="share",
    tolerance=0.002,
    answer=lambda: _alive(12),
    mistakes=[
        Mistake(
            lambda: _alive(2),
            "That is the other member, the one who came twice: compare the two.",
        ),
        Mistake(lambda: 100 * _alive(12), "That is in percent; give a share from 0 to 1."),
        Mistake(lambda: 1 - _alive(12), "That is the chance to be gone; give that to be alive."),
        Mistake(
            lambda: _alive(12, recency=10),
            "recency is week 30, from the first purchase to the last; 10 is the silence.",
        ),
        Mistake(
            lambda: _alive(2) - _alive(12),
            "That is by how much they differ; give the lower chance itself.",
        ),
        Mistake(
            lambda: _alive(13),
            "frequency leaves the first purchase out: twelve is what it is here.",
        ),
    ],
    insight="Ten weeks of silence are little for one who comes every fifteen, an age for one who "
    "came every two or three. The keener the customer, the louder the silence: chapter 05's "
    "own cycle, in a formula.",
    hints=(
        "Make a DataFrame with frequency [2, 12], recency [30, 30] and T [40, 40].",
        "lifecycle.chance_alive(cdnow, that frame).",
        "Take the lower one: .min().",
    ),
    minutes=4,
)

# 9.4 -------------------------------------------------------------------------------------------


def _points_needed(
    *, rise: float = 0.85, cost: float | None = None, margin: str = "margin", rate=None
) -> float:
    """Return by how many points retention must rise for the profit per member to rise so far."""
    member, rate = computed(_member), _rate() if rate is None else rate
    cost = member["cost"] if cost is None else cost
    yearly, stay = member[margin], member["retention"]
    worth = yearly * (1 + rate) / (1 + rate - stay)
    wanted = (1 + rise) * (worth - cost) + cost
    return 100 * (1 + rate - yearly * (1 + rate) / wanted - stay)


POINTS_NEEDED = Exercise(
    "9.4",
    "By how many percentage points must churn fall so that the profit per member rises by 85 %?",
    unit="points",
    tolerance=0.1,
    answer=_points_needed,
    mistakes=[
        Mistake(
            lambda: _points_needed(cost=0),
            "You raised the value by 85 %; the profit is the value less the cost to win.",
        ),
        Mistake(
            lambda: _points_needed() / (1 - computed(_member)["retention"]),
            "That is in percent of today's churn; the question asks for points.",
        ),
        Mistake(
            lambda: 100 * (1 - computed(_member)["retention"]) - _points_needed(),
            "That is the churn that remains; by how much did it fall?",
        ),
        Mistake(lambda: _points_needed() / 100, "That is a share; say it in points."),
        Mistake(
            lambda: _points_needed(rate=0),
            "You did not discount: the sum of all years has the rate in it.",
        ),
        Mistake(
            lambda: 100 * 0.85 * (1 - computed(_member)["retention"]),
            "85 % less churn is not 85 % more profit: value does not grow in proportion.",
        ),
        Mistake(
            lambda: 5 * 0.85 / _rise(computed(_member)["retention"] + 0.05),
            "You scaled five points up in proportion; value grows ever faster.",
        ),
        Mistake(
            lambda: 100 * computed(_member)["retention"] + _points_needed(),
            "That is the retention that is reached; the question asks by how much churn falls.",
        ),
    ],
    insight=lambda points: (
        f"Five points were promised; here it takes {points:.0f}. The slogan is not false, it "
        "speaks of other customers: those whom hardly anything can lose."
    ),
    hints=(
        "profit_of(stay) gives the profit at any retention: try some, or solve for stay.",
        "Wanted: profit_of(stay) equal to 1.85 * profit_of(retention).",
        "value = margin * (1 + rate) / (1 + rate - stay), so stay = 1 + rate - margin * (1 + rate) "
        "/ value.",
    ),
    minutes=4,
)

# 9.5 -------------------------------------------------------------------------------------------


def _by_member() -> pd.DataFrame:
    """Return each member's mean discount, % off the list, in years 1, 2 and 3 as a member."""
    items = data.read("purchases").merge(data.read("products"), on="sku")
    items = items.merge(data.read("members")[["member_id", "joined"]], on="member_id")
    pieces = ((items["amount"] - items["margin"]) / items["unit_cost"]).round()
    items["off"] = 100 * (1 - items["amount"] / (pieces * items["list_price"]))
    items["year"] = (items["date"] - items["joined"]).dt.days // 365 + 1
    few = items[(pieces < 8) & (items["year"] <= 3)]
    return few.groupby(["member_id", "year"])["off"].mean().unstack()  # noqa: PD010


def _points_higher(last: int = 3) -> float:
    both = computed(_by_member)[[1, last]].dropna()
    return float((both[last] - both[1]).mean())


def _different_people() -> float:
    return float(computed(_by_member)[3].mean() - computed(_by_member)[1].mean())


def _learned_or_stayed(points: float) -> str:
    by_member = computed(_by_member)
    both = by_member[[1, 3]].dropna()
    gap = both[1].mean() - by_member[1].mean()
    return (
        f"Those who stayed had {both[1].mean():.1f} % in year 1, all members "
        f"{by_member[1].mean():.1f} %: "
        + (
            "who stays hardly differs, so most of the rise is learned, or given."
            if abs(gap) < points / 2
            else "who stays differs, and part of what looks like learning is that."
        )
    )


POINTS_HIGHER = Exercise(
    "9.5",
    "Of the members with a discount in years 1 and 3: by how many points is the mean higher in "
    "year 3?",
    unit="points",
    tolerance=0.05,
    answer=_points_higher,
    mistakes=[
        Mistake(
            _different_people,
            "You compared different people: keep the rows with a figure in both years first.",
        ),
        Mistake(
            lambda: 100 * _points_higher() / computed(_by_member)[[1, 3]].dropna()[1].mean(),
            "That is by how many percent it rose; the question asks for points.",
        ),
        Mistake(
            lambda: float(
                computed(_by_member)[3].fillna(0).mean() - computed(_by_member)[1].fillna(0).mean()
            ),
            "You counted a year without a purchase as a discount of 0; leave such members out.",
        ),
        Mistake(
            lambda: float((computed(_by_member)[3] - computed(_by_member)[1]).sum()),
            "You added the differences up; take their mean.",
        ),
        Mistake(
            lambda: -_points_higher(),
            "You took year 3 from year 1; the discount of year 3 comes first.",
        ),
        Mistake(
            lambda: _points_higher(last=2),
            "That is year 2 against year 1; go to year 3.",
        ),
        Mistake(
            lambda: float(computed(_by_member)[[1, 3]].dropna()[3].mean()),
            "That is their discount in year 3; by how much is it higher than in year 1?",
        ),
        Mistake(
            lambda: float((computed(_by_member)[[1, 3]].dropna().diff(axis=1)[3] > 0).mean()),
            "That is the share whose discount rose; by how many points did the mean rise?",
        ),
        Mistake(
            lambda: _points_higher() / 100,
            "by_member is in percent already: the difference is in points as it stands.",
        ),
    ],
    insight=_learned_or_stayed,
    hints=(
        "by_member has one column a year; empty where a member bought nothing.",
        "by_member[[1, 3]].dropna() keeps the same members in both years.",
        "Column 3 less column 1, and its mean.",
    ),
    minutes=4,
)

# what T8 needs: accounts with their years as a customer and their profit of 2025


def _served() -> pd.DataFrame:
    accounts = data.read("accounts").set_index("account_id")
    profit = segments.account_profit(
        *map(data.read, ["orders", "products", "touches", "tickets", "cost_rates"]),
        cost_of_capital=_rate(),
        start="2025-01-01",
        end="2025-12-31",
    ).set_index("account_id")
    served = profit.join(accounts[["kind", "opened"]])
    served["years"] = (pd.Timestamp("2025-01-01") - served["opened"]).dt.days / 365.25
    return served[(served["years"] >= 0) & (served["kind"] != "brand store")]


# 9.6 -------------------------------------------------------------------------------------------


def _two_years() -> pd.DataFrame:
    """Return the members seen for two years: channel and what they brought, in today's yuan."""
    members, purchases = data.read("members").set_index("member_id"), data.read("purchases")
    age = (purchases["date"] - purchases["member_id"].map(members["joined"])).dt.days
    seen = members.loc[members["joined"] <= data.AS_OF - pd.Timedelta(days=729), ["channel"]]
    early = purchases[age <= 729]
    factor = (1 + _rate()) ** -(age[early.index] / 365)
    sums = {
        "value": early["margin"] * factor,
        "undiscounted": early["margin"],
        "sales": early["amount"] * factor,
        "first year": (early["margin"] * factor).where(age[early.index] <= 364, 0),
    }
    for name, yuan in sums.items():
        seen[name] = yuan.groupby(early["member_id"]).sum().reindex(seen.index).fillna(0)
    return seen


def _brought(channel: str, column: str = "value") -> pd.Series:
    seen = computed(_two_years)
    return seen.loc[seen["channel"] == channel, column]


MOST_FOR_CAMPAIGN = Exercise(
    "9.6",
    "The most we may pay for a campaign member, if it must be back within two years",
    unit="yuan",
    answer=lambda: _brought("campaign").mean(),
    mistakes=[
        Mistake(
            lambda: _brought("campaign")[lambda value: value > 0].mean(),
            "You left out those who never bought; winning them costs as much.",
        ),
        Mistake(
            lambda: computed(_two_years)["value"].mean(),
            "That is the mean over all channels: keep the campaign's members.",
        ),
        Mistake(
            lambda: _brought("referral").mean(),
            "That is the channel referral; the question is about the campaign.",
        ),
        Mistake(
            lambda: _brought("campaign").median(),
            "That is the median, the member in the middle; the money of all needs the mean.",
        ),
        Mistake(
            lambda: _brought("campaign", "undiscounted").mean(),
            "You did not discount: value is in today's yuan.",
        ),
        Mistake(
            lambda: _brought("campaign", "sales").mean(),
            "Those are sales; the goods must be paid from them. Take the margin.",
        ),
        Mistake(
            lambda: _brought("campaign", "first year").mean(),
            "That is the first year alone; the rule counts two.",
        ),
        Mistake(
            lambda: _brought("campaign").mean() - _win_cost("campaign"),
            "That is what remains after winning one; the ceiling is before that.",
        ),
        Mistake(
            lambda: _brought("campaign").mean() - 2 * _brought("campaign").sem(),
            "That is the lower end of what fits; give the mean.",
        ),
        Mistake(
            lambda: _brought("campaign").sum(),
            "That is what they brought together; divide by their number.",
        ),
    ],
    insight=lambda yuan: (
        f"We pay {_win_cost('campaign'):.0f} yuan for one, on average: far below the ceiling. It "
        "does not follow that ten times the budget wins ten times the members."
    ),
    hints=(
        "seen has a column channel and a column value, with 0 for those who never bought.",
        'seen.loc[seen["channel"] == "campaign", "value"].',
        "Its mean.",
    ),
    minutes=4,
)

# 9.7 -------------------------------------------------------------------------------------------

MEMO = Exercise(
    "9.7",
    "A memo to Mr Zhang, at least 80 words: the most we may pay to win one, by channel",
    form="a memo",
    min_words=80,
    rubric={
        "gives a ceiling in yuan for the channels, with its rule": (
            "two years",
            "within",
            "ceiling",
            "at most",
            "no more than",
            "两年",
            "最多",
        ),
        "says what to do with the agency's offer, and how to try it": (
            "agency",
            "400",
            "trial",
            "try",
            "test",
            "pilot",
            "试",
        ),
        "tells the next from the average": (
            "next",
            "average",
            "marginal",
            "further",
            "additional",
            "平均",
            "边际",
        ),
        "says how sure it is, and what would change it": (
            "give or take",
            "uncertain",
            "interval",
            "not sure",
            "trust",
            "assum",
            "would change",
            "doubt",
            "不确定",
        ),
    },
    hints=(
        "Begin with the ceilings and the rule behind them.",
        "The agency: how many members, for how long, compared with whom?",
        "End with the number that you trust least.",
    ),
    minutes=8,
)

EXERCISES = [
    MUST_RETURN,
    HIGHER,
    LOWER_CHANCE,
    POINTS_NEEDED,
    POINTS_HIGHER,
    MOST_FOR_CAMPAIGN,
    MEMO,
]

PREDICTIONS = [
    Prediction(
        "09.left",
        "Of 100 members who first bought in early 2023, how many are really still there after ten "
        "quarters?",
        unit="members",
    ),
    Prediction(
        "09.pace",
        "Each member's pace so far, carried on through 2025: by how many percent does it overshoot "
        "the purchases that came?",
        unit="%",
        high=300,
    ),
    Prediction(
        "09.points",
        "Churn in our club falls by five percentage points: by how many percent does the profit "
        "per member (lifetime value less the cost to win) rise?",
        unit="%",
        high=200,
    ),
    Prediction(
        "09.older",
        "The same product in the same year: which member pays more for it?",
        choices=("the one in the first year", "the one in the third year"),
    ),
    Prediction(
        "09.referral",
        "In the first year, how many times the margin of a campaign member does a referred member "
        "bring?",
        unit="times",
        high=10,
    ),
]

RECALL = [
    Question(
        "Nobody is discounted, half stay each year, 100 yuan a year, the first at once. What is "
        "the customer worth?",
        right=200,
        unit="yuan",
        tolerance=0.5,
        because="100 + 50 + 25 + … = 100 / (1 − 0.5).",
    ),
    Question(
        "A cohort's retention rises from year to year. What must have happened?",
        choices=[
            "Our service has improved",
            "Nothing more than that the fickle left first",
            "The customers have grown fond of us",
        ],
        right="Nothing more than that the fickle left first",
        because="The others may be true as well, but this alone is enough.",
    ),
    Question(
        "Two members, silent for the same ten weeks. Whose silence is the worse sign?",
        choices=["The frequent buyer's", "The rare buyer's", "Both the same"],
        right="The frequent buyer's",
        because="Ten weeks are many of her own cycles, and hardly one of the other's.",
    ),
    Question(
        "A forecast fits the months on which it was made very well. What do you ask?",
        choices=[
            "How well it does on months that it has not seen",
            "How many parameters it has",
            "Who made it",
        ],
        right="How well it does on months that it has not seen",
        because="Fitting the past is easy; the constant rate fitted the first year, too.",
    ),
    Question(
        "Churn 20 %, and '5 % less churn', read as percent. What is churn then?",
        right=19,
        unit="%",
        tolerance=0.01,
        because="Five percent of 20 is one point; the slogan's study meant points: 15 %.",
    ),
    Question(
        "A campaign's average member costs 45 yuan, the ceiling is 1,000. Ten times the budget?",
        choices=[
            "Yes, the gap is wide",
            "Only as long as the next member costs less than the ceiling",
            "No, 45 is the right price",
        ],
        right="Only as long as the next member costs less than the ceiling",
        because="The average tells what has been paid, not what the next will cost.",
    ),
    Question(
        "From chapter 06: a mean length of stay over those who left. How does it lie?",
        choices=["Too short", "Too long", "Not at all"],
        right="Too short",
        because="Those still there will stay longer, and are not in it: they are censored.",
    ),
]

TERMS = [
    Term(
        "lifetime value", "客户终身价值", "kèhù zhōngshēn jiàzhí", "margin to come, in today's yuan"
    ),
    Term("discounting", "贴现", "tiēxiàn", "making later money comparable with money now"),
    Term("present value", "现值", "xiànzhí", "what a later sum is worth today"),
    Term("payback", "回收期", "huíshōuqī", "time until what winning cost has come back"),
    Term("acquisition cost", "获客成本", "huòkè chéngběn", "what winning one customer costs"),
    Term("hold-out", "留出检验", "liúchū jiǎnyàn", "data kept back to judge a forecast"),
    Term("word of mouth", "口碑", "kǒubēi", "customers who bring customers"),
    Term("AIDA", "爱达公式", "àidá gōngshì", "attention, interest, desire, action"),
]

# Claims ----------------------------------------------------------------------------------------


def _profit(stay: float) -> float:
    """Return a member's value less the cost to win, at a retention."""
    member, rate = computed(_member), _rate()
    return member["margin"] * (1 + rate) / (1 + rate - stay) - member["cost"]


def _rise(stay: float) -> float:
    return _profit(stay) / _profit(computed(_member)["retention"]) - 1


def _five_percent() -> tuple[dict, str]:
    stay, rate = computed(_member)["retention"], _rate()
    figures = {"points": _rise(stay + 0.05), "percent": _rise(1 - 0.95 * (1 - stay))}
    figures["sum"] = 100 * (1 - stay + rate)  # churn and discount rate, points
    return figures, (
        f"A member, of whom {100 * stay:.0f} % stay a year: five points less churn raise the "
        f"profit per member by {100 * figures['points']:.0f} %, five percent less by "
        f"{100 * figures['percent']:.0f} %. The value alone rises by 5 / (churn + discount rate "
        "− 5): for 30 % the two must be 21.7 points together, for 85 % 10.9; here they are "
        f"{figures['sum']:.1f}."
    )


def _twenty_percent() -> tuple[dict, str]:
    stay, rate = computed(_member)["retention"], _rate()
    figures = {"up": _rise(min(1.2 * stay, 1)), "down": _rise(0.8 * stay)}
    reached = {"+80": 0.8 * (1 + rate) / 1.16, "-80": 0.8 * (1 + rate) / 0.84}
    most = {"+80": 1 / 1.2, "-80": 1}
    where = ", ".join(
        f"{name} % {f'at a retention of {100 * at:.0f} %' if at <= most[name] else 'nowhere'}"
        for name, at in reached.items()
    )
    return figures, (
        f"Retention from {100 * stay:.0f} to {100 * min(1.2 * stay, 1):.0f} %: profit per member "
        f"{100 * figures['up']:+.0f} %. Down to {80 * stay:.0f} %: "
        f"{100 * figures['down']:+.0f} %. Of the value alone, discounted at {100 * rate:.0f} %, "
        f"one gets {where}; above a retention of 83 % no fifth more exists."
    )


def _likewise(figures: dict) -> str:
    if 0.7 <= figures["up"] <= 0.9:
        return "holds only if loyalty rises; down it is another number"
    return "not supported as one number, and never both ways"


def _loyal_is_profitable() -> tuple[dict, str]:
    served = computed(_served)
    ranks = served[["years", "profit"]].rank()
    r, n = float(ranks.corr().iloc[0, 1]), len(served)
    low, high = np.tanh(np.arctanh(r) + np.array([-1.96, 1.96]) / np.sqrt(n - 3))
    items = data.read("purchases").merge(data.read("members")[["member_id", "joined"]])
    now = items[items["date"].dt.year == 2025]
    age = (now["date"] - now["joined"]).dt.days // 365 + 1
    kept = now.groupby(age)["margin"].sum() / now.groupby(age)["amount"].sum()
    figures = {"correlation": r, "low": low, "high": high, "new": kept[1], "old": kept[3]}
    return figures, (
        f"{n} accounts: years as a customer and profit of 2025 go together by {r:.2f} in rank "
        f"(anything from {low:.2f} to {high:.2f} fits). Of 100 yuan, the club keeps "
        f"{100 * kept[1]:.1f} as margin in a member's first year, {100 * kept[3]:.1f} in the third."
    )


def _only_somewhat(figures: dict) -> str:
    if figures["low"] > 0 and figures["old"] >= figures["new"]:
        return "holds only if one takes a tendency for a law"
    if figures["low"] > 0:
        return "holds only if one speaks of accounts and of a tendency; in the club deals get worse"
    return "not supported: loyalty in years does not tell who is profitable here"


def _word_of_mouth() -> tuple[dict, str]:
    seen, members = computed(_two_years), data.read("members")
    value = seen.groupby("channel")["value"].agg(["mean", "sem"])
    mine, others = value.loc["referral"], value.drop("referral")
    rival = others.loc[others["mean"].idxmax()]
    cost = pd.Series({name: _win_cost(name) for name in CHANNELS})
    lead, luck = mine["mean"] - rival["mean"], 2 * np.hypot(mine["sem"], rival["sem"])
    figures = {
        "cheapest": cost.idxmin() == "referral",
        "best": lead > 0,
        "clear": lead > luck,
        "share": float((members["channel"] == "referral").mean()),
    }
    return figures, (
        f"A referred member costs {cost['referral']:.0f} yuan (others "
        f"{cost.drop('referral').min():.0f} to {cost.drop('referral').max():.0f}) and brings "
        f"{mine['mean']:,.0f} in two years, give or take {2 * mine['sem']:,.0f}; a member of the "
        f"next best channel {rival['mean']:,.0f}, give or take {2 * rival['sem']:,.0f}. But "
        f"{100 * figures['share']:.0f} of 100 members came that way."
    )


def _cheap_but_small(figures: dict) -> str:
    if figures["cheapest"] and figures["clear"]:
        return "holds only if one means each member: as a way to grow it is a small stream"
    if figures["cheapest"] and figures["best"]:
        return (
            "holds only if one takes a small group's lead for more than luck, and means each "
            "member: as a way to grow it is a small stream"
        )
    return "not supported: another channel is cheaper, or brings more"


CLAIMS = [
    Claim(
        "T2",
        "5 % less churn raises profit: banking 85 %, insurance 50, wholesale 45, laundry 45, "
        "software 35, car service 30.",
        answer=_five_percent,
        evidence=(
            "Reichheld & Sasser, Harvard Business Review 1990: bank branches 85, insurance "
            "brokerage 50, car service 30; halving a card issuer's 10 % defection, +125 %. "
            "Recalled, not looked up: the other figures, and that percentage points and net "
            "present value per customer are meant. Sharp calls it grossly misleading."
        ),
        verdict=(
            "holds only if it means percentage points and value per customer, and churn and "
            "discount rate are 11 to 22 points together, or winning eats much of the value"
        ),
        would_change="a base of which nine in ten stay, and cheap money",
    ),
    Claim(
        "T4",
        "Loyalty up 20 % brings 80 % more profit, and down likewise.",
        answer=_twenty_percent,
        evidence=(
            "None that we know of; the courseware gives no source, and does not say what 20 % more "
            "loyalty is. We read it as retention times 1.2."
        ),
        verdict=_likewise,
        would_change="a definition of loyalty, and the retention from which one starts",
    ),
    Claim(
        "T8",
        "Loyal customers are more profitable.",
        answer=_loyal_is_profitable,
        evidence=(
            "Reinartz & Kumar, Harvard Business Review 2002: four firms, correlation .20 to .45; "
            "no evidence that loyal customers cost less to serve or pay more."
        ),
        verdict=_only_somewhat,
        would_change="following the same customers over the years, those who left included",
    ),
    Claim(
        "T13",
        "Word of mouth from kept customers is the cheapest and most effective way to grow.",
        answer=_word_of_mouth,
        evidence=(
            "None that we have looked up. The courseware itself says elsewhere that referrals "
            "close well but are a small share."
        ),
        verdict=_cheap_but_small,
        would_change="a reward for bringing, drawn by lot: what does the next referred one cost?",
    ),
]
