"""The capstone in worlds of several seeds: its search finds what is true, and nothing else."""

import io
import json
from contextlib import redirect_stdout
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from test_companions import shown_by

from casedata.generate.stories import STORIES, draw
from helpers import data, lessons
from helpers.churn import CAUSES
from helpers.exercises import ch12

mpl.use("Agg")
COMPANION = Path(__file__).parents[1] / "notebooks" / "instructor" / "12_capstone.ipynb"
SEEDS = (3, 11, 18, 34, 38, 123456789)  # beside those of test_companions
NOT_HERE = ("solution-7", "truth-of")  # the ledger takes its time, and is tested by itself


def run(seed: int) -> dict:
    """Return the names that the companion leaves behind in a world, and what its checks said."""
    data.use_world(seed)
    names, said = {"__name__": "__main__"}, {}
    for cell in json.loads(COMPANION.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code" and cell["id"] not in NOT_HERE:
            with redirect_stdout(io.StringIO()):
                shown = shown_by("".join(cell["source"]), names)
            if "solution" in cell["metadata"].get("course", {}):
                said[shown.exercise] = (shown.status, shown.message)
    plt.close("all")
    return names | {"said": said}


@pytest.fixture(scope="module", params=SEEDS)
def shown(request):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data, "_current", None)
        yield run(request.param) | {"seed": request.param}


def test_the_worlds_tried_hold_every_story():
    assert {name for seed in SEEDS for name in draw(seed)} == set(STORIES)
    assert set(ch12.RUMOURS["key"]) == set(STORIES)


def test_the_search_finds_the_three_stories_with_place_and_month(shown):
    true = draw(shown["seed"])
    assert set(shown["found"]) == set(true)
    for key, story in true.items():
        fixed = {"budget_freeze": "public body", "web_rival": "small"}
        column = ch12.RUMOURS.set_index("key").loc[key, "place"]
        assert shown["found"][key] == (fixed.get(key) or story[column])
        assert abs(shown["since"][key] - story.start.month) <= 1


def test_every_solution_is_right(shown):
    assert {status for status, _ in shown["said"].values()} == {"right"}, shown["said"]


def test_the_five_files_are_varied_and_their_words_mislead(shown):
    files = ch12.files()
    assert len(files) == 5 and set(files["cause"]) <= set(CAUSES)
    assert 3 <= files["cause"].nunique() <= 4
    assert "not ours" in set(files["cause"])
    assert (files["recorded"] != files["cause"]).any()
    assert files["odd note"].any()
    assert not files.index.isin(data.read("cases")["account_id"]).any()
    truth = data.read("truth").set_index("id")["cause"]
    assert all(truth[account] in CAUSES[cause] for account, cause in files["cause"].items())


def test_the_procedure_tells_most_losses_and_seldom_tells_wrong(shown):
    said, lost = shown["said_cause"], shown["lost"]
    assert (said == lost).mean() > 0.55
    assert (said.notna() & (said != lost)).mean() < 0.2


def test_the_page_of_the_companion_can_be_handed_in(shown):
    assert shown["page"].missing == []
    assert shown["page"].path.exists()


def test_two_numbers_have_different_answers(monkeypatch):
    monkeypatch.setattr(data, "_current", None)
    answers = []
    for seed in (18, 34):  # both with a flood: in other places, for other money
        data.use_world(seed)
        answers.append({i: lessons.solution(f"12.{i}") for i in range(1, 7)})
    for number in answers[0]:
        assert str(answers[0][number]) != str(answers[1][number]), f"12.{number}"


def test_a_world_without_truth_says_so_in_a_sentence(monkeypatch):
    monkeypatch.setattr(data, "_current", None)
    data.use_world(data.COMMITTED_SEED)
    truth = data.read("truth")
    untold = truth[(truth["kind"] != "story") & truth["loss_date"].isna()]
    real = data.read
    monkeypatch.setattr(ch12.data, "read", lambda name: untold if name == "truth" else real(name))
    monkeypatch.setattr(
        "helpers.exercises._computed", lambda function, arguments, _: function(*arguments)
    )
    for number in range(1, 6):
        feedback = lessons.check(f"12.{number}", "something")
        assert feedback.status == "not tried"
        assert "This world holds no answer" in feedback.message


def test_a_wrong_month_is_early_or_late_not_rounded():
    with data.in_world(data.COMMITTED_SEED):  # elsewhere a wrong month may be a known mistake
        months = dict(lessons.solution("12.3"))
        key = next(iter(months))
        late = lessons.check("12.3", months | {key: months[key] + 4})
        early = lessons.check("12.3", months | {key: months[key] - 3})
    assert "too late" in late.message
    assert "too early" in early.message
