"""Chapter 03, segmentation: reference answers, known mistakes, recall, terms and claims."""

from __future__ import annotations

import pandas as pd

from helpers import data, segments
from helpers.exercises import Claim, Exercise, Mistake, Prediction, Question, Term, computed


def _in_year(frame: pd.DataFrame, column: str, year: int = 2025) -> pd.DataFrame:
    return frame[frame[column].dt.year == year]


def _customers(year: int = 2025) -> pd.DataFrame:
    return computed(_customers_of, year)


def _customers_of(year: int) -> pd.DataFrame:
    profit = segments.account_profit(
        data.read("orders"),
        data.read("products"),
        data.read("touches"),
        data.read("tickets"),
        data.read("cost_rates"),
        cost_of_capital=data.finance("cost_of_capital"),
        start=f"{year}-01-01",
        end=f"{year}-12-31",
    )
    return profit.merge(data.read("accounts"), on="account_id")


def _rates() -> pd.Series:
    return data.read("cost_rates").set_index("activity")["yuan"]


# 3.1 -------------------------------------------------------------------------------------------


def _orders_of_2025() -> pd.DataFrame:
    return _in_year(data.read("orders"), "date")


ORDERING_ACCOUNTS = Exercise(
    "3.1",
    "How many different accounts ordered in 2025?",
    unit="accounts",
    tolerance=0,
    answer=lambda: _orders_of_2025()["account_id"].nunique(),
    mistakes=[
        Mistake(
            lambda: len(_orders_of_2025()),
            "That counts order lines: an account with forty lines is in it forty times.",
        ),
        Mistake(
            lambda: _orders_of_2025()["order_id"].nunique(),
            "That counts orders; an account that ordered twice is in it twice.",
        ),
        Mistake(
            lambda: data.read("orders")["account_id"].nunique(),
            "That counts everybody who ever ordered; the question asks for 2025.",
        ),
        Mistake(
            lambda: len(data.read("accounts")),
            "That is the whole customer file, with prospects and with accounts long gone.",
        ),
    ],
    insight="The file is longer: it holds prospects (chapter 01) and accounts that have left.",
    hints=(
        "Keep the rows of 2025 first: orders['date'].dt.year == 2025.",
        "One row is an order line, so an account stands there many times.",
        "nunique() counts different values in a column.",
    ),
    minutes=2,
)

# 3.2 -------------------------------------------------------------------------------------------


def _largest() -> str:
    customers = _customers()
    return customers.loc[customers["revenue"].idxmax(), "account_id"]


def _service_cost(*, year: int | None = 2025, minutes_per_hour: int = 60) -> pd.Series:
    """Return what serving the largest account cost, by activity, also with faults on demand."""
    account = _largest()
    of_account = []
    for table, column in [("orders", "date"), ("touches", "date"), ("tickets", "opened")]:
        rows = data.read(table)
        rows = rows[rows["account_id"] == account]
        of_account.append(rows if year is None else _in_year(rows, column, year))
    lines, touches, tickets = of_account
    touches = touches.assign(minutes=touches["minutes"] * 60 / minutes_per_hour)
    amounts = segments.activity_amounts(lines, touches, tickets).loc[account]
    return amounts * _rates()[amounts.index]


