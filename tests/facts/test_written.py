"""The report of orders as it is written, for people, Excel and programs; and who may ask."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime, timedelta

import pytest

from app.actions.report import asked, report
from app.domain.report import FIGURES, By, Report, ReportRefused
from app.render.language import LANGUAGES, say
from app.render.report import ReportRow, report_csv, table_heads, table_rows
from tests.cli.test_people import orderhub
from tests.conftest import CREDENTIALS
from tests.facts.test_reports import fact, zones

__all__ = ["orderhub"]

URL = "/reports/v1/orders"
DAY = "from=2026-11-01&until=2026-11-02"
DUTY = (CREDENTIALS["operators"][0]["login"], CREDENTIALS["operators"][0]["password"])
EVIL = '=HYPERLINK("http://x","сюда")'


async def busy(conn, name: str = "Магазин на Примерной; «угол»") -> str:
    """A store with a day of facts; its code."""
    code, *_ = await zones(conn)
    await conn.execute("UPDATE store SET name = $2 WHERE code = $1", code, name)
    hour = datetime(2026, 11, 1, 9, tzinfo=UTC)
    await fact(conn, code, hour, 12_345, lines=(1_000, 973), times=[61, 754, 3_725, 60, 59])
    await conn.execute(
        "UPDATE store_hour SET delivered = 5, delivered_total = 123456789, cancelled = 3,"
        " cancels = $1",
        {"shop:out_of_stock": 2, "marketplace:=1+1": 1},
    )
    return code


async def made(hub, by: By = By.STORE, name: str = "Магазин на Примерной; «угол»") -> Report:
    async with hub.pools.drains.acquire() as conn:
        code = await busy(conn, name)
        ask = await asked(conn, date(2026, 11, 1), date(2026, 11, 2), by, store=code)
        return await report(conn, ask)


def sheet(raw: bytes, delimiter: str) -> list[dict[str, str]]:
    """As Excel reads it."""
    text = raw.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


async def test_russian_excel_opens_the_csv_as_a_table_with_numbers(hub):
    raw = report_csv(await made(hub), "ru")
    assert raw.startswith(b"\xef\xbb\xbf")
    assert b"\r\n" in raw
    store, total = sheet(raw, ";")
    assert store["Название"] == "Магазин на Примерной; «угол»"
    assert store["Заказов поступило"] == "12345"
    assert store["Доставлено на сумму, ₽"] == "1234567,89"
    assert store["Найдено полностью, %"] == "97,3"
    assert store["Сборка, медиана, с"] == "61"
    assert store["Подготовлено вовремя, %"] == ""  # too few to say
    assert store["Причины отмен"] == "маркетплейс: =1+1 (1); магазин: Нет в наличии (2)"
    assert total["Магазин"] == "Итого"


async def test_english_excel_gets_commas_and_points(hub):
    store, total = sheet(report_csv(await made(hub), "en"), ",")
    assert (store["Orders received"], store["Delivered, worth ₽"]) == ("12345", "1234567.89")
    assert (store["Found in full, %"], total["Store"]) == ("97.3", "Total")


@pytest.mark.parametrize("name", [EVIL, "+7 магазин", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
async def test_no_text_of_a_csv_is_a_formula(hub, name):
    store, _ = sheet(report_csv(await made(hub, name=name), "ru"), ";")
    assert store["Название"] == f"'{name}"


async def test_a_person_reads_clocks_thousands_and_what_is_not_known(hub):
    found = await made(hub, By.DAY)
    heads = [head.replace("-\n", "").replace("\n", " ") for head in table_heads(By.DAY, "ru")]
    first, second, total = (dict(zip(heads, row, strict=True)) for row in table_rows(found, "ru"))
    assert first["День"] == "2026-11-01"
    assert first["Заказы"] == "12\u00a0345"
    assert first["На сумму, ₽"] == "1\u00a0234\u00a0568"
    assert (first["Сборка, медиана"], first["Сборка, 95 %"]) == ("1:01", "1:02:05")
    assert (first["Нашли, %"], first["В срок, %"]) == ("97,3", "н/д")
    assert (second["Заказы"], second["Нашли, %"], second["Опоздал до"]) == ("0", "н/д", "—")
    assert total["День"] == "Итого"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_column_has_its_words(language):
    for name, figure in FIGURES.items():
        assert say(language, f"report.long.{name}") != f"report.long.{name}"
        assert not figure.table or say(language, f"report.{name}") != f"report.{name}"
    for by in By:
        assert say(language, f"report.by.{by}") != f"report.by.{by}"


def test_programs_get_every_figure():
    assert set(ReportRow.__struct_fields__) - set(FIGURES) == {"label", "name", "cancels"}


async def test_a_program_gets_numbers_and_too_few_cases_are_null(api, hub):
    await made(hub)
    answer = await api.get(f"{URL}?{DAY}&by=store", auth=DUTY)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["from"], body["until"], body["by"]) == ("2026-11-01", "2026-11-02", "store")
    assert body["total"]["delivered_total"] == 123456789
    assert (body["total"]["found_percent"], body["total"]["on_time_percent"]) == (97.3, None)
    assert body["total"]["cancels"] == {"marketplace:=1+1": 1, "shop:out_of_stock": 2}
    assert len(body["rows"]) == 3


@pytest.mark.parametrize(
    ("query", "headers"), [("&format=csv", {}), ("", {"Accept": "text/csv"})]
)  # fmt: skip
async def test_csv_comes_by_parameter_or_by_accept_in_the_callers_language(
    api, hub, query, headers
):
    await made(hub)
    english = headers | {"Accept-Language": "en"}
    answer = await api.get(f"{URL}?{DAY}{query}", auth=DUTY, headers=english)
    assert answer.headers["content-type"].startswith("text/csv")
    assert "orders-2026-11-01-2026-11-02-day.csv" in answer.headers["content-disposition"]
    assert [row["Day"] for row in sheet(answer.content, ",")] == [
        "2026-11-01", "2026-11-02", "Total",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "field"),
    [("from=2026-11-02&until=2026-11-01", "from"), ("from=2025-01-01&until=2026-11-01", "until"),
     ("from=01.11.2026", "from"), ("until=2026-02-30", "until"), ("until=20261101", "until"),
     ("from=0001-01-01&until=0001-01-02", "from"), ("until=9999-12-31", "from"),
     ("until=0001-01-01", "from"), ("by=month", "by"), ("format=xlsx", "format"),
     ("store=NO-99", "store"), ("account=nobody", "account"), ("store=%27%3B--", "store")],
)  # fmt: skip
@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_no_report_can_be_of_is_refused_with_the_field(api, query, field, language):
    headers = {"Accept-Language": language}
    answer = await api.get(f"{URL}?{query}", auth=DUTY, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID_BODY")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["details"]["field"] == field


async def test_only_operators_may_ask(api, hub):
    for auth in (None, ("duty", "wrong"), ("nobody", "x")):
        answer = await api.get(URL, auth=auth)
        assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHORIZED")
    handheld = {"badge": "1001", "pin": "4711"}
    token = (await api.post("/picker/v1/sessions", json=handheld)).json()["token"]
    picker = await api.get(URL, headers={"Authorization": f"Bearer {token}"})
    assert picker.status_code == 401


async def test_without_days_it_is_the_last_week(hub):
    async with hub.pools.drains.acquire() as conn, conn.transaction():  # one moment for all
        await conn.execute("UPDATE store SET timezone = 'Pacific/Kiritimati'")
        today = await conn.fetchval("SELECT (now() AT TIME ZONE 'Pacific/Kiritimati')::date")
        week = await asked(conn, None, None, By.DAY)
        year = await asked(conn, today - timedelta(days=365), None, By.DAY)
        with pytest.raises(ReportRefused):
            await asked(conn, today - timedelta(days=366), None, By.DAY)
    assert (week.first, week.last) == (today - timedelta(days=6), today)
    assert len(year.days()) == 366


# -- at a terminal

SPAN = ("--from", "2026-11-01", "--until", "2026-11-02")


async def test_a_terminal_shows_the_table_in_either_language(hub, orderhub):
    await made(hub)
    for language, head, total in (("ru", "Заказы", "Итого"), ("en", "Orders", "Total")):
        said = await orderhub("report", "orders", *SPAN, "--lang", language, "--by", "store")
        assert head in said
        assert total in said
        assert "…" not in said


async def test_programs_get_json_and_excel_a_file(hub, orderhub, tmp_path):
    code = (await made(hub)).rows[0].label
    said = json.loads(await orderhub("report", "orders", *SPAN, "--format", "json"))
    assert said["total"]["orders"] == 12_345
    file = tmp_path / "orders.csv"
    await orderhub("report", "orders", *SPAN, "--format", "csv", "--by", "store", "--store", code,
                   "--output", str(file), lang="ru")  # fmt: skip
    assert [row["Магазин"] for row in sheet(file.read_bytes(), ";")] == [code, "Итого"]


async def test_a_report_that_cannot_be_is_one_sentence(hub, orderhub):
    wrong = ("--from", "2026-11-02", "--until", "2026-11-01")
    assert "after" in await orderhub("report", "orders", *wrong, code=2)
    assert "нет" in await orderhub("report", "orders", "--store", "NO-99", code=2, lang="ru")
    assert "366" in await orderhub("report", "orders", "--from", "2020-01-01", code=2)
    await orderhub("report", "recompute", *wrong, code=2)


async def test_a_recount_says_what_had_been_wrong_and_mends_it(hub, orderhub):
    await made(hub)  # facts of orders that are nowhere
    assert "1 hours of stores" in await orderhub("report", "recompute", *SPAN)
    assert "0 orders counted; 0 hours" in await orderhub("report", "recompute", *SPAN)
