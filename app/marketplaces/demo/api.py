"""Calls to the demo marketplace, and what its answers mean."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from urllib.parse import quote, urlencode

import msgspec

from app.contract import Account, Answer, Message, Token
from app.marketplaces import oauth, remote
from app.marketplaces.account import secret, settings_of
from app.marketplaces.demo.profile import CLIENT_SECRET, DemoSettings
from app.marketplaces.tools import Tools

#: The secrets a token is got with.
_KINDS: Final = (CLIENT_SECRET,)


class _Composed(msgspec.Struct):
    id: str
    said: msgspec.Raw


class Api:
    """One per process."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def send(self, account: Account, message: Message) -> Answer:
        """Set a status. 409 says that the order is there already: a repeat of what may have arrived
        is done, anything else is not allowed."""
        composed = msgspec.json.decode(message.body, type=_Composed)
        path = f"/orders/{quote(composed.id, safe='')}/status"
        response = await self._call(account, "PUT", path, bytes(composed.said), message.trace_id)
        if response.status == 409 and message.unsure:
            return Answer("already_accepted", 409, response.text)
        remote.raise_unless_accepted(response)
        return Answer("delivered", response.status, response.text)

    async def orders(
        self, account: Account, since: datetime, until: datetime, cursor: str | None
    ) -> bytes:
        """One page of the orders that changed in [since, until)."""
        asked = {"changed_from": since.isoformat(), "changed_to": until.isoformat()}
        more = {"after": cursor} if cursor else {}
        response = await self._call(account, "GET", f"/orders?{urlencode(asked | more)}")
        remote.raise_unless_accepted(response)
        return response.body

    async def probe(self, account: Account) -> str:
        """Raises RemoteRefused when it does not take our credentials."""
        response = await self._call(account, "GET", "/me")
        remote.raise_unless_accepted(response)
        return "credentials taken"

    async def _call(
        self, account: Account, method: str, path: str, body: bytes = b"", trace_id: str = ""
    ) -> remote.Response:
        """A token that is not taken any more is got anew, once."""
        tokens, url = self._tools.tokens, settings_of(account, DemoSettings).url
        headers = {"Content-Type": "application/json", "X-Request-Id": trace_id or "-"}
        for last in (False, True):
            token = await tokens.get(account, _KINDS, lambda _: self._ask(account))
            bearer = {**headers, "Authorization": f"Bearer {token}"}
            response = await remote.call(self._tools.http, method, url + path, bearer, body)
            if response.status != 401 or last:
                break
            await tokens.drop(account, _KINDS, token)
        return response

    async def _ask(self, account: Account) -> Token:
        settings = settings_of(account, DemoSettings)
        form = {
            "grant_type": "client_credentials",
            "client_id": settings.client_id,
            "client_secret": secret(account, CLIENT_SECRET),
        }
        return await oauth.ask(self._tools.http, f"{settings.url}/token", form)
