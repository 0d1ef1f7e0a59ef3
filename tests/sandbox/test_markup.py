"""Telegram's HTML: what is taken, what is refused in Telegram's words, what our page shows."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sandbox.telegram.markup import CannotParse, parse, utf16_length

PAGE_TAG = re.compile(
    r"</?(?:b|i|u|s|tg-spoiler|code|pre|blockquote|span)>"
    r'|<a href="(?:https?|tg|mailto|tel):[^"<>]*" rel="noreferrer noopener" target="_blank">|</a>',
    re.IGNORECASE,
)


@pytest.mark.parametrize(
    ("source", "text", "kinds"),
    [
        ("plain", "plain", []),
        ("<b>a</b> <strong>b</strong>", "a b", ["bold", "bold"]),
        ("<i>a</i><em>b</em>", "ab", ["italic", "italic"]),
        ("<u>a</u><ins>b</ins>", "ab", ["underline"] * 2),
        ("<s>a</s><strike>b</strike><del>c</del>", "abc", ["strikethrough"] * 3),
        ("<tg-spoiler>a</tg-spoiler>", "a", ["spoiler"]),
        ('<span class="tg-spoiler">a</span>', "a", ["spoiler"]),
        ("<pre><code class='language-sql'>x</code></pre>", "x", ["pre", "code"]),
        ("<blockquote expandable>q</blockquote>", "q", ["blockquote"]),
        ('<a href="https://e.example/?a=1&amp;b=2">l</a>', "l", ["text_link"]),
        ("1 &lt; 2 &amp;&amp; &quot;x&quot; &#33; &#x1F600;", '1 < 2 && "x" ! 😀', []),
        ("a & b &nbsp; &copy;", "a & b &nbsp; &copy;", []),
        ("a > b", "a > b", []),
        ("<b></b>x", "x", []),
        ("<B>big</B>", "big", ["bold"]),
        ("<b>x</>", "x", ["bold"]),
    ],
)
def test_known_markup_is_taken(source: str, text: str, kinds: list[str]):
    parsed = parse(source, "HTML")
    assert parsed.text == text
    assert [entity["type"] for entity in parsed.entities] == kinds


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("<div>x</div>", 'Unsupported start tag "div" at byte offset 0'),
        ("ж <3", "Unclosed start tag at byte offset 3"),
        ("5 < 6 > 4", 'Unsupported start tag "" at byte offset 2'),
        ("<span>x</span>", 'Unsupported start tag "span" at byte offset 0'),
        ("<b", "Unclosed start tag at byte offset 0"),
        ("<br/>", 'Unsupported start tag "br" at byte offset 0'),
    ],
)
def test_the_rest_is_refused_in_telegrams_words(source: str, words: str):
    with pytest.raises(CannotParse, match=re.escape(words)):
        parse(source, "HTML")


def test_offsets_are_counted_in_utf16_units():
    entity = parse("😀 <b>жирный 😀</b>", "HTML").entities[0]
    assert (entity["offset"], entity["length"]) == (3, 9)
    assert utf16_length("😀ж") == 3


def test_without_a_parse_mode_markup_is_text():
    parsed = parse("<b>x</b>", None)
    assert parsed.text == "<b>x</b>"
    assert parsed.html == "&lt;b&gt;x&lt;/b&gt;"


def test_other_markup_languages_are_not_spoken():
    with pytest.raises(CannotParse, match="HTML"):
        parse("*x*", "MarkdownV2")


@pytest.mark.parametrize(
    "source",
    [
        '<a href="javascript:alert(1)">x</a>',
        '<a href="data:text/html,x">x</a>',
        "<a href='https://e.example/\" onclick=\"x'>x</a>",
        '<a href="&#106;avascript:alert(1)">x</a>',
        "<a>x</a>",
        '<b onclick="alert(1)">x</b>',
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "&#60;img src=x onerror=alert(1)&#62;",
    ],
)
def test_the_page_shows_nothing_that_could_run(source: str):
    shown = parse(source, "HTML").html
    assert "<" not in PAGE_TAG.sub("", shown)
    assert 'href="javascript' not in shown
    bare = re.sub(r'"[^"]*"', '""', shown)
    assert not re.search(r"<[^>]*(?:onclick|onerror)", bare)


PIECES = st.sampled_from(
    "<b> </b> <i> </i> <a\u00a0href=' https://x '> </a> < > & &lt; <pre> </pre> <script> \" ' ж 😀 "
    "<code> </code> javascript: <a\u00a0href='&#106;avascript:'>".replace(" ", "\n").split("\n")
).map(lambda piece: piece.replace("\u00a0", " "))


@given(st.lists(PIECES, max_size=25).map("".join))
def test_whatever_is_sent_the_page_gets_known_balanced_tags_or_nothing(source: str):
    try:
        parsed = parse(source, "HTML")
    except CannotParse:
        return
    assert "<" not in PAGE_TAG.sub("", parsed.html)
    for name in ("b", "i", "a", "pre", "code", "span"):
        starts = re.findall(rf"<{name}[ >]", parsed.html)
        assert len(starts) == parsed.html.count(f"</{name}>")
    assert all(
        entity["offset"] + entity["length"] <= utf16_length(parsed.text)
        for entity in parsed.entities
    )
