"""A tiny hub that speaks the Picker API's contract strictly, with faults on demand."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import uuid4

import httpx

from app.sandbox.catalogue import BY_SKU
from app.sandbox.credentials import PICKERS, SUPERVISORS, Picker
from app.sandbox.robot.handheld import Handheld
from app.sandbox.robot.hands import Hands
from app.sandbox.robot.nature import Nature
from app.sandbox.robot.picker import RobotPicker
from app.sandbox.robot.queue import Queue
from app.sandbox.robot.temper import Temper

Json = dict[str, Any]

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BANANAS, CHEESE, TRAY, BREAD, TEA, MILK = (
    "200101",
    "200201",
    "200301",
    "100201",
    "100301",
    "100401",
)
#: Nothing unusual happens to this one.
LUCKY = Temper(
    shorts=0, drops=0, looks=0, strays=0, halves=0, prices=0, heavy=0, too_heavy=0, postpones=0,
    undoes=0, reopens=0, spares=0, printed=0, labels=0, helps=0, leaves=0, lunches=0, tunnels=0,
    runs=0, rescues=0, chooses=0, breaks=0, listens=0.01, bagless=1.0,
)  # fmt: skip
#: What is read besides orders.
PLAIN: dict[str, Json] = {"/config": {}, "/me": {}, "/runs": {"runs": []}, "/stream": {}}


def line(sku: str, pieces: int = 1, grams: int | None = None) -> Json:
    product = BY_SKU[sku]
    return {
        "id": str(uuid4()),
        "sku": sku,
        "unit": product.kind,
        "requested": {"pieces": pieces, "grams": grams},
        "picked": None,
        "state": "todo",
        "barcodes": list(product.barcodes),
        "marked": product.marked,
        "marks": [],
        "position": 1,
        "allowed_actions": [product.kind.replace("piece", "pick").replace("weight", "weigh")],
    }


@dataclass
class FakePicking:
    """Orders of one store; `faults` are used up first, one a request."""

    orders: dict[str, Json] = field(default_factory=dict)
    faults: list[Callable[[httpx.Request], httpx.Response | None]] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    keys: dict[str, bytes] = field(default_factory=dict)
    answers: dict[str, tuple[int, Json | None]] = field(default_factory=dict)
    session: str | None = None
    full: bool = False  #: no staging place has room

    def add(self, *lines: Json, due_at: str = "2026-03-02T12:00:00+00:00") -> Json:
        order = {
            "id": str(uuid4()),
            "number": f"N{len(self.orders) + 1}",
            "state": "accepted",
            "version": 1,
            "due_at": due_at,
            "picker": None,
            "lines": list(lines),
            "bags": [],
        }
        self.orders[order["id"]] = order
        return order

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer one request (an httpx.MockTransport's handler)."""
        fault = self.faults.pop(0)(request) if self.faults else None
        if fault is not None:
            return fault
        path = request.url.path.removeprefix("/picker/v1")
        self.log.append(f"{request.method} {path.rpartition('/')[2]}")
        if path == "/sessions":
            return self._open(json.loads(request.content))
        if request.headers.get("Authorization") != f"Bearer {self.session}":
            return problem(401, "SESSION_EXPIRED")
        if request.method == "GET":
            return self._read(path, request.url.params.get("scope"))
        return self._write_once(request, path)

    def _open(self, who: Json) -> httpx.Response:
        if who["pin"] != "4711":
            return problem(401, "PIN_WRONG")
        self.session = f"s{uuid4()}"
        return httpx.Response(200, json={"token": self.session})

    def _read(self, path: str, scope: str | None) -> httpx.Response:
        if path in PLAIN:
            return httpx.Response(200, json=PLAIN[path])
        if path.endswith("/review"):
            return httpx.Response(200, json={"blockers": []})
        if path == "/orders":
            mine = scope == "mine"
            states = ("accepted", "picking", "picked")
            rows = [row for row in self.orders.values() if row["state"] in states]
            rows = [row for row in rows if (row["picker"] is not None) is mine]
            return httpx.Response(200, json={"orders": rows})
        order = self.orders.get(path.split("/")[2])
        return httpx.Response(200, json=order) if order else problem(404, "ORDER_NOT_FOUND")

    def _write_once(self, request: httpx.Request, path: str) -> httpx.Response:
        """The same key with the same body hears the first answer again."""
        if request.method == "DELETE":
            return httpx.Response(204)
        key = request.headers["Idempotency-Key"]
        if key not in self.answers:
            self.keys[key] = request.content
            self.answers[key] = self._write(request, path)
        assert self.keys[key] == request.content, "a key was used for another request"
        status, body = copy.deepcopy(self.answers[key])
        return httpx.Response(status, json=body) if body else httpx.Response(status)

    def _write(self, request: httpx.Request, path: str) -> tuple[int, Json | None]:
        if path.startswith("/shifts/"):
            return 200, {"state": "running"}
        if path == "/orders/next":
            return self._next()
        parts = path.split("/")
        order, verb = self.orders[parts[2]], parts[-1]
        if request.headers["If-Match"] != f'"{order["version"]}"':
            return 409, {"code": "VERSION_CONFLICT"}
        if order["state"] == "cancelled":
            return 409, {"code": "ORDER_CANCELLED"}
        found = [row for row in order["lines"] if row["id"] == parts[-2]]
        code = getattr(self, f"_{verb}")(order, found[0] if found else None, request.content)
        if code is not None:
            return 422, {"code": code}
        order["version"] += 1
        return 200, {"order": copy.deepcopy(order)}

    def _next(self) -> tuple[int, Json | None]:
        rows = [row for row in self.orders.values() if row["state"] in ("accepted", "picking")]
        if not rows:
            return 204, None
        order = min(rows, key=lambda row: (row["picker"] is None, row["due_at"]))
        order["picker"] = "me"
        order["version"] += 1
        return 200, {"order": copy.deepcopy(order)}

    def _claim(self, order: Json, _line: None, _body: bytes) -> None:
        order["picker"] = "me"

    def _release(self, order: Json, _line: None, body: bytes) -> None:
        assert json.loads(body)["reason"]
        order["picker"] = None

    def _start(self, order: Json, _line: None, _body: bytes) -> None:
        assert order["state"] == "accepted"
        order["state"] = "picking"

    def _bags(self, order: Json, _line: None, body: bytes) -> None:
        assert order["state"] in ("picking", "picked")
        kept = json.loads(body)["temperature"]
        number = len(order["bags"]) + 1
        bag = {"id": f"bag{number}", "code": f"B-{number}", "temperature": kept, "state": "open"}
        order["bags"].append(bag)

    def _seal(self, order: Json, _line: None, body: bytes) -> None:
        _bag(order, body)["state"] = "sealed"

    def _void(self, order: Json, _line: None, body: bytes) -> None:
        order["bags"].remove(_bag(order, body))

    def _stage(self, order: Json, _line: None, body: bytes) -> str | None:
        asked = json.loads(body)
        bags = [bag for bag in order["bags"] if bag["code"] in asked["bag_codes"]]
        assert all(bag["state"] == "sealed" for bag in bags)
        if self.full:
            return "PLACE_FULL"
        for bag in bags:
            bag["place"] = asked["location_code"]
        return None

    def _ready(self, order: Json, _line: None, _body: bytes) -> None:
        assert order["state"] == "picked"
        assert all(bag["state"] == "sealed" for bag in order["bags"])
        order["state"] = "ready"

    def _complete(self, order: Json, _line: None, _body: bytes) -> str | None:
        if any(row["state"] == "todo" for row in order["lines"]):
            return "LINES_NOT_CLOSED"
        if all(row["state"] == "dropped" for row in order["lines"]):
            return "NOTHING_PICKED"
        order["state"] = "picked"
        return None

    def _scan(self, order: Json, _line: None, body: bytes) -> None:
        asked = json.loads(body)
        row = next(row for row in order["lines"] if row["id"] == asked["line_id"])
        if row["unit"] == "weight":
            assert asked["raw"][:7] == f"21{BY_SKU[row['sku']].plu}"
            close(row, grams=int(asked["raw"][7:12]))
        else:
            assert asked["raw"] in row["barcodes"] or asked["raw"][3:16] in row["barcodes"]
            marks = row["marks"] + [asked["raw"]] if row["marked"] else []
            pieces = (row["picked"] or {"pieces": 0})["pieces"] + 1
            close(row, pieces=pieces, marks=marks)
            row["state"] = "picked" if pieces == row["requested"]["pieces"] else "todo"

    def _pick(self, _order: Json, row: Json, body: bytes) -> str | None:
        asked = json.loads(body)
        marks = asked.get("marks", [])
        if row["marked"] and len(marks) != asked["quantity"]:
            return "MARK_REQUIRED"
        assert asked["quantity"] == row["requested"]["pieces"]
        assert len(set(marks)) == len(marks)
        close(row, pieces=asked["quantity"], marks=marks)
        return None

    def _weigh(self, _order: Json, row: Json, body: bytes) -> None:
        close(row, grams=json.loads(body)["grams"])

    def _short(self, _order: Json, row: Json, body: bytes) -> None:
        asked, requested = json.loads(body), row["requested"]
        assert asked["reason"]
        unit = "grams" if row["unit"] == "weight" else "pieces"
        amount = asked["grams" if unit == "grams" else "quantity"]
        assert 0 < amount < requested[unit]
        assert len(asked.get("marks", [])) == (amount if row["marked"] else 0)
        row.update(state="short", picked={unit: amount}, marks=asked.get("marks", []))

    def _drop(self, _order: Json, row: Json, body: bytes) -> None:
        assert json.loads(body)["reason"]
        row.update(state="dropped", picked=None, marks=[])


def close(row: Json, **picked: Any) -> None:
    """Put goods into the basket."""
    row.update(state="picked", marks=picked.pop("marks", []), picked=picked)


def _bag(order: Json, body: bytes) -> Json:
    wanted = json.loads(body)["bag_id"]
    return next(bag for bag in order["bags"] if bag["id"] == wanted)


def problem(status: int, code: str, **headers: str) -> httpx.Response:
    """A problem+json answer."""
    return httpx.Response(status, json={"code": code, "status": status}, headers=headers)


class Slept:
    """Sleeping takes no time, but is remembered."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        await asyncio.sleep(0)


def robot(
    hub: Callable[[httpx.Request], httpx.Response],
    temper: Temper = LUCKY,
    *,
    seed: int = 1,
    picker: Picker = PICKERS[0],
) -> RobotPicker:
    client = httpx.AsyncClient(transport=httpx.MockTransport(hub), base_url="https://hub.test")
    nature = Nature(temper, Random(seed), Slept())
    handheld = Handheld(client, picker, nature, uuid4)
    hands = Hands(handheld, nature, SUPERVISORS[0])
    return RobotPicker(hands, Queue(hands, lambda: NOW), handheld)
