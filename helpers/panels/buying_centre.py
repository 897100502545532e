"""Chapter 01: who decides there, whom have we met, and whom should we meet next?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.markers import MarkerStyle
from matplotlib.transforms import Bbox

from helpers import charts
from helpers.data import CourseError
from helpers.panels.base import Panel, choice

COLUMNS = ["account_id", "account", "contact_id", "name", "title", "roles"]
SCALES = {"influence": (1, 5), "stance": (-2, 2)}
MET, NOT_MET, GONE = STATES = ["met", "not met", "gone"]
ROLES = {  # as syllabus R2 lists them; each with its colour and marker
    "user": (charts.GREY, "P"),
    "influencer": (charts.GREEN, "v"),
    "decider": (charts.VERMILLION, "s"),
    "approver": (charts.PURPLE, "D"),
    "buyer": (charts.BLUE, "o"),
    "gatekeeper": (charts.INK, "^"),
}
NOBODY = "–"  # stands in a list that has nobody to offer
NAMED = 7  # people at the most whose names stand in the map
MARK = 20  # a marker's size in pixels
SIDES = [(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1)]  # right, up
MAP = (112, 70, 560, 280)  # the map in the picture, in pixels: left, bottom, width, height
UNIT = np.array([MAP[2] / 5, MAP[3] / 5])  # pixels for a point of influence, of stance


def buying_centre(
    people: pd.DataFrame, *, chance: Callable[[pd.DataFrame], float], **hooks
) -> Panel:
    """A map of an account's buying centre: meet a person, or lose one, and see the chance move.

    `people` has one row per person now in an account: account_id, account (its name), contact_id,
    name (in Latin letters), title, roles (joined by semicolons, the main one first), influence
    (1 to 5), stance (-2 against to 2 for us), met (bool), and what else `chance` needs; an account
    without people has one row without contact_id. `chance` is given the rows of one account's
    people who are still there, with `met` as it stands in the panel, and returns the chance to win,
    0 to 1; a CourseError of its own is shown. Controls: account, person, and that person's state
    (met, not met, gone). `hooks` are `state` and `on_commit` of Panel; the state holds what was
    changed as "changes", {contact_id: state}.
    """
    return BuyingCentre(people, chance=chance, **hooks)


class Centre:
    """One account's people: what stays as it is, however many of them are met."""

    def __init__(self, account: str, people: pd.DataFrame):
        self.account, self.people = account, people
        self.ids = people["contact_id"].to_list()
        self.labels = _distinct(people["name"], people["contact_id"])
        self.roles = [roles.split(";") for roles in people["roles"]]
        self.at_first = [MET if met else NOT_MET for met in people["met"]]
        self.spots = _spread(people[list(SCALES)].to_numpy(dtype=float))

    def states(self, changes: Mapping[str, str]) -> list[str]:
        """Each person's state: as at first unless changed."""
        return [changes.get(*each) for each in zip(self.ids, self.at_first, strict=True)]

    def rows(self, states: Sequence[str]) -> pd.DataFrame:
        """The rows of those who are there, with `met` by their states."""
        people = self.people.assign(met=[state == MET for state in states])
        return people[[state != GONE for state in states]]

    def roles_not_met(self, states: Sequence[str]) -> list[str]:
        """The roles that nobody met holds, in order; said where nobody who is there holds one."""
        held = {
            state: {
                role for i, roles in enumerate(self.roles) if states[i] == state for role in roles
            }
            for state in STATES
        }
        return [
            role if role in held[NOT_MET] else f"{role} (nobody known)"
            for role in ROLES
            if role not in held[MET]
        ]


