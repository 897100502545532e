"""Why a customer was lost: the truth of the loaded world, and the exercise that asks for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from helpers import data
from helpers.churn import CAUSES
from helpers.exercises import Exercise, Mistake


def cause_of(account_id: str) -> str:
    """The true cause of an account's loss, as `churn.CAUSES` names it."""
    truth = data.read("truth")
    cause = truth.loc[truth["kind"].eq("account") & truth["id"].eq(account_id), "cause"].item()
    return next(name for name, words in CAUSES.items() if cause in words)


def accounts_of(case: str) -> list[str]:
    """The accounts of a case ("A" to "E"), in the order of the cases table."""
    cases = data.read("cases")
    return cases.loc[cases["case"] == case, "account_id"].tolist()


def diagnosis(
    exercise_id: str,
    *,
    case: str,
    against: Mapping[str, str],
    insight: str | Callable,
    hints: tuple[str, ...],
    question: str = "",
    minutes: float = 6,  # some fifty places to rate
) -> Exercise:
    """The exercise of a case that is answered on its evidence board.

    `against` says of each cause but the true one what speaks against it: the reason given to whom
    it misled.
    """
    return Exercise(
        exercise_id,
        f"{question or f'Why did we lose the business of case {case}?'} Commit a diagnosis on the "
        "board.",
        form="a choice",
        choices=tuple(CAUSES),
        answer=lambda: cause_of(accounts_of(case)[0]),
        mistakes=[Mistake(lambda cause=cause: cause, why) for cause, why in against.items()],
        insight=insight,
        hints=hints,
        minutes=minutes,
    )
