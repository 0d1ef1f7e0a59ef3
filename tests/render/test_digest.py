"""A digest reads well in both languages, whatever the numbers and names are."""

from datetime import date, datetime, timedelta
from html import unescape
from io import BytesIO
from re import findall, sub

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from app.db.rules import read_rules
from app.domain.digest import Day, Hour, Span, Totals, Trouble
from app.render.day_chart import day_png
from app.render.digest import MOST, Telling, caption, chart

RULES = {rule.name: rule for rule in read_rules()}
DAY = date(2026, 3, 2)
START = datetime.combine(DAY, datetime.min.time()) + timedelta(hours=4)
SPAN = Span(START, START + timedelta(hours=18))
FULL = Totals(
    orders=128, delivered=117, cancelled=6, cancelled_by_store=2, ready=121, on_time=113,
    picked=121, lines=1480, found=1347, replaced=74, pick_typical=720, pick_long=1680,
)  # fmt: skip
USUAL = [
    Totals(orders=o, ready=110, on_time=107, picked=110, lines=1300, found=1222, pick_typical=700)
    for o in (95, 100, 108)
]
TROUBLES = [
    Trouble("order_late", "critical", is_on=False, is_muted=False, seconds=2520, actors=("Анна",)),
    Trouble("help_wanted", "warning", is_on=True, is_muted=True, seconds=300),
]


def telling(day, title="MSK-07 · Shop", language="en"):
    return Telling(title, language, RULES, day)


def words(day, **how):
    return caption(telling(day, **how)).splitlines()


def test_a_full_day_reads_as_a_person_would_want_in_english():
    assert words(Day(DAY, FULL, usual=USUAL, troubles=TROUBLES)) == [
        "<b>MSK-07 · Shop</b> — the day, Monday, 2 March",
        "Orders: <b>128</b>, more than usual (101)",
        "Delivered: 117 · cancelled 6, by the shop 2",
        "Ready on time: <b>93%</b>, worse than usual (97%)",
        "Found of what was ordered: <b>91%</b>, worse than usual (94%)",
        "With replacements: 96%, replaced 74",
        "Picking an order: <b>12 min</b>, as usual",
        "One order in twenty took longer than 28 min",
        "Incidents: 2, critical 1, still on 1, muted 1",
        f"The longest lasted 42 min: “{RULES['order_late'].texts['en'][0]}”",
        "Taken care of by: Анна",
    ]


def test_a_full_day_reads_as_a_person_would_want_in_russian():
    lines = words(Day(DAY, FULL, usual=USUAL, troubles=TROUBLES), language="ru")
    assert lines[0] == "<b>MSK-07 · Shop</b> — итоги дня, понедельник, 2 марта"
    assert lines[1] == "Заказов: <b>128</b>, больше обычного (101)"
    assert lines[3] == "Готовы вовремя: <b>93 %</b>, хуже обычного (97 %)"
    assert "digest." not in "\n".join(lines)


def test_of_one_order_no_percentages_are_told():
    one = Totals(orders=1, ready=1, on_time=1, picked=1, lines=2, found=1, pick_typical=300)
    lines = words(Day(DAY, one))
    assert "Ready on time: 1 of 1" in lines
    assert "Found of what was ordered: 1 of 2" in lines
    assert "Picking an order: too few to tell" in lines
    assert "%" not in "".join(lines)
    assert lines[-1] == "No incidents."


def test_a_day_without_orders_is_a_line():
    assert words(Day(DAY, Totals()))[1:] == ["No orders came.", "No incidents."]


def test_almost_all_is_not_all():
    almost = Totals(orders=500, ready=500, on_time=499)
    assert "Ready on time: <b>99%</b>" in words(Day(DAY, almost))


@pytest.mark.parametrize("language", ["ru", "en"])
@settings(max_examples=40)
@given(
    name=st.text(max_size=300),
    actors=st.lists(st.text(max_size=100), max_size=20),
    rule=st.sampled_from([*RULES, "<b>unknown & hostile"]),
    number=st.integers(0, 10**12),
)
def test_no_name_or_number_breaks_the_caption(language, name, actors, rule, number):
    trouble = Trouble(rule, "critical", is_on=True, is_muted=False, seconds=1e9, actors=actors)
    totals = Totals(orders=number, ready=number, lines=number, picked=number, pick_typical=number)
    told = caption(telling(Day(DAY, totals, (), USUAL, [trouble]), name, language))
    assert len(unescape(sub("<[^>]+>", "", told))) <= MOST
    assert set(findall("<[^>]*>", told)) <= {"<b>", "</b>"}
    assert told.count("<b>") == told.count("</b>")


def hour(n, orders=5, ready=5, on_time=4, pick_typical=600.0):
    return Hour(START + timedelta(hours=n), orders, ready, on_time, ready, pick_typical)


def picture(hours, usual=USUAL, title="MSK-07 · Магазин", language="ru"):
    day = Day(DAY, FULL, hours, usual)
    png = day_png(chart(telling(day, title, language), SPAN))
    return Image.open(BytesIO(png)).convert("RGB"), len(png)


def amount(image, colour, near=40):
    return sum(
        count
        for count, seen in image.getcolors(image.width * image.height)
        if all(abs(a - b) < near for a, b in zip(seen, colour, strict=True))
    )


LATE = (0xE8, 0x59, 0x0C)


@pytest.mark.parametrize(
    "hours",
    [
        [hour(n) for n in range(4, 18)],
        [hour(9, 1, 1, 1)],
        [hour(n) for n in range(24)],
        [hour(n, 480_000, 470_000, 380_000) for n in range(24)],
        [hour(n, 3, 0, 0, None) for n in (6, 7)],
        [],
    ],
    ids=["full day", "one order", "24 hours", "huge numbers", "nothing picked", "nothing"],
)
def test_a_picture_is_sharp_small_and_of_a_chat_s_shape(hours):
    image, size = picture(hours)
    assert image.width == 1200
    assert 700 <= image.height <= 1200
    assert size < 100_000
    assert image.getpixel((2, 2)) == (255, 255, 255)


def test_late_orders_are_marked_and_only_they():
    late, _ = picture([hour(n) for n in range(4, 18)])
    good, _ = picture([hour(n, on_time=5) for n in range(4, 18)])
    assert amount(late, LATE) > amount(good, LATE) + 1000


def test_the_same_day_makes_the_same_picture():
    day = chart(telling(Day(DAY, FULL, [hour(9)], USUAL)), SPAN)
    assert day_png(day) == day_png(day)


@pytest.mark.parametrize("title", ["", "<b>&\x00\n", "🔴" * 50, "Щ" * 500, "\ud800"])
def test_any_name_can_be_drawn(title):
    image, _ = picture([hour(9)], title=title)
    assert image.width == 1200


def test_hours_in_which_nothing_happened_are_in_their_place():
    drawn = chart(telling(Day(DAY, FULL, [hour(4), hour(9)])), SPAN)
    assert [slot.hour for slot in drawn.slots] == list(range(4, 22))
    assert [slot.hour for slot in drawn.slots if slot.came] == [8, 13]
