"""The firewall's rules, as rendered for an inventory: who reaches whom, and nobody else."""

from __future__ import annotations

import ipaddress
import re
import shutil
import subprocess
import sys

import pytest

from tests.ops.rendering import ANSIBLE, played

ADDRESSES = {
    "gateway1": "10.0.0.10", "gateway2": "10.0.0.9", "app1": "10.0.0.11", "app2": "10.0.0.12",
    "scheduler1": "10.0.0.15", "database1": "fd00::21", "database2": "fd00::22",
    "database3": "fd00::23", "backup1": "10.0.0.31",
}  # fmt: skip
MONITORING, STRANGER, OFFICE = "10.9.9.9", "203.0.113.5", "198.51.100.77"
GROUPS = {
    "gateway": ["gateway1", "gateway2"],
    "app": ["app1", "app2"],
    "scheduler": ["scheduler1", "app1"],
    "database": ["database1", "database2", "database3"],
    "etcd": ["database1", "database2", "database3"],
    "backup": ["backup1"],
}
ROLE = ANSIBLE / "roles" / "firewall"
WORKERS = {8101, 8102, 8103, 8104}
#: who → whom → which ports of TCP; what is not here must not be in the rules.
ALLOWED = {
    (STRANGER, "gateway1"): {80, 443},
    (OFFICE, "gateway1"): {80, 443, 22},
    (OFFICE, "app1"): {22},
    ("gateway1", "app1"): WORKERS,
    ("gateway2", "app2"): WORKERS,
    ("app1", "database1"): {5432, 8008},
    ("scheduler1", "database2"): {5432, 8008},
    ("database1", "database2"): {5432, 8008, 2379, 2380},
    ("database1", "backup1"): {8432},
    ("backup1", "database1"): {5432, 8432},
    (MONITORING, "app1"): WORKERS | {9100},
    (MONITORING, "database1"): {9100, 9187, 8008},
    (MONITORING, "gateway1"): {9100, 9113, 80, 443},
    (MONITORING, "backup1"): {9100},
    ("app1", "gateway1"): {80, 443},
    ("app1", "app2"): set(),
    ("app1", "scheduler1"): set(),
    ("gateway1", "database1"): set(),
    ("app2", "backup1"): {22},
    (STRANGER, "database1"): set(),
}
_RULE = re.compile(
    r"^\s*(?:ip6? saddr \{ (?P<from>[^}]+) \}|meta nfproto (?P<every>ipv[46])) "
    r"tcp dport \{ (?P<ports>[\d, ]+) \} .*(?:accept|jump ssh)$",
    re.MULTILINE,
)


@pytest.fixture(scope="module")
def rules(tmp_path_factory):
    """Machine → its rules."""
    folder = tmp_path_factory.mktemp("firewall")
    groups = {name: {"hosts": dict.fromkeys(hosts)} for name, hosts in GROUPS.items()}
    hosts = {name: {"private_address": address} for name, address in ADDRESSES.items()}
    admin = {"firewall_admin": ["198.51.100.0/24"], "firewall_monitoring": [MONITORING]}
    values = {**admin, "__firewall_connection": {"stdout": "198.51.100.77 5 10.0.0.1 22"}}
    files = [
        {"ansible.builtin.include_vars": {"file": str(ROLE / part / "main.yml")}}
        for part in ("defaults", "vars")
    ]
    template = {
        "src": str(ROLE / "templates" / "hub.nft.j2"),
        "dest": f"{folder}/{{{{ inventory_hostname }}}}.nft",
        "mode": "0600",
    }
    played(
        folder,
        {"all": {"hosts": hosts}, **groups},
        {
            "tasks": [
                *files,
                {"ansible.builtin.set_fact": values},
                {"ansible.builtin.template": template},
            ]
        },
    )  # fmt: skip
    return {name: (folder / f"{name}.nft").read_text() for name in ADDRESSES}


def opened(rules: str, sender: str) -> set[int]:
    """The TCP ports an address may open, by the rules' text."""
    who = ipaddress.ip_address(sender)
    found: set[int] = set()
    for rule in _RULE.finditer(rules):
        networks = (rule["from"] or {"ipv4": "0.0.0.0/0", "ipv6": "::/0"}[rule["every"]]).split(
            ", "
        )
        if any(who in ipaddress.ip_network(network) for network in networks):
            found |= {int(port) for port in rule["ports"].split(", ")}
    return found


