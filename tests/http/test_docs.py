"""The documentation page in a real browser, as wide as a phone: nothing sticks out, links lead."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Page, async_playwright

from app.http.docs_parts import ORDER, limits, parts, statuses
from app.http.openapi import document
from app.http.routes import API

DOCUMENT = document(API, "1")
#: Nothing is asked of the outside.
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update",
)  # fmt: skip
#: Whether what has this id is on the screen.
SEEN = """id => {
    const top = document.getElementById(id).getBoundingClientRect().top
    return -1 <= top && top < 844
}"""
#: Milliseconds for anything in the browser: a busy machine is no fault of the page's.
PATIENCE = 300_000


@asynccontextmanager
async def phone(html: str) -> AsyncIterator[Page]:
    """The page on a screen 390 pixels wide."""
    program = shutil.which("chromium") or "/usr/bin/chromium"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program, args=list(QUIET), timeout=PATIENCE
        )
        page = await browser.new_page(viewport={"width": 390, "height": 844})
        page.set_default_timeout(PATIENCE)
        await page.set_content(html)
        yield page
        await browser.close()


@pytest.mark.parametrize("language", ["ru", "en"])
async def test_on_a_phone_nothing_sticks_out_and_the_contents_lead_to_every_part(api, language):
    html = (await api.get("/docs", headers={"Accept-Language": language})).text
    async with phone(html) as page:
        assert await width(page) <= 390
        await page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert await width(page) <= 390
        await page.evaluate("document.querySelectorAll('details').forEach(d => d.open = false)")
        links = await page.locator("nav a").all()
        assert len(links) == len(ORDER) + 3
        for link in links:
            await page.evaluate("scrollTo(0, 0)")
            await link.click()
            target = (await link.get_attribute("href") or "")[1:]
            # It is scrolled to with the next frame.
            await page.wait_for_function(SEEN, arg=target)


async def width(page: Page) -> int:
    wide: int = await page.evaluate("document.documentElement.scrollWidth")
    return wide


async def test_a_link_to_a_type_opens_it(api):
    html = (await api.get("/docs", headers={"Accept-Language": "en"})).text
    async with phone(html) as page:
        await page.evaluate("location.hash = '#Pick'")
        await page.locator("[id='Pick']").wait_for(state="visible")


async def test_every_link_of_the_page_has_its_end(api):
    for language in ("ru", "en"):
        html = (await api.get("/docs", headers={"Accept-Language": language})).text
        ends = set(_all('id="', html))
        assert not {link for link in _all('href="#', html) if link not in ends}
        assert "docs." not in html  # every word of the page is translated


def _all(before: str, html: str) -> list[str]:
    return [rest.split('"', 1)[0] for rest in html.split(before)[1:]]


def test_every_operation_stands_in_one_part_and_no_part_is_empty():
    found = parts(DOCUMENT)
    assert all(found.values())
    assert sorted(each.path for part in found.values() for each in part) == sorted(
        url.path for url in API
    )
    assert {each.path.split("/")[1] for each in found["queue"]} == {"picker"}


def test_a_status_means_the_same_everywhere():
    said = statuses(DOCUMENT)
    for methods in DOCUMENT["paths"].values():
        for operation in methods.values():
            for status, answer in operation["responses"].items():
                assert status < "400" or answer["description"] == said[status]


@pytest.mark.parametrize(
    ("schema", "said"),
    [({}, ""), ({"minimum": 0, "maximum": 100}, "≥ 0, ≤ 100"), ({"maxLength": 50}, "≤ 50 ×"),
     ({"default": "open"}, "= open"), ({"default": 0}, "= 0"), ({"default": None}, "")],
)  # fmt: skip
def test_limits_are_told_in_signs(schema, said):
    assert limits(schema) == said
