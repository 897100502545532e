"""What students get told, and what is kept of it."""

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser

import pandas as pd
import pytest

from helpers import data, exercises, lessons
from helpers.lessons import check, claims, files, glossary, hint, ledger, predict, recall, reveal
from helpers.lessons.ledger import KINDS

PROFIT = {"K1": 1200.0, "K2": 350.5, "K3": -80.0}
TABLE = pd.DataFrame({"account_id": [*PROFIT], "profit": PROFIT.values(), "tier": list("ABD")})

# exercise, answer, status, what the message says
SAID = [
    ("98.1", ..., "not tried", "one number; unit: %"),
    ("98.1", None, "not tried", "print"),
    ("98.1", 78.42, "right", "78 % is a lot"),
    ("98.1", 78.5, "right", "a lot"),
    ("98.1", 78.6, "wrong", "outside the tolerance"),
    ("98.1", 20, "known mistake", "share of customers"),
    ("98.1", 0.7842, "known mistake", "between 0 and 1"),
    ("98.1", -78.4, "known mistake", "sign"),
    ("98.1", 78, "wrong", "rounded too far"),
    ("98.1", 784.2, "wrong", "10 times too large"),
    ("98.1", 99, "wrong", 'too high. For a hint: hint("98.1")'),
    ("98.1", 5, "wrong", "much too low"),
    ("98.1", "78 %", "wrong", "without quotes and without the unit"),
    ("98.1", "78,4", "wrong", "without quotes"),
    ("98.1", True, "wrong", "truth value"),
    ("98.1", len, "wrong", "call it, with ()"),
    ("98.1", float("nan"), "wrong", "NaN"),
    ("98.1", pd.Timestamp("2025-01-02"), "wrong", "the date 2025-01-02"),
    ("98.1", [1, 2], "wrong", "a list with 2 values"),
    ("98.1", TABLE.groupby("tier"), "wrong", "still waits for .sum()"),
    ("98.1", (each for each in [1]), "wrong", "put list(…) around it"),
    ("98.2", " Holds only IF it is revenue. ", "right", ""),
    ("98.2", "holds", "known mistake", "for profit?"),
    ("98.2", "not supported", "wrong", "not the one that the data support"),
    ("98.2", "perhaps", "wrong", '"perhaps" is not among the choices: "holds"'),
    ("98.3", {"K1", "K2", "K3"}, "right", ""),
    ("98.3", TABLE, "right", ""),
    ("98.3", ["K1", "K2"], "known mistake", "mind the sign"),
    ("98.3", ["K1", "K7", "K8"], "wrong", '2 too many (such as "K7") and 2 missing'),
    ("98.3", ["K1", "K2", "K3", "K3"], "wrong", "more than once"),
    ("98.4", ["K1", "K2", "K3"], "right", ""),
    ("98.4", ["K3", "K2", "K1"], "known mistake", "Ascending"),
    ("98.4", ["K2", "K1", "K3"], "wrong", "look at place 1"),
    ("98.4", {"K1", "K2", "K3"}, "wrong", "A set has no order"),
    ("98.5", PROFIT, "right", ""),
    ("98.5", TABLE, "right", ""),
    ("98.5", PROFIT | {"K2": 5.0}, "wrong", '1 of 3 values differ; at "K2" you have 5'),
    ("98.5", {each: yuan / 1000 for each, yuan in PROFIT.items()}, "known mistake", "thousands"),
    ("98.5", list(PROFIT.values()), "wrong", "A Series is wanted; this is a list"),
    ("98.5", pd.Series(PROFIT.values()), "wrong", "None of its ids is known here"),
    ("98.6", TABLE, "right", ""),
    ("98.6", TABLE.assign(tier=["D", "B", "A"]), "known mistake", "small end"),
    ("98.6", TABLE.assign(tier=["A", "B", "C"]), "wrong", 'column tier: 1 of 3 values differ'),
    ("98.6", TABLE.assign(profit=TABLE["profit"] / 1000), "known mistake", "thousands of yuan"),
    ("98.6", TABLE.assign(profit=TABLE["profit"] * 100), "wrong", 'have 120,000. That is 100'),
    ("98.6", TABLE.drop(columns="tier"), "wrong", "column tier is missing"),
    ("98.6", pd.concat([TABLE, TABLE]), "wrong", '"K1" stands there 2 times'),
    ("98.6", TABLE.head(2), "wrong", "1 missing"),
    ("98.6", TABLE.rename(columns={"tier": "profit"}), "wrong", "profit stands there twice"),
    ("98.7", "Raise K1.", "wrong", "2 words of at least 8; says what it costs"),
    ("98.7", "We raise the prices of K1 by 20 yuan.", "right", "Complete"),
    ("98.7", "对K1每年多收一百元", "right", "Complete"),
    ("98.9", 0.1 * 3 * 10, "right", ""),
    ("98.10", [], "right", ""),
    ("98.10", pd.Series(dtype="str"), "right", ""),
    ("98.10", ["K1"], "wrong", '1 too many (such as "K1")'),
    ("98.9", 4, "wrong", "too high"),
]  # fmt: skip


