"""Documents get to their ERP: each once, in order, whatever happens on the way."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from app.actions.files import document_file
from app.actions.hand_on import hand_on
from app.actions.porter import carry
from app.actions.replay import replay_dead
from app.db import destinations
from app.db.queue import Queue
from app.domain.destination import drop_name, erp_number
from app.errors import RemoteRefused, Unprintable
from app.sandbox.erp.books import Fail
from scheduler.jobs import sweep_removed
from tests.erp.town import PATIENT, SECRET, STRETCHED, town_of, with_stand_in
from tests.marketplaces.far import far, says
from tests.places import Shelf


@pytest.fixture
async def chain(hub):
    async with with_stand_in(hub, STRETCHED) as found:
        yield found


async def test_a_document_arrives_once_and_its_number_comes_back(chain):
    town, erp = chain
    id_ = await town.document()
    assert await town.carry() == 1
    assert erp.got == [await town.number(id_)]
    (delivery,) = await town.deliveries(id_)
    assert delivery["erp_number"] == "ДМ-000001"
    assert delivery["sent_at"] is not None
    assert delivery["acknowledged_at"] is not None
    assert await town.attempts() == [("sent", 201, '{"number": "\\u0414\\u041c-000001"}')]
    assert await town.carry() == 0


async def test_handing_on_twice_is_once(chain):
    town, _ = chain
    id_ = await town.document()
    async with town.hub.pools.drains.acquire() as conn, conn.transaction():
        await hand_on(conn, [id_, id_], "trace")
    assert len(await town.deliveries()) == len(await town.rows()) == 1


async def test_only_kinds_that_a_destination_takes_and_only_its_merchant_s_are_handed_on(chain):
    town, _ = chain
    await town.destination("returns", settings={"url": "http://erp.local/documents"},
                           secrets={"signing": SECRET}, kinds=["return"])  # fmt: skip
    order = await town.order()
    sale = await town.document(order)
    back = await town.document(order, "return", sale)
    assert [len(await town.deliveries(each)) for each in (sale, back)] == [1, 2]


async def test_in_a_night_of_silence_nothing_is_lost_and_then_everything_comes_in_order(chain):
    town, erp = chain
    order = await town.order()
    sale = await town.document(order)
    erp.say(fail_next=Fail(10_000, 502))
    correction = await town.document(order, "correction", sale)
    others = await town.documents(6)
    for _ in range(6):  # hours
        await town.carry()
        await town.later()
    assert erp.got == []
    assert {state for state, _, _ in await town.rows()} == {"waiting"}
    erp.say(fail_next=Fail())
    await town.later()
    await town.carry()
    numbers = [await town.number(each) for each in (sale, correction, *others)]
    assert sorted(erp.got) == sorted(numbers)
    assert erp.got.index(numbers[0]) < erp.got.index(numbers[1])
    assert {state for state, _, _ in await town.rows()} == {"done"}


async def test_an_erp_that_does_not_answer_is_left_in_peace_and_is_caught_up_with_at_once(chain):
    town, erp = chain
    erp.say(fail_next=Fail(10_000, 500))
    await town.documents(30)
    await town.carry()
    tried = erp.books.counts["failed_500"]
    assert tried < 10, "after a few it rests"
    (row,) = await town.sql(
        "SELECT failures, trouble, rest_until > now() AS rests FROM erp_destination"
    )
    assert row["rests"]
    assert row["trouble"] == "HTTP 500"
    erp.say(fail_next=Fail())
    await town.sql("UPDATE erp_destination SET rest_until = '-infinity'")
    await town.carry()
    assert len(erp.got) == 30, "also those whose next try was far away"
    assert await town.value("SELECT trouble FROM erp_destination") is None


async def test_when_the_answer_is_lost_the_repeat_has_the_same_id_and_gets_the_same_number(chain):
    town, erp = chain
    erp.say(lose_next=1)
    id_ = await town.document()
    await town.carry()
    assert len(erp.got) == 1
    assert (await town.deliveries(id_))[0]["erp_number"] is None
    await town.later()
    await town.carry()
    (entry,) = erp.books.entries.values()
    assert list(entry.deliveries.values()) == [2], "one webhook-id, twice"
    assert erp.books.counts["doubles_refused"] == 0
    assert (await town.deliveries(id_))[0]["erp_number"] == entry.number


async def test_a_refused_document_is_buried_with_what_was_said_and_holds_up_no_other(chain):
    town, erp = chain
    bad = await town.document()
    erp.say(refuse=[await town.number(bad)])
    good = await town.documents(5)
    await town.carry()
    assert sorted(erp.got) == sorted([await town.number(each) for each in good])
    (delivery,) = await town.deliveries(bad)
    assert delivery["refusal"].startswith("HTTP 422: ")
    assert (await town.rows())[0][:2] == ("dead", "remote_refused")
    timeline = await town.sql("SELECT detail FROM timeline WHERE kind = 'erp'")
    said = [row["detail"] for row in timeline if row["detail"]["outcome"] == "remote_refused"]
    assert said[0]["destination"] == "erp"


async def test_what_follows_a_refused_sale_waits_until_the_sale_is_there(chain):
    town, erp = chain
    order = await town.order()
    sale = await town.document(order)
    erp.say(refuse=[await town.number(sale)])
    back = await town.document(order, "return", sale)
    await town.carry()
    assert erp.got == []
    assert [row[:2] for row in await town.rows()] == [
        ("dead", "remote_refused"), ("parked", "held"),
    ]  # fmt: skip
    erp.say(refuse=[])
    async with town.hub.pools.drains.acquire() as conn:
        assert await replay_dead(conn, Queue.ERP, 10, "tester") == 1
    await town.carry()
    assert erp.got == [await town.number(each) for each in (sale, back)]


async def test_a_replay_keeps_the_id_that_the_erp_knows_it_by(chain):
    town, erp = chain
    erp.say(lose_next=1)
    id_ = await town.document()
    await town.carry()
    await town.sql("UPDATE erp_outbox SET state = 'dead', finished_at = now()")
    async with town.hub.pools.drains.acquire() as conn:
        await replay_dead(conn, Queue.ERP, 10, "tester")
    await town.carry()
    (entry,) = erp.books.entries.values()
    assert list(entry.deliveries.values()) == [2]
    assert [row["cause"] for row in await town.deliveries(id_)] == ["issued", "replayed"]


async def deaf(_writer):
    """Takes the request and never says anything."""
    await asyncio.Event().wait()


async def test_one_erp_that_hangs_holds_up_no_other(hub):
    async with (
        far(deaf) as slow,
        far(says(200, b'{"number": 7}')) as quick,
        town_of(hub) as town,
    ):
        for code, side in (("slow", slow), ("quick", quick)):
            await town.destination(
                code, settings={"url": side.url, "parallel": 2}, secrets={"signing": SECRET}
            )
        await town.documents(12)
        there = "SELECT count(*) FROM erp_delivery WHERE erp_number = '7'"
        stopping = asyncio.Event()
        running = asyncio.create_task(carry(town.hub, stopping))
        await town.until(there, 12)
        async with asyncio.timeout(PATIENT):
            while len(slow.requests) < 2:  # noqa: ASYNC110 - a far side only counts
                await asyncio.sleep(0.02)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert len(quick.requests) == 12
        assert len(slow.requests) == 2


async def test_a_paused_destination_gathers_and_brings_when_it_goes_on(chain):
    town, erp = chain
    async with town.hub.pools.drains.acquire() as conn:
        assert await destinations.activate(conn, "erp", active=False)
    await town.documents(3)
    assert await town.carry() == 0
    async with town.hub.pools.drains.acquire() as conn:
        await destinations.activate(conn, "erp", active=True)
    await town.carry()
    assert len(erp.got) == 3


async def test_a_removed_destination_gets_nothing_more_and_its_code_is_free(chain):
    town, erp = chain
    await town.documents(2)
    async with town.hub.pools.drains.acquire() as conn:
        assert await destinations.remove(conn, "erp")
        assert not await destinations.remove(conn, "erp")
    await town.documents(1)
    await town.carry()
    assert erp.got == []
    assert [row[:2] for row in await town.rows()] == [("superseded", "removed")] * 2
    await town.destination(settings={"url": "http://erp.local/"}, secrets={"signing": SECRET})


@pytest.mark.parametrize("state", ["waiting", "parked", "leased"])
async def test_what_comes_back_after_a_removal_does_not_wait_for_ever(chain, state):
    town, _ = chain
    await town.documents(1)
    await town.sql("UPDATE erp_outbox SET state = 'leased', due_at = now() + interval '1 minute'")
    async with town.hub.pools.drains.acquire() as conn:
        assert await destinations.remove(conn, "erp")
    assert await sweep_removed(town.hub) == "0 buried", "somebody brings it right now"
    await town.sql("UPDATE erp_outbox SET state = $1, due_at = now()", state)
    assert await sweep_removed(town.hub) == "1 buried"
    assert [row[:2] for row in await town.rows()] == [("superseded", "removed")]


@pytest.mark.parametrize("status", [301, 401, 403, 404, 410])
async def test_a_wrong_address_or_login_buries_nothing(chain, status):
    town, erp = chain
    erp.say(fail_next=Fail(1, status))
    await town.documents(1)
    await town.carry()
    assert await town.rows() == [("waiting", "destination_amiss", 0)]
    await town.later()
    await town.carry()
    assert len(erp.got) == 1


async def test_patience_that_is_asked_for_is_given_and_uses_up_no_try(chain):
    town, erp = chain
    erp.say(fail_next=Fail(1, 429, 120))
    await town.documents(1)
    before, asked = await town.now(), timedelta(seconds=120)
    await town.carry()
    assert await town.rows() == [("waiting", "remote_busy", 0)]
    rest = await town.value("SELECT rest_until FROM erp_destination")
    assert before + asked <= rest <= await town.now() + asked


class Unable:
    """A press that cannot say a document until it is mended."""

    def __init__(self, press):
        self.press, self.broken = press, True

    async def typeset(self, name, what, language):
        if self.broken:
            raise Unprintable("requisites", "seller.inn")
        return await self.press.typeset(name, what, language)


async def test_a_document_that_cannot_be_said_waits_and_goes_on_by_itself_once_mended(chain):
    town, erp = chain
    press = Unable(town.hub.press)
    town.hub = replace(town.hub, press=press)
    await town.documents(2)
    await town.carry()
    assert {row[:2] for row in await town.rows()} == {("parked", "held")}
    said = await town.value("SELECT last_error FROM erp_outbox LIMIT 1")
    assert "seller.inn" in said
    press.broken = False
    await town.later()
    await town.carry()
    assert len(erp.got) == 2


async def test_a_file_store_that_refuses_us_buries_no_document(chain):
    town, erp = chain
    shelf = Shelf(fails=[RemoteRefused("HTTP 403 AccessDenied")] * 2)
    town.hub = replace(town.hub, files=shelf)
    await town.documents(2)
    await town.carry()
    assert {row[:2] for row in await town.rows()} == {("parked", "held")}
    await town.later()
    await town.carry()
    assert len(erp.got) == 2


async def test_a_file_that_was_lost_and_comes_out_otherwise_now_is_brought_as_it_is_now(chain):
    town, erp = chain
    shelf = Shelf()
    town.hub = replace(town.hub, files=shelf)
    id_ = await town.document()
    kept = await document_file(town.hub, id_, "json", "ru")
    shelf.files.clear()
    await town.sql("INSERT INTO stored_file VALUES ($1, 1, 'application/json')", "f" * 64)
    await town.sql("UPDATE document_file SET sha256 = $1", "f" * 64)
    for _ in range(2):
        await town.carry()
        await town.later()
    assert len(erp.got) == 1
    (delivery,) = await town.deliveries(id_)
    assert delivery["sha256"] == kept.sha256


async def test_four_processes_at_once_bring_each_document_once(chain):
    town, erp = chain
    await town.documents(40)
    town.hub = replace(town.hub, worker="a")
    await asyncio.gather(*(town.carry() for _ in range(4)))
    assert erp.books.counts["taken"] == 40
    assert erp.books.counts["repeated"] == 0


async def test_a_process_that_dies_after_sending_is_repeated_under_the_same_id(chain):
    town, erp = chain
    erp.say(delay=PATIENT)
    await town.documents(1)
    running = asyncio.create_task(town.carry())
    await town.until("SELECT count(*) FROM erp_outbox WHERE state = 'leased'", 1)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    erp.say(delay=0.0)
    await town.later()
    await town.carry()
    assert len(erp.got) == 1
    assert (await town.rows())[0][0] == "done"


def test_names_of_files_are_ascii_and_the_same_for_ever():
    from uuid import UUID

    id_ = UUID("0198c0de-0000-7000-8000-00000000beef")
    name = drop_name("СМ26-000001", "sale", id_, ".xml")
    assert name == "SM26-000001_sale_0000beef.xml"
    assert drop_name("ЩЁК/№7 ", "return", id_, ".pdf") == "SHCHEK-7_return_0000beef.pdf"
    assert drop_name("", "sale", id_, ".xml") == "document_sale_0000beef.xml"


@pytest.mark.parametrize(
    ("said", "number"),
    [("ДМ-7", "ДМ-7"), (7, "7"), (True, None), (None, None), ({}, None), (" a\n b\x00", "a b"),
     ("", None), ("x" * 5000, "x" * 100)],
)  # fmt: skip
def test_a_number_that_an_erp_tells_is_one_short_line(said, number):
    assert erp_number(said) == number
