"""What goes wrong in stores on the simulated day. Clocks are Moscow's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

from app.actions.incidents import silence
from app.domain.mute import Mute
from app.identifiers import new_id
from tests.monitoring.day.expected import GROUP, NOBODY, expect
from tests.monitoring.day.orders import Step, at
from tests.monitoring.day.simulation import Day
from tests.monitoring.day.trouble import Shops, Trouble, sql

#: Stores in which nobody is there at the same time.
MANY: Final = [f"{zone}-{n}" for zone in ("KGD", "SAM", "EKB") for n in range(102, 110)] + [
    "MSK-109"
]


def _nobody_there(shops: Shops) -> None:
    shops.empty("MSK-101", "10:40", "11:35")
    shops.add("MSK-101", "11:02", "AWAY-1")
    shops.add("MSK-101", "11:03", "AWAY-2")
    shops.away("MSK-101", "10:50", "11:31")


def _nobody_anywhere(shops: Shops) -> None:
    for code in MANY:
        shops.empty(code, "14:40", "15:30")
        shops.add(code, "15:02", f"MANY-{code}")
        shops.away(code, "15:00", "15:25")


def _nobody_there_but_that_is_known(shops: Shops) -> None:
    shops.empty("KGD-101", "12:40", "13:25")
    shops.add("KGD-101", "13:01", "MUTED")
    shops.away("KGD-101", "13:00", "13:20")


async def _mute(day: Day) -> None:
    (store,) = await day.sql("SELECT id, merchant_id FROM store WHERE code = 'KGD-101'")
    until = day.now + timedelta(minutes=30)
    mute = Mute(
        new_id(), "order_not_taken", "stocktaking", "telegram:1", day.now, until,
        merchant_id=store["merchant_id"], store_id=store["id"],
    )  # fmt: skip
    await silence(day.hub, mute)


def _slow(shops: Shops) -> None:
    shops.empty("NSK-101", "08:00", "14:00")
    for n in range(42):
        moment = at("08:05") + timedelta(minutes=8 * n)
        slow = at("09:00") <= moment < at("11:00")
        shops.add("NSK-101", f"{moment:%H:%M}", f"SLOW-{n}", 2.5 if slow else 1.0)


def _empty_shelf(shops: Shops) -> None:
    for one in shops.between("VVO-101", "05:00", "09:00"):
        one.steps = [
            replace(x, state="dropped", reason="out_of_stock") if x.line % 2 else x
            for x in one.steps
        ]


def _courier_lost(shops: Shops) -> None:
    one = shops.add("EKB-101", "08:00", "LOST")
    one.delay(one.delivered, at("13:40") - one.delivered)


def _courier_stands(shops: Shops) -> None:
    one = shops.add("SAM-101", "12:30", "STANDS")
    one.delay(one.handed_over, at("13:26") - one.handed_over)
    one.arrived = at("13:02")


def _called_off(shops: Shops) -> None:
    for n in range(3):
        one = shops.add("NSK-102", f"12:0{3 * n}", f"OFF-{n}")
        one.call_off(one.accepted + timedelta(minutes=2), "shop", "closed")


def _device_dies(shops: Shops) -> None:
    one = shops.add("MSK-102", "12:00", "DIES")
    one.delay(one.steps[1].at, timedelta(minutes=12, seconds=40))


def _no_answer(shops: Shops) -> None:
    one = shops.add("MSK-103", "14:27", "ASKED")
    begun, decided = one.steps[0].at, one.steps[0].at + timedelta(minutes=6)
    one.delay(begun, decided - begun)
    asked = Step(0, begun, "proposed", None, begun + timedelta(minutes=5))
    one.steps = [asked, replace(one.steps[0], state="replaced"), *one.steps[1:]]


def _nobody_reacts(shops: Shops) -> None:
    one = shops.add("MSK-104", "16:30", "NOBODY")
    one.call_off(one.accepted + timedelta(minutes=4), "marketplace", "no_response")
    one.claimed = None


def _gone_unpicked(shops: Shops) -> None:
    one = shops.add("MSK-105", "19:10", "IMPLIED")
    one.steps, one.implied = [], True
    for name in ("claimed", "picking", "picked", "ready"):
        setattr(one, name, None)
    one.handed_over, one.delivered = at("19:13"), at("19:40")


def _paused(shops: Shops) -> None:
    shops.empty("EKB-102", "11:20", "12:10")
    one = shops.add("EKB-102", "11:42", "PAUSED")
    shops.away("EKB-102", "11:40", "12:04:10")
    one.delay(one.claimed, at("12:04:50") - one.claimed)


_PAUSE: Final = "UPDATE store SET paused = {} WHERE code = 'EKB-102'"
_HELP: Final = (
    "INSERT INTO help_request (id, store_id, picker_id, text, at)"
    " SELECT gen_random_uuid(), store.id, picker.id, 'Нет пакетов', $1"
    "   FROM store JOIN picker ON picker.store_id = store.id WHERE store.code = 'SAM-102'"
)
_HELPED: Final = (
    "UPDATE help_request SET closed_at = $1, closed_by = picker_id WHERE closed_at IS NULL"
)

SHOP_TROUBLES: Final = (
    Trouble(
        "nobody picks in a store, and nobody reads the chat",
        [
            expect("order_not_taken", "11:07 11:09 11:33", name, level="critical")
            for name in ("AWAY-1", "AWAY-2")
        ],
        _nobody_there, takes={("order_not_taken", "MSK-101"): None},
    ),
    Trouble(
        "nobody picks in 25 stores at once, and somebody takes care of it",
        [
            expect("order_not_taken", "15:06 15:09 15:27", "merchant", level="critical"),
            expect("order_not_taken", "15:06 15:25 15:27", *MANY, how=GROUP, count=-25),
        ],
        _nobody_anywhere, takes={("order_not_taken", "merchant"): 6},
    ),
    Trouble(
        "nobody picks in a store, and that is known",
        [expect("order_not_taken", "13:05 13:08 13:22", "MUTED", how=NOBODY)],
        _nobody_there_but_that_is_known, [("12:59", _mute)],
    ),
    Trouble(
        "a store picks slowly for two hours",
        [expect("pick_slow", "09:25 10:25 12:30", "NSK-101", level="critical")],
        _slow,
    ),
    Trouble(
        "a shelf is empty, and the day is spoilt",
        [
            expect(rule, "05:00 09:00 17:01", "VVO-101", level="critical")
            for rule in ("found_low", "fill_low", "drops_high")
        ],
        _empty_shelf,
    ),
    Trouble(
        "a courier is lost", [expect("order_astray", "11:20 11:26 13:41", "LOST")], _courier_lost
    ),
    Trouble(
        "a courier stands in the shop",
        [expect("order_stuck", "13:12 13:13 13:27", "STANDS", level="critical")], _courier_stands,
    ),
    Trouble(
        "a store calls orders off",
        [expect("cancels_by_store", "12:05 12:17 20:01", "NSK-102", level="critical")], _called_off,
    ),
    Trouble(
        "a handheld dies", [expect("device_silent", "12:10 12:20 12:25", "MSK-102")], _device_dies
    ),
    Trouble(
        "a customer does not answer",
        [expect("approval_waiting", "14:32 14:36 14:40", "ASKED")], _no_answer,
    ),
    Trouble(
        "a marketplace takes an order away",
        [expect("auto_rejections", "16:34 16:35 16:51", "MSK-104")], _nobody_reacts,
    ),
    Trouble(
        "an order leaves unpicked",
        [expect("state_mismatch", "19:13 19:14 19:29", "west")], _gone_unpicked,
    ),
    Trouble(
        "a store is paused while orders wait",
        [expect("store_paused", "11:57 11:59 12:06", "EKB-102")], _paused,
        [("11:40", sql(_PAUSE.format("true"))), ("12:05", sql(_PAUSE.format("false")))],
    ),
    Trouble(
        "a picker asks for help",
        [expect("help_wanted", "12:40 12:41 12:51", "SAM-102")],
        acts=[("12:40", sql(_HELP)), ("12:50", sql(_HELPED))],
    ),
)  # fmt: skip
