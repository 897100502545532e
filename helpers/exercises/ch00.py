"""Chapter 00, start here: the first check, and one prediction to try out."""

from __future__ import annotations

from helpers import data
from helpers.exercises import Exercise, Mistake, Prediction

EXERCISES = [
    Exercise(
        "0.1",
        "How many products does Lanhe sell?",
        unit="products",
        tolerance=0,
        answer=lambda: len(data.read("products")),
        mistakes=[
            Mistake(
                lambda: data.read("products")["line"].nunique(),
                "That counts product lines; each line has several products.",
            ),
            Mistake(
                lambda: data.read("products").size,
                "That counts the cells of the table (.size); a product is a row.",
            ),
            Mistake(
                lambda: data.read("products").shape[1],
                "That counts columns; a product is a row.",
            ),
        ],
        insight="len(table) counts rows. You will type it a hundred times.",
        hints=(
            "One row of the table products is one product.",
            "len(something) says how long it is.",
            "len(products)",
        ),
        minutes=1,
    ),
]

PREDICTIONS = [
    Prediction(
        "00.gone",
        "Of 100 accounts in the customer file, how many ordered nothing in 2025?",
        unit="accounts",
        low=0,
        high=100,
    ),
]
