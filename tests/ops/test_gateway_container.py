"""The gateway in a container: the files it is given, and workers that it finds by their name."""

from __future__ import annotations

import contextlib
import signal
import socket
import ssl
import subprocess
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from app.supervision import gateway
from app.supervision.gateway_container import Wanted, lay_out, nameserver
from app.supervision.refusal import CannotStart
from tests.ops.gateway import PATIENCE, free_port, programs

#: The one of our two nginx that can ask for names again and again (since 1.27.3).
NGINX = programs()["wheel"]


def wanted(**changes):
    usual = {
        "workers": ("web.hub.internal:8000",), "names": ("hub.example.com",), "certificate": None,
        "certificate_key": None, "hsts": "", "ports": (8443, 8080), "language": "en",
        "resolver": "127.0.0.11",
    }  # fmt: skip
    return Wanted(**{**usual, **changes})


def test_nginx_accepts_the_files_without_a_warning(tmp_path):
    configuration = lay_out(tmp_path / "nginx", wanted(), datetime.now(UTC))
    assert gateway.check(NGINX, configuration) == ""


def test_everything_that_nginx_writes_is_in_the_folder_or_in_the_containers_log(tmp_path):
    lay_out(tmp_path, wanted(), datetime.now(UTC))
    assert (tmp_path / "log" / "access.log").readlink() == Path("/dev/stdout")
    assert (tmp_path / "log" / "gateway.log").readlink() == Path("/dev/stderr")
    written = (tmp_path / "host" / "main.conf").read_text()
    assert f'pid "{tmp_path}/nginx.pid"' in written
    assert "\nuser " not in written


def test_files_are_laid_out_anew_over_old_ones(tmp_path):
    for names in (("old.example.com",), ("new.example.com",)):
        lay_out(tmp_path, wanted(names=names), datetime.now(UTC))
    assert "new.example.com" in (tmp_path / "host" / "https.conf").read_text()


def test_half_a_certificate_is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(CannotStart, match="go together"):
        lay_out(tmp_path, wanted(certificate=Path("/run/tls.crt")), datetime.now(UTC))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("search internal\nnameserver 10.96.0.10\nnameserver 10.96.0.11\n", "10.96.0.10"),
        ("nameserver fd00::a\n", "[fd00::a]"),
    ],
)
def test_the_containers_own_nameserver_is_asked(tmp_path, text, found):
    (tmp_path / "resolv.conf").write_text(text)
    assert nameserver(tmp_path / "resolv.conf") == found


def test_a_container_without_a_nameserver_is_told_so(tmp_path):
    with pytest.raises(CannotStart, match="--resolver"):
        nameserver(tmp_path / "resolv.conf")


class Names(threading.Thread):
    """A nameserver that knows one name, with the addresses it is told."""

    def __init__(self, *addresses):
        super().__init__(daemon=True)
        self.addresses = addresses
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.place = f"127.0.0.1:{self.socket.getsockname()[1]}"

    def run(self):
        with contextlib.suppress(OSError):
            while True:
                question, sender = self.socket.recvfrom(512)
                self.socket.sendto(self.answer(question), sender)

    def answer(self, question):
        asked = question[12:]
        is_ipv4 = asked[asked.index(0) + 1 :][:2] == b"\x00\x01"
        found = [socket.inet_aton(address) for address in self.addresses if is_ipv4]
        head = question[:2] + b"\x81\x80\x00\x01" + len(found).to_bytes(2) + b"\x00\x00\x00\x00"
        record = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x01\x00\x04"
        return head + asked + b"".join(record + address for address in found)


@contextlib.contextmanager
def worker(address, port):
    """Answers everything with its own address."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Length", str(len(address)))
            self.end_headers()
            self.wfile.write(address.encode())

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer((address, port), Answer)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


@contextlib.contextmanager
def running(configuration):
    process = subprocess.Popen(gateway.command(NGINX, configuration), stdin=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.send_signal(signal.SIGQUIT)
        process.wait(PATIENCE)


def ask(client, until):
    """Who answers; asked again until it is the one, for a while."""
    answers = []
    deadline = time.monotonic() + PATIENCE
    while until not in answers[-1:] and time.monotonic() < deadline:
        with contextlib.suppress(httpx.TransportError):
            answers.append(client.get("/livez").text)
        time.sleep(0.02)
    return answers[-1] if answers else None


def test_a_worker_that_takes_over_the_name_is_found_without_a_reload(tmp_path):
    names, port, https = Names("127.0.0.2"), free_port(), free_port()
    names.start()
    told = wanted(
        workers=(f"web.hub.internal:{port}",), resolver=names.place, names=("localhost",),
        ports=(https, free_port()),
    )  # fmt: skip
    configuration = lay_out(tmp_path, told, datetime.now(UTC))
    context = ssl.create_default_context(cafile=tmp_path / "tls" / "ca.pem")
    with (
        worker("127.0.0.2", port),
        worker("127.0.0.3", port),
        running(configuration),
        httpx.Client(base_url=f"https://localhost:{https}", verify=context, trust_env=False) as c,
    ):
        assert ask(c, "127.0.0.2") == "127.0.0.2"
        names.addresses = ("127.0.0.3",)
        assert ask(c, "127.0.0.3") == "127.0.0.3"
    names.socket.close()
