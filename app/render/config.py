"""What a handheld asks once at its start: the shop's rules and the words for them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Literal

import msgspec

from app.domain.badge import PREFIX
from app.domain.pick_job import LEASE
from app.domain.quantity import DEFAULT
from app.domain.reasons import REASONS
from app.domain.shop import Label, Shop
from app.domain.signals import SIGNALS


class ReasonView(msgspec.Struct):
    """Why less was found; `affects_availability`: the goods cannot be sold here now."""

    code: str
    text: str
    affects_availability: bool


class LabelView(msgspec.Struct):
    """One layout of in-store labels: item and value from (counted from 0) until (excluded). The
    value times `multiplier`, divided by `divisor`, is grams, kopecks or pieces."""

    prefix: str
    length: int
    item_from: int
    item_until: int
    value_from: int
    value_until: int
    value: Literal["weight", "price", "count"]
    divisor: int
    check_digit: bool
    multiplier: int


class ToleranceView(msgspec.Struct):
    """Percent of the requested weight; the category '' is for all others."""

    category: str
    soft_under: int
    hard_under: int
    soft_over: int
    hard_over: int


class ToneView(msgspec.Struct):
    """One note of a signal."""

    hertz: int
    milliseconds: int


class SignalView(msgspec.Struct):
    """What to show, play and shake for the codes in `on`; for any other code: attention."""

    name: str
    colour: str
    tones: list[ToneView]
    vibrate: list[int]
    on: list[str]


class ConfigView(msgspec.Struct):
    """The whole of it; `reasons` in the language asked for."""

    server_time: datetime
    lease_seconds: int
    badge_prefix: str
    shift_required: bool
    bags_required: bool
    zone_picking: bool
    reasons: list[ReasonView]
    labels: list[LabelView]
    tolerances: list[ToleranceView]
    signals: list[SignalView]
    minimum_client: str | None = None


def config_view(
    shop: Shop, now: datetime, say: Callable[[str], str], *, minimum: str | None, shift: bool
) -> ConfigView:
    """A shop's configuration; `say` translates, `shift`: whether the store requires one."""
    return ConfigView(
        server_time=now,
        lease_seconds=int(LEASE.total_seconds()),
        badge_prefix=PREFIX,
        shift_required=shift,
        bags_required=shop.bags == "required",
        zone_picking=shop.zone_picking,
        reasons=[ReasonView(code, say(f"reason.{code}"), bad) for code, bad in REASONS.items()],
        labels=[_label(label) for label in shop.labels],
        tolerances=_tolerances(shop),
        signals=_signals(),
        minimum_client=minimum,
    )


def _label(label: Label) -> LabelView:
    return LabelView(
        label.prefix,
        label.length,
        *label.item,
        *label.value_at,
        label.value,
        label.divisor,
        label.check_digit,
        label.multiplier,
    )


def _tolerances(shop: Shop) -> list[ToleranceView]:
    """All categories the shop names, and the default for the rest."""
    known = {"": DEFAULT, **shop.tolerances}
    return [
        ToleranceView(name, each.soft_under, each.hard_under, each.soft_over, each.hard_over)
        for name, each in sorted(known.items())
    ]


def _signals() -> list[SignalView]:
    return [
        SignalView(
            name,
            signal.colour,
            [ToneView(*tone) for tone in signal.tones],
            list(signal.vibrate),
            [str(code) for code in signal.on],
        )
        for name, signal in SIGNALS.items()
    ]
