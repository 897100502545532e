"""The evidence board: belief by hand, every rating kept, and what it says of the lead."""

import datetime as dt
import html
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_hex
from test_panels import outputs, picture

from helpers import charts, panels
from helpers.churn import CAUSES
from helpers.data import CourseError
from helpers.panels.evidence_board import HEIGHT, LOOKS, MOST, OPEN, RATINGS, UNDECIDED, belief

THREE = ("quality", "service", "rival")
FINDINGS = {
    "complaints": 7,
    "quote seen": pd.Timestamp("2024-05-02"),
    "plant": pd.Series({"city": "Wuxi", "staff": 1200, "margin": 0.2345, "note": None}),
}
MARKS = {1: "fits", 0: "says nothing", -1: "speaks against"}
tables = st.lists(
    st.lists(st.sampled_from([-1.0, -0.4, 0.0, 0.4, 1.0, np.nan]), min_size=4, max_size=4),
    min_size=1,
    max_size=9,
).map(lambda rows: pd.DataFrame(rows, columns=list("abcd")))


def board(findings=FINDINGS, hypotheses=THREE, **options):
    return panels.evidence_board(findings, hypotheses=hypotheses, **options)


def press(panel, *ratings):
    for rating in ratings:
        panel.controls["rating"].value = rating


def go(panel, finding, hypothesis):
    panel.controls["finding"].value = finding
    panel.controls["hypothesis"].value = hypothesis


def place(panel):
    return panel.controls["finding"].value, panel.controls["hypothesis"].value


def values(panel):
    return panel.values  # noqa: PD011


def commit(panel, diagnosis, certainty=70):
    panel.controls["diagnosis"].value = diagnosis
    panel.controls["certainty"].value = certainty
    panel.commit.click()


def shown(panel):
    """Of the picture: the places' ratings, the bars' shares, and how far findings tell apart."""
    looks = {path: rating for rating, (path, _) in LOOKS.items()} | {OPEN[0]: None}
    marks = [looks[path] for path in panel._marks.get_paths()]
    rows = len(panel._hypotheses)
    bars = [bar.get_width() / panel._bar_room for bar in panel._bars]
    return (
        [marks[start : start + rows] for start in range(0, len(marks), rows)],
        bars,
        [bar.get_width() / 40 for bar in panel._weights],
    )


# ------------------------------------------------------------------ belief


def test_belief_by_hand():
    one = pd.DataFrame([[1, 0, -1]], columns=THREE)
    shares = belief(one)  # 3 : 1 : 1/3
    assert shares.tolist() == pytest.approx([9 / 13, 3 / 13, 1 / 13])
    assert belief(pd.concat([one, one])).tolist() == pytest.approx([81 / 91, 9 / 91, 1 / 91])
    assert belief(one, weight=2).tolist() == pytest.approx([4 / 7, 2 / 7, 1 / 7])
    assert belief(one, weight=1).tolist() == pytest.approx([1 / 3] * 3)
    assert belief(one * 0.5, weight=9).tolist() == pytest.approx([9 / 13, 3 / 13, 1 / 13])
    assert list(shares.index) == list(THREE)


def test_what_is_not_rated_says_nothing():
    assert belief(pd.DataFrame([[np.nan, np.nan]])).tolist() == [0.5, 0.5]
    assert belief(pd.DataFrame([[1, np.nan]])).tolist() == [0.75, 0.25]


@settings(deadline=None)
@given(tables, st.sampled_from([1, 2, 3, 10]), st.randoms(), st.sampled_from([-1, 0, 0.5, 1]))
def test_shares_add_up_and_neither_order_nor_what_is_alike_matters(ratings, weight, random, alike):
    shares = belief(ratings, weight=weight)
    assert shares.sum() == pytest.approx(1) and shares.between(0, 1).all()
    shuffled = random.sample(range(len(ratings)), len(ratings))
    assert belief(ratings.iloc[shuffled], weight=weight).tolist() == pytest.approx(shares.tolist())
    more = pd.concat([ratings, pd.DataFrame([[alike] * 4], columns=ratings.columns)])
    assert belief(more, weight=weight).tolist() == pytest.approx(shares.tolist())
    points = ratings.fillna(0).sum()
    for left in points.index:
        for right in points.index:
            odds = weight ** (points[left] - points[right])
            assert shares[left] == pytest.approx(odds * shares[right])


