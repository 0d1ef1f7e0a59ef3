"""Calls to Glovo's partner API, and what its answers mean."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

import msgspec

from app.contract import Account, Answer, Message, Page, Token
from app.marketplaces import oauth, remote, steps
from app.marketplaces.account import secret, settings_of
from app.marketplaces.glovo import parse
from app.marketplaces.glovo.profile import API_TOKEN, CLIENT_SECRET, DONE, GlovoSettings
from app.marketplaces.steps import Step
from app.marketplaces.tools import Tools

#: The secrets a token is got with.
_KINDS: Final = (CLIENT_SECRET,)
#: What is answered to what is done already.
_REPEATED: Final = frozenset({400, 409, 422})
_PAGE: Final = 100
#: Its list goes by when an order was placed, as far as we know: one that changes is older.
_LIFE: Final = timedelta(days=1)
#: Older orders are not shown.
_OLDEST: Final = timedelta(days=60)


class _Kept(msgspec.Struct):
    status: str = ""


class Api:
    """One per process."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def send(self, account: Account, message: Message) -> Answer:
        """Set what a message says, whole: doing so twice is the same. What is refused may be
        done already, by a try before or as somebody accepted it there: then the order says so."""

        async def take(step: Step) -> Answer:
            response = await self._call(account, step, message.trace_id)
            perhaps = message.unsure or message.kind == "accepted"
            refused = response.status in _REPEATED
            if perhaps and refused and await self._done(account, step):
                return Answer("already_accepted", response.status, response.text)
            remote.raise_unless_accepted(response)
            return Answer("delivered", response.status, response.text)

        return await steps.walk(steps.read(message.body), take)

    async def listed(
        self, account: Account, since: datetime, until: datetime, cursor: str | None
    ) -> Page:
        """One page of the orders of one shop; the next one may be of the next shop."""
        settings = settings_of(account, GlovoSettings)
        vendor, _, number = (cursor or "0:1").partition(":")
        if int(vendor) >= len(settings.vendors):
            return Page(())
        start = max(since - _LIFE, until - _OLDEST)
        asked = {
            "start_time": _time(start), "end_time": _time(until),
            "page_size": _PAGE, "page": int(number),
        }  # fmt: skip
        shop = f"/v2/chains/{settings.chain_id}/vendors/{settings.vendors[int(vendor)]}"
        response = await self._call(account, Step("GET", f"{shop}/orders?{urlencode(asked)}"))
        remote.raise_unless_accepted(response)
        found, pages = parse.page(account, response.body, since)
        after = f"{vendor}:{int(number) + 1}" if int(number) < pages else f"{int(vendor) + 1}:1"
        last = after == f"{len(settings.vendors)}:1"
        return Page(found.orders, None if last else after, found.unreadable)

    async def probe(self, account: Account) -> str:
        """Raises RemoteRefused when it does not take our credentials."""
        settings = settings_of(account, GlovoSettings)
        if not settings.vendors:
            await self._token(account)
            return "a token is there"
        asked = urlencode({"page_size": 1, "page": 1})
        shop = f"/v2/chains/{settings.chain_id}/vendors/{settings.vendors[0]}"
        remote.raise_unless_accepted(
            await self._call(account, Step("GET", f"{shop}/orders?{asked}"))
        )
        return "credentials taken"

    async def _done(self, account: Account, step: Step) -> bool:
        """Whether an order is where this call would have brought it."""
        response = await self._call(account, Step("GET", step.path))
        remote.raise_unless_accepted(response)
        try:
            status = msgspec.json.decode(response.body, type=_Kept).status
        except msgspec.MsgspecError:
            return False
        return status in DONE.get(step.body["status"], ())

    async def _call(self, account: Account, step: Step, trace_id: str = "") -> remote.Response:
        """A token that is not taken any more is got anew, once."""
        url = settings_of(account, GlovoSettings).url
        headers = {"Content-Type": "application/json", "X-Request-Id": trace_id or "-"}
        for last in (False, True):
            token = await self._token(account)
            bearer = {**headers, "Authorization": f"Bearer {token}"}
            response = await remote.call(
                self._tools.http, step.method, url + step.path, bearer, step.sent()
            )
            if response.status != 401 or last or not _by_client(account):
                break
            await self._tools.tokens.drop(account, _KINDS, token)
        return response

    async def _token(self, account: Account) -> str:
        if not _by_client(account):
            return secret(account, API_TOKEN)
        return await self._tools.tokens.get(account, _KINDS, lambda _: self._ask(account))

    async def _ask(self, account: Account) -> Token:
        """Good for two hours."""
        settings = settings_of(account, GlovoSettings)
        form = {
            "grant_type": "client_credentials",
            "client_id": settings.client_id,
            "client_secret": secret(account, CLIENT_SECRET),
        }
        return await oauth.ask(self._tools.http, f"{settings.url}/v2/oauth/token", form)


def _by_client(account: Account) -> bool:
    return bool(settings_of(account, GlovoSettings).client_id)


def _time(moment: datetime) -> str:
    """UTC, without saying so."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
