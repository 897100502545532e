"""The buying centre: meeting or losing a person moves map, chance and advice as by hand."""

# ruff: noqa: PD011 (a panel's values are no frame's)

import html
import io
import itertools
import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_hex
from matplotlib.transforms import Bbox
from PIL import Image
from test_panels import outputs, picture

from helpers import charts, data, panels
from helpers.data import CourseError
from helpers.panels.buying_centre import GONE, MET, NAMED, NOT_MET, ROLES, STATES

COLUMNS = ["account_id", "account", "contact_id", "name", "title", "roles"]
COLUMNS += ["influence", "stance", "met"]


@pytest.fixture
def people():
    """Firm One with four people, of whom one is met; Firm Two with one."""
    rows = [
        ("K1", "Firm One", "P1", "An Li", "Manager 经理", "decider;approver", 5, -1, False),
        ("K1", "Firm One", "P2", "Bo Wu", "Buyer 采购", "buyer;gatekeeper", 3, 0, True),
        ("K1", "Firm One", "P3", "Cai Xu", "Clerk 职员", "user", 2, 2, False),
        ("K1", "Firm One", "P4", "Du Yi", "Clerk 职员", "user;influencer", 2, 2, False),
        ("K2", "Firm Two", "P5", "E Zhu", "Owner 店主", "decider", 5, 0, False),
    ]
    return pd.DataFrame(rows, columns=COLUMNS)


def tenth_per_role(people):
    """A toy: 10 % for each role that somebody met holds."""
    return 0.1 * len(
        {role for roles in people.loc[people["met"], "roles"] for role in roles.split(";")}
    )


@pytest.fixture
def panel(people):
    return panels.buying_centre(people, chance=tenth_per_role)


def make(panel, person, state):
    panel.controls["person"].value = person
    panel.controls["state"].value = state
    return panel.text


def look(panel, person):
    """A person's marker: its number of corners, face and edge."""
    i = panel._centre.labels.index(person)
    face, edge = (
        to_hex(colors[i]).upper()
        for colors in (panel._marks.get_facecolors(), panel._marks.get_edgecolors())
    )
    return len(panel._marks.get_paths()[i].vertices), face, edge


def names(panel):
    return {text.get_text(): text for text in panel._names if text.get_text()}


# ------------------------------------------------------------------ meeting and losing


def test_it_begins_with_the_account_as_it_is(panel):
    assert panel.text == (
        "Firm One: the chance to win is 20 % now, 20 % at first. Roles not met: user, influencer, "
        "decider, approver. Meet next: An Li, for 20 points more. An Li, Manager "
        "经理 (decider, approver), has influence 5 of 5 and stance −1: not met."
    )
    assert panel.values == {
        "account": "Firm One",
        "person": "An Li",
        "state": NOT_MET,
        "changes": {},
    }
    assert panel._title.get_text() == "Chance to win: 20 % now, 20 % at first"


def test_meeting_a_person_raises_the_chance_and_back(panel):
    before = picture(panel), panel.text
    text = make(panel, "An Li", MET)
    assert "the chance to win is 40 % now, 20 % at first. Roles not met: user, influencer." in text
    assert "Meet next: Du Yi, for 20 points more." in text
    assert picture(panel) != before[0]
    make(panel, "An Li", NOT_MET)
    assert (picture(panel), panel.text) == before


def test_losing_a_person_loses_roles(panel):
    text = make(panel, "Bo Wu", GONE)
    assert "is 0 % now, 20 % at first" in text and text.endswith("stance 0: gone.")
    assert "decider, approver, buyer (nobody known), gatekeeper (nobody known)." in text


def test_of_equals_the_more_influential_is_met_next(people):
    panel = panels.buying_centre(people, chance=lambda who: who["met"].mean())
    assert "Meet next: An Li, for 25 points more." in panel.text
    make(panel, "An Li", GONE)  # Cai Xu and Du Yi are equal in influence too: in order
    assert "Meet next: Cai Xu" in panel.text


