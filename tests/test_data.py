"""Tables are loaded as their dictionary says; a broken one gets a sentence with file and line."""

import json
import os
import shutil
from functools import partial
from pathlib import Path

import pandas as pd
import pytest

from casedata.generate import make_world
from helpers import data
from helpers.exercises import computed

FIELDS = [
    {"name": "order_id", "type": "string", "description": "…", "constraints": {"required": True}},
    {"name": "date", "type": "date", "description": "…", "constraints": {"required": True}},
    {"name": "quantity", "type": "integer", "description": "…"},
    {"name": "unit_price", "type": "number", "unit": "yuan", "description": "…"},
    {"name": "urgent", "type": "boolean", "description": "…"},
]
GOOD = (
    "order_id,date,quantity,unit_price,urgent\n"
    "00017,2025-01-31,3,99.5,true\n"
    '"a, b",2025-02-28,,,false\n'
    "00019,2025-03-31,1,12,false\n"
)


@pytest.fixture(autouse=True)
def the_world_afterwards_is_the_one_before(monkeypatch):
    monkeypatch.setattr(data, "_current", None)
    yield
    data._tables.clear()


@pytest.fixture
def folder(tmp_path):
    """A folder of one's own with one table, `orders`, of three rows."""
    resource = {
        "name": "orders",
        "path": "orders.csv",
        "description": "an order line",
        "rows": 3,
        "schema": {"fields": FIELDS},
    }
    (tmp_path / "datapackage.json").write_text(json.dumps({"resources": [resource]}))
    (tmp_path / "orders.csv").write_text(GOOD, encoding="utf-8")
    data.use_folder(tmp_path)
    return tmp_path


def test_columns_get_the_types_of_the_dictionary(folder):
    orders = data.load("orders")
    assert orders["order_id"].tolist() == ["00017", "a, b", "00019"]
    assert orders["date"].tolist() == list(
        pd.to_datetime(["2025-01-31", "2025-02-28", "2025-03-31"])
    )
    assert orders["quantity"].dtype == "Int64"
    assert orders["quantity"].isna().tolist() == [False, True, False]
    assert orders["unit_price"].iloc[0] == 99.5
    assert orders["urgent"].tolist() == [True, False, False]


def test_each_load_is_a_fresh_copy(folder):
    orders = data.load("orders")
    orders.loc[0, "order_id"] = "spoilt"
    assert data.load("orders").loc[0, "order_id"] == "00017"


NOT_UTF8 = "this is not UTF-8 text; a spreadsheet may have saved it in another encoding."
NO_END = (
    "a quotation mark is never closed or stands amid a text, so the file was cut off or edited."
)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "orders.csv is empty."),
        (b" \n", "orders.csv is empty."),
        (
            GOOD.replace("quantity", "qty").encode(),
            "orders.csv line 1: the column quantity is missing (instead it has qty).",
        ),
        (
            GOOD.replace("order_id", "id").replace("quantity", "qty").encode(),
            "orders.csv line 1: the column order_id, quantity is missing (instead it has id, qty).",
        ),
        (
            GOOD.replace(",urgent", "").encode(),
            "orders.csv line 1: the column urgent is missing.",
        ),
        (
            GOOD.replace("\n", ",\n").replace("urgent,", "urgent,urgent").encode(),
            "orders.csv line 1: a column name stands there twice.",
        ),
        (
            GOOD.replace(",", ";").encode(),
            "orders.csv line 1: fields must be separated by commas.",
        ),
        (
            GOOD.replace(",", "\t").encode(),
            "orders.csv line 1: fields must be separated by commas.",
        ),
        (
            GOOD.replace("a, b", "<b>").encode(),
            "orders.csv line 3: a notebook would take '<b' for the code of a page: put a space "
            "after the <.",
        ),
        (GOOD[:-7].encode(), "orders.csv line 4: 4 fields where 5 belong."),
        (
            GOOD.rsplit("\n", 2)[0].encode(),
            "orders.csv ends at line 3 where its dictionary says 4: it was cut off or edited.",
        ),
        (
            GOOD.replace("99.5", "ninety").encode(),
            "orders.csv line 2: unit_price is 'ninety' where a number belongs.",
        ),
        (
            GOOD.replace("99.5", "-inf").encode(),
            "orders.csv line 2: unit_price is '-inf' where a number belongs.",
        ),
        (
            GOOD.replace(",3,", ",3.5,").encode(),
            "orders.csv line 2: quantity is '3.5' where a whole number belongs.",
        ),
        (
            GOOD.replace(",3,", ",9223372036854775808,").encode(),
            "orders.csv line 2: quantity is '9223372036854775808' where a whole number belongs.",
        ),
        (
            GOOD.replace("2025-02-28", "28/2/2025").encode(),
            "orders.csv line 3: date is '28/2/2025' where a date like 2025-03-31 belongs.",
        ),
        (
            GOOD.replace("2025-02-28", "").encode(),
            "orders.csv line 3: date is nothing where a date like 2025-03-31 belongs.",
        ),
        (
            GOOD.replace("00017", "").encode(),
            "orders.csv line 2: order_id is nothing where text belongs.",
        ),
        (
            GOOD.replace("true", "perhaps").encode(),
            "orders.csv line 2: urgent is 'perhaps' where true or false belongs.",
        ),
        (
            GOOD.replace("a, b", "a\nb").replace("12,f", "twelve,f").encode(),
            "orders.csv line 5: unit_price is 'twelve' where a number belongs.",
        ),
        (GOOD.replace("00019", "鼠标").encode("gbk"), f"orders.csv line 4: {NOT_UTF8}"),
        (GOOD.encode("utf-16"), f"orders.csv line 1: {NOT_UTF8}"),
        (GOOD.replace('"a, b"', '"a').encode(), f"orders.csv line 4: {NO_END}"),
        (
            GOOD.replace("unit_price", "quantity", 1).encode(),
            "orders.csv line 1: the column unit_price is missing.",
        ),
    ],
)
def test_a_broken_file_gets_one_sentence_with_line_and_remedy(folder, content, sentence):
    (folder / "orders.csv").write_bytes(content)
    with pytest.raises(data.CourseError) as fault:
        data.load("orders")
    assert str(fault.value).startswith(f"{sentence} Mend that")
    assert "\n" not in str(fault.value)


