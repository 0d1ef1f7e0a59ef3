"""What a robot is about to do with an order: one request, as a value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Action:
    """One request: path below the order, body, and the line or bag it is about. `look` and
    `file` only read; `wait` is a look at the order itself, a little later."""

    path: str
    body: Json = field(default_factory=dict)
    line_id: str | None = None
    kind: Literal["write", "look", "file", "wait"] = "write"
    bag_id: str | None = None

    @property
    def verb(self) -> str:
        """The last part of the path."""
        return self.path.partition("?")[0].rpartition("/")[2]


def on_line(line: Json, verb: str, body: Json | None = None) -> Action:
    """A write on one line."""
    return Action(f"/lines/{line['id']}/{verb}", body or {}, line["id"])


def scan(line: Json, raw: str, *, apply: bool = True) -> Action:
    """A scan at one line."""
    return Action("/scan", {"raw": raw, "line_id": line["id"], "apply": apply}, line["id"])
