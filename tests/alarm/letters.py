"""A letter to send."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from app.ports import Alarm

ID = UUID("019a0000-0000-7000-8000-000000000001")
EARLIER = UUID("019a0000-0000-7000-8000-000000000002")
AT = datetime(2026, 3, 2, 11, 20, tzinfo=UTC)


def a_letter(**changes) -> Alarm:
    values = {
        "id": ID,
        "at": AT,
        "subject": "Хаб заказов: 🔴 MSK-07 — заказ H1: никто не взял",
        "text": "Критично:\n\nждёт 12 мин\n.\nпосле точки\n",
        "facts": {"type": "alarm.incidents", "began": []},
    }
    return Alarm(**(values | changes))
