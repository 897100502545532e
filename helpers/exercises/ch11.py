"""Chapter 11, managing customers: reference answers, known mistakes, recall and terms."""

from __future__ import annotations

import pandas as pd

from helpers import churn, data, lifecycle, segments
from helpers.exercises import Exercise, Mistake, Prediction, Question, Term, computed

REP = "R15"  # Yang Ruoxi: with us, and with open deals, in every world
BUYER = {"customer_id_col": "account_id", "datetime_col": "date"}
ON_ROAD = 0.5  # of what the way to a visit costs: time, the rest fares
ON_DEMAND = ["order", "quotation", "delivery", "payment", "stock check", "repair", "complaint"]
ROLES = ["user", "influencer", "decider", "approver", "buyer", "gatekeeper"]
EVERY_DAYS = {"A": 14, "B": 30, "C": 60, "D": 90}
MOST_VISITS, REPAIR_HOURS = 6, 0.5
# Judgements of the chapter, nobody's measurements.
SAVED, AGAIN, BELIEVED, NEWCOMER, CONVINCED = 0.10, 0.7, 0.5, 0.01, 0.05


# What the chapter's first cell and its sections make --------------------------------------------


def _tables() -> dict[str, pd.DataFrame]:
    """Return the tables without our own stores; touches with hours and fares, 2025 apart."""
    accounts = data.read("accounts").set_index("account_id")
    accounts = accounts[accounts["relation"] != "internal"]
    tables = {"accounts": accounts}
    for name in ("orders", "tickets", "touches", "contacts", "assignments"):
        rows = data.read(name)
        tables[name] = rows[rows["account_id"].isin(accounts.index)].copy()
    touches, rates = tables["touches"], _rates()
    talk = touches["minutes"] / 60
    on_visit = talk.where(touches["channel"] == "visit", 0)
    way = rates["visit"] - rates["call"]
    touches["talk"] = talk
    touches["hours"] = talk + ON_ROAD * on_visit * way / rates["call"]
    touches["fares"] = (1 - ON_ROAD) * on_visit * way
    tables["year"] = touches[touches["date"].dt.year == 2025]
    orders = tables["orders"]
    products = data.read("products").set_index("sku")
    unit_cost = orders["sku"].map(products["unit_cost"])
    orders["margin"] = orders["quantity"] * (orders["unit_price"] - unit_cost)
    orders["product_line"] = orders["sku"].map(products["line"])
    return tables


def _table(name: str) -> pd.DataFrame:
    return computed(_tables)[name]


def _rates() -> pd.Series:
    return data.read("cost_rates").set_index("activity")["yuan"]


def _hers() -> pd.Series:
    assignments = _table("assignments")
    now = assignments["end"].isna() & (assignments["rep_id"] == REP)
    return assignments.loc[now, "account_id"]


def _profit() -> pd.DataFrame:
    table = segments.account_profit(
        _table("orders"),
        data.read("products"),
        _table("touches"),
        _table("tickets"),
        data.read("cost_rates"),
        cost_of_capital=data.finance("cost_of_capital"),
        start="2025-01-01",
        end="2025-12-31",
    ).set_index("account_id")
    table["tier"] = segments.value_tiers(table["revenue"]).astype(str)
    return table


def _signs_on(day: pd.Timestamp) -> pd.DataFrame:
    names = ("orders", "tickets", "contacts", "touches")
    return lifecycle.warning_signs(*map(_table, names), as_of=day)


def _customers() -> pd.DataFrame:
    """Return all that still buy: signs, tier, last_touch, last_order, and whose they are."""
    signs = computed(_signs_on, data.AS_OF)
    table = pd.DataFrame({"signs": signs.sum(axis="columns")})
    table["tier"] = computed(_profit)["tier"]
    table["tier"] = table["tier"].fillna("D")
    table["last_touch"] = _table("touches").groupby("account_id")["date"].max()
    table["last_order"] = _table("orders").groupby("account_id")["date"].max()
    return table.assign(hers=table.index.isin(_hers()))


