"""Pictures: what Telegram takes as one, and its refusals. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Final

from app.sandbox.telegram.errors import ApiError, bad

LARGEST: Final = 10 * 1024 * 1024  #: bytes
LONGEST_SIDES: Final = 10_000  #: width and height together
WIDEST: Final = 20  #: times as wide as high, or the other way round
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8\xff"
#: Markers of a JPEG that carry its size.
_SIZED: Final = frozenset({0xC0, 0xC1, 0xC2, 0xC3})


@dataclass(frozen=True, slots=True)
class Photo:
    """One picture as it was sent."""

    content: bytes = field(repr=False)
    kind: str  #: media type
    width: int
    height: int

    def wire(self) -> list[dict[str, Any]]:
        """Return the picture as a message's `photo`: here there is one size only."""
        name = sha256(self.content).hexdigest()[:32]
        size = {"width": self.width, "height": self.height, "file_size": len(self.content)}
        return [{"file_id": f"AgAC{name}", "file_unique_id": name[:16], **size}]


def read_photo(content: Any) -> Photo:
    """Look at an uploaded picture; ApiError as Telegram refuses it."""
    if not isinstance(content, bytes):
        raise bad("there is no photo in the request" if not content else "wrong remote file id")
    if len(content) > LARGEST:
        raise ApiError(413, "")
    found = _png(content) or _jpeg(content)
    if found is None:
        raise bad("IMAGE_PROCESS_FAILED")
    width, height = found.width, found.height
    if not width or not height:
        raise bad("IMAGE_PROCESS_FAILED")
    if width + height > LONGEST_SIDES or max(width, height) > WIDEST * min(width, height):
        raise bad("PHOTO_INVALID_DIMENSIONS")
    return found


def _png(content: bytes) -> Photo | None:
    if not content.startswith(_PNG) or len(content) < 24:
        return None
    sides = int.from_bytes(content[16:20]), int.from_bytes(content[20:24])
    return Photo(content, "image/png", *sides)


def _jpeg(content: bytes) -> Photo | None:
    if not content.startswith(_JPEG):
        return None
    at = 2
    while at + 9 < len(content) and content[at] == 0xFF:
        if content[at + 1] in _SIZED:
            height = int.from_bytes(content[at + 5 : at + 7])
            return Photo(content, "image/jpeg", int.from_bytes(content[at + 7 : at + 9]), height)
        at += 2 + int.from_bytes(content[at + 2 : at + 4])
    return None
