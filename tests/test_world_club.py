"""The club of any world: what must hold whatever the seed, in two seeds or pooled over four."""

from __future__ import annotations

import functools
import unicodedata

import numpy as np
import pandas as pd
import pytest

from casedata.generate import catalogue, club, raw, survey
from casedata.generate.club import baskets, fees, mailings, points, rhythm
from casedata.generate.common import AS_OF, START
from casedata.generate.stories import Story

SEEDS = (2025, 11)
POOL = (*SEEDS, 3, 4)
MONTH = pd.Timedelta(days=30)


@functools.cache
def quiet_club(seed: int) -> dict[str, pd.DataFrame]:
    """Return the club of a world without stories, ids as text."""
    return make(seed, {})


def make(seed: int, stories: dict, **size) -> dict[str, pd.DataFrame]:
    tables = club.make(seed, catalogue.products(seed), stories, **size)
    for table in tables.values():
        names = table.select_dtypes("category").columns
        table[names] = table[names].astype("str")
    return tables


@pytest.fixture(params=SEEDS)
def tables(request) -> dict[str, pd.DataFrame]:
    return quiet_club(request.param)


def with_member(table: pd.DataFrame, tables: dict) -> pd.DataFrame:
    return table.merge(tables["members"], on="member_id", validate="many_to_one")


def spending_by_member(tables: dict) -> pd.Series:
    spent = tables["purchases"].groupby("member_id")["amount"].sum()
    return spent.reindex(tables["members"]["member_id"], fill_value=0)


# Members and purchases


def test_sizes_are_about_those_of_the_plan(tables):
    rows = {name: len(table) for name, table in tables.items()}
    assert rows["members"] == 8000
    assert 98_000 < rows["purchases"] < 120_000
    assert 9_000 < rows["redemptions"] < 14_000
    assert 3_500 < rows["fees"] < 5_500
    assert 18_000 < rows["mailings"] < 21_000
    assert rows["survey_members"] == 1800


def test_nobody_buys_before_joining_or_after_being_lost_or_before_the_launch(tables):
    products = catalogue.products(2025)[["sku", "launched"]]
    bought = with_member(tables["purchases"], tables).merge(products, on="sku")
    assert bought["date"].between(START, AS_OF).all()
    assert (bought["date"] >= bought["joined"]).all()
    assert not (bought["date"] > bought["loss_date"]).any()
    assert (bought["date"] >= bought["launched"]).all()
    assert bought["purchase_id"].is_unique
    assert tables["purchases"]["purchase_id"].is_monotonic_increasing
    assert tables["purchases"]["date"].is_monotonic_increasing


