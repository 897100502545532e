"""Lessons: feedback, prompts, recall, progress, glossary and claims for the notebooks.

Rooms: `feedback` (check, hint, solutions) judges with `answers` (read and compare); `forms` asks
(predict, reveal, recall); `reference` and `concepts` look up (glossary, claims, progress; where an
idea is taught); `store` keeps the progress file; `cards` draws. What the chapters define is in
`helpers.exercises`.
"""

from helpers.lessons.concepts import concepts
from helpers.lessons.feedback import Feedback, check, exercises, hint, mistakes, solution
from helpers.lessons.forms import predict, recall, reveal
from helpers.lessons.reference import claims, glossary, progress

__all__ = [
    "Feedback",
    "check",
    "claims",
    "concepts",
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
