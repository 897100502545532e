"""Chapter 04, segment grids: reference answers, known mistakes, recall and terms."""

from __future__ import annotations

from itertools import product

import pandas as pd

from helpers import data, segments
from helpers.charts import percent, yuan
from helpers.exercises import Exercise, Mistake, Prediction, Question, Term, computed

LOYAL, LARGE = 0.80, 50_000  # where the chapter lets high loyalty and a large account begin
POOR = ("C", "D")


def _profit(year: int) -> pd.DataFrame:
    tables = [data.read(t) for t in ("orders", "products", "touches", "tickets", "cost_rates")]
    return segments.account_profit(
        *tables,
        cost_of_capital=data.finance("cost_of_capital"),
        start=f"{year}-01-01",
        end=f"{year}-12-31",
    )


def _customers() -> pd.DataFrame:
    """Return who ordered in 2025, our own stores left out, new ones too."""
    stood = segments.standing(data.read("accounts"), data.read("orders"), as_of=data.AS_OF)
    customers = stood.merge(computed(_profit, 2025), on="account_id")
    return customers[customers["relation"] != "internal"]


def _known() -> pd.DataFrame:
    """Return the customers whose loyalty is known, with their place on each handle."""
    known = computed(_customers).dropna(subset=["loyalty"])
    return known.assign(
        loyal=known["loyalty"] >= LOYAL,
        poor=known["credit_rating"].isin(POOR),
        large=known["revenue"] >= LARGE,
        default=known["credit_rating"].map(_default_rate),
    )


def _default_rate(rating: str) -> float:
    return data.finance(f"default_rate_{rating}")


# 4.1 -------------------------------------------------------------------------------------------


def _dangerous(*, loyal: bool | None = False, poor: bool | None = True) -> pd.DataFrame:
    """Return the accounts of a cell of loyalty × credit; None leaves that handle out."""
    known = computed(_known)
    for handle, side in (("loyal", loyal), ("poor", poor)):
        known = known if side is None else known[known[handle] == side]
    return known


CELL_EXPOSURE = Exercise(
    "4.1",
    "What do accounts owe us that are not loyal (loyalty below 0.80) and rated C or D?",
    unit="yuan",
    answer=lambda: _dangerous()["exposure"].sum(),
    mistakes=[
        Mistake(
            lambda: _dangerous(loyal=True)["exposure"].sum(),
            "That is the loyal side: loyalty of 0.80 or more. Turn the comparison round.",
        ),
        Mistake(
            lambda: _dangerous(poor=False)["exposure"].sum(),
            "Those are rated A or B: the poor ratings are C and D.",
        ),
        Mistake(
            lambda: _dangerous(poor=None)["exposure"].sum(),
            "That is one handle only: all who are not loyal, whatever their rating.",
        ),
        Mistake(
            lambda: _dangerous(loyal=None)["exposure"].sum(),
            "That is one handle only: all rated C or D, the loyal ones too.",
        ),
        Mistake(
            lambda: (
                _dangerous(poor=None)["exposure"].sum() + _dangerous(loyal=True)["exposure"].sum()
            ),
            "That joins the two with or (|): the question asks for both at once (&).",
        ),
        Mistake(
            lambda: _dangerous().query("credit_rating == 'D'")["exposure"].sum(),
            "That is D alone; C is poor as well.",
        ),
        Mistake(
            lambda: _dangerous()["revenue"].sum(),
            "That is what they bought in the year; the question asks for what they still owe.",
        ),
        Mistake(
            lambda: len(_dangerous()),
            "That is how many they are; the question asks for their yuan.",
        ),
    ],
    insight=lambda owed: (
        f"The cell that sounds worst owes {yuan(owed)}; the loyal ones of poor credit owe "
        f"{yuan(_dangerous(loyal=True)['exposure'].sum())}. Who comes seldom can owe little."
    ),
    hints=(
        "Two conditions at once: (known['loyalty'] < 0.80) & (…), each in brackets.",
        "known['credit_rating'].isin(['C', 'D']) is true for both poor ratings.",
        "Sum the column exposure of the rows that are left.",
    ),
    minutes=2,
)

# 4.2 -------------------------------------------------------------------------------------------


