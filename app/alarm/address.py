"""Where letters go, read from settings; whoever prints one of these prints no password."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Final
from urllib.parse import unquote, urlsplit

_PORTS: Final = {"smtp": 587, "smtps": 465}
#: Mailboxes as they are used: RFC 5321 §4.1.2 without quoted strings and address literals.
_MAILBOX: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}")


@dataclass(frozen=True, slots=True)
class MailServer:
    """A server that takes mail: over TLS from the first byte, or after STARTTLS."""

    host: str
    port: int
    tls: bool
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @property
    def wants_starttls(self) -> bool:
        """Only to this machine, and without a password, letters go in plain text."""
        return not self.tls and (bool(self.user) or not self._is_near())

    def _is_near(self) -> bool:
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False


@dataclass(frozen=True, slots=True)
class Mailing:
    """By which server, from whom and to whom letters are sent."""

    server: MailServer
    sender: str
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hook:
    """Where letters are posted to, and the key they are signed with (empty: they are not)."""

    url: str = field(repr=False)
    key: bytes = field(default=b"", repr=False)

    @property
    def host(self) -> str:
        """What may be shown of it: paths and queries of such addresses are often secrets."""
        return urlsplit(self.url).hostname or ""


def mail_server(text: str) -> MailServer:
    """Read smtp://user:password@host:587 or smtps://…; what is special in them is %-encoded."""
    expected = "smtp://user:password@host:port or smtps://…"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError(expected) from None
    if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError(expected)
    if not (parts.hostname + (parts.username or "")).isprintable():
        raise ValueError(expected)
    return MailServer(
        parts.hostname,
        port or _PORTS[parts.scheme],
        parts.scheme == "smtps",
        unquote(parts.username or ""),
        unquote(parts.password or ""),
    )


def mailboxes(text: str) -> tuple[str, ...]:
    """Read addresses, comma separated; a name before one in <> is not taken."""
    found = tuple(part.strip() for part in text.split(","))
    if not all(_MAILBOX.fullmatch(one) for one in found):
        raise ValueError("mail addresses, comma separated")
    return found


def mailbox(text: str) -> str:
    """Read one address."""
    found = mailboxes(text)
    if len(found) > 1:
        raise ValueError("one mail address")
    return found[0]


def hook_url(text: str) -> str:
    """Read a webhook's address."""
    expected = "an http(s) URL"
    try:
        parts = urlsplit(text)
    except ValueError:
        raise ValueError(expected) from None
    if parts.scheme not in ("http", "https") or not parts.hostname or not text.isprintable():
        raise ValueError(expected)
    return text
