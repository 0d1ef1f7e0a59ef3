"""HTTPS to a gateway in a lab by its public name, where no name server is."""

from __future__ import annotations

import ssl
from pathlib import Path

import httpx


class ByAddress(httpx.AsyncHTTPTransport):
    """Connects to an address for one name; TLS and the Host header go on saying the name."""

    def __init__(self, name: str, address: str, trust: ssl.SSLContext) -> None:
        super().__init__(verify=trust, limits=httpx.Limits(max_connections=200))
        self._name, self._address = name, address

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """See httpx; requests for other hosts go where they say."""
        if request.url.host == self._name:
            request.extensions = {**request.extensions, "sni_hostname": self._name}
            request.url = request.url.copy_with(host=self._address)
        return await super().handle_async_request(request)


def trusting(certificate: Path | None) -> ssl.SSLContext:
    """TLS that trusts this certificate alone; None: any, whose ever it is."""
    if certificate is not None:
        return ssl.create_default_context(cafile=certificate)
    anything = ssl.create_default_context()
    anything.check_hostname = False
    anything.verify_mode = ssl.CERT_NONE
    return anything


def client(
    name: str, address: str, certificate: Path | None = None, *, timeout: float = 15
) -> httpx.AsyncClient:
    """A client of the gateway at that address; use it inside the lab."""
    transport = ByAddress(name, address, trusting(certificate))
    return httpx.AsyncClient(
        base_url=f"https://{name}", transport=transport, timeout=timeout, trust_env=False
    )
