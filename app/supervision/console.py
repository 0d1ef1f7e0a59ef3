"""What the person who started the hub reads, in Russian or English."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Mapping
from typing import Any, Final

TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    "ru": {
        "starting": "Запускаю: {names}",
        "ready": "ready",
        "stopping": "Останавливаю…",
        "stopped": "Остановлено.",
        "died": "{name} завершился с кодом {code}: {last}",
        "killed": "{name} убит сигналом {signal}.",
        "back": "{name} снова работает.",
        "slowed": "{name} падает раз за разом: следующая попытка через {seconds} с.",
        "problem": "{name}: {event}",
        "restarted": "{name} перезапущен.",
        "roll_stopped": "Перезапуск прерван, остальные процессы не тронуты. {reason}",
        "hub": "Хаб заказов",
        "portal": "Шлюз",
        "api": "Описание API",
        "hook": "Вебхук {name}",
        "chats": "Чаты Telegram (песочница)",
        "authority": "Сертификат для доверия",
        "pickers": "Сборщики (бейдж / ПИН)",
        "supervisors": "Старшие смены (бейдж / ПИН)",
        "operators": "Операторы (логин / пароль)",
        "logs": "Журналы",
    },
    "en": {
        "starting": "Starting: {names}",
        "ready": "ready",
        "stopping": "Stopping…",
        "stopped": "Stopped.",
        "died": "{name} ended with code {code}: {last}",
        "killed": "{name} was killed by {signal}.",
        "back": "{name} is back.",
        "slowed": "{name} dies again and again: next try in {seconds} s.",
        "problem": "{name}: {event}",
        "restarted": "{name} restarted.",
        "roll_stopped": "The restart was broken off, the other processes were left alone. {reason}",
        "hub": "Order hub",
        "portal": "Gateway",
        "api": "API description",
        "hook": "Webhook {name}",
        "chats": "Telegram chats (sandbox)",
        "authority": "Certificate to trust",
        "pickers": "Pickers (badge / PIN)",
        "supervisors": "Supervisors (badge / PIN)",
        "operators": "Operators (login / password)",
        "logs": "Logs",
    },
}


class Console:
    """Says things of the table in one language."""

    def __init__(self, language: str) -> None:
        self._texts = TEXTS[language]

    def say(self, key: str, **values: object) -> None:
        """One line on standard output."""
        line = self._texts[key].format(**values).replace("\n", " ")
        with contextlib.suppress(OSError):  # the terminal may be gone
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()

    def block(self, base_url: str, logs: str, sandbox: Mapping[str, Any] | None) -> str:
        """Addresses and log-ins, one to a line, aligned; a new-line at the end."""
        rows = [("portal", f"{base_url}/"), ("api", f"{base_url}/docs"), ("logs", logs)]
        shown = [(self._texts[key], value) for key, value in rows]
        shown += self._sandbox_rows(sandbox) if sandbox else []
        width = max(len(label) for label, _ in shown)
        lines = [f"  {label:<{width}}  {value}" for label, value in shown]
        return "\n".join(["", self._texts["hub"], *lines, "", ""])

    def _sandbox_rows(self, sandbox: Mapping[str, Any]) -> list[tuple[str, str]]:
        texts = self._texts
        hooks = [
            (texts["hook"].format(name=account["name"]), str(account["hook_url"]))
            for account in sandbox["accounts"]
        ]
        users = [f"{user['login']} / {user['password']}" for user in sandbox["operators"]]
        return [
            *hooks,
            (texts["chats"], sandbox["telegram"]["page_url"]),
            *((texts[kind], _badges(sandbox[kind])) for kind in ("pickers", "supervisors")),
            (texts["operators"], ", ".join(users)),
            (texts["authority"], sandbox["ca_file"]),
        ]


def _badges(people: Iterable[Mapping[str, str]]) -> str:
    return ", ".join(f"{person['badge']} / {person['pin']}" for person in people)
