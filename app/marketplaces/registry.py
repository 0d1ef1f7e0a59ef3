"""Which marketplaces exist: every folder beside this file, and what other packages bring."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from pkgutil import iter_modules
from typing import Final, TypeAlias

import structlog

import app.marketplaces as here
from app.marketplaces.tools import Tools
from app.plugin import Marketplace

log = structlog.get_logger()

Make: TypeAlias = Callable[[Tools], Marketplace]
#: Under this group another package names its marketplaces: `name = "package:Class"`.
GROUP: Final = "order_hub.marketplaces"


def ours() -> dict[str, Make]:
    """A folder's name is the marketplace's, and its MARKETPLACE makes one."""
    names = [module.name for module in iter_modules(here.__path__) if module.ispkg]
    return {name: import_module(f"{here.__name__}.{name}").MARKETPLACE for name in names}


def others(points: Iterable[EntryPoint] | None = None) -> dict[str, Make]:
    """What other packages bring. One that cannot be loaded costs its own marketplace only."""
    found: dict[str, Make] = {}
    for point in entry_points(group=GROUP) if points is None else points:
        try:
            found[point.name] = point.load()
        except Exception as error:  # noqa: BLE001 - somebody else's code must not stop the hub
            _amiss(point.name, error)
    return found


REGISTRY: Final[Mapping[str, Make]] = {**others(), **ours()}


def build(tools: Tools, registry: Mapping[str, Make] = REGISTRY) -> dict[str, Marketplace]:
    """One of each that can be made; accounts of the others wait for a process that can."""
    found: dict[str, Marketplace] = {}
    for name, make in registry.items():
        try:
            found[name] = make(tools)
        except Exception as error:  # noqa: BLE001 - it may be somebody else's code
            _amiss(name, error)
    return found


def _amiss(name: str, error: Exception) -> None:
    log.error("adapter not loaded", name=name, error=repr(error)[:300])
