"""`python -m tests.machines.load PLAN`: requests at a rate from inside a lab, each written down.

An open loop: what is due is sent, however slow the answers are, and its time counts from when it
was due. Ends after its seconds, or at SIGTERM when the last answers are there. Nothing is repeated.
"""

from __future__ import annotations

import asyncio
import hashlib
import signal
import sys
import time
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import httpx
import msgspec

from tests.factories import placed
from tests.machines import web

#: What a request may be: a webhook with a new order, or a question whether the hub is ready.
WEBHOOKS: Final = "webhooks"
READY: Final = "ready"


class Plan(msgspec.Struct, frozen=True):
    """What is sent where; `out` is the file for what came of it."""

    name: str
    address: str
    kind: str
    rate: float
    seconds: float
    headers: dict[str, str]
    out: str
    path: str = "/readyz"
    timeout: float = 10


class Sent(msgspec.Struct, array_like=True):
    """One request: when it was due (epoch), its status (0: none) and milliseconds, its delivery's
    key in the hub's inbox ("" when it is none), what went wrong, and the release that answered."""

    at: float
    status: int
    milliseconds: float
    key: str = ""
    error: str = ""
    by: str = ""


async def send(plan: Plan, stop: asyncio.Event) -> list[Sent]:
    """Send until the time is over or somebody says stop; every request that was begun is in it."""
    done: list[Sent] = []
    async with web.client(plan.name, plan.address, timeout=plan.timeout) as http:
        shoot = _SHOTS[plan.kind](http, plan)
        begun, wall = time.perf_counter(), time.time()

        async def one(due: float) -> None:
            done.append(await _outcome(shoot, wall + due - begun, due))

        async with asyncio.TaskGroup() as group:
            for number in range(round(plan.rate * plan.seconds)):
                due = begun + number / plan.rate
                if (early := due - time.perf_counter()) > 0:
                    await asyncio.sleep(early)
                if stop.is_set():
                    break
                group.create_task(one(due))
    return sorted(done, key=lambda it: it.at)


Shot = Callable[[], tuple[str, Awaitable[httpx.Response]]]


def _webhooks(http: httpx.AsyncClient, plan: Plan) -> Shot:
    run, numbers = uuid.uuid4().hex[:8], iter(range(10**9))

    def shot() -> tuple[str, Awaitable[httpx.Response]]:
        content = placed(f"L{run}{next(numbers):06d}")
        key = hashlib.sha256(content).hexdigest()  # as the adapter has it: СМ sends no id
        return key, http.post(plan.path, content=content, headers=plan.headers)

    return shot


def _questions(http: httpx.AsyncClient, plan: Plan) -> Shot:
    return lambda: ("", http.get(plan.path, headers=plan.headers))


_SHOTS: Final = {WEBHOOKS: _webhooks, READY: _questions}


async def _outcome(shoot: Shot, at: float, due: float) -> Sent:
    key, asking = shoot()
    status, error, by = 0, "", ""
    try:
        answer = await asking
    except httpx.HTTPError as broken:
        error = f"{type(broken).__name__}: {broken}"
    else:
        status = answer.status_code
        error = "" if answer.is_success else answer.text[:300]
        by = _release(answer)
    return Sent(at, status, round(1000 * (time.perf_counter() - due), 1), key, error, by)


def _release(answer: httpx.Response) -> str:
    """The release that answered, where the answer says it (/readyz)."""
    if not answer.headers.get("content-type", "").startswith("application/json"):
        return ""
    said = answer.json()
    return str(said.get("release", "")) if isinstance(said, dict) else ""


async def run(plan: Plan) -> list[Sent]:
    """Send; SIGTERM is the word to stop."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    return await send(plan, stop)


def main() -> None:
    """Take the plan's file; what came of it is written whole or not at all."""
    plan = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Plan)
    Path(plan.out + ".begun").touch()
    done = asyncio.run(run(plan))
    half = Path(plan.out + ".half")
    half.write_bytes(msgspec.json.encode(done))
    half.rename(plan.out)


if __name__ == "__main__":
    main()
