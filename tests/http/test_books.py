"""What accountants look up over HTTP: the register, the VAT book, marketplaces' own reports."""

import asyncio
import csv
import io
import itertools
from dataclasses import replace

import openpyxl
import pytest
from pypdf import PdfReader

from app.actions.issue import issue
from tests.conftest import api_of
from tests.factories import BANANAS, BREAD
from tests.http.ways.monitoring import DUTY
from tests.stories import deliver_one

FOREVER = "from=2020-01-01&until=2199-12-31"


@pytest.fixture
async def sold(api, hub):
    await deliver_one(api, hub, "H1", BREAD, BANANAS)
    await deliver_one(api, hub, "H2", BREAD)
    await issue(hub)


async def get(api, path, **headers):
    answer = await api.get(f"/reports/v1/{path}", auth=DUTY, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


async def test_the_register_has_every_document_and_its_file_the_same_figures(api, hub, sold):
    said = (await get(api, f"documents?{FOREVER}")).json()
    assert [(row["number"][-6:], row["total"]) for row in said["documents"]] == [
        ("000001", 29340), ("000002", 16350),
    ]  # fmt: skip
    book = openpyxl.load_workbook(
        io.BytesIO((await get(api, f"documents?{FOREVER}&format=xlsx")).content)
    )
    cells = [cell for row in book.active.iter_rows(values_only=True) for cell in row]
    assert {293.4, 163.5} <= set(cells)
    text = (await get(api, f"documents?{FOREVER}&format=csv", **{"Accept-Language": "ru"})).content
    rows = list(csv.reader(io.StringIO(text.decode("utf-8-sig")), delimiter=";"))
    assert any("163,50" in row for row in rows)
    pdf = PdfReader(io.BytesIO((await get(api, f"documents?{FOREVER}&format=pdf")).content))
    assert "СМ" in pdf.pages[0].extract_text()


class SlowPress:
    """Prints nothing before it is told to."""

    def __init__(self):
        self.asked, self.begun, self.go = 0, asyncio.Event(), asyncio.Event()

    async def typeset(self, name, what, language):
        self.asked += 1
        self.begun.set()
        await self.go.wait()
        return b"printed"


async def test_one_report_is_in_memory_at_a_time_and_many_more_are_asked_to_wait(api, hub, sold):
    press = SlowPress()
    async with api_of(replace(hub, press=press)) as client:
        path = f"/reports/v1/documents?{FOREVER}&format=xlsx"
        asking = [asyncio.create_task(client.get(path, auth=DUTY)) for _ in range(12)]
        # One prints, eight wait, and the rest hear so while they do.
        turned_away = [await each for each in itertools.islice(asyncio.as_completed(asking), 3)]
        assert [answer.status_code for answer in turned_away] == [429] * 3
        await press.begun.wait()
        await asyncio.sleep(0.2)  # for another one that should not come
        assert press.asked == 1
        press.go.set()
        said = [(await each).status_code for each in asking]
    assert set(said) == {200, 429}
    assert said.count(200) == 9


@pytest.mark.parametrize("by", ["day", "store", "account", "document"])
async def test_the_vat_book_adds_up_to_the_register_however_it_is_cut(api, hub, sold, by):
    register = (await get(api, f"documents?{FOREVER}")).json()["documents"]
    book = (await get(api, f"vat?{FOREVER}&by={by}")).json()["rows"]
    assert sum(row["total"] for row in book) == sum(row["total"] for row in register)
    assert sum(row["vat"] for row in book) == sum(row["vat"] for row in register) > 0
    for row in book:
        assert row["total"] == sum(part["total"] for part in row["rates"])
    documents = sum(row["documents"] for row in book)
    assert documents == len(register)
    for written in ("csv", "xlsx", "pdf"):
        assert (await get(api, f"vat?{FOREVER}&by={by}&format={written}")).content


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("documents?from=2026-02-30", "from"),
        ("documents?from=2026-03-01&until=2026-02-01", "from"),
        ("documents?kinds=sale,gift", "kinds"),
        ("documents?store=nowhere", "store"),
        ("vat?account=nobody", "account"),
        ("vat?by=moon", "by"),
        ("vat?format=doc", "format"),
        ("documents?from=1800-01-01", "from"),
    ],
)
async def test_a_report_nobody_can_make_names_the_parameter_at_fault(api, hub, path, field):
    answer = await api.get(f"/reports/v1/{path}", auth=DUTY)
    assert answer.status_code == 400
    assert answer.json()["details"]["field"] == field


async def test_an_empty_period_is_an_empty_report_in_every_form(api, hub):
    for written in ("json", "csv", "xlsx", "pdf"):
        assert (await get(api, f"documents?{FOREVER}&format={written}")).content
        assert (await get(api, f"vat?{FOREVER}&format={written}")).content


async def test_a_marketplaces_report_is_taken_compared_accepted_and_taken_back(api, hub, sold):
    about = "account=sm-demo&kind=payment&number=7&from=2020-01-01&until=2199-01-01"
    url = f"/reports/v1/settlements?{about}"
    raw = "Номер заказа;Сумма;Комиссия\nH1;293,40;29,34\nH2;160;16\nH9;1;0\n".encode("cp1251")
    taken = (await api.post(url, content=raw, auth=DUTY)).json()
    assert [(d["finding"], d["order_ref"]) for d in taken["differences"]] == [
        ("sum", "H2"), ("unknown_order", "H9"),
    ]  # fmt: skip
    here = f"/reports/v1/settlements/{taken['settlement']['id']}"
    again = (await api.post(url, content=raw, auth=DUTY)).json()
    assert again["settlement"]["id"] == taken["settlement"]["id"]
    for written in ("csv", "xlsx", "pdf"):
        answer = await api.get(f"{here}?format={written}", auth=DUTY)
        assert (answer.status_code, bool(answer.content)) == (200, True)
    accepted = await api.post(f"{here}/accept", json={"reason": "checked"}, auth=DUTY)
    assert accepted.json()["settlement"]["accepted_by"] == "duty"
    assert (await api.get("/reports/v1/settlements", auth=DUTY)).json()["settlements"]
    gone = await api.delete(here, auth=DUTY)
    assert gone.json() == {"settlements": []}
    assert (await api.get(here, auth=DUTY)).status_code == 404


async def test_a_report_with_flawed_rows_names_each_of_them_in_the_callers_language(api, hub):
    about = "account=sm-demo&kind=payment&number=7&from=2026-01-01&until=2026-01-31"
    url = f"/reports/v1/settlements?{about}"
    raw = b"order;amount\nH1;many\n;10\n"
    answer = await api.post(url, content=raw, auth=DUTY, headers={"Accept-Language": "ru"})
    assert answer.status_code == 400
    details = answer.json()["details"]
    assert details["flaws"] == [
        {"row": 2, "message": "не число: many"}, {"row": 3, "message": "не указан заказ"},
    ]  # fmt: skip


@pytest.mark.parametrize("path", ["documents", "vat", "settlements"])
async def test_nobody_sees_a_report_without_a_login(api, hub, path):
    assert (await api.get(f"/reports/v1/{path}")).status_code == 401
