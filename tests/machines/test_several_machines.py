"""A gateway, two application machines, a database: installed, updated while requests come in, back
by itself when a release is bad, a run breaks off or a machine is lost, back by hand; and no request
fails, but where a machine is lost."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from tests.machines import places, processes, releases, wheels
from tests.machines.lab import Lab
from tests.machines.load import READY
from tests.machines.loading import PSQL, Load
from tests.machines.market import PIECES, WEIGHED, Market
from tests.machines.play import Played
from tests.machines.releases import Releases
from tests.machines.results import Record

GATEWAY, APPS, DATABASE = "gw1", ("app1", "app2"), "db1"
HOSTS = {GATEWAY: "10.77.0.10", "app1": "10.77.0.11", "app2": "10.77.0.12", DATABASE: "10.77.0.21"}
RATE = 20  #: deliveries a second, and as many questions whether the hub is ready
SECRETS = {"hub_database_password": "password-of-the-hub"}
#: With a release that is known to be bad; and something that it changes on the gateway.
BAD = {
    "fails": True,
    "arguments": ("-e", "hub_proof_patience=8", "-e", '{"nginx_open_files": 8192}'),
}
GATEWAY_FILES = "cd /etc/nginx && find . -type f -print0 | sort -z | xargs -0 sha256sum"


@dataclass(frozen=True)
class Walk:
    """The machines, what is played on them, and what is seen of it."""

    lab: Lab
    market: Market
    source: Releases
    record: Record

    def inventory(self, ref: str) -> dict[str, Any]:
        """With the release of a commit."""
        here = {"hub_wheelhouse": str(wheels.AT), "hub_uv": str(wheels.UV)}
        apps = {"hosts": {host: {} for host in APPS}}
        release = self.source.variables(ref)
        return {
            "all": {"vars": {**self.market.variables(), **here, **SECRETS, **release}},
            "gateway": {"hosts": {GATEWAY: {}}},
            "app": apps,
            "scheduler": apps,
            "database": {"hosts": {DATABASE: {}}},
        }

    def play(self, playbook: str, ref: str, what: str = "", **options: Any) -> Played:
        """Play it, and write down how long it took."""
        played = self.lab.play(self.inventory(ref), playbook, within=2400, **options)
        name = f"{playbook} {what}".strip()
        self.record.note(name, played.seconds, f"changed={played.changed}", **played.slowest(4))
        return played

    def under_load(self, what: str, deed: Callable[[], Played]) -> tuple[Played, set[str]]:
        """Do something while requests come in: none may fail, nothing acknowledged be lost. With
        it the releases that answered."""
        with self.market, Load(self.market, RATE) as hooks, Load(self.market, RATE, READY) as ready:
            done = deed()
        for kind, load in (("deliveries", hooks), ("questions", ready)):
            figures = load.answers.figures()
            failed = f"failed={figures['failed']}"
            self.record.note(f"{what}: {kind}", done.seconds, failed, **figures)
        assert hooks.answers.failed[:3] == ready.answers.failed[:3] == []
        assert hooks.answers.acknowledged
        assert not hooks.answers.lost(self.lab[DATABASE])
        return done, set(ready.answers.figures()["releases"])

    def running(self) -> set[str]:
        """The releases that the workers of all machines say they are of."""
        found = set()
        for app in APPS:
            for number in range(1, 5):
                url = f"http://{HOSTS[app]}:810{number}/readyz"
                said = self.lab[app].run(f"curl --silent --max-time 10 {url}")
                found.add(said.partition('"release":"')[2].partition('"')[0])
        return found

    def stands(self) -> tuple[set[str], str, list[bool]]:
        """What runs: releases, the gateway's files, whether each machine's scheduler does."""
        active = "systemctl is-active hub-scheduler"
        schedulers = [self.lab[app].succeeds(active) for app in APPS]
        return self.running(), self.lab[GATEWAY].run(GATEWAY_FILES), schedulers

    def has(self, app: str, ref: str) -> bool:
        """Whether the machine has been pointed at a commit's release."""
        return (
            self.lab[app].run("readlink /opt/hub/current").strip().endswith(self.source.name(ref))
        )

    @contextmanager
    def as_soon_as(self, app: str, ref: str, deed: Callable[[], object]) -> Iterator[None]:
        """Do something in the middle of a play: when that machine has been pointed at a release."""

        given_up = Event()

        def wait() -> None:
            if processes.until(lambda: given_up.is_set() or self.has(app, ref), 600, 0.2):
                given_up.is_set() or deed()

        waiting = Thread(target=wait)
        waiting.start()
        try:
            yield
        except BaseException:
            given_up.set()
            raise
        finally:
            waiting.join()

    def columns(self, table: str) -> list[str]:
        """Of a table; none when it is not there."""
        asked = f"SELECT column_name FROM information_schema.columns WHERE table_name = '{table}'"
        psql = f"{PSQL} --dbname=hub"
        return self.lab[DATABASE].run(psql, given=f"{asked} ORDER BY ordinal_position;\n").split()


