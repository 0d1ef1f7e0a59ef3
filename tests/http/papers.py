"""Where a document's files are asked for, and a link to try."""

from __future__ import annotations

from app.actions import files
from app.domain.kept import Kept


def form_of(id_, form="json"):
    return f"/documents/v1/documents/{id_}/files/{form}"


async def a_file(world, body=b"hello", media_type="text/plain", name="привет.txt"):
    return await files.keep(world.hub, body, media_type, name)


def link_to(world, file: Kept, seconds=60):
    return files.link(world.hub, file, seconds)[0]
