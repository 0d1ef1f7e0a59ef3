"""What playbooks write into files is the same in every run: a set has another order each time."""

import re
from pathlib import Path

ANSIBLE = Path(__file__).parents[2] / "ansible"
#: Lists of addresses without this machine's own; Ansible makes them by way of a set.
OTHERS = re.compile(r"difference\(\[\w+\]\)(?P<ordered> \| (?:sort|length)\b)?")


def test_lists_of_other_machines_are_sorted_before_they_are_written():
    files = [*ANSIBLE.glob("group_vars/**/*.yml"), *ANSIBLE.glob("roles/*/vars/*.yml")]
    found = [match for path in files for match in OTHERS.finditer(path.read_text())]
    assert len(found) >= 3
    assert [match[0] for match in found if not match["ordered"]] == []
