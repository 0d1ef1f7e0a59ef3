"""Where letters go: read strictly, never printed with its secrets."""

import base64

import pytest

from app import signing
from app.alarm.address import (
    Hook,
    MailServer,
    hook_url,
    mail_server,
    mailbox,
    mailboxes,
)
from app.errors import SettingsInvalid
from app.settings import Settings

KEY = base64.b64encode(b"k" * 24).decode()
MAIL = {
    "HUB_ALARM_SMTP": "smtp://hub:s3cret@mail.test:2525",
    "HUB_ALARM_FROM": "hub@shop.test",
    "HUB_ALARM_TO": "anna@shop.test, boris@shop.test",
}


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("smtp://mail.test", MailServer("mail.test", 587, tls=False)),
        ("smtps://mail.test", MailServer("mail.test", 465, tls=True)),
        ("smtp://a:b@mail.test:25", MailServer("mail.test", 25, tls=False, user="a", password="b")),
        (
            "smtp://a%40x:p%3A%2F@[::1]:25/",
            MailServer("::1", 25, tls=False, user="a@x", password="p:/"),
        ),
    ],
)
def test_a_mail_server_is_an_url(text, server):
    assert mail_server(text) == server


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("smtp://mail.test", True),
        ("smtp://localhost", False),
        ("smtp://127.0.0.1", False),
        ("smtp://[::1]", False),
        ("smtp://a:b@localhost", True),
        ("smtp://127.0.0.1.evil.test", True),
        ("smtps://mail.test", False),
    ],
)
def test_only_to_this_machine_and_without_a_password_letters_go_in_plain_text(text, wanted):
    assert mail_server(text).wants_starttls is wanted


@pytest.mark.parametrize(
    "text",
    ["mail.test", "http://mail.test", "smtp://", "smtp://mail.test:0x", "smtp://mail.test:99999",
     "smtp://mail.test/path", "smtp://mail.test?x=1", "smtp://a\x00b@mail.test", "smtp://[::1"],
)  # fmt: skip
def test_what_is_no_mail_server_is_refused(text):
    with pytest.raises(ValueError, match="smtp://user:password@host:port"):
        mail_server(text)


@pytest.mark.parametrize(
    "text", ["", "a", "a@", "@b", "a@b\r\nBcc: c@d", "a b@c.test", "<a@b>", "a@b,", "я@b", "a@b c"]
)
def test_what_is_no_mailbox_is_refused(text):
    with pytest.raises(ValueError, match="mail address"):
        mailboxes(text)


def test_one_mailbox_is_one():
    with pytest.raises(ValueError, match="one mail address"):
        mailbox("a@b.test,c@d.test")


@pytest.mark.parametrize("text", ["", "ftp://x", "https://", "https://x/\r\n", "https://[x"])
def test_what_is_no_web_address_is_refused(text):
    with pytest.raises(ValueError, match="http"):
        hook_url(text)


@pytest.mark.parametrize("text", ["", "plain", KEY, "whsec_", "whsec_a", f"whsec_{KEY[:8]}"])
def test_a_signing_secret_is_long_and_random(text):
    with pytest.raises(ValueError, match="24 to 64"):
        signing.key(text)


def test_secrets_are_not_printed():
    server = mail_server(MAIL["HUB_ALARM_SMTP"])
    hook = Hook("https://hooks.test/T0/s3cret", b"s3cret")
    assert "s3cret" not in f"{server!r} {hook!r} {Settings.from_env(MAIL)!r}"
    assert hook.host == "hooks.test"


def test_settings_name_every_mistake_and_show_no_secret():
    wrong = {"HUB_ALARM_SMTP": "s3cret", "HUB_ALARM_FROM": "nobody", "HUB_ALARM_WEBHOOK": "s3cret"}
    with pytest.raises(SettingsInvalid) as refused:
        Settings.from_env({**wrong, "HUB_ALARM_SECRET": "s3cret"})
    said = str(refused.value).splitlines()
    assert [line.split(" ")[0] for line in said] == [*wrong, "HUB_ALARM_SECRET"]
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("missing", MAIL)
def test_mail_needs_a_server_a_sender_and_somebody_to_read_it(missing):
    with pytest.raises(SettingsInvalid, match="set together"):
        Settings.from_env({**MAIL, missing: ""})


def test_a_secret_without_an_address_is_a_slip():
    with pytest.raises(SettingsInvalid, match="HUB_ALARM_WEBHOOK is not"):
        Settings.from_env({"HUB_ALARM_SECRET": f"whsec_{KEY}"})
