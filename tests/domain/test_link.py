"""Links to files: whoever has one has the file until it ends, and nobody makes one up."""

from dataclasses import replace
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.kept import LONGEST, Kept, file_name, is_digest, lies
from app.domain.link import PLACE, Links, moment

OLD, NEW = b"old key" * 5, b"new key" * 5
LINKS = Links((NEW, OLD))
FILE = Kept("ab" * 32, 5, "application/pdf", "М26-000001.pdf")
UNTIL = 1_800_000_000


def signature(link):
    return parse_qs(urlsplit(link).query)["signature"][0]


SIGNED = signature(LINKS.make(FILE, UNTIL))


def test_a_link_says_where_what_and_until_when():
    link = urlsplit(LINKS.make(FILE, UNTIL))
    assert link.path.startswith(f"{PLACE}{FILE.sha256}/%D0%9C26")
    assert unquote(link.path).endswith(FILE.name)
    assert parse_qs(link.query)["until"] == [str(UNTIL)]
    assert link.path.isascii()


def test_a_link_proves_what_it_was_made_for():
    assert LINKS.proves(FILE, UNTIL, SIGNED)


@pytest.mark.parametrize(
    "changed",
    [{"sha256": "ac" * 32}, {"name": "М26-000002.pdf"}, {"name": ""}, {"media_type": "text/html"}],
)
def test_for_another_file_or_name_it_proves_nothing(changed):
    assert not LINKS.proves(replace(FILE, **changed), UNTIL, SIGNED)


@pytest.mark.parametrize("until", [UNTIL + 1, UNTIL - 1, 0, 10 * UNTIL])
def test_for_another_time_it_proves_nothing(until):
    assert not LINKS.proves(FILE, until, SIGNED)


@pytest.mark.parametrize(
    "made_up", ["", "0" * 64, SIGNED[:-1], SIGNED + "0", SIGNED.upper(), "é" * 64, "\ud800"]
)
def test_a_signature_that_is_made_up_proves_nothing(made_up):
    assert not LINKS.proves(FILE, UNTIL, made_up)


@given(st.text(max_size=30), st.text(max_size=30), st.integers(0, 10**11))
def test_no_name_and_type_pass_for_others(name, media_type, until):
    other = replace(FILE, name=name, media_type=media_type)
    mine = signature(LINKS.make(FILE, UNTIL))
    same = (name, media_type, until) == (FILE.name, FILE.media_type, UNTIL)
    assert LINKS.proves(other, until, mine) is same


def test_keys_are_changed_without_links_ending():
    before = signature(Links((OLD,)).make(FILE, UNTIL))
    assert LINKS.proves(FILE, UNTIL, before)
    assert before != SIGNED
    assert not Links((NEW,)).proves(FILE, UNTIL, before)


@pytest.mark.parametrize(
    "text", ["", "x", "-1", "+1", "1.5", "01", " 1", "1e9", "٣", "²", "9" * 13, "999999999999"]
)
def test_an_end_that_no_link_of_ours_said_is_none(text):
    assert moment(text) is None


def test_an_end_is_seconds_since_1970():
    assert moment(str(UNTIL)) == UNTIL


@given(st.text(max_size=400))
def test_any_name_becomes_one_that_every_system_can_save(text):
    name = file_name(text)
    assert name.isprintable()
    assert 0 < len(name.encode()) <= LONGEST
    assert not set(name) & set('\\/:*?"<>|%;')
    assert name == name.strip()
    assert name[0] != "."
    assert file_name(name) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("М26-000001.pdf", "М26-000001.pdf"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("a\r\nSet-Cookie: x.pdf", "a Set-Cookie_ x.pdf"),
        ("\u202efdp.exe", "fdp.exe"),
        ("", "file"),
        ("...", "file"),
        ("я" * 300 + ".pdf", "я" * 98 + ".pdf"),
    ],
)
def test_a_name_keeps_what_it_can(text, name):
    assert file_name(text) == name


def test_a_content_lies_where_its_digest_says():
    assert lies(FILE.sha256) == f"ab/ab/{FILE.sha256}"
    assert is_digest(FILE.sha256)
    assert not any(map(is_digest, ["", "ab", "AB" * 32, "ab" * 33, "../" + "ab" * 31]))