@pytest.mark.parametrize(
    ("gain", "said"),
    [
        (0.02, "for 2 points more."),
        (0.01, "for 1 point more."),
        (0.001, "for a little more."),
        (0, "To meet one more would not raise it."),
        (-0.1, "To meet one more would not raise it."),
    ],
)
def test_how_much_the_next_would_add_is_said(people, gain, said):
    panel = panels.buying_centre(people[:2], chance=lambda who: 0.4 + gain * who["met"].sum())
    assert said in panel.text


def test_when_all_who_are_there_are_met_nobody_is_next(panel):
    for person in ("An Li", "Cai Xu"):
        make(panel, person, MET)
    text = make(panel, "Du Yi", GONE)
    assert "Everybody who is there has been met." in text
    assert "Roles not met: influencer (nobody known)." in text
    assert "Roles not met: none." in make(panel, "Du Yi", MET)


def test_chance_is_given_those_who_are_there_as_they_are_met(people):
    given_rows = []
    people = people.assign(deal_days=90)
    panel = panels.buying_centre(people, chance=lambda who: given_rows.append(who) or 0.5)
    given_rows.clear()
    make(panel, "Bo Wu", GONE)
    now, *_ = given_rows
    expected = people[people["contact_id"].isin(["P1", "P3", "P4"])]
    pd.testing.assert_frame_equal(now, expected)
    assert [rows["met"].tolist() for rows in given_rows[1:]] == [
        [True, False, False],
        [False, True, False],
        [False, False, True],
    ]
    assert all(rows["met"].dtype == bool for rows in given_rows)
    assert people["met"].tolist() == [
        False,
        True,
        False,
        False,
        False,
    ]  # the caller's is left alone


def test_a_chance_is_asked_for_once(people):
    asked = []
    panel = panels.buying_centre(people, chance=lambda who: asked.append(1) or 0.5)
    make(panel, "An Li", MET)
    before = len(asked)
    make(panel, "An Li", NOT_MET)
    panel.controls["person"].value = "Cai Xu"
    assert len(asked) == before


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sets(st.sampled_from(list(ROLES)), min_size=1),
            st.integers(1, 5),
            st.integers(-2, 2),
            st.booleans(),
            st.sampled_from(STATES),
        ),
        min_size=1,
        max_size=9,
    )
)
def test_the_text_agrees_with_plain_pandas(drawn):
    people = pd.DataFrame(
        [
            ("K", "Firm", f"P{i}", f"N {i}", "t", ";".join(sorted(roles)), influence, stance, met)
            for i, (roles, influence, stance, met, _) in enumerate(drawn)
        ],
        columns=COLUMNS,
    )

    def chance(who):
        return min(1, who.loc[who["met"], "influence"].sum() / 50 + 0.01 * len(who))

    changes = {f"P{i}": state for i, (*_, state) in enumerate(drawn)}
    panel = panels.buying_centre(people, chance=chance, state={"changes": changes})
    states = people["contact_id"].map(changes)
    there = people.assign(met=states == MET)[states != GONE]
    if there.empty:
        assert panel.text.startswith("Nobody is left at Firm")
        return
    now = chance(there)
    assert f"is {100 * now:.0f} % now, {100 * chance(people):.0f} % at first" in panel.text
    met = set(";".join(there.loc[there["met"], "roles"]).split(";"))
    known = set(";".join(there["roles"]).split(";"))
    missing = [r if r in known else f"{r} (nobody known)" for r in ROLES if r not in met]
    assert f"Roles not met: {', '.join(missing) or 'none'}." in panel.text
    open_ones = there[~there["met"]]
    if open_ones.empty:
        assert "Everybody who is there has been met." in panel.text
    else:
        best = open_ones.loc[open_ones["influence"].idxmax()]  # the first of equals
        assert f"Meet next: {best['name']}, " in panel.text


# ------------------------------------------------------------------ the map


