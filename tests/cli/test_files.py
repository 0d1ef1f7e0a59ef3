"""The store of files as a person at a terminal looks after it."""

import asyncio
import json

import pytest
from typer.testing import CliRunner

from app import cli
from app.actions import files
from app.domain.kept import lies
from app.files.folder import UNFINISHED, Folder
from tests.conftest import quick
from tests.issued import a_sale

runner = CliRunner()


@pytest.fixture
def here(hub, tmp_path):
    return quick(hub, files=Folder(tmp_path / "files", 1_000_000, make=True))


@pytest.fixture
def check(here, dsn, tmp_path):
    """`orderhub files check` against this test's database and folder."""
    env = {"HUB_DATABASE_URL": dsn, "HUB_DATA": str(tmp_path)}

    async def run(*words, code=0):
        asked = ["files", "check", *words]
        done = await asyncio.to_thread(runner.invoke, cli.app, asked, env=env)
        assert done.exit_code == code, done.output + str(done.exception)
        return done.output

    return run


async def test_a_store_that_is_whole_is_told_in_one_line(here, check):
    assert await check() == "0 files, 0.0 MB.\n"
    for n in range(3):
        await files.keep(here, bytes([n]) * 100_000, "text/plain", "a")
    assert await check() == "3 files, 0.3 MB.\n"


async def test_what_is_gone_or_rotten_is_named_and_ends_with_1(here, check, tmp_path):
    kept = [await files.keep(here, bytes([n]), "text/plain", "a") for n in range(3)]
    paper = await files.document_file(here, await a_sale(here), "json", "ru")
    root = tmp_path / "files"
    (root / lies(kept[0].sha256)).unlink()
    (root / lies(kept[1].sha256)).write_bytes(b"rot")
    (root / lies(paper.sha256)).write_bytes(b"")
    said = await check(code=1)
    assert f"gone: {kept[0].sha256}" in said
    assert f"rotten: {kept[1].sha256}" in said
    assert f"rotten: {paper.sha256}" in said
    assert kept[2].sha256 not in said
    assert "3 lost; 1 of them are made anew when asked for." in said
    told = json.loads(await check("--json", code=1))
    assert (told["files"], len(told["gone"]), len(told["rotten"]), told["remade"]) == (4, 1, 2, 1)


async def test_what_a_crash_left_is_counted_and_no_fault(here, check, tmp_path):
    kept = await files.keep(here, b"x", "text/plain", "a")
    await here.files.put(lies("ab" * 32), b"nobody knows of it")
    await here.files.put("elsewhere/" + kept.sha256, b"x")
    (tmp_path / "files" / f"{UNFINISHED}1").write_bytes(b"half")
    assert (await check()).splitlines()[1:] == ["2 that nobody asks for."]


async def test_what_is_no_file_is_rotten_too(here, check, tmp_path):
    kept = await files.keep(here, b"x", "text/plain", "a")
    path = tmp_path / "files" / lies(kept.sha256)
    path.unlink()
    path.mkdir()
    assert f"rotten: {kept.sha256}" in await check(code=1)
