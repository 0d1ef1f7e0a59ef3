"""What nginx adds, overwrites, limits and answers itself."""

from __future__ import annotations

import json
import re
import ssl
import time
from collections.abc import Callable

import httpx
import pytest

from tests.ops.gateway import PATIENCE

KB = 1024


def headers_seen(answer: httpx.Response) -> dict[str, list[str]]:
    seen: dict[str, list[str]] = {}
    for name, value in answer.json()["headers"]:
        seen.setdefault(name, []).append(value)
    return seen


def until(statuses: set[int], ask: Callable[[], httpx.Response]) -> list[httpx.Response]:
    """Ask again and again until each of these was an answer: while the machine stands still, there
    is room again for what is counted by the second."""
    answers: list[httpx.Response] = []
    deadline = time.monotonic() + PATIENCE
    while statuses - {answer.status_code for answer in answers}:
        assert time.monotonic() < deadline, [answer.status_code for answer in answers]
        answers.append(ask())
    return answers


@pytest.mark.parametrize("path", ["/hooks/demo", "/picker/v1/orders/next"])
def test_the_request_id_is_nginxs_own_inside_and_outside(client, path):
    answer = client.post(path, headers={"X-Request-Id": "forged\tid"})
    seen = headers_seen(answer)["x-request-id"]
    assert seen == [answer.headers["X-Request-Id"]]
    assert len(seen[0]) == 32


@pytest.mark.parametrize("path", ["/hooks/demo", "/picker/v1/orders/next"])
def test_forged_forwarding_headers_are_overwritten(client, path):
    forged = {
        "X-Forwarded-For": "203.0.113.9",
        "X-Forwarded-Proto": "http",
        "Forwarded": "for=203.0.113.9",
        "X-Forwarded-Host": "evil.example",
        "X-Original-URL": "/admin",
        "X-Rewrite-URL": "/admin",
        "X-Real-IP": "203.0.113.9",
        "Proxy": "http://evil.example",
    }
    answer = client.post(path, headers=forged)
    seen = headers_seen(answer)
    assert seen["x-forwarded-for"] == ["127.0.0.1"]
    assert seen["x-forwarded-proto"] == ["https"]
    assert not seen.keys() & {name.lower() for name in list(forged)[2:]}
    assert answer.json()["client"] == "127.0.0.1"


@pytest.mark.parametrize(
    ("path", "limit"),
    [("/hooks/demo", 256 * KB), ("/sbermarket/orders/hook/", 256 * KB), ("/picker/v1/x", 64 * KB),
     ("/picker/v1/ops:batch", 256 * KB), ("/picker/v1/orders/7/result", 256 * KB),
     ("/picker/v1/orders/7/lines/7/pick", 64 * KB), ("/sbermarket/orders/api/undo", 256 * KB)],
)  # fmt: skip
def test_a_body_within_the_limit_passes_and_beyond_it_is_refused(client, path, limit):
    assert client.post(path, content=b"a" * limit).status_code == 200
    refused = client.post(path, content=b"a" * (limit + 1))
    assert refused.status_code == 413
    assert refused.json()["code"] == "body_too_large"


def test_a_chunked_body_that_grows_beyond_the_limit_is_refused(nginx):
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    head = b"POST /hooks/demo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    answer = nginx.raw(head + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 5 + b"0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413")
    assert b'"body_too_large"' in answer


def test_an_oversized_body_is_refused_before_it_is_sent(nginx):
    head = b"POST /hooks/demo HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
    answer = nginx.raw(head + b"Content-Length: 300000\r\n\r\n", enough=b"\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413")


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "gzip, gzip"])
def test_a_compressed_webhook_is_told_to_come_unpacked(client, encoding):
    answer = client.post("/hooks/demo", content=b"x", headers={"Content-Encoding": encoding})
    assert answer.status_code == 415
    assert answer.json()["code"] == "encoding_not_supported"


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
def test_a_hook_takes_post_only_and_says_so(client, method):
    for path in ("/hooks/demo", "/sbermarket/orders/hook/"):
        answer = client.request(method, path)
        assert answer.status_code == 405
        assert answer.headers["Allow"] == "POST"


@pytest.mark.parametrize("method", ["DELETE", "GET", "PATCH", "POST", "PUT"])
@pytest.mark.parametrize("path", ["/hooks/demo/order", "/hooks/demo/order/1-2/status?a=1"])
def test_a_marketplace_may_call_a_server_of_ours_below_its_account(client, method, path):
    answer = client.request(method, path, content=b"{}")
    assert answer.status_code == 200
    assert answer.json()["client"] == "127.0.0.1"


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_such_a_server_takes_no_other_method_and_says_so(client, method):
    answer = client.request(method, "/hooks/demo/order/1")
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "DELETE, GET, PATCH, POST, PUT"


