"""What students get told, and what is kept of it."""

import itertools
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser

import pandas as pd
import pytest
from ipywidgets.widgets.widget import _instances

from helpers import data, exercises, lessons
from helpers.lessons import (
    check,
    claims,
    files,
    glossary,
    hint,
    ledger,
    predict,
    recall,
    reveal,
    store,
)  # fmt: skip
from helpers.lessons.cards import STYLE, Card, Table, clean, number_text
from helpers.lessons.concepts import ideas, places
from helpers.lessons.forms import _comment
from helpers.lessons.ledger import KINDS

PROFIT = {"K1": 1200.0, "K2": 350.5, "K3": -80.0}
TABLE = pd.DataFrame({"account_id": [*PROFIT], "profit": PROFIT.values(), "tier": list("ABD")})

# exercise, answer, status, the message (without its offer of a hint)
NUMBER_IN_QUOTES = "A number is wanted, without quotes and without the unit; this is the text"
KEPT_MEMO = "Complete, and kept. What it says is for your reader to judge."
SUPPOSED = "That is one of the choices, but not the one that the data support."
SAID = [
    ("98.1", ..., "not tried", "There is no answer yet. Expected: one number; unit: %."),
    ("98.1", None, "not tried", "The answer is None: did the cell print its result instead of "
     "assigning it? Expected: one number; unit: %."),
    ("98.1", 78.42, "right", "78 % is a lot."),
    ("98.1", 78.5, "right", "78 % is a lot."),
    ("98.1", 78.6, "wrong",
     "Near, but outside the tolerance: was it rounded early, or is a row in or out?"),
    ("98.1", 20, "known mistake", "That is the share of customers, not of revenue."),
    ("98.1", 0.7842, "known mistake",
     "That is a share between 0 and 1; the question asks for per cent."),
    ("98.1", -78.4, "known mistake",
     "The size is right, the sign is not: what was taken from what?"),
    ("98.1", 78, "wrong",
     "Very near: it looks rounded too far. Keep more digits and round at the end."),
    ("98.1", 784.2, "wrong", "That is 10 times too large: look at the units."),
    ("98.1", 99, "wrong", "That is too high."),
    ("98.1", 5, "wrong", "That is much too low."),
    ("98.1", "78 %", "wrong", f'{NUMBER_IN_QUOTES} "78 %".'),
    ("98.1", "78,4", "wrong", f'{NUMBER_IN_QUOTES} "78,4".'),
    ("98.1", True, "wrong", "A number is wanted; True is a truth value."),
    ("98.1", len, "wrong", "That is the function itself: call it, with () behind its name."),
    ("98.1", float("nan"), "wrong",
     "The answer is NaN (missing): is a value missing, or was 0 divided by 0?"),
    ("98.1", [float("-inf")], "wrong", "The answer is infinite: was something divided by 0?"),
    ("98.1", pd.Timestamp("2025-01-02"), "wrong",
     "A number is wanted; this is the date 2025-01-02."),
    ("98.1", pd.Timedelta(days=3), "wrong",
     "A number is wanted; this is a duration: take its days."),
    ("98.1", int, "wrong", "A number is wanted; this is a class."),
    ("98.1", json, "wrong", "A number is wanted; this is a module."),
    ("98.1", object(), "wrong", "A number is wanted; this is an object."),
    ("98.1", HTMLParser(), "wrong",
     "A number is wanted; this is an object of the type html.HTMLParser."),
    ("98.1", type("Thing", (), {"__module__": "__main__"})(), "wrong",
     "A number is wanted; this is an object of the type Thing."),
    ("98.1", [1, 2], "wrong", "One number is wanted; this is a list with 2 values."),
    ("98.1", (1, 234), "wrong", "One number is wanted; this is a tuple with 2 values: was a comma "
     "typed within the number?"),
    ("98.1", (), "wrong", "One number is wanted; this is a tuple with 0 values."),
    ("98.1", pd.Index([1, 2]), "wrong", "One number is wanted; this is an Index with 2 values."),
    ("98.1", range(10_000), "wrong", "One number is wanted; this is a range with 10,000 values."),
    ("98.1", range(10_001), "wrong",
     "This holds 10,001 values: far more than the question asks for."),
    ("98.1", TABLE.groupby("tier"), "wrong",
     "That is a groupby which still waits for .sum(), .mean() or the like."),
    ("98.1", (each for each in [1]), "wrong", "A number is wanted; this is a generator, which "
     "holds no values yet: put list(…) around it."),
    ("98.1", iter([1]), "wrong", "A number is wanted; this is a list_iterator, which holds no "
     "values yet: put list(…) around it."),
    ("98.1", [map(abs, [1])], "wrong", "A number is wanted; this is a map, which holds no values "
     "yet: put list(…) around it."),
    ("98.1", itertools.count(), "wrong", "A number is wanted; this is an object of the type "
     "itertools.count, which holds no values yet: put list(…) around it."),
    ("98.2", " Holds only IF it is revenue. ", "right", ""),
    ("98.2", ["holds only if it is revenue"], "right", ""),
    ("98.2", "holds", "known mistake", "For revenue it does. And for profit?"),
    ("98.2", "not supported", "wrong", SUPPOSED),
    ("98.2", "perhaps", "wrong", '"perhaps" is not among the choices: "holds", "holds only if it '
     'is revenue", "not supported".'),
    ("98.2", 3, "wrong", "A text in quotes is wanted; this is an int."),
    ("98.2", ["holds", "holds"], "wrong", "A text in quotes is wanted; this is a list."),
    ("98.2", ["holds", "holds"].clear, "wrong",
     "That is the function itself: call it, with () behind its name."),
    ("98.3", {"K1", "K2", "K3"}, "right", ""),
    ("98.3", TABLE, "right", ""),
    ("98.3", ["k1 ", "Ｋ2", "K3"], "right", ""),
    ("98.3", ["K1", "K2"], "known mistake", "These earn money: mind the sign."),
    ("98.3", "K1", "wrong", "The ids differ: 2 missing."),
    ("98.3", ["K1", "K7", "K8"], "wrong",
     'The ids differ: 2 too many (such as "K7") and 2 missing.'),
    ("98.3", ["K1", "K2", "K3", "K3"], "wrong",
     "The ids are right, but some stand there more than once: keep each once."),
    ("98.3", [True, False, True], "wrong",
     "These are true/false values: select rows with them, then take the column of ids."),
    ("98.3", [0, 1, 2], "wrong",
     "These are numbers, perhaps row labels; take the column of ids: an id looks like K0."),
    ("98.3", ["Ann", "Bo"], "wrong", "These are not ids: an id looks like K0."),
    ("98.3", [None, "K1"], "wrong",
     'The ids differ: 1 too many (such as "(missing)") and 2 missing.'),
    *[("98.3", text, "wrong", 'This is one text: a list has each id in quotes of its own, ["…", '
       '"…"].') for text in ("K1, K2, K3", "K1 K2", "K1;K2", "K1、K2")],
    ("98.3", 5, "wrong", "A list of ids is wanted; this is an int."),
    ("98.3", ["K1", object()], "wrong", "A list of ids is wanted; an object stands among them."),
    ("98.3", pd.DataFrame({"a": ["K1"], "b": ["K2"]}), "wrong",
     "The column account_id is missing; there are: a, b."),
    ("98.4", ["K1", "K2", "K3"], "right", ""),
    ("98.4", ["K3", "K2", "K1"], "known mistake", "Ascending for descending."),
    ("98.4", ["K2", "K1", "K3"], "wrong",
     "The ids are right, their order is not: look at place 1."),
    ("98.4", ["K1", "K3", "K2"], "wrong",
     "The ids are right, their order is not: look at place 2."),
    ("98.4", {"K1", "K2", "K3"}, "wrong", "A set has no order: pass a list, the first id first."),
    ("98.5", PROFIT, "right", ""),
    ("98.5", TABLE, "right", ""),
    ("98.5", PROFIT | {"K2": 5.0}, "wrong",
     '1 of 3 values differ; at "K2" you have 5. That is much too low.'),
    ("98.5", PROFIT | {"K2": None, "K3": "-80"}, "wrong",
     '2 of 3 values differ; at "K2" you have NaN.'),
    ("98.5", PROFIT | {"K3": "-80"}, "wrong",
     '1 of 3 values differ; at "K3" you have "-80". That is a text; a number is wanted.'),
    ("98.5", PROFIT | {"K3": object()}, "wrong",
     '1 of 3 values differ; at "K3" you have an object.'),
    ("98.5", PROFIT | {"K3": pd.Timestamp("2025-01-02 10:00")}, "wrong",
     '1 of 3 values differ; at "K3" you have 2025-01-02.'),
    ("98.5", PROFIT | {"K1": 9e9, "K2": 1.0}, "wrong",
     '2 of 3 values differ; at "K1" you have 9,000,000,000.'),
    ("98.5", {each: yuan / 1000 for each, yuan in PROFIT.items()}, "known mistake",
     "That is in thousands of yuan; the question asks for yuan."),
    ("98.5", list(PROFIT.values()), "wrong", "A Series is wanted; this is a list. The index of a "
     "Series holds the ids; a dict {id: value} does too."),
    ("98.5", 5, "wrong", "A Series is wanted; this is an int."),
    ("98.5", pd.Series(PROFIT.values()), "wrong",
     "None of its ids is known here: do its index or first column hold the ids?"),
    ("98.5", TABLE[["account_id", "tier"]].assign(n=1), "wrong",
     "One value for each id is wanted; this has 2 columns."),
    ("98.6", TABLE, "right", ""),
    ("98.6", TABLE.to_dict("records"), "right", ""),
    ("98.6", TABLE.to_dict("list"), "right", ""),
    ("98.6", [{"account_id": "K1"}, {"profit": 3}], "wrong",
     "A DataFrame is wanted; this is a list."),
    ("98.6", 3, "wrong", "A DataFrame is wanted; this is an int."),
    ("98.6", TABLE.assign(tier=["D", "B", "A"]), "known mistake", "D is the small end."),
    ("98.6", TABLE.assign(tier=["A", "B", "C"]), "wrong",
     'In the column tier: 1 of 3 values differ; at "K3" you have "C".'),
    ("98.6", TABLE.assign(profit=TABLE["profit"] / 1000), "known mistake",
     "That is in thousands of yuan; the question asks for yuan."),
    ("98.6", TABLE.assign(profit=TABLE["profit"] * 100), "wrong", "In the column profit: 3 of 3 "
     'values differ; at "K1" you have 120,000. That is 100 times too large: look at the units.'),
    ("98.6", TABLE.drop(columns="tier"), "wrong", "The column tier is missing; there are: profit."),
    ("98.6", TABLE.drop(columns="account_id").assign(n=1, m=2), "wrong",
     "The column account_id is missing; there are: profit, tier, n, m."),
    ("98.6", PROFIT, "wrong", "The column account_id is missing."),
    ("98.6", pd.DataFrame([range(7)], columns=list("abcdefg")), "wrong",
     "The column account_id is missing; there are: a, b, c, d, e, …."),
    ("98.6", pd.DataFrame(0, index=range(1_000), columns=range(100)), "wrong",
     "The column account_id is missing; there are: 0.0, 1.0, 2.0, 3.0, 4.0, …."),
    ("98.6", pd.DataFrame(0, index=range(1_001), columns=range(100)), "wrong",
     "This holds 100,100 values: far more than the question asks for."),
    ("98.6", pd.DataFrame(0, index=range(2), columns=range(501)), "wrong",
     "This holds 501 columns: far more than the question asks for."),
    ("98.6", pd.DataFrame(0, index=range(10_001), columns=["account_id"]), "wrong",
     "This holds 10,001 rows: far more than the question asks for."),
    ("98.6", pd.concat([TABLE, TABLE]), "wrong",
     'One row for each id is wanted; "K1" stands there 2 times.'),
    ("98.6", TABLE.head(2), "wrong", "The rows differ: 1 missing."),
    ("98.6", TABLE.rename(columns={"tier": "profit"}), "wrong",
     "The name profit stands there twice (column or index): keep one of them."),
    ("98.7", "Raise K1.", "wrong",
     "Not complete yet. Still to come: 2 words of at least 8; says what it costs."),
    ("98.7", "We raise the prices of K1 by 20 yuan.", "right", KEPT_MEMO),
    ("98.7", "对K1每年多收一百元", "right", KEPT_MEMO),
    ("98.7", 3, "wrong", "A text in quotes is wanted; this is an int."),
    ("98.7", ["We raise the prices of K1 by 20 yuan."], "right", KEPT_MEMO),
    ("98.7", "x" * 20_001, "wrong",
     "This text has 20,001 characters: a memo fits on a page."),
    ("98.7", "x" * 20_000, "wrong", "Not complete yet. Still to come: 1 word of at least 8; names "
     "an account; says what it costs."),
    ("98.7", "K1 K1 K1 K1 元 一", "right", KEPT_MEMO),  # six words, and two characters
    ("98.9", 0.1 * 3 * 10, "right", ""),
    ("98.10", [], "right", ""),
    ("98.10", pd.Series(dtype="str"), "right", ""),
    ("98.10", ["K1"], "wrong", 'The ids differ: 1 too many (such as "K1").'),
    ("98.9", 4, "wrong", "That is too high."),
]  # fmt: skip


