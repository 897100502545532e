"""Chapter 05, section 5: what it computes by hand, and that it stays quick on a busy machine."""

import io
from contextlib import redirect_stdout

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from test_companions import shown_by
from test_sections import NOTEBOOKS, sections
from threadpoolctl import threadpool_info, threadpool_limits

mpl.use("Agg")


@pytest.fixture(scope="module")
def clusters():
    """Return the names that the section on k-means leaves behind, and the threads it ran on."""
    first, found = sections(NOTEBOOKS / "05_rfm_and_behaviour.ipynb")
    (cells,) = (cells for heading, cells in found.items() if "k-means" in heading)
    names = {"__name__": "__main__"}
    with threadpool_limits(), redirect_stdout(io.StringIO()):  # puts the limits back afterwards
        for source in [first, *cells]:
            shown_by(source, names)
        pools = [pool for pool in threadpool_info() if pool["user_api"] == "openmp"]
    plt.close("all")
    return names, {pool["num_threads"] for pool in pools}


def test_k_means_runs_on_one_thread(clusters):
    # Two threads that other work keeps apart wait for each other: 100 seconds instead of one.
    assert clusters[1] == {1}


def test_bands_cut_by_the_whole_club_are_the_helpers(clusters):
    names, _ = clusters
    assert names["whole"].tolist() == names["band"].tolist()


def test_every_grouping_is_compared_and_none_is_found_again_exactly(clusters):
    stability = clusters[0]["stability"]
    assert list(stability) == [*(f"{k} groups" for k in range(2, 7)), "RFM bands"]
    assert all(0 < least < 1 for least in stability.values())
