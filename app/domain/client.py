"""Versions of the handheld's application: dotted numbers, compared as numbers."""

from __future__ import annotations

import re
from typing import Final, TypeAlias

Version: TypeAlias = tuple[int, ...]
_DOTTED: Final = re.compile(r"\d{1,6}(\.\d{1,6}){0,4}", re.ASCII)


def version(text: str) -> Version | None:
    """The numbers of `1.12.0`, None when it is no version. Trailing zeros say nothing."""
    text = text.strip()
    if not _DOTTED.fullmatch(text):
        return None
    numbers = [int(number) for number in text.split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def too_old(given: str, minimum: Version) -> bool:
    """Whether this client must be updated; one that does not say its version is as old as any.

    Without a minimum everybody is welcome."""
    if not minimum:
        return False
    known = version(given)
    return known is None or known < minimum


def dotted(numbers: Version) -> str:
    """A version as people write it."""
    return ".".join(map(str, numbers)) or "0"
