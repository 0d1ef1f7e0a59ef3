"""What an ERP that fetches is told: a page of documents, and what became of what it said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from app.domain.document import Document
from app.domain.paper import FORMS
from app.render.document_json import document_json


class ErpDocument(msgspec.Struct):
    """One document. `again`: a person asked for it to be brought once more; `file`: where its file
    is, on this server; `sha256`: of the file, once it is made; `base_id`: the document it refers
    to; `total` in kopecks; `document`: the whole document, where the form is JSON."""

    id: UUID
    kind: str
    number: str
    date: str
    order: str | None
    base_id: UUID | None
    total: int
    form: str
    media_type: str
    file: str
    sha256: str | None
    again: bool
    acknowledged: bool
    erp_number: str | None
    document: dict[str, Any] | None


class ErpPage(msgspec.Struct):
    """Documents in their order. `cursor`: where to go on; `more`: there are more right now."""

    documents: list[ErpDocument]
    cursor: str
    more: bool


class Acknowledged(msgspec.Struct):
    """How many were `written` down; `unknown`: ids of documents that were never for this ERP."""

    written: int
    unknown: list[UUID]


def erp_document(row: Mapping[str, Any], form: str, document: Document | None) -> ErpDocument:
    """One entry of a page."""
    return ErpDocument(
        id=row["document_id"],
        kind=row["kind"],
        number=row["number"],
        date=row["issued_on"].isoformat(),
        order=row["order_number"],
        base_id=row["base_id"],
        total=row["total"],
        form=form,
        media_type=FORMS[form].media_type,
        file=f"/erp/v1/documents/{row['document_id']}/file",
        sha256=row["sha256"],
        again=row["cause"] in ("resent", "re-exported"),
        acknowledged=row["acknowledged_at"] is not None,
        erp_number=row["erp_number"],
        document=document_json(document) if document is not None else None,
    )