def _on_credit(*, cash_too: bool = False) -> pd.DataFrame:
    cell = _dangerous(loyal=True)
    return cell if cash_too else cell[cell["terms_days"] > 0]


def _may_leave(cell: pd.DataFrame, *, base: str = "gross_margin", of: str = "revenue") -> float:
    return 100 * (cell["default"] * cell[of]).sum() / cell[base].sum()


CASH_FIRST = Exercise(
    "4.2",
    "Loyal accounts rated C or D on credit: we ask for cash. How much of their gross margin may "
    "leave before the expected default saved is gone?",
    unit="%",
    tolerance=0.2,
    answer=lambda: _may_leave(_on_credit()),
    mistakes=[
        Mistake(
            lambda: _may_leave(_on_credit(), base="revenue"),
            "Who leaves takes gross margin along, not revenue: the goods stay with us "
            "(chapter 03).",
        ),
        Mistake(
            lambda: _may_leave(_on_credit(), of="exposure"),
            "The default rate is a share of a year's credit sales, not of what is owed today.",
        ),
        Mistake(
            lambda: _may_leave(_on_credit(cash_too=True)),
            "Some of them pay cash already (terms_days is 0): there is no default to save.",
        ),
        Mistake(
            lambda: _may_leave(_on_credit(), base="profit"),
            "Who leaves takes the whole gross margin along; the reps' salaries stay (chapter 03).",
        ),
        Mistake(
            lambda: (
                100
                * sum(map(_default_rate, POOR))
                / 2
                * _on_credit()["revenue"].sum()
                / _on_credit()["gross_margin"].sum()
            ),
            "You took the mean of the two rates; C and D do not buy equally much.",
        ),
        Mistake(
            lambda: (_on_credit()["default"] * _on_credit()["revenue"]).sum(),
            "That is the default saved, in yuan; set it against their gross margin.",
        ),
    ],
    insight=(
        "If more than that leaves, the cure costs more than the illness. Poor credit has its "
        "price: their margin pays for the risk, as long as we count it."
    ),
    hints=(
        "Map each rating to its rate: data.finance('default_rate_C') and the same for D.",
        "Rate times revenue, account by account, summed: that is the default of a year.",
        "Divide by the sum of their gross_margin, times 100.",
    ),
    minutes=6,
)

# 4.3 -------------------------------------------------------------------------------------------


def _step(quarters: int) -> pd.Series:
    """Return whether each account would be loyal with so many quarters with an order more."""
    known = computed(_known)
    return known["loyalty"] + quarters / known["quarters"] >= LOYAL - 1e-9


ONE_QUARTER = Exercise(
    "4.3",
    "How many loyal accounts would not be loyal with one quarter with an order less?",
    unit="accounts",
    tolerance=0,
    answer=lambda: int((_step(0) & ~_step(-1)).sum()),
    mistakes=[
        Mistake(
            lambda: int((_step(0) & (computed(_known)["loyalty"] - 1 / 8 < LOYAL)).sum()),
            "Newer accounts had fewer than eight quarters: a quarter less takes more than 1/8 off.",
        ),
        Mistake(
            lambda: int((~_step(-1)).sum()),
            "That counts accounts too that are not loyal now; they cannot lose what they lack.",
        ),
        Mistake(
            lambda: int((~_step(0) & _step(1)).sum()),
            "That is the other way: those who would become loyal with one quarter more.",
        ),
        Mistake(
            lambda: int((_step(1) & ~_step(-1)).sum()),
            "That counts both ways over the cut; the question takes one quarter away.",
        ),
        Mistake(
            lambda: int((_step(0) & _step(-1)).sum()),
            "Those stay loyal; the question asks who would not.",
        ),
        Mistake(
            lambda: int(_step(0).sum()),
            "That is everybody who is loyal now.",
        ),
    ],
    insight=lambda count: (
        f"One lazy quarter, and {percent(count / _step(0).sum())} of the loyal accounts would "
        "stand in another cell. Before you act on a cell, ask how far the account is from its edge."
    ),
    hints=(
        "One quarter less takes 1 / quarters off the loyalty: known['quarters'] has them.",
        "Two conditions: loyal now, and not loyal with one quarter less.",
        "sum() of a mask counts its true rows.",
    ),
    minutes=3,
)

# 4.4 -------------------------------------------------------------------------------------------