@pytest.mark.parametrize(("exercise", "answer", "status", "said"), SAID)
def test_feedback_names_what_happened(toy, exercise, answer, status, said):
    feedback = check(exercise, answer)
    assert (feedback.status, feedback.exercise) == (status, exercise)
    offer = ' For a hint: hint("98.1").' if (status, exercise) == ("wrong", "98.1") else ""
    assert feedback.message == said + offer
    assert feedback.message in repr(feedback)


def test_wrong_answers_do_not_learn_the_right_one(toy):
    told = [repr(check(each, answer)) for each, answer, status, _ in SAID if status == "wrong"]
    assert not [text for text in told if "78.42" in text or "350.5" in text or '"K9"' in text]


def test_ids_that_do_not_exist_name_the_nearest(toy):
    said = 'There is no "98.33" here; did you mean "98.3"?'
    assert check(" 98.33 ", 1) == lessons.Feedback("not tried", "", said)
    in_quotes = 'The id comes first, in quotes: check("3.2", answer).'
    assert check(98.1, 1) == lessons.Feedback("not tried", "", in_quotes)
    assert repr(check(98.1, 1)) == f"○ Not tried yet\n{in_quotes}"
    assert repr(hint("98.33")) == said
    for card in (predict("98.tip"), reveal("98.tip", 1)):
        assert repr(card) == 'There is no "98.tip" here; did you mean "98.top"?'
    assert repr(claims("T33")) == 'There is no "T33" here; did you mean "T3"?'
    with pytest.raises(data.CourseError, match=r'did you mean "98\.3"'):
        lessons.solution("98.33")


