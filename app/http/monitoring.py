"""Health for nginx, supervisors and monitoring: /livez, /readyz, /metrics."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
from asyncpg import Record
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import REGISTRY, CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.requests import Request
from starlette.responses import Response

from app.db import gates, health, outbound, pulse, queue, reconciliations
from app.db.conn import FAULTS, within
from app.domain.incident import IncidentState
from app.domain.rule import Level
from app.errors import HubError
from app.hub import Hub

#: Seconds that are left for saying so, when the database did not answer.
_SPARE: Final = 0.4


async def livez(_request: Request) -> Response:
    """The process answers."""
    return _json({"status": "ok"}, 200)


async def readyz(request: Request) -> Response:
    """The process can write to its database, whose schema it knows and which does not forget."""
    hub = request.state.hub
    whose = {"worker": hub.worker, "release": hub.running.release}
    try:
        missing, forgetful, held = await within(hub.patience - _SPARE, _look(hub))
    except (*FAULTS, HubError) as error:
        return _json({"status": "away", **whose, "reason": type(error).__name__}, 503)
    if missing or forgetful:
        status = "schema is behind" if missing else f"the database may forget: no {forgetful[0]}"
        return _json({"status": status, **whose}, 503)
    return _json({"status": "ready", **whose, "outbound": "held" if held else "open"}, 200)


async def _look(hub: Hub) -> tuple[list[str], list[str], bool]:
    async with hub.pools.hooks.acquire() as conn:
        await health.beat(conn, hub.worker)
        if missing := await health.missing_migrations(conn):
            return missing, [], False
        forgetful = [] if hub.under_test else await health.forgetful(conn)
        return [], forgetful, await outbound.held(conn) is not None


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
            {each.code: each.state for each in await gates.standings(conn)},
            await outbound.held(conn) is not None,
        )
        compared = _Compared(await reconciliations.standings(conn))
    text = generate_latest(registry) + generate_latest(_Watched(*watched))
    text += generate_latest(compared)
    return Response(text, headers={"Content-Type": CONTENT_TYPE_LATEST})


class _Watched(CollectorRegistry):
    """What the database knows, as gauges, for one scrape."""

    def __init__(
        self,
        depths: dict[str, queue.Depth],
        monitor_age: float | None,
        incidents: dict[tuple[str, str], int],
        accounts: dict[str, str],
        held: bool,  # noqa: FBT001 - one of many things that are watched
    ) -> None:
        super().__init__()
        self._accounts, self._held = accounts, held
        self._depths, self._monitor_age, self._incidents = depths, monitor_age, incidents
        self.register(self)

    def collect(self) -> list[GaugeMetricFamily]:
        """The queues, the monitor, and what it sees."""
        held = GaugeMetricFamily("hub_outbound_held", "Whether nothing goes out")
        held.add_metric([], float(self._held))
        return [*self._queues(), *self._monitor(), self._gates(), held]

    def _gates(self) -> GaugeMetricFamily:
        """1 for how each account's marketplace is called, 0 for how it is not."""
        gate = GaugeMetricFamily(
            "hub_account_gate", "How its marketplace is called", labels=["account", "state"]
        )
        for code, now in self._accounts.items():
            for state in ("closed", "resting", "half_open", "open"):
                gate.add_metric([code, state], float(state == now))
        return gate

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


class _Compared(CollectorRegistry):
    """How comparing orders with marketplaces goes, for one scrape."""

    def __init__(self, accounts: Sequence[Record]) -> None:
        super().__init__()
        self._accounts = accounts
        self.register(self)

    def collect(self) -> list[Metric]:
        """By account; without a lag until everything was compared once."""
        name, labels = "hub_reconciliation", ["account"]
        lag = GaugeMetricFamily(f"{name}_lag_seconds", "Since all was compared", labels=labels)
        found = CounterMetricFamily(f"{name}_found", "Orders found by asking", labels=labels)
        differ = GaugeMetricFamily(f"{name}_differing", "Orders that differ", labels=labels)
        for row in self._accounts:
            if row["lag"] is not None:
                lag.add_metric([row["code"]], row["lag"])
            found.add_metric([row["code"]], row["found"])
            differ.add_metric([row["code"]], row["differing"])
        return [lag, found, differ]


def _json(body: dict[str, str], status: int) -> Response:
    return Response(msgspec.json.encode(body), status, media_type="application/json")
