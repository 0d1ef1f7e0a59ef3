"""What anybody on the floor may ask for: one request made of a few small numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from app.actions.verbs import VERBS
from app.domain.order import GONE, WITHDRAWN
from app.sandbox.barcodes import with_check_digit
from app.sandbox.catalogue import BY_SKU
from tests.factories import mark
from tests.stateful.snapshot import Row

#: The third is a supervisor.
BADGES = {"1001": "4711", "1002": "4712", "1009": "583026"}
#: A loaf nobody knows, two that stand for each other, bananas by weight, marked milk and kefir.
BASKET = ("300901", "100201", "200101", "100401", "100402", "200103")
SUBSTITUTES = ("100202", "100203", "200104", "100403", "100504", "100201", "nobody-sells-this")
PLACES = ("ST-1", "ST-2", "ST-C", "NOWHERE")
ZONES = ("", "Свежее", "Сухой зал", "Nowhere")
WEIGHTS = (100, 104, 112, 139, 60, 61, 30, 300)
ABSURD = (-1, 10**6 + 1, 10**12, "three", None, 1.5)


@dataclass(frozen=True)
class Deed:
    """Somebody asks for a verb on an order and one of its lines; `n` and `how` are how much and in
    which of its manners. `who`: 0 is whoever holds the order, 1 to 3 people by name."""

    who: int
    order: int
    verb: str
    line: int = 0
    n: int = 1
    how: int = 0


def deeds(*verbs: str) -> st.SearchStrategy[Deed]:
    """Any deed of these verbs."""
    return st.builds(
        Deed,
        who=st.sampled_from((0, 0, 0, 0, 0, 1, 2, 3)),
        order=st.sampled_from((0, 0, 0, 0, 1, 2, 5)),
        verb=st.sampled_from(verbs),
        line=st.integers(0, 5),
        n=st.sampled_from((1, 2, 3, 0, 4, 7)),
        how=st.integers(0, 7),
    )


def several(*verbs: str) -> st.SearchStrategy[list[Deed]]:
    """Some deeds of these verbs, one after the other, all on one order."""
    return st.builds(
        lambda some, order: [replace(deed, order=order) for deed in some],
        st.lists(deeds(*verbs), min_size=1, max_size=5),
        st.sampled_from((0, 0, 0, 1)),
    )


@dataclass(frozen=True)
class Scene:
    """What a deed is done to, and the codes that are about."""

    lines: list[Row]
    bags: list[Row]
    keys: list[str]  #: of operations done so far
    marks: list[str]  #: stuck to goods so far

    def line(self, deed: Deed) -> Row | None:
        """The line meant: those that count come first."""
        lines = sorted(self.lines, key=lambda line: line["reason"] in (GONE, WITHDRAWN))
        return lines[deed.line % len(lines)] if lines else None

    def verb(self, deed: Deed) -> str:
        """What somebody who looks at the goods would do: most people weigh what is weighed."""
        line = self.line(deed)
        weighed = line is not None and line["unit_grams"] is not None
        return "weigh" if deed.verb == "pick" and weighed and deed.how != 6 else deed.verb

    def mark(self, line: Row) -> str:
        """A new unit of a line's goods."""
        made = mark(f"{len(self.marks) + 1:013d}", (line["barcodes"] or ["4690001004013"])[0])
        self.marks.append(made)
        return made

    def marks_for(self, line: Row, deed: Deed) -> list[str]:
        """Marks as they should be; or too few, twice the same, somebody else's, broken."""
        if not line["marked"]:
            return []
        whole = [*line["marks"], *(self.mark(line) for _ in range(min(deed.n, 8)))][
            : max(deed.n, 0)
        ]
        wrong = {4: whole[1:], 5: whole[:1] * len(whole), 6: self.marks[: len(whole)],
                 7: [each.replace("\x1d", "") for each in whole]}  # fmt: skip
        return wrong.get(deed.how, whole)

    def bag(self, deed: Deed) -> Row | None:
        """The bag meant."""
        return self.bags[deed.line % len(self.bags)] if self.bags else None


def _amount(deed: Deed) -> Any:
    return ABSURD[deed.line % len(ABSURD)] if deed.how == 3 else deed.n


def _pick(scene: Scene, line: Row, deed: Deed) -> Row:
    codes = {"codes": line["barcodes"][:1]} if deed.how == 1 else {}
    return {"quantity": _amount(deed), "marks": scene.marks_for(line, deed), **codes}


def _grams(line: Row, deed: Deed) -> Any:
    asked = line["requested_grams"] or 1000
    return _amount(deed) if deed.how == 3 else asked * WEIGHTS[(deed.n + deed.how) % 8] // 100


def _weigh(_scene: Scene, line: Row, deed: Deed) -> Row:
    passed = {"override": {"badge": "1009", "pin": BADGES["1009"]}} if deed.how == 7 else {}
    return {"grams": _grams(line, deed), "source": ("scale", "label")[deed.how % 2], **passed}


def _short(scene: Scene, line: Row, deed: Deed) -> Row:
    marks = {"marks": scene.marks_for(line, deed)} if line["marked"] else {}
    amount = {"grams": _grams(line, deed)} if line["unit_grams"] else {"quantity": _amount(deed)}
    return {"reason": "" if deed.how == 2 else "not_enough", **amount, **marks}


def _drop(_scene: Scene, _line: Row, deed: Deed) -> Row:
    return {"reason": "  " if deed.how == 2 else "not_found", "shelf_empty": deed.how == 1}


