"""The children's log files: opened for them, kept small, searched for problems."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

#: A log that has grown beyond this is copied to <name>.log.1 and emptied.
LARGEST: Final = 16 * 1024 * 1024
#: What one look at a log reads at most.
ONE_LOOK: Final = 64 * 1024


class Journal:
    """The folder of logs. Children append to their files themselves: no pipe, nothing to lose."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder
        self._read: dict[str, int] = {}

    def open(self, name: str) -> int:
        """A file descriptor that appends to the log of `name`; the caller closes it."""
        path = self.path(name)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        descriptor = os.open(path, flags, 0o600)
        self._read.setdefault(name, os.fstat(descriptor).st_size)
        return descriptor

    def path(self, name: str) -> Path:
        """The log of `name`."""
        return self._folder / f"{name}.log"

    def last_line(self, name: str) -> str:
        """The last line with something in it, cut to a console's width; empty without any."""
        path = self.path(name)
        if not path.exists():
            return ""
        with path.open("rb") as log:
            log.seek(max(0, path.stat().st_size - ONE_LOOK))
            lines = [line for line in log.read().decode(errors="replace").splitlines() if line]
        return _event(lines[-1])[:300] if lines else ""

    def problems(self) -> Iterator[tuple[str, str]]:
        """(name, event) for each error line written since the last look."""
        for name, seen in self._read.items():
            path = self.path(name)
            if not path.exists():  # somebody took it away; its child writes on, unseen
                continue
            size = path.stat().st_size
            start = 0 if size < seen else max(seen, size - ONE_LOOK)
            if size == start:
                continue
            with path.open("rb") as log:
                log.seek(start)
                fresh = log.read(size - start)
            whole = fresh.rpartition(b"\n")[0]
            self._read[name] = start + len(whole)
            yield from ((name, line) for line in _errors(whole.decode(errors="replace")))

    def rotate(self) -> None:
        """Empty the logs that have grown too large; their writers append, so they may go on."""
        for path in self._folder.glob("*.log"):
            if path.stat().st_size > LARGEST:
                shutil.copyfile(path, path.with_suffix(".log.1"))
                os.truncate(path, 0)


def _errors(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if '"level": "error"' in line or '"level": "critical"' in line:
            yield _event(line)[:200]


def _event(line: str) -> str:
    """What a JSON line says; any other line as it is."""
    try:
        parsed = json.loads(line)
    except ValueError:
        return line.strip()
    return str(parsed.get("event", line)) if isinstance(parsed, dict) else line.strip()