def test_what_is_refused_by_such_a_server_itself_names_no_methods_it_may_not_have(client):
    answer = client.put("/hooks/demo/status/405")
    assert (answer.status_code, "Allow" in answer.headers) == (405, False)


def test_such_a_server_has_the_limits_of_the_hook(client):
    path = "/hooks/demo/order"
    assert client.put(path, content=b"a" * (256 * KB)).status_code == 200
    assert client.put(path, content=b"a" * (256 * KB + 1)).status_code == 413
    assert client.put(path, content=b"x", headers={"Content-Encoding": "gzip"}).status_code == 415


@pytest.mark.parametrize(
    "path", ["/hooks/", "/hooks/a/", "/hooks/" + "a" * 65, "/hooks/a%20b", "/hooks/a%20b/c"]
)
def test_a_hook_address_that_cannot_be_an_account_is_not_found(client, path):
    answer = client.post(path)
    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"


def test_a_workers_own_error_passes_untouched(client):
    answer = client.post("/status/503?retry=1")
    assert answer.json() == {"own": True}
    assert answer.headers.get_list("Retry-After") == ["7"]


def test_a_workers_503_without_advice_gets_some(client):
    assert client.post("/status/503").headers.get_list("Retry-After") == ["5"]


def test_problems_have_every_field_a_client_may_rely_on(client):
    answer = client.post("/hooks/demo", content=b"a" * (256 * KB + 1))
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem = answer.json()
    assert problem == {
        "type": "about:blank",
        "title": "Content Too Large",
        "status": 413,
        "code": "body_too_large",
        "retryable": False,
        "message": "The body of the request is too large.",
        "request_id": answer.headers["X-Request-Id"],
    }


@pytest.mark.parametrize(
    ("asked", "word"),
    [("ru", "большое"), ("ru-RU,en;q=0.5", "большое"), ("de, ru;q=0.7", "большое"),
     ("en-GB", "large"), ("", "large"), ("de", "large"), ("rural", "large"), ("RU", "большое"),
     ("x" * 900, "large"), ("\u00ff, ;,ru", "большое"), ("," * 900, "large")],
)  # fmt: skip
def test_nginxs_own_sentences_are_in_the_language_of_whoever_asks(client, asked, word):
    answer = client.post(
        "/hooks/demo",
        content=b"a" * (256 * KB + 1),
        headers={"Accept-Language": asked.encode("latin-1")},
    )
    assert word in answer.json()["message"]


def test_every_answer_carries_the_security_headers_and_no_version(client):
    for answer in (client.get("/"), client.get("/hooks/demo"), client.post("/status/500")):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Server"] == "nginx"


def test_plain_http_pages_are_redirected(nginx):
    with nginx.client(base_url=f"http://localhost:{nginx.http_port}") as client:
        answer = client.get("/portal/?a=1")
    assert answer.status_code == 301
    assert answer.headers["Location"] == f"{nginx.url}/portal/?a=1"


@pytest.mark.parametrize("path", ["/hooks/demo", "/picker/v1/sessions", "/telegram/x", "/portal/"])
def test_plain_http_that_carries_data_is_refused_not_redirected(nginx, path):
    with nginx.client(base_url=f"http://localhost:{nginx.http_port}") as client:
        answer = client.post(path)
    assert answer.status_code == 403
    assert "Location" not in answer.headers


def test_health_answers_and_private_pages_are_open_to_this_machine(client):
    for path in ("/livez", "/readyz", "/metrics"):
        assert client.get(path).status_code == 200


def test_a_link_to_a_file_needs_no_login_and_takes_none_along(client):
    link = f"/files/v1/{'ab' * 32}/%D0%9C26-000001.pdf?until=1&signature=x"
    told = {"Authorization": "Basic x", "Cookie": "x=y"}
    for _ in range(30):
        answer = client.get(link, headers=told)
        assert answer.status_code == 200
    assert answer.json()["path"] == link.split("?", maxsplit=1)[0]
    assert not headers_seen(answer).keys() & {"authorization", "cookie"}
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/files/", "/files/v1/x/y", f"/files/v1/{'ab' * 32}/a/b"])
def test_what_can_be_no_link_to_a_file_is_not_found(client, path):
    assert client.get(path).status_code == 404


