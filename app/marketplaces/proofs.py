"""How marketplaces prove who they are. Raw bytes, constant time, every live secret is compared."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from ipaddress import ip_address, ip_network
from typing import Final

from app.contract import Call, Delivery
from app.errors import Forged

#: Headers worth keeping of any delivery.
KEPT: Final = ("content-type", "content-encoding", "user-agent", "x-request-id")


def token(given: str, known: Iterable[str]) -> None:
    """A secret shown as it is. Raises Forged unless it is one of the known ones."""
    matches = [_same(given, each) for each in known if each]
    if not given or not any(matches):
        raise Forged("token")


def bearer(call: Call, known: Iterable[str]) -> None:
    """`Authorization: Bearer …` (RFC 6750)."""
    scheme, _, given = call.headers.get("authorization", "").partition(" ")
    token(given.strip() if scheme.lower() == "bearer" else "", known)


def basic(call: Call, known: Iterable[str]) -> None:
    """`Authorization: Basic …` (RFC 7617); a known one is "user:password"."""
    scheme, _, encoded = call.headers.get("authorization", "").partition(" ")
    try:
        given = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        given = b""
    if scheme.lower() != "basic":
        given = b""
    token(given.decode("utf-8", "replace"), known)


def hmac_hex(given: str, signed: bytes, secrets: Iterable[str]) -> None:
    """A hexadecimal HMAC-SHA256 of what was signed, in either case."""
    _hmac(given.lower(), signed, secrets, lambda digest: digest.hex())


def hmac_base64(given: str, signed: bytes, secrets: Iterable[str]) -> None:
    """The same in Base64."""
    _hmac(given, signed, secrets, lambda digest: base64.b64encode(digest).decode())


def recent(moment: float, now: datetime, tolerance: float) -> None:
    """A time stamp in seconds since 1970 not farther than so many seconds from now, either way;
    also a NaN is far."""
    age = now.timestamp() - moment
    if not abs(age) <= tolerance:
        raise Forged("stale" if age > 0 else "future" if age < 0 else "time")


def seconds(text: str) -> float:
    """Unix seconds of a header; raises Forged for what is no plain number."""
    if not (text.isascii() and text.isdecimal() and len(text) <= 12):
        raise Forged("time")
    return float(text)


def from_networks(call: Call, networks: Iterable[str]) -> None:
    """The peer's address is in one of the networks ("192.0.2.0/24"), also where a socket for both
    kinds of addresses writes it "::ffff:192.0.2.1"."""
    try:
        peer = ip_address(call.peer)
    except ValueError:
        raise Forged("address") from None
    peer = getattr(peer, "ipv4_mapped", None) or peer
    if not any(peer in ip_network(each) for each in networks):
        raise Forged("address")


def kept(call: Call, *more: str) -> Delivery:
    """The delivery of a call that is proved, with the headers worth keeping and some more; never
    give the name of one with a secret."""
    names = (*KEPT, *more)
    headers: Mapping[str, str] = {n: call.headers[n][:200] for n in names if n in call.headers}
    return Delivery(headers, call.body)


def _hmac(given: str, signed: bytes, secrets: Iterable[str], write: Callable[[bytes], str]) -> None:
    digests = [hmac.digest(each.encode(), signed, hashlib.sha256) for each in secrets if each]
    matches = [_same(given, write(digest)) for digest in digests]
    if not given or not any(matches):
        raise Forged("signature")


def _same(given: str, known: str) -> bool:
    """Header values come as Latin-1; a surrogate in one is no reason to break off."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), known.encode("utf-8", "replace"))
