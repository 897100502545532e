"""Look things up: the glossary, and where one stands."""

from __future__ import annotations

from difflib import get_close_matches

from helpers import data
from helpers import exercises as registry
from helpers.lessons import store
from helpers.lessons.cards import Card, Table, clean


def glossary(of: str = "") -> Table | Card:
    """Return the terms of a chapter ("03"), one term ("whale curve"), or all from A to Z."""
    of = str(of).strip()
    terms = registry.everywhere("TERMS")
    names = {name.casefold() for _, term in terms for name in (term.english, term.chinese)}
    if of in registry.chapters():
        terms = [(chapter, term) for chapter, term in terms if chapter == of]
    elif not of:
        terms.sort(key=lambda each: each[1].english.casefold())
    else:
        near = get_close_matches(of.casefold(), names, n=1, cutoff=0.5)
        if of.casefold() not in names:
            said = f'The glossary has no "{clean(of, 40)}"'
            return Card(said + (f'; did you mean "{near[0]}"?' if near else "."))
        terms = [
            (chapter, term)
            for chapter, term in terms
            if of.casefold() in (term.english.casefold(), term.chinese)
        ]
    rows = [(t.english, t.chinese, t.pinyin, t.meaning, chapter) for chapter, t in terms]
    columns = ("English", "Chinese", "Pinyin", "Meaning", "Chapter")
    if of in registry.chapters():  # then the caption says it
        return Table(f"Terms of chapter {of}", columns[:-1], [row[:-1] for row in rows])
    return Table("Terms", columns, rows)


def progress() -> Table:
    """Return where one stands in the loaded world: done and tried, hints, and what comes next."""
    entries = store.read()["exercises"]
    rows = []
    for chapter in registry.chapters():
        ids = [each.id for each in registry.of_chapter(chapter, "EXERCISES")]
        kept = {each: entries.get(each, {}) for each in ids}
        open_ids = [each for each in ids if "first_right" not in kept[each]]
        rows.append(
            (
                chapter,
                f"{len(ids) - len(open_ids)} of {len(ids)}",
                sum(entry.get("tries", 0) for entry in kept.values()),
                sum(entry.get("hints", 0) for entry in kept.values()),
                open_ids[0] if open_ids else "all done",
            )
        )
    columns = ("Chapter", "Exercises done", "Tries", "Hints", "Next")
    note = "Kept in progress.json in your work folder."
    return Table(f"Your progress ({data.world()})", columns, rows, note)
