"""Every exercise of every chapter takes any answer, and the right one in every form it may have."""

import collections
import decimal
import enum
import fractions
import math
import textwrap

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strange import HUGE, LAZY, NESTED, ODD, hostile, told

from helpers import data, exercises, lessons
from helpers.lessons import check, store

EXERCISES = {each.id: each for _, each in exercises.everywhere("EXERCISES")}
A_SCREEN = 700  # characters


@pytest.fixture(scope="module", autouse=True)
def committed():
    """The committed world, whatever world another test has in use."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data, "_current", None)
        yield


# ---- no answer at all ----------------------------------------------------------------------------


@pytest.mark.parametrize("chapter", exercises.chapters())
def test_no_strange_object_is_right_raises_hangs_or_learns_the_answer(chapter, capsys):
    asked = {each.id: each.form for each in exercises.of_chapter(chapter, "EXERCISES")}
    one_of_each_form = list({form: name for name, form in asked.items()}.values())
    secrets = {name: _secrets(name) for name in asked}
    said = told(list(asked), hostile() + LAZY + ODD) + told(one_of_each_form, HUGE)
    for name, answer, feedback in said:
        where = (name, type(answer), feedback.message)
        assert feedback.status in ("wrong", "not tried"), where
        assert "could not be judged" not in feedback.message, where
        assert 0 < len(feedback.message) < A_SCREEN, where
        assert not any(tag in feedback._repr_html_() for tag in ("<script", "<i>", "<b>")), where
        assert not any(secret in feedback.message for secret in secrets[name]), where
    assert capsys.readouterr().out == ""
    assert next(LAZY[1]) == 0 if chapter == "12" else True  # none was used up


def _secrets(name: str) -> list[str]:
    """What a message must not contain: the number wanted, the ids wanted."""
    right, form = lessons.solution(name), EXERCISES[name].form
    if form == "a set of ids":
        return [key for key in right if len(key) > 3]
    if form != "a number" or (abs(right) < 1000 and right == round(right)):
        return []
    return [f"{right:.2f}", f"{right:,.2f}"]


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(answer=NESTED, name=st.sampled_from(list(EXERCISES)))
def test_any_nest_of_values_gets_a_sentence_at_every_exercise(answer, name):
    feedback = check(name, answer)
    assert feedback.message.strip() and "could not be judged" not in feedback.message
    assert feedback.status != "right" or EXERCISES[name].form == "a number"  # 2 may be the answer


@pytest.mark.parametrize("name", ["3.2", "3.5", "12.3", "1.5"])
def test_an_answer_is_left_as_it_was(name):
    frame = pd.DataFrame({"key": ["b", "a"], "n": [2.0, math.nan]}, index=[5, 3])
    for answer in (frame, frame["n"], {"b": [1]}, ["K2", "K1"]):
        before = answer.copy()
        check(name, answer)
        same = answer.equals(before) if isinstance(answer, pd.core.base.PandasObject) else None
        assert same is True or answer == before


# ---- what beginners do ---------------------------------------------------------------------------

CALLS = [
    (("3,2",), {}, 'did you mean "3.2"'),
    (("Exercise 3.2",), {}, 'did you mean "3.2"'),
    (("3.99", 1), {}, 'did you mean "3.'),
    ((3.2, 1), {}, "The id comes first, in quotes"),
    ((42, "3.2"), {}, "The id comes first, in quotes"),
    ((), {}, "The id comes first, in quotes"),
    (("3.2",), {}, "There is no answer yet. Expected: one number; unit: yuan."),
    (("3.2", 11, 948), {}, "A number is written without commas"),
    (("3.2",), {"anwser": 3}, "Two things are wanted"),
    (("x" * 10**7, 1), {}, "There is no"),
]


@pytest.mark.parametrize(("args", "kwargs", "said"), CALLS)
def test_a_call_gone_wrong_is_told_how_to_call(args, kwargs, said):
    feedback = check(*args, **kwargs)
    assert (feedback.status, said in feedback.message) == ("not tried", True), feedback.message


@pytest.mark.parametrize("written", [" 7A.2", "7a.2 ", "７ａ.２", np.str_("7a.2")])
def test_an_id_is_known_however_it_is_written(written):
    assert check(written, 1).exercise == "7a.2"


def _accounts(ids):
    return data.load("accounts").set_index("account_id").loc[sorted(ids)]


# exercise, what is made of the right answer, status, what is said
BEGINNERS = [
    ("3.2", lambda x: None, "not tried", "did the cell print its result instead of assigning it?"),
    ("3.2", lambda x: f"{x:,.2f} yuan", "wrong", "without quotes and without the unit"),
    ("3.2", lambda x: (11, 948), "wrong", "was a comma typed within the number?"),
    ("3.2", lambda x: pd.Series([x, x]), "wrong", "this is a Series with 2 values"),
    ("3.2", lambda x: {"yuan": x}, "wrong", "A number is wanted; this is a dict"),
    ("3.2", lambda x: lambda: x, "wrong", "call it, with ()"),
    ("3.2", lambda x: iter([x]), "wrong", "put list(…) around it"),
    ("3.2", lambda x: x / 1000, "known mistake", "in thousands of yuan"),
    ("3.2", lambda x: -x, "known mistake", "the sign is not"),
    ("3.2", lambda x: x * 1.003, "wrong", "Near, but outside the tolerance"),
    ("3.4", lambda x: x / 100, "known mistake", "a share between 0 and 1"),
    ("9.3", lambda x: 100 * x, "known mistake", "give a share from 0 to 1"),
    ("1.4", lambda x: 0, "wrong", "too low"),  # within the tolerance of the mistaken share, 0.26
    ("7e.3", lambda x: x + 5, "wrong", "ten thousand futures"),
    ("3.5", lambda ids: ", ".join(ids), "wrong", "each id in quotes of its own"),
    ("3.5", lambda ids: [" ".join(ids)], "wrong", "each id in quotes of its own"),
    ("3.5", lambda ids: tuple(np.array([int(i[1:]) for i in ids])), "wrong", "looks like K0000"),
    ("3.5", lambda ids: _accounts(ids)["name"].tolist(), "wrong", "These are not ids"),
    ("3.5", lambda ids: _accounts(ids).reset_index(drop=True), "wrong", "account_id is missing"),
    ("3.5", lambda ids: [True, False], "wrong", "select rows with them"),
    ("3.5", lambda ids: [], "wrong", "This is empty"),
    ("3.5", lambda ids: (each for each in ids), "wrong", "put list(…) around it"),
    ("12.3", lambda s: list(s), "wrong", "The index of a Series holds the ids"),
    ("12.3", lambda s: s.astype(str), "wrong", "That is a text; a number is wanted."),
    ("12.3", lambda s: s.to_frame().T, "wrong", "The column key is missing; there are:"),
    ("12.3", lambda s: s.reset_index(drop=True), "wrong", "None of its ids is known here"),
    ("12.3", lambda s: s[1:], "wrong", "The rows differ: 1 missing"),
    ("1.5", lambda text: text[:9], "wrong", "is not among the choices"),
    ("1.5", lambda text: 2, "wrong", "A text in quotes is wanted; this is an int"),
    ("1.9", lambda text: "Ask.", "wrong", "1 word of at least"),
    ("1.9", lambda text: "x" * 10**6, "wrong", "a memo fits on a page"),
]


@pytest.mark.parametrize(("name", "made", "status", "said"), BEGINNERS)
def test_a_beginner_is_told_what_to_do(name, made, status, said):
    feedback = check(name, made(lessons.solution(name)))
    assert (feedback.status, said in feedback.message) == (status, True), feedback.message


# ---- the right answer in every form --------------------------------------------------------------

NUMBERS = [
    float, np.float64, np.longdouble, np.array, fractions.Fraction, lambda x: pd.Index([x]),
    lambda x: decimal.Decimal(float(x)), lambda x: int(x) if x == round(x) else np.float32(x),
    lambda x: np.array([[x]]), lambda x: np.ma.array([x]), lambda x: [x], lambda x: (x,),
    lambda x: {x}, lambda x: {"a": x}.values(), lambda x: pd.Series([x], index=["any"]),
    lambda x: pd.Series([x], dtype="Float64"), lambda x: pd.Series([x], dtype=object),
    lambda x: pd.DataFrame({"any": [x]}), lambda x: collections.deque([x]),
]  # fmt: skip
TEXTS = [
    str, np.str_, np.array, str.upper, str.title, lambda text: f"  {text}\n",
    lambda text: f"{text}.",
    lambda text: f"{text}。", lambda text: f'"{text}"', lambda text: text.replace(" ", "  "),
    lambda text: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
    lambda text: text.replace("'", "’").replace("-", "–"), lambda text: [text],
    lambda text: (text,),
    lambda text: {text}, lambda text: np.array([text], dtype=object),
    lambda text: pd.Series([text]),
    lambda text: pd.Index([text]), lambda text: pd.Categorical([text]),
    lambda text: enum.Enum("Cause", {"ONE": text}, type=str).ONE,
]  # fmt: skip
IDS = [
    list, tuple, set, frozenset, np.array, pd.Series, pd.Index, pd.Categorical, pd.array,
    dict.fromkeys, collections.deque, lambda ids: ids[::-1], lambda ids: dict.fromkeys(ids).keys(),
    lambda ids: np.array(ids, dtype=object), lambda ids: pd.Series(ids, dtype="category"),
    lambda ids: pd.CategoricalIndex(ids), lambda ids: pd.Series(1.5, index=ids),
    lambda ids: pd.DataFrame({"account_id": ids, "key": ids, "claim": ids, "name": "x", "n": 1}),
    lambda ids: pd.DataFrame({"n": 1}, index=ids), lambda ids: [np.str_(each) for each in ids],
    lambda ids: [each.lower() for each in ids], lambda ids: [f" {each}  " for each in ids],
    lambda ids: [each.upper() for each in ids],
    lambda ids: ["Ｋ" + i[1:] if "K" in i else i for i in ids],
]  # fmt: skip
SERIES = [
    pd.Series, dict, pd.DataFrame, pd.Series.reset_index, lambda s: s[::-1],
    lambda s: s.astype(object),
    lambda s: s.rename("mine").rename_axis("id"),
    lambda s: s.rename_axis("id").reset_index(name="x"),
    lambda s: collections.OrderedDict(s), lambda s: s.reset_index().to_dict("list"),
    lambda s: s.reset_index().to_dict("records"), lambda s: s.reset_index().assign(why="so"),
    lambda s: s.astype("category"), lambda s: s.set_axis(pd.CategoricalIndex(s.index)),
    lambda s: s.set_axis(s.index.str.upper()), lambda s: s.reset_index()[[s.name, s.index.name]],
    lambda s: s.map(lambda value: [value]).explode(),
]  # fmt: skip
MEMOS = [
    str, np.str_, np.array, str.upper, lambda memo: f"\n{memo}\n", lambda memo: [memo],
    lambda memo: (memo,), lambda memo: {memo}, lambda memo: pd.Series([memo]),
    lambda memo: pd.Index([memo]), lambda memo: textwrap.fill(memo, 40),
    lambda memo: memo.replace(" ", "\u3000"), lambda memo: f"# Memo\n\n- {memo}",
]  # fmt: skip
WRAPS = {
    "a number": NUMBERS, "a choice": TEXTS, "a set of ids": IDS, "a Series": SERIES,
    "a memo": MEMOS,
}  # fmt: skip


def _answer(exercise: exercises.Exercise) -> object:
    if exercise.form == "a memo":
        words = [words[0] for words in exercise.points().values()]
        return " ".join(words + ["word"] * exercise.min_words)
    right = lessons.solution(exercise.id)
    return sorted(right) if exercise.form == "a set of ids" else right


@pytest.fixture(scope="module", params=(data.COMMITTED_SEED, 7, 88))
def seed(request):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data, "_current", None)
        data.use_world(seed=request.param)
        yield request.param


@pytest.mark.parametrize("chapter", exercises.chapters())
def test_a_right_answer_is_right_in_every_form(seed, chapter):
    for exercise in exercises.of_chapter(chapter, "EXERCISES"):
        right = _answer(exercise)
        for number, wrap in enumerate(WRAPS[exercise.form]):
            feedback = check(exercise.id, wrap(right))
            assert feedback.status == "right", (exercise.id, number, feedback.message)
        if exercise.form == "a memo":
            assert "word word" in store.read()["exercises"][exercise.id]["memo"]
