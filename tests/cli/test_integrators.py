"""orderhub integrators: by hand; secrets are shown once and never again."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys

import pytest

from tests.cli.test_destinations import orderhub  # noqa: F401 - a fixture
from tests.integrators.ears import ears_of
from tests.marketplaces.far import far, says


@pytest.fixture
async def ears(hub, api):
    async with ears_of(hub, api) as found:
        yield found


@pytest.fixture
def described(tmp_path):
    def write(**said):
        file = tmp_path / "subscription.json"
        file.write_text(json.dumps(said), encoding="utf-8")
        return str(file)

    return write


async def test_a_system_is_subscribed_with_a_secret_that_is_shown_once(orderhub, ears, described):  # noqa: F811
    async with far(says(204, b"")) as side:
        file = described(code="shop", url=side.url, name="The shop", events=["order.placed"])
        said = await orderhub("integrators", "add", file)
        (secret,) = re.findall(r"whsec_[A-Za-z0-9+/=]+", said)
        again = await orderhub("integrators", "add", file)
        assert "whsec_" not in again, "it keeps the one it has"
        assert "Taken: HTTP 204" in await orderhub("integrators", "test", "shop")
        shown = await orderhub("integrators", "list")
        assert "shop" in shown
        assert "order.placed" in shown
        whole = await orderhub("integrators", "list", "--json")
        assert secret not in shown + whole
        (row,) = json.loads(whole)
        assert (row["active"], row["waiting"], row["name"]) == (True, 0, "The shop")


async def test_it_is_paused_goes_on_and_is_removed(orderhub, ears):  # noqa: F811
    await ears.subscribe("http://127.0.0.1:1")
    assert "is paused" in await orderhub("integrators", "pause", "shop")
    await ears.place()
    assert "paused" in await orderhub("integrators", "list")
    assert "events that waited: 2" in await orderhub("integrators", "resume", "shop")
    assert "told nothing more" in await orderhub("integrators", "remove", "shop", "--yes")
    assert "No system is told" in await orderhub("integrators", "list")
    for deed in ("pause", "resume", "rotate", "test", "remove", "deliveries"):
        assert "No system is told" in await orderhub("integrators", deed, "shop", code=1)


async def test_who_did_what_is_said_apart_from_what_a_program_reads(ears, dsn):
    await ears.subscribe("http://127.0.0.1:1")
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "app", "integrators", "pause", "shop"],
        env=os.environ | {"HUB_DATABASE_URL": dsn, "HUB_LANG": "en"},
        check=True, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert len(done.stdout.splitlines()) == 1
    assert "is paused" in done.stdout
    for word in ("integrator paused by hand", "shop", "cli:"):
        assert word in done.stderr


async def test_what_was_told_is_shown_and_brought_again(orderhub, ears):  # noqa: F811
    async with far(says(500, b"out of\norder"), says(200)) as side:
        await ears.subscribe(side.url, events=["order.placed"])
        await ears.place("H7")
        await ears.carry()
        shown = await orderhub("integrators", "deliveries", "shop")
        for word in ("order.placed", "H7", "waiting", "500", "out of order"):
            assert word in shown
        told = json.loads(await orderhub("integrators", "deliveries", "shop", "--json"))
        assert [each["status"] for each in told[0]["tries"]] == [500]
        assert "On its way" in await orderhub("integrators", "resend", told[0]["id"])
        await ears.carry()
        assert len(side.requests) == 2
        assert "Nothing" in await orderhub("integrators", "deliveries", "shop", "--state", "dead")
        assert "On their way: 0" in await orderhub("integrators", "resend", "shop", "--given-up")
        await orderhub("integrators", "resend", "shop", code=2)


async def test_a_secret_is_changed_for_another_without_a_gap(orderhub, ears):  # noqa: F811
    await ears.subscribe("http://127.0.0.1:1")
    said = await orderhub("integrators", "rotate", "shop")
    assert "whsec_" in said
    assert "--finish" in said
    assert "newest secret only" in await orderhub("integrators", "rotate", "shop", "--finish")


@pytest.mark.parametrize(
    ("said", "why"),
    [({"code": "shop"}, "missing required field `url`"),
     ({"code": "a b", "url": "https://shop.example.com"}, "regex"),
     ({"code": "shop", "url": "http://shop.example.com"}, "must be https"),
     ({"code": "shop", "url": "https://u:p@shop.example.com"}, "without a login"),
     ({"code": "shop", "url": "http://169.254.169.254/latest"}, "never called"),
     ({"code": "shop", "url": "https://shop.example.com", "events": ["order.eaten"]},
      "no event is called 'order.eaten'"),
     ({"code": "shop", "url": "https://shop.example.com", "stores": ["NONE"]},
      "no store of the merchant's is called 'NONE'"),
     ({"code": "shop", "url": "https://shop.example.com", "secrets": ["whsec_c2hvcnQ="]},
      "24 to 64"),
     ({"code": "shop", "url": "https://shop.example.com", "merchant": "nobody"}, "whose it is"),
     ({"code": "shop", "url": "https://shop.example.com", "colour": 1}, "unknown field")],
)  # fmt: skip
async def test_what_is_wrongly_described_is_named(orderhub, ears, described, said, why):  # noqa: F811
    assert why in await orderhub("integrators", "add", described(**said), code=1)
