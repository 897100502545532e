"""The facts of the cases, and the people, deals and diary around them, in several worlds."""

import numpy as np
import pandas as pd
import pytest

from casedata.generate import case_diary, cast, diary, make_world, notes
from casedata.generate.common import AS_OF
from casedata.generate.contacts import ROLES

SEEDS = (2025, 7, 2031)
BUSINESS_STORIES = {
    "price_war", "warehouse_flood", "budget_freeze", "slow_chain", "web_rival",
    "price_list_mistake",
}  # fmt: skip
# What a trace in the diary hints at.
CAUSE_OF = {note: cause for cause, lines in notes.TRACES.items() for _, note in lines}


@pytest.fixture(scope="module")
def worlds():
    return [make_world(seed, members=100) for seed in SEEDS]


@pytest.fixture(params=SEEDS)
def world(request, worlds):
    return {name: table.copy() for name, table in worlds[SEEDS.index(request.param)].items()}


def of(table, account_id):
    return table[table["account_id"] == account_id]


def account(world, account_id):
    return of(world["accounts"], account_id).iloc[0]


def yuan_by_year(orders):
    return (orders["quantity"] * orders["unit_price"]).groupby(orders["date"].dt.year).sum()


def says(touches, text):
    return touches[touches["note"].str.contains(text, regex=False)]


def holds(contacts, role):
    return contacts["roles"].str.split(";").map(lambda roles: role in roles)


# The cases


def test_the_diary_tells_every_line_of_the_cases(world):
    told = world["touches"].merge(case_diary.touches(), on=["account_id", "date", "note"])
    assert len(told) == len(case_diary.touches())


def test_case_a_buys_two_fifths_of_what_it_bought(world):
    yuan = yuan_by_year(of(world["orders"], cast.CASE_A))
    assert 0.39 <= yuan[2025] / yuan[2024] <= 0.41
    assert "2023-01-01" <= str(account(world, cast.CASE_A)["opened"]) < "2023-04-01"


def scanner_failures(world):
    """Return enterprises' scanners since autumn 2024: units, dose (share of plant 2), failed."""
    since, orders, tickets = "2024-09-01", world["orders"], world["tickets"]
    kinds = world["accounts"].set_index("account_id")["kind"]
    scanners = world["products"].query("line == 'scanners'")["sku"]
    bought = orders[orders["sku"].isin(scanners) & (orders["date"] >= since)]
    bought = bought[bought["account_id"].map(kinds) == "enterprise"]
    failed = tickets[tickets["sku"].isin(scanners) & (tickets["opened"] >= since)]
    failed = failed[failed["kind"].isin(["return", "repair"])]
    second = bought["quantity"].where(bought["batch"].str.endswith("-2"), 0)
    table = pd.DataFrame(
        {
            "units": bought.groupby("account_id")["quantity"].sum(),
            "dose": second.groupby(bought["account_id"]).sum(),
            "failed": failed.groupby("account_id")["quantity"].sum(),
        }
    )
    table = table[table["units"].notna()].fillna(0)
    return table.assign(dose=table["dose"] / table["units"])


def test_case_a_suffers_from_bad_batches_more_than_its_peers(world):
    table = scanner_failures(world)
    rate = table["failed"] / table["units"]
    peers = table.drop(cast.CASE_A)
    assert table.loc[cast.CASE_A, "dose"] > 0.5
    assert rate[cast.CASE_A] > 1.7 * peers["failed"].sum() / peers["units"].sum()
    # The larger the share of plant 2 in an account's deliveries, the more fails.
    high, low = peers[peers["dose"] > 0.5], peers[peers["dose"] < 0.2]
    assert high["failed"].sum() / high["units"].sum() > 2 * low["failed"].sum() / low["units"].sum()

    tickets = world["tickets"]
    repairs = tickets[(tickets["kind"] == "repair") & (tickets["opened"] >= "2024-09-01")]
    days = (repairs["closed"] - repairs["opened"]).dt.days.groupby(repairs["account_id"]).mean()
    assert days[cast.CASE_A] > 1.8 * days.median()


def test_case_a_called_to_complain(world):
    diary = of(world["touches"], cast.CASE_A).query("channel == 'call' and topic == 'complaint'")
    assert len(says(diary, "return rate")) >= 2
    assert len(says(diary, "repair")) >= 2
    assert says(diary, "return rate")["date"].min() >= pd.Timestamp("2024-09-01")


