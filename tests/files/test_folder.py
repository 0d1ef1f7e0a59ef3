"""A folder: nothing leads out of it, and a file is there whole or not at all."""

import asyncio
import errno
import os
import string
import subprocess
import sys
import textwrap
import tracemalloc
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import RemoteRefused, RemoteUnavailable
from app.files.folder import UNFINISHED, Folder
from app.files.names import parts

LIMIT = 1_000_000
ODD = ["", ".", "..", "/", "/etc/passwd", "../a", "a/../../b", "a/./b", "a//b", "a/", "\\a", "a\\b",
       "a\x00b", "a\n", "a b", "ä", "%2e%2e/a", ".hidden", "a/.b", "~/a", "C:a", "a" * 201,
       "/".join(["a" * 100] * 6), "\ud800"]  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    return Folder(tmp_path / "root", LIMIT, make=True)


def found(root):
    """Every file beneath, as what is in it."""
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*")
            if path.is_file()}  # fmt: skip


async def test_what_is_put_is_there_and_what_is_removed_is_not(folder, tmp_path):
    assert await folder.get("a/b/c.json") is None
    await folder.put("a/b/c.json", b"{}")
    await folder.put("a/b/c.json", b"[]")
    assert await folder.get("a/b/c.json") == b"[]"
    assert found(tmp_path / "root") == {"a/b/c.json": b"[]"}
    assert [names async for names in folder.names()] == [["a/b/c.json"]]
    await folder.remove("a/b/c.json")
    await folder.remove("a/b/c.json")
    await folder.remove("nothing/there")
    assert await folder.get("a/b/c.json") is None


@pytest.mark.parametrize("name", ODD, ids=ascii)
async def test_a_name_that_is_none_is_refused(folder, tmp_path, name):
    for asked in (folder.put(name, b"x"), folder.get(name), folder.remove(name)):
        with pytest.raises(RemoteRefused, match="not a name"):
            await asked
    assert list(tmp_path.iterdir()) == []


_PIECES = st.sampled_from(["..", ".", "/", "\\", "a", "b", "%2e", "\x00", "~", "-", "ж", ":", "C:"])
_SAFE = string.ascii_letters + string.digits + "._-/"


@given(st.one_of(st.lists(_PIECES, max_size=8).map("".join), st.text(max_size=20),
                 st.text(_SAFE, max_size=20)))  # fmt: skip
def test_no_name_at_all_leads_out_of_the_folder(name):
    with TemporaryDirectory() as around:
        root = Path(around, "in", "root")
        folder = Folder(root, LIMIT, make=True)

        async def put_and_get():
            await folder.put(name, b"x")
            return await folder.get(name)

        try:
            assert asyncio.run(put_and_get()) == b"x"
        except RemoteRefused:
            assert not list(Path(around).iterdir())
        else:
            assert list(found(Path(around))) == [f"in/root/{'/'.join(parts(name))}"]


async def test_a_link_beneath_leads_nowhere(folder, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_bytes(b"secret")
    await folder.put("a", b"x")
    root = tmp_path / "root"
    (root / "way").symlink_to(outside)
    (root / "file").symlink_to(outside / "secret")
    for asked in (folder.get("way/secret"), folder.put("way/new", b"x"),
                  folder.remove("way/secret"), folder.get("file")):  # fmt: skip
        with pytest.raises(RemoteRefused):
            await asked
    await folder.put("file", b"ours")
    assert await folder.get("file") == b"ours"
    assert found(outside) == {"secret": b"secret"}


async def test_what_is_no_file_is_not_read(folder, tmp_path):
    await folder.put("a/b", b"x")
    os.mkfifo(tmp_path / "root" / "pipe")
    for name in ("pipe", "a"):
        with pytest.raises(RemoteRefused):
            await folder.get(name)
    for asked in (folder.put("a", b"x"), folder.put("a/b/c", b"x"), folder.remove("a")):
        with pytest.raises(RemoteRefused):
            await asked
    assert found(tmp_path / "root") == {"a/b": b"x"}


async def test_what_is_larger_than_may_be_is_neither_put_nor_read(tmp_path):
    folder = Folder(tmp_path, 10)
    with pytest.raises(RemoteRefused, match="more than 10 bytes"):
        await folder.put("a", b"x" * 11)
    (tmp_path / "a").write_bytes(b"x" * 11)
    with pytest.raises(RemoteRefused, match="more than 10 bytes"):
        await folder.get("a")


async def test_a_folder_that_is_not_there_is_a_disk_that_is_away(tmp_path):
    folder = Folder(tmp_path / "not mounted", LIMIT)
    for asked in (folder.put("a", b"x"), folder.get("a"), folder.remove("a")):
        with pytest.raises(RemoteUnavailable) as raised:
            await asked
        assert str(tmp_path) not in str(raised.value)
    assert list(tmp_path.iterdir()) == []


#: A child that may write so many bytes to one file: what a full disk looks like, for anybody.
_NO_ROOM = """
    import asyncio, resource, signal, sys
    from pathlib import Path
    from app.errors import RemoteUnavailable
    from app.files.folder import Folder
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    folder = Folder(Path(sys.argv[1]), 1_000_000, make=True)
    asyncio.run(folder.put("a", b"before"))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
    try:
        asyncio.run(folder.put("a", b"x" * 5000))
    except RemoteUnavailable as error:
        print(error)
"""


def test_no_room_is_told_and_leaves_what_was_there(tmp_path):
    child = [sys.executable, "-c", textwrap.dedent(_NO_ROOM), str(tmp_path)]
    said = subprocess.run(child, capture_output=True, text=True, check=True)
    assert os.strerror(errno.EFBIG) in said.stdout
    assert found(tmp_path) == {"a": b"before"}


@pytest.mark.parametrize(("mode", "passing"), [(0o600, 0o700), (0o640, 0o750), (0o644, 0o755)])
async def test_who_may_read_files_may_pass_their_folders_whatever_the_umask(
    tmp_path, mode, passing
):
    before = os.umask(0o077)
    try:
        await Folder(tmp_path, LIMIT, mode=mode).put("a/b/c", b"x")
    finally:
        os.umask(before)
    modes = [(tmp_path / name).stat().st_mode & 0o777 for name in ("a/b/c", "a/b", "a")]
    assert modes == [mode, passing, passing]


async def test_many_at_once_leave_one_whole_file(folder, tmp_path):
    bodies = [bytes([n]) * 50_000 for n in range(20)]
    await asyncio.gather(*(folder.put("same/name", body) for body in bodies))
    assert await folder.get("same/name") in bodies
    assert list(found(tmp_path / "root")) == ["same/name"]


async def test_what_a_crash_left_half_written_is_no_file(folder, tmp_path):
    await folder.put("a/b", b"x")
    (tmp_path / "root" / "a" / f"{UNFINISHED}0123").write_bytes(b"half")
    assert [names async for names in folder.names()] == [["a/b"]]


async def test_a_large_file_is_held_once_in_memory(tmp_path):
    size = 50_000_000
    folder, body = Folder(tmp_path, size), os.urandom(size)
    tracemalloc.start()
    try:
        await folder.put("large", body)
        assert tracemalloc.get_traced_memory()[1] < size // 50
        assert await folder.get("large") == body
        assert tracemalloc.get_traced_memory()[1] < size * 1.05
    finally:
        tracemalloc.stop()
