"""A supervisor adds people, gives them new PINs and sends them away: in the own store only."""

import asyncio
import uuid

import pytest

from app.actions.sign_in import confirm_supervisor
from app.db.people import Role
from app.domain.refusals import Code, Refused
from tests.conftest import api_of, quick
from tests.factories import Handheld
from tests.http.picking import claimed, device, insist
from tests.http.ways.people import SESSIONS, supervisor

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def newcomer(world, boss=None, **fields):
    """Somebody new in MSK-07; the answer."""
    boss = boss or await supervisor(world)
    return await boss.post(
        "/picker/v1/people", {"badge": uuid.uuid4().hex[:10], "name": "Новая Сборщица"} | fields
    )


async def sign_in(world, badge, pin):
    return await world.api.post(SESSIONS, json={"badge": badge, "pin": pin})


async def change(world, person, boss=None, **fields):
    boss = boss or await supervisor(world)
    return await boss.post(f"/picker/v1/people/{person['id']}", fields)


async def test_a_newcomer_signs_in_with_the_pin_that_was_shown(world):
    person = (await newcomer(world)).json()
    session = (await sign_in(world, person["badge"], person["pin"])).json()
    assert (session["picker"]["name"], session["role"]) == ("Новая Сборщица", "picker")
    assert session["store"]["code"] == "MSK-07"


async def test_a_badge_may_be_scanned_at_the_door(world):
    for badge in ("BADGE-1001", "ИФВПУ-1001", " 1001"):
        assert (await sign_in(world, badge, "4711")).json()["picker"]["badge"] == "1001"


async def test_a_pin_is_nowhere_in_the_database_and_a_repeat_does_not_show_it(world):
    boss = await supervisor(world)
    somebody = {"badge": uuid.uuid4().hex[:10], "name": "Тайна"}
    first = (await boss.post("/picker/v1/people", somebody, key="new")).json()
    again = (await boss.post("/picker/v1/people", somebody, key="new")).json()
    assert again == first | {"pin": None}
    for table in ("picker", "operation"):
        kept = await world.value(
            f"SELECT string_agg(t::text, ' ') FROM {table} AS t WHERE t::text LIKE '%Тайна%'"
        )
        assert f'"{first["pin"]}"' not in (kept or "")
        assert first["pin"].encode().hex() not in (kept or "")


async def test_a_badge_means_one_person_in_all_stores(world):
    answer = await newcomer(world, badge="1201")
    assert (answer.status_code, answer.json()["code"]) == (409, "BADGE_TAKEN")
    boss = await supervisor(world)
    badge = uuid.uuid4().hex[:10]
    alike = (insist(newcomer, world, boss, badge=badge) for _ in range(5))
    answers = await asyncio.gather(*alike)
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]


async def test_a_new_pin_replaces_the_old_one_signs_out_and_unlocks(world):
    person = (await newcomer(world)).json()
    handheld = await Handheld(world.api).sign_in(person["badge"], person["pin"])
    for _ in range(5):
        await sign_in(world, person["badge"], "0000")
    assert (await sign_in(world, person["badge"], person["pin"])).status_code == 429
    new = (await change(world, person, new_pin=True)).json()
    while new["pin"] == person["pin"]:  # as one of a million is
        new = (await change(world, person, new_pin=True)).json()
    assert (await handheld.get("/picker/v1/me")).status_code == 401
    assert (await sign_in(world, person["badge"], person["pin"])).status_code == 401
    assert (await sign_in(world, person["badge"], new["pin"])).status_code == 200


async def test_who_is_sent_away_is_out_at_once_and_the_orders_are_free(world):
    person = (await newcomer(world)).json()
    handheld = await Handheld(world.api).sign_in(person["badge"], person["pin"])
    other = await claimed(world)
    await other.do("release", reason="x")
    handheld.order = other.order
    await handheld.post("/picker/v1/shifts/start")
    await handheld.do("claim")
    left = (await change(world, person, active=False)).json()
    assert (left["active"], left["pin"]) == (False, None)
    assert (await handheld.get("/picker/v1/me")).status_code == 401
    assert (await sign_in(world, person["badge"], person["pin"])).status_code == 401
    await other.reread()
    assert other.order["picker"] is None
    await other.do("claim")
    open_ = "SELECT count(*) FROM shift WHERE picker_id = $1 AND ended_at IS NULL"
    assert await world.value(open_, uuid.UUID(person["id"])) == 0
    detail = await world.value(
        "SELECT detail FROM timeline WHERE order_id = $1 AND detail ->> 'reason' = 'deactivated'",
        other.order["id"],
    )
    assert detail["badge"] == person["badge"]


