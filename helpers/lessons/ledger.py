"""Claims on trial: one of them, and the ledger of all, in the world in use beside Lanhe's."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from html import escape

from helpers import data
from helpers import exercises as registry
from helpers.exercises import Claim, computed
from helpers.lessons.cards import STYLE, Card, clean
from helpers.lessons.concepts import ideas, places

KINDS = ("holds only if", "holds", "not supported")  # how a verdict begins
LONGEST_HEAD = 18  # characters of a verdict that a row has room for
LANHE, YOURS = "Lanhe", "Your world"
ROWS_STYLE = """<style>
.lesson.ledger {max-width: 56em}
.ledger .row {display: flex; gap: .6em; padding: .15em 0;
  border-bottom: 1px solid var(--jp-border-color2, #9a9a9a)}
.ledger .row > span {flex: 0 0 9.2em}
.ledger .row > .mark {flex: 0 0 1em}
.ledger .row > .mark + span {flex: 0 0 2.2em}
.ledger .row > .mark + span + span {flex: 1}
.ledger summary {cursor: pointer; list-style: none}
.ledger summary::-webkit-details-marker {display: none}
.ledger summary .mark::before {content: "▸"}
.ledger details[open] .mark::before {content: "▾"}
.ledger details p {margin: .3em 0 .3em 4.4em}
.jp-deck-mod-visible .ledger {line-height: 1.25}
.jp-deck-mod-visible .ledger .row, .jp-deck-mod-visible .ledger > p {padding: 0; margin: 0}
</style>"""


@dataclass(frozen=True)
class Trial:
    """What a claim comes to in a world: a sentence and a verdict."""

    sentence: str
    verdict: str

    @property
    def kind(self) -> str:
        """How the verdict begins; "open" where there is none."""
        return next((kind for kind in KINDS if self.verdict.startswith(kind)), "open")

    @property
    def head(self) -> str:
        """The verdict as far as a row has room for it."""
        head = self.verdict.split(":")[0]
        return head if len(head) <= LONGEST_HEAD else f"{self.kind} …"


def _tried(claim: Claim) -> Trial:
    """Try a claim in the loaded world; a broken table is said, not raised."""
    try:
        figures, sentence = computed(claim.answer)
        return Trial(sentence, claim.verdict(figures) if callable(claim.verdict) else claim.verdict)
    except Exception as error:
        return Trial(f"Cannot be computed here: {clean(error)}", "open")


def claims(claim_id: str) -> Card:
    """Return a claim on trial ("T3") with what the loaded world says."""
    claim, problem = registry.find("CLAIMS", str(claim_id).strip().upper())
    if claim is None:
        return Card(clean(problem))
    trial = _tried(claim)
    said = (
        f"In this world: {trial.sentence}",
        f"Published: {claim.evidence}",
        f"Verdict: {trial.verdict}",
        f"What would change it: {claim.would_change}",
    )
    return Card(f"On trial, {claim.id}: {claim.claim}", said)


@dataclass(frozen=True)
class Entry:
    """A claim in the ledger, with its trial in each world."""

    chapter: str
    claim: Claim
    trials: dict[str, Trial]

    @property
    def differs(self) -> bool:
        return len({trial.verdict for trial in self.trials.values()}) > 1

    def heads(self) -> list[str]:
        """The verdicts in short, the second one marked where it is another."""
        first, *second = (trial.head for trial in self.trials.values())
        return [first, *(f"≠ {head}" if self.differs else head for head in second)]

    def told(self) -> list[tuple[str, str]]:
        """All that there is to say: (who or what says it, text)."""
        return [
            *((whose, f"{t.sentence} Verdict: {t.verdict}.") for whose, t in self.trials.items()),
            ("Published", self.claim.evidence),
            ("What would change it", f"{self.claim.would_change}."),
        ]


@dataclass(frozen=True, repr=False)
class Ledger:
    """All claims on trial: a row each, which opens on its sentences and its evidence."""

    entries: list[Entry]
    worlds: dict[str, str]

    def summary(self) -> list[str]:
        """What the verdicts come to in each world, and which of them differ."""
        said = []
        for whose, world in self.worlds.items():
            counts = Counter(entry.trials[whose].kind for entry in self.entries)
            kinds = [f"{counts[kind]} × {kind}" for kind in (*KINDS, "open") if counts[kind]]
            said.append(f"{whose} ({world}): {', '.join(kinds)}.")
        if YOURS not in self.worlds:
            how = "For a world of your own: data.use_world(your number), then run this cell again."
            return [*said, how]
        differ = ", ".join(entry.claim.id for entry in self.entries if entry.differs)
        return [*said, f"Another verdict in your world (≠): {differ or 'none'}."]

    def __repr__(self) -> str:
        lines = ["Claims on trial", *self.summary()]
        for entry in self.entries:
            lines.append(f"{entry.claim.id} (chapter {entry.chapter}) {entry.claim.claim}")
            lines += [f"  {who}: {text}" for who, text in entry.told()]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        taught, names = places(), ideas()
        said = "".join(f"<p>{escape(line)}</p>" for line in self.summary())
        rows = _row("", "Claim", *self.worlds)
        for entry in self.entries:
            claim, place = entry.claim, taught.get(entry.claim.id)
            body = "".join(f"<p><b>{who}:</b> {escape(text)}</p>" for who, text in entry.told())
            where = f"chapter {entry.chapter}"
            if place:
                where = f'<a href="{escape(place.link)}">{where}</a>'
            head = _row(claim.id, names.get(claim.id, claim.claim), *entry.heads())
            rows += (
                f"<details><summary>{head}</summary>"
                f"<p><b>{escape(claim.claim)}</b> ({where})</p>{body}</details>"
            )
        title = "<p><strong>Claims on trial</strong>: open a row for the evidence.</p>"
        return f'{STYLE}{ROWS_STYLE}<div class="lesson ledger">{title}{said}{rows}</div>'


def _row(*cells: str) -> str:
    told = " ".join(f"<span>{escape(cell)}</span>" for cell in cells)
    return f'<span class="row"><span class="mark"></span> {told}</span>'


def ledger() -> Ledger:
    """Return all claims on trial: what each comes to at Lanhe, and in the world in use."""
    listed = registry.everywhere("CLAIMS")
    listed.sort(key=lambda each: int(each[1].id[1:]))  # T2 before T10
    with data.in_world(data.COMMITTED_SEED):
        worlds = {LANHE: data.world()}
        trials = {LANHE: [_tried(claim) for _, claim in listed]}
    if data.in_use().folder != data.COMMITTED:
        worlds[YOURS] = data.world()
        trials[YOURS] = [_tried(claim) for _, claim in listed]
    entries = [
        Entry(chapter, claim, {whose: tried[n] for whose, tried in trials.items()})
        for n, (chapter, claim) in enumerate(listed)
    ]
    return Ledger(entries, worlds)
