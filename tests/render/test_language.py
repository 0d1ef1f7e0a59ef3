"""Nobody reads a code where a sentence belongs, in either language."""

import re
from pathlib import Path

import pytest

from app.domain.order import OrderState
from app.domain.refusals import Code, Notice
from app.http.openapi import document
from app.http.routes import API
from app.render.language import LANGUAGES, negotiate, say

LOCALE = Path("app/render/locale")


def texts(language):
    """The messages of a catalogue with their translations."""
    files = sorted((LOCALE / language).glob("*.po"))
    pairs = [
        pair
        for path in files
        for pair in re.findall(r'^msgid "(.+)"\nmsgstr "(.*)"$', path.read_text(), re.MULTILINE)
    ]
    assert len(dict(pairs)) == len(pairs), "a message stands in two catalogues"
    return dict(pairs)


def test_both_catalogues_have_the_same_messages_and_none_is_empty():
    russian, english = texts("ru"), texts("en")
    assert russian.keys() == english.keys()
    assert all(russian.values())
    assert all(english.values())


def test_both_translations_take_the_same_values():
    russian, english = texts("ru"), texts("en")
    for message in russian:
        assert values(russian[message]) == values(english[message]), message


def values(text):
    return set(re.findall(r"%\((\w+)\)s", text))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", [*Code, *Notice])
def test_every_code_has_a_sentence(language, code):
    assert say(language, code) != code


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", OrderState)
def test_every_state_of_an_order_has_words(state, language):
    assert say(language, f"state.{state}") != f"state.{state}"


def test_all_that_the_api_says_of_itself_is_in_both_catalogues():
    operations = [op for row in document(API, "0")["paths"].values() for op in row.values()]
    answers = [answer for op in operations for answer in op["responses"].values()]
    said = {op["summary"] for op in operations} | {each["description"] for each in answers}
    assert not said - texts("ru").keys()
    assert not said - texts("en").keys()
    assert all(re.search("[а-яё]", say("ru", sentence)) for sentence in said)


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [("", "ru"), ("en", "en"), ("en-GB,en;q=0.9", "en"), ("de, en;q=0.5", "en"), ("ru-RU", "ru"),
     ("zh", "ru"), ("ё,\xff", "ru"), ("," * 500, "ru"), ("*", "ru"), ("en_US.UTF-8", "en")],
)  # fmt: skip
def test_the_callers_language_is_found_in_any_header(asked, spoken):
    assert negotiate(asked) == spoken