def test_many_findings_do_not_overflow():
    sure = belief(pd.DataFrame([[1, -1]] * 400), weight=10)
    assert sure.tolist() == [1, 0]


@pytest.mark.parametrize("weight", [0.5, 0, -1, float("nan")])
def test_a_weight_below_one_is_refused(weight):
    with pytest.raises(CourseError, match="weight is a number from 1"):
        belief(pd.DataFrame([[1, 0]]), weight=weight)


# ------------------------------------------------------------------ rating


def test_it_begins_with_a_question_and_nothing_rated():
    panel = board()
    assert panel.text == (
        "1 complaints (7): would we see it if the cause were “quality”? 0 of 9 rated."
    )
    assert place(panel) == ("1 complaints", "quality")
    assert panel.controls["rating"].value is None
    assert panel.controls["rating"].description == "If it were quality, finding 1"
    assert shown(panel) == ([[None] * 3] * 3, pytest.approx([1 / 3] * 3), [0, 0, 0])
    assert panel._title.get_text() == "1 complaints: 7"


def test_the_seven_causes_are_what_it_weighs():
    assert panels.evidence_board(FINDINGS)._hypotheses == list(CAUSES)


def test_a_press_rates_and_moves_on_to_the_next_open_place():
    panel = board()
    places = []
    for rating in ("fits", "says nothing", "speaks against", "fits"):
        press(panel, rating)
        places.append(place(panel))
        assert panel.controls["rating"].value is None  # the same button may be pressed again
    assert places == [
        ("1 complaints", "service"),
        ("1 complaints", "rival"),
        ("2 quote seen", "quality"),
        ("2 quote seen", "service"),
    ]
    assert panel.ratings().loc["complaints"].tolist() == [1, 0, -1]
    assert panel.ratings().loc["quote seen", "quality"] == 1
    assert panel.ratings().isna().to_numpy().sum() == 5
    assert panel.controls["rating"].description == "If it were service, finding 2"
    assert panel.text.startswith("2 quote seen (2024-05-02): would we see it if the cause were “s")


def test_moving_on_leaves_out_what_is_rated_and_comes_round():
    panel = board()
    go(panel, "3 plant", "service")
    press(panel, "fits")
    assert place(panel) == ("3 plant", "quality")
    press(panel, "fits", "fits")
    assert place(panel) == ("1 complaints", "quality")  # round to what was left out
    press(panel, *["says nothing"] * 6)
    assert place(panel) == ("2 quote seen", "rival")  # nothing is open: it stays
    assert panel.controls["rating"].value == "says nothing"
    assert "9 of 9 rated." in panel.text


def test_choosing_a_place_shows_its_rating_and_rates_nothing():
    kept = []
    panel = board(on_commit=kept.append)
    press(panel, "fits", "says nothing", "speaks against")
    before = panel.ratings()
    kept.clear()
    for hypothesis, rating in zip(THREE, MARKS.values(), strict=True):
        go(panel, "1 complaints", hypothesis)
        assert panel.controls["rating"].value == rating
        assert f"“{hypothesis}”? Rated: it {rating}." in panel.text
    panel.controls["finding"].value = "2 quote seen"
    assert place(panel) == ("2 quote seen", "quality")  # the first that is open
    assert panel.controls["rating"].value is None and "Rated:" not in panel.text
    pd.testing.assert_frame_equal(panel.ratings(), before)
    assert kept == []


def test_a_rating_can_be_taken_back():
    panel = board()
    press(panel, "speaks against", "fits")
    go(panel, "1 complaints", "quality")
    press(panel, "fits")
    assert panel.ratings().loc["complaints", ["quality", "service"]].tolist() == [1, 1]
    assert place(panel) == ("1 complaints", "rival")


