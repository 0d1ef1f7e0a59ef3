"""Returns and corrections as a person at a terminal makes them."""

import asyncio
import json

import pytest
from typer.testing import CliRunner

from app import cli
from app.actions.issue import issue
from tests.actions.after_sale import balanced
from tests.stories import deliver_one

runner = CliRunner()


@pytest.fixture
def orderhub(dsn, tmp_path):
    """Run one command against this test's database, in a thread as it has a loop of its own."""
    env = {"HUB_DATABASE_URL": dsn, "HUB_DATA": str(tmp_path), "COLUMNS": "200", "HUB_LANG": "en"}

    async def run(*words, code=0, **more):
        done = await asyncio.to_thread(runner.invoke, cli.app, words, env=env | more)
        assert done.exit_code == code, done.output + str(done.exception)
        return done.output

    return run


async def test_goods_come_back_and_prices_are_mended_at_a_terminal(api, hub, orderhub):
    order_id = await deliver_one(api, hub, "H1")
    why = ("--reason", "broken")
    told = await orderhub(
        "documents", "return", "H1", "--line", "300901=1", "--line", "200101=0.3kg", *why
    )
    assert "300901 Хлеб: 2 left for 109.00" in told
    assert "200101 Бананы: 0.700 kg left for 90.93" in told
    told = await orderhub("documents", "correct", "H1", "--line", "300901=:50.00", *why)
    assert "2 left for 100.00" in told
    await orderhub("documents", "return", "H1", "--line", "300901=1", *why, "--key", "a")
    await orderhub("documents", "return", "H1", "--line", "300901=1", *why, "--key", "a")
    await issue(hub)
    assert [each.total for each in await balanced(hub, order_id)] == [
        29_340, -5450 - 3897, -900, -5000,
    ]  # fmt: skip
    shown = json.loads(await orderhub("documents", "show", "H1"))
    assert (shown["total"], len(shown["documents"])) == (5000 + 9093, 4)


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("return", "H1", "--line", "300901"), 2, "no line: SKU=QUANTITY"),
        (("return", "H1", "--line", "300901=1:5"), 2, "no line: SKU=QUANTITY"),
        (("correct", "H1", "--line", "300901=1:5.001"), 2, "parts of a kopeck"),
        (("return", "H1", "--line", "300901=9"), 1, "max: 3"),
        (("return", "H2", "--line", "300901=1"), 1, "order"),
        (("correct", "H1", "--line", "300901=3"), 1, "changes nothing"),
    ],
)
async def test_a_mistake_is_said_in_a_sentence(api, hub, orderhub, words, code, said):
    await deliver_one(api, hub, "H1")
    assert said in await orderhub("documents", *words, "--reason", "x", code=code)


async def test_a_refusal_is_said_in_russian_too(api, hub, orderhub):
    await deliver_one(api, hub, "H1")
    words = ("documents", "correct", "H1", "--line", "300901=3", "--reason", "x")
    assert "ничего не меняет" in await orderhub(*words, code=1, HUB_LANG="ru")
