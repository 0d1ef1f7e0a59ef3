"""Around every request, seen from the server's side: bodies in pieces, callers that go away."""

import asyncio
import base64

import pytest

from app.http.middleware import MOST
from tests.conftest import CREDENTIALS, TOKEN
from tests.factories import placed

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Wire:
    """What a server does with an application: hands it messages, keeps what it says."""

    def __init__(self, world, *messages, path="/hooks/sm-demo", proof=TOKEN):
        self.app = world.api._transport.app
        self.messages, self.said, self.path, self.proof = list(messages), [], path, proof

    async def receive(self):
        if self.messages:
            return self.messages.pop(0)
        return {"type": "http.disconnect"}

    async def send(self, message):
        self.said.append(message)

    async def run(self):
        headers = [(name.lower().encode(), value.encode()) for name, value in self.proof.items()]
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST",
            "scheme": "http", "path": self.path, "raw_path": self.path.encode(), "root_path": "",
            "query_string": b"", "headers": headers, "client": None, "server": ("hub", 80),
        }  # fmt: skip
        await asyncio.wait_for(self.app(scope, self.receive, self.send), 60)
        return self.said[0]["status"] if self.said else None


def part(body, *, more=True):
    return {"type": "http.request", "body": body, "more_body": more}


GONE = {"type": "http.disconnect"}


async def test_a_body_may_come_in_pieces(world):
    content = placed("H-pieces")
    pieces = [part(content[n : n + 7]) for n in range(0, len(content), 7)]
    wire = Wire(world, *pieces, part(b"", more=False))
    assert await wire.run() == 200
    assert await world.value("SELECT count(*) FROM inbox_delivery WHERE body = $1", content) == 1


@pytest.mark.parametrize(
    "messages",
    [[GONE], [part(b"")], [part(b'{"event_type":'), GONE], [part(placed("H-half")), GONE]],
    ids=["before anything", "at once", "in the middle", "before the end was said"],
)
async def test_half_a_body_is_nothing_at_all(world, messages):
    before = await world.value("SELECT count(*) FROM inbox")
    assert await Wire(world, *messages).run() is None
    assert await world.value("SELECT count(*) FROM inbox") == before


async def test_a_body_that_grows_past_the_limit_is_not_read_to_its_end(world):
    wire = Wire(world, *[part(b"x" * 65_536)] * 100)
    assert await wire.run() == 413
    assert len(wire.messages) > 90
    headers = dict(wire.said[0]["headers"])
    assert headers[b"connection"] == b"close"
    assert len(headers[b"x-request-id"]) >= 8


async def test_a_file_is_not_read_before_its_sender_is_known(world):
    wire = Wire(world, *[part(b"x" * 65_536)] * 400, path="/catalogue/v1/products")
    assert await wire.run() == 401
    assert len(wire.messages) == 400


async def test_half_a_file_is_nothing_at_all(world):
    duty = f"duty:{CREDENTIALS['operators'][0]['password']}".encode()
    login = {"Authorization": "Basic " + base64.b64encode(duty).decode()}
    wire = Wire(world, part(b"sku;name\n1;x"), GONE, path="/catalogue/v1/products", proof=login)
    assert await wire.run() is None


@pytest.mark.parametrize(("size", "status"), [(MOST, 200), (MOST + 1, 413)])
async def test_the_limit_is_exact(world, size, status):
    assert await Wire(world, part(b"x" * size, more=False)).run() == status


async def test_who_went_away_is_counted_as_gone_and_not_as_a_fault_of_ours(world):
    await Wire(world, GONE).run()
    text = (await world.api.get("/metrics")).text
    assert 'hub_requests_total{route="none",status="499"}' in text


async def test_what_the_hub_counts_is_what_was_answered_by_route_and_never_by_id(world):
    ask = world.api.get("/metrics")
    await Wire(world, part(b"", more=False), path="/nothing/1").run()
    await world.api.get("/picker/v1/orders/01890a5d-ac96-774b-bcce-b302099a8057")
    text = (await ask).text
    assert 'hub_requests_total{route="/picker/v1/orders/{order_id}",status="401"}' in text
    assert 'route="none",status="404"' in text
    assert "01890a5d" not in text
    assert 'status="0"' not in text
