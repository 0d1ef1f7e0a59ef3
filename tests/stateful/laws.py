"""What must hold of every order after every step, whatever anybody did."""

from __future__ import annotations

from collections import Counter
from typing import Any

from app.domain.money import by_weight
from app.domain.order import GONE, WITHDRAWN
from app.domain.transitions import ENDED, TRANSITIONS
from tests.stateful.snapshot import Row, Snapshot

#: Moves of one event; a sheet of paper may start, fill and close an order in one.
_MOVES = {(str(a), str(b)) for a, row in TRANSITIONS.items() for b in row.values() if a is not b}
_ON_PAPER = {("accepted", "picked"), ("accepted", "cancelled")}
#: Told to a marketplace once in the life of an order.
_ONCE = ("accepted", "in_work", "assembled", "ready", "cancelled")


def check(before: Snapshot, after: Snapshot, rules: Row) -> None:
    """All laws, on what a step made of the floor."""
    _history(before, after)
    _quantities(after, rules)
    _replacements(after)
    _money(after, rules)
    _holders(after)
    _marks(after)
    _bags(after)
    once = Counter((m["order_id"], m["kind"]) for m in after.tables["messages"])
    assert all(n == 1 for (_, kind), n in once.items() if kind in _ONCE), once
    twice = Counter(
        (line["actor"], line["detail"]["operation"], line["order_id"])
        for line in after.tables["timeline"]
        if "operation" in line["detail"]
    )
    assert all(n == 1 for n in twice.values()), f"an operation took effect twice: {twice}"


def _history(before: Snapshot, after: Snapshot) -> None:
    """Every change has its line, and the lines tell the whole way from one state to the other."""
    was, now = before.by_order("timeline"), after.by_order("timeline")
    for order in after.orders:
        id_ = order["id"]
        old = before.order(id_)
        assert now[id_][: len(was[id_])] == was[id_], "the timeline was rewritten"
        new = now[id_][len(was[id_]) :]
        if before.matter(id_) != after.matter(id_):
            assert new, f"changed without a line: {before.matter(id_)} -> {after.matter(id_)}"
        state = old["state"] if old else "received"
        version = old["version"] if old else 0
        for line in new:
            state, version = _follow(line, state, version)
        assert (state, version) == (order["state"], order["version"]), new


def _follow(line: Row, state: str, version: int) -> tuple[str, int]:
    said = line["detail"]
    if "version" not in said:
        return state, version
    assert said["version"] >= version, f"back to an older version: {line}"
    if "from" in said and "to" in said:  # a takeover says from whom
        move = (said["from"], said["to"])
        assert said["from"] == state, f"from another state than it was in ({state}): {line}"
        assert move in _MOVES or (said.get("paper") and move in _ON_PAPER), f"illegal: {line}"
        assert said["version"] > version, f"moved within a version: {line}"
        state = said["to"]
    return state, said["version"]


def _quantities(after: Snapshot, rules: Row) -> None:
    for line in after.tables["lines"]:
        try:
            _quantity(line, rules)
        except AssertionError as error:
            raise AssertionError(f"{error}: {line}") from None


def _quantity(line: Row, rules: Row) -> None:
    pieces, grams, asked = line["picked_pieces"], line["picked_grams"], line["requested_pieces"]
    most = asked + asked * rules.get("over_percent", 0) // 100
    weighed, state = line["unit_grams"] is not None, line["state"]
    found = grams if weighed else pieces
    assert (found or 0) >= line["refused"] >= 0, "less than nothing"
    if line["reason"] in (GONE, WITHDRAWN):
        assert state == "dropped", "withdrawn but not dropped"
        assert not found, "withdrawn, yet in the basket"
        assert not line["total"], "withdrawn, yet it costs"
    if state == "picked":
        assert found, "picked nothing"
        assert weighed or asked <= pieces <= most, "not as many as were ordered"
    if state == "short":
        assert found, "short of everything is a drop"
        assert weighed or pieces < asked, "short of nothing"
    if state == "todo":
        assert weighed or (pieces or 0) < asked, "all there and still open"
    if state in ("dropped", "replaced"):
        assert not found, "left out, yet in the basket"
    if state in ("dropped", "replaced", "short"):
        assert (line["reason"] or "").strip(), "nobody said why"
    if state in ("dropped", "replaced"):
        assert not line["marks"], "marks of nothing"
    if line["marked"] and state in ("picked", "short"):
        parts = {use["code"]: use.get("part", 1000) for use in line["mark_uses"]}
        units = sum(parts.get(code, 1000) for code in line["marks"])
        assert units == (pieces - line["refused"]) * 1000, "not as many marks as units"


