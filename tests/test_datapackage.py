"""The dictionary, the committed files, and worlds of other seeds: do they say the same?"""

import filecmp

import numpy as np
import pandas as pd
import pytest
from frictionless import validate

from casedata.generate import write_world
from casedata.generate.package import DICTIONARY, dictionary, readme

FOLDER = DICTIONARY.parent
FIELDS = [
    (resource["name"], field)
    for resource in dictionary()["resources"]
    for field in resource["schema"]["fields"]
]


def is_required(field):
    return field.get("constraints", {}).get("required", False)


def test_the_committed_package_is_valid():
    report = validate(str(DICTIONARY))
    assert report.flatten(["type", "rowNumber", "note"])[:5] == []
    assert report.valid


def test_the_generator_makes_the_committed_bytes(world, tmp_path):
    write_world(world(2025), tmp_path, seed=2025)
    made = sorted(path.name for path in tmp_path.iterdir())
    kept = sorted(path.name for path in FOLDER.iterdir() if path.suffix in {".csv", ".json", ".md"})
    assert made == kept
    _, changed, unreadable = filecmp.cmpfiles(tmp_path, FOLDER, made, shallow=False)
    assert changed + unreadable == []


def test_the_committed_tables_stay_small():
    assert sum(path.stat().st_size for path in FOLDER.glob("*.csv")) < 15e6


def test_the_page_is_rendered_from_the_dictionary():
    assert (FOLDER / "README.md").read_text(encoding="utf-8") == readme(dictionary())


def test_every_column_is_explained():
    for table, field in FIELDS:
        where, says = f"{table}.{field['name']}", field["description"]
        assert len(says.split()) >= 2 and says.endswith("."), where
        if not is_required(field) and table != "purchases_raw":
            assert "Empty: " in says, f"{where} does not say what a missing value means"
        if field["type"] == "number" and field["name"] not in {"value", "need"}:
            assert field["unit"], where


def test_one_seed_makes_one_world(world):
    again = world.__wrapped__(7, members=300)
    for name, table in world(7, members=300).items():
        pd.testing.assert_frame_equal(table, again[name])


def test_another_seed_makes_another_world(world):
    one, other = world(7, members=300), world(2031, members=300)
    same = [name for name, table in one.items() if table.equals(other[name])]
    assert set(same) <= {"cases", "finance"}


def faults(world):
    """Return what in a world is not as the dictionary says, in words."""
    for resource in dictionary()["resources"]:
        name, schema = resource["name"], resource["schema"]
        table = world[name]
        if list(table) != [field["name"] for field in schema["fields"]]:
            yield f"{name}: columns"
        for field in schema["fields"]:
            yield from (f"{name}.{field['name']}: {fault}" for fault in misfits(table, field))
        if "primaryKey" in schema:
            key = schema["primaryKey"]
            if table.duplicated(key).any():
                yield f"{name}: {key} twice"
        for link in schema.get("foreignKeys", []):
            target = world[link["reference"]["resource"] or name][link["reference"]["fields"]]
            if not table[link["fields"]].dropna().astype(str).isin(target.astype(str)).all():
                yield f"{name}.{link['fields']}: points nowhere"


def misfits(table, field):
    """Return the constraints of a field that its column breaks."""
    values, limits = table[field["name"]], field.get("constraints", {})
    there = values.dropna()
    if is_required(field) and len(there) < len(values):
        yield "missing"
    if "enum" in limits and not there.isin(limits["enum"]).all():
        yield f"not in enum: {sorted(set(there) - set(limits['enum']))[:3]}"
    if "pattern" in limits and not there.astype(str).str.fullmatch(limits["pattern"]).all():
        yield "pattern"
    if limits.get("unique") and there.duplicated().any():
        yield "not unique"
    as_date = pd.Timestamp if field["type"] == "date" else np.float64
    if "minimum" in limits and len(there) and there.min() < as_date(limits["minimum"]):
        yield "too small"
    if "maximum" in limits and len(there) and there.max() > as_date(limits["maximum"]):
        yield "too large"
    if field["type"] == "date" and len(there) and (there.dt.normalize() != there).any():
        yield "not midnight"


@pytest.mark.parametrize("seed", [7, 2031, 424242])
def test_other_worlds_fit_the_dictionary(world, seed):
    assert list(faults(world(seed, members=300))) == []