def _cells(large: float) -> pd.Series:
    """Return the accounts in each of the eight cells of the cube, empty ones too."""
    known = computed(_known)
    counts = known.groupby(["loyal", known["revenue"] >= large, "poor"]).size()
    return counts.reindex(list(product([False, True], repeat=3)), fill_value=0)


THIN_CELLS = Exercise(
    "4.4",
    "Large begins at 200,000 yuan: how many of the cube's eight cells hold fewer than ten "
    "accounts?",
    unit="cells",
    tolerance=0,
    answer=lambda: int((_cells(200_000) < 10).sum()),
    mistakes=[
        Mistake(
            lambda: int(_cells(200_000).between(1, 9).sum()),
            "A cell without any account is the thinnest of all, and groupby does not list it: "
            "count to eight.",
        ),
        Mistake(
            lambda: int((_cells(LARGE) < 10).sum()),
            "That is the cube above; here large begins at 200,000 yuan.",
        ),
        Mistake(
            lambda: int((_cells(200_000) >= 10).sum()),
            "Those are the cells that are full enough.",
        ),
        Mistake(
            lambda: int(_cells(200_000)[_cells(200_000) < 10].sum()),
            "That is how many accounts stand in thin cells; the question asks for the cells.",
        ),
    ],
    insight="Each handle doubles the cells and halves the accounts in them: a cube of four "
    "handles would have sixteen.",
    hints=(
        "Make the three marks again, large with 200_000, and group by all three.",
        "A cell that nobody is in has no row: how many rows does the result have?",
        "The empty ones are eight less the rows; add those with fewer than ten.",
    ),
    minutes=3,
)

# 4.5 -------------------------------------------------------------------------------------------


def _careers() -> pd.DataFrame:
    """Return revenue of 2023 and 2025 of the accounts that we had when 2023 began."""
    accounts, orders = data.read("accounts"), data.read("orders")
    bought = orders.assign(
        year=orders["date"].dt.year, yuan=orders["quantity"] * orders["unit_price"]
    )
    revenue = bought.pivot_table(index="account_id", columns="year", values="yuan", aggfunc="sum")
    old = accounts[(accounts["opened"] < "2023-01-01") & (accounts["relation"] != "internal")]
    careers = revenue.reindex(old["account_id"])
    return careers[careers[2023] > 0].fillna(0)


def _small() -> pd.Series:
    return computed(_careers)[2023] < LARGE


def _risen() -> pd.Series:
    return _small() & (computed(_careers)[2025] >= LARGE)


def _share_of_risen(whole: pd.Series | None = None, *, year: int = 2025) -> float:
    """Return what the risen ones bought in a year, in % of what the accounts of `whole` bought."""
    bought = computed(_careers)[year]
    return 100 * bought[_risen()].sum() / bought[_small() if whole is None else whole].sum()


RISEN = Exercise(
    "4.5",
    "Of what the small accounts of 2023 bought in 2025, how much did those buy that were large by "
    "then?",
    unit="%",
    tolerance=0.5,
    answer=_share_of_risen,
    mistakes=[
        Mistake(
            lambda: _share_of_risen(_small() | True),
            "You divided by everybody's purchases of 2025; the whole is what the small ones of "
            "2023 bought.",
        ),
        Mistake(
            lambda: 100 * _risen().sum() / _small().sum(),
            "That is their share of the accounts; the question asks for their share of the yuan.",
        ),
        Mistake(
            lambda: _share_of_risen(year=2023),
            "Those are purchases of 2023, when nobody had risen yet; take those of 2025.",
        ),
        Mistake(
            lambda: _share_of_risen(computed(_careers)[2025] >= LARGE),
            "You divided by what all large accounts of 2025 bought; the whole is the small ones "
            "of 2023.",
        ),
    ],
    insight=lambda _: (
        f"{int(_risen().sum())} accounts carry a cell of {int(_small().sum())}. That is why one "
        "looks after small accounts, and why one cannot look after each of them alike."
    ),
    hints=(
        "First keep the accounts below 50,000 yuan in 2023: they are the whole.",
        "Among them, those with 50,000 yuan or more in 2025 are the risen ones.",
        "Both sums are of the column 2025.",
    ),
    minutes=3,
)

# 4.6 and the agents ----------------------------------------------------------------------------


