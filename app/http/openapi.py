"""OpenAPI 3.1 from the code's own types: what the picker API takes and answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from app.http.errors import REFUSAL_STATUS
from app.http.guards import Guard
from app.http.url import Url
from app.render.picker import Problem

_REF: Final = "#/components/schemas/{name}"
_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")
_PROBLEMS: Final = {
    400: "The request is not well formed",
    401: "No session, or a wrong PIN",
    403: "Not this caller's order, store or role",
    404: "There is no such thing here",
    409: "It moved on; of an order, `current` has it as it stands",
    410: "It is over, or lost",
    413: "The body is too large",
    421: "The store is served at another address, which `details` name; sign in there",
    422: "A rule forbids it; `code` says which",
    423: "Picking in this store is paused",
    426: "The application is too old",
    428: "If-Match is missing",
    429: "Too many attempts",
    503: "A passing fault; repeat with the same Idempotency-Key",
}


#: How a caller proves who it is; a row without is open.
_SECURITY: Final[Mapping[Guard, str]] = {
    Guard.PICKER: "session",
    Guard.OPERATOR: "operator",
    Guard.CLIENT: "client",
    Guard.ERP: "erp",
}
_SCHEMES: Final = {
    "session": {"type": "http", "scheme": "bearer"},
    "operator": {"type": "http", "scheme": "basic"},
    "erp": {"type": "http", "scheme": "bearer"},
    "client": {"type": "apiKey", "in": "header", "name": "Client-Token"},
}
#: What a guard, and the house around it, may answer before the endpoint is asked.
_AT_THE_DOOR: Final[Mapping[Guard, frozenset[int]]] = {
    Guard.PIN: frozenset({401, 403, 413, 421, 426, 429, 503}),
    Guard.PICKER: frozenset({401, 403, 413, 421, 426, 429, 503}),
    Guard.OPERATOR: frozenset({401, 403, 413, 429, 503}),
    Guard.CLIENT: frozenset({403, 413, 503}),
    Guard.ERP: frozenset({401, 413, 503}),
}
#: What a handheld may say of itself with every request.
_VERSION: Final = {"type": "string", "maxLength": 50}
_HANDHELD: Final[Mapping[Guard, Mapping[str, Any]]] = {
    Guard.PIN: {"X-Client-Version": _VERSION, "X-Device-Id": {"type": "string", "maxLength": 100}},
    Guard.PICKER: {"X-Client-Version": _VERSION},
}


def document(rows: Iterable[Url], version: str) -> dict[str, Any]:
    """The whole OpenAPI document of these rows."""
    rows = list(rows)
    types = [t for row in rows for t in (row.body, row.answer, row.refusal) if t is not None]
    _, schemas = msgspec.json.schema_components([*types, Problem], ref_template=_REF)
    paths: dict[str, dict[str, Any]] = {}
    for row in rows:
        paths.setdefault(row.path, {})[row.method.lower()] = _operation(row)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Order hub: picker API", "version": version},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": _SCHEMES},
    }


def _operation(row: Url) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": row.summary,
        "operationId": _operation_id(row),
        "parameters": _parameters(row),
        "responses": {**_success(row), **_problems(row)},
    }
    if row.body is not None:
        operation["requestBody"] = {
            "required": any(f.required for f in msgspec.structs.fields(row.body)),
            "content": {"application/json": {"schema": _ref(row.body)}},
        }
    if row.takes:
        file = {"schema": {"type": "string", "format": "binary"}}
        operation["requestBody"] = {"required": True, "content": dict.fromkeys(row.takes, file)}
    if row.guard in _SECURITY:
        operation["security"] = [{_SECURITY[row.guard]: []}]
    return operation


def _operation_id(row: Url) -> str:
    """The method and the words of the path; the picker API is what is meant when none is named."""
    path = row.path.removeprefix("/picker").replace("/v1/", "/")
    words = re.findall("[a-z]+", _PLACEHOLDER.sub("", path))
    one = ["one"] if row.path.endswith(("_id}", "{account}")) else []
    return "_".join([row.method.lower(), *words, *one])


def _parameters(row: Url) -> list[dict[str, Any]]:
    uuid = {"type": "string", "format": "uuid"}
    found = [
        _parameter(name, "path", row.places.get(name, uuid))
        for name in _PLACEHOLDER.findall(row.path)
    ]
    if row.write:
        key = {"type": "string", "minLength": 1, "maxLength": 100, "pattern": r"^[\x21-\x7e]+$"}
        found.append(_parameter("Idempotency-Key", "header", key))
    if row.versioned:
        found.append(
            _parameter("If-Match", "header", {"type": "string", "pattern": r'^"\d{1,9}"$'})
        )
    if row.scoped:
        scope = {"type": "string", "enum": ["open", "mine", "store"], "default": "open"}
        found.append({"name": "scope", "in": "query", "required": False, "schema": scope})
    said = {**_HANDHELD.get(row.guard, {}), **row.headers}
    for place, wanted in (("query", row.query), ("header", said)):
        found += [
            {"name": name, "in": place, "required": False, "schema": schema}
            for name, schema in wanted.items()
        ]
    return found


def _parameter(name: str, place: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": place, "required": True, "schema": schema}


def _success(row: Url) -> dict[str, Any]:
    if row.binary:
        file = {"schema": {"type": "string", "format": "binary"}}
        media: dict[str, Any] = dict.fromkeys(row.binary, file)
        if "application/json" in media:  # whatever JSON it is
            media["application/json"] = {"schema": {"title": "JSON"}}
        if row.answer is not None:
            media[row.media] = {"schema": _ref(row.answer)}
        return {str(row.status): {"description": "A file", "content": media}}
    if row.answer is None and row.media == "application/json":
        return {str(row.status): {"description": "Done"}}
    schema = _ref(row.answer) if row.answer is not None else {"type": "string"}
    content = {row.media: {"schema": schema}}
    done: dict[str, Any] = {str(row.status): {"description": "Done", "content": content}}
    if row.empty:
        done["204"] = {"description": row.empty}
    if row.moved:
        where = {"Location": {"required": True, "schema": {"type": "string"}}}
        done["303"] = {"description": row.moved, "headers": where}
    return done


def _problems(row: Url) -> dict[str, Any]:
    """Which refusals a row can answer with; a plain read knows fewer than a write."""
    door = _AT_THE_DOOR.get(row.guard, frozenset())
    own = _own_statuses(row)
    said: dict[str, Any] = {}
    for status in sorted(door | own):
        content: dict[str, Any] = {}
        if row.refusal is None or status in door:
            content["application/problem+json"] = {"schema": _ref(Problem)}
        if row.refusal is not None and status in own:
            content["application/json"] = {"schema": _ref(row.refusal)}
        said[str(status)] = {"description": _PROBLEMS[status], "content": content}
    return said


def _own_statuses(row: Url) -> set[int]:
    if row.refusal is not None:  # any verb at all
        return set(REFUSAL_STATUS.values())
    own: set[int] = set(row.says)
    if row.body is not None or row.takes or row.scoped or row.write or row.query or row.headers:
        own |= {400}
    if "{" in row.path:
        own |= {404}
    if row.write:
        own |= {404, 409, 422, 423}
    if row.versioned:
        own |= {428}
    return own


def _ref(shape: type) -> dict[str, str]:
    return {"$ref": _REF.format(name=shape.__name__)}


def codes() -> list[tuple[str, int]]:
    """Every refusal's code and status, for the page."""
    return [(str(code), status) for code, status in REFUSAL_STATUS.items()]