def test_a_file_that_is_missing_or_a_folder_is_named(folder):
    (folder / "orders.csv").unlink()
    with pytest.raises(data.CourseError, match=r"orders\.csv is missing"):
        data.load("orders")
    (folder / "orders.csv").mkdir()
    with pytest.raises(data.CourseError, match=r"orders\.csv cannot be read"):
        data.load("orders")


def test_what_a_spreadsheet_does_without_harm_is_accepted(folder):
    (folder / "orders.csv").write_bytes(GOOD.replace("\n", "\r\n").encode("utf-8-sig"))
    assert len(data.load("orders")) == 3
    (folder / "orders.csv").write_bytes(GOOD.replace("\n", "\r\n").replace("12,f", "x,f").encode())
    data.use_folder(folder)
    with pytest.raises(data.CourseError, match="line 4: unit_price is 'x'"):
        data.load("orders")


def test_columns_come_in_the_order_of_the_dictionary_and_surplus_ones_are_left(folder):
    mixed = "note,urgent,unit_price,quantity,date,order_id\n,TRUE,9,-3,2025-01-31,1\n" + (
        ",False,9,2,2025-01-31,2\n" * 2
    )
    (folder / "orders.csv").write_text(mixed)
    orders = data.load("orders")
    assert list(orders.columns) == [field["name"] for field in FIELDS]
    assert orders["quantity"].dtype == "int64" and orders["unit_price"].dtype == "float64"
    assert orders["urgent"].dtype == bool and orders["urgent"].tolist() == [True, False, False]


def test_dates_written_in_another_way_throughout_are_refused(folder):
    for way in ("%Y/%m/%d", "%d %B %Y", "%Y-%m-%d %H:%M"):
        text = GOOD
        for day in ("2025-01-31", "2025-02-28", "2025-03-31"):
            text = text.replace(day, f"{pd.Timestamp(day):{way}}")
        (folder / "orders.csv").write_text(text)
        with pytest.raises(data.CourseError, match=r"line 2: date is .* a date like 2025-03-31"):
            data.load("orders")


def test_whole_numbers_may_have_a_point_and_ids_keep_their_zeros(folder):
    dictionary = json.loads((folder / "datapackage.json").read_text())
    fields = dictionary["resources"][0]["schema"]["fields"]
    fields[2]["constraints"] = fields[3]["constraints"] = {"required": True}
    (folder / "datapackage.json").write_text(json.dumps(dictionary))
    whole = GOOD.replace("28,,,", "28,5,0.5,")
    for text in (whole, whole.replace(",5,", ",5.0,"), whole.replace("99.5", "1e999")):
        (folder / "orders.csv").write_text(text)
        data.use_folder(folder)
        if "1e999" in text:
            with pytest.raises(data.CourseError, match="unit_price is '1e999' where a number"):
                data.load("orders")
        else:
            orders = data.load("orders")
            assert orders["order_id"].tolist() == ["00017", "a, b", "00019"]
            assert orders["quantity"].tolist() == [3, 5, 1] and orders["quantity"].dtype == "int64"
            assert orders["unit_price"].tolist() == [99.5, 0.5, 12]


