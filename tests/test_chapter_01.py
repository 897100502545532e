"""What chapter 01 tells holds in other worlds too: its lost deal, its people, its prospects."""

import io
from contextlib import redirect_stdout
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from test_companions import shown_by
from test_sections import sections

from helpers import data

mpl.use("Agg")
CHAPTER = Path(__file__).parents[1] / "notebooks" / "01_customer_roles.ipynb"


@pytest.fixture(params=[2025, 7, 88, 314])
def told(request, monkeypatch):
    """Return a function that runs a section alone; it gives the names, and what was printed."""
    monkeypatch.setattr(data, "_current", None)
    data.use_world(seed=request.param)
    first, found = sections(CHAPTER)

    def run(start: str) -> tuple[dict, str]:
        [cells] = [found[heading] for heading in found if heading.startswith(start)]
        namespace, printed = {"__name__": "__main__"}, io.StringIO()
        with redirect_stdout(printed):
            for source in [first, *cells]:
                shown_by(source, namespace)
        plt.close("all")
        return namespace, printed.getvalue()

    return run


def test_the_lost_deal_was_liked_and_lacked_those_who_decide(told):
    names, printed = told("opening")
    lost, touches, contacts = names["lost"], names["touches"], names["contacts"]
    met = contacts[
        contacts["contact_id"].isin(
            touches.loc[touches["deal_id"] == lost["deal_id"], "contact_id"]
        )
    ]
    assert lost["result"] == "lost" and len(met) and met["stance"].min() >= 1
    assert not {"decider", "approver", "gatekeeper"} & set(lost["roles_met"].split(";"))
    account = names["accounts"].set_index("account_id").loc[lost["account_id"]]
    assert account.notna()["opened"], "a prospect is lost for another reason"
    assert "decider" in printed.split("Not met:")[1]


def test_the_people_behind_the_door_are_still_there(told):
    behind = told("1 ")[0]["behind"]
    assert 4 <= len(behind) <= 10 and behind["end"].isna().all()
    assert behind["account_id"].nunique() == 1


def test_prospects_are_said_to_be_left_out_and_marked_among_the_five(told):
    assert ", 0 won: left out." in told("2 ")[1]
    names, _ = told("7 ")
    prospects = names["accounts"].loc[names["accounts"]["opened"].isna(), "account_id"]
    five = names["five"]
    assert (five["prospect"] == "yes").tolist() == five["account_id"].isin(prospects).tolist()
    assert five["value"].is_monotonic_decreasing and len(five) == 5
