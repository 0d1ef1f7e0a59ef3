"""The server that Yandex Eats calls: which call is what, and what it hears."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl

import msgspec

from app.contract import Account, Call, Delivery, Question, Reply
from app.errors import Malformed
from app.marketplaces import proofs, reading
from app.marketplaces.account import settings_of
from app.marketplaces.json_body import glance
from app.marketplaces.yandex_eats import tokens
from app.marketplaces.yandex_eats.profile import CLIENT_SECRET, YandexEatsSettings

#: What a delivery keeps of the address it came to; our number is their order's name there again.
PATH: Final = "x-path"
COMPOSITION: Final = "composition"
STATUS: Final = "status"

Said: TypeAlias = Reply | Delivery | Question


def serve(account: Account, call: Call, now: datetime) -> Said:
    """Log in; or, with a token, what the table says. Raises Forged."""
    parts = call.path.strip("/").split("/")
    if parts == ["security", "oauth", "token"]:
        return _login(account, call, now) if call.method == "POST" else error(405, "POST only")
    tokens.prove(account, call, now)
    if parts == ["order"]:
        return _kept(call, "order") if call.method == "POST" else error(405, "POST only")
    ref = _ref(account, parts)
    if ref is None:
        return error(404, "no such resource")
    ask = _ASKED.get((call.method, *parts[2:]))
    return error(405, "no such method here") if ask is None else ask(call, ref)


def number(account: Account, order_ref: str) -> str:
    """Our number of an order: their id, after the account's prefix."""
    return settings_of(account, YandexEatsSettings).number_prefix + order_ref


def reply(account: Account, delivery: Delivery) -> Reply:
    """Once it is on disk: our number of an order; nothing for a status. An order that does not even
    say what it is called cannot be answered otherwise."""
    if delivery.headers.get(PATH) != "order":
        return Reply(204, b"")
    ref = glance(delivery, "eatsId")
    if ref is None:
        return error(400, "no eatsId")
    return json(200, {"result": "OK", "orderId": number(account, ref)})


def json(status: int, said: Any) -> Reply:
    """An answer; its media type is plain JSON, whatever the request's was."""
    return Reply(status, msgspec.json.encode(said))


def error(status: int, description: str) -> Reply:
    """Errors are lists."""
    return json(status, [{"code": status, "description": description}])


def _login(account: Account, call: Call, now: datetime) -> Reply:
    """Client credentials in a form; whoever has no live secret is told no more than that."""
    try:
        form = dict(parse_qsl(call.body.decode(), keep_blank_values=True, max_num_fields=20))
    except ValueError:
        form = {}
    proofs.token(form.get("client_secret", ""), account.secrets.get(CLIENT_SECRET, ()))
    proofs.token(form.get("client_id", ""), [settings_of(account, YandexEatsSettings).client_id])
    if form.get("grant_type", "client_credentials") != "client_credentials":
        return error(400, "grant_type is client_credentials")
    token, good_for = tokens.issue(account, now)
    return json(200, {"access_token": token, "token_type": "bearer", "expires_in": good_for})


def _ref(account: Account, parts: list[str]) -> str | None:
    """Their order, from our number in the path; None where there is nothing of the kind."""
    prefix = settings_of(account, YandexEatsSettings).number_prefix
    if parts[0] != "order" or parts[2:] not in ([], ["status"]):
        return None
    if len(parts) < 2 or not parts[1].startswith(prefix):
        return None
    try:
        return reading.order_ref(parts[1].removeprefix(prefix))
    except Malformed:
        return None


def _kept(call: Call, path: str) -> Delivery:
    found = proofs.kept(call)
    return Delivery({**found.headers, PATH: path}, found.body)


#: Calls about one order: method, and what follows its number. An order that is on disk and no more
#: is new: that is what the word means there. What is in it must be asked for later.
_ASKED: Final[Mapping[tuple[str, ...], Callable[[Call, str], Said]]] = {
    ("GET",): lambda _, ref: Question(COMPOSITION, ref),
    ("GET", "status"): lambda _, ref: Question(STATUS, ref, json(200, {"status": "NEW"})),
    ("PUT", "status"): lambda call, ref: _kept(call, f"order/{ref}/status"),
}
