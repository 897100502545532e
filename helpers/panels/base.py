"""What every panel shares: controls, one picture that is redrawn quickly, and a line of text.

The picture is one figure for the panel's whole life. What never changes is drawn once; a move of
a control draws only the rest over it. While the browser waits for a redraw it keeps of all
further moves of a control the last (ipywidgets does that), so a held key never lags behind.
"""

from __future__ import annotations

import html
import io
from collections.abc import Callable, Mapping

import ipywidgets as widgets
import matplotlib as mpl
import numpy as np
from IPython.display import display
from matplotlib.artist import Artist
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from PIL import Image

from helpers import charts
from helpers.data import CourseError
from helpers.letters import LettersCanvas

# The picture stored in the notebook serves where no kernel runs, and hides while the panel lives;
# where a browser finds no living panel, the picture hides the note that says so.
STYLE = """<style>
.course-panel { --jp-widgets-font-size: 18px; --jp-widgets-inline-height: 36px; }
.course-panel p { font-size: 20px; line-height: 1.4; margin: 0; max-width: 900px; }
.jp-OutputArea:has(.course-panel) .course-panel-still,
.jp-OutputArea:has(.course-panel-still):not(:has(.course-panel)) .jupyter-widgets
{ display: none; }
</style>"""

# ipywidgets gives the handle of a slider no name, no unit, and a readout that pretends to be a
# text box; a row of buttons neither says that it belongs together nor which is pressed, and is made
# anew, without the focus that it had, whenever the kernel moves it; JupyterLab takes the arrow keys
# from a list of choices. Each new picture mends that, and makes the line of text one that is read
# out.
MEND = """
const panel = this.closest('.course-panel');
for (const slider of panel.querySelectorAll('.widget-hslider')) {
  const handle = slider.querySelector('[role=slider]');
  const readout = slider.querySelector('.widget-readout');
  handle.ariaLabel = slider.querySelector('label').textContent;
  handle.ariaValueText = readout.textContent;
  readout.contentEditable = 'false';
}
for (const row of panel.querySelectorAll('.widget-toggle-buttons')) {
  [row.role, row.ariaLabel] = ['group', row.querySelector('label').textContent];
  const buttons = row.getElementsByTagName('button');
  const press = () => {
    for (const button of buttons) button.ariaPressed = button.classList.contains('mod-active');
  };
  press();
  if (row.dataset.kept) continue;
  row.dataset.kept = 'focus';
  let focused = null;
  row.addEventListener('focusin', event => { focused = event.target.value; });
  row.addEventListener('focusout', event => setTimeout(() => {
    if (event.target.isConnected && !row.contains(document.activeElement)) focused = null;
  }));
  new MutationObserver(() => {
    press();
    if (focused !== null && document.activeElement === document.body)
      buttons[focused]?.focus({preventScroll: true});
  }).observe(buttons[0].parentNode, {childList: true});
}
for (const list of panel.querySelectorAll('select')) list.dataset.lmSuppressShortcuts = '';
panel.querySelector('.course-panel-text .widget-html-content').role = 'status';
"""


def _palette(*, steps: int = 16) -> Image.Image:
    """The house colours, each fading to white: a picture in them takes a third of the time.

    With more steps Pillow, which compares colours coarsely, would take near-white for white.
    """
    colors = (charts.BLUE, charts.VERMILLION, charts.GREEN, charts.PURPLE, charts.INK, charts.GREY)
    fades = [np.linspace(to_rgb(color), (1, 1, 1), steps) for color in colors]
    palette = Image.new("P", (1, 1))
    palette.putpalette((255 * np.concatenate(fades)).round().astype("uint8").tobytes())
    return palette


PALETTE = _palette()


def slider(label: str, options: Mapping[str, object], value: object) -> widgets.Widget:
    """A slider over `options`, text shown → value: the text may carry the unit."""
    return widgets.SelectionSlider(
        options=list(options.items()),
        value=value,
        description=label,
        style={"description_width": "6em"},
        layout={"width": "390px"},
    )


def percent_slider(label: str, value: int, *, low: int = 0, high: int = 100) -> widgets.Widget:
    """A slider over whole percent, its value shown with the unit."""
    return slider(label, {f"{percent} %": percent for percent in range(low, high + 1)}, value)


def round_steps(top: float, *values: float) -> list[float]:
    """Amounts for a slider: round ones from 0 to `top`, some forty, and `values` among them."""
    ten = 10.0 ** np.floor(np.log10(top / 40))
    step = next(ten * size for size in (1, 2, 5, 10) if ten * size >= top / 40 - 1e-12)
    amounts = np.round(step * np.arange(np.ceil(top / step - 1e-9) + 1), 10).tolist()
    amounts = [int(each) if each == int(each) else each for each in amounts]
    given = {f"{value:.12g}" for value in values}  # to be shown once, though they differ a little
    return sorted({*(each for each in amounts if f"{each:.12g}" not in given), *values})


def choice(label: str, options: list[str], value: str) -> widgets.Widget:
    """A list to choose one from."""
    return widgets.Dropdown(
        options=options,
        value=value,
        description=label,
        style={"description_width": "6em"},
        layout={"width": "390px"},
    )


def buttons(label: str, options: list[str], value: str | None) -> widgets.Widget:
    """A button for each option: unlike a list, one passes over them by Tab without choosing."""
    row = widgets.ToggleButtons(
        options=options,
        value=value,
        description=label,
        style={"description_width": "5em", "button_width": "auto"},
    )
    row.add_class("widget-inline-hbox")  # the label before the buttons, as with other controls
    return row


