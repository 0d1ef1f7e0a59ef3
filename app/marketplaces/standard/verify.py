"""Proofs of Standard Webhooks 1.0.0: `v1` is HMAC-SHA256 with a shared secret (whsec_), `v1a` is
ed25519 with a public key (whpk_); every signature of the list is tried with every key."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime
from typing import Final, TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from app import signing
from app.contract import Call
from app.errors import Forged
from app.marketplaces import proofs

#: Seconds a time stamp may be from our clock, as in the official libraries.
TOLERANCE: Final = 300.0
#: Signatures of one call that are looked at: nobody rotates more keys at a time.
MOST: Final = 16
Key: TypeAlias = bytes | Ed25519PublicKey


def key_of(secret: str) -> Key | None:
    """The key of a secret as both sides write it down; None when it is none."""
    try:
        if secret.startswith("whpk_"):
            raw = base64.b64decode(secret.removeprefix("whpk_"), validate=True)
            return Ed25519PublicKey.from_public_bytes(raw)
        return signing.key(secret)
    except (binascii.Error, ValueError):
        return None


def prove(call: Call, secrets: Iterable[str], now: datetime) -> None:
    """Raises Forged unless one of the signatures is of one of the keys, of this body, and new."""
    id_, moment = (call.headers.get(f"webhook-{part}", "") for part in ("id", "timestamp"))
    if not id_:
        raise Forged("id")
    signed = f"{id_}.{moment}.".encode("latin-1", "replace") + call.body
    given = call.headers.get("webhook-signature", "").split(" ")[:MOST]
    keys = [key for key in map(key_of, secrets) if key is not None]
    matches = [_fits(each, signed, key) for each in given for key in keys]
    if not any(matches):
        raise Forged("signature")
    proofs.recent(proofs.seconds(moment), now, TOLERANCE)


def _fits(given: str, signed: bytes, key: Key) -> bool:
    """A signature of another version than the key's is of some other key."""
    version, _, encoded = given.partition(",")
    try:
        signature = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return False
    if isinstance(key, bytes):
        own = hmac.digest(key, signed, hashlib.sha256)
        return version == "v1" and hmac.compare_digest(own, signature)
    if version != "v1a":
        return False
    try:
        key.verify(signature, signed)
    except InvalidSignature:
        return False
    return True