def _past() -> pd.DataFrame:
    """Return seven quarter ends: signs up (3: three or more), and lost half a year later."""
    rehearsals = []
    for day in pd.date_range("2023-12-31", "2025-06-30", freq="QE"):
        end = churn.silent_losses(
            _table("orders"),
            **BUYER,
            observation_period_end=day + pd.Timedelta(days=182),
            least_days=90,
            without_cycle_days=180,
        ).set_index("account_id")
        up = _signs_on(day).sum(axis="columns").clip(upper=3)
        rehearsals.append(pd.DataFrame({"signs": up, "lost": end["lost"].reindex(up.index)}))
    return pd.concat(rehearsals)


def _years() -> float:
    stay = (1 - computed(_past)["lost"].mean()) ** 2
    rate = data.finance("cost_of_capital")
    return lifecycle.constant_value(margin=1, retention=stay, discount_rate=rate)


def _mine() -> pd.DataFrame:
    """Return the rep's customers: the year's profit and margin, stake, signs and risk."""
    signs = computed(_signs_on, data.AS_OF).sum(axis="columns")
    signs = signs[signs.index.isin(_hers())]
    table = computed(_profit).reindex(signs.index).fillna({"tier": "D"}).fillna(0)
    year = _table("year")
    amount = year["talk"].where(year["channel"] != "email", 1)
    contact = (amount * year["channel"].map(_rates())).groupby(year["account_id"]).sum()
    table["stake"] = table["profit"] + contact.reindex(table.index).fillna(0)
    past = computed(_past)
    risk = churn.loss_rate(past["lost"], by=past["signs"])["rate"]
    return table.assign(signs=signs, risk=signs.clip(upper=3).map(risk))


def _visit() -> pd.Series:
    """Return the mean hours and fares of a visit in 2025."""
    year = _table("year")
    return year.loc[year["channel"] == "visit", ["hours", "fares"]].mean()


def _free_hours() -> float:
    touches, year = _table("touches"), _table("year")
    quarter = touches.loc[touches["date"] >= "2025-10-01", "hours"].sum()
    asked = (year["phase"] == "service") & year["topic"].isin(ON_DEMAND)
    chosen = year.loc[~asked, "hours"].sum() / year["hours"].sum()
    return quarter / data.read("reps")["left"].isna().sum() * chosen


# The options ------------------------------------------------------------------------------------


def _gaps() -> dict[str, float]:
    """Return, by role, how much more often deals are won with it met, at equal age (01)."""
    deals, accounts = data.read("deals"), data.read("accounts").set_index("account_id")
    opened = deals["account_id"].map(accounts["opened"])
    closed = deals[(deals["result"] != "open") & opened.notna()]
    age = pd.qcut((closed["closed"] - closed["opened"]).dt.days, 3, labels=False)
    gaps = {}
    for role in ROLES:
        met = closed["roles_met"].str.contains(role, na=False)
        won = (closed["result"] == "won").groupby([met, age]).mean()
        gaps[role] = (won[True] - won[False]).mean()
    return gaps


def _uplift() -> tuple[float, float]:
    """Return the share of orders that a repair keeps more than nothing, by lot; and its cost."""
    cases = data.read("recoveries")
    cases = cases[(cases["assigned"] == "random") & (cases["date"] <= "2025-11-01")]
    cost = cases.loc[cases["treatment"] == "repair", "cost"].mean()
    cases = cases.merge(_table("tickets")[["ticket_id", "account_id"]])
    once = _table("orders").drop_duplicates("order_id")[["account_id", "date"]]
    pairs = cases.merge(once, on="account_id", suffixes=("", "_order"))
    age = (pairs["date_order"] - pairs["date"]).dt.days
    after = pairs[age.between(1, 60)].groupby("treatment").size()
    before = pairs[age.between(-60, -1)].groupby("treatment").size()
    kept = after / before
    return kept["repair"] - kept["nothing"], cost


def _options() -> pd.DataFrame:
    parts = [_visits(), _wins(), _repairs(), _prospects()]
    options = pd.concat([part for part in parts if len(part)]).set_index("option")
    return options.assign(brings=options["margin"] - options["yuan"])


