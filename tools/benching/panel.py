"""Measures how long a panel takes from a key press to the painted picture, in a real browser.

`python -m tools.benching.panel` prints milliseconds (median and 95th percentile) for every panel of
the course and, in the same run, for chapter 03's picture made by plain `interact` and `plt.show`.
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
from helpers import charts, data, lessons, panels

rng = np.random.default_rng(1)
revenue = rng.lognormal(11, 1.6, 390)
profit = 0.12 * revenue + rng.normal(0, 6_000, 390)
customers = pd.DataFrame({"account_id": range(390), "revenue": revenue, "profit": profit,
                          "cost_to_serve": rng.lognormal(8, 0.8, 390),
                          "loyalty": rng.integers(1, 9, 390) / 8,
                          "credit_rating": rng.choice(list("ABCD"), 390),
                          "exposure": revenue * rng.random(390)})
scores = ["quality", "service", "price", "rival_quality", "rival_service", "rival_price"]
respondents = pd.DataFrame(rng.integers(1, 6, (3_000, 6)), columns=scores)
respondents["switch_at_discount"] = 5 * rng.integers(0, 11, 3_000)
members = pd.DataFrame({"mailed": rng.random(9_000) < 0.5, "margin": rng.gamma(1, 60, 9_000),
                        "spent": rng.gamma(2, 300, 9_000)})
people = pd.DataFrame({"account_id": np.repeat(range(20), 6).astype(str),
                       "contact_id": [f"P{i}" for i in range(120)],
                       "name": ["Li Wei", "Ma Min", "Chen Na", "Liu Li", "Yang Jun", "Wu Bo"] * 20,
                       "title": "Manager", "stance": rng.integers(-2, 3, 120),
                       "influence": rng.integers(1, 6, 120), "met": rng.random(120) < 0.4,
                       "roles": ["user", "influencer", "decider", "approver", "buyer",
                                 "gatekeeper"] * 20})
people["account"] = "Firm " + people["account_id"]
called = pd.DataFrame({"signs": rng.integers(0, 5, 230), "risk": rng.random(230),
                       "value": rng.lognormal(8, 1.5, 230), "lost": rng.random(230) < 0.15})
called["stake"] = called["risk"] * called["value"]
findings = {f"finding {number}": number for number in range(9)}
rated = {"state": {"ratings": {"finding 0": {"weak service": 1}}}}
leaks = {"quality": 0.021, "innovation": 0.008, "service": 0.026, "rep left": 0.012,
         "a rival's offer": 0.018, "short-termism": 0.006, "closed": 0.011, "moved": 0.007,
         "no more need": 0.009}
stages = ["identify", "develop", "stable", "decline", "gone"]
moves = pd.DataFrame([[0.49, 0.32, 0, 0.03, 0.16], [0, 0.5, 0.18, 0.2, 0.12],
                      [0, 0.32, 0.34, 0.24, 0.1], [0, 0.23, 0.24, 0.35, 0.18],
                      [0, 0.013, 0.002, 0.012, 0.973]], index=stages, columns=stages)
there = dict(zip(stages, [1_250, 1_490, 590, 640, 3_500]))
brings = dict(zip(stages, [350, 475, 400, 170, 0]))
tables = {name: data.load(name) for name in ("contacts", "orders", "tickets", "touches")}
names = ["account_id", "name", "name_zh", "city", "province"]
files = data.load("accounts")[names].set_index("account_id").assign(
    tier="A", stage="stable", value=50_000.0, warnings="gap, basket",
    next_care=data.AS_OF, reason="tier A: every 14 days")
"""
PANELS = {
    "cut_offs": "panels.cut_offs(customers)",
    "buying_centre": "panels.buying_centre(people, chance=lambda there: there['met'].mean())",
    "evidence_board": "panels.evidence_board(findings, **lessons.board('7a.3') | rated)",
    "morning": "panels.morning()",
    "switching": "panels.switching(respondents)",
    "grid_cuts": "panels.grid_cuts(customers, state={'view': 'all three'})",
    "campaign": "panels.campaign(members, letter_cost=3, rules=['spent'])",
    "lifetime_value": "panels.lifetime_value(margin=1_000, retention=0.65, discount_rate=0.09,"
    " acquisition_cost=62)",
    "call_list": "panels.call_list(called, rules=['signs', 'risk', 'stake'], call_cost=408, "
    "save_rate=0.1, capacity=28)",
    "leaky_bucket": "panels.leaky_bucket(leaks, customers=390, won=28, margin=46_000, "
    "win_cost=38_000, halving_spend=1_500)",
    "stage_moves": "panels.stage_moves(moves, start=there, entering={'identify': 610}, "
    "value=brings)",
    "customer_file": "panels.customer_file(files, **tables, as_of=data.AS_OF)",
}
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
    """Milliseconds from key press to paint of single moves, for each panel and for interact."""
    cells = [SETUP, *PANELS.values(), PLAIN]
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
        notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells], metadata=kernel)
        nbformat.write(notebook, work / "bench.ipynb")
        with browser.course(work) as address, browser.browser_page() as page:
            browser.open_notebook(page, address, "bench.ipynb")
            browser.run_all(page)
            times = {}
            for number, name in enumerate([*PANELS, "interact"], start=1):
                cell = page.locator(".jp-Notebook .jp-Cell").nth(number)
                cell.evaluate(WATCH)
                sliders = cell.locator("[role=slider]")
                account = cell.get_by_label("account", exact=True)
                lists = account if account.count() else cell.locator("select")
                (sliders if sliders.count() else lists).first.focus()
                back, forth = (
                    ("ArrowLeft", "ArrowRight") if sliders.count() else ("ArrowUp", "ArrowDown")
                )
                for move in range(moves):
                    page.keyboard.press(forth if move % 8 < 4 else back)
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
