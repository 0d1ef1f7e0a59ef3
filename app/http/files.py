"""Files over HTTP: a document in a form, and whatever a link of ours leads to."""

from __future__ import annotations

import unicodedata
from collections.abc import AsyncIterator
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from app.actions import files as acting
from app.domain.kept import Kept
from app.domain.paper import FORMS
from app.domain.refusals import Code, Refused
from app.errors import FileLost, Unprintable
from app.http.errors import language_of
from app.http.guards import Guard
from app.http.reading import json_answer, uuid_of
from app.http.url import Url

#: Bytes sent at a time: a large file is not copied whole into a connection's memory.
_PIECE: Final = 1 << 16
_JSON: Final = "application/json"
_LANGUAGES: Final = ("ru", "en")
#: A file does nothing by itself, whatever is in it, and is shown as nothing else than it is.
_HARMLESS: Final = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}


class FileLink(msgspec.Struct):
    """Where a file is for a while: `url` on this server, until `until` (RFC 3339); SHA-256 in hex,
    size in bytes."""

    url: str
    until: str
    sha256: str
    size: int
    media_type: str
    name: str


async def of_document(request: Request) -> Response:
    """A document in one form: to the file by a link, or with Accept: application/json the link."""
    id_ = uuid_of(request, "document_id", Code.DOCUMENT_NOT_FOUND)
    file = await _made(request, id_, request.path_params["form"], _language(request))
    hub = request.state.hub
    url, until = acting.link(hub, file)
    if _JSON not in request.headers.get("accept", ""):
        return RedirectResponse(url, 303, {"Vary": "Accept"})
    link = FileLink(url, until.isoformat(), file.sha256, file.size, file.media_type, file.name)
    return json_answer(link)


async def download(request: Request) -> Response:
    """The file of a link that proved itself."""
    file: Kept = request.state.file
    hub, etag = request.state.hub, f'"{file.sha256}"'
    rest = request.state.until - int(hub.clock().timestamp())
    headers = {**_HARMLESS, "ETag": etag, "Cache-Control": f"private, max-age={rest}"}
    if etag in request.headers.get("if-none-match", ""):
        return Response(None, 304, headers)
    headers["Content-Disposition"] = disposition(file.name)
    headers["Content-Length"] = str(file.size)
    if request.method == "HEAD":
        return Response(None, 200, headers, file.media_type)
    async with hub.shelves.enter():
        try:
            body = await acting.fetch(hub, file.sha256)
        except FileLost:
            raise Refused(Code.FILE_LOST) from None
    assert body is not None  # the guard has seen that it was kept
    return StreamingResponse(_pieces(body), 200, headers, file.media_type)


def disposition(name: str) -> str:
    """A file to be saved under this name: RFC 6266, the name as RFC 8187 writes it and, for
    programs that do not read that, in ASCII."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "replace").decode()
    tame = "".join(each if each.isalnum() or each in " ._-" else "_" for each in plain)
    return f"attachment; filename=\"{tame}\"; filename*=UTF-8''{quote(name, safe='')}"


async def _made(request: Request, document_id: UUID, form: str, language: str) -> Kept:
    """The document's file; Refused when it cannot be said in this form."""
    if form not in FORMS:
        raise Refused(Code.INVALID_BODY, field="form", allowed=list(FORMS))
    try:
        return await acting.document_file(request.state.hub, document_id, form, language)
    except Unprintable as refusal:
        raise Refused(
            Code.UNPRINTABLE, form=form, problem=refusal.problem, missing=list(refusal.missing)
        ) from None


def _language(request: Request) -> str:
    given = request.query_params.get("language", "") or language_of(request)
    if given not in _LANGUAGES:
        raise Refused(Code.INVALID_BODY, field="language", allowed=list(_LANGUAGES))
    return given


async def _pieces(body: bytes) -> AsyncIterator[bytes]:
    for begin in range(0, len(body), _PIECE):
        yield body[begin : begin + _PIECE]


_FORM: Final[dict[str, Any]] = {"type": "string", "enum": list(FORMS)}
ROWS: Final = (
    Url("GET", "/documents/v1/documents/{document_id}/files/{form}", of_document, Guard.OPERATOR,
        "One document as a file: a link good for five minutes", answer=FileLink, lasting=True,
        moved="To the file; with Accept: application/json there is a 200 with the link instead",
        places={"form": _FORM}, says=frozenset({422}),
        query={"language": {"type": "string", "enum": list(_LANGUAGES)}}),
)  # fmt: skip
#: Links prove themselves: no program makes one up, so no document describes them.
URLS: Final = (
    Url("GET", "/files/v1/{sha256}/{name}", download, Guard.LINK, "The file of a link",
        lasting=True),
)  # fmt: skip
