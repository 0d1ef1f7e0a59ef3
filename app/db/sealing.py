"""Credentials at rest: sealed with a master key, several keys while one replaces another."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.errors import SettingsInvalid

#: What stands between a key's id and what it sealed; a Fernet token has none in it.
_DOT: Final = b"."
#: Hexadecimal digits of a key's id.
DIGITS: Final = 8


class Seal:
    """Seals with the first master key and opens with any of them. What is sealed names its key:
    `3fa9c1d2.gAAAA…`; what earlier releases sealed does not, and every key is tried."""

    def __init__(self, keys: str) -> None:
        """`keys`: Fernet keys (32 bytes, URL-safe base64), comma separated."""
        given = [key.strip() for key in keys.split(",")]
        try:
            ways = [Fernet(key) for key in given]
        except ValueError as error:
            raise SettingsInvalid("HUB_MASTER_KEY must be Fernet keys, comma separated") from error

        self._keys = tuple(urlsafe_b64decode(key) for key in given)
        self.ids: Final = tuple(_id(key) for key in self._keys)
        self._by_id = dict(zip(self.ids, ways, strict=True))
        self._any = MultiFernet(ways)

    def derived(self, purpose: str) -> tuple[bytes, ...]:
        """Keys of 32 bytes for one purpose, one from each master key (HKDF, RFC 5869): they tell
        nothing of it, nor of those for another purpose."""
        return tuple(_derived(key, purpose) for key in self._keys)

    def close(self, secret: str) -> bytes:
        """Bytes that say nothing without the master key, but which one it was."""
        token = self._by_id[self.ids[0]].encrypt(secret.encode())
        return self.ids[0].encode() + _DOT + token

    def open(self, sealed: bytes) -> str:
        """The secret; SettingsInvalid when no master key of ours sealed it."""
        named, token = _parts(sealed)
        way = self._by_id.get(named, self._any)
        try:
            return way.decrypt(token).decode()
        except InvalidToken as error:
            raise SettingsInvalid("HUB_MASTER_KEY does not open this database's secrets") from error

    def key_of(self, sealed: bytes) -> str | None:
        """The id of the key that opens this, by trying; None when it is none of ours."""
        _, token = _parts(sealed)
        for id_, way in self._by_id.items():
            try:
                way.decrypt(token)
            except InvalidToken:
                continue
            return id_
        return None

    def __repr__(self) -> str:
        """Ids, never keys."""
        return f"Seal({', '.join(self.ids)})"


def named_in(sealed: bytes) -> str:
    """The id of the key that sealed this as it says itself, "" when it does not."""
    return _parts(sealed)[0]


def _parts(sealed: bytes) -> tuple[str, bytes]:
    named, dot, token = sealed.partition(_DOT)
    return (named.decode("ascii", "replace"), token) if dot else ("", sealed)


def _id(key: bytes) -> str:
    return _derived(key, "id of a master key").hex()[:DIGITS]


def _derived(key: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=purpose.encode()).derive(key)
