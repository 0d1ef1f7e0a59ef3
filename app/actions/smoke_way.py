"""What the smoke order says through the gateway: a shop's signed webhooks, a handheld's requests,
and the question whether workers are ready."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import httpx
import msgspec

from app import signing
from app.actions.smoke_shop import ACCOUNT
from app.errors import HubError
from app.identifiers import new_id

#: Answers in a row from workers that have answered before: by then all have.
ENOUGH: Final = 8
MOST: Final = 200


class SmokeFailed(HubError):
    """The smoke order did not go through."""

    reason = "smoke"


@dataclass(frozen=True, slots=True)
class Way:
    """The way to the gateway. `release`: what every worker must say it is of; None: whatever.
    Everything raises SmokeFailed, or httpx.HTTPError when nobody answers."""

    http: httpx.AsyncClient
    release: str | None = None

    async def workers(self) -> dict[str, str]:
        """Every worker that the gateway leads to, by name, with its release; all are ready."""
        known: dict[str, str] = {}
        again = 0
        for _ in range(MOST):
            worker, release = await self._worker()
            if self.release not in (None, release):
                wanted = f"of release {release}, not of {self.release}"
                raise SmokeFailed(f"worker {worker} is {wanted}")
            again = again + 1 if worker in known else 0
            known[worker] = release
            if again >= ENOUGH:
                break
        return known

    async def _worker(self) -> tuple[str, str]:
        answer = await self.http.get("/readyz")
        if answer.status_code == 403:
            raise SmokeFailed("the gateway shows /readyz to its own networks only")
        said = _json(answer)
        worker = str(said.get("worker", "?"))
        if answer.status_code != 200:
            status = said.get("status", f"HTTP {answer.status_code}")
            raise SmokeFailed(f"worker {worker} is not: {status}")
        return worker, str(said.get("release", "?"))

    async def hook(self, keys: Sequence[bytes], kind: str, order: Mapping[str, Any]) -> None:
        """A webhook of the shop; the same for every repeat."""
        now = datetime.now(UTC)
        body = msgspec.json.encode({"type": kind, "data": order})
        headers = signing.headers(f"{order['id']}-{kind}", int(now.timestamp()), body, keys)
        answer = await self.http.post(f"/hooks/{ACCOUNT}", content=body, headers=headers)
        if answer.status_code != 200:
            raise SmokeFailed(f"the gateway answered HTTP {answer.status_code}")

    async def sign_in(self, badge: str, pin: str) -> str:
        """A handheld's token."""
        asked = {"badge": badge, "pin": pin}
        return str(_good(await self.http.post("/picker/v1/sessions", json=asked)).get("token"))

    async def order(self, token: str, id_: UUID) -> dict[str, Any]:
        """The order as a handheld sees it."""
        path = f"/picker/v1/orders/{id_}"
        return _good(await self.http.get(path, headers=_signed(token)))

    async def write(
        self, token: str, order: Mapping[str, Any], verb: str, body: Mapping[str, Any]
    ) -> dict[str, Any]:
        """One write of a handheld's; the order as it is then."""
        headers = _signed(token) | {
            "Idempotency-Key": str(new_id()),
            "If-Match": f'"{order["version"]}"',
        }
        path = f"/picker/v1/orders/{order['id']}/{verb}"
        return dict(_good(await self.http.post(path, json=body, headers=headers))["order"])


def _signed(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _good(answer: httpx.Response) -> dict[str, Any]:
    said = _json(answer)
    if not answer.is_success:
        told = f"HTTP {answer.status_code} {said.get('code', '')}".rstrip()
        raise SmokeFailed(f"the gateway answered {told}")
    return said


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
