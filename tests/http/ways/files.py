"""How whoever has a link, or wants one, reaches the refusals."""

from __future__ import annotations

import uuid

from app.domain.kept import lies
from tests.http.papers import a_file, form_of, link_to
from tests.http.ways.monitoring import DUTY
from tests.issued import a_sale


async def document_not_found(world):
    return await world.api.get(form_of(uuid.uuid4()), auth=DUTY)


async def unprintable(world):
    id_ = await a_sale(world.hub)
    return await world.api.get(form_of(id_, "receipt"), auth=DUTY)


async def link_forged(world):
    return await world.api.get(link_to(world, await a_file(world)) + "0")


async def link_expired(world):
    return await world.api.get(link_to(world, await a_file(world), -1))


async def file_lost(world):
    file = await a_file(world, b"lost")
    del world.hub.files.files[lies(file.sha256)]
    return await world.api.get(link_to(world, file))
