"""УПД 5.03: what is written is what the tax service takes, or it is said what is missing."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.document import Kind
from app.domain.party import Party
from app.errors import Unprintable
from app.render.upd import upd, upd_dop
from tests.render.documents import (
    CORRECTION,
    ENTREPRENEUR,
    RETURN,
    SALE,
    THOUSAND,
    document,
    documents,
    line,
)
from tests.render.upd_checks import read
from tests.render.upd_golden import FOLDER, WHOLE, made

FORMS = pytest.mark.parametrize("form", [upd, upd_dop])


def refused(form, given):
    with pytest.raises(Unprintable) as refusal:
        form([given], "ru")
    return refusal.value.problem, refusal.value.missing


# ------------------------------------------------------------------------------------- any sale


@st.composite
def sellable(draw):
    """Any sale with lines whose parties are known as far as an invoice wants them."""
    sale = draw(documents(Kind.SALE).filter(lambda each: each.lines))
    return replace(
        sale, seller=draw(known(sale.seller)), buyer=draw(known(sale.buyer)),
        ordered_at=draw(st.none() | st.just(sale.created_at)),
        timezone=draw(st.sampled_from(["Europe/Moscow", "Asia/Vladivostok", "UTC"])),
    )  # fmt: skip


@st.composite
def known(draw, party):
    """The party with what it may lack; its names stay as wild as they are."""
    region = draw(st.sampled_from(["01", "50", "99"]))
    person = len(party.inn) == 12
    name = f"Иванов Пётр {party.legal_name}" if person else f"ООО {party.legal_name}"
    return replace(
        party, inn=region + party.inn[2:], kpp="" if person else f"{region}0100123",
        legal_name=name, address=f"г. Москва {party.address}", signer=f"Яковлев И. {party.signer}",
        signer_post="Директор", contract_date="2025-11-01", ogrn="304500116000157",
        ogrn_date="09.06.2004",
    )  # fmt: skip


@FORMS
@given(sale=sellable())
def test_every_sale_is_valid_and_its_sums_hold(form, sale):
    root = read(form([sale], "ru"))
    assert len(root.findall(".//СведТов")) == len(sale.lines)
    whole = root.find(".//ВсегоОпл").get("СтТовУчНалВсего")
    assert whole == f"{sale.total // 100}.{sale.total % 100:02d}"
    marks = [each.text for each in root.iter("КИЗ")]
    assert len(marks) == sum(len(each.marks) for each in sale.lines)
    assert form([sale], "en") == form([sale], "ru")


@FORMS
@given(sale=documents(Kind.SALE, named=False))
def test_a_sale_is_valid_or_refused_by_name(form, sale):
    problem, missing = "", ()
    try:
        read(form([sale], "ru"))
    except Unprintable as refusal:
        problem, missing = refusal.problem, refusal.missing
    assert problem in {"", "requisites", "composition"}
    assert bool(missing) is (problem == "requisites")


def test_a_thousand_lines_are_a_thousand_rows():
    assert len(read(upd([THOUSAND], "ru")).findall(".//СведТов")) == 1000


@pytest.mark.parametrize("name", ["upd.xml", "upd_dop.xml", "documents.json"])
def test_files_are_as_they_were_looked_at(name):
    """`python -m tests.render.upd_golden` writes them anew, to be looked at again."""
    assert made()[name] == (FOLDER / name).read_bytes()


# -------------------------------------------------------------------------------------- refusals


@FORMS
@pytest.mark.parametrize("later", [RETURN, CORRECTION])
def test_only_sales_are_said_in_it(form, later):
    assert refused(form, later) == ("kind", (later.kind,))


def test_all_that_is_missing_is_named_at_once():
    nobody = replace(SALE, seller=Party(), buyer=Party(contract="АГ-17", inn="770987654"))
    assert refused(upd, nobody) == ("requisites", (
        "seller.legal_name", "seller.inn", "seller.address", "seller.signer", "seller.signer_post",
        "buyer.legal_name", "buyer.inn", "buyer.address", "buyer.contract_date",
    ))  # fmt: skip


def test_without_an_invoice_neither_addresses_nor_kpp_are_wanted():
    bare = replace(SALE.seller, address="", kpp="")
    read(upd_dop([replace(SALE, seller=bare)], "ru"))
    assert refused(upd, replace(SALE, seller=bare)) == (
        "requisites", ("seller.kpp", "seller.address")
    )  # fmt: skip
    wrong = replace(SALE, seller=replace(bare, kpp="7701"))
    assert refused(upd_dop, wrong) == ("requisites", ("seller.kpp",))


def test_since_2026_an_invoice_of_a_person_in_business_says_his_registration():
    sale = replace(SALE, seller=replace(ENTREPRENEUR, ogrn="1027700132195"))
    assert refused(upd, sale) == ("requisites", ("seller.ogrn", "seller.ogrn_date"))
    read(upd_dop([sale], "ru"))
    read(upd([replace(sale, issued_on=date(2025, 12, 31))], "ru"))


def test_a_region_that_does_not_exist_is_no_inn():
    ours = replace(SALE.buyer, inn="0012345678")
    assert refused(upd, replace(SALE, buyer=ours)) == ("requisites", ("buyer.inn",))


def test_a_rate_the_format_does_not_know_is_refused():
    odd = document(Kind.SALE, 1, (line(1, "Чай", 100, ("standard", 12)),))
    assert refused(upd, odd) == ("vat", ("12%",))


def test_other_money_than_the_format_is_asked_for_is_refused():
    assert refused(upd, replace(SALE, currency="XTS")) == ("currency", ("XTS",))


def test_a_sale_of_nothing_cannot_be_said():
    assert refused(upd, document(Kind.SALE, 1, ())) == ("composition", ())


# -------------------------------------------------------------------------------------- headings


@FORMS
def test_the_file_is_called_by_who_receives_who_sends_the_day_and_the_document(form):
    id_ = read(form([WHOLE], "ru")).get("ИдФайл").split("_")
    assert "_".join(id_[:2]) == "ON_NSCHFDOPPR"
    assert id_[2].startswith("2BM-7709876545")
    assert id_[3].startswith("2BM-7701234560")
    assert id_[4] == "20260314"
    assert len(id_[5]) == 36
    assert id_[6:] == ["0", "1", "0", "0", "0", "00"]
    assert read(form([THOUSAND], "ru")).get("ИдФайл").endswith("_0_0_0_0_0_00")


def test_forms_of_one_document_are_two_files_and_documents_have_their_own():
    ids = {read(form([each], "ru")).get("ИдФайл") for form in (upd, upd_dop)
           for each in (SALE, THOUSAND)}  # fmt: skip
    assert len(ids) == 4


def test_moments_are_by_the_stores_clock():
    far = replace(
        WHOLE, timezone="Asia/Vladivostok", issued_on=date(2026, 3, 15),
        created_at=datetime(2026, 3, 14, 20, 5, 9, tzinfo=UTC),
        ordered_at=datetime(2026, 3, 13, 15, 0, tzinfo=UTC),
    )  # fmt: skip
    root = read(upd([far], "ru"))
    (body,) = root
    assert (body.get("ДатаИнфПр"), body.get("ВремИнфПр")) == ("15.03.2026", "06.05.09")
    assert [each.get("РеквДатаДок") for each in root.iter("ОснПер")] == ["01.11.2025", "14.03.2026"]
    assert "_20260315_" in root.get("ИдФайл")


def test_a_person_in_business_is_named_and_signs_himself():
    seller = replace(ENTREPRENEUR, ogrn_date="2004-06-09")
    root = read(upd([replace(SALE, seller=seller, buyer=ENTREPRENEUR)], "ru"))
    person = root.find(".//СвПрод/ИдСв/СвИП")
    assert (person.get("ИННФЛ"), person.get("ОГРНИП")) == ("770123456703", "304500116000157")
    assert person.get("ДатаОГРНИП") == "09.06.2004"
    assert dict(person.find("ФИО").attrib) == {
        "Фамилия": "Образцов", "Имя": "Пётр", "Отчество": "Ильич"
    }  # fmt: skip
    signed = root.find(".//Подписант")
    assert signed.get("Должн") == "Индивидуальный предприниматель"


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("Примерова Анна Сергеевна", ["Примерова", "Анна", "Сергеевна"]),
        ("Примерова А.С.", ["Примерова", "А.", "С."]),
        ("А. С. Примерова", ["Примерова", "А.", "С."]),
        ("Ким Ир", ["Ким", "Ир"]),
        ("ИП Мамедов Али Рза оглы", ["Мамедов", "Али", "Рза оглы"]),
    ],
)
def test_a_signers_name_is_taken_apart(written, read_as):
    seller = replace(SALE.seller, signer=written)
    name = read(upd([replace(SALE, seller=seller)], "ru")).find(".//Подписант/ФИО")
    assert list(name.attrib.values()) == read_as


@pytest.mark.parametrize("signer", ["", "Примерова", "  \n"])
def test_one_word_is_no_signer(signer):
    seller = replace(SALE.seller, signer=signer)
    assert refused(upd, replace(SALE, seller=seller)) == ("requisites", ("seller.signer",))


def test_a_shop_of_another_company_sends_in_its_own_name():
    other = replace(SALE.buyer, legal_name="ООО «Склад»")
    sent = read(upd([replace(SALE, warehouse=other)], "ru")).find(".//ГрузОтпр")
    assert sent.find("ИдСв/СвЮЛУч").get("НаимОрг") == "ООО «Склад»"
    unknown = read(upd([replace(SALE, warehouse=Party(key="1"))], "ru"))
    assert unknown.findtext(".//ГрузОт/ОнЖе") == "он же"


def test_two_documents_are_two_files():
    with pytest.raises(Unprintable, match="one_only"):
        upd([SALE, THOUSAND], "ru")
