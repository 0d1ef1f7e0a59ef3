"""Requisites that cannot be right are told from those that can, one sentence for each mistake."""

from dataclasses import fields

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.actions.describe_party import PartySetUp
from app.domain.party import Party
from app.domain.requisites import account_holds, inn_holds, mistakes, ogrn_holds
from app.sandbox.credentials import STORES
from app.sandbox.requisites import BUYER, SELLER, shop

DIGIT = st.sampled_from("0123456789")


def said(**fields_):
    return [sentence.split()[0] for sentence in mistakes(fields_)]


@pytest.mark.parametrize("inn", ["7707083893", "7736050003", "7736207543", "500100732259"])
def test_numbers_of_companies_everybody_knows_hold(inn):
    assert said(inn=inn) == []


@pytest.mark.parametrize("ogrn", ["1027700132195", "1027700070518", "304500116000157"])
def test_so_do_their_registrations(ogrn):
    assert said(ogrn=ogrn) == []


@pytest.mark.parametrize(
    ("account", "bik"),
    [("30101810400000000225", "044525225"), ("30101810145250000974", "044525974"),
     ("30101810200000000593", "044525593")],
)  # fmt: skip
def test_and_accounts_of_banks_with_the_bank_of_russia(account, bik):
    assert said(correspondent_account=account, bik=bik) == []
    assert said(bank_account=account, bik=bik) == ["bank_account"]


@pytest.mark.parametrize("length", [10, 12])
@given(st.data())
def test_one_wrong_digit_of_an_inn_is_noticed_wherever_it_changes_the_check(length, data):
    body = "".join(data.draw(DIGIT) for _ in range(length - (1 if length == 10 else 2)))
    right = [inn for inn in _endings(body, length) if inn_holds(inn)]
    assert len(right) == 1, "exactly one check fits"
    wrong = right[0][:-1] + str((int(right[0][-1]) + data.draw(st.integers(1, 9))) % 10)
    assert said(inn=wrong) == ["inn"]


def _endings(body, length):
    missing = length - len(body)
    return [body + str(n).zfill(missing) for n in range(10**missing)]


@given(st.sampled_from([12, 14]), st.data())
def test_exactly_one_check_digit_fits_an_ogrn(length, data):
    body = "".join(data.draw(DIGIT) for _ in range(length))
    assert sum(ogrn_holds(f"{body}{digit}") for digit in range(10)) == 1


@given(st.data(), st.booleans())
def test_exactly_one_key_fits_an_account(data, correspondent):
    bik = "04" + "".join(data.draw(DIGIT) for _ in range(7))
    rest = "".join(data.draw(DIGIT) for _ in range(19))
    accounts = [f"{rest[:8]}{key}{rest[8:]}" for key in range(10)]
    assert sum(account_holds(one, bik, correspondent=correspondent) for one in accounts) == 1


@pytest.mark.parametrize(
    ("fields_", "names"),
    [
        ({"inn": "770708389"}, ["inn"]),
        ({"inn": "٧٧٠٧٠٨٣٨٩٣"}, ["inn"]),  # digits, but no ASCII ones
        ({"inn": "7707083890", "kpp": "77360100", "bik": "04452522"}, ["inn", "kpp", "bik"]),
        ({"kpp": "7736AZ001"}, []),
        ({"kpp": "7736az001"}, ["kpp"]),
        ({"kpp": "A73601001"}, ["kpp"]),
        ({"ogrn": "102770013219"}, ["ogrn"]),
        ({"ogrn": "1027700132190"}, ["ogrn"]),
        ({"inn": "500100732259", "kpp": "773601001"}, ["kpp"]),
        ({"inn": "7707083893", "ogrn": "304500116000157"}, ["ogrn"]),
        ({"inn": "500100732259", "ogrn": "1027700132195"}, ["ogrn"]),
        ({"inn": "500100732259", "ogrn": "304500116000157"}, []),
        ({"bank_account": "40702810600000000001"}, ["bank_account"]),
        ({"bank_account": "4070281060000000000", "bik": "044525999"}, ["bank_account"]),
        ({"bank_account": "40702810700000000001", "bik": "044525999"}, ["bank_account"]),
        ({"bank_account": "40702810000000000001", "bik": "044525001"}, []),  # the Bank of Russia's
        ({"bank_account": "40702810600000000001", "bik": "04452599"}, ["bik"]),
        ({"contract_date": "12.01.2026"}, ["contract_date"]),
        ({"contract_date": "2026-02-29"}, ["contract_date"]),
        ({"contract_date": "20260112"}, ["contract_date"]),
        ({"ogrn_date": "2004-13-01"}, ["ogrn_date"]),
        ({"edo": "2BM"}, ["edo"]),
        ({"edo": "2BM-7700000016-770001001-202601120900"}, []),
        ({"legal_name": "ООО «Ромашка 🌼»", "inn": ""}, []),
    ],
)
def test_each_mistake_is_a_sentence_that_begins_with_its_field(fields_, names):
    assert said(**fields_) == names


@given(st.dictionaries(st.sampled_from([x.name for x in fields(Party)]), st.text(max_size=30)))
def test_whatever_is_said_is_looked_at_without_a_fall(fields_):
    assert all(sentence.split()[0] in fields_ for sentence in mistakes(fields_))


@pytest.mark.parametrize("party", [SELLER, BUYER, *map(shop, STORES)])
def test_the_demo_has_requisites_that_may_be_printed(party):
    assert list(mistakes(party)) == []
    assert msgspec.convert(dict(party), PartySetUp).said() == party


def test_the_set_up_takes_what_a_party_has():
    assert [x.name for x in fields(Party)] == list(PartySetUp.__struct_fields__)
