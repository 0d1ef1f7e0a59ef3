"""What a document says of itself on paper: its title, who sells, who buys, what it is based on."""

from __future__ import annotations

from datetime import date
from typing import Final

from app.domain.document import Document, Kind, Origin
from app.domain.party import Party
from app.render.figures import day, day_in_words
from app.render.language import say
from app.render.typeface import visible

#: What stands after a name, in this order.
_IDENTITY: Final = ("inn", "kpp", "ogrn")
_ACCOUNT: Final = ("bank_account", "bank")
_BANK: Final = ("bik", "correspondent_account")
#: A number stays with what it is the number of.
_LONG: Final = frozenset({"bank"})
_NBSP: Final = "\u00a0"


def title(document: Document | Origin, language: str) -> str:
    """«Реализация товаров № СМ26-000123 от 22 ноября 2026 г.»"""
    return say(
        language,
        "document.title",
        kind=say(language, f"document.kind.{document.kind}"),
        number=visible(document.number),
        day=day_in_words(document.issued_on, language),
    )


def running(document: Document, language: str) -> str:
    """The title, short, for the pages that follow."""
    kind = say(language, f"document.kind.{document.kind}")
    number, issued = visible(document.number), day(document.issued_on, language)
    return say(language, "document.title", kind=kind, number=number, day=issued)


def facts(document: Document, language: str) -> list[tuple[str, str]]:
    """Labels and texts; what is not known is left out."""
    known = [
        ("base", _base(document, language)),
        ("reason", visible(reason(document, language))),
        ("period", _period(document, language)),
        ("report", visible(str(document.detail.get("settlement", "")))),
        ("seller", party(document.seller, language) or visible(document.merchant)),
        ("buyer", party(document.buyer, language)),
        ("contract", _contract(document.buyer, language)),
        ("store", _store(document)),
        ("warehouse", party(document.warehouse, language)),
        ("order", _order(document, language)),
    ]
    return [(_label(document, name, language), text) for name, text in known if text]


def _label(document: Document, name: str, language: str) -> str:
    if document.kind is Kind.COMMISSION and name in ("seller", "buyer"):
        name = {"seller": "principal", "buyer": "agent"}[name]
    return say(language, f"document.{name}")


def party(who: Party, language: str) -> str:
    """A name with its requisites, as papers list them."""
    known = [visible(who.legal_name)]
    known += [_worded(who, name, language) for name in _IDENTITY]
    known += [visible(who.address), _worded(who, "phone", language)]
    known += [" ".join(filter(None, (_worded(who, name, language) for name in _ACCOUNT)))]
    known += [_worded(who, name, language) for name in _BANK]
    return ", ".join(part for part in known if part)


def _worded(who: Party, name: str, language: str) -> str:
    """«ИНН 7701234560»: it stays in one line."""
    value = visible(getattr(who, name))
    text = say(language, f"document.party.{name}", value=value) if value else ""
    return text if name in _LONG else text.replace(" ", _NBSP)


def _contract(buyer: Party, language: str) -> str:
    if not buyer.contract:
        return ""
    number = visible(buyer.contract)
    if not buyer.contract_date:
        return say(language, "document.numbered", number=number)
    signed = _perhaps_day(buyer.contract_date, language)
    return say(language, "document.dated", number=number, day=signed)


def _perhaps_day(text: str, language: str) -> str:
    """A day as papers write it; a text that is no ISO day stands as it is."""
    try:
        return day(date.fromisoformat(text), language)
    except ValueError:
        return visible(text)


def _store(document: Document) -> str:
    name, code = visible(document.store_name), visible(document.store)
    return f"{name} ({code})" if name and code else name or code


def _order(document: Document, language: str) -> str:
    number, theirs = visible(document.order_number), visible(document.order_external_id)
    parts = [number]
    if theirs and theirs != number:
        parts.append(say(language, "document.theirs", number=theirs))
    if number or theirs:
        parts.append(say(language, "document.account", account=visible(document.account)))
    return ", ".join(part for part in parts if part)


def _base(document: Document, language: str) -> str:
    return title(document.base, language) if document.base else ""


def reason(document: Document, language: str) -> str:
    """Why there is this document: in words where a code of ours is known, otherwise as it was
    given."""
    code = f"reason.{document.reason}"
    known = say(language, code) if document.reason else ""
    return document.reason if known == code else known


def _period(document: Document, language: str) -> str:
    """What days a commission report speaks of (`detail.first`, `detail.last`: ISO)."""
    ends = [str(document.detail[end]) for end in ("first", "last") if end in document.detail]
    return " — ".join(_perhaps_day(end, language) for end in ends)
