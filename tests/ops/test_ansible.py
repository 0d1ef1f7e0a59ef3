"""The playbook is whole: it parses, its variables are explained, and no setting is forgotten."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from jinja2 import Environment, Template

from app.supervision import plan
from app.supervision.environment import FRUGAL
from app.supervision.gateway import PARTS

ROOT = Path(__file__).parents[2]
ANSIBLE = ROOT / "ansible"
ROLES = sorted(path for path in (ANSIBLE / "roles").iterdir() if path.is_dir())
INVENTORIES = sorted((ANSIBLE / "inventories").iterdir())
PLAYBOOK = Path(sys.executable).with_name("ansible-playbook")
#: Settings that make a test contour or weaken the database: a production machine has none of them.
NOT_FOR_PRODUCTION = {
    "HUB_SANDBOX", "HUB_SANDBOX_RATE", "HUB_SANDBOX_PORT", "HUB_SANDBOX_MARKETS", "HUB_UNDER_TEST",
    "HUB_RELEASE",  # stands in each release's own folder (release.env)
}  # fmt: skip
#: What a task may be beside a module's name.
KEYWORDS = {
    *("name", "when", "loop", "loop_control", "register", "until", "retries", "delay", "vars"),
    *("notify", "no_log", "become", "check_mode", "changed_when", "delegate_to", "environment"),
    *("block", "rescue", "always", "failed_when", "run_once", "throttle", "ignore_errors"),
    *("ignore_unreachable", "any_errors_fatal"),
}

role = pytest.mark.parametrize("role", ROLES, ids=lambda path: path.name)


def read(path):
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {}


def options(role):
    return read(role / "meta" / "argument_specs.yml")["argument_specs"]["main"]["options"]


def own_files(role):
    files = [path for path in role.rglob("*") if path.is_file() and path.parent.name != "meta"]
    assert files
    return files


def names_in(role):
    """Variables with the role's prefix; __internal ones and file names with a dash are none."""
    pattern = re.compile(rf"(?<![\w./-]){role.name}_[a-z0-9_]+\b")
    return {name for path in own_files(role) for name in pattern.findall(path.read_text())}


def tasks(role):
    files = [*(role / "tasks").glob("*.yml"), *(role / "handlers").glob("*.yml")]
    waiting = [task for path in files for task in read(path)]
    while waiting:
        task = waiting.pop()
        yield task
        waiting += [each for part in ("block", "rescue", "always") for each in task.get(part, [])]


