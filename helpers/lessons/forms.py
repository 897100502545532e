"""Ask: for a guess before a result (predict, reveal), and quick questions at the end (recall).

Each form works with the keyboard and as a call (`predict("03.top20", 70)`,
`recall("03").answer(1, "…")`), and shows its questions as plain HTML where no kernel runs.
Widgets are imported when first shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from helpers import exercises as registry
from helpers.exercises import Prediction, Question, computed
from helpers.lessons import store
from helpers.lessons.answers import Misread, fold, read_number, read_text, scalar
from helpers.lessons.cards import Card, clean, number_text
from helpers.lessons.differences import same


class Form:
    """Something asked: widgets where a kernel runs, and a card for everywhere else."""

    def card(self) -> Card:
        raise NotImplementedError

    def widgets(self) -> list:
        raise NotImplementedError

    def __repr__(self) -> str:
        return repr(self.card())

    def _ipython_display_(self) -> None:
        """Display the card that a notebook stores, then the widgets: one of them hides itself."""
        import ipywidgets
        from IPython.display import display

        box = ipywidgets.VBox(self.widgets()).add_class("lesson-form")
        still = f'<div class="lesson-still">{self.card()._repr_html_()}</div>'
        display({"text/plain": repr(self), "text/html": still}, raw=True)
        display({**box._repr_mimebundle_(), "text/plain": ""}, raw=True)


@dataclass(frozen=True, repr=False)
class Prompt(Form):
    """A prediction that asks for its guess."""

    prediction: Prediction

    def card(self) -> Card:
        asked = self.prediction
        wanted = " / ".join(asked.choices) or _range(asked)
        said = f"Your guess: {wanted}. First thoughts count: it stands once the answer is shown."
        return Card(f"Predict: {asked.question}", (said,))

    def widgets(self) -> list:
        asked = self.prediction
        commit = partial(_commit, asked)
        return _ask(self.card(), asked, "Commit", commit, numeric=not asked.choices)


def predict(prediction_id: str, guess: object = None) -> Prompt | Card:
    """Ask for a guess, or keep the one given; it can be changed until `reveal` has shown it."""
    prediction, problem = registry.find("PREDICTIONS", str(prediction_id))
    if prediction is None:
        return Card(clean(problem))
    if guess is not None:
        return _commit(prediction, guess)
    entry = _entry(prediction)
    if "guess" in entry and "revealed" in entry:
        return Card(prediction.question, (f"Your guess: {_said(entry['guess'], prediction)}.",))
    return Prompt(prediction)


def reveal(prediction_id: str, fact: object) -> Card:
    """Show the fact beside the guess, and lock the guess."""
    prediction, problem = registry.find("PREDICTIONS", str(prediction_id))
    if prediction is None:
        return Card(clean(problem))
    try:
        fact = _read(fact, prediction, numeric=not prediction.choices)
    except Misread as said:
        return Card(prediction.question, (f"The fact cannot be shown. {said}",))
    entry = _entry(prediction)
    note = _keep(prediction, revealed=True)
    shown = f"Computed: {_said(fact, prediction)}."
    if "guess" not in entry:
        return Card(prediction.question, (shown, "You made no guess before you looked.", note))
    late = "(Guessed when the fact had been shown.)" if entry.get("late") else ""
    guessed = f"You guessed {_said(entry['guess'], prediction)}."
    comment = _comment(entry["guess"], fact, prediction)
    return Card(prediction.question, (guessed, shown, comment, late, note))


def _commit(prediction: Prediction, guess: object) -> Card:
    entry = _entry(prediction)
    if "guess" in entry and "revealed" in entry:
        said = f"It was {_said(entry['guess'], prediction)}, and it stands."
        return Card("Your guess", (said,), live=True)
    try:
        guess = _read(guess, prediction, numeric=not prediction.choices)
        if not prediction.choices and not prediction.low <= guess <= prediction.high:
            raise Misread(f"Give {_range(prediction)}.")
    except Misread as said:
        return Card("Your guess", (str(said),), live=True)
    late = "revealed" in entry
    note = _keep(prediction, guess=guess, late=late)
    stands = "It comes after the fact and stands." if late else "Change it until the fact is shown."
    said = f"Kept: {_said(guess, prediction)}. {stands}"
    return Card("Your guess", (said, note), live=True)


def _comment(guess: float | str, fact: float | str, prediction: Prediction) -> str:
    if prediction.choices:
        return "You saw it coming." if guess == fact else "Not what you expected."
    gap = abs(guess - fact) / (prediction.high - prediction.low)
    if gap <= 0.03:
        return "Very close."
    near = "Close, but" if gap <= 0.1 else "That is far off:" if gap > 0.3 else "It was"
    way = "high" if guess > fact else "low"
    return f"{near} too {way} by {_said(abs(guess - fact), prediction)}."


def _range(prediction: Prediction) -> str:
    high = number_text(prediction.high, prediction.unit)
    return f"a number from {number_text(prediction.low)} to {high}"


def _said(value: float | str, prediction: Prediction) -> str:
    return value if prediction.choices else number_text(value, prediction.unit)


def _entry(prediction: Prediction) -> dict:
    """What is kept of a prediction; a guess at what an older edition asked is no guess at this."""
    entry = store.read()["predictions"].get(prediction.id, {})
    guess = entry.get("guess")
    if prediction.choices:
        fits = guess in prediction.choices
    else:
        fits = type(guess) in (int, float) and prediction.low <= guess <= prediction.high
    if not fits:
        entry.pop("guess", None)
    return entry


def _keep(prediction: Prediction, **kept: object) -> str:
    def change(record: dict) -> None:
        record["predictions"].setdefault(prediction.id, {}).update(kept)

    return store.update(change)


def _read(value: object, asked: Prediction | Question, *, numeric: bool) -> float | str:
    """Return a reply as a number, or as the choice or text that is meant; else raise Misread."""
    if numeric:
        return read_number(value)
    text = read_text(value)
    for choice in asked.choices or [text]:
        if fold(choice) == fold(text):
            return choice
    raise Misread(f"Choose one of: {' / '.join(asked.choices)}.")


@dataclass(frozen=True, repr=False)
class Quiz(Form):
    """A chapter's recall questions."""

    chapter: str
    questions: list[Question]

    def card(self) -> Card:
        asked = [
            question.text + (f" ({' / '.join(question.choices)})" if question.choices else "")
            for question in self.questions
        ]
        return Card(f"Recall, chapter {self.chapter}", items=asked)

    def widgets(self) -> list:
        rows = []
        for number, question in enumerate(self.questions, 1):
            card = Card(f"{number}. {question.text}")
            numeric = type(_right(question)) is float
            rows += _ask(card, question, "Answer", partial(self.answer, number), numeric=numeric)
        return rows

    def answer(self, number: int, value: object) -> Card:
        """Judge the answer to question `number` (from 1) and say the reason."""
        numbers = range(1, len(self.questions) + 1)
        if type(number) is not int or number not in numbers:
            return Card("○ Not yet", (f"The questions have the numbers 1 to {len(numbers)}.",))
        question = self.questions[number - 1]
        right = _right(question)
        try:
            reply = _read(value, question, numeric=type(right) is float)
        except Misread as said:
            return Card("○ Not yet", (str(said),), live=True)
        good = any(same(reply, each, question) for each in (right, *question.also))

        def change(record: dict) -> None:
            entry = record["recall"].setdefault(f"{self.chapter}.{number}", {})
            entry["tries"] = entry.get("tries", 0) + 1
            entry["right"] = good

        note = store.update(change)
        said = number_text(reply, question.unit) if type(reply) is float else clean(reply, 100)
        title, kind = (f"✓ Right: {said}", "right") if good else (f"✗ No: {said}", "wrong")
        return Card(title, (question.because, note), kind, live=True)


