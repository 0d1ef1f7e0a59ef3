"""A reader of EnterpriseData written from the format alone: valid first, then its figures."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from lxml import etree

MESSAGE = "http://www.1c.ru/SSL/Exchange/Message"
DATA = "http://v8.1c.ru/edi/edi_stnd/EnterpriseData/1.19"
SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).parent / "schemas" / "enterprise.xsd"))


def read(raw: bytes) -> list[etree._Element]:
    """The documents of a valid message."""
    root = etree.fromstring(raw, etree.XMLParser(huge_tree=True))
    SCHEMA.assertValid(root)
    assert root.findtext(f"{{{MESSAGE}}}Header/{{{MESSAGE}}}Format") == DATA
    return list(root.find(f"{{{DATA}}}Body"))


def said(node: etree._Element, *path: str) -> str:
    """The text at a path of elements; '' when there is none."""
    return node.findtext("/".join(f"{{{DATA}}}{name}" for name in path)) or ""


def figure(node: etree._Element, *path: str) -> Decimal:
    """The number at a path of elements."""
    return Decimal(said(node, *path))


def rows(node: etree._Element, table: str) -> list[etree._Element]:
    """The rows of a document's table."""
    return node.findall(f"{{{DATA}}}{table}/{{{DATA}}}Строка")
