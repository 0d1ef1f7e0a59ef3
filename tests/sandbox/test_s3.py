"""The stand-in of a store that speaks S3: it checks signatures itself, and refuses as S3 does."""

import hashlib
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from httpx_auth import AWS4Auth

from app.files.address import address
from app.files.bucket import Bucket
from app.sandbox import credentials, server
from app.sandbox.s3.app import Store, create_app
from app.sandbox.s3.signature import Asked, Refusal, judge
from tests.sandbox.conftest import QUICK, counting_hex, listening, serving

#: The key, the bucket and the day of the examples in the Amazon S3 API Reference, «Signature
#: Calculations for the Authorization Header: Transferring Payload in a Single Chunk».
KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
THEN = datetime(2013, 5, 24, 0, 5, tzinfo=UTC)
EMPTY = hashlib.sha256(b"").hexdigest()
WELCOME = b"Welcome to Amazon S3."
HOST = ("Host", "examplebucket.s3.amazonaws.com")
EXAMPLES = [
    ("GET", b"/test.txt", b"", b"", [("Range", "bytes=0-9")],
     "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
    ("PUT", b"/test%24file.text", b"", WELCOME,
     [("Date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")],
     "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
    ("GET", b"/", b"lifecycle", b"", [],
     "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
    ("GET", b"/", b"max-keys=2&prefix=J", b"", [],
     "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
]  # fmt: skip


def example(method, path, query, body, more, signature):
    headers = [HOST, ("x-amz-content-sha256", hashlib.sha256(body).hexdigest()),
               ("x-amz-date", "20130524T000000Z"), *more]  # fmt: skip
    signed = ";".join(sorted(name.lower() for name, _ in headers))
    proof = (
        f"AWS4-HMAC-SHA256 Credential={KEY}/20130524/us-east-1/s3/aws4_request,"
        f"SignedHeaders={signed},Signature={signature}"
    )
    return Asked(method, path, query, [*headers, ("Authorization", proof)], body)


@pytest.mark.parametrize("published", EXAMPLES, ids=lambda each: each[0] + repr(each[1]))
def test_the_published_examples_are_rightly_signed(published):
    assert judge(example(*published), {KEY: SECRET}, "us-east-1", THEN) == KEY


@pytest.mark.parametrize("published", EXAMPLES, ids=lambda each: each[0] + repr(each[1]))
@pytest.mark.parametrize("secret", ["", SECRET[:-1], SECRET.lower()])
def test_with_another_secret_they_are_not(published, secret):
    with pytest.raises(Refusal) as refused:
        judge(example(*published), {KEY: secret}, "us-east-1", THEN)
    assert refused.value.code == "SignatureDoesNotMatch"


@pytest.mark.parametrize("late", [timedelta(minutes=21), -timedelta(minutes=21)])
def test_a_request_of_another_time_is_refused(late):
    with pytest.raises(Refusal) as refused:
        judge(example(*EXAMPLES[0]), {KEY: SECRET}, "us-east-1", THEN + late)
    assert (refused.value.status, refused.value.code) == (403, "RequestTimeTooSkewed")


def a_store(**changes):
    return Store({KEY: SECRET}, {"bucket": {}}, lambda: datetime.now(UTC), **changes)


def talk(store):
    transport = httpx.ASGITransport(create_app(store))
    return httpx.AsyncClient(transport=transport, base_url="http://s3.test")


def signed(**changes):
    said = {"access_id": KEY, "secret_key": SECRET, "region": "us-east-1", "service": "s3"}
    return AWS4Auth(**{**said, **changes})


class Tampered(httpx.Auth):
    """Signs, and then changes headers."""

    requires_request_body = True

    def __init__(self, **changes):
        self.changes = changes

    def auth_flow(self, request):
        request = next(signed().auth_flow(request))
        for key, value in self.changes.items():
            name = key.replace("_", "-")
            if value is None:
                request.headers.pop(name)
            else:
                request.headers[name] = value
        yield request


@pytest.mark.parametrize(
    ("auth", "status", "code"),
    [
        (None, 403, "AccessDenied"),
        (("user", "password"), 400, "AuthorizationHeaderMalformed"),
        (signed(access_id="ANOTHER"), 403, "InvalidAccessKeyId"),
        (signed(secret_key="another"), 403, "SignatureDoesNotMatch"),
        (signed(region="ru-central1"), 400, "AuthorizationHeaderMalformed"),
        (signed(service="ec2"), 400, "AuthorizationHeaderMalformed"),
        (Tampered(x_amz_date=None), 403, "AccessDenied"),
        (Tampered(x_amz_date="yesterday"), 403, "AccessDenied"),
        (Tampered(x_amz_date="20130524T000000Z"), 403, "SignatureDoesNotMatch"),
        (Tampered(x_amz_content_sha256=None), 400, "InvalidRequest"),
        (Tampered(x_amz_content_sha256=EMPTY), 403, "SignatureDoesNotMatch"),
        (Tampered(x_amz_acl="public-read"), 403, "AccessDenied"),
        (Tampered(host="elsewhere.test"), 403, "SignatureDoesNotMatch"),
        (Tampered(content_md5="nonsense"), 400, "InvalidDigest"),
        (Tampered(content_md5="1B2M2Y8AsgTpgAmY7PhCfg=="), 400, "BadDigest"),
    ],
)
async def test_what_is_not_rightly_signed_is_refused_as_s3_does(auth, status, code):
    store = a_store()
    async with talk(store) as client:
        answer = await client.put("/bucket/a", content=b"something", auth=auth)
    assert (answer.status_code, store.buckets["bucket"]) == (status, {})
    assert f"<Code>{code}</Code>" in answer.text
    assert answer.headers["content-type"] == "application/xml"
    assert store.counts[code] == 1


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nobodys/a", 404, "NoSuchBucket"),
        ("PUT", "/nobodys/a", 404, "NoSuchBucket"),
        ("GET", "/bucket/a", 404, "NoSuchKey"),
        ("PUT", "/bucket/" + "a" * 1025, 400, "KeyTooLongError"),
        ("POST", "/bucket/a", 405, "MethodNotAllowed"),
        ("PUT", "/bucket", 405, "MethodNotAllowed"),
        ("GET", "/bucket?list-type=1", 501, "NotImplemented"),
    ],
)
async def test_what_is_not_there_is_refused_as_s3_does(method, path, status, code):
    async with talk(a_store()) as client:
        answer = await client.request(method, path, auth=signed())
    assert answer.status_code == status
    assert f"<Code>{code}</Code>" in answer.text


async def test_an_object_is_put_read_listed_and_deleted():
    async with talk(a_store(page=2)) as client:
        for name in ("b", "a/ä ö", "c"):
            answer = await client.put(f"/bucket/{name}", content=name.encode(), auth=signed())
            md5 = hashlib.md5(name.encode()).hexdigest()
            assert (answer.status_code, answer.headers["etag"]) == (200, f'"{md5}"')
        assert (await client.get("/bucket/b", auth=signed())).content == b"b"
        head = await client.head("/bucket/a/ä ö", auth=signed())
        assert (head.status_code, head.headers["content-length"]) == (200, "7")
        page = (await client.get("/bucket?list-type=2", auth=signed())).text
        assert "<Key>a/ä ö</Key>" in page
        assert "<IsTruncated>true</IsTruncated>" in page
        assert (await client.delete("/bucket/b", auth=signed())).status_code == 204
        assert (await client.delete("/bucket/b", auth=signed())).status_code == 204
        assert (await client.get("/bucket/b", auth=signed())).status_code == 404


@pytest.mark.parametrize(
    ("switch", "status", "code"),
    [
        ({"slow_next": 1}, 503, "SlowDown"),
        ({"fail_next": 1}, 500, "InternalError"),
        ({"damage_next": 1}, 400, "XAmzContentSHA256Mismatch"),
        ({"full": True}, 507, "InsufficientStorage"),
        ({"skew": 1000}, 403, "RequestTimeTooSkewed"),
    ],
)
async def test_it_can_be_broken_and_says_so(switch, status, code):
    async with talk(a_store()) as client:
        assert (await client.post("/s3/_control", json=switch)).status_code == 200
        answer = await client.put("/bucket/a", content=b"x", auth=signed())
        assert answer.status_code == status
        assert f"<Code>{code}</Code>" in answer.text
        assert ("retry-after" in answer.headers) is (status == 503)
        assert (await client.get("/s3/_state")).json()["counts"][code] == 1
        assert (await client.post("/s3/_control", json={"nonsense": 1})).status_code == 400


async def test_the_sandbox_has_a_bucket_that_a_hub_can_be_told_of():
    with listening() as bound:
        known = credentials.make("https://x", "", bound.getsockname()[1], counting_hex())
        async with serving(server.create_app(known, QUICK), bound) as url:
            said = known["bucket"]
            async with httpx.AsyncClient(timeout=60) as http:
                place = Bucket(http, address(said["url"], said["secret"]), 1000)
                await place.put("a/b", b"x")
                assert await place.get("a/b") == b"x"
                state = (await http.get(f"{url}/s3/_state")).json()
    assert state["buckets"] == {"demo-bucket": {"a/b": 1}}
