"""Each mistake of YAML, and the one finding it gives: its code and its exact place."""

from __future__ import annotations

import pytest
import yaml

from diana_engine.compiler.load import read_text
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.source import SourceFile

# What is written, the code, and line and column of the finding.
MISTAKES: list[tuple[str, str, tuple[int, int]]] = [
    # Text that collides with YAML
    ("text: Go: now\nto: x", "DIA020", (1, 9)),
    ("- text: Go: now", "DIA020", (1, 11)),
    ("a: http://x: y", "DIA020", (1, 12)),
    ("text: Once upon\n  a time: the end", "DIA020", (2, 9)),
    ("besitos: type: points", "DIA020", (1, 14)),
    ("text: *it* was", "DIA021", (1, 7)),
    ("text: **bold**", "DIA021", (1, 7)),
    ("text: *word", "DIA021", (1, 7)),
    ("text: *a b", "DIA021", (1, 7)),
    ("- *a b", "DIA021", (1, 3)),
    ("text: & then", "DIA021", (1, 7)),
    ("text: &then he", "DIA021", (1, 7)),
    ("text: !Wow he", "DIA021", (1, 7)),
    ("text: !Wow! he", "DIA021", (1, 7)),
    ("text: ! wow", "DIA021", (1, 7)),
    ("text: @bob", "DIA021", (1, 7)),
    ("text: `x`", "DIA021", (1, 7)),
    ("text: %5", "DIA021", (1, 7)),
    ("text: > quoted\nto: x", "DIA021", (1, 7)),
    ("text: >quoted", "DIA021", (1, 7)),
    ("text: ||spoiler|| x", "DIA021", (1, 7)),
    ("text: - she said", "DIA021", (1, 7)),
    ("text: ? really", "DIA021", (1, 7)),
    ("text: , and", "DIA021", (1, 7)),
    ("text: ] x", "DIA021", (1, 7)),
    ("effects: [*x* y]", "DIA021", (1, 11)),
    ('text: "Hello" she said\nto: x', "DIA022", (1, 15)),
    ("- 'Hello' she said\n- b", "DIA022", (1, 11)),
    ('text: "Hello": she', "DIA022", (1, 14)),
    ('text: "Hello"\n  she said', "DIA022", (2, 3)),
    ('a: ["x" y]', "DIA022", (1, 9)),
    ("text: {besitos} coins", "DIA023", (1, 7)),
    ("text: {besitos}\n  coins", "DIA023", (1, 7)),
    ("text: {if x: A | else: B}", "DIA023", (1, 7)),
    ('text: {if x: "A" | else: B}', "DIA023", (1, 7)),
    ("text: {if a: *W*}", "DIA023", (1, 7)),
    ("text: {once: 'Tis}", "DIA023", (1, 7)),
    ("text: {{besitos}} coins", "DIA023", (1, 7)),
    ("text: [Laughs] Hello", "DIA023", (1, 7)),
    ("- [link](http://x)", "DIA023", (1, 3)),
    # Quotes and escapes
    ("text: 'Tis the season\nb: c\n", "DIA025", (1, 7)),
    ("text: 'Tis the\nb: Don't\n", "DIA025", (1, 7)),
    ("text: 'Tis\nnote: the dogs'\n", "DIA025", (1, 7)),
    ("a:\n  - text: 'Tis\n    to: the dogs'\n", "DIA025", (2, 11)),
    ('text: "no end\n---\n"', "DIA025", (1, 7)),
    ('text: "C:\\path"', "DIA029", (1, 10)),
    ('text: "\\{x}"', "DIA029", (1, 8)),
    ('text: "\\xZZ"', "DIA029", (1, 8)),
    ('text: "\\U00110000"', "DIA029", (1, 8)),
    ('text: "\\UFFFFFFFF"', "DIA029", (1, 8)),
    ('text: "\\ud83d\\ude00"', "DIA029", (1, 8)),
    ('text: "a\\ud800"', "DIA006", (1, 9)),
    ('text: "a\\a"', "DIA006", (1, 9)),
    ('text: "a\\0"', "DIA006", (1, 9)),
    ('text: "\\x41\\u202E"', "DIA006", (1, 12)),
    # Layout
    ("\ta: b", "DIA007", (1, 1)),
    ("a:\n\tb: c", "DIA007", (2, 1)),
    ("a: |\n\tfoo", "DIA007", (2, 1)),
    ("a:\n  b: c\n\td: e", "DIA007", (3, 1)),
    ("a:\n \tb: c", "DIA007", (2, 2)),
    ("a: x\n\ty", "DIA007", (2, 1)),
    ("text: Hello\n  on: x", "DIA026", (2, 3)),
    ("- text: Go\n   to: x", "DIA026", (2, 4)),
    ("a:\n    text: x\n  to: y", "DIA026", (3, 3)),
    ("a:\n  - x: 1\n  y: 2\n", "DIA026", (3, 3)),
    ("a:\n  - x: 1\n y: 2\n", "DIA026", (3, 2)),
    (" a: b\nc: d", "DIA026", (2, 1)),
    ("a: b\n- c", "DIA026", (2, 1)),
    ("- a\nb: c", "DIA026", (2, 1)),
    ("text:Hello\nto: x", "DIA027", (1, 5)),
    ("a:\n  text:Hello\n  to: x", "DIA027", (2, 7)),
    ("text: Hello\nand more\nto: x", "DIA027", (2, 1)),
    ("a: Costs 5 # 1\n  more\nb: c", "DIA027", (2, 3)),
    ("a:\n  text: |\n  Hello\n  to: x", "DIA027", (3, 3)),
    ("gate\n  text: Hello", "DIA027", (1, 1)),
    ("- a\n-b\n- c", "DIA027", (2, 1)),
    ("a: [x, y\nb: c", "DIA028", (1, 4)),
    ("a: {x: y\nb: c", "DIA028", (1, 4)),
    ("a: [x", "DIA028", (1, 4)),
    ("[", "DIA028", (1, 1)),
    ("a: {type: number initial: 0}", "DIA028", (1, 25)),
    ("a: [x,,y]", "DIA028", (1, 7)),
    ("a: [b]]", "DIA028", (1, 7)),
    ("a: [b\ntext: |\n  Hello", "DIA028", (1, 4)),
    # What YAML has and stories do without
    ("a: b\n---\nc: d", "DIA009", (2, 1)),
    ("a: b\n--- c", "DIA009", (2, 1)),
    ("a: b\n...\nc: d", "DIA009", (3, 1)),
    ("a: &x b\nc: *x", "DIA013", (1, 4)),
    ("a: &x [b]\nc: *x", "DIA013", (1, 4)),
    ("a: &x {b: *x}", "DIA013", (1, 4)),
    ("a: &x\n  b: c", "DIA013", (1, 4)),
    ("a: &x {b: c}\nd:\n  <<: *x", "DIA014", (3, 3)),
    ("a: &x {b: c}\nd:\n  <<: [*x, *x]", "DIA014", (3, 3)),
    ("<<: {b: c}", "DIA014", (1, 1)),
    ("a: !!int 5", "DIA015", (1, 4)),
    ("a: !!python/object/apply:os.system [ls]", "DIA015", (1, 4)),
    ("a: !foo {b: c}", "DIA015", (1, 4)),
    ("a: !<tag:x> b", "DIA015", (1, 4)),
    ("%TAG !e! tag:x\n---\na: !e!b [c]", "DIA015", (3, 4)),
    ("? a\n: b", "DIA016", (1, 3)),
    ("? |\n  a\n: b", "DIA016", (1, 3)),
    ("[a]: b", "DIA016", (1, 1)),
    ("{a: b}: c", "DIA016", (1, 1)),
    (": b", "DIA016", (1, 1)),
    ("- : b", "DIA016", (1, 3)),
    ("?", "DIA016", (1, 2)),
    ("a: b\nc: d\na: e", "DIA012", (3, 1)),
    ("x: {a: b, 'a': c}", "DIA012", (1, 11)),
    # Anything else
    ("%FOO x\na: b", "DIA017", (1, 1)),
    ("a: b\n%foo\n", "DIA017", (2, 1)),
    ("a: |0\n  x", "DIA017", (1, 4)),
    ("", "DIA008", (1, 1)),
    ("# nothing\n\n", "DIA008", (1, 1)),
    ("---\n", "DIA008", (1, 1)),
]


