"""Documents for tests of forms: invented ones to look at, and a strategy for all there can be.

`SALE`, `RETURN`, `CORRECTION`, `COMMISSION`: fixed, what golden files are made of; `THOUSAND`: a
sale of a thousand lines. `documents()`: any document whose sums hold, as the database may give it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid5

from hypothesis import strategies as st

from app.domain.document import Before, Document, DocumentLine, Kind, Origin
from app.domain.gs1 import GS
from app.domain.money import by_weight, half_up, vat_inside
from app.domain.party import Party

SPACE = UUID("6f0f5a6e-3c1d-4f7e-9d55-0a3c8e1b7f20")
#: (code, percent), every pair there can be.
RATES = (
    ("standard", 22), ("standard", 20), ("standard", 18), ("reduced", 10), ("zero", 0),
    ("none", None), ("five", 5), ("seven", 7),
)  # fmt: skip
SUFFIXES = {Kind.SALE: "", Kind.CORRECTION: "К", Kind.RETURN: "В", Kind.COMMISSION: "О"}

# ---------------------------------------------------------------------------------------- lines


def vat_of(total: int, percent: int | None) -> int:
    """VAT in a signed total."""
    return -vat_inside(-total, percent) if total < 0 else vat_inside(total, percent)


def line(
    position: int, name: str, price: int, rate: tuple[str, int | None], **more: Any
) -> DocumentLine:
    """A line as sold: `pieces` or `grams` of `unit_grams`; `off`: its part of an order's discount,
    `list_price`: what one would have cost without, `rounded`: by how much the marketplace's own
    total is more. Total, discount and VAT follow."""
    pieces, grams = more.pop("pieces", 1), more.pop("grams", None)
    unit_grams, off = more.pop("unit_grams", None), more.pop("off", 0)
    full = _cost(more.pop("list_price", price), pieces, grams, unit_grams)
    total = _cost(price, pieces, grams, unit_grams) - off + more.pop("rounded", 0)
    return DocumentLine(
        position=position, sku=more.pop("sku", f"{position}00101"), name=name,
        unit="piece" if grams is None else "weight", pieces=pieces, price=price, total=total,
        vat_code=rate[0], vat_percent=rate[1], vat=vat_of(total, rate[1]), grams=grams,
        unit_grams=unit_grams, discount=max(0, full - total),
        line_id=uuid5(SPACE, f"line {position}"), **more,
    )  # fmt: skip


def _cost(price: int, pieces: int, grams: int | None, unit_grams: int | None) -> int:
    return price * pieces if grams is None else by_weight(price, grams, unit_grams or 1000)


def given_back(line: DocumentLine, pieces: int, grams: int | None = None) -> DocumentLine:
    """A part of a sold line as a return has it: negative, its part of total and discount. Marks are
    those that came back."""
    whole, part = (line.pieces, pieces) if grams is None else (line.grams or 1, grams)
    total = -half_up(line.total * part, whole)
    vat = vat_of(line.total + total, line.vat_percent) - line.vat
    return replace(
        line, pieces=-pieces, grams=None if grams is None else -grams, total=total,
        vat=vat, discount=-half_up(line.discount * part, whole),
        marks=line.marks[:pieces],
    )  # fmt: skip


def corrected(line: DocumentLine, now: DocumentLine) -> DocumentLine:
    """The difference between a line as it was and as it is now; marks are those that are free."""
    weighed = line.grams is not None and now.grams is not None
    vat = vat_of(now.total, line.vat_percent) - line.vat
    return replace(
        line, price=now.price, pieces=now.pieces - line.pieces, total=now.total - line.total,
        grams=(now.grams or 0) - (line.grams or 0) if weighed else None, vat=vat,
        discount=now.discount - line.discount, marks=line.marks[max(0, now.pieces) :],
        before=Before(line.pieces, line.grams, line.price, line.total, line.vat),
    )  # fmt: skip


def document(kind: Kind, serial: int, lines: tuple[DocumentLine, ...], **more: Any) -> Document:
    """A document over these lines; its totals follow."""
    issued_on = more.pop("issued_on", date(2026, 3, 14))
    series = more.pop("series", "ЧГ")
    number = f"{series}{SUFFIXES[kind]}{issued_on:%y}-{serial:06d}"
    given: dict[str, Any] = {
        "id": uuid5(SPACE, number), "kind": kind, "number": number, "issued_on": issued_on,
        "currency": "RUB", "total": sum(each.total for each in lines),
        "vat_total": sum(each.vat for each in lines), "merchant": "Чайный гость",
        "seller": SELLER, "buyer": BUYER, "account": "kuper-main",
        "created_at": datetime(2026, 3, 14, 17, 5, 0, 123456, UTC), "lines": lines,
    }  # fmt: skip
    return Document(**(given | more))


# -------------------------------------------------------------------------------------- samples

SELLER = Party(
    legal_name="Общество с ограниченной ответственностью «Чайный гость»",
    inn="7701234560",
    kpp="770101001",
    ogrn="1027700132195",
    address="101000, г. Москва, ул. Примерная, д. 1, стр. 2, офис 3",
    phone="+7 000 000-00-00",
    bank="АО «Пример Банк»",
    bik="044525000",
    bank_account="40702810900000000001",
    correspondent_account="30101810400000000000",
    signer="Примерова Анна Сергеевна",
    signer_post="Главный бухгалтер",
    key="ORG-0001",
)
BUYER = Party(
    legal_name="ООО «Площадка-пример»",
    inn="7709876545",
    kpp="770901001",
    ogrn="1027700132195",
    address="109000, г. Москва, пр-т Образцовый, д. 10",
    key="К-000123",
    contract="АГ-17/2025",
    contract_date="2025-11-01",
)
#: A person in business: twelve digits, no КПП.
ENTREPRENEUR = Party(
    legal_name="Индивидуальный предприниматель Образцов Пётр Ильич",
    inn="770123456703",
    ogrn="304500116000157",
    address="105005, г. Москва, ул. Тестовая, д. 5, кв. 7",
    signer="Образцов Пётр Ильич",
)
WAREHOUSE = Party(
    legal_name="Магазин на Примерной", kpp="770145002", key="СКЛ-101",
    address="101000, г. Москва, ул. Примерная, д. 1",
)  # fmt: skip
_ORDER: dict[str, Any] = {
    "store": "101", "store_name": "Чайный гость на Примерной", "warehouse": WAREHOUSE,
    "order_id": uuid5(SPACE, "order"), "order_number": "КП-0007-4431",
    "order_external_id": "H03200100017-4431",
    "occurred_at": datetime(2026, 3, 14, 16, 42, 10, tzinfo=UTC),
}  # fmt: skip


def mark(serial: str, ean: str = "4690001004013") -> str:
    """A full code: GTIN, serial of 13, GS, crypto tail with what XML has its own signs for."""
    return f"010{ean}21{serial:0>13}{GS}93A<&>"


_MILK = line(
    1, "Молоко «Домик в деревне» 2,5 %, 930 мл", 8990, ("reduced", 10), pieces=3, list_price=9990,
    off=101, barcode="4690001004013", marks=(mark("5aB<&'x"), mark('6"%z'), mark("7Q")),
)  # fmt: skip
_BANANAS = line(
    2, "Бананы, кг", 12990, ("reduced", 10), pieces=2, grams=1234, unit_grams=1000, off=60,
    barcode="2112345000008",
)  # fmt: skip
_CHEESE = line(
    3, "Сыр <Маасдам> & ко 45 %, на развес", 8999, ("reduced", 10), grams=357, unit_grams=100,
    list_price=10999, off=120,
)  # fmt: skip
_COFFEE = line(
    4, "Кофе в зёрнах 🫘 «𝔄rábica № 1»\u00a0— 250 г", 54900, ("standard", 22), off=219,
    barcode="4600000000015",
)  # fmt: skip
_SEEDS = line(5, "Книга о чае (без НДС)", 15050, ("none", None), pieces=2)
_DELIVERY = line(6, "Доставка", 14900, ("standard", 22), sku="delivery", kind="delivery")

SALE = document(Kind.SALE, 42, (_MILK, _BANANAS, _CHEESE, _COFFEE, _SEEDS, _DELIVERY), **_ORDER)
_BASE = Origin(SALE.id, SALE.kind, SALE.number, SALE.issued_on)
RETURN = document(
    Kind.RETURN, 7, (given_back(_MILK, 1), given_back(_CHEESE, 1, 157)), base=_BASE,
    **_ORDER | {"issued_on": date(2026, 3, 16), "reason": "Покупатель отказался от части товаров",
                "occurred_at": datetime(2026, 3, 16, 8, 0, 0, tzinfo=UTC),
                "created_at": datetime(2026, 3, 16, 9, 5, 0, tzinfo=UTC)},
)  # fmt: skip
CORRECTION = document(
    Kind.CORRECTION, 3,
    (
        corrected(_BANANAS, line(2, "", 11990, ("reduced", 10), pieces=2, grams=1204,
                                 unit_grams=1000, off=60)),
        corrected(_COFFEE, line(4, "", 56900, ("standard", 22), off=219)),
    ),
    base=_BASE,
    **_ORDER | {"issued_on": date(2026, 3, 17), "reason": "Исправлена цена после доставки",
                "occurred_at": datetime(2026, 3, 17, 10, 0, 0, tzinfo=UTC),
                "created_at": datetime(2026, 3, 17, 11, 5, 0, tzinfo=UTC)},
)  # fmt: skip
COMMISSION = document(
    Kind.COMMISSION, 1,
    (
        line(1, "Молоко «Домик в деревне» 2,5 %, 930 мл", 8990, ("reduced", 10), pieces=120),
        line(2, "Бананы, кг", 12990, ("reduced", 10), pieces=80, grams=93456, unit_grams=1000),
        line(3, "Вознаграждение комиссионера", 250000, ("standard", 22), sku="fee", kind="fee"),
    ),
    issued_on=date(2026, 3, 31),
    detail={"period": {"from": "2026-03-01", "to": "2026-03-31"}, "report": "ОК-2026-03"},
)  # fmt: skip
THOUSAND = document(
    Kind.SALE, 43,
    tuple(
        line(n, f"Товар № {n}", 100 + 37 * n, RATES[n % len(RATES)], pieces=1 + n % 7, off=n % 50)
        if n % 3 else
        line(n, f"Весовой товар № {n}", 999 + n, RATES[n % len(RATES)], grams=100 + 13 * n,
             unit_grams=(1000, 100, 250)[n % 3])
        for n in range(1, 1001)
    ),
    **_ORDER,
)  # fmt: skip
SAMPLES = {"sale": SALE, "return": RETURN, "correction": CORRECTION, "commission": COMMISSION}

# ----------------------------------------------------------------------------------- strategies

#: Every plane, controls and non-characters too: all that the database's text can hold.
text = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40
)
#: Names as they mostly are.
plain_text = st.text("абвгдежзАБВГ abcXYZ 0123456789«»—.,%<>&\"'№", min_size=1, max_size=60)
names = plain_text | text
#: What serials and tails of marks are written in (GS1 character set 82).
_SET_82 = "".join(chr(n) for n in range(0x21, 0x7B) if chr(n) not in "#$@[\\]^`")
_serials = st.text(_SET_82, min_size=6, max_size=20)
_tails = st.text(_SET_82, min_size=4, max_size=44)


def _check(digits: str, weights: tuple[int, ...]) -> str:
    return str(sum(w * int(d) for w, d in zip(weights, digits, strict=True)) % 11 % 10)


@st.composite
def inns(draw: st.DrawFn, *, person: bool = False) -> str:
    """An INN with right check digits, of a company or of a person."""
    weights = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
    size = 10 if person else 9
    digits = f"{draw(st.integers(1, 10**size - 1)):0{size}d}"
    digits += _check(digits, weights[-size:])
    return digits + _check(digits, weights) if person else digits


@st.composite
def parties(draw: st.DrawFn, *, named: bool = True) -> Party:
    """A company or a person in business; not `named`: perhaps nothing is known."""
    if not named and draw(st.booleans()):
        return Party()
    person = draw(st.booleans())
    kpp = "" if person else f"{draw(st.integers(10**8, 10**9 - 1))}"
    return Party(
        legal_name=draw(names.filter(str.strip)), inn=draw(inns(person=person)), kpp=kpp,
        address=draw(st.just("") | names), key=draw(st.just("") | names),
        signer=draw(st.just("") | names), contract=draw(st.just("") | names),
    )  # fmt: skip


@st.composite
def gtins(draw: st.DrawFn) -> str:
    """An EAN-13 with its check digit."""
    digits = f"{draw(st.integers(1, 10**12 - 1)):012d}"
    odd, even = sum(map(int, digits[::2])), sum(map(int, digits[1::2]))
    return digits + str(-(odd + 3 * even) % 10)


@st.composite
def sold_lines(draw: st.DrawFn, position: int, *, kind: str = "goods") -> DocumentLine:
    """One sold line: pieces or grams, with or without discount, marks of some."""
    price = draw(st.integers(0, 300_00) | st.integers(0, 10_000_000))
    more: dict[str, Any] = {"list_price": price + draw(st.just(0) | st.integers(0, 50_000))}
    rate = draw(st.sampled_from(RATES))
    if kind == "delivery":
        return line(position, "Доставка", price, rate, sku="delivery", kind=kind)
    pieces = draw(st.integers(1, 20))
    if draw(st.booleans()):
        more["grams"] = draw(st.integers(1, 30_000))
        more["unit_grams"] = draw(st.sampled_from([1000, 100, 500, 250, 300, 50, 7, 1]))
    barcode = draw(st.none() | gtins())
    if barcode and draw(st.booleans()):
        serials = draw(st.lists(_serials, min_size=pieces, max_size=pieces, unique=True))
        tail = draw(_tails)
        more["marks"] = tuple(f"010{barcode}21{each}{GS}93{tail}" for each in serials)
    most = _cost(price, pieces, more.get("grams"), more.get("unit_grams"))
    return line(
        position, draw(names), price, rate, pieces=pieces, barcode=barcode, sku=draw(names),
        off=draw(st.just(0) | st.integers(0, most)), rounded=draw(st.just(0) | st.integers(0, 2)),
        **more,
    )  # fmt: skip


@st.composite
def given_back_lines(draw: st.DrawFn, sold: DocumentLine) -> DocumentLine:
    """What was given back of a line: all or a part."""
    pieces = draw(st.integers(1, sold.pieces))
    if sold.grams is None:
        return given_back(sold, pieces)
    return given_back(sold, pieces, draw(st.integers(1, sold.grams)))


@st.composite
def corrected_lines(draw: st.DrawFn, sold: DocumentLine) -> DocumentLine:
    """A line as sold and as it turned out: other price, other quantity, down to nothing."""
    price = draw(st.just(sold.price) | st.integers(0, 300_00))
    now = line(
        sold.position, sold.name, price, (sold.vat_code, sold.vat_percent),
        pieces=draw(st.integers(0, 2 * sold.pieces)), unit_grams=sold.unit_grams,
        grams=None if sold.grams is None else draw(st.integers(0, 2 * sold.grams)),
    )  # fmt: skip
    return corrected(sold, now)


@dataclass(frozen=True)
class _Later:
    of: Any
    reason: str


_LATER = {
    Kind.RETURN: _Later(given_back_lines, "return"),
    Kind.CORRECTION: _Later(corrected_lines, "correction"),
}


@st.composite
def documents(draw: st.DrawFn, *kinds: Kind, named: bool = True, most: int = 6) -> Document:
    """A document of one of `kinds` (sale, correction, return; none given: any of them) with up to
    `most` lines of goods and perhaps a delivery. Not `named`: parties may be unknown."""
    kind = draw(st.sampled_from(kinds or (Kind.SALE, Kind.CORRECTION, Kind.RETURN)))
    count = draw(st.integers(0 if kind is Kind.SALE else 1, most))
    lines = [draw(sold_lines(n)) for n in range(1, count + 1)]
    if draw(st.booleans()):
        lines.append(draw(sold_lines(count + 1, kind="delivery")))
    issued_on = draw(st.dates(date(2019, 1, 1), date(2049, 12, 31)))
    moments = st.datetimes(datetime(2019, 1, 1), datetime(2049, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
    sale = document(
        Kind.SALE, draw(st.integers(1, 10**7)), tuple(lines), issued_on=issued_on,
        id=draw(st.uuids()), series=draw(st.just("ЧГ") | names), created_at=draw(moments),
        occurred_at=draw(st.none() | moments), merchant=draw(names),
        seller=draw(parties(named=named)), buyer=draw(parties(named=named)),
        store=draw(names), store_name=draw(names), warehouse=draw(parties(named=False)),
        order_id=draw(st.uuids()), order_number=draw(names), order_external_id=draw(names),
    )  # fmt: skip
    return draw(_later(sale, kind)) if kind in _LATER else sale


@st.composite
def _later(draw: st.DrawFn, sale: Document, kind: Kind) -> Document:
    later = _LATER[kind]
    lines = tuple(draw(later.of(each)) for each in sale.lines)
    return replace(
        sale, id=draw(st.uuids()), kind=kind, number=f"{SUFFIXES[kind]}{sale.number}", lines=lines,
        total=sum(each.total for each in lines), vat_total=sum(each.vat for each in lines),
        nth=draw(st.integers(1, 9)), reason=draw(names),
        base=Origin(sale.id, sale.kind, sale.number, sale.issued_on),
    )  # fmt: skip
