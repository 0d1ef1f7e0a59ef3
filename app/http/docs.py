"""The documentation pages: /docs for people, /openapi.json for programs."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, Final

import jinja2
import msgspec
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.http.docs_parts import limits, parts, statuses
from app.http.errors import language_of
from app.http.openapi import codes
from app.render.language import say

_PAGES: Final = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
#: The page runs no script and loads nothing from elsewhere.
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


async def home(_request: Request) -> Response:
    """A person at the front door is shown the documentation."""
    return RedirectResponse("/docs", 307)


async def openapi(request: Request) -> Response:
    """The document for programs."""
    return Response(msgspec.json.encode(_api(request)), media_type="application/json")


async def page(request: Request) -> Response:
    """The same for people, in their language."""
    language = language_of(request)
    html = _PAGES.get_template("docs.html").render(
        api=_api(request),
        parts=parts(_api(request)),
        statuses=statuses(_api(request)),
        limits=limits,
        codes=[(code, status, say(language, code)) for code, status in codes()],
        language=language,
        t=partial(say, language),
    )
    return Response(html, headers={"Content-Security-Policy": _POLICY}, media_type="text/html")


def _api(request: Request) -> dict[str, Any]:
    document: dict[str, Any] = request.app.state.openapi
    return document
