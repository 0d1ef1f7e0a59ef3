"""orderhub destinations, and documents to them: by hand; secrets are shown once and never again."""

from __future__ import annotations

import asyncio
import json
import re

import pytest

from app import cli
from app.cli.session import console
from tests.cli.test_people import runner
from tests.conftest import MASTER_KEY, SEAL
from tests.erp.town import SECRET, Town, town_of
from tests.marketplaces.far import far, says


@pytest.fixture
def orderhub(dsn, tmp_path):
    """Run one command against this test's database, in a thread as it has a loop of its own."""
    env = {"HUB_DATABASE_URL": dsn, "HUB_DATA": str(tmp_path), "HUB_MASTER_KEY": MASTER_KEY,
           "HUB_LANG": "en"}  # fmt: skip
    console.width = 200

    async def run(*words, code=0):
        done = await asyncio.to_thread(runner.invoke, cli.app, list(words), env=env)
        assert done.exit_code == code, done.output + str(done.exception)
        return done.output + (str(done.exception) if code == 1 and done.exception else "")

    return run


@pytest.fixture
async def town(hub):
    async with town_of(hub) as town:
        yield town


@pytest.fixture
def described(tmp_path):
    def write(**said):
        file = tmp_path / "destination.json"
        file.write_text(json.dumps(said), encoding="utf-8")
        return str(file)

    return write


async def test_an_erp_that_is_posted_to_is_added_with_a_secret_that_is_shown_once(
    orderhub, town, described
):
    async with far(says(204, b"")) as side:
        file = described(code="books", way="http", settings={"url": side.url})
        said = await orderhub("destinations", "add", file)
        secret = re.search(r"whsec_[A-Za-z0-9+/=]+", said)
        assert secret
        again = await orderhub("destinations", "add", file)
        assert "whsec_" not in again, "it keeps the one it has"
        assert "Taken" in await orderhub("destinations", "test", "books")
        assert side.headers()["x-document-kind"] == "test"
    shown = await orderhub("destinations", "list", "--json")
    assert secret[0] not in shown
    (row,) = json.loads(shown)
    assert (row["code"], row["way"], row["form"], row["has_secrets"]) == (
        "books", "http", "json", True,
    )  # fmt: skip
    assert secret[0].encode() not in await town.value("SELECT sealed FROM erp_destination")


async def test_a_secret_is_changed_without_a_gap_and_then_for_good(orderhub, town, described):
    file = described(code="books", way="http", settings={"url": "http://127.0.0.1:1/"},
                     secrets={"signing": SECRET})  # fmt: skip
    await orderhub("destinations", "add", file)

    async def signing():
        sealed = await town.value("SELECT sealed FROM erp_destination")
        return json.loads(SEAL.open(sealed))["signing"]

    said = await orderhub("destinations", "rotate", "books")
    new = re.search(r"whsec_[A-Za-z0-9+/=]+", said)[0]
    assert await signing() == [new, SECRET]
    await orderhub("destinations", "rotate", "books", "--finish")
    assert await signing() == [new]
    assert "Not taken" in await orderhub("destinations", "test", "books", code=1)


async def test_an_erp_that_fetches_gets_a_token(orderhub, town, described):
    said = await orderhub("destinations", "add", described(code="domino", way="pull"))
    token = re.search(r": ([\w-]{43})\n", said)[1]
    again = await orderhub("destinations", "rotate", "domino", "--token")
    assert re.search(r": ([\w-]{43})\n", again)
    assert token not in again
    assert "nothing" in await orderhub("destinations", "rotate", "domino", code=1)


async def test_a_mistake_is_named_and_nothing_is_written(orderhub, town, described):
    wrong = described(code="x", way="sftp", settings={"host": "h"}, form="papyrus")
    said = await orderhub("destinations", "add", wrong, code=1)
    assert "missing required field" in said
    assert await town.value("SELECT count(*) FROM erp_destination") == 0
    assert "not a destination" in await orderhub("destinations", "add", described(code="x"), code=1)


