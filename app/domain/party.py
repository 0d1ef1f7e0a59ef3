"""Who sells and who buys, as Russian papers name them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a sale. Everything is text as papers print it; what is not known is ''.

    `inn` has ten digits for a company, twelve for a person in business, who has no `kpp`, but a
    day of registration, `ogrn_date`. `key`: what the ERP calls them; `contract`, `contract_date`:
    the agreement between the two, where the party is the buyer. `signer`, `signer_post`: who signs.
    `edo`: the party's name with its operator of electronic documents, such as 2BM-7701234560-….
    """

    legal_name: str = ""
    inn: str = ""
    kpp: str = ""
    ogrn: str = ""
    address: str = ""
    phone: str = ""
    bank: str = ""
    bik: str = ""
    bank_account: str = ""
    correspondent_account: str = ""
    signer: str = ""
    signer_post: str = ""
    key: str = ""
    contract: str = ""
    contract_date: str = ""
    edo: str = ""
    ogrn_date: str = ""


#: What a party may be said to have.
NAMES: Final = tuple(field.name for field in fields(Party))
_OF_CUSTOMER: Final = {"legal_name": "name", "kpp": "kpp", "address": "legalAddress"}


def of_customer(customer: Mapping[str, str]) -> Party | None:
    """A business that ordered for itself, from the four things papers may name of a customer (what
    СМ calls them); None when it gave no INN: then it is a buyer like any other, and not named."""
    inn = customer.get("inn", "").strip()
    if not inn:
        return None
    given = {ours: customer.get(theirs, "").strip() for ours, theirs in _OF_CUSTOMER.items()}
    return Party(inn=inn, **given)
