"""The stand-in's HTTP surface: objects of buckets by their paths, and a workbench to break it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Final
from urllib.parse import parse_qsl, unquote
from uuid import uuid4
from xml.sax.saxutils import escape

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from app.sandbox.answers import Ascii
from app.sandbox.s3.signature import Asked, Refusal, judge
from app.sandbox.switches import switched

#: Bytes of a key's name; names in one page of a list.
LONGEST_KEY: Final = 1024
PAGE: Final = 1000
_METHODS: Final = ["GET", "HEAD", "PUT", "DELETE", "POST"]
_XMLNS: Final = "http://s3.amazonaws.com/doc/2006-03-01/"
_Count = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]


class Switches(msgspec.Struct, forbid_unknown_fields=True):
    """What `POST /s3/_control` sets; fields left out stay as they are."""

    slow_next: _Count = 0  #: so many requests get 503 SlowDown
    retry_after: _Count = 5  #: what they are told to wait, seconds
    fail_next: _Count = 0  #: so many get 500 InternalError
    damage_next: _Count = 0  #: so many bodies come over the wire with a wrong byte
    full: bool = False  #: nothing more may be put
    delay: Annotated[float, msgspec.Meta(ge=0, le=60)] = 0.0  #: seconds before every answer
    skew: Annotated[float, msgspec.Meta(ge=-1e6, le=1e6)] = 0.0  #: how far its clock is ahead


@dataclass(slots=True)
class Store:
    """The stand-in: secrets by key id, objects by bucket and key, switches and counts."""

    secrets: dict[str, str]
    buckets: dict[str, dict[str, bytes]]
    clock: Callable[[], datetime]
    region: str = "us-east-1"
    page: int = PAGE
    switches: Switches = field(default_factory=Switches)
    counts: Counter[str] = field(default_factory=Counter)


def create_app(store: Store) -> Starlette:
    """Build the application: the workbench under /s3, which no bucket can be called, and buckets at
    the top."""
    return Starlette(routes=[Mount("/s3", workbench(store)), Mount("/", buckets(store))])


def workbench(store: Store) -> Starlette:
    """Build the switches and counts."""
    ways = [Route("/_control", control, methods=["GET", "POST"]), Route("/_state", state)]
    return _with(store, ways)


def buckets(store: Store) -> Starlette:
    """Build what speaks S3. Whole paths are signed: mount it at the top, or under the name of the
    only bucket."""
    return _with(store, [Route("/{rest:path}", answer, methods=_METHODS)])


def _with(store: Store, routes: list[Route]) -> Starlette:
    app = Starlette(routes=routes)
    app.state.store = store
    return app


async def answer(request: Request) -> Response:
    """Any request to a bucket or an object."""
    store: Store = request.app.state.store
    if store.switches.delay:
        await asyncio.sleep(store.switches.delay)
    body = _on_the_wire(store, await request.body())
    try:
        said = _do(store, _asked(request, body))
    except Refusal as refusal:
        store.counts[refusal.code] += 1
        said = _refused(store, request, refusal)
    said.headers["x-amz-request-id"] = uuid4().hex[:16].upper()
    return said


def _on_the_wire(store: Store, body: bytes) -> bytes:
    if not (body and store.switches.damage_next):
        return body
    store.switches.damage_next -= 1
    return bytes([body[0] ^ 1]) + body[1:]


def _asked(request: Request, body: bytes) -> Asked:
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in
               request.scope["headers"]]  # fmt: skip
    return Asked(
        request.method, request.scope["raw_path"], request.scope["query_string"], headers, body
    )


def _do(store: Store, asked: Asked) -> Response:
    switches = store.switches
    if switches.slow_next:
        switches.slow_next -= 1
        raise Refusal(503, "SlowDown", "Please reduce your request rate.")
    if switches.fail_next:
        switches.fail_next -= 1
        raise Refusal(500, "InternalError", "We encountered an internal error. Please try again.")
    judge(asked, store.secrets, store.region, store.clock() + timedelta(seconds=switches.skew))
    path = unquote(asked.path.decode("latin-1"), encoding="utf-8")
    bucket, _, key = path.removeprefix("/").partition("/")
    if bucket not in store.buckets:
        raise Refusal(404, "NoSuchBucket", "The specified bucket does not exist.")
    if len(key.encode()) > LONGEST_KEY:
        raise Refusal(400, "KeyTooLongError", "Your key is too long.")
    verb = _VERBS.get((asked.method, bool(key)))
    if verb is None:
        raise Refusal(405, "MethodNotAllowed", "The method is not allowed against this resource.")
    store.counts[verb.__name__.strip("_")] += 1
    return verb(store, store.buckets[bucket], key, asked)


def _put(store: Store, objects: dict[str, bytes], key: str, asked: Asked) -> Response:
    if store.switches.full:
        raise Refusal(507, "InsufficientStorage", "There is no room left.")
    objects[key] = asked.body
    return Response(None, 200, {"ETag": _etag(asked.body)})


def _get(_store: Store, objects: dict[str, bytes], key: str, _asked: Asked) -> Response:
    if key not in objects:
        raise Refusal(404, "NoSuchKey", "The specified key does not exist.")
    body = objects[key]
    headers = {"ETag": _etag(body), "Accept-Ranges": "bytes"}
    return Response(body, 200, headers, "binary/octet-stream")


def _delete(_store: Store, objects: dict[str, bytes], key: str, _asked: Asked) -> Response:
    objects.pop(key, None)
    return Response(None, 204)


def _list(store: Store, objects: dict[str, bytes], _key: str, asked: Asked) -> Response:
    """ListObjectsV2, the newest form."""
    query = dict(parse_qsl(asked.query.decode("latin-1"), keep_blank_values=True))
    if query.get("list-type") != "2":
        raise Refusal(501, "NotImplemented", "Only list-type=2 is.")
    prefix = query.get("prefix", "")
    token = base64.urlsafe_b64decode(query.get("continuation-token", "")).decode()
    found = sorted(key for key in objects if key.startswith(prefix) and key > token)
    page = found[: store.page]
    rows = "".join(
        f"<Contents><Key>{escape(key)}</Key><Size>{len(objects[key])}</Size>"
        f"<ETag>{escape(_etag(objects[key]))}</ETag></Contents>"
        for key in page
    )
    more = len(found) > len(page)
    onward = base64.urlsafe_b64encode(page[-1].encode()).decode() if more else ""
    mark = f"<NextContinuationToken>{onward}</NextContinuationToken>" if more else ""
    return _xml(
        200,
        f'<ListBucketResult xmlns="{_XMLNS}"><Prefix>{escape(prefix)}</Prefix>'
        f"<KeyCount>{len(page)}</KeyCount><IsTruncated>{str(more).lower()}</IsTruncated>"
        f"{mark}{rows}</ListBucketResult>",
    )


_VERBS: Final = {
    ("PUT", True): _put,
    ("GET", True): _get,
    ("HEAD", True): _get,
    ("DELETE", True): _delete,
    ("GET", False): _list,
}


def _refused(store: Store, request: Request, refusal: Refusal) -> Response:
    resource = escape(request.url.path)
    said = _xml(
        refusal.status,
        f"<Error><Code>{refusal.code}</Code><Message>{escape(refusal.message)}</Message>"
        f"<Resource>{resource}</Resource></Error>",
    )
    if refusal.status == 503 and store.switches.retry_after:
        said.headers["Retry-After"] = str(store.switches.retry_after)
    return said


def _xml(status: int, body: str) -> Response:
    whole = f'<?xml version="1.0" encoding="UTF-8"?>\n{body}'
    return Response(whole, status, media_type="application/xml")


def _etag(body: bytes) -> str:
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'


async def control(request: Request) -> Response:
    """`POST /s3/_control`: change switches (see `Switches`); GET shows them."""
    return await switched(request, request.app.state.store)


async def state(request: Request) -> Response:
    """`GET /s3/_state`: what was counted, and the sizes of what lies in the buckets."""
    store: Store = request.app.state.store
    sizes = {
        bucket: {key: len(body) for key, body in objects.items()}
        for bucket, objects in store.buckets.items()
    }
    switches = msgspec.to_builtins(store.switches)
    return Ascii({"counts": dict(store.counts), "switches": switches, "buckets": sizes})
