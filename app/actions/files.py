"""Keep files by their content, make documents into files once, and hand out links to them."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import structlog

from app.db import documents, files
from app.db.files import Saying, Stored
from app.domain.document import Document
from app.domain.kept import Kept, file_name, is_digest, lies
from app.domain.paper import FORMS, Form
from app.domain.refusals import Code, Refused
from app.domain.upd_file import upd_file_id
from app.errors import FileLost, SettingsInvalid, Unprintable
from app.hub import Hub
from app.ports import Place

log = structlog.get_logger()
#: Seconds a link is good for when nobody says how long.
USUAL: Final = 300


async def keep(hub: Hub, body: bytes, media_type: str, name: str) -> Kept:
    """Put a file into the store; the same content again changes nothing, and has the media type it
    had first. The row comes last: after a crash there is at most a file nobody knows of. Raises
    RemoteUnavailable, and RemoteRefused for one that is too large."""
    sha256 = await asyncio.to_thread(_digest, body)
    await _place(hub).put(lies(sha256), body)
    async with hub.pools.drains.acquire() as conn:
        await files.note(conn, Stored(sha256, len(body), media_type))
        stored = await files.find(conn, sha256)
    assert stored is not None  # nobody deletes these rows
    return _kept(stored, file_name(name))


async def kept(hub: Hub, sha256: str, name: str) -> Kept | None:
    """A file of the store under a name; None: there never was one."""
    if not is_digest(sha256):
        return None
    async with hub.pools.drains.acquire() as conn:
        stored = await files.find(conn, sha256)
    return _kept(stored, name) if stored is not None else None


async def fetch(hub: Hub, sha256: str) -> bytes | None:
    """A content; None: it never was in the store. One that is gone or not what was kept is made
    anew when a document is said by it; else, or when it comes out otherwise now, FileLost."""
    if await kept(hub, sha256, "") is None:
        return None
    body = await _place(hub).get(lies(sha256))
    if body is not None and await asyncio.to_thread(_digest, body) == sha256:
        return body
    log.error("file lost", sha256=sha256, found=body is not None)
    return await _made_anew(hub, sha256)


async def document_file(hub: Hub, document_id: UUID, form: str, language: str) -> Kept:
    """A document in a form of `paper.FORMS`: made at the first call, then always the same file.
    Raises Refused for no document, Unprintable when it cannot be said so, RemoteUnavailable."""
    saying = Saying(document_id, form, language)
    document = await _document(hub, document_id)
    shape = FORMS[form]
    name = _name(document, shape)
    async with hub.pools.drains.acquire() as conn:
        made = await files.of_document(conn, saying)
    if made is not None:
        return _kept(made, name)
    new = await keep(hub, await _typeset(hub, document, shape, language), shape.media_type, name)
    async with hub.pools.drains.acquire() as conn:
        await files.note_document(conn, saying, new.sha256)
        first = await files.of_document(conn, saying)
    assert first is not None  # just noted, by us or by somebody else
    return _kept(first, name)


def link(hub: Hub, file: Kept, seconds: int = USUAL) -> tuple[str, datetime]:
    """Path and query under which anybody gets the file for so long, and until when that is."""
    until = int(hub.clock().timestamp()) + seconds
    return hub.links.make(file, until), datetime.fromtimestamp(until, UTC)


async def _made_anew(hub: Hub, lost: str) -> bytes:
    """A document's form, made again and put where it was lost from. When it says itself otherwise
    by now, the next who asks for the document gets that, and who asks for this content nothing."""
    async with hub.pools.drains.acquire() as conn:
        saying = await files.document_with(conn, lost)
    if saying is None:
        raise FileLost(lost)
    shape = FORMS[saying.form]
    document = await _document(hub, saying.document_id)
    body = await _typeset(hub, document, shape, saying.language)
    new = await keep(hub, body, shape.media_type, _name(document, shape))
    if new.sha256 == lost:
        return body
    async with hub.pools.drains.acquire() as conn:
        await files.replace_document(conn, saying, new.sha256, lost)
    raise FileLost(lost)


async def _document(hub: Hub, document_id: UUID) -> Document:
    async with hub.pools.drains.acquire() as conn:
        found = await documents.read(conn, [document_id])
    if not found:
        raise Refused(Code.DOCUMENT_NOT_FOUND)
    return found[0]


async def _typeset(hub: Hub, document: Document, form: Form, language: str) -> bytes:
    if document.kind not in form.kinds:
        raise Unprintable("kind", document.kind)
    return await hub.press.typeset(f"document.{form.name}", [document], language)


def _name(document: Document, form: Form) -> str:
    """The number, and the form where the extension does not say it; or the name prescribed."""
    if form.named:
        return upd_file_id(document, form.name) + form.extension
    end = form.extension if form.extension == f".{form.name}" else f".{form.name}{form.extension}"
    return file_name(document.number + end)


def _place(hub: Hub) -> Place:
    if hub.files is None:
        raise SettingsInvalid("HUB_FILES must be set for this process")
    return hub.files


def _kept(stored: Stored, name: str) -> Kept:
    return Kept(stored.sha256, stored.size, stored.media_type, name)


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
