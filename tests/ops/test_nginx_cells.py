"""Hooks of some accounts go to another cell, and change over without a request that fails."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socketserver
import tempfile
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import httpx
import pytest

from app.errors import SettingsInvalid
from app.supervision.binaries import nginx_version
from app.supervision.routes import HERE, ORIGINAL, read, send_to, upstream
from tests.ops.gateway import programs, running, wait_until

LONGEST = "a" * 64


class Other(BaseHTTPRequestHandler):
    """A worker of the other cell."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(299)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def address_string(self):
        return "nginx"

    def log_message(self, *_):
        """Silent."""


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    request_queue_size = 128


@pytest.fixture
def other():
    """The socket of a worker of another cell, which answers 299."""
    folder = Path(tempfile.mkdtemp(prefix="hub-nc-"))
    with Server(os.fspath(folder / "b.sock"), Other) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield folder / "b.sock"
        server.shutdown()
    shutil.rmtree(folder)


class Sender(threading.Thread):
    """Posts to one account over and over, from where the marketplace is."""

    def __init__(self, gateway):
        super().__init__()
        self.gateway, self.over, self.statuses = gateway, threading.Event(), []
        self.cut = []

    def run(self):
        with self.gateway.client() as client:
            while not self.over.is_set():
                try:
                    self.statuses.append(client.post("/hooks/sm-2", content=b"{}").status_code)
                except httpx.RemoteProtocolError as error:
                    self.cut.append(str(error))
                except (httpx.ReadError, httpx.WriteError):
                    self.cut.append(RESET)

    def wait_for(self, status):
        """Until this is answered to a request that is sent from now on."""
        seen = len(self.statuses)
        wait_until(lambda: status in self.statuses[seen:] or not self.is_alive())
        assert self.is_alive()


@contextlib.contextmanager
def sending(gateway):
    sender = Sender(gateway)
    sender.start()
    try:
        yield sender
    finally:
        sender.over.set()
        sender.join()


RESET = "the connection was reset"


def cut_by_a_reload(program):
    """What a client may see of one: before 1.27.4, the end of a connection it was just using, as an
    end or as a reset, whichever of the two comes first."""
    newer = nginx_version(program) >= (1, 27, 4)
    return set() if newer else {"Server disconnected without sending a response.", RESET}


def reload(gateway):
    os.kill(int((gateway.data / "nginx" / "nginx.pid").read_text()), signal.SIGHUP)


@pytest.mark.parametrize("program", programs().values(), ids=programs().keys())
def test_hooks_change_over_to_another_cell_and_back_without_a_failure(program, workers, other):
    with running(program, workers) as gateway:
        cells = gateway.data / "nginx" / "cells"
        cells.mkdir()
        (cells / "b.upstream").write_text(upstream("b", [f"unix:{other}"] * 3))
        with sending(gateway) as sender:
            for cell, status in (("b", 299), (HERE, 200)) * 10 + (("b", 299),):
                send_to(cells, cell, ["sm-2", LONGEST])
                reload(gateway)
                sender.wait_for(status)
        assert set(sender.statuses) == {200, 299}
        assert set(sender.cut) <= cut_by_a_reload(program)
        with gateway.client() as client:
            assert client.post(f"/hooks/{LONGEST}", content=b"{}").status_code == 299
            assert client.post("/hooks/sm-1", content=b"{}").status_code == 200


def test_a_route_is_to_a_cell_the_gateway_knows_and_of_something_that_can_be_an_account(tmp_path):
    (tmp_path / "b.upstream").write_text(upstream("b", ["10.0.2.11:8101"]))
    send_to(tmp_path, "b", ["sm-2", ORIGINAL])
    assert read(tmp_path) == {"/hooks/sm-2": "b", ORIGINAL: "b"}
    for cell, account in (("c", "sm-2"), ("../b", "sm-2"), ("b", 'sm"; x'), ("b", "/other/")):
        with pytest.raises(SettingsInvalid):
            send_to(tmp_path, cell, [account])
    assert read(tmp_path) == {"/hooks/sm-2": "b", ORIGINAL: "b"}
    send_to(tmp_path, HERE, ["sm-2"])
    assert read(tmp_path) == {ORIGINAL: "b"}
    with pytest.raises(SettingsInvalid, match="no host:port"):
        upstream("b", ["10.0.2.11;"])