def test_marks_bars_and_frame_follow_the_ratings():
    panel = board()
    press(panel, "fits", "says nothing", "speaks against", "says nothing", "fits")
    marks, bars, apart = shown(panel)
    assert marks == [[1, 0, -1], [0, 1, None], [None] * 3]
    assert bars == pytest.approx([9 / 19, 9 / 19, 1 / 19])  # 3 : 3 : 1/3
    assert apart == [1, 0.5, 0]
    told = [text.get_text() for text in panel._percents]
    assert told == ["47 %", "47 %", "5 %"]
    colors = [to_hex(each).upper() for each in panel._marks.get_edgecolors()]
    assert colors[:4] == [charts.GREEN, charts.GREY, charts.VERMILLION, charts.GREY]
    leaders = [to_hex(bar.get_facecolor()).upper() == charts.BLUE for bar in panel._bars]
    assert leaders == [True, True, False]
    assert [text.get_weight() for text in panel._percents] == ["bold", "bold", "normal"]
    for finding in panel._titles:
        for hypothesis in THREE:
            go(panel, finding, hypothesis)
            inside = [panel._frame.get_bbox().contains(*spot) for spot in panel._spots]
            where = list(panel._titles).index(finding) * 3 + THREE.index(hypothesis)
            assert np.flatnonzero(inside).tolist() == [where]


def test_the_weight_moves_the_bars_and_back():
    panel = board()
    press(panel, "fits")
    before = picture(panel)
    panel.controls["weight"].value = 10
    assert shown(panel)[1] == pytest.approx([10 / 12, 1 / 12, 1 / 12])
    panel.controls["weight"].value = 1
    assert shown(panel)[1] == pytest.approx([1 / 3] * 3)
    leaders = {to_hex(bar.get_facecolor()).upper() for bar in panel._bars}
    assert leaders == {charts.GREY}
    panel.controls["weight"].value = 3
    assert picture(panel) == before


def test_a_finding_that_is_alike_for_all_is_said_to_count_for_nothing():
    alike = "Finding 1 is the same for all hypotheses: it counts for nothing."
    panel = board()
    press(panel, "fits", "fits")
    assert alike not in panel.text
    press(panel, "fits")
    assert place(panel)[0] == "2 quote seen" and alike in panel.text  # of the one just rated
    assert panel.text.endswith("3 of 9 rated.")  # and nothing of a lead, or of three level
    panel.controls["hypothesis"].value = "service"
    assert alike not in panel.text
    panel.controls["finding"].value = "1 complaints"
    assert alike in panel.text
    press(panel, "speaks against")
    assert "counts for nothing" not in panel.text


def test_it_says_who_leads_and_what_the_lead_hangs_on():
    panel = board()
    press(panel, "speaks against", "says nothing")
    assert "lead" not in panel.text and "level" not in panel.text  # a finding is not done
    press(panel, "says nothing")
    assert "Service and rival are level at 43 %." in panel.text
    go(panel, "1 complaints", "service")
    press(panel, "speaks against")
    assert panel.text.endswith(
        "Rival leads with 60 %, then quality with 20 %; remaining doubt 40 %. "
        "Without finding 1 the lead is gone."
    )
    press(panel, "says nothing", "speaks against", "fits")
    assert panel.text.endswith("No single finding carries the lead.")
    go(panel, "2 quote seen", "rival")
    press(panel, "says nothing")  # without finding 1 it would be level with quality
    assert panel.text.endswith("Without finding 1 the lead is gone.")


def test_all_that_are_level_are_counted():
    panel = board(hypotheses=("a", "b", "c", "d"))
    press(panel, "speaks against", *["says nothing"] * 3)
    assert "3 hypotheses are level at 30 %." in panel.text
    votes = {"one": {"a": [1, 0], "b": [3, 0]}, "two": {"a": [2, 0], "b": [0, 0]}}
    state = {"ratings": votes | {"three": {key: [0, 0] for key in "abc"}}}
    panel = board(dict.fromkeys(state["ratings"], 1), tuple("abc"), voters=10, state=state)
    assert "A and b are level" in panel.text  # 0.1 + 0.2 and 0.3


