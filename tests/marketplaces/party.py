"""One marketplace as the conformance suite and the lives know it. Each test folder has `party.py`
with a PARTY, and `samples/`: for each delivery NAME.json, NAME.reply (the bytes we answer) and,
where it is thin, NAME.fetched (what the marketplace shows when it is asked); NAME.listed is one
order of a list. NAME is the event's name, or that name, `--` and what is special about it; an event
that has none is "nameless"; a slash is written %2F."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote

from app.contract import Account, Call
from app.sandbox.stall import Goods, Stall
from tests.domain.build import uid

HERE = Path(__file__).parent
#: What customers of the lives order: goods of the demo's catalogue.
BREAD = Goods("100201", "Хлеб Бородинский, 400 г", 6490, pieces=3)
BANANAS = Goods("200101", "Бананы", 12990, grams=1000)
BUNS = Goods("100202", "Батон нарезной, 400 г", 5290, pieces=2)


@dataclass(frozen=True)
class Party:
    """`prove` makes the headers of an authentic call with the account's *oldest* live secret;
    `forgeries` are headers that prove nothing whatever the body is; `bound`: the proof is of the
    body; `timed`: and of the time."""

    account: Account
    prove: Callable[[bytes, datetime], Mapping[str, str]]
    forgeries: tuple[Mapping[str, str], ...]
    bound: bool = True
    timed: bool = False
    peer: str = "192.0.2.10"
    strange_peer: str | None = None
    stand_in: type[Stall] | None = None
    goods: tuple[Goods, ...] = (BREAD, BANANAS, BUNS)
    #: Whether a shop may call off an order it has accepted; where not, a person must do it.
    calls_off: bool = True
    #: Whether what happens to an order there is not told, and found in the list only.
    untold: bool = False
    #: Headers that differ from sample to sample, such as the event's name; by the sample's name.
    beside: Callable[[str], Mapping[str, str]] = field(default=lambda _stem: {})
    #: Method and path of samples that go to a server of ours; by the sample's name.
    place: Callable[[str], tuple[str, str]] = field(default=lambda _stem: ("POST", ""))

    def files(self, kind: str) -> dict[str, bytes]:
        """Samples of a kind (json, reply, fetched, listed) by name."""
        folder = HERE / self.account.adapter / "samples"
        return {unquote(path.stem): path.read_bytes() for path in sorted(folder.glob(f"*.{kind}"))}

    def samples(self) -> dict[str, bytes]:
        """The deliveries."""
        return self.files("json")

    def call(self, body: bytes, now: datetime, stem: str = "") -> Call:
        """An authentic call."""
        method, path = self.place(stem)
        headers = {**self.beside(stem), **self.prove(body, now)}
        return Call(headers, body, self.peer, method, path)


def an_account(adapter: str, secrets: Mapping[str, tuple[str, ...]], **settings: object) -> Account:
    """An account with a marketplace; secrets by kind, the newest first."""
    return Account(
        id=uid(1), merchant_id=uid(2), code=f"{adapter}-test", adapter=adapter,
        settings=settings, active=True, secrets=secrets,
    )  # fmt: skip


def without_secrets(account: Account) -> Account:
    """The same account before anybody gave it a secret."""
    return replace(account, secrets=dict.fromkeys(account.secrets, ("",)))