@pytest.mark.parametrize(("exercise", "answer", "status", "said"), SAID)
def test_feedback_names_what_happened(toy, exercise, answer, status, said):
    feedback = check(exercise, answer)
    assert (feedback.status, feedback.exercise) == (status, exercise)
    assert said in feedback.message
    assert feedback.message in repr(feedback)


def test_wrong_answers_do_not_learn_the_right_one(toy):
    told = [repr(check(each, answer)) for each, answer, status, _ in SAID if status == "wrong"]
    assert not [text for text in told if "78.42" in text or "350.5" in text or '"K9"' in text]


def test_ids_that_do_not_exist_name_the_nearest(toy):
    assert 'did you mean "98.3"' in check("98.33", 1).message
    assert "in quotes" in check(98.1, 1).message
    assert 'did you mean "98.3"' in repr(hint("98.33"))
    assert 'did you mean "98.top"' in repr(predict("98.tip"))
    assert 'did you mean "T3"' in repr(claims("T33"))
    assert 'did you mean "whale curve"' in repr(glossary("whale curv"))
    with pytest.raises(data.CourseError, match=r'did you mean "98\.3"'):
        lessons.solution("98.33")


def test_a_broken_table_is_said_and_not_counted_as_a_try(toy):
    feedback = check("98.8", 1)
    assert feedback.status == "not tried"
    assert "orders.csv is cut off at line 12." in feedback.message
    assert not (toy / "progress.json").exists()
    assert "Cannot be computed here: orders.csv" in repr(claims("T4"))


def test_references_follow_the_world_and_are_computed_once_in_each(toy, monkeypatch):
    calls = exercises.importlib.import_module("helpers.exercises.ch98").CALLS
    calls.clear()
    assert check("98.1", 61.0).status == "known mistake"
    check("98.1", 1)
    monkeypatch.setattr(data, "_current", data.World("seed 7", data.COMMITTED, ""))
    assert check("98.1", 61.0).status == "right", "a mistake that is right here is skipped"
    assert [reason for _, reason in lessons.mistakes("98.1")] == [
        "That is the share of customers, not of revenue."
    ]
    assert calls == ["seed 2025", "seed 7"]
    assert "Verdict: not supported" in repr(claims("T3"))


def test_solutions_are_right_and_mistakes_are_known(toy):
    for exercise in lessons.exercises()["exercise"].drop([6, 7]):
        assert check(exercise, lessons.solution(exercise)).status == "right"
        for answer, reason in lessons.mistakes(exercise):
            assert check(exercise, answer).message == reason


def test_a_solution_can_be_changed_without_harm(toy):
    table = lessons.solution("98.6")
    table["profit"] = 0
    assert check("98.6", TABLE).status == "right"


