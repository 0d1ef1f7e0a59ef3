"""A picker behind the original's picking service: the same orders and verbs in its envelope."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from app.sandbox.credentials import Picker
from app.sandbox.robot.handheld import Refusal, Wire, refusal_of

API: Final = "/sbermarket/orders/api"
#: docs/facade.md: the method of each verb.
METHODS: Final[Mapping[str, str]] = {
    "claim": "takeOrder",
    "release": "releaseOrder",
    "takeover": "takeOverOrder",
    "start": "startOrder",
    "pause": "pauseOrder",
    "resume": "resumeOrder",
    "scan": "scanCode",
    "pick": "pickItem",
    "weigh": "weighItem",
    "short": "shortItem",
    "drop": "dropItem",
    "postpone": "postponeItem",
    "replace": "replaceItem",
    "decide": "decideReplacement",
    "withdraw": "withdrawReplacement",
    "undo": "undo",
    "complete": "completeOrder",
    "reopen": "reopenOrder",
    "bags": "openBag",
    "seal": "sealBag",
    "void": "voidBag",
    "stage": "stageBags",
    "ready": "readyOrder",
}

Json = dict[str, Any]


@dataclass(slots=True)
class Facade:
    """The picker's own handheld and its session are the application's business: it vouches for
    the badge. Paths are those of the picker API, so that a robot may hold either."""

    wire: Wire
    picker: Picker
    token: str  #: the application's
    new_key: Callable[[], UUID]
    whole: bool = False  #: has the verbs, and nothing else

    async def sign_out(self) -> None:
        """There is no session to close."""

    async def read(self, path: str) -> Json:
        """The queue by its scope, or one order."""
        if path.startswith("/orders?"):
            scope = "mine" if "scope=mine" in path else "store"
            answer = await self._call("getOrders", {"scope": scope})
            free = [row for row in answer["orders"] if scope == "mine" or not row.get("picker")]
            return {"orders": [row for row in free if scope == "mine" or _open(row)]}
        return dict(await self._call("getOrder", {"orderId": path.split("/")[2]}))

    async def write(self, path: str, body: Json, version: int | None = None) -> Json | None:
        """One verb; None when there is no next order."""
        if path.startswith("/orders/next"):
            return _result(await self._call("nextOrder", {}))
        parts = path.split("/")
        data = {"orderId": parts[2], **_camel(body)}
        data |= {"lineId": parts[4]} if "lines" in parts else {}
        data |= {} if version is None else {"version": version}
        return _result(await self._call(METHODS[parts[-1]], data))

    async def _call(self, method: str, data: Json) -> Any:
        asked = {
            "requestId": str(self.new_key()),
            "requestData": {"employee": self.picker["badge"], **data},
        }
        signed = {"Client-Token": self.token}
        answer = await self.wire.patiently("POST", f"{API}/{method}", asked, signed)
        if not answer.is_success:
            raise refusal_of(answer)
        said = answer.json()
        if "error" in said:
            raise Refusal(answer.status_code, str(said["error"].get("code", "")))
        return said.get("result")


def _result(said: Any) -> Json | None:
    return None if said is None else dict(said)


def _open(row: Json) -> bool:
    return row["state"] in ("accepted", "picking", "picked")


def _camel(body: Json) -> Json:
    """The original's spelling: the first word small, the others with a capital."""
    return {_word(name): value for name, value in body.items()}


def _word(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