COST_TO_SERVE = Exercise(
    "3.2",
    "Cost to serve, in 2025, of the account with the largest revenue of 2025",
    unit="yuan",
    relative=0.001,
    answer=lambda: _service_cost().sum(),
    mistakes=[
        Mistake(
            lambda: _service_cost(minutes_per_hour=1).sum(),
            "Visits and calls are priced by the hour, and touches holds minutes.",
        ),
        Mistake(
            lambda: _service_cost(year=None).sum(),
            "That is what three years of service cost; keep 2025 only.",
        ),
        Mistake(
            lambda: (
                _service_cost()
                .drop(["return", "repair", "complaint", "inquiry"], errors="ignore")
                .sum()
            ),
            "Returns, repairs, complaints and inquiries cost money too: they are in tickets.",
        ),
        Mistake(
            lambda: _service_cost().drop("order_line").sum(),
            "Somebody types, picks and packs each order line: it has a rate as well.",
        ),
        Mistake(
            lambda: _customers().nlargest(1, "revenue")["credit_cost"].iloc[0],
            "That is the cost of its unpaid bills; the cost to serve stands in another column.",
        ),
        Mistake(
            lambda: (
                _customers().nlargest(1, "revenue")[["cost_to_serve", "credit_cost"]].sum().sum()
            ),
            "You added the cost of credit: that is the bank's part, not the service.",
        ),
        Mistake(
            lambda: _customers()["cost_to_serve"].max(),
            "That is the account that costs most to serve; the question asks for the largest one.",
        ),
        Mistake(
            lambda: _service_cost().reindex(["visit", "call", "email"]).sum(),
            "That is the contact alone; its order lines and service cases cost money too.",
        ),
    ],
    insight=lambda cost: (
        "Of 100 yuan of its gross margin, "
        f"{100 * cost / _customers().nlargest(1, 'revenue')['gross_margin'].iloc[0]:.0f} go into "
        "serving it. Is that much? Section 4 compares."
    ),
    hints=(
        "Which account is it? customers.nlargest(1, 'revenue').",
        "by_hand has the three parts: contact, cases, handling.",
        "customers already has a column for their sum.",
    ),
    minutes=3,
)

# 3.3 -------------------------------------------------------------------------------------------


def _reach_half(values: pd.Series, *, ascending: bool = False) -> int:
    running = values.sort_values(ascending=ascending).cumsum() / values.sum()
    return int((running < 0.5).sum()) + 1


HALF_OF_REVENUE = Exercise(
    "3.3",
    "The smallest number of accounts that together bring half of the 2025 revenue",
    unit="accounts",
    tolerance=0,
    answer=lambda: _reach_half(_customers()["revenue"]),
    mistakes=[
        Mistake(
            lambda: _reach_half(_customers()["revenue"], ascending=True),
            "You started from the small end: the largest such number. Sort the other way.",
        ),
        Mistake(
            lambda: _reach_half(_customers()["revenue"]) - 1,
            "These fall just short of half; the next account carries you over the line.",
        ),
        Mistake(
            lambda: round(len(_customers()) / 2),
            "That is half of the accounts; the question asks for half of the money.",
        ),
        Mistake(
            lambda: _reach_half(_customers()["profit"]),
            "That is half of the profit; the question asks for revenue.",
        ),
    ],
    insight="Learn their names: a firm can know that many customers by heart.",
    hints=(
        "Sort revenue from the largest down, and take cumsum().",
        "Divide by the total, and see where the running share passes 0.5.",
        "(share < 0.5).sum() counts the accounts before the one that passes it.",
    ),
    minutes=4,
)

# 3.4 -------------------------------------------------------------------------------------------


def _lost_by(accounts: pd.DataFrame) -> float:
    """Return what these accounts take from the firm's account profit, in % of it."""
    return -100 * accounts["profit"].sum() / _customers()["profit"].sum()


def _worst_tenth(ranked_by: str = "profit") -> pd.DataFrame:
    customers = _customers()
    return customers.nsmallest(round(0.1 * len(customers)), ranked_by)


