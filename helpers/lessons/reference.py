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
    """Return where one stands in the loaded world: done, minutes still open, and what is next."""
    here, (worlds, fault) = data.world(), store.worlds()
    kept = worlds[here]["exercises"]
    parts = {chapter: registry.of_chapter(chapter, "EXERCISES") for chapter in registry.chapters()}
    rows = [(chapter, *_standing(listed, kept)) for chapter, listed in parts.items()]
    everything = [each for listed in parts.values() for each in listed]
    rows.append(("all", *_standing(everything, kept)))
    stuck = [each.id for each in everything if each.id in kept and not _done(each.id, kept)]
    notes = [f"Begun, and still open: {', '.join(stuck)}."] if stuck else []
    for world, record in worlds.items():
        if world != here and (begun := record["exercises"]):
            notes.append(f"In another world, {world}: {sum(_done(e, begun) for e in begun)} done.")
    notes.append(fault or "Kept in progress.json in your work folder.")
    columns = ("Chapter", "Exercises done", "Tries", "Hints", "Minutes left", "Next")
    return Table(f"Your progress ({here})", columns, rows, " ".join(notes))


def _done(exercise_id: str, kept: dict) -> bool:
    return "first_right" in kept.get(exercise_id, {})


def _standing(listed: list[registry.Exercise], kept: dict) -> tuple:
    """What is done of some exercises, what it took, the minutes that are left, and what is next."""
    still = [each for each in listed if not _done(each.id, kept)]
    entries = [kept.get(each.id, {}) for each in listed]
    return (
        f"{len(listed) - len(still)} of {len(listed)}",
        sum(entry.get("tries", 0) for entry in entries),
        sum(entry.get("hints", 0) for entry in entries),
        f"{sum(each.minutes for each in still):g}",
        still[0].id if still else "all done",
    )
