"""A handheld that picks its orders one after the other, as fast as it is told to."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

import msgspec

from app.bench.load import Connection, request
from app.bench.shop import Person

_BREAK: Final = {"reason": "перерыв"}


class _Quantity(msgspec.Struct):
    pieces: int
    grams: int | None = None


class _Line(msgspec.Struct):
    id: UUID
    unit: str
    requested: _Quantity
    barcodes: list[str]


class _Order(msgspec.Struct):
    version: int
    lines: list[_Line]


class _Answer(msgspec.Struct):
    order: _Order


class _Problem(msgspec.Struct):
    code: str
    current: _Order | None = None


_DECODER: Final = msgspec.json.Decoder(_Answer)
_PROBLEM: Final = msgspec.json.Decoder(_Problem)


class Handheld:
    """One picker's device: its next write follows from the answer to the last."""

    def __init__(self, base_url: str, trust: str, person: Person) -> None:
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self._api = f"{base_url}/picker/v1"
        self._trust = trust
        self._person = person
        self._connection = Connection(base_url, trust)
        self._keys = itertools.count(1)
        self._order: _Order | None = None
        self._steps = self._work()

    async def open(self) -> None:
        """Connect."""
        await self._connection.__aenter__()

    async def close(self) -> None:
        """Disconnect."""
        await self._connection.__aexit__()

    async def write(self) -> int:
        """Do the next write; its status."""
        verb, path, body = next(self._steps)
        version = self._order.version if self._order else 1
        headers = (
            ("Authorization", f"Bearer {self._person.token}"),
            ("Idempotency-Key", f"{self._person.id.hex}-{next(self._keys)}"),
            ("If-Match", f'"{version}"'),
        )
        asked = request("POST", self._api + path, headers, msgspec.json.encode(body))
        status, answer = await self._send(asked)
        if status == 200:
            self._order = _DECODER.decode(answer).order
            self.done[verb] += 1
        elif status:
            self._note(verb, status, answer)
        return status

    def _note(self, verb: str, status: int, answer: bytes) -> None:
        """Count a refusal, and go on with the order as it stands."""
        try:
            problem = _PROBLEM.decode(answer)
        except msgspec.MsgspecError:  # the gateway's own answer
            problem = _Problem(f"{status}")
        self.refused[f"{verb}: {problem.code}"] += 1
        self._order = problem.current or self._order

    async def read(self, url: str) -> int:
        """GET something; its status."""
        headers = (("Authorization", f"Bearer {self._person.token}"),)
        status, _ = await self._send(request("GET", url, headers))
        return status

    async def _send(self, asked: bytes) -> tuple[int, bytes]:
        """Once more when the connection was closed meanwhile: idle ones are, and a write that was
        done already is answered by its key."""
        status, answer = await self._connection.send(asked)
        return (status, answer) if status else await self._connection.send(asked)

    def _work(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Order after order; every fifth is given back half done, of some their first."""
        for number, order_id in enumerate(self._person.orders, self._person.id.int):
            place = f"/orders/{order_id}"
            self._order = None
            yield "claim", f"{place}/claim", {}
            yield "start", f"{place}/start", {}
            lines = self._lines()
            given_up = number % 5 == 4
            for nth, line in enumerate(lines[: len(lines) // 2] if given_up else lines):
                yield from _on_line(place, line, nth)
            if given_up:
                yield "release", f"{place}/release", _BREAK
                continue
            yield "complete", f"{place}/complete", {}
            yield "ready", f"{place}/ready", {}

    def _lines(self) -> list[_Line]:
        """Of the order in hand; none when it could not be had."""
        return self._order.lines if self._order else []


def _on_line(place: str, line: _Line, nth: int) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Weighed goods are weighed; of the others every third is scanned piece by piece, the rest
    counted, and now and then that was a mistake."""
    here = f"{place}/lines/{line.id}"
    if line.unit == "weight":
        yield "weigh", f"{here}/weigh", {"grams": line.requested.grams, "source": "scale"}
        return
    if nth % 3 == 0:
        for _ in range(line.requested.pieces):
            yield "scan", f"{place}/scan", {"raw": line.barcodes[0]}
        return
    pick = "pick", f"{here}/pick", {"quantity": line.requested.pieces}
    yield pick
    if nth % 8 == 1:
        yield "undo", f"{place}/undo", {}
        yield pick
