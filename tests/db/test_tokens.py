"""Tokens of marketplaces in the hands of several processes: one asks, what is stale goes."""

import asyncio
from dataclasses import replace

import pytest

from app.contract import Token
from app.db import tokens
from app.db.sealing import Seal
from app.db.tokens import TokenBook
from app.errors import RemoteUnavailable
from tests.conftest import SEAL

KINDS = ("client_id", "client_secret")
OTHER_KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


def patient():
    """A clock that stands still: whoever waits by it waits as long as it takes."""
    return 0.0


class Far:
    """A token endpoint."""

    def __init__(self):
        self.given, self.kept = 0, []

    async def __call__(self, kept):
        self.kept.append(kept)
        self.given += 1
        await asyncio.sleep(0)
        return Token(f"secret-token-{self.given}", 3600.0, f"next-{self.given}")


@pytest.fixture
async def account(hub):
    return await hub.accounts.by_code("sm-demo")


@pytest.fixture
def far():
    return Far()


async def test_many_who_need_a_token_at_once_get_one_and_the_same(pool, account, far):
    books = [TokenBook(pool, SEAL, patient) for _ in range(3)]
    got = await asyncio.gather(*(books[n % 3].get(account, KINDS, far) for n in range(12)))
    assert (set(got), far.given) == ({"secret-token-1"}, 1)


async def test_a_token_that_is_refused_is_dropped_for_all_and_a_newer_one_is_not(
    pool, account, far
):
    one, other = TokenBook(pool, SEAL), TokenBook(pool, SEAL)
    old = await one.get(account, KINDS, far)
    await other.get(account, KINDS, far)
    await one.drop(account, KINDS, old)
    new = await one.get(account, KINDS, far)
    await other.drop(account, KINDS, old)  # comes late with what everybody knows
    assert await other.get(account, KINDS, far) == new
    assert far.kept == [None, "next-1"]


async def test_a_refused_token_goes_also_when_its_seal_was_replaced_meanwhile(pool, account, far):
    book = TokenBook(pool, SEAL)
    old = await book.get(account, KINDS, far)
    again = SEAL.close(old)
    async with pool.acquire() as conn:
        await conn.execute("UPDATE account_token SET sealed = $1", again)
    await book.drop(account, KINDS, old)
    assert await book.get(account, KINDS, far) == "secret-token-2"


async def test_another_secret_has_another_token(pool, account, far):
    book = TokenBook(pool, SEAL)
    first = await book.get(account, KINDS, far)
    rotated = replace(account, secrets={**account.secrets, "client_secret": ("rotated",)})
    assert await book.get(rotated, KINDS, far) != first
    assert await book.get(account, KINDS, far) == first


async def test_who_stops_waiting_loses_no_token_that_was_given(pool, account, far):
    book, answered, go = TokenBook(pool, SEAL), asyncio.Event(), asyncio.Event()

    async def slow(kept):
        token = await far(kept)
        answered.set()
        await go.wait()
        return token

    getting = asyncio.create_task(book.get(account, KINDS, slow))
    await answered.wait()
    getting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await getting
    go.set()
    await book.aclose()
    assert await TokenBook(pool, SEAL).get(account, KINDS, far) == "secret-token-1"
    assert far.given == 1, "asked with the old one again, a marketplace may refuse for ever"


async def test_a_token_is_kept_although_the_database_was_away_for_a_moment(pool, account, far):
    class Shaky:
        away = 2

        def acquire(self):
            if far.given and self.away:
                self.away -= 1
                raise ConnectionRefusedError
            return pool.acquire()

    assert await TokenBook(Shaky(), SEAL).get(account, KINDS, far) == "secret-token-1"
    assert await TokenBook(pool, SEAL).get(account, KINDS, far) == "secret-token-1"
    assert far.given == 1


async def test_who_died_while_asking_holds_nobody_up_for_long(pool, account, far):
    async def dies(_kept):
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await TokenBook(pool, SEAL).get(account, KINDS, dies)
    assert await TokenBook(pool, SEAL).get(account, KINDS, far) == "secret-token-1"
    async with pool.acquire() as conn:  # killed: not even this could be said
        await conn.execute(
            "UPDATE account_token SET good_until = 'epoch', asking_until = now() + interval '1 s'"
        )
    assert await TokenBook(pool, SEAL, patient).get(account, KINDS, far) == "secret-token-2"


async def test_who_waits_too_long_for_anothers_answer_comes_again(pool, account, far):
    await TokenBook(pool, SEAL).get(account, KINDS, far)
    async with pool.acquire() as conn:
        await conn.execute(
            "UPDATE account_token SET good_until = 'epoch', asking_until = 'infinity'"
        )
    ticks = iter(range(0, 1000, int(tokens.PATIENCE)))
    with pytest.raises(RemoteUnavailable):
        await TokenBook(pool, SEAL, lambda: next(ticks)).get(account, KINDS, far)


async def test_no_token_lies_open_in_the_database_or_in_a_traceback(pool, account, far):
    book = TokenBook(pool, SEAL)
    await book.get(account, KINDS, far)
    async with pool.acquire() as conn:
        rows = await conn.fetch("SELECT * FROM account_token")
    assert "secret-token" not in repr(rows) + repr(book._known)
    assert Seal(OTHER_KEY).key_of(rows[0]["sealed"]) is None
