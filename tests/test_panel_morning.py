"""Mr Zhang's morning: every box answers with its own reason; the board stands as it was left."""

import html
import io
import json
from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_hex
from PIL import Image
from test_panels import outputs, picture

from helpers import charts, panels
from helpers.panels.morning import (
    CLOSING,
    NO_PUBLIC_INTEREST,
    NONE,
    PARTIES,
    PLACES,
    SCHEMES,
    UNKNOWN,
    Board,
    Try,
)

EVERY_TRY = [
    (party, scheme, box) for party, scheme in PLACES for box in [*SCHEMES[scheme], NONE, UNKNOWN]
]
NO_CUSTOMERS = ["project", "repaired_units", "rival"]


@pytest.fixture
def panel():
    return panels.morning()


def put(panel, party, scheme, box):
    panel.controls["party"].value = PARTIES[party].name
    panel.controls["scheme"].value = scheme
    panel.controls["box"].value = box
    return panel.text


def solve(panel):
    for party, scheme in PLACES:
        put(panel, party, scheme, PARTIES[party].right[scheme][0])


def look(panel, party, scheme):
    """The colour of a place's mark and the word beside it."""
    place = PLACES.index((party, scheme))
    words = panel._words.get_label().split(" | ")
    return to_hex(panel._marks.get_edgecolors()[place]).upper(), words[place]


# ------------------------------------------------------------------ the scene


def test_each_box_of_each_scheme_has_a_reason_of_its_own():
    for party in PARTIES.values():
        assert list(party.reasons) == list(party.right) == list(SCHEMES)
        for scheme, boxes in SCHEMES.items():
            assert list(party.reasons[scheme]) == [*boxes, NONE, UNKNOWN]
            assert party.right[scheme] and set(party.right[scheme]) <= set(party.reasons[scheme])
    reasons = [PARTIES[party].reasons[scheme][box] for party, scheme, box in EVERY_TRY]
    assert len(set(reasons)) == len(reasons) == 12 * 18
    assert all(len(reason) > 15 and reason.lstrip("“")[0].isupper() for reason in reasons)
    assert all(reason.endswith((".", "?")) for reason in reasons)


def test_no_reason_for_a_wrong_box_names_the_right_one():
    tell_tale = {"enterprise customer", "retail consumer", "internal customer", *SCHEMES["value"]}
    for party, scheme, box in EVERY_TRY:
        told = PARTIES[party].right[scheme]
        if box not in told:
            reason = PARTIES[party].reasons[scheme][box]
            assert not [each for each in tell_tale.intersection(told) if each in reason]


def test_nobody_is_public_interest_and_three_are_no_customers_at_all():
    right = {party: [*chain(*each.right.values())] for party, each in PARTIES.items()}
    assert not any("public-interest" in boxes for boxes in right.values())
    assert [party for party, boxes in right.items() if set(boxes) == {NONE}] == NO_CUSTOMERS


def test_all_other_boxes_of_relation_and_responsibility_are_needed():
    for scheme in ("relation", "responsibility"):
        needed = {PARTIES[party].right[scheme][0] for party in PARTIES}
        assert {*SCHEMES[scheme], NONE} - needed <= {"public-interest"}


# ------------------------------------------------------------------ the game


def test_it_begins_with_an_open_board_and_no_box(panel):
    assert panel.controls["box"].value is None
    assert panel.text == (
        "Mr Zhang (the head) sits at his desk; the others report to him and ask him to decide. "
        "Into which box by relation? 0 of 36 places stand, after 0 wrong tries."
    )
    assert {look(panel, *place) for place in PLACES} == {(charts.GREY, "")}


@pytest.mark.parametrize("party", PARTIES)
def test_every_box_is_answered_at_once_and_seen_on_the_board(panel, party):
    for scheme, box in [(scheme, box) for who, scheme, box in EVERY_TRY if who == party]:
        panel._board.tries.clear()
        text, right = put(panel, party, scheme, box), box in PARTIES[party].right[scheme]
        assert PARTIES[party].reasons[scheme][box] in text
        assert (f"“{box}” by {scheme}: that stands." in text) == right
        assert (f"“{box}” by {scheme}: not so." in text) != right
        assert (NO_PUBLIC_INTEREST in text) == (box == "public-interest")
        settled = 3 if right and party in NO_CUSTOMERS else int(right)
        wrong = "0 wrong tries" if right else "1 wrong try"
        assert f"{settled} of 36 places stand, after {wrong}." in text
        color, word = look(panel, party, scheme)
        assert color == (charts.GREEN if right else charts.VERMILLION) and word
        others = {look(panel, *place)[0] for place in PLACES if place[0] != party}
        assert others == {charts.GREY}


def test_marks_differ_by_shape_not_by_colour_alone(panel):
    put(panel, "head", "relation", "consumer")
    put(panel, "head", "value", NONE)
    wrong, right, still_open = panel._marks.get_paths()[:3]
    assert {len(path.vertices) for path in (wrong, right, still_open)} == {4, 3, 5}


def test_the_picture_is_of_house_colours_and_no_word_runs_into_the_next(panel):
    for party, scheme in PLACES:
        put(panel, party, scheme, max(PARTIES[party].right[scheme], key=len))
    colors = Image.open(io.BytesIO(picture(panel))).convert("RGB").getcolors(200)
    assert {(255, 255, 255), (0x00, 0x9E, 0x73), (0x22, 0x22, 0x22)} <= {rgb for _, rgb in colors}
    renderer, points = panel._canvas.get_renderer(), 100 / 72
    begins = panel._ax.transData.transform(panel._words.get_offsets())[:, 0]
    widths = np.array([path.get_extents().x1 * points for path in panel._words.get_paths()])
    ends = begins + widths
    assert widths.min() > 10
    starts = panel._ax.transData.transform(panel._spots)[:, 0] - 15  # the mark's half
    across = np.reshape(ends, (12, 3)), np.reshape(starts, (12, 3))
    assert (across[0][:, :-1] < across[1][:, 1:]).all() and (ends < panel._width).all()
    names = [text for text in panel._ax.texts if text.get_text() in panel._keys]
    assert len(names) == 12
    assert max(name.get_window_extent(renderer).x1 for name in names) < starts.min()


