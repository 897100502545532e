"""Chapter 01, customer roles: reference answers, known mistakes, recall and terms."""

from __future__ import annotations

import pandas as pd

from helpers import data
from helpers.exercises import Exercise, Mistake, Prediction, Question, Term, computed

ROLES = ("user", "influencer", "decider", "approver", "buyer", "gatekeeper")
N_DEALS = 5  # open deals that the closing decision looks at


def _closed_deals(prospects: bool = False) -> pd.DataFrame:
    """Return the deals that ended, of customers unless prospects are wanted too."""
    deals, accounts = data.read("deals"), data.read("accounts")
    customers = accounts.loc[accounts["opened"].notna(), "account_id"]
    closed = deals[deals["result"] != "open"]
    if not prospects:
        closed = closed[closed["account_id"].isin(customers)]
    days = (closed["closed"] - closed["opened"]).dt.days
    return closed.assign(
        won=closed["result"] == "won",
        days=days,
        age=pd.qcut(days, 3, labels=["short", "middle", "long"]),
        n_roles=closed["roles_met"].str.split(";").str.len(),
    )


def _closed(*, prospects: bool = False) -> pd.DataFrame:
    return computed(_closed_deals, prospects)


def _met(deals: pd.DataFrame, role: str) -> pd.Series:
    return deals["roles_met"].fillna("").str.contains(role)


# 1.1 -------------------------------------------------------------------------------------------


def _opened() -> pd.Series:
    return data.read("accounts")["opened"]


PROSPECTS = Exercise(
    "1.1",
    "How many accounts in the file are prospects, that is, have never been customers?",
    unit="accounts",
    tolerance=0,
    answer=lambda: _opened().isna().sum(),
    mistakes=[
        Mistake(
            lambda: _opened().notna().sum(),
            "Those were opened, so they are or were customers: count the missing ones.",
        ),
        Mistake(
            lambda: len(_opened()),
            "That is the whole file; only where opened is missing is it a prospect.",
        ),
        Mistake(
            lambda: (
                ~data.read("accounts")["account_id"].isin(
                    data.read("orders").query("date >= '2025-01-01'")["account_id"]
                )
            ).sum(),
            "Those ordered nothing in 2025 (chapter 00); many of them used to be customers.",
        ),
        Mistake(
            lambda: _opened().nunique(),
            "That counts different dates of opening; count the rows without one.",
        ),
    ],
    insight="They have never bought, so their deals cannot have been won yet. Remember that when "
    "you compare win rates.",
    hints=(
        "data.describe('accounts') says what an empty `opened` means.",
        "isna() is True where a value is missing.",
        "True counts as 1: .sum() counts them.",
    ),
    minutes=2,
)

# 1.2 -------------------------------------------------------------------------------------------


def _people() -> pd.DataFrame:
    contacts = data.read("contacts")
    return contacts[contacts["end"].isna()]


INFLUENCERS = Exercise(
    "1.2",
    "How many people who are still there hold the role of influencer, alone or beside other roles?",
    unit="people",
    tolerance=0,
    answer=lambda: _people()["roles"].str.contains("influencer").sum(),
    mistakes=[
        Mistake(
            lambda: (_people()["roles"] == "influencer").sum(),
            "That counts those who are nothing but influencers: a person can hold several roles.",
        ),
        Mistake(
            lambda: data.read("contacts")["roles"].str.contains("influencer").sum(),
            "Some of these have left: keep the people whose `end` is missing.",
        ),
        Mistake(
            lambda: (
                _people().loc[_people()["roles"].str.contains("influencer"), "account_id"].nunique()
            ),
            "That counts accounts; one account may have several influencers.",
        ),
        Mistake(
            lambda: len(_people()),
            "Those are all people who are still there, whatever their role.",
        ),
    ],
    insight="There are more of them than accounts: this role is shared most. Does meeting it win "
    "deals? Section 2.",
    hints=(
        "`here` has the people who are still there.",
        "roles holds texts such as 'influencer;decider': look for the word inside.",
        "here['roles'].str.contains('influencer') is True or False for each person.",
    ),
    minutes=2,
)

# 1.3 -------------------------------------------------------------------------------------------


def _win_rate(deals: pd.DataFrame) -> float:
    return 100 * deals["won"].mean()


