"""What is wrong with an inventory is said in one sentence, before any machine is asked."""

from __future__ import annotations

import copy
import json
import re

import pytest
import yaml

from app.wiring import SIZES
from tests.ops.judging import sentence
from tests.ops.rendering import ANSIBLE, played

ROLE = ANSIBLE / "roles" / "preflight"
KEY = "A" * 43 + "="
DATABASES, HUBS = {"database1", "database2", "database3"}, {"app1", "app2"}
#: Variable of a port → another one, and whose machines need it free.
MOVED = {
    "patroni_port": (5433, DATABASES),
    "patroni_rest_port": (8009, DATABASES),
    "etcd_client_port": (3379, DATABASES),
    "etcd_peer_port": (3380, DATABASES),
    "haproxy_write_port": (5500, HUBS),
    "haproxy_read_port": (5501, HUBS),
    "pgbouncer_port": (6433, HUBS),
    "backup_port": (9432, {"backup1", *DATABASES}),
}
PASSWORDS = dict.fromkeys(
    ("patroni_replication_password", "patroni_rewind_password", "patroni_rest_password"), "p" * 20
)
ONE = {
    "all": {"hosts": {"hub1": {"ansible_host": "hub.example"}}, "vars": {"hub_master_key": KEY}},
    **{name: {"hosts": {"hub1": {}}} for name in ("gateway", "app", "scheduler", "database")},
}
SEVERAL = {
    "all": {
        "hosts": {
            "gateway1": {"ansible_host": "198.51.100.10", "private_address": "10.0.0.10"},
            "gateway2": {"ansible_host": "10.0.0.9"},
            "backup1": {"ansible_host": "10.0.0.31"},
            **{f"app{n}": {"ansible_host": f"10.0.0.1{n}"} for n in (1, 2)},
            **{f"database{n}": {"ansible_host": f"fd00::{n}"} for n in (1, 2, 3)},
        },
        "vars": {
            "hub_master_key": KEY,
            "hub_database_password": "d" * 20,
            **PASSWORDS,
            "gateway_address": "198.51.100.9/24",
            "keepalived_password": "8letters",
            "backup_passphrase": "b" * 20,
        },
    },
    "gateway": {"hosts": {"gateway1": {}, "gateway2": {}}},
    "backup": {"hosts": {"backup1": {}}},
    "app": {"hosts": {"app1": {}, "app2": {}}},
    "scheduler": {"hosts": {"app1": {}, "app2": {}}},
    "database": {"hosts": {"database1": {}, "database2": {}, "database3": {}}},
    "etcd": {"hosts": {"database1": {}, "database2": {}, "database3": {}}},
}
GONE = object()
#: A fault put into the good inventory: where, what (GONE: taken away), and how its sentence begins.
FAULTS = {
    "no gateway": (("gateway",), GONE, "The inventory has no gateway"),
    "no application": (("app", "hosts"), {}, "The inventory has no application machine"),
    "no scheduler": (("scheduler",), GONE, "The inventory has no scheduler"),
    "no database": (("database",), GONE, "The inventory has no database"),
    "several without etcd": (("etcd",), GONE, "The inventory has 3 databases and no etcd"),
    "an etcd for one": (
        ("database", "hosts"),
        {"database1": {}},
        "The inventory has an etcd and one database",
    ),
    "a floating address with nowhere to go": (
        ("gateway", "hosts"),
        {"gateway1": {}},
        "The inventory has a gateway_address and one gateway",
    ),
    "an even etcd": (("etcd", "hosts", "app1"), {}, "The inventory has 4 machines in group etcd"),
    "a misspelt group": (
        ("databse",),
        {"hosts": {"app1": {}}},
        "The inventory has a group that nothing here knows: databse.",
    ),
    "a machine of no use": (
        ("all", "hosts", "spare"),
        {"ansible_host": "10.0.0.8"},
        "The inventory has a machine in no group: spare.",
    ),
    "no address": (
        ("all", "hosts", "app1", "ansible_host"),
        "app1.example",
        "No private_address is known of app1:",
    ),
    "one address twice": (
        ("all", "hosts", "app1", "private_address"),
        "10.0.0.12",
        "The inventory gives one private_address to several machines: 10.0.0.12 (app1, app2).",
    ),
    "too many connections": (
        ("all", "vars", "hub_workers"),
        list(range(1, 10)),
        "20 processes with 15 connections each, and 25 for others",
    ),
    "no master key": (("all", "vars", "hub_master_key"), GONE, "hub_master_key is not set"),
    "no vault": (
        ("all", "vars", "hub_master_key"),
        "{{ vault_hub_master_key }}",
        "hub_master_key is not set",
    ),
    "a short master key": (
        ("all", "vars", "hub_master_key"),
        "secret",
        "hub_master_key is not a Fernet key",
    ),
    "a vault that is closed": (
        ("all", "vars", "hub_database_password"),
        "$ANSIBLE_VAULT;1.1;AES256\n3132",
        "hub_database_password is still encrypted",
    ),
    "no database password": (
        ("all", "vars", "hub_database_password"),
        GONE,
        "hub_database_password is not set",
    ),
    "a floating address and no password of the gateways": (
        ("all", "vars", "keepalived_password"),
        GONE,
        "keepalived_password is not set, or longer than eight characters",
    ),
    "a password that keepalived would cut": (
        ("all", "vars", "keepalived_password"),
        "nine chars",
        "keepalived_password is not set, or longer than eight characters",
    ),
    "backups and no passphrase": (
        ("all", "vars", "backup_passphrase"),
        "{{ vault_backup_passphrase }}",
        "backup_passphrase is not set, or shorter than 20 characters",
    ),
    "an encrypted passphrase": (
        ("all", "vars", "backup_passphrase"),
        "$ANSIBLE_VAULT;1.1;AES256\n3132",
        "backup_passphrase is still encrypted",
    ),
    "an open etcd": (
        ("all", "vars", "firewall_enabled"),
        False,
        "etcd on database1, database2, database3 would take anything from anybody",
    ),
    "an etcd beside the hub": (
        ("app", "hosts", "database2"),
        {},
        "etcd on database2 would take anything from anybody",
    ),
    "no Patroni password": (
        ("all", "vars", "patroni_rest_password"),
        "short",
        "patroni_rest_password is not set, or shorter",
    ),
}


