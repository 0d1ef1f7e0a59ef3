"""The call to СМ: all three generations of its endpoint, and what its answers mean."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final
from urllib.parse import urlencode
from uuid import UUID

import httpx
import msgspec
from msgspec import Meta

from app.contract import Account, Answer, Message
from app.errors import RemoteRefused, RemoteUnavailable
from app.marketplaces import remote
from app.marketplaces.account import secret
from app.marketplaces.kuper import settings as kuper

#: A token is renewed this many seconds before СМ would stop taking it.
EARLY: Final = 60.0
#: Shipments asked for at once.
PAGE: Final = 50


class _Token(msgspec.Struct):
    access_token: Annotated[str, Meta(pattern=r"^[\x21-\x7e]+$(?!\n)")]
    expires_in: float = 300.0


@dataclass(frozen=True, slots=True)
class _Kept:
    value: str
    good_until: float
    secret: str  # a rotated client secret must not go on with the old token


class Api:
    """One per process: keeps bearer tokens until shortly before they expire."""

    def __init__(
        self, http: httpx.AsyncClient, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._http = http
        self._clock = clock
        self._tokens: dict[UUID, _Kept] = {}

    async def send(self, account: Account, message: Message) -> Answer:
        """Deliver one notification.

        200 and 202 (already processed) are delivered; so is 422 to a repeat of what may have been
        accepted before its answer was lost. 429, 5xx and silence raise RemoteUnavailable, other
        answers RemoteRefused.
        """
        settings = kuper.settings_of(account)
        response = await self._post(account, settings, message)
        if response.status == 401 and settings.auth == "bearer":
            self._tokens.pop(account.id, None)
            response = await self._post(account, settings, message)
        if response.status == 422 and message.unsure:
            return Answer("already_accepted", 422, response.text)
        remote.raise_unless_accepted(response)
        outcome = "already_accepted" if response.status == 202 else "delivered"
        return Answer(outcome, response.status, response.text)

    async def listed(
        self, account: Account, since: datetime, until: datetime, cursor: str | None
    ) -> bytes:
        """One page of the shipments that changed in [since, until), the oldest first."""
        asked = {
            "filters[updatedFrom]": since.isoformat(),
            "filters[updatedTo]": until.isoformat(),
            "maxPageSize": str(PAGE),
        }
        return await self._read(account, asked | ({"nextPageToken": cursor} if cursor else {}))

    async def probe(self, account: Account) -> str:
        """Lists a single shipment."""
        await self._read(account, {"maxPageSize": "1"})
        return "shipments can be listed"

    async def _read(self, account: Account, query: Mapping[str, str]) -> bytes:
        settings, url = kuper.settings_of(account), kuper.read_url(account)
        for last in (False, True):
            headers = {"Authorization": f"Bearer {await self._token(account, settings)}"}
            address = f"{url}?{urlencode(query)}"
            response = await remote.call(self._http, "GET", address, headers)
            if response.status != 401 or last:
                break
            self._tokens.pop(account.id, None)
        remote.raise_unless_accepted(response)
        return response.body

    async def _post(
        self, account: Account, settings: kuper.KuperSettings, message: Message
    ) -> remote.Response:
        headers = {"Content-Type": "application/json", "X-Request-Id": message.trace_id}
        if settings.api_version:
            headers["Api-Version"] = settings.api_version
        if settings.auth == "bearer":
            headers["Authorization"] = f"Bearer {await self._token(account, settings)}"
        else:
            headers["Client-Token"] = secret(account, kuper.OUTBOUND)
        return await remote.post(self._http, settings.url, headers, message.body)

    async def _token(self, account: Account, settings: kuper.KuperSettings) -> str:
        key = secret(account, kuper.CLIENT_SECRET)
        kept = self._tokens.get(account.id)
        if kept is None or kept.secret != key or kept.good_until <= self._clock():
            kept = await self._new_token(account, settings, key)
            self._tokens[account.id] = kept
        return kept.value

    async def _new_token(self, account: Account, settings: kuper.KuperSettings, key: str) -> _Kept:
        if settings.token_url is None:
            raise RemoteRefused(f"account {account.code}: bearer needs a token_url")
        form = {
            "grant_type": "client_credentials",
            "client_id": secret(account, kuper.CLIENT_ID),
            "client_secret": key,
        }
        asked_at = self._clock()
        response = await self._ask(settings.token_url, form)
        try:
            token = msgspec.json.decode(response.text, type=_Token, strict=False)
        except msgspec.MsgspecError as error:
            raise RemoteUnavailable("the token endpoint's answer is no token") from error
        return _Kept(token.access_token, asked_at + token.expires_in - EARLY, key)

    async def _ask(self, url: str, form: dict[str, str]) -> remote.Response:
        """No notification was sent yet, so no failure here is ambiguous."""
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        try:
            response = await remote.post(self._http, url, kind, urlencode(form).encode())
            remote.raise_unless_accepted(response)
        except RemoteUnavailable as error:
            raise type(error)("no token", after=error.after) from error
        return response
