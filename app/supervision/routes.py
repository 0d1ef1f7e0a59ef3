"""Which accounts' hooks a gateway sends to which cell: two small files that nginx includes.

`cells/<cell>.upstream` (who serves a cell) is written by whoever sets the gateway up; a route is
one line of `cells/accounts.routes`. Without these files all hooks are this cell's.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from app.errors import SettingsInvalid

ROUTES: Final = "accounts.routes"
#: In a route: this cell's own workers.
HERE: Final = "here"
_CELL: Final = re.compile(r"[a-z][a-z0-9_]{0,30}")
_ACCOUNT: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_LINE: Final = re.compile(r'"(?P<path>[^"]+)" cell_(?P<cell>\w+);')
#: The original's own hook, which names no account.
ORIGINAL: Final = "/sbermarket/orders/hook/"


def upstream(cell: str, servers: Iterable[str]) -> str:
    """What nginx must know of a cell: `servers` are its workers as its own gateway names them,
    `10.0.2.11:8101` or `unix:/run/…`."""
    lines = "".join(f"    server {_server(one)} max_fails=3 fail_timeout=1s;\n" for one in servers)
    return (
        f"upstream cell_{_named(cell)} {{\n    zone upstream_cell_{cell} 128k;\n    least_conn;\n"
        f"{lines}    keepalive 32;\n}}\n"
    )


def read(folder: Path) -> dict[str, str]:
    """Address of hooks → cell, as this gateway routes."""
    try:
        lines = (folder / ROUTES).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    found = [line for line in map(_LINE.fullmatch, lines) if line is not None]
    return {line["path"]: line["cell"] for line in found}


def write(folder: Path, routes: Mapping[str, str]) -> None:
    """All routes at once: nginx never sees half of them."""
    lines = [f'"{path}" cell_{cell};\n' for path, cell in sorted(routes.items())]
    new = folder / f".{ROUTES}.{os.getpid()}"
    new.write_text("".join(lines), encoding="utf-8")
    new.replace(folder / ROUTES)


def send_to(folder: Path, cell: str, accounts: Iterable[str]) -> None:
    """Route accounts, or the original's own hook by its path, to a cell, or back to this one.
    SettingsInvalid, and nothing changed, when the gateway does not know the cell or one of them can
    be no account."""
    paths = [_path(account) for account in accounts]
    if cell != HERE and not (folder / f"{_named(cell)}.upstream").is_file():
        raise SettingsInvalid(f"this gateway knows no cell {cell!r}: {folder}/{cell}.upstream")
    kept = {path: to for path, to in read(folder).items() if path not in paths}
    write(folder, kept if cell == HERE else kept | dict.fromkeys(paths, cell))


def _path(account: str) -> str:
    if account == ORIGINAL:
        return account
    if not _ACCOUNT.fullmatch(account):
        raise SettingsInvalid(f"{account!r} is no account's code")
    return f"/hooks/{account}"


def _named(cell: str) -> str:
    if not _CELL.fullmatch(cell):
        raise SettingsInvalid(f"a cell is called by small letters, digits and _, not {cell!r}")
    return cell


def _server(text: str) -> str:
    if not re.fullmatch(r"unix:/[\w./-]+|[\w.:\[\]-]+:\d{1,5}", text):
        raise SettingsInvalid(f"{text!r} is no host:port, and no unix:/path")
    return text