@pytest.mark.parametrize(("sender", "machine"), ALLOWED)
def test_who_may_reach_whom_is_what_the_table_says(rules, sender, machine):
    assert opened(rules[machine], ADDRESSES.get(sender, sender)) == ALLOWED[sender, machine]


def test_gateways_agree_on_the_floating_address_among_themselves_alone(rules):
    assert "ip saddr { 10.0.0.9 } meta l4proto vrrp counter accept" in rules["gateway1"]
    assert not [name for name, text in rules.items() if "vrrp" in text and "gateway" not in name]


def test_no_other_table_is_touched(rules):
    for text in rules.values():
        statements = re.findall(r"^(\w+ .*?)(?: \{)?$", text, re.MULTILINE)
        assert set(statements) == {
            "table inet hub", "flush chain inet hub ssh", "flush chain inet hub input"
        }  # fmt: skip


def test_what_has_no_rule_is_dropped_counted_and_told_of_within_limits(rules):
    for text in rules.values():
        assert "policy drop;" in text
        end = [line.strip() for line in text.split("ct state invalid")[1].splitlines()][-4:-2]
        assert end[0].startswith("limit rate 10/minute burst 10 packets log ")
        assert end[1].startswith("counter")


#: Whether a kernel judges, in a network of its own; else the rules' text is all there is.
KERNEL = (
    shutil.which("nft") is not None
    and subprocess.run(
        ["unshare", "-rn", "nft", "list", "tables"], capture_output=True, check=False
    ).returncode
    == 0
)
_DRAIN = """
import socket, subprocess, sys
def nft(*words): subprocess.run(["nft", *words], check=True)
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
nft("add", "table", "inet", "foreign")
nft("-f", sys.argv[1])
server = socket.create_server(("127.0.0.1", 8101))
early = socket.create_connection(("127.0.0.1", 8101), 3)
peer, _ = server.accept()
nft("add", "element", "inet", "hub", "draining", "{ 8101 }")
nft("-f", sys.argv[1])  # loaded anew meanwhile
gateway = ("127.0.0.2", 0)  # any address but the one that the machine itself asks from
try: socket.create_connection(("127.0.0.1", 8101), 3, gateway); print("let in")
except ConnectionRefusedError: print("refused")
socket.create_connection(("127.0.0.1", 8101), 3); print("asks itself")
early.sendall(b"x"); print("open" if peer.recv(1) == b"x" else "cut")
nft("delete", "element", "inet", "hub", "draining", "{ 8101 }")
socket.create_connection(("127.0.0.1", 8101), 3, gateway); print("let in again")
print(subprocess.run(["nft", "list", "tables"], capture_output=True, text=True).stdout.split())
"""


def alone(*argv: str) -> list[str]:
    done = subprocess.run(["unshare", "-rn", *argv], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_kernel_takes_the_rules(rules, tmp_path):
    for name, text in rules.items():
        (tmp_path / f"{name}.nft").write_text(text)
        assert text.count("{") == text.count("}")
    script = 'for each in "$0"/*.nft; do nft --check --file "$each" && echo taken; done'
    assert not KERNEL or alone("sh", "-c", script, str(tmp_path)) == ["taken"] * len(rules)


def test_a_draining_worker_is_refused_to_new_connections_alone(rules, tmp_path):
    (tmp_path / "rules.nft").write_text(rules["app1"])
    rows = [row.strip() for row in rules["app1"].split("chain input {")[2].splitlines()]
    first = [row for row in rows if row and not row.startswith("#")][:2]
    assert first[0] == "iif lo ip saddr 127.0.0.1 accept"
    assert first[1].startswith("tcp dport @draining tcp flags syn / ")
    assert not KERNEL or alone(sys.executable, "-c", _DRAIN, str(tmp_path / "rules.nft")) == [
        "refused", "asks itself", "open", "let in again",
        "['table', 'inet', 'foreign', 'table', 'inet', 'hub']",
    ]  # fmt: skip