def test_a_flood_from_one_handheld_is_limited_and_its_neighbour_is_not(nginx, client):
    mad = b"GET /picker/v1/me HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    mad += b"Authorization: Bearer mad\r\n\r\n"
    refused: list[bytes] = []
    deadline = time.monotonic() + PATIENCE
    while not refused:  # one after the other would be no flood on a machine that is busy
        assert time.monotonic() < deadline
        answers = nginx.at_once(mad, 160)
        refused = [answer for answer in answers if answer.startswith(b"HTTP/1.1 429 ")]
    head, _, body = refused[0].partition(b"\r\n\r\n")
    assert b"\r\nRetry-After: 1\r\n" in head
    assert json.loads(body)["retryable"] is True
    neighbour = {"Authorization": "Bearer calm"}
    assert client.get("/picker/v1/me", headers=neighbour).status_code == 200


def test_an_application_that_speaks_for_a_chain_is_no_mad_handheld(client):
    token = {"Client-Token": "whole-chain"}
    for path in ("/sbermarket/orders/api/getOrders", "/sbermarket/orders/api/scanCode"):
        assert {client.post(path, headers=token).status_code for _ in range(200)} == {200}


def test_too_much_is_told_as_too_much_however_large_its_body_is(client):
    path, body = "/catalogue/v1/products", b"x" * 200 * KB
    answers = until({200, 429}, lambda: client.post(path, content=body))
    assert {answer.status_code for answer in answers} == {200, 429}
    for answer in answers:
        if answer.status_code == 429:
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert answer.json()["retryable"] is True


def test_guessing_a_secret_is_limited_more_strictly_wherever_it_is_tried(client):
    statuses = [client.post("/picker/v1/sessions").status_code for _ in range(15)]
    assert statuses == [200] * 15
    until({429}, lambda: client.post("/picker/v1/sessions"))
    for path in ("/catalogue/v1/unmapped", "/catalogue/v1/products", "/metrics"):
        assert until({429}, lambda path=path: client.get(path))


SECRET = "/telegram/" + "s" * 43


def test_telegram_posts_plain_bodies_to_its_secret_only(client):
    assert client.post(SECRET, content=b"a" * 256 * KB).status_code == 200
    assert client.post(SECRET, content=b"a" * (256 * KB + 1)).status_code == 413
    assert (
        client.post(SECRET, content=b"a", headers={"Content-Encoding": "gzip"}).status_code == 415
    )
    refused = client.get(SECRET)
    assert (refused.status_code, refused.headers["Allow"]) == (405, "POST")
    for path in ("/telegram/", "/telegram/short", "/telegram/" + "s" * 65, f"{SECRET}/more"):
        assert client.post(path).status_code == 404


def test_telegram_may_push_what_has_gathered(client):
    assert {client.post(SECRET).status_code for _ in range(300)} == {200}


def test_a_marketplace_may_flush_what_has_gathered(client):
    assert {client.post("/hooks/flush").status_code for _ in range(400)} == {200}


def test_the_access_log_has_no_queries_secrets_or_bodies(nginx, client):
    odd = b"GET /\xff?token=canary HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    answer = nginx.raw(odd)
    answers = [
        client.post("/telegram/canary-secret-" + "s" * 30, content=b"canary-body"),
        client.post("/hooks/demo?token=canary-query", headers={"Client-Token": "canary-token"}),
        client.post("/hooks/demo?token=canary-query", content=b"a" * (256 * KB + 1)),
    ]
    first = re.search(rb"X-Request-Id: (\w+)", answer)
    assert first is not None
    ids = [first[1].decode(), *(each.headers["X-Request-Id"] for each in answers)]
    *_, last = logged = nginx.logged(*ids)
    text = json.dumps([logged, nginx.log_lines()])
    assert "canary" not in text
    assert "/telegram/-" in text
    assert (last["path"], last["status"], last["method"]) == ("/hooks/demo", 413, "POST")
    assert "canary" not in (nginx.data / "log" / "gateway.log").read_text()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_modern_tls_is_spoken(nginx, version):
    context = nginx.context
    context.minimum_version = context.maximum_version = version
    with nginx.client(verify=context) as client:
        assert client.get("/livez").status_code == 200


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1:DeprecationWarning")
def test_old_tls_is_refused(nginx):
    context = nginx.context
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with nginx.client(verify=context) as client, pytest.raises(httpx.ConnectError):
        client.get("/livez")
