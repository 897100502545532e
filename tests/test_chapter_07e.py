"""Case E in worlds of several seeds: its diagnosis and its break-even hold whatever is drawn."""

import ast
import json
from pathlib import Path

import pytest

from helpers import data
from helpers.exercises import causes, ch07e

CHAPTER = Path(__file__).parents[1] / "notebooks" / "07e_case_mouse.ipynb"
SEEDS = (data.COMMITTED_SEED, 7, 88, 314, 12345, 4242)


@pytest.fixture(scope="module", params=SEEDS)
def world(request):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data, "_current", None)
        data.use_world(seed=request.param)
        yield request.param


def test_the_ranges_that_the_exercise_marks_are_those_that_the_chapter_states():
    cells = json.loads(CHAPTER.read_text(encoding="utf-8"))["cells"]
    source = {cell["id"]: "".join(cell["source"]) for cell in cells}
    stated = ast.parse(source["sales-says"]).body[0].value
    assert ast.literal_eval(stated) == ch07e.STATED
    terms = f"{ch07e.BUY_MARGIN} yuan a mouse are left, {ch07e.BUY_LAUNCH:,} yuan"
    assert terms in source["exercise-3"]
    assert f'"buy in": ({ch07e.BUY_MARGIN}, {ch07e.BUY_LAUNCH:_})' in source["options-table"]


def test_the_three_shops_are_lost_for_one_cause_and_still_order(world):
    shops = causes.accounts_of("E")
    assert {causes.cause_of(shop) for shop in shops} == {"lack of innovation"}
    orders = data.read("orders")
    last = orders[orders["account_id"].isin(shops)].groupby("account_id")["date"].max()
    assert len(last) == 3 and (last >= "2025-09-01").all()


def test_the_rivals_sell_more_at_a_price_that_stood_still(world):
    rivals = ch07e._rivals(ch07e._three())
    sums = rivals.groupby(["line", "year"])[["units", "yuan"]].sum().unstack()
    price = sums["yuan"] / sums["units"]
    assert (price[2025] / price[2024] - 1).abs().max() < 0.03
    assert (sums["units"][2025] / sums["units"][2024]).min() > 1.2
    assert ch07e._share(ch07e._three(2025)) < 0.7 * ch07e._share(ch07e._three(2024))


def test_neither_way_is_sure_and_buying_in_is_the_better_bet(world):
    make, buy_in = ch07e._chance_to_make(), ch07e._chance()
    assert 5 < make < 50 < buy_in < 97
    assert ch07e._chance(kept=0.0) < buy_in - 10  # the place counts


def test_another_seed_and_fewer_futures_stay_within_the_tolerance():
    chances = []
    for seed in range(20):
        rng = ch07e.np.random.default_rng(seed)
        draws = {name: rng.triangular(*three, 5_000) for name, three in ch07e.STATED.items()}
        result = ch07e._worth(draws, margin=ch07e.BUY_MARGIN, launch=ch07e.BUY_LAUNCH)
        chances.append(100 * (result >= 0).mean())
    assert max(abs(chance - ch07e._chance()) for chance in chances) < ch07e.CHANCE.tolerance
