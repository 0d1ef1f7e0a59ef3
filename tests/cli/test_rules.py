"""orderhub rules: what is watched, whether all files are good, and what one rule sees right now."""

from __future__ import annotations

import json

import pytest

from app.actions.watch import watch
from app.db.rules import read_rules
from tests.cli.test_people import orderhub
from tests.scheduler.test_own_rules import GOOD, folder, rule
from tests.stories import place

__all__ = ["orderhub"]


async def age(pool, minutes):
    await pool.execute("UPDATE orders SET accepted_at = now() - make_interval(mins => $1)", minutes)


async def test_every_rule_is_listed_with_its_limits_and_how_its_last_run_went(orderhub, hub, pool):
    assert (await orderhub("rules", "list")).count("never") == len(read_rules())
    await watch(hub, read_rules())
    await pool.execute(
        "UPDATE rule_run SET error = 'UndefinedTableError' WHERE rule = 'order_late'"
    )
    said = (await orderhub("rules", "list")).splitlines()
    (taken,) = [line for line in said if " order_not_taken " in line]
    assert "nobody has taken it" in taken
    assert "warn 5 · critical 10 (min)" in taken
    late = next(n for n, line in enumerate(said) if " order_late " in line)
    assert "UndefinedTableError" in said[late + 1]
    assert "никто не взял" in await orderhub("rules", "list", lang="ru")


async def test_the_list_is_there_for_programs(orderhub, hub, pool):
    await watch(hub, read_rules())
    told = {one["name"]: one for one in json.loads(await orderhub("rules", "list", "--json"))}
    assert told.keys() == {one.name for one in read_rules()}
    taken = told["order_not_taken"]
    assert taken["limits"]["critical"] == 10
    assert taken["last_run"]["error"] is None
    assert taken["own_thresholds"] == 0


async def test_good_files_are_counted_and_bad_ones_named(orderhub, hub, tmp_path):
    assert "rules are good" in await orderhub("rules", "check")
    good, bad, odd = (tmp_path / name for name in ("good", "bad", "odd"))
    for each in (good, bad, odd):
        each.mkdir()
    folder(good, no_bread=GOOD)
    assert f"1 of them in {good}" in await orderhub("rules", "check", str(good))
    folder(bad, no_bread=GOOD.replace("FROM orders", "FROM shelves"))
    assert "no_bread.sql: " in await orderhub("rules", "check", str(bad), code=1)
    folder(odd, no_bread=rule(unit="loaves"))
    assert "no_bread.sql: `unit`" in await orderhub("rules", "check", str(odd), code=1)
    assert "nowhere" in await orderhub("rules", "check", str(tmp_path / "nowhere"), code=1)


async def test_a_try_shows_what_a_rule_sees_and_changes_nothing(api, orderhub, hub, pool):
    await place(api, hub, "H77")
    await age(pool, 12)
    said = await orderhub("rules", "try", "order_not_taken")
    assert "critical" in said
    assert "MSK-07 · sm-demo" in said
    assert "H77" in said
    assert "waited: 12" in said
    (only,) = json.loads(await orderhub("rules", "try", "order_not_taken", "--json"))
    assert (only["value"], only["level"], only["facts"]["number"]) == (12, "critical", "H77")
    assert await pool.fetchval("SELECT count(*) FROM incident") == 0
    assert await pool.fetchval("SELECT count(*) FROM rule_run") == 0


async def test_a_try_shows_on_request_what_is_well_too_and_judges_by_the_chains_limits(
    api, orderhub, hub, pool
):
    await place(api, hub, "H77")
    await age(pool, 3)
    assert "sees nothing" in await orderhub("rules", "try", "order_not_taken")
    assert "H77" in await orderhub("rules", "try", "order_not_taken", "--all")
    await pool.execute(
        "INSERT INTO rule_threshold (id, rule, merchant_id, warn)"
        " SELECT gen_random_uuid(), 'order_not_taken', id, 3 FROM merchant"
    )
    assert "warning" in await orderhub("rules", "try", "order_not_taken")


@pytest.mark.parametrize("name", [one.name for one in read_rules()])
async def test_every_rule_can_be_tried_whole(orderhub, hub, name):
    await orderhub("rules", "try", name, "--all")


async def test_a_rule_nobody_knows_is_one_sentence(orderhub, hub):
    assert "No rule 'order_lost'" in await orderhub("rules", "try", "order_lost", code=1)
