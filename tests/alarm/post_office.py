"""A mail server on loopback that speaks enough SMTP, over TLS if it is given a certificate."""

from __future__ import annotations

import asyncio
import base64
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from app.supervision import tls


@dataclass
class Letter:
    """What was taken: the envelope, and the bytes after DATA."""

    sender: str
    to: list[str]
    raw: bytes

    @property
    def read(self) -> EmailMessage:
        found = message_from_bytes(self.raw, policy=policy.default)
        assert isinstance(found, EmailMessage)
        return found

    @property
    def text(self) -> str:
        return str(self.read.get_content()).replace("\r\n", "\n")


@dataclass
class PostOffice:
    """`answers`: by verb (MAIL, RCPT, DATA for its start, "." for its end), what is said instead;
    None hangs up, "" says nothing at all. `silent`: somebody waits for that."""

    port: int = 0
    letters: list[Letter] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    answers: Mapping[str, str | None] = field(default_factory=dict)
    starttls: ssl.SSLContext | None = None
    encrypted: bool = False
    refused: frozenset[str] = frozenset()
    at_work: set[asyncio.Task[None]] = field(default_factory=set)
    silent: bool = False

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.at_work.add(asyncio.create_task(self.serve(reader, writer)))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        ends = (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, ssl.SSLError)
        with suppress(*ends):
            await _Talk(self, reader, writer).run()
        writer.close()


class _HungUp(ConnectionError):
    pass


class _Talk:
    def __init__(
        self, office: PostOffice, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.office, self.reader, self.writer = office, reader, writer
        self.sender, self.to = "", []

    async def run(self) -> None:
        await self.say("220 post.test", "")
        while line := (await self.reader.readline()).decode().rstrip("\r\n"):
            verb = line.split(" ")[0].upper()
            if verb == "QUIT":
                return await self.say("221 bye", verb)
            await getattr(self, f"on_{verb.lower()}")(line)
        return None

    async def say(self, usual: str, verb: str) -> bool:
        """Whether it was the usual answer."""
        said = self.office.answers.get(verb, usual)
        if said is None:
            raise _HungUp
        if said == "":
            self.office.silent = True
            await asyncio.Event().wait()
        self.writer.write(said.encode() + b"\r\n")
        await self.writer.drain()
        return said == usual

    async def on_ehlo(self, _line: str) -> None:
        offers = ["post.test", "AUTH PLAIN LOGIN", "8BITMIME"]
        if self.office.starttls is not None:
            offers.append("STARTTLS")
        lines = [f"250-{one}" for one in offers[:-1]] + [f"250 {offers[-1]}"]
        await self.say("\r\n".join(lines), "EHLO")

    async def on_starttls(self, _line: str) -> None:
        assert self.office.starttls is not None
        await self.say("220 go ahead", "STARTTLS")
        await self.writer.start_tls(self.office.starttls)
        self.office.encrypted = True

    async def on_auth(self, line: str) -> None:
        given = base64.b64decode(line.split(" ")[2]).decode().replace("\0", ":")
        self.office.logins.append(given.removeprefix(":"))
        await self.say("235 welcome", "AUTH")

    async def on_mail(self, line: str) -> None:
        self.sender = line.split("<")[1].split(">", maxsplit=1)[0]
        await self.say("250 ok", "MAIL")

    async def on_rcpt(self, line: str) -> None:
        to = line.split("<")[1].split(">", maxsplit=1)[0]
        if to in self.office.refused:
            await self.say("550 no such mailbox secret-hint", "RCPT")
        elif await self.say("250 ok", "RCPT"):
            self.to.append(to)

    async def on_data(self, _line: str) -> None:
        if not await self.say("354 go ahead", "DATA"):
            return
        raw = await self.reader.readuntil(b"\r\n.\r\n")
        self.office.letters.append(Letter(self.sender, self.to, raw[:-3]))
        await self.say("250 taken", ".")

    async def on_rset(self, _line: str) -> None:
        await self.say("250 ok", "RSET")


@asynccontextmanager
async def post_office(
    *,
    implicit: ssl.SSLContext | None = None,
    listener: socket.socket | None = None,
    **how: object,
) -> AsyncIterator[PostOffice]:
    """A listening mail server; `implicit`: TLS from the first byte; `listener`: where some may have
    knocked already."""
    office = PostOffice(**how)  # type: ignore[arg-type]
    listener = listener or socket.create_server(("127.0.0.1", 0))
    server = await asyncio.start_server(office.accept, sock=listener, ssl=implicit)
    office.port = server.sockets[0].getsockname()[1]
    try:
        yield office
    finally:
        server.close()
        for task in office.at_work:
            task.cancel()
        for ended in await asyncio.gather(*office.at_work, return_exceptions=True):
            if isinstance(ended, Exception):
                raise ended


def certificates(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's side for localhost, and a client's that believes its authority."""
    authority = tls.ensure(folder, ["localhost"], datetime.now(UTC))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "hub.pem", folder / "hub.key")
    return server, ssl.create_default_context(cafile=authority)
