"""Webhooks: how many a second are durable, against the same stack that forgets; and how soon."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import Iterator
from statistics import median
from typing import Any, Final

from app.bench.load import Target, closed_loop, open_loop, percentile

LANES: Final = 48
SECONDS: Final = 6.0
ROUNDS: Final = 3
RATE: Final = 300
RATE_SECONDS: Final = 20.0


def bodies(run: str) -> Iterator[bytes]:
    """Orders of two positions, each another one."""
    for number in itertools.count():
        order_id = f"B{run}{number:08d}"
        positions = [
            {"id": "200101", "name": "Бананы", "originalQuantity": 1, "quantity": 1,
             "price": "129.90", "discountPrice": "129.90", "weight": "1000"},
            {"id": "100201", "name": "Хлеб Бородинский, 400 г", "originalQuantity": 2,
             "quantity": 2, "price": "54.50", "discountPrice": "49.90"},
        ]  # fmt: skip
        payload = {
            "originalOrderId": order_id,
            "storeID": "101",
            "replacementPolicy": "call_or_replace",
            "delivery": {"expectedFrom": "2030-01-01T12:00:00+03:00"},
            "customer": {"name": "Тест", "phone": "+70000000000"},
            "positions": positions,
        }
        yield json.dumps({"event_type": "order.created", "payload": payload}).encode()


async def measure(durable: Target, forgetful: Target, run: str) -> dict[str, Any]:
    """Both stacks in turn, several rounds; then the durable one at a fixed rate."""
    endless = bodies(run)
    rates: dict[str, list[float]] = {"durable": [], "forgetful": []}
    errors: Counter[str] = Counter()
    for _ in range(ROUNDS):
        for name, target in (("forgetful", forgetful), ("durable", durable)):
            tally = await closed_loop(target, endless, LANES, SECONDS)
            rates[name].append(len(tally.seconds) / SECONDS)
            errors.update({f"{name} {status}": n for status, n in tally.errors.items()})
    steady = await open_loop(durable, endless, RATE, RATE_SECONDS)
    errors.update({f"steady {status}": n for status, n in steady.errors.items()})
    ratios = [d / f for d, f in zip(rates["durable"], rates["forgetful"], strict=True)]
    return {
        "durable_per_second": round(median(rates["durable"])),
        "forgetful_per_second": round(median(rates["forgetful"])),
        "ratio": round(median(ratios), 3),
        "ratio_rounds": [round(ratio, 3) for ratio in ratios],
        "errors": errors.total(),
        "errors_by_status": dict(errors),
        f"at_{RATE}_per_second_ms": {
            name: round(1000 * percentile(steady.seconds, share), 1)
            for name, share in (("p50", 0.50), ("p95", 0.95), ("p99", 0.99))
        },
    }
