"""Who sells and who buys, as Russian papers name them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a sale. Everything is text as papers print it; what is not known is ''.

    `inn` has ten digits for a company, twelve for a person in business, who has no `kpp`. `key`:
    what the ERP calls them; `contract` and `contract_date`: the agreement between the two, where
    the party is the buyer. `signer`, `signer_post`: who signs.
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


#: What a party may be said to have.
NAMES: Final = tuple(field.name for field in fields(Party))
