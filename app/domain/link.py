"""Links to files that prove themselves and end: who has one needs no other proof until then."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from urllib.parse import quote

from app.domain.kept import Kept

#: Where links lead to.
PLACE: Final = "/files/v1/"
#: No link ends later than this: 9999-12-31, in seconds since 1970.
_END_OF_TIME: Final = 253_402_300_799


@dataclass(frozen=True, slots=True)
class Links:
    """Makes links with the first key and believes all of them, so that keys can be changed."""

    keys: Sequence[bytes]

    def make(self, kept: Kept, until: int) -> str:
        """Path and query of a link; `until`: seconds since 1970."""
        signature = _sign(self.keys[0], kept, until)
        name = quote(kept.name, safe="")
        return f"{PLACE}{kept.sha256}/{name}?until={until}&signature={signature}"

    def proves(self, kept: Kept, until: int, signature: str) -> bool:
        """Whether we made this link, be it over or not; in the same time whatever is wrong."""
        given = signature.encode("utf-8", "replace")
        right = [hmac.compare_digest(_sign(key, kept, until).encode(), given) for key in self.keys]
        return any(right)


def moment(text: str) -> int | None:
    """A link's end as it was written; None for what no link of ours ever said."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 12):
        return None
    until = int(text)
    return until if str(until) == text and until <= _END_OF_TIME else None


def _sign(key: bytes, kept: Kept, until: int) -> str:
    """The name comes last: whatever is in it, it cannot pass for another part."""
    said = "\n".join(("file", kept.sha256, str(until), kept.media_type, kept.name))
    return hmac.digest(key, said.encode("utf-8", "surrogatepass"), sha256).hex()
