"""Every marketplace of the registry, found by its test folder."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from tests.marketplaces.party import Party

PARTIES: dict[str, Party] = {
    path.parent.name: import_module(f"tests.marketplaces.{path.parent.name}.party").PARTY
    for path in sorted(Path(__file__).parent.glob("*/party.py"))
}
