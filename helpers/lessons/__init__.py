"""Lessons: feedback, prompts, recall, progress, glossary and claims for the notebooks.

Rooms: `feedback` judges with `answers` (read and compare), hints and hands out; `forms` asks
(predict, reveal, recall); `boards` keeps and marks evidence boards; `ledger` has the claims on
trial, `reference` glossary and progress, `concepts` where an idea is taught; `report` makes
the page of the capstone on a `sheet`; `store` keeps the progress file; `cards` draws. What the
chapters define is in `helpers.exercises`.
"""

from helpers.lessons.boards import board, diagnosis
from helpers.lessons.concepts import concepts
from helpers.lessons.feedback import Feedback, check, exercises, given, hint, mistakes, solution
from helpers.lessons.forms import predict, recall, reveal
from helpers.lessons.ledger import claims, ledger
from helpers.lessons.reference import glossary, progress
from helpers.lessons.report import report

__all__ = [
    "Feedback",
    "board",
    "check",
    "claims",
    "concepts",
    "diagnosis",
    "exercises",
    "given",
    "glossary",
    "hint",
    "ledger",
    "mistakes",
    "predict",
    "progress",
    "recall",
    "report",
    "reveal",
    "solution",
]
