"""One outbound call against far sides that behave, misbehave and fall silent."""

import gzip
from datetime import UTC, datetime

import httpx
import pytest

from app.calling import patience
from app.errors import RemoteBusy, RemoteRefused, RemoteUnavailable
from app.marketplaces import remote
from tests.marketplaces import patient
from tests.marketplaces.far import dead_port, endless, far, hanging, raw, says, silence

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.fixture
async def http():
    async with patient.client() as client:
        yield client


async def post(http, url, headers=None):
    return await remote.post(http, url, headers or {}, b"{}")


async def test_an_answer_is_its_status_and_its_text(http):
    async with far(says(200, "принято".encode(), Retry_After="7")) as side:
        response = await post(http, side.url)
    assert (response.status, response.text, response.after) == (200, "принято", 7.0)


async def test_a_cookie_of_one_call_never_goes_along_with_the_next():
    async with far(says(200, Set_Cookie="sid=A-secret")) as side, remote.client() as http:
        http.timeout = httpx.Timeout(patient.LONG)
        await post(http, side.url, {"Authorization": "A"})
        await post(http, side.url, {"Authorization": "B"})
    assert "cookie" not in side.headers()


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_every_success_is_accepted(status):
    remote.raise_unless_accepted(remote.Response(status, b""))


@pytest.mark.parametrize(
    ("status", "ambiguous"),
    [(408, True), (425, True), (500, True), (501, True), (502, True), (503, False),
     (504, True), (507, True), (520, True), (522, True), (530, True), (599, True)],
)  # fmt: skip
def test_what_may_heal_is_tried_again_and_only_a_clear_no_is_sure(status, ambiguous):
    with pytest.raises(RemoteUnavailable) as caught:
        remote.raise_unless_accepted(remote.Response(status, b"why", after=35.0))
    assert (caught.value.ambiguous, caught.value.after) == (ambiguous, 35.0)
    assert str(status) in str(caught.value)


def test_who_asks_for_patience_has_not_failed():
    with pytest.raises(RemoteBusy, match="HTTP 429: why") as caught:
        remote.raise_unless_accepted(remote.Response(429, b"why", after=35.0))
    assert (caught.value.ambiguous, caught.value.after) == (False, 35.0)


@pytest.mark.parametrize("status", [300, 301, 302, 307, 308, 400, 401, 403, 404, 405, 410, 422])
def test_what_will_not_heal_is_refused(status):
    with pytest.raises(RemoteRefused, match=str(status)):
        remote.raise_unless_accepted(remote.Response(status, b"x" * 5000))


async def test_a_redirect_is_not_followed(http):
    async with far(says(200)) as inside, far(says(307, Location=inside.url)) as side:
        response = await post(http, side.url)
        assert response.status == 307
        assert inside.requests == []


async def test_nobody_there_is_tried_again_quickly_and_nothing_arrived(http):
    with pytest.raises(RemoteUnavailable) as caught:
        await post(http, f"http://127.0.0.1:{dead_port()}")
    assert not caught.value.ambiguous


@pytest.mark.parametrize(
    "speak",
    [silence, raw(b"nonsense\r\n\r\n"),
     raw(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"),
     raw(b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"), raw(b"HTTP/1.1 99999 No\r\n\r\n")],
    ids=["hangs up", "nonsense", "half", "no length", "no status"],
)  # fmt: skip
async def test_after_a_lost_answer_nobody_knows_and_the_call_is_made_once(http, speak):
    async with far(speak) as side:
        with pytest.raises(RemoteUnavailable) as caught:
            await post(http, side.url)
        assert caught.value.ambiguous
        assert len(side.requests) == 1


async def test_who_says_nothing_is_not_waited_for_and_nobody_knows():
    async with far(hanging) as side, patient.client(patient.SHORT) as http:
        with pytest.raises(RemoteUnavailable) as caught:
            await post(http, side.url)
        assert caught.value.ambiguous
        await side.asked()
        assert len(side.requests) == 1


async def test_an_endless_answer_is_cut(http):
    async with far(endless) as side:
        response = await post(http, side.url)
    assert (response.status, len(response.text)) == (200, remote.MOST)


async def test_a_compressed_answer_is_not_asked_for_and_never_blown_up(http):
    bomb = gzip.compress(b"\x00" * 5_000_000)
    async with far(says(200, bomb, Content_Encoding="gzip")) as side:
        response = await post(http, side.url)
        assert side.headers()["accept-encoding"] == "identity"
    assert len(response.text) <= len(bomb)


@pytest.mark.parametrize("url", ["", "not a url", "ftp://127.0.0.1/", "http://", "http://[::1",
                                 "file:///etc/passwd", "//127.0.0.1/"])  # fmt: skip
async def test_a_url_nobody_can_call_is_refused_and_nothing_was_sent(http, url):
    with pytest.raises(RemoteRefused):
        await post(http, url)


@pytest.mark.parametrize("value", ["a\r\nX-Injected: 1", "a\x00b", "токен"])
async def test_a_header_nobody_can_send_is_refused_and_nothing_was_sent(http, value):
    async with far(says(200)) as side:
        with pytest.raises(RemoteRefused):
            await post(http, side.url, {"Client-Token": value})
        assert side.requests == []


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("", 0), ("0", 0), ("35", 35), ("999999", 3600), ("9" * 400, 3600), ("-5", 0), ("1.5", 0),
        ("soon", 0), ("Mon, 02 Mar 2026 12:00:30 GMT", 30), ("Mon, 02 Mar 2026 11:59:00 GMT", 0),
        ("Mon, 02 Mar 2036 12:00:00 GMT", 3600), ("Mon, 02 Mar 99999999999 12:00:30 GMT", 0),
        ("Mon, 32 Mar 2026 12:00:30 GMT", 0), ("Mon, 02 Mar 2026 12:00:30 -0000", 30), ("٣٥", 0),
    ],
)  # fmt: skip
def test_retry_after_is_seconds_or_a_date_and_never_more_than_an_hour(header, seconds):
    assert patience(header, NOW, 3600.0) == seconds
