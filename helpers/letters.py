"""A canvas that draws text in a fifth of the time: most of a picture's cost is its words."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.font_manager import FontProperties, findfont, get_font
from PIL import Image, ImageDraw, ImageFont


class LettersCanvas(FigureCanvasAgg):
    """The canvas of a figure that keeps its size."""

    def get_renderer(self) -> RendererAgg:
        if not hasattr(self, "renderer"):
            self.renderer = LettersRenderer(*self.figure.bbox.size, self.figure.dpi)
        return self.renderer


class LettersRenderer(RendererAgg):
    """Matplotlib places each line of text, and Pillow draws it.

    Agg itself draws what is slanted, mathematical or in need of a second font.
    """

    def draw_text(self, gc, x, y, s, prop, angle, ismath=False, mtext=None) -> None:
        if ismath or angle or not _has_all(findfont(prop), s):
            super().draw_text(gc, x, y, s, prop, angle, ismath, mtext)
            return
        shades, left, below, _ = self._letters(s, prop)
        ink = np.empty((*shades.shape, 4), dtype=np.uint8)
        *color, opacity = gc.get_rgb()
        ink[..., :3] = np.multiply(color, 255).round()
        ink[..., 3] = shades * opacity
        baseline = self.height - round(y - 0.01)  # halves go one way, whatever the last digits say
        self.draw_image(gc, round(x) + left, baseline - below, ink)

    def get_text_width_height_descent(self, s, prop, ismath) -> tuple[float, float, float]:
        if ismath or not _has_all(findfont(prop), s):
            return super().get_text_width_height_descent(s, prop, ismath)
        shades, _, below, width = self._letters(s, prop)
        return width, len(shades), below

    def _letters(self, text: str, prop: FontProperties) -> tuple[np.ndarray, int, int, float]:
        return _letters(text, findfont(prop), prop.get_size_in_points() * self.dpi / 72)


@lru_cache(maxsize=1000)
def _letters(text: str, path: str, pixels: float) -> tuple[np.ndarray, int, int, float]:
    """A line of text as shades of its ink, from the bottom up.

    Beside it: pixels from the line's start to its left edge, from the baseline to its lower
    edge, and to where a next letter would stand.
    """
    font = _font(path, pixels)
    left, above, right, below = font.getbbox(text, anchor="ls")
    letters = Image.new("L", (right - left, below - above))
    ImageDraw.Draw(letters).text((-left, -above), text, fill=255, font=font, anchor="ls")
    return np.asarray(letters)[::-1], left, below, font.getlength(text)


def _has_all(path: str, text: str) -> bool:
    return text.isascii() or set(map(ord, text)) <= glyphs(path)


@lru_cache
def glyphs(path: str) -> frozenset[int]:
    """The characters that a font can draw, as numbers."""
    return frozenset(get_font(path).get_charmap())


@lru_cache
def _font(path: str, pixels: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, pixels, layout_engine=ImageFont.Layout.BASIC)
