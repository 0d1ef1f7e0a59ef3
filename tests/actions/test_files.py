"""The store of files: the same content once, documents made once, and nothing rotten handed out."""

import asyncio
import hashlib
import os
import signal
import subprocess
import sys
import textwrap
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from app.actions import files
from app.domain.kept import Kept, lies
from app.domain.refusals import Refused
from app.errors import FileLost, RemoteRefused, RemoteUnavailable, SettingsInvalid, Unprintable
from app.files.folder import Folder
from tests.conftest import quick
from tests.issued import a_sale
from tests.places import Shelf

TEXT = "text/plain"


@dataclass
class Printer:
    """A press that prints what it is told, and counts; `waits` holds it up."""

    prints: list[bytes] = field(default_factory=lambda: [b"printed"])
    calls: list[tuple[str, str]] = field(default_factory=list)

    async def typeset(self, name, what, language):
        self.calls.append((name, language))
        await asyncio.sleep(0)
        return self.prints.pop(0) if len(self.prints) > 1 else self.prints[0]


async def value(hub, sql, *given):
    async with hub.pools.drains.acquire() as conn:
        return await conn.fetchval(sql, *given)


async def rows(hub):
    return await value(hub, "SELECT count(*) FROM stored_file")


async def test_what_is_kept_is_given_back(hub):
    file = await files.keep(hub, b"hello", TEXT, "привет.txt")
    assert file == Kept(hashlib.sha256(b"hello").hexdigest(), 5, TEXT, "привет.txt")
    assert await files.fetch(hub, file.sha256) == b"hello"
    assert hub.files.files == {lies(file.sha256): b"hello"}


async def test_the_same_content_twice_and_at_once_is_kept_once(hub):
    many = [files.keep(hub, b"same", TEXT, f"{n}.txt") for n in range(8)]
    found = await asyncio.gather(*many)
    assert len({file.sha256 for file in found}) == 1
    assert [file.name for file in found] == [f"{n}.txt" for n in range(8)]
    assert (await rows(hub), len(hub.files.files)) == (1, 1)


async def test_the_same_content_keeps_the_type_it_had_first(hub):
    await files.keep(hub, b"{}", "application/json", "a.json")
    assert (await files.keep(hub, b"{}", TEXT, "b")).media_type == "application/json"


@pytest.mark.parametrize("error", [RemoteUnavailable("no room"), RemoteRefused("too large")])
async def test_what_could_not_be_put_has_no_row(hub, error):
    hub.files.fails.append(error)
    with pytest.raises(type(error)):
        await files.keep(hub, b"x", TEXT, "x")
    assert (await rows(hub), hub.files.files) == (0, {})


async def test_what_was_never_kept_is_nothing(hub):
    for odd in ("ab" * 32, "", "../../etc/passwd", "\x00", "AB" * 32):
        assert await files.fetch(hub, odd) is None


async def test_without_a_place_nothing_is_kept(hub):
    with pytest.raises(SettingsInvalid, match="HUB_FILES"):
        await files.keep(quick(hub, files=None), b"x", TEXT, "x")


#: A child that dies as soon as its file is in its place.
_DIES = """
    import asyncio, os, signal, sys
    from dataclasses import replace
    from pathlib import Path
    from app.actions.files import keep
    from app.db.conn import pool
    from app.files.folder import Folder
    from tests.conftest import hub_on

    class Deadly(Folder):
        async def put(self, name, body):
            await super().put(name, body)
            os.kill(os.getpid(), signal.SIGKILL)

    async def main():
        async with pool(sys.argv[1], 2, name="child", connect_timeout=60) as opened:
            place = Deadly(Path(sys.argv[2]), 1000, make=True)
            await keep(replace(hub_on(opened), files=place), b"hello", "text/plain", "a")

    asyncio.run(main())
"""


async def test_a_kill_between_file_and_row_leaves_a_file_nobody_knows_and_no_more(
    hub, dsn, tmp_path
):
    child = [sys.executable, "-c", textwrap.dedent(_DIES), dsn, str(tmp_path)]
    died = await asyncio.to_thread(subprocess.run, child, cwd=Path.cwd(), check=False)
    assert died.returncode == -signal.SIGKILL
    digest = hashlib.sha256(b"hello").hexdigest()
    assert (tmp_path / lies(digest)).read_bytes() == b"hello"
    here = quick(hub, files=Folder(tmp_path, 1000))
    assert await files.fetch(here, digest) is None
    await files.keep(here, b"hello", TEXT, "a")
    assert await files.fetch(here, digest) == b"hello"
    assert [page async for page in here.files.names()] == [[lies(digest)]]


@pytest.mark.parametrize("damage", [b"hellO", b"", b"hello "])
async def test_what_is_not_what_was_kept_is_not_handed_out(hub, damage):
    file = await files.keep(hub, b"hello", TEXT, "a")
    hub.files.files[lies(file.sha256)] = damage
    with pytest.raises(FileLost):
        await files.fetch(hub, file.sha256)
    await files.keep(hub, b"hello", TEXT, "a")
    assert await files.fetch(hub, file.sha256) == b"hello"