def _visits() -> pd.DataFrame:
    mine, visit = computed(_mine), _visit()
    saves = mine["stake"] * mine["risk"] * SAVED * computed(_years)
    rows = [
        {
            "option": f"{account}: visit {turn}",
            "account_id": account,
            "margin": saves[account] * AGAIN ** (turn - 1),
            "hours": visit["hours"],
            "yuan": visit["fares"],
        }
        for account in mine.index
        for turn in range(1, MOST_VISITS + 1)
    ]
    return pd.DataFrame(rows)


def _wins() -> pd.DataFrame:
    gaps = pd.Series(computed(_gaps)).sort_values(ascending=False)
    deals, touches = data.read("deals"), _table("touches")
    profit = computed(_profit)
    own_rate = profit["gross_margin"] / profit["revenue"]
    rate = profit["gross_margin"].sum() / profit["revenue"].sum()  # of those without their own
    person = touches.groupby(["deal_id", "contact_id"])[["hours", "fares"]].sum().mean()
    ours = deals[(deals["result"] == "open") & deals["account_id"].isin(_hers())]
    rows = [
        {
            "option": f"{deal['deal_id']}: {role}",
            "account_id": deal["account_id"],
            "margin": gaps[role]
            * deal["value"]
            * own_rate.get(deal["account_id"], rate)
            * BELIEVED,
            "hours": person["hours"],
            "yuan": person["fares"],
        }
        for deal in ours.to_dict("records")
        for role in [each for each in gaps.index if each not in str(deal["roles_met"])][:2]
    ]
    return pd.DataFrame(rows)


def _repairs() -> pd.DataFrame:
    mine, tickets, (uplift, cost) = computed(_mine), _table("tickets"), computed(_uplift)
    lately = tickets[(tickets["opened"] >= "2025-10-01") & (tickets["kind"] != "inquiry")]
    failed = mine[mine.index.isin(lately["account_id"])]
    return pd.DataFrame(
        {
            "option": failed.index + ": repair",
            "account_id": failed.index,
            "margin": uplift * failed["gross_margin"] * 60 / 365,
            "hours": REPAIR_HOURS,
            "yuan": cost,
        }
    )


def _prospects() -> pd.DataFrame:
    accounts, orders, visit = _table("accounts"), _table("orders"), _visit()
    opened = orders["account_id"].map(accounts["opened"])
    new = opened.between("2023-01-01", "2024-12-31")
    young = new & ((orders["date"] - opened).dt.days < 365)
    first_year = orders[young].groupby("account_id")["margin"].sum().mean()
    prospects = [each for each in _hers() if pd.isna(accounts.loc[each, "opened"])]
    rows = [
        {
            "option": f"{account}: first visit",
            "account_id": account,
            "margin": NEWCOMER * first_year * computed(_years),
            "hours": visit["hours"],
            "yuan": visit["fares"],
        }
        for account in prospects
    ]
    return pd.DataFrame(rows)


def _allocated(hours: float) -> segments.Allocation:
    return segments.allocate(computed(_options), value_col="brings", limits={"hours": hours})


# 11.1 -------------------------------------------------------------------------------------------


def _quarter(*, whose: str = "rep", column: str = "hours", start: str = "2025-10-01") -> float:
    touches = _table("touches").assign(entries=1)
    rows = touches[touches["date"] >= start]
    if whose == "rep":
        rows = rows[rows["rep_id"] == REP]
    return float(rows[column].sum())


def _last_quarters() -> float:
    touches = _table("touches")
    hers = (touches["rep_id"] == REP) & (touches["date"].dt.month >= 10)
    return float(touches.loc[hers, "hours"].sum())


def _way_for_all() -> float:
    rates = _rates()
    return _quarter(column="talk") * (1 + ON_ROAD * (rates["visit"] / rates["call"] - 1))


