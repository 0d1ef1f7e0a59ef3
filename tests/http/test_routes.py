"""Every URL names its guard, and nobody passes one without proof."""

import asyncio
import base64
from contextlib import asynccontextmanager, suppress

import pytest
from starlette.routing import Match

from app.domain.refusals import Refused
from app.http.guards import Guard
from app.http.routes import PICKER_API, ROUTES, URLS
from tests.conftest import CREDENTIALS, api_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

UUID = "01890a5d-ac96-774b-bcce-b302099a8057"
PICKER = [url for url in URLS if url.guard is Guard.PICKER]
PRIVATE = [url for url in URLS if url.guard is Guard.PRIVATE]
#: Open to anybody, on purpose: they say nothing that is secret and change nothing.
OPEN = {"/", "/docs", "/openapi.json", "/livez", "/readyz"}
DUTY = f"duty:{CREDENTIALS['operators'][0]['password']}"


def filled(path):
    return path.replace("{order_id}", UUID).replace("{line_id}", UUID).replace("{account}", "x")


def basic(text):
    return "Basic " + base64.b64encode(text.encode()).decode()


async def test_every_route_is_a_row_of_the_table_with_a_guard():
    assert len(ROUTES) == len(URLS)
    assert all(isinstance(url.guard, Guard) for url in URLS)
    assert {url.path for url in URLS if url.guard is Guard.ANYBODY} == OPEN
    assert all(url.guard in (Guard.PICKER, Guard.PIN) for url in PICKER_API)


async def test_no_url_is_said_twice():
    said = [(url.method, url.path) for url in URLS]
    assert len(set(said)) == len(said)


@pytest.mark.parametrize("url", URLS, ids=lambda url: f"{url.method} {url.path}")
async def test_a_url_leads_to_its_own_route(url):
    scope = {"type": "http", "path": filled(url.path), "method": url.method, "root_path": ""}
    (first, *_) = [r for r in ROUTES if r.matches(dict(scope))[0] is Match.FULL]
    assert first.path == url.path


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": ""}, {"Authorization": "Bearer"}, {"Authorization": "Bearer "},
     {"Authorization": "Bearer nobody"}, {"Authorization": "Basic bm9ib2R5"},
     {"Authorization": b"Bearer \xff\xfe"}, {"Authorization": "Bearer " + "x" * 8000},
     {"Authorization": b"Bearer \x00"}, {"Cookie": "session=x"}],
    ids=repr,
)  # fmt: skip
@pytest.mark.parametrize("url", PICKER, ids=lambda url: f"{url.method} {url.path}")
async def test_a_pickers_url_is_401_without_a_session(world, url, headers):
    answer = await world.api.request(url.method, filled(url.path), headers=headers, content=b"{}")
    assert (answer.status_code, answer.json()["code"]) == (401, "SESSION_EXPIRED")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("url", PRIVATE, ids=lambda url: url.path)
@pytest.mark.parametrize(
    "proof",
    ["", "Basic", "Basic x", "Basic " + "ж" * 3, basic("duty"), basic("duty:wrong"),
     basic("nobody:x"), basic("\x00:x"), basic("duty:\x00"), "Basic /////w==", "Bearer x",
     "Basic " + "A" * 8000, basic("ж:ж")],
)  # fmt: skip
async def test_a_private_url_is_401_from_outside_without_an_operators_login(world, url, proof):
    headers = {"x-forwarded-for": "93.184.216.34", "authorization": proof.encode()}
    answer = await world.api.get(url.path, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "UNAUTHORIZED")
    assert answer.headers["www-authenticate"].startswith("Basic")


@pytest.mark.parametrize("url", PRIVATE, ids=lambda url: url.path)
@pytest.mark.parametrize(
    "headers",
    [{"x-forwarded-for": "10.1.2.3"}, {"x-forwarded-for": "127.0.0.1"}, {"x-forwarded-for": "::1"},
     {"x-forwarded-for": "93.184.216.34", "authorization": basic(DUTY)}],
)  # fmt: skip
async def test_a_private_url_is_open_to_neighbours_and_operators(world, url, headers):
    assert (await world.api.get(url.path, headers=headers)).status_code == 200


@pytest.mark.parametrize(
    "address",
    ["unknown", "10.0.0.1, 93.184.216.34", "93.184.216.34", "::ffff:93.184.216.34",
     "2606:2800:220:1::1", "\u00e9"],
)  # fmt: skip
async def test_an_address_nobody_can_read_is_not_a_neighbour(world, address):
    answer = await world.api.get("/metrics", headers={"x-forwarded-for": address.encode()})
    assert answer.status_code == 401


@pytest.mark.parametrize("name", ["x-forwarded-for", "x-real-ip", "forwarded"])
async def test_nobody_but_the_gateway_says_where_a_request_comes_from(world, name):
    async with api_of(world.hub, peer="93.184.216.34") as stranger:
        answer = await stranger.get("/metrics", headers={name: "127.0.0.1"})
        assert answer.status_code == 401


async def test_a_gateway_that_nobody_named_makes_no_stranger_a_neighbour(world):
    async with api_of(world.hub, peer="10.9.9.9") as unnamed:
        assert (await unnamed.get("/metrics")).status_code == 200
        answer = await unnamed.get("/metrics", headers={"x-forwarded-for": "93.184.216.34"})
        assert answer.status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "NOT_FOUND"),
        ("GET", "/picker/v1/", 404, "NOT_FOUND"),
        ("GET", "/hooks/", 404, "NOT_FOUND"),
        ("POST", "/sbermarket/orders/hook", 404, "NOT_FOUND"),
        ("GET", "/%00", 404, "NOT_FOUND"),
        ("GET", "/%ff%fe", 404, "NOT_FOUND"),
        ("POST", "/docs", 405, "METHOD_NOT_ALLOWED"),
        ("PUT", "/picker/v1/me", 405, "METHOD_NOT_ALLOWED"),
        ("DELETE", "/livez", 405, "METHOD_NOT_ALLOWED"),
        ("TRACE", "/livez", 405, "METHOD_NOT_ALLOWED"),
    ],
)
async def test_what_is_not_there_is_a_problem_like_any_other(world, method, path, status, code):
    answer = await world.api.request(method, path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert ("allow" in answer.headers) is (status == 405)


@pytest.mark.parametrize("path", sorted(OPEN))
async def test_what_is_open_needs_no_proof(world, path):
    assert (await world.api.get(path)).status_code in (200, 307)
    assert (await world.api.head(path)).status_code in (200, 307)


async def test_guesses_at_an_operators_password_keep_no_picker_out_and_tell_no_login(world):
    from_outside = {"x-forwarded-for": "93.184.216.34"}
    async with crowded(world.hub.desk):
        for login in ("duty:wrong", "nobody:wrong"):
            headers = from_outside | {"authorization": basic(login)}
            assert (await world.api.get("/metrics", headers=headers)).status_code == 429
        pin = {"badge": "1202", "pin": "4722"}
        assert (await world.api.post("/picker/v1/sessions", json=pin)).status_code == 200


@asynccontextmanager
async def crowded(turnstile):
    """So many wait that the next one is turned away."""
    done = asyncio.Event()

    async def stay():
        with suppress(Refused):
            async with turnstile.enter():
                await done.wait()

    crowd = [asyncio.create_task(stay()) for _ in range(100)]
    await asyncio.sleep(0)
    yield
    done.set()
    await asyncio.gather(*crowd)
