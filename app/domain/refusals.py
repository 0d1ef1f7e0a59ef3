"""Why a picker's request is refused: the vocabulary of codes, one class for all of them."""

from __future__ import annotations

from enum import StrEnum

from app.errors import HubError


class Code(StrEnum):
    """What a handheld can react to; the human sentence is chosen by language at the edge."""

    INVALID_BODY = "INVALID_BODY"
    INVALID_QUANTITY = "INVALID_QUANTITY"
    IDEMPOTENCY_KEY_REQUIRED = "IDEMPOTENCY_KEY_REQUIRED"
    SESSION_EXPIRED = "SESSION_EXPIRED"
    PIN_WRONG = "PIN_WRONG"
    NOT_ASSIGNED = "NOT_ASSIGNED"
    ORDER_NOT_FOUND = "ORDER_NOT_FOUND"
    LINE_NOT_FOUND = "LINE_NOT_FOUND"
    VERSION_CONFLICT = "VERSION_CONFLICT"
    ALREADY_CLAIMED = "ALREADY_CLAIMED"
    LEASE_LOST = "LEASE_LOST"
    ORDER_CANCELLED = "ORDER_CANCELLED"
    ILLEGAL_TRANSITION = "ILLEGAL_TRANSITION"
    OPERATION_IN_PROGRESS = "OPERATION_IN_PROGRESS"
    MARK_ALREADY_USED = "MARK_ALREADY_USED"
    WRONG_UNIT = "WRONG_UNIT"
    QTY_OVER_REQUESTED = "QTY_OVER_REQUESTED"
    WEIGHT_OUT_OF_HARD_LIMIT = "WEIGHT_OUT_OF_HARD_LIMIT"
    REASON_REQUIRED = "REASON_REQUIRED"
    MARK_REQUIRED = "MARK_REQUIRED"
    LINES_NOT_CLOSED = "LINES_NOT_CLOSED"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
    VERSION_REQUIRED = "VERSION_REQUIRED"
    TOO_MANY_REQUESTS = "TOO_MANY_REQUESTS"


class Notice(StrEnum):
    """Done, but the picker should know."""

    WEIGHT_OVER_SOFT_LIMIT = "WEIGHT_OVER_SOFT_LIMIT"
    WEIGHT_UNDER_SOFT_LIMIT = "WEIGHT_UNDER_SOFT_LIMIT"


class Refused(HubError):
    """A rule forbids what the picker asked for; nothing was changed."""

    reason = "refused"

    def __init__(self, code: Code, **details: object) -> None:
        """`details` go into the answer beside the code: limits, holders, line ids."""
        super().__init__(f"{code}" + (f" {details}" if details else ""))
        self.code = code
        self.details = details