class BuyingCentre(Panel):
    """See `buying_centre`."""

    def __init__(
        self,
        people: pd.DataFrame,
        *,
        chance: Callable[[pd.DataFrame], float],
        state: Mapping[str, object] | None = None,
        **hooks,
    ):
        self._chance, self._chances, self._places = chance, {}, {}
        self._centres, self._problem = {}, None
        try:
            self._centres = _centres(_checked(people))
        except CourseError as problem:  # said when the panel is drawn
            self._problem = problem
        state = state or {}
        kept = state.get("changes", {}).items()
        self._changes = {person: now for person, now in kept if now in STATES}
        accounts = list(self._centres) or [NOBODY]
        self.controls = {
            "account": choice("account", accounts, accounts[0]),
            "person": choice("person", [NOBODY], NOBODY),
            "state": choice("is", STATES, NOT_MET),
        }
        for name in ("account", "person"):
            if state.get(name) in self.controls[name].options:
                self.controls[name].value = state[name]
            self.settle(name)
        super().__init__(
            self.controls,
            caption="A buying centre: each person by influence and by stance to us; marker and "
            "colour tell the main role; hollow is not met, a faint cross is gone.",
            **hooks,
        )

    @property
    def values(self) -> dict:
        """What the controls stand at, and the people's states that were changed."""
        return super().values | {"changes": dict(self._changes)}  # noqa: PD011 (no frame's)

    def draw(self, fig: Figure) -> None:
        if self._problem:
            raise self._problem
        pixels = np.array([self._width, self._height] * 2)
        self._ax = ax = fig.add_axes(MAP / pixels)
        ax.set(xlim=(0.5, 5.5), ylim=(-2.5, 2.5), xlabel="influence (1 little, 5 decisive)")
        ax.set_yticks(range(-2, 3), ["against", "", "neutral", "", "for us"])
        ax.grid(color=charts.GREY, alpha=0.25, linewidth=1, linestyle="-")
        self._marks = ax.scatter([], [], s=(0.72 * MARK) ** 2, linewidths=2.5, zorder=3)
        (self._ring,) = ax.plot([], [], "o", markersize=1.2 * MARK, zorder=4, label="chosen")
        self._ring.set(markerfacecolor="none", markeredgecolor=charts.INK, markeredgewidth=1.5)
        self._names = [ax.text(0, 0, "", va="center", zorder=5) for _ in range(NAMED)]
        self._title = fig.text(0.005, 0.97, "", va="top", weight="bold", size=19)
        _key(fig.add_axes((0.765, MAP[1] / pixels[1], 0.235, MAP[3] / pixels[1])))
        for artist in (self._marks, self._ring, *self._names, self._title):
            artist.set_animated(True)

    def settle(self, name: str) -> None:
        """Another account offers its people; another person shows their state; a state is kept."""
        centre, person, state = self._centre, self.controls["person"], self.controls["state"]
        if centre is None:
            return
        if name == "account":
            with person.hold_sync():
                person.options = centre.labels or [NOBODY]
                person.value = person.options[0]
        if not centre.labels:
            return
        i = centre.labels.index(person.value)
        if name != "state":
            state.value = centre.states(self._changes)[i]
        elif state.value == centre.at_first[i]:
            self._changes.pop(centre.ids[i], None)
        else:
            self._changes[centre.ids[i]] = state.value

    def update(self, values: dict) -> str:
        centre = self._centre
        if not centre.labels:
            raise CourseError(f"{centre.account} has nobody on record: find a name there first.")
        states = centre.states(self._changes)
        first, now = (self._chance_of(centre, each) for each in (centre.at_first, states))
        chosen = centre.labels.index(values["person"])
        self._show_people(centre, states, chosen)
        chance = f"{charts.percent(now)} now, {charts.percent(first)} at first"
        self._title.set_text(f"Chance to win: {chance}")
        roles = ", ".join(centre.roles_not_met(states)) or "none"
        return (
            f"{centre.account}: the chance to win is {chance}. Roles not met: {roles}. "
            f"{self._whom_next(centre, states, now)} {_described(centre, chosen, states[chosen])}"
        )

    @property
    def _centre(self) -> Centre | None:
        return self._centres.get(self.controls["account"].value)

    def _chance_of(self, centre: Centre, states: Sequence[str]) -> float:
        """The chance with these states, asked for once."""
        key = (centre.account, *states)
        if key not in self._chances:
            rows = centre.rows(states)
            if rows.empty:
                raise CourseError(f"Nobody is left at {centre.account}: there is no chance to win.")
            self._chances[key] = _probability(self._chance(rows))
        return self._chances[key]

    def _whom_next(self, centre: Centre, states: list[str], now: float) -> str:
        """Who would raise the chance most if met; of equals the most influential."""
        chances = {
            i: self._chance_of(centre, [*states[:i], MET, *states[i + 1 :]])
            for i, state in enumerate(states)
            if state == NOT_MET
        }
        if not chances:
            return "Everybody who is there has been met."
        influence = centre.people["influence"].to_numpy()
        best = max(chances, key=lambda i: (round(chances[i], 9), influence[i]))
        points = 100 * (chances[best] - now)
        if points < 1e-7:
            return "To meet one more would not raise it."
        by = f"{points:.0f} points" if points >= 1.5 else "1 point" if points >= 0.5 else "a little"
        return f"Meet next: {centre.labels[best]}, for {by} more."

    def _show_people(self, centre: Centre, states: Sequence[str], chosen: int) -> None:
        looks = [_look(roles[0], state) for roles, state in zip(centre.roles, states, strict=True)]
        paths, faces, edges = zip(*looks, strict=True)
        self._marks.set_offsets(centre.spots)
        self._marks.set(paths=paths, facecolor=faces, edgecolor=edges)
        self._ring.set_data(*centre.spots[[chosen]].T)
        places = self._places_of_names(centre, chosen)
        for text in self._names[len(places) :]:
            text.set_text("")
        for text, (i, place) in zip(self._names, places.items(), strict=False):
            text.set(text=centre.labels[i], position=place)
            text.set_color(charts.GREY if states[i] == GONE else charts.INK)

    def _places_of_names(self, centre: Centre, chosen: int) -> dict[int, tuple[float, float]]:
        """Who is named in the map, and where: of many only the chosen, and nobody without room."""
        everybody = range(len(centre.labels))
        who = everybody if len(everybody) <= NAMED else [chosen]
        key = (centre.account, *who)
        if key not in self._places:
            renderer, sizes = self._canvas.get_renderer(), {}
            for i, text in zip(who, self._names, strict=False):
                text.set_text(centre.labels[i])
                sizes[i] = text.get_window_extent(renderer).size
            self._places[key] = _beside(centre.spots, sizes)
        return self._places[key]


