"""УПД 5.03, the electronic universal transfer document: the seller's file (ON_NSCHFDOPPR).

Приказ ФНС России от 19.12.2023 № ЕД-7-26/970@, КНД 1115131. `upd` is an invoice and a transfer
document in one (function СЧФДОП), `upd_dop` the transfer document alone (ДОП). Only sales: what is
given back or put right later is said in УКД, another format. The file is what is to be signed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from xml.etree import ElementTree as ET

from app.domain.document import Document, Kind
from app.domain.upd_file import formed_at, upd_file_id
from app.errors import Unprintable
from app.render.upd_line import table, unknown_rates
from app.render.upd_party import (
    called,
    contract_day,
    lacks,
    lacks_contract,
    lacks_registration,
    lacks_signer,
    participant,
    sender,
    signature,
)  # fmt: skip
from app.render.upd_text import add, clean, day, written

_VERSION: Final = "5.03"
_KND: Final = "1115131"
_PROGRAM: Final = "Order hub"
#: ПоФактХЖ: what the law calls a transfer document.
_FACT: Final = (
    "Документ об отгрузке товаров (выполнении работ), передаче имущественных прав "
    "(документ об оказании услуг)"
)
_TITLE: Final = "Универсальный передаточный документ"
#: Currencies by their codes: numbers and names of ОКВ.
_MONEY: Final = {
    "RUB": ("643", "Российский рубль"),
    "BYN": ("933", "Белорусский рубль"),
    "KZT": ("398", "Тенге"),
}
#: СодОпер by what there is: goods, or something else than goods.
_DONE: Final = {
    frozenset({True}): "Товары переданы",
    frozenset({False}): "Услуги оказаны",
    frozenset({True, False}): "Товары переданы, услуги оказаны",
}
_FUNCTIONS: Final = {"upd": "СЧФДОП", "upd_dop": "ДОП"}


def upd(documents: Sequence[Document], _language: str) -> bytes:
    """One sale as an invoice and a transfer document (СЧФДОП); Unprintable names all it lacks."""
    return _file(documents, "upd")


def upd_dop(documents: Sequence[Document], _language: str) -> bytes:
    """One sale as a transfer document without an invoice (ДОП)."""
    return _file(documents, "upd_dop")


def _file(documents: Sequence[Document], form: str) -> bytes:
    if len(documents) != 1:
        raise Unprintable("one_only")
    (document,) = documents
    invoice = form == "upd"
    _check(document, invoice=invoice)
    root = ET.Element(
        "Файл", ИдФайл=upd_file_id(document, form), ВерсФорм=_VERSION, ВерсПрог=_PROGRAM
    )
    moment = formed_at(document)
    body = add(
        root, "Документ", КНД=_KND, Функция=_FUNCTIONS[form], ПоФактХЖ=_FACT, НаимДокОпр=_TITLE,
        ДатаИнфПр=day(moment), ВремИнфПр=f"{moment:%H.%M.%S}",
        НаимЭконСубСост=called(document.seller),
    )  # fmt: skip
    _heading(body, document, invoice=invoice)
    table(body, document.lines, invoice=invoice)
    _transfer(body, document)
    signature(body, document.seller)
    return written(root)


def _check(document: Document, *, invoice: bool) -> None:
    """Refuse what cannot be said; all that is missing is named at once."""
    if document.kind is not Kind.SALE:
        raise Unprintable("kind", document.kind)
    if document.currency not in _MONEY:
        raise Unprintable("currency", document.currency)
    if rates := unknown_rates(document.lines):
        raise Unprintable("vat", *rates)
    if not document.lines:
        raise Unprintable("composition")
    missing = (
        *lacks(document.seller, "seller", invoice=invoice),
        *(lacks_registration(document.seller, document.issued_on) if invoice else ()),
        *lacks_signer(document.seller),
        *lacks(document.buyer, "buyer", invoice=invoice),
        *lacks_contract(document.buyer),
    )
    if missing:
        raise Unprintable("requisites", *missing)


def _heading(body: ET.Element, document: Document, *, invoice: bool) -> None:
    """СвСчФакт: number and day, who sells, sends, receives and buys, and in which money."""
    number = clean(document.number, 1000)
    node = add(body, "СвСчФакт", НомерДок=number, ДатаДок=day(document.issued_on))
    participant(node, "СвПрод", document.seller)
    if any(line.kind == "goods" for line in document.lines):
        _sender(node, document)
        participant(node, "ГрузПолуч", document.buyer)
    if invoice:
        _reference(node, "ДокПодтвОтгрНом", _TITLE, number, day(document.issued_on))
    participant(node, "СвПокуп", document.buyer)
    code, name = _MONEY[document.currency]
    add(node, "ДенИзм", КодОКВ=code, НаимОКВ=name)


def _sender(parent: ET.Element, document: Document) -> None:
    node = add(parent, "ГрузОт")
    found = sender(document.seller, document.warehouse)
    if found is None:
        add(node, "ОнЖе").text = "он же"
    else:
        participant(node, "ГрузОтпр", *found)


def _transfer(body: ET.Element, document: Document) -> None:
    """СвПродПер: what was handed over, when, and on what ground: a contract, an order, neither."""
    kinds = frozenset(line.kind == "goods" for line in document.lines)
    moved = day(document.issued_on)
    node = add(add(body, "СвПродПер"), "СвПер", СодОпер=_DONE[kinds], ДатаПер=moved)
    contract, signed_on = clean(document.buyer.contract, 255), contract_day(document.buyer)
    if contract and signed_on:
        _reference(node, "ОснПер", "Договор", contract, day(signed_on))
    order = clean(document.order_external_id, 255) or clean(document.order_number, 255)
    if order and document.ordered_at:
        local = document.ordered_at.astimezone(formed_at(document).tzinfo)
        _reference(node, "ОснПер", "Заказ", order, day(local))
    if len(node) == 0:
        add(node, "БезДокОснПер").text = "1"


def _reference(parent: ET.Element, name: str, title: str, number: str, on: str) -> None:
    """РеквДокТип: another document."""
    add(parent, name, РеквНаимДок=title, РеквНомерДок=number, РеквДатаДок=on)
