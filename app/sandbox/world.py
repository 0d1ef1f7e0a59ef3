"""What a stand-in is given from outside: clock, chance, secrets, and the way to the hub."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from random import Random

import httpx


@dataclass(frozen=True, slots=True)
class World:
    """`transport` takes the place of the network, for instance the hub's application itself."""

    clock: Callable[[], datetime]
    rng: Random
    token_hex: Callable[[int], str]
    transport: httpx.AsyncBaseTransport | None = None
    ca_file: str = ""  #: who signed the hub's certificate; "" for a hub without TLS

    def client(self, timeout: float) -> httpx.AsyncClient:
        """A client that speaks to the hub and trusts nobody else."""
        secure = bool(self.ca_file) and self.transport is None
        verify = ssl.create_default_context(cafile=self.ca_file) if secure else False
        return httpx.AsyncClient(
            transport=self.transport, timeout=timeout, trust_env=False, verify=verify
        )
