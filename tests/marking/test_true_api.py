"""The online check of product marks, against the sandbox's stand-in and against worse."""

import asyncio
import json
from datetime import UTC, datetime

import httpx
import pytest

from app.domain.marks import why_not
from app.errors import RemoteRefused, RemoteUnavailable
from app.marking import true_api
from app.marking.true_api import TrueApi
from tests.factories import mark
from tests.marking.shared import PATIENT, asking, register

NOW = datetime.now(UTC)
TEST = "http://marking.test"


@pytest.mark.parametrize(
    ("serial", "why"),
    [
        (None, None),
        ("GRAY123456789", None),
        ("SOLD123456789", "sold"),
        ("BLOCK12345678", "blocked"),
        ("EXPIRED123456", "expired"),
        ("NONE123456789", "not_found"),
        ("RAW1234567890", "not_applied"),
        ("FAKE123456789", "not_verified"),
        ("STORE12345678", "not_in_circulation"),
    ],
)
async def test_what_the_system_says_of_a_unit_is_understood(serial, why):
    code = mark(serial)
    (answer,) = await asking(register()).check([code])
    assert why_not(answer.statuses[code], NOW) == why
    assert len(answer.check_id) == 36
    assert abs((answer.at - datetime.now(UTC)).total_seconds()) < 600


async def test_a_code_that_lost_its_tail_fails_the_crypto_check():
    bare = mark().split("\x1d")[0]
    (answer,) = await asking(register()).check([bare])
    assert why_not(answer.statuses[bare], NOW) == "not_verified"


async def test_many_codes_are_asked_a_hundred_at_a_time():
    system = register()
    codes = [mark() for _ in range(250)]
    answers = await asking(system).check(codes)
    assert [len(answer.statuses) for answer in answers] == [100, 100, 50]
    assert {code for answer in answers for code in answer.statuses} == set(codes)
    assert system.counts["codes"] == 250


async def test_another_key_is_refused_and_the_key_is_not_told():
    with pytest.raises(RemoteRefused) as caught:
        await asking(register(), key="a secret nobody knows").check([mark()])
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("switch", ["away", "emergency"])
async def test_a_system_that_is_away_is_left_alone_for_a_while(switch):
    system, moments = register(), [0.0]
    api = asking(system, clock=lambda: moments[0])
    setattr(system.switches, switch, True)
    with pytest.raises(RemoteUnavailable):
        await api.check([mark()])
    setattr(system.switches, switch, False)
    moments[0] = true_api.PAUSE - 0.1
    with pytest.raises(RemoteUnavailable, match="left alone"):
        await api.check([mark()])
    assert system.counts["checks"] == 0
    moments[0] = true_api.PAUSE
    assert await api.check([mark()])


async def test_a_system_that_does_not_answer_is_not_waited_for():
    async def never(_request):
        await asyncio.Event().wait()

    http = httpx.AsyncClient(transport=httpx.MockTransport(never))
    async with asyncio.timeout(60):
        with pytest.raises(RemoteUnavailable, match="within"):
            await TrueApi(http, TEST, "k").check([mark()])


GOOD = {"code": 0, "reqId": "r", "reqTimestamp": 1_710_391_776_278, "codes": []}


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, content=b""),
        httpx.Response(200, content=b"<html>"),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={**GOOD, "codes": [{"found": True}]}),
        httpx.Response(200, json={**GOOD, "code": 5}),
        httpx.Response(200, json={**GOOD, "reqId": ""}),
        httpx.Response(200, json={**GOOD, "reqTimestamp": 10**18}),
        httpx.Response(200, content=b" " * (true_api.MOST + 1)),
        httpx.Response(203, json=GOOD),
        httpx.Response(429),
        httpx.Response(502, content=b"bad gateway"),
    ],
    ids=["empty", "html", "list", "no cis", "code", "no id", "time", "long", "203", "429", "502"],
)
async def test_an_answer_that_says_nothing_is_no_answer(answer):
    http = httpx.AsyncClient(transport=httpx.MockTransport(lambda _request: answer))
    with pytest.raises(RemoteUnavailable):
        await TrueApi(http, TEST, "k").check([mark()])


async def test_the_request_is_as_the_system_documents_it():
    seen = []

    def watch(request):
        seen.append(request)
        return httpx.Response(200, json=GOOD)

    code = mark()
    http = httpx.AsyncClient(transport=httpx.MockTransport(watch))
    (answer,) = await TrueApi(http, f"{TEST}/base", "key-1", limit=PATIENT).check([code])
    (request,) = seen
    assert str(request.url) == "http://marking.test/base/api/v4/true-api/codes/check"
    assert request.headers["X-API-KEY"] == "key-1"
    assert b"\\u001d" in request.content
    assert json.loads(request.content) == {"codes": [code]}
    assert (answer.check_id, answer.at) == ("r", datetime(2024, 3, 14, 4, 49, 36, 278_000, UTC))
    assert answer.statuses == {}


async def test_a_date_in_the_year_one_is_none():
    code = mark()
    unit = {"cis": code, "expireDate": "0001-01-01T00:00:00"}
    answer = httpx.Response(200, json={**GOOD, "codes": [unit]})
    http = httpx.AsyncClient(transport=httpx.MockTransport(lambda _request: answer))
    (said,) = await TrueApi(http, TEST, "k", limit=PATIENT).check([code])
    assert said.statuses[code].expires_at is None
