"""Folders for unix sockets: under HUB_DATA, or in the temporary folder where that is too long."""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Final

from app.supervision.refusal import CannotStart

#: What the kernel takes as a unix socket's path, without the closing zero byte.
LONGEST_PATH: Final = 107


def socket_folder(wanted: Path, longest_name: str, owners: tuple[int, ...] = ()) -> Path:
    """Make a private folder for sockets named at most like `longest_name`, and tell where it is.

    `owners`: user ids, besides our own, that may own it already. The answer for one `wanted` is
    always the same, so that every process finds the sockets. Raises CannotStart when somebody
    else sits there.
    """
    folder = wanted
    if len(os.fsencode(wanted / longest_name)) > LONGEST_PATH:
        digest = hashlib.sha256(os.fsencode(wanted)).hexdigest()[:16]
        folder = Path(tempfile.gettempdir()) / f"hub-{os.geteuid()}-{digest}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid not in (os.geteuid(), *owners):
        raise CannotStart(f"{folder} belongs to somebody else: remove it.")
    return folder