FIELD_HOURS = Exercise(
    "11.1",
    "How many field hours, way included, does Yang Ruoxi's diary show from October to December "
    "2025?",
    unit="hours",
    tolerance=0.5,
    answer=_quarter,
    mistakes=[
        Mistake(
            lambda: _quarter(column="talk"),
            "That is talk alone: the hours on the road are missing. Add up hours.",
        ),
        Mistake(
            lambda: _quarter(column="minutes"),
            "Those are minutes; and the way is missing. Add up hours.",
        ),
        Mistake(
            lambda: _quarter(start="2025-01-01"),
            "That is the whole year; the last quarter begins on 1 October.",
        ),
        Mistake(lambda: _quarter(whose="team"), "That is the team; take rep_id R15."),
        Mistake(
            lambda: _quarter(start="2023-01-01"),
            "All three years are in there: the last quarter begins on 1 October 2025.",
        ),
        Mistake(
            _last_quarters,
            "That is the last quarter of all three years: October to December 2025 alone.",
        ),
        Mistake(
            lambda: _quarter(column="entries"), "Those are entries of the diary: add up hours."
        ),
        Mistake(_way_for_all, "You put calls and emails on the road too; only visits have a way."),
        Mistake(
            lambda: _quarter() / 3, "That is a month of the quarter; the question asks for it all."
        ),
    ],
    insight=lambda hours: (
        f"We pay for {data.finance('rep_field_hours') / 4:.0f}. "
        + (
            "She has no hour to spare, and did she choose where they went?"
            if hours > data.finance("rep_field_hours") / 4
            else "The rest is in no diary: waiting, reports, or nothing. Do not plan with hours "
            "that nobody has seen."
        )
    ),
    hints=(
        "touches has the columns rep_id, date and hours.",
        "touches[(touches['rep_id'] == 'R15') & (touches['date'] >= '2025-10-01')]",
    ),
    minutes=3,
)

# 11.2 -------------------------------------------------------------------------------------------


def _forgotten(
    *,
    hers: bool = True,
    warned: int = 1,
    days: int = 30,
    last: str = "last_touch",
    late: bool = True,
) -> set[str]:
    table = computed(_customers)
    silent = ~(table[last] >= data.AS_OF - pd.Timedelta(days=days))
    picked = (table["signs"] >= warned) & (silent == late)
    return set(table.index[picked & (table["hers"] | (not hers))])


FORGOTTEN = Exercise(
    "11.2",
    "Which of Yang Ruoxi's customers show at least one warning sign, and nobody has spoken to "
    "them for more than 30 days, or ever?",
    form="a set of ids",
    key="account_id",
    answer=_forgotten,
    mistakes=[
        Mistake(
            lambda: _forgotten(hers=False),
            "Those are the customers of all reps: take those whose rep is Yang Ruoxi.",
        ),
        Mistake(
            lambda: _forgotten(warned=0), "Some of these show no sign: warnings is an empty text."
        ),
        Mistake(
            lambda: _forgotten(warned=2),
            "Those show two signs or more; one is enough here.",
        ),
        Mistake(
            lambda: _forgotten(days=0),
            "That is whoever is warned, however lately we spoke to them.",
        ),
        Mistake(
            lambda: _forgotten(late=False),
            "Those are warned, and somebody has spoken to them: turn the date round.",
        ),
        Mistake(
            lambda: _forgotten(last="last_order"),
            "You counted since their last order; the question counts since our last word.",
        ),
        Mistake(lambda: _forgotten(days=60), "That is two months; the rule says one."),
    ],
    insight="Two tables know it, and neither says it alone: signs come from orders and cases, the "
    "silence from the diary. That is what joining is for.",
    hints=(
        "file has rep, warnings (an empty text: none) and last_touch (empty: never).",
        "late = ~(file['last_touch'] >= data.AS_OF - pd.Timedelta(days=30)) keeps empty dates in.",
        "file.index[(file['rep'] == 'Yang Ruoxi') & (file['warnings'] != '') & late]",
    ),
    minutes=4,
)

# 11.3 -------------------------------------------------------------------------------------------