TWO_ROLES = Exercise(
    "1.3",
    "Of the closed deals in which exactly two roles were met, how many percent were won?",
    unit="%",
    tolerance=0.5,
    answer=lambda: _win_rate(_closed().query("n_roles == 2")),
    mistakes=[
        Mistake(
            lambda: _win_rate(_closed().query("n_roles >= 2")),
            "That is two roles or more; exactly two is ==.",
        ),
        Mistake(
            lambda: _win_rate(_closed().query("n_roles <= 2")),
            "That is two roles or fewer; exactly two is ==.",
        ),
        Mistake(
            lambda: 100 * (_closed().query("won")["n_roles"] == 2).mean(),
            "That is the share of the won deals with two roles: the other way round.",
        ),
        Mistake(
            lambda: _win_rate(_closed(prospects=True).query("n_roles == 2")),
            "Deals of prospects are among these; `closed` holds customers' deals only.",
        ),
        Mistake(
            lambda: _win_rate(_closed()),
            "That is the win rate of all closed deals; keep those with two roles.",
        ),
        Mistake(
            lambda: _closed().query("n_roles == 2")["won"].sum(),
            "That is how many were won; divide by the deals with two roles.",
        ),
        Mistake(
            lambda: len(_closed().query("n_roles == 2")),
            "That is how many such deals there are; which part of them was won?",
        ),
        Mistake(
            lambda: 100 * (_closed()["won"] & (_closed()["n_roles"] == 2)).mean(),
            "You divided by all closed deals; the whole is the deals with two roles.",
        ),
    ],
    insight="Two roles are two voices of six: the others vote without having heard us.",
    hints=(
        "closed has a column n_roles.",
        "Keep the rows where it is 2, then look at `won`.",
        "The mean of True and False is a share; times 100 it is percent.",
    ),
    minutes=3,
)

# 1.4 -------------------------------------------------------------------------------------------


def _raw_gap(role: str, deals: pd.DataFrame | None = None) -> float:
    """Return by how many points deals are won more often when the role was met."""
    deals = _closed() if deals is None else deals
    rate = deals.groupby(_met(deals, role))["won"].mean()
    return 100 * (rate[True] - rate[False])


def _gap_at_equal_age(role: str) -> float:
    closed = _closed()
    bands = [closed[closed["age"] == age] for age in ("short", "middle", "long")]
    return sum(_raw_gap(role, band) for band in bands) / len(bands)


EQUAL_AGE = Exercise(
    "1.4",
    "By how many percentage points are deals won more often when the approver was met, at equal "
    "age of the deal?",
    unit="points",
    tolerance=0.5,
    answer=lambda: _gap_at_equal_age("approver"),
    mistakes=[
        Mistake(
            lambda: _raw_gap("approver"),
            "That is the plain difference, with long deals and short ones mixed.",
        ),
        Mistake(
            lambda: _gap_at_equal_age("decider"),
            "That is the decider's; the question asks for the approver.",
        ),
        Mistake(
            lambda: _raw_gap("approver", _closed()[_closed()["age"] == "long"]),
            "That is among the long deals alone; take the mean over the three bands.",
        ),
        Mistake(
            lambda: _win_rate(_closed()[_met(_closed(), "approver")]),
            "That is the share won when the approver was met: how much more is it than when not?",
        ),
        Mistake(
            lambda: _gap_at_equal_age("approver") / 100,
            "That is a share; the question asks for percentage points.",
        ),
        Mistake(
            lambda: _gap_at_equal_age("gatekeeper"),
            "That is the gatekeeper's; the question asks for the approver.",
        ),
    ],
    insight=lambda gap: (
        f"The plain difference was {_raw_gap('approver'):.0f} points. What is left at equal age "
        "is nearer to what meeting does; it is still no proof (exercise 1.5)."
    ),
    hints=(
        "The cell above does it for the decider: change one word.",
        "Win rate by age and by met or not, then the difference in each band.",
        "The mean of three differences, times 100.",
    ),
    minutes=4,
)

# 1.5 -------------------------------------------------------------------------------------------

CAUSES = (
    "that long deals meet more roles",
    "that a door opens because the deal goes well already",
    "that deals of prospects are among them",
)

STILL_OPEN = Exercise(
    "1.5",
    "What does the comparison at equal age NOT rule out?",
    form="a choice",
    choices=CAUSES,
    answer=lambda: CAUSES[1],
    mistakes=[
        Mistake(
            lambda: CAUSES[0],
            "That one is undone: within a band the deals are about equally old.",
        ),
        Mistake(
            lambda: CAUSES[2],
            "Those were left out before anything was computed: see exercise 1.1.",
        ),
    ],
    insight="An approver receives us when he is inclined to sign: then the meeting is a sign of "
    "the win, not its cause. To know, one would have to draw by lot whom to call on.",
    hints=(
        "Two of the three were dealt with in this chapter: one by leaving rows out, one by bands.",
        "Ask for each: could it still make met deals look better?",
    ),
    minutes=2,
)

# 1.6 -------------------------------------------------------------------------------------------

TIMETABLE = (
    "students, for whom it is made",
    "the university, which pays for it",
    "all who work by it: students, teachers, caretakers",
)