def spoilt(where, what):
    found = copy.deepcopy(SEVERAL)
    place = found
    for step in where[:-1]:
        place = place[step]
    if what is GONE:
        del place[where[-1]]
    else:
        place[where[-1]] = what
    return found


@pytest.mark.parametrize("inventory", [ONE, SEVERAL], ids=["one", "several"])
def test_a_good_inventory_is_taken(inventory, tmp_path):
    assert sentence(tmp_path, inventory) == ""


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_inventory_is_one_clear_sentence(fault, tmp_path):
    where, what, beginning = FAULTS[fault]
    said = sentence(tmp_path, spoilt(where, what))
    assert said.startswith(beginning)
    assert "\n" not in said


def test_a_group_of_ones_own_is_taken_when_named(tmp_path):
    inventory = spoilt(("zone_a",), {"hosts": {"app1": {}}})
    assert "zone_a" in sentence(tmp_path, inventory)
    inventory["all"]["vars"]["preflight_own_groups"] = ["zone_a"]
    assert sentence(tmp_path, inventory) == ""


def test_connections_are_counted_with_the_sizes_of_the_pools():
    assert yaml.safe_load((ROLE / "defaults" / "main.yml").read_text())["preflight_pools"] == SIZES


def test_each_port_is_looked_at_where_it_was_moved_to(tmp_path):
    squatter = [{"program": "squatter", "unit": "no unit"}]
    looked = json.dumps({"listening": {str(port): squatter for port, _ in MOVED.values()}})
    inventory = copy.deepcopy(SEVERAL)
    inventory["all"]["vars"] |= {
        **yaml.safe_load((ROLE / "defaults" / "main.yml").read_text()),
        **{name: port for name, (port, _) in MOVED.items()},
        "pgbouncer_enabled": True,
        "__preflight_looked": {"stdout": looked},
    }
    taken = "{{ __preflight_taken | map('split') | map('first') | join(' ') }}"
    tasks = [{"ansible.builtin.debug": {"msg": "{{ inventory_hostname }}: " + taken}}]
    play = {"vars_files": [str(ROLE / "vars" / "main.yml")], "tasks": tasks}
    said = dict(re.findall(r'"msg": "(\w+): ([\d ]*)"', played(tmp_path, inventory, play)))
    for port, hosts in MOVED.values():
        assert {host for host in said if str(port) in said[host].split()} == hosts