def _rule_hours(
    *, whose: str = "hers", each: str = "hours", days: int = 91, warned: bool = False
) -> float:
    table = computed(_customers)
    if whose == "hers":
        table = table[table["hers"]]
    turn = table["tier"].map(EVERY_DAYS)
    visits = (days / turn.mask(warned & (table["signs"] > 0), 7)).sum()
    year = _table("year")
    per_visit = {
        "hours": _visit()["hours"],
        "talk": year.loc[year["channel"] == "visit", "talk"].mean(),
        "call": year.loc[year["channel"] == "call", "hours"].mean(),
        "touch": year["hours"].mean(),
        "visits": 1,
    }
    return float(visits * per_visit[each])


def _rule_days() -> float:
    table = computed(_customers)
    return float(table.loc[table["hers"], "tier"].map(EVERY_DAYS).sum())


RULE_HOURS = Exercise(
    "11.3",
    "How many field hours in a quarter of 91 days does the rule ask of Yang Ruoxi, if each turn is "
    "a visit? Warnings not counted.",
    unit="hours",
    tolerance=0.1,
    answer=_rule_hours,
    mistakes=[
        Mistake(
            lambda: _rule_hours(each="visits"),
            "Those are visits; times visit_hours they are hours.",
        ),
        Mistake(
            lambda: _rule_hours(each="talk"),
            "That is the talk of a visit alone: the hours on the road are missing.",
        ),
        Mistake(
            lambda: _rule_hours(whose="all"),
            "Those are the customers of all reps: take Yang Ruoxi's.",
        ),
        Mistake(
            lambda: _rule_hours(each="call"), "That is the time of calls; each turn is a visit."
        ),
        Mistake(
            lambda: _rule_hours(each="touch"),
            "That is the mean of all touches, calls and emails too; each turn is a visit.",
        ),
        Mistake(lambda: _rule_hours(days=365), "That is a year; the question asks for 91 days."),
        Mistake(_rule_days, "Those are the days between turns, added up: divide 91 by each."),
        Mistake(
            lambda: _rule_days() * _visit()["hours"],
            "You added up the days between turns: divide 91 by each, then add.",
        ),
        Mistake(
            lambda: _rule_hours(warned=True),
            "You gave warned ones a turn every 7 days; the question leaves warnings out.",
        ),
        Mistake(
            lambda: computed(_customers)["hers"].sum() * _visit()["hours"],
            "That is one visit for each customer; tier A has its turn more often than D.",
        ),
    ],
    insight=lambda hours: (
        f"By choice a usual rep has about {computed(_free_hours):.0f} hours a quarter (section 3). "
        + (
            "A rule that nobody can keep is a wish: it decides whom we fail, not whom we see."
            if hours > computed(_free_hours)
            else "This rule can be kept, if it gets every one of them."
        )
    ),
    hints=(
        "A tier's customer has 91 / every_days[tier] turns in a quarter.",
        "turns = 91 / hers_file['tier'].map(every_days)",
        "turns.sum() × visit_hours",
    ),
    minutes=4,
)

# 11.4 -------------------------------------------------------------------------------------------


def _tenth(rank: int = 10) -> pd.Series:
    return computed(_mine).nlargest(rank, "stake").iloc[-1]


def _must_save(
    *, fares: bool = True, hours: bool = True, risk: bool = True, years: bool = True,
    rank: int = 10, hour: str = "call", of: str = "stake",
) -> float:  # fmt: skip
    customer, visit = _tenth(rank), _visit()
    cost = fares * visit["fares"] + hours * visit["hours"] * _rates()[hour]
    at_stake = customer[of] * (customer["risk"] if risk else 1)
    return 100 * cost / (at_stake * (computed(_years) if years else 1))