@pytest.fixture(scope="module")
def walk(debian, record):
    with Lab("several", HOSTS, debian=debian) as lab:
        lab.project = places.checkout(lab.folder / "project")
        market = Market(lab, hub="app1", gateway=GATEWAY)
        yield Walk(lab, market, Releases(lab.folder / "source"), record)


@pytest.fixture(scope="module")
def base(walk):
    """The commit that the walk began with."""
    return walk.source.base


@pytest.fixture(scope="module")
def good(walk, base):
    """A release with something new, before and after it in the schema."""
    return walk.source.commit(base, "the next one", releases.NEXT)


def test_bare_machines_become_the_service(walk, base):
    walk.play("site.yml", base, "on bare machines")
    assert walk.running() == {walk.source.name(base)}


def test_the_second_run_changes_nothing(walk, base):
    again = walk.play("site.yml", base, "again")
    assert again.changed == 0, again.changes()


async def test_an_order_walks_through_over_https_and_ends_as_a_document(walk):
    with walk.market as market:
        assert "3 stores" in market.set_up()
        order_id = market.place()
        await market.pick(order_id)
        market.wait(
            "news of it at the marketplace",
            lambda: market.told(order_id) == ["order.in_work", "order.ready_for_delivery"],
        )
        market.deliver(order_id)
        document = market.document(order_id)
    assert {line["sku"] for line in document["lines"]} == {WEIGHED, PIECES}


def test_another_release_comes_worker_by_worker_and_no_request_fails(walk, base, good):
    _, seen = walk.under_load("deploy.yml", lambda: walk.play("deploy.yml", good))
    assert seen == {walk.source.name(base), walk.source.name(good)}
    assert walk.running() == {walk.source.name(good)}
    assert walk.columns("trial_added") == ["id", "proved"]


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [("torn", "The schema could not be brought up to date"), ("dead", "does not come up")],
)
def test_a_bad_release_goes_back_by_itself_and_no_request_fails(walk, good, kind, sentence):
    bad, before = walk.source.commit(good, kind, getattr(releases, kind.upper())), walk.stands()
    done, _ = walk.under_load(
        f"deploy.yml, {kind}", lambda: walk.play("deploy.yml", bad, f"of a {kind} one", **BAD)
    )
    assert sentence in " ".join(done.said.split())
    assert "every machine is back" in " ".join(done.said.split())
    assert walk.stands() == before == ({walk.source.name(good)}, before[1], [True, True])
    assert walk.columns("trial_torn") == []


def break_off():
    """Kill the ansible-playbook that runs here."""
    for pid in processes.children(os.getpid()):
        if Path(f"/proc/{pid}/comm").read_text().strip() == "timeout":
            os.killpg(pid, signal.SIGKILL)


def test_a_run_that_breaks_off_is_gone_on_with_and_returns_to_what_was_proven(walk, good):
    deaf, before = walk.source.commit(good, "deaf", releases.DEAF), walk.stands()
    with walk.as_soon_as("app1", deaf, break_off):
        walk.play("deploy.yml", deaf, "broken off", **BAD)
    assert walk.has("app1", deaf)
    assert walk.has("app2", good)
    done, seen = walk.under_load(
        "deploy.yml, deaf", lambda: walk.play("deploy.yml", deaf, "of a deaf one", **BAD)
    )
    assert "no worker processed it within" in " ".join(done.said.split())
    assert seen == {walk.source.name(good), walk.source.name(deaf)}
    assert walk.stands() == before


def test_a_machine_lost_in_the_middle_brings_the_others_back_and_is_named(walk, good):
    better, before = walk.source.commit(good, "better", {"README.md": "\nBetter.\n"}), walk.stands()
    with walk.as_soon_as("app1", better, walk.lab["app2"].unplug):
        done = walk.play("deploy.yml", better, "while a machine is lost", fails=True)
    walk.lab["app2"].plug()
    said = " ".join(done.said.split())
    assert "app2 cannot be reached any more" in said
    assert "every machine but app2 is back" in said
    assert walk.stands() == before


def test_what_runs_goes_back_by_hand_once_and_no_request_fails(walk, base, good):
    walk.under_load("rollback.yml", lambda: walk.play("rollback.yml", good))
    assert walk.running() == {walk.source.name(base)}
    again = walk.play("rollback.yml", good, "again")
    assert again.changed == 0, again.changes()
    assert walk.running() == {walk.source.name(base)}
