"""orderhub bench: measure this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.bench import run as benchmark


def bench(
    output: Annotated[Path, typer.Option(help="Where the figures go")] = Path("bench.json"),
) -> None:
    """Measure and write one JSON file; exit code 1 when a promised figure was missed."""
    raise typer.Exit(0 if benchmark.run(output) else 1)