def test_two_readings_of_the_agent_by_value_both_stand(panel):
    for box in ("B main", UNKNOWN):
        assert "that stands" in put(panel, "agent", "value", box)
    assert look(panel, "agent", "value") == (charts.GREEN, "B")  # the first stays
    assert "after 0 wrong tries" in panel.text


def test_a_wrong_try_counts_once_and_not_after_the_place_stands(panel):
    for box in ("consumer", "intermediary", "consumer"):
        put(panel, "head", "relation", box)
    assert "0 of 36 places stand, after 2 wrong tries." in panel.text
    put(panel, "head", "relation", "internal")
    text = put(panel, "head", "relation", NONE)  # what would have been said to it?
    assert "not so. In the narrow sense, true" in text
    assert "1 of 36 places stand, after 2 wrong tries." in text
    assert look(panel, "head", "relation") == (charts.GREEN, "internal")


def test_coming_back_to_a_place_shows_what_was_said(panel):
    said = put(panel, "agent", "relation", "consumer")
    panel.controls["scheme"].value = "value"
    assert panel.controls["box"].value is None
    assert list(panel.controls["box"].options) == [*SCHEMES["value"], NONE, UNKNOWN]
    panel.controls["scheme"].value = "relation"
    assert panel.controls["box"].value == "consumer" and panel.text == said


def test_to_look_at_a_place_is_not_to_try(panel):
    for party in PARTIES:
        for scheme in SCHEMES:
            panel.controls["party"].value = PARTIES[party].name
            panel.controls["scheme"].value = scheme
    panel.controls["box"].value = None
    assert panel.values["tries"] == []


def test_a_frame_stands_about_the_place_that_is_asked_about(panel):
    for place in PLACES:
        panel.controls["party"].value = PARTIES[place[0]].name
        panel.controls["scheme"].value = place[1]
        inside = [panel._frame.get_bbox().contains(*spot) for spot in panel._spots]
        assert [where for where, is_in in zip(PLACES, inside, strict=True) if is_in] == [place]


def test_what_is_no_customer_is_settled_by_one_try(panel):
    text = put(panel, "rival", "value", NONE)
    assert "3 of 36 places stand" in text
    assert {look(panel, "rival", scheme) for scheme in SCHEMES} == {(charts.GREEN, "none")}


def test_a_row_that_stands_says_what_counts_for_the_party(panel):
    put(panel, "agent", "relation", "intermediary")
    assert "What counts" not in put(panel, "agent", "value", "B main")
    assert f"What counts for the agent on the phone: {PARTIES['agent'].wants}." in put(
        panel, "agent", "responsibility", "agent"
    )
    assert "What counts" not in put(panel, "agent", "responsibility", NONE)


def test_a_full_board_ends_with_the_insight(panel):
    solve(panel)
    assert panel.text.endswith(f"36 of 36 places stand, after 0 wrong tries. {CLOSING}")
    assert CLOSING in put(panel, "head", "relation", "consumer")  # looking on takes nothing away


# ------------------------------------------------------------------ keeping


def test_a_board_is_kept_and_taken_up(panel):
    kept = []
    panel = panels.morning(on_commit=kept.append)
    put(panel, "head", "relation", "consumer")
    put(panel, "rival", "relation", NONE)
    put(panel, "multinational", "value", "B main")
    panel.commit.click()
    again = panels.morning(state=json.loads(json.dumps(kept[0])))
    assert (again.text, picture(again)) == (panel.text, picture(panel))
    assert again.values == panel.values
    assert set(kept[0]) == {"party", "scheme", "box", "tries"}


def test_a_board_of_an_older_scene_is_taken_up_as_far_as_it_goes():
    tries = [["ghost", "relation", "consumer"], ["head", "taste", "blue"], ["head", "value", "E"]]
    state = {"party": "a ghost", "scheme": "taste", "box": "blue", "tries": tries}
    assert panels.morning(state=state).text == panels.morning().text


@given(st.lists(st.sampled_from(EVERY_TRY), max_size=60))
def test_the_board_counts_as_a_set_would(tries):
    first_right = {}
    wrong = set()
    for party, scheme, box in tries:
        right = box in PARTIES[party].right[scheme]
        if right and party in NO_CUSTOMERS:
            first_right |= {(party, each): NONE for each in SCHEMES}
        elif right:
            first_right.setdefault((party, scheme), box)
        elif (party, scheme) not in first_right:
            wrong.add((party, scheme, box))
    board = Board(tries)
    assert board.count() == (len(first_right), len(wrong))
    assert {
        place: board.last(*place).box for place in PLACES if board.stands(*place)
    } == first_right
    assert Board(board.tries).tries == board.tries
    assert all(isinstance(each, Try) for each in board.tries)


def test_the_stored_output_shows_the_board_without_a_kernel(panel, monkeypatch):
    put(panel, "agent", "relation", "intermediary")
    still, live = outputs(panel, monkeypatch)
    assert panel.text in html.unescape(still["text/html"]) and panel.text in still["text/plain"]
    assert "the agent on the phone" in still["text/plain"] and "36 ×" in still["text/plain"]
    for said in ("“who”", "“scheme”", "“box”", 'alt="The board of the morning'):
        assert said in still["text/html"]
    assert live["text/plain"] == ""
