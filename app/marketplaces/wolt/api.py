"""Calls to Wolt: only ever to the configured host, whatever address a webhook names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote

import msgspec

from app.contract import Account, Answer, Delivery, Message, Token
from app.errors import NotYet
from app.marketplaces import oauth, remote, steps
from app.marketplaces.account import secret, settings_of
from app.marketplaces.json_body import decode
from app.marketplaces.steps import Step
from app.marketplaces.tools import Tools
from app.marketplaces.wolt.profile import CLIENT_SECRET, REFRESH_TOKEN, WoltSettings
from app.marketplaces.wolt.shapes import Notification

#: The secrets a token is got with.
_KINDS: Final = (CLIENT_SECRET, REFRESH_TOKEN)
#: What is answered to what is done already.
_REPEATED: Final = frozenset({400, 409, 422})
#: In which statuses a call has been made already.
_DONE: Final[Mapping[str, tuple[str, ...]]] = {
    "accept": ("production", "ready", "delivered"),
    "confirm-preorder": ("acknowledged", "production", "ready", "delivered"),
    "ready": ("ready", "delivered"),
    "delivered": ("delivered",),
    "reject": ("rejected", "refunded"),
}


class _Status(msgspec.Struct):
    order_status: str = ""


class Api:
    """One per process."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def send(self, account: Account, message: Message) -> Answer:
        """Make a message's calls."""

        async def take(step: Step) -> Answer:
            return await self._take(account, message, step)

        return await steps.walk(steps.read(message.body), take)

    async def fetch(self, account: Account, delivery: Delivery) -> bytes:
        """The order a webhook is about, by its id; its `resource_url` is not followed. NotYet while
        there is none of that name: a webhook may be faster."""
        told = decode(delivery, Notification)
        response = await self._call(account, Step("GET", _path(told.order.id)))
        if response.status == 404:
            raise NotYet("no such order yet")
        remote.raise_unless_accepted(response)
        return response.body

    async def probe(self, account: Account) -> str:
        """Raises RemoteRefused when Wolt does not take our credentials."""
        venue = settings_of(account, WoltSettings).venue_id
        if not venue:
            await self._tools.tokens.get(account, _KINDS, lambda kept: self._ask(account, kept))
            return "a token was given"
        response = await self._call(account, Step("GET", f"/venues/{venue}/status"))
        remote.raise_unless_accepted(response)
        return "credentials taken"

    async def _take(self, account: Account, message: Message, step: Step) -> Answer:
        """What is refused may be there already, by a try before or as somebody accepted it in
        Wolt's own application: then the order says so."""
        response = await self._call(account, step, message.trace_id)
        perhaps = message.unsure or message.kind == "accepted"
        refused = response.status in _REPEATED
        if perhaps and refused and await self._done(account, step, response.status):
            return Answer("already_accepted", response.status, response.text)
        remote.raise_unless_accepted(response)
        return Answer("delivered", response.status, response.text)

    async def _done(self, account: Account, step: Step, status: int) -> bool:
        _, _, id_, *verb = step.path.split("/")
        if verb[-1] not in _DONE:
            return status == 409
        response = await self._call(account, Step("GET", f"/v2/orders/{id_}"))
        remote.raise_unless_accepted(response)
        order = decode(Delivery({}, response.body), _Status)
        return order.order_status in _DONE[verb[-1]]

    async def _call(self, account: Account, step: Step, trace_id: str = "") -> remote.Response:
        """A token that is not taken any more is got anew, once."""
        tokens, url = self._tools.tokens, settings_of(account, WoltSettings).url
        headers = {"Content-Type": "application/json", "X-Request-Id": trace_id or "-"}
        for last in (False, True):
            token = await tokens.get(account, _KINDS, lambda kept: self._ask(account, kept))
            bearer = {**headers, "Authorization": f"Bearer {token}"}
            response = await remote.call(
                self._tools.http, step.method, url + step.path, bearer, step.sent()
            )
            if response.status != 401 or last:
                break
            await tokens.drop(account, _KINDS, token)
        return response

    async def _ask(self, account: Account, kept: str | None) -> Token:
        """A refresh token is good once, and brings the next one: using one again revokes all."""
        settings = settings_of(account, WoltSettings)
        form = {
            "grant_type": "refresh_token",
            "refresh_token": kept or secret(account, REFRESH_TOKEN),
            "client_id": settings.client_id,
            "client_secret": secret(account, CLIENT_SECRET),
        }
        return await oauth.ask(self._tools.http, settings.token_url, form)


def _path(id_: str) -> str:
    return f"/v2/orders/{quote(id_, safe='')}"
