"""Any one machine may be lost: two of the hub's behind a floating address, three databases.

All the while deliveries come in. What was acknowledged is there afterwards; how long nothing was
acknowledged is measured.
"""

from __future__ import annotations

import time
from contextlib import contextmanager

import pytest

from tests.machines import wheels
from tests.machines.cluster import Cluster
from tests.machines.lab import Lab
from tests.machines.loading import Load
from tests.machines.market import Market
from tests.machines.processes import until

FLOATING = "10.77.0.100"
HUBS = {"hub1": "10.77.0.11", "hub2": "10.77.0.12"}
DATABASES = {"db1": "10.77.0.21", "db2": "10.77.0.22", "db3": "10.77.0.23"}
RATE = 20  #: deliveries a second
PLANNED, UNPLANNED = 5, 30  #: seconds without an answer that are allowed
SECRETS = {
    "hub_database_password": 'it\'s "quoted", {long} & $odd',
    "patroni_replication_password": "replication-password",
    "patroni_rewind_password": "rewinding-password",
    "patroni_rest_password": "changes-password",
    "keepalived_password": "8letters",
}


@pytest.fixture(scope="module")
def lab(debian, record):
    with Lab("ha", {**HUBS, **DATABASES}, debian=debian) as made:
        yield made


@pytest.fixture(scope="module")
def cluster(lab):
    return Cluster(lab, list(DATABASES))


@pytest.fixture(scope="module")
def market(lab):
    return Market(lab, hub="hub1", gateway="hub1", address=FLOATING)


@pytest.fixture(scope="module")
def inventory(market):
    here = {"hub_wheelhouse": str(wheels.AT), "hub_uv": str(wheels.UV)}
    mine = {"hub_telegram_updates": "off", "gateway_address": f"{FLOATING}/24"}
    zones = {"hub1": "a", "hub2": "b", "db1": "a", "db2": "b", "db3": "c"}
    groups = dict.fromkeys(("gateway", "app", "scheduler"), HUBS)
    groups |= dict.fromkeys(("database", "etcd"), DATABASES)
    return {
        "all": {
            "hosts": {host: {"zone": zone} for host, zone in zones.items()},
            "vars": {**market.variables(), **here, **mine, **SECRETS},
        },
        **{group: {"hosts": {host: {} for host in hosts}} for group, hosts in groups.items()},
    }


@pytest.fixture
def trial(cluster, market, record):
    """A time with deliveries coming in, during which something happens; judged at its end."""

    @contextmanager
    def during(what, allowed, after=5.0):
        cluster.wait_until_whole()
        with Load(market, RATE) as load:
            time.sleep(3)
            begun = time.monotonic()
            yield load
            time.sleep(max(after, allowed - (time.monotonic() - begun)))
        answers = load.answers
        lost = answers.lost(cluster.leader())
        figures = {**answers.figures(), "acknowledged": len(answers.acknowledged)}
        record.note(f"{what}: nothing written", answers.gap(), f"lost={len(lost)}", **figures)
        assert answers.acknowledged
        assert not lost
        assert answers.sent[-1].status == 200, "it has not come back"
        assert answers.gap() <= allowed

    return during


def comes_back(cluster, lost, load):
    """It follows the one in its place, and nothing that was acknowledged goes with that."""
    cluster.wait_until_whole()
    time.sleep(10)
    assert cluster.is_whole()
    assert cluster.leader().name != lost.name
    assert not load.answers.lost(cluster.leader())


def rows(machine):
    """How many rows some of its tables have."""
    each = ("inbox_key", "orders", "order_line", "outbox_message", "document")
    asked = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM {name}" for name in each)
    return machine.run(f'runuser --user=postgres -- psql -XAt hub -c "{asked}"')


def with_the_address(lab):
    """The machines that say the floating address is theirs."""
    ask = f"ip -brief address show to {FLOATING}"
    return [host for host in HUBS if lab[host].is_on() and lab[host].run(ask).strip()]


def test_bare_machines_become_a_hub_of_which_any_one_may_be_lost(
    lab, cluster, market, inventory, record
):
    played = lab.play(inventory, within=1800)
    record.note("site.yml on bare machines", played.seconds, f"changed={played.changed}")
    cluster.wait_until_whole()
    assert "3 stores" in market.set_up()


