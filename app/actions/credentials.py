"""Secrets of accounts: made by us, given by people, one valid beside the next, ended for a leak."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from app.actions.account_check import held
from app.contract import SecretKind
from app.db import account_desk, accounts
from app.db.accounts import FRESH
from app.db.conn import Conn
from app.db.sealing import Seal
from app.domain.refusals import Code, Refused
from app.errors import SettingsInvalid
from app.plugin import Marketplace
from app.signing import secret_of

#: Seconds the former version stays valid: unless somebody says, a day; never less than workers may
#: go on with what they know, and at most a quarter of a year.
USUAL: Final = 24 * 3600.0
LEAST: Final = 2 * FRESH
MOST: Final = 90 * 24 * 3600.0
_TOO_SOON: Final = (
    "secret {}: it would end before the former one, and none be left: say a later day, or a shorter"
    " overlap"
)
#: How a secret may look, the most usual first.
_FORMS: Final[tuple[Callable[[], str], ...]] = (
    lambda: secrets.token_urlsafe(32),
    lambda: secret_of(secrets.token_bytes(32)),
    lambda: secrets.token_hex(32),
    lambda: secrets.token_hex(16),
)


@dataclass(frozen=True, slots=True)
class NewSecret:
    """One more version of a kind. `secret` None: the hub makes it. `overlap`: seconds the former
    ones stay valid; `until`: when the marketplace takes this one no more, if it says."""

    kind: str
    secret: str | None = field(default=None, repr=False)
    overlap: float = USUAL
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rotated:
    """The new version's number; the secret when the hub made it, which nobody is told again."""

    version: int
    secret: str | None = field(repr=False)


def new_secret(kind: SecretKind) -> str:
    """A secret of this kind's shape that nobody can guess; SettingsInvalid when we make none."""
    for form in _FORMS:
        found = form()
        if re.fullmatch(kind.shape, found):
            return found
    raise SettingsInvalid(f"secret {kind.name}: say it, the hub makes none of its shape")


async def rotate(
    conn: Conn, seal: Seal, marketplaces: Mapping[str, Marketplace], code: str, new: NewSecret,
    *, who: str,
) -> Rotated:  # fmt: skip
    """Add a version, which is used from now on; those before it stay valid for a while, so that no
    call fails on either side. Refused or SettingsInvalid, and nothing changed, otherwise."""
    found = await held(conn, code)
    marketplace = marketplaces.get(found.adapter)
    if marketplace is None:
        raise SettingsInvalid(f"there is no adapter {found.adapter!r} here")
    kind = next((each for each in marketplace.profile.secrets if each.name == new.kind), None)
    if kind is None:
        raise Refused(Code.CREDENTIAL_NOT_FOUND, kind=new.kind)
    if new.secret is None and not kind.ours:
        raise SettingsInvalid(f"secret {kind.name} is made by the marketplace: say it")
    secret = new.secret or new_secret(kind)
    if re.fullmatch(kind.shape, secret) is None:
        raise SettingsInvalid(f"secret {kind.name}: it does not look like one")
    known = (await accounts.opened(conn, seal, found.id)).secrets.get(kind.name, ())
    if secret in known[:1]:
        raise SettingsInvalid(f"secret {kind.name}: this is the one that is valid already")
    overlap = max(LEAST, min(new.overlap, MOST))
    if new.until is not None and not await account_desk.outlives(conn, new.until, overlap):
        raise SettingsInvalid(_TOO_SOON.format(kind.name))
    sealed = seal.close(secret)
    version = await account_desk.add_version(conn, found.id, kind.name, sealed, (who, new.until))
    await account_desk.end_older(conn, found.id, kind.name, version, overlap)
    detail = {"kind": kind.name, "version": version, "overlap": round(overlap)}
    await account_desk.note(conn, found.id, who, "rotated", detail)
    return Rotated(version, None if new.secret else secret)


async def revoke(conn: Conn, code: str, kind: str, version: int | None, who: str) -> list[int]:
    """End versions of a kind at once and for good (None: all of them); which they were. Workers may
    go on with what they know for FRESH seconds. Refused when there are none."""
    found = await held(conn, code)
    gone = await account_desk.revoke(conn, found.id, kind, version, who)
    if not gone:
        raise Refused(Code.CREDENTIAL_NOT_FOUND, kind=kind)
    await account_desk.note(conn, found.id, who, "revoked", {"kind": kind, "versions": gone})
    return gone
