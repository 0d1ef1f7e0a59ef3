"""What every marketplace of the registry must do, whatever it speaks."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain import events as ev
from app.errors import Forged, Malformed
from app.marketplaces.registry import REGISTRY
from app.ports import Delivery, Glimpse, Reply
from tests.marketplaces.accounts import PARTIES, without_secrets
from tests.marketplaces.hostile import mutated

NOW = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
SAMPLES = [(name, stem) for name, party in PARTIES.items() for stem in party.samples()]
FORGERIES = [(name, n) for name, party in PARTIES.items() for n, _ in enumerate(party.forgeries)]
EVERY = pytest.mark.parametrize("name", REGISTRY)


def plug_in(name):
    """The marketplace; it will not call anybody here."""
    return REGISTRY[name](httpx.AsyncClient(transport=httpx.MockTransport(lambda _: None)))


def sample(name, stem):
    return PARTIES[name].samples()[stem]


def test_every_marketplace_of_the_registry_is_tried_here():
    assert PARTIES.keys() == REGISTRY.keys()


@EVERY
def test_the_name_in_the_registry_is_the_plug_ins_own(name):
    assert plug_in(name).name == name


@pytest.mark.parametrize(("name", "n"), FORGERIES)
def test_a_forged_delivery_is_refused_whatever_it_says(name, n):
    party = PARTIES[name]
    for body in (b"", b"{}", *party.samples().values()):
        with pytest.raises(Forged):
            plug_in(name).verify(party.account, party.forgeries[n], body)


@EVERY
def test_an_account_with_an_empty_secret_takes_nothing(name):
    party = PARTIES[name]
    account = without_secrets(party.account)
    for headers in (*party.forgeries, party.proof):
        with pytest.raises(Forged):
            plug_in(name).verify(account, headers, b"{}")


@EVERY
def test_an_authentic_delivery_keeps_its_bytes_and_no_secret(name):
    party = PARTIES[name]
    headers = {**party.proof, "cookie": "c", "content-type": "application/json"}
    delivery = plug_in(name).verify(party.account, headers, b"\xff\x00{}")
    assert delivery.body == b"\xff\x00{}"
    kept = json.dumps(dict(delivery.headers))
    assert not any(value in kept for value in party.proof.values())
    assert "cookie" not in delivery.headers


@EVERY
def test_a_refusal_is_a_client_error(name):
    assert plug_in(name).refused_status() in (401, 403)


@pytest.mark.parametrize(("name", "stem"), SAMPLES)
def test_every_sample_is_understood(name, stem):
    market, account = plug_in(name), PARTIES[name].account
    delivery = Delivery({}, sample(name, stem))
    events = market.parse(account, delivery, NOW)
    assert all(isinstance(event, ev.MarketplaceEvent) for event in events)
    glimpse = market.glimpse(delivery)
    known = glimpse.event in PARTIES[name].events
    assert bool(events) is known
    assert not known or glimpse.order_ref
    assert market.reply(account, delivery, NOW).status == 200


@EVERY
def test_every_documented_event_has_a_sample(name):
    market, party = plug_in(name), PARTIES[name]
    seen = {market.glimpse(Delivery({}, body)).event for body in party.samples().values()}
    assert party.events <= seen


@pytest.mark.parametrize(("name", "stem"), SAMPLES)
def test_the_same_bytes_have_the_same_key_and_one_byte_more_another(name, stem):
    market, body = plug_in(name), sample(name, stem)
    key = market.glimpse(Delivery({}, body)).dedupe_key
    assert market.glimpse(Delivery({"user-agent": "other"}, body)).dedupe_key == key
    assert market.glimpse(Delivery({}, body + b" ")).dedupe_key != key


@pytest.mark.parametrize(("name", "stem"), SAMPLES)
def test_the_number_in_the_reply_is_the_one_the_order_will_have(name, stem):
    market, account = plug_in(name), PARTIES[name].account
    delivery = Delivery({}, sample(name, stem))
    said = json.loads(market.reply(account, delivery, NOW).body)
    if "number" in said:
        ref = market.glimpse(delivery).order_ref
        assert said["number"] == market.number(account, ref)
        (placed,) = market.parse(account, delivery, NOW)
        assert placed.draft.external_id == ref


def check_hostile(name, headers, body):
    """Whatever comes: a glimpse and a reply always, events or Malformed and nothing else."""
    market, account = plug_in(name), PARTIES[name].account
    delivery = Delivery(headers, body)
    glimpse, answer = market.glimpse(delivery), market.reply(account, delivery, NOW)
    assert isinstance(glimpse, Glimpse)
    assert isinstance(answer, Reply)
    json.loads(answer.body)
    storable(glimpse.event, 100)
    storable(glimpse.order_ref or "", 200)
    try:
        events = market.parse(account, delivery, NOW)
    except Malformed:
        return
    assert not events or glimpse.order_ref
    storable(repr(events).replace("\\x00", "\x00"), 10**7)


def storable(text, most):
    """Text that PostgreSQL takes."""
    assert "\x00" not in text
    text.encode()
    assert len(text) <= most


@EVERY
@given(body=st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_garbage_is_malformed_and_nothing_else(name, body):
    check_hostile(name, {}, body)


@EVERY
@settings(max_examples=600, deadline=None)
@given(data=st.data())
def test_a_mutated_sample_is_malformed_or_understood_and_nothing_else(name, data):
    body = data.draw(mutated(list(PARTIES[name].samples().values())))
    check_hostile(name, {}, body)


@EVERY
@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "x", "GZIP", "gzip, gzip"])
def test_a_compressed_delivery_is_kept_but_not_opened(name, encoding):
    body = next(iter(PARTIES[name].samples().values()))
    delivery = Delivery({"content-encoding": encoding}, body)
    assert plug_in(name).glimpse(delivery).order_ref is None
    with pytest.raises(Malformed, match="compressed"):
        plug_in(name).parse(PARTIES[name].account, delivery, NOW)


@EVERY
@pytest.mark.parametrize("encoding", ["identity", "Identity", ""])
def test_a_plain_delivery_may_say_that_it_is_plain(name, encoding):
    for body in PARTIES[name].samples().values():
        delivery = Delivery({"content-encoding": encoding}, body)
        plug_in(name).parse(PARTIES[name].account, delivery, NOW)
