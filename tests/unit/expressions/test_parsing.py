"""Requirements and effects: what can be written, and what is said of what cannot."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diana_engine.diagnostics.model import Diagnostic
from diana_engine.expressions.parsing.effects import parse_effect
from diana_engine.expressions.parsing.requirements import parse_expression
from diana_engine.expressions.syntax import (
    AndSyntax,
    ArithmeticSyntax,
    BetweenSyntax,
    CallSyntax,
    ChangeSyntax,
    CompareSyntax,
    IsSyntax,
    MoveSyntax,
    NameSyntax,
    NotSyntax,
    NumberSyntax,
    OrSyntax,
    PrefixSyntax,
    QuotedSyntax,
    RangeSyntax,
)
from diana_engine.source import Located, SourceFile


def located(text: str) -> Located:
    return Located(text, SourceFile("story.yaml", text), 0, len(text))


def shape(tree: object) -> str:
    """Write a tree with brackets, so that a test can state it in a line."""
    match tree:
        case NameSyntax(text):
            return text
        case NumberSyntax(value):
            return str(value)
        case QuotedSyntax(value):
            return repr(value)
        case NotSyntax(operand):
            return f"not({shape(operand)})"
        case AndSyntax(operands):
            return f"and({', '.join(map(shape, operands))})"
        case OrSyntax(operands):
            return f"or({', '.join(map(shape, operands))})"
        case CompareSyntax(operator, left, right) | ArithmeticSyntax(operator, left, right):
            return f"({shape(left)} {operator} {shape(right)})"
        case BetweenSyntax(value, low, high):
            return f"between({shape(value)}, {shape(low)}, {shape(high)})"
        case IsSyntax(left, right, negated):
            return f"({shape(left)} is{' not' if negated else ''} {shape(right)})"
        case PrefixSyntax(word, name) | MoveSyntax(word, name):
            return f"{word}({shape(name)})"
        case CallSyntax(function, argument):
            return f"{shape(function)}[{shape(argument)}]"
        case RangeSyntax(low, high):
            return f"{shape(low)}..{shape(high)}"
        case ChangeSyntax(target, operator, value):
            return f"({shape(target)} {operator} {shape(value)})"
        case _:
            return repr(tree)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("met", "met"),
        ("not met", "not(met)"),
        ("a or b and not c", "or(a, and(b, not(c)))"),
        ("(a or b) and c", "and(or(a, b), c)"),
        ("trust >= 5", "(trust >= 5)"),
        ("not trust >= 5", "not((trust >= 5))"),
        ("a + b * 2 - 1 < -3", "(((a + (b * 2)) - 1) < -3)"),
        ("trust between -2 and 2 and met", "and(between(trust, -2, 2), met)"),
        ("mood is curious", "(mood is curious)"),
        ("mood is not hurt", "(mood is not hurt)"),
        ('name is "Ana: \\"la\\" 1"', "(name is 'Ana: \"la\" 1')"),
        ("has silver_key", "has(silver_key)"),
        ("visited garden.gate or chose garden.gate.open", "or(visited(garden.gate), chose(garden.gate.open))"),
        ("visits(garden.gate) > 1", "(visits[garden.gate] > 1)"),
        ("chance(30)", "chance[30]"),
    ],
)  # fmt: skip
def test_a_requirement_reads_as_written(text: str, tree: str) -> None:
    syntax, found = parse_expression(located(text))
    assert found == []
    assert shape(syntax) == tree


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("trust += 1", "(trust += 1)"),
        ("besitos -= visits(gate) * 2", "(besitos -= (visits[gate] * 2))"),
        ("besitos += roll(1 to 6)", "(besitos += roll[1..6])"),
        ("mood = hurt", "(mood = hurt)"),
        ('name = "Ana"', "(name = 'Ana')"),
        ("give silver_key", "give(silver_key)"),
        ("take silver_key", "take(silver_key)"),
        ("set met", "set(met)"),
        ("clear met", "clear(met)"),
    ],
)
def test_an_effect_reads_as_written(text: str, tree: str) -> None:
    syntax, found = parse_effect(located(text))
    assert found == []
    assert shape(syntax) == tree


@pytest.mark.parametrize(
    ("text", "code", "seen"),
    [
        ("trust = 3", "DIA110", "="),
        ("trust += 3", "DIA110", "+="),
        ("1 < x < 5", "DIA110", "<"),
        ("a b", "DIA110", "b"),
        ("a and", "DIA110", ""),
        ("a)", "DIA110", ")"),
        ("trust / 2 > 1", "DIA110", "/"),
        ("trust between 1", "DIA110", ""),
        ("(a or b", "DIA112", "("),
        ('name is "Ana', "DIA112", '"Ana'),
        ("a § b", "DIA113", "§"),
        ("trust > 1.5", "DIA114", "1.5"),
        ("trust > 12345678901234567890", "DIA114", "12345678901234567890"),
        ("", "DIA116", ""),
        ("mission find_map", "DIA110", ""),
        ("mission find_map won", "DIA110", "won"),
        ("achieved", "DIA110", ""),
    ],
)
def test_a_broken_requirement_is_one_finding_at_its_token(text: str, code: str, seen: str) -> None:
    syntax, found = parse_expression(located(text))
    assert syntax is None or code == "DIA114"
    assert [(one.code, at(one, text)) for one in found] == [(code, seen)]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("a && b", "and"),
        ("a || b", "or"),
        ("!a", "not"),
        ("x ≥ 3", ">="),
        ("x <> 3", "!="),
        ("x => 3", ">="),
    ],
)
def test_a_sign_of_another_language_is_read_as_the_word_it_means(text: str, meant: str) -> None:
    syntax, found = parse_expression(located(text))
    assert syntax is not None
    assert [one.code for one in found] == ["DIA111"]
    assert found[0].edit is not None
    assert found[0].edit.replacement == meant


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("trust >= 3", "DIA117"),
        ("mood is hurt", "DIA117"),
        ("trust", "DIA110"),
        ("give", "DIA110"),
        ("trust += ", "DIA110"),
        ("grant vip", "DIA110"),
        ("grant besitos 7d", "DIA110"),
        ("start", "DIA110"),
        ("emit", "DIA110"),
    ],
)
def test_a_broken_effect_is_one_finding(text: str, code: str) -> None:
    syntax, found = parse_effect(located(text))
    assert syntax is None
    assert [one.code for one in found] == [code]


@pytest.mark.parametrize(
    "text",
    ["(" * 9000, "not " * 9000 + "a", "-" * 9000 + "1", "1" + "+1" * 9000, "a" + " or a" * 9000],
)
def test_what_is_too_deep_or_too_long_is_said_and_not_followed(text: str) -> None:
    syntax, found = parse_expression(located(text))
    assert syntax is None
    assert [one.code for one in found] == ["DIA115"]


def at(finding: Diagnostic, text: str) -> str:
    return text[finding.primary.span.start : finding.primary.span.end]


WORDS = ["a", "b.c", "and", "or", "not", "has", "is", "between", "to", "visits", "chance", "roll", "(", ")", "1", "-", "+",
         "*", ">=", "=", "+=", '"', "'", "&&", "vip", "mission", "give", "set", " ", "{", "ñ", "\n", "9" * 40]  # fmt: skip


@settings(max_examples=400)
@given(st.lists(st.sampled_from(WORDS), max_size=30).map(" ".join) | st.text(max_size=60))
def test_any_text_gives_a_tree_or_a_finding_within_it(text: str) -> None:
    for parse in (parse_expression, parse_effect):
        syntax, found = parse(located(text))
        assert syntax is not None or found
        for finding in found:
            assert 0 <= finding.primary.span.start <= finding.primary.span.end <= len(text)