def test_colour_and_marker_tell_the_main_role_and_hollow_tells_not_met(panel):
    hollow, *_ = looks = [look(panel, person) for person in panel._centre.labels]
    assert hollow[1:] == ("#FFFFFF", charts.VERMILLION)
    assert looks[1][1:] == (charts.BLUE, charts.BLUE)
    make(panel, "An Li", MET)
    assert look(panel, "An Li") == (hollow[0], charts.VERMILLION, charts.VERMILLION)
    assert look(panel, "Bo Wu")[0] != look(panel, "Cai Xu")[0] != look(panel, "An Li")[0]
    make(panel, "An Li", GONE)
    assert look(panel, "An Li")[1:] == ("#FFFFFF", charts.GREY)
    assert names(panel)["An Li"].get_color() == charts.GREY
    assert len({marker for _, marker in ROLES.values()}) == len(ROLES)


def test_people_stand_at_influence_and_stance_and_equals_apart(panel):
    spots = panel._marks.get_offsets()
    assert spots[:2].tolist() == [[5, -1], [3, 0]]
    apart = panel._ax.transData.transform(spots[2]) - panel._ax.transData.transform(spots[3])
    assert np.hypot(*apart) > 20  # a marker's width
    assert np.abs(spots[2:] - [2, 2]).max() < 0.5


def test_the_chosen_person_is_ringed(panel):
    panel.controls["person"].value = "Cai Xu"
    assert panel._ring.get_xydata().tolist() == [panel._marks.get_offsets()[2].tolist()]


@pytest.mark.parametrize("count", [7, 8, 40])
def test_names_stand_beside_their_markers_over_nothing(people, count):
    crowd = pd.concat([people[:1]] * count, ignore_index=True)
    numbers = crowd.index.astype(str)
    crowd = crowd.assign(contact_id="P" + numbers, name="Person " + numbers)
    crowd["influence"], crowd["stance"] = 1 + crowd.index % 4, crowd.index % 3 - 1
    panel = panels.buying_centre(crowd, chance=lambda who: 0.5)
    panel.controls["person"].value = "Person 3"
    named = names(panel)
    assert list(named) == ([f"Person {i}" for i in range(7)] if count <= NAMED else ["Person 3"])
    assert picture(panel)
    renderer = panel._canvas.get_renderer()
    boxes = [text.get_window_extent(renderer) for text in named.values()]
    spots = panel._ax.transData.transform(panel._marks.get_offsets())
    boxes += [Bbox.from_bounds(x - 9, y - 9, 18, 18) for x, y in spots][: 99 if count < 9 else 0]
    assert not any(one.overlaps(other) for one, other in itertools.combinations(boxes, 2))
    frame = panel._ax.get_window_extent(renderer).padded(1)
    assert all(frame.contains(*corner) for box in boxes for corner in (box.min, box.max))


def test_an_account_looks_alike_when_one_comes_back_to_it(panel):
    first = picture(panel)
    panel.controls["account"].value = "Firm Two"
    assert list(names(panel)) == ["E Zhu"]
    panel.controls["account"].value = "Firm One"
    assert picture(panel) == first


def test_everybody_in_the_open_deals_finds_room_for_a_name():
    contacts, deals = data.load("contacts"), data.load("deals")
    now = contacts[contacts["end"].isna()].assign(account=contacts["account_id"], met=False)
    now = now[now["account_id"].isin(deals.loc[deals["result"] == "open", "account_id"])]
    panel = panels.buying_centre(now, chance=lambda who: 0.5)
    for account in panel.controls["account"].options:
        panel.controls["account"].value = account
        assert sorted(names(panel)) == sorted(panel._centre.labels)


def test_the_picture_is_of_house_colours(panel):
    colors = Image.open(io.BytesIO(picture(panel))).convert("RGB").getcolors(200)
    used = {f"#{r:02X}{g:02X}{b:02X}" for _, (r, g, b) in colors}
    assert {color.upper() for color, _ in ROLES.values()} <= used