def test_a_broken_table_is_said_and_not_counted_as_a_try(toy):
    feedback = check("98.8", 1)
    said = "The reference answer cannot be computed here: orders.csv is cut off at line 12."
    assert feedback == lessons.Feedback("not tried", "98.8", said)
    assert not (toy / "progress.json").exists()
    assert "Cannot be computed here: orders.csv" in repr(claims("T4"))


def test_a_fault_of_our_own_is_said_and_not_raised(toy, monkeypatch):
    monkeypatch.setattr("helpers.lessons.feedback.judge", lambda *_: 1 / 0)
    said = "This answer could not be judged (a ZeroDivisionError): show it to your teacher."
    assert check("98.1", 1) == lessons.Feedback("not tried", "98.1", said)
    two = 'Two things are wanted, the id and the answer: check("3.2", answer).'
    comma = f"{two} A number is written without commas, 1234.5."
    assert check("98.1", 1, 234) == lessons.Feedback("not tried", "98.1", comma)
    long = lessons.Feedback("not tried", "x" * 20 + "…", two)
    assert check("x" * 50, 1, tolerance=3) == long


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


def test_exercises_are_listed_with_what_they_ask(toy):
    listed = lessons.exercises()
    assert listed.iloc[0].to_dict() == {
        "chapter": "98", "exercise": "98.1", "form": "a number", "unit": "%", "minutes": 3,
        "question": "Share of revenue that the top fifth bring",
    }  # fmt: skip
    assert len(listed) == 10 and list(listed.columns)[2] == "question"
    assert lessons.solution("98.7") == "names an account\nsays what it costs"
    assert lessons.mistakes("98.9") == []


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
    lessons.given("98.6")["tiers"].clear()
    assert lessons.given("98.6") == {"tiers": ["A", "B"]}
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
    assert said[0] == "Hint 1 of 3 for 98.1\nSort."
    assert said[3] == (
        "That was the last of 3 hints for 98.1. Here they are again.\n"
        "  1. Sort.\n  2. Add up.\n  3. Divide."
    )
    assert "<ol><li>Sort.</li><li>Add up.</li>" in hint("98.1")._repr_html_()
    assert repr(hint("98.9")) == "There are no hints for 98.9."
    assert "<ol>" not in hint("98.9")._repr_html_()


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
    assert _Structure(hint("98.1")._repr_html_()).roles == []