def test_what_an_exercise_hands_out_is_fresh_and_of_this_world(toy, monkeypatch):
    lessons.given("98.4").clear()
    assert lessons.given("98.4") == ["K1", "K2", "K3"]
    with pytest.raises(data.CourseError, match=r"98\.3 hands out nothing"):
        lessons.given("98.3")
    with pytest.raises(data.CourseError, match=r'did you mean "98\.4"'):
        lessons.given("98.44")
    monkeypatch.setattr("helpers.lessons.feedback.is_handout", lambda: True)
    monkeypatch.setattr(data, "_current", data.World("seed 7", data.COMMITTED, ""))
    assert lessons.given("98.4") == ["K3", "K2", "K1"]


def test_a_hand_out_keeps_its_answers(toy, monkeypatch):
    monkeypatch.setattr("helpers.lessons.feedback.is_handout", lambda: True)
    for refused in (lessons.solution, lessons.mistakes):
        with pytest.raises(data.CourseError, match="ask your instructor"):
            refused("98.1")
    assert check("98.1", 78.42).status == "right"


def test_hints_come_one_at_a_time_and_then_all_again(toy):
    said = [repr(hint("98.1")) for _ in range(4)]
    assert [text.splitlines()[-1] for text in said[:3]] == ["Sort.", "Add up.", "Divide."]
    assert "last of 3" in said[3] and "1. Sort." in said[3]
    assert "There are no hints" in repr(hint("98.9"))


