"""Panels: pictures that answer a what-if at once. One file per panel, on the base in `base.py`."""

from helpers.panels.base import Panel
from helpers.panels.buying_centre import buying_centre
from helpers.panels.call_list import call_list
from helpers.panels.campaign import campaign
from helpers.panels.customer_file import customer_file
from helpers.panels.cut_offs import cut_offs
from helpers.panels.evidence_board import belief, evidence_board
from helpers.panels.grid_cuts import grid_cuts
from helpers.panels.leaky_bucket import leaky_bucket
from helpers.panels.lifetime_value import lifetime_value
from helpers.panels.morning import morning
from helpers.panels.stage_moves import stage_moves
from helpers.panels.switching import switching, switching_share

__all__ = [
    "Panel",
    "belief",
    "buying_centre",
    "call_list",
    "campaign",
    "customer_file",
    "cut_offs",
    "evidence_board",
    "grid_cuts",
    "leaky_bucket",
    "lifetime_value",
    "morning",
    "stage_moves",
    "switching",
    "switching_share",
]
