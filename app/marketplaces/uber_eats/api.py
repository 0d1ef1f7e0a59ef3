"""Calls to Uber: only ever to the configured host, whatever address a webhook names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote, urlencode

import msgspec

from app.contract import Account, Answer, Delivery, Message, Page, Token
from app.errors import NotYet, RemoteUnavailable
from app.marketplaces import oauth, remote, steps
from app.marketplaces.account import secret, settings_of
from app.marketplaces.json_body import decode
from app.marketplaces.steps import Step
from app.marketplaces.tools import Tools
from app.marketplaces.uber_eats import parse
from app.marketplaces.uber_eats.compose import RESOLVE
from app.marketplaces.uber_eats.profile import CLIENT_SECRET, FAILED, UberSettings
from app.marketplaces.uber_eats.shapes import Event

#: Lists go by when an order was made: one that changed is at most so much older.
REACH: Final = timedelta(days=1)
#: The secrets a token is got with.
_KINDS: Final = (CLIENT_SECRET,)
_EXPAND: Final = "carts,deliveries,payment"
#: Nobody has accepted it yet.
_OFFERED: Final = ("CREATED", "OFFERED")
#: In which states a call has been made already.
_DONE: Final[Mapping[str, tuple[str, ...]]] = {
    "accept": ("ACCEPTED", "HANDED_OFF", "SUCCEEDED"),
    "ready": ("HANDED_OFF", "SUCCEEDED"),
    "deny": ("FAILED",),
    "cancel": ("FAILED",),
}


class _Cart(msgspec.Struct):
    fulfillment_issues: list[dict[str, Any]] = []


class _Order(msgspec.Struct):
    state: str = ""
    preparation_status: str = ""
    carts: list[_Cart] = []


class _Shown(msgspec.Struct):
    order: _Order


class Api:
    """One per process."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    async def send(self, account: Account, message: Message) -> Answer:
        """Make a message's calls. What Uber knows already is not said again: a customer would be
        asked twice."""

        async def take(step: Step) -> Answer:
            return await self._take(account, message, step)

        return await steps.walk(steps.read(message.body), take)

    async def fetch(self, account: Account, delivery: Delivery) -> bytes:
        """The order a webhook is about, by its id; its `resource_href` is not followed. One that
        failed may be gone, which says nothing more; any other may not be there yet."""
        event = decode(delivery, Event)
        response = await self._call(account, Step("GET", _path(event.meta.resource_id or "")))
        if response.status == 404 and event.event_type == FAILED:
            return b"{}"
        if response.status == 404:
            raise NotYet("no such order yet")
        remote.raise_unless_accepted(response)
        return response.body

    async def listed(
        self, account: Account, since: datetime, until: datetime, cursor: str | None
    ) -> Page:
        """One page of the orders of one store; the next one may be of the next store."""
        stores = settings_of(account, UberSettings).store_ids
        at, _, token = (cursor or "0:").partition(":")
        if int(at) >= len(stores):
            return Page(())
        asked = {
            "start_time": (since - REACH).isoformat(), "end_time": until.isoformat(),
            "page_size": "50", "expand": _EXPAND,
        }  # fmt: skip
        query = urlencode(asked | ({"next_page_token": token} if token else {}))
        path = f"/v1/delivery/store/{stores[int(at)]}/orders?{query}"
        response = await self._call(account, Step("GET", path))
        remote.raise_unless_accepted(response)
        page, more = parse.page(account, response.body, until)
        more_stores = int(at) + 1 < len(stores)
        after = f"{at}:{more}" if more else f"{int(at) + 1}:" if more_stores else None
        return Page(page.orders, after, page.unreadable)

    async def probe(self, account: Account) -> str:
        """Raises RemoteRefused when Uber does not take our credentials."""
        stores = settings_of(account, UberSettings).store_ids
        if not stores:
            await self._tools.tokens.get(account, _KINDS, lambda _: self._ask(account))
            return "a token was given"
        response = await self._call(account, Step("GET", f"/v1/delivery/store/{stores[0]}"))
        remote.raise_unless_accepted(response)
        return "credentials taken"

    async def _take(self, account: Account, message: Message, step: Step) -> Answer:
        verb = step.path.rpartition("/")[2]
        if verb == RESOLVE:
            order = await self._look(account, step)
            step = Step(step.method, step.path, {"fulfillment_issues": _news(step, order)})
            if not step.body["fulfillment_issues"]:
                return Answer("already_accepted", 200, "")
        if verb == "cancel" and (await self._look(account, step)).state in _OFFERED:
            said = {"deny_reason": step.body["cancellation_reason"]}
            step = Step("POST", step.path.replace("/cancel", "/deny"), said)
        response = await self._call(account, step, message.trace_id)
        perhaps = message.unsure or message.kind == "accepted"  # it may be so by somebody else
        if response.status in (400, 409) and perhaps:
            order = await self._look(account, step)
            packed = verb == "ready" and order.preparation_status == "READY_FOR_HANDOFF"
            if packed or order.state in _DONE.get(verb, ()):
                return Answer("already_accepted", response.status, response.text)
        remote.raise_unless_accepted(response)
        return Answer("delivered", response.status, response.text)

    async def _look(self, account: Account, step: Step) -> _Order:
        """The order as it is now; nothing of ours is sent with that."""
        id_ = step.path.split("/")[4]
        response = await self._call(account, Step("GET", f"{_path('')}{id_}?expand={_EXPAND}"))
        try:
            remote.raise_unless_accepted(response)
        except RemoteUnavailable as error:
            error.ambiguous = False
            raise
        return decode(Delivery({}, response.body), _Shown).order

    async def _call(self, account: Account, step: Step, trace_id: str = "") -> remote.Response:
        """A token that is not taken any more is got anew, once."""
        tokens, url = self._tools.tokens, settings_of(account, UberSettings).url
        headers = {"Content-Type": "application/json", "X-Request-Id": trace_id or "-"}
        for last in (False, True):
            token = await tokens.get(account, _KINDS, lambda _: self._ask(account))
            bearer = {**headers, "Authorization": f"Bearer {token}"}
            response = await remote.call(
                self._tools.http, step.method, url + step.path, bearer, step.sent()
            )
            if response.status != 401 or last:
                break
            await tokens.drop(account, _KINDS, token)
        return response

    async def _ask(self, account: Account) -> Token:
        settings = settings_of(account, UberSettings)
        form = {
            "grant_type": "client_credentials",
            "client_id": settings.client_id,
            "client_secret": secret(account, CLIENT_SECRET),
            "scope": settings.scope,
        }
        return await oauth.ask(self._tools.http, settings.token_url, form)


def _path(id_: str) -> str:
    path = f"/v1/delivery/order/{quote(id_, safe='')}"
    return f"{path}?expand={_EXPAND}" if id_ else path


def _news(step: Step, order: _Order) -> Sequence[dict[str, Any]]:
    """What is said of rows, without what Uber shows as said last: what was said before that does
    not hold any more."""
    issues = [issue for cart in order.carts for issue in cart.fulfillment_issues]
    known = {_row(issue): issue for issue in issues}
    said: Sequence[dict[str, Any]] = step.body["fulfillment_issues"]
    return [issue for issue in said if not _same(issue, known.get(_row(issue)))]


def _row(issue: Mapping[str, Any]) -> str:
    item = issue.get("item")
    return str(item.get("cart_item_id")) if isinstance(item, dict) else ""


def _same(said: Any, known: Any) -> bool:
    """Whether all that is said stands in what is known, which may hold more."""
    if isinstance(said, dict) and isinstance(known, dict):
        return all(_same(value, known.get(key)) for key, value in said.items())
    return bool(said == known)
