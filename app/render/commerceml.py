"""Documents as CommerceML 2.10, the way 1C exchanges them with shops: any number in one file.

Elements, their order and meaning: CommerceML 2.10 (v8.1c.ru/edi/edi_stnd/90/92.htm, the schema, and
the description of its parts: 1.1.41 ХозОперацияТип, 1.1.59 Контрагент, 1.1.63 НалогДляДокумента,
1.1.76 Скидка, 1.1.86 Документ); the namespace is the one that 1C itself writes with 2.10. A sale is
«Отпуск товара», what came back «Возврат товара» with quantities that are positive. The standard has
no operation for a correction: it is «Прочие», a requisite says what it is, lines are as they are
after it and their requisites as they were before. What the standard has no element for is a
requisite (ЗначенияРеквизитов), as everybody does it: the order, the marks, the document before.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from app.domain.document import Document, Kind
from app.domain.money import roubles
from app.domain.party import Party
from app.render.commerceml_line import article, requisites, tax
from app.render.elements import PROLOGUE, branch, leaf, opening
from app.render.exchange import figures, made, when

VERSION: Final = "2.10"
NAMESPACE: Final = "urn:1C.ru:commerceml_210"
_ROOT: Final = "КоммерческаяИнформация"
#: What is said of no document at all, so that nothing depends on the clock: 1C's empty date.
_NEVER: Final = datetime(1, 1, 1)  # noqa: DTZ001
_OPERATIONS: Final = {Kind.SALE: "Отпуск товара", Kind.RETURN: "Возврат товара"}
_OTHER: Final = "Прочие"
#: What 1C calls the document that is to be made.
_KINDS: Final = {
    Kind.SALE: "Реализация товаров и услуг",
    Kind.RETURN: "Возврат товаров от покупателя",
    Kind.CORRECTION: "Корректировка реализации",
}
_INN: Final = (10, 12)
_KPP: Final = 9


def commerceml(documents: Sequence[Document], _language: str) -> bytes:
    """A file of these documents in their order. The standard's words are Russian in any language;
    whatever is unknown of a party is left out, nothing is refused."""
    made_at = max(map(made, documents), default=_NEVER)
    file = io.BytesIO()
    head = opening(
        _ROOT, xmlns=NAMESPACE, ВерсияСхемы=VERSION, ДатаФормирования=made_at.isoformat()
    )
    file.write(f"{PROLOGUE}{head}\n".encode())
    for document in documents:
        file.write(f"\t{_document(document).replace(chr(10), f'{chr(10)}{chr(9)}')}\n".encode())
    file.write(f"</{_ROOT}>\n".encode())
    return file.getvalue()


def _document(document: Document) -> str:
    told = [figures(line, document.kind) for line in document.lines]
    return branch(
        "Документ",
        leaf("Ид", str(document.id)),
        leaf("Номер", document.number),
        leaf("Дата", document.issued_on.isoformat()),
        leaf("ХозОперация", _OPERATIONS.get(document.kind, _OTHER)),
        leaf("Роль", "Продавец"),
        leaf("Валюта", document.currency),
        leaf("Курс", "1"),
        leaf("Сумма", roubles(sum(line.total for line in told))),
        branch(
            "Контрагенты",
            _party(document.seller, "Продавец", document.merchant),
            _party(document.buyer, "Покупатель", document.account),
        ),
        leaf("Время", when(document).time().isoformat()),
        leaf("Комментарий", document.reason),
        branch("Налоги", *_taxes(document)),
        _discount(sum(line.discount for line in told)),
        _warehouse(document),
        branch("Товары", *(article(line, document.kind) for line in document.lines)),
        requisites(*_requisites(document)),
    )


def _party(party: Party, role: str, otherwise: str) -> str:
    """One side; `otherwise`: what to call it when nobody said anything of it."""
    name = party.legal_name or otherwise
    return branch(
        "Контрагент",
        leaf("Ид", party.key or "_".join(filter(None, (party.inn, party.kpp))) or otherwise),
        leaf("Наименование", name),
        leaf("ОфициальноеНаименование", name),
        branch("ЮридическийАдрес", leaf("Представление", party.address)),
        leaf("ИНН", party.inn if len(party.inn) in _INN else ""),
        leaf("КПП", party.kpp if len(party.kpp) == _KPP else ""),
        leaf("Роль", role),
    )


def _taxes(document: Document) -> list[str]:
    """VAT by rate, the highest first."""
    sums: dict[int | None, int] = {part.percent: 0 for part in document.vat_parts()}
    for line in document.lines:
        sums[line.vat_percent] += figures(line, document.kind).vat
    return [tax(percent, kopecks) for percent, kopecks in sums.items()]


def _discount(kopecks: int) -> str:
    """The discounts of all lines together, which are inside the sum."""
    if not kopecks:
        return ""
    return branch("Скидки", branch(
        "Скидка",
        leaf("Наименование", "Скидка"),
        leaf("Сумма", roubles(kopecks)),
        leaf("УчтеноВСумме", "true"),
    ))  # fmt: skip


def _warehouse(document: Document) -> str:
    place = document.warehouse
    return branch("Склады", branch(
        "Склад",
        leaf("Ид", place.key or document.store),
        leaf("Наименование", document.store_name or document.store),
        branch("Адрес", leaf("Представление", place.address)),
    ))  # fmt: skip


def _requisites(document: Document) -> list[tuple[str, str]]:
    said = [
        ("ВидДокумента", _KINDS.get(document.kind, "")),
        ("Проведен", "true"),
        ("ПометкаУдаления", "false"),
        ("Номер заказа", document.order_number),
        ("Номер заказа на площадке", document.order_external_id),
        ("Площадка", document.account),
        ("Код магазина", document.store),
        ("Договор", document.buyer.contract),
        ("Дата договора", document.buyer.contract_date),
    ]
    if document.base is not None:
        said += [
            ("Основание", str(document.base.id)),
            ("Номер основания", document.base.number),
            ("Дата основания", document.base.issued_on.isoformat()),
        ]
    if document.kind is Kind.CORRECTION:
        said.append(("СуммаИзменения", roubles(document.total)))
        said.append(("СуммаНДСИзменения", roubles(document.vat_total)))
    return said
