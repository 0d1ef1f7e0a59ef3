"""Whether the codes a picker sends along with a count are those of the line. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from app.domain.barcode import must_read
from app.domain.order import Line, Order
from app.domain.refusals import Code, Refused
from app.domain.scanning import find_line
from app.domain.shop import Label


def strangers(line: Line, codes: Iterable[str], labels: Iterable[Label]) -> list[str]:
    """The codes that the line itself does not carry, each once: the catalogue may know them.

    Refused with INVALID_BARCODE for what is no code of goods.
    """
    rows = tuple(labels)
    return [
        code for code in dict.fromkeys(codes) if find_line(must_read(code, rows), [line]) is None
    ]


def check_codes(
    order: Order, line: Line, skus: Mapping[str, Collection[str]], labels: Iterable[Label]
) -> None:
    """Refuse strange codes (with the SKUs our catalogue has for each) that are of other goods. A
    line whose goods have no codes with us takes any that no other line has."""
    rows = tuple(labels)
    for code, named in skus.items():
        found = find_line(must_read(code, rows), order.wanted(), skus=named, first=line.id)
        if found is not None and found.id == line.id:
            continue
        if found is not None:
            got = {"expected": line.external_id, "got": found.external_id}
            raise Refused(Code.WRONG_ITEM, line_id=str(line.id), scanned=code, **got)
        if line.barcodes or line.plu or named:
            raise Refused(Code.NOT_IN_ORDER, line_id=str(line.id), scanned=code)
