"""OAuth 2: a token for client credentials or for a refresh token (RFC 6749 §4.4, §6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final
from urllib.parse import urlencode

import httpx
import msgspec
from msgspec import Meta

from app.contract import Token
from app.errors import RemoteRefused, RemoteUnavailable, Unauthorised
from app.marketplaces import remote

#: A token is renewed this many seconds before the other side would stop taking it.
EARLY: Final = 60.0
#: Seconds a token is good for when nobody says so, and at most.
USUAL: Final = 300.0
LONGEST: Final = 30 * 86_400.0


class _Granted(msgspec.Struct):
    access_token: Annotated[str, Meta(pattern=r"^[\x21-\x7e]+$(?!\n)")]
    expires_in: float | None = None
    refresh_token: Annotated[str, Meta(pattern=r"^[\x21-\x7e]+$(?!\n)")] | None = None


async def ask(
    http: httpx.AsyncClient, url: str, form: Mapping[str, str], headers: Mapping[str, str] = {}
) -> Token:
    """A token from a token endpoint. Raises RemoteUnavailable or RemoteBusy, never `ambiguous`:
    nothing else was sent yet; Unauthorised when the endpoint does not take our credentials."""
    kind = {"Content-Type": "application/x-www-form-urlencoded", **headers}
    try:
        response = await remote.post(http, url, kind, urlencode(form).encode())
        remote.raise_unless_accepted(response)
    except RemoteUnavailable as error:  # also here: an answer may repeat what we sent
        raise type(error)("no token for now", after=error.after) from None
    except RemoteRefused:
        raise Unauthorised("no token: our credentials are not taken") from None
    try:
        granted = msgspec.json.decode(response.text, type=_Granted, strict=False)
    except msgspec.MsgspecError:
        raise RemoteUnavailable("the token endpoint's answer is no token") from None
    return Token(granted.access_token, _good_for(granted.expires_in), granted.refresh_token)


def _good_for(seconds: float | None) -> float:
    """Not to its very end, nor for ever; what is no time is a short one."""
    told = USUAL if seconds is None or not seconds > 0 else min(seconds, LONGEST)
    return max(told - EARLY, told / 2)
