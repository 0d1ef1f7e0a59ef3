"""Health for nginx, supervisors and monitoring: /livez, /readyz, /metrics."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Final

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import REGISTRY, GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.requests import Request
from starlette.responses import Response

from app.db import health, pulse, queue
from app.db.conn import FAULTS, within
from app.domain.incident import IncidentState
from app.domain.rule import Level
from app.errors import HubError
from app.hub import Hub

_PATIENCE: Final = 1.5


async def livez(_request: Request) -> Response:
    """The process answers."""
    return _json({"status": "ok"}, 200)


async def readyz(request: Request) -> Response:
    """The process can write to its database, whose schema it knows and which does not forget."""
    hub = request.state.hub
    try:
        missing, forgetful = await within(_PATIENCE, _look(hub))
    except (*FAULTS, HubError) as error:
        return _json({"status": "away", "worker": hub.worker, "reason": type(error).__name__}, 503)
    if missing or forgetful:
        status = "schema is behind" if missing else f"the database may forget: no {forgetful[0]}"
        return _json({"status": status, "worker": hub.worker}, 503)
    return _json({"status": "ready", "worker": hub.worker}, 200)


async def _look(hub: Hub) -> tuple[list[str], list[str]]:
    async with hub.pools.hooks.acquire() as conn:
        await health.beat(conn, hub.worker)
        missing = await health.missing_migrations(conn)
        return missing, [] if hub.under_test else await health.forgetful(conn)


async def metrics(request: Request) -> Response:
    """Prometheus text: every process of this machine added up, and the queues from the database."""
    registry: CollectorRegistry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    async with request.state.hub.pools.picking.acquire() as conn:
        watched = (
            await queue.depths(conn),
            await pulse.monitor_age(conn),
            await pulse.incidents(conn),
        )
    text = generate_latest(registry) + generate_latest(_Watched(*watched))
    return Response(text, headers={"Content-Type": CONTENT_TYPE_LATEST})


class _Watched(CollectorRegistry):
    """What the database knows, as gauges, for one scrape."""

    def __init__(
        self,
        depths: dict[str, queue.Depth],
        monitor_age: float | None,
        incidents: dict[tuple[str, str], int],
    ) -> None:
        super().__init__()
        self._depths, self._monitor_age, self._incidents = depths, monitor_age, incidents
        self.register(self)

    def collect(self) -> list[GaugeMetricFamily]:
        """The queues, the monitor, and what it sees."""
        return [*self._queues(), *self._monitor()]

    def _monitor(self) -> Iterable[GaugeMetricFamily]:
        """Without an age when monitoring has never run."""
        age = GaugeMetricFamily("hub_monitor_age_seconds", "Since monitoring last ran")
        if self._monitor_age is not None:
            age.add_metric([], self._monitor_age)
        on = GaugeMetricFamily("hub_incidents", "Incidents that are on", labels=["level", "state"])
        for level in Level:
            for state in IncidentState:
                if state is not IncidentState.RESOLVED:
                    on.add_metric([level, state], self._incidents.get((level, state), 0))
        return age, on

    def _queues(self) -> list[GaugeMetricFamily]:
        """Three gauges with a label per queue."""
        unfinished = GaugeMetricFamily("hub_queue_unfinished", "Rows to do", labels=["queue"])
        oldest = GaugeMetricFamily(
            "hub_queue_oldest_seconds", "Age of the oldest due row", labels=["queue"]
        )
        dead = GaugeMetricFamily("hub_queue_dead", "Buried rows", labels=["queue"])
        for name, depth in self._depths.items():
            unfinished.add_metric([name], depth.unfinished)
            oldest.add_metric([name], depth.oldest_due)
            dead.add_metric([name], depth.dead)
        return [unfinished, oldest, dead]


def _json(body: dict[str, str], status: int) -> Response:
    return Response(msgspec.json.encode(body), status, media_type="application/json")
