"""Foreign text made fit to keep: no controls that break storage, screens or the reading order."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

#: Controls, lone surrogates, and marks that turn the reading direction around.
_HARMFUL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


def clean(text: str, limit: int) -> str:
    """NFC, without harmful characters, at most `limit` characters; the raw body keeps the rest."""
    return unicodedata.normalize("NFC", _HARMFUL.sub("", text[: 2 * limit]))[:limit].strip()