EATEN = Exercise(
    "3.4",
    "How much of the firm's account profit does the least profitable tenth of the accounts eat?",
    unit="%",
    tolerance=1.0,
    answer=lambda: _lost_by(_worst_tenth()),
    mistakes=[
        Mistake(
            lambda: 100 + _lost_by(_worst_tenth()),
            "That is what the other nine tenths bring; how far is it above 100 %?",
        ),
        Mistake(
            lambda: _lost_by(_customers().query("profit < 0")),
            "That is what all who lose money eat, the fall of the curve; take the worst tenth.",
        ),
        Mistake(
            lambda: _lost_by(_customers().nsmallest(10, "profit")),
            "Those are ten accounts; a tenth of the accounts is another number.",
        ),
        Mistake(
            lambda: _lost_by(_worst_tenth("revenue")),
            "You took the tenth with the least revenue; small accounts are not always bad ones.",
        ),
        Mistake(
            lambda: -100 * _worst_tenth()["profit"].sum() / _customers()["gross_margin"].sum(),
            "You divided by gross margin; the question asks for a share of the profit.",
        ),
        Mistake(
            lambda: -_worst_tenth()["profit"].sum(),
            "Those are the yuan; set them against the profit of all accounts.",
        ),
    ],
    insight=(
        "Do not rejoice yet: rent and salaries stay when those accounts go, so less than this "
        "would come back."
    ),
    hints=(
        "How many accounts are a tenth? Take the ones with the smallest profit.",
        "Add up their profit, and divide by the profit of all accounts.",
        "Their sum is negative; the question asks how much they eat, in percent.",
    ),
    minutes=4,
)

# 3.5 -------------------------------------------------------------------------------------------


def _losers(customers: pd.DataFrame) -> set[str]:
    return set(customers.loc[customers["profit"] < 0, "account_id"])


def _tier_a(measure: str = "revenue", year: int = 2025) -> pd.DataFrame:
    customers = _customers(year)
    return customers[segments.value_tiers(customers[measure]) == "A"]


A_WITH_LOSS = Exercise(
    "3.5",
    "Which accounts are in tier A by revenue, and lose money?",
    form="a set of ids",
    key="account_id",
    answer=lambda: _losers(_tier_a()),
    mistakes=[
        Mistake(
            lambda: _losers(_customers()),
            "Those are all accounts that lose money; keep tier A only.",
        ),
        Mistake(
            lambda: set(_tier_a()["account_id"]),
            "That is the whole of tier A; keep those with a profit below zero.",
        ),
        Mistake(
            lambda: _losers(
                _customers().pipe(lambda c: c.nlargest(round(0.2 * len(c)), "revenue"))
            ),
            "You took the top fifth of the accounts. Tier A is cut by money: the first half of it.",
        ),
        Mistake(
            lambda: set(_tier_a()["account_id"]) - _losers(_tier_a()),
            "Those are the ones in A that earn money: turn the comparison round.",
        ),
    ],
    insight="Each of them would get a team of its own under the A rule, and cost still more.",
    hints=(
        "customers['tier'] holds A to D: compare with == 'A'.",
        "Two conditions at once: (first) & (second), each in brackets.",
        "set(frame['account_id']) makes a set of ids.",
    ),
    minutes=3,
)

# 3.6 -------------------------------------------------------------------------------------------


def _in_tiers(tiers: str) -> pd.DataFrame:
    customers = _customers()
    return customers[segments.value_tiers(customers["revenue"]).isin(list(tiers))]


def _saving(tiers: str = "CD", *, part: float = 0.5, call: bool = True) -> float:
    """Return the yuan saved when `part` of the tiers' visit hours become calls."""
    touches = _in_year(data.read("touches"), "date")
    visits = touches["account_id"].isin(_in_tiers(tiers)["account_id"])
    visits &= touches["channel"] == "visit"
    hours = touches.loc[visits, "minutes"].sum() / 60
    return part * hours * (_rates()["visit"] - call * _rates()["call"])


def _break_even(tiers: str = "CD", *, base: str = "gross_margin", **plan) -> float:
    return 100 * _saving(tiers, **plan) / _in_tiers(tiers)[base].sum()