def _agents() -> pd.DataFrame:
    """Return the files of the five agents: one row per territory, as of the end of 2025."""
    cases, table = data.read("cases"), data.read("agents")
    five = cases.loc[cases["case"] == "agent", "account_id"]
    years = table[table["account_id"].isin(five)]
    places = years["sold_in"].str.split("; ").explode().str.split("=", expand=True)
    sold = years.drop(columns="sold_in").join(places.set_axis(["place", "share"], axis="columns"))
    sold["share"] = sold["share"].astype(float)
    now = sold[sold["year"] == 2025]
    abroad = now[now["place"] != now["territory"]]
    files = years[years["year"] == 2025].merge(computed(_profit, 2025), on="account_id")
    files = files.set_index("territory")
    before = years[years["year"] == 2023].set_index("territory")["sales"]
    files["growth"] = files["sales"] / before - 1
    files["reached"] = files["sales"] / files["target"]
    files["outside"] = abroad.groupby("territory")["share"].sum()
    files["taken"] = (abroad["sales"] * abroad["share"]).groupby(abroad["place"]).sum()
    files = files.fillna({"outside": 0.0, "taken": 0.0})
    files["default"] = files["credit_rating"].map(_default_rate)
    files["after_risk"] = files["profit"] - files["default"] * files["sales"]
    files["margin"] = files["gross_margin"] / files["sales"]
    return files


def _ending(
    *, part: float = 0.5, of: str = "Shandong", risk: bool = True, saved: float = 1, ground: int = 1
) -> float:
    """Return what ending Yantai changes in a year like 2025, in yuan, also with faults on demand.

    part: of its sales that goes on with Shandong; of: whose margin and risk these have; risk:
    whether defaults count; saved: what becomes of Yantai's own profit; ground: 1 for all of its
    sales, 0 for those outside its territory alone.
    """
    files = computed(_agents)
    gone, heir = files.loc["Yantai"], files.loc[of]
    followers = part * gone["sales"] * (1 if ground else gone["outside"])
    kept = followers * (heir["margin"] - risk * heir["default"])
    return kept - saved * (gone["after_risk"] if risk else gone["profit"])


ENDING = Exercise(
    "4.6",
    "Lanhe ends Yantai, and half of its sales go on through Shandong: how many yuan better off "
    "are we in a year like 2025?",
    unit="yuan",
    relative=0.005,
    answer=_ending,
    mistakes=[
        Mistake(
            lambda: _ending(saved=0),
            "That is what the followers bring; Yantai's own profit after risk goes as well.",
        ),
        Mistake(
            lambda: _ending(saved=-1),
            "Yantai's profit after risk goes: take it off. A loss taken off is a gain.",
        ),
        Mistake(
            lambda: _ending(part=1),
            "That lets all of its sales go on; half of them do.",
        ),
        Mistake(
            lambda: _ending(ground=0),
            "That is half of what it sold outside its territory; here its own city counts too.",
        ),
        Mistake(
            lambda: _ending(of="Yantai"),
            "The followers buy from Shandong, at Shandong's prices and risk.",
        ),
        Mistake(
            lambda: _ending(risk=False),
            "You left out the defaults, Yantai's and Shandong's.",
        ),
        Mistake(
            lambda: (
                computed(_agents).loc["Yantai", "sales"]
                / 2
                * computed(_agents).loc["Shandong", "margin"]
                - computed(_agents).loc["Yantai", "after_risk"]
            ),
            "Some of what the followers buy is never paid: take Shandong's default rate off its "
            "margin.",
        ),
        Mistake(
            lambda: -computed(_agents).loc["Yantai", "after_risk"],
            "That counts nobody who goes on with Shandong; half of the sales do.",
        ),
        Mistake(
            lambda: (
                computed(_agents).loc["Yantai", "sales"] / 2
                - computed(_agents).loc["Yantai", "after_risk"]
            ),
            "Sales are not what we keep: followers bring Shandong's margin, less its default.",
        ),
    ],
    insight=lambda _: (
        "The half is our guess, so try others. If nobody follows, it is "
        f"{yuan(_ending(part=0))}; each tenth of the sales that follows moves it by "
        f"{yuan(_ending(part=0.1) - _ending(part=0))}."
    ),
    hints=(
        "What goes: files.loc['Yantai', 'after_risk'].",
        "What comes: half of Yantai's sales, times Shandong's margin less its default rate.",
        "Shandong's margin is its gross_margin divided by its revenue.",
    ),
    minutes=5,
)


