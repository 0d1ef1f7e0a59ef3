"""Calls to DoorDash, and what its answers mean: 202 says that something was received."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from app.contract import Account, Answer, Message
from app.marketplaces import remote, steps
from app.marketplaces.account import secret, settings_of
from app.marketplaces.doordash import jwt
from app.marketplaces.doordash.compose import refusal
from app.marketplaces.doordash.profile import SIGNING_SECRET, DoorDashSettings
from app.marketplaces.steps import Step
from app.marketplaces.tools import Tools


class Api:
    """One per process."""

    def __init__(
        self, tools: Tools, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._http = tools.http
        self._clock = clock

    async def send(self, account: Account, message: Message) -> Answer:
        """Make a message's calls."""

        async def take(step: Step) -> Answer:
            return await self._take(account, message, step)

        return await steps.walk(steps.read(message.body), take)

    async def probe(self, account: Account) -> str:
        """Raises RemoteRefused when DoorDash does not take our credentials."""
        store = settings_of(account, DoorDashSettings).store_id
        if not store:
            return "nothing was asked: settings have no store_id"
        step = Step("GET", f"/api/v1/stores/{store}/store_details")
        remote.raise_unless_accepted(await self._call(account, step))
        return "credentials taken"

    async def _take(self, account: Account, message: Message, step: Step) -> Answer:
        """What is refused to a repeat was done by the try before: rows that were removed are not
        there any more (404), an order that is confirmed or called off cannot be that again.
        One that cannot be called off may also be one that nobody confirmed: it is refused first."""
        response = await self._call(account, step, message.trace_id)
        if response.status == 400 and step.path.endswith("/cancellation"):
            response = await self._call(account, _never_confirmed(step), message.trace_id)
        gone = 404 if step.path.endswith("/adjustment") else 400
        if response.status == gone and message.unsure:
            return Answer("already_accepted", response.status, response.text)
        remote.raise_unless_accepted(response)
        return Answer("delivered", response.status, response.text)

    async def _call(self, account: Account, step: Step, trace_id: str = "") -> remote.Response:
        settings = settings_of(account, DoorDashSettings)
        key = secret(account, SIGNING_SECRET)
        token = jwt.signed(settings.developer_id, settings.key_id, key, self._clock())
        headers = {
            "Authorization": f"Bearer {token}",
            "auth-version": "v2",
            "Content-Type": "application/json",
            "X-Request-Id": trace_id or "-",
        }
        if settings.user_agent:
            headers["User-Agent"] = settings.user_agent
        url = settings.url + step.path
        return await remote.call(self._http, step.method, url, headers, step.sent())


def _never_confirmed(step: Step) -> Step:
    """An order that cannot be cancelled because nobody confirmed it is refused instead."""
    path = step.path.removesuffix("/cancellation")
    return Step("PATCH", path, refusal(path.rpartition("/")[2], step.body["cancel_details"]))
