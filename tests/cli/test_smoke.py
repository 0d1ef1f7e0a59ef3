"""orderhub smoke and outbound at the terminal: against the whole hub, as a deploy does it."""

import json
import subprocess
import sys

import pytest

from tests.stack import running

pytestmark = pytest.mark.stack


def smoke(stack, *words):
    url = stack.credentials["base_url"]
    return subprocess.run(
        [sys.executable, "-m", "app", "smoke", "--url", url, "--timeout", "200", *words],
        env=stack.env, check=False, capture_output=True, text=True, timeout=300,
    )  # fmt: skip


def test_a_deploy_asks_hears_and_holds_what_goes_out(tmp_path):
    with running(tmp_path / "data", HUB_SANDBOX_MARKETS="none", HUB_RELEASE="R-1") as stack:
        ca = ("--ca", stack.credentials["ca_file"])
        stack.cli("outbound", "hold", "--reason", "a trial")
        by_address = smoke(stack, *ca, "--resolve", "127.0.0.1", "--release", "R-1", "--json")
        refused = smoke(stack, "--insecure", "--release", "R-2")
        distrusted = smoke(stack)
        held = stack.json("outbound", "show", "--json")
        stack.cli("outbound", "release")
        version = stack.cli("version")
    said = json.loads(by_address.stdout)
    assert (by_address.returncode, said["passed"], said["failed"]) == (0, True, None)
    assert said["steps"][0]["said"] == "4 workers of release R-1"
    assert refused.returncode == distrusted.returncode == 1
    assert "is of release R-1, not of R-2" in refused.stderr
    assert "certificate verify failed" in distrusted.stderr
    assert (held["held"], held["holds"][0]["reason"]) == (True, "a trial")
    assert version.split()[1] == "R-1"
