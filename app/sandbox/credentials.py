"""The demo set-up as one JSON file: addresses, accounts, stores, pickers, operators, Telegram.

Whoever starts the sandbox makes the file once; the hub's tables, the stand-ins and the robot are
all fed from it. Every name in it is invented.
"""

from __future__ import annotations

import base64
import json
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, NotRequired, TypedDict, cast
from uuid import NAMESPACE_OID, uuid5


class Api(TypedDict):
    """Where and how the hub sends its notifications; `token` is also the client secret."""

    url: str
    auth: str  #: client-token (with Api-Version) | bearer
    token: str


class Account(TypedDict):
    """One connection of the demo merchant to a marketplace."""

    name: str
    marketplace: str
    hook_url: str
    headers: dict[str, str]
    api: Api


class Store(TypedDict):
    """A demo shop; `external_id` is its number at the marketplace."""

    code: str
    name: str
    external_id: str
    timezone: str


class Picker(TypedDict):
    """A demo picker; badge and PIN are what the handheld asks for."""

    badge: str
    pin: str
    name: str
    store: str


class Client(TypedDict):
    """A picking application that speaks the original's protocol, and its token."""

    name: str
    token: str


class Operator(TypedDict):
    """A person who may sign in to the portal."""

    login: str
    password: str


class Telegram(TypedDict):
    """The bot, the one group it writes to, and the page that shows the chats."""

    api_url: str
    token: str
    page_url: str
    chat_id: int
    webhook_secret: NotRequired[str]


class Marking(TypedDict):
    """Where the marking system is asked, and with which participant's key."""

    api_url: str
    key: str


class Erp(TypedDict):
    """Where documents are posted to, and the secret they are signed with; its page."""

    url: str
    page_url: str
    secret: str


class Bucket(TypedDict):
    """A bucket that speaks S3, as settings name it, and its secret."""

    url: str
    secret: str


class Credentials(TypedDict):
    """The whole file."""

    base_url: str
    ca_file: str
    accounts: list[Account]
    stores: list[Store]
    pickers: list[Picker]
    supervisors: list[Picker]
    clients: list[Client]
    operators: list[Operator]
    telegram: Telegram
    marking: Marking
    erp: Erp
    bucket: Bucket
    markets: NotRequired[list[Any]]  #: see markets.Market


STORES: Final[tuple[Store, ...]] = (
    {
        "code": "MSK-07",
        "name": "Магазин на Тестовой",
        "external_id": "101",
        "timezone": "Europe/Moscow",
    },
    {
        "code": "MSK-12",
        "name": "Магазин на Примерной",
        "external_id": "102",
        "timezone": "Europe/Moscow",
    },
    {
        "code": "EKB-03",
        "name": "Магазин на Образцовой",
        "external_id": "103",
        "timezone": "Asia/Yekaterinburg",
    },
)

PICKERS: Final[tuple[Picker, ...]] = (
    {"badge": "1001", "pin": "4711", "name": "Ольга Тестова", "store": "MSK-07"},
    {"badge": "1002", "pin": "4712", "name": "Игорь Пробный", "store": "MSK-07"},
    {"badge": "1201", "pin": "4721", "name": "Марина Примерова", "store": "MSK-12"},
    {"badge": "1202", "pin": "4722", "name": "Тимур Образцов", "store": "MSK-12"},
    {"badge": "3001", "pin": "4731", "name": "Алия Учебная", "store": "EKB-03"},
    {"badge": "3002", "pin": "4732", "name": "Павел Черновик", "store": "EKB-03"},
)

#: They approve and administer, and stand at the desk where couriers come.
SUPERVISORS: Final[tuple[Picker, ...]] = (
    {"badge": "1009", "pin": "583026", "name": "Вера Показательная", "store": "MSK-07"},
    {"badge": "1209", "pin": "294617", "name": "Руслан Наглядный", "store": "MSK-12"},
    {"badge": "3009", "pin": "705843", "name": "Нина Условная", "store": "EKB-03"},
)

#: A picking application from the days of the original.
CLIENT: Final = "demo-picking"

