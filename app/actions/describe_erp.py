"""What `orderhub setup` takes of an ERP that documents go to, and what becomes of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from app.domain.destination import Destination, Way
from app.domain.document import SOLD, Kind
from app.domain.paper import FORMS
from app.erp.shapes import check
from app.errors import SettingsInvalid
from app.identifiers import new_id

Code = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$(?!\n)")]
Secret = Annotated[str, Meta(min_length=1, max_length=20_000)]
Token = Annotated[str, Meta(min_length=24, max_length=200, pattern=r"^[\x21-\x7e]*$(?!\n)")]


class DestinationSetUp(msgspec.Struct, forbid_unknown_fields=True):
    """Where documents go: `way` and its settings and secrets (docs/erp.md), in which form, which
    kinds (sales and what changes them, as far as the form can say it). `token`: what its ERP shows
    when it fetches or acknowledges; secrets and token that are not said stay."""

    code: Code
    way: Way
    form: str = "json"
    language: Literal["ru", "en"] = "ru"
    kinds: list[Kind] = []
    settings: dict[str, Any] = {}
    secrets: dict[str, Secret | list[Secret]] = {}
    token: Token | None = None


def destination_of(merchant_id: UUID, what: DestinationSetUp) -> Destination:
    """The destination it describes; nothing is checked yet."""
    form = FORMS.get(what.form)
    usual = SOLD & form.kinds or form.kinds if form else SOLD
    return Destination(
        id=new_id(),
        merchant_id=merchant_id,
        code=what.code,
        way=what.way,
        form=what.form,
        language=what.language,
        kinds=frozenset(what.kinds) or usual,
        settings=what.settings,
        secrets={
            kind: (said,) if isinstance(said, str) else tuple(said)
            for kind, said in what.secrets.items()
        },
    )


def mistakes_in(what: list[DestinationSetUp]) -> list[str]:
    """What is wrong with destinations, one line each."""
    found = []
    for each in what:
        if each.way is Way.PULL and each.token is None:
            found.append(f"destination {each.code}: an ERP that fetches needs a token")
        try:
            check(destination_of(new_id(), each))
        except SettingsInvalid as error:
            found.append(str(error))
    if len({each.code for each in what}) < len(what):
        found.append("the same destination stands there twice")
    return found
