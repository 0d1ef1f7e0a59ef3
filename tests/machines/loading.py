"""Load on a lab's gateway while a block lasts, and what is asserted of it afterwards."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from contextlib import AbstractContextManager
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import msgspec

from tests.machines import places, processes
from tests.machines.load import READY, WEBHOOKS, Plan, Sent
from tests.machines.machine import Machine
from tests.machines.market import NAME, Market

_KEYS: Final = "SELECT dedupe_key FROM inbox_key"
#: As the database's administrator, on the machine that has it; one value a line.
PSQL: Final = "runuser -u postgres -- psql --no-psqlrc --tuples-only --no-align"


class Answers:
    """What came of all requests, in the order they were due."""

    def __init__(self, sent: Sequence[Sent]) -> None:
        self.sent = sent

    @property
    def failed(self) -> list[Sent]:
        """Requests that got no answer, or another one than 2xx."""
        return [it for it in self.sent if not 200 <= it.status < 300]

    @property
    def acknowledged(self) -> set[str]:
        """Keys of the deliveries that were said to be safe."""
        return {it.key for it in self.sent if it.key and 200 <= it.status < 300}

    def gap(self) -> float:
        """The longest time, in seconds, without one good answer."""
        bad = {id(it) for it in self.failed}
        good = sorted(it.at + it.milliseconds / 1000 for it in self.sent if id(it) not in bad)
        ends = [self.sent[0].at, *good, *([] if good else [self.sent[-1].at])]
        return max(later - earlier for earlier, later in pairwise(ends))

    def figures(self) -> dict[str, Any]:
        """What is printed and kept."""
        times = sorted(it.milliseconds for it in self.sent)
        at = {"p50": 0.5, "p99": 0.99, "max": 1.0}
        return {
            "sent": len(times),
            "failed": len(self.failed),
            "statuses": dict(Counter(it.status for it in self.sent)),
            **{f"{k}_ms": times[min(int(len(times) * v), len(times) - 1)] for k, v in at.items()},
            "gap_s": round(self.gap(), 2),
            "releases": dict(Counter(it.by for it in self.sent if it.by)),
        }

    def lost(self, database: Machine, name: str = "hub") -> set[str]:
        """Acknowledged deliveries that the database on that machine has not: none, ever."""
        known = database.run(f"{PSQL} --dbname={name}", given=f"{_KEYS};\n", within=120)
        return self.acknowledged - set(known.split())


class Load(AbstractContextManager["Load"]):
    """So many requests a second through the gateway until the block ends, or for `seconds`.

    `with Load(market, 40) as load: …`, then `load.answers`. Of `webhooks` or `ready` questions.
    """

    def __init__(
        self, market: Market, rate: float, kind: str = WEBHOOKS, *, seconds: float = 3600
    ) -> None:
        account = market.known["accounts"][0]
        hook = f"/hooks/{account['name']}"
        folder = market.lab.folder
        stem = f"load-{len(list(folder.glob('load-*.plan'))) + 1}"
        self.market = market
        self.files = {end: folder / f"{stem}.{end}" for end in ("plan", "pid", "log", "json")}
        self.plan = Plan(
            NAME, market.address, kind, rate, seconds,
            dict(account["headers"]) if kind == WEBHOOKS else {},
            str(self.files["json"]), hook if kind == WEBHOOKS else f"/{READY}z",
        )  # fmt: skip
        self.answers = Answers(())

    def __enter__(self) -> Self:
        self.files["plan"].write_bytes(msgspec.json.encode(self.plan))
        argv = [
            "ip", "netns", "exec", self.market.lab.name,
            sys.executable, "-m", "tests.machines.load", str(self.files["plan"]),
        ]  # fmt: skip
        path = {"PYTHONPATH": str(places.PROJECT)}
        processes.start(argv, self.files["pid"], self.files["log"], path)
        begun = Path(f"{self.plan.out}.begun")
        self.market.wait("the load's first request", begun.exists, 60)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        processes.end(self.files["pid"], within=self.plan.timeout + 60)
        if not self.files["json"].exists():
            raise processes.Broken(f"the load broke off: {self.files['log'].read_text()[-1000:]}")
        read = self.files["json"].read_bytes()
        self.answers = Answers(msgspec.json.decode(read, type=list[Sent]))
