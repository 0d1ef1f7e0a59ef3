"""What goes wrong with a first installation: said in one sentence, nothing changed, gone on."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.machines import places, play, processes, releases, wheels
from tests.machines.lab import Lab
from tests.machines.market import Market

HOST = "hub1"
GROUPS = ("gateway", "app", "scheduler", "database")
#: Who installs packages on a machine, and who fills a release's folder.
PACKAGES = "pgrep --exact dpkg"
RELEASE = "ls /opt/hub/releases/*/.venv/bin/python && ! ls /opt/hub/releases/*/.complete"


@pytest.fixture(scope="module")
def lab(debian, record):
    with Lab("bad", {HOST: "10.77.0.10"}, debian=debian) as made:
        yield made


@pytest.fixture(scope="module")
def inventory(lab):
    market = Market(lab, hub=HOST, gateway=HOST)
    source = {"hub_ref": places.commit(), "hub_wheelhouse": str(wheels.AT)}
    uv = {"hub_uv": str(wheels.UV)}
    return {
        "all": {"vars": {**market.variables(), **source, **uv}},
        **{group: {"hosts": {HOST: {}}} for group in GROUPS},
    }


def refused(lab, inventory, sentence, *arguments):
    """The play says it, and has changed nothing."""
    played = lab.play(inventory, arguments=arguments, fails=True)
    assert sentence in " ".join(played.said.split()), played.tail()
    assert played.changed == 0
    assert lab[HOST].succeeds("! test -e /etc/hub && ! id hub")


def test_a_misspelt_group_is_told_before_any_machine_is_asked(lab, inventory):
    wrong = {**inventory, "gatway": {"hosts": {HOST: {}}}}
    refused(lab, wrong, "The inventory has a group that nothing here knows: gatway.")


def test_a_missing_secret_is_told_before_any_machine_is_asked(lab, inventory):
    refused(lab, inventory, "hub_master_key is not set", "--extra-vars", "hub_master_key=")


def test_a_commit_that_is_not_here_is_told(lab, inventory):
    refused(lab, inventory, "v9.9.9 is no commit", "--extra-vars", "hub_ref=v9.9.9")


def test_a_machine_that_cannot_be_reached_stops_it_for_all(lab, inventory):
    ghost = {"ghost": {"ansible_host": "10.77.0.99"}}
    everything = {**inventory["all"], "hosts": ghost}
    more = {**inventory, "all": everything, "scheduler": {"hosts": {"ghost": {}}}}
    passwords = ("--extra-vars", "hub_database_password=long-enough-to-be-one")
    refused(lab, more, "ghost cannot be reached", *passwords)


def test_a_port_that_somebody_has_is_told_with_his_name(lab, inventory):
    lab[HOST].run("systemd-run --unit=squatter python3 -m http.server 443")
    assert processes.until(lambda: lab[HOST].answers(443), 20)
    refused(lab, inventory, "443 is python3's (squatter.service)")
    lab[HOST].run("systemctl stop squatter")


def test_a_disk_without_room_for_a_release_is_told(lab, inventory):
    lab[HOST].run("mount -t tmpfs -o size=50m tmpfs /opt")
    refused(lab, inventory, "1000 MB are needed for releases in /opt/hub")
    lab[HOST].run("umount /opt")


def ready(lab):
    ask = "curl --silent --insecure --resolve hub.test:443:127.0.0.1 https://hub.test/readyz"
    return '"ready"' in lab[HOST].run(ask)


def broken_off(lab, inventory, condition):
    """Begin a run and kill it, here and there, as soon as a command succeeds on the machine."""
    file, log = lab.folder / "inventory.yml", lab.folder / f"broken-{len(condition)}.log"
    file.write_text(play.yaml.safe_dump(play._reachable(lab, inventory), allow_unicode=True))
    ansible = Path(sys.executable).with_name("ansible-playbook")
    argv = ["ip", "netns", "exec", lab.name, ansible, "-i", file, "site.yml"]
    with log.open("wb") as out, subprocess.Popen(
        argv, cwd=lab.project / "ansible", env=play._environment(lab.folder, log.stem),
        stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
    ) as run:  # fmt: skip
        waited = processes.until(
            lambda: lab[HOST].succeeds(condition) or run.poll() is not None, 900
        )
        still = run.poll() is None
        os.killpg(run.pid, signal.SIGKILL)
    lab[HOST].run("pkill -9 --exact dpkg; pkill -9 --exact apt-get; pkill -9 --exact uv; true")
    assert waited
    assert still, log.read_text()[-2000:]


def test_a_run_broken_off_among_packages_leaves_some_half_installed(lab, inventory):
    broken_off(lab, inventory, f"{PACKAGES} && dpkg --audit | grep --quiet .")
    assert lab[HOST].run("dpkg --audit; ls /var/lib/dpkg/updates")


def test_the_next_one_finishes_them_and_is_broken_off_in_the_middle_of_a_release(lab, inventory):
    broken_off(lab, inventory, RELEASE)
    assert not lab[HOST].run("dpkg --audit")
    assert not lab[HOST].succeeds("test -e /opt/hub/current")


def test_the_one_after_that_goes_on_to_the_end(lab, inventory, record):
    played = lab.play(inventory)
    record.note("site.yml, after two that were broken off", played.seconds, "done")
    assert ready(lab)


def test_ports_that_are_our_own_and_the_second_run_are_no_fault(lab, inventory, record):
    again = lab.play(inventory)
    record.note("site.yml, again", again.seconds, "done", **again.figures())
    assert again.changed == 0, again.changes()


def test_a_migration_that_fails_is_told_and_the_release_before_serves_on(lab, inventory, record):
    made = releases.Releases(lab.folder / "releases")
    torn = made.commit(made.base, "A migration that is no SQL", releases.TORN)
    everything = {**inventory["all"], "vars": {**inventory["all"]["vars"], **made.variables(torn)}}
    before = lab[HOST].run("readlink /opt/hub/current; systemctl is-active hub-scheduler")
    played = lab.play({**inventory, "all": everything}, "deploy.yml", fails=True)
    record.note("deploy.yml with a migration that fails", played.seconds, "refused")
    said = " ".join(played.said.split())
    assert "The schema could not be brought up to date" in said, played.tail()
    assert lab[HOST].run("readlink /opt/hub/current; systemctl is-active hub-scheduler") == before
    assert ready(lab)
    half = "runuser -u postgres -- psql -Atc \"SELECT to_regclass('trial_torn')\" hub"
    assert not lab[HOST].run(half).strip()
