"""Boards that are kept: no rating is lost to another notebook or a full disk, and the marking."""

import json
import os

import pytest

from helpers import data, lessons, panels
from helpers.exercises import causes
from helpers.lessons import board, diagnosis, progress, store

CHOICES = ("holds", "holds only if it is revenue", "not supported")  # of the toy exercise 98.2
FINDINGS = {"share of the top fifth": 0.78, "profit too": 0.4}


def show(findings=FINDINGS, **options):
    return panels.evidence_board(findings, hypotheses=CHOICES, **options, **board("98.2"))


def press(panel, *ratings):
    for rating in ratings:
        panel.controls["rating"].value = rating


def commit(panel, named=CHOICES[1], sure=70):
    panel.controls["diagnosis"].value = named
    panel.controls["certainty"].value = sure
    panel.commit.click()


def kept(folder, world="seed 2025"):
    return json.loads((folder / "progress.json").read_text())["worlds"][world]["boards"]["98.2"]


# ------------------------------------------------------------------ keeping


def test_a_rating_is_in_the_file_as_soon_as_it_is_made(toy):
    panel = show()
    assert not (toy / "progress.json").exists()  # to look at a board is not to use it
    press(panel, "fits")
    assert kept(toy) == {
        "weight": 3,
        "diagnosis": "not yet",
        "certainty": 50,
        "ratings": {"share of the top fifth": {"holds": 1}},
        "commits": [],
    }
    press(panel, "speaks against")
    assert kept(toy)["ratings"]["share of the top fifth"] == {"holds": 1, CHOICES[1]: -1}
    commit(panel)
    commit(panel, "holds", 35)
    assert kept(toy)["commits"] == [
        {"diagnosis": CHOICES[1], "certainty": 70},
        {"diagnosis": "holds", "certainty": 35},
    ]
    again = show()
    assert again.values == panel.values and again.diagnosis == "holds"


def test_a_rating_may_be_changed_and_the_last_is_kept(toy):
    panel = show()
    press(panel, "fits")
    panel.controls["hypothesis"].value = "holds"
    press(panel, "speaks against")
    assert show().ratings().loc["share of the top fifth", "holds"] == -1
    assert kept(toy)["ratings"] == {"share of the top fifth": {"holds": -1}}


def test_hands_counted_are_kept(toy):
    panel = show(voters=30)
    panel.controls["fits"].value = 12
    panel.controls["against"].value = 9
    assert kept(toy)["ratings"] == {"share of the top fifth": {"holds": [12, 9]}}
    assert show(voters=30).controls["fits"].value == 0  # it stands at the next open place
    assert show(voters=30).ratings().loc["share of the top fifth", "holds"] == 0.1


def test_each_world_and_each_exercise_has_a_board_of_its_own(toy, monkeypatch):
    press(show(), "fits")
    monkeypatch.setattr(data, "world", lambda: "seed 7")
    assert board("98.2")["state"] == {}
    press(show(), "speaks against")
    assert kept(toy, "seed 7")["ratings"] == {"share of the top fifth": {"holds": -1}}
    assert kept(toy)["ratings"] == {"share of the top fifth": {"holds": 1}}
    assert board("98.1")["state"] == {}


def test_the_board_shown_twice_loses_nothing_of_either(toy):
    """A chapter shows its board again with one more finding; the first stays on the screen."""
    first = show()
    press(first, "fits", "says nothing")
    second = show({**FINDINGS, "the test": 3})
    press(second, "speaks against", "fits")
    second.controls["finding"].value = "1 share of the top fifth"
    press(second, "says nothing")  # of what the first has said that it fits
    commit(second)
    first.controls["weight"].value = 5  # the student scrolls up
    press(first, "fits")
    commit(first, "holds", 20)
    again = show({**FINDINGS, "the test": 3})
    assert again.ratings().iloc[0].tolist() == [0, 0, 1]
    assert again.ratings().iloc[1, 0] == 1
    assert [each["certainty"] for each in kept(toy)["commits"]] == [70, 20]
    assert kept(toy)["weight"] == 5
    second.controls["finding"].value = "3 the test"
    press(second, "fits")
    assert kept(toy)["weight"] == 5  # not what the second never moved
    assert [each["certainty"] for each in kept(toy)["commits"]] == [70, 20]