def test_case_b_moved_and_goes_on_at_its_branch(world):
    office, branch = cast.CASE_B, cast.CASE_B_BRANCH
    assert "2022-01-01" <= str(account(world, office)["opened"]) < "2022-04-01"
    last = of(world["orders"], office)["date"].max()
    assert pd.Timestamp("2024-12-22") <= last <= pd.Timestamp("2024-12-31")
    note = says(of(world["touches"], office), "merged").iloc[0]
    person = world["contacts"].set_index("contact_id").loc[note["contact_id"]]
    assert person["title"].startswith("Head of office")
    assert account(world, office)["loss_reason_recorded"] not in ("moved", "closed")

    orders = of(world["orders"], branch)
    assert pd.Timestamp("2025-03-01") <= orders["date"].min() < pd.Timestamp("2025-06-01")
    share = yuan_by_year(orders)[2025] / yuan_by_year(of(world["orders"], office))[2024]
    assert 0.45 < share < 0.55
    reps = of(world["assignments"], office)["rep_id"], of(world["assignments"], branch)["rep_id"]
    assert set(reps[0]).isdisjoint(reps[1])


def test_the_head_of_case_b_is_the_branchs_vice_president(world):
    people = world["contacts"]
    both = of(people, cast.CASE_B).merge(of(people, cast.CASE_B_BRANCH), on=["name", "phone"])
    assert len(both) == 1
    head = both.iloc[0]
    assert head["title_x"].startswith("Head of office")
    assert head["title_y"].startswith("Vice-president")
    assert head["end_x"] < head["start_y"]
    assert head["start_y"].strftime("%Y-%m") == "2025-02"
    assert of(people, cast.CASE_B)["end"].notna().all()


def test_case_c_was_wang_shengs_alone(world):
    rep = world["reps"].set_index("rep_id").loc[cast.WANG_SHENG]
    assert (rep["name_zh"], rep["left"]) == ("王生", pd.Timestamp("2025-06-30"))
    assert rep["went_to"] in cast.RIVALS
    assert "2024-09-01" <= str(account(world, cast.CASE_C)["opened"]) < "2024-12-01"
    assert of(world["orders"], cast.CASE_C)["date"].max() <= rep["left"]
    visits = of(world["touches"], cast.CASE_C).query("channel == 'visit'")
    assert set(visits["rep_id"]) == {cast.WANG_SHENG}
    there = of(world["contacts"], cast.CASE_C)["contact_id"]
    answers = world["survey"][world["survey"]["respondent"].isin(there)]
    assert len(answers) >= 2
    assert (answers[["quality", "overall"]] >= 4).all(axis=None)


def test_wang_shengs_accounts_stay_more_often_when_handed_over_with_a_visit(world):
    rows = world["assignments"]
    his = rows[(rows["rep_id"] == cast.WANG_SHENG) & (rows["end"] == pd.Timestamp("2025-06-30"))]
    taken_over = rows[rows["start"] == pd.Timestamp("2025-07-01")]
    taken_over = taken_over[taken_over["account_id"].isin(his["account_id"])]
    orders = world["orders"]
    before = orders[orders["date"].between("2025-01-01", "2025-06-30")]["account_id"]
    after = orders[orders["date"] >= "2025-10-01"]["account_id"]
    bought = taken_over[taken_over["account_id"].isin(before)]
    bought = bought[bought["account_id"] != cast.CASE_C].set_index("account_id")
    assert len(bought) >= 20
    stayed = bought.index.isin(after)
    visit = bought["handover_visit"].to_numpy()
    assert 0.4 <= visit.mean() <= 0.6
    assert stayed[visit].mean() > stayed[~visit].mean() + 0.15


def test_case_d_waits_for_one_answer(world):
    assert pd.isna(account(world, cast.CASE_D)["opened"])
    assert of(world["orders"], cast.CASE_D).empty
    diary = of(world["touches"], cast.CASE_D)
    assert diary["date"].min().strftime("%Y-%m") == "2025-05"
    deal = of(world["deals"], cast.CASE_D).iloc[0]
    assert (deal["result"], deal["terms_asked"]) == ("open", "quarterly payment")
    assert pd.isna(deal["closed"])
    month_of = {
        "trial ends, satisfied": 9,
        "vice-president says yes": 10,
        "manager says no": 10,
        "small order with": 11,
    }
    for text, month in month_of.items():
        assert says(diary, text)["date"].dt.month.tolist() == [month], text
    assert of(world["contacts"], cast.CASE_D)["start"].min() >= pd.Timestamp("2025-05-01")


