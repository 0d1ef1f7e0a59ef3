"""УПД as the tax service looks at it: the schema, and what one element's presence asks of others.

The conditions are those of checks inside ON_NSCHFDOPPR_1_997_01_05_03_05 that a sale of ours can
meet, as XPath over the whole file; every one must be true.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from lxml import etree

SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).parent / "schemas/upd_5_03.xsd"))
_INVOICE = "/Файл/Документ/@Функция='СЧФДОП'"
CONDITIONS = {
    "a transfer says when": "count(//СвПер/@ДатаПер) = 1",
    "an invoice's parties have addresses":
        f"not({_INVOICE}) or not(//*[self::СвПрод or self::СвПокуп or self::ГрузОтпр"
        " or self::ГрузПолуч][not(Адрес)])",
    "a unit's code has a sign": "not(//СведТов[@ОКЕИ_Тов and not(@НаимЕдИзм)])",
    "an invoice's unit has a quantity":
        f"not({_INVOICE}) or not(//СведТов[@ОКЕИ_Тов and not(@КолТов)])",
    "an invoice's quantity has a price above zero":
        f"not({_INVOICE}) or not(//СведТов[@КолТов and not(@ЦенаТов > 0)])",
    "an invoice names the papers of shipment": f"not({_INVOICE}) or //ДокПодтвОтгрНом",
    "goods without VAT have none": "not(//СведТов[(@НалСт = 'без НДС') != boolean(СумНал/БезНДС)])",
    "rows are numbered": "not(//СведТов[@НомСтр != position()])",
}  # fmt: skip


def read(file: bytes) -> etree._Element:
    """The file's root, after every check there is."""
    assert file.startswith(b'<?xml version="1.0" encoding="windows-1251"?>\n')
    root = etree.fromstring(file)
    SCHEMA.assertValid(root)
    wrong = [name for name, condition in CONDITIONS.items() if not root.xpath(condition)]
    assert not wrong, wrong
    _sums_hold(root)
    return root


def _sums_hold(root: etree._Element) -> None:
    rows = root.findall(".//СведТов")
    for row in rows:
        net, gross = Decimal(row.get("СтТовБезНДС")), Decimal(row.get("СтТовУчНал"))
        assert net + _vat(row.find("СумНал")) == gross
        if "КолТов" in row.attrib:
            product = Decimal(row.get("КолТов")) * Decimal(row.get("ЦенаТов"))
            assert product.quantize(Decimal("0.01"), ROUND_HALF_UP) == net
    whole = root.find(".//ВсегоОпл")
    assert Decimal(whole.get("СтТовУчНалВсего")) == _sum(rows, "СтТовУчНал")
    assert Decimal(whole.get("СтТовБезНДСВсего")) == _sum(rows, "СтТовБезНДС")
    assert _vat(whole.find("СумНалВсего")) == sum(_vat(row.find("СумНал")) for row in rows)


def _sum(rows: list[etree._Element], name: str) -> Decimal:
    return sum((Decimal(row.get(name)) for row in rows), Decimal(0))


def _vat(node: etree._Element) -> Decimal:
    return Decimal(node.findtext("СумНал") or 0)