def _beside(
    spots: np.ndarray, sizes: Mapping[int, tuple[float, float]]
) -> dict[int, tuple[float, float]]:
    """Where names of these sizes (pixels) begin: beside their spots, inside the map, over nothing.

    Who finds no room is left out.
    """
    corner = np.array([0.5, -2.5])
    pixels = (spots - corner) * UNIT
    taken = [Bbox.from_bounds(x - MARK / 2, y - MARK / 2, MARK, MARK) for x, y in pixels]
    places = {}
    for i, (width, height) in sizes.items():
        for right, up in SIDES:
            x = pixels[i, 0] + right * (1.05 * MARK + width / 2) - width / 2
            y = pixels[i, 1] + up * (0.8 * MARK if right else 0.7 * MARK + height / 2)
            x, y = np.clip((x, y), (0, height / 2), (MAP[2] - width, MAP[3] - height / 2))
            box = Bbox.from_bounds(x, y - height / 2, width, height)
            if not box.count_overlaps(taken):
                taken.append(box)
                places[i] = tuple((x, y) / UNIT + corner)
                break
    return places


def _spread(spots: np.ndarray) -> np.ndarray:
    """The spots, those who share one spread about it in a spiral: always in the same way."""
    spread = spots.copy()
    for place in np.unique(spots, axis=0):
        same = np.flatnonzero((spots == place).all(axis=1))
        if len(same) > 1:
            turn = np.arange(len(same)) * np.pi * (3 - np.sqrt(5))
            away = 0.8 * MARK * np.sqrt(np.arange(len(same)) + 0.5)
            spread[same] += (away * [np.cos(turn), np.sin(turn)]).T / UNIT
    return spread