def test_no_share_is_said_to_be_all_or_nothing():
    panel = board()
    press(panel, *["fits", "says nothing", "speaks against"] * 3)
    panel.controls["weight"].value = 10
    assert "Quality leads with over 99 %" in panel.text
    assert "remaining doubt under 1 %" in panel.text
    assert [text.get_text() for text in panel._percents] == ["> 99 %", "< 1 %", "< 1 %"]


def test_a_full_board_asks_for_the_diagnosis_until_one_is_committed():
    ask = "Now choose a diagnosis, say how sure you are, and press Commit."
    panel = board()
    press(panel, *["fits", "fits", "speaks against"] * 2, "fits", "fits")
    assert ask not in panel.text
    press(panel, "fits")
    assert ask in panel.text
    commit(panel, "rival")
    assert ask not in panel.text
    useless = board()
    press(useless, *["fits"] * 9)
    assert ask not in useless.text  # nothing tells apart: it would be refused


# ------------------------------------------------------------------ a class


def test_hands_are_counted_and_no_more_than_there_are():
    panel = board(voters=20)
    assert "rating" not in panel.controls
    panel.controls["fits"].value = 15
    assert panel.ratings().loc["complaints", "quality"] == 0.75
    assert "Rated: it fits (+0.75)." in panel.text
    panel.controls["against"].value = 12  # more hands than are left
    assert (panel.controls["fits"].value, panel.controls["against"].value) == (8, 12)
    assert values(panel)["ratings"] == {"complaints": {"quality": [8, 12]}}
    assert panel.ratings().loc["complaints", "quality"] == -0.2
    assert shown(panel)[0][0] == [0, None, None]  # too close to call
    assert place(panel) == ("1 complaints", "quality")  # hands are still being counted
    assert "Rated: it says nothing (-0.20)." in panel.text
    panel.controls["hypothesis"].value = "service"
    assert (panel.controls["fits"].value, panel.controls["against"].value) == (0, 0)
    assert np.isnan(panel.ratings().loc["complaints", "service"])
    panel.controls["hypothesis"].value = "quality"
    assert (panel.controls["fits"].value, panel.controls["against"].value) == (8, 12)


def test_a_split_class_weighs_less_than_one_of_a_mind():
    panel = board(voters=20)
    panel.controls["fits"].value = 10
    assert shown(panel)[1] == pytest.approx(np.array([3**0.5, 1, 1]) / (2 + 3**0.5))
    panel.controls["fits"].value = 20
    assert shown(panel)[1] == pytest.approx([3 / 5, 1 / 5, 1 / 5])


def test_a_vote_is_taken_up_by_a_smaller_class_and_by_one_person():
    kept = []
    panel = board(voters=20, on_commit=kept.append)
    panel.controls["fits"].value = 18
    smaller = board(voters=10, state=kept[-1])
    go(smaller, "1 complaints", "quality")
    assert smaller.ratings().loc["complaints", "quality"] == 1
    alone = board(state=kept[-1])
    go(alone, "1 complaints", "quality")
    assert alone.controls["rating"].value == "fits"
    press(alone, "speaks against")
    nobody = board(state={"ratings": {"complaints": {"quality": [0, 0]}}})
    assert nobody.ratings().loc["complaints", "quality"] == 0
    again = board(voters=20, state=values(alone))
    go(again, "1 complaints", "quality")
    assert again.ratings().loc["complaints", "quality"] == -1


# ------------------------------------------------------------------ what backs a finding


