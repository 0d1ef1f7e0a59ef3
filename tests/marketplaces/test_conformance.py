"""What every marketplace of the registry must do, whatever it speaks."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import app.marketplaces as adapters
from app.contract import KINDS, Call, Delivery, Glimpse, Reply
from app.domain import events as ev
from app.errors import Forged, Malformed, SettingsInvalid, Unmapped
from app.marketplaces.registry import REGISTRY
from app.marketplaces.tools import Tools
from app.plugin import Fetches, Lists, Serves
from tests.marketplaces.hostile import NASTY, mutated
from tests.marketplaces.orders import every_outcome
from tests.marketplaces.parties import PARTIES
from tests.marketplaces.party import without_secrets

NOW = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
SAMPLES = [(name, stem) for name, party in PARTIES.items() for stem in party.samples()]
LISTED = [(name, stem) for name, party in PARTIES.items() for stem in party.files("listed")]
FORGERIES = [(name, n) for name, party in PARTIES.items() for n, _ in enumerate(party.forgeries)]
EVERY = pytest.mark.parametrize("name", PARTIES)


def plug_in(name):
    """The marketplace; it will not call anybody here."""
    return REGISTRY[name](Tools(httpx.AsyncClient(transport=httpx.MockTransport(lambda _: None))))


def take(name, account, call, now=NOW):
    """What the hub does with a call: the proof is the hook's or the server's."""
    market = plug_in(name)
    if isinstance(market, Serves):
        return market.serve(account, call, now)
    return market.verify(account, call, now)


def delivered(name, stem):
    """A sample as it is when it is parsed."""
    party = PARTIES[name]
    delivery = take(name, party.account, party.call(party.samples()[stem], NOW, stem))
    assert isinstance(delivery, Delivery)
    return replace(delivery, fetched=party.files("fetched").get(stem))


def test_every_marketplace_of_the_registry_is_tried_here():
    assert PARTIES.keys() == REGISTRY.keys()


@EVERY
def test_the_name_in_the_registry_is_the_plug_ins_own(name):
    assert plug_in(name).name == name


# --- who it is ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "n"), FORGERIES)
def test_a_forged_delivery_is_refused_whatever_it_says(name, n):
    party = PARTIES[name]
    for stem, body in {"": b"", **party.samples()}.items():
        method, path = party.place(stem)
        call = Call({**party.beside(stem), **party.forgeries[n]}, body, party.peer, method, path)
        with pytest.raises(Forged):
            take(name, party.account, call)


@EVERY
def test_an_account_with_an_empty_secret_takes_nothing(name):
    party = PARTIES[name]
    account = without_secrets(party.account)
    if account.secrets and party.strange_peer is None:  # else it is the address that proves
        for stem, body in party.samples().items():
            with pytest.raises(Forged):
                take(name, account, party.call(body, NOW, stem))


@EVERY
def test_another_accounts_secret_proves_nothing_here(name):
    party = PARTIES[name]
    theirs = dict.fromkeys(party.account.secrets, ("5omebody-else5-secret-entirely",))
    other = replace(party.account, secrets=theirs)
    if theirs and party.strange_peer is None:
        for stem, body in party.samples().items():
            with pytest.raises(Forged):
                take(name, other, party.call(body, NOW, stem))


@EVERY
def test_a_proof_of_the_body_is_of_no_other_body(name):
    party = PARTIES[name]
    if party.bound:
        for stem, body in party.samples().items():
            call = party.call(body, NOW, stem)
            with pytest.raises(Forged):
                take(name, party.account, replace(call, body=body + b" "))


@EVERY
@pytest.mark.parametrize("hours", [-24, -1, 1, 24])
def test_an_old_proof_and_one_of_the_future_are_refused(name, hours):
    party = PARTIES[name]
    if party.timed:
        for stem, body in party.samples().items():
            with pytest.raises(Forged):
                take(name, party.account, party.call(body, NOW + timedelta(hours=hours), stem))


@EVERY
@pytest.mark.parametrize("peer", ["", "198.51.100.9", "::1", "unix:", "1.2.3.4, 5.6.7.8"])
def test_a_strange_address_is_refused_where_addresses_prove(name, peer):
    party = PARTIES[name]
    if party.strange_peer is not None:
        for stem, body in party.samples().items():
            with pytest.raises(Forged):
                take(name, party.account, replace(party.call(body, NOW, stem), peer=peer))


@EVERY
def test_an_authentic_delivery_keeps_its_bytes_and_no_secret(name):
    party = PARTIES[name]
    secrets = [each for values in party.account.secrets.values() for each in values]
    for stem, body in party.samples().items():
        call = party.call(body, NOW, stem)
        headers = {**call.headers, "cookie": "c", "content-type": "application/json"}
        delivery = take(name, party.account, replace(call, headers=headers))
        kept = json.dumps(dict(delivery.headers))
        assert delivery.body == body
        assert "cookie" not in delivery.headers
        assert "authorization" not in delivery.headers
        assert not any(secret in kept for secret in secrets)


@EVERY
def test_a_refusal_is_a_client_error(name):
    assert plug_in(name).refused_status() in (400, 401, 403)


@EVERY
def test_no_secret_shows_when_a_value_is_printed(name):
    account = PARTIES[name].account
    secrets = [each for values in account.secrets.values() for each in values]
    call = PARTIES[name].call(b"{}", NOW)
    assert not any(secret in f"{account!r}{call!r}" for secret in secrets)


@EVERY
def test_a_secret_that_does_not_look_like_one_is_named_but_not_told(name):
    market, account = plug_in(name), PARTIES[name].account
    market.check(account)
    for kind in market.profile.secrets:
        bad = replace(account, secrets={**account.secrets, kind.name: ("\n canary",)})
        with pytest.raises(SettingsInvalid) as caught:
            market.check(bad)
        assert "canary" not in str(caught.value)
        assert kind.name in str(caught.value)


@EVERY
@given(key=st.text(max_size=10), value=st.one_of(st.none(), st.integers(), st.text(max_size=30)))
def test_settings_that_are_none_are_said_in_one_sentence(name, key, value):
    market, account = plug_in(name), PARTIES[name].account
    for found in ({**account.settings, key: value}, {key: value}):
        try:
            market.check(replace(account, settings=found))
        except SettingsInvalid as error:
            assert account.code in str(error)  # noqa: PT017 - not every one of them is wrong


# --- what it says ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "stem"), SAMPLES)
def test_every_sample_is_understood(name, stem):
    market, account = plug_in(name), PARTIES[name].account
    delivery = delivered(name, stem)
    if isinstance(market, Fetches):
        assert market.thin(account, delivery) is (delivery.fetched is not None)
    events = market.parse(account, delivery, NOW)
    assert all(isinstance(event, ev.MarketplaceEvent) for event in events)
    glimpse = market.glimpse(delivery)
    assert stem.partition("--")[0] == (glimpse.event or "nameless")
    assert bool(events) is bool(market.profile.events.get(glimpse.event))
    assert not events or glimpse.order_ref


@EVERY
def test_every_documented_event_has_a_sample(name):
    market = plug_in(name)
    seen = {market.glimpse(delivered(name, stem)).event for stem in PARTIES[name].samples()}
    assert market.profile.events.keys() <= seen


@EVERY
def test_every_documented_word_stands_in_the_readme(name):
    market = plug_in(name)
    readme = (Path(adapters.__path__[0]) / name / "README.md").read_text()
    words = [*market.profile.events, *market.profile.statuses]
    words += [kind.name for kind in market.profile.secrets]
    words += list(market.profile.settings.__struct_encode_fields__)
    assert not [word for word in words if f"`{word}`" not in readme]
    assert re.search(r"20\d\d-\d\d-\d\d", readme)  # since when this is known


@pytest.mark.parametrize(("name", "stem"), SAMPLES)
def test_the_reply_is_byte_for_byte_what_the_marketplace_wants(name, stem):
    party = PARTIES[name]
    reply = plug_in(name).reply(party.account, delivered(name, stem), NOW)
    assert 200 <= reply.status < 300
    assert reply.body == party.files("reply")[stem]


@pytest.mark.parametrize(("name", "stem"), SAMPLES)
def test_the_same_bytes_have_the_same_key_and_one_byte_more_another(name, stem):
    market, delivery = plug_in(name), delivered(name, stem)
    key = market.glimpse(delivery).dedupe_key
    later = replace(delivery, headers={**delivery.headers, "user-agent": "other"}, fetched=b"x")
    assert market.glimpse(later).dedupe_key == key
    assert market.glimpse(replace(delivery, body=delivery.body + b" ")).dedupe_key != key
    assert 0 < len(key) <= 300


@EVERY
def test_two_samples_are_two_deliveries(name):
    market = plug_in(name)
    stems = list(PARTIES[name].samples())
    assert len({market.glimpse(delivered(name, s)).dedupe_key for s in stems}) == len(stems)


@EVERY
@given(ref=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=100))
def test_an_orders_number_is_always_the_same_and_no_other_orders(name, ref):
    market, account = plug_in(name), PARTIES[name].account
    number = market.number(account, ref)
    assert number == market.number(account, ref)
    assert number != market.number(account, f"{ref}1")
    storable(number, 200)


@pytest.mark.parametrize(("name", "stem"), SAMPLES)
def test_who_places_an_order_names_it_as_its_events_do(name, stem):
    market, delivery = plug_in(name), delivered(name, stem)
    for event in market.parse(PARTIES[name].account, delivery, NOW):
        if isinstance(event, ev.Placed | ev.Changed):
            assert event.draft.external_id == market.glimpse(delivery).order_ref


@pytest.mark.parametrize(("name", "stem"), LISTED)
def test_a_listed_order_is_placed_and_brought_to_where_it_is(name, stem):
    market, body = plug_in(name), PARTIES[name].files("listed")[stem]
    assert isinstance(market, Lists)
    delivery = Delivery({}, body, origin="reconciled")
    events = market.parse_listed(PARTIES[name].account, delivery, NOW)
    assert isinstance(events[0], ev.Placed)
    assert all(isinstance(event, ev.MarketplaceEvent) for event in events)


# --- whatever comes -------------------------------------------------------------------------------


def check_hostile(name, delivery):
    """A glimpse and a reply always; events, Malformed or Unmapped, and nothing else."""
    market, account = plug_in(name), PARTIES[name].account
    glimpse, answer = market.glimpse(delivery), market.reply(account, delivery, NOW)
    assert isinstance(glimpse, Glimpse)
    assert isinstance(answer, Reply)
    storable(glimpse.event, 100)
    storable(glimpse.order_ref or "", 200)
    if isinstance(market, Fetches):
        assert market.thin(account, delivery) in (True, False)
    try:
        events = market.parse(account, delivery, NOW)
    except (Malformed, Unmapped) as error:
        storable(str(error), 10**5)
        return
    assert not events or glimpse.order_ref
    storable(repr(events).replace("\\x00", "\x00"), 10**7)


def check_hostile_list(name, body):
    market = plug_in(name)
    delivery = Delivery({}, body, origin="reconciled")
    try:
        events = market.parse_listed(PARTIES[name].account, delivery, NOW)
    except (Malformed, Unmapped) as error:
        storable(str(error), 10**5)
        return
    storable(repr(events).replace("\\x00", "\x00"), 10**7)


def storable(text, most):
    """Text that PostgreSQL takes."""
    assert "\x00" not in text
    text.encode()
    assert len(text) <= most


@EVERY
@given(body=st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_garbage_is_malformed_and_nothing_else(name, body):
    party = PARTIES[name]
    for stem in [*party.samples()][:3]:
        delivery = delivered(name, stem)
        check_hostile(name, replace(delivery, body=body))
        check_hostile(name, replace(delivery, fetched=body))
    check_hostile(name, Delivery({}, body))


@EVERY
@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_a_mutated_sample_is_malformed_or_understood_and_nothing_else(name, data):
    stem = data.draw(st.sampled_from([*PARTIES[name].samples()]))
    delivery = delivered(name, stem)
    if delivery.fetched is not None and data.draw(st.booleans()):
        check_hostile(name, replace(delivery, fetched=data.draw(mutated([delivery.fetched]))))
    else:
        check_hostile(name, replace(delivery, body=data.draw(mutated([delivery.body]))))


@EVERY
@given(data=st.data())
def test_a_mutated_list_is_malformed_or_understood_and_nothing_else(name, data):
    listed = list(PARTIES[name].files("listed").values())
    if listed:
        check_hostile_list(name, data.draw(mutated(listed)))


@EVERY
@given(data=st.data())
def test_hostile_headers_of_an_authentic_delivery_do_no_harm(name, data):
    stem = data.draw(st.sampled_from([*PARTIES[name].samples()]))
    delivery = delivered(name, stem)
    header = data.draw(st.sampled_from([*delivery.headers, "content-type", "x-request-id"]))
    value = data.draw(st.sampled_from(NASTY) | st.text(max_size=50)).replace("\x00", "")[:200]
    clean = value.encode("utf-8", "replace").decode()
    check_hostile(name, replace(delivery, headers={**delivery.headers, header: clean}))


@EVERY
@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "x", "GZIP", "gzip, gzip"])
def test_a_compressed_delivery_is_kept_but_not_opened(name, encoding):
    stem = next(iter(PARTIES[name].samples()))
    delivery = delivered(name, stem)
    packed = replace(delivery, headers={**delivery.headers, "content-encoding": encoding})
    with pytest.raises(Malformed, match="compressed"):
        plug_in(name).parse(PARTIES[name].account, packed, NOW)


# --- what it is told ------------------------------------------------------------------------------


@EVERY
def test_it_is_told_kinds_that_there_are(name):
    assert plug_in(name).tells(PARTIES[name].account) <= set(KINDS)


@EVERY
@pytest.mark.parametrize("seed", range(40))
def test_every_kind_of_message_can_be_written_of_every_order(name, seed):
    market, account = plug_in(name), PARTIES[name].account
    order = every_outcome(random.Random(seed))
    for kind in sorted(market.tells(account)):
        body = market.compose(account, kind, order)
        assert body == market.compose(account, kind, order)
        body.decode()


@EVERY
def test_what_can_be_done_is_said_in_bounds(name):
    profile = plug_in(name).profile
    assert profile.title
    assert profile.capabilities.answer_within > 0
    assert profile.limit.rate > 0
    assert len({kind.name for kind in profile.secrets}) == len(profile.secrets)