@pytest.mark.parametrize("inventory", INVENTORIES, ids=lambda path: path.name)
def test_the_playbook_parses_with_each_inventory(tmp_path, inventory):
    """Its parts are all the others' parts, too; `make check` lints each."""
    done = subprocess.run(
        [PLAYBOOK, "--syntax-check", "--inventory", inventory, "site.yml"],
        cwd=ANSIBLE,
        env={**os.environ, "ANSIBLE_HOME": str(tmp_path), "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr


def test_every_play_sees_what_is_handed_over_wherever_its_file_lies():
    """Ansible looks for group_vars beside the file of the play: each folder shows the same ones."""
    files = [*ANSIBLE.glob("*.yml"), *(ANSIBLE / "playbooks").glob("*.yml")]
    folders = {file.parent for file in files if any("hosts" in play for play in read(file))}
    assert ANSIBLE / "playbooks" in folders
    shared = ANSIBLE / "group_vars"
    assert {(folder / "group_vars" / "all").resolve() for folder in folders} == {shared / "all"}


def test_every_setting_that_production_needs_reaches_the_hub():
    known = set(re.findall(r'"(HUB_[A-Z_]+)"', (ROOT / "app" / "settings.py").read_text()))
    text = (ANSIBLE / "roles" / "hub" / "templates" / "hub.env.j2").read_text()
    needed = known - NOT_FOR_PRODUCTION - {"HUB_RELEASE"}  # which each release has of its own
    assert set(re.findall(r"^(HUB_[A-Z_]+)=", text, re.MULTILINE)) == needed


def test_processes_get_what_the_supervisor_gives_them():
    text = (ANSIBLE / "roles" / "hub" / "templates" / "process.j2").read_text()
    assert all(f"{name}={value}" in text for name, value in FRUGAL.items())
    assert "PROMETHEUS_MULTIPROC_DIR=" in text


def test_nginx_is_told_of_as_many_workers_as_there_are():
    workers = read(ANSIBLE / "roles" / "hub" / "defaults" / "main.yml")["hub_workers"]
    servers = read(ANSIBLE / "roles" / "nginx" / "defaults" / "main.yml")["nginx_servers"]
    assert workers == list(range(1, plan.WORKERS + 1))
    assert servers == [f"unix:/run/hub/web-{number}.sock" for number in workers]


def test_nginx_gets_the_same_rendered_files_as_in_a_checkout():
    rows = read(ANSIBLE / "roles" / "nginx" / "vars" / "main.yml")["__nginx_parts"]
    assert {row["file"]: (row["part"], row["default"]) for row in rows} == PARTS


def test_no_folder_of_the_gateways_files_is_left_out():
    known = read(ANSIBLE / "roles" / "nginx" / "vars" / "main.yml")["__nginx_folders"]
    there = {path.relative_to(ROOT / "nginx") for path in (ROOT / "nginx").glob("**/*.conf")}
    assert {str(path.parent) for path in there} == {*known, "."}


@role
def test_every_template_of_a_role_can_be_read(role):
    for template in role.rglob("*.j2"):
        Environment(autoescape=True).parse(template.read_text(), filename=str(template))


@role
def test_a_role_declares_every_variable_that_it_uses(role):
    assert names_in(role) <= set(options(role))


@role
def test_a_role_has_a_default_for_every_variable_that_is_not_required(role):
    required = {name for name, option in options(role).items() if option.get("required")}
    defaults = read(role / "defaults" / "main.yml")
    assert set(defaults) == set(options(role)) - required
    declared = {name: o["default"] for name, o in options(role).items() if "default" in o}
    assert declared == {name: defaults[name] for name in declared}


@role
def test_a_role_explains_each_of_its_defaults(role):
    paragraphs = (role / "defaults" / "main.yml").read_text().removeprefix("---\n").split("\n\n")
    assert not [text for text in paragraphs if not text.lstrip("\n").startswith("#")]


@role
def test_a_role_uses_only_modules_that_come_with_ansible_by_their_full_names(role):
    words = {word for task in tasks(role) for word in task} - KEYWORDS
    assert words
    assert not [word for word in words if not word.startswith("ansible.builtin.")]


@role
def test_a_command_says_when_it_changes_something(role):
    commands = [task for task in tasks(role) if "ansible.builtin.command" in task]
    silent = [
        task["name"]
        for task in commands
        if "changed_when" not in task and "creates" not in task["ansible.builtin.command"]
    ]
    assert not silent


@role
def test_no_role_counts_on_a_handler_which_forgets_what_a_broken_off_run_has_written(role):
    assert not [*(role / "handlers").glob("*")]
    assert not [task["name"] for task in tasks(role) if "notify" in task]


@role
def test_the_main_task_file_is_a_table_of_contents(role):
    entries = read(role / "tasks" / "main.yml")
    assert all(set(entry) == {"name", "ansible.builtin.import_tasks"} for entry in entries)
    files = {entry["ansible.builtin.import_tasks"] for entry in entries}
    assert all((role / "tasks" / file).is_file() for file in files)


def test_tasks_that_meet_secrets_do_not_show_them():
    secrets = ("hub_master_key", "hub.env.j2")
    meeting = [
        task
        for path in ROLES
        for task in tasks(path)
        if "block" not in task
        and any(secret in str(task) for secret in secrets)
        # An assertion shows its words, not the values; hidden it could not say what is missing.
        and "ansible.builtin.assert" not in task
    ]
    assert meeting
    assert all(task.get("no_log") for task in meeting)


def secrets():
    """Variables that roles declare as secrets, and what is made of them."""
    known = {
        name for path in ROLES for name, option in options(path).items() if option.get("no_log")
    }
    files = [path for role in ROLES for path in role.glob("vars/main.yml")]
    made = {name: str(value) for path in files for name, value in read(path).items()}
    for _ in made:
        known |= {name for name, text in made.items() if known & set(re.findall(r"\w+", text))}
    return known


def command_line(task):
    """What of a task others on the machine may read, in `ps` or in sudo's log: the environment,
    too, which Ansible writes before the command."""
    asked = task.get("ansible.builtin.command", {})
    words = {k: v for k, v in asked.items() if k != "stdin"} if isinstance(asked, dict) else asked
    return str([task.get("environment"), words])


def test_no_secret_stands_on_a_command_line():
    hidden = secrets()
    assert {"hub_database_password", "__hub_database_url"} <= hidden
    shown = [
        (path.name, task["name"])
        for path in ROLES
        for task in tasks(path)
        if hidden & set(re.findall(r"\w+", command_line(task)))
    ]
    assert not shown


@pytest.mark.parametrize("name", ["postgres", "patroni"])
def test_a_megabyte_less_under_a_new_kernel_restarts_no_database(name):
    cache = read(ANSIBLE / "roles" / name / "defaults" / "main.yml")[f"{name}_shared_buffers"]
    sizes = [Template(cache).render(ansible_facts={"memtotal_mb": mb}) for mb in range(3900, 3940)]
    assert set(sizes) == {"960MB"}
