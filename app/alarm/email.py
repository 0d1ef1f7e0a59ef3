"""Letters by e-mail. The server is known by its certificate, or is on this machine."""

from __future__ import annotations

import asyncio
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final
from uuid import UUID

from app.alarm.address import Mailing
from app.errors import RemoteRefused, RemoteUnavailable
from app.ports import ALARM_LIMIT, Alarm

#: Seconds for one step of the conversation.
_STEP: Final = 10.0
#: Octets a subject may have; a longer one is cut by the screens it is read on anyway.
_SUBJECT: Final = 180
#: Earlier letters named in one.
_ANSWERS: Final = 20


class Email:
    """Sends from one mailbox to some."""

    name = "email"

    def __init__(
        self, mailing: Mailing, tls: ssl.SSLContext | None = None, limit: float = ALARM_LIMIT
    ) -> None:
        """`tls`: whose certificates are believed, by default those the machine believes."""
        self._mailing = mailing
        self._tls = tls or ssl.create_default_context()
        self._limit = limit

    async def send(self, alarm: Alarm) -> str:
        """Send to all recipients in one conversation; how many of them the server took it for."""
        talk = _Talk(self._mailing, self._tls)
        message = _message(alarm, self._mailing)
        to = self._mailing.to
        try:
            async with asyncio.timeout(self._limit):
                refused = await asyncio.to_thread(talk.deliver, message, self._mailing.sender, to)
        except (TimeoutError, asyncio.CancelledError) as end:
            talk.cut()  # the thread's next step ends with an error, and so does the thread
            if isinstance(end, asyncio.CancelledError):
                raise
            raise RemoteUnavailable("no end within the time", ambiguous=talk.handed) from None
        return f"taken for {len(to) - refused} of {len(to)} recipients"


class _Talk:
    """One conversation with a server, in a thread of its own. `handed`: it may have the letter;
    `over`: nobody waits for its end any more, and nothing may be handed after that."""

    def __init__(self, mailing: Mailing, tls: ssl.SSLContext) -> None:
        self._server = mailing.server
        self._domain = mailing.sender.rpartition("@")[2]
        self._tls = tls
        self._smtp: smtplib.SMTP | None = None
        self.handed = False
        self.over = False

    def deliver(self, message: bytes, sender: str, to: tuple[str, ...]) -> int:
        """Say it all; how many recipients were refused while others were not."""
        with _as_ours(self), self._connected() as smtp:
            _must(smtp.mail(sender))
            answers = [smtp.rcpt(one) for one in to]
            refused = [answer for answer in answers if answer[0] not in (250, 251)]
            if len(refused) == len(to):
                _must(refused[0])
            if self.over:  # it was ended while it had no socket that could be shut
                raise smtplib.SMTPServerDisconnected
            self.handed = True
            answer = smtp.data(message)
            self.handed = 200 <= answer[0] < 300  # what it has taken it has, however this ends
            _must(answer)
            with suppress(smtplib.SMTPException, OSError):
                smtp.quit()
            return len(refused)

    def cut(self) -> None:
        """End the conversation from outside."""
        self.over = True
        sock = self._smtp.sock if self._smtp is not None else None
        if sock is not None:
            with suppress(OSError):
                # Not TLS's own: that forgets the encryption first, and what the thread says in
                # between would go out in plain text.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def _client(self) -> smtplib.SMTP:
        if self._server.tls:
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                local_hostname=self._domain, timeout=_STEP, context=self._tls
            )
        else:
            smtp = smtplib.SMTP(local_hostname=self._domain, timeout=_STEP)
        # The name that TLS checks. The constructor takes it too, but then connects at once, and
        # nobody could end that.
        smtp._host = self._server.host  # type: ignore[attr-defined]  # noqa: SLF001
        return smtp

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        server, smtp = self._server, self._client()
        self._smtp = smtp
        try:
            _must(smtp.connect(server.host, server.port))
            smtp.ehlo_or_helo_if_needed()
            if server.wants_starttls:
                smtp.starttls(context=self._tls)  # an error when it is not offered
                smtp.ehlo()
            if server.user:
                smtp.login(server.user, server.password)
            yield smtp
        finally:
            smtp.close()


@contextmanager
def _as_ours(talk: _Talk) -> Iterator[None]:
    """Errors without what the server said of users and passwords."""
    try:
        yield
    except smtplib.SMTPResponseException as error:
        kind = type(error).__name__
        if 400 <= error.smtp_code < 500:
            raise RemoteUnavailable(f"{kind}: {error.smtp_code}") from None
        raise RemoteRefused(f"{kind}: {error.smtp_code}") from None
    except smtplib.SMTPNotSupportedError:
        raise RemoteRefused("the server offers no TLS, or no sign-in") from None
    except UnicodeError:
        raise RemoteRefused("a user or password that is not ASCII") from None
    except ssl.SSLCertVerificationError as error:
        raise RemoteRefused(f"its certificate is not valid: {error.verify_message}") from None
    except (smtplib.SMTPException, OSError) as error:
        said = f"no answer: {type(error).__name__}"
        raise RemoteUnavailable(said, ambiguous=talk.handed) from None


def _must(answer: tuple[int, bytes]) -> None:
    if not 200 <= answer[0] < 300:
        raise smtplib.SMTPResponseException(answer[0], "")


def _message(alarm: Alarm, mailing: Mailing) -> bytes:
    """The same letter makes the same bytes, so that mail programs know a repeat."""
    message = EmailMessage(policy=SMTP)
    message["From"] = mailing.sender
    message["To"] = ", ".join(mailing.to)
    message["Date"] = alarm.at
    message["Subject"] = _one_line(alarm.subject)
    message["Message-ID"] = _message_id(alarm.id, mailing)
    if alarm.answers:
        earlier = [_message_id(one, mailing) for one in alarm.answers[-_ANSWERS:]]
        message["In-Reply-To"] = earlier[-1]
        message["References"] = " ".join(earlier)
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    if alarm.firing:
        message["Importance"] = "high"
    message.set_content(_clean(alarm.text), cte="base64")
    return message.as_bytes()


def _message_id(id_: UUID, mailing: Mailing) -> str:
    return f"<alarm-{id_.hex}@{mailing.sender.rpartition('@')[2]}>"


def _one_line(text: str) -> str:
    """A header ends with its line: nothing in a name may begin another."""
    line = " ".join(_clean(text).split())
    return line.encode()[:_SUBJECT].decode(errors="ignore")


def _clean(text: str) -> str:
    """No control characters, and nothing that is no character."""
    kept = "".join(each if each.isprintable() or each == "\n" else " " for each in text)
    return kept.encode(errors="replace").decode()
