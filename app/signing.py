"""Signatures as https://www.standardwebhooks.com says (version 1.0.0, symmetric)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Sequence
from typing import Final

#: A secret is 24 to 64 random bytes.
_BYTES: Final = range(24, 65)


def key(secret: str) -> bytes:
    """The bytes of a secret, `whsec_` and Base64; ValueError, which does not repeat it."""
    prefix, _, encoded = secret.partition("_")
    try:
        found = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if prefix != "whsec" or len(found) not in _BYTES:
        raise ValueError("whsec_ and 24 to 64 random bytes in Base64")
    return found


def secret_of(random: bytes) -> str:
    """A secret as both sides write it down."""
    return f"whsec_{base64.b64encode(random).decode()}"


def headers(id_: str, moment: int, body: bytes, keys: Sequence[bytes]) -> dict[str, str]:
    """The three headers, the signature's only with a key. One signature for each key: while one
    replaces another, the receiver may know either. `moment`: Unix seconds of this try."""
    named = {"webhook-id": id_, "webhook-timestamp": str(moment)}
    if not keys:
        return named
    signed = f"{id_}.{moment}.".encode() + body
    signatures = (
        f"v1,{base64.b64encode(hmac.digest(each, signed, hashlib.sha256)).decode()}"
        for each in keys
    )
    return {**named, "webhook-signature": " ".join(signatures)}
