"""The supervisor with real nginx and gunicorn: it starts, heals, rolls, refuses and stops."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import httpx
import pytest

from tests.ops.gateway import PATIENCE
from tests.supervision.stack import environment, running, spawn

pytestmark = pytest.mark.stack


@pytest.fixture
def data():
    home = Path(tempfile.mkdtemp(prefix="hub-st-"))
    home.chmod(0o711)
    yield home / "var"
    shutil.rmtree(home)


@pytest.fixture(scope="module")
def stack():
    home = Path(tempfile.mkdtemp(prefix="hub-st-"))
    home.chmod(0o711)
    with running(home / "var") as stack:
        yield stack
    shutil.rmtree(home)


#: Seconds after which the gateway tries no other worker (nginx/snippets/hook.conf).
GATEWAY_WAITS = 8.0


class Load(threading.Thread):
    """Posts without a pause while the block lasts; counts what comes back."""

    def __init__(self, stack, path):
        super().__init__(daemon=True)  # it posts for ever when the block is never reached
        self.stack, self.path = stack, path
        self.done = threading.Event()
        self.results: Counter[object] = Counter()

    def __enter__(self):
        self.start()
        self.stack.wait_until(self.results.total)
        return self

    def __exit__(self, *exc):
        self.done.set()
        self.join()

    def run(self):
        with self.stack.client() as client:
            while not self.done.is_set():
                try:
                    handheld = {"Authorization": f"Bearer {self.results.total()}"}
                    began = time.monotonic()
                    answer = client.post(self.path, content=b"{}", headers=handheld)
                    if answer.status_code == 504 and time.monotonic() - began > GATEWAY_WAITS:
                        continue  # this machine stood still, workers and all: posted once more
                    self.results[answer.status_code] += 1
                except httpx.HTTPError as error:
                    self.results[type(error).__name__] += 1


def test_a_killed_worker_is_back_while_webhooks_go_on(stack):
    with Load(stack, "/hooks/demo") as load:
        victim = stack.find("gunicorn", "web-2.sock")
        os.kill(victim, signal.SIGKILL)
        stack.wait_until(lambda: "web-2 is back." in stack.said())
    assert load.results.keys() == {200}
    assert stack.find("gunicorn", "web-2.sock") != victim


def test_a_killed_gateway_is_back(stack):
    os.kill(stack.find("nginx", "master"), signal.SIGKILL)
    stack.wait_until(lambda: "nginx is back." in stack.said())
    with stack.client() as client:
        assert client.get("/livez").status_code == 200


@pytest.mark.parametrize("path", ["/hooks/demo", "/picker/v1/orders/next"])
def test_a_rolling_restart_under_load_loses_no_request(stack, path):
    before = stack.said().count("restarted.")
    with (
        Load(stack, path) as one,
        Load(stack, path) as two,
        Load(stack, path) as three,
        stack.client() as client,
    ):
        pids = {client.post("/echo").json()["pid"] for _ in range(40)}
        stack.send(signal.SIGHUP)
        slow = client.post("/echo?wait=2")
        stack.wait_until(lambda: stack.said().count("restarted.") == before + 4)
        after = {client.post("/echo").json()["pid"] for _ in range(40)}
    assert slow.status_code == 200
    assert (one.results + two.results + three.results).keys() == {200}
    assert not pids & after


def test_a_rolling_restart_lets_streams_go_at_once(stack):
    before = stack.said().count("restarted.")
    with (
        stack.client() as client,
        client.stream("GET", "/picker/v1/stream") as stream,
    ):
        lines = stream.iter_lines()
        assert next(lines) == "event: synced"
        stack.send(signal.SIGHUP)
        assert "event: end" in list(lines)  # a stream that is cut off has no last word
    stack.wait_until(lambda: stack.said().count("restarted.") == before + 4)


def test_a_second_start_on_the_same_data_says_so(stack, data):
    (data.parent / "console").touch()
    second = spawn(data, {**environment(data), "HUB_DATA": str(stack.data)})
    assert second.process.wait(PATIENCE) == 1
    said = f"The hub already runs on {stack.data} (process {stack.process.pid}).\n"
    assert second.said() == said


def test_a_taken_port_is_named_and_nothing_is_left(data):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        stack = spawn(data, environment(data, HUB_HTTPS_PORT=port))
        assert stack.process.wait(PATIENCE) == 1
    assert f"Port {port} is taken" in stack.said()
    assert "HUB_HTTPS_PORT" in stack.said()
    assert not stack.processes()


def test_a_child_that_cannot_start_ends_the_start_with_its_last_words(data):
    stack = spawn(data, environment(data, STUB_BROKEN="1"))
    assert stack.process.wait(PATIENCE) == 1
    assert "broken did not start: the moon is in the wrong quarter" in stack.said()
    stack.wait_for_the_end()


def test_sigterm_stops_everything_and_leaves_no_process(data):
    with running(data, STUB_DATABASE="1") as stack:
        assert len(stack.processes()) > 8
        assert stack.end() == 0
        assert stack.said().endswith("Stopped.\n")
        stack.wait_for_the_end()


def test_a_killed_supervisor_takes_all_along_and_the_next_start_copes(data):
    with running(data, STUB_DATABASE="1") as stack:
        stack.process.kill()
        stack.process.wait()
        ports = {name: stack.env[name] for name in ("HUB_HTTPS_PORT", "HUB_HTTP_PORT")}
        with running(data, STUB_DATABASE="1", **ports) as second:
            with second.client() as client:
                assert client.get("/livez").status_code == 200
            assert second.end() == 0
        stack.wait_for_the_end()


def test_ctrl_c_in_the_middle_of_a_start_leaves_nothing(data):
    stack = spawn(data, environment(data, STUB_DATABASE="1"))
    stack.wait_until(lambda: "Starting" in stack.said())
    stack.send(signal.SIGINT)
    assert stack.process.wait(PATIENCE) in (0, 130)
    stack.wait_for_the_end()