DECISIONS = ("reward", "support", "watch", "restructure", "end")

# Why a decision is wrong on an agent that is …; figures of its file are put in.
OBJECTIONS = {
    "reward": {
        "abroad": "{outside} of its goods are sold outside its territory: you would reward that.",
        "losing": "It leaves us {left}: a reward would ask for more of the same.",
        "robbed": "It reached {reached} of its target: first ask what holds it back.",
        "growing": "Thanks are due, but a bonus pays for the past. With {growth} more sales in two "
        "years, ask what it could use now.",
        "slack": "It reached {reached} of its target, and rivals have {rival} of its shelf: the "
        "other agents would ask what the reward is for.",
    },
    "support": {
        "abroad": "You would help it to sell where another agent of ours stands.",
        "losing": "It leaves us {left}: each yuan more that we help it to sell loses more.",
        "slack": "Rivals have {rival} of its shelf: our hours would sell their goods as well.",
        "fine": "It does well without our hours: spend them where they change something.",
    },
    "watch": {
        "abroad": "{outside} of its goods went outside its territory, more each year: that has "
        "been watched long enough.",
        "losing": "The file is clear: {left}. Watching costs that much a year.",
        "robbed": "Waiting does not help: another of the five sold {taken} on its ground.",
        "growing": "{growth} more sales in two years, at {left}: what would you wait for?",
        "fine": "On target, on its ground, {left}: what should it still prove?",
    },
    "restructure": {
        "abroad": "Only {own} of its goods stay on its ground, and the whole leaves us {left}: "
        "new terms would have little to stand on.",
        "robbed": "Its own terms work: {left}. What ails it comes from outside.",
        "growing": "Its terms work: {left}, and sales grow. Do not mend that.",
        "slack": "Its terms still earn {left}; the worry is a rival with {rival} of its shelf.",
        "fine": "Its terms earn {left}. Paying {late} days late wants a word, not a new contract.",
    },
    "end": {
        "abroad": "It still earns {left}: give it back its own ground before you give it up.",
        "losing": "Of 100 yuan that it pays, {margin} are left over the goods: before you part, "
        "change what is ours to change.",
        "robbed": "You would end the one whose ground was taken, and leave it to the taker.",
        "growing": "You would give up {left} a year, and growing.",
        "slack": "You would give up {left} a year for fear of a rival.",
        "fine": "You would give up {left} every year.",
    },
}
DEFENCES = {
    "fine": "On target, on its own ground, {left}. Tie the reward to paying on time: today it "
    "pays {late} days late.",
    "growing": "{growth} more sales in two years, on its own ground. Write down what you expect "
    "for the help, and by when.",
    "robbed": "It is short of its target, and another of the five sold {taken} on its ground: "
    "clear that first, then count again.",
    "slack": "Good money today, thin loyalty. Write down now what you will look at: the rivals' "
    "share of its shelf ({rival}), the target, the date.",
    "losing": "It leaves us {left}. Talk of the terms before you talk of loyalty: an agent that "
    "costs us money cannot press us by leaving.",
    "abroad": "It leaves us {left}, with {outside} of its goods on a neighbour's ground: settle "
    "whose customers these are, and collect what it owes.",
}


def situation(territory: str) -> str:
    """Return which line of the chapter's rule fits an agent: the first that does."""
    file = computed(_agents).loc[territory]
    lacking = file["target"] - file["sales"]
    if file["outside"] > 0.5:
        return "abroad"
    if file["after_risk"] < 0:
        return "losing"
    if 0 < lacking <= file["taken"]:
        return "robbed"
    if file["growth"] >= 0.25:
        return "growing"
    return "slack" if lacking > 0 or file["rival_share"] >= 0.25 else "fine"


def decision(territory: str) -> str:
    """Return what the chapter's rule decides on an agent in the loaded world."""
    loses = computed(_agents).loc[territory, "after_risk"] < 0
    return {
        "abroad": "end" if loses else "restructure",
        "losing": "restructure",
        "robbed": "support",
        "growing": "support",
        "slack": "watch",
        "fine": "reward",
    }[situation(territory)]


