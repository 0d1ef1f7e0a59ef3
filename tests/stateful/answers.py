"""What must hold of every answer, whatever was asked."""

from __future__ import annotations

from typing import Any

import httpx

from app.domain.refusals import Code
from app.http.errors import REFUSAL_STATUS
from tests.stateful.floor import Asked, Floor
from tests.stateful.snapshot import Snapshot


def check(floor: Floor, before: Snapshot, asked: list[Asked], got: list[httpx.Response]) -> None:
    """All laws on the answers of one step, one request or several at once."""
    alone = len(asked) == 1
    for one, answer in zip(asked, got, strict=True):
        assert answer.status_code < 500, f"{one} -> {answer.status_code} {answer.text}"
        if answer.status_code >= 400:
            _refusal(floor, one, answer, alone=alone)
        else:
            _success(floor, one, answer, alone=alone)
            fresh = floor.kept.get((one.who, one.key), (one, answer))[1] is answer
            assert not (alone and fresh) or one.version in (None, _version(before, one)), one
    if all(answer.status_code >= 400 for answer in got):
        now, then = dict(floor.seen.tables), dict(before.tables)
        kept, scans = now.pop("scans"), then.pop("scans")
        assert now == then, f"refused, yet something changed: {asked}"
        new = [scan["outcome"] for scan in kept if scan not in scans]
        assert len(kept) == len(scans) + len(new)
        assert set(new) <= {answer.json().get("code") for answer in got}  # every scan is kept


def _version(seen: Snapshot, asked: Asked) -> int | None:
    """The version of the order that a path names."""
    order = seen.order(asked.path.split("/")[4]) if "/orders/" in asked.path else None
    return order["version"] if order else None


def _refusal(floor: Floor, asked: Asked, answer: httpx.Response, *, alone: bool) -> None:
    said = answer.json()
    if "Client-Token" in asked.token:
        said = said["error"] | {"status": answer.status_code}
    else:
        assert answer.headers["content-type"] == "application/problem+json"
    assert said["code"] in set(Code), f"{asked} -> {said}"
    assert REFUSAL_STATUS[Code(said["code"])] == said["status"] == answer.status_code
    assert said["message"]
    assert said["message"] != said["code"]
    if answer.status_code == 409 and "/orders/" in asked.path and "next" not in asked.path:
        _stands(floor, said["current"], alone=alone)


def _success(floor: Floor, asked: Asked, answer: httpx.Response, *, alone: bool) -> None:
    kept = floor.kept.setdefault((asked.who, asked.key), (asked, answer))
    first = kept[1]
    if _only_asked(asked):
        del floor.kept[asked.who, asked.key]
    elif first is not answer:
        assert (answer.status_code, answer.content) == (first.status_code, first.content), asked
        assert answer.headers.get("etag") == first.headers.get("etag")
        return
    result = answer.json() if answer.content else {}
    result = result.get("result") or result
    if "order" in result and isinstance(result["order"], dict):
        _stands(floor, result["order"], alone=alone)
        assert alone is False or _noted(floor, asked) == (0 if _only_asked(asked) else 1)


def _only_asked(asked: Asked) -> bool:
    said = asked.body.get("requestData", asked.body)
    return said.get("apply") is False or asked.path.endswith("ops:batch")


def _noted(floor: Floor, asked: Asked) -> int:
    """How many lines of the timeline name the operation."""
    told: list[dict[str, Any]] = floor.seen.tables["timeline"]
    return sum((x["actor"], x["detail"].get("operation")) == (asked.who, asked.key) for x in told)


def _stands(floor: Floor, view: dict[str, Any], *, alone: bool) -> None:
    """An order as it was told is the order as it is."""
    order = floor.seen.order(view["id"])
    assert order is not None
    if not alone:
        return
    assert (view["state"], view["version"]) == (order["state"], order["version"])
    lines = {str(x["id"]): x for x in floor.seen.by_order("lines")[order["id"]]}
    assert {x["id"]: x["state"] for x in view["lines"]}.items() <= {
        id_: line["state"] for id_, line in lines.items()
    }.items()
    assert view["totals"]["final"] == order["final_total"]
