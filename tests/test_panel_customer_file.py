"""The panel of the customer file: who, whom we know, what they buy, what bothers them, what now."""

import warnings

import numpy as np
import pandas as pd
import pytest
from test_panels import outputs, picture

from helpers import churn, data, panels
from helpers.panels.customer_file import SIGNS, told
from helpers.panels.customer_records import ROLES, Records, drawable

DAY = pd.Timestamp("2025-12-31")


def days_ago(*numbers):
    return [DAY - pd.Timedelta(days=n) for n in numbers]


@pytest.fixture
def base():
    """Three accounts: a buyer who is warned and late, a prospect, and one of whom little is known.

    Told apart by rep and value; the last two share a name.
    """
    return pd.DataFrame(
        {
            "name": ["Amber Works", "Beryl", "Beryl"],
            "name_zh": ["安博", "贝丽", None],
            "city": ["Wuhan", "Shanghai", None],
            "province": ["Hubei", "Shanghai", None],
            "tier": ["A", "D", None],
            "stage": ["decline", "prospect", ""],
            "value": [50_000.0, 0.0, np.nan],
            "warnings": ["gap, contact", "", None],
            "next_care": [*days_ago(10, -5), pd.NaT],
            "reason": ["warned: within 7 days", "tier D: every 120 days", None],
            "rep": ["Sun Bo", "Ma Li", None],
        },
        index=pd.Index(["K1", "K2", "K3"], name="account_id"),
    )


@pytest.fixture
def tables():
    contacts = pd.DataFrame(
        {
            "contact_id": ["P1", "P2", "P3", "P4", "P5"],
            "account_id": ["K1", "K1", "K1", "K1", "K2"],
            "name": ["Li Wei", "Ma Min", "Chen Na", "Wu Bo", "Liu Li"],
            "name_zh": ["李伟", "马敏", "陈娜", "吴波", "刘丽"],
            "title": ["Owner 店主", "Clerk", "Clerk", "Clerk", "Owner"],
            "roles": ["user;buyer", "decider", "approver", "user", "gatekeeper"],
            "influence": [2, 5, 4, 3, 1],
            "stance": [1, -2, 0, 2, 0],
            "start": days_ago(900, 900, 900, -1, 100),
            "end": [pd.NaT, pd.NaT, *days_ago(90), pd.NaT, DAY - pd.Timedelta(days=91)],
        }
    )
    days = days_ago(400, 60, 40, 20, -9)
    orders = pd.DataFrame(
        {
            "order_id": ["O1", "O2", "O2", "O3", "O4", "O5"],
            "line": [1, 1, 2, 1, 1, 1],
            "account_id": "K1",
            "date": [days[0], days[1], *days[1:]],
            "quantity": [10, 1, 2, 3, 4, 99],
            "unit_price": 100.0,
        }
    )
    tickets = pd.DataFrame(
        {
            "ticket_id": [f"T{i}" for i in range(5)],
            "account_id": ["K1"] * 4 + ["K9"],
            "kind": ["return", "return", "inquiry", "return", "repair"],
            "opened": days_ago(30, 12, 12, 500, 3),
            "closed": [*days_ago(20), pd.NaT, *days_ago(11, 490), pd.NaT],
        }
    )
    touches = pd.DataFrame(
        {
            "touch_id": [f"C{i}" for i in range(5)],
            "account_id": ["K1"] * 4 + ["K2"],
            "contact_id": ["P1", "P2", "P1", None, "P5"],
            "date": days_ago(300, 200, 100, 17, 800),
            "channel": ["visit", "call", "email", "call", "visit"],
            "note": ["first", "second", None, "fourth 交货期", "hello"],
        }
    )
    return {"contacts": contacts, "orders": orders, "tickets": tickets, "touches": touches}


@pytest.fixture
def panel(base, tables):
    return panels.customer_file(base, **tables, as_of=DAY)


@pytest.fixture(scope="module")
def world():
    """The committed world's accounts and tables, as chapter 11 gives them."""
    accounts = data.load("accounts").set_index("account_id")
    rng = np.random.default_rng(3)
    signs = [", ".join(s for s in SIGNS if rng.random() < 0.3) for _ in accounts.index]
    base = accounts[["name", "name_zh", "city", "province"]].assign(
        tier="B", stage="develop", value=rng.lognormal(9, 2, len(accounts)), warnings=signs,
        next_care=data.AS_OF - pd.to_timedelta(rng.integers(-90, 900, len(accounts)), unit="D"),
        reason="tier B: every 30 days",
    )  # fmt: skip
    names = ["contacts", "orders", "tickets", "touches"]
    return base, {name: data.load(name) for name in names}


