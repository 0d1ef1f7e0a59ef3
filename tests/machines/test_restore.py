"""A hub that is backed up on another machine: drills onto a third one, what is refused, and the
loss of the hub itself."""

import json

import httpx
import pytest

from tests.machines import places, wheels
from tests.machines.lab import Lab
from tests.machines.market import Market
from tests.machines.network import CONTROLLER

HOSTS = {"hub1": "10.77.0.10", "vault1": "10.77.0.31", "drill1": "10.77.0.41"}
GROUPS = ("gateway", "app", "scheduler", "database")
#: The smoke order of site.yml's proof is none of them.
COUNT = "SELECT count(*) FROM orders WHERE external_id NOT LIKE 'smoke-%'"
HELD = "SELECT count(*) FROM outbound_hold WHERE released_at IS NULL"
#: What restore.yml is told when the loss is real.
LOST = ("-e", "restore_lost=true", "-e", "restore_adopt=true")
#: Figures of a drill that are kept with its step.
FIGURES = ("rto", "rpo", "tables", "rows")


@pytest.fixture(scope="module")
def lab(debian, record):
    with Lab("restore", HOSTS, debian=debian) as made:
        yield made


@pytest.fixture(scope="module")
def market(lab):
    return Market(lab, hub="hub1", gateway="hub1")


@pytest.fixture(scope="module")
def inventory(market):
    source = {
        "hub_ref": places.commit(),
        "hub_wheelhouse": str(wheels.AT),
        "hub_uv": str(wheels.UV),
        "backup_passphrase": "the passphrase of a laboratory",
        "firewall_monitoring": [CONTROLLER],
        "preflight_own_groups": ["spare"],
    }
    return {
        "all": {"vars": {**market.variables(), **source}},
        **{group: {"hosts": {"hub1": {}}} for group in GROUPS},
        "backup": {"hosts": {"vault1": {}}},
        "drill": {"hosts": {"drill1": {}}},
    }


@pytest.fixture(scope="module")
def moments():
    """What a later step needs of an earlier one."""
    return {}


def asked(machine, sql, socket="/var/run/postgresql"):
    """The one value that a query of the hub's database gives there."""
    told = f"cd / && runuser -u postgres -- psql --host={socket} -XAtc {json.dumps(sql)} hub"
    return machine.run(told).strip()


def restored(lab, sql):
    return asked(lab["drill1"], sql, "/run/hub-restored")


def drilled(lab):
    """The newest drill that the machine with the backups remembers."""
    lines = lab["vault1"].run("cat /var/lib/hub-backup/drills.jsonl").splitlines()
    return json.loads(lines[-1])


def figures(lab):
    return {name: drilled(lab)[name] for name in FIGURES}


def figure_of(lab, host, name):
    """The lines of a figure that Prometheus gets of a machine."""
    with lab.inside(), httpx.Client(trust_env=False) as http:
        told = http.get(f"http://{lab.hosts[host]}:9100/metrics").text
    return [line for line in told.splitlines() if line.startswith(name)]


def test_the_hub_is_backed_up_from_its_first_minute(lab, inventory, record):
    """The machine of a later drill is there, bare, and nobody lets it in yet."""
    spare = {group: hosts for group, hosts in inventory.items() if group != "drill"}
    spare["spare"] = inventory["drill"]
    played = lab.play(spare, arguments=("--limit", "!drill1"))
    record.note("site.yml with backups", played.seconds, f"changed={played.changed}")
    (place,) = json.loads(
        lab["vault1"].run("runuser -u postgres -- pgbackrest --stanza=hub --output=json info")
    )
    assert [it["type"] for it in place["backup"]] == ["full"]
    assert place["cipher"] == "aes-256-cbc"


def test_a_second_run_changes_nothing_about_backups(lab, inventory, record):
    again = lab.play(inventory, "playbooks/backup.yml")
    record.note("playbooks/backup.yml again", again.seconds, f"changed={again.changed}")
    assert again.changed == 0, again.changes()


def test_no_passphrase_stops_before_anything_changes(lab, inventory):
    said = lab.play(
        inventory, "playbooks/backup.yml", arguments=("-e", "backup_passphrase="), fails=True
    )
    assert "backup_passphrase must have 20 characters or more" in said.said
    assert said.changed == 0


def test_orders_come_and_a_backup_is_taken(lab, inventory, market, moments, record):
    with market:
        market.set_up()
        for _ in range(3):
            market.place()
    taken = lab.play(inventory, "backup.yml", arguments=("-e", "backup_type=full"))
    record.note("backup.yml", taken.seconds)
    moments["then"] = asked(lab["hub1"], "SELECT now()")
    moments["orders"] = asked(lab["hub1"], COUNT)


def test_a_drill_restores_what_came_after_the_backup_too_and_all_is_equal(
    lab, inventory, market, moments, record
):
    with market:
        market.place()
    played = lab.play(inventory, "restore.yml")
    record.note("restore.yml: the drill", played.seconds, **figures(lab))
    drill = drilled(lab)
    assert drill["good"]
    assert drill["compared"] == drill["tables"] > 100
    assert drill["proofs"] == 2
    assert restored(lab, COUNT) == asked(lab["hub1"], COUNT) == str(int(moments["orders"]) + 1)


def test_the_copy_speaks_to_nobody(lab):
    assert restored(lab, HELD) == "1"
    assert asked(lab["hub1"], HELD) == "0"
    assert ":5432" not in lab["drill1"].run("ss --listening --tcp --numeric")


