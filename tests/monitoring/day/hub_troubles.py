"""What goes wrong between the hub and marketplaces, and in the hub itself. Clocks are Moscow's."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from tests.monitoring.day.expected import GROUP, NOBODY, expect
from tests.monitoring.day.orders import at
from tests.monitoring.day.trouble import Act, Shops, Trouble, sql, stand, telegram


def _silent(shops: Shops) -> None:
    """The east's marketplace says nothing from 10:00 on; at 10:45 it says what it has to."""
    begin, end = at("10:00"), at("10:45")
    told = [one for one in shops.orders if one.account == "east"]
    gone = {one.number for one in told if begin <= one.received < end}
    shops.orders = [one for one in shops.orders if one.number not in gone]
    for one in told:
        for n, name in enumerate(("assigned", "arrived", "handed_over", "delivered")):
            moment = getattr(one, name)
            if moment is not None and begin <= moment < end:
                setattr(one, name, end + timedelta(seconds=4 * n + 1))


def _dead(queue: str, account: str) -> Act:
    return sql(
        "INSERT INTO queue_item (queue, id, account_id, fifo_key, state, created_at, due_at,"
        f" finished_at, reason, last_error) SELECT '{queue}', gen_random_uuid(), id, 'dead',"
        " 'dead',"
        " $1::timestamptz, $1, $1, 'remote_refused', 'HTTP 405'"
        f" FROM account WHERE code = '{account}'"
    )


def _replayed(queue: str) -> Act:
    return sql(
        "INSERT INTO queue_item (queue, id, account_id, fifo_key, state, created_at, due_at,"
        " finished_at, replay_of) SELECT queue, gen_random_uuid(), account_id, 'dead', 'done',"
        f" $1::timestamptz, $1, $1, id FROM queue_item WHERE queue = '{queue}' AND state = 'dead'"
    )


def _refuses(accounts: set[str]) -> Act:
    return stand("refusing", accounts)


def _silent_processes(workers: set[str]) -> Act:
    return stand("silent", workers)


_HELP: Final = (
    "INSERT INTO help_request (id, store_id, picker_id, text, at)"
    " SELECT gen_random_uuid(), store.id, picker.id, 'Погас свет', $1"
    "   FROM store JOIN picker ON picker.store_id = store.id WHERE store.code = 'KGD-100'"
)
_HELPED: Final = (
    "UPDATE help_request SET closed_at = $1, closed_by = picker_id WHERE closed_at IS NULL"
)
_TURNED_AWAY: Final = (
    "INSERT INTO hook_minute SELECT id, $1::timestamptz, 'app-2:web-1', 0, 4, 0, ARRAY[0, 4]"
    "  FROM account WHERE code = 'all'"
)
_ENDS: Final = "UPDATE watched_expiry SET ends_at = $1::timestamptz + interval '{}'"
_DISK: Final = "UPDATE heartbeat SET disk_free = {} WHERE host = 'app-1'"
_SKEW: Final = "UPDATE heartbeat SET skew_ms = {} WHERE host = 'app-2'"


HUB_TROUBLES: Final = (
    Trouble(
        "a marketplace takes no notifications for 20 minutes, and may take orders away",
        [
            expect("notifications_failing", "12:00 12:04 12:40", "west", level="critical"),
            expect("outbound_lag", "12:01 12:05 12:40", "west", how=NOBODY),
            expect("acceptance_late", "12:05 12:12 12:22", "merchant", level="critical"),
            expect("acceptance_late", "12:05 12:21 12:22", how=GROUP, count=-5),
        ],
        acts=[("12:00", _refuses({"west"})), ("12:20", _refuses(set()))],
    ),
    Trouble(
        "a marketplace is silent for 45 minutes",
        [
            expect("account_silent", "10:03 10:25 10:46", "east", level="critical"),
        ],
        _silent,
    ),
    Trouble(
        "a notification is refused for good",
        [expect("notification_buried", "14:05 14:06 14:21", "all")],
        acts=[("14:05", _dead("outbox", "all")), ("14:20", _replayed("outbox"))],
    ),
    Trouble(
        "a webhook cannot be used, and nobody looks after it for long",
        [expect("delivery_buried", "16:05 16:06 16:51", "west", level="critical")],
        acts=[("16:05", _dead("inbox", "west")), ("16:50", _replayed("inbox"))],
    ),
    Trouble(
        "no documents are made for two hours",
        [
            expect("sale_waiting", "17:10 17:20 19:01", "merchant", level="critical"),
            expect("sale_waiting", "17:10 19:00 19:01", how=GROUP, count=-5),
        ],
        acts=[
            ("16:30", stand("documents", value=False)), ("18:30", stand("documents", value=True)),
        ],
    ),
    Trouble(
        "webhooks are turned away",
        [expect("refused_share", "18:30 18:35 18:52", "all", level="critical")],
        acts=[(f"18:{minute}", sql(_TURNED_AWAY)) for minute in range(30, 36)],
    ),
    Trouble(
        "a process is silent at night",
        [expect("worker_silent", "04:01 04:03 04:08", "app-2:web-1", level="critical")],
        acts=[("04:00", _silent_processes({"app-2:web-1"})), ("04:06", _silent_processes(set()))],
    ),
    Trouble(
        "a disk runs full",
        [expect("disk_low", "02:00 02:01 02:31", "app-1")],
        acts=[("02:00", sql(_DISK.format(10))), ("02:30", sql(_DISK.format(60)))],
    ),
    Trouble(
        "a clock is wrong",
        [expect("clock_skew", "03:00 03:02 03:21", "app-2")],
        acts=[("03:00", sql(_SKEW.format(2500))), ("03:20", sql(_SKEW.format(5)))],
    ),
    Trouble(
        "a certificate ends soon",
        [expect("certificate_expiring", "05:00 05:01 05:31", "app-1", level="critical")],
        acts=[("05:00", sql(_ENDS.format("5 days"))), ("05:30", sql(_ENDS.format("90 days")))],
    ),
    Trouble(
        "nobody watches for ten minutes: a letter says so",
        [expect("monitor_late", "07:01 07:11 07:11", "monitor", level="critical")],
        acts=[("07:00", stand("watching", value=False)), ("07:10", stand("watching", value=True))],
    ),
    Trouble(
        "Telegram is away for half an hour: what happens is told afterwards, critical by letter",
        [
            expect("help_wanted", "20:05 20:31 20:51", "KGD-100", level="critical"),
            expect("telegram_failing", "20:02 20:31 20:32", "telegram", level="critical"),
        ],
        acts=[
            ("20:00", telegram(down=True)), ("20:05", sql(_HELP)), ("20:30", telegram(down=False)),
            ("20:50", sql(_HELPED)),
        ],
    ),
)  # fmt: skip
