"""СМ's webhooks for one test each: a sample with something else in one place."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.contract import Delivery

SAMPLES = Path(__file__).parent / "samples"
NOW = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
ABSENT = object()


def sample(stem: str) -> bytes:
    return (SAMPLES / f"{stem}.json").read_bytes()


def spoilt(place: str, value: Any, stem: str = "order.created") -> Delivery:
    """A sample whose `place` ("positions.0.price", under payload) is `value`; ABSENT removes it."""
    document = json.loads(sample(stem))
    holder, *keys = document["payload"], *place.split(".")
    for key in keys[:-1]:
        holder = holder[int(key) if key.isdecimal() else key]
    last = int(keys[-1]) if keys[-1].isdecimal() else keys[-1]
    if value is ABSENT:
        del holder[last]
    else:
        holder[last] = value
    return Delivery({}, json.dumps(document).encode())
