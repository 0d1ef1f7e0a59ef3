"""What a walk did and how long it took: a table at the end, and machines.json."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from tests.machines.places import PROJECT

FILE: Final = PROJECT / "machines.json"


@dataclass(slots=True)
class Step:
    """Something with a name, its seconds, and what came of it."""

    name: str
    seconds: float
    outcome: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Record:
    """The steps of one scope. Tests add their own with `note` and `timed`."""

    scope: str
    steps: list[Step] = field(default_factory=list)
    load: float = field(default_factory=lambda: os.getloadavg()[0])

    def note(self, name: str, seconds: float, outcome: str = "", **facts: Any) -> None:
        """A step that was measured elsewhere; `facts` are figures for docs/."""
        self.steps.append(Step(name, round(seconds, 2), outcome, facts))

    @contextmanager
    def timed(self, name: str, **facts: Any) -> Iterator[dict[str, Any]]:
        """Measure a block; put figures into what it is given."""
        begun, outcome = time.monotonic(), "failed"
        try:
            yield facts
            outcome = "done"
        finally:
            self.note(name, time.monotonic() - begun, outcome, **facts)

    def table(self) -> list[str]:
        """Its lines."""
        after = os.getloadavg()[0]
        head = f"{os.cpu_count()} cores, load {self.load:.1f} before and {after:.1f} after"
        return [head, *(_line(step) for step in self.steps)]

    def save(self, path: Path = FILE) -> None:
        """Put this scope's results beside the others' in the file."""
        try:
            known = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, json.JSONDecodeError):
            known = {}
        known[self.scope] = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "cores": os.cpu_count(),
            "load": [round(each, 1) for each in (self.load, os.getloadavg()[0])],
            "steps": [asdict(step) for step in self.steps],
        }
        path.write_text(json.dumps(known, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _line(step: Step) -> str:
    plain = {name: it for name, it in step.facts.items() if not isinstance(it, dict)}
    facts = (f"{name}={value}" for name, value in plain.items())
    return " ".join([f"{step.seconds:7.1f} s  {step.outcome:<12} {step.name}", *facts])
