"""Webhooks to the hub: in order within a shipment, repeated with back-off until answered."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Final

import httpx

from app.sandbox.credentials import Account
from app.sandbox.kuper.shares import Bounds
from app.sandbox.kuper.shipment import Shipment, Webhook
from app.sandbox.kuper.switches import Dials

Sleep = Callable[[float], Awaitable[None]]
Done = Callable[[Shipment, Webhook], None]

KEPT_ANSWER: Final = 2_000  #: characters of the hub's answer kept to be looked at


@dataclass(slots=True)
class Hooks:
    """Sends webhooks; `done` is called once for each that is settled."""

    accounts: Mapping[str, Account]
    client: httpx.AsyncClient
    bounds: Bounds
    dials: Dials
    rng: Random
    done: Done
    sleep: Sleep = asyncio.sleep
    _lanes: dict[str, deque[Webhook]] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _slots: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._slots = asyncio.Semaphore(self.bounds.parallel)

    def send(self, shipment: Shipment, webhook: Webhook, *, copies: int = 1) -> None:
        """Queue a webhook behind those its shipment still waits for."""
        shipment.webhooks.append(webhook)
        lane = self._lanes.get(shipment.order_id)
        if lane is None:
            lane = self._lanes[shipment.order_id] = deque()
            self._spawn(self._run_lane(shipment, lane))
        lane.extend([webhook] * copies)

    def send_late(self, shipment: Shipment, webhook: Webhook, delay: float) -> None:
        """Send a webhook outside its shipment's order, `delay` seconds from now."""
        shipment.webhooks.append(webhook)
        self._spawn(self._send_late(shipment, webhook, delay))

    def lose(self, shipment: Shipment, webhook: Webhook) -> None:
        """Forget to send a webhook: it happened, and nobody is told."""
        shipment.webhooks.append(webhook)
        webhook.outcome = "dropped"
        webhook.answered.set()
        self.dials.counts["webhooks_dropped"] += 1

    def busy(self) -> bool:
        """Whether webhooks are on their way, or will be sent again."""
        return bool(self._tasks)

    async def close(self) -> None:
        """Stop sending; what waits is dropped."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _spawn(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run_lane(self, shipment: Shipment, lane: deque[Webhook]) -> None:
        try:
            while lane:
                await self._deliver(shipment, lane[0])
                lane.popleft()
        finally:
            del self._lanes[shipment.order_id]

    async def _send_late(self, shipment: Shipment, webhook: Webhook, delay: float) -> None:
        await self.sleep(delay)
        await self._deliver(shipment, webhook)

    async def _deliver(self, shipment: Shipment, webhook: Webhook) -> None:
        pause = self.bounds.first_pause
        for _ in range(self.bounds.attempts):
            asked_to_wait = await self._attempt(shipment, webhook)
            webhook.answered.set()
            if webhook.outcome != "waiting":
                break
            self.dials.counts["webhooks_repeated"] += 1
            await self.sleep(max(asked_to_wait, pause * self.rng.uniform(0.7, 1.3)))
            pause = min(pause * 2, self.bounds.longest_pause)
        else:
            webhook.outcome = "given_up"
        self._settle(shipment, webhook)

    async def _attempt(self, shipment: Shipment, webhook: Webhook) -> float:
        """Send once and note the outcome; return the seconds the hub asked us to wait."""
        account = self.accounts[shipment.account]
        headers = {"Content-Type": "application/json", **account["headers"]}
        webhook.attempts += 1
        try:
            async with self._slots:
                answer = await self.client.post(
                    account["hook_url"], content=webhook.body, headers=headers
                )
        except httpx.HTTPError as error:
            webhook.status, webhook.answer = None, repr(error)
            return 0.0
        webhook.status, webhook.answer = answer.status_code, answer.text[:KEPT_ANSWER]
        webhook.outcome = _outcome(shipment, webhook)
        wait = answer.headers.get("Retry-After", "")
        return min(float(wait), 60.0) if wait.isdecimal() else 0.0

    def _settle(self, shipment: Shipment, webhook: Webhook) -> None:
        self.dials.counts[f"webhooks_{webhook.outcome}"] += 1
        if webhook.outcome != "accepted":
            self.dials.refused(
                order=shipment.order_id,
                event=webhook.event_type,
                status=webhook.status,
                answer=webhook.answer[:300],
            )
        self.done(shipment, webhook)


def _outcome(shipment: Shipment, webhook: Webhook) -> str:
    assert webhook.status is not None
    if webhook.status == 429 or webhook.status >= 500:
        return "waiting"
    if not 200 <= webhook.status < 300:
        return "refused"
    if webhook.event_type != "order.created":
        return "accepted"
    number = _number_in(webhook.answer)
    shipment.number = number or shipment.number
    return "accepted" if number else "refused"


def _number_in(answer: str) -> str | None:
    """Read the hub's own number; СМ demands `{"status":"created","number":"…"}`."""
    try:
        reply = json.loads(answer)
    except ValueError:
        return None
    if not isinstance(reply, dict) or reply.get("status") != "created":
        return None
    number = reply.get("number")
    return number if isinstance(number, str) and number else None
