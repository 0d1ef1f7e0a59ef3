"""Names of files as every place takes them: nothing in one leads anywhere else."""

from __future__ import annotations

import re
from typing import Final

from app.errors import RemoteRefused

#: Folders and a last part; none is empty, and none begins with a dot: neither `..` nor a hidden
#: file, so that what a place needs for itself may be called so.
_NAME: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
_LONGEST: Final = 512
#: What systems of files hold in one part, less what a name has while it is written.
_LONGEST_PART: Final = 200


def parts(name: str) -> list[str]:
    """Folders and file of a name; RemoteRefused for what is none."""
    found = name.split("/")
    if not _NAME.fullmatch(name) or len(name) > _LONGEST or max(map(len, found)) > _LONGEST_PART:
        raise RemoteRefused("not a name for a file here")
    return found
