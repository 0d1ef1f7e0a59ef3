"""What a marketplace's words mean: said, taken back; whatever waited goes on in the same commit."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from app.actions.account_check import held
from app.contract import Profile
from app.db import account_desk, mappings
from app.db.account_desk import Managed
from app.db.conn import Conn
from app.domain.refusals import Code, Refused
from app.errors import SettingsInvalid
from app.plugin import Marketplace

#: Kinds that people know; an adapter may ask about others.
KINDS: Final = ("store", "goods", "unit", "status")
_KIND: Final = re.compile(r"[a-z_]{1,30}")
#: Characters of a word of theirs or ours.
LONGEST: Final = 200
#: Mistakes named at once.
_SHOWN: Final = 20


async def put(
    conn: Conn,
    marketplaces: Mapping[str, Marketplace],
    code: str,
    kind: str,
    said: Mapping[str, str],
    *,
    who: str,
) -> int:
    """Say what words mean, theirs to ours, in the caller's transaction; how many deliveries go on
    because of it. SettingsInvalid with a line for each mistake, and nothing said, for what is not
    ours. Refused when there is no such account."""
    found = await held(conn, code)
    marketplace = marketplaces.get(found.adapter)
    profile = marketplace.profile if marketplace is not None else None
    wrong = _misshapen(kind, said) or await _not_ours(conn, found, profile, kind, said)
    if wrong:
        more = [f"and {len(wrong) - _SHOWN} more"] if len(wrong) > _SHOWN else []
        raise SettingsInvalid("\n".join([*wrong[:_SHOWN], *more]))
    woken = await mappings.put(conn, found.id, kind, said, who)
    detail = {"kind": kind, "count": len(said), **(dict(said) if len(said) == 1 else {})}
    await account_desk.note(conn, found.id, who, "mapped", detail)
    return woken


async def remove(conn: Conn, code: str, kind: str, theirs: str, who: str) -> None:
    """Take back what a word means; orders that are here stay as they are. Refused for none."""
    found = await held(conn, code)
    if not await mappings.remove(conn, found.id, kind, theirs):
        raise Refused(Code.MAPPING_NOT_FOUND, kind=kind, theirs=theirs)
    await account_desk.note(conn, found.id, who, "unmapped", {"kind": kind, "theirs": theirs})


def _misshapen(kind: str, said: Mapping[str, str]) -> list[str]:
    if not _KIND.fullmatch(kind):
        return [f"no kind {kind[:40]!r}: it is {', '.join(KINDS)}, or what an adapter asks about"]
    words = [word for pair in said.items() for word in pair]
    return [
        f"a word has 1 to {LONGEST} characters and no NUL: {word[:40]!r}"
        for word in words
        if not 1 <= len(word.strip()) <= len(word) <= LONGEST or "\x00" in word
    ]


async def _not_ours(
    conn: Conn, found: Managed, profile: Profile | None, kind: str, said: Mapping[str, str]
) -> list[str]:
    ours = set(said.values())
    if kind == "store":
        missing = await mappings.no_stores(conn, found.merchant_id, ours)
        return [f"no store {code!r}" for code in sorted(missing)]
    if kind == "goods":
        missing = await mappings.no_goods(conn, found.merchant_id, ours)
        return [f"no goods {sku!r} in the catalogue" for sku in sorted(missing)]
    if kind == "status" and profile is not None and profile.statuses:
        known = ", ".join(profile.statuses)
        return [
            f"no status {word!r}: {known}" for word in sorted(ours) if word not in profile.statuses
        ]
    return []
