"""How a handheld tells without words what became of a scan: four signals, by colour, sound and
vibration, so that one is never mistaken for another without looking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.domain.barcode import Outcome
from app.domain.refusals import Code, Notice


@dataclass(frozen=True, slots=True)
class Signal:
    """`colour` of the screen's edge; `tones` are (hertz, milliseconds); `vibrate` is milliseconds
    on, off, on; `on` are the outcomes, notices and refusals it is given for."""

    colour: str
    tones: tuple[tuple[int, int], ...]
    vibrate: tuple[int, ...]
    on: tuple[str, ...] = ()


#: What no signal names is `attention`. Pitch and rhythm differ as well as colour, for those who
#: hear or see less.
SIGNALS: Final[Mapping[str, Signal]] = {
    "accepted": Signal(
        "#1a7f37",
        ((1320, 80),),
        (40,),
        (Outcome.MATCHED, Outcome.SUBSTITUTE_OF, Outcome.BAG, Outcome.LOCATION, Outcome.PERSON),
    ),
    "wrong": Signal(
        "#b42318",
        ((220, 180), (220, 180)),
        (180, 80, 180),
        (
            Outcome.OTHER_LINE,
            Outcome.NOT_IN_ORDER,
            Code.WRONG_ITEM,
            Code.BAG_BELONGS_TO_OTHER_ORDER,
            Code.MARK_ALREADY_USED,
            Code.ORDER_CANCELLED,
        ),
    ),
    "unknown": Signal(
        "#5b3fd6",
        ((440, 120), (330, 120), (440, 120)),
        (60, 60, 60, 60, 60),
        (Outcome.UNKNOWN_CODE, Code.INVALID_BARCODE, Code.MARK_INVALID),
    ),
    "attention": Signal("#b54708", ((660, 250),), (400,), (Outcome.ALREADY_DONE, *Notice)),
}


def signal_of(code: str) -> str:
    """The signal for an outcome, a notice or a refusal."""
    return next((name for name, signal in SIGNALS.items() if code in signal.on), "attention")
