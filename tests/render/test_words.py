"""Sums in words are what a Russian accountant would write, and say the same sum."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.render.language import LANGUAGES
from app.render.words import sum_in_words

ONES = {
    "один": 1, "одна": 1, "два": 2, "две": 2, "три": 3, "четыре": 4, "пять": 5, "шесть": 6,
    "семь": 7, "восемь": 8, "девять": 9, "десять": 10, "одиннадцать": 11, "двенадцать": 12,
    "тринадцать": 13, "четырнадцать": 14, "пятнадцать": 15, "шестнадцать": 16, "семнадцать": 17,
    "восемнадцать": 18, "девятнадцать": 19, "двадцать": 20, "тридцать": 30, "сорок": 40,
    "пятьдесят": 50, "шестьдесят": 60, "семьдесят": 70, "восемьдесят": 80, "девяносто": 90,
    "сто": 100, "двести": 200, "триста": 300, "четыреста": 400, "пятьсот": 500, "шестьсот": 600,
    "семьсот": 700, "восемьсот": 800, "девятьсот": 900, "ноль": 0,
}  # fmt: skip
POWERS = ("тысяч", "миллион", "миллиард", "триллион", "квадриллион")


def heard(text):
    """The kopecks somebody writes down who is told the sum."""
    *words, kopecks, _ = text.lower().replace("\u00a0", " ").split()
    whole = part = 0
    for word in words[:-1]:
        power = next((n for n, name in enumerate(POWERS, 1) if word.startswith(name)), 0)
        whole += part * 1000**power if power else 0
        part = 0 if power else part + ONES[word]
    return (whole + part) * 100 + int(kopecks)


@pytest.mark.parametrize(
    ("kopecks", "said"),
    [
        (120050, "Одна тысяча двести рублей 50\u00a0копеек"),
        (0, "Ноль рублей 00\u00a0копеек"),
        (101, "Один рубль 01\u00a0копейка"),
        (202, "Два рубля 02\u00a0копейки"),
        (1112, "Одиннадцать рублей 12\u00a0копеек"),
        (2100021, "Двадцать одна тысяча рублей 21\u00a0копейка"),
        (2_000_001_00, "Два миллиона один рубль 00\u00a0копеек"),
        (5_012_000_043_11, "Пять миллиардов двенадцать миллионов сорок три рубля 11\u00a0копеек"),
        (-2299, "Минус двадцать два рубля 99\u00a0копеек"),
    ],
)  # fmt: skip
def test_sums_are_said_as_accountants_say_them(kopecks, said):
    assert sum_in_words(kopecks, "RUB", "ru") == said


@pytest.mark.parametrize(
    ("kopecks", "currency", "language", "said"),
    [
        (120050, "RUB", "en", "One thousand two hundred roubles 50\u00a0kopecks"),
        (101, "RUB", "en", "One rouble 01\u00a0kopeck"),
        (2121, "RUB", "en", "Twenty-one roubles 21\u00a0kopecks"),
        (200, "BYN", "ru", "Два белорусских рубля 00/100"),
        (10000, "KZT", "ru", "Сто казахских тенге 00/100"),
    ],
)
def test_other_languages_and_currencies_have_their_own_names(kopecks, currency, language, said):
    assert sum_in_words(kopecks, currency, language) == said


@given(st.integers(0, 10**17))
def test_whoever_writes_down_what_is_said_has_the_same_sum(kopecks):
    assert heard(sum_in_words(kopecks, "RUB", "ru")) == kopecks


@given(st.integers(-(10**18), 10**18), st.sampled_from(LANGUAGES))
def test_every_sum_of_our_ledger_can_be_said(kopecks, language):
    text = sum_in_words(kopecks, "RUB", language)
    assert text[0].isupper()
    assert "  " not in text
