"""Registered handhelds: where a store wants them, a PIN alone opens nothing."""

import asyncio

import pytest
import pytest_asyncio

from tests.factories import Handheld
from tests.http.ways.people import SESSIONS, store_with, supervisor

pytestmark = pytest.mark.asyncio(loop_scope="module")

WHO = {"badge": "1201", "pin": "4721"}


async def sign_in(world, *, headers=None, **asked):
    return await world.api.post(SESSIONS, json=WHO | asked, headers=headers)


async def registered(world, name="ТСД 1", badge="1209"):
    """A new handheld of MSK-12 as the supervisor gets it."""
    boss = await supervisor(world, badge)
    answer = await boss.post("/picker/v1/devices", {"name": name})
    assert answer.status_code == 200
    return answer.json()


async def revoke(world, device):
    headers = (await supervisor(world, "1209")).headers
    return await world.api.delete(f"/picker/v1/devices/{device['id']}", headers=headers)


@pytest_asyncio.fixture(autouse=True, loop_scope="module")
async def forgiven(world):
    await world.value("UPDATE picker SET failures = 0, locked_until = '-infinity'")


async def test_a_strict_store_admits_a_registered_handheld_and_no_other(world):
    device = await registered(world)
    async with store_with(world, devices="registered"):
        assert (await sign_in(world, device_id=device["device_id"])).status_code == 200
        for device_id in ("", "TC21-0001", device["id"], device["device_id"][:-1]):
            answer = await sign_in(world, device_id=device_id)
            assert (answer.status_code, answer.json()["code"]) == (401, "DEVICE_UNKNOWN")


async def test_the_secret_may_stand_in_the_header_and_be_typed_carelessly(world):
    device = await registered(world)
    async with store_with(world, devices="registered"):
        typed = device["device_id"].lower().replace("-", " ")
        assert (await sign_in(world, headers={"X-Device-Id": typed})).status_code == 200


async def test_the_secret_is_nowhere_in_the_database(world):
    device = await registered(world)
    await sign_in(world, device_id=device["device_id"])
    for table in ("device", "picker_session", "operation"):
        kept = await world.value(f"SELECT string_agg(t::text, ' ') FROM {table} AS t")
        assert device["device_id"] not in kept
        assert device["device_id"].encode().hex() not in kept


async def test_a_repeat_of_a_registration_registers_nothing_and_shows_no_secret(world):
    boss = await supervisor(world, "1209")
    first = (await boss.post("/picker/v1/devices", {"name": "ТСД 2"}, key="one")).json()
    again = (await boss.post("/picker/v1/devices", {"name": "ТСД 2"}, key="one")).json()
    assert again == first | {"device_id": None}
    other = await boss.post("/picker/v1/devices", {"name": "ТСД 3"}, key="one")
    assert other.json()["code"] == "IDEMPOTENCY_KEY_REUSED"


async def test_a_handheld_of_another_store_is_a_stranger_here(world):
    device = await registered(world, badge="1009")
    async with store_with(world, devices="registered"):
        assert (await sign_in(world, device_id=device["device_id"])).status_code == 401
    assert (await sign_in(world, device_id=device["device_id"])).status_code == 200


async def test_nobody_learns_from_a_strange_handheld_which_badges_and_pins_exist(world):
    async with store_with(world, devices="registered"):
        asked = [{}, {"pin": "0000"}, {"badge": "9999"}, {"badge": "9999", "pin": "0000"}]
        answers = [await sign_in(world, **each) for each in asked]
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["code"] == "DEVICE_UNKNOWN"
    assert await world.value("SELECT failures FROM picker WHERE badge = '1201'") == 0


async def test_a_revoked_handheld_is_out_at_once_and_opens_nothing_even_in_an_open_store(world):
    device = await registered(world)
    token = (await sign_in(world, device_id=device["device_id"])).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert (await world.api.get("/picker/v1/me", headers=headers)).status_code == 200
    assert (await revoke(world, device)).status_code == 204
    assert (await world.api.get("/picker/v1/me", headers=headers)).status_code == 401
    answer = await sign_in(world, device_id=device["device_id"])
    assert (answer.status_code, answer.json()["code"]) == (401, "DEVICE_UNKNOWN")
    assert (await sign_in(world)).status_code == 200
    assert (await revoke(world, device)).status_code == 204


async def test_no_session_survives_a_revocation_that_races_with_sign_ins(world):
    device = await registered(world)
    boss = await supervisor(world, "1209")
    path = f"/picker/v1/devices/{device['id']}"
    answers = await asyncio.gather(
        *(sign_in(world, device_id=device["device_id"]) for _ in range(4)),
        world.api.delete(path, headers=boss.headers),
        *(sign_in(world, device_id=device["device_id"]) for _ in range(4)),
    )
    assert answers[4].status_code == 204
    open_ = "SELECT count(*) FROM picker_session WHERE device = $1 AND ended_at IS NULL"
    assert await world.value(open_, device["id"]) == 0


async def test_a_store_that_becomes_strict_is_strict_with_open_sessions_too(world):
    device = await registered(world)
    loose = await Handheld(world.api).sign_in(**WHO)
    token = (await sign_in(world, device_id=device["device_id"])).json()["token"]
    async with store_with(world, devices="registered"):
        assert (await loose.get("/picker/v1/me")).status_code == 401
        headers = {"Authorization": f"Bearer {token}"}
        assert (await world.api.get("/picker/v1/me", headers=headers)).status_code == 200
    assert (await loose.get("/picker/v1/me")).status_code == 200


async def test_a_handheld_that_tries_one_badge_after_the_other_is_locked(world):
    device = await registered(world)
    for badge in ("1001", "1002", "1201", "1202"):
        for _ in range(4):
            await sign_in(world, badge=badge, pin="0000", device_id=device["device_id"])
    answer = await sign_in(world, device_id=device["device_id"])
    assert (answer.status_code, answer.json()["code"]) == (429, "TOO_MANY_REQUESTS")
    assert (await sign_in(world)).status_code == 200


async def test_the_list_says_who_registered_what_runs_on_it_and_when_it_was_seen(world):
    device = await registered(world, "ТСД 9")
    version = {"X-Client-Version": "1.4.0"}
    answer = await sign_in(world, device_id=device["device_id"], headers=version)
    boss = await supervisor(world, "1209")
    listed = (await boss.get("/picker/v1/devices")).json()["devices"]
    (row,) = [each for each in listed if each["id"] == device["id"]]
    assert (row["name"], row["registered_by"], row["sessions"]) == ("ТСД 9", "1209", 1)
    assert row["client_version"] == "1.4.0"
    headers = {"Authorization": f"Bearer {answer.json()['token']}", "X-Client-Version": "1.5"}
    await world.api.get("/picker/v1/me", headers=headers)
    seen = "SELECT client_version FROM device WHERE id = $1"
    assert await world.value(seen, device["id"]) == "1.5"
    assert "device_id" not in row
    strangers = await (await supervisor(world)).get("/picker/v1/devices")
    assert device["id"] not in strangers.text


@pytest.mark.parametrize("name", ["", "a\nb", "\u0000", "x" * 101, None, 5])
async def test_a_handheld_needs_a_name_that_can_be_read(world, name):
    answer = await (await supervisor(world)).post("/picker/v1/devices", {"name": name})
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_BODY")


@pytest.mark.parametrize("version", ["", "v9", "\u00ff", "1" * 500, "1.2.3.4.5.6"])
async def test_a_version_may_be_anything_where_none_is_asked_for(world, version):
    headers = {"X-Client-Version": version.encode("latin-1")}
    assert (await sign_in(world, headers=headers)).status_code == 200
