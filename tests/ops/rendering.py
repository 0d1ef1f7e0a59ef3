"""Templates of ansible/ rendered by Ansible itself for a sample inventory, without any machine."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ANSIBLE = Path(__file__).parents[2] / "ansible"
PLAYBOOK = Path(sys.executable).with_name("ansible-playbook")


def played(folder: Path, inventory: Mapping[str, Any], play: Mapping[str, Any]) -> str:
    """Run one play on this machine in the name of every host of the inventory, with the project's
    group_vars; what it printed. Errors: AssertionError with that."""
    (folder / "hosts.yml").write_text(yaml.safe_dump(dict(inventory)))
    link = folder / "group_vars"
    if not link.exists():
        link.symlink_to(ANSIBLE / "group_vars")
    whole = {"hosts": "all", "gather_facts": False, "connection": "local", **play}
    (folder / "play.yml").write_text(yaml.safe_dump([whole]))
    ours = f"ansible_python_interpreter={sys.executable}"
    done = subprocess.run(
        [PLAYBOOK, "--inventory", "hosts.yml", "--extra-vars", ours, "play.yml"],
        cwd=folder,
        env={
            **os.environ,
            "ANSIBLE_HOME": str(folder / "home"),
            "ANSIBLE_ROLES_PATH": str(ANSIBLE / "roles"),
            "LC_ALL": "C.UTF-8",
        },
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
