"""The image's own small programs: its entry point, and what answers its probes."""

from __future__ import annotations

import os
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.ops.gateway import free_port, wait_until

FOLDER = Path(__file__).parents[2] / "ansible" / "containers"


@pytest.mark.parametrize("program", ["with-secrets", "orderhub", "scheduler-alive"])
def test_the_images_programs_are_shell_that_parses_and_may_be_run(program):
    path = FOLDER / "bin" / program
    assert os.access(path, os.X_OK)
    assert subprocess.run(["sh", "-n", path], check=False).returncode == 0


def test_the_entry_point_becomes_what_it_is_told_to_run():
    done = subprocess.run(
        [FOLDER / "bin" / "with-secrets", "echo", "two words"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "two words\n"


@pytest.mark.parametrize(("age", "code"), [(0, 0), (600, 1)])
def test_a_scheduler_is_alive_while_its_sign_is_fresh(tmp_path, age, code):
    host = os.uname().nodename
    sign = tmp_path / "run" / f"scheduler-{host}.alive"
    sign.parent.mkdir()
    sign.touch()
    now = sign.stat().st_mtime
    os.utime(sign, (now - age, now - age))
    environment = {"HUB_DATA": str(tmp_path), "PATH": os.environ["PATH"]}
    alive = FOLDER / "bin" / "scheduler-alive"
    assert subprocess.run([alive], env=environment, check=False).returncode == code


class Answer(BaseHTTPRequestHandler):
    """Lives; says of everything else that it does not know it."""

    def do_GET(self):
        self.send_response(200 if self.path == "/livez" else 404)
        self.end_headers()

    def log_message(self, *_):
        pass


def livez(port):
    command = [sys.executable, "-IS", FOLDER / "bin" / "livez", str(port)]
    return subprocess.run(command, capture_output=True, check=False).returncode


def test_a_worker_is_healthy_when_it_answers():
    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            wait_until(lambda: livez(server.server_port) == 0)  # it has two seconds each time
        finally:
            server.shutdown()
    assert livez(free_port()) == 1
