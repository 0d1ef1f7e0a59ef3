"""Credentials at rest: sealed with the master key, several keys while one replaces another."""

from __future__ import annotations

from base64 import urlsafe_b64decode

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.errors import SettingsInvalid


class Seal:
    """Seals with the first master key and opens with any of them."""

    def __init__(self, keys: str) -> None:
        """`keys`: Fernet keys (32 bytes, URL-safe base64), comma separated."""
        given = [key.strip() for key in keys.split(",")]
        try:
            self._fernet = MultiFernet([Fernet(key) for key in given])
        except ValueError as error:
            raise SettingsInvalid("HUB_MASTER_KEY must be Fernet keys, comma separated") from error

        self._keys = tuple(urlsafe_b64decode(key) for key in given)

    def derived(self, purpose: str) -> tuple[bytes, ...]:
        """Keys of 32 bytes for one purpose, one from each master key (HKDF, RFC 5869): they tell
        nothing of it, nor of those for another purpose."""
        return tuple(
            HKDF(SHA256(), 32, salt=None, info=purpose.encode()).derive(key) for key in self._keys
        )

    def close(self, secret: str) -> bytes:
        """Bytes that say nothing without the master key."""
        return self._fernet.encrypt(secret.encode())

    def open(self, sealed: bytes) -> str:
        """The secret; SettingsInvalid when no master key of ours sealed it."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken as error:
            raise SettingsInvalid("HUB_MASTER_KEY does not open this database's secrets") from error
