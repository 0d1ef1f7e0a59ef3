"""The real adapter before the sandbox's marking system, in this process."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx

from app.marking.true_api import TrueApi
from app.sandbox.marking.app import Register, create_app

KEY = "3f0c2b6e-4a7d-5c1e-9b8f-0d2a4c6e8f10"
#: Seconds for one check: a busy machine that stands still for longer than pickers wait is not a
#: marking system that does not answer.
PATIENT = 60.0


def register() -> Register:
    """A stand-in that knows one participant."""
    return Register(KEY, lambda: datetime.now(UTC))


def asking(system: Register, key: str = KEY, clock=lambda: 0.0) -> TrueApi:
    """The adapter, with that stand-in at the other end of its wire."""
    http = httpx.AsyncClient(transport=httpx.ASGITransport(create_app(system)))
    return TrueApi(http, "http://marking.test", key, clock, PATIENT)
