"""Panels: pictures that answer a what-if at once. One file per panel, on the base in `base.py`."""

from helpers.panels.base import Panel
from helpers.panels.cut_offs import cut_offs

__all__ = ["Panel", "cut_offs"]
