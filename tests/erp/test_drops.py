"""Documents dropped as files: into folders, buckets, and by SFTP into another machine's folder."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import asyncssh
import httpx
import pytest

from app.domain.destination import Destination, Way
from app.domain.document import Kind
from app.erp.drop import LIMIT as DROP_LIMIT
from app.erp.drop import BucketDrop, FolderDrop
from app.erp.sftp import SftpDrop
from app.erp.shapes import Sftp, check, shape
from app.errors import DestinationAmiss, RemoteRefused, RemoteUnavailable, SettingsInvalid
from app.sandbox.s3.app import Store, create_app
from tests.erp.test_push import ID, parcel
from tests.erp.town import PATIENT, town_of


def to(way, settings, **secrets):
    kept = {kind: (said,) for kind, said in secrets.items()}
    found = Destination(
        ID, ID, "erp", way, "json", "ru", frozenset({Kind.SALE}), settings, secrets=kept
    )
    check(found)
    return found


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


async def test_a_file_is_dropped_and_twice_is_once(tmp_path):
    folder = to(Way.FOLDER, {"path": str(tmp_path)})
    for body in (b"1", b"1"):
        receipt = await FolderDrop().hand(folder, parcel(body))
    assert names(tmp_path) == ["x.json"]
    assert (receipt.outcome, receipt.said) == ("sent", "x.json")


async def test_each_day_may_have_a_folder_of_its_own(tmp_path):
    await FolderDrop().hand(to(Way.FOLDER, {"path": str(tmp_path), "daily": True}), parcel())
    assert names(tmp_path) == ["2026-03-02/x.json"]


def nowhere(tmp_path):
    return to(Way.FOLDER, {"path": str(tmp_path / "none")})


async def test_a_folder_that_is_not_there_is_a_disk_that_is_away(tmp_path):
    with pytest.raises(RemoteUnavailable):
        await FolderDrop().hand(nowhere(tmp_path), parcel())


async def test_a_folder_that_hangs_takes_threads_of_its_own_and_no_new_one_until_it_answers(
    tmp_path,
):
    folder, other = to(Way.FOLDER, {"path": str(tmp_path)}), replace(nowhere(tmp_path), id=uuid4())
    threads, answered = ThreadPoolExecutor(1), threading.Event()
    drop = FolderDrop(threads)
    threads.submit(answered.wait, 60)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await drop.hand(folder, parcel())
    with pytest.raises(RemoteUnavailable, match="still hangs"):
        await drop.hand(folder, parcel())
    assert names(tmp_path) == []
    answered.set()
    with pytest.raises(RemoteUnavailable, match="No such file"):
        await drop.hand(other, parcel())
    assert (await drop.hand(folder, parcel())).outcome == "sent"
    assert names(tmp_path) == ["x.json"]


@pytest.mark.parametrize("where", ["a-file", "file-for-day", "link-for-day"])
async def test_a_folder_that_is_none_is_no_document_s_fault(tmp_path, where):
    path, day = tmp_path / "drop", "2026-03-02"
    if where == "a-file":
        path.write_bytes(b"")
    else:
        path.mkdir()
    if where == "file-for-day":
        (path / day).write_bytes(b"")
    if where == "link-for-day":
        (path / day).symlink_to(tmp_path)
    with pytest.raises(DestinationAmiss):
        await FolderDrop().hand(to(Way.FOLDER, {"path": str(path), "daily": True}), parcel())


@pytest.mark.parametrize(
    ("url", "secret"),
    [("s3+http://KEY@s3.test/bucket", "changed"), ("s3+http://WHO@s3.test/bucket", "a-secret"),
     ("s3+http://KEY@s3.test/gone", "a-secret")],
)  # fmt: skip
async def test_a_bucket_that_refuses_us_is_no_document_s_fault(url, secret):
    store = Store({"KEY": "a-secret"}, {"bucket": {}}, lambda: datetime.now(UTC))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(create_app(store))) as http:
        with pytest.raises(DestinationAmiss) as caught:
            await BucketDrop(http).hand(to(Way.S3, {"url": url}, secret=secret), parcel())
    assert secret not in str(caught.value)


async def test_a_document_too_large_for_a_folder_is_refused_alone(tmp_path):
    with pytest.raises(RemoteRefused):
        await FolderDrop().hand(
            to(Way.FOLDER, {"path": str(tmp_path)}), parcel(bytes(DROP_LIMIT + 1))
        )
    assert names(tmp_path) == []


_DIES = """
import asyncio, sys
from app.erp.drop import FolderDrop
from tests.erp.test_drops import to, Way
from tests.erp.test_push import parcel
async def main():
    folder = to(Way.FOLDER, {"path": sys.argv[1]})
    print("begun", flush=True)
    while True:
        await FolderDrop().hand(folder, parcel(b"x" * 4_000_000))
