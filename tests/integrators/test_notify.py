"""Events get to a retailer's own systems: each once, in order, whatever happens on the way."""

import asyncio
import json
from contextlib import suppress
from datetime import timedelta

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from app.actions import integrators as acting
from app.actions.notify import notifier
from app.actions.porter import carry
from app.db import events, integrators, queue
from app.db.queue import Queue
from app.domain.refusals import Code, Refused
from app.domain.retry import EVENT_STEPS
from app.errors import Undelivered
from app.identifiers import new_id
from scheduler.jobs import sweep_removed
from tests.conftest import SEAL
from tests.factories import news
from tests.integrators.ears import (
    OTHER,
    SECRET,
    STRETCHED,
    all_believed,
    believed,
    deaf,
    types,
    until,
)
from tests.marketplaces.far import far, says, silence


async def test_where_nobody_listens_nothing_is_written(ears):
    await ears.place()
    assert await ears.value("SELECT count(*) FROM integrator_event") == 0
    assert await ears.rows() == []


async def test_what_becomes_of_an_order_is_told_in_order_and_the_published_library_believes_it(
    ears,
):
    async with far(says(204, b"")) as side:
        await ears.subscribe(side.url + "/in?x=1")
        await ears.place()
        await ears.hook(news("order.paid"))
        await ears.hook(news("order.delivered"))
        await ears.work()
        assert await ears.carry() == 4
        got = all_believed(side)
    assert [event["type"] for event in got] == [
        "order.placed", "order.accepted", "order.changed", "order.delivered",
    ]  # fmt: skip
    assert [event["data"]["order"]["state"] for event in got] == [
        "received", "accepted", "accepted", "delivered",
    ]  # fmt: skip
    assert side.path() == "/in?x=1"
    assert {row[:2] for row in await ears.rows()} == {("done", "taken")}
    assert await ears.carry() == 0


async def test_nothing_personal_is_told(ears):
    async with far(says(200)) as side:
        await ears.subscribe(side.url)
        await ears.place(comment="Домофон 12")
        await ears.carry()
        said = "".join(side.body(n).decode() for n in range(len(side.requests)))
    for word in ("Тестов", "70000000000", "Тестовая, 1", "Домофон"):
        assert word not in said


async def test_only_what_is_chosen_is_told(ears):
    async with far(says(200)) as side, far(says(200)) as other:
        await ears.subscribe(side.url, events=["order.accepted", "order.cancelled"])
        await ears.subscribe(other.url, "elsewhere", stores=["MSK-12"])
        await ears.place()
        await ears.carry()
        assert types(side) == ["order.accepted"]
        assert types(other) == []
    assert await ears.value("SELECT count(*) FROM integrator_event") == 1


async def test_while_a_secret_replaces_another_the_receiver_may_know_either(ears):
    async with far(says(200)) as side:
        await ears.subscribe(side.url)
        new = await ears.act(acting.rotate, SEAL, "shop", "operator")
        await ears.place()
        await ears.carry()
        for secret in (SECRET, new):
            Webhook(secret).verify(side.body(), side.headers())
        with pytest.raises(WebhookVerificationError):
            Webhook(OTHER).verify(side.body(), side.headers())
        assert await ears.act(acting.rotate, SEAL, "shop", "operator", finish=True) is None
        await ears.hook(news("order.delivered"))
        await ears.work()
        await ears.carry()
        Webhook(new).verify(side.body(), side.headers())
        with pytest.raises(WebhookVerificationError):
            Webhook(SECRET).verify(side.body(), side.headers())


async def test_secrets_are_sealed_and_shown_nowhere(ears):
    await ears.subscribe("https://shop.example.com/in")
    row = await ears.subscription()
    assert SECRET not in repr(dict(row))
    shut = await ears.act(integrators.by_code, "shop")
    assert SECRET not in repr(integrators.opened(SEAL, shut))
    assert "sealed" not in (await ears.act(integrators.overview))[0]


