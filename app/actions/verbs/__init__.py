"""The picker's verbs as one table; `pick.py` carries them out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.actions.verbs.lines import LINES
from app.actions.verbs.order import ORDER
from app.actions.verbs.packing import PACKING
from app.actions.verbs.paper import PAPER
from app.actions.verbs.replace import REPLACE
from app.actions.verbs.scan import SCAN
from app.actions.verbs.shape import Nothing, Verb
from app.actions.verbs.undo import UNDO

__all__ = ["VERBS", "Nothing", "Verb"]

VERBS: Final[Mapping[str, Verb]] = {**ORDER, **SCAN, **UNDO, **LINES, **REPLACE, **PACKING, **PAPER}
