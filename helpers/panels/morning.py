"""Chapter 01: ten in the morning in Mr Zhang's office. Who is whose customer, in which sense?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.path import Path
from matplotlib.textpath import TextPath

from helpers import charts
from helpers.panels.base import Panel, buttons, choice
from helpers.panels.morning_scene import NONE, PARTIES, SCHEMES, UNKNOWN, Party

__all__ = ["NONE", "PARTIES", "SCHEMES", "UNKNOWN", "Board", "Party", "Try", "morning"]

NO_PUBLIC_INTEREST = (
    "Nobody in this scene is a public-interest customer: that would be a public body or an "
    "association, which speaks and pays for all."
)
CLOSING = (
    "The board is full. Read along a row: one person is a customer in one sense and none in "
    "another. Somebody who never entered the room can be one, too. “Customer” names a relation, so "
    "say whose, and in which sense."
)
BOXES = {  # as the board has room for them
    **{box: box for boxes in SCHEMES.values() for box in boxes},
    "public-interest": "public",
    "A VIP": "A",
    "B main": "B",
    "C ordinary": "C",
    "D small": "D",
    "retail consumer": "retail",
    "enterprise customer": "enterprise",
    "internal customer": "internal",
    NONE: "none",
    UNKNOWN: "unknown",
}
# How a place on the board looks: a square, a tick or a cross, told apart without colour.
MARKS = {
    "open": (
        Path([(-0.6, -0.6), (0.6, -0.6), (0.6, 0.6), (-0.6, 0.6), (-0.6, -0.6)], closed=True),
        charts.GREY,
    ),
    "right": (Path([(-0.9, 0), (-0.3, -0.8), (1, 0.9)]), charts.GREEN),
    "wrong": (
        Path([(-0.8, -0.8), (0.8, 0.8), (-0.8, 0.8), (0.8, -0.8)], [1, 2, 1, 2]),
        charts.VERMILLION,
    ),
}

PLACES = [(party, scheme) for party in PARTIES for scheme in SCHEMES]


class Try(NamedTuple):
    """A party put into a box of a scheme (None: into none so far)."""

    party: str
    scheme: str
    box: str | None

    @property
    def is_known(self) -> bool:
        """Whether there is such a box: what was kept may be older than the scene."""
        return self[:2] in PLACES and self.box in PARTIES[self.party].reasons[self.scheme]

    @property
    def is_right(self) -> bool:
        """Whether the box can be defended."""
        return self.box in PARTIES[self.party].right[self.scheme]


class Board:
    """The places (parties × schemes), and what was tried on them: each try once, in order."""

    def __init__(self, tries: Iterable[Iterable[str]] = ()):
        self.tries: list[Try] = []
        for each in tries:
            self.put(Try(*each))

    def put(self, tried: Try) -> None:
        """Note a try where none stands. What is no customer by any scheme is settled by one."""
        if not tried.is_known:
            return
        everywhere = tried.box == NONE and not is_customer(tried.party)
        for scheme in SCHEMES if everywhere else [tried.scheme]:
            each = tried._replace(scheme=scheme)
            if not self.stands(each.party, scheme) and each not in self.tries:
                self.tries.append(each)

    def last(self, party: str, scheme: str) -> Try | None:
        """The last try at a place: where one stands, the right one."""
        here = [each for each in self.tries if each[:2] == (party, scheme)]
        return here[-1] if here else None

    def stands(self, *place: str) -> bool:
        """Whether a place holds a box that can be defended."""
        last = self.last(*place)
        return last is not None and last.is_right

    def count(self) -> tuple[int, int]:
        """How many places stand, and how many tries were wrong."""
        standing = sum(self.stands(*place) for place in PLACES)
        return standing, sum(not each.is_right for each in self.tries)


def is_customer(party: str) -> bool:
    """Whether the party is a customer in any scheme."""
    return any(boxes != [NONE] for boxes in PARTIES[party].right.values())


def morning(**hooks) -> Panel:
    """Mr Zhang's morning as a game: who in the scene is a customer, and of what class?

    Controls: who ("party"), one of three schemes (by relation to the firm, by value, by product
    responsibility) and the box: to press a box puts the party there and answers with the reason.
    The picture is the board. `hooks` are `state` and `on_commit` of Panel; the state holds the
    board as "tries", a list of [party, scheme, box].
    """
    return Morning(**hooks)


class Morning(Panel):
    """See `morning`."""

    def __init__(self, *, state: Mapping[str, object] | None = None, **hooks):
        state = dict(state or {})
        self._board = Board(state.pop("tries", ()))
        self._keys = {party.name: key for key, party in PARTIES.items()}
        controls = {
            "party": choice("who", list(self._keys), PARTIES["head"].name),
            "scheme": choice("scheme", list(SCHEMES), "relation"),
            "box": buttons("box", [], None),
        }
        for name in ("party", "scheme"):
            if state.get(name) in controls[name].options:
                controls[name].value = state[name]
        self.controls = controls
        self._offer_boxes()
        super().__init__(
            controls,
            caption="The board of the morning: each party under three schemes; a tick stands, a "
            "cross is wrong, a square is open.",
            **hooks,
        )

    @property
    def values(self) -> dict:
        """What the controls stand at, and the board as the tries that made it."""
        return super().values | {"tries": [list(each) for each in self._board.tries]}

    def draw(self, fig: Figure) -> None:
        self._ax = ax = fig.add_axes((0, 0, 1, 1))
        rows = len(PARTIES)
        ax.set(xlim=(0, 1), ylim=(rows - 0.45, -1.4))
        ax.axis("off")
        for row, party in enumerate(PARTIES.values()):
            ax.text(0.01, row, party.name, va="center_baseline")
            ax.axhline(row - 0.5, color=charts.GREY, alpha=0.4, linewidth=1, linestyle="-")
        columns = dict(zip(SCHEMES, (0.342, 0.575, 0.77), strict=True))
        for scheme, left in columns.items():
            ax.text(left, -0.95, scheme, va="center", weight="bold")
        self._spots = np.array(
            [(columns[scheme] + 0.015, row) for row in range(rows) for scheme in SCHEMES]
        )
        self._marks = ax.scatter(*self._spots.T, s=80, linewidths=3, label="places")
        self._marks.set_facecolor("none")
        # The words as shapes, all drawn at once: as texts they would take most of a redraw's time.
        shapes = {word: TextPath((0, -6), word, size=charts.TEXT) for word in set(BOXES.values())}
        self._shapes = shapes | {"": Path([(0, 0)])}
        self._words = ax.scatter(
            *np.add(self._spots, (0.025, 0)).T, s=1, color=charts.INK, linewidths=0
        )
        self._frame = Rectangle((0, 0), 0.2, 0.92, fill=False, linewidth=2.5, edgecolor=charts.INK)
        ax.add_patch(self._frame)
        for artist in (self._marks, self._words, self._frame):
            artist.set_animated(True)

    def settle(self, name: str) -> None:
        """A box that is pressed is a try; another place offers the boxes of its scheme."""
        if name == "box":
            self._board.put(self._try(self.controls["box"].value))
        else:
            self._offer_boxes()

    def update(self, values: dict) -> str:
        here = self._try(values["box"])
        self._show_board(PLACES.index(here[:2]))
        who = PARTIES[here.party].name
        said = [self._answer(here, who)]
        if here.is_right and all(self._board.stands(here.party, scheme) for scheme in SCHEMES):
            said.append(f"What counts for {who}: {PARTIES[here.party].wants}.")
        standing, wrong = self._board.count()
        tries = "1 wrong try" if wrong == 1 else f"{wrong} wrong tries"
        said.append(f"{standing} of {len(PLACES)} places stand, after {tries}.")
        if standing == len(PLACES):
            said.append(CLOSING)
        return " ".join(said)

    def _try(self, box: str | None) -> Try:
        """A box at the place where the controls stand."""
        return Try(self._keys[self.controls["party"].value], self.controls["scheme"].value, box)

    def _offer_boxes(self) -> None:
        """Offer the scheme's boxes; press the one that was tried last at this place."""
        scheme, box = self.controls["scheme"].value, self.controls["box"]
        last = self._board.last(*self._try(None)[:2])
        with box.hold_sync():
            box.options = [*SCHEMES[scheme], NONE, UNKNOWN]
            box.value = last.box if last else None

    def _show_board(self, here: int) -> None:
        last = [self._board.last(*place) for place in PLACES]
        looks = [
            MARKS["open" if each is None else "right" if each.is_right else "wrong"]
            for each in last
        ]
        paths, colors = zip(*looks, strict=True)
        self._marks.set_paths(paths)
        self._marks.set_edgecolor(colors)
        words = [BOXES[each.box] if each else "" for each in last]
        self._words.set_paths([self._shapes[word] for word in words])
        self._words.set_label(" | ".join(words))  # for those who read what was drawn
        self._frame.set_xy(self._spots[here] - (0.018, 0.46))

    @staticmethod
    def _answer(here: Try, who: str) -> str:
        name = who[0].upper() + who[1:]
        if here.box is None:
            return f"{name} {PARTIES[here.party].where}. Into which box by {here.scheme}?"
        reason = PARTIES[here.party].reasons[here.scheme][here.box]
        verdict = "that stands" if here.is_right else "not so"
        public = f" {NO_PUBLIC_INTEREST}" if here.box == "public-interest" else ""
        return f"{name}, “{here.box}” by {here.scheme}: {verdict}. {reason}{public}"
