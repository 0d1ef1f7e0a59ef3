"""Files by their content: what is kept, what it is called, and where it lies."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_DIGEST: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)
#: What some system of files, or some gateway in a path, does not take or reads as something else.
_FORBIDDEN: Final = re.compile(r'[\\/:*?"<>|%;]+')
#: Bytes of a name, which may be 255 in most systems of files.
LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Kept:
    """A file in the store: its content's SHA-256 in hex, its size in bytes, and what it is called
    when somebody saves it."""

    sha256: str
    size: int
    media_type: str
    name: str


def is_digest(text: str) -> bool:
    """Whether this may be the digest of a file."""
    return _DIGEST.fullmatch(text) is not None


def lies(sha256: str) -> str:
    """The name of a content in the store: no folder gets more than 256 entries of folders."""
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


def file_name(text: str) -> str:
    """A name that every system can save a file by; the end, with the extension, survives."""
    shown = "".join(each if each.isprintable() else " " for each in text)
    tame = _FORBIDDEN.sub("_", " ".join(shown.split())).strip(" .")
    return tame.encode()[-LONGEST:].decode(errors="ignore").lstrip(" .") or "file"
