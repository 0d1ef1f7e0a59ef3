"""Documents as 1C EnterpriseData 1.19: any number in one message.

The format is 1C's own (v8.1c.ru/edi/edi_app/enterprisedata/). Names of elements, their order, and
what must be there are those of the XDTO packages EnterpriseData 1.19 and ExchangeMessage, which 1C
publishes with its library of standard subsystems (БСП 3.1); what is used here is the same up to
1.21. Version 1.19, because before 1.17 a rate of VAT is a word of a list that has neither 5 and 7
nor 22 %. A sale is Документ.РеализацияТоваровУслуг, what came back
Документ.ВозвратТоваровОтПокупателя, a change Документ.КорректировкаРеализацииТоваров; references
are our documents' ids, so that a message that is loaded twice makes no second document.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final

from app.domain.document import Document, Kind
from app.domain.money import roubles
from app.errors import Unprintable
from app.render.elements import PROLOGUE, branch, leaf, opening
from app.render.enterprise_keys import (
    base,
    contract,
    counterparty,
    currency,
    lacks,
    organisation,
    warehouse,
)
from app.render.enterprise_line import came_back, corrected, marks, sold
from app.render.exchange import figures, made, when

VERSION: Final = "1.19"
NAMESPACE: Final = f"http://v8.1c.ru/edi/edi_stnd/EnterpriseData/{VERSION}"
ENVELOPE: Final = "http://www.1c.ru/SSL/Exchange/Message"
#: When a message about nothing was made: 1C's empty date, not the clock's.
_NEVER: Final = datetime(1, 1, 1)  # noqa: DTZ001


def enterprise(documents: Sequence[Document], _language: str) -> bytes:
    """One message with these documents in their order, in Russian as the format is. Unprintable
    when a name or an INN of seller or buyer is not known: 1C would not find them."""
    _refuse_unnamed(documents)
    file = io.BytesIO()
    root = opening("Message", **{"xmlns:msg": ENVELOPE})
    head = _header(max(map(made, documents), default=_NEVER)).replace("\n", "\n\t")
    body = opening("Body", xmlns=NAMESPACE)
    file.write(f"{PROLOGUE}{root}\n\t{head}\n\t{body}\n".encode())
    for document in documents:
        said = _KINDS[document.kind](document).replace("\n", "\n\t\t")
        file.write(f"\t\t{said}\n".encode())
    file.write(b"\t</Body>\n</Message>\n")
    return file.getvalue()


def _refuse_unnamed(documents: Sequence[Document]) -> None:
    missing = dict.fromkeys(
        name
        for document in documents
        for party, role in ((document.seller, "seller"), (document.buyer, "buyer"))
        for name in lacks(party, role)
    )
    if missing:
        raise Unprintable("requisites", *missing)


def _header(made_at: datetime) -> str:
    return branch(
        "msg:Header",
        leaf("msg:Format", NAMESPACE),
        leaf("msg:CreationDate", made_at.isoformat()),
        leaf("msg:AvailableVersion", VERSION),
    )


def _sale(document: Document) -> str:
    return branch(
        "Документ.РеализацияТоваровУслуг",
        _keys(document),
        leaf("ВидОперации", "РеализацияКлиенту"),
        *_sum(document),
        *_sides(document),
        leaf("Налогообложение", _taxed(document, "ПродажаОблагаетсяНДС", "ПродажаНеОблагаетсяНДС")),
        sold(document),
        marks(document),
        _comment(document),
    )


def _return(document: Document) -> str:
    origin = document.base
    return branch(
        "Документ.ВозвратТоваровОтПокупателя",
        _keys(document),
        leaf("ВидОперации", "ВозвратОтКлиента"),
        *_sum(document),
        *_sides(document),
        base("ДокументРеализации", origin, document.seller) if origin else "",
        leaf("Налогообложение", _taxed(document, "ОблагаетсяНДС", "НеОблагаетсяНДС")),
        came_back(document),
        marks(document),
        _comment(document),
    )


def _correction(document: Document) -> str:
    origin = document.base
    assert origin is not None, "the database keeps no correction of nothing"
    money, total, inclusive = _sum(document)
    return branch(
        "Документ.КорректировкаРеализацииТоваров",
        _keys(document),
        _place(document),
        money,
        total,
        counterparty(document.buyer),
        contract("Договор", document.seller, document.buyer, document.currency),
        inclusive,
        base("ДокументРеализации", origin, document.seller),
        base("ИсправляемыйДокументРеализации", origin, document.seller),
        leaf("ВидОперации", "СогласованноеИзменение"),
        corrected(document),
        leaf("Налогообложение", _taxed(document, "ПродажаОблагаетсяНДС", "ПродажаНеОблагаетсяНДС")),
        _comment(document),
    )


_KINDS: Final[Mapping[Kind, Callable[[Document], str]]] = {
    Kind.SALE: _sale,
    Kind.RETURN: _return,
    Kind.CORRECTION: _correction,
}


def _keys(document: Document) -> str:
    return branch(
        "КлючевыеСвойства",
        leaf("Ссылка", str(document.id)),
        leaf("Дата", when(document).isoformat()),
        leaf("Номер", document.number),
        organisation(document.seller),
    )


def _sum(document: Document) -> tuple[str, str, str]:
    total = sum(figures(line, document.kind).total for line in document.lines)
    return (
        currency("Валюта", document.currency),
        leaf("Сумма", roubles(total)),
        leaf("СуммаВключаетНДС", "true"),
    )


def _sides(document: Document) -> tuple[str, str, str]:
    agreed = contract("Договор", document.seller, document.buyer, document.currency)
    settled = currency("ВалютаВзаиморасчетов", document.currency)
    return (
        _place(document),
        counterparty(document.buyer),
        branch("ДанныеВзаиморасчетов", agreed, settled),
    )


def _place(document: Document) -> str:
    return warehouse(document.warehouse.key, document.store_name or document.store)


def _taxed(document: Document, yes: str, no: str) -> str:
    """Whether any line has VAT; of nothing at all: yes, as of everybody by default."""
    rates = {line.vat_percent for line in document.lines}
    return no if rates == {None} else yes


def _comment(document: Document) -> str:
    order = " / ".join(filter(None, (document.order_number, document.order_external_id)))
    said = (
        document.reason,
        f"заказ {order}" if order else "",
        f"площадка {document.account}",
        f"магазин {document.store}" if document.store else "",
    )
    return branch(
        "ОбщиеСвойстваОбъектовФормата", leaf("Комментарий", ", ".join(filter(None, said)))
    )
