"""What preflight's script says of a machine: it is sent there and runs with nothing but Python."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
from pathlib import Path

import yaml

from tests.ops.rendering import ANSIBLE

ROLE = ANSIBLE / "roles" / "preflight"


def machine():
    spec = importlib.util.spec_from_file_location("machine", ROLE / "files" / "machine.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_a_machine_says_of_itself_is_whole():
    done = subprocess.run(
        [sys.executable, ROLE / "files" / "machine.py"],
        env={**os.environ, "PREFLIGHT": '{"folders": ["/not/there", "/tmp"]}'},
        capture_output=True,
        text=True,
        check=True,
    )
    told = yaml.safe_load(done.stdout)
    assert set(told) == {
        "system", "version", "python", "memory", "free", "packages", "listening"
    }  # fmt: skip
    assert min(told["free"].values()) > 0
    assert told["memory"] > 100


def test_a_port_is_told_with_the_process_that_has_it():
    text = (
        f'LISTEN 0 128 [::]:5432 [::]:* users:(("python3",pid={os.getpid()},fd=3))\n'
        "LISTEN 0 128 127.0.0.1:80 0.0.0.0:*\n"
    )
    told = machine().listening(text)
    assert told["5432"][0]["program"] == "python3"
    assert told["80"] == [{"program": "an unknown program", "unit": "no unit"}]


def test_room_is_looked_for_where_a_folder_will_be():
    """Nobody can write in /proc, whatever goes on elsewhere on this machine meanwhile."""
    assert machine().free(Path("/proc/not/there/yet")) == 0 < machine().free(Path("/not/there/yet"))


def test_an_installation_under_way_is_waited_for_and_told(tmp_path):
    lock, tell = tmp_path / "lock", socket.socketpair()
    holder = (
        "import fcntl, os, sys\nfile = open(sys.argv[1], 'a')\nfcntl.lockf(file, fcntl.LOCK_EX)\n"
        "os.write(int(sys.argv[2]), b'.')\nos.read(int(sys.argv[2]), 1)"
    )
    with tell[0] as here, tell[1] as there:
        words = [sys.executable, "-c", holder, lock, str(there.fileno())]
        with subprocess.Popen(words, pass_fds=[there.fileno()]):
            here.recv(1)
            assert machine().locked(lock, seconds=1)
            here.send(b".")
    assert not machine().locked(lock, seconds=1)
    assert not machine().locked(tmp_path / "none", seconds=1)