@pytest.mark.parametrize(
    ("backing", "words"),
    [
        (7, "7"),
        (1234.6, "1,235"),
        (0.23456, "0.235"),
        (np.int64(3), "3"),
        (np.float64(12.0), "12"),
        (np.bool_(True), "True"),
        (False, "False"),
        (pd.Timestamp("2024-05-02 13:00"), "2024-05-02"),
        (dt.date(2024, 5, 2), "2024-05-02"),
        (np.datetime64("2024-05-02"), "2024-05-02"),
        (pd.Timedelta("12 days 3 hours"), "12 days"),
        (np.timedelta64(12, "D"), "12 days"),
        (pd.Period("2024Q2"), "2024Q2"),
        (FINDINGS["plant"], "Wuxi, 1,200, 0.234"),
        (FINDINGS["plant"].to_frame().T, "Wuxi, 1,200, 0.234"),
        (pd.Series({"wrote": [1, 2], "on": pd.NaT}), "[1, 2]"),
        (pd.Series({"note": "x" * 200}), "x" * 109 + "…"),
    ],
)
def test_what_backs_a_finding_is_shown(backing, words):
    panel = board({"found": backing})
    assert panel.text.startswith(f"1 found ({words}): would we see it")
    assert panel._title.get_text().startswith(f"1 found: {words[:20]}")
    assert panel.sheet().data["backed by"].iloc[0] == words


@pytest.mark.parametrize(
    ("findings", "sentence"),
    [
        ({"it was late": "yes, it was"}, "“it was late” is backed by a text: give the number"),
        ({"mean": float("nan")}, "“mean” is backed by nan: no number came out."),
        ({"mean": np.inf}, "“mean” is backed by inf: no number came out."),
        ({"day": pd.NaT}, "“day” is backed by nothing yet"),
        ({"gap": np.timedelta64("NaT")}, "“gap” is backed by nothing yet"),
        ({"mine": ...}, "“mine” is backed by nothing yet"),
        ({"mine": None}, "“mine” is backed by nothing yet"),
        ({"all": pd.DataFrame({"a": [1, 2]})}, "a table of 2 rows: choose one row, or count them."),
        ({"all": pd.DataFrame({"a": []})}, "a table of 0 rows"),
        ({"row": pd.Series(dtype=float)}, "an empty row: what did you filter?"),
        ({"row": pd.Series([np.nan, None])}, "a row in which every value is missing"),
        ({7: 7}, "A finding is told in a few words in quotes, and 7 is not."),
        ({" ": 7}, "A finding is told in a few words in quotes"),
        ({f"finding {n}": n for n in range(10)}, "The board holds 9 findings, and here are 10"),
        ({}, "Put a finding on the board first"),
        ([7], "findings is a dict, short text → what backs it, not a list."),
        (None, "not a NoneType."),
        (pd.DataFrame({"a": [1]}), "not a DataFrame."),
    ],
)
def test_what_is_no_finding_is_refused_in_one_sentence(findings, sentence, monkeypatch):
    panel = board(findings)
    assert sentence in panel.text and picture(panel) is None
    assert panel.text.endswith((".", "?")) and panel.text.rstrip(".").count(". ") == 0
    assert all(control.disabled for control in [*panel.controls.values(), panel.commit])
    panel.controls["weight"].value = 5  # moves nothing, raises nothing
    assert sentence in panel.text
    with pytest.raises(CourseError, match=r"\w"):
        panel.sheet()
    assert panel.text in html.unescape(outputs(panel, monkeypatch)[0]["text/html"])


def test_a_finding_found_later_does_not_disturb_a_board_that_stands():
    findings = dict(FINDINGS)
    panel = board(findings)
    findings["found later"] = 5
    press(panel, "fits")
    assert "1 of 9 rated" in panel.text
    assert list(panel.ratings().index) == list(FINDINGS)


# ------------------------------------------------------------------ the picture holds it all


@pytest.mark.parametrize("count", [1, 2, 6, MOST])
def test_no_word_runs_out_of_the_picture_or_into_the_marks(count):
    findings = {f"finding {n} in the thirty-four allowed": 123456 for n in range(count)}
    rated = {cause: 1 if cause == "unstable quality" else -1 for cause in CAUSES}
    state = {"ratings": {finding: rated for finding in findings}, "weight": 10}
    panel = panels.evidence_board(findings, state=state)
    assert panel._percents[0].get_text() == ("> 99 %" if count > 1 else "94 %")
    renderer = panel._canvas.get_renderer()
    words = [text for text in panel._ax.texts if text.get_text()]
    boxes = {text.get_text(): text.get_window_extent(renderer) for text in words}
    assert all(box.x0 >= 0 and box.x1 <= panel._width for box in boxes.values())
    assert all(box.y0 >= 0 and box.y1 <= HEIGHT for box in boxes.values())
    first_mark = panel._ax.transData.transform(panel._spots)[0, 0] - 22
    assert max(boxes[cause].x1 for cause in CAUSES) < first_mark
    last_mark = panel._ax.transData.transform(panel._spots)[-1, 0] + 22
    assert last_mark < boxes["how likely"].x0
    assert len(panel._bars) == 7 and len(panel._weights) == count


