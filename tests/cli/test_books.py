"""What accountants do at a terminal: see what is held and let it pass, registers, settlements."""

import pytest

from app.actions.issue import issue
from app.cli.session import console
from tests.cli import test_cli
from tests.factories import BREAD
from tests.stories import deliver_one

#: Runs one command, as there.
orderhub = test_cli.orderhub
#: Wide enough that no cell is cut.
console.width = 200


@pytest.fixture
async def held(api, hub):
    await deliver_one(api, hub, "H1", BREAD)
    async with hub.pools.picking.acquire() as conn:
        await conn.execute("DELETE FROM product")
    await issue(hub)


async def test_a_held_order_is_named_with_its_problem_and_let_pass_once(hub, held, orderhub):
    shown = await orderhub("documents", "held")
    assert "H1" in shown
    assert "goods: Товара нет в каталоге: 300901" in shown
    assert "Nobody can let" in await orderhub(
        "documents", "waive", "H1", "vat", "--reason", "x", code=2
    )
    assert "A reason is needed" in await orderhub(
        "documents", "waive", "H1", "goods", "--reason", " ", code=2
    )
    assert "Let pass." in await orderhub("documents", "waive", "H1", "goods", "--reason", "new")
    assert "let pass already" in await orderhub(
        "documents", "waive", "H1", "goods", "--reason", "new", code=1
    )
    assert "no order" in await orderhub("documents", "waive", "H9", "sum", "--reason", "x", code=1)


async def test_nothing_held_says_so(hub, orderhub):
    assert "Ни один документ не ждёт" in await orderhub("documents", "held")


async def test_the_register_and_the_vat_book_come_as_files(api, hub, orderhub, tmp_path):
    await deliver_one(api, hub, "H1", BREAD)
    await issue(hub)
    assert "163,50" in await orderhub("report", "documents")
    assert "22" in await orderhub("report", "vat", "--by", "document")
    for form in ("xlsx", "pdf"):
        file = tmp_path / f"register.{form}"
        await orderhub("report", "documents", "--format", form, "--output", str(file))
        assert file.stat().st_size > 1000
    assert "Магазина nowhere нет" in await orderhub("report", "vat", "--store", "nowhere", code=2)


async def test_a_marketplaces_report_is_taken_shown_accepted_and_dropped(
    api, hub, orderhub, tmp_path
):
    await deliver_one(api, hub, "H1", BREAD)
    await issue(hub)
    file = tmp_path / "report.csv"
    file.write_text("Номер заказа;Сумма\nH1;160\n")
    about = ("--account", "sm-demo", "--kind", "payment", "--number", "7",
             "--from", "2020-01-01", "--until", "2199-01-01")  # fmt: skip
    shown = await orderhub("settlements", "import", str(file), *about)
    assert "другая сумма" in shown
    assert "-3.50" in shown
    id_ = shown.split("\n")[1].strip()
    assert "sm-demo" in await orderhub("settlements", "list")
    assert "Accepted" in await orderhub("settlements", "accept", id_, "--reason", "known")
    assert "already" in await orderhub("settlements", "accept", id_, "--reason", "known", code=1)
    assert "Taken back" in await orderhub("settlements", "drop", id_)
    assert "no report" in await orderhub("settlements", "show", id_, code=1)
    file.write_text("Номер заказа;Сумма\nH1;много\n")
    refused = await orderhub("settlements", "import", str(file), *about, code=1)
    assert "строка 2: не число: много" in refused
