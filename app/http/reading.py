"""What endpoints of the picker API read from a request, and the two forms of their answers."""

from __future__ import annotations

import hashlib
import re
from typing import Final, TypeVar
from uuid import UUID

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from app.actions.write import Answer
from app.domain.refusals import Code, Refused

T = TypeVar("T")
_KEY: Final = re.compile(r"[\x21-\x7e]{1,100}")


def key_of(request: Request) -> str:
    """The operation's id; Refused when there is none."""
    key = request.headers.get("idempotency-key", "")
    if not _KEY.fullmatch(key):
        raise Refused(Code.IDEMPOTENCY_KEY_REQUIRED)
    return key


def digest(what: str, body: msgspec.Struct) -> bytes:
    """What tells a repeat from another request under the same key, whichever way it comes; a
    supervisor's PIN leaves no trace in it."""
    if getattr(body, "override", None) is not None:
        body = msgspec.structs.replace(body, override=None)
    return hashlib.sha256(what.encode() + b"\0" + msgspec.json.encode(body)).digest()


def decode(raw: bytes, shape: type[T]) -> T:
    """A body of this shape; Refused with the place of the mistake."""
    try:
        return msgspec.json.decode(raw, type=shape)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Refused(Code.INVALID_BODY, error=str(error)[:300]) from None


def clean(text: str) -> str:
    """Text that PostgreSQL can keep."""
    return text.replace("\x00", "").encode("utf-8", "ignore").decode()


def uuid_of(request: Request, name: str, missing: Code) -> UUID:
    """An id of the path; what is no id is an unknown one."""
    try:
        return UUID(request.path_params[name])
    except ValueError:
        raise Refused(missing) from None


def json_answer(value: msgspec.Struct) -> Response:
    """A typed answer."""
    return Response(msgspec.json.encode(value), media_type="application/json")


def given(answer: Answer) -> Response:
    """The answer of a write, now or again."""
    headers = {"ETag": answer.etag} if answer.etag else {}
    return Response(answer.body, answer.status, headers, "application/json")
