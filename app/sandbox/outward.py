"""The client the sandbox calls the hub with: its certificate checked, nothing else trusted."""

from __future__ import annotations

import ssl

import httpx

from app.sandbox.credentials import Credentials


def client_to_hub(
    credentials: Credentials,
    *,
    timeout: float,
    connections: int = 20,
    transport: httpx.AsyncBaseTransport | None = None,
) -> httpx.AsyncClient:
    """Make a client with the hub's address; FileNotFoundError when its CA file is missing.

    `transport` replaces the network, for instance by the hub's application itself.
    """
    secure = credentials["base_url"].startswith("https:") and transport is None
    verify = ssl.create_default_context(cafile=credentials["ca_file"]) if secure else False
    return httpx.AsyncClient(
        base_url=credentials["base_url"],
        verify=verify,
        timeout=timeout,
        trust_env=False,  # loopback only: no proxy from the environment
        limits=httpx.Limits(max_connections=connections),
        transport=transport,
    )
