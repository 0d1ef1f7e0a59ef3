"""Which marketplaces exist: the one list to touch when adding one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import httpx

from app.marketplaces.kuper import Kuper
from app.ports import Marketplace

REGISTRY: Final[Mapping[str, Callable[[httpx.AsyncClient], Marketplace]]] = {
    Kuper.name: Kuper,
}