def findings(text: str) -> list[Diagnostic]:
    return read_text(SourceFile("story.yaml", text))[1]


def place(finding: Diagnostic) -> tuple[int, int]:
    begin = finding.primary.span.begin
    return begin.line, begin.column


@pytest.mark.parametrize(("text", "code", "at"), MISTAKES)
def test_a_mistake_gives_one_finding_at_its_place(
    text: str, code: str, at: tuple[int, int]
) -> None:
    assert [(one.code, place(one)) for one in findings(text)] == [(code, at)]


@pytest.mark.parametrize(("text", "code", "at"), MISTAKES)
def test_it_is_found_just_so_with_windows_line_ends_and_below_other_lines(
    text: str, code: str, at: tuple[int, int]
) -> None:
    if text.startswith(("%", "---", " ")) or code == "DIA008" or text[:1] in "[-":
        pytest.skip("means something else below other lines")
    below = f"first: [á, 😀]\n{text}".replace("\n", "\r\n")
    if code in ("DIA026", "DIA027") and at[0] == 1:
        pytest.skip("the line above takes part")
    assert [(one.code, place(one)) for one in findings(below)] == [(code, (at[0] + 1, at[1]))]


@pytest.mark.parametrize(("text", "code", "at"), MISTAKES)
def test_the_edit_mends_it(text: str, code: str, at: tuple[int, int]) -> None:
    (finding,) = findings(text)
    if finding.edit is None:
        return
    span = finding.edit.span
    mended = text[: span.start] + finding.edit.replacement + text[span.end :]
    assert findings(mended) == []


