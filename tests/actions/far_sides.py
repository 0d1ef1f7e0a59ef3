"""Far sides that hang or want to be left alone, whatever this machine does meanwhile: what hangs is
given up soon, what answers is waited for, and who rests does so for longer than anything stalls."""

from __future__ import annotations

from typing import Final

import httpx

from tests.marketplaces.far import Far, hanging

#: Seconds for the answer of one that gives none.
SOON: Final = 0.2
#: A gate that shuts, or rests, does so for an hour longer than it says.
LONG_RESTS: Final = """
CREATE FUNCTION rest_longer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.open_until > greatest(OLD.open_until, clock_timestamp()) THEN
        NEW.open_until := NEW.open_until + interval '1 hour';
    END IF;
    IF NEW.rest_until > greatest(OLD.rest_until, clock_timestamp()) THEN
        NEW.rest_until := NEW.rest_until + interval '1 hour';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER rest_longer BEFORE UPDATE ON account_gate
   FOR EACH ROW EXECUTE FUNCTION rest_longer()
"""


class Patience(httpx.AsyncHTTPTransport):
    """Real connections; the time for an answer is short where it would never come."""

    def __init__(self) -> None:
        super().__init__()
        self.sides: list[Far] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        here = f"http://{request.url.host}:{request.url.port}"
        hangs = any(side.url == here and side.speaks[0] is hanging for side in self.sides)
        request.extensions["timeout"] = {"read": SOON if hangs else None}
        return await super().handle_async_request(request)