def test_area_e_asks_in_vain_and_then_buys_the_main_product_only(world):
    mouse = says(world["touches"], "motion-sensing mouse")
    assert set(mouse[mouse["date"].dt.year == 2024]["account_id"]) == set(cast.CASE_E_SHOPS)
    orders = world["orders"][world["orders"]["account_id"].isin(cast.CASE_E_SHOPS)]
    now = orders[orders["date"].dt.year == 2025].merge(world["products"], on="sku")
    assert now["account_id"].nunique() == 3
    assert len(set(now["sku"])) == 1
    margin_rate = 1 - now["unit_cost"] / now["unit_price"]
    assert margin_rate.between(0.02, 0.10).all()
    before = orders[orders["date"].dt.year < 2025]
    assert (before.groupby("account_id")["sku"].nunique() > 3).all()


def test_shops_agree_with_orders_and_two_of_them_stock_the_rivals_mouse(world):
    shops = world["shops"]
    assert shops.groupby("shop")["account_id"].first().notna().sum() == 3
    assert shops["shop"].nunique() == 5
    assert shops["quarter"].nunique() == 12
    motion = shops[shops["line"] == "motion-sensing mice"]
    others = shops[shops["account_id"].isna()]
    assert set(motion["shop"]) == set(others["shop"])
    assert len(set(others["shop"])) == 2
    assert (motion["brand"] != "Lanhe").all()
    assert (others["brand"] != "Lanhe").all()
    ours = shops[shops["brand"] == "Lanhe"].groupby("account_id")["units"].sum()
    bought = world["orders"].groupby("account_id")["quantity"].sum()
    assert (ours == bought[ours.index]).all()


def test_agents_agree_with_orders(world):
    agents, orders = world["agents"], world["orders"]
    orders = orders.assign(
        year=orders["date"].dt.year,
        yuan=orders["quantity"] * orders["unit_price"],
        late=(orders["paid"] - orders["due"]).dt.days,
    )
    keys = ["account_id", "year"]
    expected = orders.groupby(keys).agg(yuan=("yuan", "sum"), late=("late", "mean"))
    joined = agents.join(expected, on=keys)
    assert not agents.duplicated(keys).any()
    assert agents["account_id"].nunique() >= 18  # some are lost before they buy
    assert np.allclose(joined["sales"], joined["yuan"], atol=0.01)
    assert np.allclose(joined["late_days"], joined["late"], atol=0.01, equal_nan=True)


def test_the_five_agents_are_who_they_are(world):
    agents = world["agents"]
    five = pd.DataFrame({name: of(agents, id_).mean(numeric_only=True)
                         for name, id_ in cast.AGENTS.items()}).T  # fmt: skip
    last = pd.DataFrame(
        {name: of(agents, id_).set_index("year").loc[2025] for name, id_ in cast.AGENTS.items()}
    ).T
    typical = agents.groupby("account_id").mean(numeric_only=True).median()
    growth = {
        name: last.loc[name, "sales"] / of(agents, id_).set_index("year").loc[2023, "sales"]
        for name, id_ in cast.AGENTS.items()
    }
    assert five.loc["Hunan", "loyalty"] > 0.9
    assert five.loc["Hunan", "sales"] > 1.5 * typical["sales"]
    assert five.loc["Hunan", "late_days"] > max(20, 2 * typical["late_days"])
    assert five.loc["Guangxi", "loyalty"] > 0.85
    assert five.loc["Guangxi", "sales"] < typical["sales"]
    assert growth["Guangxi"] > 1.3
    assert five.loc["Jiangsu", "sales"] > 1.5 * typical["sales"]
    assert last.loc["Jiangsu", "credit_rating"] == "A"
    assert five.loc["Jiangsu", "loyalty"] < 0.4
    assert five.loc["Jiangsu", "rival_share"] > 0.3
    assert five["sales"].rank()["Shandong"] == 3
    assert growth["Shandong"] < 0.85
    assert growth["Yantai"] > 1.2
    assert five.loc["Yantai", "sales"] < typical["sales"]
    assert last.loc["Yantai", "credit_rating"] == "D"
    assert float(last.loc["Yantai", "sold_in"].split("Shandong=")[1]) > 0.5


def test_cases_names_them_all(world):
    cases = world["cases"].groupby("case")["account_id"].agg(set).to_dict()
    assert cases == {
        "A": {cast.CASE_A},
        "B": {cast.CASE_B},
        "C": {cast.CASE_C},
        "D": {cast.CASE_D},
        "E": set(cast.CASE_E_SHOPS),
        "agent": set(cast.AGENTS.values()),
    }


# People


