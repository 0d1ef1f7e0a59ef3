"""The Admin API of Shopify: one address, several ways to say no."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from app.contract import Account
from app.errors import RemoteBusy, RemoteRefused, RemoteUnavailable
from app.marketplaces import remote
from app.marketplaces.account import secret, settings_of
from app.marketplaces.shopify.profile import ACCESS_TOKEN, ShopifySettings
from app.marketplaces.tools import Tools

#: Seconds to wait where it says that it is too much, but not until when.
_PATIENCE: Final = 2.0
_ERRORS: Final = ("userErrors", "orderCancelUserErrors")


class Answered(msgspec.Struct):
    """What it answers with 200: data, or errors."""

    data: dict[str, Any] | None = None
    errors: list[dict[str, Any]] | str | None = None
    extensions: dict[str, Any] | None = None


class GraphQl:
    """One per process."""

    def __init__(self, tools: Tools) -> None:
        self._http = tools.http

    async def get(self, account: Account, path: str) -> bytes:
        """A resource of the REST Admin API."""
        base = settings_of(account, ShopifySettings).base
        response = await remote.call(self._http, "GET", base + path, _headers(account))
        remote.raise_unless_accepted(response)
        return response.body

    async def ask(self, account: Account, query: str, **variables: Any) -> dict[str, Any]:
        """The data of one query or mutation. RemoteUnavailable when it is throttled, RemoteRefused
        for errors of the query and of the user."""
        url = f"{settings_of(account, ShopifySettings).base}/graphql.json"
        body = msgspec.json.encode({"query": query, "variables": variables})
        headers = {**_headers(account), "Content-Type": "application/json"}
        response = await remote.call(self._http, "POST", url, headers, body)
        remote.raise_unless_accepted(response)
        try:
            answered = msgspec.json.decode(response.body, type=Answered)
        except msgspec.MsgspecError:
            raise RemoteUnavailable("no GraphQL in the answer", ambiguous=True) from None
        if answered.errors:
            raise _trouble(answered)
        data = answered.data or {}
        for field in data.values():
            wrong = [each for name in _ERRORS for each in _of(field, name)]
            if wrong:
                raise RemoteRefused("; ".join(str(each.get("message")) for each in wrong)[:300])
        return data


def nodes(data: Any, *path: str) -> list[dict[str, Any]]:
    """The nodes of a connection somewhere in an answer; none where there is none."""
    for name in path:
        data = data.get(name) if isinstance(data, dict) else None
    found = data.get("nodes") if isinstance(data, dict) else None
    return [each for each in found or () if isinstance(each, dict)]


def _headers(account: Account) -> dict[str, str]:
    return {"X-Shopify-Access-Token": secret(account, ACCESS_TOKEN)}


def _of(field: Any, name: str) -> list[dict[str, Any]]:
    found = field.get(name) if isinstance(field, dict) else None
    return [each for each in found or () if isinstance(each, dict)]


def _trouble(answered: Answered) -> RemoteUnavailable | RemoteRefused:
    """Throttled: it says how much a query costs, how much there is, and how fast more comes."""
    errors = answered.errors if isinstance(answered.errors, list) else []
    codes = [_inner(each, "extensions").get("code") for each in errors]
    if "THROTTLED" in codes:
        cost = _inner(answered.extensions or {}, "cost")
        state = _inner(cost, "throttleStatus")
        try:
            missing = float(cost["requestedQueryCost"]) - float(state["currentlyAvailable"])
            wait = max(missing / float(state["restoreRate"]), 0.0)
        except (KeyError, TypeError, ValueError, ZeroDivisionError):
            wait = _PATIENCE
        return RemoteBusy("throttled", after=min(wait, 3600.0))
    if "INTERNAL_SERVER_ERROR" in codes:
        return RemoteUnavailable("an error of its own", ambiguous=True)
    said = "; ".join(str(each.get("message")) for each in errors) or str(answered.errors)
    return RemoteRefused(said[:300])


def _inner(holder: dict[str, Any], name: str) -> dict[str, Any]:
    found = holder.get(name)
    return found if isinstance(found, dict) else {}
