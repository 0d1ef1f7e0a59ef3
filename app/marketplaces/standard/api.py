"""Calls to a shop: signed messages, and the list of its orders."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

import msgspec

from app import signing
from app.contract import Account, Answer, Message
from app.errors import RemoteRefused, SettingsInvalid
from app.identifiers import new_id
from app.marketplaces import remote
from app.marketplaces.standard.profile import LIST_TOKEN, SENDING, settings_of
from app.marketplaces.tools import Tools

#: Bits of a UUIDv7 below its milliseconds.
_BELOW: Final = 80


class _Composed(msgspec.Struct):
    type: str
    data: msgspec.Raw


class Api:
    """One per process. `clock`: Unix seconds, for the time of each try."""

    def __init__(self, tools: Tools, clock: Callable[[], float] = time.time) -> None:
        self._http = tools.http
        self._clock = clock

    async def send(self, account: Account, message: Message) -> Answer:
        """Post one message under its id, the same for every try. 409 to what may have arrived means
        that it did."""
        composed = msgspec.json.decode(message.body, type=_Composed)
        response = await self._post(account, message.id, composed)
        if response.status == 409 and message.unsure:
            return Answer("already_accepted", 409, response.text)
        remote.raise_unless_accepted(response)
        return Answer("delivered", response.status, response.text)

    async def orders(
        self, account: Account, since: datetime, until: datetime, cursor: str | None
    ) -> bytes:
        """One page of the orders that changed in [since, until). SettingsInvalid when the shop has
        no such list."""
        url = settings_of(account).orders_url
        if url is None:
            raise SettingsInvalid(f"account {account.code} has no orders_url")
        asked = {"changed_from": since.isoformat(), "changed_to": until.isoformat()}
        query = urlencode(asked | ({"cursor": cursor} if cursor else {}))
        joint = "&" if "?" in url else "?"
        response = await self._shown(account, f"{url}{joint}{query}")
        remote.raise_unless_accepted(response)
        return response.body

    async def probe(self, account: Account) -> str:
        """A signed message of type "ping"; where the shop is not told anything, its list."""
        settings = settings_of(account)
        if settings.url is None and settings.orders_url is None:
            raise RemoteRefused("neither url nor orders_url is set: there is nothing to call")
        if settings.url is None:
            now = datetime.fromtimestamp(self._clock(), UTC)
            await self.orders(account, now, now, None)
            return "it shows its orders"
        ping = _Composed("ping", msgspec.Raw(b"{}"))
        remote.raise_unless_accepted(await self._post(account, new_id(), ping))
        return "it takes what we sign"

    async def _shown(self, account: Account, url: str) -> remote.Response:
        """What it shows for the newest live token that it knows: ours to make, its to learn."""
        newest, *former = account.secrets.get(LIST_TOKEN, ()) or ("",)
        response = await self._get(url, newest)
        for token in former:
            if response.status not in (401, 403):
                break
            response = await self._get(url, token)
        return response

    async def _get(self, url: str, token: str) -> remote.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return await remote.call(self._http, "GET", url, headers)

    async def _post(self, account: Account, id_: UUID, composed: _Composed) -> remote.Response:
        """Signed with every live secret, so that the shop may know either while they rotate."""
        url = settings_of(account).url
        if url is None:
            raise RemoteRefused(f"account {account.code} has no url")
        moment = self._clock()
        said = {"type": composed.type, "timestamp": _made(id_, moment), "data": composed.data}
        body = msgspec.json.encode(said)
        keys = [signing.key(each) for each in account.secrets.get(SENDING, ())]
        headers = signing.headers(str(id_), int(moment), body, keys)
        headers["Content-Type"] = "application/json"
        return await remote.post(self._http, url, headers, body)


def _made(id_: UUID, now: float) -> str:
    """When a message was made: a UUIDv7 begins with the milliseconds since 1970."""
    made = (id_.int >> _BELOW) / 1000 if id_.version == 7 else now
    return datetime.fromtimestamp(made, UTC).isoformat(timespec="seconds")