def test_a_long_finding_is_shortened_and_a_dollar_is_a_dollar():
    text = "price fell from $9 to $8 "
    panel = board({text + "and " * 20: 1, "next": 2}, (text, "other"))
    assert panel._title.get_text().startswith(f"1 {text}and")
    assert panel._title.get_text().endswith("…") and len(panel._title.get_text()) == 58
    written = [each for each in panel._ax.texts if "$" in each.get_text()]
    assert len(written) == 2 and not any(each.get_parse_math() for each in written)


# ------------------------------------------------------------------ committing and keeping


def test_a_diagnosis_needs_a_choice_and_a_finding_that_tells_apart():
    kept = []
    panel = board(on_commit=kept.append)
    panel.commit.click()
    assert panel.text.endswith("Choose a diagnosis first, and say how sure you are.")
    commit(panel, "service")
    assert "No finding tells the hypotheses apart yet" in panel.text
    press(panel, "fits", "fits", "fits")
    panel.commit.click()
    assert "No finding tells the hypotheses apart yet" in panel.text
    assert panel.diagnosis is ... and kept[-1]["commits"] == []
    press(panel, "fits")
    assert "No finding" not in panel.text  # said once
    panel.commit.click()
    assert panel.diagnosis == "service"
    assert kept[-1]["commits"] == [{"diagnosis": "service", "certainty": 70}]
    assert "Committed: service, 70 % sure." in panel.text
    commit(panel, "rival", 40)
    assert panel.diagnosis == "rival" and len(kept[-1]["commits"]) == 2
    commit(panel, UNDECIDED)
    assert panel.diagnosis == "rival" and "Committed: rival, 40 % sure." in panel.text


def test_every_move_that_counts_is_kept_at_once_and_looking_is_not():
    kept = []
    panel = board(on_commit=lambda values: kept.append(json.dumps(values)))
    press(panel, "fits")
    assert len(kept) == 1
    go(panel, "3 plant", "rival")
    assert len(kept) == 1
    panel.controls["weight"].value = 5
    panel.controls["certainty"].value = 85
    panel.controls["diagnosis"].value = "rival"
    assert len(kept) == 4
    assert json.loads(kept[-1]) == {
        "weight": 5,
        "certainty": 85,
        "diagnosis": "rival",
        "ratings": {"complaints": {"quality": 1}},
        "commits": [],
    }


def test_what_keeping_returns_is_shown_until_it_works_again():
    answers = ["The disk is full.", "The disk is full.", "", "The disk is full."]
    panel = board(on_commit=lambda values: answers.pop(0))
    press(panel, "fits", "fits")
    assert panel.text.endswith("The disk is full.")
    press(panel, "speaks against")
    assert "disk" not in panel.text
    panel.controls["diagnosis"].value = "rival"
    assert panel.text.endswith("The disk is full.")
    assert panel.ratings().loc["complaints"].tolist() == [1, 1, -1]


@settings(max_examples=8, deadline=None)
@given(st.lists(st.sampled_from([None, *RATINGS]), max_size=9), st.sampled_from([1, 3, 10]))
def test_a_board_is_taken_up_through_json(ratings, weight):
    panel = board()
    places = [(finding, each) for finding in panel._titles for each in THREE]
    for where, rating in zip(places, ratings, strict=False):
        if rating:
            go(panel, *where)
            press(panel, rating)
    panel.controls["weight"].value = weight
    commit(panel, "rival")
    again = board(state=json.loads(json.dumps(values(panel))))
    assert values(again) == values(panel) and again.diagnosis == panel.diagnosis
    assert shown(again) == shown(panel)
    pd.testing.assert_frame_equal(again.ratings(), panel.ratings())
    if again.ratings().isna().any(axis=None):  # it stands where the first open place is
        finding, hypothesis = place(again)
        assert np.isnan(again.ratings().loc[again._titles[finding], hypothesis])


