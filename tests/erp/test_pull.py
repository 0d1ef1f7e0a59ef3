"""An ERP fetches its list: nothing missed, whatever order transactions commit in; and answers."""

import asyncio
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import place
from app.domain.place import Place
from tests.conftest import api_of
from tests.erp.town import SECRET, TOKEN, town_of

HERE = "/erp/v1/documents"
ERP = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
async def town(hub):
    async with town_of(hub) as town:
        await town.destination("domino", "pull", TOKEN)
        yield town


@pytest.fixture
async def api(town):
    async with api_of(town.hub) as client:
        client.headers.update(ERP)
        yield client


async def read(api, **query):
    answer = await api.get(HERE, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def read_all(api, limit=100, **query):
    found, cursor = [], query.pop("cursor", "")
    while True:
        page = await read(api, cursor=cursor, limit=limit, **query)
        found += page["documents"]
        cursor = page["cursor"]
        if not page["more"]:
            return found, cursor


async def tell(api, *documents):
    answer = await api.post("/erp/v1/acknowledgements", json={"documents": list(documents)})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_documents_come_in_order_page_by_page_and_each_once(town, api):
    ids = await town.documents(7)
    found, cursor = await read_all(api, limit=3)
    assert [each["id"] for each in found] == [str(id_) for id_ in ids]
    assert found[0]["document"]["total"] == "123.00"
    assert (await read(api, cursor=cursor))["documents"] == []
    more = await town.documents(2)
    page = await read(api, cursor=cursor)
    assert [each["id"] for each in page["documents"]] == [str(id_) for id_ in more]


async def test_nothing_is_missed_in_whatever_order_transactions_commit(town, api):
    """Writers hold their transactions open for longer or shorter, a reader goes on all the time."""
    orders = [await town.order() for _ in range(40)]
    seen, done = [], asyncio.Event()

    async def write(some, pause):
        for order in some:
            async with town.hub.pools.drains.acquire() as conn, conn.transaction():
                await town.document(order, conn=conn)
                await asyncio.sleep(pause)

    async def reader():
        cursor = ""
        while True:
            last = done.is_set()
            page = await read(api, cursor=cursor, limit=7)
            seen.extend(each["id"] for each in page["documents"])
            cursor = page["cursor"]
            if last and not page["documents"]:
                return
            await asyncio.sleep(0.003)

    reading = asyncio.create_task(reader())
    await asyncio.gather(*(write(orders[n::4], 0.005 * (n + 1)) for n in range(4)))
    done.set()
    await reading
    issued = {str(row["document_id"]) for row in await town.deliveries()}
    assert len(seen) == len(set(seen)) == 40
    assert set(seen) == issued


async def test_two_readers_at_once_see_the_same_list(town, api):
    await town.documents(12)
    lists = await asyncio.gather(*(read_all(api, limit=n) for n in (2, 5, 100)))
    assert len({tuple(each["id"] for each in found) for found, _ in lists}) == 1


async def test_with_wait_the_answer_comes_when_there_is_a_document(town, api):
    async def heard():
        while not (page := await read(api, wait=20))["documents"]:  # a machine may stand still
            pass
        return page

    waiting = asyncio.create_task(heard())
    await asyncio.sleep(0.1)
    id_ = await town.document()
    page = await waiting
    assert [each["id"] for each in page["documents"]] == [str(id_)]


async def test_what_is_acknowledged_has_the_erp_s_number_and_twice_is_once(town, api):
    one, other = await town.documents(2)
    await read_all(api)
    for _ in range(2):
        told = await tell(api, {"id": str(one), "number": "Д-1"})
        assert told == {"written": 1, "unknown": []}
    (delivery,) = await town.deliveries(one)
    assert delivery["erp_number"] == "Д-1"
    assert [row[0] for row in await town.attempts()] == ["acknowledged"], "told once"
    left, _ = await read_all(api, unacknowledged=1)
    assert [each["id"] for each in left] == [str(other)]
    found, _ = await read_all(api)
    assert [each["erp_number"] for each in found] == ["Д-1", None]


async def test_what_an_erp_refuses_is_known_and_the_last_word_counts(town, api):
    id_ = await town.document()
    await tell(api, {"id": str(id_), "error": "нет договора"})
    (delivery,) = await town.deliveries(id_)
    assert (delivery["refusal"], delivery["acknowledged_at"]) == ("нет договора", None)
    assert (await read_all(api, unacknowledged=1))[0] == []
    await tell(api, {"id": str(id_), "number": "Д-2"})
    (delivery,) = await town.deliveries(id_)
    assert (delivery["refusal"], delivery["erp_number"]) == (None, "Д-2")
    lines = await town.sql("SELECT detail FROM timeline WHERE kind = 'erp' ORDER BY at")
    assert [row["detail"]["outcome"] for row in lines] == ["refused", "acknowledged"]


async def test_another_s_documents_are_unknown_here(town, api):
    stranger = "0198c0de-0000-7000-8000-00000000beef"
    assert await tell(api, {"id": stranger}) == {"written": 0, "unknown": [stranger]}
    await town.sql("UPDATE erp_destination SET kinds = '{return}'")
    hidden = await town.document()
    assert (await tell(api, {"id": str(hidden)}))["unknown"] == [str(hidden)]
    assert (await api.get(f"{HERE}/{hidden}/file")).status_code == 404


async def test_a_file_is_the_one_whose_digest_the_list_says(town, api):
    id_ = await town.document()
    assert (await read(api))["documents"][0]["sha256"] is None
    await town.carry()
    (entry,) = (await read(api))["documents"]
    answer = await api.get(entry["file"])
    assert answer.status_code == 200
    assert hashlib.sha256(answer.content).hexdigest() == entry["sha256"]
    assert answer.headers["content-type"] == entry["media_type"] == "application/json"
    assert answer.json()[0]["id"] == str(id_)


@pytest.mark.parametrize(
    "headers",
    [{"Authorization": "Bearer guess"}, {"Authorization": f"Basic {TOKEN}"}, {"Authorization": ""},
     {"Authorization": "Bearer "}],
)  # fmt: skip
async def test_without_the_token_nobody_learns_anything(api, headers):
    for method, path in (("GET", HERE), ("POST", "/erp/v1/acknowledgements")):
        answer = await api.request(method, path, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "query",
    ["cursor=1", "cursor=x", "cursor=-1-00000000", "limit=0", "limit=101", "limit=x", "wait=26",
     "unacknowledged=2", "cursor=1-0000000g", "limit=%D9%A1", "limit=0000000019999",
     "wait=000000001000000", "limit=" + "0" * 5000, "limit="],
)  # fmt: skip
async def test_what_is_no_question_is_told_so(api, query):
    answer = await api.get(f"{HERE}?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_BODY")


@pytest.mark.parametrize(
    "body", [b"", b"{}", b'{"documents": []}', b'{"documents": [{"id": "x"}]}', b"[" * 5000]
)
async def test_what_is_no_acknowledgement_is_told_so(api, body):
    answer = await api.post("/erp/v1/acknowledgements", content=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_BODY")


async def test_a_paused_destination_shows_nothing_and_a_removed_one_knows_nobody(town, api):
    await town.document()
    await town.sql("UPDATE erp_destination SET active = false")
    assert (await read(api))["documents"] == []
    await town.sql("UPDATE erp_destination SET removed_at = now()")
    assert (await api.get(HERE)).status_code == 401


async def test_after_the_database_went_back_in_time_what_is_not_acknowledged_comes_again(town, api):
    ids = await town.documents(5)
    _, cursor = await read_all(api)
    await tell(api, *({"id": str(id_)} for id_ in ids[:3]))
    # The last two are lost with a failed server; what is issued instead takes their places.
    await town.sql("DELETE FROM erp_delivery WHERE position > 3")
    await town.sql("UPDATE erp_destination SET last_position = 3")
    again = await town.documents(2)
    found, _ = await read_all(api, cursor=cursor)
    assert [each["id"] for each in found] == [str(id_) for id_ in again]


async def test_a_page_of_long_documents_is_short_but_never_empty(town, api):
    ids = await town.documents(3)
    for id_ in ids:
        await town.sql(
            "INSERT INTO document_line (document_id, position, sku, name, unit, pieces, price,"
            " total, vat_code, vat, marks) SELECT $1, n, 'S', 'N', 'piece', 1, 1, 1, 'none', 0,"
            " '{}' FROM generate_series(1, 900) AS n", id_,
        )  # fmt: skip
    page = await read(api)
    assert (len(page["documents"]), page["more"]) == (2, True)
    page = await read(api, cursor=page["cursor"])
    assert (len(page["documents"]), page["more"]) == (1, False)


async def test_who_is_posted_to_may_tell_the_number_later(town):
    await town.destination("posted", "http", f"{TOKEN}-2", settings={"url": "http://erp.local/"},
                           secrets={"signing": SECRET})  # fmt: skip
    id_ = await town.document()
    async with api_of(town.hub) as client:
        client.headers["Authorization"] = f"Bearer {TOKEN}-2"
        await tell(client, {"id": str(id_), "number": "П-1"})
    await town.carry()
    found = {row["erp_number"] for row in await town.deliveries(id_)}
    assert found == {None, "П-1"}
    states = await town.sql("SELECT state, reason FROM erp_outbox ORDER BY reason")
    assert [tuple(row) for row in states] == [("done", "made"), ("done", "settled")]


@given(st.text(max_size=40))
def test_reading_a_cursor_never_fails(text):
    found = place.read(text)
    assert found is None or found == Place() or str(found) == text


@given(st.integers(1, 10**17), st.uuids())
def test_a_cursor_survives_being_written(position, id_):
    made = Place(position, place.mark_of(id_))
    assert place.read(str(made)) == made
    assert made.stands(id_)
    assert not made.stands(None)
