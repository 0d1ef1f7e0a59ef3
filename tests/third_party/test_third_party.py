"""A package of somebody else's adds a marketplace: built, installed, and it works."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from app.marketplaces import registry

HERE = Path(__file__).parent
ROOT = HERE.parent.parent


@pytest.fixture
def installed(tmp_path):
    """The package built as a wheel from a copy of its source, and installed in a folder of its own
    without asking anybody for anything."""
    source, target = tmp_path / "source", tmp_path / "installed"
    shutil.copytree(HERE, source, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    command = [
        shutil.which("uv") or str(Path(sys.executable).parent / "uv"), "pip", "install", "--quiet",
        "--offline", "--no-deps", "--no-build-isolation", "--python", sys.executable,
        "--target", str(target), str(source),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    return target


async def test_an_installed_package_adds_its_marketplace_and_an_order_walks_through(
    hub, dsn, installed
):
    environment = os.environ | {"PYTHONPATH": f"{installed}{os.pathsep}{ROOT}"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.third_party.play", dsn,
        env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()[-2000:]
    played = json.loads(out.decode().rpartition("\n")[2])
    taken = [200, "thanks\n", "text/plain; charset=utf-8", 401]
    assert played == {
        "state": "delivered",
        "said": [taken, taken],
        "heard": [{"order": "C-1", "is": "ready", "loaves": {"100201": 2}}],
    }


def test_without_the_package_nobody_knows_the_marketplace():
    assert "corner_shop" not in registry.REGISTRY


def test_a_package_that_cannot_be_loaded_costs_only_its_own_marketplace():
    points = [
        EntryPoint("broken", "no_such_module_anywhere:Thing", registry.GROUP),
        EntryPoint("no_attribute", "app.marketplaces.demo:Nothing", registry.GROUP),
        EntryPoint("fine", "app.marketplaces.demo:Demo", registry.GROUP),
    ]
    assert list(registry.others(points)) == ["fine"]


def test_nobody_takes_the_place_of_a_marketplace_of_ours():
    points = [EntryPoint("kuper", "app.marketplaces.demo:Demo", registry.GROUP)]
    found = {**registry.others(points), **registry.ours()}
    assert found["kuper"].__name__ == "Kuper"


def test_one_that_cannot_be_made_costs_only_its_own_marketplace():
    def broken(_tools):
        raise RuntimeError("no licence")

    found = registry.build(None, {"broken": broken, "fine": lambda _tools: "made"})
    assert found == {"fine": "made"}