MUST_SAVE = Exercise(
    "11.4",
    "What share of the expected loss must a visit to the customer tenth in stake save, so that its "
    "fares and its hours are paid?",
    unit="%",
    tolerance=0.06,
    answer=_must_save,
    mistakes=[
        Mistake(lambda: _must_save(fares=False), "The fares are missing: they are paid too."),
        Mistake(
            lambda: _must_save(hours=False),
            "The hours are missing: each costs rates['call'] yuan, whoever sits in them.",
        ),
        Mistake(
            lambda: _must_save(risk=False),
            "You saved a customer who is sure to leave; this one leaves with the chance risk.",
        ),
        Mistake(
            lambda: _must_save(years=False),
            "That counts one year; who is saved brings the stake for as long as in years.",
        ),
        Mistake(
            lambda: _must_save(rank=1),
            "That is the customer with the largest stake; the question takes the tenth.",
        ),
        Mistake(lambda: _must_save() / 100, "That is a share of 1; say it in percent."),
        Mistake(
            lambda: _must_save() / SAVED,
            "You divided by saved too: the question asks what saved would have to be.",
        ),
        Mistake(
            lambda: _must_save(hour="visit"),
            "rates['visit'] has the way in it, and visit['hours'] has it too: an hour costs "
            "rates['call'].",
        ),
        Mistake(
            lambda: _must_save(of="profit"),
            "profit has paid for last year's visits and calls; take stake.",
        ),
        Mistake(
            lambda: _visit()["fares"] + _visit()["hours"] * _rates()["call"],
            "That is what a visit costs, in yuan: of the expected loss, how many percent is it?",
        ),
        Mistake(
            lambda: 1e4 / _must_save(), "Turned round: cost stands above, what is at risk below."
        ),
        Mistake(
            lambda: (
                100
                * (_visit()["fares"] + _visit()["hours"])
                * 1.0
                / (_tenth()["stake"] * _tenth()["risk"] * computed(_years))
            ),
            "Hours were added to yuan: turn them into yuan with rates['call'] first.",
        ),
    ],
    insight=lambda percent: (
        "We guess one in ten. "
        + (
            "Not even saving everybody would pay: care for this customer by telephone."
            if percent > 100
            else "So for this customer the visit does not pay, unless it is for something else."
            if percent > 100 * SAVED
            else "So even the tenth is worth a visit, if the guess is right."
        )
        + " Break-even asks what you would have to believe: better than an argument about beliefs."
    ),
    hints=(
        "A visit costs visit['fares'] yuan and visit['hours'] hours at rates['call'] yuan.",
        "Without a visit we expect to lose stake × risk × years.",
        "Cost ÷ expected loss, times 100.",
    ),
    minutes=4,
)

# 11.6 -------------------------------------------------------------------------------------------


def _missing_line() -> tuple[str, str, float]:
    """Return the rep's largest customer that lacks a line, the line, and the line's share.

    Of several missing lines, the one with the largest share of the margin of those who buy it.
    """
    orders, mine = _table("orders"), computed(_mine)
    year = orders[orders["date"].dt.year == 2025]
    bought = year.pivot_table(
        index="account_id", columns="product_line", values="margin", aggfunc="sum"
    )
    total = bought.sum(axis="columns")
    share = bought.sum() / bought.notna().mul(total, axis="index").sum()
    lacks = bought.loc[bought.index.isin(mine.index) & bought.isna().any(axis="columns")]
    customer = mine.loc[lacks.index, "gross_margin"].idxmax()
    line = share[bought.loc[customer].isna()].idxmax()
    return customer, line, float(share[line])


def _demonstration(
    *, fares: bool = True, hours: bool = True, years: bool = True, share: bool = True,
    chance: float = CONVINCED,
) -> float:  # fmt: skip
    customer, _, of_margin = computed(_missing_line)
    visit = _visit()
    margin = computed(_mine).loc[customer, "gross_margin"] * (of_margin if share else 1)
    net = chance * margin * (computed(_years) if years else 1) - fares * visit["fares"]
    return net / (visit["hours"] if hours else 1)