async def test_an_event_that_is_not_taken_holds_up_its_own_order_and_no_other(ears):
    async with far(says(500), says(200)) as side:
        await ears.subscribe(side.url, parallel=1)
        await ears.place("H1")
        await ears.place("H2")
        await ears.carry()
        got = [believed(side, n)["data"]["order"]["external_id"] for n in range(3)]
        assert got == ["H1", "H2", "H2"]
        assert await ears.rows() == [
            ("waiting", "undelivered", 1), ("waiting", None, 0), ("done", "taken", 1),
            ("done", "taken", 1),
        ]  # fmt: skip
        first = side.headers(0)["webhook-id"]
        await ears.later()
        await ears.carry()
        assert types(side)[3:] == ["order.placed", "order.accepted"]
        assert side.headers(3)["webhook-id"] == first, "the same for every try"
        assert side.body(3) == side.body(0)


async def test_when_a_process_dies_between_sending_and_writing_it_down_the_same_id_comes_again(
    ears,
):
    async with far(says(200)) as side:
        await ears.subscribe(side.url, events=["order.placed"])
        await ears.place()
        async with ears.hub.pools.drains.acquire() as conn:
            (target,) = await integrators.busy(conn)
            (item,) = await queue.claim(conn, Queue.EVENTS, "dies", 1, destination=target)
            delivery = await events.delivery(conn, item.id)
        found = integrators.opened(SEAL, delivery.to)
        await ears.poster.post(
            acting.Post(found.url, delivery.message_id, delivery.body, found.secrets)
        )
        assert await ears.carry() == 0, "its lease still runs"
        await ears.later()
        assert await ears.carry() == 1
        assert len(side.requests) == 2
        assert side.headers(0)["webhook-id"] == side.headers(1)["webhook-id"]
        assert side.body(0) == side.body(1)
        all_believed(side)
        with pytest.raises(Exception, match="Somebody else holds this row"):
            await ears.act(queue.finish, item)


async def test_the_tries_follow_the_published_schedule_and_then_one_is_given_up(ears):
    async with far(says(500)) as side:
        await ears.subscribe(side.url, events=["order.placed"])
        await ears.place()
        for step in EVENT_STEPS:
            # The system takes other events: this one has something that it does not like.
            await ears.sql("UPDATE integrator SET taken_at = now(), failing_since = NULL")
            await ears.later()
            before = await ears.now()
            await ears.carry()
            wait = timedelta(seconds=step * STRETCHED)
            due = await ears.value("SELECT due_at FROM event_outbox")
            assert before + wait <= due <= await ears.now() + wait
        await ears.sql("UPDATE integrator SET taken_at = now()")
        await ears.later()
        await ears.carry()
    assert await ears.rows() == [("dead", "undelivered", 10)]


async def test_of_a_system_that_takes_nothing_whatever_no_event_is_given_up(ears):
    async with far(says(500)) as side:
        await ears.subscribe(side.url)
        await ears.place()
        for _ in range(12):
            await ears.later()
            await ears.carry()
        assert {row[0] for row in await ears.rows()} == {"waiting"}
        side.speaks[:] = [says(200)]
        await ears.later()
        await ears.carry()
        assert types(side)[-2:] == ["order.placed", "order.accepted"]


async def test_nothing_but_failures_for_long_pauses_it_and_resuming_goes_on_with_what_waited(ears):
    async with far(says(500)) as side:
        await ears.subscribe(side.url)
        await ears.place()
        await ears.carry()
        assert (await ears.subscription())["active"]
        await ears.sql("UPDATE integrator SET failing_since = now() - interval '5 days 1 minute'")
        await ears.later()
        await ears.carry()
        row = await ears.subscription()
        assert (row["active"], row["pause_reason"]) == (False, "failing")
        await ears.hook(news("order.delivered"))
        await ears.work()
        await ears.later()
        assert await ears.carry() == 0
        side.speaks[:] = [says(200)]
        assert await ears.act(integrators.resume, "shop")
        before = len(side.requests)
        await ears.carry()
        assert types(side)[before:] == ["order.placed", "order.accepted", "order.delivered"]
        assert (await ears.subscription())["failing_since"] is None