def recall(chapter: str) -> Quiz | Card:
    """Ask a chapter's quick questions: each answer gets its reason at once."""
    chapter = str(chapter).strip().casefold()
    if chapter not in registry.chapters():
        return Card(f'There is no chapter "{clean(chapter, 20)}"; write it like "03" or "07a".')
    return Quiz(chapter, registry.of_chapter(chapter, "RECALL"))


def _right(question: Question) -> float | str:
    return scalar(computed(question.right) if callable(question.right) else question.right)


def _typed(text: str) -> float | str:
    """Return the number that was typed, or the text as it is."""
    try:
        return float(text)
    except ValueError:
        return text


def _ask(card: Card, asked: Prediction | Question, verb: str, commit, *, numeric: bool) -> list:
    """Return the widgets of one question; `commit(value)` gives the card that replies.

    Choices are buttons, each reached by Tab and pressed by Space: the arrow keys are JupyterLab's.
    A number is typed into an empty field, so that no careless click commits a zero.
    """
    import ipywidgets

    reply = ipywidgets.HTML()

    def button(name: str, value) -> ipywidgets.Button:
        pressed = ipywidgets.Button(description=name, layout={"width": "auto"})
        pressed.on_click(lambda _: setattr(reply, "value", commit(value())._repr_html_()))
        return pressed

    question = ipywidgets.HTML(card._repr_html_())
    if asked.choices:
        buttons = [button(choice, lambda choice=choice: choice) for choice in asked.choices]
        return [question, *buttons, reply]
    name = f"Your answer ({asked.unit})" if asked.unit else "Your answer"
    field = ipywidgets.Text(description=name, style={"description_width": "initial"})
    read = _typed if numeric else str
    return [question, field, button(verb, lambda: read(field.value)), reply]
