"""A worker's answers leave in one piece, so that a kill leaves none of one or all of it."""

from __future__ import annotations

import asyncio

import pytest
from uvicorn import Config
from uvicorn.server import ServerState

from app.supervision.worker import JOINED_BYTES, HubProtocol, JoinedWrites

REQUEST = b"POST /hooks/demo HTTP/1.1\r\nHost: hub\r\nContent-Length: 2\r\n\r\n{}"


class Wire(asyncio.Transport):
    """Keeps what is sent, piece by piece."""

    def __init__(self):
        super().__init__()
        self.sent: list[bytes] = []
        self.closed = False

    def write(self, data):
        self.sent.append(data)

    def close(self):
        self.closed = True

    def is_closing(self):
        return self.closed


async def plain(_scope, receive, send):
    await receive()
    headers = [(b"content-length", b"4")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"good"})


async def slow_stream(_scope, _receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for piece in (b"one", b"two"):
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        await asyncio.sleep(0.01)
    await send({"type": "http.response.body", "body": b""})


async def answer(app, request: bytes = REQUEST) -> Wire:
    """What goes over the wire for one request."""
    wire = Wire()
    state = ServerState()
    config = Config(app, http=HubProtocol, lifespan="off", date_header=False, server_header=False)
    config.load()
    protocol = HubProtocol(config, state, {})
    protocol.connection_made(wire)
    protocol.data_received(request)
    await asyncio.gather(*state.tasks)
    await asyncio.sleep(0)
    protocol.connection_lost(None)
    return wire


async def test_head_and_body_of_an_answer_are_one_piece():
    wire = await answer(plain)
    assert wire.sent == [b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngood"]


async def test_an_answer_that_ends_the_connection_is_sent_before_it_closes():
    wire = await answer(plain, REQUEST.replace(b"Host", b"Connection: close\r\nHost"))
    assert [piece[-4:] for piece in wire.sent] == [b"good"]
    assert wire.closed


async def test_pieces_of_a_stream_are_sent_when_they_come():
    wire = await answer(slow_stream)
    ends = [piece.split(b"\r\n")[-2] for piece in wire.sent]
    assert ends == [b"one", b"two", b""]


async def test_garbage_is_answered_before_the_connection_closes():
    wire = await answer(plain, b"\x00\r\n\r\n")
    assert wire.sent[0].startswith(b"HTTP/1.1 400 ")
    assert wire.closed


async def test_nothing_is_written_to_a_connection_that_broke():
    wire = Wire()
    joined = JoinedWrites(wire)
    joined.write(b"late")
    wire.closed = True
    await asyncio.sleep(0)
    assert wire.sent == []


async def test_a_large_piece_does_not_wait_for_the_next_turn():
    wire = Wire()
    joined = JoinedWrites(wire)
    joined.write(b"head")
    joined.write(b"x" * JOINED_BYTES)
    assert wire.sent == [b"head" + b"x" * JOINED_BYTES]
    await asyncio.sleep(0)
    assert len(wire.sent) == 1


@pytest.mark.parametrize("name", ["get_extra_info", "pause_reading", "is_closing"])
async def test_everything_else_is_the_transports_own(name):
    wire = Wire()
    assert getattr(JoinedWrites(wire), name) == getattr(wire, name)