async def test_how_long_failures_are_borne_is_the_subscription_s_own(ears):
    async with far(says(500)) as side:
        await ears.subscribe(side.url, pause_after_hours=2)
        await ears.place()
        await ears.carry()
        await ears.sql("UPDATE integrator SET failing_since = now() - interval '119 minutes'")
        await ears.later()
        await ears.carry()
        assert (await ears.subscription())["active"]
        assert (await ears.subscription())["pause_after"] == timedelta(hours=2)
        await ears.sql("UPDATE integrator SET failing_since = now() - interval '121 minutes'")
        await ears.later()
        await ears.carry()
        assert not (await ears.subscription())["active"]


async def test_one_that_wants_no_more_is_paused_at_once(ears):
    async with far(says(410)) as side:
        await ears.subscribe(side.url, parallel=1)
        await ears.place("H1")
        await ears.place("H2")
        await ears.carry()
        assert len(side.requests) == 1
    row = await ears.subscription()
    assert (row["active"], row["pause_reason"]) == (False, "gone")
    assert {state for state, _, _ in await ears.rows()} == {"waiting"}


@pytest.mark.parametrize("status", [429, 502, 504])
async def test_one_that_asks_to_be_sent_less_is_left_in_peace_for_as_long_as_it_says(ears, status):
    asked = timedelta(seconds=2 * STRETCHED * EVENT_STEPS[0])
    async with far(says(status, Retry_After=str(round(asked.total_seconds())))) as side:
        await ears.subscribe(side.url, parallel=1)
        await ears.place("H1")
        await ears.place("H2")
        before = await ears.now()
        await ears.carry()
        after = await ears.now()
        assert len(side.requests) == 1
    rest = await ears.value("SELECT rest_until FROM integrator")
    assert before + asked <= rest <= after + asked
    due = await ears.value("SELECT max(due_at) FROM event_outbox")
    assert before + asked <= due <= after + asked, "longer than the first step"


@pytest.mark.parametrize("status", [301, 302, 307, 400, 401, 403, 404, 409, 422, 500, 503])
async def test_nothing_but_2xx_means_that_it_is_taken_and_no_redirect_is_followed(ears, status):
    async with far(says(200)) as elsewhere, far(says(status, Location=elsewhere.url)) as side:
        await ears.subscribe(side.url, events=["order.placed"])
        await ears.place()
        await ears.carry()
        assert elsewhere.requests == []
    assert await ears.rows() == [("waiting", "undelivered", 1)]
    (attempt,) = await ears.sql("SELECT * FROM integrator_attempt")
    assert (attempt["status"], attempt["outcome"]) == (status, "undelivered")
    assert attempt["said"].startswith(f"HTTP {status}")


async def test_nobody_there_and_no_answer_are_tried_again(ears):
    await ears.subscribe("http://127.0.0.1:1", events=["order.placed"])
    async with far(silence) as side:
        await ears.subscribe(side.url, "silent", events=["order.placed"])
        await ears.place()
        await ears.carry()
    assert await ears.rows() == [("waiting", "undelivered", 1)] * 2
    said = {row["said"] for row in await ears.sql("SELECT said FROM integrator_attempt")}
    assert said == {"no answer: ConnectError", "no answer: RemoteProtocolError"}


async def test_a_system_that_hangs_slows_no_other(ears):
    async with far(deaf) as slow, far(says(200)) as quick:
        for code, side in (("slow", slow), ("quick", quick)):
            await ears.subscribe(side.url, code, parallel=2)
        for n in range(5):
            await ears.place(f"H{n}")
        stopping = asyncio.Event()
        running = asyncio.create_task(carry(ears.hub, stopping, ears.cargo))
        await until(lambda: len(quick.requests) >= 10 and len(slow.requests) >= 2)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        assert len(quick.requests) == 10
        assert len(slow.requests) == 2