def lines(panel):
    return panel.text.split("\n")


def offered(panel):
    return [account for _, account in panel.controls["account"].options]


# ---- what the file says --------------------------------------------------------------------------


def test_the_file_in_words(panel):
    who, now, whom, buys, bothered, did = lines(panel)
    assert who == (
        "Amber Works 安博 (K1): Wuhan, Hubei, tier A, stage decline, ¥50.0 k a year, rep Sun Bo."
    )
    assert now == (
        "Speak to them now: 10 days late, due 2025-12-21 (warned: within 7 days). Warned by gap "
        "(silent for more than two of its cycles) and contact (somebody whom we knew has left)."
    )
    assert whom == (  # the most influential first; who starts tomorrow is not there yet
        "Whom we know: Ma Min 马敏, Clerk: decider, stance −2; Li Wei 李伟, Owner 店主: user, "
        "buyer, stance +1. Nobody is influencer, approver or gatekeeper. "
        "Left within 90 days: Chen Na 陈娜, Clerk (approver) on 2025-10-02."
    )
    assert buys == (
        "What they buy: ¥1.00 k in 12 months, ¥1.00 k in the 12 before, ¥1.00 k in this quarter. "
        "Last order 2025-12-11: silent 20 days: 1.0 × its 20-day cycle."
    )
    assert bothered == (
        "What bothers them: 2 returns, 1 inquiry in 12 months. "
        "Still open: 1, the oldest for 12 days."
    )
    assert did == (
        "What we did: 1 visit, 2 calls, 1 email in 12 months, the last 17 days ago. Notes: "
        "2025-12-14 (call): “fourth 交货期”; 2025-06-14 (call, Ma Min): “second”; "
        "2025-03-06 (visit, Li Wei): “first”."
    )


def test_who_has_no_orders_no_tickets_and_nobody_left(panel):
    panel.controls["account"].value = "K2"
    assert panel.text.startswith("Beryl 贝丽 (K2): Shanghai, tier D, stage prospect, ¥0 a year")
    assert "Next care by 2026-01-05, in 5 days (tier D: every 120 days). No warning." in panel.text
    assert "nobody; the last, Liu Li 刘丽, Owner, left on 2025-10-01. Nobody is user" in panel.text
    assert "no order in our records" in panel.text and "no ticket in 12 months" in panel.text
    assert "nothing in 12 months, the last 800 days ago. Notes: 2023-10-23 (visit" in panel.text


def test_of_whom_nothing_is_known(panel):
    panel.controls["account"].value = "K3"
    assert lines(panel)[:2] == ["Beryl (K3): value unknown.", "No date of care is set. No warning."]
    assert lines(panel)[5] == "What we did: nobody has ever spoken to them."
    assert picture(panel)


def test_the_picture_shows_what_the_text_says(panel):
    assert [bar.get_height() for bar in panel._bars] == [0] * 7 + [1000] + [0] * 3 + [1000]
    assert panel._best.get_text() == "¥1.00 k" and panel._last.get_text() == "¥1.00 k"
    assert [words.get_text() for words in panel._counts] == [
        "2 (1 before), 1 open",
        "0",
        "0",
        "1 (0 before)",
    ]
    names = {(role, i): panel._names[role, i].get_text() for role in ROLES for i in range(2)}
    assert names["user", 0] == names["buyer", 0] == "Li Wei +1"
    assert (names["approver", 0], names["approver", 1]) == ("nobody", "Chen Na left")
    assert len(panel._people["for us"].get_xdata()) == 2  # as user and as buyer
    assert len(panel._people["gone"].get_xdata()) == len(panel._people["against"].get_xdata()) == 1
    marks = {name: panel._marks[name][1] for name in panel._marks}
    assert marks["orders"].get_offsets()[:, 0].tolist() == [-17.5, -38.5, -59.5]
    assert len(marks["failures"].get_offsets()) == 2 and not len(marks["inquiries"].get_offsets())
    assert len(marks["calls and emails"].get_offsets()) == 3
    sizes = marks["failures"].get_sizes()  # a return and an inquiry in one week, a return in one
    assert sizes[0] == pytest.approx(2 * sizes[1])


