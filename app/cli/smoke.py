"""orderhub smoke: one order of a shop of its own goes through the gateway and back."""

from __future__ import annotations

import logging
import ssl
import time
from dataclasses import asdict, dataclass, field
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import httpx
import typer

from app import log
from app.actions.smoke import Run, Step
from app.actions.smoke_way import SmokeFailed, Way
from app.cli.keys import seal_of_settings
from app.cli.session import print_json, stop, with_connection
from app.db.conn import Conn
from app.marketplaces import remote
from app.marketplaces.registry import build
from app.marketplaces.tools import Tools


@dataclass(frozen=True, slots=True)
class _Asked:
    url: str
    resolve: str | None
    trust: ssl.SSLContext | bool
    release: str | None
    seconds: float


@dataclass(slots=True)
class _Told:
    """What is printed, or kept for JSON."""

    json: bool
    steps: list[Step] = field(default_factory=list)

    def hear(self, step: Step) -> None:
        self.steps.append(step)
        if not self.json:
            typer.echo(f"{step.name:<13}{step.ms:>6} ms  {step.said}".rstrip())


def smoke(  # noqa: PLR0913 - one option each
    *,
    url: Annotated[str, typer.Option(help="The gateway, like https://hub.example.com")],
    resolve: Annotated[
        str | None, typer.Option(help="Its address, when its name does not lead to it yet")
    ] = None,
    ca: Annotated[
        Path | None, typer.Option(help="PEM file of who signed its certificate", exists=True)
    ] = None,
    release: Annotated[str | None, typer.Option(help="What every worker must say it is of")] = None,
    timeout: Annotated[float, typer.Option(min=1, max=300, help="Seconds for all of it")] = 30.0,
    insecure: Annotated[bool, typer.Option("--insecure", help="Any certificate will do")] = False,
    json: Annotated[bool, typer.Option("--json", help="For programs")] = False,
) -> None:
    """Send one order of a shop of its own through the gateway, pick it and call it off. Nobody is
    told of it. Exit code 1 with one sentence when a step fails."""
    _refuse(url, resolve)
    trust: ssl.SSLContext | bool = not insecure
    if ca is not None and not insecure:
        trust = ssl.create_default_context(cafile=ca)
    _tell(_Asked(url.rstrip("/"), resolve, trust, release, timeout), _Told(json))


def _refuse(url: str, resolve: str | None) -> None:
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        stop("--url must be an http(s) URL.", 2)
    if resolve is not None and not _is_address(resolve):
        stop("--resolve must be an IP address.", 2)


def _tell(asked: _Asked, told: _Told) -> None:
    """Do it, and say how it went."""
    log.configure("smoke", level=logging.WARNING)
    started = time.monotonic()
    failed = with_connection(partial(_go, asked, told))
    ms = round(1000 * (time.monotonic() - started))
    if told.json:
        steps = [asdict(step) for step in told.steps]
        print_json({"passed": failed is None, "ms": ms, "steps": steps, "failed": failed})
    if failed is not None:
        stop(f"The smoke order failed: {failed}")
    if not told.json:
        typer.echo(f"The smoke order went through in {ms} ms.")


async def _go(asked: _Asked, told: _Told, conn: Conn) -> str | None:
    """None when all went well, else which step did not, and why."""
    seal = seal_of_settings()
    async with remote.client() as outward, _client(asked) as http:
        run = Run(Way(http, asked.release), conn, told.hear)
        try:
            await run.go(seal, build(Tools(outward)), asked.seconds)
        except SmokeFailed as error:
            return str(error)
    return None


def _client(asked: _Asked) -> httpx.AsyncClient:
    """A client of the gateway, by its address when one is given."""
    if asked.resolve is None:
        return httpx.AsyncClient(base_url=asked.url, verify=asked.trust, timeout=asked.seconds)
    parts = urlsplit(asked.url)
    host = f"[{asked.resolve}]" if ":" in asked.resolve else asked.resolve
    port = f":{parts.port}" if parts.port else ""

    async def by_name(request: httpx.Request) -> None:
        request.extensions["sni_hostname"] = parts.hostname

    hooks: dict[str, list[Any]] = {"request": [by_name]}
    return httpx.AsyncClient(
        base_url=f"{parts.scheme}://{host}{port}{parts.path}",
        headers={"Host": parts.netloc},
        verify=asked.trust,
        timeout=asked.seconds,
        event_hooks=hooks,
    )


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
