"""Accounts over HTTP for operators: put in place, looked at, changed, paused, tried, removed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from app.actions import account_story, credentials
from app.actions import accounts as acting
from app.actions.account_check import seen
from app.actions.accounts import NewAccount
from app.actions.credentials import NewSecret
from app.actions.verbs.shape import TEXT
from app.db import accounts
from app.db.conn import Conn
from app.domain.refusals import Code, Refused
from app.errors import SettingsInvalid
from app.http.guards import Guard
from app.http.reading import clean, decode, json_answer
from app.http.url import Url
from app.render.accounts import (
    AccountList,
    AccountStory,
    AdapterList,
    Made,
    RemovedView,
    RotatedView,
    TrialView,
)

ALL: Final = "/accounts/v1/accounts"
ONE: Final = f"{ALL}/{{account}}"
Code_ = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$(?!\n)")]
Kind = Annotated[str, Meta(min_length=1, max_length=60, pattern=TEXT)]
Secret = Annotated[str, Meta(min_length=1, max_length=4096, pattern=TEXT)]
Reason = Annotated[
    str, Meta(min_length=1, max_length=300, pattern=r"^[^\u0000]*[^\s\u0000][^\u0000]*$")
]


class AccountToMake(msgspec.Struct):
    """A new account. `secrets` by kind; those that are ours to make may be left out. `merchant`: by
    its name, where there are several."""

    adapter: Annotated[str, Meta(min_length=1, max_length=60, pattern=TEXT)]
    code: Code_
    settings: dict[str, Any]
    rules: dict[str, Any] = {}
    secrets: dict[str, Secret] = {}
    merchant: Annotated[str, Meta(max_length=200, pattern=TEXT)] | None = None


class AccountChange(msgspec.Struct):
    """Other settings, other rules: all of them, as they shall be; null leaves them as they are."""

    settings: dict[str, Any] | None = None
    rules: dict[str, Any] | None = None


class Pause(msgspec.Struct):
    """Why nothing of it is worked on."""

    reason: Reason


class Rotation(msgspec.Struct):
    """A new version of a secret. `secret`: null for one that is ours to make; `overlap_hours`: how
    long the former ones stay valid; `until`: when the marketplace takes the new one no more."""

    kind: Kind
    secret: Secret | None = None
    overlap_hours: Annotated[float, Meta(ge=0, le=credentials.MOST / 3600)] = (
        credentials.USUAL / 3600
    )
    until: Annotated[datetime, Meta(tz=True)] | None = None


class Revocation(msgspec.Struct):
    """What is to end at once; `version` null: all of the kind."""

    kind: Kind
    version: Annotated[int, Meta(ge=1, le=2**31 - 1)] | None = None


async def list_adapters(request: Request) -> Response:
    """Every marketplace the hub knows, and what its accounts need."""
    return json_answer(account_story.adapters(request.state.hub.marketplaces))


async def list_accounts(request: Request) -> Response:
    """All accounts, and what waits for them."""
    async with request.state.hub.pools.drains.acquire() as conn:
        return json_answer(await account_story.overview(conn))


async def create(request: Request) -> Response:
    """Put an account in place; secrets the hub made are in this answer and nowhere else."""
    asked, hub = decode(await request.body(), AccountToMake), request.state.hub
    what = NewAccount(
        asked.adapter, asked.code, asked.settings, asked.rules, asked.secrets, asked.merchant
    )
    with refusing():
        async with hub.pools.drains.acquire() as conn, conn.transaction():
            made = await acting.create(
                conn, hub.accounts.seal, hub.marketplaces, what, request.state.operator
            )
            story = await _story(request, conn, asked.code)
    return json_answer(Made(story, made))


async def read(request: Request) -> Response:
    """One account; never a secret."""
    async with request.state.hub.pools.drains.acquire() as conn:
        return json_answer(await _story(request, conn, code_of(request)))


async def change(request: Request) -> Response:
    """Other settings and rules; workers know within seconds."""
    asked, hub = decode(await request.body(), AccountChange), request.state.hub
    with refusing():
        async with hub.pools.drains.acquire() as conn, conn.transaction():
            await acting.change(
                conn, hub.accounts.seal, hub.marketplaces, code_of(request),
                who=request.state.operator, settings=asked.settings, rules=asked.rules,
            )  # fmt: skip
            return json_answer(await _story(request, conn, code_of(request)))


async def pause(request: Request) -> Response:
    """Nothing of it is worked on from now on, whichever worker would; webhooks wait."""
    asked, code = decode(await request.body(), Pause), code_of(request)
    async with request.state.hub.pools.drains.acquire() as conn, conn.transaction():
        await acting.pause(conn, code, request.state.operator, clean(asked.reason).strip())
        return json_answer(await _story(request, conn, code))


async def resume(request: Request) -> Response:
    """What has waited is worked on, in its order; twice is once."""
    code = code_of(request)
    async with request.state.hub.pools.drains.acquire() as conn, conn.transaction():
        await acting.resume(conn, code, request.state.operator)
        return json_answer(await _story(request, conn, code))


async def try_(request: Request) -> Response:
    """Ask the marketplace whether it knows us, within the limits of the account's calls."""
    hub = request.state.hub
    with refusing():
        async with hub.pools.drains.acquire() as conn:
            found = await seen(conn, code_of(request))
            opened = await accounts.opened(conn, hub.accounts.seal, found.id)
    marketplace = hub.marketplaces.get(found.adapter)
    if marketplace is None:
        return json_answer(TrialView(taken=False, said=f"there is no adapter {found.adapter}"))
    trial = await acting.rehearse(marketplace, opened, hub)
    return json_answer(TrialView(trial.taken, trial.said))


