"""Nodes, and the place of each character of a value."""

from __future__ import annotations

import pytest

from diana_engine.compiler.load import read_text
from diana_engine.compiler.nodes import MappingNode, ScalarNode, SequenceNode
from diana_engine.source import Located, SourceFile


def value_of(text: str) -> tuple[SourceFile, ScalarNode]:
    """Return the value of the first key in `text`."""
    file = SourceFile("story.yaml", text)
    root, _ = read_text(file)
    assert isinstance(root, MappingNode)
    node = root.pairs[0][1]
    assert isinstance(node, ScalarNode)
    return file, node


def spelled(located: Located) -> list[str]:
    """Return what the file has for each character of a value."""
    spans = [located.span(index, index + 1) for index in range(len(located.text))]
    return [located.file.text[span.start : span.end] for span in spans]


@pytest.mark.parametrize(
    ("text", "value", "pieces"),
    [
        ("a: héllo 😀 b", "héllo 😀 b", list("héllo 😀 b")),
        ("a: one\n  two\n", "one two", [*"one", "\n", *"two"]),
        ("a: one  \n\n \n   two\n", "one\n\ntwo", [*"one", "\n", "\n", *"two"]),
        ("a: one\r\n\r\n  two\r\n", "one\ntwo", [*"one", "\r\n", *"two"]),
        ("a: 'it''s'", "it's", ["i", "t", "''", "s"]),
        ("a: ' x\n  y '", " x y ", [" ", "x", "\n", "y", " "]),
        (
            'a: "\\u00e9\\n\\x41\\U0001F600\\"\\/"',
            'é\nA😀"/',
            ["\\u00e9", "\\n", "\\x41", "\\U0001F600", '\\"', "\\/"],
        ),
        ('a: "x \\\n   y"', "x y", ["x", " ", "y"]),
        ('a: "x\\\n\n   \\  y"', "x\n  y", ["x", "\n", "\\ ", " ", "y"]),
        ("a: |\n  x\n   y\n\n  z\n", "x\n y\n\nz\n", ["x", "\n", " ", "y", "\n", "\n", "z", "\n"]),
        ("a: |-\n  x\n\n", "x", ["x"]),
        ("a: |+\n  x\n\n \nb: c", "x\n\n\n", ["x", "\n", "\n", "\n"]),
        ("a: |2\n    x\n  y\n", "  x\ny\n", [" ", " ", "x", "\n", "y", "\n"]),
        ("a: |1-\n  x", " x", [" ", "x"]),
        (
            "a: >\n  x\n  y\n\n  z\n   deep\n  w\n",
            "x y\nz\n deep\nw\n",
            [*"x", "\n", "y", "\n", "z", "\n", *" deep", "\n", "w", "\n"],
        ),
        ("a: >-\r\n  x\r\n  y\r\n", "x y", ["x", "\r\n", "y"]),
        ("a: |+\n\n\nb: c", "\n\n", ["\n", "\n"]),
        ("a: | # why\n  x", "x", ["x"]),
    ],
)
def test_each_character_knows_what_spells_it(text: str, value: str, pieces: list[str]) -> None:
    file, node = value_of(text)
    located = node.located(file)
    assert located.text == value
    assert spelled(located) == pieces


def test_the_token_is_bounded_by_its_quotes_or_its_sign() -> None:
    for text, token in [
        ("a: 'b' # c", "'b'"),
        ("a: |\n  x\n\n\nb: c", "|\n  x"),
        ("a: |+\n  x\n\n\nb: c", "|+\n  x"),
        ("a: b c  # d", "b c"),
        ("a: !!str 'b'", "'b'"),
        ("a: &n b\nc: *n", "b"),
    ]:
        file, node = value_of(text)
        assert file.text[node.start : node.end] == token
        assert node.located(file).whole == node.span(file)


def test_a_stretch_of_a_text_is_a_stretch_of_the_file() -> None:
    file, node = value_of("text: |\n  She {waits}.\n  So {do} you.\n")
    located = node.located(file)
    at = located.text.index("{do}")
    span = located.span(at, at + 4)
    assert file.text[span.start : span.end] == "{do}"
    assert (span.begin.line, span.begin.column) == (3, 6)


def test_an_empty_stretch_is_a_point_and_an_empty_text_is_its_token() -> None:
    file, node = value_of('a: "x\\n"')
    located = node.located(file)
    assert [(located.span(at, at).start, located.span(at, at).end) for at in (0, 1, 2)] == [
        (4, 4),
        (5, 5),
        (7, 7),
    ]
    file, node = value_of('a: ""')
    assert node.located(file).span(0, 0) == node.span(file)


def test_nothing_after_a_key_is_a_point_after_its_colon() -> None:
    file, node = value_of("a:\nb: c")
    assert (node.value, node.style, node.start, node.end) == ("", "plain", 2, 2)
    assert node.located(file).span(0, 0).start == 2


def test_should_the_spelling_ever_differ_findings_point_at_the_token() -> None:
    file = SourceFile("x", "a: 'it''s'")
    located = ScalarNode(3, 10, "something else", "single").located(file)
    assert located.span(2, 4) == located.whole


def test_places_are_worked_out_once_and_only_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    from diana_engine.compiler import nodes

    calls = []
    work = nodes.spelling
    monkeypatch.setattr(nodes, "spelling", lambda *given: calls.append(given) or work(*given))
    file, node = value_of("a: |\n  x\n  y\n")
    located = node.located(file)
    assert calls == []
    located.span(0, 1)
    located.span(1, 2)
    assert len(calls) == 1


def test_places_can_be_asked_for_like_those_of_a_list() -> None:
    file, node = value_of("a: >\n  xy\n  z\n")
    offsets = node.located(file).offsets()
    assert (len(offsets), offsets[-1], list(offsets), offsets[1:3]) == (
        5,
        13,
        [7, 8, 9, 12, 13],
        [8, 9],
    )
    with pytest.raises(IndexError):
        offsets[5]


def test_lists_and_mappings_end_where_their_last_value_ends() -> None:
    text = "a:\n  - b\n  - {c: [d], e}\n\nf:\n  g: h\n\n# end\n"
    file = SourceFile("x", text)
    root, _ = read_text(file)
    listed, inner = root.get("a"), root.get("f")
    assert isinstance(listed, SequenceNode)
    assert isinstance(inner, MappingNode)
    assert text[root.start : root.end] == text[: text.index("h") + 1]
    assert text[listed.start : listed.end] == "- b\n  - {c: [d], e}"
    assert text[inner.start : inner.end] == "g: h"
    assert [node.flow for node in (root, listed, listed.items[1], inner)] == [
        False,
        False,
        True,
        False,
    ]
    assert root.get("z") is None
