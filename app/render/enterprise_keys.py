"""What EnterpriseData knows things by: key properties of sides, goods, units, rates and documents.

Whoever receives the file finds its own record by them, or makes one: no directory travels along. A
reference is the receiver's own identifier, so that it is said only where the ERP's key is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Final
from uuid import UUID

from app.domain.document import DocumentLine, Origin
from app.domain.party import Party
from app.render.elements import branch, leaf
from app.render.exchange import Unit

_INN: Final = re.compile(r"[0-9]{10}(?:[0-9]{2})?")
_PERSON: Final = 12
_KPP: Final = 9
#: Codes of ОКВ (ОК 014-2000); of any other currency its letters are said alone.
_CURRENCIES: Final = {"RUB": "643", "BYN": "933", "KZT": "398", "UZS": "860", "KGS": "417"}
_BARCODE: Final = 200
#: The kinds the format has (ВидыСтавокНДС); 5 and 7 % are of those who pay less than all others.
_KINDS: Final = {0: "Нулевая", 5: "Пониженная", 7: "Пониженная", 10: "Пониженная"}
_DATES: Final = ("%Y-%m-%d", "%d.%m.%Y")


def lacks(party: Party, role: str) -> Iterator[str]:
    """What must be known of a side to be found at all, such as seller.inn."""
    if not party.legal_name.strip():
        yield f"{role}.legal_name"
    if not _INN.fullmatch(party.inn):
        yield f"{role}.inn"


def organisation(party: Party) -> str:
    """Who sells."""
    return branch("Организация", *_party(party))


def counterparty(party: Party) -> str:
    """Who buys."""
    return branch("Контрагент", *_party(party))


def _party(party: Party) -> tuple[str, ...]:
    person = len(party.inn) == _PERSON
    return (
        _reference(party.key),
        leaf("Наименование", party.legal_name),
        leaf("НаименованиеПолное", party.legal_name),
        leaf("ИНН", party.inn),
        leaf("КПП", party.kpp if len(party.kpp) == _KPP else ""),
        leaf("ЮридическоеФизическоеЛицо", "ФизическоеЛицо" if person else "ЮридическоеЛицо"),
    )


def contract(name: str, seller: Party, buyer: Party, code: str) -> str:
    """The agreement between the two under this name of an element; '' when there is none."""
    if not buyer.contract:
        return ""
    day = _day(buyer.contract_date)
    return branch(
        name,
        leaf("ВидДоговора", "СПокупателем"),
        organisation(seller),
        counterparty(buyer),
        currency("ВалютаВзаиморасчетов", code),
        leaf("Наименование", buyer.contract),
        leaf("Дата", day.isoformat() if day else ""),
        leaf("Номер", buyer.contract),
    )


def _day(text: str) -> date | None:
    for form in _DATES:
        try:
            return datetime.strptime(text.strip(), form).date()  # noqa: DTZ007
        except ValueError:
            continue
    return None


def currency(name: str, code: str) -> str:
    """A currency by its letters (ISO 4217) and its digits."""
    return branch(name, branch(
        "ДанныеКлассификатора",
        leaf("Код", _CURRENCIES.get(code, "")),
        leaf("Наименование", code),
    ))  # fmt: skip


def warehouse(key: str, name: str) -> str:
    """Where goods leave from."""
    return branch("Склад", _reference(key), leaf("Наименование", name)) if name else ""


def goods(line: DocumentLine) -> str:
    """What was sold, by its SKU, which is its code and its article number."""
    return branch(
        "Номенклатура",
        _reference(line.sku),
        leaf("НаименованиеПолное", line.name),
        leaf("КодВПрограмме", line.sku),
        leaf("Артикул", line.sku),
        leaf("Наименование", line.name or line.sku),
    )


def goods_data(line: DocumentLine) -> str:
    """Goods with their barcode."""
    barcode = line.barcode or ""
    return branch(
        "ДанныеНоменклатуры",
        goods(line),
        leaf("Штрихкод", barcode if len(barcode) <= _BARCODE else ""),
    )


def unit(of: Unit) -> str:
    """A unit by its code in ОКЕИ."""
    return branch("ЕдиницаИзмерения", branch(
        "ДанныеКлассификатора", leaf("Код", of.code), leaf("Наименование", of.short)
    ))  # fmt: skip


def rate(name: str, percent: int | None) -> str:
    """A rate of VAT; None: without it."""
    kind = "БезНДС" if percent is None else _KINDS.get(percent, "Общая")
    return branch(
        name,
        leaf("Ставка", str(percent or 0)),
        leaf("РасчетнаяСтавка", "false"),
        leaf("НеОблагается", "true" if percent is None else "false"),
        leaf("ВидСтавки", kind),
    )


def base(name: str, origin: Origin, seller: Party) -> str:
    """The sale that a later document refers to."""
    return branch(name, branch(
        "РеализацияТоваровУслугСсылка",
        leaf("Ссылка", str(origin.id)),
        leaf("Дата", f"{origin.issued_on.isoformat()}T00:00:00"),
        leaf("Номер", origin.number),
        organisation(seller),
    ))  # fmt: skip


def _reference(key: str) -> str:
    try:
        return leaf("Ссылка", str(UUID(key)))
    except ValueError:
        return ""
