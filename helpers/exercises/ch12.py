"""Chapter 12, the capstone: rumours, five lost accounts, a plan; in whatever world is loaded."""

from __future__ import annotations

import re

import pandas as pd

from helpers import churn, data, lifecycle, segments
from helpers.data import CourseError
from helpers.exercises import Exercise, Mistake, Prediction, Question, Term, computed, everywhere

DAY = pd.Timedelta(days=1)

# ---- the ten rumours --------------------------------------------------------------------------

RUMOURS = pd.DataFrame(
    [
        ("price_war", "A rival undercuts us in one province, and we follow it down.",
         "province", "orders: unit_price against list_price", "yes"),
        ("star_rep", "One of us wins all: the customers of that rep order ever more, all year.",
         "rep_id", "orders, by who looks after the customer", "yes"),
        ("warehouse_flood", "In one region, returns and repairs lay for weeks.",
         "region", "tickets: closed less opened", "yes"),
        ("counterfeit_line", "In one city they sell things of our name that we never made.",
         "city", "tickets: outcome; members' purchases", "yes"),
        ("budget_freeze", "Customers of one kind were told to buy nothing.",
         "kind", "orders, by kind of customer", "yes"),
        ("slow_chain", "A chain with houses in several cities pays us later every month.",
         "chain", "orders: paid less due; a chain shares the first word of its name", "no"),
        ("viral_product", "Somewhere, one product is all that the club's members ask for.",
         "sku", "members' purchases, by city and product", "yes"),
        ("generous_clerk", "One store's till gives more points than a point a yuan.",
         "city", "members' purchases: points against amount", "no"),
        ("web_rival", "Shops of one size now buy elsewhere, with a click.",
         "size", "orders of shops, by size", "yes"),
        ("price_list_mistake", "For some weeks a product went out for less than it costs us.",
         "sku", "orders: unit_price against unit_cost", "yes"),
    ],
    columns=["key", "what is said", "place", "look in", "in margin"],
)  # fmt: skip
RISES = {"star_rep", "warehouse_flood", "slow_chain", "viral_product", "generous_clerk"}
CLUB = {"counterfeit_line", "viral_product", "generous_clerk"}
KNOWN_PLACE = {"budget_freeze": "public body", "web_rival": "small"}
# Words that come to mind for each rumour; most of them are in the diary of any year.
WORDS = {
    "price_war": "price|rival", "star_rep": "order", "warehouse_flood": "repair",
    "counterfeit_line": "complaint", "budget_freeze": "budget|approval",
    "slow_chain": "invoice|paid|finance", "viral_product": "shelf|out of",
    "generous_clerk": "points|store", "web_rival": "web|rival", "price_list_mistake": "our price",
}  # fmt: skip


def _told() -> dict[str, dict[str, str]]:
    """Return the true rumours with their details: place, start and end among them."""
    truth = data.read("truth")
    rows = truth[truth["kind"] == "story"]
    if rows.empty:
        raise CourseError("This world holds no answer: nobody wrote down what is true in it.")
    order = {key: n for n, key in enumerate(RUMOURS["key"])}
    told = {
        key: dict(part.split("=") for part in detail.split("; "))
        for key, detail in zip(rows["id"], rows["detail"], strict=True)
    }
    return dict(sorted(told.items(), key=lambda item: order[item[0]]))


def stories() -> dict[str, dict[str, str]]:
    return computed(_told)


def _series(values: dict, name: str) -> pd.Series:
    return pd.Series(values, name=name).rename_axis("key")


def place_of(key: str) -> str:
    column = RUMOURS.set_index("key").loc[key, "place"]
    return KNOWN_PLACE.get(key) or stories()[key][column]


def _month_of(key: str, when: str = "start") -> int:
    return pd.Timestamp(stories()[key][when]).month


def _customers_of() -> pd.DataFrame:
    """Return the customers (not our own stores) with rep_id, region and chain; id in the index."""
    accounts = data.read("accounts")
    accounts = accounts[accounts["relation"] != "internal"].set_index("account_id")
    last = data.read("assignments").sort_values("start", kind="stable")
    last = last.drop_duplicates("account_id", keep="last").set_index("account_id")["rep_id"]
    accounts = accounts.assign(rep_id=last.reindex(accounts.index))
    region = accounts["rep_id"].map(data.read("reps").set_index("rep_id")["region"])
    return accounts.assign(region=region, chain=accounts["name"].str.split().str[0])