def _told(text: str, territory: str) -> str:
    """Return a text with the figures of an agent's file in it."""
    file = computed(_agents).loc[territory]
    told = text.format(
        left=f"{yuan(file['after_risk'])} after risk",
        margin=f"{100 * file['margin']:.0f}".replace("-", "−"),
        taken=yuan(file["taken"]),
        late=f"{file['late_days']:.0f}",
        own=percent(1 - file["outside"]),
        outside=percent(file["outside"]),
        reached=percent(file["reached"]),
        growth=percent(file["growth"]),
        rival=percent(file["rival_share"]),
    )
    return told


class WrongDecision:
    """A known mistake: the n-th decision on an agent that is wrong in the loaded world."""

    def __init__(self, territory: str, n: int):
        self._territory, self._n = territory, n

    def answer(self) -> str:
        return [each for each in DECISIONS if each != decision(self._territory)][self._n]

    @property
    def reason(self) -> str:
        objection = OBJECTIONS[self.answer()][situation(self._territory)]
        return _told(objection, self._territory)


def _on_agent(number: int, territory: str) -> Exercise:
    return Exercise(
        f"4.{number}",
        f"What does the rule decide on {territory}?",
        form="a choice",
        choices=DECISIONS,
        answer=lambda: decision(territory),
        mistakes=[WrongDecision(territory, n) for n in range(len(DECISIONS) - 1)],
        insight=lambda _: _told(DEFENCES[situation(territory)], territory),
        hints=(
            "Take the lines of the rule from the top; the first that fits decides.",
            "The table of the five has what you need, and the picture of Shandong's ground.",
        ),
        minutes=2 if number == 7 else 1,  # the first one reads the rule
    )


ON_AGENTS = [
    _on_agent(number, territory)
    for number, territory in enumerate(("Hunan", "Guangxi", "Jiangsu", "Shandong", "Yantai"), 7)
]

# 4.12 ------------------------------------------------------------------------------------------

MEMO = Exercise(
    "4.12",
    "A memo to Mr Zhang, at least 100 words: a decision on each of the five agents, its yuan, how "
    "the quarrel between Yantai and Shandong ends, and what could go wrong",
    form="a memo",
    min_words=100,
    rubric={
        "decides on each agent (reward, support, watch, restructure, end)": (
            *DECISIONS,
            "奖励",
            "支持",
            "观察",
            "整顿",
            "终止",
        ),
        "gives yuan for the decisions": ("yuan", "¥", "rmb", "cny", "元"),
        "settles whose ground Shandong is, and what Yantai sold there": (
            "ground",
            "territor",
            "inside shandong",
            "in shandong",
            "窜货",
            "区域",
        ),
        "names what could go wrong, and when you look again": (
            "risk",
            "wrong",
            "leave",
            "lose",
            "follow",
            "review",
            "风险",
        ),
    },
    hints=(
        "Begin with the quarrel: what Yantai sold in Shandong, and what Shandong lacks.",
        "One line an agent: the decision, the figure that decides, what it costs or brings.",
        "End with what you are least sure of, and the day on which you look again.",
    ),
    minutes=10,
)

EXERCISES = [
    CELL_EXPOSURE,
    CASH_FIRST,
    ONE_QUARTER,
    THIN_CELLS,
    RISEN,
    ENDING,
    *ON_AGENTS,
    MEMO,
]

PREDICTIONS = [
    Prediction(
        "04.poor",
        "Of 100 yuan that customers of a year and more owe us, how many are owed by accounts "
        "rated C or D?",
        unit="yuan",
        low=0,
        high=100,
    ),
    Prediction(
        "04.corner",
        "Of 100 large accounts, how many are not loyal?",
        unit="accounts",
        low=0,
        high=100,
    ),
    Prediction(
        "04.star",
        "Of 100 small accounts that grew during 2023, how many were large in 2025?",
        unit="accounts",
        low=0,
        high=100,
    ),
    Prediction(
        "04.explained",
        "Of 100 yuan that Shandong bought less in 2025 than in 2023, how many can Yantai's sales "
        "there explain at most?",
        unit="yuan",
        low=0,
        high=100,
    ),
]

