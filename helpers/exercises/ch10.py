"""Chapter 10, early warning: reference answers, known mistakes, recall, terms and claims."""

from __future__ import annotations

import numpy as np
import pandas as pd

from helpers import churn, data, lifecycle
from helpers.exercises import Claim, Exercise, Mistake, Prediction, Question, Term, computed

BUYER = {"customer_id_col": "account_id", "datetime_col": "date"}
GONE = {"least_days": 90, "without_cycle_days": 180}  # the rule at which chapter 06 arrives
CALL_HOURS = 2  # of a rep, for a call and its preparation
SAVE_RATE = 0.10  # of the leavers whom a call reaches: an assumption of the chapter
HORIZON = pd.Timedelta(days=182)
SIGNS = ("gap", "basket", "tickets", "contact", "diary")


# What an answer to a failure brings -------------------------------------------------------------


def _all_answers() -> pd.DataFrame:
    """Return the recoveries with the orders in the 60 days before and after each."""
    owner = data.read("tickets")[["ticket_id", "account_id"]]
    answers = data.read("recoveries").merge(owner)
    return _with_orders(answers[answers["date"] <= "2025-11-01"])


def _with_orders(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows (account_id, date) with the orders of the 60 days before and after."""
    orders = data.read("orders").drop_duplicates("order_id")[["account_id", "date"]]
    table = rows.reset_index(drop=True).rename_axis("row")
    pairs = table.reset_index().merge(orders, on="account_id", suffixes=("", "_order"))
    age = (pairs["date_order"] - pairs["date"]).dt.days
    for name, span in (("before", (-60, -1)), ("after", (1, 60))):
        counts = pairs[age.between(*span)].groupby("row").size()
        table[name] = counts.reindex(table.index, fill_value=0)
    return table


def _answered(treatment: str, assigned: str = "random") -> pd.DataFrame:
    table = computed(_all_answers)
    chosen = table["assigned"].isin(["random", "chosen"] if assigned == "both" else [assigned])
    return table[chosen & (table["treatment"] == treatment)]


def _after(treatment: str, assigned: str = "random") -> float:
    return float(_answered(treatment, assigned)["after"].mean())


def _cost(treatment: str) -> float:
    return float(_answered(treatment)["cost"].mean())


def _priced_orders() -> pd.DataFrame:
    orders = data.read("orders")
    unit_cost = orders["sku"].map(data.read("products").set_index("sku")["unit_cost"])
    yuan = orders["quantity"] * orders["unit_price"]
    return orders.assign(yuan=yuan, margin=yuan - orders["quantity"] * unit_cost)


def _per_order() -> float:
    orders = computed(_priced_orders)
    return float(orders["margin"].sum() / orders["order_id"].nunique())


def _brings(treatment: str = "repair", *, against: str = "nothing", assigned="random") -> float:
    """Return yuan per case that a treatment brings more than another, after its cost."""
    more = _after(treatment, assigned) - (_after(against, assigned) if against else 0)
    return more * _per_order() - _cost(treatment)


def _brings_beyond_before() -> float:
    grew = [(t["after"] - t["before"]).mean() for t in map(_answered, ("repair", "nothing"))]
    return (grew[0] - grew[1]) * _per_order() - _cost("repair")


def _give_or_take() -> float:
    """Return the range of REPAIR_BRINGS to each side: two standard errors."""
    errors = [_answered(name)["after"].sem() for name in ("repair", "nothing")]
    return 2 * float(np.hypot(*errors)) * _per_order()


def _kept(rows: pd.DataFrame) -> tuple[float, float]:
    """Return orders after by orders before, and half the range that fits (resampled)."""
    counts = rows[["before", "after"]].to_numpy()
    draws = np.random.default_rng(0).integers(0, len(counts), (1000, len(counts)))
    before, after = counts[draws].sum(axis=1).T
    low, high = np.quantile(after / np.maximum(before, 1), [0.025, 0.975])
    return counts[:, 1].sum() / counts[:, 0].sum(), (high - low) / 2


REPAIR_BRINGS = Exercise(
    "10.1",
    "In the trial by lot, how many yuan does a quick repair bring per case more than nothing, "
    "once its own cost is paid?",
    unit="yuan per case",
    tolerance=3,
    answer=_brings,
    mistakes=[
        Mistake(
            lambda: _brings(assigned="chosen"),
            "Those are the cases in which the rep chose: they differ before anything was done. "
            "Take assigned 'random'.",
        ),
        Mistake(
            lambda: _brings(assigned="both"),
            "Both kinds of cases are in there: only the lot makes the groups alike.",
        ),
        Mistake(
            lambda: _brings() + _cost("repair"),
            "The repair itself is not paid yet: subtract its mean cost.",
        ),
        Mistake(
            lambda: _brings(against=""),
            "That credits the repair with every order: who got nothing ordered as well. "
            "Subtract what they did.",
        ),
        Mistake(
            lambda: _brings("discount"),
            "That is the discount; the question is about the repair.",
        ),
        Mistake(
            lambda: _brings(against="apology"),
            "That is against an apology; the question compares with nothing.",
        ),
        Mistake(
            lambda: (
                (_answered("repair")["after"] - _answered("repair")["before"]).mean() * _per_order()
                - _cost("repair")
            ),
            "That compares the repaired with their own busy time before. The lot offers better "
            "company: those who got nothing.",
        ),
        Mistake(
            _brings_beyond_before,
            "You also took off what they ordered before. A good thought with so small a lot, but "
            "another number: the question compares after alone.",
        ),
        Mistake(
            lambda: _brings() + 2 * _cost("repair"),
            "The repair's cost was added; it is paid, so subtract it.",
        ),
        Mistake(
            lambda: (
                (
                    (_answered("repair")["after"] > 0).mean()
                    - (_answered("nothing")["after"] > 0).mean()
                )
                * _per_order()
                - _cost("repair")
            ),
            "That counts customers who ordered again, once each; the question counts orders.",
        ),
        Mistake(
            lambda: _after("repair") - _after("nothing"),
            "Those are orders; turn them into yuan with per_order, then pay for the repair.",
        ),
    ],
    insight=lambda yuan: (
        f"So few cases: give or take {_give_or_take():,.0f} yuan. A loan device looks dear on the "
        "invoice of Service"
        + (
            " and pays for itself in the ledger of Sales."
            if yuan > _give_or_take()
            else "; whether it pays in the ledger of Sales, these cases cannot tell."
        )
        + " Only the lot shows both at once."
    ),
    hints=(
        "lot.groupby('treatment')[['after', 'cost']].mean() has all you need.",
        "The extra orders: after of 'repair' less after of 'nothing'.",
        "Extra orders × per_order − cost of 'repair'.",
    ),
    minutes=4,
)


def _extra_per_yuan(treatment: str) -> float:
    return (_after(treatment) - _after("nothing")) / _cost(treatment)


PER_YUAN = Exercise(
    "10.2",
    "The budget is tight: which treatment brought most extra orders per yuan that it cost?",
    form="a choice",
    choices=("apology", "repair", "discount"),
    answer=lambda: max(("apology", "repair", "discount"), key=_extra_per_yuan),
    mistakes=[
        Mistake(
            lambda: "repair",
            "A repair keeps many orders, and costs a great deal. Divide the extra orders by the "
            "yuan.",
        ),
        Mistake(
            lambda: "discount",
            "Look at what a discount adds to those who would have ordered anyway, and at its cost.",
        ),
    ],
    insight="Most per yuan and most in all are two questions. With a tight budget ask the first, "
    "with a patient one the second: what does the next yuan bring?",
    hints=(
        "Extra orders: mean after of each treatment less that of 'nothing', by lot.",
        "Divide each by its mean cost.",
    ),
    minutes=3,
)


# Signs and rehearsals ---------------------------------------------------------------------------


def _silence_on(day: pd.Timestamp) -> pd.DataFrame:
    orders = data.read("orders")
    table = churn.silent_losses(orders, **BUYER, observation_period_end=day, **GONE)
    return table.rename(columns={"lost": "gone"}).astype({"gone": bool}).set_index("account_id")


def _within(table: pd.DataFrame, day: pd.Timestamp, first: int, last: int):
    ago = (day - table["date"]).dt.days
    return table[ago.between(first, last)].groupby("account_id")


def _sources() -> dict[str, pd.DataFrame]:
    """Return dated tables: orders with margin, failures, contacts who left, notes with a clue."""
    tickets = data.read("tickets")
    notes = data.read("touches").dropna(subset=["note"])
    return {
        "orders": computed(_priced_orders),
        "failures": tickets[tickets["kind"] != "inquiry"].rename(columns={"opened": "date"}),
        "leaving": data.read("contacts").rename(columns={"end": "date"}),
        "notes": notes[notes["note"].str.contains(lifecycle.CLUES)],
    }


def _measures_on(day: pd.Timestamp) -> pd.DataFrame:
    """Return what the tables tell on a day of each customer who is not gone by then."""
    from_table, now = computed(_sources), _silence_on(day)
    relation = data.read("accounts").set_index("account_id")["relation"].reindex(now.index)
    now = now[~now["gone"] & now["cycle_days"].notna() & (relation != "internal")]
    spans = [(0, 90), (91, 363)]
    lately, before = (_within(from_table["orders"], day, *s)["yuan"].sum() for s in spans)
    cases, earlier = (_within(from_table["failures"], day, *s).size() for s in spans)
    columns = {
        "cycles_silent": now["cycles_silent"],
        "trend": 3 * lately.reindex(now.index, fill_value=0) / before,
        "more_tickets": cases.sub(earlier / 3, fill_value=0),
        "contacts_gone": _within(from_table["leaving"], day, 0, 90).size(),
        "clues": _within(from_table["notes"], day, 0, 90).size(),
        "value": _within(from_table["orders"], day, 0, 364)["margin"].sum(),
    }
    return pd.DataFrame(columns, index=now.index).fillna({"trend": 1}).fillna(0)


def _rehearsal(day: pd.Timestamp) -> pd.DataFrame:
    """Return the measures of a day, and what became of each customer in the half-year after."""
    end = _silence_on(day + HORIZON)
    told = {"day": day, "lost": end["gone"], "last_order": end["last_purchase"]}
    return computed(_measures_on, day).assign(**told).reset_index()


def _rehearsals(first: str = "2023-12-31", last: str = "2025-06-30") -> pd.DataFrame:
    days = pd.date_range(first, last, freq="ME")
    return pd.concat([computed(_rehearsal, day) for day in days], ignore_index=True)


def _past() -> pd.DataFrame:
    return _rehearsals(last="2024-06-30")


def _later() -> pd.DataFrame:
    return _rehearsals(first="2024-12-31")


def _signs_of(table: pd.DataFrame) -> pd.DataFrame:
    flags = {
        "gap": table["cycles_silent"] > 2,
        "basket": table["trend"] < 0.6,
        "tickets": table["more_tickets"] >= 1,
        "contact": table["contacts_gone"] > 0,
        "diary": table["clues"] > 0,
    }
    return pd.DataFrame(flags)


def _inputs(table: pd.DataFrame) -> pd.DataFrame:
    columns = {
        "cycles_silent": np.log1p(table["cycles_silent"]),
        "trend": table["trend"].clip(upper=3),
        "more_tickets": table["more_tickets"],
        "contacts_gone": table["contacts_gone"],
        "clues": table["clues"],
        "size": np.log(table["value"].clip(lower=100)),
    }
    return pd.DataFrame(columns)


def _risk(learn_from: str, of: pd.DataFrame) -> pd.Series:
    """Return the risk by the regression that learnt from "past" or "all" rehearsals."""
    model = computed(_model, learn_from)
    return pd.Series(model.predict_proba(_inputs(of))[:, 1], of.index)


def _model(learn_from: str):
    from sklearn.linear_model import LogisticRegression

    table = computed(_past if learn_from == "past" else _rehearsals)
    return LogisticRegression(max_iter=1000).fit(_inputs(table), table["lost"])


def _scored(which: str) -> pd.DataFrame:
    """Return the later months ("later"), or the last day ("today"), with risk and stake."""
    later = which == "later"
    table = computed(_later) if later else computed(_measures_on, data.AS_OF)
    table = table.assign(risk=_risk("past" if later else "all", table))
    return table.assign(stake=table["risk"] * table["value"])


def _capacity() -> int:
    return 2 * int(data.read("reps")["left"].isna().sum())


def _call_cost() -> float:
    rates = data.read("cost_rates").set_index("activity")["yuan"]
    return CALL_HOURS * float(rates["call"])


def _called(by: str = "stake") -> pd.DataFrame:
    """Return the customers on the seven later lists, as many on each as the team can call."""
    ranked = computed(_scored, "later").sort_values(by, ascending=False, kind="stable")
    return ranked.groupby("day").head(_capacity())


# 10.3 -------------------------------------------------------------------------------------------


def _lost_with(count: int, *, exactly: bool = False, which=_past) -> float:
    table = computed(which)
    number = _signs_of(table).sum(axis="columns")
    return float(table.loc[number == count if exactly else number >= count, "lost"].mean())


def _base(which=_past) -> float:
    return float(computed(which)["lost"].mean())


def _fewer_than_two() -> float:
    table = computed(_past)
    return float(table.loc[_signs_of(table).sum(axis="columns") < 2, "lost"].mean())


TWO_SIGNS = Exercise(
    "10.3",
    "The lift of two signs or more: how many times as likely to be lost as all are the customers "
    "in past who show at least two?",
    unit="times",
    tolerance=0.02,
    answer=lambda: _lost_with(2) / _base(),
    mistakes=[
        Mistake(
            lambda: _lost_with(2) / _fewer_than_two(),
            "That compares with those who show fewer; lift (chapter 05) compares with all.",
        ),
        Mistake(
            lambda: _lost_with(2, exactly=True) / _base(),
            "That is exactly two signs; the question says at least two.",
        ),
        Mistake(
            lambda: _lost_with(1) / _base(),
            "That is one sign or more; the question asks for two or more.",
        ),
        Mistake(lambda: _lost_with(2), "That is the share lost; set it against the share of all."),
        Mistake(
            lambda: (_signs_of(computed(_past)).sum(axis="columns") >= 2)[
                computed(_past)["lost"]
            ].mean(),
            "That is how many of the lost had shown two signs; the question goes the other way: "
            "of those who show two, how many are lost?",
        ),
        Mistake(
            lambda: _lost_with(2, which=_later) / _base(_later),
            "Those are the later months: keep them untouched until a rule is to be judged.",
        ),
        Mistake(
            lambda: _lost_with(3) / _base(),
            "That is more than two; at least two includes those with two.",
        ),
        Mistake(
            lambda: 100 * _lost_with(2),
            "That is the percent lost; lift is a ratio to the share of all.",
        ),
    ],
    insight="A sign in common with many is worth little; two together narrow the list. Which two, "
    "a count does not ask. That is what the machines are for.",
    hints=(
        "number = signs.sum(axis='columns'), in the order of past.",
        "past.loc[number >= 2, 'lost'].mean() is the share lost among them.",
        "Divide by past['lost'].mean().",
    ),
    minutes=4,
)

# 10.4 -------------------------------------------------------------------------------------------


def _has_entry(ids) -> pd.Series:
    reason = data.read("accounts").set_index("account_id")["loss_reason_recorded"]
    return reason.reindex(ids).notna()


def _today_ids() -> pd.Index:
    return computed(_scored, "today").index


def _entry_of_leavers() -> float:
    later = computed(_later)
    return 100 * _has_entry(later.loc[later["lost"], "account_id"]).mean()


ENTRY_TODAY = Exercise(
    "10.4",
    "Of the customers whom we could call today (measures_on of 31 December 2025), how many percent "
    "have an entry in loss_reason_recorded?",
    unit="%",
    tolerance=0.05,
    answer=lambda: 100 * _has_entry(_today_ids()).mean(),
    mistakes=[
        Mistake(
            lambda: 100 * _has_entry(data.read("accounts")["account_id"]).mean(),
            "That is of all accounts, the long gone included: ask only those whom we could call.",
        ),
        Mistake(
            _entry_of_leavers,
            "Those are the leavers of the later months, as the file knows them by now. What does "
            "it know of today's customers?",
        ),
        Mistake(
            lambda: 100 * _has_entry(computed(_later)["account_id"]).mean(),
            "Those are the customers of the later months; take today's.",
        ),
        Mistake(
            lambda: 100 - 100 * _has_entry(_today_ids()).mean(),
            "Those are the customers without an entry: turn it round.",
        ),
        Mistake(
            lambda: _has_entry(_today_ids()).sum(),
            "That is their number; set it against all whom we could call.",
        ),
    ],
    insight="The column fills up after the customer is gone. On old months it knows the end of the "
    "story; for those whom you want to call it is as good as empty. Ask of every column: was this "
    "there, on that day?",
    hints=(
        "today = measures_on(data.AS_OF); its index holds the account_id.",
        "accounts.loc[today.index, 'loss_reason_recorded'].notna(): True where there is an entry.",
        "The mean of True and False is a share; times 100.",
    ),
    minutes=3,
)

# 10.5 and 10.6 ----------------------------------------------------------------------------------


def _at_stake(by: str = "stake") -> float:
    called = _called(by)
    return float(called.loc[called["lost"], "value"].sum())


def _leavers_called() -> pd.DataFrame:
    return _called()[_called()["lost"]]


def _spent(by: str = "stake") -> float:
    return len(_called(by)) * _call_cost()


BREAK_EVEN = Exercise(
    "10.5",
    "How many percent of the leavers that it reaches must a call save, for the seven lists by "
    "risk × value to pay their calls?",
    unit="%",
    answer=lambda: 100 * _spent() / _at_stake(),
    mistakes=[
        Mistake(
            lambda: 100 * _spent() / _called()["value"].sum(),
            "You counted the margin of everybody called; most of them stay anyway. Only leavers "
            "can be saved.",
        ),
        Mistake(
            lambda: 100 * _spent("risk") / _at_stake("risk"),
            "Those are the lists by risk alone; take risk × value.",
        ),
        Mistake(
            lambda: 100 * _spent() / computed(_later).query("lost")["value"].sum(),
            "All leavers are in there, called or not: a call saves only whom it reaches.",
        ),
        Mistake(
            lambda: 100 * _call_cost() * _capacity() / _at_stake(),
            "The calls of one list are set against the leavers of seven.",
        ),
        Mistake(
            lambda: 100 * _at_stake() / _spent(),
            "Turned round: the cost of the calls stands above, what leavers are worth below.",
        ),
        Mistake(
            lambda: 100 * _call_cost() / _leavers_called()["value"].mean(),
            "That pays one call for one leaver; most calls reach nobody who leaves, and they cost "
            "as much.",
        ),
        Mistake(
            lambda: 100 * _spent() / (SAVE_RATE * _at_stake()),
            "You took one in ten as saved already; break-even asks for that very share.",
        ),
        Mistake(lambda: _spent() / _at_stake(), "That is a share from 0 to 1; say it in percent."),
        Mistake(
            lambda: 100 * _called()["lost"].mean(),
            "That is how many of the called leave. Break-even asks about money: cost against what "
            "the leavers are worth.",
        ),
    ],
    insight=lambda percent: (
        "We assumed one leaver in ten. "
        + (
            "Even half of that pays: there is room if we are too hopeful."
            if percent < 50 * SAVE_RATE
            else "The lists pay below that, with little room if we are too hopeful."
            if percent < 100 * SAVE_RATE
            else "The lists need more than that: as they are, they do not pay."
        )
        + " Only a lot can tell the true rate."
    ),
    hints=(
        "stake_lists has the seven lists; each row is a call that costs call_cost.",
        "What can be saved: stake_lists.loc[stake_lists['lost'], 'value'].sum().",
        "Cost of all calls ÷ that sum, times 100.",
    ),
    minutes=4,
)


def _still_ordering(by: str = "stake", *, rows: str = "leavers") -> float:
    table = computed(_later) if rows == "everybody" else _called(by)
    table = table if rows == "called" else table[table["lost"]]
    return 100 * float((table["last_order"] > table["day"]).mean())


IN_TIME = Exercise(
    "10.6",
    "Of the leavers on the seven lists by risk × value, how many percent ordered at least once "
    "more after the day of the list?",
    unit="%",
    answer=_still_ordering,
    mistakes=[
        Mistake(
            lambda: _still_ordering(rows="called"),
            "Those who stay are in there: ask the leavers alone.",
        ),
        Mistake(
            lambda: _still_ordering("risk"),
            "Those are the lists by risk alone; take risk × value.",
        ),
        Mistake(
            lambda: 100 * (_called()["lost"] & (_called()["last_order"] > _called()["day"])).mean(),
            "That is of everybody called; take the leavers on the lists as the whole.",
        ),
        Mistake(
            lambda: 100 - _still_ordering(),
            "Those had placed their last order already: turn it round.",
        ),
        Mistake(
            lambda: (_called()["lost"] & (_called()["last_order"] > _called()["day"])).sum(),
            "That is their number; set it against all leavers on the lists.",
        ),
        Mistake(
            lambda: _still_ordering(rows="everybody"),
            "All leavers are in there, called or not: take those on the lists.",
        ),
        Mistake(lambda: _still_ordering() / 100, "That is a share from 0 to 1; say it in percent."),
    ],
    insight="The others had placed their last order before we would have called: for them it is "
    "winning back, not holding. An early warning that waits for silence is late by its nature.",
    hints=(
        "Leavers on the lists: stake_lists[stake_lists['lost']].",
        "Compare last_order with day, both dates.",
    ),
    minutes=3,
)

# 10.7 -------------------------------------------------------------------------------------------


def _first(by: str = "stake") -> pd.DataFrame:
    return computed(_scored, "today").nlargest(_capacity(), by)


EXPECTED = Exercise(
    "10.7",
    "How many leavers do you expect among the customers on this month's list (the first ones by "
    "risk × value, as many as the team can call)?",
    unit="customers",
    tolerance=0.05,
    answer=lambda: _first()["risk"].sum(),
    mistakes=[
        Mistake(
            lambda: _first("risk")["risk"].sum(),
            "That is the list by risk alone; ours is ranked by risk × value.",
        ),
        Mistake(
            lambda: computed(_scored, "today")["risk"].sum(),
            "That is of all customers of today: take the list.",
        ),
        Mistake(
            lambda: _first().head(8)["risk"].sum(),
            "Those are the eight that the table shows; the list is longer.",
        ),
        Mistake(
            lambda: len(_first()),
            "That is how many we call; most of them will stay. Add up their risks.",
        ),
        Mistake(
            lambda: _first()["risk"].mean(),
            "That is the mean risk; expected leavers are the risks added up.",
        ),
        Mistake(
            lambda: (_first()["risk"] > 0.5).sum(),
            "Counting those above one half throws the small risks away: many small ones add up.",
        ),
        Mistake(
            lambda: SAVE_RATE * _first()["risk"].sum(),
            "That is how many a call would save; the question asks how many would leave.",
        ),
    ],
    insight="Few, so most calls go to customers who would stay: they had better be calls that do "
    "no harm. And an expectation is a promise that can be checked, half a year from now.",
    hints=(
        "call_list has a column risk, the chance that each one leaves.",
        "Expected number = the sum of the chances.",
    ),
    minutes=3,
)

# 10.8 -------------------------------------------------------------------------------------------

MEMO = Exercise(
    "10.8",
    "A memo to Mr Zhang, at least 80 words: this month's call list, and what we expect of it",
    form="a memo",
    min_words=80,
    rubric={
        "says whom we call and how they were ranked": (
            "risk",
            "value",
            "rank",
            "list",
            "风险",
            "名单",
        ),
        "says what the caller may offer, and how we know that it helps": (
            "repair",
            "apolog",
            "discount",
            "by lot",
            "trial",
            "道歉",
            "维修",
            "随机",
        ),
        "gives expected leavers, saves or yuan, with the assumption behind them": (
            "expect",
            "save",
            "assum",
            "break",
            "预计",
            "元",
        ),
        "says how next time we shall know more: whom to leave uncalled, by lot": (
            "by lot",
            "random",
            "control",
            "not call",
            "uncalled",
            "hold back",
            "keep back",
            "随机",
            "对照",
        ),
    },
    hints=(
        "Begin with the number of calls and the rule that ranks them.",
        "Then the offer: what did the trial say per case, and per yuan?",
        "End with the break-even, and with the part of the list that nobody calls.",
    ),
    minutes=8,
)

EXERCISES = [
    REPAIR_BRINGS,
    PER_YUAN,
    TWO_SIGNS,
    ENTRY_TODAY,
    BREAK_EVEN,
    IN_TIME,
    EXPECTED,
    MEMO,
]

PREDICTIONS = [
    Prediction(
        "10.ordered",
        "Of 100 customers who, after a failure, got nothing at all (by lot): how many ordered "
        "again within 60 days?",
        unit="customers",
    ),
    Prediction(
        "10.sign",
        "Which sign raises the chance of losing a customer most?",
        choices=(
            "gap: silent for more than two own cycles",
            "basket: bought less than 60 % of usual",
            "tickets: more returns, repairs, complaints than usual",
            "contact: somebody whom we knew there has left",
            "diary: a clue in the rep's notes",
        ),
    ),
    Prediction(
        "10.hits",
        "Of 100 calls to the customers with most signs, how many reach one who would leave?",
        unit="calls",
    ),
    Prediction(
        "10.earns",
        "Which list earns most (or loses least), at the calls that the team can make?",
        choices=(
            "by the number of signs",
            "by the risk of the regression",
            "by risk × value",
        ),
    ),
]

RECALL = [
    Question(
        "95 of 100 customers who got a discount ordered again. What does the discount add?",
        choices=[
            "95 orders in 100",
            "Nothing: they would have come anyway",
            "It depends on what those without one did",
        ],
        right="It depends on what those without one did",
        because="Response is what they did; uplift is what they did because of it.",
    ),
    Question(
        "Why may the reps' own choices not judge the treatments?",
        choices=[
            "They chose by how much the account buys",
            "There are too few of them",
            "Reps choose worse than a lot",
        ],
        right="They chose by how much the account buys",
        because="The groups differed before anything was done. A lot makes them alike.",
    ),
    Question(
        "A tree finds every leaver of the months from which it learnt. What follows?",
        choices=[
            "Use it",
            "Nothing, before it has seen later months",
            "Give it more columns",
        ],
        right="Nothing, before it has seen later months",
        because="It may have learnt the names by heart. Only unseen months can tell.",
    ),
    Question(
        "A new column doubles the hits on old months. What do you ask first?",
        choices=[
            "Was it filled in on that day?",
            "Can we get more columns like it?",
            "Which model was used?",
        ],
        right="Was it filled in on that day?",
        because="Too good to be true is how a leak looks from outside.",
    ),
    Question(
        "Two customers: risk 40 %, margin 2,000 yuan a year; risk 5 %, margin 100,000. Whom first?",
        choices=["The first one", "The second one"],
        right="The second one",
        because="800 against 5,000 yuan at stake: rank by risk × value, not by risk.",
    ),
    Question(
        "A call costs 400 yuan. Of 20 called, 4 would leave, each worth 10,000 yuan. What share of "
        "the leavers must the calls save to pay?",
        right=20,
        unit="%",
        tolerance=0.5,
        because="20 × 400 = 8,000 yuan of calls against 40,000 yuan at stake.",
    ),
    Question(
        "From chapter 06: a province had the highest churn of all. What did we ask first?",
        choices=[
            "Who its rep is",
            "How far so few customers swing by chance",
            "What they paid",
        ],
        right="How far so few customers swing by chance",
        because="The same holds here: one list is few calls, and its profit swings.",
    ),
]

TERMS = [
    Term("early warning", "早期预警", "zǎoqī yùjǐng", "a sign that is up before the loss"),
    Term("warning sign", "预警信号", "yùjǐng xìnhào", "a measure beyond a limit, known on its day"),
    Term("lead time", "提前期", "tíqián qī", "days from the warning to the event"),
    Term("logistic regression", "逻辑回归", "luójí huíguī", "weights that turn signs into a risk"),
    Term(
        "decision tree", "决策树", "juécè shù", "questions, one after another, that end in a risk"
    ),
    Term("overfitting", "过拟合", "guò nǐhé", "learning one's examples by heart"),
    Term("leakage", "数据泄漏", "shùjù xièlòu", "a column that knows what came later"),
    Term("service recovery", "服务补救", "fúwù bǔjiù", "what we do after a failure"),
    Term("uplift", "增量效果", "zēngliàng xiàoguǒ", "what happens because of an action"),
    Term("response", "响应", "xiǎngyìng", "what those acted on do, whatever the reason"),
]

# Claims -----------------------------------------------------------------------------------------


def _untroubled() -> pd.DataFrame:
    """Return customers of mid-2024 without a return, repair or complaint, from May to February."""
    tickets, orders = data.read("tickets"), data.read("orders")
    troubled = tickets[tickets["opened"].between("2024-05-01", "2025-02-28")]
    troubled = troubled.loc[troubled["kind"] != "inquiry", "account_id"]
    there = orders.loc[orders["date"].between("2024-05-01", "2024-12-31"), "account_id"]
    ids = sorted(set(there) - set(troubled))
    return _with_orders(pd.DataFrame({"account_id": ids, "date": pd.Timestamp("2024-10-01")}))


def _content(ids) -> tuple[float, float, int]:
    """Return mean `overall` of these accounts' people in spring 2025, its ±, and the answers."""
    survey = data.read("survey")
    owner = data.read("contacts").set_index("contact_id")["account_id"]
    answers = survey[(survey["date"] >= "2025-03-01") & survey["respondent"].isin(owner.index)]
    overall = answers.loc[answers["respondent"].map(owner).isin(ids), "overall"]
    return overall.mean(), 2 * overall.std() / np.sqrt(len(overall)), len(overall)


def _last_answered(treatment: str) -> pd.Series:
    trial = computed(_all_answers)
    trial = trial[trial["assigned"] == "random"].drop_duplicates("account_id", keep="last")
    return trial.loc[trial["treatment"] == treatment, "account_id"]


def _surprised() -> tuple[dict, str]:
    untroubled = computed(_untroubled)
    mood, mood_off, _ = _content(_last_answered("repair"))
    calm, calm_off, _ = _content(untroubled["account_id"])
    kept, kept_off = _kept(_answered("repair"))
    usual, usual_off = _kept(untroubled)
    figures = {
        "satisfaction": mood - calm,
        "satisfaction_off": np.hypot(mood_off, calm_off),
        "orders": kept - usual,
        "orders_off": np.hypot(kept_off, usual_off),
    }
    return figures, (
        f"Satisfaction in spring 2025: {mood:.1f} where the failure was mended at once (by lot), "
        f"{calm:.1f} where nothing had failed, give or take {figures['satisfaction_off']:.1f}. "
        f"Orders after, per 100 before: {100 * kept:.0f} against {100 * usual:.0f}, give or take "
        f"{100 * figures['orders_off']:.0f}."
    )


def _more_loyal(figures: dict) -> str:
    if figures["orders"] > figures["orders_off"]:
        return "holds only if one may compare busy with quiet customers: no lot made them alike"
    if figures["satisfaction"] > figures["satisfaction_off"]:
        return "not supported: more content, but not more loyal in what they buy"
    return "not supported: neither in what they say nor in what they buy"


def _incentive() -> tuple[dict, str]:
    chosen = 100 * (_answered("discount", "chosen")["after"] > 0).mean()
    anyway = 100 * (_answered("nothing")["after"] > 0).mean()
    kept = {name: _kept(_answered(name)) for name in ("nothing", "discount", "repair")}
    figures = {
        "uplift": kept["discount"][0] - kept["nothing"][0],
        "off": np.hypot(kept["discount"][1], kept["nothing"][1]),
        "repair": kept["repair"][0] - kept["nothing"][0],
        "repair_off": np.hypot(kept["repair"][1], kept["nothing"][1]),
        "better": kept["repair"][0] - kept["discount"][0],
        "better_off": np.hypot(kept["repair"][1], kept["discount"][1]),
    }
    return figures, (
        f"Response: {chosen:.0f} of 100 who got a discount from their rep ordered again; but so "
        f"did {anyway:.0f} of 100 who, by lot, got nothing. Uplift, by lot, in orders per 100 "
        f"before: a discount {100 * figures['uplift']:+.0f}, give or take "
        f"{100 * figures['off']:.0f}; mending the fault {100 * figures['repair']:+.0f}, give or "
        f"take {100 * figures['repair_off']:.0f}."
    )


def _never(figures: dict) -> str:
    if figures["uplift"] <= figures["off"]:
        return "not supported, nor refuted: our trial cannot tell a discount from nothing"
    if figures["better"] > figures["better_off"]:
        return "holds only if the cause can be mended instead: that keeps more than the discount"
    return "not supported: a discount keeps orders; that mending keeps more, we cannot prove"


CLAIMS = [
    Claim(
        "T10",
        "A complainer who is surprised becomes more loyal than one who never complained.",
        answer=_surprised,
        evidence=(
            "de Matos, Henrique & Rossi 2007 (Journal of Service Research 10), a meta-analysis: "
            "the paradox holds for satisfaction, not for repurchase, word of mouth or image."
        ),
        verdict=_more_loyal,
        would_change="a lot that decides who has a failure: no firm will draw it",
    ),
    Claim(
        "T12",
        "Never hold a leaving customer with extra incentives.",
        answer=_incentive,
        evidence="None that we looked up: the courseware states it as a rule, without a source.",
        verdict=_never,
        would_change="a trial among leavers themselves: who had a failure need not be leaving",
    ),
]