def _scan(scene: Scene, line: Row, deed: Deed) -> Row:
    own = (line["barcodes"] or ["4690003009011"])[0]
    label = with_check_digit(f"21{line['plu'] or '00101'}{deed.n * 300:05d}")
    raw = (own, own, label, scene.mark(line), (scene.marks or ["x"])[0], "B-1", "ST-1",
           BY_SKU["100301"].barcodes[0])[deed.how]  # fmt: skip
    return {"raw": raw, "apply": deed.n > 0} | ({"line_id": str(line["id"])} if deed.n > 3 else {})


def _replace(scene: Scene, _line: Row, deed: Deed) -> Row:
    sku = SUBSTITUTES[(deed.how + deed.n) % len(SUBSTITUTES)]
    item: Row = {"sku": sku}
    product = BY_SKU.get(sku)
    if deed.how % 2 and product is not None:
        item["grams" if product.unit_grams else "quantity"] = _amount(deed)
        if product.marked and isinstance(_amount(deed), int) and 0 < _amount(deed) < 9:
            units = {"barcodes": product.barcodes}
            item["marks"] = [scene.mark(units) for _ in range(_amount(deed))]
    more = [{"sku": SUBSTITUTES[0], "quantity": 1}] if deed.n == 2 else []
    return {"items": [item, *more], "reason": "" if deed.how == 2 else "not_found"}


def _decide(_scene: Scene, _line: Row, deed: Deed) -> Row:
    return {"approved": deed.n % 3 > 0, "by": "operator" if deed.who == 3 else "customer"}


def _undo(scene: Scene, deed: Deed) -> Row:
    return {"op_id": scene.keys[-1 - deed.line]} if deed.how == 1 and len(scene.keys) > 5 else {}


def _bag(scene: Scene, deed: Deed) -> Row:
    bag = scene.bag(deed)
    return {"bag_id": str(bag["id"])} if bag else {"bag_id": str(UUID(int=deed.n))}


def _open(_scene: Scene, deed: Deed) -> Row:
    code = {"code": f"PRE-{deed.line}"} if deed.how > 4 else {}
    return {"temperature": ("ambient", "chilled", "frozen")[deed.n % 3], **code}


def _codes(scene: Scene, deed: Deed) -> list[str]:
    codes = [bag["code"] for bag in scene.bags if bag["state"] != "void"]
    return {6: codes[1:], 7: [*codes, "B-NONE"]}.get(deed.how, codes)


def _stage(scene: Scene, deed: Deed) -> Row:
    return {"location_code": PLACES[deed.n % len(PLACES)], "bag_codes": _codes(scene, deed)}


def _hand_over(scene: Scene, deed: Deed) -> Row:
    line = scene.line(deed)
    body: Row = {"bag_codes": _codes(scene, deed), "age_check": {"result": "passed"}}
    if line is not None and deed.how == 1:
        body["refused"] = [{"line_id": str(line["id"]), "quantity": deed.n, "reason": "damaged"}]
    return body


def _result(scene: Scene, deed: Deed) -> Row:
    rows = []
    for line in scene.lines:
        found = deed.n if deed.how > 3 else line["requested_pieces"]
        row: Row = {"line_id": str(line["id"]), "quantity": found}
        row |= {"grams": line["requested_grams"]} if line["requested_grams"] else {}
        row |= {"marks": [scene.mark(line) for _ in range(found)]} if line["marked"] else {}
        rows.append(row | ({"reason": "not_found"} if found < line["requested_pieces"] else {}))
    return {"lines": rows, "complete": deed.how != 1}


#: Bodies of verbs on a line, and of those on an order; the others have none.
ON_LINE: dict[str, Callable[[Scene, Row, Deed], Row]] = {
    "pick": _pick, "weigh": _weigh, "short": _short, "drop": _drop, "replace": _replace,
    "decide": _decide,
}  # fmt: skip
ON_ORDER: dict[str, Callable[[Scene, Deed], Row]] = {
    "claim": lambda _, deed: {"zone": ZONES[deed.how % 4] if deed.n > 3 else ""},
    "takeover": lambda _, deed: {"confirm": deed.how != 1},
    "release": lambda _, deed: {"reason": "" if deed.how == 2 else "break"},
    "scan": lambda scene, deed: _scan(scene, scene.line(deed) or {"barcodes": [], "plu": None,
                                                                 "id": ""}, deed),
    "undo": _undo,
    "bags": _open,
    "seal": _bag,
    "void": _bag,
    "stage": _stage,
    "handover": _hand_over,
    "ready": lambda _, deed: {"bags": deed.n} if deed.how == 1 else {},
    "result": _result,
}  # fmt: skip


def body_of(scene: Scene, deed: Deed) -> Row:
    """The body of a deed as it would be sent now."""
    verb = scene.verb(deed)
    if verb in ON_LINE:
        line = scene.line(deed)
        return ON_LINE[verb](scene, line, deed) if line is not None else {}
    return ON_ORDER[verb](scene, deed) if verb in ON_ORDER else {}


def path_of(order: Row, scene: Scene, deed: Deed) -> str:
    """Where a deed is sent."""
    line, verb = scene.line(deed), scene.verb(deed)
    of_line = f"/lines/{line['id']}" if VERBS[verb].on_line and line is not None else ""
    return f"/picker/v1/orders/{order['id']}{of_line}/{verb}"