BREAK_EVEN = Exercise(
    "3.6",
    "In tiers C and D, half of the visit hours become call hours. How much of these tiers' gross "
    "margin may be lost before the saving is gone?",
    unit="%",
    tolerance=0.5,
    answer=_break_even,
    mistakes=[
        Mistake(
            lambda: _break_even(part=1.0),
            "That stops every visit; the plan turns half of them into calls.",
        ),
        Mistake(
            lambda: _break_even(call=False),
            "The calls that replace the visits are not free: take their rate off.",
        ),
        Mistake(
            lambda: _break_even(base="revenue"),
            "A customer who leaves takes gross margin along, not revenue: we keep the goods.",
        ),
        Mistake(
            _saving,
            "That is the saving in yuan; set it against these tiers' gross margin.",
        ),
        Mistake(lambda: _break_even("C"), "That is C alone; the plan is for C and D together."),
        Mistake(lambda: _break_even("D"), "That is D alone; the plan is for C and D together."),
        Mistake(
            lambda: _break_even("ABCD"),
            "That turns the visits of all tiers into calls; A and B keep theirs.",
        ),
    ],
    insight=(
        "So the plan rests on one question that this table cannot answer: how many leave when the "
        "visits stop? Chapter 05 shows how to find out by trying on some, drawn by lot."
    ),
    hints=(
        "The saving per hour is the visit rate less the call rate.",
        "The cell above has the visit hours by tier; add C and D, and halve.",
        "Divide the saving by the gross margin of C and D, times 100.",
    ),
    minutes=5,
)

# 3.7 -------------------------------------------------------------------------------------------


def _careers() -> pd.DataFrame:
    """Return tier by revenue in 2023 and in 2025 of every account that ordered in either year."""
    tiers = {}
    for year in (2023, 2025):
        customers = _customers(year).set_index("account_id")
        tiers[year] = segments.value_tiers(customers["revenue"]).astype("object")
    return pd.DataFrame(tiers).fillna("none")


def _risen(careers: pd.DataFrame, up: tuple[str, ...] = ("A", "B")) -> pd.Series:
    return careers[2025].isin(up) & (careers[2023] == "D")


STARS = Exercise(
    "3.7",
    "Of the accounts in tier D in 2023, how many percent were in A or B in 2025?",
    unit="%",
    tolerance=0.5,
    answer=lambda: 100 * _risen(_careers()).sum() / (_careers()[2023] == "D").sum(),
    mistakes=[
        Mistake(
            lambda: (
                100
                * _risen(_careers()).sum()
                / ((_careers()[2023] == "D") & (_careers()[2025] != "none")).sum()
            ),
            "You left out those who had stopped ordering by 2025; in 2023 nobody knew who would.",
        ),
        Mistake(
            lambda: 100 * _risen(_careers()).sum() / _careers()[2025].isin(["A", "B"]).sum(),
            "That is the share of 2025's A and B who came from D: same accounts, another whole.",
        ),
        Mistake(
            lambda: (
                100 * _risen(_careers(), ("A", "B", "C")).sum() / (_careers()[2023] == "D").sum()
            ),
            "That counts every rise, also the one step to C.",
        ),
        Mistake(
            lambda: 100 * _risen(_careers(), ("A",)).sum() / (_careers()[2023] == "D").sum(),
            "That counts those who reached A; B counts too.",
        ),
        Mistake(
            lambda: _risen(_careers()).sum(),
            "That is their number; divide by the accounts that were in D in 2023.",
        ),
    ],
    insight="Nobody wore a label in 2023: 'let go early' would have let these go too.",
    hints=(
        "The table above has the counts: its row D is the whole.",
        "Add the columns A and B of that row.",
        "Divide by the sum of the row, the column 'none' included, times 100.",
    ),
    minutes=3,
)

# 3.8 -------------------------------------------------------------------------------------------


def _ten() -> pd.DataFrame:
    outside = _customers().query("relation != 'internal'")  # our own stores stay
    return outside.nsmallest(10, "profit")


MEMO = Exercise(
    "3.8",
    "A memo to Mr Zhang, at least 80 words: the ten accounts, one action for each, the yuan at "
    "stake, the reasons, and what could go wrong",
    form="a memo",
    min_words=80,
    rubric=lambda: {
        "names some of the ten accounts, with an action for each": tuple(_ten()["name"])
        + tuple(_ten()["account_id"]),
        "gives the yuan at stake": ("yuan", "¥", "rmb", "cny", "元"),
        "says why they lose money (price, visits, returns, credit …)": (
            "visit",
            "return",
            "repair",
            "credit",
            "late",
            "discount",
            "margin",
            "service",
            "拜访",
            "退货",
        ),
        "names what could go wrong": ("risk", "star", "leave", "grow", "lose", "风险"),
    },
    hints=(
        "Begin with the sum that the ten lost, then form two or three groups of them.",
        "For each group: the largest cost, one action, and what it would bring in yuan.",
        "End with what you fear: who might leave, who might have grown, and how you would notice.",
    ),
    minutes=10,
)

