"""The page of a code, as a terminal shows it."""

import re
from textwrap import dedent

import pytest

from diana_engine.diagnostics.model import Code
from diana_engine.diagnostics.registry import FAMILIES, Page, codes, page
from diana_engine.diagnostics.render.contents import contents
from diana_engine.diagnostics.render.page import markdown, terminal

PAGE = Page(
    Code("DIA201"),
    "unknown-fragment",
    "A fragment that is not there",
    "error",
    dedent(
        """\
        A choice, a `next` or an `otherwise` leads to **no** fragment. What is written after `to:` is an
        id of this chapter.

        - Check the spelling of the id, and also the one of the chapter that stands before the dot of it.
        - Or write the fragment.

        ## Wrong

        ```yaml
        to: inisde

        # a line after a blank one
        ```

        ## Mended

        ```yaml
        to: inside
        ```
        """
    ),
)


def test_prose_is_wrapped_and_code_stands_as_it_is() -> None:
    assert terminal(PAGE, colour=False, width=60) == dedent(
        """\
        error[DIA201]: A fragment that is not there (unknown-fragment)

        A choice, a `next` or an `otherwise` leads to no
        fragment. What is written after `to:` is an id of this
        chapter.

        - Check the spelling of the id, and also the one of the
          chapter that stands before the dot of it.
        - Or write the fragment.

        Wrong

            to: inisde

            # a line after a blank one

        Mended

            to: inside
        """
    )


def test_colour_changes_no_words() -> None:
    coloured = terminal(PAGE, colour=True, width=60)
    assert coloured != terminal(PAGE, colour=False, width=60)
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == terminal(PAGE, colour=False, width=60)


def test_as_markdown_a_page_has_a_heading_of_its_own() -> None:
    text = markdown(PAGE)
    assert text.startswith("# DIA201 unknown-fragment\n\nA fragment that is not there\n\nA choice,")
    assert text.endswith(PAGE.body)


def test_the_contents_list_every_code_under_its_family() -> None:
    text = contents(codes())
    assert re.findall(r"^  (DIA[0-9]{3}) ", text, re.MULTILINE) == list(codes())
    headings = re.findall(r"^([0-9]): (.*)$", text, re.MULTILINE)
    assert headings
    assert all(FAMILIES[int(digit)] == family for digit, family in headings)


@pytest.mark.parametrize("code", codes())
def test_every_page_can_be_shown_in_a_narrow_terminal(code: Code) -> None:
    shown = terminal(page(code), colour=False, width=40)
    assert shown.startswith(f"{page(code).severity}[{code}]: {page(code).title}")
    assert "```" not in shown
