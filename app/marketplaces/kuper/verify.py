"""Is this really from СМ? A token of ours in the header `Client-Token` (docs.domino.ru, book
«Обмен с интернет-магазином СберМаркет»): wrong or missing is 403."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from typing import Final

from app.contract import Delivery
from app.errors import Forged

#: The only headers worth keeping; never the token.
KEPT: Final = ("content-type", "content-encoding", "user-agent", "x-request-id")


def verify(headers: Mapping[str, str], body: bytes, tokens: Iterable[str]) -> Delivery:
    """Return the delivery when the header holds one of the valid tokens; compares all of them."""
    given = headers.get("client-token", "").encode()
    matches = [hmac.compare_digest(given, token.encode()) for token in tokens if token]
    if not given or not any(matches):
        raise Forged("token")
    return Delivery({name: headers[name][:200] for name in KEPT if name in headers}, body)
