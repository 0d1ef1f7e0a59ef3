"""The accountant's pages: documents, what holds others back, and marketplaces' own reports."""

import asyncio
import re
from dataclasses import replace

import pytest

from app.actions.issue import issue
from app.domain.document import Kind
from app.domain.paper import FORMS
from app.domain.settlement import Book, Finding
from app.hub import REQUEST_PATIENCE, Turnstile
from app.render.language import say
from tests.conftest import api_of
from tests.factories import BANANAS, BREAD
from tests.http.test_docs import phone, width
from tests.http.ways.monitoring import DUTY
from tests.stories import deliver_one

ALL_DAYS = "from=2020-01-01&until=2199-01-01"


async def see(api, path, language="en", status=200):
    answer = await api.get(path, auth=DUTY, headers={"Accept-Language": language})
    assert answer.status_code == status, answer.text
    return answer.text


async def value(hub, statement, *values):
    async with hub.pools.picking.acquire() as conn:
        return await conn.fetchval(statement, *values)


@pytest.fixture
async def sold(api, hub):
    await deliver_one(api, hub, "H1", BREAD, BANANAS)
    await issue(hub)
    return await value(hub, "SELECT id FROM document")


async def test_documents_of_the_days_stand_there_with_their_sum(api, hub, sold):
    shown = await see(api, "/portal/documents")
    assert f"/portal/documents/{sold}" in shown
    assert "293.40" in shown
    assert "293,40" in await see(api, "/portal/documents", "ru")


_MANY = """
WITH sold AS (
    INSERT INTO orders (id, store_id, account_id, number, external_id, state, requested_total,
                        due_at)
    SELECT gen_random_uuid(), store_id, account_id, 'N' || n, 'N' || n, 'delivered', 0, now()
      FROM document, generate_series(1, 50000) AS n
    RETURNING id, number)
INSERT INTO document (id, merchant_id, store_id, account_id, order_id, kind, series, year, serial,
                      number, issued_on, currency, total, vat_total)
SELECT gen_random_uuid(), merchant_id, store_id, account_id, sold.id, 'sale', series, year,
       1000 + row_number() OVER (), sold.number, issued_on, 'RUB', 100, 10
  FROM document, sold
"""


async def test_days_with_more_documents_than_a_report_holds_show_some_and_the_sum_of_all(
    api, hub, sold
):
    await value(hub, _MANY)
    shown = await see(api, "/portal/documents")
    assert "50,293.40" in shown.replace("\u202f", ",").replace("\u00a0", ",")
    assert shown.count('href="/portal/documents/') == 200


async def test_days_without_documents_say_so(api, hub):
    assert "There are no such documents" in await see(api, "/portal/documents")


@pytest.mark.parametrize("what", ["number", "order"])
async def test_a_document_is_found_by_its_number_and_by_its_orders(api, hub, sold, what):
    columns = {"number": "document.number", "order": "orders.number"}
    text = await value(
        hub, f"SELECT {columns[what]} FROM document JOIN orders ON orders.id = order_id"
    )
    long_ago = "from=2020-01-01&until=2020-01-02"
    assert str(sold) in await see(api, f"/portal/documents?{long_ago}&find={text}")
    assert str(sold) not in await see(api, f"/portal/documents?{ALL_DAYS}&find=nothing")


async def test_days_that_end_before_they_begin_are_said_to(api, hub):
    shown = await see(api, "/portal/documents?from=2026-02-01&until=2026-01-01")
    assert 'role="alert"' in shown


async def test_a_document_shows_lines_rates_and_every_form_it_can_be_had_in(api, hub, sold):
    shown = await see(api, f"/portal/documents/{sold}", "ru")
    for text in ("Хлеб", "Бананы", "1,000\u00a0кг", "163,50", "Итого"):
        assert text in shown
    links = re.findall(rf"/documents/v1/documents/{sold}/files/(\w+)", shown)
    assert links == [form.name for form in FORMS.values() if Kind.SALE in form.kinds]


