"""The documentation pages: /docs for people, /openapi.json for programs."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.http import pages
from app.http.docs_parts import limits, parts, statuses
from app.http.errors import language_of
from app.http.openapi import codes
from app.render.language import say


async def home(_request: Request) -> Response:
    """A person at the front door is shown the documentation."""
    return RedirectResponse("/docs", 307)


async def openapi(request: Request) -> Response:
    """The document for programs."""
    return Response(msgspec.json.encode(_api(request)), media_type="application/json")


async def page(request: Request) -> Response:
    """The same for people, in their language."""
    language = language_of(request)
    return pages.page(
        request,
        "docs.html",
        api=_api(request),
        parts=parts(_api(request)),
        statuses=statuses(_api(request)),
        limits=limits,
        codes=[(code, status, say(language, code)) for code, status in codes()],
    )


def _api(request: Request) -> dict[str, Any]:
    document: dict[str, Any] = request.app.state.openapi
    return document
