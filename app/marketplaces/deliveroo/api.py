"""Calls to Deliveroo, and what its answers mean."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias
from urllib.parse import quote, urlencode

import msgspec

from app.contract import Account, Answer, Delivery, Message, Page, Token
from app.domain.order import Line, Order
from app.errors import RemoteRefused, RemoteUnavailable, Unfinished
from app.marketplaces import oauth, remote, rows, steps
from app.marketplaces.account import secret, settings_of
from app.marketplaces.deliveroo import parse
from app.marketplaces.deliveroo.profile import CLIENT_SECRET, DeliverooSettings
from app.marketplaces.json_body import decode
from app.marketplaces.steps import Step
from app.marketplaces.tools import Tools

#: Lists go by when an order was made: one that changed is at most so much older.
REACH: Final = timedelta(days=1)
#: The secrets a token is got with.
_KINDS: Final = (CLIENT_SECRET,)
#: What a repeat may be answered with.
_REPEATED: Final = frozenset({400, 409, 422})
#: In which statuses a call has been made already; "" for one that does no harm a second time.
_DONE: Final[Mapping[str, tuple[str, ...]]] = {
    "accept": ("accepted", "confirmed", "delivered"),
    "reject": ("rejected", "canceled"),
    "start_picking": ("placed", "accepted", "confirmed", "delivered"),
    "sync_status": ("placed", "accepted", "confirmed", "delivered"),
    "prep_stage": ("accepted", "confirmed", "delivered"),
}
#: Calls that say when something occurred.
_TIMED: Final = ("sync_status", "prep_stage")
#: Address of an order in the picking API, row, PLU: elsewhere another row may have that name.
_Key: TypeAlias = tuple[str, str, str]
#: Substitutes to look through, and of how many lines they are remembered.
_LIMIT: Final = 50
_MOST: Final = 1000
#: Seconds after which an order may be asked about again.
_APART: Final = 31


class _Row(msgspec.Struct):
    id: str = ""


class _Order(msgspec.Struct):
    status: str = ""
    items: list[_Row] = []


class _Substitute(msgspec.Struct):
    substitution_id: str
    plu: str = ""


class _Substitutes(msgspec.Struct):
    substitutions: list[_Substitute] = []


class Api:
    """One per process."""

    def __init__(
        self, tools: Tools, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._tools = tools
        self._clock = clock
        self._known: dict[_Key, str] = {}  # "" for what was not found by its name

    async def send(self, account: Account, message: Message) -> Answer:
        """Make a message's calls. An order's amendments are made once: a second call within 30
        seconds is asked to wait, and a row that was amended has another name."""

        async def take(step: Step) -> Answer:
            return await self._take(account, message, step)

        return await steps.walk(steps.read(message.body), take)

    async def suggest(self, account: Account, order: Order, line: Line) -> Sequence[str]:
        """SKUs that Deliveroo lets stand for a line."""
        row = rows.ordered(line)[0]
        path = f"/picking/v1/orders/{quote(order.external_id, safe=':')}"
        found = await self._substitutes(account, path, row.name, max(row.amount, 1), "")
        return [each.plu for each in found if each.plu]

    async def listed(
        self, account: Account, since: datetime, until: datetime, cursor: str | None
    ) -> Page:
        """One page of the orders of one site; the next one may be of the next site."""
        settings = settings_of(account, DeliverooSettings)
        at, _, token = (cursor or "0:").partition(":")
        if not settings.brand_id or int(at) >= len(settings.site_ids):
            return Page(())
        asked = {"start_date": (since - REACH).isoformat(), "end_date": until.isoformat()}
        query = urlencode(asked | ({"cursor": token} if token else {}))
        brand = f"/order/v2/brand/{settings.brand_id}"
        path = f"{brand}/restaurant/{settings.site_ids[int(at)]}/orders?{query}"
        response = await self._call(account, Step("GET", path))
        remote.raise_unless_accepted(response)
        found = parse.page(account, response.body, until)
        more = int(at) + 1 < len(settings.site_ids)
        after = f"{at}:{found[2]}" if found[2] else f"{int(at) + 1}:" if more else None
        return parse.joined(found, after)

    async def probe(self, account: Account) -> str:
        """Raises RemoteRefused when Deliveroo does not take our credentials."""
        settings = settings_of(account, DeliverooSettings)
        if not settings.site_ids:
            await self._tools.tokens.get(account, _KINDS, lambda _: self._ask(account))
            return "a token was given"
        path = f"/picking/v1/sites/{settings.site_ids[0]}/orders/active?page=0&per_page=1"
        remote.raise_unless_accepted(await self._call(account, Step("GET", path)))
        return "credentials taken"

    async def _take(self, account: Account, message: Message, step: Step) -> Answer:
        """What is refused may be done already: then the order says so. Of amendments it is asked
        before: nothing stands for a row that has another name by now."""
        verb = step.path.rpartition("/")[2]
        said = step.body
        if verb in _TIMED:
            said = {**said, "occurred_at": self._clock().isoformat(timespec="seconds")}
        elif "/picking/v2/" in step.path:
            if message.unsure and await self._done(account, step):
                return Answer("already_accepted", 0, "")
            said = {"item_amendments": await self._named(account, step)}
        sent = Step(step.method, step.path, said)
        response = await self._call(account, sent, message.trace_id)
        repeated = message.unsure and response.status in _REPEATED
        if repeated and await self._done(account, sent):
            return Answer("already_accepted", response.status, response.text)
        remote.raise_unless_accepted(response)
        return Answer("delivered", response.status, response.text)

    async def _done(self, account: Account, step: Step) -> bool:
        _, api, version, _, id_, *verb = step.path.split("/")
        response = await self._call(account, Step("GET", f"/order/v2/orders/{id_}"))
        remote.raise_unless_accepted(response)
        order = decode(Delivery({}, response.body), _Order)
        if (api, version) == ("picking", "v2"):
            left = {row.id for row in order.items}
            named = bool(left) and "" not in left  # rows without names prove nothing
            gone = not any(one["amends"]["id"] in left for one in step.body["item_amendments"])
            return named and gone
        return order.status in _DONE[verb[0]]

    async def _named(self, account: Account, step: Step) -> list[dict[str, Any]]:
        """Amendments with Deliveroo's names of the goods that stand for others."""
        named = []
        for one in step.body["item_amendments"]:
            sku, plain = one.get("plu"), {k: one[k] for k in ("amends", "final_quantity")}
            if sku is not None:
                id_ = await self._substitution(account, step, one)
                plain["substitution_id"] = id_
            named.append(plain)
        return named

    async def _substitution(self, account: Account, step: Step, one: Mapping[str, Any]) -> str:
        """Kept once found: an order may be asked about once in 30 seconds only. What Deliveroo
        calls otherwise than we do is looked for among all, the next time. Nothing of ours is told
        by looking."""
        row, sku, path = one["amends"]["id"], one["plu"], step.path.replace("/v2/", "/v1/")
        key = (path, row, sku)
        if not self._known.get(key):
            needle = "" if key in self._known else one["needle"]
            try:
                await self._substitutes(account, path, row, one["final_quantity"], needle)
            except RemoteUnavailable as error:
                error.ambiguous = False
                raise
            if needle and key not in self._known:
                self._known[key] = ""
                raise Unfinished(f"no {sku} by the name of {needle}", after=_APART)
        if not self._known.get(key):
            raise RemoteRefused(f"Deliveroo lets no {sku} stand for {row}")
        return self._known[key]

    async def _substitutes(
        self, account: Account, path: str, row: str, quantity: int, needle: str
    ) -> Sequence[_Substitute]:
        asked = {"limit": _LIMIT, "quantity": quantity} | ({"needle": needle} if needle else {})
        query = urlencode(asked, quote_via=quote)
        at = f"{path}/items/{quote(row, safe='')}/substitute?{query}"
        response = await self._call(account, Step("GET", at))
        remote.raise_unless_accepted(response)
        found = decode(
            Delivery({}, response.body),
            list[_Substitute] | _Substitutes,  # type: ignore[arg-type]  # a union
        )
        shown = found.substitutions if isinstance(found, _Substitutes) else found
        if len(self._known) > _MOST:
            self._known.clear()
        self._known |= {(path, row, each.plu): each.substitution_id for each in shown}
        return shown

    async def _call(self, account: Account, step: Step, trace_id: str = "") -> remote.Response:
        """A token that is not taken any more is got anew, once."""
        tokens, url = self._tools.tokens, settings_of(account, DeliverooSettings).url
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
        """Good for five minutes."""
        settings = settings_of(account, DeliverooSettings)
        login = f"{settings.client_id}:{secret(account, CLIENT_SECRET)}".encode()
        basic = {"Authorization": f"Basic {base64.b64encode(login).decode()}"}
        form = {"grant_type": "client_credentials"}
        return await oauth.ask(self._tools.http, settings.token_url, form, basic)