@pytest.mark.parametrize("which", ["00000000-0000-0000-0000-000000000000", "nonsense"])
async def test_a_document_nobody_issued_is_not_found(api, hub, which):
    await see(api, f"/portal/documents/{which}", status=404)


async def test_a_held_order_is_named_with_its_problem_and_let_pass_with_a_reason(api, hub):
    await deliver_one(api, hub, "H1", {**BREAD, "id": "nowhere"})
    await value(hub, "DELETE FROM product WHERE sku = 'nowhere'")
    await issue(hub)
    shown = await see(api, "/portal/documents", "ru")
    assert "Товара нет в каталоге: nowhere" in shown
    (place,) = re.findall(r'action="(/portal/documents/held/[^"]+)"', shown)
    empty = await api.post(place, data={"problem": "goods", "reason": " "}, auth=DUTY)
    assert empty.status_code == 422
    done = await api.post(place, data={"problem": "goods", "reason": "seasonal"}, auth=DUTY)
    assert done.headers["location"].endswith("said=waived")
    again = await api.post(place, data={"problem": "goods", "reason": "seasonal"}, auth=DUTY)
    assert again.headers["location"].endswith("said=not_waived")
    assert await value(hub, "SELECT actor || reason FROM sale_waiver") == "dutyseasonal"


async def test_what_no_destination_takes_is_not_sent_again(api, hub, sold):
    answer = await api.post(f"/portal/documents/{sold}/resend", data={"reason": "lost"}, auth=DUTY)
    assert answer.headers["location"].endswith("said=not_resent")


FORM = {"account": "sm-demo", "kind": "payment", "number": "7", "from": "2020-01-01",
        "until": "2199-01-01"}  # fmt: skip


async def bring(api, raw, **other):
    return await api.post(
        "/portal/settlements", data={**FORM, **other}, files={"file": ("r.csv", raw)}, auth=DUTY
    )


async def test_a_report_is_brought_shown_accepted_and_stays(api, hub, sold):
    answer = await bring(api, b"order;amount\nH1;290\n")
    here = answer.headers["location"]
    shown = await see(api, here)
    for text in ("another sum", "290.00", "293.40", "\u22123.40"):
        assert text in shown
    refused = await api.post(here, data={"act": "accept", "reason": ""}, auth=DUTY)
    assert refused.status_code == 422
    for said in ("accepted", "already"):
        pressed = await api.post(here, data={"act": "accept", "reason": "known"}, auth=DUTY)
        assert pressed.headers["location"].endswith(f"said={said}")
    assert here in await see(api, "/portal/settlements")
    gone = await api.post(here, data={"act": "drop"}, auth=DUTY)
    assert gone.headers["location"].endswith("said=dropped")
    await see(api, here, status=404)


@pytest.mark.parametrize(
    ("raw", "other", "says"),
    [
        (b"order;amount\nH1;many\n", {}, "not a number: many"),
        (b"", {}, "The file is empty"),
        (b"order;amount\nH1;1\n", {"from": ""}, "days"),
        (b"order;amount\nH1;1\n", {"from": "2200-01-01"}, "days"),
        (b"order;amount\nH1;1\n", {"account": "<b>nobody</b>"}, "&lt;b&gt;nobody"),
    ],
)
async def test_a_report_that_is_none_comes_back_with_its_fault_and_what_was_filled_in(
    api, hub, raw, other, says
):
    answer = await bring(api, raw, **other)
    assert answer.status_code == 400
    english = await api.post("/portal/settlements", data={**FORM, **other},
                             files={"file": ("r.csv", raw)}, auth=DUTY,
                             headers={"Accept-Language": "en"})  # fmt: skip
    assert says in english.text
    assert 'value="7"' in english.text


