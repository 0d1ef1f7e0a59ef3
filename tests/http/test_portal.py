"""The duty desk: what is wrong now, and buttons that change what is meant and nothing else."""

import re
import uuid
from pathlib import Path

import pytest

from app.render.language import say
from tests.http.test_docs import phone, width
from tests.http.ways.monitoring import DUTY, an_incident

_WRITTEN = "".join(path.read_text() for path in Path("app/domain").glob("*.py"))
#: What the history of incidents is written with.
KINDS = set(re.findall(r'(?:[eE]vent|Rung)\([^"()]*(?:\([^"()]*\), )?"(\w+)"', _WRITTEN)) - {"hub"}

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def see(world, path="/portal/", language="en"):
    answer = await world.api.get(path, auth=DUTY, headers={"Accept-Language": language})
    assert answer.status_code == 200
    return answer.text


async def click(world, id_, headers=None, **form):
    return await world.api.post(
        f"/portal/incidents/{id_}", data=form, auth=DUTY, headers=headers or {}
    )


async def state(world, id_):
    return await world.value("SELECT state FROM incident WHERE id = $1", id_)


async def test_an_empty_desk_says_that_all_is_well(world):
    await world.value("UPDATE incident SET state = 'resolved', resolved_at = now()"
                      " WHERE state <> 'resolved'")  # fmt: skip
    assert "All is well" in await see(world)
    assert "Всё в порядке" in await see(world, language="ru")


async def test_an_incident_is_taken_from_the_desk_and_the_desk_says_so(world):
    id_ = await an_incident(world)
    assert f"/portal/incidents/{id_}" in await see(world)
    answer = await click(world, id_, act="acknowledge", seq="1", back="desk")
    assert (answer.status_code, answer.headers["location"]) == (303, "/portal/?said=done")
    assert await state(world, id_) == "acknowledged"
    assert "Done." in await see(world, "/portal/?said=done")
    assert "duty" in await see(world, f"/portal/incidents/{id_}")


async def test_a_second_click_and_a_stale_page_change_nothing(world):
    id_ = await an_incident(world, seq=4)
    stale = await click(world, id_, act="acknowledge", seq="3")
    assert stale.headers["location"].endswith("?said=stale")
    assert await state(world, id_) == "firing"
    await click(world, id_, act="acknowledge", seq="4")
    again = await click(world, id_, act="acknowledge")
    assert again.headers["location"].endswith("?said=already")


async def test_a_mute_needs_a_reason_has_an_end_and_can_be_ended(world):
    id_ = await an_incident(world)
    assert (await click(world, id_, act="mute", minutes="30", reason=" ")).status_code == 422
    await click(world, id_, act="mute", minutes="30", reason="<b>поставка</b> \x00задержана")
    page = await see(world)
    assert "&lt;b&gt;поставка&lt;/b&gt; задержана" in page
    mute = await world.value("SELECT id FROM incident_mute ORDER BY created_at DESC LIMIT 1")
    assert (await world.api.post(f"/portal/mutes/{mute}", auth=DUTY)).status_code == 303
    again = await world.api.post(f"/portal/mutes/{mute}", auth=DUTY)
    assert again.headers["location"].endswith("?said=over")
    nonsense = await world.api.post("/portal/mutes/x", auth=DUTY)
    assert nonsense.headers["location"].endswith("?said=over")


@pytest.mark.parametrize(
    "form",
    [{}, {"act": "explode"}, {"act": "mute", "minutes": "31", "reason": "x"},
     {"act": "mute", "minutes": "-1", "reason": "x"}, {"act": "mute"}],
    ids=str,
)  # fmt: skip
async def test_a_form_nobody_drew_is_refused(world, form):
    assert (await click(world, await an_incident(world), **form)).status_code == 400


async def test_a_body_that_is_no_form_is_refused(world):
    id_ = await an_incident(world)
    for body in (
        b"\xff" * 300,
        b"&" * 3000,
        b"a=1&" * 5000,
        b"act=acknowledge&seq=\xd9\xa3\xc2\xb2",
    ):
        answer = await world.api.post(f"/portal/incidents/{id_}", content=body, auth=DUTY)
        assert answer.status_code in (303, 400)


async def test_another_sites_page_presses_no_button_of_ours(world):
    id_ = await an_incident(world)
    for said in (
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://hub"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
    ):
        answer = await click(world, id_, said, act="acknowledge")
        assert (answer.status_code, answer.json()["code"]) == (403, "CROSS_SITE")
    assert await state(world, id_) == "firing"
    await click(world, id_, {"Origin": "http://hub"}, act="acknowledge")
    assert await state(world, id_) == "acknowledged"


async def test_an_incident_that_is_none_is_not_found(world):
    for id_ in (uuid.uuid4(), "x"):
        page = await world.api.get(f"/portal/incidents/{id_}", auth=DUTY)
        assert page.status_code == 404
        assert (await click(world, id_, act="acknowledge")).status_code == 404


async def test_nobody_sees_the_desk_without_an_operators_login(world):
    for path in ("/portal/", f"/portal/incidents/{uuid.uuid4()}"):
        assert (await world.api.get(path)).status_code == 401
        assert (await world.api.get(path, auth=("duty", "wrong"))).status_code == 401


async def test_everything_that_happens_to_an_incident_has_words():
    assert len(KINDS) > 8
    for language in ("ru", "en"):
        assert [one for one in KINDS if say(language, f"event.{one}") == f"event.{one}"] == []


@pytest.mark.parametrize("language", ["ru", "en"])
async def test_on_a_phone_nothing_sticks_out_and_no_word_is_left_untranslated(world, language):
    id_ = await an_incident(world)
    await click(world, id_, act="mute", minutes="480", reason="Щ" * 300)
    for path in ("/portal/", f"/portal/incidents/{id_}"):
        html = await see(world, path, language)
        assert "desk." not in html
        assert "event." not in html
        async with phone(html) as page:
            assert await width(page) <= 390


async def test_a_store_with_another_clock_is_told_by_the_desks(world):
    """The desk's clock is one: what fires now has not fired in the future."""
    id_ = await an_incident(world)
    await world.value(
        'UPDATE incident SET facts = facts || \'{"timezone": "Asia/Vladivostok"}\','
        " fired_at = '2026-03-02T11:20:00Z' WHERE id = $1 RETURNING id",
        id_,
    )
    shown = await see(world, f"/portal/incidents/{id_}")
    assert "14:20" in shown
    assert "21:20" not in shown
    assert "Moscow time" in await see(world)


async def test_a_sequence_number_that_is_none_is_an_old_one(world):
    id_ = await an_incident(world)
    for seq in ("9" * 5000, "99999999999999999999", "٣"):
        answer = await click(world, id_, act="acknowledge", seq=seq)
        assert answer.headers["location"].endswith("?said=stale")
    assert await state(world, id_) == "firing"
