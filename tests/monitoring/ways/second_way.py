"""How the second way out comes to fail: a mail server that is not there."""

from __future__ import annotations

from app.actions.alarm import alarm
from app.alarm.address import Mailing, MailServer
from app.alarm.email import Email
from app.identifiers import new_id
from tests.alarm.post_office import post_office
from tests.conftest import quick
from tests.marketplaces.far import dead_port


async def second_way_failing(scene):
    """Something critical has to be told, and the mail server is away; then it is back."""
    incident = new_id()
    await scene.sql(
        "INSERT INTO incident (id, rule, subject, merchant_id, level, state, facts, seen_at,"
        " last_seen_at, fired_at) SELECT $1, 'a_rule_of_ours', 'x', id, 'critical', 'firing', '{}',"
        " $2, $2, $2 FROM merchant",
        incident, scene.now,
    )  # fmt: skip
    scene.later(minutes=4)
    await alarm(mailing(scene.hub, dead_port()), scene.now)
    scene.later(minutes=6)
    await alarm(mailing(scene.hub, dead_port()), scene.now)
    yield
    async with post_office() as office:
        scene.later(minutes=6)
        assert await alarm(mailing(scene.hub, office.port), scene.now) == 1
    await scene.sql("DELETE FROM incident WHERE id = $1", incident)


def mailing(hub, port):
    server = MailServer("127.0.0.1", port, tls=False)
    return quick(hub, ways={"email": Email(Mailing(server, "hub@shop.test", ("a@shop.test",)))})