class Watched(Turnstile):
    """Says when somebody has come to it."""

    def __init__(self):
        super().__init__(1, 8)
        self.came = asyncio.Event()

    def enter(self):
        self.came.set()
        return super().enter()

    async def before(self, ask):
        """What is asked, once it waits here. Whom a busy machine kept at the door until that took
        too long comes again."""
        while True:
            self.came.clear()
            asking, coming = asyncio.create_task(ask()), asyncio.create_task(self.came.wait())
            await asyncio.wait((asking, coming), return_when=asyncio.FIRST_COMPLETED)
            if self.came.is_set():
                return asking
            coming.cancel()
            assert (await asking).status_code == 503


async def test_a_large_report_may_take_longer_than_a_page_may(hub, sold):
    reports = Watched()
    async with api_of(replace(hub, reports=reports, patience=REQUEST_PATIENCE)) as client:
        async with reports.enter():
            bringing = await reports.before(lambda: bring(client, b"order;amount\nH1;290\n"))
            await asyncio.sleep(REQUEST_PATIENCE + 0.5)
        here = (await bringing).headers["location"]
        async with reports.enter():
            seeing = await reports.before(lambda: client.get(here, auth=DUTY))
            await asyncio.sleep(REQUEST_PATIENCE + 0.5)
        assert "290.00" in (await seeing).text.replace(",", ".")


async def test_a_file_is_not_even_read_while_too_many_wait(api, hub):
    """One file of 32 MB is 200,000 rows in memory."""
    about = "account=sm-demo&kind=payment&number=7&from=2026-01-01&until=2026-01-31"
    async with api_of(replace(hub, reports=Turnstile(0, 0))) as client:
        answer = await client.post(f"/reports/v1/settlements?{about}", content=b"", auth=DUTY)
        assert answer.status_code == 429
        assert (await bring(client, b"")).status_code == 429


def a_form(*parts):
    """A form as browsers send it, or as none does."""
    return (
        b"".join(
            b'--x\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n' % part
            for part in parts
        )
        + b"--x--\r\n"
    )


A_FILE = (b"file", b'; filename="r.csv"', b"order;amount\nH1;1\n")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400), (b"junk", 400), (a_form(), 400), (a_form(A_FILE), 400),
        (a_form(A_FILE, A_FILE), 400), (a_form(*[(b"f%d" % n, b"", b"") for n in range(21)]), 400),
        (a_form((b"kind", b"", b"x" * 1_100_000)), 400),
        (a_form((b"file", b"", b"no file at all")), 400), (b"--x\r\n" + b"A: b\r\n" * 200_000, 400),
        (a_form((b"account", b'; filename="../../etc/passwd"', b"x"), A_FILE), 400),
        (a_form((b"file", b'; filename="r.csv"', bytes(32 << 20))), 413),
    ],
    ids=range(11),
)  # fmt: skip
async def test_a_form_that_no_browser_sends_is_refused_and_breaks_nothing(api, hub, body, status):
    form = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = await api.post("/portal/settlements", content=body, auth=DUTY, headers=form)
    assert answer.status_code == status, answer.text[:500]


async def test_every_word_of_the_pages_is_there_in_both_languages():
    names = [f"books.finding.{each}" for each in Finding if each is not Finding.MATCH]
    names += [f"books.kind.{each}" for each in Kind] + [f"form.{each}" for each in FORMS]
    names += [f"reports.kind.{each}" for each in Book]
    names += [f"hold.{each}" for each in ("sum", "marks", "vat", "goods", "composition")]
    for language in ("ru", "en"):
        assert not [name for name in names if say(language, name) == name]


async def test_a_browser_of_another_site_changes_nothing(api, hub, sold):
    headers = {"Sec-Fetch-Site": "cross-site"}
    for place in (f"/portal/documents/{sold}/resend", "/portal/settlements"):
        assert (await api.post(place, auth=DUTY, headers=headers)).status_code == 403


@pytest.mark.parametrize("path", ["/portal/documents", "/portal/settlements"])
async def test_nothing_is_wider_than_a_phone(api, hub, sold, path):
    html = await see(api, path, "ru")
    async with phone(html) as page:
        assert await width(page) <= 390
