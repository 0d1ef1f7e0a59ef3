"""The sandbox's front page: the stand-ins, what they counted, where to look."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from app.sandbox.erp.books import Books
from app.sandbox.kuper.stand_in import StandIn
from app.sandbox.marking.app import Register
from app.sandbox.telegram.bot import Bot
from app.sandbox.telegram.page.words import language

TEMPLATES: Final = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True
)

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "ru": {
        "title": "Тестовый контур",
        "lead": "Ненастоящие маркетплейс, Telegram, маркировка и ERP с настоящими протоколами.",
        "kuper": "СберМаркет (Купер)",
        "telegram": "Telegram",
        "marking": "Честный ЗНАК",
        "checks": "проверок",
        "codes": "кодов проверено",
        "unanswered": "без ответа",
        "marking_refused": "отказов",
        "erp": "Учётная система",
        "taken": "документов принято",
        "repeated": "повторных доставок",
        "erp_refused": "отказов",
        "open_books": "Открыть документы",
        "rate": "заказов в минуту",
        "orders": "заказов создано",
        "known": "в памяти",
        "webhooks": "событий принято хабом",
        "webhooks_refused": "отвергнуто хабом",
        "webhooks_repeated": "повторных отправок",
        "notifications": "уведомлений принято",
        "notifications_repeated": "повторных",
        "notifications_refused": "отвергнуто по правилам площадки",
        "messages": "сообщений в чатах",
        "limited": "отказов 429",
        "updates": "обновлений ждут бота",
        "refusals": "Последние отказы",
        "none": "Отказов не было.",
        "open_chats": "Открыть чаты",
        "state": "Состояние (JSON)",
        "switches": "Переключатели (JSON)",
        "states": "Заказы по состояниям",
        "markets": "Другие маркетплейсы",
    },
    "en": {
        "title": "Test contour",
        "lead": "Marketplace, Telegram, marking system, ERP: not real, but with real protocols.",
        "kuper": "SberMarket (Kuper)",
        "telegram": "Telegram",
        "marking": "Product marks",
        "checks": "checks",
        "codes": "codes checked",
        "unanswered": "left unanswered",
        "marking_refused": "refused",
        "erp": "ERP",
        "taken": "documents taken",
        "repeated": "delivered again",
        "erp_refused": "refused",
        "open_books": "Open the documents",
        "rate": "orders a minute",
        "orders": "orders created",
        "known": "remembered",
        "webhooks": "events the hub took",
        "webhooks_refused": "refused by the hub",
        "webhooks_repeated": "sent again",
        "notifications": "notifications taken",
        "notifications_repeated": "repeats",
        "notifications_refused": "refused by their rules",
        "messages": "messages in chats",
        "limited": "answers 429",
        "updates": "updates wait for the bot",
        "refusals": "Latest refusals",
        "none": "None so far.",
        "open_chats": "Open the chats",
        "state": "State (JSON)",
        "switches": "Switches (JSON)",
        "states": "Orders by state",
        "markets": "Other marketplaces",
    },
}


async def show(request: Request) -> Response:
    """`GET /`: counts of all stand-ins; refreshes itself."""
    kuper: StandIn = request.app.state.kuper
    bot: Bot = request.app.state.bot
    register: Register = request.app.state.register
    chosen = language(request.headers.get("Accept-Language", ""))
    html = TEMPLATES.get_template("index.html").render(
        language=chosen,
        words=WORDS[chosen],
        kuper=_kuper(kuper),
        telegram=_telegram(bot),
        marking=_marking(register),
        erp=_erp(request.app.state.books),
        states=_states(kuper),
        markets={name: bench.figures() for name, bench in request.app.state.benches.items()},
        refusals=list(reversed(kuper.dials.refusals))[:10],
    )
    return HTMLResponse(html, headers={"Cache-Control": "no-store", "Vary": "Accept-Language"})


def _kuper(kuper: StandIn) -> dict[str, Any]:
    counts = kuper.dials.counts
    return {
        "rate": f"{kuper.switches.rate:g}",
        "orders": counts["orders_created"],
        "webhooks": counts["webhooks_accepted"],
        "webhooks_refused": counts["webhooks_refused"] + counts["webhooks_given_up"],
        "webhooks_repeated": counts["webhooks_repeated"],
        "notifications": counts["notifications_accepted"],
        "notifications_repeated": counts["notifications_repeated"],
        "notifications_refused": counts["notifications_refused"]
        + counts["notifications_unauthorized"],
    }


def _telegram(bot: Bot) -> dict[str, Any]:
    return {
        "messages": sum(len(chat.messages) for chat in bot.chats),
        "limited": bot.counts["refused_429"],
        "updates": len(bot.updates),
    }


def _marking(register: Register) -> dict[str, Any]:
    counts = register.counts
    return {
        "checks": counts["checks"],
        "codes": counts["codes"],
        "unanswered": counts["away"] + counts["emergency"],
        "marking_refused": counts["refused_401"] + counts["refused_400"],
    }


def _erp(books: Books) -> dict[str, Any]:
    counts = books.counts
    return {
        "taken": counts["taken"],
        "repeated": counts["repeated"],
        "erp_refused": counts["refused_401"] + counts["refused_422"] + counts["doubles_refused"],
    }


def _states(kuper: StandIn) -> dict[str, int]:
    found: dict[str, int] = {}
    for shipment in kuper.book:
        found[shipment.state] = found.get(shipment.state, 0) + 1
    return found
