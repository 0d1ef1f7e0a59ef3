"""Everything that is typeset: documents and reports in their forms. Run as a program it reads what
to print as JSON and writes the file, so that a web worker need not carry what only paper needs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from msgspec.json import Decoder

from app.domain.document import Document
from app.errors import Unprintable
from app.render.commerceml import commerceml
from app.render.document_json import documents_json
from app.render.document_pdf import document_pdf
from app.render.document_xlsx import document_xlsx
from app.render.enterprise import enterprise
from app.render.receipt_json import receipt_json
from app.render.table import Sheet
from app.render.table_csv import table_csv
from app.render.table_pdf import table_pdf
from app.render.table_xlsx import table_xlsx
from app.render.upd import upd, upd_dop

#: Exit status of the program when what it was given cannot be printed; stderr has the refusal.
REFUSED: Final = 3


@dataclass(frozen=True, slots=True)
class Print:
    """One thing to print: what it is made from, and how; the text is a language."""

    of: Decoder[Any]
    write: Callable[[Any, str], bytes]


#: Made when this module is read: two threads that learn a type at once can end the process.
_DOCUMENTS: Final = Decoder(list[Document])
_SHEETS: Final = Decoder(list[Sheet])
#: By name: `document.<form>`, `<report>.<form>`.
PRINTS: Final[Mapping[str, Print]] = {
    "document.json": Print(_DOCUMENTS, documents_json),
    "document.pdf": Print(_DOCUMENTS, document_pdf),
    "document.xlsx": Print(_DOCUMENTS, document_xlsx),
    "document.receipt": Print(_DOCUMENTS, receipt_json),
    "table.csv": Print(_SHEETS, table_csv),
    "table.pdf": Print(_SHEETS, table_pdf),
    "table.xlsx": Print(_SHEETS, table_xlsx),
    "document.commerceml": Print(_DOCUMENTS, commerceml),
    "document.enterprise": Print(_DOCUMENTS, enterprise),
    "document.upd": Print(_DOCUMENTS, upd),
    "document.upd_dop": Print(_DOCUMENTS, upd_dop),
}


def typeset(name: str, what: bytes, language: str) -> bytes:
    """A file of this name from JSON; Unprintable when it cannot be said so."""
    form = PRINTS[name]
    given = form.of.decode(what)
    del what  # a register's JSON is as large as what is made of it
    return form.write(given, language)


def main(arguments: Sequence[str]) -> int:
    """NAME LANGUAGE, JSON on stdin, the file on stdout."""
    name, language = arguments
    try:
        printed = typeset(name, sys.stdin.buffer.read(), language)
    except Unprintable as refusal:
        sys.stderr.buffer.write(msgspec.json.encode([refusal.problem, *refusal.missing]))
        return REFUSED
    sys.stdout.buffer.write(printed)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
