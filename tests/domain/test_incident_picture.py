"""The picture of an incident's life in the README is what the code does."""

from __future__ import annotations

import re
from itertools import product
from pathlib import Path
from typing import Final

from app.domain.incident import IncidentState
from app.domain.press import acknowledge, unacknowledge
from tests.domain.troubles import World, rule, sighting

README: Final = Path(__file__).parents[2] / "app" / "README.md"
#: What may happen between two moments: a look that sees it, worse or not, or not; a press.
HAPPENINGS: Final = ("warning", "critical", "gone", acknowledge, unacknowledge)
_EDGE: Final = re.compile(r"    (\S+) --> (\w+): (.+)")
Walk = set[tuple[str, str, str]]


def drawn() -> dict[tuple[str, str], set[str]]:
    """The README's arrows with what they are for."""
    text = README.read_text(encoding="utf-8")
    picture = next(
        block for block in re.findall(r"```mermaid\n(.*?)\n```", text, re.DOTALL)
        if "acknowledged" in block
    )  # fmt: skip
    edges = (_EDGE.fullmatch(line) for line in picture.splitlines())
    return {(edge[1], edge[2]): set(edge[3].split(", ")) for edge in edges if edge}


def walked(hold: int) -> Walk:
    """Every change of state that can be reached in four steps, with the event that tells it."""
    return {edge for steps in product(HAPPENINGS, repeat=4) for edge in _walk(steps, hold)}


def _walk(steps: tuple[object, ...], hold: int) -> Walk:
    world, found = World((rule(hold=hold),)), set()
    for step in steps:
        known = dict(world.incidents)
        kinds = _do(world, step)
        for one in world.incidents.values():
            before = str(known[one.id].state) if one.id in known else "[*]"
            if before != one.state:
                unsaid = "gone" if one.resolved_at else "seen"
                found |= {(before, str(one.state), kind) for kind in kinds or [unsaid]}
    return found


def _do(world: World, step: object) -> list[str]:
    """What its history says of a step, without who was told."""
    if isinstance(step, str):
        seen = [] if step == "gone" else [sighting(value=7 if step == "warning" else 12)]
        return [kind for kind in world.look(*seen).happened() if kind not in ("told", "nudged")]
    if not (world.incidents and world.one().is_on):
        return []
    change = step(world.one(), "anna", world.now)  # type: ignore[operator]
    if change is None:
        return []
    world.put(change.incident)
    return [event.kind for event in change.events]


def test_every_arrow_of_the_picture_can_be_walked_and_no_other():
    found: dict[tuple[str, str], set[str]] = {}
    for before, after, kind in walked(hold=0) | walked(hold=120):
        found.setdefault((before, after), set()).add(kind)
    picture = drawn()
    assert set(picture) == set(found)
    for edge, kinds in found.items():
        assert kinds <= picture[edge], f"{edge}: {kinds}"


def test_the_picture_knows_every_state():
    states = {state for edge in drawn() for state in edge} - {"[*]"}
    assert states == {str(state) for state in IncidentState}
