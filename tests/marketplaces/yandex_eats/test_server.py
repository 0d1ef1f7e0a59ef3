"""The server that Yandex Eats calls: logging in, paths, errors; as the platform's pages say."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.contract import Call, Delivery, Question, Reply
from app.errors import Forged
from app.marketplaces.tools import Tools
from app.marketplaces.yandex_eats import YandexEats
from tests.domain.build import uid
from tests.marketplaces.yandex_eats.party import ACCOUNT, NEW, OLD, shown

NOW = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)
MARKET = YandexEats(Tools(httpx.AsyncClient()))
TOKEN = "security/oauth/token"
FORM = {"client_id": "yandex", "client_secret": NEW, "grant_type": "client_credentials"}


def login(account=ACCOUNT, **form):
    body = urlencode({**FORM, "scope": "read write", **form}).encode()
    return MARKET.serve(account, Call({}, body, path=TOKEN), NOW)


def ask(method, path, account=ACCOUNT, now=NOW, headers=None):
    call = Call(headers or shown(b"", NOW), b"{}", method=method, path=path)
    return MARKET.serve(account, call, now)


@pytest.mark.parametrize("secret", [NEW, OLD])
def test_whoever_has_a_live_secret_gets_a_token_that_opens_the_rest(secret):
    said = json.loads(login(client_secret=secret).body)
    assert said["token_type"] == "bearer"
    assert said["expires_in"] == 3600
    headers = {"authorization": f"Bearer {said['access_token']}"}
    assert isinstance(ask("GET", "order/1", headers=headers), Question)
    late = NOW + timedelta(seconds=said["expires_in"])
    with pytest.raises(Forged, match="stale"):
        ask("GET", "order/1", headers=headers, now=late)
    assert secret not in said["access_token"]


@pytest.mark.parametrize(
    "form",
    [{"client_secret": ""}, {"client_secret": "guess"}, {"client_id": ""}, {"client_id": "other"},
     {"client_secret": NEW + " "}, {"client_secret": NEW[:-1]}],
)  # fmt: skip
def test_nobody_else_gets_one(form):
    with pytest.raises(Forged, match="token"):
        login(**form)


@given(body=st.binary(max_size=200))
def test_whatever_is_posted_to_the_login_gets_no_token(body):
    with pytest.raises(Forged):
        MARKET.serve(ACCOUNT, Call({}, body, path=TOKEN), NOW)


def test_a_flood_of_fields_is_no_login():
    with pytest.raises(Forged):
        MARKET.serve(ACCOUNT, Call({}, b"&".join([b"a=b"] * 1000), path=TOKEN), NOW)


def test_another_grant_is_an_error_in_a_list():
    reply = login(grant_type="password")
    assert reply.status == 400
    assert [set(each) for each in json.loads(reply.body)] == [{"code", "description"}]


def test_a_token_of_one_account_opens_no_other_with_the_same_secret():
    other = replace(ACCOUNT, id=uid(77))
    with pytest.raises(Forged, match="signature"):
        ask("GET", "order/1", other)


def test_a_secret_that_is_rotated_away_takes_its_tokens_along():
    rotated = replace(ACCOUNT, secrets={"client_secret": (NEW,)})
    with pytest.raises(Forged, match="signature"):
        ask("GET", "order/1", rotated)


def test_a_refusal_is_said_as_the_platform_wants_it():
    assert (MARKET.refused().status, json.loads(MARKET.refused().body).keys()) == (401, {"reason"})
    assert MARKET.refused().status == MARKET.refused_status()


def test_without_a_token_nobody_learns_which_paths_there_are():
    for path in ("", "order", "order/1", "order/1/status", "nothing/like/that"):
        with pytest.raises(Forged):
            MARKET.serve(ACCOUNT, Call({}, b"", method="GET", path=path), NOW)


WRONG = [
    ("GET", "", 404), ("GET", "order", 405), ("PUT", "order", 405), ("GET", "order/", 405),
    ("POST", "order/1", 405), ("DELETE", "order/1", 405), ("PATCH", "order/1/status", 405),
    ("POST", "order/1/status", 405), ("GET", "order/1/courier", 404), ("GET", "orders", 404),
    ("GET", "order/1/status/2", 404), ("GET", "order//status", 404), ("GET", "order/\x7f", 404),
    ("GET", "order/" + "1" * 101, 404), ("GET", "menu", 404), ("GET", TOKEN, 405),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "status"), WRONG)
def test_what_there_is_not_is_an_error_in_a_list(method, path, status):
    reply = ask(method, path)
    assert isinstance(reply, Reply)
    assert (reply.status, json.loads(reply.body)[0]["code"]) == (status, status)


@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH"]),
    path=st.lists(st.sampled_from(["order", "status", "", "..", "1", "\ud800", "я"])).map("/".join),
)
def test_any_path_gets_an_answer(method, path):
    said = ask(method, path)
    assert isinstance(said, Reply | Delivery | Question)
    if isinstance(said, Question):
        assert said.order_ref


def test_an_order_is_asked_for_by_our_number_and_kept_by_theirs():
    account = replace(ACCOUNT, settings={**ACCOUNT.settings, "number_prefix": "YE-"})
    assert MARKET.number(account, "230130-1") == "YE-230130-1"
    asked = [ask("GET", f"order/YE-230130-1{more}", account) for more in ("", "/status")]
    assert [(each.what, each.order_ref) for each in asked] == [
        ("composition", "230130-1"), ("status", "230130-1"),
    ]  # fmt: skip
    assert ask("GET", "order/230130-1", account).status == 404
    put = ask("PUT", "order/YE-230130-1/status", account)
    assert MARKET.glimpse(put).order_ref == "230130-1"


def test_what_is_on_disk_only_is_new_and_has_no_composition_yet():
    early = ask("GET", "order/1/status").early
    assert (early.status, json.loads(early.body)) == (200, {"status": "NEW"})
    assert ask("GET", "order/1").early is None


def test_an_order_that_does_not_say_what_it_is_called_is_refused_but_kept():
    delivery = ask("POST", "order")
    assert isinstance(delivery, Delivery)
    assert MARKET.reply(ACCOUNT, delivery, NOW).status == 400


def test_the_same_status_of_two_orders_is_two_deliveries():
    keys = {MARKET.glimpse(ask("PUT", f"order/{n}/status")).dedupe_key for n in (1, 2, 1)}
    assert len(keys) == 2
