"""Letters by e-mail, taken by a real server on loopback."""

import asyncio
import socket

import pytest

from app.alarm.address import Mailing, MailServer, mail_server
from app.alarm.email import Email
from app.errors import RemoteRefused, RemoteUnavailable
from tests.alarm.letters import EARLIER, ID, a_letter
from tests.alarm.post_office import certificates, post_office
from tests.marketplaces.far import dead_port

TO = ("anna@example.test", "boris@example.test")


def by(office, server=None, **how):
    server = server or MailServer("127.0.0.1", office.port, tls=False)
    return Email(Mailing(server, "hub@shop.test", TO), **how)


async def test_a_letter_arrives_as_it_was_written():
    async with post_office() as office:
        said = await by(office).send(a_letter())
    (letter,) = office.letters
    assert said == "taken for 2 of 2 recipients"
    assert (letter.sender, letter.to) == ("hub@shop.test", list(TO))
    assert letter.read["Subject"] == a_letter().subject
    assert letter.text.strip("\n") == a_letter().text.strip("\n")
    assert letter.read["Message-ID"] == f"<alarm-{ID.hex}@shop.test>"
    assert letter.read["Auto-Submitted"] == "auto-generated"
    assert letter.read["Date"] == "Mon, 02 Mar 2026 11:20:00 +0000"
    assert letter.read["Importance"] == "high"
    assert letter.read.get_content_type() == "text/plain"


async def test_a_repeat_is_the_same_to_the_byte_and_an_end_answers_its_beginning():
    async with post_office() as office:
        for _ in range(2):
            await by(office).send(a_letter(answers=(EARLIER,), firing=False))
    first, second = office.letters
    assert first.raw == second.raw
    assert first.read["In-Reply-To"] == f"<alarm-{EARLIER.hex}@shop.test>"
    assert first.read["Importance"] is None


@pytest.mark.parametrize(
    "name",
    ["a\r\nBcc: evil@x.test", "a\nSubject: other", "a\r\n\r\nbody", "a\x00b\x1b[2J", "a\u2028b",
     "\ud800", "я" * 5000, "=?utf-8?b?0K8=?=", "<b>&\"'"],
)  # fmt: skip
async def test_no_name_says_anything_but_itself(name):
    async with post_office() as office:
        await by(office).send(a_letter(subject=f"Заказ {name}", text=f"{name}\n"))
    (letter,) = office.letters
    assert set(letter.read.keys()) == {
        "From", "To", "Date", "Subject", "Message-ID", "Auto-Submitted",
        "X-Auto-Response-Suppress", "Importance", "Content-Type", "Content-Transfer-Encoding",
        "MIME-Version",
    }  # fmt: skip
    assert letter.read["Subject"].startswith("Заказ")
    assert letter.to == list(TO)
    assert max(map(len, letter.raw.split(b"\r\n"))) < 998


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_a_password_goes_over_tls_to_the_server_its_certificate_names(tmp_path, scheme):
    server, client = certificates(tmp_path)
    how = {"implicit": server} if scheme == "smtps" else {"starttls": server}
    async with post_office(**how) as office:
        address = mail_server(f"{scheme}://hub:p%40ss@localhost:{office.port}")
        await by(office, address, tls=client).send(a_letter())
    assert office.logins == ["hub:p@ss"]
    assert office.encrypted is (scheme == "smtp")
    assert len(office.letters) == 1


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_a_server_with_a_certificate_nobody_signed_gets_nothing(tmp_path, scheme):
    server, _ = certificates(tmp_path)
    how = {"implicit": server} if scheme == "smtps" else {"starttls": server}
    async with post_office(**how) as office:
        address = mail_server(f"{scheme}://hub:secret@localhost:{office.port}")
        with pytest.raises(RemoteRefused, match="certificate") as refused:
            await by(office, address).send(a_letter())
    assert "secret" not in str(refused.value)
    assert (office.logins, office.letters) == ([], [])


async def test_a_server_for_another_name_gets_nothing(tmp_path):
    server, client = certificates(tmp_path)
    async with post_office(implicit=server) as office:
        address = mail_server(f"smtps://hub:secret@127.0.0.1:{office.port}")
        with pytest.raises(RemoteRefused, match="certificate"):
            await by(office, address, tls=client).send(a_letter())