asyncio.run(main())
"""


async def test_a_process_killed_while_it_writes_leaves_a_whole_file_or_none(tmp_path):
    for _ in range(3):
        died = subprocess.Popen(  # noqa: ASYNC220 - it is to be killed
            [sys.executable, "-c", _DIES, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        assert died.stdout is not None
        died.stdout.readline()
        await asyncio.sleep(0.02)
        os.kill(died.pid, signal.SIGKILL)
        died.wait()
        died.stdout.close()
        whole = [path for path in tmp_path.iterdir() if not path.name.startswith(".")]
        assert all(path.read_bytes() == b"x" * 4_000_000 for path in whole)
    await FolderDrop().hand(to(Way.FOLDER, {"path": str(tmp_path)}), parcel(b"x" * 4_000_000))
    assert (tmp_path / "x.json").read_bytes() == b"x" * 4_000_000


async def test_a_document_is_put_into_a_bucket():
    store = Store({"KEY": "a-secret"}, {"bucket": {}}, lambda: datetime.now(UTC))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(create_app(store))) as http:
        place = to(Way.S3, {"url": "s3+http://KEY@s3.test/bucket/in", "daily": True},
                   secret="a-secret")  # fmt: skip
        await BucketDrop(http).hand(place, parcel(b"12"))
        await BucketDrop(http).hand(place, parcel(b"12"))
    assert list(store.buckets["bucket"]) == ["in/2026-03-02/x.json"]


# SFTP, with a real server.


class Server(asyncssh.SSHServer):
    def __init__(self, keys):
        self.keys = keys

    def password_auth_supported(self):
        return True

    def validate_password(self, username, password):
        return (username, password) == ("hub", "right")

    def begin_auth(self, username):
        return True

    def public_key_auth_supported(self):
        return True

    def validate_public_key(self, username, key):
        return username == "hub" and key in self.keys


HOST_KEY = asyncssh.generate_private_key("ssh-ed25519")
OWN_KEY = asyncssh.generate_private_key("ssh-ed25519")


@asynccontextmanager
async def sftp_server(root, factory=asyncssh.SFTPServer, host_key=HOST_KEY):
    server = await asyncssh.listen(
        "127.0.0.1", 0, server_host_keys=[host_key],
        server_factory=lambda: Server([OWN_KEY.convert_to_public()]),
        sftp_factory=lambda chan: factory(chan, chroot=str(root).encode()),
    )  # fmt: skip
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


def there(port, key=HOST_KEY, **secrets):
    line = key.export_public_key().decode().strip()
    host_key = " ".join(line.split()[:2])
    settings = {"host": "127.0.0.1", "port": port, "user": "hub", "path": "/in",
                "host_key": host_key}  # fmt: skip
    return to(Way.SFTP, settings, **(secrets or {"password": "right"}))


@pytest.fixture
async def sftp():
    way = SftpDrop(PATIENT, PATIENT)
    yield way
    await way.close()


@pytest.fixture
def root(tmp_path):
    (tmp_path / "in").mkdir()
    return tmp_path


async def test_a_file_is_put_on_another_machine_whole_and_twice_is_once(root, sftp):
    async with sftp_server(root) as port:
        for _ in range(2):
            await sftp.hand(there(port), parcel(b"12"))
        await asyncio.gather(*(sftp.hand(there(port), parcel(name=f"{n}.json")) for n in range(8)))
        assert names(root) == sorted(["in/x.json", *(f"in/{n}.json" for n in range(8))])
        assert (root / "in" / "x.json").read_bytes() == b"12"


async def test_the_timer_of_a_line_that_was_hung_up_does_not_end_the_next_one(root):
    way = SftpDrop(PATIENT, PATIENT, idle=1.0)
    async with sftp_server(root) as port:
        destination = there(port)
        await way.hand(destination, parcel())
        (first,) = way._lines.values()
        first.conn.abort()
        await first.conn.wait_closed()
        async with way._line(destination, shape(destination, Sftp)) as client:
            await asyncio.sleep(1.2)  # its time is over
            assert "x.json" in await client.listdir("/in")
        await way.close()


async def test_a_login_by_key_works_and_day_folders_are_made(root, sftp):
    key = OWN_KEY.export_private_key().decode()
    async with sftp_server(root) as port:
        place = there(port, private_key=key)
        daily = replace(place, settings={**place.settings, "daily": True})
        for _ in range(2):
            await sftp.hand(daily, parcel())
    assert names(root) == ["in/2026-03-02/x.json"]


async def test_a_server_with_another_host_key_gets_nothing_not_even_the_password(root, sftp):
    async with sftp_server(root, host_key=asyncssh.generate_private_key("ssh-ed25519")) as port:
        with pytest.raises(DestinationAmiss) as caught:
            await sftp.hand(there(port), parcel())
    assert "host key" in str(caught.value)
    assert names(root) == []


@pytest.mark.parametrize("secrets", [{"password": "wrong"}, {"private_key": "no key at all"}])
async def test_a_wrong_login_is_no_document_s_fault(root, sftp, secrets):
    async with sftp_server(root) as port:
        with pytest.raises(DestinationAmiss):
            await sftp.hand(there(port, **secrets), parcel())


async def test_a_folder_that_is_not_there_is_told(tmp_path, sftp):
    async with sftp_server(tmp_path) as port:
        with pytest.raises(DestinationAmiss) as caught:
            await sftp.hand(there(port), parcel())
    assert "folder" in str(caught.value)


class Breaks(asyncssh.SFTPServer):
    """Hangs up in the middle of the first file."""

    broken = 0

    def write(self, file_obj, offset, data):
        if Breaks.broken == 0:
            Breaks.broken = 1
            super().write(file_obj, offset, data[: len(data) // 2])
            self.channel.get_connection().abort()
            return len(data)
        return super().write(file_obj, offset, data)


async def test_a_connection_that_breaks_leaves_no_half_file_and_the_next_try_has_a_new_one(
    root, sftp
):
    async with sftp_server(root, Breaks) as port:
        with pytest.raises(RemoteUnavailable) as caught:
            await sftp.hand(there(port), parcel(b"x" * 100_000))
        assert caught.value.ambiguous
        assert [name for name in names(root) if not name.startswith("in/.part-")] == []
        await sftp.hand(there(port), parcel(b"x" * 100_000))
        assert (root / "in" / "x.json").read_bytes() == b"x" * 100_000


async def test_nobody_there_is_somebody_away(sftp):
    with pytest.raises(RemoteUnavailable):
        await sftp.hand(there(1), parcel())


def test_settings_without_a_host_key_are_refused():
    with pytest.raises(SettingsInvalid):
        to(Way.SFTP, {"host": "h", "user": "u", "path": "/in"}, password="x")


async def test_documents_of_the_hub_get_to_a_folder_under_readable_names(hub, tmp_path):
    async with town_of(hub) as town:
        await town.destination(way="folder", settings={"path": str(tmp_path)})
        id_ = await town.document()
        await town.carry()
        number = (await town.number(id_)).replace("СМ", "SM")
        assert names(tmp_path) == [f"{number}_sale_{id_.hex[-8:]}.json"]
        (delivery,) = await town.deliveries(id_)
        assert (delivery["acknowledged_at"], delivery["refused_at"]) == (None, None)
