"""Whether a marketplace may be called: closed, open, half open, closed again. Pure.

What calls came to is told here one by one (`heard`: a run of failures opens at once) and, every few
seconds, as a sample of the last minute (`sampled`). Whoever calls only reads what came of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NOTHING: Final = timedelta(0)


class State(StrEnum):
    """Calls go; none goes; one goes, and shows."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half_open"


class Reason(StrEnum):
    """Why nobody calls: it is away, or does not take our key for anything."""

    FAILING = "failing"
    CREDENTIALS = "credentials"


class Heard(StrEnum):
    """What a call came to. A refusal of one order is an answer too; who asks for patience has not
    failed."""

    ANSWERED = "answered"
    FAILED = "failed"
    CREDENTIALS = "credentials"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class Breaker:
    """When it opens: after `run` failures in a row, or `keys` refusals of our key; or when of at
    least `least` calls of the `window` this `share` failed. For how long: `rest`, twice as long
    each time in a row, at most `longest`."""

    window: timedelta = timedelta(seconds=60)
    least: int = 10
    share: float = 0.5
    run: int = 5
    keys: int = 3
    rest: timedelta = timedelta(seconds=15)
    longest: timedelta = timedelta(minutes=10)


USUAL: Final = Breaker()


@dataclass(frozen=True, slots=True)
class Gate:
    """How one account stands. `failures`: in a row; `opened`: so many times, none of them long
    after the one before; `rest_until`: the marketplace asked for patience, whatever the state."""

    state: State = State.CLOSED
    since: datetime = LONG_AGO
    open_until: datetime = LONG_AGO
    rest_until: datetime = LONG_AGO
    failures: int = 0
    opened: int = 0
    reason: Reason | None = None

    def opens(self, now: datetime) -> datetime:
        """When something may be tried, from now on."""
        shut = self.state is not State.CLOSED
        return max(now, self.rest_until, self.open_until if shut else now)


@dataclass(frozen=True, slots=True)
class Sample:
    """Calls of the window that came to something, and how many of them to nothing."""

    calls: int
    failed: int
    credentials: int = 0


def heard(
    rules: Breaker, gate: Gate, what: Heard, now: datetime, asked: timedelta = _NOTHING
) -> Gate:
    """How the account stands after one more call; `asked`: how long it wants to be left alone."""
    gate = replace(gate, rest_until=max(gate.rest_until, now + asked)) if asked else gate
    if what is Heard.BUSY:
        return gate
    if what is Heard.ANSWERED:
        return _closed(gate, now)
    gate = replace(gate, failures=gate.failures + 1)
    if gate.state is State.CLOSED:
        enough = rules.keys if what is Heard.CREDENTIALS else rules.run
    else:  # what was begun before it opened may still fail after: that says nothing new
        enough = gate.failures + 1 if now < gate.open_until else 0
    if gate.failures < enough:
        return gate
    return _opened(
        rules, gate, now, Reason.CREDENTIALS if what is Heard.CREDENTIALS else Reason.FAILING
    )


def sampled(rules: Breaker, gate: Gate, sample: Sample, now: datetime) -> Gate:
    """How the account stands, by a sample of what came of calls since it stands so."""
    if gate.state is State.OPEN and gate.opens(now) <= now:
        return replace(gate, state=State.HALF_OPEN, since=now)
    bad = sample.failed + sample.credentials
    if (
        gate.state is not State.CLOSED
        or sample.calls < rules.least
        or bad < rules.share * sample.calls
    ):
        return gate
    keys = sample.credentials > sample.failed
    return _opened(rules, gate, now, Reason.CREDENTIALS if keys else Reason.FAILING)


def open_for(rules: Breaker, opened: int) -> timedelta:
    """How long it stays open when it opens for the n-th time in a row."""
    return min(rules.longest, rules.rest * (1 << min(opened - 1, 20)))


def _closed(gate: Gate, now: datetime) -> Gate:
    if gate.state is State.CLOSED:
        return replace(gate, failures=0)
    return replace(
        gate, state=State.CLOSED, since=now, open_until=LONG_AGO, failures=0, reason=None
    )


def _opened(rules: Breaker, gate: Gate, now: datetime, reason: Reason) -> Gate:
    """One that was closed for long begins anew; one that flaps rests longer and longer."""
    fresh = gate.state is State.CLOSED and now - gate.since > rules.longest
    opened = 1 if fresh else gate.opened + 1
    return replace(
        gate,
        state=State.OPEN,
        since=now,
        open_until=now + open_for(rules, opened),
        opened=opened,
        reason=reason,
    )
