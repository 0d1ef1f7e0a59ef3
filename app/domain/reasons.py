"""Why a picker did not find what was ordered. Own words are as welcome as the known ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: Known reasons in the order a handheld offers them. True: the shelf has none (or none to sell),
#: so that the goods' availability should be looked at; their words stand in the catalogues of
#: texts as `reason.<code>`.
REASONS: Final[Mapping[str, bool]] = {
    "out_of_stock": True,
    "not_enough": True,
    "not_found": True,
    "damaged": True,
    "expired": True,
    "poor_quality": True,
    "wrong_price": False,
    "restricted": False,
    "mark_unreadable": False,
    "other": False,
}
#: What is suggested for goods that may not be sold in an order at all.
RESTRICTED: Final = "restricted"


def affects_availability(reason: str) -> bool:
    """Whether this reason says that the goods cannot be sold here now; own words say nothing."""
    return REASONS.get(reason, False)
