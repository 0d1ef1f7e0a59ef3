"""What a handheld asks once: reasons in its language, labels, tolerances, signals, the time."""

from datetime import UTC, datetime, timedelta

import pytest

from app.domain.barcode import Outcome
from app.domain.reasons import REASONS
from app.domain.refusals import Code, Notice
from app.domain.shop import Shop
from app.domain.signals import SIGNALS, signal_of
from app.render.config import config_view
from tests.http.picking import device

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def config(world, language="en"):
    handheld = await device(world)
    handheld.headers["Accept-Language"] = language
    answer = await handheld.get("/picker/v1/config")
    assert answer.status_code == 200
    return answer.json()


@pytest.mark.parametrize("language", ["ru", "en"])
async def test_every_reason_has_words_in_the_language_asked_for(world, language):
    reasons = (await config(world, language))["reasons"]
    assert [reason["code"] for reason in reasons] == list(REASONS)
    assert not [reason for reason in reasons if reason["text"].startswith("reason.")]
    assert any("а" <= letter <= "я" for letter in reasons[0]["text"]) is (language == "ru")


async def test_the_time_is_the_servers(world):
    told = datetime.fromisoformat((await config(world))["server_time"])
    assert abs(told - datetime.now(UTC)) < timedelta(minutes=1)


async def test_a_shop_that_says_nothing_has_the_usual_labels_and_tolerances():
    told = config_view(Shop(), datetime.now(UTC), str, minimum=None, shift=False)
    (label,) = told.labels
    assert (label.prefix, label.value, label.divisor, label.multiplier) == ("21", "weight", 1, 1)
    assert [each.category for each in told.tolerances] == [""]


async def test_a_handheld_is_told_its_own_shops_labels_in_their_order(world):
    told = await config(world)
    known = await world.value(
        "SELECT array_agg(prefix ORDER BY position) FROM store_label"
        " JOIN store ON store.id = store_id WHERE store.code = 'MSK-07'"
    )
    assert [label["prefix"] for label in told["labels"]] == (known or ["21"])
    assert (told["minimum_client"], told["shift_required"]) == (None, False)


async def test_every_outcome_and_notice_has_exactly_one_signal():
    codes = [*Outcome, *Notice]
    for code in codes:
        assert [name for name, signal in SIGNALS.items() if code in signal.on] == [signal_of(code)]


async def test_what_no_signal_names_asks_for_attention():
    assert signal_of(Code.VERSION_CONFLICT) == "attention"
    assert signal_of(Code.WRONG_ITEM) == "wrong"


async def test_no_two_signals_look_sound_or_feel_alike():
    for look in ("colour", "tones", "vibrate"):
        assert len({getattr(signal, look) for signal in SIGNALS.values()}) == len(SIGNALS)


async def test_a_stranger_is_told_nothing(world):
    assert (await world.api.get("/picker/v1/config")).status_code == 401
