"""Texts for players: braces, formatting, and what is said of those that cannot be read."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diana_engine.expressions.parsing.texts import parse_text
from diana_engine.expressions.syntax import (
    AlternativesSyntax,
    FormatSyntax,
    LinkSyntax,
    NameSyntax,
    PlainSyntax,
    ShowSyntax,
    TextSyntax,
    WhenSyntax,
)
from diana_engine.source import Located, SourceFile


def read(text: str) -> tuple[str, list[tuple[str, str]]]:
    tree, found = parse_text(Located(text, SourceFile("story.yaml", text), 0, len(text)))
    return shape(tree), [
        (one.code, text[one.primary.span.start : one.primary.span.end]) for one in found
    ]


def shape(tree: TextSyntax) -> str:
    """Write a tree in a line: formatting as <b>…</b>, braces as [word: … ¦ …]."""
    parts: list[str] = []
    for part in tree:
        match part:
            case PlainSyntax(characters):
                parts.append(characters)
            case FormatSyntax(formatting, text):
                parts.append(f"<{formatting[0]}>{shape(text)}</{formatting[0]}>")
            case LinkSyntax(address, text):
                parts.append(f"<{address}>{shape(text)}</>")
            case ShowSyntax(value):
                parts.append(f"[{value.text if isinstance(value, NameSyntax) else value}]")
            case WhenSyntax(branches):
                inner = " ¦ ".join(
                    ("else" if one.otherwise else "if") + f": {shape(one.text)}" for one in branches
                )
                parts.append(f"[{inner}]")
            case AlternativesSyntax(order, options):
                parts.append(f"[{order}: {' ¦ '.join(map(shape, options))}]")
    return "".join(parts)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("Hola.", "Hola."),
        ("Tienes {besitos}.", "Tienes [besitos]."),
        ("*a* **b** ||c||", "<i>a</i> <b>b</b> <s>c</s>"),
        ("***ab***", "<b><i>ab</i></b>"),
        ("**a *b* c**", "<b>a <i>b</i> c</b>"),
        ("*a **b***", "<i>a <b>b</b></i>"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        (r"\*a\* \{b\} \| \\", r"*a* {b} | \ ".strip()),
        ("[aquí](https://example.org/a)", "<https://example.org/a>aquí</>"),
        ("[sic] (x)", "[sic] (x)"),
        ("> uno\n> *dos*\ntres", "<q>uno\n<i>dos</i></q>\ntres"),
        ("uno\n\n> dos", "uno\n\n<q>dos</q>"),
        ("3 > 2", "3 > 2"),
        ("a | b", "a | b"),
        ("{if met: a | elif met2: b | else: c}", "[if: a ¦ if: b ¦ else: c]"),
        ("{sequence: a | b | *c*}", "[sequence: a ¦ b ¦ <i>c</i>]"),
        ("{cycle: a || b}", "[cycle: a ¦  ¦ b]"),
        ("{cycle: a ||b|| | c}", "[cycle: a <s>b</s> ¦ c]"),
        ("{once: {shuffle: a | b}}", "[once: [shuffle: a ¦ b]]"),
        ("*{besitos} besos*", "<i>[besitos] besos</i>"),
        ("{if met:\n  uno\n| else:\n  dos\n}", "[if: uno ¦ else: dos]"),
    ],
)
def test_a_text_reads_as_written(text: str, tree: str) -> None:
    assert read(text) == (tree, [])


@pytest.mark.parametrize(
    ("text", "code", "seen"),
    [
        ("a {besitos", "DIA130", "{"),
        ("a {if met: b {cycle: c", "DIA130", "{"),
        ("a } b", "DIA131", "}"),
        ("{sequnce: a | b}", "DIA132", "sequnce"),
        ("{a | b}", "DIA132", "{a | b}"),
        ("{else: b}", "DIA132", "else"),
        ("a { } b", "DIA133", "{ }"),
        ("{once: " * 21 + "}" * 21, "DIA134", "{"),
        ("{if met: a | b}", "DIA135", "|"),
        ("{if met: a | else: b | else: c}", "DIA135", "|"),
        ("{if met}", "DIA135", "}"),
        ("{if met and: a}", "DIA110", ""),
        ("{besitos +}", "DIA110", ""),
        ("*a", "DIA701", "*"),
        ("a**", "DIA701", "**"),
        ("*a\n\nb*", "DIA701", "*"),
        ("[a](example.org)", "DIA702", "example.org"),
    ],
)
def test_a_broken_text_is_told_at_its_token(text: str, code: str, seen: str) -> None:
    _, found = read(text)
    assert found[0] == (code, seen)
    assert len(found) == 1 or {one for one, _ in found} == {"DIA701"}


PIECES = ["{", "}", "|", "||", "*", "**", "***", "\n", "\n\n", "> ", "\\", "[", "](https://a.b)", "if ", "else", ": ", "cycle:",
          "once: ", "a", " ", "met", '"', "ñ", "👩‍🚀"]  # fmt: skip


@settings(max_examples=500)
@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join) | st.text(max_size=80))
def test_any_text_gives_a_tree_and_findings_within_it(text: str) -> None:
    tree, found = parse_text(Located(text, SourceFile("story.yaml", text), 0, len(text)))
    shape(tree)
    for finding in found:
        assert 0 <= finding.primary.span.start <= finding.primary.span.end <= len(text)


@settings(max_examples=200)
@given(st.text(alphabet=st.characters(exclude_characters="\\{}*|[>\n"), max_size=80))
def test_prose_without_signs_stays_as_it_is(text: str) -> None:
    assert read(text) == (text.strip(), [])
