"""The other marketplaces of the sandbox: each adapter's stand-in, found beside its adapter, with an
account of the demo merchant."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import Any, Final, TypedDict, cast

from app.sandbox.credentials import Credentials
from app.sandbox.stall import Stall

#: Where adapters live, each with its `stand_in`. Named, not imported: a stand-in knows no adapter.
ADAPTERS: Final = "app.marketplaces"
#: Every marketplace that has one, and none of them.
ALL: Final = "all"
NONE: Final = "none"


class Market(TypedDict):
    """One account of the demo merchant; `url` is where the hub calls the stand-in."""

    name: str
    account: str
    hook_url: str
    url: str
    settings: dict[str, Any]
    secrets: dict[str, str]


@cache
def kinds() -> Mapping[str, type[Stall]]:
    """The stand-ins there are, by the name of their marketplace."""
    folder = import_module(ADAPTERS)
    names = [f"{ADAPTERS}.{each.name}" for each in iter_modules(folder.__path__) if each.ispkg]
    found = [f"{name}.stand_in" for name in names if find_spec(f"{name}.stand_in")]
    return {kind.name: kind for kind in (import_module(name).StandIn for name in found)}


def chosen(said: str) -> tuple[str, ...]:
    """Names out of "all", "none" or "one,other"; ValueError names one that is not there."""
    if said in (ALL, NONE):
        return tuple(kinds()) if said == ALL else ()
    names = tuple(filter(None, map(str.strip, said.split(","))))
    unknown = [name for name in names if name not in kinds()]
    if unknown:
        raise ValueError(f"no stand-in for {', '.join(unknown)}; there are {', '.join(kinds())}")
    return names


def introduce(known: Credentials, names: Iterable[str], port: int) -> Credentials:
    """The same set-up with an account at each of these; whose secrets stay the same for ever."""
    markets = [_market(known, kinds()[name], port) for name in names]
    return cast("Credentials", {**known, "markets": markets})


def accounts(known: Credentials) -> list[dict[str, Any]]:
    """The accounts for the description of the demo merchant."""
    stores = {store["external_id"]: store["code"] for store in known["stores"]}
    return [
        {
            "code": market["account"],
            "adapter": market["name"],
            "settings": market["settings"],
            "secrets": market["secrets"],
            "stores": stores,
        }
        for market in known.get("markets", [])
    ]


def _market(known: Credentials, kind: type[Stall], port: int) -> Market:
    account = f"{kind.name.replace('_', '-')}-demo"
    url = f"http://127.0.0.1:{port}/{kind.name}"
    return {
        "name": kind.name,
        "account": account,
        "hook_url": f"{known['base_url']}/hooks/{account}",
        "url": url,
        "settings": kind.settings(url),
        "secrets": kind.made_up(_digits(f"{known['telegram']['token']}:{kind.name}")),
    }


def _digits(seed: str) -> Callable[[int], str]:
    """Other digits at every call, the same ones from the same seed."""
    calls = iter(range(1000))

    def digits(size: int) -> str:
        text = f"{seed}:{next(calls)}".encode()
        return hashlib.shake_256(text).hexdigest(size)

    return digits