async def test_who_comes_back_must_sign_in_anew(world):
    person = (await newcomer(world)).json()
    handheld = await Handheld(world.api).sign_in(person["badge"], person["pin"])
    await change(world, person, active=False)
    assert (await change(world, person, active=True)).json()["active"] is True
    assert (await handheld.get("/picker/v1/me")).status_code == 401
    assert (await sign_in(world, person["badge"], person["pin"])).status_code == 200


async def test_a_new_role_counts_from_the_next_call_on(world):
    person = (await newcomer(world)).json()
    handheld = await Handheld(world.api).sign_in(person["badge"], person["pin"])
    assert (await handheld.get("/picker/v1/team")).status_code == 403
    await change(world, person, role="supervisor")
    assert (await handheld.get("/picker/v1/team")).status_code == 200
    await change(world, person, role="picker")
    assert (await handheld.get("/picker/v1/team")).status_code == 403


async def test_nobody_takes_the_own_rights_away(world):
    boss = await supervisor(world)
    people = (await boss.get("/picker/v1/people")).json()["people"]
    (myself,) = [person for person in people if person["badge"] == "1009"]
    for fields in ({"active": False}, {"role": "picker"}):
        answer = await change(world, myself, boss, **fields)
        assert (answer.status_code, answer.json()["code"]) == (403, "ROLE_REQUIRED")
    assert (await change(world, myself, boss, name="Вера Показательная")).status_code == 200