def test_people_hold_known_roles_and_keep_their_phones(world):
    people = world["contacts"]
    roles = people["roles"].str.split(";").explode()
    assert set(roles) == set(ROLES)
    assert people["influence"].between(1, 5).all()
    assert people["stance"].between(-2, 2).all()
    assert not (people["end"] < people["start"]).any()
    assert (people.groupby("phone")["name_zh"].agg(set).map(len) == 1).all()
    met_again = people[people.duplicated("phone", keep=False)]
    assert met_again["phone"].nunique() >= 5  # case B's head is not the only one
    assert (met_again.groupby("phone")["account_id"].nunique() == 2).all()


def test_nobody_is_left_where_an_account_closed_or_moved(world):
    truth = world["truth"].set_index("id")
    gone = truth[truth["cause"].isin(["closed", "moved"]) & (truth["loss_date"] < "2025-10-01")]
    people = world["contacts"][world["contacts"]["account_id"].isin(gone.index)]
    assert len(people) > 20
    assert people["end"].notna().all()


# The diary


def test_touches_are_made_by_the_rep_of_the_day_with_a_person_who_is_there(world):
    touches = world["touches"]
    pairs = touches.merge(world["assignments"], on="account_id", suffixes=("", "_assigned"))
    on_duty = (pairs["start"] <= pairs["date"]) & ~(pairs["end"] < pairs["date"])
    found = pairs[on_duty & (pairs["rep_id"] == pairs["rep_id_assigned"])]["touch_id"]
    assert set(found) == set(touches["touch_id"])
    people = world["contacts"].set_index("contact_id")
    person = people.loc[touches["contact_id"]].reset_index()
    assert (person["account_id"] == touches["account_id"]).all()
    assert (person["start"] <= touches["date"]).all()
    assert not (person["end"] < touches["date"]).any()
    his = touches[touches["rep_id"] == cast.WANG_SHENG]
    assert (his["date"] <= "2025-06-30").all()
    assert (touches["date"].dt.day_of_week < 5).all()
    visits = touches[touches["channel"] == "visit"]["minutes"]
    assert visits.between(30, 120).all()
    assert 12_000 < len(touches) < 24_000


def test_no_rep_is_on_duty_before_the_first_assignment_or_after_the_last():
    spans = pd.DataFrame({"account_id": "K1", "rep_id": ["R1", "R2"]}).assign(
        start=pd.to_datetime(["2023-01-01", "2023-03-01"]),
        end=pd.to_datetime(["2023-02-01", "2023-04-01"]),
    )
    days = pd.Series(
        pd.to_datetime(["2022-12-31", "2023-02-01", "2023-02-15", "2023-03-01", "2023-04-02"])
    )
    found = diary.rep_on(spans, pd.Series(["K1"] * 5), days)
    assert pd.Series(found).fillna("nobody").tolist() == ["nobody", "R1", "nobody", "R2", "nobody"]


def test_roles_met_are_those_of_the_people_touched(world):
    deals = world["deals"].set_index("deal_id")
    touches = world["touches"].dropna(subset="deal_id")
    roles = touches["contact_id"].map(world["contacts"].set_index("contact_id")["roles"])
    met = roles.str.split(";").explode().groupby(touches["deal_id"]).agg(set)
    assert (met == deals["roles_met"].str.split(";").map(set)[met.index]).all()
    assert set(met.index) == set(deals.index)
    deal = deals.loc[touches["deal_id"]].reset_index()
    touches = touches.reset_index()
    assert (deal["account_id"] == touches["account_id"]).all()
    assert (touches["date"] >= deal["opened"]).all()
    assert not (touches["date"] > deal["closed"]).any()


def test_some_deals_are_open_and_young(world):
    open_deals = world["deals"].query("result == 'open'")
    assert 5 <= len(open_deals) <= 20
    assert open_deals["closed"].isna().all()
    assert (open_deals["opened"] >= AS_OF - pd.Timedelta(days=240)).all()


def test_most_losses_leave_a_trace_and_traces_alone_prove_nothing(world):
    truth, touches = world["truth"].set_index("id"), world["touches"]
    hints = touches.assign(cause=touches["note"].map(CAUSE_OF)).dropna(subset="cause")
    lost = truth[(truth["kind"] == "account") & truth["loss_date"].notna()]
    right = hints[hints["account_id"].map(lost["cause"]) == hints["cause"]]["account_id"]
    assert 0.6 < lost.index.isin(right).mean() < 0.95
    stayed = hints[~hints["account_id"].isin(lost.index)]
    assert len(stayed) > 0.3 * len(hints)