@pytest.mark.parametrize(
    ("answer", "edge", "title"),
    [
        (78.4, "right", "✓ 98.1 Right"),
        (20, "mistake", "↺ 98.1 A known mistake"),
        (5, "wrong", "✗ 98.1 Not yet"),
        (..., "note", "○ 98.1 Not tried yet"),
    ],
)
def test_a_sign_and_a_word_say_what_the_edge_says(toy, answer, edge, title):
    feedback = check("98.1", answer)
    assert repr(feedback) == f"{title}\n{feedback.message}"
    shown = feedback._repr_html_()
    assert f'<div class="lesson {edge}" role="status"><p><strong>{title}</strong></p><p>' in shown


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
    assert said == (
        "Your progress (seed 2025)\n"
        "Chapter | Exercises done | Tries | Hints | Minutes left | Next\n"
        "98 | 2 of 10 | 5 | 0 | 24 | 98.2\nall | 2 of 10 | 5 | 0 | 24 | 98.2\n"
        "Begun, and still open: 98.2. Kept in progress.json in your work folder."
    )
    check("98.2", "holds only if it is revenue")
    check("98.3", ["K9"])
    check("98.4", ["K9"])
    assert "Begun, and still open: 98.3, 98.4. Kept" in repr(lessons.progress())


def test_who_has_done_all_is_told_so(toy):
    done = {f"98.{n}": {"tries": 2, "hints": 1, "first_right": "…"} for n in range(1, 11)}
    store.update(lambda record: record["exercises"].update(done))
    told = "10 of 10 | 20 | 10 | 0 | all done"
    assert f"\n98 | {told}\nall | {told}\nKept in" in repr(lessons.progress())


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
        assert feedback.note == (
            f"Your progress could not be saved in {toy} (No space left on device); it is kept in "
            "memory while this notebook is open: make room there, or name another folder in "
            "COURSE_WORK."
        )
        assert repr(hint("98.1")).splitlines()[1] == "Sort."
        assert "98 | 0 of 10 | 1 | 1" in repr(lessons.progress())
    assert check("98.1", 78.42).note == ""
    assert _kept(toy)["exercises"]["98.1"] | {"first_right": ""} == {
        "tries": 2, "hints": 1, "status": "right", "first_right": "",
    }  # fmt: skip


