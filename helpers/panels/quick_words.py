"""Words that are drawn in a tenth of the time: for a panel whose picture is full of them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.font_manager import findfont
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from PIL import Image, ImageDraw, ImageFont

MIDDLE = 0.37  # of the size: how far below a line's middle its letters stand


class QuickWords(Text):
    """Text on one line, drawn by Pillow: its height is that of the line's middle.

    It knows a colour, a size, a weight and a side ("left" or "right"), and nothing else of Text.
    """

    def draw(self, renderer) -> None:
        if not self.get_visible() or not self.get_text():
            return
        left, bottom, right, top = self.get_window_extent(renderer).extents.astype(int)
        letters = Image.new("L", (right - left, top - bottom))
        x, y = self._start()
        ImageDraw.Draw(letters).text(
            (x - left, top - y), self.get_text(), fill=255, font=self._font(), anchor="ls"
        )
        ink = np.empty((*letters.size[::-1], 4), dtype=np.uint8)
        ink[..., :3] = np.multiply(to_rgb(self.get_color()), 255).round()
        ink[..., 3] = np.asarray(letters)[::-1]  # from the bottom up
        renderer.draw_image(renderer.new_gc(), left, bottom, ink)
        self.stale = False

    def get_window_extent(self, renderer=None, dpi=None) -> Bbox:
        x, y = self._start()
        left, above, right, below = self._font().getbbox(self.get_text(), anchor="ls")
        return Bbox.from_extents(x + left, y - below, x + right, y - above)

    def _start(self) -> tuple[int, int]:
        """Where the letters stand from: pixels from the left and from the bottom."""
        x, y = self.get_transform().transform(self.get_unitless_position())
        if self.get_ha() == "right":
            x -= self._font().getlength(self.get_text())
        return round(x), round(y - MIDDLE * self._font().size)

    def _font(self) -> ImageFont.FreeTypeFont:
        pixels = round(self.get_size() * self.get_figure().dpi / 72)
        return _font(self.get_fontproperties(), pixels)


@lru_cache
def _font(look, pixels: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(findfont(look), pixels, layout_engine=ImageFont.Layout.BASIC)