async def test_a_document_is_made_once_and_then_comes_from_the_store(hub):
    id_ = await a_sale(hub)
    press = Printer([b"first", b"second"])
    here = quick(hub, press=press)
    file = await files.document_file(here, id_, "pdf", "ru")
    assert await files.document_file(here, id_, "pdf", "ru") == file
    assert press.calls == [("document.pdf", "ru")]
    assert (file.media_type, await files.fetch(here, file.sha256)) == ("application/pdf", b"first")
    number = await value(hub, "SELECT number FROM document")
    assert file.name == f"{number}.pdf"


@pytest.mark.parametrize(
    ("form", "end"),
    [("json", ".json"), ("xlsx", ".xlsx"), ("commerceml", ".commerceml.xml")],
)
async def test_two_forms_of_a_document_have_two_names(hub, form, end):
    id_ = await a_sale(hub)
    file = await files.document_file(quick(hub, press=Printer()), id_, form, "ru")
    assert file.name == await value(hub, "SELECT number FROM document") + end


async def test_a_upd_is_called_as_the_law_says(hub):
    id_ = await a_sale(hub)
    file = await files.document_file(quick(hub, press=Printer()), id_, "upd", "ru")
    assert file.name.startswith("ON_NSCHFDOPPR_")
    assert file.name.endswith("_00.xml")


async def test_two_workers_at_once_have_the_same_file_even_if_they_made_two(hub):
    id_ = await a_sale(hub)
    here = quick(hub, press=Printer([b"one", b"two"]))
    found = await asyncio.gather(*(files.document_file(here, id_, "pdf", "ru") for _ in range(2)))
    assert found[0] == found[1]
    assert await value(hub, "SELECT count(*) FROM document_file") == 1


async def test_each_language_has_its_file(hub):
    id_ = await a_sale(hub)
    here = quick(hub, press=Printer([b"ru", b"en"]))
    for language in ("ru", "en"):
        file = await files.document_file(here, id_, "pdf", language)
        assert await files.fetch(here, file.sha256) == language.encode()


@pytest.mark.parametrize("lost", [None, b"rotten"])
async def test_a_documents_lost_file_is_made_anew(hub, lost):
    id_ = await a_sale(hub)
    here = quick(hub, press=Printer())
    file = await files.document_file(here, id_, "pdf", "ru")
    damage(hub, file, lost)
    assert await files.fetch(here, file.sha256) == b"printed"
    assert hub.files.files[lies(file.sha256)] == b"printed"


async def test_one_that_says_itself_otherwise_by_now_is_another_file(hub):
    id_ = await a_sale(hub)
    here = quick(hub, press=Printer([b"before", b"after"]))
    file = await files.document_file(here, id_, "pdf", "ru")
    damage(hub, file, None)
    with pytest.raises(FileLost):
        await files.fetch(here, file.sha256)
    new = await files.document_file(here, id_, "pdf", "ru")
    assert await files.fetch(here, new.sha256) == b"after"


def damage(hub, file, body):
    shelf: Shelf = hub.files
    if body is None:
        del shelf.files[lies(file.sha256)]
    else:
        shelf.files[lies(file.sha256)] = body


async def test_what_a_form_cannot_say_is_not_printed(hub):
    id_ = await a_sale(hub)
    press = Printer()
    with pytest.raises(Unprintable, match="kind: sale"):
        await files.document_file(quick(hub, press=press), id_, "receipt", "ru")
    assert press.calls == []


async def test_a_document_that_is_not_there_is_refused(hub):
    with pytest.raises(Refused):
        await files.document_file(hub, uuid4(), "pdf", "ru")


async def test_a_link_ends_when_it_says(hub):
    now = datetime(2026, 3, 2, 11, 20, 0, 500, tzinfo=UTC)
    file = await files.keep(hub, b"x", TEXT, "a")
    path, until = files.link(quick(hub, clock=lambda: now), file, 60)
    assert until == now.replace(microsecond=0) + timedelta(minutes=1)
    assert f"until={int(until.timestamp())}" in path


async def test_the_real_press_makes_the_same_bytes_twice(hub):
    id_ = await a_sale(hub)
    file = await files.document_file(hub, id_, "json", "ru")
    damage(hub, file, None)
    body = await files.fetch(hub, file.sha256)
    assert body is not None
    assert body.startswith(b"[")


async def test_a_large_file_is_kept_whole(hub, tmp_path):
    body = os.urandom(5_000_000)
    here = quick(hub, files=Folder(tmp_path, 5_000_000))
    file = await files.keep(here, body, "application/octet-stream", "a")
    assert await files.fetch(here, file.sha256) == body
