"""Case 07e, the mouse we did not make: reference answers, known mistakes, recall and terms."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers import data
from helpers.exercises import Exercise, Mistake, Prediction, Question, Term, causes, computed

OURS = "Lanhe"
# What exercise 7e.3 states: low, likely and high of what no table tells, and the terms of buying
# the mouse in. The chapter's cell `sales_says` has the same; a test compares the two.
STATED = {
    "streets": (2, 6, 20),
    "units": (20, 40, 60),
    "years": (1, 2, 4),
    "eaten": (0.05, 0.15, 0.40),
    "kept": (0.10, 0.40, 0.90),
}
BUY_MARGIN, BUY_LAUNCH = 12, 60_000


def _street() -> pd.DataFrame:
    shops = data.read("shops")
    year = shops["quarter"].str[:4].astype(int)
    return shops.assign(yuan=shops["units"] * shops["price"], year=year)


def _three(year: int | None = None) -> pd.DataFrame:
    """Return what the three shops that are ours bought, in one year or in all."""
    bought = _street().dropna(subset=["account_id"])
    return bought if year is None else bought[bought["year"] == year]


def _rivals(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["brand"] != OURS]


# 7e.1 ------------------------------------------------------------------------------------------


def _share(rows: pd.DataFrame, value: str = "yuan") -> float:
    return 100 * rows.loc[rows["brand"] == OURS, value].sum() / rows[value].sum()


def _ours(year: int) -> float:
    return _three(year).loc[lambda rows: rows["brand"] == OURS, "yuan"].sum()


SHARE_OF_WALLET = Exercise(
    "7e.1",
    "Of all that the three shops spent in 2025, in yuan, which share went to us?",
    unit="%",
    tolerance=0.3,
    answer=lambda: _share(_three(2025)),
    mistakes=[
        Mistake(
            lambda: _share(_three(2025), "units"),
            "That is our share of the pieces; a wallet holds yuan: units × price.",
        ),
        Mistake(
            lambda: _share(_street().query("year == 2025")),
            "You divided by what all five shops spent; two of them are not our customers.",
        ),
        Mistake(
            lambda: _share(_three(2024)),
            "That is 2024, before the turn; the question asks for 2025.",
        ),
        Mistake(
            lambda: _share(_three()),
            "That is over all three years; keep 2025 only.",
        ),
        Mistake(
            lambda: _share(_three(2025).query("line == 'mice'")),
            "That is our share of their mice; the wallet holds all lines.",
        ),
        Mistake(
            lambda: np.mean([_share(rows) for _, rows in _three(2025).groupby("shop")]),
            "That is the mean of three shares, and the shops differ in size: add up their yuan.",
        ),
        Mistake(
            lambda: 100 * _ours(2025) / _rivals(_three(2025))["yuan"].sum(),
            "You divided by what the rivals got; the wallet holds our goods as well.",
        ),
        Mistake(
            lambda: 100 * _ours(2025) / _ours(2024),
            "That is our sales to them in % of 2024. It says nothing of what else they bought: "
            "divide by all that they spent in 2025.",
        ),
        Mistake(
            lambda: 100 * _ours(2025) / _three()["yuan"].sum(),
            "You divided by what they spent in three years; keep 2025 below the line as well.",
        ),
        Mistake(
            lambda: (
                100
                * _three(2025).loc[lambda rows: rows["brand"] == OURS, "yuan"].mean()
                / _three(2025)["yuan"].mean()
            ),
            "You compared the means of two sets of rows; add up the yuan of each.",
        ),
        Mistake(
            lambda: 100 * (_three(2025)["brand"] == OURS).mean(),
            "You counted rows of the table; a wallet holds yuan: add them up.",
        ),
        Mistake(
            lambda: 100 - _share(_three(2025)),
            "That is the rivals' share: turn it round.",
        ),
        Mistake(
            lambda: _share(_three(2025)) / 100,
            "That is a share of 1; the question asks for percent.",
        ),
    ],
    insight=lambda share: (
        f"In 2024 it was {_share(_three(2024)):.0f} %. Three customers who go on ordering, and "
        "most of their money goes to others."
    ),
    hints=(
        "three has the rows of the three shops; keep those whose year is 2025.",
        "Add up yuan where brand is 'Lanhe', and add up yuan over all brands.",
        "Divide the first by the second, times 100.",
    ),
    minutes=3,
)

# 7e.2 ------------------------------------------------------------------------------------------

DIAGNOSIS = causes.diagnosis(
    "7e.2",
    case="E",
    against={
        "a rival's offer": "The nearest neighbour: rivals gained, and one of them sells the mouse. "
        "But an offer is a better deal for what one buys already, and its price did not move. The "
        "diary tells of something that we did not have.",
        "unstable quality": "Few pieces came back, and the shops' calls of 2024 are about a "
        "product that does not exist, not about one that breaks.",
        "weak service": "We came, we listened, and their few cases were closed in days. "
        "Attention was there; the answer was no.",
        "our rep left": "All three turned in the same quarter, also those whose rep was the same "
        "before and after.",
        "short-termism": "A no out of fear of the cost may be short-sighted, but the cause of that "
        "name leaves two answers from us, or a promise withdrawn. Here there was one answer, and "
        "it was the same each time.",
        "not ours": "All three are open and go on buying, only not from us: look at their whole "
        "wallet.",
    },
    insight="Right, and mind what it says: the cause lies with us. Whether the no was a mistake is "
    "another question, for the next section.",
    hints=(
        "Which finding would look different if a rival had simply been cheaper?",
        "Read the diary of 2024 again: what do the shops ask for, and how often?",
        "Drop the causes that would leave a trace which is missing here.",
    ),
    minutes=6,
)

# 7e.3 ------------------------------------------------------------------------------------------


def _lines() -> pd.DataFrame:
    goods = data.read("products")[["sku", "line", "unit_cost"]]
    lines = data.read("orders").drop(columns="line").merge(goods, on="sku")
    margin = lines["quantity"] * (lines["unit_price"] - lines["unit_cost"])
    return lines.assign(margin=margin, year=lines["date"].dt.year)


def _place_and_mouse() -> tuple[float, float]:
    """Return what a year of the lost place brought (yuan), and what a mouse of ours brings."""
    lines, accounts = computed(_lines), data.read("accounts")
    of_three = lines[lines["account_id"].isin(causes.accounts_of("E"))]
    by_year = of_three.groupby("year")["margin"].sum()
    shops = accounts.loc[accounts["kind"] == "shop", "account_id"]
    mice = lines[lines["account_id"].isin(shops) & lines["line"].eq("mice")]
    mice = mice[mice["year"] == 2024]
    return by_year[2024] - by_year[2025], mice["margin"].sum() / mice["quantity"].sum()


def _worth(
    draws: dict[str, np.ndarray], *, margin: float, launch: float, shops: int = 3
) -> np.ndarray:
    place, mouse_margin = computed(_place_and_mouse)
    mice = shops * 4 * draws["units"]
    a_year = mice * (margin - draws["eaten"] * mouse_margin) + draws["kept"] * place
    capital = data.finance("cost_of_capital")
    today = (1 - (1 + capital) ** -draws["years"]) / capital
    return draws["streets"] * a_year * today - launch


def _chance(
    *,
    margin: float = BUY_MARGIN,
    launch: float = BUY_LAUNCH,
    shops: int = 3,
    evenly: bool = False,
    **fixed: float,
) -> float:
    """Return the chance to break even over the stated ranges, in %, also with faults on demand."""
    rng = np.random.default_rng(2025)
    draws = {
        name: rng.uniform(low, high, 20_000)
        if evenly
        else rng.triangular(low, likely, high, 20_000)
        for name, (low, likely, high) in STATED.items()
    } | fixed
    return 100 * (_worth(draws, margin=margin, launch=launch, shops=shops) >= 0).mean()


def _chance_to_make() -> float:
    return _chance(
        margin=data.finance("motion_mouse_unit_margin"),
        launch=data.finance("motion_mouse_launch_cost"),
    )


CHANCE = Exercise(
    "7e.3",
    "In how many percent of the futures drawn from sales_says does buying the mouse in (12 yuan a "
    "mouse, 60,000 yuan to start) break even?",
    unit="%",
    tolerance=2.5,
    near="did you draw ten thousand futures, each of the five ranges anew for each of them?",
    answer=_chance,
    mistakes=[
        Mistake(
            _chance_to_make,
            "That is the mouse that we make: buying in has a margin and a launch of its own.",
        ),
        Mistake(
            lambda: _chance(margin=data.finance("motion_mouse_unit_margin")),
            "Almost certain? Then the margin is still that of making, or you took the likely "
            "values alone and not the draws.",
        ),
        Mistake(
            lambda: _chance() / 100,
            "A share of 1? The question asks for percent. Or hardly any future? Then the launch "
            "cost is still that of making, or you took the likely values alone and not the draws.",
        ),
        Mistake(
            lambda: 100 - _chance(),
            "That is the chance to lose money: turn the comparison round.",
        ),
        Mistake(
            lambda: _chance(kept=0.0),
            "You left out the place that is kept: the range 'kept' is one of the five.",
        ),
        Mistake(
            lambda: _chance(evenly=True),
            "You drew evenly between low and high: the values near the likely one come more "
            "often. Use rng.triangular, as above.",
        ),
        Mistake(
            lambda: _chance(shops=1),
            "That is one shop to a street; three of them are ours.",
        ),
    ],
    insight="Less margin a mouse, and yet the better bet: little can be lost, and a first term of "
    "selling shows what shops really take.",
    hints=(
        "Make draws as in the cell of the ten thousand futures, from sales_says instead of mine.",
        "worth(**draws, margin=…, launch=…) gives one result for each future.",
        "The chance is the share of the results that are 0 or more, times 100.",
    ),
    minutes=4,
)

# 7e.4 ------------------------------------------------------------------------------------------

MEMO = Exercise(
    "7e.4",
    "A memo to Mr Zhang, at least 80 words: the cause and what shows it, what the place was worth, "
    "make, buy in or let go with the chance and what it hangs on, and what to watch from now on",
    form="a memo",
    min_words=80,
    rubric={
        "names the cause and the evidence that tells it from a rival's offer": (
            "innovation",
            "asked",
            "request",
            "did not make",
            "wanted",
            "price stood",
            "创新",
            "感应鼠标",
        ),
        "gives what was lost: share of wallet, or margin in yuan": (
            "share of wallet",
            "wallet",
            "margin",
            "yuan",
            "¥",
            "元",
        ),
        "decides (make, buy in, let go) with a chance and the input it hangs on": (
            "chance",
            "break even",
            "break-even",
            "streets",
            "range",
            "judgement",
            "概率",
        ),
        "says what should have been seen, when, and by which rule from now on": (
            "third",
            "diary",
            "rule",
            "earlier",
            "warning",
            "规则",
        ),
    },
    hints=(
        "Begin with the decision, then the one reason that carries it.",
        "Say which figures come from tables and which are your judgement.",
        "End with what would change your mind, and by which date you would know it.",
    ),
    minutes=6,
)

EXERCISES = [SHARE_OF_WALLET, DIAGNOSIS, CHANCE, MEMO]

PREDICTIONS = [
    Prediction(
        "07e.price",
        "From 2024 to 2025, by how many percent did the rivals change the prices of the goods that "
        "they had sold to our three shops all along?",
        unit="%",
        low=-50,
        high=50,
    ),
    Prediction(
        "07e.streets",
        "Making the mouse costs 480,000 yuan to begin with. If all goes as Sales thinks likely, "
        "how many streets like this one must sell it until that has come back?",
        unit="streets",
        low=1,
        high=100,
    ),
]

RECALL = [
    Question(
        "A shop orders every month, more pieces than ever. Which loss can hide behind that?",
        choices=[
            "None: who orders is kept",
            "Partial churn: the lines with a margin went elsewhere",
            "A loss that shows when the contract ends",
        ],
        right="Partial churn: the lines with a margin went elsewhere",
        because="Count pieces and orders, and it grows; look at lines, margin and share of wallet, "
        "and it has left already.",
    ),
    Question(
        "What must one know to compute a share of wallet?",
        choices=[
            "What the customer bought from us, over several years",
            "What the customer bought from everybody",
            "How satisfied the customer is",
        ],
        right="What the customer bought from everybody",
        because="Our own books hold the numerator only; the rest comes from asking, looking at "
        "shelves, or the shop's own figures.",
    ),
    Question(
        "What tells a rival's offer from our lack of innovation?",
        choices=[
            "The offer is a better deal for what one buys already",
            "With an offer the rivals sell more",
            "With an offer the customer complains first",
        ],
        right="The offer is a better deal for what one buys already",
        because="Rivals sell more in both. Look for a price that moved, against a request for "
        "something that we did not have.",
    ),
    Question(
        "At the likely value of each input the plan loses money. May it still break even in one "
        "future of five?",
        choices=["Yes", "No"],
        right="Yes",
        because="Likely values are one future. Where good surprises can be larger than bad ones, "
        "others pay.",
    ),
    Question(
        "One input moves the answer most. What follows?",
        choices=[
            "Choose its likely value with care",
            "Find out more about it before the large money goes",
            "Draw more futures",
        ],
        right="Find out more about it before the large money goes",
        because="More draws make the picture smoother, not your knowledge better.",
    ),
    Question(
        "A table that tells an input, and a judgement about one: what must a memo do?",
        choices=[
            "Use only what tables tell",
            "Give both with the same number of digits",
            "Say which is which, and give the judgement as a range",
        ],
        right="Say which is which, and give the judgement as a range",
        because="Nobody can decide without judgement; a reader must see where it stands.",
    ),
    Question(
        "From chapter 03: what is gross margin?",
        choices=[
            "Revenue less what the goods cost",
            "Revenue less all costs",
            "Price less rebate",
        ],
        right="Revenue less what the goods cost",
        because="Service, credit and rent come off later. Here it shows in one line why more "
        "pieces can be worth less.",
    ),
]

TERMS = [
    Term(
        "share of wallet",
        "钱包份额",
        "qiánbāo fèn'é",
        "the part of all that a customer spends on such goods which goes to us",
    ),
    Term(
        "partial churn",
        "部分流失",
        "bùfèn liúshī",
        "a customer who stays on the list and takes most of the business elsewhere",
    ),
    Term(
        "break-even point",
        "盈亏平衡点",
        "yíngkuī pínghéng diǎn",
        "where what comes in has just paid what was laid out",
    ),
    Term(
        "Monte Carlo simulation",
        "蒙特卡罗模拟",
        "Méngtèkǎluó mónǐ",
        "drawing many possible futures from stated ranges, and counting how they end",
    ),
    Term(
        "sensitivity analysis",
        "敏感性分析",
        "mǐngǎnxìng fēnxī",
        "moving one input at a time to see which moves the answer most",
    ),
    Term(
        "cannibalisation",
        "蚕食效应",
        "cánshí xiàoyìng",
        "a new product that takes sales from our own",
    ),
    Term(
        "trade goods",
        "外购商品",
        "wàigòu shāngpǐn",
        "goods that we buy in and sell on without making them",
    ),
    Term(
        "motion-sensing mouse",
        "感应鼠标",
        "gǎnyìng shǔbiāo",
        "the product that the shops of the university town asked for",
    ),
]
