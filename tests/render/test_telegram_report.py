"""Answers in chats: numbers in words, in two languages, and never too long."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.chat_report import Backlog, OrderReport, Source, Status, Trouble
from app.domain.rule import Level
from app.render.language import LANGUAGES
from app.render.telegram_lines import MOST, Reader, page, safe, trouble
from app.render.telegram_report import order_text, status_text
from app.render.telegram_talk import COMMANDS, fitting, help_text, menu

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
READER = Reader("ru", "Europe/Moscow", NOW)
CALM = Status(NOW, 0, 0, (), (Source("sm", active=True, last_at=NOW - timedelta(seconds=5)),),
              (Backlog("inbox", 0, 0.0, 0),), NOW - timedelta(seconds=30), ())  # fmt: skip
TROUBLE = Trouble("unheard_of", Level.CRITICAL, "firing", {"store": "A & B", "number": "<7>"},
                  NOW - timedelta(minutes=9), None, None, explained=False)  # fmt: skip
ORDER = OrderReport(UUID(int=1), "N1", "N1", "sm", "MSK-07", "Europe/Moscow", "picking",
                    NOW + timedelta(minutes=20), NOW, None, None, None, ("1001",), 5,
                    2)  # fmt: skip


def test_calm_is_one_green_line_and_how_it_is_known():
    said = status_text(CALM, READER)
    assert said.splitlines()[0] == "🟢 <b>Всё спокойно</b>"
    assert said.splitlines()[-1] == "Проверено 30 с назад"
    english = status_text(CALM, replace(READER, language="en"))
    assert english.splitlines()[0] == "🟢 <b>All is well</b>"


def test_trouble_is_counted_placed_dated_and_escaped():
    busy = replace(
        CALM, critical=1, troubles=(TROUBLE,), blind=("odd_rule",),
        backlogs=(Backlog("outbox", 3, 125.0, 2),),
        sources=(Source("sm", active=True, last_at=None),),
    )  # fmt: skip
    said = status_text(busy, READER)
    assert said.startswith(
        "🔴 <b>Критичных: 1</b>\n🔴 <b>A &amp; B</b> — заказ &lt;7&gt;: unheard_of"
    )
    assert "с 17:51" in said
    assert "маркетплейсам 3 (старейшее ждёт 2 мин)" in said
    assert "Не обработано и отложено: 2" in said
    assert "sm — <b>давно или никогда</b>" in said
    assert "Не работают правила: odd_rule" in said


@pytest.mark.parametrize(
    ("changes", "sign", "words"),
    [
        ({"state": "acknowledged", "acknowledged_by": "Анна"}, "🟡", "занимается Анна"),
        ({"muted_until": NOW + timedelta(minutes=30)}, "🔕", "заглушено до 18:30"),
        ({"explained": True}, "🔕", "с 17:51"),
        ({"state": "resolved"}, "🟢", "unheard_of"),
        ({"level": Level.WARNING}, "🟠", "с 17:51"),
    ],
)
def test_a_trouble_says_how_it_stands(changes, sign, words):
    said = trouble(replace(TROUBLE, **changes), READER)
    assert said.startswith(sign)
    assert said.endswith(words)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "Срок 18:20 (через 20 мин)"),
        ({"due_at": NOW - timedelta(hours=3)}, "⏰ Опаздывает на 3 ч 0 мин (срок 15:00)"),
        ({"ready_at": NOW}, "Готов в 18:00, вовремя (срок 18:20)"),
        ({"ready_at": NOW + timedelta(hours=1)}, "Готов в 19:00, срок был 18:20"),
        ({"state": "cancelled", "ended_at": NOW}, "Срок был 18:20"),
    ],
)
def test_an_order_says_what_became_of_its_due_time(changes, words):
    assert words in order_text(replace(ORDER, **changes), READER)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 с"), (59, "59 с"), (60, "1 мин"), (3599, "59 мин"), (3600, "1 ч 0 мин"),
     (90_000, "25 ч 0 мин"), (172_800, "2 дн. 0 ч"), (-5, "0 с")],
)  # fmt: skip
def test_a_span_is_told_in_what_people_count_in(seconds, said):
    assert READER.span(timedelta(seconds=seconds)) == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_is_in_the_menu_and_the_help_in_words(language):
    reader = replace(READER, language=language)
    for name, what in menu(reader).items():
        assert 3 <= len(what) <= 256
        assert not what.startswith("tg.")
        assert f"/{name}" in help_text(reader)
    assert tuple(menu(reader)) == COMMANDS


@given(st.lists(st.text(max_size=300), max_size=300), st.text(max_size=200))
def test_a_page_is_never_too_long_and_counts_what_it_leaves_out(lines, head):
    escaped = [safe(line) for line in lines]
    said = page([safe(head)], escaped, ["foot"], READER)
    assert len(said) <= MOST + 40
    assert said.endswith("foot")


def test_what_does_not_fit_is_counted():
    said = page(["head"], [f"{number:04}" + "x" * 96 for number in range(100)], ["foot"], READER)
    *_, last, more, foot = said.splitlines()
    assert (more, foot) == (f"… и ещё {99 - int(last[:4])}", "foot")
    assert "… и ещё" not in page(["head"], ["x"] * 100, [], READER)


@given(st.text())
def test_an_answer_to_a_press_is_short_enough_for_telegram(text):
    assert len(fitting(text)) <= 200
