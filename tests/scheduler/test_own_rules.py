"""A retailer adds a rule by adding a file; a bad one is refused at the start with its name."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from app.actions import setup
from app.db.rules import FOLDER, look, prove, read_rules, rules_of
from app.domain.rule import Level, level_of
from app.errors import SettingsInvalid
from app.settings import Settings
from app.wiring import open_hub
from tests.monitoring.conftest import scene
from tests.monitoring.mass import finished

__all__ = ["scene"]

GOOD = """\
-- rule: no_bread
-- about: store
-- topic: orders
-- unit: count
-- warn: 1
-- ru: нет хлеба
-- en: there is no bread
-- How many orders wait.
SELECT store_id, count(*) AS value FROM orders WHERE $2 > 0 AND due_at < $1 GROUP BY store_id;
"""


def rule(text=GOOD, **changed):
    """The rule's file with some header lines changed; None takes one away."""
    lines = [line for line in text.splitlines() if line.split(":")[0][3:] not in changed]
    head = [f"-- {key}: {value}" for key, value in changed.items() if value is not None]
    return "\n".join([*head, *lines])


def folder(tmp_path, **files):
    for name, text in files.items():
        (tmp_path / f"{name}.sql").write_text(text, encoding="utf-8")
    return tmp_path


def test_a_file_beside_the_hubs_own_is_a_rule(tmp_path):
    known = rules_of(folder(tmp_path, no_bread=GOOD))
    assert {one.name for one in known} == {one.name for one in read_rules()} | {"no_bread"}
    assert rules_of(None) == read_rules()


def test_a_name_that_is_taken_is_refused_with_both_places(tmp_path):
    late = rule(rule="order_late")
    with pytest.raises(SettingsInvalid) as error:
        rules_of(folder(tmp_path, order_late=late))
    assert str(error.value) == f"order_late.sql: stands in {FOLDER} and in {tmp_path}"


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(SettingsInvalid, match=r"HUB_RULES.*nowhere"):
        rules_of(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("changed", "said"),
    [({"rule": "bread"}, "begins not with"), ({"about": "shelf"}, "`about`"),
     ({"topic": None}, "`topic`"), ({"unit": "loaves"}, "`unit`"), ({"bad": "left"}, "`bad`"),
     ({"warn": "many"}, "`warn` must be a number"), ({"warn": None}, "neither"),
     ({"en": None}, "no `en` line"), ({"critical": "0"}, "warn 1 is worse than critical 0"),
     ({"clear": "2"}, "clear 2 is on the bad side of 1"),
     ({"silenced by": "a_ghost"}, "no such rule")],
)  # fmt: skip
def test_a_file_that_breaks_the_form_is_refused_with_its_name(tmp_path, changed, said):
    with pytest.raises(SettingsInvalid) as error:
        rules_of(folder(tmp_path, no_bread=rule(**changed)))
    assert str(error.value).startswith("no_bread.sql: ")
    assert said in str(error.value)


def test_every_bad_file_is_named_at_once(tmp_path):
    (tmp_path / "no_salt.sql").write_bytes(b"-- rule: \xff\xfe")
    with pytest.raises(SettingsInvalid) as error:
        rules_of(folder(tmp_path, no_bread=rule(unit="loaves"), no_milk="SELECT 1"))
    named = {line.split(":")[0] for line in str(error.value).splitlines()}
    assert named == {"no_bread.sql", "no_milk.sql", "no_salt.sql"}


@pytest.mark.parametrize(
    ("query", "said"),
    [("SELECT store_id, 1 AS value FROM shelves", "shelves"),
     ("SELECT store_id, count(*) AS amount FROM orders GROUP BY 1", "gives no value"),
     ("SELECT count(*) AS value FROM orders", "gives no store_id"),
     ("SELECT store_id::text, 1 AS value FROM orders", "wrong type: store_id"),
     ("SELECT store_id, 'many' AS value FROM orders", "wrong type: value"),
     ("SELECT store_id, 1 AS value, '12:00' AS baked_at FROM orders", "wrong type: baked_at"),
     ("SELECT store_id, 1 AS value FROM orders; DROP TABLE orders", 'near ";"'),
     ("DELETE FROM orders RETURNING store_id, 1 AS value", "syntax"), ("", "syntax"),
     ("WITH gone AS (DELETE FROM orders RETURNING store_id) SELECT store_id, 1 AS value FROM gone",
      "data-modifying")],
)  # fmt: skip
async def test_a_query_the_database_does_not_take_is_refused_with_its_name(
    pool, tmp_path, query, said
):
    text = GOOD.partition("SELECT")[0] + query
    (bad,) = read_rules(folder(tmp_path, no_bread=text))
    async with pool.acquire() as conn:
        with pytest.raises(SettingsInvalid) as error:
            await prove(conn, [*read_rules(), bad])
    assert str(error.value).startswith("no_bread.sql: ")
    assert said in str(error.value)