def test_what_is_missing_stays_missing_in_its_type(folder):
    (folder / "orders.csv").write_text(GOOD.replace("true", "", 1))
    orders = data.load("orders")
    assert orders["urgent"].dtype == "boolean" and orders["urgent"].isna().tolist() == [1, 0, 0]
    assert orders["unit_price"].dtype == "float64" and pd.isna(orders["unit_price"].iloc[1])


def test_a_broken_dictionary_is_named(folder):
    for broken in ["{", "[]", '{"resources": []}', '{"resources": [{"name": "orders"}]}']:
        (folder / "datapackage.json").write_text(broken)
        with pytest.raises(data.CourseError, match=r"datapackage\.json"):
            data.load("orders")


def test_a_type_that_is_not_known_here_is_named(folder):
    dictionary = json.loads((folder / "datapackage.json").read_text())
    dictionary["resources"][0]["schema"]["fields"][1]["type"] = "time"
    (folder / "datapackage.json").write_text(json.dumps(dictionary))
    known = "string, integer, number, date, boolean"
    with pytest.raises(data.CourseError, match=f": date of orders is of type time, not {known}. M"):
        data.load("orders")


def test_a_folder_that_is_none_is_named(tmp_path, monkeypatch):
    for none in (tmp_path / "not there", 5, __file__):
        with pytest.raises(data.CourseError) as fault:
            data.use_folder(none)
        said = f"There is no folder {none}: give the one that holds your CSV files."
        assert str(fault.value) == said
    (tmp_path / "my own").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    data.use_folder("~/my own")
    assert data.in_use().folder == tmp_path / "my own" and data.world() == "folder my own"


def test_a_folder_without_a_dictionary_has_the_columns_of_ours(folder):
    (folder / "datapackage.json").unlink()
    with pytest.raises(data.CourseError, match="line 1: the column"):
        data.load("orders")
    assert data.describe("orders").loc["quantity", "type"] == "integer"


def test_tables_are_listed_and_described(folder):
    listed = data.tables()
    assert listed.reset_index().to_dict("list") == {
        "table": ["orders"], "rows": [3], "one row is": ["an order line"],
    }  # fmt: skip
    described = data.describe("orders").reset_index()
    assert described.columns.to_list() == ["column", "type", "unit", "meaning"]
    assert described.iloc[3].to_list() == ["unit_price", "number", "yuan", "…"]
    assert described.iloc[0].to_list() == ["order_id", "string", "", "…"]


def test_an_assumption_of_finance_has_a_name():
    assert data.finance("cost_of_capital") == 0.09
    with pytest.raises(data.CourseError) as fault:
        data.finance("cost_of_capitol")
    said = "finance has no item 'cost_of_capitol'. Did you mean 'cost_of_capital'?"
    assert str(fault.value) == said


def test_a_fault_is_shown_as_its_sentence_alone():
    assert data.CourseError("Mend it.")._render_traceback_() == ["CourseError: Mend it."]


def test_an_unknown_table_gets_the_nearest_name():
    for ask in (data.load, data.describe):
        with pytest.raises(data.CourseError) as fault:
            ask("oders")
        said = "There is no table 'oders'. Did you mean 'orders'? data.tables() lists all."
        assert str(fault.value) == said
        for odd in (17, None, pd.DataFrame()):
            with pytest.raises(data.CourseError) as fault:
                ask(odd)
            said = 'Give the name of a table in quotes, such as data.load("orders").'
            assert str(fault.value) == said
    with pytest.raises(data.CourseError, match=r"no table '量'\. data\.tables\(\) lists all"):
        data.load("量")


def test_every_table_is_described_without_the_truth():
    assert "truth" not in data.tables().index
    for table in data.tables().index:
        described = data.describe(table)
        assert list(described.index) == list(data.load(table).columns)
        assert (described["meaning"].str.len() > 3).all()


@pytest.mark.parametrize("seed", ["abc", -1, 3.5, True, "", ..., "١٢", 10**12])
def test_a_seed_that_is_none_is_refused(seed):
    with pytest.raises(data.CourseError) as fault:
        data.use_world(seed)
    said = "A world's number is a whole number of at most 12 digits, and"
    assert str(fault.value) == f"{said} {str(seed)!r} is not one."