def test_the_second_run_changes_nothing(lab, inventory, record):
    again = lab.play(inventory, within=1800)
    record.note("site.yml again", again.seconds, f"changed={again.changed}")
    assert again.changed == 0, again.changes()


def test_the_databases_change_over_as_planned(lab, cluster, inventory, trial):
    before = cluster.leader().name
    with trial("planned switchover", PLANNED):
        played = lab.play(inventory, "switchover.yml")
    assert "until the hub wrote again" in " ".join(played.said.split())
    assert cluster.leader().name != before


def test_the_leading_database_loses_its_power(cluster, trial):
    lost = cluster.leader()
    with trial("power cut of the leader", UNPLANNED) as load:
        lost.cut_power()
    assert cluster.leader().name != lost.name
    lost.switch_on()
    comes_back(cluster, lost, load)


def test_the_leading_database_loses_its_network(cluster, trial):
    lost = cluster.leader()
    with trial("the leader's cable pulled", UNPLANNED) as load:
        lost.unplug()
    assert cluster.leader().name != lost.name
    lost.plug()
    comes_back(cluster, lost, load)


def test_the_leading_database_freezes_and_thaws(cluster, trial):
    frozen = cluster.leader()
    with trial("the leader frozen", UNPLANNED, after=40) as load:
        frozen.run("pkill -STOP -u postgres")
        assert until(lambda: cluster.leader().name != frozen.name, 60, 1)
        frozen.run("pkill -CONT -u postgres")
    comes_back(cluster, frozen, load)


def test_the_standby_that_has_every_commit_loses_its_power(cluster, trial):
    leader, lost = cluster.leader(), cluster.standby()
    with trial("power cut of the synchronous standby", UNPLANNED):
        lost.cut_power()
    assert cluster.leader().name == leader.name
    lost.switch_on()
    cluster.wait_until_whole()


def test_a_member_of_etcd_is_lost(cluster, trial):
    leader = cluster.leader()
    with trial("a member of etcd away", PLANNED, after=25):
        leader.run("systemctl stop etcd")
    assert cluster.leader().name == leader.name
    leader.run("systemctl start etcd")


def test_the_floating_address_leaves_a_gateway_that_does_not_serve(lab, trial):
    (before,) = with_the_address(lab)
    with trial("nginx ended", UNPLANNED, after=10):
        lab[before].run("systemctl kill --signal=KILL nginx; systemctl stop nginx")
    (after,) = with_the_address(lab)
    assert after != before
    lab[before].run("systemctl start nginx")
    time.sleep(8)
    assert with_the_address(lab) == [after]  # nobody is better


def test_a_killed_keepalived_does_not_keep_the_address(lab, trial):
    (before,) = with_the_address(lab)
    with trial("keepalived killed", UNPLANNED, after=10):
        lab[before].run("systemctl kill --signal=KILL keepalived")
    assert until(lambda: len(with_the_address(lab)) == 1, 15, 1)


def test_a_machine_with_gateway_workers_and_scheduler_loses_its_power(lab, trial):
    (lost,) = with_the_address(lab)
    with trial("power cut of the gateway with the address", UNPLANNED):
        lab[lost].cut_power()
    (after,) = with_the_address(lab)
    assert after != lost
    lab[lost].switch_on()
    lab[lost].wait()


def test_what_another_database_held_goes_on_in_these_three(lab, cluster, market, inventory, record):
    """docs/deploying.md, From one database to three; their own contents stand for the other's."""
    cluster.wait_until_whole()
    for host in HUBS:
        lab[host].run("systemctl stop hub-scheduler 'hub-web@*'")
    leader, by = cluster.leader(), "runuser --user=postgres --"
    before = rows(leader)
    with record.timed("contents into an empty cluster"):
        leader.run(f"{by} pg_dump --format=custom --file=/var/tmp/hub.dump hub")
        leader.run(f"{by} dropdb --force hub")
        lab.play(inventory, "playbooks/database.yml")
        leader.run(f"{by} pg_restore --exit-on-error --jobs=4 --dbname=hub /var/tmp/hub.dump")
    assert rows(leader) == before
    played = lab.play(inventory, within=1800)
    record.note("site.yml that starts it again", played.seconds, f"changed={played.changed}")
    with market:
        assert market.place()