DEMONSTRATION = Exercise(
    "11.6",
    "How many yuan does an hour of the demonstration bring, fares paid?",
    unit="yuan per hour",
    tolerance=1,
    answer=_demonstration,
    mistakes=[
        Mistake(lambda: _demonstration(fares=False), "The fares are missing: subtract them."),
        Mistake(
            lambda: _demonstration(hours=False),
            "That is what it brings in all; divide by the hours that it takes.",
        ),
        Mistake(
            lambda: _demonstration(years=False),
            "That counts one year; the line stays as long as the customer: times years.",
        ),
        Mistake(
            lambda: _demonstration(share=False),
            "That is a chance of the whole margin; the new line would bring line_share of it.",
        ),
        Mistake(
            lambda: _demonstration() - _rates()["call"],
            "You paid the hour as well: leave that to the comparison with the price of an hour.",
        ),
        Mistake(
            lambda: _demonstration(chance=1),
            "That is if the customer is convinced; one in twenty is.",
        ),
        Mistake(
            lambda: _demonstration(chance=SAVED),
            "You took one in ten, the share that a visit saves; here it is one in twenty.",
        ),
    ],
    insight=lambda per_hour: (
        f"The last hour of the best plan brings {computed(_shadow_price):.0f} yuan. "
        + (
            "This one brings more: it belongs in the plan, in place of the last visit."
            if per_hour > computed(_shadow_price)
            else "This one brings less: leave it, until hours are plenty."
        )
        + " A price for hours lets you judge a new idea without making the plan anew."
    ),
    hints=(
        "Margin of the new line in a year: wide['gross_margin'] × line_share.",
        "Times the chance, times years, less visit['fares'].",
        "Divide by visit['hours'].",
    ),
    minutes=4,
)

# 11.5 -------------------------------------------------------------------------------------------


def _shadow_price() -> float:
    return float(_allocated(computed(_free_hours)).shadow_price["hours"])


def _more(hours: float = 10) -> float:
    free = computed(_free_hours)
    return _allocated(free + hours).value - _allocated(free).value


TEN_HOURS = Exercise(
    "11.5",
    "Ten more hours: how many yuan more does the best plan bring?",
    unit="yuan",
    tolerance=1,
    answer=_more,
    mistakes=[
        Mistake(
            lambda: 10 * computed(_shadow_price),
            "Ten times the shadow price: true for one hour more, and too much for ten. The best is "
            "done first, so ask the programme again.",
        ),
        Mistake(
            lambda: _allocated(computed(_free_hours) + 10).value,
            "That is what the larger plan brings in all; subtract what the present one does.",
        ),
        Mistake(lambda: computed(_shadow_price), "That is what one more hour brings: ask for ten."),
        Mistake(lambda: _more() / 10, "That is per hour; the question asks for all ten."),
        Mistake(
            lambda: _more(computed(_free_hours)),
            "You doubled the hours; the question adds ten.",
        ),
        Mistake(
            lambda: _more() - 10 * _rates()["call"],
            "You paid the ten hours already: the question asks what the plan brings more.",
        ),
        Mistake(
            lambda: _allocated(10).value,
            "That is the best plan of ten hours; the question adds ten to those that she has.",
        ),
        Mistake(lambda: -_more(-10), "That is what ten hours less would cost us; add ten."),
        Mistake(
            lambda: 10 * _allocated(computed(_free_hours)).value / computed(_free_hours),
            "Ten hours at the mean of the plan: the next hours bring less than the first.",
        ),
    ],
    insight=lambda yuan: (
        f"Ten hours of a rep cost {10 * _rates()['call']:,.0f} yuan. "
        + (
            "So they pay; the next ten bring less again."
            if yuan > 10 * _rates()["call"]
            else "So they do not pay: before you hire, look at what fills the hours that we have."
        )
    ),
    hints=(
        "best_of(hours) gives the best plan; its .value is what it brings.",
        "best_of(hours + 10).value less best_of(hours).value",
    ),
    minutes=3,
)

# 11.7 -------------------------------------------------------------------------------------------

MEMO = Exercise(
    "11.7",
    "A memo to Mr Zhang, at least 80 words: Yang Ruoxi's next quarter",
    form="a memo",
    min_words=80,
    rubric={
        "says whom she sees, how often, and whom she does not see": (
            "visit",
            "see ",
            "sees",
            "phone",
            "拜访",
            "电话",
        ),
        "gives what the plan should bring, with its range": (
            "expect",
            "range",
            "between",
            "yuan",
            "预计",
            "元",
        ),
        "says what one more hour is worth and whether to hire": (
            "hour",
            "hire",
            "shadow",
            "小时",
            "影子",
        ),
        "names a judgement in it, and how the quarter will teach us more": (
            "judge",
            "guess",
            "assum",
            "by lot",
            "learn",
            "measure",
            "假设",
            "随机",
        ),
    },
    hints=(
        "Begin with the names in plan: who, how often, by when.",
        "Then the money: brings, and its range when the numbers are wrong.",
        "End with one judgement, and with a lot that will test it.",
    ),
    minutes=8,
)