async def test_a_supervisor_of_another_store_finds_nobody_here(world):
    person = (await newcomer(world)).json()
    stranger = await supervisor(world, "1209")
    answer = await change(world, person, stranger, active=False)
    assert (answer.status_code, answer.json()["code"]) == (404, "PERSON_NOT_FOUND")
    assert person["id"] not in (await stranger.get("/picker/v1/people")).text
    assert (await sign_in(world, person["badge"], person["pin"])).status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", "team"), ("get", "people"), ("get", "devices"), ("post", "people"),
     ("post", f"people/{uuid.UUID(int=7)}"), ("post", "devices"),
     ("delete", f"devices/{uuid.UUID(int=7)}")],
)  # fmt: skip
async def test_a_picker_administers_nothing(world, method, path):
    headers = (await device(world)).headers | {"Idempotency-Key": "k"}
    answer = await world.api.request(method, f"/picker/v1/{path}", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (403, "ROLE_REQUIRED")


@pytest.mark.parametrize(
    "fields",
    [{"badge": ""}, {"badge": "-1"}, {"badge": "1 2"}, {"badge": "х1"}, {"badge": "1" * 21},
     {"badge": None}, {"name": ""}, {"name": "a\u0000b"}, {"role": "admin"}, {"role": None}],
)  # fmt: skip
async def test_what_is_no_person_is_a_bad_request(world, fields):
    answer = await newcomer(world, **fields)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_BODY")


async def confirm(world, badge, pin, store="MSK-07"):
    store_id = await world.value("SELECT id FROM store WHERE code = $1", store)
    try:
        return await confirm_supervisor(world.hub, store_id, badge, pin)
    except Refused as refusal:
        return refusal.code


async def test_a_supervisor_lends_badge_and_pin_on_somebody_elses_handheld(world):
    lent = await confirm(world, "BADGE-1009", "583026")
    assert (lent.badge, lent.role) == ("1009", Role.SUPERVISOR)


@pytest.mark.parametrize(
    ("badge", "pin", "code"),
    [("1009", "0000", Code.PIN_WRONG), ("9999", "583026", Code.PIN_WRONG),
     ("1001", "4711", Code.ROLE_REQUIRED), ("1209", "294617", Code.ROLE_REQUIRED)],
)  # fmt: skip
async def test_nobody_else_can(world, badge, pin, code):
    assert await confirm(world, badge, pin) is code


async def test_guesses_at_a_supervisors_pin_are_counted_though_the_write_is_refused(world):
    await world.value("UPDATE picker SET failures = 0, locked_until = '-infinity'")
    codes = await asyncio.gather(*(confirm(world, "1009", f"{n}") for n in range(12)))
    assert sorted(codes) == [Code.PIN_WRONG] * 5 + [Code.TOO_MANY_REQUESTS] * 7
    assert await confirm(world, "1009", "583026") is Code.TOO_MANY_REQUESTS
    await world.value("UPDATE picker SET failures = 0, locked_until = '-infinity'")


@pytest.mark.parametrize("version", ["2.0.9", "1", "", "two", None])
async def test_an_old_application_is_told_to_update_on_every_call(world, version):
    headers = (await device(world)).headers
    headers |= {} if version is None else {"X-Client-Version": version}
    async with api_of(quick(world.hub, minimum_client=(2, 1))) as api:
        for answer in (await api.get("/picker/v1/me", headers=headers),
                       await api.post(SESSIONS, json={}, headers=headers)):  # fmt: skip
            assert (answer.status_code, answer.json()["code"]) == (426, "CLIENT_TOO_OLD")
            assert answer.json()["details"] == {"minimum": "2.1"}
        headers["X-Client-Version"] = "2.1.0"
        assert (await api.get("/picker/v1/me", headers=headers)).status_code == 200


async def test_a_flood_at_the_door_is_turned_away_and_pickers_go_on(world):
    handheld = await device(world)
    flood = [sign_in(world, f"nobody-{n}", "1") for n in range(150)]
    guesses = asyncio.gather(*flood)
    assert (await handheld.get("/picker/v1/me")).status_code == 200
    statuses = [answer.status_code for answer in await guesses]
    assert set(statuses) <= {401, 429, 503}
    assert statuses.count(429) >= 50
    assert (await sign_in(world, "1001", "4711")).status_code == 200


@pytest.mark.parametrize(
    "fields",
    [{"name": " "}, {"name": "\u00a0\u2003"}, {"name": "Анна\n"}, {"badge": "70\n"}, {"badge": " "},
     {"badge": "BADGE-"}, {"badge": "BADGE-BADGE-1"}, {"badge": "badge-BADGE-1"}],
    ids=str,
)  # fmt: skip
async def test_what_is_no_badge_or_no_name_makes_nobody(world, fields):
    answer = await newcomer(world, **fields)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_BODY")


async def test_nothing_to_see_is_no_name_of_a_person_or_a_handheld(world):
    boss = await supervisor(world)
    person = (await newcomer(world, boss)).json()
    assert (await change(world, person, boss, name="  ")).status_code == 400
    assert (await boss.post("/picker/v1/devices", {"name": "  "})).status_code == 400


async def test_a_new_badge_may_be_scanned(world):
    badge = uuid.uuid4().hex[:10]
    person = (await newcomer(world, badge=f"BADGE-{badge}")).json()
    assert person["badge"] == badge
    assert (await newcomer(world, badge=badge)).json()["code"] == "BADGE_TAKEN"


async def test_what_a_supervisor_did_is_kept_with_the_request_it_came_by(world):
    boss = await supervisor(world)
    answer = await newcomer(world, boss)
    person, trace = answer.json(), answer.headers["x-request-id"]
    await change(world, person, boss, name="Другое Имя", role="supervisor", new_pin=True)
    await change(world, person, boss, name="Другое Имя")
    kept = await world.value(
        "SELECT array_agg(row(act, actor, detail)::text ORDER BY id) FROM staff_change"
        " WHERE picker_id = $1", uuid.UUID(person["id"])
    )  # fmt: skip
    assert kept == [
        '(added,1009,"")', '(renamed,1009,"Новая Сборщица → Другое Имя")',
        "(role,1009,supervisor)", '(new_pin,1009,"")',
    ]  # fmt: skip
    assert await world.value(
        "SELECT trace_id FROM staff_change WHERE picker_id = $1 AND act = 'added'",
        uuid.UUID(person["id"]),
    ) == trace  # fmt: skip
