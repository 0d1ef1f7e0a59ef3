"""Errors become answers in one place: the most special handler, and 500 only for bugs of ours."""

from contextlib import asynccontextmanager

import asyncpg
import httpx
import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route

from app.domain.refusals import Code, Refused
from app.errors import Malformed, SettingsInvalid, StorageAway, UnknownAccount
from app.http.errors import HANDLERS
from app.http.middleware import Bounded, Traced

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECRET = "postgresql://hub:s3cret@db/hub"


def raising(world, error):
    """A client of an application with one page, which raises this."""

    async def page(_request):
        raise error

    return serving(world, page)


@asynccontextmanager
async def serving(world, page):
    """A client of an application with one page."""
    app = Starlette(
        routes=[Route("/", page)],
        exception_handlers=HANDLERS,
        middleware=[Middleware(Traced), Middleware(Bounded)],
    )

    async def with_state(scope, receive, send):
        await app(scope | {"state": {"hub": world.hub}}, receive, send)

    transport = httpx.ASGITransport(with_state, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://hub") as client:
        yield client


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Refused(Code.ALREADY_CLAIMED), 409, "ALREADY_CLAIMED"),
        (StorageAway(), 503, "TEMPORARY"),
        (UnknownAccount(), 404, "NOT_FOUND"),
        (Malformed("x"), 500, "INTERNAL"),
        (SettingsInvalid("x"), 500, "INTERNAL"),
        (HTTPException(404), 404, "NOT_FOUND"),
        (ConnectionRefusedError(), 503, "TEMPORARY"),
        (ConnectionResetError(), 503, "TEMPORARY"),
        (TimeoutError(), 503, "TEMPORARY"),
        (asyncpg.ConnectionDoesNotExistError(), 503, "TEMPORARY"),
        (asyncpg.PostgresConnectionError(), 503, "TEMPORARY"),
        (asyncpg.TooManyConnectionsError(), 503, "TEMPORARY"),
        (asyncpg.CannotConnectNowError(), 503, "TEMPORARY"),
        (asyncpg.AdminShutdownError(), 503, "TEMPORARY"),
        (asyncpg.ReadOnlySQLTransactionError(), 503, "TEMPORARY"),
        (asyncpg.DiskFullError(), 503, "TEMPORARY"),
        (asyncpg.QueryCanceledError(), 503, "TEMPORARY"),
        (asyncpg.InterfaceError("pool is closing"), 503, "TEMPORARY"),
        (asyncpg.TargetServerAttributeNotMatched(), 503, "TEMPORARY"),
        (asyncpg.InternalClientError(), 503, "TEMPORARY"),
        (asyncpg.OutdatedSchemaCacheError("x"), 503, "TEMPORARY"),
        (asyncpg.InvalidCachedStatementError("x"), 503, "TEMPORARY"),
        (asyncpg.SerializationError(), 409, "OPERATION_IN_PROGRESS"),
        (asyncpg.DeadlockDetectedError(), 409, "OPERATION_IN_PROGRESS"),
        (asyncpg.LockNotAvailableError(), 409, "OPERATION_IN_PROGRESS"),
        (asyncpg.DataError("x"), 500, "INTERNAL"),
        (asyncpg.CharacterNotInRepertoireError("x"), 500, "INTERNAL"),
        (asyncpg.UniqueViolationError("x"), 500, "INTERNAL"),
        (asyncpg.UndefinedTableError("x"), 500, "INTERNAL"),
        (KeyError(SECRET), 500, "INTERNAL"),
        (RecursionError(SECRET), 500, "INTERNAL"),
        (AssertionError(SECRET), 500, "INTERNAL"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else str(value),
)
async def test_an_error_is_answered_by_what_it_is(world, error, status, code):
    async with raising(world, error) as client:
        answer = await client.get("/", headers={"x-request-id": "a-request-1"})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert ("retry-after" in answer.headers) is answer.json().get("retryable", False)
    assert answer.headers["x-request-id"] == "a-request-1"
    assert "s3cret" not in answer.text


@pytest.mark.parametrize("fault", [ConnectionResetError(), TimeoutError()])
async def test_a_conflict_is_told_also_when_the_order_cannot_be_shown_any_more(world, fault):
    async def see():
        raise fault

    async def page(request):
        request.state.see = see
        raise Refused(Code.VERSION_CONFLICT)

    async with serving(world, page) as client:
        answer = await client.get("/")
    assert (answer.status_code, answer.json()["code"]) == (409, "VERSION_CONFLICT")
    assert "current" not in answer.json()
