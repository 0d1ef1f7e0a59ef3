"""orderhub gateway: nginx's files for a container, made by the same template as everywhere."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from app.settings import Settings
from app.supervision.gateway_container import Wanted, lay_out


def gateway(  # noqa: PLR0913 - one parameter is one option
    target: Annotated[Path, typer.Argument(help="The folder that nginx will read and write")],
    *,
    worker: Annotated[list[str], typer.Option(help="A worker: name:port, address:port")],
    name: Annotated[list[str], typer.Option(help="A name the hub answers to")],
    certificate: Annotated[
        Path | None, typer.Option(help="With its chain; else self-signed")
    ] = None,
    certificate_key: Annotated[Path | None, typer.Option(help="Its key")] = None,
    hsts: Annotated[str, typer.Option(help="Strict-Transport-Security")] = "",
    resolver: Annotated[str | None, typer.Option(help="Who knows the workers' names")] = None,
) -> None:
    """Write nginx's files for a container; ports and language are the settings'."""
    settings = Settings.from_env(os.environ)
    wanted = Wanted(
        workers=tuple(worker),
        names=tuple(each.lower() for each in name),
        certificate=certificate,
        certificate_key=certificate_key,
        hsts=hsts,
        ports=(settings.https_port, settings.http_port),
        language=settings.language,
        resolver=resolver,
    )
    typer.echo(lay_out(target, wanted, datetime.now(UTC)))