@pytest.mark.parametrize(("text", "code", "at"), MISTAKES)
def test_without_libyaml_it_is_the_same(
    text: str, code: str, at: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    if "%FOO" in text.upper():
        pytest.skip("PyYAML's own parser passes over unknown instructions")
    monkeypatch.delattr(yaml, "CSafeLoader")
    assert [(one.code, place(one)) for one in findings(text)] == [(code, at)]


@pytest.mark.parametrize(
    "text",
    [
        "a: b",
        "a: b\r\nc: d\r\n",
        "a: b\rc: d\r",
        "---\na: b\n...\n",
        "%YAML 1.1\n---\na: b\n",
        "a: 12:30\nb: no\nc: 012\nd: ~\ne: a#b\nf: x - y\ng: what? yes\n",
        "a: {b: c, d: [e, f]}\ng: []\nh: {}\n",
        "a: |\n  x: y\n  - *z*\n  'tis # no comment\nb: >-\n  c\n",
        'a: "x\n  y: z"\n',
        "a: 'one\n\n  two'\n",
        "a:\n- b\n- c\nd:\n",
        "true: a\non: b\n1: c\n1.0: d\n",
        'a: "\\u200e\\u00e9\\n\\t"\n',
        "\u200f: a\n",
        "a: b # comment\n",
    ],
)
def test_what_is_fine_in_yaml_is_fine(text: str) -> None:
    root, found = read_text(SourceFile("story.yaml", text))
    assert found == []
    assert root is not None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("text: Go: now", '`text: "Go: now"`'),
        ("- text: Go: now", '`- text: "Go: now"`'),
        ("- Go: now: then", '`- Go: "now: then"`'),
        ('text: *Hi*, "you"', """`text: '*Hi*, "you"'`"""),
        ("""text: "Hello," she said""", """`text: '"Hello," she said'`"""),
        ("""text: "Hello," she says, "you." """, """`text: '"Hello," she says, "you."'`"""),
        ("""text: "He says "hi" to me\"""", """`text: 'He says "hi" to me'`"""),
        ("text: 'I don't'", """`text: "I don't"`"""),
        ("text: {besitos} coins", '`text: "{besitos} coins"`'),
        ("text: 'Tis the season", """`text: "'Tis the season"`"""),
        ("text: > She waits", '`text: "> She waits"`'),
        ('text: @bob \\ it\'s "so"', """`text: '@bob \\ it''s "so"'`"""),
        ("text: Go: now # and here", '`text: "Go: now"`'),
        ("text: Go: now\n  and here", "`text: |`"),
        ("besitos: type: points", "If `type` is a key"),
        ("text:Hello", "`text: Hello`"),
    ],
)
def test_help_shows_the_line_as_it_should_be(text: str, shown: str) -> None:
    if text == "text:Hello":
        text += "\nto: x"
    (finding,) = findings(text)
    assert finding.help is not None
    assert shown in finding.help


