"""The distributed engine's files, rendered by Ansible for the example inventory."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

import pytest
import yaml

from app.db.address import each_host
from tests.ops.rendering import ANSIBLE, played

#: What people put into vaults.
ODD = 'it\'s "quoted", {long}: & $odd # \\ % /@?'
#: Which files of which role are looked at, and on which machine.
FILES = {
    ("database2", "etcd"): ("etcd.env", "beginning.env"),
    ("database2", "patroni"): ("config.yml",),
    ("app2", "haproxy"): ("haproxy.cfg",),
    ("app2", "pgbouncer"): ("pgbouncer.ini", "userlist.txt"),
    ("app2", "hub"): (),
}
#: Secrets, and what tasks find out on a machine.
KNOWN = {
    "patroni_version": "15",
    "patroni_etcd_api": "etcd",
    "etcd_older_api": True,
    "patroni_shared_buffers": "1GB",
    "pgbouncer_enabled": True,
    "hub_database_password": ODD,
    **{f"patroni_{name}_password": ODD for name in ("replication", "rewind", "rest")},
    "__patroni_device": {"stat": {"exists": False}},
    "__etcd_token": "hub-once",
    "ansible_managed": "By Ansible",
}
DATABASES = {"10.0.0.31", "10.0.0.32", "10.0.0.33"}
HUBS = {"10.0.0.21", "10.0.0.22"}


def read(path):
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """A file's text by its name."""
    folder = tmp_path_factory.mktemp("ha")
    roles = [ANSIBLE / "roles" / role for _, role in FILES]
    defaults = {k: v for role in roles for k, v in read(role / "defaults" / "main.yml").items()}
    inventory = read(ANSIBLE / "inventories" / "ha" / "hosts.yml")
    inventory["all"]["vars"] |= {**defaults, **KNOWN}
    own = [role / "vars" / "main.yml" for role in roles]
    variables = [str(path) for path in own if path.exists()]
    tasks = [
        {
            "ansible.builtin.template": {
                "src": f"{ANSIBLE}/roles/{role}/templates/{name}.j2",
                "dest": f"{folder}/{name}",
                "mode": "0600",
            },
            "when": f"inventory_hostname == '{machine}'",
        }
        for (machine, role), names in FILES.items()
        for name in names
    ]
    url = {"content": "{{ __hub_database_url }}", "dest": f"{folder}/url", "mode": "0600"}
    tasks.append({"ansible.builtin.copy": url, "when": "inventory_hostname == 'app2'"})
    hosts = ":".join(sorted({machine for machine, _ in FILES}))
    play = {"hosts": hosts, "become": False, "vars_files": variables, "tasks": tasks}
    played(folder, inventory, play)

    def text(name):
        return (folder / name).read_text(encoding="utf-8")

    return text


def test_a_database_listens_on_its_private_address_and_takes_only_machines_of_the_inventory(files):
    config = yaml.safe_load(files("config.yml"))
    assert config["postgresql"]["listen"] == "10.0.0.32,127.0.0.1:5432"
    assert config["restapi"]["listen"] == "10.0.0.32:8008"
    lines = config["postgresql"]["pg_hba"]
    remote = {line.split()[3] for line in lines if line.startswith("hostssl")}
    assert remote == {f"{address}/32" for address in DATABASES | HUBS}
    assert {line.split()[3] for line in lines if line.startswith("host ")} == {"127.0.0.1/32"}
    assert all(line.split()[-1] in {"scram-sha-256", "peer"} for line in lines)
    assert any(line.startswith("host replication replicator 127.0.0.1/32") for line in lines)
    assert set(config["restapi"]["allowlist"]) == {"127.0.0.1", *DATABASES}


def test_secrets_survive_the_way_into_the_files(files):
    config = yaml.safe_load(files("config.yml"))
    users = config["postgresql"]["authentication"]
    assert users["replication"]["password"] == users["rewind"]["password"] == ODD
    assert config["restapi"]["authentication"]["password"] == ODD
    shown = re.fullmatch(r'"hub" "(.*)"', files("userlist.txt").strip())
    assert shown[1].replace('""', '"') == ODD


def test_the_hub_reads_back_the_password_out_of_its_address(files):
    """A slash, which Jinja's urlencode leaves alone, stands in every second random password."""
    (url,) = each_host(files("url")).values()
    parts = urlsplit(url)
    assert (parts.username, unquote(parts.password), parts.path) == ("hub", ODD, "/hub")


def test_what_was_acknowledged_is_on_two_disks(files):
    config = yaml.safe_load(files("config.yml"))
    shared = config["bootstrap"]["dcs"]
    assert shared["synchronous_mode"] is True
    assert shared["ttl"] >= shared["loop_wait"] + 2 * shared["retry_timeout"]
    assert "data-checksums" in config["bootstrap"]["initdb"]
    settings = config["postgresql"]["parameters"]
    assert {settings[name] for name in ("fsync", "synchronous_commit", "full_page_writes")} == {
        "on"
    }


def test_connections_are_enough_for_every_process_of_the_hub(files):
    shared = yaml.safe_load(files("config.yml"))["bootstrap"]["dcs"]
    assert shared["postgresql"]["parameters"]["max_connections"] >= len(HUBS) * 75


def test_the_members_of_etcd_know_each_other_and_nobody_else_reaches_them(files):
    said = files("beginning.env")
    members = re.search(r"INITIAL_CLUSTER='(.*)'", said)[1].split(",")
    assert members == [f"database{n}=http://10.0.0.3{n}:2380" for n in (1, 2, 3)]
    listens = re.findall(r"LISTEN_\w+='(.*)'", files("etcd.env"))
    assert listens == [
        "http://10.0.0.32:2380",
        "http://10.0.0.32:2379,http://127.0.0.1:2379",
    ]


def test_each_machine_of_the_hub_finds_the_database_that_leads(files):
    said = files("haproxy.cfg")
    assert "bind 127.0.0.1:5000" in said
    servers = re.findall(r"server (\w+) ([\d.]+):5432", said)
    assert servers == [(f"database{n}", f"10.0.0.3{n}") for n in (1, 2, 3)] * 2
    assert "on-marked-down shutdown-sessions" in said
    assert "hub = host=127.0.0.1 port=5000" in files("pgbouncer.ini")
    assert "pool_mode = transaction" in files("pgbouncer.ini")