async def test_two_who_carry_at_once_bring_each_event_once_and_in_order(ears):
    async with far(says(200)) as side:
        await ears.subscribe(side.url)
        for n in range(10):
            await ears.place(f"H{n}")
        for n in range(10):
            await ears.hook(news("order.delivered", f"H{n}"))
        await ears.work()
        await asyncio.gather(ears.carry(), ears.carry(), ears.carry())
        got = all_believed(side)
    assert len({side.headers(n)["webhook-id"] for n in range(30)}) == len(got) == 30
    for n in range(10):
        its = [e["type"] for e in got if e["data"]["order"]["external_id"] == f"H{n}"]
        assert its == ["order.placed", "order.accepted", "order.delivered"]


async def test_a_dead_system_is_left_in_peace_and_is_caught_up_with_at_once(ears):
    async with far(says(500)) as side:
        await ears.subscribe(side.url)
        for n in range(15):
            await ears.place(f"H{n}")
        await ears.carry()
        assert len(side.requests) < 10, "after a few it rests"
        side.speaks[:] = [says(200)]
        await ears.sql("UPDATE integrator SET rest_until = '-infinity'")
        await ears.carry()
    assert {state for state, _, _ in await ears.rows()} == {"done"}


async def test_a_removed_one_is_told_nothing_more_and_its_code_is_free(ears):
    async with far(says(200)) as side:
        await ears.subscribe(side.url)
        await ears.place("H1")
        assert await ears.act(integrators.remove, "shop")
        assert not await ears.act(integrators.remove, "shop")
        await ears.place("H2")
        await ears.carry()
        assert side.requests == []
        assert {row[:2] for row in await ears.rows()} == {("superseded", "removed")}
        await ears.subscribe(side.url)


async def test_what_was_being_told_to_one_when_it_was_removed_does_not_wait_for_ever(ears):
    async def removed(writer):
        await ears.act(integrators.remove, "shop")
        await says(500)(writer)

    async with far(removed) as side:
        await ears.subscribe(side.url, events=["order.placed"])
        await ears.place()
        await ears.carry()
    assert {row[0] for row in await ears.rows()} == {"waiting"}
    assert await sweep_removed(ears.hub) == "1 buried"
    assert {row[:2] for row in await ears.rows()} == {("superseded", "removed")}
    assert await sweep_removed(ears.hub) == "0 buried"


async def test_an_event_is_resent_under_the_id_it_had(ears):
    async with far(says(200)) as side:
        await ears.subscribe(side.url, events=["order.placed"])
        await ears.place()
        await ears.carry()
        (old,) = await ears.sql("SELECT id FROM integrator_delivery")
        new = await ears.act(acting.resend, old["id"], "operator")
        assert new != old["id"]
        await ears.carry()
        assert side.headers(0)["webhook-id"] == side.headers(1)["webhook-id"]
        assert side.body(0) == side.body(1)
    found, tries = await ears.act(events.log, "shop", events.Sought())
    assert [row["id"] for row in found] == [new, old["id"]]
    assert [row["status"] for row in tries] == [200, 200]


async def test_one_that_waits_is_hastened_by_a_resend_and_not_doubled(ears):
    async with far(says(500), says(200)) as side:
        await ears.subscribe(side.url, events=["order.placed"])
        await ears.place()
        await ears.carry()
        (row,) = await ears.sql("SELECT id FROM integrator_delivery")
        assert await ears.act(acting.resend, row["id"], "operator") == row["id"]
        await ears.carry()
        assert len(side.requests) == 2
    assert await ears.rows() == [("done", "taken", 1)]


