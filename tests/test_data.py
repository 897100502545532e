"""Tables are loaded as their dictionary says; a broken one gets a sentence with file and line."""

import json
import shutil

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


@pytest.mark.parametrize(
    "content, words",
    [
        (b"", ["orders.csv is empty"]),
        (GOOD.replace("quantity", "qty").encode(), ["line 1", "quantity is missing", "qty"]),
        (GOOD.replace(",", ";").encode(), ["line 1", "commas"]),
        (GOOD[:-7].encode(), ["line 4", "4 fields where 5 belong"]),
        (GOOD.rsplit("\n", 2)[0].encode(), ["ends at line 3", "says 4", "cut off"]),
        (GOOD.replace("99.5", "ninety").encode(), ["line 2", "unit_price", "'ninety'", "a number"]),
        (GOOD.replace(",3,", ",3.5,").encode(), ["line 2", "quantity", "'3.5'", "whole number"]),
        (GOOD.replace("2025-02-28", "28/2/2025").encode(), ["line 3", "date", "'28/2/2025'"]),
        (GOOD.replace("2025-02-28", "").encode(), ["line 3", "date is nothing"]),
        (GOOD.replace("true", "perhaps").encode(), ["line 2", "urgent", "true or false"]),
        (GOOD.replace("00019", "鼠标").encode("gbk"), ["line 4", "not UTF-8", "spreadsheet"]),
        (GOOD.encode("utf-16"), ["line 1", "not UTF-8"]),
        (GOOD.replace('"a, b"', '"a').encode(), ["line", "quotation mark"]),
        (GOOD.replace("unit_price", "quantity", 1).encode(), ["line 1", "unit_price is missing"]),
        (b"\x00\x01\x02" * 40, ["orders.csv line 1"]),
    ],
)
def test_a_broken_file_gets_one_sentence_with_line_and_remedy(folder, content, words):
    (folder / "orders.csv").write_bytes(content)
    with pytest.raises(data.CourseError) as fault:
        data.load("orders")
    for word in [*words, "Mend that"]:
        assert word in str(fault.value)
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


def test_a_broken_dictionary_is_named(folder):
    for broken in ["{", "[]", '{"resources": []}', '{"resources": [{"name": "orders"}]}']:
        (folder / "datapackage.json").write_text(broken)
        with pytest.raises(data.CourseError, match=r"datapackage\.json"):
            data.load("orders")


def test_an_unknown_table_gets_the_nearest_name():
    with pytest.raises(data.CourseError, match="Did you mean 'orders'"):
        data.load("oders")
    for odd in (17, None, pd.DataFrame()):
        with pytest.raises(data.CourseError, match="in quotes"):
            data.load(odd)


def test_every_table_is_described_without_the_truth():
    assert "truth" not in data.tables().index
    for table in data.tables().index:
        described = data.describe(table)
        assert list(described.index) == list(data.load(table).columns)
        assert (described["meaning"].str.len() > 3).all()


@pytest.mark.parametrize("seed", ["abc", -1, 3.5, True, "", ..., "١٢", 10**12])
def test_a_seed_that_is_none_is_refused(seed):
    with pytest.raises(data.CourseError, match="whole number of at most 12 digits"):
        data.use_world(seed)


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
    with pytest.raises(data.CourseError, match="COURSE_CACHE"):
        data.use_world(8)


def test_a_handout_keeps_the_truth(monkeypatch, tmp_path):
    assert len(data.load("truth"))
    monkeypatch.setattr(data, "HANDOUT_MARK", tmp_path)
    with pytest.raises(data.CourseError, match="instructor"):
        data.load("truth")
    assert len(data.read("truth"))
