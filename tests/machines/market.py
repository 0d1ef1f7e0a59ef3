"""The demo merchant and its marketplace in a lab: an order that walks through the real service."""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import httpx
from cryptography.fernet import Fernet

from app.sandbox import credentials, demo
from tests.factories import Handheld
from tests.machines import places, processes, web
from tests.machines.lab import Lab
from tests.machines.machine import Machine
from tests.machines.network import CONTROLLER
from tests.machines.stand_ins import PORT

T = TypeVar("T")
NAME: Final = "hub.test"  #: the gateway's public name in labs
CERTIFICATE: Final = "/etc/nginx/self-signed.pem"
WEIGHED, PIECES, GONE = "200101", "100201", "100205"
#: What becomes of an order after it stands ready.
_CUSTOMER_GETS_IT: Final = ("paid", "received", "delivering", "delivered")


def _certificate(machine: Machine) -> str:
    """A gateway's self-signed certificate: each has its own. Empty for a machine that is none."""
    look = f"test ! -f {CERTIFICATE} || cat {CERTIFICATE}"
    return machine.run(look) if machine.is_on() else ""


async def _at_last(handheld: Handheld) -> dict[str, Any]:
    """An order for it: a webhook is acknowledged before it is worked on."""
    async with asyncio.timeout(300):
        while (taken := await handheld.next()) is None:  # noqa: ASYNC110 - of the hub's making
            await asyncio.sleep(0.25)
    return taken


class Market(AbstractContextManager["Market"]):
    """Stand-ins that run while the block lasts; the hub must be installed by then.

    `variables()` belongs into the inventory; `hub` is a machine with `orderhub` on it, `gateway`
    one that takes HTTPS, at `address` when that is not its own (a floating one).
    """

    def __init__(self, lab: Lab, hub: str, gateway: str, address: str = "") -> None:
        self.lab, self.hub = lab, hub
        self.address = address or lab.hosts[gateway]
        made = credentials.make(f"https://{NAME}", "", PORT, secrets.token_hex)
        text = json.dumps(made, ensure_ascii=False).replace("127.0.0.1", CONTROLLER)
        self.known: credentials.Credentials = json.loads(text)
        self.master_key = Fernet.generate_key().decode()

    def __enter__(self) -> Self:
        folder = self.lab.folder
        self.certificate.write_text("".join(map(_certificate, self.lab.machines.values())))
        credentials.save(folder / "sandbox.json", self.known)
        argv = [
            "ip", "netns", "exec", self.lab.name, sys.executable, "-m", "tests.machines.stand_ins",
            str(folder / "sandbox.json"), NAME, self.address, str(self.certificate),
        ]  # fmt: skip
        log, path = folder / "stand-ins.log", {"PYTHONPATH": str(places.PROJECT)}
        processes.start(argv, folder / "stand-ins.pid", log, path)
        self.wait("the stand-ins", lambda: self.ask("GET", "/kuper/_state"))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        processes.end(self.lab.folder / "stand-ins.pid")

    def variables(self) -> dict[str, Any]:
        """What an inventory says of a hub that deals with these stand-ins."""
        return {
            "nginx_names": [NAME],
            "hub_master_key": self.master_key,
            "hub_telegram_token": self.known["telegram"]["token"],
            "hub_telegram_api": self.known["telegram"]["api_url"],
            "hub_documents_every": 2,
        }

    def set_up(self) -> str:
        """Tell the hub who deals here; what `orderhub setup` says."""
        description = json.dumps(demo.description(self.known), ensure_ascii=False)
        return self.machine.run("orderhub setup -", given=description)

    @property
    def machine(self) -> Machine:
        """Where `orderhub` is."""
        return self.lab[self.hub]

    def json(self, command: str) -> Any:
        """What an `orderhub` command prints for programs."""
        return json.loads(self.machine.run(f"orderhub {command}"))

    @cached_property
    def certificate(self) -> Path:
        """The certificates of the lab's gateways, here."""
        return self.lab.folder / "gateways.pem"

    def client(self) -> httpx.AsyncClient:
        """A client of the gateway that trusts its certificate alone; use it inside the lab."""
        return web.client(NAME, self.address, self.certificate, timeout=60)

    def ask(self, method: str, path: str, **more: Any) -> Any:
        """What a stand-in answers; None while nothing listens."""
        base = f"http://{CONTROLLER}:{PORT}"
        with self.lab.inside(), httpx.Client(base_url=base, trust_env=False, timeout=60) as http:
            try:
                answer = http.request(method, path, **more)
            except httpx.ConnectError:
                return None
        assert answer.is_success, answer.text
        return answer.json()

    def wait(self, what: str, look: Callable[[], T], within: float = 300) -> T:
        """What `look` finds as soon as it finds something; Broken says what was waited for."""
        if found := processes.until(look, within, 0.25):
            return found
        raise processes.Broken(f"not in {within:.0f} s: {what}")

    def place(self) -> str:
        """A customer orders: something to weigh, pieces, and something that will not be found."""
        wish = {
            "positions": [{"id": WEIGHED, "weight": 1000}, {"id": PIECES, "quantity": 3},
                          {"id": GONE, "quantity": 1}],
            "store": "MSK-07", "plays": False,
        }  # fmt: skip
        created = self.ask("POST", "/kuper/_orders", json=wish)
        order_id = str(created["originalOrderId"])
        self._taken(order_id)
        return order_id

    async def pick(self, order_id: str) -> None:
        """Take it as a picker with a handheld does, over HTTPS, until it stands ready."""
        with self.lab.inside():
            async with self.client() as http:
                handheld = await Handheld(http).sign_in()
                taken = await _at_last(handheld)
                assert taken["order"]["number"] == order_id, taken
                await handheld.do("start")
                await handheld.do("weigh", line=WEIGHED, grams=1040, source="scale")
                await handheld.do("short", line=PIECES, quantity=2, reason="few on the shelf")
                await handheld.do("drop", line=GONE, reason="none on the shelf")
                await handheld.do("complete")
                await handheld.do("ready")

    def told(self, order_id: str) -> list[str]:
        """What the marketplace has accepted to be told of an order, in order."""
        found = self.ask("GET", "/kuper/_state", params={"order": order_id})
        return [it["event_type"] for it in found["notifications"] if it["status"] < 300]

    def deliver(self, order_id: str) -> None:
        """The marketplace tells that the customer paid and got it."""
        for event in _CUSTOMER_GETS_IT:
            said = {"event": f"order.{event}", "payload": {}}
            self.ask("POST", f"/kuper/_orders/{order_id}/events", json=said)
            assert self._taken(order_id)["event_type"] == f"order.{event}"

    def _taken(self, order_id: str) -> Any:
        """The marketplace's last webhook of this order, once the hub has taken it: until then the
        marketplace repeats it."""

        def look() -> Any:
            last = self.ask("GET", "/kuper/_state", params={"order": order_id})["webhooks"][-1]
            return last if last["outcome"] == "accepted" else None

        return self.wait(f"the last webhook of {order_id} at the hub", look)

    def document(self, order_id: str, within: float = 300) -> dict[str, Any]:
        """The sales document of a delivered order."""
        found = self.wait("a document", lambda: self.json(f"export --order {order_id}"), within)
        (document,) = found
        assert isinstance(document, dict)
        return document