async def test_a_fact_that_a_text_names_and_the_query_does_not_give_is_refused(pool, tmp_path):
    (bad,) = read_rules(folder(tmp_path, no_bread=rule(en="{loaves} loaves")))
    async with pool.acquire() as conn:
        with pytest.raises(SettingsInvalid, match=r"no_bread\.sql: the query gives no loaves"):
            await prove(conn, [bad])


def environment(dsn, tmp_path, rules):
    return {**os.environ, "HUB_DATABASE_URL": dsn, "HUB_DATA": str(tmp_path),
            "HUB_MASTER_KEY": Fernet.generate_key().decode(), "HUB_RULES": str(rules),
            "HUB_UNDER_TEST": "1"}  # fmt: skip


async def scheduler(env):
    """The process as it ends: its code and what it says of why."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "scheduler", env=env,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    async with asyncio.timeout(180):
        _, said = await process.communicate()
    return process.returncode, said.decode()


async def test_a_bad_form_ends_the_scheduler_at_once_though_the_database_is_away(tmp_path):
    rules = folder(tmp_path, no_bread=rule(unit="loaves"))
    away = "postgresql://127.0.0.1:1/hub"
    code, said = await scheduler(environment(away, tmp_path, rules))
    assert code == 1
    assert said.startswith("no_bread.sql: `unit` must be one of")


async def test_a_bad_query_ends_the_scheduler_when_the_database_says_so(dsn, tmp_path):
    rules = folder(tmp_path, no_bread=GOOD.replace("FROM orders", "FROM shelves"))
    code, said = await scheduler(environment(dsn, tmp_path, rules))
    assert code == 1
    assert 'no_bread.sql: relation "shelves" does not exist' in said


async def test_other_processes_go_on_without_a_retailers_bad_rule(dsn, tmp_path):
    rules = folder(tmp_path, no_bread="SELECT 1")
    settings = Settings.from_env(environment(dsn, tmp_path, rules))
    async with open_hub(settings, "web") as hub:
        assert hub.rules.keys() == {one.name for one in read_rules()}
    with pytest.raises(SettingsInvalid, match=r"no_bread\.sql"):
        async with open_hub(settings, "scheduler"):
            pass


DOCS = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")


async def test_the_rule_that_the_guide_shows_sees_its_trouble(scene, tmp_path):
    (text,) = re.findall(r"```sql\n(.*?)```", DOCS, re.DOTALL)
    known = rules_of(folder(tmp_path, goods_left=text))
    own = next(one for one in known if one.name == "goods_left")
    await finished(scene, 5, state="cancelled", putback="due", ended_at=61)
    await finished(scene, 9, state="cancelled", putback="due", ended_at=59)
    async with scene.hub.pools.picking.acquire() as conn:
        await prove(conn, known)
        (seen,) = await look(conn, own, scene.now, (), scene.hub.rule_patience)
    assert (seen.facts["store"], seen.value) == ("MSK-07", 5)
    assert level_of(own, own.limits, seen) is Level.WARNING


def test_the_thresholds_that_the_guide_shows_can_be_read():
    (text,) = re.findall(r"```json\n(.*?)```", DOCS, re.DOTALL)
    assert len(setup.read(text.encode()).thresholds) == 4


async def runs(pool):
    """How the rule's runs went, as soon as there is one that nothing held up for too long."""
    query = "SELECT * FROM rule_run WHERE rule = 'no_bread' AND {}"
    slow = "coalesce(error, '') IN ('QueryCanceledError', 'TimeoutError')"
    while not (found := await pool.fetch(query.format(f"NOT {slow}"))):  # noqa: ASYNC110
        await asyncio.sleep(0.1)
    return found


async def test_the_scheduler_runs_a_retailers_rule_and_ends_in_order(hub, dsn, pool, tmp_path):
    rules = folder(tmp_path, no_bread=GOOD)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "scheduler", env=environment(dsn, tmp_path, rules),
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    async with asyncio.timeout(180):
        (run,) = await runs(pool)
        process.terminate()
        assert await process.wait() == 0
    assert run["error"] is None
