"""A document to ask files of, and a link to try."""

from __future__ import annotations

import uuid

from app.actions import files
from app.actions.issue import issue
from app.domain.kept import Kept
from tests.stories import deliver_one


async def a_document(world):
    """The id of a sale's document."""
    number = f"F{uuid.uuid4().hex[:10]}"
    await deliver_one(world.api, world.hub, number)
    await issue(world.hub)
    return await world.value(
        "SELECT document.id FROM document JOIN orders ON orders.id = order_id"
        " WHERE orders.external_id = $1",
        number,
    )


def form_of(id_, form="json"):
    return f"/documents/v1/documents/{id_}/files/{form}"


async def a_file(world, body=b"hello", media_type="text/plain", name="привет.txt"):
    return await files.keep(world.hub, body, media_type, name)


def link_to(world, file: Kept, seconds=60):
    return files.link(world.hub, file, seconds)[0]
