"""What the book says of events is what is done."""

import json
import re
import time
from pathlib import Path

import jsonschema_rs
import pytest

from app import signing
from app.actions.integrators import Subscription
from app.domain.integrator import EventType
from app.domain.retry import EVENT_STEPS
from app.render.order_event import any_schema
from tests.integrators.ears import OTHER, SECRET

DOCS = Path(__file__).parents[2] / "docs"
BOOKS = ("integrators.md", "integrators.ru.md")


def blocks(book, language):
    text = (DOCS / book).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@pytest.mark.parametrize("book", BOOKS)
def test_every_event_is_in_the_catalogue_and_no_other(book):
    text = (DOCS / book).read_text(encoding="utf-8")
    assert re.findall(r"^\| `([a-z]+\.[a-z_]+)` \|", text, re.MULTILINE) == list(EventType)


def test_the_schema_in_the_book_is_the_one_that_is_served():
    kept = json.loads((DOCS / "integrators.schema.json").read_text(encoding="utf-8"))
    assert kept == any_schema()
    jsonschema_rs.meta.validate(kept)


@pytest.mark.parametrize("book", BOOKS)
def test_the_example_is_an_event_and_the_description_a_subscription(book):
    event, description = blocks(book, "json")
    assert jsonschema_rs.validator_for(any_schema()).is_valid(json.loads(event))
    assert Subscription(**json.loads(description)).code == "site"


@pytest.mark.parametrize("book", BOOKS)
def test_what_a_developer_copies_believes_us_and_nobody_else(book):
    (code,) = blocks(book, "python")
    said: dict = {}
    exec(code, said)
    genuine = said["is_genuine"]
    body, now = '{"type": "hub.test", "data": "Ж"}'.encode(), int(time.time())
    keys = [signing.key(each) for each in (OTHER, SECRET)]
    good = signing.headers("msg_1", now, body, keys)
    assert genuine(SECRET, good, body)
    assert genuine(OTHER, good, body)
    assert not genuine(SECRET, good, body + b" ")
    assert not genuine(SECRET, {**good, "webhook-id": "msg_2"}, body)
    assert not genuine(SECRET, signing.headers("msg_1", now - 301, body, keys), body)
    assert not genuine(SECRET, signing.headers("msg_1", now, body, keys[:1]), body)
    assert not genuine(SECRET, {**good, "webhook-signature": "v1,é"}, body)
    assert not genuine(SECRET, {**good, "webhook-timestamp": "soon"}, body)


def test_the_schedule_in_the_book_is_the_one_that_is_kept():
    words = {5: "5 s", 300: "5 min", 1800: "30 min"}
    said = [words.get(each) or f"{each // 3600} h" for each in EVENT_STEPS]
    text = (DOCS / BOOKS[0]).read_text(encoding="utf-8")
    assert f"Tries come after {', '.join(said[:-1])} and {said[-1]}" in text