def test_a_copy_of_an_earlier_time_has_no_later_orders(lab, inventory, moments, record):
    to = json.dumps({"restore_to": moments["then"]})
    quickly = ("-e", to, "-e", "restore_proves=false")
    played = lab.play(inventory, "restore.yml", arguments=quickly)
    record.note("restore.yml: to a time, unproven", played.seconds, **figures(lab))
    assert drilled(lab)["proofs"] == 0
    assert restored(lab, COUNT) == moments["orders"]


def test_nothing_is_restored_onto_a_machine_with_a_database(lab, inventory):
    onto = {**inventory, "drill": {"hosts": {"hub1": {}}}}
    said = lab.play(onto, "restore.yml", fails=True)
    assert "hub1 is in use (group app, database, gateway, scheduler)" in said.said
    assert said.changed == 0
    forgotten = {group: {"hosts": {"vault1": {}}} for group in ("gateway", "app", "database")}
    said = lab.play({**onto, **forgotten, "scheduler": {}}, "restore.yml", fails=True)
    assert "hub1 has a database already" in said.said
    assert said.changed == 0


def test_an_archive_that_takes_nothing_is_noticed(lab):
    lab["vault1"].run("systemctl stop pgbackrest")
    assert not lab["vault1"].succeeds("systemctl start hub-backup@check", within=180)
    assert 'hub_backup_ok{what="check"} 0' in figure_of(lab, "vault1", "hub_backup_ok")
    lab["vault1"].run("systemctl start pgbackrest")
    assert lab["vault1"].succeeds("systemctl start hub-backup@check", within=180)
    assert 'hub_backup_ok{what="check"} 1' in figure_of(lab, "vault1", "hub_backup_ok")


def test_nothing_of_the_copy_stays_when_the_drill_is_over(lab, inventory):
    lab.play(inventory, "restore.yml", arguments=("-e", "drill=remove"))
    assert not lab["drill1"].succeeds("ls /var/lib/hub-drill")
    assert "drill1" not in lab["vault1"].run("cat /etc/pgbackrest/pgbackrest.conf")


@pytest.fixture(scope="module")
def bereft(inventory):
    """The inventory as docs/backups.md wants it when the hub's machine is lost."""
    return {group: inventory[group] for group in ("all", "backup", "drill")}


@pytest.fixture(scope="module")
def reborn(inventory):
    """And then: the machine of the drill in the lost one's groups."""
    now = {group: {"hosts": {"drill1": {}}} for group in GROUPS}
    return {"all": inventory["all"], "backup": inventory["backup"], **now}


def test_the_machine_is_lost_a_minute_after_its_last_order(lab, market, moments):
    with market:
        market.place()
    assert lab["vault1"].succeeds("systemctl start hub-backup@check", within=180)
    moments["orders"] = asked(lab["hub1"], COUNT)
    lab["hub1"].cut_power()
    lab.machines.pop("hub1")


def test_an_adoption_that_is_broken_off_leaves_the_copy_where_it_is(lab, bereft, record):
    """Right after Debian's settings and their empty data were made."""
    lab["drill1"].run("chmod -x /usr/bin/pg_createcluster")
    played = lab.play(bereft, "restore.yml", arguments=LOST, fails=True)
    record.note("restore.yml: lost, broken off before the move", played.seconds, **figures(lab))
    assert "Make Debian's settings for it" in played.tail(), played.tail()
    lab["drill1"].run("chmod +x /usr/bin/pg_createcluster")
    lab["drill1"].run("pg_createcluster $(ls /usr/lib/postgresql) main")
    assert lab["drill1"].succeeds("test -e /var/lib/hub-drill/data/PG_VERSION")
    said = lab.play(bereft, "restore.yml", fails=True)
    assert "drill1 is about to become its database: go on" in " ".join(said.said.split())
    assert said.changed == 0


def test_the_next_run_goes_on_and_the_copy_is_the_machines_database(lab, bereft, record):
    played = lab.play(bereft, "restore.yml", arguments=LOST)
    record.note("restore.yml: lost, gone on", played.seconds)
    assert lab["drill1"].succeeds("test -e /var/lib/postgresql/*/main/PG_VERSION")
    assert lab["drill1"].succeeds("! test -e /var/lib/hub-drill")
    settings = lab["drill1"].run("cat /var/lib/postgresql/*/main/postgresql.auto.conf")
    assert "archive_mode" not in settings
    assert "restore_command" not in settings


def test_the_hub_is_there_again_with_every_order_and_says_nothing(
    lab, reborn, market, moments, record
):
    played = lab.play(reborn)
    record.note("site.yml after a loss", played.seconds, f"changed={played.changed}")
    assert asked(lab["drill1"], COUNT) == moments["orders"]
    assert asked(lab["drill1"], HELD) == "1"
    market.hub, market.address = "drill1", lab.hosts["drill1"]
    with market:
        market.place()
    assert asked(lab["drill1"], COUNT) == str(int(moments["orders"]) + 1)


def test_it_speaks_when_it_is_let_and_is_backed_up_like_the_one_before(lab, reborn, record):
    lab["drill1"].run("orderhub outbound release")
    assert asked(lab["drill1"], HELD) == "0"
    taken = lab.play(reborn, "backup.yml", arguments=("-e", "backup_type=full"))
    record.note("backup.yml after a loss", taken.seconds)
    assert 'hub_backup_ok{what="full"} 1' in figure_of(lab, "vault1", "hub_backup_ok")
