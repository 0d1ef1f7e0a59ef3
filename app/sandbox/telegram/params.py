"""Arguments of a Bot API call: query, forms and JSON become one dict; readers for each kind."""

from __future__ import annotations

import json
from email.message import Message
from email.parser import BytesHeaderParser
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.requests import Request

from app.sandbox.telegram.errors import bad

LARGEST_BODY: Final = 12 << 20  #: bytes; a picture has 10 MiB at most
YES: Final = frozenset({"true", "1", "yes"})


async def read(request: Request) -> dict[str, Any]:
    """Collect the arguments, wherever they are; ApiError 400 when the body cannot be read."""
    body = await request.body()
    if len(body) > LARGEST_BODY:
        raise bad("request entity too large")
    given: dict[str, Any] = dict(request.query_params)
    kind = request.headers.get("Content-Type", "")
    if not body:
        return given
    if kind.startswith("application/json"):
        return given | _object(body)
    if kind.startswith("application/x-www-form-urlencoded"):
        return given | dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    if kind.startswith("multipart/form-data"):
        return given | _parts(body, kind)
    raise bad("unsupported content type")


def text(given: dict[str, Any], name: str) -> str:
    """Return a text argument, "" when absent."""
    value = given.get(name, "")
    return value if isinstance(value, str) else str(value)


def whole(given: dict[str, Any], name: str, default: int = 0) -> int:
    """Return a whole number, also from text."""
    try:
        return int(given.get(name, default))
    except (TypeError, ValueError):
        raise bad(f"{name} must be an integer") from None


def flag(given: dict[str, Any], name: str) -> bool:
    """Return a yes or no, also from text."""
    return str(given.get(name, "")).lower() in YES


def structure(given: dict[str, Any], name: str) -> Any:
    """Return a JSON argument, which a form carries as text; None when absent."""
    value = given.get(name)
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value) if value else None
    except ValueError:
        raise bad(f"can't parse {name} JSON object") from None


def _object(body: bytes) -> dict[str, Any]:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        raise bad("can't parse JSON object") from None
    if not isinstance(content, dict):
        raise bad("can't parse JSON object")
    return content


def _parts(body: bytes, kind: str) -> dict[str, Any]:
    """Read a form of parts: texts as text, files as bytes."""
    header = Message()
    header["Content-Type"] = kind
    boundary = str(header.get_param("boundary", ""))
    if not boundary:
        raise bad("can't parse multipart form data")
    found: dict[str, Any] = {}
    for part in (b"\r\n" + body).split(b"\r\n--" + boundary.encode())[1:-1]:
        above, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        headers = BytesHeaderParser().parsebytes(above)
        name = str(headers.get_param("name", "", "Content-Disposition"))
        is_file = headers.get_param("filename", None, "Content-Disposition") is not None
        found[name] = content if is_file else content.decode("utf-8", "replace")
    return found
