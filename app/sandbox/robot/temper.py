"""How the robots behave: their speed, their luck in the shop, their habits, their patience."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Temper:
    """Shares (0 to 1) are of what the comment says; times in seconds, those of people divided by
    `pace`."""

    pace: float = 1.0  #: 2 is twice as fast
    thinks: tuple[float, float] = (0.8, 3.0)  #: before a line's action, drawn between these
    handles: tuple[float, float] = (0.2, 0.9)  #: before any other action
    idles: float = 2.0  #: between looks at an empty queue

    scans: float = 0.6  #: lines that are scanned rather than entered
    looks: float = 0.05  #: scans that are only asked about first
    strays: float = 0.04  #: lines at which something else is scanned by mistake
    halves: float = 0.15  #: weighed lines that come as two labels
    prices: float = 0.2  #: weight labels that say the price
    shorts: float = 0.04  #: lines of which only a part is found
    drops: float = 0.05  #: lines of which nothing is found …
    replaces: float = 0.7  #: … and for which something else is looked for
    pairs: float = 0.25  #: replacements by two articles
    regrets: float = 0.06  #: replacements that are taken back
    answers: tuple[float, float] = (0.55, 0.75)  #: below the first a yes, below the second a no
    waits: int = 4  #: looks at an order whose customer does not answer, before going on without
    weight_error: float = 0.06  #: how far a weight may be off what was ordered
    heavy: float = 0.05  #: weighed lines beyond the soft limit
    too_heavy: float = 0.02  #: weighed lines that need the supervisor
    postpones: float = 0.03  #: lines that are put off
    undoes: float = 0.02  #: outcomes that are taken back

    reopens: float = 0.03  #: orders that are opened again after they were completed
    bagless: float = 0.1  #: orders whose bags have no codes
    spares: float = 0.05  #: orders with a bag too many
    printed: float = 0.1  #: bags that carry a code of their own
    labels: float = 0.3  #: orders whose bags get a label
    helps: float = 0.02  #: orders about which a supervisor is called
    leaves: float = 0.01  #: orders that are given back at once
    lunches: float = 0.03  #: orders in the middle of which the robot goes for lunch
    lunch: float = 45.0
    tunnels: float = 0.06  #: orders in the middle of which there is no network
    runs: float = 0.08  #: looks for work that take several orders at once
    chooses: float = 0.1  #: … that end with the second best, because it is nearer
    rescues: float = 0.15  #: looks for work that begin with orders of those who are at lunch
    breaks: float = 0.05  #: orders after which there is a break of …
    rest: float = 10.0
    shift: int = 25  #: orders of one shift

    collects: float = 0.6  #: orders handed over at the desk; of the others СМ only tells
    refusals_at_door: float = 0.06  #: hand-overs at which something is refused
    minors: float = 0.1  #: receivers who are too young
    decides: float = 0.25  #: looks at a waiting customer at which the supervisor answers
    calls: float = 0.15  #: rounds of the desk in which the team is looked at

    tight: float = 8 * 60  #: an order due sooner than this, when first seen, is left alone …
    overdue: float = 75  #: … until it is this late, so that the alarm is heard and then resolved
    first_pause: float = 0.5  #: after an answer was lost or refused for now; doubles
    longest_pause: float = 15.0
    repeats: int = (
        10  #: of a request that is answered "not now"; a lost answer is repeated for ever
    )
    refusals: int = 6  #: of one order before the robot gives it back
    timeout: float = 10.0
    listens: float = 20.0  #: for how long an idle robot stays on the stream
    goodbye: float = 2.0  #: for closing the session at the end
