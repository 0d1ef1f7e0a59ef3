"""One order of a shop, read where its mapping says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from app.domain.order import Draft, DraftLine, OrderState, Replacement, Unit
from app.errors import Malformed, Unmapped
from app.marketplaces import reading
from app.marketplaces.standard.mapping import CURRENCY, STATUSES, UNITS, ShopFormat
from app.marketplaces.standard.places import at
from app.marketplaces.text import clean

#: Whole numbers beyond this are no number of anything; ids have 64 bits in many a shop.
_VAST: Final = 2**64


@dataclass(frozen=True, slots=True)
class Shown:
    """An order as the shop shows it. `codes`: what people said of its words, beside the mapping."""

    found: Any
    mapping: ShopFormat
    codes: Mapping[str, Mapping[str, str]]

    @property
    def raw(self) -> bytes:
        """It alone, as JSON."""
        return msgspec.json.encode(self.found)

    def ref(self) -> str:
        """The shop's id of the order."""
        place = self.mapping.fields.id
        value = at(self.found, place)
        if not isinstance(value, str | int) or isinstance(value, bool):
            raise Malformed(f"{place} is no order id")
        return reading.order_ref(scalar(value, place))

    def draft(self, came: datetime) -> Draft:
        """The order as it is now; `came`: when it was told, for what is due some time after."""
        mapping = self.mapping
        lines = reading.lines(self._lines())
        due_at = self.moment("ready_by") or came + timedelta(minutes=mapping.otherwise.minutes)
        return Draft(
            external_id=self.ref(),
            external_uuid=None,
            external_store=reading.name(self._text("store") or mapping.otherwise.store, "store"),
            lines=lines,
            due_at=due_at,
            requested_total=reading.total(lines),
            delivery_from=self.moment("delivery_from"),
            delivery_to=self.moment("delivery_to"),
            replacement=self._replacement(),
            comment=clean(self._text("comment"), 2000),
            customer=self._texts("customer"),
            address=self._texts("address"),
            pickup=self.flag("pickup"),
            delivery_fee=self.money("delivery_fee"),
            discount=self.money("discount"),
            currency=self.currency(),
        )

    def state(self) -> OrderState:
        """How far it is; Unmapped for a word that neither the mapping nor anybody explains."""
        word = self._text("status")
        said = self.codes.get("status", {}).get(word)
        ours = STATUSES.get(said, said) if said else self.mapping.statuses.get(word)
        try:
            return OrderState(ours or "")
        except ValueError:
            if not clean(word, 100):
                raise Malformed(f"{self.mapping.fields.status} says no status") from None
            raise Unmapped("status", clean(word, 100)) from None

    def reason(self) -> str:
        """Why it is called off."""
        return clean(self._text("reason"), 200) or "not said"

    def moment(self, field: str) -> datetime | None:
        """A time, None when it is not said."""
        place, value = self._at(field)
        return None if value is None else read_moment(value, self.mapping, str(place))

    def money(self, field: str) -> int | None:
        """Minor units, None when they are not said."""
        place, value = self._at(field)
        return money(value, self.mapping, str(place), self.currency())

    def flag(self, field: str) -> bool:
        """Yes or no, no when it is not said."""
        place, value = self._at(field)
        if not isinstance(value, bool | None):
            raise Malformed(f"{place} is neither true nor false")
        return bool(value)

    def _at(self, field: str) -> tuple[str | None, Any]:
        place = getattr(self.mapping.fields, field)
        return place, at(self.found, place)

    def _text(self, field: str) -> str:
        place, value = self._at(field)
        return "" if value is None else scalar(value, str(place))

    def _texts(self, field: str) -> tuple[tuple[str, str], ...]:
        """An object's texts; a text alone is one of them, under the field's own name."""
        _, value = self._at(field)
        if isinstance(value, str):
            value = {field: value}
        return reading.texts(value) if isinstance(value, dict) else ()

    def currency(self) -> str:
        """Of its sums."""
        currency = self._text("currency") or self.mapping.otherwise.currency
        if not CURRENCY.fullmatch(currency):
            raise Malformed(f"{self.mapping.fields.currency} is no code such as RUB")
        return currency

    def _replacement(self) -> Replacement:
        """A wish nobody explained means: ask a person."""
        word = self._text("replacement")
        ours = self.codes.get("replacement", {}).get(word) or self.mapping.replacements.get(word)
        known = ours or ("ask" if word else self.mapping.otherwise.replacement)
        return Replacement(known) if known in set(Replacement) else Replacement.ASK

    def _lines(self) -> list[DraftLine]:
        place = self.mapping.fields.lines
        found = at(self.found, place)
        if not isinstance(found, list):
            raise Malformed(f"{place} is no list of lines")
        rows = (Row(line, self, f"{place}[{n}]") for n, line in enumerate(found))
        return [row.line() for row in rows]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of an order, and where it stands."""

    found: Any
    order: Shown
    where: str

    def line(self) -> DraftLine:
        """The line in our units."""
        mapping, factor = self.order.mapping, self._factor()
        where, quantity = self._at("quantity")
        amount = scalar(quantity, where)
        price, full = self._money("price"), self._money("full_price")
        sku = reading.name(self._text("sku"), self._at("sku")[0])
        if price is None:
            raise Malformed(f"{self._at('price')[0]} is missing")
        per = self._text("per") or mapping.otherwise.per
        return DraftLine(
            external_id=sku,
            name=clean(self._text("name"), 300) or sku,
            unit=Unit.WEIGHT if factor else Unit.PIECE,
            price=price,
            pieces=1 if factor else reading.pieces(amount, where),
            grams=reading.grams(amount, where, factor) if factor else None,
            unit_grams=reading.grams(per, self._at("per")[0]) if factor else None,
            list_price=full if full is not None and full > price else None,
            ref=clean(self._text("ref"), 100) or None,
        )

    def _at(self, field: str) -> tuple[str, Any]:
        place = getattr(self.order.mapping.line, field)
        return f"{self.where}.{place}", at(self.found, place)

    def _text(self, field: str) -> str:
        where, value = self._at(field)
        return "" if value is None else scalar(value, where)

    def _money(self, field: str) -> int | None:
        where, value = self._at(field)
        return money(value, self.order.mapping, where, self.order.currency())

    def _factor(self) -> int | None:
        """Grams of one, None for pieces."""
        said, mapping = self._text("unit"), self.order.mapping
        ours = self.order.codes.get("unit", {}).get(said) or mapping.units.get(said)
        known = ours or (mapping.otherwise.unit if not said else "")
        if known not in UNITS:
            raise Unmapped("unit", clean(said, 100) or "?")
        return UNITS[known]


def scalar(value: Any, where: str) -> str:
    """A text or a number as text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Malformed(f"{where} is missing or neither text nor number")
    if isinstance(value, int) and abs(value) > _VAST:
        raise Malformed(f"{where} out of range")
    return str(value)


def money(value: Any, mapping: ShopFormat, where: str, currency: str) -> int | None:
    """Minor units of an amount as the shop writes them; None when nothing is said."""
    if value is None:
        return None
    text = scalar(value, where)
    if mapping.money == "major":
        return reading.units(text.removesuffix(".0") if isinstance(value, float) else text, where)
    if not (text.isascii() and text.isdecimal()):
        raise Malformed(f"{where}: {text[:40]!r} is no whole number of minor units")
    return reading.minor(int(text[:20]), where, currency)


def read_moment(value: Any, mapping: ShopFormat, where: str) -> datetime:
    """A time as the shop writes it; one without a zone is in the mapping's."""
    text = scalar(value, where)
    try:
        if mapping.time == "iso":
            found = datetime.fromisoformat(text)
        else:
            parts = 1000 if mapping.time == "milliseconds" else 1
            found = datetime.fromtimestamp(float(text) / parts, UTC)
    except (ValueError, OverflowError, OSError):
        raise Malformed(f"{where}: {text[:40]!r} is no time") from None
    if found.tzinfo is None and mapping.zone:
        found = found.replace(tzinfo=ZoneInfo(mapping.zone))
    return reading.plausible(found)
