"""Reports as files: what they may be written as, and the answer that is one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from app.domain.refusals import Code, Refused
from app.http.errors import language_of
from app.render.table import Sheet

#: Media types of reports by the names of their forms.
MEDIA: Final[Mapping[str, str]] = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
FORMATS: Final = ("json", *MEDIA)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
DATE: Final[dict[str, Any]] = {"type": "string", "format": "date"}
NAME: Final[dict[str, Any]] = {"type": "string", "maxLength": 200}
FORMAT: Final[dict[str, Any]] = {"type": "string", "enum": list(FORMATS)}


def form_of(request: Request) -> str:
    """The form that `format`, or else Accept, asks for."""
    asked = request.query_params.get("format", "")
    if asked not in ("", *FORMATS):
        raise Refused(Code.INVALID_BODY, field="format", allowed=list(FORMATS))
    accepted = request.headers.get("accept", "")
    return asked or next((form for form, media in MEDIA.items() if media in accepted), "json")


def day_of(query: Mapping[str, str], name: str) -> date | None:
    """A day of the query, None when there is none."""
    given = query.get(name, "")
    if not given:
        return None
    try:
        return date.fromisoformat(given if _DAY.fullmatch(given) else "")
    except ValueError:
        raise Refused(Code.INVALID_BODY, field=name, expected="YYYY-MM-DD") from None


async def as_file(request: Request, sheets: list[Sheet], name: str, form: str) -> Response:
    """A report as a file of this name (in ASCII), made where it is in nobody's way."""
    press, language = request.state.hub.press, language_of(request)
    body = await press.typeset(f"table.{form}", sheets, language)
    said = {"Content-Disposition": f'attachment; filename="{name}.{form}"'}
    return Response(body, headers=said, media_type=MEDIA[form])
