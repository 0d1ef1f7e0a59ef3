"""The stand-in's HTTP surface: the webhook, the page of what came, and a workbench to break it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import jinja2
import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from app.sandbox.answers import Ascii, LostAnswer
from app.sandbox.erp.books import Books, Entry
from app.sandbox.erp.verify import verify
from app.sandbox.switches import switched
from app.sandbox.telegram.page.words import language

#: Bytes of one document's file.
MOST: Final = 32 << 20
#: Documents on the page, and in the state unless more are asked for.
SHOWN: Final = 200
TEMPLATES: Final = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent), autoescape=True
)
WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "ru": {
        "title": "Учётная система", "lead": "Что пришло из хаба; новое сверху.",
        "number": "Номер здесь", "document": "Документ", "kind": "Вид", "total": "Сумма",
        "at": "Получен", "times": "Доставок", "none": "Пока ничего не пришло.",
        "sale": "реализация", "correction": "корректировка", "return": "возврат",
        "commission": "отчёт комиссионера", "receipt_advance": "чек на предоплату",
        "receipt_final": "чек полного расчёта", "receipt_return": "чек возврата",
    },
    "en": {
        "title": "ERP", "lead": "What came from the hub; the latest first.",
        "number": "Number here", "document": "Document", "kind": "Kind", "total": "Total",
        "at": "Received", "times": "Deliveries", "none": "Nothing has come yet.",
        "sale": "sale", "correction": "correction", "return": "return",
        "commission": "commission report", "receipt_advance": "receipt for an advance",
        "receipt_final": "final receipt", "receipt_return": "receipt for a return",
    },
}  # fmt: skip


def create_app(books: Books) -> Starlette:
    """Build the application; mount it under /erp."""
    app = Starlette(
        routes=[
            Route("/documents", take, methods=["POST"]),
            Route("/", page),
            Route("/_control", control, methods=["GET", "POST"]),
            Route("/_state", state),
        ]
    )
    app.state.books = books
    return app


async def take(request: Request) -> Response:
    """`POST /documents`: one document's file as a signed webhook."""
    books: Books = request.app.state.books
    body = await request.body()
    wrong = verify(books.secret, request.headers, body, books.clock().timestamp())
    if wrong is not None or len(body) > MOST:
        books.counts["refused_401"] += 1
        return Ascii({"error": wrong or "too large"}, status_code=401 if wrong else 413)
    if books.switches.delay:
        await asyncio.sleep(books.switches.delay)
    if (refusal := _refusal(books, request)) is not None:
        return refusal
    status, said = books.take(request.headers, body)
    if books.switches.lose_next:
        books.switches.lose_next -= 1
        books.counts["answers_lost"] += 1
        return LostAnswer()
    return Ascii(said, status_code=status)


def _refusal(books: Books, request: Request) -> Response | None:
    """What the switches ask for instead of taking it."""
    fail = books.switches.fail_next
    if fail.count:
        fail.count -= 1
        books.counts[f"failed_{fail.status}"] += 1
        wait = {} if fail.retry_after is None else {"retry-after": str(fail.retry_after)}
        return Ascii({"error": "not now"}, status_code=fail.status, headers=wait)
    if unquote(request.headers.get("x-document-number", "")) in books.switches.refuse:
        books.counts["refused_422"] += 1
        return Ascii({"error": "нет такого договора"}, status_code=422)
    return None


async def page(request: Request) -> Response:
    """`GET /`: what came; refreshes itself."""
    books: Books = request.app.state.books
    chosen = language(request.headers.get("Accept-Language", ""))
    html = TEMPLATES.get_template("page.html").render(
        language=chosen, words=WORDS[chosen], entries=_latest(books, SHOWN)
    )
    return HTMLResponse(html, headers={"Cache-Control": "no-store", "Vary": "Accept-Language"})


async def control(request: Request) -> Response:
    """`POST /_control`: change switches (see `Switches`); GET shows them."""
    return await switched(request, request.app.state.books)


async def state(request: Request) -> Response:
    """`GET /_state`: counts, switches, and the latest documents."""
    books: Books = request.app.state.books
    return Ascii(
        {
            "counts": dict(books.counts),
            "switches": msgspec.to_builtins(books.switches),
            "documents": [_shown(entry) for entry in _latest(books, SHOWN)],
        }
    )


def _latest(books: Books, count: int) -> list[Entry]:
    return list(reversed(books.entries.values()))[:count]


def _shown(entry: Entry) -> dict[str, Any]:
    return {
        "number": entry.number,
        "document_id": entry.document_id,
        "document_number": entry.document_number,
        "kind": entry.kind,
        "total": entry.total,
        "at": entry.at.isoformat(),
        "deliveries": dict(entry.deliveries),
        "body": entry.body.decode("utf-8", "replace"),
    }
