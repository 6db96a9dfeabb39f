"""Rich text as Telegram HTML, judged by teremok, which nobody here wrote, and by Python's own parser."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from teremok.validation import validate_html

from diana_engine.adapters.telegram.api.limits import units
from diana_engine.adapters.telegram.showing.markup import clean, flatten, pages, write
from diana_engine.expressions.text import (
    Formatting,
    Plain,
    Rich,
    RichFormat,
    RichInline,
    RichLink,
    plain,
)

UNHURRIED = settings(deadline=None)  # a busy machine is no mistake
CHARACTERS = st.text(st.sampled_from("ab ñ<>&\"'\n;#👍\u202e\0\r\t/=amp"), max_size=12)
ADDRESSES = st.sampled_from(
    ['https://a.example/?q=1&r="2"\'<>', "tg://user?id=1", "mailto:a@b.example", "ftp://no"]
)
FORMATTINGS: list[Formatting] = ["italic", "bold", "spoiler", "quote"]


def _around(inner: st.SearchStrategy[RichInline]) -> st.SearchStrategy[RichInline]:
    many = st.lists(inner, max_size=4).map(tuple)
    return st.one_of(
        st.builds(RichFormat, st.sampled_from(FORMATTINGS), many),
        st.builds(RichLink, ADDRESSES, many),
    )


INLINES: st.SearchStrategy[RichInline] = st.recursive(st.builds(Plain, CHARACTERS), _around)
TREES: st.SearchStrategy[Rich] = st.lists(INLINES, max_size=6).map(tuple)


class Reader(HTMLParser):
    """Reads HTML back, and forbids what Telegram does: a tag inside its like."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.inside: list[str] = []
        self.links: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in self.inside
        self.inside.append(tag)
        self.links += [value for name, value in attrs if name == "href"]

    def handle_endtag(self, tag: str) -> None:
        assert self.inside.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.inside == []
    return reader


def cleaned(tree: Rich) -> Rich:
    """The tree with every piece of text cleaned, and without formatting."""
    return tuple(
        Plain(clean(part.characters) if isinstance(part, Plain) else plain(cleaned(part.text)))
        for part in tree
    )


def bare(text: str) -> str:
    """The text without white space, which cutting and quotes may change."""
    return "".join(text.split())


@UNHURRIED
@given(TREES)
@example((Plain("&amp;<b>"), RichLink("tg://x", (RichLink("tg://y", (Plain("z"),)),))))
def test_html_is_valid_and_reads_back_as_the_text(tree: Rich) -> None:
    html = write(flatten(tree))
    validate_html(html)
    shown = read(html).text
    expected = plain(cleaned(tree))
    assert bare(shown) == bare(expected)
    if "quote" not in repr(tree):
        assert shown == expected


@UNHURRIED
@given(TREES, st.integers(4, 40))
def test_pages_are_valid_html_within_the_limit_and_hold_all_of_the_text(
    tree: Rich, limit: int
) -> None:
    found = pages(tree, limit)
    for page in found:
        validate_html(page.html)
        assert read(page.html).text == page.plain
        assert 0 < units(page.plain) <= limit
    whole = bare("".join(page.plain for page in found))
    assert whole == (bare(plain(cleaned(tree))) or "…")


@UNHURRIED
@given(TREES)
def test_no_control_survives_but_the_line_end(tree: Rich) -> None:
    html = write(flatten(tree))
    assert not set(html) & set("\u202e\0\r\t")


def test_each_formatting_has_its_tag_and_they_nest() -> None:
    tree: Rich = (
        RichFormat("bold", (Plain("b"), RichFormat("italic", (Plain("bi"),)))),
        RichFormat("spoiler", (RichLink("https://x.example/?a=1&b=2", (Plain("link"),)),)),
    )
    assert write(flatten(tree)) == (
        "<b>b<i>bi</i></b><tg-spoiler>"
        '<a href="https://x.example/?a=1&amp;b=2">link</a></tg-spoiler>'
    )


def test_a_quote_stands_on_lines_of_its_own_without_empty_ones() -> None:
    quote = RichFormat("quote", (Plain("\nq1\nq2\n"),))
    block = "<blockquote>q1\nq2</blockquote>"
    assert write(flatten((Plain("a"), quote, Plain("b")))) == f"a\n{block}\nb"
    assert write(flatten((Plain("a\n\n"), quote, Plain("\n\nb")))) == f"a\n\n{block}\n\nb"
    assert write(flatten((quote, quote))) == f"{block}\n{block}"
    assert write(flatten((RichFormat("quote", (quote,)),))) == block


def test_a_quote_inside_bold_text_stays_a_block() -> None:
    tree: Rich = (RichFormat("bold", (Plain("a"), RichFormat("quote", (Plain("q"),)))),)
    assert write(flatten(tree)) == "<b>a</b>\n<blockquote><b>q</b></blockquote>"


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "file:///etc", "x", "", "java\nscript:"]
)
def test_an_address_that_is_none_leaves_only_its_text(address: str) -> None:
    assert write(flatten((RichLink(address, (Plain("here"),)),))) == "here"


def test_formatting_is_closed_and_opened_again_at_a_cut() -> None:
    found = pages((RichFormat("bold", (Plain("One two. Three four."),)),), 12)
    assert [page.html for page in found] == ["<b>One two.</b>", "<b>Three four.</b>"]


def test_a_text_as_long_as_a_message_may_be_is_one_message_however_much_it_is_escaped() -> None:
    assert len(pages((Plain("&" * 4096),))) == 1
    assert len(pages((Plain("&" * 4097),))) == 2
    assert len(pages((Plain("👍" * 2049),))) == 2


@pytest.mark.parametrize("nothing", ["", " \n", "\u202e", "\u200b \u2060"])
def test_what_would_look_empty_is_an_ellipsis(nothing: str) -> None:
    assert [page.html for page in pages((Plain(nothing),))] == ["…"]


def test_every_kind_of_line_end_is_one() -> None:
    assert clean("a\r\nb\rc\u2028d\x85e") == "a\nb\nc\nd\ne"


def test_what_emoji_are_made_of_stays() -> None:
    assert clean("👩\u200d🚀 ❤\ufe0f") == "👩\u200d🚀 ❤\ufe0f"
