"""/hooks/{account}: prove it, store it, answer. Everything else happens later."""

from __future__ import annotations

import time

from starlette.requests import Request
from starlette.responses import Response

from app.actions.receive import Knock, receive
from app.contract import Call
from app.errors import UnknownAccount
from app.http.guards import peer


async def hook(request: Request) -> Response:
    """The adapter's own answer once the delivery is on disk, also when it was there already."""
    state, started, status = request.state, time.monotonic(), 503
    account = _storable(request.path_params.get("account", state.hub.original_account or ""))
    call = Call(
        headers={name: _storable(request.headers[name]) for name in request.headers},
        body=await request.body(),
        peer=_storable(peer(request)),
        method=request.method,
        path=_storable(request.path_params.get("path", "")),
        query=_storable(request.url.query),
    )
    try:
        reply = await receive(state.hub, state.commits, Knock(account, call, state.trace_id))
        status = reply.status
    except UnknownAccount:
        status = 0  # nobody's: strangers invent names
        raise
    finally:
        if status:
            state.hub.hooks.count(account, status, time.monotonic() - started)
    return Response(reply.body, reply.status, media_type=reply.media_type)


def _storable(text: str) -> str:
    """PostgreSQL keeps no NUL; with a URL's %00 or a lenient server one can come this far."""
    return text.replace("\x00", "\ufffd")
