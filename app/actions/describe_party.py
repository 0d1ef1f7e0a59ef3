"""Who sells and who buys, as `orderhub setup` takes it: requisites, checked while they are read."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import UNSET, Meta, UnsetType

from app.domain.requisites import mistakes

#: One line that any paper can print, XML ones too.
_LINE: Final = r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029\ufffe\uffff]*$(?!\n)"
_Long = Annotated[str, Meta(max_length=1000, pattern=_LINE)]
_Middle = Annotated[str, Meta(max_length=255, pattern=_LINE)]
_Short = Annotated[str, Meta(max_length=100, pattern=_LINE)]
_Number = Annotated[str, Meta(max_length=50, pattern=_LINE)]

#: What numbers of documents begin with.
Series = Annotated[str, Meta(pattern=r"^[0-9A-Za-zА-Яа-яЁё]{0,10}$(?!\n)")]


class PartySetUp(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One side of a sale, by the names of Party, and whole: what is not said is not known."""

    legal_name: _Long = ""
    inn: _Number = ""
    kpp: _Number = ""
    ogrn: _Number = ""
    address: _Long = ""
    phone: _Middle = ""
    bank: _Long = ""
    bik: _Number = ""
    bank_account: _Number = ""
    correspondent_account: _Number = ""
    signer: _Middle = ""
    signer_post: _Middle = ""
    key: _Short = ""
    contract: _Middle = ""
    contract_date: _Number = ""
    edo: _Number = ""
    ogrn_date: _Number = ""

    def said(self) -> dict[str, str]:
        """What is known of it, without spaces at the ends."""
        said: dict[str, str] = msgspec.to_builtins(self)
        return {name: bare for name, value in said.items() if (bare := value.strip())}

    def wrong(self, whose: str) -> list[str]:
        """A sentence for each mistake, with whose requisites they are."""
        return [f"{whose}: {sentence}" for sentence in mistakes(self.said())]


#: Requisites that stay as they are when nothing is said of them.
Requisites = PartySetUp | UnsetType


def said_of(party: Requisites) -> dict[str, str] | None:
    """What is to be kept of a party, None when nothing was said and all stays."""
    return None if party is UNSET else party.said()


def wrong_in(party: Requisites, whose: str) -> list[str]:
    """What is wrong with a party of which something was said."""
    return [] if party is UNSET else party.wrong(whose)
