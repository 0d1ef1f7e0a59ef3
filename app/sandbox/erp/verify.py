"""The receiver's side of Standard Webhooks 1.0.0, as its rules are published. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

#: Seconds a timestamp may be away from the receiver's clock.
TOLERANCE: Final = 300


def verify(secret: str, headers: Mapping[str, str], body: bytes, now: float) -> str | None:
    """What is wrong with a delivery, None when it is authentic. https://www.standardwebhooks.com"""
    id_, moment = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not id_ or not moment.isdecimal():
        return "webhook-id and webhook-timestamp are needed"
    if abs(now - int(moment)) > TOLERANCE:
        return "the timestamp is too far away"
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{id_}.{moment}.".encode() + body
    right = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    given = headers.get("webhook-signature", "").split(" ")
    found = [hmac.compare_digest(f"v1,{right}".encode(), each.encode()) for each in given]
    return None if any(found) else "no signature is right"
