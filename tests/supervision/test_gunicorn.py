"""gunicorn's settings: where workers may listen, and whom they believe."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.ops.gateway import ROOT, free_port


def started(bind: str, **more: str) -> subprocess.CompletedProcess[str]:
    """gunicorn with an application that is not there, so that it ends by itself."""
    line = ["-m", "gunicorn", "-c", "python:app.supervision.gunicorn", "-b", bind, "tests.none:x"]
    env = {key: value for key, value in os.environ.items() if key != "FORWARDED_ALLOW_IPS"} | more
    return subprocess.run(
        [sys.executable, *line],
        check=False,
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("named", [{}, {"FORWARDED_ALLOW_IPS": ""}])
def test_workers_on_tcp_start_only_when_their_gateways_are_named(named):
    ended = started(f"127.0.0.1:{free_port()}", **named)
    assert ended.returncode == 1
    said = "FORWARDED_ALLOW_IPS must name the gateways (10.0.0.5,10.0.0.6): workers use TCP.\n"
    assert ended.stderr == said


def test_with_gateways_named_or_on_a_socket_it_goes_on_to_the_application(tmp_path):
    tcp = started(f"127.0.0.1:{free_port()}", FORWARDED_ALLOW_IPS="10.0.0.5")
    assert "No module named 'tests.none'" in tcp.stderr
    assert "No module named 'tests.none'" in started(f"unix:{tmp_path}/s").stderr