def test_nothing_later_than_the_day_is_shown(base, tables):
    day = DAY - pd.Timedelta(days=50)
    base["next_care"] = pd.NaT
    early = panels.customer_file(base, **tables, as_of=day, account_id="K1")
    kept = {
        "contacts": tables["contacts"].assign(end=lambda f: f["end"].where(f["end"] <= day)),
        "orders": tables["orders"][lambda f: f["date"] <= day],
        "tickets": tables["tickets"][lambda f: f["opened"] <= day],
        "touches": tables["touches"][lambda f: f["date"] <= day],
    }
    assert early.text == panels.customer_file(base, **kept, as_of=day, account_id="K1").text
    assert "no ticket in 12 months. None is open." in early.text and "“fourth" not in early.text
    assert "silent 10 days" in early.text and "Left within 90 days: Chen Na" in early.text
    assert early._bars[-1].get_hatch()  # a quarter that is not over


def test_counts_agree_with_plain_pandas_for_every_account(world):
    base, tables = world
    records = Records(base, **tables, as_of=data.AS_OF)
    year = {
        "orders": tables["orders"].assign(yuan=lambda f: f["quantity"] * f["unit_price"]),
        "tickets": tables["tickets"],
        "touches": tables["touches"],
    }
    dates = {"orders": "date", "tickets": "opened", "touches": "date"}
    year = {name: f[f[dates[name]] > "2024-12-31"] for name, f in year.items()}
    revenue = year["orders"].groupby("account_id")["yuan"].sum()
    tickets = year["tickets"].groupby(["account_id", "kind"]).size()
    touches = year["touches"].groupby(["account_id", "channel"]).size()
    silent = churn.silent_losses(
        tables["orders"], customer_id_col="account_id", datetime_col="date",
        observation_period_end=data.AS_OF,
    ).set_index("account_id")  # fmt: skip
    here = tables["contacts"][tables["contacts"]["end"].isna()].groupby("account_id").size()
    waiting = tables["tickets"][tables["tickets"]["closed"].isna()].groupby("account_id").size()
    for i, name in enumerate(base.index):
        account = records.account(i)
        assert account.yuan_year == pytest.approx(revenue.get(name, 0))
        assert account.quarters[-4:].sum() == pytest.approx(revenue.get(name, 0))
        assert account.tickets[0] == tickets.get((name, "return"), 0)
        assert account.touches[0] == touches.get((name, "visit"), 0)
        assert account.open.sum() == waiting.get(name, 0)
        assert len(account.present) == here.get(name, 0)
        if name in silent.index:
            assert account.silence == silent.loc[name, "silence_days"]
            assert account.last_order == silent.loc[name, "last_purchase"]
        assert told(account).count("\n") == 5 and "nan" not in told(account).lower().split()


# ---- moving through it ---------------------------------------------------------------------------


def test_each_list_has_its_order_and_says_what_it_goes_by(panel):
    listed = panel.controls["account"]
    assert listed.options[0] == ("Amber Works · 10 days late", "K1")
    assert [label for label, _ in listed.options[1:]] == [
        "Beryl (K2) · in 5 days", "Beryl (K3) · no date",
    ]  # fmt: skip
    panel.controls["list"].value = "warned"
    assert listed.options == (("Amber Works · gap, contact", "K1"),)
    panel.controls["list"].value = "by value"
    assert [label.split(" · ")[1] for label, _ in listed.options] == [
        "¥50.0 k", "¥0", "value unknown",
    ]  # fmt: skip
    panel.controls["list"].value = "by name"
    assert listed.options[0] == ("Amber Works · Wuhan", "K1") and offered(panel)[2] == "K3"


def test_the_account_stays_when_the_list_has_it_else_the_first_is_shown(panel):
    panel.controls["account"].value = "K2"
    panel.controls["list"].value = "by value"
    assert panel.controls["account"].value == "K2" and panel._where.get_text() == "2 of 3"
    panel.controls["list"].value = "warned"
    assert panel.controls["account"].value == "K1" and lines(panel)[0].startswith("Amber")


def test_a_rep_sees_their_own_and_an_empty_list_says_so(panel):
    assert panel.controls["rep"].options == ("all", "Ma Li", "Sun Bo", "(no rep)")
    panel.controls["account"].value = "K2"
    panel.controls["rep"].value = "Ma Li"
    assert offered(panel) == ["K2"]
    panel.controls["list"].value = "warned"
    assert panel.text == "The list “warned” with the rep Ma Li is empty: take another list."
    assert picture(panel) is None
    panel.next.click()
    panel.controls["list"].value = "due first"
    assert panel.controls["account"].value == "K2" and picture(panel)
    panel.controls["rep"].value = "(no rep)"
    assert offered(panel) == ["K3"]