async def test_a_password_is_never_said_in_plain_text():
    async with post_office() as office:
        address = mail_server(f"smtp://hub:secret@localhost:{office.port}")
        with pytest.raises(RemoteRefused, match="no TLS"):
            await by(office, address).send(a_letter())
    assert (office.logins, office.letters) == ([], [])


@pytest.mark.parametrize(
    ("answers", "kind", "unsure"),
    [
        ({"": "421 busy"}, RemoteUnavailable, False),
        ({"": "554 go away"}, RemoteRefused, None),
        ({"": "220 hi", "EHLO": None}, RemoteUnavailable, False),
        ({"MAIL": "451 later"}, RemoteUnavailable, False),
        ({"MAIL": "530 sign in first"}, RemoteRefused, None),
        ({"RCPT": "550 nobody here"}, RemoteRefused, None),
        ({"RCPT": "450 grey"}, RemoteUnavailable, False),
        ({"DATA": "554 no"}, RemoteRefused, None),
        ({".": "451 full"}, RemoteUnavailable, False),
        ({".": "554 looks like spam"}, RemoteRefused, None),
        ({".": None}, RemoteUnavailable, True),
    ],
)
async def test_what_a_server_says_is_told_as_ours(answers, kind, unsure):
    async with post_office(answers=answers) as office:
        with pytest.raises(kind) as raised:
            await by(office).send(a_letter())
    assert getattr(raised.value, "ambiguous", None) is unsure
    assert "nobody here" not in str(raised.value)


async def test_nobody_listening_is_somebody_away():
    server = MailServer("127.0.0.1", dead_port(), tls=False)
    with pytest.raises(RemoteUnavailable) as raised:
        await by(None, server).send(a_letter())
    assert not raised.value.ambiguous


@pytest.mark.parametrize(
    ("verb", "unsure"), [("", False), ("MAIL", False), (".", True), ("QUIT", True)]
)
async def test_a_server_that_says_nothing_is_left_and_its_thread_ends(verb, unsure):
    async with post_office(answers={verb: ""}) as office:
        limit = 0.3
        while not office.silent:  # a busy machine may not come so far in the time
            with pytest.raises(RemoteUnavailable, match="time") as raised:
                await by(office, limit=limit).send(a_letter())
            limit *= 3
        assert raised.value.ambiguous is unsure
        await asyncio.wait_for(asyncio.get_running_loop().shutdown_default_executor(), 60)


async def test_what_was_given_up_while_it_still_connected_is_not_sent_after_all(tmp_path):
    server, client = certificates(tmp_path)
    listener = socket.create_server(("127.0.0.1", 0))  # takes connections, and says nothing yet
    address = mail_server(f"smtps://127.0.0.1:{listener.getsockname()[1]}")
    client.check_hostname = False
    with pytest.raises(RemoteUnavailable, match="time") as raised:
        await by(None, address, tls=client, limit=0.3).send(a_letter())
    async with post_office(implicit=server, listener=listener) as office:
        await asyncio.wait_for(asyncio.get_running_loop().shutdown_default_executor(), 60)
    assert (raised.value.ambiguous, office.letters) == (False, [])


async def test_what_is_broken_off_while_it_still_connects_is_not_sent_after_all(tmp_path):
    server, client = certificates(tmp_path)
    listener = socket.create_server(("127.0.0.1", 0))  # takes connections, and says nothing yet
    address = mail_server(f"smtps://127.0.0.1:{listener.getsockname()[1]}")
    client.check_hostname = False
    sending = asyncio.create_task(by(None, address, tls=client).send(a_letter()))
    await asyncio.sleep(0.3)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    async with post_office(implicit=server, listener=listener) as office:
        await asyncio.wait_for(asyncio.get_running_loop().shutdown_default_executor(), 60)
    assert office.letters == []


async def test_one_wrong_mailbox_keeps_nothing_from_the_others():
    async with post_office(refused=frozenset(TO[:1])) as office:
        said = await by(office).send(a_letter())
    assert said == "taken for 1 of 2 recipients"
    assert office.letters[0].to == [TO[1]]


async def test_a_password_that_is_not_ascii_is_named_and_not_shown(tmp_path):
    server, client = certificates(tmp_path)
    async with post_office(implicit=server) as office:
        address = mail_server(f"smtps://hub:пароль@localhost:{office.port}")
        with pytest.raises(RemoteRefused, match="not ASCII") as refused:
            await by(office, address, tls=client).send(a_letter())
    assert "пароль" not in str(refused.value)
