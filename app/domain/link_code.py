"""One-time codes that link a person: short enough to type, too many to guess. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

#: Neither 0 and O nor 1, I and L: they are read from one screen and typed into another.
ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
#: 31^8 is 8.5e11; with a few dozen guesses in a quarter of an hour nobody finds one.
LENGTH: Final = 8


def new_code(below: Callable[[int], int]) -> str:
    """A new code; `below(n)` gives a random number from 0 to n - 1."""
    return "".join(ALPHABET[below(len(ALPHABET))] for _ in range(LENGTH))


def shown(code: str) -> str:
    """A code as people read it."""
    return f"{code[:4]}-{code[4:]}"


def code_of(text: str) -> str | None:
    """The code in what was typed, however it was written; None when nothing was."""
    typed = "".join(sign for sign in text.upper() if sign.isalnum())
    return typed[:64] or None
