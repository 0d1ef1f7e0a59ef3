"""Where files are put, read from settings; whoever prints one of these prints no key."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, TypeAlias
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from app.errors import RemoteRefused
from app.files.names import parts

_SCHEMES: Final = {"s3": "https", "s3+http": "http"}
#: What those who offer S3 without regions want to hear.
_REGION: Final = "us-east-1"
_EXPECTED: Final = "/a/folder or s3://key-id@host/bucket/prefix?region=… (s3+http:// without TLS)"
_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_WORD: Final = re.compile(r"[!-~]{1,128}")


@dataclass(frozen=True, slots=True)
class BucketAddress:
    """A bucket of a server that speaks S3: `endpoint` with its scheme and without a path, `prefix`
    without slashes around it."""

    endpoint: str
    bucket: str
    prefix: str
    region: str
    key_id: str = field(repr=False)
    secret: str = field(default="", repr=False)


#: A folder of this machine, or a bucket.
Address: TypeAlias = Path | BucketAddress


def address(text: str, secret: str = "") -> Address:
    """Where files are put, with a bucket's secret; raises ValueError."""
    return with_secret(read_address(text), secret)


def with_secret(read: Address, secret: str) -> Address:
    """The address with what a bucket needs and a folder does not; raises ValueError."""
    if isinstance(read, Path):
        if secret:
            raise ValueError("unset: files are put into a folder")
        return read
    if not (secret and secret.isascii() and secret.isprintable()):
        raise ValueError("the bucket's secret key, in ASCII")
    return replace(read, secret=secret)


def read_address(text: str) -> Address:
    """Read where files are put, a bucket without its secret yet. Raises ValueError, which repeats
    nothing of what was given."""
    try:
        split = urlsplit(text)
        assert split.port != 0
    except (ValueError, AssertionError):
        raise ValueError(_EXPECTED) from None
    if split.scheme in _SCHEMES:
        return _bucket(split)
    plain = split.scheme in ("", "file") and not (split.netloc or split.query or split.fragment)
    path = unquote(split.path) if split.scheme else text
    if not plain or not path.startswith("/") or not path.isprintable():
        raise ValueError(_EXPECTED)
    return Path(path)


def _bucket(split: SplitResult) -> BucketAddress:
    if split.password is not None:
        raise ValueError("without the secret, which has a setting of its own")
    bucket, _, prefix = split.path.strip("/").partition("/")
    asked = dict(parse_qsl(split.query, keep_blank_values=True))
    region = asked.pop("region", _REGION)
    key_id = unquote(split.username or "")
    words = all(_WORD.fullmatch(word) for word in (split.hostname or "", key_id, region))
    if not (words and _BUCKET.fullmatch(bucket) and _is_prefix(prefix)) or asked or split.fragment:
        raise ValueError(_EXPECTED)
    host = split.netloc.rpartition("@")[2]
    return BucketAddress(f"{_SCHEMES[split.scheme]}://{host}", bucket, prefix, region, key_id)


def _is_prefix(prefix: str) -> bool:
    try:
        return not prefix or bool(parts(prefix))
    except RemoteRefused:
        return False
