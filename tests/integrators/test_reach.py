"""Which addresses are called: never the own network when the world is meant."""

import asyncio
import ipaddress
import socket
import ssl
import threading
import uuid
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from app.errors import SettingsInvalid, Undelivered
from app.integrators.names import Names
from app.integrators.post import Post, Poster
from app.integrators.reach import addresses, check_url, is_near
from app.supervision import tls
from tests.integrators.ears import PATIENT, SECRET
from tests.marketplaces.far import Far, far, says


def found(*said):
    """A name service that says this."""

    async def look(_host, _port):
        return [ipaddress.ip_address(each) for each in said]

    return look


def post(url):
    return Post(url, uuid.uuid4(), b'{"type":"hub.test"}', [SECRET])


@pytest.mark.parametrize(
    "url",
    ["https://shop.example.com/in?x=1", "https://shop.example.com:8443", "https://8.8.8.8/in",
     "http://10.1.2.3:8080/in", "http://localhost:1/", "http://erp.lan/", "https://[2606:4700::1]/",
     "http://[fd00::1]/in"],
)  # fmt: skip
def test_addresses_out_in_the_world_over_tls_and_near_ones_are_fine(url):
    check_url(url)


@pytest.mark.parametrize(
    "url",
    ["http://shop.example.com", "http://8.8.8.8/", "ftp://shop.example.com", "shop.example.com", "",
     "https://", "https://u@shop.example.com", "https://shop.example.com/#part",
     "https://shop.example.com:99999/", "https://shop.example.com:x/", "https://[::1",
     "https://a b/",
     "https://магазин.рф/", "https://shop.example.com/\n", "http://169.254.169.254/latest/meta-data",
     "https://169.254.0.1/", "https://0.0.0.0/", "https://224.0.0.1/", "https://[fe80::1]/",
     "http://[::ffff:169.254.169.254]/", "https://[::]/", "http://[fd00:ec2::254]/",
     "http://100.100.100.200/", "https://[64:ff9b::a00:1]/",
     "https://shop.example.com/" + "x" * 1000],
)  # fmt: skip
def test_others_are_refused_when_they_are_set(url):
    with pytest.raises(SettingsInvalid):
        check_url(url)


@given(st.text(max_size=60))
def test_whatever_is_written_there_is_taken_or_refused_and_nothing_else(text):
    for url in (text, f"https://{text}", f"http://{text}/in"):
        with suppress(SettingsInvalid):
            check_url(url)
            assert urlsplit(url).hostname


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.7", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1",
     "0.0.0.0", "::1", "fe80::1", "fd00::1", "::ffff:10.0.0.7", "::ffff:127.0.0.1", "224.0.0.1",
     "fec0::1", "::10.0.0.7", "64:ff9b::10.0.0.7", "64:ff9b::169.254.169.254", "64:ff9b:1::1",
     "2002:a00:7::1", "2002:a9fe:a9fe::1", "2001:0:808:808::f5ff:fff8"],
)  # fmt: skip
async def test_a_name_out_in_the_world_that_leads_inside_is_not_called(address):
    with pytest.raises(Undelivered, match="never called"):
        await addresses("shop.example.com", 443, found(address))
    with pytest.raises(Undelivered, match="never called"):
        await addresses("shop.example.com", 443, found("93.184.215.14", address))


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "0.0.0.0", "::ffff:169.254.169.254", "224.0.0.1", "64:ff9b::a9fe:a9fe",
     "2002:a9fe:a9fe::1", "100.100.100.200", "192.0.0.192", "168.63.129.16", "fd00:ec2::254",
     "fd20:ce::254", "::ffff:100.100.100.200"],
)  # fmt: skip
async def test_a_near_name_never_leads_to_a_machine_s_metadata_either(address):
    with pytest.raises(Undelivered, match="never called"):
        await addresses("erp.lan", 80, found(address))


async def test_a_near_name_leads_into_the_own_network_and_a_far_one_into_the_world():
    assert await addresses("erp.lan", 80, found("10.0.0.7")) == ["10.0.0.7"]
    assert await addresses("shop.example.com", 443, found("93.184.215.14")) == ["93.184.215.14"]
    assert await addresses("10.0.0.7", 80, found()) == ["10.0.0.7"]


@pytest.mark.parametrize("address", ["64:ff9b::5db8:d70e", "2002:5db8:d70e::1", "2606:4700::1"])
async def test_the_world_is_called_through_a_translator_too(address):
    """Of a machine that has IPv6 alone: RFC 6052."""
    assert await addresses("shop.example.com", 443, found(address)) == [address]


async def test_a_name_that_nobody_has_is_no_bug():
    with pytest.raises(Undelivered, match="no such host"):
        await addresses("nobody.invalid", 443, Names().resolve)
    with pytest.raises(Undelivered):
        await addresses("a" * 64 + ".example.com", 443, Names().resolve)


