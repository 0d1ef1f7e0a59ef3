"""Files over HTTP: by links that end, harmless, under the name they have."""

import asyncio
import uuid
from dataclasses import replace
from urllib.parse import quote

import pytest

from app.domain.kept import Kept
from app.errors import RemoteBusy, RemoteUnavailable
from app.http.files import disposition
from tests.http.papers import a_file, form_of, link_to
from tests.http.ways.monitoring import DUTY
from tests.issued import a_sale

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_link_gives_the_file_to_whoever_has_it_again_and_again(world):
    file = await a_file(world)
    link = link_to(world, file)
    for _ in range(2):
        answer = await world.api.get(link)
        assert (answer.status_code, answer.content) == (200, b"hello")
    headers = answer.headers
    assert headers["content-type"].split(";")[0] == "text/plain"
    assert headers["content-length"] == "5"
    assert headers["etag"] == f'"{file.sha256}"'
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"
    private, age = headers["cache-control"].split(", max-age=")
    assert private == "private"
    assert 0 < int(age) <= 60
    said = headers["content-disposition"]
    assert said.startswith('attachment; filename="')
    assert said.endswith(f"filename*=UTF-8''{quote(file.name)}")


async def test_a_head_says_the_same_and_brings_nothing(world):
    link = link_to(world, await a_file(world))
    told, whole = await world.api.head(link), await world.api.get(link)
    assert (told.status_code, told.content) == (200, b"")
    for name in ("content-length", "content-type", "etag", "content-disposition"):
        assert told.headers[name] == whole.headers[name]


async def test_who_has_the_file_already_is_told_so(world):
    file = await a_file(world)
    answer = await world.api.get(
        link_to(world, file), headers={"If-None-Match": f'"{file.sha256}"'}
    )
    assert (answer.status_code, answer.content) == (304, b"")


@pytest.mark.parametrize("body", [b"", b"x" * 65_536, b"y" * 200_001])
async def test_a_file_of_any_size_comes_whole(world, body):
    answer = await world.api.get(link_to(world, await a_file(world, body)))
    assert (answer.content, answer.headers["content-length"]) == (body, str(len(body)))


@pytest.mark.parametrize(
    "tamper",
    [
        lambda link, file: link.replace(quote(file.name), "other.txt"),
        lambda link, file: link.replace(quote(file.name), quote("привет.html")),
        lambda link, file: link.replace(file.sha256, "ab" * 32),
        lambda link, file: link.replace(file.sha256, file.sha256.upper()),
        lambda link, file: link.replace(file.sha256, "x"),
        lambda link, file: link.replace("until=", "until=1"),
        lambda link, file: link.replace("until=", "until=x"),
        lambda link, file: link.replace("until", "unless"),
        lambda link, file: link.replace("signature=", "signature=%ff"),
        lambda link, file: link.split("&", maxsplit=1)[0],
        lambda link, file: link.split("?", maxsplit=1)[0],
    ],
)
async def test_a_link_that_was_changed_gives_nothing(world, tamper):
    file = await a_file(world)
    answer = await world.api.get(tamper(link_to(world, file), file))
    assert (answer.status_code, answer.json()["code"]) == (403, "LINK_FORGED")
    assert b"hello" not in answer.content


async def test_a_link_to_another_file_is_not_made_of_this_one(world):
    file, other = await a_file(world), await a_file(world, b"secret")
    answer = await world.api.get(link_to(world, file).replace(file.sha256, other.sha256))
    assert answer.status_code == 403


async def test_a_link_to_what_was_never_kept_is_no_other_than_a_forged_one(world):
    link = link_to(world, Kept("ab" * 32, 1, "text/plain", "a"))
    assert (await world.api.get(link)).json()["code"] == "LINK_FORGED"


async def test_a_link_that_ended_says_so_in_the_readers_language(world):
    link = link_to(world, await a_file(world), 0)
    for language, words in (("ru", "Срок ссылки истёк"), ("en", "This link has ended")):
        answer = await world.api.get(link, headers={"Accept-Language": language})
        assert answer.status_code == 410
        assert answer.headers["content-type"] == "application/problem+json"
        assert words in answer.json()["message"]


async def test_a_store_that_is_away_is_a_passing_fault(world):
    link = link_to(world, await a_file(world))
    for error in (RemoteUnavailable("HTTP 500"), RemoteBusy("HTTP 503", after=5)):
        world.hub.files.fails.append(error)
        answer = await world.api.get(link)
        assert (answer.status_code, answer.json()["retryable"]) == (503, True)
    assert (await world.api.get(link)).status_code == 200


async def test_few_files_are_read_at_once_and_many_more_are_asked_to_wait(world):
    link = link_to(world, await a_file(world))
    answers = await asyncio.gather(*(world.api.get(link) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}


@pytest.mark.parametrize("form", ["json"])
async def test_a_document_is_had_by_a_link(world, form):
    id_ = await a_sale(world.hub)
    answer = await world.api.get(form_of(id_, form), auth=DUTY)
    assert (answer.status_code, answer.headers["vary"]) == (303, "Accept")
    file = await world.api.get(answer.headers["location"])
    assert (file.status_code, file.json()[0]["kind"]) == (200, "sale")


async def test_a_program_is_told_where_the_file_is_and_until_when(world):
    id_ = await a_sale(world.hub)
    asked = {"Accept": "application/json"}
    told = (await world.api.get(form_of(id_), auth=DUTY, headers=asked)).json()
    number = await world.value("SELECT number FROM document WHERE id = $1", id_)
    assert told["name"] == f"{number}.json"
    file = await world.api.get(told["url"])
    assert len(file.content) == told["size"]
    assert file.headers["etag"] == f'"{told["sha256"]}"'
    assert file.headers["content-type"] == told["media_type"]


@pytest.mark.parametrize(
    ("path", "field"), [("docx", "form"), ("json?language=de", "language"), ("%00", "form")]
)
async def test_a_form_or_language_that_is_none_is_refused(world, path, field):
    answer = await world.api.get(form_of(uuid.uuid4(), path), auth=DUTY)
    assert (answer.status_code, answer.json()["details"]["field"]) == (400, field)


async def test_what_a_form_cannot_say_says_why(world):
    id_ = await a_sale(world.hub)
    answer = await world.api.get(form_of(id_, "receipt"), auth=DUTY)
    assert answer.status_code == 422
    assert answer.json()["details"] == {"form": "receipt", "problem": "kind", "missing": ["sale"]}


async def test_documents_are_for_operators_only(world):
    assert (await world.api.get(form_of(uuid.uuid4()))).status_code == 401


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("a.pdf", "a.pdf"),
        ("М26-000001.pdf", "_26-000001.pdf"),
        ('a"\r\nX: y', "a___X_ y"),
        ("é.pdf", "e_.pdf"),
        ("𝓐.pdf", "A.pdf"),
    ],
)
async def test_a_name_breaks_out_of_no_header(name, plain):
    said = disposition(name)
    assert said.startswith(f"attachment; filename=\"{plain}\"; filename*=UTF-8''")
    assert said.isascii()
    assert said.isprintable()


async def test_other_hubs_links_are_forged_here(world):
    file = await a_file(world)
    stranger = replace(world.hub.links, keys=(b"another" * 5,))
    link = stranger.make(file, 4_000_000_000)
    assert (await world.api.get(link)).status_code == 403