RECEIVES = Exercise(
    "1.6",
    "Who is the customer of a university's timetable office, in the broad sense (process view)?",
    form="a choice",
    choices=TIMETABLE,
    answer=lambda: TIMETABLE[2],
    mistakes=[
        Mistake(
            lambda: TIMETABLE[0],
            "That is the narrow sense, the final recipient. Who else cannot work without it?",
        ),
        Mistake(
            lambda: TIMETABLE[1],
            "Paying is not receiving: a city pays for its park. Follow the output.",
        ),
    ],
    insight="A teacher sent to a locked room notices at once what the office delivered: colleagues "
    "are customers too.",
    hints=(
        "What does the office put out, and into whose hands does it come?",
        "The broad sense asks who receives, and does not stop at the first recipient.",
    ),
    minutes=2,
)

# 1.7 -------------------------------------------------------------------------------------------

TYPES = ("submissive", "caring", "adaptive", "indifferent")

ANSWER_TO_AGENT = Exercise(
    "1.7",
    "The agent wants a lower price; Mr Zhang refuses, and adds gifts. Which type of response?",
    form="a choice",
    choices=TYPES,
    answer=lambda: "adaptive",
    mistakes=[
        Mistake(
            lambda: "submissive",
            "Submissive would have lowered the price: it gives in. He kept his terms.",
        ),
        Mistake(
            lambda: "caring",
            "Near. Caring gives attention; he bargained: gifts for volume, within his terms.",
        ),
        Mistake(
            lambda: "indifferent",
            "Indifferent would have said no and hung up. He looked for something to give.",
        ),
    ],
    insight="High on both axes: the offer bends, the terms do not. (By our placement: the "
    "courseware names the four types and does not place them.)",
    hints=(
        "Two questions: does he hold his own terms? Does he look for something for the customer?",
        "Find the corner of the figure in which both answers are yes.",
    ),
    minutes=2,
)

# 1.8 -------------------------------------------------------------------------------------------


def _five() -> pd.DataFrame:
    deals = data.read("deals")
    return deals[deals["result"] == "open"].nlargest(N_DEALS, "value")


def _reach() -> pd.Series:
    """Return by role what reaching it in the five deals that lack it adds to their worth."""
    five = _five()
    lacking = {role: five.loc[~_met(five, role), "value"].sum() for role in ROLES}
    return pd.Series({role: _gap_at_equal_age(role) * lacking[role] for role in ROLES})


BEST_ROLE = Exercise(
    "1.8",
    "Which role, reached in those of the five deals that lack it, adds most to their expected "
    "value?",
    form="a choice",
    choices=ROLES,
    answer=lambda: _reach().idxmax(),
    mistakes=[
        Mistake(
            lambda: _reach().idxmin(),
            "That role adds least: sort the other way.",
        ),
        Mistake(
            lambda: _reach().sort_values(ascending=False).index[1],
            "Near: that role comes second. Multiply each deal's value by the role's difference.",
        ),
        Mistake(
            lambda: pd.Series({role: _met(_five(), role).sum() for role in ROLES}).idxmax(),
            "That role has been met in most of the five: there is little left to reach.",
        ),
    ],
    insight="Two numbers make it: what the role is worth at equal age, and how much value still "
    "lacks it.",
    hints=(
        "One role first: met = five['roles_met'].str.contains('buyer'). five.loc[~met, 'value'] "
        "has the deals that lack it (~ means not).",
        "Sum them, times gaps['buyer']. A for loop does the same for each of roles.",
        "Keep the products in a dict; pd.Series(dict).idxmax() gives the largest one's role.",
    ),
    minutes=5,
)

# 1.9 -------------------------------------------------------------------------------------------

MEMO = Exercise(
    "1.9",
    "A memo to Mr Zhang, at least 80 words: which two roles the rep should reach in the five open "
    "deals, in which order, for how many hours, what it should bring, and what could be wrong",
    form="a memo",
    min_words=80,
    rubric=lambda: {
        "names two roles, and the deals or accounts to begin with": tuple(_five()["account_id"])
        + tuple(_five()["deal_id"])
        + tuple(data.read("accounts").set_index("account_id").loc[_five()["account_id"], "name"]),
        "gives the hours, or the rep's time": ("hour", " days", " week", "小时", "天"),
        "gives the yuan at stake": ("yuan", "¥", "rmb", "元"),
        "says why the figure may be wrong (age, cause, few deals)": (
            " cause",
            "causal",
            "because the deal",
            "proof",
            "equal age",
            "older",
            "few deals",
            "by chance",
            "chance alone",
            "by lot",
            "uncertain",
            "not sure",
            "因果",
        ),
    },
    hints=(
        "Begin with the two roles and the deal in which they matter most.",
        "Expected value added = value × difference; multiply by the margin rate to get profit.",
        "End with what would show that you were wrong: which meeting changed nothing?",
    ),
    minutes=10,
)

