"""What a client sees of workers that break off, are away, or restart: as little as is safe."""

from __future__ import annotations

import shutil
import socketserver
import tempfile
import threading
from pathlib import Path

import httpx
import pytest

from tests.ops.gateway import programs, running

TRIES = 12


class BreaksOff(socketserver.BaseRequestHandler):
    """Takes a request and closes without an answer, like a worker killed in the middle of it."""

    def handle(self):
        self.request.recv(65536)
        self.server.taken += 1


class Lacks(socketserver.BaseRequestHandler):
    """Has not the adapter of any account."""

    def handle(self):
        self.request.recv(65536)
        self.server.taken += 1
        body = b'{"code":"TEMPORARY"}'
        self.request.sendall(
            b"HTTP/1.1 502 Bad Gateway\r\nContent-Type: application/problem+json\r\n"
            b"Retry-After: 2\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%b"
            % (len(body), body)
        )


@pytest.fixture
def folder():
    path = Path(tempfile.mkdtemp(prefix="hub-nw-"))
    yield path
    shutil.rmtree(path)


@pytest.fixture
def broken(folder):
    """A worker that breaks off every request; counts them in `taken`."""
    yield from answering(folder, BreaksOff)


@pytest.fixture
def lacking(folder):
    """A worker that has no adapter; counts requests in `taken`."""
    yield from answering(folder, Lacks)


def answering(folder, how):
    with socketserver.ThreadingUnixStreamServer(str(folder / "broken.sock"), how) as server:
        server.taken = 0
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(params=programs().values(), ids=programs().keys())
def ask(request, workers):
    """A function that starts nginx before these sockets and a good one, and posts to a path."""

    def run(sockets: list[Path], path: str, *, good: bool = True) -> list[httpx.Response]:
        chosen = [*sockets, workers[0]] if good else sockets
        with running(request.param, chosen, "ru") as gateway, gateway.client() as client:
            return [client.post(path, content=b"{}") for _ in range(TRIES)]

    return run


@pytest.mark.parametrize("path", ["/hooks/demo", "/sbermarket/orders/hook/"])
def test_a_webhook_goes_to_another_worker_when_the_first_breaks_off(ask, broken, path):
    answers = ask([Path(broken.server_address)], path)
    assert [answer.status_code for answer in answers] == [200] * TRIES
    assert broken.taken > 0


@pytest.mark.parametrize("path", ["/hooks/demo/order", "/hooks/demo/security/oauth/token"])
def test_a_call_to_a_server_of_ours_goes_to_another_worker_too(ask, broken, path):
    answers = ask([Path(broken.server_address)], path)
    assert [answer.status_code for answer in answers] == [200] * TRIES
    assert broken.taken > 0


@pytest.mark.parametrize("path", ["/hooks/demo", "/sbermarket/orders/hook/"])
def test_a_webhook_whose_adapter_a_worker_lacks_goes_to_another_one(ask, lacking, path):
    answers = ask([Path(lacking.server_address)], path)
    assert [answer.status_code for answer in answers] == [200] * TRIES
    assert lacking.taken > 0


def test_when_all_workers_lack_the_adapter_the_sender_is_told_when_to_come_back(ask, lacking):
    for answer in ask([Path(lacking.server_address)], "/hooks/demo", good=False):
        assert answer.status_code == 502
        assert answer.headers["Retry-After"] in {"1", "2"}


def test_a_pickers_write_that_reached_a_worker_is_never_sent_twice(ask, broken):
    answers = ask([Path(broken.server_address)], "/picker/v1/orders/next")
    lost = [answer for answer in answers if answer.status_code != 200]
    assert len(lost) == broken.taken > 0
    for answer in lost:
        assert answer.status_code == 502
        assert answer.headers["Retry-After"] == "1"
        assert answer.json()["retryable"] is True
        assert answer.json()["message"] == "Сервер прервал ответ. Повторите запрос."


@pytest.mark.parametrize("path", ["/hooks/demo", "/picker/v1/orders/next"])
def test_a_worker_that_is_away_or_has_closed_its_door_costs_nothing(ask, folder, path):
    closed = folder / "closed.sock"
    closed.touch()
    answers = ask([folder / "away.sock", closed], path)
    assert [answer.status_code for answer in answers] == [200] * TRIES


@pytest.mark.parametrize("path", ["/hooks/demo", "/picker/v1/orders/next"])
def test_with_no_worker_left_the_answer_says_when_to_come_back(ask, folder, path):
    for answer in ask([folder / "away.sock"], path, good=False):
        assert answer.status_code == 502
        assert answer.headers["Retry-After"] == "1"
        assert answer.json()["code"] == "worker_broke_off"
