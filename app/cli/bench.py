"""orderhub bench: measure this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.bench import run as benchmark
from app.bench.monitoring import MANY


def bench(
    parts: Annotated[
        list[str] | None, typer.Argument(help=f"{', '.join(benchmark.PARTS)}; none: all of them")
    ] = None,
    output: Annotated[Path, typer.Option(help="Where the figures go")] = Path("bench.json"),
    finished: Annotated[
        int, typer.Option(min=1, help="Finished orders monitoring is measured beside")
    ] = MANY,
) -> None:
    """Measure and write one JSON file; exit code 1 when a promised figure was missed."""
    for part in parts or ():
        if part not in benchmark.PARTS:
            raise typer.BadParameter(f"{part}: one of {', '.join(benchmark.PARTS)}")
    raise typer.Exit(0 if benchmark.run(parts or (), output, finished) else 1)
