"""Lessons: feedback, prompts, recall, progress, glossary and claims for the notebooks.

Rooms: `feedback` (check, hint, solutions) judges with `answers` (read and compare); `forms` asks
(predict, reveal, recall); `boards` keeps and marks evidence boards; `reference` and `concepts` look
up (glossary, claims, progress; where an idea is taught); `store` keeps the progress file; `cards`
draws. What the chapters define is in `helpers.exercises`.
"""

from helpers.lessons.boards import board, diagnosis
from helpers.lessons.concepts import concepts
from helpers.lessons.feedback import Feedback, check, exercises, hint, mistakes, solution
from helpers.lessons.forms import predict, recall, reveal
from helpers.lessons.reference import claims, glossary, progress

__all__ = [
    "Feedback",
    "board",
    "check",
    "claims",
    "concepts",
    "diagnosis",
    "exercises",
    "glossary",
    "hint",
    "mistakes",
    "predict",
    "progress",
    "recall",
    "reveal",
    "solution",
]