EXERCISES = [
    PROSPECTS,
    INFLUENCERS,
    TWO_ROLES,
    EQUAL_AGE,
    STILL_OPEN,
    RECEIVES,
    ANSWER_TO_AGENT,
    BEST_ROLE,
    MEMO,
]

PREDICTIONS = [
    Prediction(
        "01.several",
        "Of 100 people in the buying centres, how many hold more than one role?",
        unit="people",
    ),
    Prediction(
        "01.decider",
        "When the decider was met, deals are won more often: by how many percentage points?",
        unit="points",
    ),
    Prediction(
        "01.longer",
        "Which deals ran longer?",
        choices=("those that were won", "those that were lost", "no difference to speak of"),
    ),
]

RECALL = [
    Question(
        "What is a customer, in this chapter's sense?",
        choices=[
            "The person who signs the order",
            "All who share one purchase decision and its risk",
            "The firm on the invoice",
        ],
        right="All who share one purchase decision and its risk",
        because="A decision has users, influencers, deciders, approvers, buyers and gatekeepers; "
        "any of them can stop it.",
    ),
    Question(
        "Who keeps the seller from getting to the others?",
        choices=["The buyer", "The gatekeeper", "The influencer"],
        right="The gatekeeper",
        because="The office secretary who 'will pass it on' decides who hears of you.",
    ),
    Question(
        "Long deals are won more often, and meet more roles. What is deal age here?",
        choices=["A result of winning", "A confounder", "A role"],
        right="A confounder",
        because="It drives both what we compare (roles met) and what we measure (won), so it has "
        "to be held equal.",
    ),
    Question(
        "How is the confounder undone by hand?",
        choices=[
            "By taking more deals",
            "By comparing within bands of equal age",
            "By leaving out the long deals",
        ],
        right="By comparing within bands of equal age",
        because="Like with like; more deals of the mixed kind only make the wrong number surer.",
    ),
    Question(
        "A city park has no price. Who is its customer by relation?",
        choices=["Nobody", "The public: a public-interest customer", "The gardener"],
        right="The public: a public-interest customer",
        because="The public pays through taxes and fees and speaks for all.",
    ),
    Question(
        "Webster and Wind (1972) listed how many roles?",
        choices=["Five", "Six", "Seven"],
        right="Five",
        because="The approver was added later: this course counts six.",
    ),
    Question(
        "From chapter 00: an account ordered nothing in 2025. Is it lost?",
        choices=["Yes", "Perhaps: it may never have been won", "No"],
        right="Perhaps: it may never have been won",
        because="The file holds prospects too: a name in the file is not yet a customer.",
    ),
]

TERMS = [
    Term("customer", "客户", "kèhù", "all who share one purchase decision and carry its risk"),
    Term(
        "prospect", "潜在客户", "qiánzài kèhù", "one that we should like to sell to, and never did"
    ),
    Term("buying centre", "采购中心", "cǎigòu zhōngxīn", "the people of an account who take part"),
    Term("user", "使用者", "shǐyòngzhě", "who works with the product"),
    Term("influencer", "影响者", "yǐngxiǎngzhě", "whose judgement the others ask for"),
    Term("decider", "决策者", "juécèzhě", "who chooses"),
    Term("approver", "批准者", "pīzhǔnzhě", "who signs what was chosen"),
    Term("buyer", "购买者", "gòumǎizhě", "who negotiates and orders"),
    Term("gatekeeper", "把关者", "bǎguānzhě", "who lets people and papers through, or does not"),
    Term("consumer", "消费客户", "xiāofèi kèhù", "uses the product up, firm or person"),
    Term("intermediary", "中间客户", "zhōngjiān kèhù", "buys in order to sell on"),
    Term(
        "public-interest customer",
        "公利客户",
        "gōnglì kèhù",
        "government, associations, the public: pays through taxes and fees, speaks for all",
    ),
    Term("internal customer", "内部客户", "nèibù kèhù", "a colleague who receives our work"),
    Term(
        "confounder",
        "混杂因素",
        "hùnzá yīnsù",
        "drives both what we compare and what we measure",
    ),
    Term("submissive", "屈从型", "qūcóng xíng", "a firm that gives in to every customer"),
    Term("caring", "关怀型", "guānhuái xíng", "a firm that gives attention, gratis"),
    Term("adaptive", "适应型", "shìyìng xíng", "a firm that bends its offer, not its terms"),
    Term("indifferent", "冷漠型", "lěngmò xíng", "a firm that says: take it or leave it"),
]