def test_two_notebooks_at_once_keep_both(toy):
    one, other = show(), show()
    for rating in ("fits", "says nothing", "speaks against"):
        press(one, rating)
        other.controls["finding"].value = "2 profit too"
        press(other, rating)
    assert show().ratings().to_numpy().tolist() == [[1, 0, -1], [1, 0, -1]]
    assert "98 |" in repr(progress())


def test_a_full_disk_is_said_on_the_board_and_loses_nothing(toy, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    panel = show()
    press(panel, "fits")
    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        press(panel, "says nothing")
        assert "could not be saved" in panel.text and "No space left" in panel.text
        press(panel, "speaks against")
        commit(panel)
        assert "Committed" in panel.text and "could not be saved" in panel.text
        said = diagnosis("98.2")  # from memory
        assert said.status == "right" and "91 of 100 points" in said.note
        assert ": 91 of 100 points. Your progress could not be saved in " in said.note
        assert show().ratings().iloc[0].tolist() == [1, 0, -1]
        assert list(kept(toy)["ratings"]["share of the top fifth"]) == ["holds"]
    press(panel, "fits")
    assert "could not be saved" not in panel.text
    assert show().ratings().iloc[0].tolist() == [1, 0, -1] and show().diagnosis == CHOICES[1]
    assert kept(toy)["ratings"]["profit too"] == {"holds": 1} and len(kept(toy)["commits"]) == 1


def test_a_folder_that_cannot_be_written_is_said(toy, monkeypatch):
    (toy / "file").write_text("")
    monkeypatch.setenv("COURSE_WORK", str(toy / "file" / "work"))
    panel = show()
    press(panel, "fits")
    assert "could not be saved" in panel.text
    assert show().ratings().iloc[0, 0] == 1


def test_a_progress_file_without_boards_still_reads(toy):
    lessons.check("98.1", 78.42)
    assert "boards" not in (toy / "progress.json").read_text()
    assert board("98.2")["state"] == {}
    assert diagnosis("98.2").status == "not tried"
    press(show(), "fits")
    record = json.loads((toy / "progress.json").read_text())["worlds"]["seed 2025"]
    assert record["exercises"]["98.1"]["status"] == "right"
    assert record["boards"]["98.2"]["ratings"]


@pytest.mark.parametrize(
    "boards",
    [
        [],
        "none",
        {"98.2": 5},
        {"98.2": {"ratings": 5, "commits": {}}},
        {"98.2": {"ratings": {"share of the top fifth": []}, "commits": [1, {"diagnosis": "x"}]}},
    ],
)
def test_boards_that_are_none_are_begun_anew(toy, boards):
    record = {"exercises": {}, "predictions": {}, "recall": {}, "boards": boards}
    state = {"schema": 1, "worlds": {"seed 2025": record}}
    (toy / "progress.json").write_text(json.dumps(state))
    assert diagnosis("98.2").status == "not tried"
    panel = show()
    press(panel, "fits")
    commit(panel)
    assert "could not" not in panel.text
    assert kept(toy)["ratings"] == {"share of the top fifth": {"holds": 1}}
    assert kept(toy)["commits"] == [{"diagnosis": CHOICES[1], "certainty": 70}]
    assert diagnosis("98.2").status == "right" and store._unsaved == []


def test_a_board_does_not_change_with_what_it_was_given(toy):
    press(show(), "fits")
    given = board("98.2")
    row = given["state"]["ratings"]["share of the top fifth"]
    values = {"ratings": {"share of the top fifth": row}, "commits": []}
    for rating in (-1, 0):
        row["holds"] = rating
        given["on_commit"](values)
        assert kept(toy)["ratings"] == {"share of the top fifth": {"holds": rating}}


# ------------------------------------------------------------------ marking


@pytest.mark.parametrize(
    ("named", "sure", "status", "points"),
    [
        (CHOICES[1], 100, "right", 100),
        (CHOICES[1], 70, "right", 91),
        (CHOICES[1], 15, "right", 28),
        (CHOICES[0], 15, "known mistake", 98),
        (CHOICES[0], 70, "known mistake", 51),
        (CHOICES[2], 100, "wrong", 0),
    ],
)
def test_a_diagnosis_is_marked_with_its_certainty(toy, named, sure, status, points):
    panel = show()
    press(panel, "fits")
    commit(panel, named, sure)
    said = diagnosis("98.2")
    assert (said.status, said.exercise) == (status, "98.2")
    assert f"You said “{named}” and were {sure} % sure: {points} of 100 points." in repr(said)
    if status == "known mistake":
        assert "For revenue it does. And for profit?" in said.message
    record = json.loads((toy / "progress.json").read_text())["worlds"]["seed 2025"]
    assert record["exercises"]["98.2"]["status"] == status
    assert record["exercises"]["98.2"]["tries"] == 1


def test_the_last_commit_counts(toy):
    panel = show()
    press(panel, "fits")
    commit(panel, "holds")
    assert diagnosis("98.2").status == "known mistake"
    panel.controls["diagnosis"].value = CHOICES[1]  # chosen, not yet committed
    assert diagnosis("98.2").status == "known mistake"
    panel.commit.click()
    assert diagnosis("98.2").status == "right"


def test_without_a_commit_there_is_nothing_to_mark(toy):
    said = diagnosis("98.2")
    assert (said.status, said.exercise) == ("not tried", "98.2")
    assert said.message == (
        "Nothing is committed yet: choose a diagnosis on the board, say how sure you are, and "
        "press Commit. Then run this cell."
    )
    press(show(), "fits")
    assert diagnosis("98.2").status == "not tried"
    assert store.read()["exercises"] == {}


def test_a_diagnosis_of_another_world_is_not_marked_here(toy, monkeypatch):
    panel = show()
    press(panel, "fits")
    commit(panel)
    monkeypatch.setattr(data, "world", lambda: "seed 7")
    assert diagnosis("98.2").status == "not tried"


def test_an_exercise_that_does_not_exist_names_the_nearest(toy):
    unknown = diagnosis("98.22")
    assert (unknown.status, unknown.exercise) == ("not tried", "")
    assert unknown.message == 'There is no "98.22" here; did you mean "98.2"?'
    assert diagnosis(98.2).exercise == "98.2"  # an id is known without quotes too


@pytest.mark.parametrize("certainty", ["much", None, [70]])
def test_a_certainty_that_is_none_is_not_marked(toy, certainty):
    board("98.2")["on_commit"](
        {"ratings": {}, "commits": [{"diagnosis": "holds", "certainty": certainty}]}
    )
    assert diagnosis("98.2").status == "not tried"


def test_a_reference_that_cannot_be_computed_is_said_without_points(toy):
    board("98.8")["on_commit"](
        {"ratings": {}, "commits": [{"diagnosis": "holds", "certainty": 70}]}
    )
    said = diagnosis("98.8")
    assert said.status == "not tried" and "cut off at line 12" in said.message
    assert "points" not in repr(said)


# ------------------------------------------------------------------ the truth


@pytest.fixture(params=[2025, 7])
def seed(request, monkeypatch):
    monkeypatch.setattr(data, "_current", None)
    data.use_world(request.param)
    return request.param


def test_the_cause_of_each_case_is_the_truth_of_the_loaded_world(seed):
    found = {case: {causes.cause_of(each) for each in causes.accounts_of(case)} for case in "ABCDE"}
    assert found == {
        "A": {"unstable quality"},
        "B": {"not ours"},
        "C": {"our rep left"},
        "D": {"short-termism"},
        "E": {"lack of innovation"},
    }


def test_the_exercise_of_a_case_knows_the_six_other_causes(seed):
    against = {cause: f"No trace of {cause}." for cause in causes.CAUSES if cause != "not ours"}
    exercise = causes.diagnosis("7b.3", case="B", against=against, insight="It moved.", hints=())
    assert exercise.choices == tuple(causes.CAUSES) and exercise.form == "a choice"
    assert exercise.answer() == causes.cause_of(causes.accounts_of("B")[0])
    known = {mistake.answer(): mistake.reason for mistake in exercise.mistakes}
    assert known == against
