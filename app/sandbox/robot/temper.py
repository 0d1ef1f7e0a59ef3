"""How the robot behaves: its speed, its luck in the shop, its patience."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Temper:
    """Shares are of lines; times in seconds, the thinking ones divided by `pace`."""

    pace: float = 1.0  #: 2 is twice as fast
    thinks: tuple[float, float] = (0.8, 3.0)  #: before every action, drawn between these
    idles: float = 2.0  #: between looks at an empty queue
    scans: float = 0.6  #: lines that are scanned rather than entered
    shorts: float = 0.04  #: lines of which only a part is found
    drops: float = 0.03  #: lines of which nothing is found
    weight_error: float = 0.06  #: how far a weight may be off what was ordered
    tight: float = 8 * 60  #: an order due sooner than this, when first seen, is left alone …
    overdue: float = 75  #: … until it is this late, so that the alarm is heard and then resolved
    first_pause: float = 0.5  #: after an answer was lost or refused for now; doubles
    longest_pause: float = 15.0
    repeats: int = (
        10  #: of a request that is answered "not now"; a lost answer is repeated for ever
    )
    refusals: int = 6  #: of one order before the robot gives it back
    timeout: float = 10.0
    goodbye: float = 2.0  #: for closing the session at the end
