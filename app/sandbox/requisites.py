"""Who sells and who buys in the demo: invented companies whose numbers have right check digits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.sandbox.credentials import Store

#: The chain that sells.
SELLER: Final[Mapping[str, str]] = {
    "legal_name": "ООО «Пример»",
    "inn": "7700000016",
    "kpp": "770001001",
    "ogrn": "1027700000008",
    "address": "101000, г. Москва, ул. Примерная, д. 1, помещ. 2",
    "phone": "+7 495 000-00-01",
    "bank": "АО «Банк Пример», г. Москва",
    "bik": "044525999",
    "bank_account": "40702810600000000001",
    "correspondent_account": "30101810600000000999",
    "signer": "Образцова Анна Сергеевна",
    "signer_post": "Главный бухгалтер",
    "key": "00-000001",
    "edo": "2BM-7700000016-770001001-202601120900",
}

#: The marketplace as the buyer of documents.
BUYER: Final[Mapping[str, str]] = {
    "legal_name": "ООО «Маркетплейс для примера»",
    "inn": "7800000027",
    "kpp": "780001001",
    "ogrn": "1037800000006",
    "address": "190000, г. Санкт-Петербург, Примерный пр., д. 10",
    "key": "00-000002",
    "contract": "1-К/2026",
    "contract_date": "2026-01-12",
    "edo": "2BM-7800000027-780001001-202601120900",
}
_TOWNS: Final[Mapping[str, str]] = {
    "MSK-07": "г. Москва, ул. Тестовая, д. 7",
    "MSK-12": "г. Москва, ул. Примерная, д. 12",
    "EKB-03": "г. Екатеринбург, ул. Образцовая, д. 3",
}


def shop(store: Store) -> dict[str, str]:
    """How papers name a shop of the demo, where goods leave from."""
    place = _TOWNS.get(store["code"], store["name"])
    return {"legal_name": store["name"], "address": place, "key": f"СК-{store['code']}"}
