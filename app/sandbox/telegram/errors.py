"""What the Bot API answers when it does not do as asked: one error, and its usual words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

REASONS: Final[Mapping[int, str]] = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    409: "Conflict",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
}


class ApiError(Exception):
    """An answer with `ok: false`; `parameters` as in Telegram's ResponseParameters."""

    def __init__(
        self, code: int, detail: str = "", parameters: Mapping[str, Any] | None = None
    ) -> None:
        reason = REASONS.get(code, "Error")
        self.code = code
        self.description = f"{reason}: {detail}" if detail else reason
        self.parameters = parameters
        super().__init__(self.description)

    def body(self) -> dict[str, Any]:
        """Return the JSON Telegram answers with."""
        answer = {"ok": False, "error_code": self.code, "description": self.description}
        return answer | ({"parameters": dict(self.parameters)} if self.parameters else {})


def bad(detail: str) -> ApiError:
    """400, the commonest answer."""
    return ApiError(400, detail)


def too_many(seconds: int) -> ApiError:
    """429 with the seconds to wait."""
    return ApiError(429, f"retry after {seconds}", {"retry_after": seconds})
