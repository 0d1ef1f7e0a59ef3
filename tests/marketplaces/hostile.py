"""Hypothesis strategies that spoil JSON: values no sane sender sends, in place of sane ones."""

from __future__ import annotations

import json
import random
from typing import Any

from hypothesis import strategies as st

#: JSON texts to put in the place of a value.
NASTY = (
    "null", "true", "false", "0", "-0", "-1", "1.5", "1e5", "1e308", "1e400", "1e100000",
    "-1e-400", "9223372036854775808", "9" * 400, "9" * 5000, "NaN", "Infinity", "-Infinity",
    '""', '" "', '"\\u0000"', '"a\\u0000b"', '"\\ud800"', '"\\udfff\\ud800"', '"\\u202eabc"',
    '"NaN"', '"Infinity"', '"-1"', '"-0.01"', '"1e-999999999999999999"', '"1e999999999"',
    '"0.0000000000000000001"', '"1_000"', '"١٢"', '"1,5"', '"0.5"', '"100000000"', '"99999999999"',
    '"2026-02-30T00:00:00Z"', '"9999-12-31T23:59:59-14:00"', '"0001-01-01T00:00:00+14:00"',
    '"2026-03-02T10:15:60+03:00"', '"2026-03-02T10:15:00"', '"2026-03-02"', "1767225600000",
    "[]", "{}", "[[]]", '{"a":{"a":{}}}', "[" * 2000 + "]" * 2000, '{"":""}',
    '"' + "я" * 3000 + '"',
    '"😀"', '"e\\u0301"', '"\x7f"', '"\t"', "01", "+1", ".5", "'a'", "",
)  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn, samples: list[bytes]) -> bytes:
    """A sample with some of its values spoilt, removed, doubled, or with its bytes damaged."""
    body = draw(st.sampled_from(samples))
    for _ in range(draw(st.integers(0, 3))):
        spoil = draw(st.sampled_from([_replaced, _removed, _doubled]))
        body = spoil(body, draw(st.integers(0, 10**6)), draw(st.sampled_from(NASTY)))
    return _damaged(draw, body) if draw(st.integers(0, 3)) == 0 else body


def _edit(body: bytes, pick: int, change: Any) -> bytes:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return body
    if not isinstance(document, dict | list):
        return body
    paths = _places(document, ())
    if not paths:
        return body
    path = paths[pick % len(paths)]
    holder = document
    for key in path[:-1]:
        holder = holder[key]
    change(holder, path[-1])
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _places(value: Any, path: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    found: list[tuple[Any, ...]] = []
    for key, inner in pairs:
        found.append((*path, key))
        if isinstance(inner, dict | list):
            found += _places(inner, (*path, key))
    return found


def _replaced(body: bytes, pick: int, nasty: str) -> bytes:
    """The nasty text itself goes in: much of it is JSON only by somebody's else's rules."""
    hole = f"hole-{random.Random(pick).random()}"

    def put(holder: Any, key: Any) -> None:
        holder[key] = hole

    return _edit(body, pick, put).replace(
        f'"{hole}"'.encode(), nasty.encode("utf-8", "surrogatepass")
    )


def _removed(body: bytes, pick: int, _nasty: str) -> bytes:
    def drop(holder: Any, key: Any) -> None:
        del holder[key]

    return _edit(body, pick, drop)


def _doubled(body: bytes, pick: int, _nasty: str) -> bytes:
    def twice(holder: Any, key: Any) -> None:
        if isinstance(holder, list):
            holder.append(holder[key])
        else:
            holder[f"{key} "] = holder[key]

    return _edit(body, pick, twice)


def _damaged(draw: st.DrawFn, body: bytes) -> bytes:
    at = draw(st.integers(0, max(len(body) - 1, 0)))
    return draw(
        st.sampled_from(
            [body[:at], body[:at] + b"\xff" + body[at + 1 :], body[:at] + b"\x00" + body[at:],
             b"\xef\xbb\xbf" + body, body + body, body.decode("utf-8", "replace").encode("utf-16"),
             body[at:], body + b"\x00"]
        )
    )  # fmt: skip