RECALL = [
    Question(
        "An agent orders in every quarter, and rivals fill half of its shelf. What does our "
        "loyalty by behaviour say?",
        choices=["Half loyal", "Fully loyal: it sees only what we sell", "Not loyal"],
        right="Fully loyal: it sees only what we sell",
        because="Our orders tell that it comes back, and nothing about what it buys elsewhere.",
    ),
    Question(
        "The mean revenue lies far above the median. Where does the natural break in yuan fall?",
        choices=["Near the median", "At a round number", "High, between a few giants and the rest"],
        right="High, between a few giants and the rest",
        because="It minimises squared distances, and the squares of the giants outweigh the rest.",
    ),
    Question(
        "Three accounts stand in a cell, and none loses money. How sure are you of the cell?",
        choices=[
            "Sure: the rate is 0 %",
            "Hardly: with three accounts the true rate may well be a half",
            "Sure, if the cut is natural",
        ],
        right="Hardly: with three accounts the true rate may well be a half",
        because="By plus four the interval reaches from 0 to about 63 %: three accounts say "
        "next to nothing.",
    ),
    Question(
        "Strategic partners are those with a high profit this year. Is it news that their profit "
        "this year is above average?",
        choices=["Yes", "No: the class was made of it", "Only for the loyal ones"],
        right="No: the class was made of it",
        because="Class by what was known before, and judge by what came after.",
    ),
    Question(
        "Of the small accounts of 2023 some were large in 2025. What showed most of them?",
        choices=[
            "Their growth during 2023",
            "The size of the organisation in the file",
            "A second look at the end of 2024",
        ],
        right="A second look at the end of 2024",
        because="Before the rise there is little to see; during it, half a year at the pace of a "
        "large account.",
    ),
    Question(
        "Yantai sold more in Shandong than Shandong lacks to its target. Did it cause all of that?",
        choices=[
            "Yes, the sums say so",
            "At most: only if each of those customers would have bought from Shandong",
            "No, it caused none of it",
        ],
        right="At most: only if each of those customers would have bought from Shandong",
        because="The sum is an upper limit, and against Shandong's own past it covers only a part.",
    ),
    Question(
        "From chapter 03: what does cost to serve count?",
        choices=[
            "Order lines, visits, calls, e-mails and service cases",
            "The goods and the freight",
            "Unpaid bills",
        ],
        right="Order lines, visits, calls, e-mails and service cases",
        because="The goods are in the gross margin already, and unpaid bills are the cost of "
        "credit.",
    ),
]

TERMS = [
    Term("segment grid", "细分矩阵", "xìfēn jǔzhèn", "customers classed by two handles at once"),
    Term("cut", "分界点", "fēnjièdiǎn", "the value at which high begins; at the cut is high"),
    Term(
        "natural break",
        "自然间断点",
        "zìrán jiànduàndiǎn",
        "the cut with the smallest sum of squares within the classes",
    ),
    Term("credit rating", "信用等级", "xìnyòng děngjí", "how far we trust an account to pay"),
    Term("standard error", "标准误", "biāozhǔn wù", "how far chance usually carries a figure"),
    Term("exposure", "风险敞口", "fēngxiǎn chǎngkǒu", "the yuan that an account owes us today"),
    Term("agent", "代理商", "dàilǐshāng", "a firm that sells our goods on in a territory"),
    Term(
        "channel review",
        "渠道评审",
        "qúdào píngshěn",
        "head office looks at its agents and settles what to do with each",
    ),
    Term(
        "selling outside one's territory",
        "窜货",
        "cuànhuò",
        "an agent sells where another one is to sell",
    ),
    Term(
        "strategic partner",
        "战略伙伴",
        "zhànlüè huǒbàn",
        "high value and high loyalty: takes years to make",
    ),
    Term(
        "vendor relation",
        "供应商关系",
        "gōngyìngshāng guānxì",
        "high value, low loyalty: buys much from us, and could from others; to be retained",
    ),
    Term(
        "customer to be developed",
        "待发展客户",
        "dài fāzhǎn kèhù",
        "high loyalty, low value: perhaps the needs are just small",
    ),
    Term(
        "acquaintance",
        "一般相识",
        "yìbān xiāngshí",
        "low value, low loyalty: new, or slipped down; fragile",
    ),
]