def test_findings_and_hypotheses_may_change_and_no_rating_is_lost():
    kept = []
    first = board(on_commit=kept.append)
    press(first, *["fits"] * 3, "speaks against", *["fits"] * 5)
    state = json.loads(json.dumps(kept[-1]))
    other = {"complaints": 8, "new": 1, "plant, renamed": 2}
    second = board(other, (*THREE[:2], "mood"), state=state, on_commit=kept.append)
    assert second.ratings().loc["complaints"].isna().tolist() == [False, False, True]
    assert second.ratings().iloc[1:].isna().all(axis=None)
    assert place(second) == ("1 complaints", "mood")
    press(second, "says nothing")
    ratings = kept[-1]["ratings"]
    assert ratings["complaints"] == {"quality": 1, "service": 1, "rival": 1, "mood": 0}
    assert ratings["quote seen"] == state["ratings"]["quote seen"]
    assert ratings["plant"] == state["ratings"]["plant"]
    third = board(state=json.loads(json.dumps(kept[-1])))
    pd.testing.assert_frame_equal(third.ratings(), first.ratings())


@pytest.mark.parametrize(
    "state",
    [
        None,
        [],
        "board",
        {"ratings": 5, "commits": 5, "weight": "heavy", "diagnosis": 3, "certainty": None},
        {"ratings": {"complaints": 1, "quote seen": [1]}, "commits": None, "weight": 2.5},
        {"ratings": {"complaints": {"quality": "fits", "service": 2, "rival": [1, 2, 3]}}},
        {"ratings": {"complaints": {"quality": [-1, 2], "service": [1.5, 2], "rival": None}}},
        {"ratings": {"complaints": {"quality": float("nan")}}, "commits": {"diagnosis": "rival"}},
        {"ratings": {"ghost": {"quality": 1}}, "commits": [1, {}, {"diagnosis": "rival"}]},
        {"diagnosis": "a hypothesis of old", "certainty": 51, "weight": 300},
    ],
)
def test_a_state_that_is_older_or_none_is_taken_up_as_far_as_it_goes(state):
    panel = board(state=state)
    assert (panel.text, picture(panel)) == (board().text, picture(board()))
    press(panel, "speaks against", "fits", "fits")
    commit(panel, "rival")
    assert panel.diagnosis == "rival"


# ------------------------------------------------------------------ to print, to read


def test_the_sheet_is_the_board_as_a_table():
    panel = board()
    press(panel, "fits", "says nothing", "speaks against")
    sheet = panel.sheet()
    assert sheet.data.to_numpy().tolist() == [
        ["1 complaints", "7", "+", "o", "–"],
        ["2 quote seen", "2024-05-02", "", "", ""],
        ["3 plant", "Wuxi, 1,200, 0.234", "", "", ""],
        ["how likely", "", "69 %", "23 %", "8 %"],
    ]
    assert list(sheet.data.columns) == ["finding", "backed by", *THREE]
    shown = sheet.to_html()
    assert "No diagnosis committed yet. + fits, o says nothing, – speaks against." in shown
    assert "<th" in shown and "row_heading" not in shown
    panel.controls["weight"].value = 10
    assert panel.sheet().data.iloc[-1].tolist()[2:] == ["90 %", "9 %", "1 %"]
    commit(panel, "quality")
    assert "Committed: quality." in panel.sheet().to_html()


def test_the_stored_output_shows_the_board_without_a_kernel(monkeypatch):
    panel = board()
    press(panel, "fits")
    still, live = outputs(panel, monkeypatch)
    text = html.unescape(still["text/html"])
    assert panel.text in text and panel.text in still["text/plain"]
    assert 'alt="The evidence board: a row for each hypothesis' in text
    for said in ("“finding”", "“hypothesis”", "“If it were service, finding 1”", "“diagnosis”"):
        assert said in text
    assert live["text/plain"] == ""
