"""What the shapes allow, nginx lets through: the largest bodies a shop really makes."""

from __future__ import annotations

import uuid

import msgspec
import pytest

from app.actions.verbs import VERBS
from app.actions.verbs.lines import Pick
from app.actions.verbs.packing import HandOver
from app.actions.verbs.paper import Result
from app.actions.verbs.replace import Replace
from app.domain.refusals import Code, Refused
from app.http.middleware import MOST
from app.http.reading import decode
from tests.factories import mark

KB = 1024
EAN = "4690001004013"


def marks(count: int) -> list[str]:
    """Full codes, with the long tail."""
    return [f"{mark()[:31]}\x1d91EE11\x1d92{'A' * 44}" for _ in range(count)]


LINE, REASON = str(uuid.uuid4()), "out_of_stock"
#: Verb, the largest body with so many marks, how many fit, and nginx's limit.
LARGEST = [
    ("pick", lambda most: {"quantity": most, "codes": [EAN] * 500, "marks": marks(most)}, 64 * KB),
    ("replace", lambda most: {
        "reason": REASON,
        "items": [{"sku": "100202", "quantity": most // 5, "marks": marks(most // 5)}
                  for _ in range(5)]}, 64 * KB),
    ("handover", lambda most: {
        "refused": [{"line_id": LINE, "quantity": most, "reason": REASON, "marks": marks(most)}]},
     64 * KB),
    ("result", lambda most: {
        "lines": [{"line_id": LINE, "quantity": 3, "reason": REASON,
                   "marks": marks(most // 500 * 3)}
                  for _ in range(500)]}, 256 * KB),
]  # fmt: skip
SHAPES = {"pick": Pick, "replace": Replace, "handover": HandOver, "result": Result}


@pytest.mark.parametrize(("verb", "body", "limit"), LARGEST, ids=[row[0] for row in LARGEST])
def test_the_largest_body_is_no_larger_than_what_nginx_takes(verb, body, limit):
    raw = msgspec.json.encode(body(500))
    assert isinstance(decode(raw, VERBS[verb].body), SHAPES[verb])
    assert len(raw) <= limit <= MOST


@pytest.mark.parametrize(("verb", "body", "limit"), LARGEST, ids=[row[0] for row in LARGEST])
def test_more_marks_than_that_are_refused(verb, body, limit):
    del limit
    with pytest.raises(Refused) as refusal:
        decode(msgspec.json.encode(body(1000)), VERBS[verb].body)
    assert refusal.value.code is Code.INVALID_BODY