def _lines_of() -> pd.DataFrame:
    """Return the customers' order lines with who and where they are, yuan and margin."""
    columns = ["kind", "size", "province", "region", "city", "rep_id", "chain"]
    lines = data.read("orders").join(computed(_customers_of)[columns], "account_id", how="inner")
    lines = lines.merge(data.read("products")[["sku", "list_price", "unit_cost"]], on="sku")
    lines["yuan"] = lines["quantity"] * lines["unit_price"]
    return lines.assign(margin=lines["yuan"] - lines["quantity"] * lines["unit_cost"])


def _bought_of() -> pd.DataFrame:
    """Return the members' purchases with their city."""
    bought = data.read("purchases").merge(data.read("members")[["member_id", "city"]])
    return bought.rename(columns={"amount": "yuan"})


def _rows(key: str) -> pd.DataFrame:
    """Return the rows that a rumour is about: lines of orders, or members' purchases."""
    rows = computed(_bought_of if key in CLUB else _lines_of)
    return rows[rows["kind"] == "shop"] if key == "web_rival" else rows


def _yearly(key: str, value: str = "yuan") -> pd.DataFrame:
    """Return the sum of `value` by place, in columns 2024 and 2025."""
    rows, place = _rows(key), RUMOURS.set_index("key").loc[key, "place"]
    year = rows["date"].dt.year.rename("year")
    sums = rows.pivot_table(index=place, columns=year, values=value, aggfunc="sum", fill_value=0)
    return sums[[2024, 2025]]


def _largest_change(key: str) -> str:
    years = _yearly(key)
    change = years[2025] - years[2024]
    return change.idxmax() if key in RISES else change.idxmin()


def _loudest() -> list[str]:
    """Return the three rumours whose obvious words stand in most notes of 2025."""
    touches = data.read("touches")
    notes = touches.loc[touches["date"] >= "2025-01-01", "note"].dropna()
    count = {key: notes.str.contains(words).sum() for key, words in WORDS.items()}
    return sorted(count, key=count.get)[-3:]


# 12.1 ------------------------------------------------------------------------------------------


THREE = Exercise(
    "12.1",
    "Which three of the ten rumours are true in your world? Their keys",
    form="a set of ids",
    key="key",
    given=lambda: RUMOURS.copy(),
    answer=lambda: list(stories()),
    mistakes=[
        Mistake(
            _loudest,
            "Those are the three whose words stand in most notes. Repairs, prices and orders are "
            "talked about every year: compare with the year before, and with the tables.",
        ),
        Mistake(
            lambda: list(RUMOURS["key"]),
            "All ten? Mr Zhang knows that three are true. Which stand out beyond what a quiet year "
            "does by itself?",
        ),
        Mistake(
            lambda: [key for key in RUMOURS["key"] if key not in stories()],
            "Those are the seven that nothing in the tables bears out; the others are wanted.",
        ),
        Mistake(
            lambda: [place_of(key) for key in stories()],
            "Those are places; first the rumours themselves, by their keys.",
        ),
    ],
    insight="Three things happened, and seven were said. Nobody lied: in ten places one looks, "
    "something always looks odd. What made the difference is the comparison.",
    hints=(
        "One rumour at a time: the table of `look in`, one row per customer, order line or case, a "
        "column with its place, and surprise(rows, place, measure).",
        "Some need no statistics: points per yuan (where there are any), pieces not genuine, a "
        "chain at all. Single lines below cost are in every year: take the median of a product's "
        "month.",
        "Does the best place stand far beyond the second, and beyond the same sum for 2024? Then "
        "ask the diary. If only two do, which rumour would hide best?",
    ),
    minutes=45,
)

# 12.2 ------------------------------------------------------------------------------------------


WHERE = Exercise(
    "12.2",
    "Where? For each of your three its place, as the column `place` of `rumours` asks: key → place",
    form="a Series",
    key="key",
    answer=lambda: _series({key: place_of(key) for key in stories()}, "place"),
    mistakes=[
        Mistake(
            lambda: _series({key: _largest_change(key) for key in stories()}, "place"),
            "Those are the places where the yuan moved most from 2024 to 2025. Large places move "
            "many yuan in any year: ask who moved most against the others.",
        ),
        Mistake(
            lambda: _series({key: _yearly(key)[2025].idxmax() for key in stories()}, "place"),
            "Those are the largest places. Where there is most, there is most of everything; "
            "compare shares and means.",
        ),
        Mistake(
            lambda: _series({key: key for key in stories()}, "place"),
            "Those are the keys again; the place of each is wanted, such as a province or a sku.",
        ),
    ],
    insight="A finding without a place is a mood. With one, somebody can be sent there.",
    hints=(
        "The last row (or the first) of surprise(...) names the place.",
        "Write it as the tables do: 'Hubei', 'public body'; of a rep the number ('R07'), of a "
        "product its sku ('KB02', not the city), of a chain the first word of its houses' names.",
    ),
    minutes=8,
)

