"""A folder of this machine as a place for files."""

from __future__ import annotations

import asyncio
import errno
import os
import secrets
import stat
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import Executor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, Final, TypeVar

from app.errors import RemoteRefused, RemoteUnavailable
from app.files.names import parts

#: What no waiting heals: the name leads over a link, through a file, or to a folder.
_NEVER: Final = frozenset({errno.ELOOP, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG})
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
#: A file's name while it is written begins so, which no name of a file does.
UNFINISHED: Final = ".part-"
T = TypeVar("T")


class Folder:
    """Files beneath one folder. Each step of a name is taken from the folder before it and never
    over a link, so nothing beneath leads out, even if somebody changes folders meanwhile."""

    def __init__(
        self, root: Path, limit: int, *,
        make: bool = False, mode: int = 0o600, threads: Executor | None = None,
    ) -> None:  # fmt: skip
        """`limit`: bytes of one file. `make`: the folder itself is made when it is not there;
        else that is taken for a disk that is not there. `mode`: who may read a file, whatever this
        process's umask; who may, may pass the folders made for it. `threads`: where the disk is
        waited for, by default the loop's own."""
        self._root = root
        self._limit = limit
        self._make = make
        self._mode = mode
        self._threads = threads

    async def put(self, name: str, body: bytes) -> None:
        """See `ports.Place`; on the disk when it returns."""
        found = parts(name)
        if len(body) > self._limit:
            raise RemoteRefused(f"a file of more than {self._limit} bytes")
        await self._aside(self._put, found, body)

    async def get(self, name: str) -> bytes | None:
        """See `ports.Place`."""
        return await self._aside(self._get, parts(name))

    async def remove(self, name: str) -> None:
        """See `ports.Place`."""
        await self._aside(self._remove, parts(name))

    async def names(self) -> AsyncIterator[list[str]]:
        """All names, some at a time; what was never finished is left out."""
        walk = self._walk()
        while found := await self._aside(next, walk, None):
            yield found

    async def _aside(self, work: Callable[..., T], *given: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *given)

    def _put(self, name: list[str], body: bytes) -> None:
        with (
            _as_ours(),
            self._open_root() as root,
            _descend(root, name[:-1], make=_passable(self._mode)) as folder,
        ):
            _write(folder, name[-1], body, self._mode)

    def _get(self, name: list[str]) -> bytes | None:
        with _as_ours(), self._open_root() as root:
            try:
                with _descend(root, name[:-1]) as folder:
                    return _read(folder, name[-1], self._limit)
            except FileNotFoundError:
                return None

    def _remove(self, name: list[str]) -> None:
        with (
            _as_ours(),
            self._open_root() as root,
            suppress(FileNotFoundError),
            _descend(root, name[:-1]) as folder,
        ):
            os.unlink(name[-1], dir_fd=folder)
            os.fsync(folder)

    @contextmanager
    def _open_root(self) -> Iterator[int]:
        if self._make:
            self._root.mkdir(mode=0o700, parents=True, exist_ok=True)
        root = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            yield root
        finally:
            os.close(root)

    def _walk(self) -> Iterator[list[str]]:
        with _as_ours(), self._open_root() as root:
            for folder, _, files, _ in os.fwalk(".", dir_fd=root):
                names = [os.path.normpath(f"{folder}/{one}") for one in files if one[0] != "."]
                if names:
                    yield names


@contextmanager
def _descend(root: int, folders: list[str], *, make: int = 0) -> Iterator[int]:
    """The folder these lead to, open; its number is good within the block. `make`: those that are
    not there are made, with this mode."""
    folder = os.dup(root)
    try:
        for part in folders:
            new = bool(make) and _make_folder(folder, part)
            below = os.open(part, _FOLDER, dir_fd=folder)
            os.close(folder)
            folder = below
            if new:
                os.fchmod(folder, make)
        yield folder
    finally:
        os.close(folder)


def _passable(mode: int) -> int:
    """The mode of folders whose files have this one: who reads may enter, and writing is ours."""
    return 0o200 | (mode & 0o444) | (mode & 0o444) >> 2


def _make_folder(parent: int, name: str) -> bool:
    try:
        os.mkdir(name, mode=0o700, dir_fd=parent)
    except FileExistsError:
        return False
    os.fsync(parent)
    return True


def _write(folder: int, name: str, body: bytes, mode: int) -> None:
    unfinished = f"{UNFINISHED}{secrets.token_hex(8)}"
    file = os.open(unfinished, _NEW, mode=0o600, dir_fd=folder)
    with ExitStack() as undo:
        undo.callback(_discard, folder, unfinished)
        with open(file, "wb", buffering=0) as opened:  # noqa: PTH123 - a number, no path
            rest = memoryview(body)
            while rest:
                rest = rest[opened.write(rest) :]
            os.fchmod(file, mode)
            os.fsync(file)
        os.rename(unfinished, name, src_dir_fd=folder, dst_dir_fd=folder)
        undo.pop_all()
    os.fsync(folder)


def _discard(folder: int, name: str) -> None:
    with suppress(OSError):
        os.unlink(name, dir_fd=folder)


def _read(folder: int, name: str, limit: int) -> bytes:
    # Not blocking: a pipe that somebody put there would be waited for.
    file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    with open(file, "rb", buffering=0) as opened:  # noqa: PTH123 - a number, no path
        about = os.fstat(file)
        if not stat.S_ISREG(about.st_mode):
            raise RemoteRefused("not a file")
        if about.st_size > limit:
            raise RemoteRefused(f"a file of more than {limit} bytes")
        return opened.read()


@contextmanager
def _as_ours() -> Iterator[None]:
    """What the system says, without paths: full, away or not allowed may be mended."""
    try:
        yield
    except OSError as error:
        said = os.strerror(error.errno) if error.errno else type(error).__name__
        if error.errno in _NEVER:
            raise RemoteRefused(f"the folder: {said}") from None
        raise RemoteUnavailable(f"the folder: {said}") from None
