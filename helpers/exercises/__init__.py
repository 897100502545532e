"""What a chapter defines for its lessons, and where to find it.

Each chapter has a module here: `ch03.py`, `ch07a.py`. It holds any of the lists `EXERCISES`,
`RECALL`, `TERMS`, `CLAIMS` and `PREDICTIONS`, made of the classes below. No figure in it is typed
by hand: whatever depends on the data is a function without arguments, called when it is needed, in
the loaded world.
"""

import importlib
import pkgutil
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache

from helpers import data

FORMS = {
    "a number": "one number",
    "a choice": "one of the texts offered, in quotes",
    "a set of ids": "a list (or set, Series, index) of ids, in any order",
    "a list of ids": "a list of ids, the first one first",
    "a Series": "one value for each id: a Series with the ids in its index, or a dict",
    "a table": "a DataFrame",
    "a memo": "a text of your own, in triple quotes",
}
# How close is right when a definition does not say: absolute, in the unit.
UNIT_TOLERANCE = {"%": 0.1, "share": 0.001, "yuan": 1.0}


@dataclass(frozen=True, eq=False)
class Mistake:
    """A wrong answer that people reach by a misconception, and the sentence that names it."""

    answer: Callable
    reason: str


@dataclass(frozen=True, eq=False)
class Exercise:
    """One exercise. `answer` computes the reference from the loaded world.

    tolerance: absolute, in the unit; relative: as a share of the reference; without either, the
    unit decides, then 0.1 % for fractions and nothing for whole numbers. key: the id column (or
    columns) of ids and tables. choices: the texts of "a choice". rubric: of "a memo", point →
    words of which at least one touches it (or a function that returns this); min_words counts
    words, or Chinese characters. given: computes what the exercise hands out, such as five ids.
    near: what to ask whoever is just outside the tolerance.
    """

    id: str
    question: str
    form: str = "a number"
    answer: Callable | None = None
    unit: str = ""
    tolerance: float | None = None
    relative: float | None = None
    key: str | tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    rubric: dict[str, tuple[str, ...]] | Callable | None = None
    min_words: int = 60
    mistakes: tuple[Mistake, ...] | list[Mistake] = ()
    insight: str | Callable = ""
    hints: tuple[str, ...] = ()
    minutes: float = 3
    given: Callable | None = None
    near: str = "was it rounded early, or is a row in or out?"

    def __post_init__(self):
        if self.form not in FORMS:
            raise ValueError(f"Exercise {self.id}: form must be one of {', '.join(FORMS)}.")

    @property
    def keys(self) -> tuple[str, ...]:
        return (self.key,) if isinstance(self.key, str) else tuple(self.key)

    def points(self) -> dict[str, tuple[str, ...]]:
        """The points of a memo's rubric, each with the words that touch it."""
        return self.rubric() if callable(self.rubric) else self.rubric or {}

    def expected(self) -> str:
        """The form of the answer in words: what a student reads who has not tried yet."""
        text = FORMS[self.form]
        if self.choices:
            text += ": " + ", ".join(f'"{choice}"' for choice in self.choices)
        if self.form == "a memo":
            text += f" (at least {self.min_words} words)"
        if self.keys:
            text += f"; ids: {', '.join(self.keys)}"
        return text + (f"; unit: {self.unit}" if self.unit else "")


@dataclass(frozen=True, eq=False)
class Question:
    """A recall question: `choices`, or a number (tolerance, unit), or a short text (`also` right).

    right: the answer, or a function that computes it in the loaded world.
    because: the reason, said whether the answer was right or wrong.
    """

    text: str
    right: object
    because: str
    choices: tuple[str, ...] | list[str] = ()
    also: tuple[str, ...] = ()
    unit: str = ""
    tolerance: float | None = None
    relative: float | None = None


@dataclass(frozen=True)
class Term:
    """A term of the glossary: English, Chinese, its pinyin, and its meaning in one line."""

    english: str
    chinese: str
    pinyin: str
    meaning: str


@dataclass(frozen=True, eq=False)
class Claim:
    """A claim on trial. `answer()` → (figures, sentence) in the loaded world.

    verdict: "holds", "holds only if …", "not supported", or a function of the figures.
    """

    id: str
    claim: str
    answer: Callable
    evidence: str
    verdict: str | Callable
    would_change: str


@dataclass(frozen=True)
class Prediction:
    """A guess to commit to: a number from low to high in a unit, or one of the choices."""

    id: str
    question: str
    unit: str = ""
    low: float = 0
    high: float = 100
    choices: tuple[str, ...] = ()


def chapters() -> list[str]:
    """The chapters that have a module here: ["03", "07a", …]."""
    names = (module.name for module in pkgutil.iter_modules(__path__))
    return sorted(name[2:] for name in names if re.fullmatch(r"ch\d\d[a-z]?", name))


def of_chapter(chapter: str, kind: str) -> list:
    """A chapter's list of the given kind ("EXERCISES", "RECALL", …); empty where it has none."""
    return list(getattr(importlib.import_module(f"{__name__}.ch{chapter}"), kind, ()))


def everywhere(kind: str) -> list[tuple[str, object]]:
    """(chapter, definition) for every definition of a kind, in the order of the chapters."""
    return [(chapter, each) for chapter in chapters() for each in of_chapter(chapter, kind)]


def chapter_of(exercise_id: str) -> str:
    """The chapter of an exercise or prediction: "3.2" → "03", "7a.1" → "07a", "03.top20" → "03"."""
    number, letter = re.match(r"(\d*)([^.]*)", exercise_id).groups()
    return number.zfill(2) + letter


def find(kind: str, wanted: str) -> tuple[object | None, str]:
    """(definition, "") for an id, or (None, one sentence that names the nearest id)."""
    folded = unicodedata.normalize("NFKC", wanted).casefold()
    chapter = chapter_of(folded) if kind != "CLAIMS" else None
    known = of_chapter(chapter, kind) if chapter in chapters() else []
    known = known or [each for _, each in everywhere(kind)]
    for each in known:
        if each.id.casefold() == folded:
            return each, ""
    near = get_close_matches(folded, [each.id for each in known], n=1, cutoff=0)
    return None, f'There is no "{wanted}" here' + (f'; did you mean "{near[0]}"?' if near else ".")


def computed(function: Callable, *arguments: object) -> object:
    """The result of a function in the loaded world: computed once, shared, not to be changed.

    For what several answers of a chapter build on: `computed(profit_of, 2025)`.
    """
    return _computed(function, arguments, data.in_use())


def forget() -> None:
    """Drop what was computed: for whoever goes through many worlds."""
    _computed.cache_clear()


@lru_cache(maxsize=512)
def _computed(function: Callable, arguments: tuple, world: data.World) -> object:
    return function(*arguments)