def test_without_reps_there_is_no_choice_of_them(base, tables):
    few = base.drop(columns=["rep", "tier", "name_zh", "city", "province"])
    panel = panels.customer_file(few, **tables, as_of=DAY)
    assert list(panel.controls) == ["list", "account"]
    assert lines(panel)[0] == "Amber Works (K1): stage decline, ¥50.0 k a year."


def test_buttons_go_through_the_list_and_stop_at_its_ends(panel):
    seen = [panel.controls["account"].value]
    for button in (panel.back, panel.next, panel.next, panel.next, panel.back):
        button.click()
        seen.append(panel.controls["account"].value)
    assert seen == ["K1", "K1", "K2", "K3", "K3", "K2"]


def test_a_move_changes_the_picture_and_back(panel):
    first = picture(panel), panel.text
    panel.next.click()
    assert picture(panel) != first[0] and panel.text != first[1]
    panel.back.click()
    assert (picture(panel), panel.text) == first


def test_another_list_redraws_once(panel, monkeypatch):
    drawn = []
    monkeypatch.setattr(panel, "_png", lambda: drawn.append(1) or b"png")
    panel.controls["list"].value = "by name"
    assert len(drawn) == 1


def test_values_kept_come_back_and_survive_a_changed_base(base, tables):
    kept = []
    panel = panels.customer_file(base, **tables, as_of=DAY, on_commit=kept.append)
    panel.controls["list"].value, panel.controls["rep"].value = "by value", "Ma Li"
    panel.commit.click()
    shown = [*panel.controls.values(), panel.back, panel.next, panel.commit]
    assert list(panel._box.children[0].children) == shown
    assert kept == [{"rep": "Ma Li", "list": "by value", "account": "K2"}]
    again = panels.customer_file(base, **tables, as_of=DAY, account_id="K1", state=kept[0])
    assert again.text == panel.text
    fewer = panels.customer_file(base.drop("K2"), **tables, as_of=DAY, state=kept[0])
    assert fewer.values == {"rep": "all", "list": "by value", "account": "K1"}  # noqa: PD011
    odd = {"rep": None, "list": "no more", "account": "K99", "gone": 1}
    assert panels.customer_file(base, **tables, as_of=DAY, state=odd).text.startswith("Amber")


def test_it_begins_with_the_account_asked_for(base, tables):
    assert panels.customer_file(base, **tables, as_of=DAY, account_id="K3").text.startswith(
        "Beryl (K3)"
    )


def test_the_caller_keeps_the_tables(base, tables):
    before = {name: table.copy() for name, table in tables.items()}, base.copy()
    panels.customer_file(base, **tables, as_of=DAY).controls["list"].value = "by name"
    pd.testing.assert_frame_equal(base, before[1])
    for name, table in tables.items():
        pd.testing.assert_frame_equal(table, before[0][name])


def test_the_stored_picture_and_the_living_text_have_the_whole_file(panel, monkeypatch):
    still, _ = outputs(panel, monkeypatch)
    assert "The file of one account" in still["text/plain"] and "alt=" in still["text/html"]
    assert "“fourth 交货期”" in still["text/html"]
    line = panel._box.children[2].value
    assert line.count("<br>") == 5 and "Amber Works 安博" in line


# ---- what stands in the picture ------------------------------------------------------------------


def check_layout(panel):
    """All words lie within the picture, and none over another."""
    boxes = []
    for ax in panel._figure.axes:
        for words in ax.texts:
            if words.get_text():
                boxes.append((words.get_text(), words.get_window_extent()))
    whole = panel._figure.bbox
    for text, box in boxes:
        inside = (
            whole.x0 <= box.x0 and box.x1 <= whole.x1 and whole.y0 <= box.y0 and box.y1 <= whole.y1
        )
        assert inside, text
    for i, (text, box) in enumerate(boxes):
        for other, its in boxes[i + 1 :]:
            wide = min(box.x1, its.x1) - max(box.x0, its.x0)
            high = min(box.y1, its.y1) - max(box.y0, its.y0)
            assert wide <= 0 or high <= 3, (text, other)  # lines may share what no letter uses


def test_words_find_room_whatever_the_account(world):
    base, tables = world
    panel = panels.customer_file(base, **tables, as_of=data.AS_OF)
    for name in offered(panel)[::16]:
        panel.controls["account"].value = name
        check_layout(panel)


