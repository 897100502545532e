"""Words in pictures: drawn by Pillow, they look as matplotlib's own would, and stand there too."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from helpers import charts
from helpers.letters import LettersCanvas


def red_light(canvas, words, **look):
    """The picture of some words in blue, which takes red light from the white page."""
    figure = Figure(figsize=(3, 1), dpi=100)
    drawn = canvas(figure)
    text = figure.text(0.503, 0.497, words, **{"size": 17.5, "color": charts.BLUE} | look)
    drawn.draw()
    assert text.get_window_extent().height > 1
    return 255 - np.asarray(drawn.buffer_rgba())[..., 0].astype(int)


def check_alike(words, **look):
    ours, theirs = (red_light(canvas, words, **look) for canvas in (LettersCanvas, FigureCanvasAgg))
    edges = [
        [rows.min(), rows.max(), columns.min(), columns.max()]
        for rows, columns in (np.nonzero(light > 0.4 * light.max()) for light in (ours, theirs))
    ]
    assert edges[0] == pytest.approx(edges[1], abs=2)
    assert ours.sum() == pytest.approx(theirs.sum(), rel=0.1)


@pytest.mark.parametrize("va", ["top", "center", "baseline", "bottom"])
@pytest.mark.parametrize("ha", ["left", "center", "right"])
@pytest.mark.parametrize("words", ["The 3rd\nof Πg", "¥13.3 m: 5 %", "$x^2$ + 1", "-"])
def test_letters_stand_where_those_of_matplotlib_would(words, va, ha):
    check_alike(words, va=va, ha=ha)


@pytest.mark.parametrize(
    "look",
    [
        {"rotation": 90},
        {"alpha": 0.4},
        {"color": (0, 0.4, 0.7, 0.4)},
        {"color": (0, 0.4, 0.7, 0.4), "alpha": 0.8},
        {"weight": "bold", "size": 44},
        {"family": "serif"},
        {"style": "italic", "size": 44},
        {"bbox": {"facecolor": charts.BLUE}, "color": "white"},
    ],
)
def test_letters_take_every_look(look):
    check_alike("jot", va="center", ha="center", **look)


def test_a_letter_that_the_first_font_has_not_comes_from_the_second():
    check_alike("to ᶁ", family=["DejaVu Sans", "STIXGeneral"])


@pytest.mark.parametrize("nothing", [" ", "a\n\nb", "\t", "\u200b"])
def test_words_without_ink_are_no_fault(nothing):
    red_light(LettersCanvas, nothing)
