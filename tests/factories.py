"""Orders as СМ sends them, and handhelds as pickers hold them, with defaults."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta

import httpx

from app.actions.deliver import deliver
from app.actions.drain import drain
from app.actions.process import process
from app.db.queue import Queue
from app.hub import Hub

MILK = {"id": "100101", "name": "Молоко", "originalQuantity": 2, "quantity": 2, "price": "89.90",
        "discountPrice": "79.90"}  # fmt: skip
BANANAS = {"id": "200101", "name": "Бананы", "originalQuantity": 1, "quantity": 1,
           "price": "129.90", "discountPrice": "129.90", "weight": "1000"}  # fmt: skip
BREAD = {"id": "300901", "name": "Хлеб", "originalQuantity": 3, "quantity": 3, "price": "54.50"}


#: Milk of the demo that needs a product mark on every bottle.
MARKED_EAN = "4690001004013"


def mark(serial: str | None = None, ean: str = MARKED_EAN) -> str:
    """The full code of one unit, a new one each time: GTIN, serial of 13, GS, crypto tail."""
    return f"010{ean}21{serial or uuid.uuid4().hex[:13]}\x1d93Test"


def iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def placed(order_id: str = "H1", *positions: dict, event: str = "order.created", **fields) -> bytes:
    """The body of order.created (or .changed) with positions and any other payload fields."""
    now = datetime.now(UTC)
    payload = {
        "originalOrderId": order_id,
        "orderUUID": str(uuid.uuid5(uuid.NAMESPACE_URL, order_id)),
        "storeID": "101",
        "replacementPolicy": "call_or_replace",
        "delivery": {"expectedFrom": iso(now + timedelta(hours=1)),
                     "expectedTo": iso(now + timedelta(hours=2)), "isPlanned": False},
        "customer": {"name": "Тест Тестов", "phone": "+70000000000"},
        "address": {"full_address": "г. Пример, ул. Тестовая, 1"},
        "paymentMethods": ["card"],
        "positions": list(positions) or [BREAD, BANANAS],
    }  # fmt: skip
    return body(event, {**payload, **fields})


def news(event: str, order_id: str = "H1", **fields) -> bytes:
    """The body of an event that only names its order."""
    return body(event, {"originalOrderId": order_id, **fields})


def body(event: str, payload: object) -> bytes:
    return json.dumps(
        {"event_type": event, "timestamp": iso(datetime.now(UTC)), "payload": payload},
        ensure_ascii=False,
    ).encode()


async def settle(hub: Hub) -> None:
    """Run both drains until nothing is due."""
    import asyncio

    stop = asyncio.Event()
    while await drain(hub, Queue.INBOX, process, stop):
        pass
    while await drain(hub, Queue.OUTBOX, deliver, stop):
        pass


class Handheld:
    """A picker's device: signs in, keeps the version, makes a new key for each action."""

    def __init__(self, client: httpx.AsyncClient, *, language: str = "en") -> None:
        self.client = client
        self.headers = {"Accept-Language": language}
        self.order: dict = {}

    async def sign_in(self, badge: str = "1001", pin: str = "4711") -> Handheld:
        answer = await self.client.post("/picker/v1/sessions", json={"badge": badge, "pin": pin})
        assert answer.status_code == 200, answer.text
        self.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        return self

    async def next(self) -> dict | None:
        answer = await self.post("/picker/v1/orders/next")
        if answer.status_code == 204:
            return None
        return self._took(answer)

    async def do(self, verb: str, *, line: str | None = None, **body_) -> dict:
        """One verb that must succeed; `line` is a SKU."""
        answer = await self.ask(verb, line=line, **body_)
        assert answer.status_code == 200, answer.text
        return self._took(answer)

    async def ask(self, verb: str, *, line: str | None = None, key: str | None = None,
                  version: int | None = None, **body_) -> httpx.Response:  # fmt: skip
        """One verb, whatever comes of it."""
        place = f"/lines/{self.line(line)['id']}" if line else ""
        return await self.post(
            f"/picker/v1/orders/{self.order['id']}{place}/{verb}",
            body_,
            key=key,
            version=self.order["version"] if version is None else version,
        )

    async def post(self, path: str, body_: dict | None = None, *, key: str | None = None,
                   version: int | None = None) -> httpx.Response:  # fmt: skip
        headers = self.headers | {"Idempotency-Key": key or str(uuid.uuid4())}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return await self.client.post(path, json=body_ or {}, headers=headers)

    async def get(self, path: str) -> httpx.Response:
        return await self.client.get(path, headers=self.headers)

    async def reread(self) -> dict:
        """Look at the order again, as after a conflict."""
        answer = await self.get(f"/picker/v1/orders/{self.order['id']}")
        assert answer.status_code == 200, answer.text
        self.order = answer.json()
        return self.order

    def line(self, sku: str | None) -> dict:
        return next(line for line in self.order["lines"] if line["sku"] == sku)

    def _took(self, answer: httpx.Response) -> dict:
        result = answer.json()
        self.order = result["order"]
        return result
