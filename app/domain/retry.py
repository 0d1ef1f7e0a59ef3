"""Try again, and when? Pure arithmetic, so the schedule reads and tests as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.errors import HubError, NotYet, RemoteBusy, RemoteUnavailable, Undelivered

#: Seconds after the first, second, … failure; one more failure after the last buries the row.
STEPS: Final = (5, 30, 120, 600, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600)
#: An early event is looked at again after these; the event it waits for wakes it sooner.
EARLY_STEPS: Final = (2, 30, 600, 3600, 6 * 3600)
#: Of events to a retailer's own systems: the schedule that Standard Webhooks 1.0.0 recommends.
EVENT_STEPS: Final = (5, 300, 1800, 7200, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600)
#: Spread of a retry, so that a thousand rows that failed together do not come back together.
JITTER: Final = 0.2


#: Errors that are not tried again after STEPS.
_OTHER_STEPS: Final = {NotYet: EARLY_STEPS, Undelivered: EVENT_STEPS}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to write on a row that failed; no `delay` (seconds) means bury it for an operator.

    `parked`: it waits for another event and must not hold that one up.
    `unsure`: the other side may have acted although we got no answer.
    `counted`: uses up an attempt; waiting for a database or out of politeness does not.
    """

    reason: str
    error: str
    delay: float | None
    parked: bool = False
    unsure: bool = False
    counted: bool = True


def judge(error: BaseException, failures: int, spread: float) -> Verdict:
    """Decide what becomes of a row that has now failed `failures` times; spread from 0 to 1."""
    early = isinstance(error, NotYet)
    steps = next((each for kind, each in _OTHER_STEPS.items() if isinstance(error, kind)), STEPS)
    hopeless = isinstance(error, HubError) and error.permanent
    worn_out = failures > len(steps) and not _is_no_fault_of_it(error)
    return Verdict(
        reason=error.reason if isinstance(error, HubError) else "bug",
        error=_told(error),
        delay=None if hopeless or worn_out else _delay(error, failures, steps, spread),
        parked=early,
        counted=not isinstance(error, RemoteBusy),
        unsure=_may_have_acted(error),
    )


def _is_no_fault_of_it(error: BaseException) -> bool:
    """Whether the other side is busy, or takes nothing whatever: no row is buried for that."""
    return isinstance(error, RemoteBusy) or (isinstance(error, Undelivered) and error.lasting)


def _told(error: BaseException) -> str:
    """Text a database takes. Of a bug only the first words: what follows a colon quotes values, and
    PostgreSQL's details quote whole rows; both hold customers' data."""
    if isinstance(error, HubError):
        text = str(error)
    else:
        text = f"{type(error).__name__}: {str(error).partition(': ')[0].partition(chr(10))[0]}"
    return text[:2000].replace("\x00", "").encode(errors="replace").decode()


def _may_have_acted(error: BaseException) -> bool:
    """Only a call that was made and not answered. A bug before the call must not make the other
    side's honest refusal of the mended message look like its consent."""
    return isinstance(error, RemoteUnavailable) and error.ambiguous


def _delay(error: BaseException, failures: int, steps: tuple[int, ...], spread: float) -> float:
    step = steps[min(failures, len(steps)) - 1] * (1 - JITTER / 2 + JITTER * spread)
    asked = error.after if isinstance(error, RemoteUnavailable) else 0.0
    if isinstance(error, RemoteBusy):
        return asked
    return max(step, asked)
