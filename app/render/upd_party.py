"""Who sells, buys, sends and signs, as УПД 5.03 names them, and what is missing for it.

Приказ ФНС России от 19.12.2023 № ЕД-7-26/970@: УчастникТип, АдресТип, ФИОТип, Подписант. An INN of
ten digits is a company's, one of twelve that of a person in business.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Final
from xml.etree import ElementTree as ET

from app.domain.party import Party
from app.render.upd_text import add, clean, day

_REGION: Final = r"(?:0[1-9]|[1-9][0-9])"
_COMPANY: Final = re.compile(rf"{_REGION}[0-9]{{8}}")
_PERSON: Final = re.compile(rf"{_REGION}[0-9]{{10}}")
_KPP: Final = re.compile(rf"{_REGION}[0-9]{{2}}[0-9A-Z]{{2}}[0-9]{{3}}")
_OGRNIP: Final = re.compile(r"[0-9]{15}")
_BIK: Final = re.compile(r"[0-9]{9}")
_IN_BUSINESS: Final = re.compile(r"\s*(?:индивидуальный\s+предприниматель|ип)\s+", re.IGNORECASE)
#: What the post of a person in business is called, who signs for himself.
_OWN_POST: Final = "Индивидуальный предприниматель"
_REGISTERED_SINCE: Final = date(2026, 1, 1)
_DATES: Final = ("%Y-%m-%d", "%d.%m.%Y")


def lacks(party: Party, role: str, *, invoice: bool) -> Iterator[str]:
    """Names of fields such as seller.inn that are unknown or not what the format takes. An invoice
    wants an address of both and a company's КПП."""
    if not _name(party):
        yield f"{role}.legal_name"
    if not (is_company(party) or is_person(party)):
        yield f"{role}.inn"
    if is_company(party) and not _KPP.fullmatch(party.kpp) and (invoice or party.kpp):
        yield f"{role}.kpp"
    if invoice and not clean(party.address, 1000):
        yield f"{role}.address"


def lacks_signer(party: Party) -> Iterator[str]:
    """Who signs for the seller: a full name, and a post unless he is the seller himself."""
    if _full_name(_signer(party)) is None:
        yield "seller.signer"
    if not _post(party):
        yield "seller.signer_post"


def lacks_registration(party: Party, on: date) -> Iterator[str]:
    """A person in business names his registration and its day in invoices since 2026 (п. 6 ст. 169
    НК РФ, Федеральный закон от 28.11.2025 № 425-ФЗ)."""
    if is_person(party) and on >= _REGISTERED_SINCE:
        if not _OGRNIP.fullmatch(party.ogrn):
            yield "seller.ogrn"
        if _day_of(party.ogrn_date) is None:
            yield "seller.ogrn_date"


def lacks_contract(party: Party) -> Iterator[str]:
    """A contract is named with its date or not at all."""
    if clean(party.contract, 255) and contract_day(party) is None:
        yield "buyer.contract_date"


def contract_day(party: Party) -> date | None:
    """The date of the contract, None: it is not known."""
    return _day_of(party.contract_date)


def _day_of(text: str) -> date | None:
    """A day, which may be written in two ways."""
    for form in _DATES:
        try:
            return datetime.strptime(text.strip(), form).date()  # noqa: DTZ007
        except ValueError:
            continue
    return None


def is_company(party: Party) -> bool:
    """By its INN."""
    return _COMPANY.fullmatch(party.inn) is not None


def is_person(party: Party) -> bool:
    """In business for himself, by his INN."""
    return _PERSON.fullmatch(party.inn) is not None


def called(party: Party) -> str:
    """НаимЭконСубСост: who made the file."""
    kpp = f", КПП {party.kpp}" if party.kpp else ""
    return clean(f"{party.legal_name}, ИНН {party.inn}{kpp}", 1000)