async def rotate(request: Request) -> Response:
    """A new version beside the former ones; one the hub made is in this answer and nowhere else."""
    asked, hub, code = decode(await request.body(), Rotation), request.state.hub, code_of(request)
    new = NewSecret(asked.kind, asked.secret, asked.overlap_hours * 3600, asked.until)
    with refusing():
        async with hub.pools.drains.acquire() as conn, conn.transaction():
            done = await credentials.rotate(
                conn, hub.accounts.seal, hub.marketplaces, code, new, who=request.state.operator
            )
            story = await _story(request, conn, code)
    return json_answer(RotatedView(asked.kind, done.version, done.secret, story))


async def revoke(request: Request) -> Response:
    """A leaked secret ends at once and for good."""
    asked, code = decode(await request.body(), Revocation), code_of(request)
    async with request.state.hub.pools.drains.acquire() as conn, conn.transaction():
        who = request.state.operator
        await credentials.revoke(conn, code, asked.kind, asked.version, who)
        return json_answer(await _story(request, conn, code))


async def remove(request: Request) -> Response:
    """Webhooks are refused, what waits is buried, orders and history stay. `waiting`: how much of
    it the caller knows of."""
    given = request.query_params.get("waiting", "0")
    if not (given.isascii() and given.isdecimal() and len(given) < 10):
        raise Refused(Code.INVALID_BODY, field="waiting", expected="a number")
    async with request.state.hub.pools.drains.acquire() as conn, conn.transaction():
        who = request.state.operator
        gone = await acting.remove(conn, code_of(request), int(given), who)
    return json_answer(RemovedView(gone.deliveries, gone.messages))


def code_of(request: Request) -> str:
    """The account of the path."""
    return clean(str(request.path_params["account"]))[:100]


@contextmanager
def refusing() -> Iterator[None]:
    """What the marketplace cannot do with is the caller's mistake."""
    try:
        yield
    except SettingsInvalid as error:
        raise Refused(Code.INVALID_BODY, error=str(error)[:1000]) from None


async def _story(request: Request, conn: Conn, code: str) -> AccountStory:
    hub = request.state.hub
    return await account_story.story(conn, hub.accounts.seal, hub.marketplaces, code)


PLACES: Final = {"account": {"type": "string", "maxLength": 63}}
_COUNT: Final = {"waiting": {"type": "integer", "minimum": 0, "default": 0}}
ROWS: Final = (
    Url("GET", "/accounts/v1/adapters", list_adapters, Guard.OPERATOR,
        "Marketplaces the hub knows, and what an account of each needs", answer=AdapterList),
    Url("GET", ALL, list_accounts, Guard.OPERATOR,
        "Accounts, and what waits for them", answer=AccountList),
    Url("POST", ALL, create, Guard.OPERATOR,
        "Put an account in place; secrets made for it are shown once", body=AccountToMake,
        answer=Made, says=frozenset({409})),
    Url("GET", ONE, read, Guard.OPERATOR, "One account: settings, versions of secrets, history",
        answer=AccountStory, places=PLACES),
    Url("POST", ONE, change, Guard.OPERATOR, "Change an account's settings and rules",
        body=AccountChange, answer=AccountStory, places=PLACES),
    Url("DELETE", ONE, remove, Guard.OPERATOR,
        "Remove an account; what waits for it is buried", answer=RemovedView, places=PLACES,
        query=_COUNT, says=frozenset({409})),
    Url("POST", f"{ONE}/pause", pause, Guard.OPERATOR,
        "Pause an account: webhooks are taken, and wait", body=Pause, answer=AccountStory,
        places=PLACES),
    Url("POST", f"{ONE}/resume", resume, Guard.OPERATOR, "Let a paused account go on",
        answer=AccountStory, places=PLACES),
    Url("POST", f"{ONE}/test", try_, Guard.OPERATOR,
        "Ask an account's marketplace whether it knows us", answer=TrialView, places=PLACES,
        lasting=True),
    Url("POST", f"{ONE}/rotate", rotate, Guard.OPERATOR,
        "A new version of a secret beside the former one, which ends later", body=Rotation,
        answer=RotatedView, places=PLACES),
    Url("POST", f"{ONE}/revoke", revoke, Guard.OPERATOR, "End a leaked secret at once",
        body=Revocation, answer=AccountStory, places=PLACES),
)  # fmt: skip
