"""How a handheld reaches the refusals of taking back."""

from __future__ import annotations

from tests.http.picking import picking


async def nothing_to_undo(world):
    return await (await picking(world)).ask("undo")
