"""A bucket: signed, whole or not at all, and every refusal in words of ours."""

import hashlib

import httpx
import pytest

from app.errors import RemoteBusy, RemoteRefused, RemoteUnavailable
from app.files.bucket import Bucket
from app.sandbox.s3.app import Switches, create_app
from tests.files.buckets import LIMIT, SECRET, a_store, at, bucket_of
from tests.marketplaces.far import dead_port, endless, far, hanging, raw, says, silence
from tests.sandbox.conftest import serving


async def test_what_is_put_is_there_and_what_is_removed_is_not():
    store = a_store()
    async with bucket_of(store) as bucket:
        assert await bucket.get("a/b.json") is None
        await bucket.put("a/b.json", b"{}")
        await bucket.put("a/b.json", b"[]")
        assert await bucket.get("a/b.json") == b"[]"
        assert store.buckets == {"bucket": {"pre/fix/a/b.json": b"[]"}}
        await bucket.remove("a/b.json")
        await bucket.remove("a/b.json")
        assert await bucket.get("a/b.json") is None


async def test_an_empty_file_and_a_bucket_without_a_prefix_are_fine():
    store = a_store()
    async with bucket_of(store, path="bucket") as bucket:
        await bucket.put("empty", b"")
        assert await bucket.get("empty") == b""
    assert store.buckets == {"bucket": {"empty": b""}}


async def test_all_names_are_told_page_by_page_without_the_prefix():
    store = a_store(page=3)
    async with bucket_of(store) as bucket:
        assert [page async for page in bucket.names()] == [[]]
        for n in range(7):
            await bucket.put(f"a/{n}", b"x")
        store.buckets["bucket"]["elsewhere/1"] = b""
        pages = [page async for page in bucket.names()]
    assert [len(page) for page in pages] == [3, 3, 1]
    assert [name for page in pages for name in page] == [f"a/{n}" for n in range(7)]


async def test_it_speaks_over_a_real_connection_too():
    store = a_store()
    body = b"0123456789" * 99_999
    async with serving(create_app(store)) as url, httpx.AsyncClient() as http:
        bucket = Bucket(http, at(url), LIMIT)
        await bucket.put("large", body)
        assert await bucket.get("large") == body
        assert [page async for page in bucket.names()] == [["large"]]
        await bucket.remove("large")
    assert store.buckets == {"bucket": {}}


@pytest.mark.parametrize(
    ("switch", "kind", "said"),
    [
        ({"slow_next": 1, "retry_after": 7}, RemoteBusy, "HTTP 503 SlowDown"),
        ({"fail_next": 1}, RemoteUnavailable, "HTTP 500 InternalError"),
        ({"full": True}, RemoteUnavailable, "HTTP 507 InsufficientStorage"),
        ({"damage_next": 1}, RemoteUnavailable, "HTTP 400 XAmzContentSHA256Mismatch"),
        ({"skew": 10_000}, RemoteUnavailable, "HTTP 403 RequestTimeTooSkewed"),
    ],
)
async def test_what_heals_is_put_off(switch, kind, said):
    store = a_store(switches=Switches(**switch))
    async with bucket_of(store) as bucket:
        with pytest.raises(kind, match=said) as raised:
            await bucket.put("a", b"x")
    assert raised.value.after == switch.get("retry_after", 0)
    assert store.buckets == {"bucket": {}}


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ({"secret": "another"}, "HTTP 403 SignatureDoesNotMatch"),
        ({"path": "nobodys"}, "HTTP 404 NoSuchBucket"),
        ({"region": "?region=ru-central1"}, "HTTP 400 AuthorizationHeaderMalformed"),
    ],
)
async def test_what_is_wrongly_set_up_is_refused_whatever_is_asked(where, said):
    async with bucket_of(a_store(), **where) as bucket:
        for asked in (bucket.put("a", b"x"), bucket.get("a"), bucket.remove("a")):
            with pytest.raises(RemoteRefused, match=said):
                await asked
        with pytest.raises(RemoteRefused, match=said):
            await anext(bucket.names())


async def test_what_is_larger_than_may_be_is_neither_sent_nor_read():
    store = a_store()
    async with bucket_of(store, limit=10) as bucket:
        with pytest.raises(RemoteRefused, match="more than 10 bytes"):
            await bucket.put("a", b"x" * 11)
        assert store.counts.total() == 0
        store.buckets["bucket"]["pre/fix/a"] = b"x" * 11
        with pytest.raises(RemoteRefused, match="more than 10 bytes"):
            await bucket.get("a")
    async with far(endless) as side, httpx.AsyncClient() as http:
        with pytest.raises(RemoteRefused, match="more than"):
            await Bucket(http, at(side.url), LIMIT).get("a")


@pytest.mark.parametrize(
    "name", ["", "/a", "a/", "../a", "a/../b", "a//b", ".a", "a b", "ä", "a?b"]
)
async def test_no_name_leads_out_of_the_bucket(name):
    store = a_store()
    async with bucket_of(store) as bucket:
        for asked in (bucket.put(name, b"x"), bucket.get(name), bucket.remove(name)):
            with pytest.raises(RemoteRefused, match="not a name"):
                await asked
    assert store.counts.total() == 0


@pytest.mark.parametrize(
    ("speak", "kind", "unsure"),
    [
        (silence, RemoteUnavailable, True),
        (hanging, RemoteUnavailable, True),
        (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"), RemoteUnavailable, True),
        (raw(b"SSH-2.0-OpenSSH\r\n"), RemoteUnavailable, True),
        (says(404, b"<html>a proxy's own page</html>"), RemoteRefused, None),
        (says(429, retry_after="3"), RemoteBusy, False),
    ],
)
async def test_a_far_side_that_is_none_of_s3_is_told_as_ours(speak, kind, unsure):
    async with far(speak) as side, httpx.AsyncClient() as http:
        with pytest.raises(kind) as raised:
            # Who says nothing is waited for to the end; the others must be heard out.
            await Bucket(http, at(side.url), LIMIT, 0.5 if speak is hanging else 60).get("a")
    assert getattr(raised.value, "ambiguous", None) is unsure
    assert SECRET not in str(raised.value)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_not_followed_and_gets_no_signature(status):
    async with far(says(200)) as elsewhere, far(says(status, location=elsewhere.url)) as side:
        async with httpx.AsyncClient(follow_redirects=True) as http:
            with pytest.raises(RemoteRefused, match="another address"):
                await Bucket(http, at(side.url), LIMIT).put("a", b"x")
        assert elsewhere.requests == []


async def test_nobody_listening_is_somebody_away():
    async with httpx.AsyncClient() as http:
        with pytest.raises(RemoteUnavailable, match="no connection") as raised:
            await Bucket(http, at(f"http://127.0.0.1:{dead_port()}"), LIMIT).put("a", b"x")
    assert not raised.value.ambiguous


async def test_what_is_sent_says_its_digests_and_they_are_signed():
    async with far(says(200, b"")) as side, httpx.AsyncClient() as http:
        await Bucket(http, at(side.url), LIMIT).put("a/b", b"body")
        headers = side.headers()
        assert side.path() == "/bucket/pre/fix/a/b"
        assert headers["x-amz-content-sha256"] == hashlib.sha256(b"body").hexdigest()
        signed = headers["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
        assert {"host", "content-md5", "x-amz-content-sha256", "x-amz-date"} <= set(signed)
        assert SECRET not in side.requests[0].decode("latin-1")
