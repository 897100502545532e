"""Exercises proved three ways, in the committed world and in others: solutions are right, known
mistakes are named, a blank stub is refused. Companions run without Jupyter, cell after cell.
"""

import ast
import json
from pathlib import Path

import matplotlib as mpl
import pytest

from helpers import data, exercises, lessons
from helpers.exercises import computed
from helpers.lessons import check, recall

mpl.use("Agg")
COMPANIONS = sorted((Path(__file__).parents[1] / "notebooks" / "instructor").glob("*.ipynb"))
SEEDS = (data.COMMITTED_SEED, 7, 88, 314)


@pytest.fixture(scope="module", params=SEEDS)
def seed(request):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data, "_current", None)
        data.use_world(seed=request.param)
        yield request.param


@pytest.fixture(
    params=[exercise for _, exercise in exercises.everywhere("EXERCISES")], ids="{0.id}".format
)
def exercise(request):
    return request.param


def shown_by(source: str, namespace: dict) -> object:
    """Run a cell as a notebook does, and return the value of its last line."""
    tree = ast.parse(source)
    if tree.body and isinstance(tree.body[-1], ast.Expr):
        last = tree.body[-1]
        tree.body[-1] = ast.Assign([ast.Name("_shown", ast.Store())], last.value)
    namespace["_shown"] = None
    exec(compile(ast.fix_missing_locations(tree), "<cell>", "exec"), namespace)
    return namespace["_shown"]


@pytest.mark.parametrize("path", COMPANIONS, ids=lambda path: path.stem)
def test_every_solution_of_a_companion_is_right(seed, path):
    namespace = {"__name__": "__main__"}
    told = {}
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            shown = shown_by("".join(cell["source"]), namespace)
            if solved := cell["metadata"].get("course", {}).get("solution"):
                assert isinstance(shown, lessons.Feedback), f"{cell['id']} does not end in a check"
                told[shown.exercise] = (shown.status, shown.message)
                assert shown.exercise == solved
    assert told and {status for status, _ in told.values()} == {"right"}, told


def test_known_mistakes_are_named(seed, exercise):
    for answer, reason in lessons.mistakes(exercise.id):
        feedback = check(exercise.id, answer)
        assert feedback.status == "known mistake", (answer, reason)
        if seed == data.COMMITTED_SEED:
            assert feedback.message == reason


def test_the_committed_world_tells_all_mistakes_from_the_answer(exercise, monkeypatch):
    monkeypatch.setattr(data, "_current", None)  # whatever world another test has in use
    if exercise.form == "a memo":
        assert 3 <= len(exercise.points()) <= 4
        return
    assert len(exercise.mistakes) >= 2
    assert len(lessons.mistakes(exercise.id)) == len(exercise.mistakes)


def test_a_solution_is_right_and_a_stub_is_not_tried(seed, exercise):
    assert check(exercise.id, ...).status == "not tried"
    if exercise.form != "a memo":
        assert check(exercise.id, lessons.solution(exercise.id)).status == "right"


def test_an_exercise_asks_helps_and_explains(exercise):
    assert exercise.question and exercise.minutes > 0
    assert exercise.form == "a memo" or (exercise.insight and 1 <= len(exercise.hints) <= 3)
    assert all(mistake.reason.endswith((".", "?", "!")) for mistake in exercise.mistakes)


@pytest.mark.parametrize("chapter", exercises.chapters())
def test_recall_accepts_its_own_answers_and_gives_reasons(seed, chapter):
    for number, question in enumerate(exercises.of_chapter(chapter, "RECALL"), 1):
        right = computed(question.right) if callable(question.right) else question.right
        assert repr(recall(chapter).answer(number, right)).startswith("✓"), question.text
        assert question.because
        assert not question.choices or (right in question.choices and len(question.choices) >= 2)


@pytest.mark.parametrize("chapter", exercises.chapters())
def test_claims_are_answered_from_the_world(seed, chapter):
    for claim in exercises.of_chapter(chapter, "CLAIMS"):
        figures, sentence = computed(claim.answer)
        verdict = claim.verdict(figures) if callable(claim.verdict) else claim.verdict
        assert verdict == "holds" or verdict.startswith(("holds only if ", "not supported"))
        assert any(character.isdigit() for character in sentence)
        assert claim.evidence and claim.would_change


def test_guesses_lie_within_their_range():
    for _, prediction in exercises.everywhere("PREDICTIONS"):
        assert prediction.low < prediction.high or len(prediction.choices) >= 2
