"""What the stand-in says of a unit: it is told by how the serial begins. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

_GS: Final = "\x1d"
_CODE: Final = re.compile(rf"01(\d{{14}})21([^{_GS}]{{1,20}})(?:{_GS}(.+))?", re.DOTALL)
_LONG_AGO: Final = datetime(2025, 1, 1, tzinfo=UTC)
#: How a serial begins, and how its unit differs from one that may be sold.
SERIALS: Final[Mapping[str, Mapping[str, Any]]] = {
    "NONE": {
        "found": False, "utilised": False, "realizable": False, "verified": False, "errorCode": 10,
    },
    "RAW": {"utilised": False, "realizable": False},
    "FAKE": {"verified": False},
    "BLOCK": {"isBlocked": True, "ogvs": ["RAR"]},
    "SOLD": {"sold": True, "realizable": False},
    "GRAY": {"sold": True, "realizable": False, "grayZone": True},
    "STORE": {"realizable": False},
    "EXPIRED": {"expireDate": _LONG_AGO.isoformat()},
}  # fmt: skip


def verdict(code: str, now: datetime) -> dict[str, Any]:
    """One entry of the answer's `codes`; a code without its crypto tail fails the crypto check."""
    parts = _CODE.fullmatch(code)
    if parts is None:
        return {"cis": code, "valid": False, "found": False, "errorCode": 1,
                "message": "Ошибка валидации КМ"}  # fmt: skip
    gtin, serial, tail = parts.groups()
    odd = next((said for begins, said in SERIALS.items() if serial.startswith(begins)), {})
    return {
        "cis": code,
        "valid": True,
        "printView": f"01{gtin}21{serial}",
        "gtin": gtin,
        "groupIds": [8],
        "verified": tail is not None,
        "found": True,
        "realizable": True,
        "utilised": True,
        "isBlocked": False,
        "expireDate": (now + timedelta(days=30)).isoformat(),
        "productionDate": (now - timedelta(days=3)).isoformat(),
        "isOwner": False,
        "errorCode": 0,
        "isTracking": False,
        "sold": False,
        "packageType": "UNIT",
        "producerInn": "0000000000",
        "grayZone": False,
        **odd,
    }