def _look(role: str, state: str) -> tuple:
    """A marker's path, face and edge for a person's main role and state."""
    color, marker = ROLES[role]
    if state == GONE:
        color, marker = (charts.GREY, 0.5), "x"
    drawn = MarkerStyle(marker)
    path = drawn.get_path().transformed(drawn.get_transform())
    return path, to_rgba(color if state == MET else "white"), to_rgba(color)


def _key(ax: Axes) -> None:
    """What markers mean: the roles, as met; then hollow and gone."""
    lines = [(role, role, MET) for role in ROLES]
    lines += [("not met", "buyer", NOT_MET), ("gone", "buyer", GONE)]
    rows = np.arange(len(lines))
    paths, faces, edges = zip(*(_look(role, state) for _, role, state in lines), strict=True)
    marks = ax.scatter(0 * rows, rows, s=(0.72 * MARK) ** 2, linewidths=2.5, label="key")
    marks.set(paths=paths, facecolor=faces, edgecolor=edges)
    for row, (words, *_) in enumerate(lines):
        ax.text(0.12, row, words, va="center")
    ax.set(xlim=(-0.1, 1), ylim=(len(lines) - 0.5, -0.5))
    ax.axis("off")


def _described(centre: Centre, i: int, state: str) -> str:
    person = centre.people.iloc[i]
    stance = f"{person['stance']:+g}".replace("-", "−").replace("+0", "0")
    return (
        f"{centre.labels[i]}, {person['title']} ({', '.join(centre.roles[i])}), has influence "
        f"{person['influence']:g} of 5 and stance {stance}: {state}."
    )


def _probability(chance: object) -> float:
    """The chance as a number; raise CourseError when it is none between 0 and 1."""
    try:
        number = np.asarray(chance, dtype=float).item()
    except (TypeError, ValueError):
        raise CourseError("chance must return one number, the chance to win.") from None
    if not 0 <= number <= 1:
        raise CourseError(f"chance must return a number from 0 to 1, and here it is {number:g}.")
    return number


def _distinct(names: pd.Series, ids: pd.Series) -> list[str]:
    """The names, with the number behind those that several share."""
    several = names.duplicated(keep=False)
    return [
        f"{name} ({number})" if shared else name
        for name, number, shared in zip(names, ids, several, strict=True)
    ]


def _centres(people: pd.DataFrame) -> dict[str, Centre]:
    """Each account's people, by the account's name, in the order of the frame."""
    heads = people.drop_duplicates("account_id")
    names = _distinct(heads["account"], heads["account_id"])
    known = people[people["contact_id"].notna()]
    return {
        name: Centre(name, known[known["account_id"] == number])
        for name, number in zip(names, heads["account_id"], strict=True)
    }


def _checked(people: pd.DataFrame) -> pd.DataFrame:
    """Return the people, typed; raise CourseError when they cannot be put on a map."""
    missing = [name for name in [*COLUMNS, *SCALES, "met"] if name not in people.columns]
    if missing:
        raise CourseError(f"buying_centre needs the column {missing[0]!r}: merge it to the people.")
    if people.empty:
        raise CourseError("Here are no accounts: a buying centre needs at least one.")
    known = people[people["contact_id"].notna()]
    for name in [*COLUMNS, *SCALES, "met"]:
        if name != "account" and known[name].isna().any():
            raise CourseError(f"Somebody's {name} is missing: fill or drop it first.")
    if known["contact_id"].duplicated().any():
        raise CourseError("Some contact_id stands twice: one row per person, please.")
    roles = {role for roles in known["roles"] for role in str(roles).split(";")}
    if unknown := roles - set(ROLES):
        raise CourseError(f"No role is called {min(unknown)!r}: the roles are {', '.join(ROLES)}.")
    for name, (low, high) in SCALES.items():
        if not pd.to_numeric(known[name], errors="coerce").between(low, high).all():
            raise CourseError(f"{name} runs from {low} to {high}, and somebody's does not.")
    if not known["met"].isin([True, False]).all():
        raise CourseError("met is True or False, and somebody's is neither.")
    return people.assign(account=people["account"].fillna(people["account_id"]))
