"""The cases 07a-07e: the evidence board. Findings against hypotheses, and what doubt remains.

Heuer (1999) calls it analysis of competing hypotheses. The weights are ours: a finding that fits
a hypothesis is so many times as likely to be seen if it is true as if nothing were known, and one
that speaks against it as many times less. What fits all alike cancels out: it counts for nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from numbers import Real

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.path import Path

from helpers import charts
from helpers.churn import CAUSES
from helpers.data import CourseError
from helpers.panels.base import Panel, buttons, choice, slider

RATINGS = {"fits": 1, "says nothing": 0, "speaks against": -1}
SIGNS = {1: "+", 0: "o", -1: "–"}  # as the sheet has them
UNDECIDED = "not yet"
MOST = 9  # findings: what the picture holds, and a class
HEIGHT = 340  # with the controls, four lines of text and four of code it fills a slide
DATES, SPANS = (dt.date, np.datetime64), (dt.timedelta, np.timedelta64)  # also those of pandas
# How a place looks: open, fits, says nothing, speaks against; told apart without colour.
OPEN = (Path([(-0.3, 0), (0.3, 0)], [1, 2]), charts.GREY)
LOOKS = {
    1: (Path([(-0.9, 0), (-0.3, -0.8), (1, 0.9)]), charts.GREEN),
    0: (Path.circle(radius=0.45), charts.GREY),
    -1: (
        Path([(-0.8, -0.8), (0.8, 0.8), (-0.8, 0.8), (0.8, -0.8)], [1, 2, 1, 2]),
        charts.VERMILLION,
    ),
}


def belief(ratings: pd.DataFrame, *, weight: float = 3) -> pd.Series:
    """Return how likely each hypothesis is after the findings, all alike before them.

    `ratings`: one row per finding, one column per hypothesis, from -1 (speaks against) over 0 (says
    nothing) to 1 (fits); NaN, not rated yet, counts as 0. A rating of 1 makes a hypothesis
    `weight` times as likely, against the others; -1 as many times less. The shares add up to 1.
    Findings count as independent of each other: what is said twice counts twice.
    """
    if not weight >= 1:
        raise CourseError(f"weight is a number from 1, and {weight!r} is not.")
    odds = ratings.fillna(0).sum() * np.log(weight)
    shares = np.exp(odds - odds.max())
    return shares / shares.sum()


def evidence_board(
    findings: Mapping[str, object],
    *,
    hypotheses: tuple[str, ...] = tuple(CAUSES),
    voters: int | None = None,
    **hooks,
) -> EvidenceBoard:
    """A board on which findings are rated against hypotheses, until a diagnosis is committed.

    `findings`: a short text → the number, date or row of a table (Series, or DataFrame of one row)
    that backs it; a text backs nothing. Controls: "finding", "hypothesis" and "rating" (a press
    rates and moves on to the next open place); "weight" (how many times likelier a finding is
    under a hypothesis that it fits); "diagnosis" and "certainty", kept for good by "Commit". With
    `voters`, the size of a class, two sliders for the hands counted stand in the rating's place.
    `hooks` are `state` and `on_commit` of Panel: `on_commit` gets all values after every rating,
    so that nothing is lost, and what it returns is shown. `.diagnosis` is the hypothesis committed
    last, or `...`; `.sheet()` the whole board as a table, to print.
    """
    return EvidenceBoard(findings, hypotheses=hypotheses, voters=voters, **hooks)


class EvidenceBoard(Panel):
    """See `evidence_board`."""

    def __init__(
        self,
        findings: Mapping[str, object],
        *,
        hypotheses: tuple[str, ...],
        voters: int | None,
        state: Mapping[str, object] | None = None,
        on_commit=None,
    ):
        self._given, self._hypotheses, self._voters = findings, list(hypotheses), voters
        # A copy: what is put into the student's dict later is not on this board.
        self._findings = dict(findings) if isinstance(findings, Mapping) else {}
        self._keep, self._note = on_commit or (lambda values: None), ""
        state = state if isinstance(state, Mapping) else {}
        self._ratings = _kept_ratings(state.get("ratings"))
        self._commits = _kept_commits(state.get("commits"))
        self._rated_last = None
        self._titles = {f"{n} {text}": text for n, text in enumerate(self._findings, 1)}
        names = list(self._titles) or ["none"]
        if voters:
            hands = {str(n): n for n in range(voters + 1)}
            rating = {
                "fits": slider("hands: fits", hands, 0),
                "against": slider("hands: against", hands, 0),
            }
            for control in rating.values():
                control.style.description_width = "7.5em"
        else:
            rating = {"rating": buttons("", list(RATINGS), None)}
            rating["rating"].style.description_width = "19em"  # what it may say: see _show_rating
        weights = {f"× {n}": n for n in (1, 2, 3, 4, 5, 7, 10)}
        sure = {f"{percent} %": percent for percent in range(15, 101, 5)}
        self.controls = {
            "finding": choice("finding", names, names[0]),
            "hypothesis": choice("hypothesis", self._hypotheses, self._hypotheses[0]),
            **rating,
            "weight": slider("a fit weighs", weights, 3),
            "diagnosis": choice("diagnosis", [UNDECIDED, *self._hypotheses], UNDECIDED),
            "certainty": slider("I am sure to", sure, 50),
        }
        if not voters:  # two beside each other in a narrow window
            for control in set(self.controls.values()) - set(rating.values()):
                control.layout.width = "350px"
        # Beside the rating, on a slide.
        self.controls["weight"].layout = {"width": "320px", "margin": "2px 2px 2px 14px"}
        for name in ("weight", "diagnosis", "certainty"):
            control = self.controls[name]
            known = [each[1] if isinstance(each, tuple) else each for each in control.options]
            if state.get(name) in known:
                control.value = state[name]
        if self._findings:
            self._go_on()
        super().__init__(
            self.controls,
            caption="The evidence board: a row for each hypothesis, a column for each finding; "
            "a tick fits, a cross speaks against, a circle says nothing, a dash is open; the bars "
            "show how likely each hypothesis is after all that.",
            height=HEIGHT,
            on_commit=lambda values: self._commit(),
        )
        self.commit.description = "Commit"
        self.commit.disabled = self._background is None

    @property
    def values(self) -> dict:
        """What the controls stand at, all ratings, and the diagnoses committed so far."""
        kept = {name: self.controls[name].value for name in ("weight", "diagnosis", "certainty")}
        return kept | {"ratings": self._ratings, "commits": self._commits}

    @property
    def diagnosis(self) -> object:
        """The hypothesis committed last, or `...`."""
        return self._commits[-1]["diagnosis"] if self._commits else ...

    def ratings(self) -> pd.DataFrame:
        """The ratings, from -1 to 1: a row for each finding, a column for each hypothesis."""
        rows = [self._ratings.get(finding, {}) for finding in self._findings]
        rated = [[self._rated(row.get(each, np.nan)) for each in self._hypotheses] for row in rows]
        return pd.DataFrame(
            rated, index=list(self._findings), columns=self._hypotheses, dtype=float
        )

    def sheet(self) -> pd.io.formats.style.Styler:
        """The whole board as a table, to print: + fits, o says nothing, – speaks against."""
        _check(self._given)
        ratings = self.ratings()
        signs = ratings.map(lambda rating: "" if np.isnan(rating) else SIGNS[_side(rating)])
        shares = belief(ratings, weight=self.controls["weight"].value).map(_percent)
        signs.index = list(self._titles)
        rows = pd.concat([signs, shares.to_frame("how likely").T]).reset_index(names="finding")
        backed = [*map(_in_words, self._findings.values()), ""]
        rows.insert(1, "backed by", backed)
        said = f"Committed: {self.diagnosis}" if self._commits else "No diagnosis committed yet"
        left = {"selector": "th, td, caption", "props": "text-align: left"}
        caption = f"{said}. + fits, o says nothing, – speaks against."
        return rows.style.hide().set_caption(caption).set_table_styles([left])

    # ---- the picture -------------------------------------------------------------------------

    def draw(self, fig: Figure) -> None:
        _check(self._given)
        self._ax = ax = fig.add_axes((0, 0, 1, 1))
        rows, columns = len(self._hypotheses), len(self._findings)
        ax.set(xlim=(0, 900), ylim=(rows + 0.5, -2.5))
        ax.axis("off")
        for row, hypothesis in enumerate(self._hypotheses):
            ax.text(8, row, hypothesis, va="center_baseline", parse_math=False)
            ax.axhline(row - 0.5, color=charts.GREY, alpha=0.4, linewidth=1, linestyle="-")
        ax.axhline(rows - 0.5, color=charts.GREY, alpha=0.4, linewidth=1, linestyle="-")
        step = min(60, 400 / columns)
        self._columns = 265 + step * np.arange(columns)
        for n, x in enumerate(self._columns, 1):
            ax.text(x, -0.95, str(n), ha="center", va="center_baseline", weight="bold")
        self._bar_from = self._columns[-1] + 40
        for x, y, words in (
            (8, -0.95, "finding"),
            (self._bar_from, -0.95, "how likely"),
            (8, rows, "tells apart"),
        ):
            ax.text(x, y, words, va="center_baseline", color=charts.GREY)
        self._bar_room = 900 - 110 - self._bar_from  # beside the percent that ends a bar
        self._spots = np.array([(x, row) for x in self._columns for row in range(rows)])
        self._marks = ax.scatter(*self._spots.T, s=80, linewidths=3, label="places")
        self._marks.set_facecolor("none")
        weights = [Rectangle((x - 20, rows - 0.2), 0, 0.4) for x in self._columns]
        bars = [Rectangle((self._bar_from, row - 0.28), 0, 0.56) for row in range(rows)]
        for bar in (*weights, *bars):
            bar.set(facecolor=charts.BLUE, animated=True)
            ax.add_patch(bar)
        self._weights, self._bars = weights, bars
        self._percents = [ax.text(0, row, "", va="center_baseline") for row in range(rows)]
        self._title = ax.text(
            8, -1.95, "", weight="bold", size=19, va="center_baseline", parse_math=False
        )
        self._frame = Rectangle((0, 0), 44, 0.92, fill=False, linewidth=2.5, edgecolor=charts.INK)
        ax.add_patch(self._frame)
        for artist in (self._marks, *self._percents, self._title, self._frame):
            artist.set_animated(True)

    def update(self, values: dict) -> str:
        ratings = self.ratings()
        shares = belief(ratings, weight=values["weight"])
        self._show(ratings, shares)
        spread = ratings.fillna(0).max(axis=1) - ratings.fillna(0).min(axis=1)
        finding, hypothesis = self._place()
        rating, rated = ratings.loc[finding, hypothesis], ratings.notna()
        backed = f"{self._title_of(finding)} ({_in_words(self._findings[finding])})"
        said = [f"{backed}: would we see it if the cause were “{hypothesis}”?"]
        if not np.isnan(rating):
            said.append(self._answer(rating))
        judged = self._rated_last or finding
        if rated.loc[judged].all() and spread[judged] == 0:
            alike = f"Finding {self._number(judged)} is the same for all hypotheses"
            said.append(f"{alike}: it counts for nothing.")
        count = rated.to_numpy().sum()
        said.append(f"{count} of {rated.size} rated.")
        if spread.any() and count >= len(self._hypotheses):  # else the bars say enough
            said.append(self._standing(ratings, shares, values["weight"]))
        if self._commits:
            last = self._commits[-1]
            said.append(f"Committed: {last['diagnosis']}, {last['certainty']} % sure.")
        elif spread.any() and rated.all(axis=None):
            said.append("Now choose a diagnosis, say how sure you are, and press Commit.")
        return " ".join([*said, self._note]).rstrip()

    def _show(self, ratings: pd.DataFrame, shares: pd.Series) -> None:
        flat = ratings.to_numpy().ravel()
        looks = [OPEN if np.isnan(each) else LOOKS[_side(each)] for each in flat]
        paths, colors = zip(*looks, strict=True)
        self._marks.set_paths(paths)
        self._marks.set_edgecolor(colors)
        words = ["open" if np.isnan(each) else f"{each:g}" for each in flat]
        self._marks.set_label(" ".join(words))  # for those who read what was drawn
        filled = ratings.fillna(0)
        spread = (filled.max(axis=1) - filled.min(axis=1)) / 2
        for bar, wide in zip(self._weights, spread, strict=True):
            bar.set_width(40 * wide)
        first = shares.max()
        for bar, words, share in zip(self._bars, self._percents, shares, strict=True):
            width = self._bar_room * share
            bar.set_width(width)
            leads = share == first and share > shares.min()
            bar.set_facecolor(charts.BLUE if leads else charts.GREY)
            words.set_text(_percent(share).replace("over", ">").replace("under", "<"))
            words.set_x(self._bar_from + width + 8)
            words.set_weight("bold" if leads else "normal")
        finding, hypothesis = self._place()
        here = ratings.index.get_loc(finding), ratings.columns.get_loc(hypothesis)
        x, y = self._columns[here[0]], here[1]
        self._frame.set_xy((x - 22, y - 0.46))
        title = f"{self._title_of(finding)}: {_in_words(self._findings[finding])}"
        self._title.set_text(charts.shortened(title, 58))

    def _standing(self, ratings: pd.DataFrame, shares: pd.Series, weight: float) -> str:
        """Who leads, what doubt remains, and which single finding the lead hangs on."""
        order = shares.sort_values(ascending=False, kind="stable")
        first, second = order.index[:2]
        level = np.isclose(order, order.iloc[0]).sum()
        if level > 1:
            which = f"{_upper(first)} and {second}" if level == 2 else f"{level} hypotheses"
            return f"{which} are level at {_percent(order.iloc[0])}."
        said = (
            f"{_upper(first)} leads with {_percent(order.iloc[0])}, then {second} with "
            f"{_percent(order.iloc[1])}; remaining doubt {_percent(1 - order.iloc[0])}."
        )
        for finding in ratings.index:
            without = belief(ratings.drop(index=finding), weight=weight)
            if without.max() > without[first] or np.isclose(
                without.drop(first).max(), without[first]
            ):
                return f"{said} Without finding {self._number(finding)} the lead is gone."
        return f"{said} No single finding carries the lead."

    # ---- moves -------------------------------------------------------------------------------

    def settle(self, name: str) -> None:
        """A press rates and moves on; another place shows how it is rated."""
        finding, hypothesis = self._place()
        if name in ("finding", "hypothesis"):
            self._rated_last = None
            if name == "finding":
                self._open_place(finding)
            self._show_rating()
        elif name == "rating" and self.controls["rating"].value is not None:
            self._rate(finding, hypothesis, RATINGS[self.controls["rating"].value])
            self._go_on()
        elif name in ("fits", "against"):
            other = self.controls["against" if name == "fits" else "fits"]
            other.value = min(other.value, self._voters - self.controls[name].value)
            votes = [self.controls["fits"].value, self.controls["against"].value]
            self._rate(finding, hypothesis, votes)

    def _moved(self, name: str) -> None:
        was_settling = self._settling
        super()._moved(name)
        if not was_settling and name not in ("finding", "hypothesis"):
            self._save()  # after the picture: nobody waits for the disk

    def _save(self) -> None:
        note = self._keep(self.values) or ""
        if note != self._note:
            self._note = note
            self._redraw()

    def _commit(self) -> None:
        diagnosis = self.controls["diagnosis"].value
        ratings = self.ratings().fillna(0)
        if diagnosis == UNDECIDED:
            self._note = "Choose a diagnosis first, and say how sure you are."
        elif not (ratings.max(axis=1) > ratings.min(axis=1)).any():
            self._note = "No finding tells the hypotheses apart yet: a diagnosis needs one."
        else:
            self._commits = [
                *self._commits,
                {"diagnosis": diagnosis, "certainty": self.controls["certainty"].value},
            ]
            self._note = self._keep(self.values) or ""
        self._redraw()

    def _rate(self, finding: str, hypothesis: str, rating: object) -> None:
        self._rated_last = finding
        self._ratings = self._ratings | {
            finding: self._ratings.get(finding, {}) | {hypothesis: rating}
        }

    def _place(self) -> tuple[str, str]:
        return self._titles[self.controls["finding"].value], self.controls["hypothesis"].value

    def _open_place(self, finding: str) -> bool:
        """Move to the first hypothesis against which a finding is not rated yet."""
        rated = self._ratings.get(finding, {})
        still_open = [each for each in self._hypotheses if each not in rated]
        self.controls["hypothesis"].value = (still_open or self._hypotheses)[0]
        return bool(still_open)

    def _go_on(self) -> None:
        """Move to the next open place; where none is left, stay."""
        titles = list(self._titles)
        here = titles.index(self.controls["finding"].value)
        for title in titles[here:] + titles[:here]:
            if set(self._hypotheses) - set(self._ratings.get(self._titles[title], {})):
                self.controls["finding"].value = title
                self._open_place(self._titles[title])
                break
        self._show_rating()

    def _show_rating(self) -> None:
        finding, hypothesis = self._place()
        rating = self._ratings.get(finding, {}).get(hypothesis)
        if self._voters:
            votes = rating if isinstance(rating, list) else [0, 0]
            for name, hands in zip(("fits", "against"), votes, strict=True):
                self.controls[name].value = min(hands, self._voters)
        else:
            side = None if rating is None else _side(self._rated(rating))
            words = {value: word for word, value in RATINGS.items()}
            self.controls["rating"].value = words.get(side)
            asked = f"If it were {hypothesis}, finding {self._number(finding)}"
            self.controls["rating"].description = asked

    def _rated(self, rating: object) -> float:
        """A rating from -1 to 1; of hands counted, those for less those against, as a share."""
        if isinstance(rating, list):
            return (rating[0] - rating[1]) / max(self._voters or 0, sum(rating), 1)
        return float(rating)

    def _answer(self, rating: float) -> str:
        words = {value: word for word, value in RATINGS.items()}
        exact = "" if rating in words else f" ({rating:+.2f})"
        return f"Rated: it {words[_side(rating)]}{exact}."

    def _number(self, finding: str) -> int:
        return list(self._findings).index(finding) + 1

    def _title_of(self, finding: str) -> str:
        return f"{self._number(finding)} {finding}"


def _percent(share: float) -> str:
    """A share as text; one that rounds to all or nothing is neither: some doubt remains."""
    if 0.005 <= share <= 0.995:
        return charts.percent(share)
    return "over 99 %" if share > 0.5 else "under 1 %"


def _side(rating: float) -> int:
    """The rating that the picture shows: 1, 0 or -1."""
    return 0 if abs(rating) < 1 / 3 else int(np.sign(rating))


def _kept_ratings(kept: object) -> dict[str, dict[str, object]]:
    """The ratings of a state, without what is none: the file may be older, or edited."""

    def is_rating(each: object) -> bool:
        if isinstance(each, list):
            return len(each) == 2 and all(type(hands) is int and hands >= 0 for hands in each)
        return isinstance(each, Real) and -1 <= each <= 1

    if not isinstance(kept, Mapping):
        return {}
    return {
        finding: {name: rating for name, rating in row.items() if is_rating(rating)}
        for finding, row in kept.items()
        if isinstance(row, Mapping)
    }


def _kept_commits(kept: object) -> list[dict[str, object]]:
    """The commits of a state, without what is none."""
    kept = kept if isinstance(kept, list) else []
    return [
        each for each in kept if isinstance(each, dict) and {"diagnosis", "certainty"} <= {*each}
    ]


def _check(findings: Mapping[str, object]) -> None:
    """Raise CourseError where a finding is missing, has no text, or nothing that backs it."""
    if not isinstance(findings, Mapping):
        kind = type(findings).__name__
        raise CourseError(f"findings is a dict, short text → what backs it, not a {kind}.")
    if not findings:
        raise CourseError('Put a finding on the board first: findings["in few words"] = a number.')
    if len(findings) > MOST:
        raise CourseError(
            f"The board holds {MOST} findings, and here are {len(findings)}: drop those that fit "
            "all hypotheses alike."
        )
    for text, backing in findings.items():
        if not isinstance(text, str) or not text.strip():
            raise CourseError(f"A finding is told in a few words in quotes, and {text!r} is not.")
        _in_words(backing, text)


def _in_words(backing: object, finding: str = "this finding") -> str:
    """What backs a finding, as it is shown; CourseError when nothing does."""
    if isinstance(backing, pd.DataFrame):
        if len(backing) != 1:
            raise CourseError(
                f"“{finding}” is backed by a table of {len(backing)} rows: choose one row, or "
                "count them."
            )
        backing = backing.iloc[0]
    if isinstance(backing, pd.Series):
        if backing.empty:
            raise CourseError(f"“{finding}” is backed by an empty row: what did you filter?")
        cells = [_cell(value) for value in backing if not _is_missing(value)]
        if cells:
            return charts.shortened(", ".join(cells), 110)
        raise CourseError(f"“{finding}” is backed by a row in which every value is missing.")
    if isinstance(backing, (*DATES, *SPANS, pd.Period)):
        if not _is_missing(backing):
            return _cell(backing)
    elif isinstance(backing, (Real, np.bool_)):
        if np.isfinite(float(backing)):
            return _cell(backing)
        raise CourseError(f"“{finding}” is backed by {backing}: no number came out.")
    if isinstance(backing, str):
        raise CourseError(
            f"“{finding}” is backed by a text: give the number, or the row of the table, that "
            "shows it."
        )
    raise CourseError(
        f"“{finding}” is backed by nothing yet: give the number or row that shows it."
    )


def _is_missing(value: object) -> bool:
    return pd.api.types.is_scalar(value) and bool(pd.isna(value))


def _cell(value: object) -> str:
    if isinstance(value, DATES):
        return f"{pd.Timestamp(value):%Y-%m-%d}"
    if isinstance(value, SPANS):
        return f"{pd.Timedelta(value).days} days"
    if isinstance(value, (Real, np.bool_)) and not isinstance(value, (bool, np.bool_)):
        whole = abs(value) >= 100 or float(value).is_integer()
        return f"{value:,.0f}" if whole else f"{value:.3g}"
    return str(value)


def _upper(text: str) -> str:
    return text[0].upper() + text[1:]