def test_a_folder_that_cannot_be_made_is_said(toy, monkeypatch):
    (toy / "file").write_text("")
    monkeypatch.setenv("COURSE_WORK", str(toy / "file" / "work"))
    said = check("98.1", 78.42).note
    assert said.startswith(f"Your progress could not be saved in {toy / 'file' / 'work'} (")
    assert said.endswith(": put that right, or name another folder in COURSE_WORK.")


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
    asked = (
        "Predict: Of 100 yuan, how many?\nYour guess: a number from 0 to 100 yuan. First thoughts "
        "count: it stands once the answer is shown."
    )
    assert repr(predict("98.top")) == asked
    kept = "Your guess\nKept: {} yuan. Change it until the fact is shown."
    assert repr(predict("98.top", 70)) == kept.format(70)
    assert repr(predict("98.top", 60)) == kept.format(60)
    assert repr(predict("98.top")) == asked
    shown = repr(reveal("98.top", 78.42))
    assert shown == (
        "Of 100 yuan, how many?\nYou guessed 60 yuan.\nComputed: 78.4 yuan.\n"
        "It was too low by 18.4 yuan."
    )
    assert repr(predict("98.top", 78)) == "Your guess\nIt was 60 yuan, and it stands."
    assert repr(predict("98.top")) == "Of 100 yuan, how many?\nYour guess: 60 yuan."
    assert repr(reveal("98.top", 78.42)) == shown
    assert _kept(toy)["predictions"] == {"98.top": {"guess": 60, "late": False, "revealed": True}}


@pytest.mark.parametrize(
    ("guess", "comment"),
    [
        (53, "Very close."),
        (46.9, "Close, but too low by 3.1 yuan."),
        (60, "Close, but too high by 10 yuan."),
        (61, "It was too high by 11 yuan."),
        (20, "It was too low by 30 yuan."),
        (19, "That is far off: too low by 31 yuan."),
    ],
)
def test_a_guess_is_called_near_or_far_by_the_range_that_was_asked(toy, guess, comment):
    predict("98.top", guess)
    assert repr(reveal("98.top", 50)).splitlines()[-1] == comment
    wide = exercises.Prediction("98.wide", "?", low=-100, high=900)
    assert _comment(10 * guess, 500, wide).split(" by ")[0] == comment.split(" by ")[0]


def test_the_ends_of_the_range_may_be_guessed_and_nothing_beyond(toy):
    for guess, said in ((0, "Kept: 0"), (100, "Kept: 100"), (-0.1, "Give"), (100.1, "Give")):
        assert repr(predict("98.top", guess)).startswith(f"Your guess\n{said}")
    assert repr(predict("98.top", 101)) == "Your guess\nGive a number from 0 to 100 yuan."
    assert _kept(toy)["predictions"]["98.top"]["guess"] == 100