def test_a_number_without_end_is_cut_short_and_spaces_do_no_harm():
    with pytest.raises(data.CourseError, match="and 'so long a one' is not one"):
        data.use_world(10**5000)
    with pytest.raises(data.CourseError, match=f"and '{'9' * 40}' is not one"):
        data.use_world("9" * 60)
    data.use_world(" 002025 ")
    assert data.world() == "seed 2025" and data.in_use().folder == data.COMMITTED
    assert data.in_use().remedy == (
        "Restore it with 'git restore {path}', or unzip the course again."
    )


def test_worlds_that_were_left_are_not_kept_in_memory(folder):
    data.load("orders")
    data.use_world(2025)
    data.load("orders")
    assert [world.label for world, _ in data._tables] == ["seed 2025"]
    data.use_world(2025)
    assert [table for _, table in data._tables] == ["orders"]


def test_no_seed_keeps_the_world_in_use(folder):
    data.use_world(None)
    assert data.world() == f"folder {folder.name}"


def test_another_world_for_a_moment(folder):
    with data.in_world(data.COMMITTED_SEED):
        assert data.world() == "seed 2025" and len(data.load("orders")) > 3
    assert data.world() == f"folder {folder.name}" and len(data.load("orders")) == 3
    with pytest.raises(ZeroDivisionError), data.in_world(data.COMMITTED_SEED):
        data.use_world(data.COMMITTED_SEED)  # whatever happens in there
        raise ZeroDivisionError
    with pytest.raises(data.CourseError), data.in_world("abc"):
        pass
    assert data.world() == f"folder {folder.name}"


def _rows() -> int:
    return len(data.read("orders"))


def test_what_was_computed_is_not_taken_for_files_that_changed(folder):
    assert computed(_rows) == 3
    (folder / "datapackage.json").unlink()  # which says how many rows there are
    shutil.copy(data.COMMITTED / "orders.csv", folder)
    data.use_folder(folder)
    assert computed(_rows) > 3


def test_the_number_of_a_student_is_a_seed(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    data.use_world(str(10**12 - 1))
    assert data.world() == "seed 999999999999"
    assert all(len(data.load(table)) for table in data.tables().index)
    neighbour = make_world(10**12 - 2, members=500)
    assert not data.load("accounts").equals(neighbour["accounts"])


def test_another_world_is_made_once_and_kept(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path))
    monkeypatch.setenv("COURSE_SEED", "7")
    assert data.world() == "seed 7"
    seven = data.load("orders")
    (kept,) = tmp_path.iterdir()
    made_at = (kept / "orders.csv").stat().st_mtime_ns
    data._tables.clear()
    data.use_world(7)
    assert data.load("orders").equals(seven)
    assert (kept / "orders.csv").stat().st_mtime_ns == made_at
    data.use_world(2025)
    assert not data.load("orders").equals(seven)


def test_a_cache_that_cannot_be_written_is_named(monkeypatch, tmp_path):
    (tmp_path / "a file").write_text("in the way")
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "a file"))
    monkeypatch.setattr("casedata.generate.make_world", lambda seed: {})
    with pytest.raises(data.CourseError) as fault:
        data.use_world(8)
    assert str(fault.value) == (
        f"World 8 could not be kept in {tmp_path / 'a file'} (File exists): free some space "
        "there, or let the environment variable COURSE_CACHE name another folder."
    )


@pytest.fixture
def small_worlds(monkeypatch, tmp_path):
    """Worlds of few members, made into a cache of their own."""
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("casedata.generate.make_world", partial(make_world, members=300))
    return tmp_path / "cache"


def test_a_world_that_was_left_half_made_is_made_anew(small_worlds):
    half = small_worlds / f"world-8-{data._generator_version()}"
    half.mkdir(parents=True)
    (half / "orders.csv").write_text("half")
    data.use_world(8)
    assert len(data.load("orders")) > 3 and data.in_use().folder == half
    assert list(small_worlds.iterdir()) == [half]
    assert json.loads((half / "datapackage.json").read_text())["seed"] == 8
    (half / "orders.csv").write_text("x")
    data._tables.clear()
    with pytest.raises(data.CourseError) as fault:
        data.load("orders")
    path = half / "orders.csv"
    assert str(fault.value).endswith(
        f"Delete the folder of {path}; the world is made again when you next load it."
    )


def test_a_world_that_another_kernel_made_meanwhile_is_taken(small_worlds, monkeypatch):
    def too_late(draft, folder):
        shutil.copytree(draft, folder)
        raise OSError(39, "Directory not empty")

    monkeypatch.setattr(Path, "rename", too_late)
    data.use_world(8)
    assert len(data.load("orders")) > 3
    assert [path.name for path in small_worlds.iterdir()] == [data.in_use().folder.name]


