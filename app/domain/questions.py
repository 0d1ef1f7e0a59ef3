"""What became of questions to customers: whether another thing may stand for what they ordered."""

from __future__ import annotations

from enum import StrEnum

from app.domain.order import GONE, Line, LineState, Order


class Question(StrEnum):
    """What happened to the question about a line."""

    ASKED = "asked"
    AGREED = "agreed"
    REFUSED = "refused"  #: the answer was no, or none came in time
    TAKEN_BACK = "taken_back"  #: nobody needs the answer any more


def questions(before: Order, after: Order, *, answered: bool) -> dict[str, list[str]]:
    """The lines (ids) whose questions moved, by what happened. `answered`: somebody answered, or
    the time to do so ended; otherwise a question that is gone was taken back."""
    was = {line.id: line for line in before.lines}
    found: dict[str, list[str]] = {}
    for line in after.lines:
        moved = _moved(was.get(line.id), line, answered=answered) if not line.replaces else None
        if moved is not None:
            found.setdefault(moved, []).append(str(line.id))
    return found


def _moved(was: Line | None, line: Line, *, answered: bool) -> Question | None:
    open_before = was is not None and was.state is LineState.PROPOSED
    if line.state is LineState.PROPOSED:
        return None if open_before else Question.ASKED
    if was is None or not open_before:
        return None
    if line.state is LineState.REPLACED:
        return Question.AGREED
    return Question.REFUSED if answered and _wanted_alike(was, line) else Question.TAKEN_BACK


def _wanted_alike(was: Line, line: Line) -> bool:
    """Whether the customer still wants what was wanted: otherwise it was no answer."""
    now = line.unit, line.requested_pieces, line.requested_grams
    return line.reason != GONE and now == (was.unit, was.requested_pieces, was.requested_grams)
