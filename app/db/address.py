"""A database's address: a postgresql:// URL that names one host or several."""

from __future__ import annotations

from typing import Final
from urllib.parse import SplitResult, parse_qs, urlsplit, urlunsplit

#: What each of several must be fit for, unless the URL says otherwise.
_ROLE: Final = "read-write"
_ASKED: Final = "target_session_attrs"
_WANTED: Final = "a postgresql:// URL of hosts like one:5432,other:5432"


def each_host(url: str) -> dict[str, str]:
    """A URL for each host that a postgresql:// URL names, by its name and port.

    Of several, each must be fit to be written. Raises ValueError, without a word of the URL (there
    may be a password in it), when it cannot be read.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres") or parts.netloc.count("@") > 1:
        raise ValueError("a postgresql:// URL")
    who, at, where = parts.netloc.rpartition("@")
    names = where.split(",")
    if len(names) == 1:
        _check(parts)
        return {where: url}
    if _ASKED not in parse_qs(parts.query):
        parts = parts._replace(query=f"{parts.query}&{_ASKED}={_ROLE}".lstrip("&"))
    return {name: _of(parts, f"{who}{at}{name}") for name in names}


def _of(parts: SplitResult, netloc: str) -> str:
    """The same URL with one host only."""
    one = parts._replace(netloc=netloc)
    if not one.hostname:
        raise ValueError(_WANTED)
    _check(one)
    return urlunsplit(one)


def _check(one: SplitResult) -> None:
    try:
        readable = one.port != 0
    except ValueError:
        readable = False
    if not readable:
        raise ValueError(_WANTED)