def test_a_guess_after_the_fact_is_taken_and_called_late(toy):
    no_guess = "Of 100 yuan, how many?\nComputed: 78.4 yuan.\nYou made no guess before you looked."
    assert repr(reveal("98.top", 78.42)) == no_guess
    assert repr(predict("98.top")).startswith("Predict: ")
    assert 'role="status"' in predict("98.top", 999)._repr_html_()
    late = "Your guess\nKept: 78 yuan. It comes after the fact and stands."
    kept = predict("98.top", 78)
    assert repr(kept) == late and 'role="status"' in kept._repr_html_()
    assert 'role="status"' in predict("98.top", 79)._repr_html_()  # it stands
    shown = repr(reveal("98.top", 78.42)).splitlines()[-2:]
    assert shown == ["Very close.", "(Guessed when the fact had been shown.)"]


def test_a_guess_can_be_a_choice(toy):
    assert repr(predict("98.who")).splitlines()[1].startswith("Your guess: the large / the small. ")
    refused = "Your guess\nChoose one of: the large / the small."
    assert repr(predict("98.who", "all")) == refused
    assert repr(predict("98.who", "The large")).startswith("Your guess\nKept: the large. ")
    shown = "Who is it?\nYou guessed the large.\nComputed: the {}.\n{}"
    surprised = shown.format("small", "Not what you expected.")
    assert repr(reveal("98.who", "the small")) == surprised
    assert repr(reveal("98.who", "The Large")) == shown.format("large", "You saw it coming.")


def test_a_guess_that_is_no_number_is_refused(toy):
    assert repr(predict("98.top", "many")) == f'Your guess\n{NUMBER_IN_QUOTES} "many".'
    assert "You made no guess" in repr(reveal("98.top", 50))
    assert repr(reveal("98.top", "many")) == (
        f'Of 100 yuan, how many?\nThe fact cannot be shown. {NUMBER_IN_QUOTES} "many".'
    )


def test_recall_gives_the_reason_right_or_wrong(toy):
    quiz = recall("98")
    assert repr(quiz) == (
        "Recall, chapter 98\n  1. What is on top? (revenue / profit)\n  2. How many sell?\n"
        "  3. What curve is it?"
    )
    assert repr(quiz.answer(1, "Profit")) == "✓ Right: profit\nIt is a whale."
    assert repr(quiz.answer(1, "revenue")) == "✗ No: revenue\nIt is a whale."
    assert repr(quiz.answer(2, 41)).startswith("✓")
    assert repr(quiz.answer(2, 43)).startswith("✗")
    assert repr(quiz.answer(3, "Profit curve ")).startswith("✓")
    assert repr(quiz.answer(3, "whale curve")) == "✓ Right: whale curve\nIt dives."
    assert (
        repr(quiz.answer(3, ...)) == "○ Not yet\nA text in quotes is wanted; this is an ellipsis."
    )
    assert repr(quiz.answer(2, "many")) == f'○ Not yet\n{NUMBER_IN_QUOTES} "many".'
    for none in (0, 4, "1"):
        assert repr(quiz.answer(none, "x")) == "○ Not yet\nThe questions have the numbers 1 to 3."
    assert repr(quiz.answer(1, "both")) == "○ Not yet\nChoose one of: revenue / profit."
    assert quiz.answer(3, "x" * 200).title == f"✗ No: {'x' * 100}…"
    for value, edge in (("profit", "right"), ("revenue", "wrong"), ("both", "note")):
        shown = quiz.answer(1, value)._repr_html_()
        assert f'<div class="lesson {edge}" role="status">' in shown
    assert _kept(toy)["recall"]["98.1"] == {"tries": 4, "right": False}
    assert repr(recall(" 3 ")) == 'There is no chapter "3"; write it like "03" or "07a".'
    assert repr(recall(98)) == repr(quiz)


def test_forms_work_by_their_widgets(toy):
    question, field, button, reply = predict("98.top").widgets()
    assert "Of 100 yuan, how many?" in question.value and "from 0 to 100 yuan" in question.value
    assert (field.value, field.description, button.description) == (
        "",
        "Your answer (yuan)",
        "Commit",
    )
    button.click()
    assert NUMBER_IN_QUOTES in reply.value and 'role="status"' in reply.value
    field.value = "500"
    button.click()
    assert "from 0 to 100" in reply.value
    field.value = "55"
    button.click()
    assert "Kept: 55 yuan" in reply.value
    _, large, small, reply = predict("98.who").widgets()
    assert (large.description, small.description) == ("the large", "the small")
    small.click()
    assert "Kept: the small." in reply.value
    question, revenue, profit, reply, second, many, answer, told, *third = recall("98").widgets()
    assert "1. What is on top?" in question.value and "2. How many sell?" in second.value
    revenue.click()
    assert "No: revenue" in reply.value and "It is a whale." in reply.value
    profit.click()
    assert "Right: profit" in reply.value
    assert (many.description, answer.description) == ("Your answer", "Answer")
    many.value = "41"
    answer.click()
    assert "Right: 41" in told.value
    third[1].value = "7"  # a text is wanted: what looks like a number stays one
    third[2].click()
    assert "No: 7" in third[3].value and "3. What curve is it?" in third[0].value