EXERCISES = [
    ORDERING_ACCOUNTS,
    COST_TO_SERVE,
    HALF_OF_REVENUE,
    EATEN,
    A_WITH_LOSS,
    BREAK_EVEN,
    STARS,
    MEMO,
]

PREDICTIONS = [
    Prediction(
        "03.left",
        "Of 100 yuan of revenue, how many are left as profit after goods, service and credit?",
        unit="yuan",
        low=0,
        high=100,
    ),
    Prediction(
        "03.top20",
        "Of 100 yuan of revenue, how many come from the top fifth of the accounts?",
        unit="yuan",
        low=0,
        high=100,
    ),
    Prediction(
        "03.losers",
        "Of 100 accounts that ordered, how many lose us money?",
        unit="accounts",
        low=0,
        high=100,
    ),
]

RECALL = [
    Question(
        "What makes a handle good for segmentation?",
        choices=[
            "Its classes are of equal size",
            "Its classes differ in something we would act on",
            "It is in the customer file",
        ],
        right="Its classes differ in something we would act on",
        because="Equal classes are tidy, and any column is a handle; only a difference that "
        "changes what we do is worth a policy.",
    ),
    Question(
        "A whale curve peaks at 140 % and ends at 100 %. What do accounts past the peak do?",
        choices=[
            "They bring the last 40 % of the profit",
            "They bring nothing",
            "They lose 40 % of the profit that the firm ends with",
        ],
        right="They lose 40 % of the profit that the firm ends with",
        because="Right of the peak every account has a negative profit: the curve comes down.",
    ),
    Question(
        "Which two numbers cannot be compared?",
        choices=[
            "The top 20 % of two firms with 300 and 3,000 accounts",
            "The top 20 accounts of one firm and the top 20 % of another",
            "Revenue shares of two years of one firm",
        ],
        right="The top 20 accounts of one firm and the top 20 % of another",
        because="A number of customers and a share of customers are two definitions of the head.",
    ),
    Question(
        "A–D and the pyramid put the same account in different tiers. Why?",
        choices=[
            "One cuts revenue by yuan, the other ranks by profit and counts heads",
            "One of them is wrong",
            "Some accounts are counted twice",
        ],
        right="One cuts revenue by yuan, the other ranks by profit and counts heads",
        because="They differ twice: in what is ranked, and in what is cut.",
    ),
    Question(
        "A tier's accounts lose money. What follows?",
        choices=[
            "Let them go",
            "Find out which activity costs so much, then choose price, service or farewell",
            "Nothing, because they may grow",
        ],
        right="Find out which activity costs so much, then choose price, service or farewell",
        because="A loss is a fact about the terms as much as about the customer: change the terms "
        "first.",
    ),
    Question(
        "From chapter 00: what is 'today' in all tables of this course?",
        choices=["The day on which you read this", "31 December 2025", "1 January 2023"],
        right="31 December 2025",
        because="data.AS_OF is the end of 2025, so results do not change while you read.",
    ),
]