@pytest.mark.parametrize(
    "name",
    ["The Very Long Name of a Holding of Many Firms (Inner Mongolia)", "桂岭办公用品公司", "$a$b"],
)
def test_names_that_are_long_or_cannot_be_drawn(base, tables, name):
    base["name"] = base["reason"] = base["stage"] = base["rep"] = base["city"] = name
    base["warnings"] = f"{', '.join(SIGNS)}, {name}"
    tables["contacts"]["name"] = name
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        panel = panels.customer_file(base, **tables, as_of=DAY)
        check_layout(panel)
    assert name in panel.text and picture(panel)
    assert panel._title.get_text()[:2] == ("K1" if "桂" in name else name[:2])


def test_what_the_font_has_not_is_left_out():
    assert drawable("IT 信息部") == "IT" and drawable("信息", "P7") == "P7" and drawable("") == ""


def test_many_in_one_role_are_counted(base, tables):
    people = tables["contacts"]
    people["account_id"], people["roles"] = "K1", "user"
    people.loc[4, "end"] = DAY
    panel = panels.customer_file(base, **tables, as_of=DAY)
    assert panel._names["user", 0].get_text() == "Ma Min −2"
    assert panel._names["user", 1].get_text() == "and 1 more, 2 left"
    people["end"] = DAY
    panel = panels.customer_file(base, **tables, as_of=DAY)
    assert panel._names["user", 0].get_text() == "nobody"
    assert panel._names["user", 1].get_text() == "4 left"


# ---- what cannot be shown ------------------------------------------------------------------------


def changed(name, change):
    return lambda base, tables: (base, tables | {name: change(tables[name])})


def rebased(change):
    return lambda base, tables: (change(base), tables)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (rebased(lambda f: f.drop(columns="reason")), "missing required columns: ['reason']"),
        (rebased(lambda f: f.reset_index()), "use set_index('account_id')"),
        (rebased(lambda f: f.reset_index(drop=True)), "No table knows an account of base"),
        (rebased(lambda f: f.head(0)), "base is empty"),
        (rebased(lambda f: pd.concat([f, f])), "Account K1 has two rows"),
        (rebased(lambda f: pd.concat([f, f[["name"]]], axis=1)), "two columns 'name'"),
        (rebased(lambda f: f.set_axis(["K1", "", "K3"])), "no account_id"),
        (rebased(lambda f: f.assign(value="much")), "value is yuan a year"),
        (rebased(lambda f: f.assign(value=np.inf)), "infinite"),
        (rebased(lambda f: f.assign(next_care="soon")), "must hold dates"),
        (rebased(lambda f: f.assign(warnings=True)), "'warnings' of base holds texts"),
        (rebased(lambda f: "list"), "base must be a table"),
        (changed("orders", lambda f: None), "orders must be a table"),
        (changed("orders", lambda f: f.drop(columns="quantity")), "'quantity'"),
        (changed("orders", lambda f: f.assign(date="x")), "must hold dates"),
        (changed("orders", lambda f: f.assign(date=pd.NaT)), "are missing"),
        (changed("orders", lambda f: f.assign(unit_price="dear")), "must hold numbers"),
        (changed("orders", lambda f: pd.concat([f, f])), "the same order_id and line in"),
        (changed("contacts", lambda f: f.assign(roles="boss")), "the role 'boss'"),
        (changed("contacts", lambda f: f.assign(stance="for")), "must hold numbers"),
        (changed("contacts", lambda f: f.drop(columns="account_id")), "account_id"),
        (changed("tickets", lambda f: f.assign(kind="praise")), "kind 'praise', none of return"),
        (changed("touches", lambda f: f.assign(channel="fax")), "channel 'fax'"),
        (changed("touches", lambda f: pd.concat([f, f])), "touch_id in several rows"),
    ],
)
def test_what_cannot_be_shown_is_said_in_one_sentence(base, tables, spoil, said):
    base, tables = spoil(base, tables)
    panel = panels.customer_file(base, **tables, as_of=DAY, state={"account": "K1"})
    assert said in panel.text and "\n" not in panel.text and picture(panel) is None
    assert all(control.disabled for control in panel.controls.values()) and panel.next.disabled
    panel.controls["list"].value = "by name"  # moves nothing, and raises nothing


def test_an_account_or_a_day_that_is_none_is_said_too(base, tables):
    unknown = panels.customer_file(base, **tables, as_of=DAY, account_id="K77")
    assert unknown.text == "base has no account 'K77': take one of its index."
    assert "as_of is a date" in panels.customer_file(base, **tables, as_of="soon").text


def test_empty_tables_show_empty_files(base, tables):
    empty = {name: table.head(0) for name, table in tables.items()}
    panel = panels.customer_file(base, **empty, as_of=DAY)
    assert "no order in our records" in panel.text and "Whom we know: nobody." in panel.text
    assert picture(panel)