def test_the_top_fifth_spends_near_sixty_percent(tables):
    for spent in (
        spending_by_member(tables),
        tables["purchases"].groupby("member_id")["amount"].sum(),
    ):
        top = spent.nlargest(len(spent) // 5).sum() / spent.sum()
        assert 0.55 < top < 0.65


def test_members_have_cycles_of_their_own_and_gaps_are_irregular(tables):
    visits = tables["purchases"].drop_duplicates(["member_id", "date"])
    gap_days = visits.groupby("member_id")["date"].diff().dt.days
    gaps = gap_days.groupby(visits["member_id"]).agg(["median", "mean", "std", "count"])
    gaps = gaps[gaps["count"] >= 8]
    assert (gaps["std"] / gaps["mean"]).between(0.5, 1.5).mean() > 0.85
    assert gaps["median"].quantile(0.9) > 3 * gaps["median"].quantile(0.1)


def test_a_few_buy_in_bulk_and_seldom(tables):
    list_price = catalogue.products(2025).set_index("sku")["list_price"]
    sales = tables["purchases"]
    in_bulk = sales["amount"] > 5 * sales["sku"].map(list_price)
    size = sales.groupby("member_id").size()
    is_bulk_buyer = size.index.isin(sales.loc[in_bulk, "member_id"])
    assert 25 < is_bulk_buyer.sum() < 120
    assert size[is_bulk_buyer].median() < size[~is_bulk_buyer].median() / 1.5


def test_referrals_point_back_in_time_are_few_and_close_well(tables):
    members = tables["members"]
    referred = members[members["channel"] == "referral"]
    assert (members["referred_by"].notna() == (members["channel"] == "referral")).all()
    joined = members.set_index("member_id")["joined"]
    assert (joined.loc[referred["referred_by"]].to_numpy() < referred["joined"]).all()
    assert 0.03 < len(referred) / len(members) < 0.10
    buys = (spending_by_member(tables) > 0).groupby(members["channel"].to_numpy()).mean()
    assert buys["referral"] > buys["campaign"] + 0.05
    loyalty = members.groupby("channel")["loyalty"].mean()
    assert loyalty.idxmax() == "referral"
    assert loyalty.idxmin() == "campaign"


def test_losses_have_a_date_and_a_cause(tables):
    members = tables["members"]
    assert (members["loss_date"].notna() == members["cause"].notna()).all()
    assert (members["loss_date"] >= members["joined"])[members["cause"].notna()].all()
    shares = members["cause"].value_counts(normalize=True)
    assert set(shares.index) == set(club.CAUSES)
    assert shares.min() > 0.01
    assert 0.4 < members["cause"].notna().mean() < 0.6


def test_loyal_members_stay_and_bad_products_drive_members_away():
    lost = pd.concat(quiet_club(seed)["members"] for seed in POOL)
    gone = lost["loss_date"].notna().groupby(pd.cut(lost["loyalty"], 3)).mean()
    assert gone.iloc[0] > gone.iloc[2] + 0.2
    last = pd.concat(
        with_member(quiet_club(seed)["purchases"], quiet_club(seed)).drop_duplicates(
            "member_id", keep="last"
        )
        for seed in POOL
    )
    fails = last["sku"].str[:2].isin(["SC", "TM", "PR"])
    quality = last["cause"] == "quality"
    assert fails[quality].mean() > 1.3 * fails[~quality].mean()


def test_who_bought_one_buys_its_companion_next():
    sales = pd.concat(quiet_club(seed)["purchases"] for seed in POOL)
    sales = sales.sort_values(["member_id", "purchase_id"])
    following = sales.groupby("member_id")["sku"].shift(-1)
    for first, second in (("MS02", "KB02"), ("KB03", "HS03"), ("SC01", "PR01")):
        after = (following[sales["sku"] == first] == second).mean()
        assert after > 1.5 * (following.dropna() == second).mean()
    assert set(baskets.COMPANIONS) | set(baskets.COMPANIONS.values()) <= set(sales["sku"])


def test_a_new_product_is_bought_by_owners_of_its_relatives(tables):
    sales = tables["purchases"]
    for new, launched in (("MS04", "2023-09-01"), ("HS04", "2024-04-01")):
        before, after = sales[sales["date"] < launched], sales[sales["date"] >= launched]
        owners = before.loc[before["sku"].isin(baskets.RELATIVES[new]), "member_id"]
        months = after[after["date"] < pd.Timestamp(launched) + 4 * MONTH]
        months = months[months["member_id"].isin(before["member_id"])]
        takes = (months["sku"] == new).groupby(months["member_id"].isin(owners)).mean()
        assert takes[True] > 2 * takes[False] > 0


# Points, cards, fees


def test_points_come_with_the_programme_a_point_a_yuan(tables):
    bought = with_member(tables["purchases"], tables)
    under_points = bought["date"] >= bought["points_from"]
    assert (bought.loc[~under_points, "points"] == 0).all()
    assert (bought["points"] == np.floor(bought["amount"])).loc[under_points].all()
    starts = tables["members"].groupby("city")["points_from"].agg(["nunique", "first"])
    assert starts["nunique"].max() == 1
    assert starts["first"].nunique() == 4
    assert starts["first"].isna().sum() == 2


def test_no_balance_of_points_is_ever_negative(tables):
    earned = tables["purchases"][["member_id", "date", "points"]].assign(order=0)
    spent = tables["redemptions"][["member_id", "date", "points"]].assign(order=1)
    spent["points"] *= -1
    account = pd.concat([earned, spent]).sort_values(["member_id", "date", "order"])
    assert account.groupby("member_id")["points"].cumsum().min() >= 0
    assert set(spent["points"]) == {-500, -1000, -1500}
    assert len(tables["redemptions"][["points", "reward", "cost"]].drop_duplicates()) == 3


def test_points_lift_some_purchases_modestly(monkeypatch):
    def under_points(tables):
        return (tables["purchases"]["points"] > 0).sum()

    with_lift = sum(under_points(quiet_club(seed)) for seed in POOL)
    monkeypatch.setattr(rhythm, "POINTS_LIFT", 1.0)
    without = sum(under_points(make(seed, {})) for seed in POOL)
    assert 1.02 < with_lift / without < 1.15


def test_cards_follow_the_spending_of_the_last_year(tables):
    sales = tables["purchases"]
    spent = sales[sales["date"].dt.year == points.CARD_YEAR].groupby("member_id")["amount"].sum()
    spent = spent.reindex(tables["members"]["member_id"], fill_value=0).to_numpy()
    levels = dict(zip(points.CARDS, (0, *points.CARD_FROM_YUAN), strict=True))
    assert (spent >= tables["members"]["card"].map(levels)).all()
    shares = tables["members"]["card"].value_counts(normalize=True)
    assert list(shares.index) == list(points.CARDS)
    assert 0.01 < shares["diamond"] < 0.06


def test_fee_upon_fee_drives_members_out():
    charged = pd.concat([with_member(quiet_club(seed)["fees"], quiet_club(seed)) for seed in POOL])
    assert set(charged["kind"]) == set(fees.YUAN)
    assert not (charged["date"] > charged["loss_date"]).any()
    payer = charged.groupby(["member_id", "joined", "city"])
    months = payer["kind"].agg(lambda kinds: (kinds == "monthly rent").sum())
    extra = payer["kind"].agg(lambda kinds: kinds.isin(["late", "roaming", "number change"]).sum())
    lost = payer["cause"].agg(lambda causes: causes.iloc[0] == "short_termism")
    often = extra / (months + 1) > 0.4
    leaving_per_month = lost.groupby(often).sum() / months.groupby(often).sum()
    assert leaving_per_month[True] > 2 * leaving_per_month[False]


# Mailings


@functools.cache
def letters() -> pd.DataFrame:
    """Return the mailings of all POOL worlds, with what was bought before and after."""
    return pd.concat(_letters(quiet_club(seed)) for seed in POOL)


def _letters(tables) -> pd.DataFrame:
    listed = tables["mailings"].reset_index(names="row")
    pairs = listed.merge(tables["purchases"].rename(columns={"date": "bought"}), on="member_id")
    days = (pairs["bought"] - pairs["date"]).dt.days
    counts = {
        "bought_after": pairs[days.between(1, mailings.EFFECT_DAYS)].groupby("row").size(),
        "bought_before": pairs[days.between(-365, -1)].groupby("row").size(),
        "spent_before": pairs[days.between(-180, -1)].groupby("row")["amount"].sum(),
    }
    listed = listed.join(pd.DataFrame(counts), on="row")
    return listed.fillna({name: 0 for name in counts})


def test_the_coin_is_fair_and_the_chosen_are_the_top_spenders():
    coin = letters().query("assigned == 'random'").groupby("mailed")["spent_before"]
    assert coin.mean()[True] / coin.mean()[False] == pytest.approx(1, abs=0.08)

    listed = _letters(quiet_club(2025))
    assert not listed.duplicated(["member_id", "campaign"]).any()
    assert (listed["cost"] == np.where(listed["mailed"], mailings.COST_YUAN, 0)).all()
    for _, campaign in listed.query("assigned == 'chosen'").groupby("campaign"):
        spent = campaign.groupby("mailed")["spent_before"]
        assert spent.min()[True] >= spent.max()[False] - 0.01


def test_response_is_not_uplift():
    listed = letters()
    rate = (listed["bought_after"] > 0).groupby([listed["assigned"], listed["mailed"]]).mean()
    uplift = rate["random", True] - rate["random", False]
    naive = rate["chosen", True] - rate["chosen", False]
    assert 0.02 < uplift < 0.06
    assert naive > 5 * uplift

    coin = listed[listed["assigned"] == "random"]
    regular = pd.cut(coin["bought_before"], [0, 9, 18, np.inf], labels=["some", "often", "regular"])
    bought = coin.groupby(["mailed", regular], observed=True)["bought_after"].mean()
    by_group = bought[True] - bought[False]
    assert by_group["some"] > 0.04
    assert by_group["regular"] < -0.05


# Survey


@functools.cache
def answers() -> pd.DataFrame:
    """Return the answers of POOL with the truth and whether the member bought within 182 days."""
    return pd.concat(_answers(quiet_club(seed)) for seed in POOL)


def _answers(tables) -> pd.DataFrame:
    asked = with_member(
        tables["survey_members"].rename(columns={"respondent": "member_id"}), tables
    )
    later = asked[["member_id", "date"]].merge(
        tables["purchases"][["member_id", "date"]], on="member_id", suffixes=("", "_bought")
    )
    wait_days = (later["date_bought"] - later["date"]).dt.days
    back = later.loc[wait_days.between(1, 182), "member_id"]
    return asked.assign(back=asked["member_id"].isin(back))


def test_answers_keep_to_their_scales():
    asked = answers()
    scales = [c for c in survey.COLUMNS[2:] if c != "switch_at_discount"]
    assert asked[scales].isin(range(1, 6)).all(axis=None)
    assert asked["switch_at_discount"].isin(range(0, 51, 5)).all()
    assert (asked[scales].std() > 0.5).all()


def test_satisfaction_is_not_loyalty_and_intention_is_not_behaviour():
    asked = answers()
    satisfied = asked["overall"] >= 4
    corners = pd.crosstab(satisfied, asked["back"], normalize=True)
    assert corners.min(axis=None) > 0.08  # apostles, mercenaries, hostages, defectors
    assert asked.loc[satisfied, "back"].mean() > asked.loc[~satisfied, "back"].mean() + 0.05
    willing = asked["intends_to_return"] >= 4
    assert willing.mean() > asked["back"].mean() + 0.04
    assert 0.5 < asked.loc[willing, "back"].mean() < 0.85
    assert 0.1 < asked["back"].corr(asked["intends_to_return"]) < 0.5
    assert asked["switch_at_discount"].corr(asked["loyalty"]) > 0.3


def test_a_complaint_made_good_wins_satisfaction_but_no_purchases():
    asked = answers()
    made_good = asked["detail"].str.contains("made good")
    untroubled = ~asked["detail"].str.contains("complaint")
    assert asked.loc[made_good, "overall"].mean() > asked.loc[untroubled, "overall"].mean() + 0.3
    assert asked.loc[made_good, "back"].mean() < asked.loc[untroubled, "back"].mean() + 0.02


def test_join_puts_both_parts_in_order_of_date():
    members = quiet_club(2025)["survey_members"]
    contacts = members.tail(3).assign(respondent=["P00003", "P00002", "P00001"])
    joined = survey.join(contacts, members)
    assert list(joined.columns) == survey.COLUMNS
    assert len(joined) == len(members) + 3
    assert joined["date"].is_monotonic_increasing


# The raw quarter


def plain(text: pd.Series) -> pd.Series:
    """Return text with full-width characters made ordinary, missing values made missing."""
    text = text.map(lambda cell: unicodedata.normalize("NFKC", cell).strip())
    return text.mask(text.isin(raw.MISSING))


def clean(sent: pd.DataFrame) -> pd.DataFrame:
    """Mend the raw quarter as a careful student would; rows that cannot be mended are left out."""
    sent = sent.apply(plain)
    digits = sent["date"].str.replace(r"\D", "", regex=True)
    mended = pd.DataFrame(
        {
            "purchase_id": sent["purchase_id"].astype(int),
            "date": pd.to_datetime(digits, format="%Y%m%d"),
            "member_id": sent["member_id"].str.upper().str.replace("-", ""),
            "sku": sent["sku"].str.upper().str.replace("-", ""),
            "amount": sent["amount"].str.replace(r"[^\d.-]", "", regex=True).astype(float),
            "margin": sent["margin"].astype(float),
            "points": sent["points"].astype(int),
        }
    )
    taken_back = mended.loc[mended["amount"] < 0, "purchase_id"]
    mended = mended[~mended["purchase_id"].isin(taken_back)].sort_values("purchase_id")
    mended["date"] = mended["date"].ffill()
    mended = mended[mended["date"].between(*raw.QUARTER)]
    return mended.drop_duplicates().dropna().reset_index(drop=True)


def quarter_of(tables) -> pd.DataFrame:
    sales = tables["purchases"]
    return sales[sales["date"].between(*raw.QUARTER)].reset_index(drop=True)


def test_the_mended_quarter_is_the_quarter_in_purchases(tables):
    quarter, mended = quarter_of(tables), clean(tables["purchases_raw"])
    counts = raw.fault_counts(len(quarter))
    known = quarter[quarter["purchase_id"].isin(mended["purchase_id"])].reset_index(drop=True)
    assert len(quarter) - len(known) == counts["no_member"] + counts["no_amount"]
    pd.testing.assert_frame_equal(mended, known, check_dtype=False)


def test_each_fault_has_its_known_number_of_rows(tables):
    quarter, sent = quarter_of(tables), tables["purchases_raw"]
    counts = raw.fault_counts(len(quarter))
    assert min(counts.values()) > 30
    missing = sent.isin(raw.MISSING)
    assert missing["member_id"].sum() == counts["no_member"]
    assert missing["amount"].sum() == counts["no_amount"]
    assert missing["date"].sum() == counts["no_date"]
    usual = {
        "member": sent["member_id"].str.fullmatch("M[0-9]{6}"),
        "sku": sent["sku"].str.fullmatch("[A-Z]{2}[0-9]{2}"),
        "date": sent["date"].str.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}"),
        "amount": sent["amount"].str.fullmatch("-?[0-9]+[.][0-9]{2}"),
    }
    for column, well_formed in usual.items():
        blank = missing.get(column, missing.get(f"{column}_id"))
        assert (~well_formed & ~blank).sum() == counts[f"odd_{column}"]

    refund = plain(sent["amount"]).str.contains("-", na=False)
    ids = sent.loc[~refund, "purchase_id"]
    assert ids.duplicated().sum() == counts["duplicate"]
    sales = tables["purchases"].set_index(tables["purchases"]["purchase_id"].astype(str))["date"]
    assert (ids.map(sales) < raw.QUARTER[0]).sum() == counts["late"]
    assert refund.sum() == ids.map(sales).isna().sum() > 50  # returned sales are no purchases