class Panel:
    """Controls, a picture and a line of text; a chapter's panel is a subclass.

    The subclass says in `draw(fig)` what stands in the picture (what will move: animated=True) and
    in `update(values)`, given the controls' values, where it moves to; it returns the text. Both
    are called from here, so it sets its own attributes first. `settle(name)` may adjust other
    controls after one was moved. A CourseError from drawing or updating is shown in place of the
    picture.

    `controls` names the widgets; `caption` says what the picture shows. `state` holds values to
    begin with; `on_commit`, when given, gets all values when "Keep this" is pressed.
    """

    def __init__(
        self,
        controls: Mapping[str, widgets.Widget],
        *,
        caption: str,
        width: int = 900,
        height: int = 400,
        state: Mapping[str, object] | None = None,
        on_commit: Callable[[dict], None] | None = None,
    ):
        self.controls = dict(controls)
        self.text = ""
        self._caption, self._width, self._height = caption, width, height
        # Two underscores, so that no subclass takes these names for a line in its picture.
        self.__picture, self.__line = widgets.HTML(), widgets.HTML()
        self.__line.add_class("course-panel-text")
        for name, value in (state or {}).items():
            self.controls[name].value = value
        for name, control in self.controls.items():
            control.observe(lambda _, name=name: self._moved(name), "value")
        self.commit = widgets.Button(description="Keep this")
        self.commit.on_click(lambda _: on_commit(self.values))
        shown = [*self.controls.values(), *([self.commit] if on_commit else [])]
        top = widgets.HBox(shown, layout={"flex_flow": "row wrap"})
        self._box = widgets.VBox([top, self.__picture, self.__line])
        self._box.add_class("course-panel")
        self._settling, self._background = False, None
        self._start()

    @property
    def values(self) -> dict:
        """What the controls stand at, by name."""
        return {name: control.value for name, control in self.controls.items()}

    def draw(self, fig: Figure) -> None:
        """Put everything on the empty figure, once."""
        raise NotImplementedError

    def update(self, values: dict) -> str:
        """Move what moves to suit the controls' values; return the text below the picture."""
        raise NotImplementedError

    def settle(self, name: str) -> None:
        """Adjust the other controls after `name` was moved."""

    def _start(self) -> None:
        with mpl.rc_context(charts.STYLE | {"figure.constrained_layout.use": False}):
            self._figure = Figure(figsize=(self._width / 100, self._height / 100), dpi=100)
            self._canvas = LettersCanvas(self._figure)
            try:
                self.draw(self._figure)
            except CourseError as problem:  # for good: there is nothing to move
                self._say(str(problem))
                for control in self.controls.values():
                    control.disabled = True
                return
        self._canvas.draw()
        self._background = self._canvas.copy_from_bbox(self._figure.bbox)
        self._moving = sorted(
            self._figure.findobj(lambda artist: artist.get_animated()), key=Artist.get_zorder
        )
        self._redraw()

    def _moved(self, name: str) -> None:
        nothing_to_move = self._background is None
        if nothing_to_move or self._settling:  # settle() moves several: one redraw serves for all
            return
        self._settling = True
        try:
            self.settle(name)
        finally:
            self._settling = False
        self._redraw()

    def _redraw(self) -> None:
        try:
            text = self.update(self.values)
        except CourseError as problem:
            self._say(str(problem))
            return
        self._say(text, png=self._png())

    def _png(self) -> bytes:
        self._canvas.restore_region(self._background)
        renderer = self._canvas.get_renderer()
        for artist in self._moving:
            artist.draw(renderer)
        png = io.BytesIO()
        pixels = Image.frombuffer("RGBA", (self._width, self._height), self._canvas.buffer_rgba())
        few_colors = pixels.convert("RGB").quantize(palette=PALETTE, dither=Image.Dither.NONE)
        few_colors.save(png, "png", compress_level=1)
        return png.getvalue()

    def _say(self, text: str, *, png: bytes | None = None) -> None:
        """Show a text under its picture; without a picture the text stands alone."""
        self.text, self._shot = text, png
        self.__picture.value = self._figure_html(onload=MEND) if png else ""
        words = html.escape(text).replace(" %", "&nbsp;%").replace("\n", "<br>")
        self.__line.value = f"<p>{words}</p>"

    def _figure_html(self, *, caption: str = "", onload: str = "") -> str:
        return charts.figure_html(
            self._shot,
            alt=f"{self._caption} {self.text}",
            caption=caption,
            size=(self._width, self._height),
            onload=onload,
        )

    def _ipython_display_(self) -> None:
        """Display the picture that is stored in the notebook, then the living panel."""
        note, still, drawn = self.text, f"<p>{html.escape(self.text)}</p>", ""
        if self._shot:
            labels = ", ".join(f"“{control.description}”" for control in self.controls.values())
            note = f"{self._caption} {self.text} (Run this cell to move it by {labels}.)"
            still = self._figure_html(caption=note)
            drawn = charts.describe(self._figure)
        for data in (
            {
                "text/html": f'{STYLE}<div class="course-panel-still">{still}</div>',
                "text/plain": f"{note}\n{drawn}",
            },
            {
                "application/vnd.jupyter.widget-view+json": {
                    "version_major": 2,
                    "version_minor": 0,
                    "model_id": self._box.model_id,
                },
                "text/plain": "",  # what stays of the living panel in a stored notebook
            },
        ):
            display(data, raw=True)
