"""Secrets of accounts rotate under a stream of calls, both ways, and no call fails."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import time
import uuid
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from app.actions import accounts, credentials, setup
from app.actions.account_story import story
from app.actions.accounts import NewAccount
from app.actions.afresh import with_newest
from app.actions.credentials import NewSecret, new_secret
from app.contract import Message, SecretKind
from app.db.accounts import FRESH, SPACING, AccountBook
from app.domain.refusals import Refused
from app.errors import HubError, RemoteRefused, SettingsInvalid
from app.marketplaces import proofs
from tests.conftest import DEMO, SEAL, TOKEN, RecordingKuper, api_of
from tests.factories import news, placed
from tests.stories import hook

SPEED = 20  #: clocks of workers run so much faster, or the test would take minutes
WORKERS = 3
EACH = 5  #: calls of every worker between two rotations, in either direction


def quick_clock():
    return time.monotonic() * SPEED


def sign(secret, body):
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()


@dataclass
class Side:
    """A marketplace: signs with its newest key, takes what a key that it gave us signed."""

    signs: str
    takes: list[str] = field(default_factory=list)
    refused: int = 0

    def take(self, body, signature):
        if signature not in [sign(each, body) for each in self.takes]:
            self.refused += 1
            raise RemoteRefused("401: the signature is wrong")


class Signing(RecordingKuper):
    """The real adapter with signatures both ways, and a marketplace that looks at them."""

    def __init__(self, side):
        super().__init__()
        self.side = side

    def verify(self, account, call, now):
        del now
        secrets = account.secrets.get("inbound_token", ())
        proofs.hmac_base64(call.headers.get("x-signature", ""), call.body, secrets)
        return proofs.kept(call)

    async def send(self, account, message):
        await asyncio.sleep(0)
        signature = sign(account.secrets["outbound_token"][0], message.body)
        await asyncio.sleep(0.002)
        self.side.take(message.body, signature)


@pytest.fixture
def side(hub):
    return Side(TOKEN["Client-Token"])


async def rotate(hub, kind, secret=None, overlap=3600.0, until=None):
    async with hub.pools.drains.acquire() as conn, conn.transaction():
        new = NewSecret(kind, secret, overlap, until)
        return await credentials.rotate(conn, SEAL, hub.marketplaces, "sm-demo", new, who="duty")


async def revoke(hub, kind, version=None):
    async with hub.pools.drains.acquire() as conn, conn.transaction():
        return await credentials.revoke(conn, "sm-demo", kind, version, "duty")


def workers_of(hub, side, count=WORKERS):
    """Processes of their own as far as accounts are concerned: each has its own book."""
    signing = {"kuper": Signing(side)}
    return [
        replace(hub, accounts=AccountBook(hub.pools.hooks, SEAL, quick_clock), marketplaces=signing)
        for _ in range(count)
    ]


async def knock(api, secret):
    body = news("ping", uuid.uuid4().hex)
    answer = await api.post(
        "/hooks/sm-demo", content=body, headers={"X-Signature": sign(secret, body)}
    )
    return answer.status_code


async def call(worker):
    account = await worker.accounts.by_code("sm-demo")
    message = Message(uuid.uuid4(), "ready", uuid.uuid4().bytes, unsure=False, trace_id="t")
    marketplace = worker.marketplaces["kuper"]
    await with_newest(worker, account, lambda now: marketplace.send(now, message))


async def some_calls(made):
    """Until what every worker knew is old, and then until each has called again, both ways: no call
    is still under way that began before the former rotation."""
    await asyncio.sleep(1.3 * FRESH / SPEED)
    while not made.empty():
        made.get_nowait()
    calls = Counter()
    async with asyncio.timeout(120):
        while len(calls) < 2 * WORKERS or min(calls.values()) < EACH:
            calls[await made.get()] += 1


async def test_no_call_fails_while_secrets_rotate_in_either_direction(hub, side):
    """The hardest way: the marketplace signs with a new key the moment it is told, and forgets its
    own former one the moment ours is in place."""
    account = await hub.accounts.by_code("sm-demo")
    side.takes = [account.secrets["outbound_token"][0]]
    workers, failures = workers_of(hub, side), []
    made, stop = asyncio.Queue(), asyncio.Event()

    async def knocking(api, n):
        while not stop.is_set():
            status = await knock(api, side.signs)
            made.put_nowait(("in", n))
            failures.extend([status] if status != 200 else [])

    async def calling(worker, n):
        while not stop.is_set():
            try:
                await call(worker)
            except HubError as error:
                failures.append(error)
            made.put_nowait(("out", n))

    async with AsyncExitStack() as stack:
        apis = [await stack.enter_async_context(api_of(each)) for each in workers]
        tasks = [asyncio.create_task(knocking(api, n)) for n, api in enumerate(apis)]
        tasks += [asyncio.create_task(calling(each, n)) for n, each in enumerate(workers)]
        for n in range(4):
            await some_calls(made)
            side.signs = (await rotate(hub, "inbound_token")).secret
            theirs = f"their-new-key-{n}"
            side.takes.append(theirs)
            await rotate(hub, "outbound_token", theirs)
            side.takes = [theirs]
        await some_calls(made)
        stop.set()
        await asyncio.gather(*tasks)
    assert failures == []
    assert side.refused  # some were made with a key that had just gone, and then with the new one


async def test_both_versions_are_valid_during_the_overlap_and_only_the_new_one_after_it(hub, side):
    (worker,) = workers_of(hub, side, 1)
    async with hub.pools.drains.acquire() as conn:
        before = await conn.fetchval("SELECT now()")
    new = (await rotate(hub, "inbound_token")).secret
    async with api_of(worker) as api:
        assert [await knock(api, each) for each in (side.signs, new)] == [200, 200]
        async with hub.pools.drains.acquire() as conn:
            until, now = await conn.fetchrow(
                "SELECT valid_until, now() FROM account_credential"
                " WHERE kind = 'inbound_token' AND version = 1")  # fmt: skip
            assert before <= until - timedelta(hours=1) <= now
            await conn.execute(
                "UPDATE account_credential SET valid_until = now() WHERE version = 1"
            )
        await asyncio.sleep(1.1 * FRESH / SPEED)
        assert [await knock(api, each) for each in (side.signs, new)] == [403, 200]


async def test_a_leaked_secret_is_good_for_nothing_within_seconds_and_can_be_opened_no_more(
    hub, side
):
    (worker,) = workers_of(hub, side, 1)
    new = (await rotate(hub, "inbound_token")).secret
    assert await revoke(hub, "inbound_token", 1) == [1]
    async with api_of(worker) as api:
        assert [await knock(api, each) for each in (side.signs, new)] == [403, 200]
    async with hub.pools.drains.acquire() as conn:
        sealed = await conn.fetchval("SELECT sealed FROM account_credential WHERE version = 1"
                                     " AND kind = 'inbound_token'")  # fmt: skip
    assert sealed == b""
    with pytest.raises(Refused, match="CREDENTIAL_NOT_FOUND"):
        await revoke(hub, "inbound_token", 1)


async def test_all_versions_of_a_kind_are_revoked_and_the_account_says_what_it_lacks(hub):
    await rotate(hub, "outbound_token", "their-new-key")
    assert await revoke(hub, "outbound_token") == [1, 2]
    async with hub.pools.drains.acquire() as conn:
        told = await story(conn, SEAL, hub.marketplaces, "sm-demo")
    assert told.trouble == ["account sm-demo has no outbound_token"]
    assert [event.event for event in told.history] == ["revoked", "rotated"]
    assert "their-new-key" not in repr(told)


@pytest.mark.parametrize(
    ("kind", "secret", "said"),
    [
        ("outbound_token", None, "made by the marketplace"),
        ("inbound_token", "short", "does not look like one"),
        ("inbound_token", "тайна тайна тайна", "does not look like one"),
        ("inbound_token", "with a\nnewline in it", "does not look like one"),
        ("inbound_token", TOKEN["Client-Token"], "valid already"),
    ],
)
async def test_what_is_no_new_secret_is_refused_and_not_repeated(hub, kind, secret, said):
    with pytest.raises(SettingsInvalid, match=said) as told:
        await rotate(hub, kind, secret)
    assert secret is None or secret not in str(told.value)
    account = await hub.accounts.by_code("sm-demo")
    assert len(account.secrets[kind]) == 1


@pytest.mark.parametrize("hours", [-9000, -1, 0, 2])
async def test_a_secret_that_ends_before_the_former_one_is_refused(hub, hours):
    """The account would be left without any."""
    until = datetime.now(UTC) + timedelta(hours=hours)
    with pytest.raises(SettingsInvalid, match="shorter overlap"):
        await rotate(hub, "inbound_token", overlap=2 * 3600.0, until=until)
    await rotate(hub, "inbound_token", overlap=2 * 3600.0, until=until + timedelta(hours=9010))


async def test_a_kind_nobody_asks_for_has_no_versions(hub):
    with pytest.raises(Refused, match="CREDENTIAL_NOT_FOUND"):
        await rotate(hub, "pet's name", "long enough")


async def test_two_who_rotate_at_once_make_two_versions(hub):
    done = await asyncio.gather(*(rotate(hub, "inbound_token") for _ in range(4)))
    assert sorted(each.version for each in done) == [2, 3, 4, 5]
    hub.accounts.forget(await hub.accounts.by_code("sm-demo"))
    account = await hub.accounts.by_code("sm-demo")
    newest = max(done, key=lambda each: each.version)
    assert account.secrets["inbound_token"][0] == newest.secret


async def test_an_overlap_is_never_shorter_than_what_workers_may_not_know_yet(hub):
    async with hub.pools.drains.acquire() as conn:
        before = await conn.fetchval("SELECT now()")
        await rotate(hub, "inbound_token", overlap=0)
        until = await conn.fetchval(
            "SELECT valid_until FROM account_credential"
            " WHERE kind = 'inbound_token' AND version = 1")  # fmt: skip
    assert until >= before + timedelta(seconds=2 * FRESH)


async def test_a_flood_of_forged_calls_reads_an_account_a_few_times_a_second(hub, side):
    (worker,) = workers_of(hub, side, 1)
    account = await worker.accounts.by_code("sm-demo")
    reads = []
    book = worker.accounts
    read_by_code = book.by_code

    async def counted(code):
        reads.append(code)
        return await read_by_code(code)

    book.by_code = counted
    started = quick_clock()
    await asyncio.gather(*(book.renewed(account) for _ in range(500)))
    assert len(reads) <= 2 + (quick_clock() - started) / SPACING


async def test_two_accounts_may_have_one_secret_and_each_gets_its_own_orders(hub, api):
    async with hub.pools.drains.acquire() as conn, conn.transaction():
        first = await hub.accounts.by_code("sm-demo")
        same = {kind: versions[0] for kind, versions in first.secrets.items()}
        what = NewAccount("kuper", "sm-twin", first.settings, secrets=same)
        await accounts.create(conn, SEAL, hub.marketplaces, what, "duty")
    for code in ("sm-demo", "sm-twin"):
        assert (
            await api.post(f"/hooks/{code}", content=placed("H1"), headers=TOKEN)
        ).status_code == 200
    async with hub.pools.drains.acquire() as conn:
        assert await conn.fetchval("SELECT count(DISTINCT account_id) FROM inbox") == 2


async def test_another_accounts_secret_opens_nothing_and_shows_among_the_refused(hub, api):
    async with hub.pools.drains.acquire() as conn, conn.transaction():
        first = await hub.accounts.by_code("sm-demo")
        secrets = {"inbound_token": "another-way-in", "outbound_token": "another-way-out"}
        what = NewAccount("kuper", "sm-twin", first.settings, secrets=secrets)
        await accounts.create(conn, SEAL, hub.marketplaces, what, "duty")
    answer = await api.post("/hooks/sm-twin", content=placed(), headers=TOKEN)
    assert answer.status_code == 403
    assert (await hook(api, placed())).status_code == 200
    async with hub.pools.drains.acquire() as conn:
        row = await conn.fetchrow("SELECT * FROM inbox_refused")
    assert (row["account"], row["reason"]) == ("sm-twin", "forged")
    assert TOKEN["Client-Token"] not in repr(dict(row))


@pytest.mark.parametrize(
    "shape", [r"[\x21-\x7e]{8,4096}", r"whsec_[A-Za-z0-9+/]{43}=", r"[0-9a-f]{64}", r"[0-9a-f]{32}"]
)
def test_a_secret_that_is_made_has_the_shape_it_must_have(shape):
    made = {new_secret(SecretKind("k", "p", shape=shape, ours=True)) for _ in range(5)}
    assert len(made) == 5


def test_what_nobody_can_make_must_be_said():
    with pytest.raises(SettingsInvalid, match="say it"):
        new_secret(SecretKind("k", "p", shape="[0-9]{4}", ours=True))


async def test_an_old_description_puts_no_rotated_and_no_revoked_secret_back(hub):
    new = (await rotate(hub, "inbound_token")).secret
    await revoke(hub, "inbound_token", 1)
    await revoke(hub, "outbound_token")
    async with hub.pools.drains.acquire() as conn:
        await setup.set_up(conn, SEAL, hub.marketplaces, DEMO)
    hub.accounts.forget(await hub.accounts.by_code("sm-demo"))
    account = await hub.accounts.by_code("sm-demo")
    assert account.secrets["inbound_token"] == (new,)
    assert "outbound_token" not in account.secrets


async def test_a_description_revives_no_account_that_was_removed(hub):
    async with hub.pools.drains.acquire() as conn:
        async with conn.transaction():
            await accounts.remove(conn, "sm-demo", 0, "duty")
        with pytest.raises(SettingsInvalid, match="sm-demo was removed"):
            await setup.set_up(conn, SEAL, hub.marketplaces, DEMO)
    assert await hub.accounts.by_code("sm-demo") is None