TERMS = [
    Term(
        "segmentation",
        "客户细分",
        "kèhù xìfēn",
        "classing customers by value, need or preference, to treat each class its own way",
    ),
    Term("gross margin", "毛利", "máolì", "revenue less what the goods cost"),
    Term(
        "cost to serve",
        "服务成本",
        "fúwù chéngběn",
        "what an account's orders, visits, calls and service cases cost us",
    ),
    Term(
        "customer tier",
        "客户等级",
        "kèhù děngjí",
        "a class by worth: VIP, main, ordinary and small, managed as A, B, C and D",
    ),
    Term(
        "customer pyramid",
        "客户金字塔",
        "kèhù jīnzìtǎ",
        "platinum, gold, iron and lead: the top 1, next 4, next 15 and remaining 80 % of customers",
    ),
    Term(
        "80/20 rule",
        "二八法则",
        "èr-bā fǎzé",
        "Pareto's observation: a fifth of the causes bring most of the effect",
    ),
    Term(
        "long tail",
        "长尾",
        "chángwěi",
        "the many small ones that add up once they are cheap to serve",
    ),
    Term(
        "whale curve",
        "鲸鱼曲线",
        "jīngyú qūxiàn",
        "cumulative profit, best account first: up, over the hump, down again",
    ),
    Term(
        "customer file",
        "客户档案",
        "kèhù dàng'àn",
        "what a firm knows of each customer, one row each; every column is a handle",
    ),
    Term(
        "results", "业绩", "yèjì", "what was achieved: sales or profit, the courseware does not say"
    ),
]

# Claims ----------------------------------------------------------------------------------------


def _pareto() -> tuple[dict[str, float], str]:
    customers = _customers()
    shares = {name: 100 * segments.top_share(customers[name]) for name in ("revenue", "profit")}
    return shares, (
        f"The top fifth of the accounts bring {shares['revenue']:.0f} % of the revenue and "
        f"{shares['profit']:.0f} % of the profit of 2025."
    )


def _pareto_verdict(shares: dict[str, float]) -> str:
    near = {name: 72 <= share <= 88 for name, share in shares.items()}
    if all(near.values()):
        return "holds"
    if near["revenue"]:
        return "holds only if the result is revenue: of profit they bring " + (
            "more than all" if shares["profit"] > 100 else "another share"
        )
    return "not supported"


def _head_and_tail() -> tuple[dict[str, float], str]:
    club = _in_year(data.read("purchases"), "date").groupby("member_id")["amount"].sum()
    customers = _customers().set_index("account_id")
    outside = customers[customers["relation"] != "internal"]  # our own stores sell to the club
    sales = pd.concat([outside["revenue"], club])
    tails = {
        "number": 100 * (1 - sales.nlargest(20).sum() / sales.sum()),
        "share": 100 * (1 - segments.top_share(sales)),
    }
    return tails, (
        "Accounts and club members in one list, 2025: beyond the 20 largest customers lie "
        f"{tails['number']:.0f} % of the sales; beyond the top 20 % of them, "
        f"{tails['share']:.0f} %."
    )


def _tail_verdict(tails: dict[str, float]) -> str:
    rivals = [share >= 50 for share in tails.values()]
    if all(rivals):
        return "holds"
    if any(rivals):
        return "holds only if the head is a small number of customers, not a share of them"
    return "not supported"


CLAIMS = [
    Claim(
        "T3",
        "20 % of customers bring 80 % of profit (also told of results).",
        answer=_pareto,
        evidence=(
            "Share of sales held by the top 20 % of customers: 73 % in Kim, Singh & "
            "Winer (2017); 67 % over 339 firms in McCarthy & Winer (SSRN 3264425), 59 % where "
            "they subscribe, more for profit; about 60 % in Sharp & Romaniuk; 39 % in UK grocery."
        ),
        verdict=_pareto_verdict,
        would_change=(
            "another unit (members instead of accounts), or another way of charging the cost "
            "to serve"
        ),
    ),
    Claim(
        "T11",
        "Many small customers together rival the few large ones (the long tail).",
        answer=_head_and_tail,
        evidence=(
            "Anderson, Wired 2004, for; Elberse, Harvard Business Review 2008, against: in a "
            "music service the top 10 % of titles drew 78 % of the plays, the top 1 % 32 %. "
            "Anderson replied that head and tail must be defined otherwise. Both speak of titles "
            "in a shop, not of customers."
        ),
        verdict=_tail_verdict,
        would_change="where the head ends, and how cheaply a small customer can be served",
    ),
]