# Stories


def story(name: str, **params) -> dict[str, Story]:
    return {name: Story(name, pd.Timestamp("2025-04-01"), pd.Timestamp("2025-07-31"), params)}


def in_story(tables, stories: dict) -> pd.DataFrame:
    """Return the purchases in the time of the one story, with the members' columns."""
    (told,) = stories.values()
    return with_member(tables["purchases"][told.covers(tables["purchases"]["date"])], tables)


def test_a_counterfeit_line_loses_sales_in_its_city_alone():
    told = story("counterfeit_line", city="Shanghai", line="mice", lost=0.6)
    with_fakes, without = (in_story(make(11, s), told) for s in (told, {}))
    mice = [sales["sku"].str.startswith("MS") for sales in (with_fakes, without)]
    there = [sales["city"] == "Shanghai" for sales in (with_fakes, without)]
    assert (mice[0] & there[0]).sum() < 0.55 * (mice[1] & there[1]).sum()
    assert (mice[0] & ~there[0]).sum() > 0.95 * (mice[1] & ~there[1]).sum()


def test_a_viral_product_jumps_in_its_city():
    told = story("viral_product", city="Wuhan", sku="HS03", lift=7)
    sales = in_story(make(11, told), told)
    share = (sales["sku"] == "HS03").groupby(sales["city"]).mean()
    assert share.idxmax() == "Wuhan"
    assert share["Wuhan"] > 4 * share.drop("Wuhan").max()


def test_a_generous_clerk_shows_in_points_per_yuan():
    told = story("generous_clerk", city="Xiamen", factor=1.8)
    sales = in_story(make(11, told), told)
    sales = sales[sales["points"] > 0].groupby("city")[["points", "amount"]].sum()
    ratio = sales["points"] / sales["amount"]
    assert ratio["Xiamen"] == pytest.approx(1.8, abs=0.02)
    assert ratio.drop("Xiamen").max() < 1.01


# The generator itself


def test_the_same_seed_gives_the_same_club_and_another_seed_another():
    for name, table in make(2025, {}).items():
        pd.testing.assert_frame_equal(table, quiet_club(2025)[name])
    assert not quiet_club(2025)["purchases"].equals(quiet_club(11)["purchases"])


@pytest.mark.parametrize("n_members", [40, 20_000])
def test_the_club_can_have_another_size(n_members):
    tables = make(3, {}, n_members=n_members)
    assert len(tables["members"]) == n_members
    assert 8 * n_members < len(tables["purchases"]) < 20 * n_members
