"""Badge and PIN: no hint which was wrong, no guessing, and a session that ends."""

import asyncio

import pytest

from tests.factories import Handheld
from tests.http.picking import device

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def sign_in(world, badge="1202", pin="4722", **more):
    return await world.api.post("/picker/v1/sessions", json={"badge": badge, "pin": pin, **more})


@pytest.fixture
def picker(world):
    """A fresh start for one badge."""

    async def forgive():
        await world.value("UPDATE picker SET failures = 0, locked_until = '-infinity'")

    return forgive


async def test_a_session_says_who_and_where(world):
    answer = await sign_in(world, device_id="TC21-0001")
    said = answer.json()
    assert answer.status_code == 200
    assert said["picker"] == {"badge": "1202", "name": "Тимур Образцов"}
    assert said["store"] == {
        "code": "MSK-12", "name": "Магазин на Примерной", "timezone": "Europe/Moscow",
    }  # fmt: skip
    headers = {"Authorization": f"Bearer {said['token']}"}
    me = (await world.api.get("/picker/v1/me", headers=headers)).json()
    assert (me["picker"], me["store"], me["orders"]) == (said["picker"], said["store"], [])


async def test_the_token_is_nowhere_in_the_database(world):
    token = (await sign_in(world)).json()["token"]
    stored = await world.value("SELECT string_agg(t::text, ' ') FROM picker_session AS t")
    assert token not in stored
    assert token.encode().hex() not in stored


@pytest.mark.parametrize(
    ("badge", "pin"),
    [("1202", "0000"), ("9999", "4722"), ("1202", "4722 "), ("1202", "４７２２"), ("' OR 1=1", "x"),
     ("\u0000", "4722"), ("1202\u0000x", "4722"), ("1202", "\u0000"), ("ж" * 50, "ж" * 50)],
)  # fmt: skip
async def test_a_wrong_badge_and_a_wrong_pin_are_answered_alike(world, picker, badge, pin):
    await picker()
    answer, other = await sign_in(world, badge, pin), await sign_in(world, "0", "0")
    assert answer.status_code == 401
    assert answer.content == other.content


async def test_five_wrong_pins_lock_a_badge_and_no_other(world, picker):
    await picker()
    for _ in range(5):
        assert (await sign_in(world, pin="0000")).status_code == 401
    assert (await sign_in(world)).status_code == 429
    assert (await sign_in(world, "1201", "4721")).status_code == 200
    await world.value("UPDATE picker SET locked_until = now() WHERE badge = '1202'")
    assert (await sign_in(world)).status_code == 200


async def test_fifty_guesses_at_once_are_five(world, picker):
    await picker()
    answers = await asyncio.gather(*(sign_in(world, pin=f"{n:04d}") for n in range(50)))
    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 45


async def test_a_right_pin_forgives_the_wrong_ones_before_it(world, picker):
    await picker()
    for pin in ("0", "1", "2", "3", "4722", "0", "1", "2", "3"):
        await sign_in(world, pin=pin)
    assert (await sign_in(world)).status_code == 200


async def test_a_picker_who_left_the_shop_cannot_sign_in_and_the_open_session_ends(world, picker):
    await picker()
    handheld = await device(world, "1201")
    await world.value("UPDATE picker SET active = false WHERE badge = '1201'")
    try:
        assert (await handheld.get("/picker/v1/me")).status_code == 401
        assert (await sign_in(world, "1201", "4721")).status_code == 401
    finally:
        await world.value("UPDATE picker SET active = true")


async def test_a_session_that_ran_out_is_over(world):
    handheld = await device(world)
    await world.value("UPDATE picker_session SET expires_at = now()")
    answer = await handheld.get("/picker/v1/me")
    assert (answer.status_code, answer.json()["code"]) == (401, "SESSION_EXPIRED")


async def test_who_signs_out_is_out_and_may_come_back(world):
    handheld, other = await device(world), await device(world)
    path = "/picker/v1/sessions/current"
    assert (await world.api.delete(path, headers=handheld.headers)).status_code == 204
    assert (await world.api.delete(path, headers=handheld.headers)).status_code == 401
    assert (await other.get("/picker/v1/me")).status_code == 200


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_the_word_before_the_token_may_be_written_any_way(world, scheme):
    token = (await Handheld(world.api).sign_in()).headers["Authorization"].split()[1]
    headers = {"Authorization": f"{scheme} {token}"}
    assert (await world.api.get("/picker/v1/me", headers=headers)).status_code == 200


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"null", b'"x"', b"{}", b'{"badge":"1"}', b'{"badge":1,"pin":2}',
     b'{"badge":"","pin":"1"}', b'{"badge":"1","pin":""}', b'{"badge":"\\ud800","pin":"1"}',
     b'{"badge":"1","pin":"1","device_id":5}', b'{"badge":"' + b"1" * 51 + b'","pin":"1"}',
     b'{"badge":"1","pin":"' + b"1" * 51 + b'"}', b"\xff", b"badge=1&pin=2", b"[" * 50_000,
     b'{"badge":null,"pin":null}', b'{"badge":NaN,"pin":"1"}', '{"badge":"1"}'.encode("utf-16")],
    ids=lambda content: repr(content[:40]),
)  # fmt: skip
async def test_what_is_no_badge_and_pin_is_a_bad_request(world, content):
    answer = await world.api.post("/picker/v1/sessions", content=content)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_BODY")


@pytest.mark.parametrize("device_id", ["", "a\u0000b", "\u202e", "😀" * 100, "x" * 100])
async def test_a_device_may_be_called_anything(world, picker, device_id):
    await picker()
    assert (await sign_in(world, device_id=device_id)).status_code == 200


async def test_no_log_holds_a_pin_or_a_token(world, picker, capfd, caplog):
    caplog.set_level("DEBUG")
    await picker()
    token = (await sign_in(world, device_id="device-1")).json()["token"]
    await sign_in(world, pin="secret-pin")
    await sign_in(world, pin={"secret-pin": 1})
    headers = {"Authorization": f"Bearer {token}"}
    await world.api.post("/picker/v1/orders/next", headers=headers)
    await world.api.get(f"/picker/v1/orders?scope={token}", headers=headers)
    await world.api.get("/metrics", headers={"Authorization": "Basic ZHV0eTpzZWNyZXQtcGlu"})
    logs = caplog.text.replace(f"scope={token}", "") + "".join(capfd.readouterr())
    for secret in (token, "4722", "secret-pin"):
        assert secret not in logs
