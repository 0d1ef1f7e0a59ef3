"""What each way needs to know, as JSON says it; whoever prints one of these prints no secret."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated, Final, TypeAlias, TypeVar
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

from app.domain.destination import Destination, Way
from app.domain.paper import FORMS
from app.errors import SettingsInvalid
from app.files.address import Address, BucketAddress, address
from app.signing import key

Line = Annotated[str, Meta(min_length=1, max_length=1000, pattern=r"^[^\x00-\x1f\x7f]+$(?!\n)")]
Side = Annotated[int, Meta(ge=1, le=16)]
T = TypeVar("T")


class Push(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Posted: to `url`, over TLS unless it is near; `parallel` at once. Secrets: `signing`
    (whsec_…, one or more), and `authorization`, the whole header, for an ERP that asks for one."""

    url: Line
    parallel: Side = 4


class Drop(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Put into the folder `path` of this machine; `daily`: into one of its folders for each day."""

    path: Line
    daily: bool = False
    parallel: Side = 4


class Sftp(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Put into the folder `path` of another machine. `host_key`: its public key as known_hosts has
    it, without the name (`ssh-ed25519 AAAA…`). Secrets: `password` or `private_key`."""

    host: Line
    user: Line
    path: Line
    host_key: Line
    port: Annotated[int, Meta(ge=1, le=65535)] = 22
    daily: bool = False
    parallel: Side = 4


class Store(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Put into a bucket: `url` is s3://key-id@host/bucket/prefix?region=…. Secret: `secret`."""

    url: Line
    daily: bool = False
    parallel: Side = 4


class Fetched(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The ERP fetches."""

    parallel: Side = 1


Shape: TypeAlias = Push | Drop | Sftp | Store | Fetched
SHAPES: Final[Mapping[Way, type[Shape]]] = {
    Way.HTTP: Push, Way.FOLDER: Drop, Way.SFTP: Sftp, Way.S3: Store, Way.PULL: Fetched,
}  # fmt: skip
#: Secrets a way may have; of those marked with True there must be one at least.
SECRETS: Final[Mapping[Way, Mapping[str, bool]]] = {
    Way.HTTP: {"signing": True, "authorization": False},
    Way.FOLDER: {},
    Way.SFTP: {"password": False, "private_key": False},
    Way.S3: {"secret": True},
    Way.PULL: {},
}


def shape(destination: Destination, of: type[T]) -> T:
    """The settings of a destination; SettingsInvalid when they are not what its way needs."""
    try:
        return msgspec.convert(dict(destination.settings), of)
    except (msgspec.ValidationError, ValueError) as error:
        raise SettingsInvalid(f"destination {destination.code}: {error}") from None


def check(destination: Destination) -> None:
    """Raise SettingsInvalid with a line for each mistake; nothing is asked of the other side."""
    settings = shape(destination, SHAPES[destination.way])
    mistakes = [*_form(destination), *_secrets(destination)]
    if not mistakes:
        mistakes = list(_CHECKS[destination.way](destination, settings))
    if mistakes:
        lines = (f"destination {destination.code}: {each}" for each in mistakes)
        raise SettingsInvalid("\n".join(lines))


def bucket(destination: Destination) -> BucketAddress:
    """The bucket of a destination; ValueError for what is none."""
    said = shape(destination, Store)
    found: Address = address(said.url, destination.secrets["secret"][0])
    if not isinstance(found, BucketAddress):
        raise ValueError("s3://key-id@host/bucket/prefix?region=… is wanted")  # noqa: TRY004
    return found


def _form(destination: Destination) -> list[str]:
    form = FORMS.get(destination.form)
    if form is None:
        return [f"no form {destination.form!r}; there are {', '.join(FORMS)}"]
    beyond = sorted(destination.kinds - form.kinds)
    return [f"a document of kind {kind} cannot be said as {form.name}" for kind in beyond]


def _secrets(destination: Destination) -> list[str]:
    known = SECRETS[destination.way]
    given = {kind for kind, secrets in destination.secrets.items() if secrets}
    wrong = [f"no secret {kind!r} is used" for kind in sorted(given - known.keys())]
    return wrong + [
        f"secret {kind!r} is missing"
        for kind, needed in known.items()
        if needed and kind not in given
    ]


def _push(destination: Destination, settings: Shape) -> Sequence[str]:
    assert isinstance(settings, Push)
    mistakes = []
    parts = urlsplit(settings.url)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        mistakes.append("url is an http(s) URL without a login")
    elif parts.scheme == "http" and not _near(parts.hostname):
        mistakes.append("url must be https: it goes over a network that is not private")
    for secret in destination.secrets["signing"]:
        mistakes += [f"signing is {each}" for each in _tried(partial(key, secret))]
    return mistakes + [
        "authorization is ASCII without spaces around it"
        for secret in destination.secrets.get("authorization", ())
        if not (secret.isascii() and secret.isprintable()) or secret != secret.strip()
    ]


def _near(host: str) -> bool:
    """Whether it is this machine or a private network, where the ERP of a small chain stands."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost" or "." not in host or host.endswith((".local", ".lan"))


def _drop(_destination: Destination, settings: Shape) -> Sequence[str]:
    assert isinstance(settings, Drop)
    return [] if Path(settings.path).is_absolute() else ["path begins with /"]


def _sftp(destination: Destination, settings: Shape) -> Sequence[str]:
    assert isinstance(settings, Sftp)
    words = settings.host_key.split()
    mistakes = [] if len(words) >= 2 else ["host_key is `ssh-ed25519 AAAA…`"]
    if len([kind for kind, secrets in destination.secrets.items() if secrets]) != 1:
        mistakes.append("one of the secrets password and private_key is wanted")
    return mistakes


def _store(destination: Destination, _settings: Shape) -> Sequence[str]:
    return _tried(partial(bucket, destination))


def _fetched(_destination: Destination, _settings: Shape) -> Sequence[str]:
    return []


def _tried(what: Callable[[], object]) -> list[str]:
    try:
        what()
    except ValueError as error:
        return [str(error)]
    return []


_CHECKS: Final[Mapping[Way, Callable[[Destination, Shape], Sequence[str]]]] = {
    Way.HTTP: _push, Way.FOLDER: _drop, Way.SFTP: _sftp, Way.S3: _store, Way.PULL: _fetched,
}  # fmt: skip