EXERCISES = [FIELD_HOURS, FORGOTTEN, RULE_HOURS, MUST_SAVE, TEN_HOURS, DEMONSTRATION, MEMO]

PREDICTIONS = [
    Prediction(
        "11.hours",
        "Of 100 field hours, how many go to accounts of tier D, or to those that bought nothing "
        "all year?",
        unit="hours",
    ),
    Prediction(
        "11.unseen",
        "Of 100 of her customers, how many does the best plan leave without a visit?",
        unit="customers",
    ),
    Prediction(
        "11.kept",
        "If each number is wrong by a factor of 3, how much of the lead over planning by customer "
        "group is left?",
        unit="%",
    ),
]

RECALL = [
    Question(
        "Which of these is dynamic data of a customer file?",
        choices=["The province", "The day of the last inquiry", "The number of employees"],
        right="The day of the last inquiry",
        because="Static data are the profile; dynamic data are inquiries, purchases, service.",
    ),
    Question(
        "A customer brings most yuan of margin. Does he get the next hour?",
        choices=[
            "Yes: he is the best",
            "Only if the next hour with him brings most",
            "No: he buys anyway",
        ],
        right="Only if the next hour with him brings most",
        because="Not the yuan that he brings count, but those that one more hour brings.",
    ),
    Question(
        "The shadow price of an hour is 90 yuan; an hour costs 200. What follows?",
        choices=["Hire a rep", "Do not add hours", "Work ten hours more"],
        right="Do not add hours",
        because="One more hour would bring 90 and cost 200.",
    ),
    Question(
        "A plan uses 40 of 60 hours and all of its yuan. What is the shadow price of an hour?",
        right=0,
        unit="yuan",
        tolerance=0,
        because="What is left over is worth nothing more: the yuan are scarce, not the hours.",
    ),
    Question(
        "The linear programme beats the other plans. What does that prove?",
        choices=[
            "That its numbers are right",
            "Nothing yet: it wins on its own numbers",
            "That quotas are wrong",
        ],
        right="Nothing yet: it wins on its own numbers",
        because="It is made to. Judge it again when the numbers are wrong.",
    ),
    Question(
        "Visits A, B and C take 2, 4 and 1 hours and bring 300, 400 and 200 yuan. Which first?",
        choices=["A", "B", "C"],
        right="C",
        because="Yuan per hour: 150, 100 and 200.",
    ),
    Question(
        "From chapter 10: of customers at risk, whom do we call first?",
        choices=[
            "Those with the highest risk",
            "Those with the highest value",
            "Those with the highest risk × value",
        ],
        right="Those with the highest risk × value",
        because="Each alone misses what is at stake. Here the hours come under the line as well.",
    ),
]

TERMS = [
    Term("static data", "静态数据", "jìngtài shùjù", "what a customer is: the profile"),
    Term("dynamic data", "动态数据", "dòngtài shùjù", "what passes: inquiries, purchases, service"),
    Term(
        "customer relationship management",
        "客户关系管理",
        "kèhù guānxì guǎnlǐ",
        "a concept, a system and a strategy, CRM for short",
    ),
    Term("care by rule", "规则关怀", "guīzé guānhuái", "a word to customers, due by a rule"),
    Term("emotional account", "情感账户", "qínggǎn zhànghù", "kindness paid in before one draws"),
    Term("resource allocation", "资源配置", "zīyuán pèizhì", "what is scarce, given to some"),
    Term("marginal return", "边际回报", "biānjì huíbào", "what the next hour or yuan brings"),
    Term(
        "linear programme",
        "线性规划",
        "xiànxìng guīhuà",
        "the best choice where effects and limits add up",
    ),
    Term("shadow price", "影子价格", "yǐngzi jiàgé", "what one more unit of a limit would bring"),
]