async def test_a_name_whose_servers_hang_keeps_nobody_from_looking_up_another():
    asked, answered = [], threading.Event()

    def ask(host, port, **_):
        asked.append(host)
        if host.startswith("deaf"):
            assert answered.wait(60)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.215.14", port))]

    names = Names(ask)
    deaf = [f"deaf{n}.example.com" for n in range(20)]
    stuck = [asyncio.create_task(names.resolve(each, 443)) for each in deaf * 5]
    impatient = stuck.pop()
    await asyncio.sleep(0)
    impatient.cancel()
    there = [ipaddress.ip_address("93.184.215.14")]
    async with asyncio.timeout(30):
        assert await names.resolve("shop.example.com", 443) == there
        assert await asyncio.to_thread(answered.is_set) is False, "nor from anything else"
        answered.set()
        assert await asyncio.gather(*stuck) == [there] * 99
    assert sorted(asked) == sorted([*deaf, "shop.example.com"]), "one question stands for all"
    names.close()


@given(st.ip_addresses())
def test_what_is_near_by_its_address_is_what_is_not_in_the_world(address):
    assert is_near(str(address)) is not address.is_global


async def test_the_very_address_that_was_looked_at_is_called_under_its_name():
    asked = []

    async def look(host, port):
        asked.append((host, port))
        return [ipaddress.ip_address("127.0.0.1")]

    async with far(says(200)) as side, httpx.AsyncClient(timeout=PATIENT) as http:
        port = side.url.rpartition(":")[2]
        await Poster(http, limit=PATIENT, look=look).post(post(f"http://erp.lan:{port}/in?a=b"))
        assert asked == [("erp.lan", int(port))], "asked once: there is no second answer"
        assert side.headers()["host"] == f"erp.lan:{port}"
        assert side.path() == "/in?a=b"
        assert Webhook(SECRET).verify(side.body(), side.headers()) == {"type": "hub.test"}


async def test_where_one_address_is_deaf_the_next_is_called():
    async with far(says(200)) as side, httpx.AsyncClient(timeout=PATIENT) as http:
        port = side.url.rpartition(":")[2]
        poster = Poster(http, limit=PATIENT, look=found("::1", "127.0.0.1"))
        assert (await poster.post(post(f"http://erp.lan:{port}/"))).status == 200


async def test_nobody_at_any_address_is_no_answer():
    async with httpx.AsyncClient(timeout=PATIENT) as http:
        poster = Poster(http, limit=PATIENT, look=found("::1", "127.0.0.1"))
        with pytest.raises(Undelivered, match="no answer"):
            await poster.post(post("http://erp.lan:1/"))


@pytest.mark.parametrize(
    ("said", "after"),
    [("7", 7), ("0", 0), ("-1", 0), ("soon", 0), ("9" * 30, 86_400), ("", 0), ("1e9", 0),
     ("Fri, 31 Dec 9999 23:59:59 GMT", 86_400), ("Mon, 01 Jan 1990 00:00:00 GMT", 0)],
)  # fmt: skip
async def test_how_long_it_asks_to_wait_is_read_as_it_is_meant(said, after):
    async with far(says(503, Retry_After=said)) as side, httpx.AsyncClient(timeout=PATIENT) as http:
        with pytest.raises(Undelivered) as caught:
            await Poster(http, limit=PATIENT).post(post(side.url))
    assert caught.value.after == after


async def test_a_date_to_wait_for_is_waited_for():
    now = datetime(2026, 3, 2, 12, tzinfo=UTC)
    said = "Mon, 02 Mar 2026 12:10:00 GMT"
    async with far(says(429, Retry_After=said)) as side, httpx.AsyncClient(timeout=PATIENT) as http:
        with pytest.raises(Undelivered) as caught:
            await Poster(http, now.timestamp, PATIENT).post(post(side.url))
    assert caught.value.after == 600


@asynccontextmanager
async def behind_tls(folder, name):
    """A far side whose certificate is for one name; what believes in its authority."""
    tls.ensure(folder, (name,), datetime.now(UTC))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "hub.pem", folder / "hub.key")
    side = Far([says(200)])
    server = await asyncio.start_server(side.accept, "127.0.0.1", 0, ssl=context)
    async with server:
        side.url = f":{server.sockets[0].getsockname()[1]}/in"
        yield side, ssl.create_default_context(cafile=str(folder / "ca.pem"))


async def test_the_certificate_must_be_for_the_name_that_was_set(tmp_path):
    async with (
        behind_tls(tmp_path, "erp.lan") as (side, trust),
        httpx.AsyncClient(verify=trust, timeout=PATIENT) as http,
    ):
        poster = Poster(http, limit=PATIENT, look=found("127.0.0.1"))
        assert (await poster.post(post(f"https://erp.lan{side.url}"))).status == 200
        with pytest.raises(Undelivered, match="no answer: ConnectError"):
            await poster.post(post(f"https://other.lan{side.url}"))
        assert len(side.requests) == 1
