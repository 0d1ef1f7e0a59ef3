"""Settings, read once from the environment by whoever starts a process; every mistake named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit

from app import signing
from app.alarm.address import Hook, Mailing, hook_url, mail_server, mailbox, mailboxes
from app.db.address import each_host
from app.domain.client import version
from app.errors import SettingsInvalid
from app.files.address import Address, read_address, with_secret

T = TypeVar("T")

LANGUAGES: Final = ("ru", "en")
_MEGABYTES: Final = "megabytes, up to 2000"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that differs between machines; times in seconds."""

    data: Path
    https_port: int
    http_port: int
    database_url: str | None  #: None: the embedded PostgreSQL under `data`
    database_timeout: float | None  #: for one host of it; None: as usual
    database_statements: int  #: prepared statements a connection keeps
    sandbox: bool
    sandbox_rate: float  #: orders a minute the stand-in makes up
    sandbox_port: int
    sandbox_markets: str  #: other marketplaces that play along: "all", "none", or their names
    master_key: str | None  #: Fernet keys, comma separated, the first one seals
    language: str
    telegram_token: str | None
    telegram_api: str
    telegram_updates: str  #: how what people write and press comes in: polling, webhook or off
    public_url: str | None  #: the portal as people reach it; None: messages have no link to it
    marking_api: str | None  #: the marking system's address; None: nobody is asked
    marking_key: str | None
    mailing: Mailing | None  #: the second way out by e-mail; None: there is none
    hook: Hook | None  #: the second way out by webhook
    documents_every: int
    rules: Path | None  #: a folder with the retailer's own rules of monitoring
    tls_certificate: Path  #: the gateway's, in PEM: watched for its end
    original_account: str | None  #: the account behind /sbermarket/orders/hook/
    files: Address  #: where files are kept
    files_limit: int  #: bytes of one file
    minimum_client: tuple[int, ...]  #: handhelds older than this must update; empty: any will do
    release: str  #: which release this is, as who installed it names it; "": nobody did
    under_test: bool  #: allows a database that may forget (fsync off)

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        """Read HUB_* variables; raises SettingsInvalid with one line per mistake."""
        read = _Reader(env)
        data = Path(env.get("HUB_DATA") or "var").resolve()
        settings = cls(
            data=data,
            https_port=read("HUB_HTTPS_PORT", "8443", _port),
            http_port=read("HUB_HTTP_PORT", "8080", _port),
            database_url=read("HUB_DATABASE_URL", "", _database_url),
            database_timeout=read.some("HUB_DATABASE_CONNECT_TIMEOUT", _positive),
            database_statements=read("HUB_DATABASE_STATEMENT_CACHE", "256", _statements),
            sandbox=read("HUB_SANDBOX", "0", _switch),
            sandbox_rate=read("HUB_SANDBOX_RATE", "6", _not_negative),
            sandbox_port=read("HUB_SANDBOX_PORT", "8090", _port),
            sandbox_markets=read("HUB_SANDBOX_MARKETS", "all", str),
            master_key=env.get("HUB_MASTER_KEY") or None,
            language=read("HUB_LANG", "ru", _language),
            telegram_token=env.get("HUB_TELEGRAM_TOKEN") or None,
            telegram_api=read("HUB_TELEGRAM_API", "https://api.telegram.org", _http_url),
            telegram_updates=read("HUB_TELEGRAM_UPDATES", "polling", _updates),
            public_url=read("HUB_PUBLIC_URL", "", _no_url),
            marking_api=read("HUB_MARKING_API", "", _no_url),
            marking_key=env.get("HUB_MARKING_KEY") or None,
            mailing=_mailing(read),
            hook=_hook(read),
            tls_certificate=Path(env.get("HUB_TLS_CERTIFICATE") or data / "tls" / "hub.pem"),
            documents_every=int(read("HUB_DOCUMENTS_EVERY", "3600", _positive)),
            rules=Path(env["HUB_RULES"]).resolve() if env.get("HUB_RULES") else None,
            original_account=env.get("HUB_ORIGINAL_ACCOUNT") or None,
            files=_files(read, data),
            files_limit=int(read("HUB_FILES_LIMIT", "50", _megabytes) * 1_000_000),
            minimum_client=read("HUB_MINIMUM_CLIENT", "0", _version),
            release=read("HUB_RELEASE", "", str),
            under_test=read("HUB_UNDER_TEST", "0", _switch),
        )
        if (settings.marking_api is None) is not (settings.marking_key is None):
            read.mistakes.append("HUB_MARKING_API and HUB_MARKING_KEY must be set together")
        if settings.telegram_updates == "webhook" and not _is_https(settings.public_url):
            read.mistakes.append("HUB_TELEGRAM_UPDATES=webhook needs an HTTPS HUB_PUBLIC_URL")
        if read.mistakes:
            raise SettingsInvalid("\n".join(read.mistakes))
        return settings


