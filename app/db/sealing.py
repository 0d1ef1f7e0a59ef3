"""Credentials at rest: sealed with the master key, several keys while one replaces another."""

from __future__ import annotations

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from app.errors import SettingsInvalid


class Seal:
    """Seals with the first master key and opens with any of them."""

    def __init__(self, keys: str) -> None:
        """`keys`: Fernet keys (32 bytes, URL-safe base64), comma separated."""
        try:
            self._fernet = MultiFernet([Fernet(key.strip()) for key in keys.split(",")])
        except ValueError as error:
            raise SettingsInvalid("HUB_MASTER_KEY must be Fernet keys, comma separated") from error

    def close(self, secret: str) -> bytes:
        """Bytes that say nothing without the master key."""
        return self._fernet.encrypt(secret.encode())

    def open(self, sealed: bytes) -> str:
        """The secret; SettingsInvalid when no master key of ours sealed it."""
        try:
            return self._fernet.decrypt(sealed).decode()
        except InvalidToken as error:
            raise SettingsInvalid("HUB_MASTER_KEY does not open this database's secrets") from error
