"""Orders, lines and drafts for domain tests: everything has a default, ids are counted."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from app.domain.goods import Product
from app.domain.order import Draft, DraftLine, Line, Order, OrderState, Unit
from app.domain.terms import Terms

DUE = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)


def uid(n: int) -> UUID:
    return UUID(int=n)


def counting(start: int = 1000):
    numbers = iter(range(start, 10**6))
    return lambda: uid(next(numbers))


def piece(n: int = 1, *, pieces: int = 3, price: int = 5450, **changes) -> Line:
    """Line n: bread, three loaves."""
    return Line(
        id=uid(n), position=n, external_id=f"p{n}", name="Хлеб", unit=Unit.PIECE, price=price,
        requested_pieces=pieces, barcodes=("4690003009016",), **changes,
    )  # fmt: skip


def weighed(n: int = 2, *, grams: int = 1000, price: int = 12990, unit_grams: int = 1000,
            **changes) -> Line:  # fmt: skip
    """Line n: bananas, a kilogram."""
    return Line(
        id=uid(n), position=n, external_id=f"w{n}", name="Бананы", unit=Unit.WEIGHT, price=price,
        requested_pieces=1, requested_grams=grams, unit_grams=unit_grams, plu="00101", **changes,
    )  # fmt: skip


def an_order(*lines: Line, state: OrderState = OrderState.PICKING, **changes) -> Order:
    return Order(
        id=uid(900), store_id=uid(901), account_id=uid(902), number="OWN-1", external_id="H1",
        state=state, lines=lines or (piece(), weighed()), due_at=DUE, requested_total=10_000,
        **changes,
    )  # fmt: skip


def draft_line(sku: str = "p1", *, pieces: int = 3, grams: int | None = None,
               price: int = 5450) -> DraftLine:  # fmt: skip
    unit = Unit.WEIGHT if grams else Unit.PIECE
    return DraftLine(sku, "Название", unit, price, pieces, grams, grams and 1000)


def a_draft(*lines: DraftLine, **changes) -> Draft:
    return Draft("H1", None, "101", lines or (draft_line(),), DUE, 10_000, **changes)


def the_terms(**products: Product) -> Terms:
    return Terms(products, counting())