@pytest.mark.parametrize("form", [lambda: predict("98.top"), lambda: recall("98")])
def test_forms_show_their_questions_where_no_kernel_runs(toy, form, monkeypatch):
    shown = []
    monkeypatch.setattr("IPython.display.display", lambda data, raw: raw and shown.append(data))
    form()._ipython_display_()
    still, live = shown
    assert "application/vnd.jupyter.widget-view+json" in live and live["text/plain"] == ""
    assert still["text/plain"] == repr(form()) and "?" in still["text/html"]
    assert still["text/html"] == f'<div class="lesson-still">{form().card()._repr_html_()}</div>'
    box = _instances[live["application/vnd.jupyter.widget-view+json"]["model_id"]]
    assert box._dom_classes == ("lesson-form",) and len(box.children) == len(form().widgets())
    assert {"button", "input"}.isdisjoint(_Structure(still["text/html"]).tags)


# ---- cards and tables ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (100, "100"),
        (0.0523, "0.052"),
        (0.5, "0.5"),
        (9.9994, "9.999"),
        (10.06, "10.1"),
        (-10.04, "-10"),
        (999.94, "999.9"),
        (1000.4, "1,000"),
        (-1234567.5, "-1,234,568"),
    ],
)
def test_a_number_is_written_as_people_write_it(value, text):
    assert number_text(value) == text and number_text(value, "yuan") == f"{text} yuan"


def test_a_text_from_anywhere_is_made_fit_to_show():
    assert clean("x" * 400) == "x" * 400 and clean("x" * 401) == "x" * 400 + "…"
    assert clean("a\nb\tc\x00\u202e", 9) == "a\nb\ufffdc\ufffd\ufffd"


def test_a_table_is_a_table_with_a_caption_and_named_columns():
    shown = Table("Two & two", ("a", "<b>"), [(1, "x<y"), (None, 2)], "a note & more")
    assert repr(shown) == "Two & two\na | <b>\n1 | x<y\nNone | 2\na note & more"
    assert shown._repr_html_() == (
        f'{STYLE}<div class="lesson"><table><caption>Two &amp; two</caption><thead><tr>'
        '<th scope="col">a</th><th scope="col">&lt;b&gt;</th></tr></thead><tbody>'
        "<tr><td>1</td><td>x&lt;y</td></tr><tr><td>None</td><td>2</td></tr></tbody></table>"
        "<p>a note &amp; more</p></div>"
    )
    assert Table("c", ("a",), [])._repr_html_().endswith("<tbody></tbody></table></div>")


def test_a_card_leaves_out_what_is_empty():
    card = Card("A & b", ("", "x < y", ""), "wrong", ["one", "two & three"], live=True)
    assert repr(card) == "A & b\nx < y\n  1. one\n  2. two & three"
    assert card._repr_html_() == (
        f'{STYLE}<div class="lesson wrong" role="status"><p><strong>A &amp; b</strong></p>'
        "<p>x &lt; y</p><ol><li>one</li><li>two &amp; three</li></ol></div>"
    )
    assert Card("A")._repr_html_() == (
        f'{STYLE}<div class="lesson note"><p><strong>A</strong></p></div>'
    )


# ---- to look up ----------------------------------------------------------------------------------


