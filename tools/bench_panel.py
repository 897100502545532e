"""Measures how long a panel takes from a key press to the painted picture, in a real browser.

`python -m tools.bench_panel` prints milliseconds (median and 95th percentile) for chapter 03's
panel and, in the same run, for the same picture made by plain `interact` and `plt.show`.
"""

import statistics
import tempfile
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from tests import browser

SETUP = """
import matplotlib.pyplot as plt, numpy as np, pandas as pd
from ipywidgets import IntSlider, interact
from helpers import charts, panels

rng = np.random.default_rng(1)
revenue = rng.lognormal(11, 1.6, 390)
profit = 0.12 * revenue + rng.normal(0, 6_000, 390)
customers = pd.DataFrame({"account_id": range(390), "revenue": revenue, "profit": profit,
                          "cost_to_serve": rng.lognormal(8, 0.8, 390)})
"""
PLAIN = """
def tiers(end):
    ranked = customers.sort_values("profit", ascending=False)
    ends = np.array([0, end / 100, 0.5, 0.8, 1]) * len(ranked)
    tier = np.searchsorted(ends[1:-1], np.arange(len(ranked)), side="right")
    sums = ranked.groupby(tier)[["profit", "cost_to_serve"]].sum()
    summary = (sums / sums.sum()).add_suffix("_share").rename(index=dict(enumerate("ABCD")))
    charts.tier_bars(summary, ax=charts.new_axes(width=900, height=340))
    plt.show()

interact(tiers, end=IntSlider(20, 1, 49));
"""
# Notes the time of each key press and of the first frame with a picture other than before.
WATCH = """
cell => {
  const shown = () => [...cell.querySelectorAll('.jp-OutputArea-output img')].pop();
  let pressed = 0, before = shown().src;
  window.times = [];
  cell.addEventListener('keydown', () => { pressed = performance.now(); }, true);
  new MutationObserver(async () => {
    const picture = shown();
    if (!picture || picture.src === before) return;
    before = picture.src;
    await picture.decode();
    requestAnimationFrame(() => setTimeout(() => {
      window.times.push(performance.now() - pressed);
    }));
  }).observe(cell, {childList: true, subtree: true});
}
"""
PAUSE_MS = 250  # between moves: each is measured by itself


def measure(*, moves: int = 40) -> dict[str, list[float]]:
    """Milliseconds from key press to paint of single moves: {"panel": …, "interact": …}."""
    cells = [SETUP, "panels.cut_offs(customers)", PLAIN]
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
        notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells], metadata=kernel)
        nbformat.write(notebook, work / "bench.ipynb")
        with browser.course(work) as address, browser.browser_page() as page:
            browser.open_notebook(page, address, "bench.ipynb")
            browser.run_all(page)
            times = {}
            for number, name in ((1, "panel"), (2, "interact")):
                cell = page.locator(".jp-Notebook .jp-Cell").nth(number)
                cell.evaluate(WATCH)
                cell.locator("[role=slider]").first.focus()
                for move in range(moves):
                    page.keyboard.press("ArrowRight" if move % 20 < 10 else "ArrowLeft")
                    page.wait_for_function(f"window.times.length > {move}", timeout=10_000)
                    page.wait_for_timeout(PAUSE_MS)
                times[name] = page.evaluate("window.times")
    return times


def main() -> None:
    for name, times in measure().items():
        *_, slow = statistics.quantiles(times, n=20)
        print(f"{name}: median {statistics.median(times):.0f} ms, 95 % within {slow:.0f} ms")


if __name__ == "__main__":
    main()