# ------------------------------------------------------------------ accounts, people, states


def test_another_account_offers_its_people_and_changes_stay(panel):
    make(panel, "An Li", GONE)
    panel.controls["account"].value = "Firm Two"
    assert panel.controls["person"].options == ("E Zhu",)
    assert (panel.controls["person"].value, panel.controls["state"].value) == ("E Zhu", NOT_MET)
    assert "Firm Two: the chance to win is 0 % now, 0 % at first" in panel.text
    panel.controls["account"].value = "Firm One"
    assert (panel.controls["person"].value, panel.controls["state"].value) == ("An Li", GONE)
    panel.controls["person"].value = "Bo Wu"
    assert panel.controls["state"].value == MET
    assert panel.values["changes"] == {"P1": GONE}


def test_each_move_redraws_once(panel, monkeypatch):
    drawn = []
    monkeypatch.setattr(panel, "_png", lambda: drawn.append(1) or b"png")
    for name, value in (("person", "Bo Wu"), ("state", GONE), ("account", "Firm Two")):
        panel.controls[name].value = value
    assert len(drawn) == 3


def test_one_person_alone(panel):
    panel.controls["account"].value = "Firm Two"
    assert "0 % now, 0 % at first" in panel.text and "for 10 points" in panel.text
    assert "is 10 % now" in make(panel, "E Zhu", MET)


def test_an_account_whose_people_are_all_gone_says_so_and_recovers(panel):
    panel.controls["account"].value = "Firm Two"
    before = picture(panel)
    assert make(panel, "E Zhu", GONE) == "Nobody is left at Firm Two: there is no chance to win."
    assert picture(panel) is None
    make(panel, "E Zhu", NOT_MET)
    assert picture(panel) == before


def test_an_account_without_anybody_says_so(people):
    empty = pd.DataFrame([{"account_id": "K9", "account": "Firm Nine"}])
    panel = panels.buying_centre(pd.concat([empty, people]), chance=tenth_per_role)
    assert panel.text == "Firm Nine has nobody on record: find a name there first."
    panel.controls["state"].value = MET  # nobody to be met
    assert panel.values["changes"] == {} and picture(panel) is None
    panel.controls["account"].value = "Firm One"
    assert "the chance to win is 20 % now" in panel.text and picture(panel)


def test_people_and_accounts_of_one_name_are_told_apart(people):
    panel = panels.buying_centre(people.assign(name="An Li", account="Firm"), chance=tenth_per_role)
    assert panel.controls["account"].options == ("Firm (K1)", "Firm (K2)")
    assert panel.controls["person"].options[0] == "An Li (P1)"
    assert "An Li (P3), Clerk" in make(panel, "An Li (P3)", MET)


def test_an_account_without_a_name_goes_by_its_number(people):
    panel = panels.buying_centre(people.assign(account=None), chance=tenth_per_role)
    assert panel.controls["account"].options == ("K1", "K2")


# ------------------------------------------------------------------ what cannot be shown


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda frame: frame[:0], "no accounts"),
        (lambda frame: frame.drop(columns="stance"), "needs the column 'stance'"),
        (lambda frame: frame.drop(columns="met"), "needs the column 'met'"),
        (lambda frame: frame.assign(roles="user;boss"), "No role is called 'boss'"),
        (lambda frame: frame.assign(roles=""), "No role is called ''"),
        (lambda frame: frame.assign(roles=None), "Somebody's roles is missing"),
        (lambda frame: frame.assign(name=[*"abcd", None]), "Somebody's name is missing"),
        (lambda frame: frame.assign(influence=6), "influence runs from 1 to 5"),
        (lambda frame: frame.assign(influence=0), "influence runs from 1 to 5"),
        (lambda frame: frame.assign(influence="high"), "influence runs from 1 to 5"),
        (lambda frame: frame.assign(stance=-3), "stance runs from -2 to 2"),
        (lambda frame: frame.assign(stance=np.nan), "Somebody's stance is missing"),
        (lambda frame: frame.assign(met="yes"), "met is True or False"),
        (lambda frame: frame.assign(contact_id="P1"), "contact_id stands twice"),
    ],
)
def test_people_who_cannot_be_mapped_are_said_in_the_panel(people, spoil, sentence, monkeypatch):
    panel = panels.buying_centre(spoil(people), chance=tenth_per_role)
    assert sentence in panel.text and picture(panel) is None
    assert panel.text.count(". ") == 0
    panel.controls["state"].value = GONE  # moves nothing, and raises nothing
    assert panel.text in html.unescape(outputs(panel, monkeypatch)[0]["text/html"])