#: A bucket that nothing is put into unless somebody says so, and the key it is for.
BUCKET: Final = "demo-bucket"
KEY_ID: Final = "demo"

CHAT_ID: Final = -1001000000001


def make(
    base_url: str, ca_file: str, sandbox_port: int, token_hex: Callable[[int], str]
) -> Credentials:
    """Build a fresh set-up.

    `token_hex(n)` returns n random bytes in hex; pass `secrets.token_hex`.
    """
    credentials: Credentials = {
        "base_url": "",
        "ca_file": "",
        "accounts": [_account("sm-demo", token_hex)],
        "stores": [store.copy() for store in STORES],
        "pickers": [picker.copy() for picker in PICKERS],
        "supervisors": [],
        "clients": [],
        "operators": [{"login": "duty", "password": token_hex(8)}],
        "telegram": {
            "api_url": "",
            "token": f"1234567890:{token_hex(16)}",
            "page_url": "",
            "chat_id": CHAT_ID,
        },
        "marking": {"api_url": "", "key": ""},
        "erp": {"url": "", "page_url": "", "secret": ""},
        "bucket": {"url": "", "secret": ""},
    }
    return refresh(credentials, base_url, ca_file, sandbox_port)


def refresh(kept: Mapping[str, Any], base_url: str, ca_file: str, sandbox_port: int) -> Credentials:
    """Put today's addresses and ports into a set-up whose secrets stay as they are."""
    credentials = cast("Credentials", json.loads(json.dumps(kept)))
    stand_ins = f"http://127.0.0.1:{sandbox_port}"
    credentials["base_url"] = base_url
    credentials["ca_file"] = ca_file
    # A set-up made before there were supervisors gets them, too.
    credentials["supervisors"] = [person.copy() for person in SUPERVISORS]
    for account in credentials["accounts"]:
        account["hook_url"] = f"{base_url}/hooks/{account['name']}"
        account["api"]["url"] = f"{stand_ins}/kuper/v1/notifications"
    credentials["telegram"]["api_url"] = f"{stand_ins}/telegram"
    credentials["telegram"]["page_url"] = f"{stand_ins}/telegram/"
    # From another secret, so that a set-up from before there were these gets them too.
    secret = credentials["telegram"]["token"]
    key = str(uuid5(NAMESPACE_OID, secret))
    credentials["marking"] = {"api_url": f"{stand_ins}/marking", "key": key}
    credentials["erp"] = _erp(stand_ins, secret)
    credentials["bucket"] = {
        "url": f"s3+{stand_ins.replace('//', f'//{KEY_ID}@')}/{BUCKET}",
        "secret": str(uuid5(NAMESPACE_OID, f"4{secret}")),
    }
    credentials["clients"] = [{"name": CLIENT, "token": str(uuid5(NAMESPACE_OID, f"1{secret}"))}]
    return credentials


def load(path: Path) -> Credentials:
    """Read the file; FileNotFoundError when the sandbox was never set up here."""
    return cast("Credentials", json.loads(path.read_text(encoding="utf-8")))


def save(path: Path, credentials: Credentials) -> None:
    """Write the file for its owner alone (0600), whole or not at all."""
    text = json.dumps(credentials, ensure_ascii=False, indent=2) + "\n"
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # 0600
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    Path(temporary).replace(path)


def _erp(stand_ins: str, secret: str) -> Erp:
    random = uuid5(NAMESPACE_OID, f"2{secret}").bytes + uuid5(NAMESPACE_OID, f"3{secret}").bytes
    signing = f"whsec_{base64.b64encode(random).decode()}"
    return {"url": f"{stand_ins}/erp/documents", "page_url": f"{stand_ins}/erp/", "secret": signing}


def _account(name: str, token_hex: Callable[[int], str]) -> Account:
    return {
        "name": name,
        "marketplace": "kuper",
        "hook_url": "",
        "headers": {"Client-Token": token_hex(24)},
        "api": {"url": "", "auth": "client-token", "token": token_hex(24)},
    }
