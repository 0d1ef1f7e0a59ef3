"""Which addresses may be called: what is said to be out in the world never leads into the own
network, and nothing leads to a machine's metadata, whatever a name resolves to by then."""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from app.errors import SettingsInvalid, Undelivered

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve: TypeAlias = Callable[[str, int], Awaitable[list[Address]]]
#: Characters of a URL.
_LONGEST: Final = 1000
#: Names that stand for this machine or the network around it.
_NEAR_NAMES: Final = (".local", ".lan", ".internal", ".home.arpa")
#: Addresses of a name that are tried one after the other.
_TRIED: Final = 3
#: All that is out in the world, of IPv6; and where IPv4 is called through a translator (RFC 6052).
_WORLD: Final = ipaddress.IPv6Network("2000::/3")
_TRANSLATED: Final = ipaddress.IPv6Network("64:ff9b::/96")
#: Where clouds keep a machine's metadata, beside 169.254.0.0/16.
_METADATA: Final = frozenset(
    map(
        ipaddress.ip_address,
        ("100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:42::42", "fd00:c1::a9fe:a9fe",
         "fd00:ec2::23", "fd00:ec2::254", "fd20:ce::254"),
    )
)  # fmt: skip


def check_url(url: str) -> None:
    """SettingsInvalid with what is wrong with a subscription's address; nobody is asked."""
    if not url.isascii() or not url.isprintable() or " " in url or len(url) > _LONGEST:
        raise SettingsInvalid("url is ASCII without spaces, up to 1000 characters")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise SettingsInvalid("url has a host and a port that are none") from None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc or parts.fragment:
        raise SettingsInvalid("url is an https URL without a login and without a fragment")
    if parts.scheme == "http" and not is_near(host):
        raise SettingsInvalid("url must be https: it goes over a network that is not private")
    literal = _literal(host)
    if literal is not None and not _may_call(literal, near=is_near(host)):
        raise SettingsInvalid("url leads to an address that is never called")


def is_near(host: str) -> bool:
    """Whether it is this machine or a private network by what it is called."""
    literal = _literal(host)
    if literal is not None:
        return not literal.is_global
    return host == "localhost" or "." not in host or host.endswith(_NEAR_NAMES)


async def addresses(host: str, port: int, look: Resolve) -> list[str]:
    """Where a host may be called, the best first; Undelivered when it may not, or there is none."""
    literal = _literal(host)
    found = [literal] if literal is not None else await look(host, port)
    allowed = [each for each in found if _may_call(each, near=is_near(host))]
    if len(allowed) < len(found) or not allowed:  # one of them alone is reason to doubt them all
        raise Undelivered("its name leads to an address that is never called")
    return [str(each) for each in allowed[:_TRIED]]


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _may_call(address: Address, *, near: bool) -> bool:
    """`near`: it is meant to be in the own network."""
    plain = _carried(address)
    if plain in _METADATA or plain.is_link_local or plain.is_multicast or plain.is_unspecified:
        return False
    return near or (plain.is_global and (plain.version == 4 or plain in _WORLD))


def _carried(address: Address) -> Address:
    """The IPv4 address that one of IPv6 stands for, where it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in _TRANSLATED:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    _, behind = address.teredo or (None, None)
    return address.ipv4_mapped or address.sixtofour or behind or address