@pytest.mark.parametrize(
    "text",
    [
        "text: Go: now # and",
        "text: Go: now\n  and",
        "besitos: type: points",
        "choices: - text: Go",
        "text: 'Tis",
    ],
)
def test_no_edit_is_offered_where_the_meaning_is_in_doubt(text: str) -> None:
    (finding,) = findings(text)
    assert finding.edit is None


def test_a_long_text_is_shortened_in_the_help() -> None:
    (finding,) = findings("text: Go: " + "on and on " * 50)
    assert finding.help is not None
    assert len(finding.help) < 150
    assert finding.edit is not None
    assert len(finding.edit.replacement) > 400


def test_a_repeated_key_shows_the_first_and_keeps_it() -> None:
    root, (finding,) = read_text(SourceFile("story.yaml", "a: b\nc: d\na: e"))
    assert [(one.text, one.span.begin.line) for one in finding.labels] == [("first here", 1)]
    assert [(key.value, value.value) for key, value in root.pairs] == [("a", "b"), ("c", "d")]


def test_a_merge_hides_no_repeated_key() -> None:
    assert [one.code for one in findings("<<: {a: b}\nc: d\nc: e")] == ["DIA014", "DIA012"]
    assert findings("'<<': a") == []


def test_an_anchor_shows_where_it_is_used() -> None:
    (finding,) = findings("a: &x b\nc: *x\nd: *x")
    assert [one.span.begin.line for one in finding.labels] == [2, 3]


def test_an_alias_of_a_single_value_is_read_past() -> None:
    root, _ = read_text(SourceFile("story.yaml", "a: &x b\nc: *x"))
    assert [value.value for _, value in root.pairs] == ["b", "b"]


def test_an_alias_of_a_list_leaves_nothing_to_misread() -> None:
    assert read_text(SourceFile("story.yaml", "a: &x [b]\nc: *x"))[0] is None


def test_prose_taken_for_an_anchor_or_a_type_is_read_as_prose() -> None:
    root, _ = read_text(SourceFile("story.yaml", "a: &then he\nb: !Wow he\nc: *sighs"))
    assert [value.value for _, value in root.pairs] == ["&then he", "!Wow he", "*sighs"]


def test_several_mistakes_before_a_fault_of_syntax_are_all_told() -> None:
    found = findings("a: b\nx: {c: d, c: e}\nf: !!int 5\ng: h: i\n")
    assert [(one.code, place(one)) for one in found] == [
        ("DIA012", (2, 11)),
        ("DIA015", (3, 4)),
        ("DIA020", (4, 5)),
    ]


def test_a_line_gives_one_finding_however_much_is_wrong_with_it() -> None:
    assert [one.code for one in findings("text: !a b: c: *d")] == ["DIA020"]