# 12.3 ------------------------------------------------------------------------------------------


def _months(when: str = "start") -> dict[str, int]:
    return {key: _month_of(key, when) for key in stories()}


def _worst_month(key: str) -> int:
    """Return the month of 2025 in which the yuan of the place moved farthest from 2024."""
    rows, place = _rows(key), RUMOURS.set_index("key").loc[key, "place"]
    rows = rows[rows[place] == place_of(key)]
    month, year = rows["date"].dt.month, rows["date"].dt.year
    yuan = [rows.loc[year == y, "yuan"].groupby(month).sum() for y in (2024, 2025)]
    change = yuan[1].sub(yuan[0], fill_value=0)
    return int(change.idxmax() if key in RISES else change.idxmin())


SINCE = Exercise(
    "12.3",
    "Since when? For each of your three the month of 2025 in which it began, 1 to 12: key → month",
    form="a Series",
    key="key",
    unit="month",
    tolerance=1,
    answer=lambda: _series(_months(), "month"),
    mistakes=[
        Mistake(
            lambda: _series({key: _worst_month(key) for key in stories()}, "month"),
            "Those are the months in which most yuan were missing or came on top. What began in "
            "spring may be worst in autumn, when the season is high: look for the first month.",
        ),
        Mistake(
            lambda: _series(_months("end"), "month"),
            "Those are the months in which they ended; the first one is wanted.",
        ),
        Mistake(
            lambda: _series({key: (month + 2) // 3 for key, month in _months().items()}, "month"),
            "Those are quarters; the month is wanted, from 1 to 12.",
        ),
    ],
    insight=lambda months: (
        "To the month: "
        + ", ".join(f"{key} {month}" for key, month in months.items())
        + ". A date turns a finding into a question: what did we know in that month, and who?"
    ),
    hints=(
        "One line for the place, one for all others, month by month: where do they part?",
        "The diary has dates: in which month does it begin to speak of it?",
        "What grew little by little from New Year on gets 1.",
    ),
    minutes=8,
)

# 12.4 ------------------------------------------------------------------------------------------


def _priced() -> str:
    """Return the topmost true rumour that the margin shows."""
    in_margin = RUMOURS.loc[RUMOURS["in margin"] == "yes", "key"]
    return next(key for key in in_margin if key in stories())


def _four_sums(
    value: str = "margin", first: int = 4, *, others: str = "others", once: bool = False
) -> list[float]:
    """Return ours and theirs, before and now: sums of the months from `first` to December.

    `once`: of the first line of each order alone, where the rows are lines of orders.
    """
    key = _priced()
    rows, place = _rows(key), RUMOURS.set_index("key").loc[key, "place"]
    if once and "order_id" in rows:
        rows = rows.drop_duplicates("order_id")
    rows = rows[rows["date"].dt.month >= first]
    ours = rows[place] == place_of(key)
    them = ~ours if others == "others" else ours | ~ours
    year = rows["date"].dt.year
    return [rows.loc[who & (year == y), value].sum() for who in (ours, them) for y in (2024, 2025)]


def _effect(value: str = "margin", first: int = 4, **which: object) -> float:
    before, now, their_before, their_now = _four_sums(value, first, **which)
    return now - before * their_now / their_before


def _plain_change() -> float:
    before, now, *_ = _four_sums()
    return now - before


def _yuan_change() -> float:
    before, now, their_before, their_now = _four_sums()
    return (now - before) - (their_now - their_before)


MONEY = Exercise(
    "12.4",
    "What it cost (−) or brought (+): gross margin of the place, April to December 2025, less what "
    "it would have been, had it moved from April to December 2024 as all others did",
    unit="yuan",
    relative=0.001,
    answer=_effect,
    mistakes=[
        Mistake(
            _plain_change,
            "That is the change against the year before. Part of it happened to everybody: first "
            "let the others' change stand for what would have been.",
        ),
        Mistake(
            lambda: _effect("yuan"),
            "That is revenue. What is lost or won is the margin: the goods had to be made, too.",
        ),
        Mistake(
            lambda: -_effect(),
            "Right size, wrong sign: what came, less what would have come.",
        ),
        Mistake(
            _yuan_change,
            "You took the others' change in yuan; they are many times as large. Carry over their "
            "growth as a factor: now / before.",
        ),
        Mistake(
            lambda: _effect(first=1),
            "That is the whole year; the question takes April to December of both years.",
        ),
        Mistake(
            lambda: _effect(first=7),
            "That is July to December; the question takes April to December of both years.",
        ),
        Mistake(
            lambda: _effect(once=True),
            "That counts the first line of each order alone; the margin is in all: take `lines`.",
        ),
        Mistake(
            lambda: _four_sums()[1],
            "That is all the margin of the place. Take off what would have come anyway.",
        ),
        Mistake(
            lambda: _effect(others="all"),
            "The place stands among those it is compared with: leave it out there.",
        ),
        Mistake(
            lambda: _effect() / _four_sums()[0] * 100,
            "That is percent of the year before; the question asks for yuan.",
        ),
    ],
    insight="One figure, and how sure? Reckon the same for each of the other places: as far as "
    "they scatter, so far may chance have moved yours. Say both in your report.",
    hints=(
        "Topmost of your three with `in margin` yes. Four sums of margin: the place and all the "
        "others, April to December of 2024 and of 2025.",
        "The others' growth is a factor: now / before. Times the place's margin of 2024: what "
        "would have been.",
        "brought(rows, ours) of the section does it, if `rows` and `ours` are right.",
    ),
    minutes=10,
)

# 12.5 ------------------------------------------------------------------------------------------

# What the diary writes near a loss (chapter 06), by cause.
CLUES = {
    "unstable quality": "return in a row|failed again|all our batches",
    "lack of innovation": "we do not make|looks the same|rival's new model",
    "weak service": "has come by|nobody called back|same case",
    "our rep left": "former rep|rep had changed|the old rep",
    "a rival's offer": "rival's quotation|lends units|order went to a rival",
    "short-termism": "terms changed|no longer holds|minimum order",
    "not ours": "laid off|winding up|stopping at|head office in another|move out|be merged|"
    "project is over|unopened|contractor",
}


def _days(later: pd.Series, earlier: pd.Series) -> pd.Series:
    return (later - earlier).dt.days


def signs_of(ids: list[str]) -> pd.DataFrame:
    """Return what the tables hold against each cause, for accounts that have gone.

    One row per account with an order. Days count back from its last order. Columns: last (date),
    orders, cut (share of the late order lines due sooner than agreed), price (late prices against
    the earlier ones, %), wait (days per return or repair), cases, failed (units in 100), second
    (% of lines from plant 2), there and people (contacts afterwards and before), rep_left (days
    since our rep left; empty: none did), visit, touches (of the last year), and the notes by cause.
    """
    orders = data.read("orders")
    orders = orders[orders["account_id"].isin(ids)]
    orders = orders.merge(data.read("products")[["sku", "list_price"]], on="sku")
    account = orders["account_id"]
    last = orders.groupby("account_id")["date"].max()
    orders["paid_part"] = orders["unit_price"] / orders["list_price"]
    orders["before"] = _days(account.map(last), orders["date"])
    table = pd.DataFrame(
        {"last": last, "orders": orders.groupby("account_id")["order_id"].nunique()}
    )

    late, early = orders[orders["before"] <= 120], orders[orders["before"] > 160]
    agreed = late["account_id"].map(data.read("accounts").set_index("account_id")["terms_days"])
    table["cut"] = (_days(late["due"], late["date"]) < agreed).groupby(late["account_id"]).mean()
    was = early.groupby(["account_id", "sku"])["paid_part"].mean().rename("was")
    both = late.join(was, on=["account_id", "sku"]).dropna(subset="was")
    change = 100 * (both["paid_part"] / both["was"] - 1)
    table["price"] = change.groupby(both["account_id"]).mean()

    tickets = data.read("tickets")
    known = tickets["account_id"].isin(last.index) & tickets["kind"].isin(["return", "repair"])
    tickets = tickets[known].assign(before=lambda t: _days(t["account_id"].map(last), t["opened"]))
    recent = tickets[tickets["before"] <= 300]
    wait = _days(recent["closed"].fillna(data.AS_OF), recent["opened"])
    table["wait"] = wait.groupby(recent["account_id"]).median()
    table["cases"] = recent.groupby("account_id").size()
    units = orders[orders["before"] <= 365].groupby("account_id")["quantity"].sum()
    failed = tickets[tickets["before"] <= 365].groupby("account_id")["quantity"].sum()
    table["failed"] = (100 * failed.astype(float) / units).reindex(last.index)
    table["second"] = 100 * orders["batch"].str.endswith("-2").groupby(account).mean()

    people = data.read("contacts")
    people = people[people["account_id"].isin(last.index)]
    left_on = people["account_id"].map(last)
    people = people[people["start"] <= left_on + 60 * DAY]
    stays = people["end"].isna() | (_days(people["end"], left_on) > 90)
    table["there"] = stays.groupby(people["account_id"]).sum()
    table["people"] = (~(_days(people["end"], left_on) < -30)).groupby(people["account_id"]).sum()
    table = table.join(_handed_over(last))

    touches = data.read("touches")
    touches = touches[touches["account_id"].isin(last.index)]
    before = _days(touches["account_id"].map(last), touches["date"])
    table["touches"] = touches[before.between(0, 365)].groupby("account_id").size()
    near = touches[before.between(-60, 150)]
    for cause, clues in CLUES.items():
        told = near["note"].str.contains(clues, na=False)
        table[cause] = told.groupby(near["account_id"]).sum()
    counted = ["cases", "failed", "there", "people", "touches", *CLUES]
    return table.fillna(dict.fromkeys(counted, 0)).astype({"visit": bool})


def _handed_over(last: pd.Series) -> pd.DataFrame:
    """Return rep_left (days from our rep's leaving to the last order) and visit, by account."""
    turns = data.read("assignments")
    turns = turns[turns["account_id"].isin(last.index)].sort_values(["account_id", "start"])
    came_along = turns.groupby("account_id")["handover_visit"].shift(-1)
    gone = turns["end"] == turns["rep_id"].map(data.read("reps").set_index("rep_id")["left"])
    since = _days(turns["account_id"].map(last), turns["end"])
    near = turns.assign(rep_left=since, visit=came_along.eq(True))[gone & since.between(-30, 170)]
    near = near.drop_duplicates("account_id", keep="last").set_index("account_id")
    near = near[["rep_left", "visit"]].reindex(last.index)
    return near.assign(visit=near["visit"].eq(True))


def signs_up(signs: pd.DataFrame) -> pd.DataFrame:
    """Return which causes the tables speak for, without the notes; the surest cause first."""
    return pd.DataFrame(
        {
            "not ours": (signs["there"] == 0) & (signs["people"] >= 2),
            "short-termism": signs["cut"] >= 0.3,
            "our rep left": signs["rep_left"].notna() & ~signs["visit"],
            "a rival's offer": signs["price"] <= -5,
            "weak service": (signs["wait"] >= 18) & (signs["touches"] <= 12),
            "unstable quality": (signs["failed"] >= 3) & (signs["second"] >= 50),
        }
    )


def diagnosed(signs: pd.DataFrame) -> pd.Series:
    """Return the cause that the tables tell; where they are silent, that of most notes, or NaN."""
    up, notes = signs_up(signs), signs[list(CLUES)]
    by_notes = notes.idxmax(axis="columns").where(notes.max(axis="columns") > 0)
    return up.idxmax(axis="columns").where(up.any(axis="columns"), by_notes)


def _named(words: pd.Series) -> pd.Series:
    """Return the causes as `churn.CAUSES` names them, from the words of our tables."""
    names = {word: cause for cause, words in churn.CAUSES.items() for word in words}
    return words.map(names | {"price": "a rival's offer"})


def _file_of() -> pd.DataFrame:
    """Return the five files: account → cause (true), recorded, by_notes; see `_choose`."""
    truth = data.read("truth")
    lost = truth[
        truth["kind"].eq("account")
        & truth["loss_date"].between("2024-03-01", "2025-09-30")
        & ~truth["id"].isin(data.read("cases")["account_id"])
    ].set_index("id")
    if lost.empty:
        raise CourseError("This world holds no answer: nobody wrote down why they left.")
    signs = signs_of(list(lost.index))
    table = pd.DataFrame({"cause": _named(lost["cause"]).reindex(signs.index)})
    recorded = data.read("accounts").set_index("account_id")["loss_reason_recorded"]
    table["recorded"] = _named(recorded.reindex(signs.index)).fillna("a rival's offer")
    notes = signs[list(CLUES)]
    loudest = notes.idxmax(axis="columns").where(notes.max(axis="columns") > 0)
    table["by_notes"] = loudest.fillna(table["recorded"])
    own = pd.Series([notes.loc[i, cause] for i, cause in table["cause"].items()], table.index)
    table["odd note"] = notes.sum(axis="columns") > own
    table["misled"] = notes.max(axis="columns") > own
    up = signs_up(signs).sum(axis="columns")
    by_note = (up == 0) & ((notes > 0).sum(axis="columns") == 1)
    told = (diagnosed(signs) == table["cause"]) & (signs["last"] >= "2024-01-01")
    told &= (signs["orders"] >= 10) & ((up >= 1) | by_note)
    clear = told & (up <= 1)  # nothing speaks against it, if one of these misleads by its notes
    return _choose(table[clear if table.loc[clear, "odd note"].any() else told])


def _choose(clear: pd.DataFrame) -> pd.DataFrame:
    """Return five of the accounts that their files tell.

    One with a note that misleads, one that is not ours, one whose recorded reason is wrong; four
    causes, the fifth file repeats one of them.
    """
    pool = clear.sample(frac=1, random_state=int(data.read("orders")["quantity"].sum() % 2**31))
    wrong, ours = pool["recorded"] != pool["cause"], pool["cause"] != "not ours"
    odd, anyone = pool["odd note"], pd.Series(True, pool.index)
    picked: list[str] = []

    def pick(*wishes: pd.Series) -> None:
        free = ~pool.index.isin(picked)
        picked.append(next(pool.index[w & free][0] for w in (*wishes, anyone) if (w & free).any()))

    pick(pool["misled"] & wrong, pool["misled"], odd & wrong, odd)
    pick(~ours if ours[picked[0]] else ours & wrong)
    for wish in (wrong, ~wrong):
        fresh = ours & ~pool["cause"].isin(pool.loc[picked, "cause"])
        pick(fresh & wish, fresh)
    pick(ours & pool["cause"].isin(pool.loc[picked, "cause"]))
    return pool.loc[sorted(picked)]


def files() -> pd.DataFrame:
    return computed(_file_of)


def _causes(values: pd.Series | str) -> pd.Series:
    return pd.Series(values, files().index, name="cause").rename_axis("account_id")


FIVE = Exercise(
    "12.5",
    "Why did the five accounts of `files` leave? account_id → cause, as churn.CAUSES names it",
    form="a Series",
    key="account_id",
    given=lambda: list(files().index),
    answer=lambda: _causes(files()["cause"]),
    mistakes=[
        Mistake(
            lambda: _causes(files()["recorded"]),
            "That is what the reps recorded (their 'price' is a rival's offer). Chapter 06: the "
            "recorded reason is right for fewer than half. What do the tables say?",
        ),
        Mistake(
            lambda: _causes(files()["by_notes"]),
            "You followed the notes alone. A note is what somebody said on one day; some mislead. "
            "Look for what a cause must leave in other tables: terms, prices, people, waiting.",
        ),
        Mistake(
            lambda: _causes(data.read("truth").set_index("id")["cause"].loc[files().index]),
            "Those are the tables' words. Write the causes as the list of the exercise does.",
        ),
        Mistake(
            lambda: _causes("our rep left"),
            "All for the rep? Look in `assignments`: whose rep had left, and who got a visit?",
        ),
        Mistake(
            lambda: _causes("a rival's offer"),
            "All to the rival? A rival's offer leaves a trace in the price that we gave way to.",
        ),
        Mistake(
            lambda: _causes("not ours"),
            "Nothing of it ours? Whoever closes or moves takes the people along: who is left?",
        ),
        Mistake(
            lambda: _causes("unstable quality"),
            "All our goods? Compare units failed with those of other customers.",
        ),
    ],
    insight="Most causes leave a trace that is hard to fake: a date, a price, a due day, an empty "
    "office. The word in the file is the last thing to read, not the first. And these five were "
    "chosen because their files speak: many do not.",
    hints=(
        "Days count back from the last order. Did the people leave as well? Was an order due "
        "sooner than agreed? Did the price give way?",
        "Had our rep left in the half-year before, without a visit? How long did cases take, and "
        "how often did we call? How many units failed?",
        "Only where no table speaks, the notes decide.",
    ),
    minutes=25,
)

# 12.6 ------------------------------------------------------------------------------------------

HOURS = 24  # a quarter's hours for care beyond the usual


def _options_of() -> pd.DataFrame:
    """Return what a quarter of monthly visits takes and brings, for one rep's customers."""
    customers, lines = computed(_customers_of), computed(_lines_of)
    orders = data.read("orders")
    signs = lifecycle.warning_signs(
        orders[orders["account_id"].isin(customers.index)],
        data.read("tickets"),
        data.read("contacts"),
        data.read("touches"),
        as_of=data.AS_OF,
    )
    rep = customers["rep_id"].reindex(signs.index)
    signs = signs[rep == rep.value_counts().sort_index().idxmax()]
    touches = data.read("touches")
    visits = touches[touches["channel"] == "visit"]
    usual = visits["minutes"].mean()
    margin = lines[lines["date"] >= "2025-01-01"].groupby("account_id")["margin"].sum()
    table = pd.DataFrame({"signs": signs.sum(axis="columns")})
    table["risk"] = 0.12 + 0.1 * table["signs"]
    table["margin"] = margin.reindex(table.index, fill_value=0).clip(lower=0)
    table["brings"] = 0.2 * table["risk"] * table["margin"]
    length = visits.groupby("account_id")["minutes"].mean().reindex(table.index)
    return table.assign(hours=3 * length.fillna(usual) / 60)


def _plan() -> segments.Allocation:
    return segments.allocate(computed(_options_of), value_col="brings", limits={"hours": HOURS})


def _per_hour() -> pd.Series:
    table = computed(_options_of)
    return table["brings"] / table["hours"]


def _rate() -> float:
    return data.read("cost_rates").set_index("activity").loc["visit", "yuan"]


HOUR = Exercise(
    "12.6",
    f"What would one more hour bring, beyond the {HOURS} that the best plan uses?",
    unit="yuan per hour",
    relative=0.005,
    answer=lambda: computed(_plan).shadow_price["hours"],
    mistakes=[
        Mistake(
            lambda: computed(_plan).value / HOURS,
            "That is the mean of the hours that the plan has. The next hour goes to the best of "
            "those left out, and they bring less.",
        ),
        Mistake(
            lambda: computed(_plan).value,
            "That is what the whole plan brings; the next hour alone is wanted.",
        ),
        Mistake(
            lambda: _per_hour().max(),
            "That is the best customer's hour; it is in the plan already.",
        ),
        Mistake(
            lambda: _rate(),
            "That is what an hour costs; the question asks what it brings.",
        ),
        Mistake(
            lambda: _per_hour()[computed(_plan).share == 0].max(),
            "That is the best of those left out altogether; is somebody in the plan only in part?",
        ),
        Mistake(
            lambda: computed(_plan).shadow_price["hours"] - _rate(),
            "That is what is left after the cost; the question asks what the hour brings.",
        ),
        Mistake(
            lambda: _per_hour().mean(),
            "That is the mean over all customers; the next hour goes to one of them.",
        ),
        Mistake(
            lambda: computed(_options_of)["brings"].sum() / computed(_options_of)["hours"].sum(),
            "That is all that could be won by all hours; the plan begins with the best of it.",
        ),
    ],
    insight=lambda price: (
        f"An hour of visits costs {_rate():,.0f} yuan. The shadow price against the cost says "
        f"whether to ask for more hours: here {'yes' if price > _rate() else 'no'}."
    ),
    hints=(
        "plan is an Allocation: .share, .value, .used, .shadow_price.",
        "The shadow price of a limit is what one more unit of it would bring.",
    ),
    minutes=5,
)

# 12.7 ------------------------------------------------------------------------------------------


def _verdicts_of() -> dict[str, str]:
    """Return each claim's kind of verdict: "holds", "holds only if" or "not supported"."""
    kinds = {}
    for _, claim in everywhere("CLAIMS"):
        figures, _ = computed(claim.answer)
        verdict = claim.verdict(figures) if callable(claim.verdict) else claim.verdict
        kinds[claim.id] = re.match("holds only if|holds|not supported", verdict).group()
    return kinds


def _claims(*kinds: str) -> list[str]:
    found = [name for name, kind in computed(_verdicts_of).items() if kind in kinds]
    return sorted(found, key=lambda name: int(name[1:]))


CLAIMS_REFUSED = Exercise(
    "12.7",
    "Which claims of the ledger are not supported in your world? Their ids, such as 'T1'",
    form="a set of ids",
    key="claim",
    answer=lambda: _claims("not supported"),
    mistakes=[
        Mistake(
            lambda: _claims("holds", "holds only if"),
            "Those hold, if only under a condition; the others are wanted.",
        ),
        Mistake(
            lambda: _claims("holds", "holds only if", "not supported"),
            "Those are all, or nearly. 'Holds only if' is no refusal: it names the condition; keep "
            "those whose verdict is 'not supported'.",
        ),
    ],
    insight="A claim that one world does not bear out is not refuted: it has lost its right to be "
    "told without its condition.",
    hints=("Open a row of the ledger: the verdict of your world stands beside Lanhe's.",),
    minutes=4,
)

# 12.8 ------------------------------------------------------------------------------------------


def _told_places() -> tuple[str, ...]:
    """Where the findings are: "Wuhan" says so without "city". Files of one's own tell none."""
    try:
        return tuple(place_of(key) for key in stories())
    except CourseError:
        return ()


SUMMARY = Exercise(
    "12.8",
    "The summary of your page for Mr Zhang, 50 to 80 words",
    form="a memo",
    min_words=50,
    rubric=lambda: {
        "three findings, with place and number": (
            "province", "region", "city", "chain", "rep", "sku", "keyboard", "mouse", "scanner",
            "printer", "headset", "public bod", "shop", "customers in", "%", "省", "市", "地区",
            *_told_places(),
        ),
        "why customers left, and how you know": (
            "left", "lost", "leave", "cause", "because", "流失", "原因",
        ),
        "what to do, with its money": (
            "yuan", "margin", "plan", "hour", "元", "毛利", "计划",
        ),
        "what you do not know": (
            "not know", "unsure", "uncertain", "doubt", "may ", "might", "range", "between",
            "不知", "不确定", "未知",
        ),
    },
    minutes=15,
)  # fmt: skip

EXERCISES = [THREE, WHERE, SINCE, MONEY, FIVE, HOUR, CLAIMS_REFUSED, SUMMARY]

PREDICTIONS = [
    Prediction(
        "12.chance",
        "2024: no rumour. By how many steps of chance does the oddest of all cities, provinces, "
        "regions and reps still stand out?",
        unit="steps of chance",
        low=0,
        high=10,
    ),
]

RECALL = [
    Question(
        "A deal that everyone liked was lost. Whom do you look for first (chapter 01)?",
        "A role in the buying centre that nobody met",
        "The customer is a group that shares one decision: a no may come from a desk that we never "
        "saw.",
        choices=(
            "The rep with the lowest win rate",
            "A role in the buying centre that nobody met",
            "The rival with the lowest price",
        ),
    ),
    Question(
        "The whale curve peaks at 150 % of profit (chapter 03). What does it say?",
        "Some customers cost more than they bring",
        "What lies beyond the peak takes away a third of it: terms, service and price decide, not "
        "size.",
        choices=(
            "Half of the customers are lost each year",
            "Some customers cost more than they bring",
            "The best customers bring 150 % of revenue",
        ),
    ),
    Question(
        "A customer has been silent for 60 days. Is it asleep (chapter 05)?",
        "That depends on its own purchase cycle",
        "Two weeks are long for one who orders weekly, and nothing for one who orders twice a "
        "year.",
        choices=(
            "Yes: 60 days are above the mean",
            "No: below 90 days nobody is",
            "That depends on its own purchase cycle",
        ),
    ),
    Question(
        "How often was the reason in the file the true one (chapter 06)?",
        "In fewer than half of the cases",
        "Who writes 'price' writes what he was told by people who did not want to talk.",
        choices=(
            "Nearly always",
            "In about nine of ten cases",
            "In fewer than half of the cases",
        ),
    ),
    Question(
        "A group falls by 30 %, all others by 20 %. How many percent did the event cost it, the "
        "others' factor carried over (chapter 07)?",
        12.5,
        "It would have had 80 of 100 and had 70: 10 of 80 are 12.5 %.",
        unit="%",
        tolerance=0.05,
    ),
    Question(
        "Those with an offer bought more than those without. Did it work (chapter 10)?",
        "Only if chance decided who got it",
        "Whoever was chosen was chosen for something: uplift needs a group alike in all but the "
        "offer.",
        choices=(
            "Yes: more is more",
            "Only if chance decided who got it",
            "Only if the difference is above 10 %",
        ),
    ),
    Question(
        "Retention rises from 80 to 90 %. By what factor does the expected lifetime grow (chapter "
        "09)?",
        2,
        "One over churn: 1 / 0.2 = 5 years, 1 / 0.1 = 10.",
        tolerance=0.001,
    ),
    Question(
        "You test forty groups in which nothing happened. What do you expect?",
        "One or two look odd",
        "One in twenty lies beyond two steps of chance, by chance: the more places you look at, "
        "the odder the oddest.",
        choices=(
            "None looks odd",
            "One or two look odd",
            "Half of them look odd",
        ),
    ),
]

TERMS = [
    Term(
        "finding", "发现", "fāxiàn",
        "what happened, where, since when, how much, and how we know",
    ),
    Term(
        "noise band", "噪声带", "zàoshēng dài",
        "how far groups move where nothing happened",
    ),
    Term(
        "look-elsewhere effect", "多重比较效应", "duōchóng bǐjiào xiàoyìng",
        "the more places one looks at, the odder the oddest of them, by chance alone",
    ),
    Term(
        "corroboration", "佐证", "zuǒzhèng",
        "a second witness that does not depend on the first",
    ),
    Term(
        "year-end review", "年终评审", "niánzhōng píngshěn",
        "what the year did to our customers, and what we do now",
    ),
]  # fmt: skip
