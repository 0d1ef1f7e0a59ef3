"""What a process knows of itself before it begins."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Running:
    """One process: where it runs, as what (web-1, scheduler), which version of the hub it is.
    `data`: the folder whose disk must not fill up; `certificate`: the PEM file of the gateway;
    `release`: as who installed it calls what it is of."""

    host: str = ""
    role: str = ""
    version: str = ""
    data: Path | None = None
    certificate: Path | None = None
    release: str = ""