async def test_what_was_given_up_is_resent_in_its_order_once_somebody_asks(ears):
    async with far(says(200)) as side:
        await ears.subscribe(side.url)
        await ears.place()
        await ears.sql(
            "UPDATE event_outbox SET state = 'dead', finished_at = now(), reason = 'undelivered'"
        )
        assert await ears.act(acting.resend_given_up, "shop", 10, "operator") == 2
        assert await ears.act(acting.resend_given_up, "shop", 10, "operator") == 0
        await ears.carry()
        assert types(side) == ["order.placed", "order.accepted"]


async def test_what_is_unknown_or_being_posted_is_not_resent(ears):
    async with far(says(200)) as side:
        await ears.subscribe(side.url, events=["order.placed"])
        await ears.place()
        (row,) = await ears.sql("UPDATE event_outbox SET state = 'leased' RETURNING id")
        with pytest.raises(Refused) as caught:
            await ears.act(acting.resend, row["id"], "operator")
        assert caught.value.code is Code.OPERATION_IN_PROGRESS
        with pytest.raises(Refused) as caught:
            await ears.act(acting.resend, new_id(), "operator")
        assert caught.value.code is Code.EVENT_NOT_FOUND
        await ears.act(integrators.remove, "shop")
        with pytest.raises(Refused):
            await ears.act(acting.resend, row["id"], "operator")


async def test_a_trial_is_posted_at_once_also_to_a_paused_one_and_says_what_came_of_it(ears):
    async with far(says(200, b"hello"), says(500, b"<b>no\n\x00</b>")) as side:
        await ears.subscribe(side.url)
        await ears.act(integrators.pause, "shop")
        now, found = ears.hub.clock(), await ears.act(acting.opened, SEAL, "shop")
        trial = await acting.rehearse(ears.poster, found, now)
        assert (trial.taken, trial.status, trial.said) == (True, 200, "hello")
        assert believed(side)["type"] == "hub.test"
        trial = await acting.rehearse(ears.poster, found, now)
        assert (trial.taken, trial.status) == (False, 500)
        assert trial.said == "HTTP 500: <b>no </b>"
    assert await ears.rows() == []


async def test_secrets_that_no_master_key_opens_are_no_event_s_fault(ears):
    await ears.subscribe("http://127.0.0.1:1")
    await ears.sql("UPDATE integrator SET sealed = 'x'")
    await ears.place()
    await ears.carry()
    assert {row[0] for row in await ears.rows()} == {"waiting"}
    row = await ears.subscription()
    assert "HUB_MASTER_KEY" in row["trouble"]
    assert await ears.value("SELECT rest_until > now() FROM integrator")


@pytest.mark.parametrize(
    ("count", "said"), [(40, "names"), (100, "lines"), (400, "nothing")]
)  # fmt: skip
async def test_of_a_large_order_names_are_left_out_and_of_a_very_large_one_lines(ears, count, said):
    lines = [
        {"id": f"9{n:05}", "name": f"Очень длинное название товара {n}", "originalQuantity": 1,
         "quantity": 1, "price": "10.00"} for n in range(count)
    ]  # fmt: skip
    async with far(says(200)) as side:
        await ears.subscribe(side.url, events=["order.placed"])
        await ears.place("H1", *lines)
        await ears.carry()
        order = believed(side)["data"]["order"]
    assert order["lines_omitted"] is (said == "nothing")
    if said == "nothing":
        assert order["lines"] is None
        return
    assert len({line["sku"] for line in order["lines"]}) == count
    assert {"name" in line for line in order["lines"]} == {said == "names"}


async def test_a_handler_passes_on_what_is_no_failure_of_the_other_side(ears):
    await ears.subscribe("http://127.0.0.1:1", events=["order.placed"])
    await ears.place()
    async with ears.hub.pools.drains.acquire() as conn:
        (target,) = await integrators.busy(conn)
        (item,) = await queue.claim(conn, Queue.EVENTS, "test", 1, destination=target)
    with pytest.raises(Undelivered, match="no answer"):
        await notifier(ears.poster)(ears.hub, item)
    assert json.loads(json.dumps((await ears.subscription())["failures"])) == 1
