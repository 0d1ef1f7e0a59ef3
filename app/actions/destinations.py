"""ERPs that documents go to: put in place, tried, given other secrets."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

import msgspec

from app.actions.describe_erp import DestinationSetUp, destination_of
from app.actions.facade import token_hash
from app.db import destinations
from app.db.conn import Conn
from app.db.sealing import Seal
from app.domain.destination import Destination, Parcel, Receipt, Way
from app.domain.paper import FORMS
from app.erp.way import ERP_LIMIT, ErpWay
from app.errors import HubError, SettingsInvalid

#: What a trial brings: no document, and it says so.
TRIAL: Final = b'{"test": true, "from": "order hub"}\n'
#: A trial's file is called so, whatever the form: nobody imports it by mistake.
TRIAL_NAME: Final = "order-hub-test.txt"


async def put(conn: Conn, seal: Seal, merchant_id: UUID, what: DestinationSetUp) -> None:
    """Write a destination, checked before; SettingsInvalid when its code is another's."""
    destination = destination_of(merchant_id, what)
    sealed = destinations.closed(seal, destination.secrets)
    hashed = token_hash(what.token) if what.token else None
    if not await destinations.save(conn, destination, sealed, hashed):
        raise SettingsInvalid(f"destination {what.code}: the code is another merchant's or way's")


@dataclass(frozen=True, slots=True)
class Trial:
    """How a trial went: whether it was taken, and what was said."""

    taken: bool
    said: str


async def rehearse(
    ways: Mapping[str, ErpWay], destination: Destination, id_: UUID, today: date
) -> Trial:
    """Bring something that is no document by a destination's way."""
    if destination.way is Way.PULL:
        return Trial(taken=True, said="it fetches: nothing is brought")
    parcel = Parcel(
        id=id_,
        document_id=id_,
        kind="test",
        number="TEST",
        issued_on=today,
        name=TRIAL_NAME,
        media_type=FORMS[destination.form].media_type,
        body=TRIAL,
    )
    try:
        async with asyncio.timeout(ERP_LIMIT):
            receipt: Receipt = await ways[destination.way].hand(destination, parcel)
    except (HubError, TimeoutError) as error:
        return Trial(taken=False, said=str(error) or "no answer in time")
    return Trial(taken=True, said=f"{receipt.status or ''} {receipt.said}".strip())


async def replace_secrets(
    conn: Conn, seal: Seal, code: str, secrets: Mapping[str, tuple[str, ...]]
) -> bool:
    """Give a destination other secrets of some kinds, the others stay; False for no such one."""
    shut = await destinations.by_code(conn, code)
    if shut is None:
        return False
    kept = {**destinations.opened(seal, shut).secrets, **secrets}
    whole = {kind: said for kind, said in kept.items() if said}
    return await destinations.put_secrets(conn, code, destinations.closed(seal, whole), None)


async def replace_token(conn: Conn, code: str, token: str) -> bool:
    """Give a destination's ERP another token; False for no such destination."""
    shut = await destinations.by_code(conn, code)
    if shut is None:
        return False
    return await destinations.put_secrets(conn, code, shut.sealed, token_hash(token))


def read(raw: bytes) -> DestinationSetUp:
    """A destination from JSON; SettingsInvalid with the place of the first mistake."""
    try:
        return msgspec.json.decode(raw, type=DestinationSetUp)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise SettingsInvalid(f"not a destination: {error}") from None