def _replacements(after: Snapshot) -> None:
    """Both sides in step: who is replaced has replacements, who is asked about has proposals."""
    for lines in after.by_order("lines").values():
        alive = [x for x in lines if x["replaces"] and x["reason"] not in (WITHDRAWN, GONE)]
        by_id = {line["id"]: line for line in lines}
        for line in alive:
            original = by_id[line["replaces"]]
            proposed = (original["state"] == "proposed") == (line["state"] == "proposed")
            assert original["state"] in ("proposed", "replaced"), f"stands for nobody: {line}"
            assert proposed, f"out of step: {original} and {line}"
        for line in lines:
            if line["state"] in ("proposed", "replaced") and not line["replaces"]:
                assert any(x["replaces"] == line["id"] for x in alive), f"nobody stands for {line}"


def _cost(line: Row, amount: int | None) -> int:
    if line["unit_grams"]:
        return by_weight(line["price"], amount or 0, line["unit_grams"])
    return int(line["price"] * (amount or 0))


def _amounts(line: Row) -> tuple[int, int]:
    """What of a line is sold, and what was asked for: grams, or pieces."""
    kind = "grams" if line["unit_grams"] else "pieces"
    return (line[f"picked_{kind}"] or 0) - line["refused"], line[f"requested_{kind}"]


def _money(after: Snapshot, rules: Row) -> None:
    """What was found is what it costs, and no more than the customer agreed to: except for what
    scales and the account's rules let pass above what was ordered."""
    for order in after.orders:
        lines = after.by_order("lines")[order["id"]]
        counting = [x for x in lines if x["state"] in ("picked", "short")]
        cost = sum(_cost(x, _amounts(x)[0]) for x in counting)
        final = order["final_total"]
        if order["state"] in ("picked", "ready"):
            assert final is not None, f"closed without a total: {order}"
        if order["state"] in ("received", "accepted", "picking"):
            assert final is None, f"a total of an open order: {order}"
        if final is None:
            continue
        assert final == cost, f"costs {cost}, not {final}: {order} {lines}"
        over = sum(
            max(0, _cost(x, sold) - _cost(x, asked))
            for x, (sold, asked) in ((x, _amounts(x)) for x in counting)
        )
        agreed = order["requested_total"] * rules.get("authorised_percent", 100) // 100
        most = max(agreed, order["requested_total"]) + over
        assert final <= most or _consented(after, order), f"{final} > {most}: {order} {lines}"


def _consented(after: Snapshot, order: Row) -> bool:
    told = [x["detail"] for x in after.by_order("timeline")[order["id"]]]
    return any(said.get("verb") == "decide" and said.get("approved") for said in told)


def _holders(after: Snapshot) -> None:
    """One holder of an order or of a zone of it; one order in a picker's hands, or one run."""
    at_work = [job for job in after.tables["jobs"] if job["at_work"]]
    for order_id, jobs in after.by_order("jobs").items():
        held = [job for job in jobs if job["at_work"] and job["running"]]
        whole = [job for job in held if not job["zone"]]
        assert len(whole) <= 1, f"two holders: {held}"
        assert not whole or len(held) == 1, f"held as a whole and by zone: {held}"
        order = after.order(order_id)
        assert order is not None
        if any(job["at_work"] for job in jobs):
            assert order["state"] in ("accepted", "picking", "picked"), f"at work on {order}"
    for picker in {job["picker_id"] for job in at_work}:
        mine = [job for job in at_work if job["picker_id"] == picker]
        alone = {job["order_id"] for job in mine if job["run_id"] is None}
        runs = {job["run_id"] for job in mine} - {None}
        assert len(alone) + len(runs) <= 1, f"more than one order in hand: {mine}"


def _marks(after: Snapshot) -> None:
    """The ledger is what lines of orders hold that did not come to nothing."""
    ended = {order["id"] for order in after.orders if order["state"] in ENDED}
    held: dict[Any, int] = {}
    for line in after.tables["lines"]:
        parts = {use["code"]: use.get("part", 1000) for use in line["mark_uses"]}
        if line["order_id"] not in ended:
            held |= {
                (line["id"], code.split("\x1d")[0]): parts.get(code, 1000) for code in line["marks"]
            }
    uses = {(row["line_id"], row["ki"]): row["part"] for row in after.tables["uses"]}
    assert uses == held, "the ledger is not what the lines hold"
    used: Counter[str] = Counter()
    for (_, ki), part in held.items():
        used[ki] += part
    assert {row["ki"]: row["used"] for row in after.tables["marks"]} == used
    assert all(part <= 1000 for part in used.values()), "a unit sold twice"


def _bags(after: Snapshot) -> None:
    live = [bag for bag in after.tables["bags"] if bag["state"] in ("open", "sealed", "staged")]
    codes = Counter((bag["store_id"], bag["code"]) for bag in live)
    assert all(n == 1 for n in codes.values()), f"two bags with one code: {codes}"
    for order_id, bags in after.by_order("bags").items():
        order = after.order(order_id)
        assert order is not None
        if order["state"] == "ready":
            assert not any(bag["state"] == "open" for bag in bags), (
                f"ready with an open bag: {bags}"
            )
