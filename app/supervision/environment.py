"""The environment of the children: what the user set, and what this run made up for itself."""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from shutil import rmtree
from typing import Final

from app.errors import SettingsInvalid
from app.sandbox import credentials, markets
from app.sandbox.credentials import Credentials
from app.settings import Settings

#: Where the made-up variables stand, so that `orderhub` in another terminal meets the same hub.
FILE: Final = "environment.json"
#: glibc gives memory back that a PIN's hash took (19 MB), instead of keeping it for each thread.
FRUGAL: Final = {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "131072"}
#: Variables of the user's that stand there too; none of them is a secret.
SHARED: Final = ("HUB_SANDBOX", "HUB_SANDBOX_PORT", "HUB_HTTPS_PORT", "HUB_HTTP_PORT", "HUB_LANG")


def children(settings: Settings, env: Mapping[str, str], database_url: str) -> dict[str, str]:
    """The variables for every child; what another terminal needs goes to environment.json."""
    made_up = {"HUB_DATA": str(settings.data), "HUB_DATABASE_URL": database_url}
    if settings.master_key is None and (settings.database_url is None or settings.sandbox):
        made_up["HUB_MASTER_KEY"] = master_key(settings.data / "master.key")
    if settings.rules is not None:
        made_up["HUB_RULES"] = str(settings.rules)
    if settings.sandbox:
        demo = sandbox(settings)
        telegram = demo["telegram"]
        made_up["HUB_SANDBOX"] = "1"
        made_up["HUB_SANDBOX_PORT"] = str(settings.sandbox_port)
        made_up["HUB_TELEGRAM_API"] = telegram["api_url"]
        made_up["HUB_TELEGRAM_TOKEN"] = telegram["token"]
        made_up["HUB_PUBLIC_URL"] = env.get("HUB_PUBLIC_URL") or demo["base_url"]
        made_up["HUB_MARKING_API"] = demo["marking"]["api_url"]
        made_up["HUB_MARKING_KEY"] = demo["marking"]["key"]
        made_up["HUB_ORIGINAL_ACCOUNT"] = demo["accounts"][0]["name"]
        made_up["HUB_DOCUMENTS_EVERY"] = env.get("HUB_DOCUMENTS_EVERY") or "60"
    shared = {name: env[name] for name in SHARED if env.get(name)}
    write_private(settings.data / FILE, json.dumps({**shared, **made_up}, indent=2) + "\n")
    counted = {"PROMETHEUS_MULTIPROC_DIR": str(metrics_folder(settings.data))}
    return {**FRUGAL, **env, **made_up, **counted, "PYTHONUNBUFFERED": "1"}


def metrics_folder(data: Path) -> Path:
    """Where all processes count, so that /metrics of any worker tells of all; new at each start."""
    folder = data / "run" / "metrics"
    rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def of_running(env: Mapping[str, str]) -> dict[str, str]:
    """The user's variables, and beneath them what the hub on the same HUB_DATA made up."""
    file = Path(env.get("HUB_DATA") or "var").resolve() / FILE
    made_up = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return {**made_up, **{name: value for name, value in env.items() if value}}


def sandbox(settings: Settings) -> Credentials:
    """The sandbox's set-up: made at the first start, later only its addresses are brought up."""
    file = settings.data / "sandbox.json"
    base_url = f"https://localhost:{settings.https_port}"
    authority = str(settings.data / "tls" / "ca.pem")
    if file.exists():
        kept = credentials.load(file)
        fresh = credentials.refresh(kept, base_url, authority, settings.sandbox_port)
    else:
        fresh = credentials.make(base_url, authority, settings.sandbox_port, secrets.token_hex)
    try:
        names = markets.chosen(settings.sandbox_markets)
    except ValueError as error:
        raise SettingsInvalid(f"HUB_SANDBOX_MARKETS: {error}") from None
    fresh = markets.introduce(fresh, names, settings.sandbox_port)
    credentials.save(file, fresh)
    return fresh


def master_key(file: Path) -> str:
    """The Fernet key in this file; made at the first call."""
    if not file.exists():
        write_private(file, base64.urlsafe_b64encode(secrets.token_bytes(32)).decode() + "\n")
    return file.read_text(encoding="utf-8").strip()


def write_private(file: Path, text: str) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    unfinished = file.with_name(f".{file.name}.new")
    unfinished.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(unfinished, flags, 0o600), "w", encoding="utf-8") as new:
        new.write(text)
    unfinished.replace(file)
