"""The alert rules for Prometheus speak of figures that the hub has, or its backups."""

from __future__ import annotations

import re

import yaml

from tests.ops.rendering import ANSIBLE

ROOT = ANSIBLE.parent
FILE = ANSIBLE / "roles" / "exporters" / "files" / "hub.rules.yml"


def rules():
    return [rule for group in yaml.safe_load(FILE.read_text())["groups"] for rule in group["rules"]]


def test_rules_ask_only_for_figures_that_somebody_counts():
    texts = [
        ROOT / "app" / "metrics.py",
        ROOT / "app" / "http" / "monitoring.py",
        ANSIBLE / "roles" / "backup" / "files" / "state",
    ]
    known = set(re.findall(r'"(hub_[a-z_]+)"', "".join(path.read_text() for path in texts)))
    asked = {name for rule in rules() for name in re.findall(r"\bhub_[a-z_]+", rule["expr"])}
    assert asked
    assert {name.removesuffix("_bucket") for name in asked} <= known


def test_each_rule_says_how_grave_it_is_and_what_has_happened():
    for rule in rules():
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert len(rule["annotations"]["summary"]) > 15
    assert len({rule["alert"] for rule in rules()}) == len(rules())


def test_backups_that_fail_or_do_not_come_are_told():
    asked = " ".join(rule["expr"] for rule in rules())
    for figure in ("hub_backup_ok ==", '{what=~"full|diff"}', '{what="check"}', '{what="drill"}'):
        assert figure in asked