def test_a_handout_seals_the_truth_of_the_worlds_that_it_makes(small_worlds, monkeypatch, tmp_path):
    monkeypatch.setattr(data, "HANDOUT_MARK", tmp_path)
    data.use_world(9)
    folder = data.in_use().folder
    assert not (folder / "truth.csv").exists() and len(data.read("truth"))
    (folder / "truth.sealed").write_bytes(b"x")
    data._tables.clear()
    with pytest.raises(data.CourseError, match=f"^truth.sealed in {folder} is damaged. Delete "):
        data.read("truth")
    (folder / "truth.sealed").unlink()
    with pytest.raises(data.CourseError, match=f"^truth.csv is missing from {folder}. Delete "):
        data.read("truth")


def test_worlds_are_kept_where_the_system_keeps_such_things(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("COURSE_CACHE", "~/mine")
    assert data._cache() == tmp_path / "mine"
    monkeypatch.delenv("COURSE_CACHE")
    if os.name != "nt":
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
        assert data._cache() == tmp_path / "xdg" / "customer-analysis-course"
        monkeypatch.delenv("XDG_CACHE_HOME")
        assert data._cache() == tmp_path / ".cache" / "customer-analysis-course"


def test_a_changed_generator_makes_its_worlds_anew(monkeypatch, tmp_path):
    (tmp_path / "generate" / "parts").mkdir(parents=True)
    (tmp_path / "generate" / "parts" / "a.py").write_text("1")
    (tmp_path / "datapackage.json").write_text("{}")
    monkeypatch.setattr(data, "COMMITTED", tmp_path)
    marks = [data._generator_version()]
    (tmp_path / "generate" / "parts" / "a.py").write_text("2")
    marks.append(data._generator_version())
    (tmp_path / "datapackage.json").write_text("{ }")
    marks.append(data._generator_version())
    monkeypatch.setattr(pd, "__version__", "0")
    marks.append(data._generator_version())
    assert len(set(marks)) == 4 and {len(mark) for mark in marks} == {10}


def test_the_work_folder_is_beside_the_course_or_where_one_says(monkeypatch, tmp_path):
    monkeypatch.delenv("COURSE_WORK")
    assert data.work_folder() == data.ROOT / "work"
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("COURSE_WORK", "~/mine")
    assert data.work_folder() == tmp_path / "mine"


def test_a_handout_opens_in_the_world_of_its_number(monkeypatch, tmp_path):
    mark, work = tmp_path / "HANDOUT", tmp_path / "work"
    work.mkdir()
    monkeypatch.setattr(data, "HANDOUT_MARK", mark)
    monkeypatch.setenv("COURSE_WORK", str(work))

    def world():
        monkeypatch.setattr(data, "_current", None)
        return data.world()

    mark.write_text("2025\n")
    assert world() == "seed 2025"  # the class's
    mark.write_text("11 12")
    with pytest.raises(data.CourseError) as fault:
        world()
    assert str(fault.value) == (
        "Your world is not chosen yet: close the course and run `python3 course.py`, which asks "
        "for your number."
    )
    (work / "number.txt").write_text("2025")
    assert world() == "seed 2025"  # one's own
    (work / "number.txt").write_text("many")
    with pytest.raises(data.CourseError) as fault:
        world()
    asks = "Delete number.txt and run `python3 course.py`, which asks for your number."
    said = f"is a whole number of at most 12 digits, and 'many' is not one. {asks}"
    assert str(fault.value) == f"The number in {work / 'number.txt'} {said}"
    (work / "number.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(data.CourseError) as fault:
        world()
    said = f"The number of your world cannot be read from {work / 'number.txt'}."
    assert str(fault.value) == f"{said} {asks}"
    (work / "number.txt").unlink()
    mark.write_text("none")
    with pytest.raises(data.CourseError) as fault:
        world()
    said = "is a whole number of at most 12 digits, and 'none' is not one."
    again = "Unzip the course again over its folder."
    assert str(fault.value) == f"The number in {mark} {said} {again}"
    monkeypatch.setenv("COURSE_SEED", "x")
    with pytest.raises(data.CourseError, match=r"^COURSE_SEED is a whole number .*'x' is not one"):
        world()


def test_a_handout_keeps_the_truth(monkeypatch, tmp_path):
    assert len(data.load("truth"))
    monkeypatch.setattr(data, "HANDOUT_MARK", tmp_path)
    said = (
        "^The truth stays with your instructor; diagnose from the other tables, then let check.. "
        "mark you.$"
    )
    with pytest.raises(data.CourseError, match=said):
        data.load("truth")
    assert len(data.read("truth"))
