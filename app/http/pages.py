"""Pages for people: templates, and what a browser may do on them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any, Final

import jinja2
from starlette.requests import Request
from starlette.responses import Response

from app.http.errors import language_of
from app.render.language import say

_PAGES: Final = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)
#: A page runs no script, loads nothing from elsewhere, and sends forms only back to us.
_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)


def page(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    """A page in the caller's language; templates say `t(msgid)`."""
    language = language_of(request)
    html = _PAGES.get_template(template).render(
        language=language, t=partial(say, language), **values
    )
    headers = {"Content-Security-Policy": _POLICY, "Content-Language": language}
    return Response(html, status, headers, media_type="text/html")
