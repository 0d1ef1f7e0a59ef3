"""What this process counts; /metrics adds up all processes of the machine."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Histogram

_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)

REQUESTS: Final = Counter("hub_requests_total", "Requests by route and answer", ("route", "status"))
REQUEST_SECONDS: Final = Histogram(
    "hub_request_seconds", "Time to answer", ("route",), buckets=_SECONDS
)
REFUSED: Final = Counter("hub_deliveries_refused_total", "Deliveries refused", ("reason",))
FAILED: Final = Counter("hub_queue_failures_total", "Failed tries", ("queue", "reason"))
DONE: Final = Counter("hub_queue_done_total", "Rows finished", ("queue",))
