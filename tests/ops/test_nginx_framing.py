"""Messages that nginx and a worker might read differently never reach a worker."""

from __future__ import annotations

import json

import pytest

from tests.ops.gateway import PATIENCE

HOST = b"Host: localhost\r\nConnection: close\r\n"
POST = b"POST /hooks/demo HTTP/1.1\r\n" + HOST
GET = b"GET /orders HTTP/1.1\r\n" + HOST
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"

REFUSED = {
    "length and chunked": (400, CHUNKED[:-2] + b"Content-Length: 5\r\n\r\n0\r\n\r\n"),
    "two lengths": (400, POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"),
    "one length twice": (400, POST + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"),
    "unknown coding": (501, POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
    "two codings": (501, POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"),
    "coding twice": (400, CHUNKED[:-2] + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "length -1": (400, POST + b"Content-Length: -1\r\n\r\n"),
    "length +5": (400, POST + b"Content-Length: +5\r\n\r\nhello"),
    "length 0x5": (400, POST + b"Content-Length: 0x5\r\n\r\nhello"),
    "length 5,5": (400, POST + b"Content-Length: 5,5\r\n\r\nhello"),
    "space before colon": (400, POST + b"Content-Length : 5\r\n\r\nhello"),
    "bad chunk size": (400, CHUNKED + b"zz\r\nhello\r\n0\r\n\r\n"),
    "folded header": (400, GET + b"X-A: 1\r\n b\r\n\r\n"),
    "bare CR": (400, GET + b"X-A: a\rX-B: b\r\n\r\n"),
    "NUL": (400, GET + b"X-A: a\0b\r\n\r\n"),
    "header of 9 kB": (431, GET + b"X-A: " + b"a" * 9000 + b"\r\n\r\n"),
    "headers of 40 kB": (431, GET + (b"X-A: " + b"a" * 4000 + b"\r\n") * 10 + b"\r\n"),
    "address of 9 kB": (414, b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n" + HOST + b"\r\n"),
    "no host": (400, b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n"),
    "two hosts": (400, GET + b"Host: localhost\r\n\r\n"),
    "host with a path": (400, b"GET / HTTP/1.1\r\nHost: local/host\r\n\r\n"),
    "absolute address": (400, b"GET http://localhost/ HTTP/1.1\r\n" + HOST + b"\r\n"),
    "asterisk": (400, b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n"),
    "TRACE": (405, b"TRACE / HTTP/1.1\r\n" + HOST + b"\r\n"),
    "unknown method": (405, b"FOO / HTTP/1.1\r\n" + HOST + b"\r\n"),
    "small method": (400, b"get / HTTP/1.1\r\n" + HOST + b"\r\n"),
    "HTTP/2 in words": (505, b"GET / HTTP/2.0\r\n" + HOST + b"\r\n"),
}  # fmt: skip

ODD_TARGETS = [
    b"//orders", b"/hooks//demo", b"/hooks/../orders", b"/a/./b", b"/a/..", b"/%2e%2e/orders",
    b"/a%2fb", b"/a%5cb", b"/a\\b", b"/a;b", b"/a%3bb", b"/a%00b", b"/a%0ab", b"/a%250a", b"/%zz",
    b"/a\xffb", b"/a#b",
]  # fmt: skip


def parse(answer: bytes) -> tuple[int, dict]:
    """Status and JSON body of the one answer in these bytes."""
    assert answer.count(b"HTTP/1.1 ") == 1, answer
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


@pytest.mark.parametrize("case", REFUSED)
def test_an_ambiguous_message_is_refused_in_json(nginx, case):
    wanted, message = REFUSED[case]
    status, problem = parse(nginx.raw(message))
    assert status == wanted
    assert problem["status"] == wanted
    assert problem["code"]


@pytest.mark.parametrize("target", ODD_TARGETS)
def test_a_target_that_could_be_read_two_ways_is_refused(nginx, target):
    status, _ = parse(nginx.raw(b"GET " + target + b" HTTP/1.1\r\n" + HOST + b"\r\n"))
    assert status == 400


def test_what_looks_odd_in_a_query_is_nobody_elses_business(client):
    answer = client.get("/orders?next=//a;b/../c%2f")
    assert answer.json()["path"] == "/orders"


def test_connect_is_refused(nginx):
    status, _ = parse(nginx.raw(b"CONNECT localhost:443 HTTP/1.1\r\n" + HOST + b"\r\n"))
    assert status in (400, 405)


def test_a_request_smuggled_behind_a_body_is_not_answered(nginx):
    inner = b"GET /orders HTTP/1.1\r\nHost: localhost\r\n\r\n"
    length = f"Content-Length: {len(inner)}\r\n\r\n".encode()
    answer = nginx.raw(POST + length + inner)
    assert answer.count(b"HTTP/1.1 200") == 1


def test_bare_line_feeds_are_rewritten_before_a_worker_sees_them(nginx):
    answer = nginx.raw(b"GET /orders HTTP/1.1\nHost: localhost\nX-A: 1\nConnection: close\n\n")
    _, seen = parse(answer)
    assert ["x-a", "1"] in seen["headers"]


def test_a_foreign_host_gets_no_answer(nginx):
    for tls in (True, False):
        assert nginx.raw(b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", tls=tls) == b""


def test_http_without_a_version_gets_no_page(nginx):
    assert b"<html" not in nginx.raw(b"GET /orders\r\n")


def test_a_client_that_speaks_plain_http_to_the_tls_port_is_told_so(nginx):
    import socket

    with socket.create_connection(("127.0.0.1", nginx.https_port), PATIENCE) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = b"".join(iter(lambda: plain.recv(65536), b""))
    assert parse(answer)[0] == 400