def test_the_concept_index_has_a_line_of_links_for_each_section(tmp_path, monkeypatch):
    # S1 is at home in 03; V1's own chapter, 02, is not there
    sections = {"01_a": [("# *One* & `all`", ["R1", "R2", "S1"]), ("no heading", ["R3"])]}
    sections |= {"03_b": [("## Two", ["S1", "V1"]), ("## Three", ["R1"]), ("#### code", [])]}
    (tmp_path / "notebooks").mkdir()
    for name, parts in sections.items():
        cells = [
            {"cell_type": "markdown", "id": f"{name}-{n}", "source": [text, "\nand more"]}
            | {"metadata": {"course": {"teaches": taught}} if taught else {}}
            for n, (text, taught) in enumerate(parts)
        ]
        cells.append({"cell_type": "code", "id": "c", "metadata": {}, "source": ["# none"]})
        cells.append(cells[-1] | {"metadata": {"course": {"teaches": ["S2"]}}} | {"id": "d"})
        content = json.dumps({"cells": cells if name == "03_b" else cells[:-2]})
        (tmp_path / "notebooks" / f"{name}.ipynb").write_text(content)
    monkeypatch.setattr(data, "ROOT", tmp_path)
    names = ideas()
    shown = lessons.concepts()
    assert repr(shown) == (
        f"01_a.ipynb, One & all: R1 {names['R1']}; R2 {names['R2']}; R3 {names['R3']}\n"
        f"03_b.ipynb, Two: S1 {names['S1']}; V1 {names['V1']}\n03_b.ipynb, code: S2 {names['S2']}"
    )
    assert names["R1"] == "the customer is a group that shares one decision"
    assert shown._repr_html_() == (
        "<p><small>A chapter that is not open yet opens at its top: come back, and click once "
        'more.</small></p><ul><li><a href="01_a.ipynb#cell-id=01_a-0">One &amp; all</a> (01): '
        f"{names['R1']} <small>R1</small>; {names['R2']} <small>R2</small>; "
        f"{names['R3']} <small>R3</small></li>"
        '<li><a href="03_b.ipynb#cell-id=03_b-0">Two</a> (03): '
        f"{names['S1']} <small>S1</small>; {names['V1']} <small>V1</small></li>"
        '<li><a href="03_b.ipynb#cell-id=03_b-2">code</a> (03): '
        f"{names['S2']} <small>S2</small></li></ul>"
    )


def test_glossary_by_chapter_and_by_term(toy):
    whale = "whale curve | 鲸鱼曲线 | jīng yú qū xiàn | profit added up, the best customer first"
    tail = "long tail | 长尾 | cháng wěi | many small ones together"
    columns = "English | Chinese | Pinyin | Meaning"
    assert repr(glossary(" 98 ")) == f"Terms of chapter 98\n{columns}\n{whale}\n{tail}"
    assert repr(glossary()) == f"Terms\n{columns} | Chapter\n{tail} | 98\n{whale} | 98"
    one = f"Terms\n{columns} | Chapter\n{whale} | 98"
    assert repr(glossary("鲸鱼曲线")) == repr(glossary("Whale Curve")) == one
    near = 'The glossary has no "Whale curv"; did you mean "whale curve"?'
    assert repr(glossary("Whale curv")) == near
    assert repr(glossary("z" * 50)) == f'The glossary has no "{"z" * 40}…".'


def test_a_claim_on_trial(toy):
    assert repr(claims(" t3 ")) == (
        "On trial, T3: 20 % bring 80 %\nIn this world: The top fifth bring 78 %.\n"
        "Published: 0.73 on average in one study.\nVerdict: holds\n"
        "What would change it: a longer period"
    )


def _in_rows(html: str) -> list[str]:
    rows = re.findall(r'<span class="row">(.*?)</span></span>', html)
    return [re.sub(r"<[^>]+>", "", row).strip() for row in rows]


def test_the_ledger_of_the_committed_world(toy):
    told = ledger()
    assert repr(told) == (
        "Claims on trial\nLanhe (seed 2025): 1 × holds, 1 × open.\n"
        "For a world of your own: data.use_world(your number), then run this cell again.\n"
        "T3 (chapter 98) 20 % bring 80 %\n"
        "  Lanhe: The top fifth bring 78 %. Verdict: holds.\n"
        "  Published: 0.73 on average in one study.\n"
        "  What would change it: a longer period.\n"
        "T4 (chapter 98) cannot be computed\n"
        "  Lanhe: Cannot be computed here: orders.csv is cut off at line 12. Verdict: open.\n"
        "  Published: none\n  What would change it: data."
    )
    taught = places()["T3"]
    assert (
        f'<p><b>20 % bring 80 %</b> (<a href="{taught.link}">chapter 98</a>)</p>'
        "<p><b>Lanhe:</b> The top fifth bring 78 %. Verdict: holds.</p>"
        "<p><b>Published:</b> 0.73 on average in one study.</p>"
        "<p><b>What would change it:</b> a longer period.</p></details><details><summary>"
    ) in told._repr_html_()
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
    assert (
        "\nYour world (folder <b>): 1 × not supported, 1 × open.\n"
        "Another verdict in your world (≠): T3.\n"
    ) in repr(told)
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
