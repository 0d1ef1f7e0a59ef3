"""A way to incidents about marketplaces' own reports."""

from datetime import date

from app.actions.issue import issue
from app.actions.settle import Paper, settle, take
from app.domain.settlement import Book
from app.imports.settlement import read
from tests.factories import BREAD
from tests.stories import deliver_one


async def settlement_differs(scene):
    await deliver_one(scene.api, scene.hub, "H1", BREAD)
    body = b"order;amount\nH1;163.50\n"
    days = date(2026, 1, 1), date(2199, 1, 1)
    paper = Paper("sm-demo", Book.PAYMENT, "7", *days, "report.csv", body, read(body))
    async with scene.hub.pools.picking.acquire() as conn:
        await take(conn, paper, "accountant")
    yield
    await issue(scene.hub)
    await settle(scene.hub)