def participant(parent: ET.Element, name: str, party: Party, unit: str = "") -> None:
    """УчастникТип: who, where, through which bank, by which phone; `unit`: which part of him."""
    node = add(parent, name, СтруктПодр=clean(unit, 500))
    identity = add(node, "ИдСв")
    if is_person(party):
        ogrnip = party.ogrn if _OGRNIP.fullmatch(party.ogrn) else None
        since = _day_of(party.ogrn_date)
        person = add(
            identity,
            "СвИП",
            ИННФЛ=party.inn,
            ОГРНИП=ogrnip,
            ДатаОГРНИП=day(since) if since else None,
        )
        _person(person, party.legal_name)
    else:
        kpp = party.kpp if _KPP.fullmatch(party.kpp) else None
        add(identity, "СвЮЛУч", НаимОрг=_name(party), ИННЮЛ=party.inn, КПП=kpp)
    _address(node, party.address)
    _bank(node, party)
    if phone := clean(party.phone, 255):
        add(add(node, "Контакт"), "Тлф").text = phone


def sender(seller: Party, warehouse: Party) -> tuple[Party, str] | None:
    """Who sends the goods, and which part of him: the shop is a part of the seller unless it has a
    name and an INN of its own. None: its address is not known, and it is the seller who sends."""
    if not clean(warehouse.address, 1000):
        return None
    if not any(lacks(warehouse, "", invoice=False)):
        return warehouse, ""
    own_kpp = _KPP.fullmatch(warehouse.kpp) is not None
    part = Party(
        legal_name=seller.legal_name, inn=seller.inn, ogrn=seller.ogrn,
        kpp=warehouse.kpp if own_kpp else seller.kpp,
        ogrn_date=seller.ogrn_date, address=warehouse.address, phone=warehouse.phone,
    )  # fmt: skip
    return part, warehouse.legal_name


def signature(parent: ET.Element, seller: Party) -> None:
    """Подписант: the one whose signature will say that he may sign (СпосПодтПолном 1)."""
    node = add(parent, "Подписант", Должн=_post(seller), СпосПодтПолном="1")
    _person(node, _signer(seller))


def _signer(seller: Party) -> str:
    own = seller.legal_name if is_person(seller) else ""
    return seller.signer if clean(seller.signer, 200) else own


def _post(seller: Party) -> str:
    return clean(seller.signer_post, 255) or (_OWN_POST if is_person(seller) else "")


def _name(party: Party) -> str:
    if is_person(party):
        return " ".join(_full_name(party.legal_name) or ())
    return clean(party.legal_name, 1000)


def _person(parent: ET.Element, text: str) -> None:
    family, given, rest = _full_name(text) or ("", "", "")
    add(parent, "ФИО", Фамилия=family, Имя=given, Отчество=rest)


def _full_name(text: str) -> tuple[str, str, str] | None:
    """Family name, given name, patronymic or ''; also of «И. О. Фамилия», which people write as
    often. None when it is not at least two words."""
    words = _IN_BUSINESS.sub("", f" {clean(text, 300)}").replace(".", ". ").split()
    while len(words) > 1 and words[0].endswith(".") and not words[-1].endswith("."):
        words = [words[-1], *words[:-1]]
    if len(words) < 2:
        return None
    return clean(words[0], 60), clean(words[1], 60), clean(" ".join(words[2:]), 60)


def _address(parent: ET.Element, address: str) -> None:
    """As one text (АдрИнф): nobody gives us regions and streets apart."""
    if text := clean(address, 1000):
        node = add(parent, "Адрес")
        add(node, "АдрИнф", КодСтр="643", НаимСтран="Россия", АдрТекст=text)


def _bank(parent: ET.Element, party: Party) -> None:
    account, bank = clean(party.bank_account, 34), clean(party.bank, 1000)
    if not account:
        return
    node = add(parent, "БанкРекв", НомерСчета=account)
    bik = party.bik if _BIK.fullmatch(party.bik) else None
    if bank or bik:
        correspondent = clean(party.correspondent_account, 34)
        add(node, "СвБанк", НаимБанк=bank, БИК=bik, КорСчет=correspondent)
