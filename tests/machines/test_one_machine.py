"""One bare machine: installed, left alone by a second run, an order through it, a reboot."""

import pytest

from tests.machines import places, wheels
from tests.machines.lab import Lab
from tests.machines.market import PIECES, WEIGHED, Market

HOST = "hub1"
GROUPS = ("gateway", "app", "scheduler", "database")


@pytest.fixture(scope="module")
def lab(debian, record):
    with Lab("one", {HOST: "10.77.0.10"}, debian=debian) as made:
        made.project = places.checkout(made.folder / "project")
        yield made


@pytest.fixture(scope="module")
def market(lab):
    return Market(lab, hub=HOST, gateway=HOST)


@pytest.fixture(scope="module")
def inventory(market):
    source = {
        "hub_wheelhouse": str(wheels.AT),
        "hub_uv": str(wheels.UV),
    }
    return {
        "all": {"vars": {**market.variables(), **source}},
        **{group: {"hosts": {HOST: {}}} for group in GROUPS},
    }


def ready(lab):
    """Asked from the machine itself: the answer is for nobody else. While it comes up there may be
    none."""
    ask = "curl --silent --insecure --resolve hub.test:443:127.0.0.1 https://hub.test/readyz"
    return '"ready"' in lab[HOST].run(f"{ask} || true")


def test_check_mode_says_what_a_bare_machine_would_get_and_changes_nothing(lab, inventory, record):
    packages = lab[HOST].run("dpkg --list | grep --count ^ii")
    played = lab.play(inventory, arguments=("--check",))
    record.note("site.yml --check, bare", played.seconds, "done", **played.figures())
    assert (
        f"{HOST} would get the workers and the scheduler and the gateway of commit" in played.said
    )
    assert f"{HOST} would get PostgreSQL" in played.said
    assert lab[HOST].run("dpkg --list | grep --count ^ii") == packages
    assert not lab[HOST].run("ls /opt; getent passwd hub || true")


def test_a_bare_machine_becomes_the_service(lab, market, inventory, record):
    played = lab.play(inventory)
    cpu = {"machine_cpu": lab[HOST].cpu_seconds()}
    record.note("site.yml, bare", played.seconds, "done", **played.figures(), **cpu)
    market.wait("the hub after its installation", lambda: ready(lab))


def test_the_second_run_changes_nothing(lab, inventory, record):
    again = lab.play(inventory)
    record.note("site.yml, again", again.seconds, "done", **again.figures())
    assert again.changed == 0, again.changes()


def test_check_mode_finds_nothing_to_do_on_an_installed_machine(lab, inventory, record):
    looked = lab.play(inventory, arguments=("--check",))
    record.note("site.yml --check, installed", looked.seconds, "done", **looked.figures())
    assert looked.changed == 0, looked.changes()


async def test_an_order_walks_through_over_https_and_ends_as_a_document(market, record):
    with market:
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


def test_after_a_reboot_it_is_ready_by_itself(lab, market, record):
    lab[HOST].reboot()
    with record.timed("reboot: from SSH to ready"):
        market.wait("the hub after a reboot", lambda: ready(lab))
    assert not lab[HOST].run("systemctl --failed --plain --no-legend")