def complain(_):
    raise CourseError("This account has no open deal.")


@pytest.mark.parametrize(
    ("chance", "sentence"),
    [
        (complain, "This account has no open deal."),
        (lambda who: 1.2, "chance must return a number from 0 to 1, and here it is 1.2."),
        (lambda who: -0.1, "from 0 to 1, and here it is -0.1."),
        (lambda who: np.nan, "from 0 to 1, and here it is nan."),
        (lambda who: None, "from 0 to 1, and here it is nan."),
        (lambda who: "high", "chance must return one number"),
        (lambda who: who["influence"] / 10, "chance must return one number"),
    ],
)
def test_a_chance_that_is_none_is_said(people, chance, sentence):
    panel = panels.buying_centre(people, chance=chance)
    assert sentence in panel.text and picture(panel) is None


@pytest.mark.parametrize(
    "form", [float, np.float32, lambda x: np.array([x]), lambda x: pd.Series([x])]
)
def test_a_chance_may_be_any_form_of_one_number(people, form):
    panel = panels.buying_centre(people, chance=lambda who: form(0.25))
    assert "is 25 % now" in panel.text


@pytest.mark.parametrize("chance", [0, 1])
def test_certainty_is_a_chance(people, chance):
    panel = panels.buying_centre(people, chance=lambda who: chance)
    assert f"is {100 * chance} % now" in panel.text


# ------------------------------------------------------------------ keeping


def test_what_was_tried_is_kept_and_taken_up(people):
    kept = []
    panel = panels.buying_centre(people, chance=tenth_per_role, on_commit=kept.append)
    make(panel, "Bo Wu", GONE)
    panel.controls["account"].value = "Firm Two"
    make(panel, "E Zhu", MET)
    panel.commit.click()
    assert kept == [
        {"account": "Firm Two", "person": "E Zhu", "state": MET, "changes": {"P2": GONE, "P5": MET}}
    ]
    state = json.loads(json.dumps(kept[0]))
    again = panels.buying_centre(people, chance=tenth_per_role, state=state)
    assert (again.values, again.text, picture(again)) == (panel.values, panel.text, picture(panel))


def test_what_was_kept_of_another_world_is_passed_over(people, panel):
    state = {"account": "Gone Ltd", "person": "Nobody", "state": "met", "changes": {"P99": GONE}}
    again = panels.buying_centre(people, chance=tenth_per_role, state=state)
    assert (again.text, picture(again)) == (panel.text, picture(panel))
    state = {"changes": {"P1": "asleep"}}
    again = panels.buying_centre(people, chance=tenth_per_role, state=state)
    assert again.values["changes"] == {}


def test_the_stored_output_shows_the_map_without_a_kernel(people, panel, monkeypatch):
    still, live = outputs(panel, monkeypatch)
    assert panel.text in html.unescape(still["text/html"])
    assert "points: 4 × x" in still["text/plain"] and "gatekeeper" in still["text/plain"]
    for said in ("“account”", "“person”", "“is”", 'alt="A buying centre'):
        assert said in still["text/html"]
    assert live["text/plain"] == ""
    again = panels.buying_centre(people, chance=tenth_per_role)
    assert outputs(again, monkeypatch)[0] == still