class _Structure(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.tags, self.roles = [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.roles += [value for name, value in attrs if name == "role"]


def test_html_escapes_what_students_write_and_announces_itself(toy):
    seen = _Structure(check("98.2", "<script>alert(1)</script>")._repr_html_())
    assert "script" not in seen.tags
    assert seen.roles == ["status"]


# ---- what is kept --------------------------------------------------------------------------------


def _kept(folder) -> dict:
    return json.loads((folder / "progress.json").read_text())["worlds"]["seed 2025"]


def test_progress_counts_tries_until_right_and_keeps_memos(toy):
    for answer in (..., 1, 20, 78.42, 5):
        check("98.1", answer)
    check("98.7", "K1 一年多收五百元")
    kept = _kept(toy)["exercises"]
    assert kept["98.1"]["tries"] == 3 and kept["98.1"]["status"] == "wrong"
    assert kept["98.1"]["first_right"] and kept["98.7"]["memo"] == "K1 一年多收五百元"
    check("98.2", "holds")
    said = repr(lessons.progress())
    assert "98 | 2 of 10 | 5 | 0 | 24 | 98.2\nall | 2 of 10 | 5 | 0 | 24 | 98.2\n" in said
    assert "Begun, and still open: 98.2. Kept in" in said


def test_each_world_has_its_own_progress(toy, monkeypatch):
    check("98.1", 78.42)
    assert "another world" not in repr(lessons.progress())
    monkeypatch.setattr(data, "_current", data.World("seed 7", data.COMMITTED, ""))
    said = repr(lessons.progress())
    assert "98 | 0 of 10" in said and "In another world, seed 2025: 1 done." in said


@pytest.mark.parametrize("content", ["{", "", "[]", '{"schema": 1}', '{"schema": 1, "worlds": 3}'])
def test_a_broken_file_is_set_aside_and_said(toy, content):
    (toy / "progress.json").write_text(content)
    (toy / "progress.broken-1.json").write_text("older")
    assert "98 | 0 of 10" in repr(lessons.progress())
    assert "kept as progress.broken-2.json" in check("98.1", 78.42).note
    assert (toy / "progress.broken-2.json").read_text() == content
    assert (toy / "progress.broken-1.json").read_text() == "older"
    assert _kept(toy)["exercises"]["98.1"]["tries"] == 1


def test_a_newer_file_is_left_alone(toy):
    newer = '{"schema": 99, "worlds": {}}'
    (toy / "progress.json").write_text(newer)
    assert "newer version" in check("98.1", 78.42).note
    assert (toy / "progress.json").read_text() == newer


def test_a_full_disk_loses_nothing_and_is_said(toy, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        feedback = check("98.1", 20)
        assert feedback.status == "known mistake"
        assert "could not be saved" in feedback.note and "No space left" in feedback.note
        assert repr(hint("98.1")).splitlines()[1] == "Sort."
        assert "98 | 0 of 10 | 1 | 1" in repr(lessons.progress())
    assert check("98.1", 78.42).note == ""
    assert _kept(toy)["exercises"]["98.1"] | {"first_right": ""} == {
        "tries": 2, "hints": 1, "status": "right", "first_right": "",
    }  # fmt: skip


def test_a_folder_that_cannot_be_made_is_said(toy, monkeypatch):
    (toy / "file").write_text("")
    monkeypatch.setenv("COURSE_WORK", str(toy / "file" / "work"))
    assert "could not be saved" in check("98.1", 78.42).note


PATIENT = """
from helpers.lessons import check
print(check("0.1").status, flush=True)
print(check("0.1", 1).note, flush=True)
"""


def test_what_a_busy_file_kept_out_is_saved_when_the_notebook_closes(toy):
    with files.locked(toy, wait_s=1):
        waiting = subprocess.Popen(
            [sys.executable, "-c", PATIENT], stdout=subprocess.PIPE, text=True
        )
        assert waiting.stdout.readline() == "not tried\n"
        assert "another notebook is saving" in waiting.stdout.readline()
    assert waiting.wait(timeout=30) == 0
    assert _kept(toy)["exercises"]["0.1"]["tries"] == 1


# ---- guesses and recall --------------------------------------------------------------------------


def test_a_guess_may_change_until_the_fact_is_shown(toy):
    assert repr(predict("98.top")).startswith("Predict: Of 100 yuan, how many?")
    assert "Kept: 70 yuan" in repr(predict("98.top", 70))
    assert "Kept: 60 yuan" in repr(predict("98.top", 60))
    shown = repr(reveal("98.top", 78.42))
    assert "You guessed 60 yuan." in shown and "Computed: 78.4 yuan." in shown
    assert "too low by 18.4 yuan" in shown
    assert "and it stands" in repr(predict("98.top", 78))
    assert "You guessed 60 yuan." in repr(reveal("98.top", 78.42))


def test_a_guess_after_the_fact_is_taken_and_called_late(toy):
    assert "You made no guess" in repr(reveal("98.top", 78.42))
    assert "Kept" in repr(predict("98.top", 78))
    shown = repr(reveal("98.top", 78.42))
    assert "Very close." in shown and "when the fact had been shown" in shown


def test_a_guess_can_be_a_choice(toy):
    assert "Choose one of: the large / the small" in repr(predict("98.who", "all"))
    predict("98.who", "The large")
    assert "Not what you expected." in repr(reveal("98.who", "the small"))


def test_a_guess_that_is_no_number_is_refused(toy):
    assert "without quotes" in repr(predict("98.top", "many"))
    assert "You made no guess" in repr(reveal("98.top", 50))
    assert "The fact cannot be shown." in repr(reveal("98.top", None))


def test_recall_gives_the_reason_right_or_wrong(toy):
    quiz = recall("98")
    assert "1. What is on top? (revenue / profit)" in repr(quiz)
    assert repr(quiz.answer(1, "Profit")) == "✓ Right: profit\nIt is a whale."
    assert repr(quiz.answer(1, "revenue")) == "✗ No: revenue\nIt is a whale."
    assert repr(quiz.answer(2, 41)).startswith("✓")
    assert repr(quiz.answer(2, 43)).startswith("✗")
    assert repr(quiz.answer(3, "Profit curve ")).startswith("✓")
    assert repr(quiz.answer(3, ...)).startswith("○")
    assert _kept(toy)["recall"]["98.1"] == {"tries": 2, "right": False}
    assert 'like "03"' in repr(recall("3"))


def test_forms_work_by_their_widgets(toy):
    _, field, button, reply = predict("98.top").widgets()
    assert field.value == ""
    button.click()
    assert "Kept" not in reply.value
    field.value = "500"
    button.click()
    assert "from 0 to 100" in reply.value
    field.value = "55"
    button.click()
    assert "Kept: 55 yuan" in reply.value
    _, revenue, profit, reply = recall("98").widgets()[:4]
    revenue.click()
    assert "No: revenue" in reply.value and "It is a whale." in reply.value
    profit.click()
    assert "Right: profit" in reply.value


@pytest.mark.parametrize("form", [lambda: predict("98.top"), lambda: recall("98")])
def test_forms_show_their_questions_where_no_kernel_runs(toy, form, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: shown.append(data))
    form()._ipython_display_()
    still, live = shown
    assert "application/vnd.jupyter.widget-view+json" in live and live["text/plain"] == ""
    assert still["text/plain"] == repr(form()) and "?" in still["text/html"]
    assert {"button", "input"}.isdisjoint(_Structure(still["text/html"]).tags)


# ---- to look up ----------------------------------------------------------------------------------


def test_glossary_by_chapter_and_by_term(toy):
    assert "long tail | 长尾 | cháng wěi | many small ones together" in repr(glossary("98"))
    from_a_to_z = repr(glossary())
    assert "many small ones together | 98" in from_a_to_z
    assert from_a_to_z.index("long tail") < from_a_to_z.index("whale curve")
    assert "long tail" not in repr(glossary("whale curve"))
    assert repr(glossary("鲸鱼曲线")) == repr(glossary("Whale Curve"))


def test_a_claim_on_trial(toy):
    said = repr(claims("t3"))
    assert "In this world: The top fifth bring 78 %." in said
    assert "Verdict: holds" in said and "Published: 0.73" in said and "a longer period" in said


def _in_rows(html: str) -> list[str]:
    rows = re.findall(r'<span class="row">(.*?)</span></span>', html)
    return [re.sub(r"<[^>]+>", "", row).strip() for row in rows]


def test_the_ledger_of_the_committed_world(toy):
    told = ledger()
    assert "T3 (chapter 98) 20 % bring 80 %" in repr(told)
    assert "  Lanhe: The top fifth bring 78 %. Verdict: holds.\n  Published: 0.73" in repr(told)
    assert "  Lanhe: Cannot be computed here: orders.csv is cut off at line 12." in repr(told)
    assert "Lanhe (seed 2025): 1 × holds, 1 × open." in repr(
        told
    ) and "a world of your own" in repr(told)
    assert _in_rows(told._repr_html_()) == [
        "Claim Lanhe",
        "T3 20 % of customers bring 80 % of profit holds",
        "T4 loyalty up 20 %, profit up 80 % open",
    ]


def test_the_ledger_of_another_world_stands_beside_lanhes(toy, monkeypatch):
    mine = data.World("folder <b>", toy, "")
    monkeypatch.setattr(data, "_current", mine)
    told = ledger()
    assert data.in_use() == mine
    assert "  Your world: The top fifth bring 61 %. Verdict: not supported." in repr(told)
    assert "Another verdict in your world (≠): T3." in repr(told)
    _, first, second = _in_rows(told._repr_html_())
    assert first.endswith("profit holds ≠ not supported") and second.endswith("open open")
    assert "Your world (folder &lt;b&gt;)" in told._repr_html_()


def test_every_claim_has_a_verdict_of_a_known_kind():
    with data.in_world(7):
        told = ledger()
    assert [entry.claim.id for entry in told.entries] == [f"T{n}" for n in range(1, 14)]
    for entry in told.entries:
        assert {trial.kind for trial in entry.trials.values()} <= {*KINDS}, entry
        assert len(entry.trials) == 2


def test_import_is_light():
    seen = "import sys, helpers.lessons; print({'ipywidgets', 'matplotlib'} & {*sys.modules})"
    told = subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "set()"