def test_accounts_lost_for_service_were_neglected(worlds):
    neglected, other = [], []
    for world in worlds:
        truth, touches = world["truth"], world["touches"]
        lost = truth[(truth["kind"] == "account") & (truth["loss_date"] >= "2024-06-01")]
        ours = touches[touches["deal_id"].isna() & (touches["topic"] != "complaint")]
        ours = ours[~ours["note"].isin(CAUSE_OF)]
        ahead = ours["account_id"].map(lost.set_index("id")["loss_date"]) - ours["date"]
        last_year = ours[ahead.between(pd.Timedelta(0), pd.Timedelta(days=365))]
        n = last_year["account_id"].value_counts().reindex(lost["id"], fill_value=0)
        by_service = (lost["cause"] == "service").to_numpy()
        neglected.extend(n[by_service])
        other.extend(n[~by_service])
    # Some large accounts have a hundred: what counts is who has hardly any.
    assert np.clip(neglected, 0, 10).mean() < 0.6 * np.clip(other, 0, 10).mean()


def test_the_diary_tells_of_the_stories(worlds):
    told = 0
    for world in worlds:
        happened = set(world["truth"].query("kind == 'story'")["id"])
        for story in happened & BUSINESS_STORIES:
            texts = [text.split("{")[0] for text in notes.STORY_NOTES[story]]
            hits = world["touches"]["note"].str.startswith(tuple(texts))
            assert hits.sum() >= 3, story
            told += 1
    assert told >= 2


# What wins a deal


@pytest.fixture(scope="module")
def decided(worlds):
    """Return the deals of all worlds with a result: won, age in days, a column per role, led."""
    tables = []
    for world in worlds:
        deals = world["deals"].query("result != 'open'").copy()
        minutes = world["touches"].pivot_table(
            index="deal_id", columns="phase", values="minutes", aggfunc="sum", fill_value=0
        )
        led = (minutes["trust"] + minutes["needs"]) / minutes.sum(axis=1)
        deals["led"] = deals["deal_id"].map(led)
        tables.append(deals)
    deals = pd.concat(tables, ignore_index=True)
    met = {role: deals["roles_met"].str.contains(role) for role in ROLES}
    age = (deals["closed"] - deals["opened"]).dt.days
    return deals.assign(won=deals["result"] == "won", age=age, **met)


def gain(deals, role):
    return deals[deals[role]]["won"].mean() - deals[~deals[role]]["won"].mean()


def test_won_deals_run_longer_and_meet_more_roles(decided):
    n_roles = decided[list(ROLES)].sum(axis=1)
    assert decided[decided["won"]]["age"].mean() > 1.3 * decided[~decided["won"]]["age"].mean()
    assert n_roles[decided["won"]].mean() > n_roles[~decided["won"]].mean() + 0.7
    assert n_roles.rank().corr(decided["age"].rank()) > 0.3


def test_at_equal_age_roles_still_count_but_less_and_not_all_alike(decided):
    bands = pd.qcut(decided["age"], 6)
    share = bands.value_counts(normalize=True)
    naive = {role: gain(decided, role) for role in ROLES}
    equal = {
        role: sum(share[band] * gain(deals, role) for band, deals in decided.groupby(bands))
        for role in ROLES
    }
    for role in ("decider", "approver", "gatekeeper"):
        assert 0.08 < equal[role] < naive[role], role
        assert equal[role] > max(equal["user"], equal["influencer"]), role


def test_customer_led_selling_wins_more(decided):
    led = decided["led"] > decided["led"].median()
    assert decided[led]["won"].mean() > decided[~led]["won"].mean() + 0.03


# The survey of contacts


def test_the_survey_follows_what_the_accounts_went_through(worlds):
    answers = pd.concat(
        [
            world["survey"]
            .merge(world["contacts"], left_on="respondent", right_on="contact_id")
            .assign(seed=seed)
            for seed, world in zip(SEEDS, worlds, strict=True)
        ]
    )
    assert 1_000 < len(answers) / len(SEEDS) < 1_400
    liked = answers.groupby("stance")["overall"].mean()
    assert liked.is_monotonic_increasing
    case_a = answers[(answers["account_id"] == cast.CASE_A) & (answers["date"] >= "2025-01-01")]
    assert case_a["overall"].mean() < answers["overall"].mean()
    # All four of satisfaction × loyalty are there.
    content, bound = answers["overall"] >= 4, answers["switch_at_discount"] >= 15
    quadrants = answers.groupby([content, bound]).size() / len(answers)
    assert len(quadrants) == 4
    assert (quadrants > 0.05).all()