class _Reader:
    """Reads one variable at a time and remembers what was wrong."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self.mistakes: list[str] = []

    def __call__(self, name: str, default: str, parse: Callable[[str], T]) -> T:
        given = self._env.get(name) or default
        try:
            return parse(given)
        except ValueError as error:
            shown = "" if parse in _SECRET else f", not {given!r}"
            self.mistakes.append(f"{name} must be {error}{shown}")
            return parse(default)

    def some(self, name: str, parse: Callable[[str], T]) -> T | None:
        """A variable that need not be there."""
        try:
            return self(name, "", parse) if self._env.get(name) else None
        except ValueError:  # noted; there is no default that would be right
            return None


def _mailing(read: _Reader) -> Mailing | None:
    server, sender, to = (
        read.some("HUB_ALARM_SMTP", mail_server),
        read.some("HUB_ALARM_FROM", mailbox),
        read.some("HUB_ALARM_TO", mailboxes),
    )
    if server and sender and to:
        return Mailing(server, sender, to)
    if (server or sender or to) and not read.mistakes:
        together = "HUB_ALARM_SMTP, HUB_ALARM_FROM and HUB_ALARM_TO must be set together"
        read.mistakes.append(together)
    return None


def _hook(read: _Reader) -> Hook | None:
    url, key = read.some("HUB_ALARM_WEBHOOK", hook_url), read.some("HUB_ALARM_SECRET", signing.key)
    if key and not url and not read.mistakes:
        read.mistakes.append("HUB_ALARM_SECRET is set, HUB_ALARM_WEBHOOK is not")
    return Hook(url, key or b"") if url else None


def _files(read: _Reader, data: Path) -> Address:
    """A folder beneath `data` when nobody says where."""
    usual, before = data / "files", len(read.mistakes)
    found = read.some("HUB_FILES", read_address) or usual
    if len(read.mistakes) > before:
        return usual
    try:
        return with_secret(found, read("HUB_FILES_SECRET", "", str))
    except ValueError as error:
        read.mistakes.append(f"HUB_FILES_SECRET must be {error}")
        return usual


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise ValueError("a port number from 1 to 65535")
    return int(text)


def _switch(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError("0 or 1")
    return text == "1"


def _version(text: str) -> tuple[int, ...]:
    found = version(text)
    if found is None:
        raise ValueError("a version in dotted numbers, like 1.12")
    return found


def _number(text: str, expected: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not 0 <= value < 1e9:
        raise ValueError(expected)
    return value


def _not_negative(text: str) -> float:
    return _number(text, "a number, 0 or more")


def _positive(text: str) -> float:
    if (value := _number(text, "a number greater than 0")) == 0:
        raise ValueError("a number greater than 0")
    return value


def _megabytes(text: str) -> float:
    if not 0.001 <= (value := _number(text, _MEGABYTES)) <= 2000:
        raise ValueError(_MEGABYTES)
    return value


def _language(text: str) -> str:
    if text not in LANGUAGES:
        raise ValueError("ru or en")
    return text


def _updates(text: str) -> str:
    if text not in ("polling", "webhook", "off"):
        raise ValueError("polling, webhook or off")
    return text


def _is_https(url: str | None) -> bool:
    return (url or "").startswith("https://")


def _http_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("an http(s) URL")
    return text.rstrip("/")


def _no_url(text: str) -> str | None:
    return _http_url(text) if text else None


def _database_url(text: str) -> str | None:
    if text:
        each_host(text)
    return text or None


def _statements(text: str) -> int:
    if not text.isdecimal() or int(text) > 10_000:
        raise ValueError("a whole number from 0 to 10000")
    return int(text)


#: What these read may hold a password: it is not shown.
_SECRET: Final = frozenset({_database_url, mail_server, hook_url, signing.key, read_address})