async def test_pausing_resuming_removing(orderhub, town, tmp_path, described):
    await orderhub(
        "destinations", "add",
        described(code="disk", way="folder", settings={"path": str(tmp_path)}),
    )  # fmt: skip
    await orderhub("destinations", "pause", "disk")
    await town.document()
    assert await town.carry() == 0
    await orderhub("destinations", "resume", "disk")
    assert await town.carry() == 1
    assert "disk" in await orderhub("destinations", "list")
    await orderhub("destinations", "remove", "disk", "--yes")
    for command in ("pause", "resume", "test", "rotate"):
        assert "no destination" in await orderhub("destinations", command, "disk", code=1)


async def drop(town: Town, path) -> None:
    await town.destination("disk", "folder", settings={"path": str(path)})


async def test_a_document_is_brought_twice_more_and_who_and_why_is_kept(orderhub, town, tmp_path):
    await drop(town, tmp_path)
    id_ = await town.document()
    number = await town.number(id_)
    await town.carry()
    for why in ("lost there", "lost again"):
        (file,) = tmp_path.glob("*.json")
        file.unlink()
        assert "1" in await orderhub("documents", "resend", number, "--reason", why)
        await town.carry()
    found = await town.deliveries(id_)
    assert [row["cause"] for row in found] == ["issued", "resent", "resent"]
    assert [row["reason"] for row in found] == ["", "lost there", "lost again"]
    assert found[1]["actor"].startswith("cli:")
    assert len({row["message_id"] for row in found}) == 3, "each time a message of its own"
    shown = await orderhub("documents", "deliveries", number)
    assert "lost again" in shown
    assert number in await orderhub("documents", "list")
    lines = await town.sql("SELECT detail FROM timeline WHERE kind = 'erp'")
    said = sorted(row["detail"]["outcome"] for row in lines)
    assert said == ["resent", "resent", "sent", "sent", "sent"]


async def test_what_still_waits_is_hastened_and_not_doubled(orderhub, town, tmp_path):
    await drop(town, tmp_path)
    id_ = await town.document()
    await town.sql("UPDATE erp_outbox SET due_at = now() + interval '1 day'")
    await orderhub("documents", "resend", str(id_), "--reason", "now")
    assert len(await town.deliveries(id_)) == 1
    assert await town.carry() == 1


async def test_a_period_is_counted_first_and_then_brought_within_a_limit(orderhub, town, tmp_path):
    await drop(town, tmp_path)
    await town.documents(5)
    await town.carry()
    period = ("--since", "2026-03-01", "--until", "2026-03-31", "--to", "disk", "--reason", "new")
    said = await orderhub("documents", "re-export", *period)
    assert "5 documents" in said
    assert len(await town.deliveries()) == 5
    await orderhub("documents", "re-export", *period, "--yes", "--limit", "3")
    assert len(await town.deliveries()) == 8
    assert await town.carry() == 3


async def test_a_document_that_was_entered_by_hand_is_settled(orderhub, town, tmp_path):
    await drop(town, tmp_path / "away")
    id_ = await town.document()
    await town.carry()
    number = await town.number(id_)
    await orderhub("documents", "acknowledge", number, "--to", "disk", "--number", "Р-1")
    await town.later()
    await town.carry()
    (delivery,) = await town.deliveries(id_)
    assert delivery["erp_number"] == "Р-1"
    assert (await town.rows())[0][:2] == ("done", "settled")


async def test_what_is_not_there_is_told(orderhub, town):
    await town.document()
    for words in (("deliveries", "none"), ("resend", "none", "--reason", "x")):
        assert "no document" in await orderhub("documents", *words, code=1)
    number = await town.value("SELECT number FROM document")
    unknown = ("documents", "resend", number, "--reason", "x", "--to", "none")
    assert "no such ERP" in await orderhub(*unknown, code=1)
