"""orderhub alarm test, as an operator meets it."""

import asyncio

from typer.testing import CliRunner

from app import cli
from tests.alarm.post_office import post_office
from tests.marketplaces.far import far, says

RUNNER = CliRunner()


async def orderhub(tmp_path, *words, **env):
    known = {"HUB_DATA": str(tmp_path), "HUB_LANG": "en", **env}
    return await asyncio.to_thread(RUNNER.invoke, cli.app, list(words), env=known)


async def test_a_test_goes_by_every_way_and_each_says_how_it_went(tmp_path):
    async with post_office() as office, far(says(404, b"secret")) as side:
        done = await orderhub(
            tmp_path, "alarm", "test",
            HUB_ALARM_SMTP=f"smtp://127.0.0.1:{office.port}", HUB_ALARM_FROM="hub@shop.test",
            HUB_ALARM_TO="anna@shop.test", HUB_ALARM_WEBHOOK=f"{side.url}/secret",
        )  # fmt: skip
    assert done.output.splitlines() == [
        "email: sent, taken for 1 of 1 recipients",
        "webhook: NOT SENT, HTTP 404",
    ]
    assert done.exit_code == 1
    assert office.letters[0].read["Subject"] == "Order hub: a test of the second way out"
    assert "would reach you" in office.letters[0].text


async def test_without_a_second_way_it_says_what_to_set(tmp_path):
    done = await orderhub(tmp_path, "alarm", "test")
    assert done.exit_code == 1
    assert "HUB_ALARM_SMTP" in done.output
