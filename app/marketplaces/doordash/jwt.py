"""DoorDash's tokens: a JWT (RFC 7519), HS256, good for five minutes, that we sign ourselves."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import datetime
from typing import Final

import msgspec

from app.errors import SettingsInvalid

#: Seconds a token is good for.
GOOD_FOR: Final = 300


def signed(developer_id: str, key_id: str, secret: str, now: datetime) -> str:
    """A token; raises SettingsInvalid for a secret that is no Base64url, telling nothing of it."""
    iat = int(now.timestamp())
    head = {"alg": "HS256", "typ": "JWT", "dd-ver": "DD-JWT-V1"}
    claims = {
        "aud": "doordash", "iss": developer_id, "kid": key_id, "iat": iat, "exp": iat + GOOD_FOR,
    }  # fmt: skip
    text = f"{_plain(msgspec.json.encode(head))}.{_plain(msgspec.json.encode(claims))}"
    digest = hmac.digest(_key(secret), text.encode(), hashlib.sha256)
    return f"{text}.{_plain(digest)}"


def _key(secret: str) -> bytes:
    bare = secret.rstrip("=")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise SettingsInvalid("signing_secret is no Base64url") from None


def _plain(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
