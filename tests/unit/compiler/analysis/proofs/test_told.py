"""What a writer is told of all plays: at which words, and what is left to other findings."""

from __future__ import annotations

from pathlib import Path

import pytest

from diana_engine.compiler.pipeline import compile_story
from diana_engine.compiler.syntax.story import ParsedIgnore
from diana_engine.compiler.wishes.wished import as_wished
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.source import Located, SourceFile

HEAD = """\
story: a
title: A
language: en
start: s
variables:
  met: {type: flag}
  trust: {type: number, min: 0, max: 5}
  coins: {type: points, initial: 2, max: 9}
items:
  key: {name: Key}
  rope: {name: Rope}
fragments:
"""
END = "  end: {text: E, ending: e}\n"


def found(folder: Path, fragments: str, head: str = HEAD) -> list[Diagnostic]:
    (folder / "story.yaml").write_text(head + fragments + END, encoding="utf-8")
    result = compile_story(folder)
    assert result.program is not None, [one.message for one in result.diagnostics]
    return list(result.diagnostics)


def words(one: Diagnostic) -> str:
    span = one.primary.span
    return span.file.text[span.start : span.end]


def told(folder: Path, fragments: str, head: str = HEAD) -> list[tuple[str, str]]:
    """Return what is told of plays, and of the graph, each with the words at which it stands."""
    return [
        (one.code, words(one)) for one in found(folder, fragments, head) if one.family in (4, 5)
    ]


def marked(one: Diagnostic) -> set[str]:
    return {label.span.file.text[label.span.start : label.span.end] for label in one.labels}


def choices(*lines: str) -> str:
    return "".join(f"      - {{{line}}}\n" for line in lines)


WASTE = (
    "  s:\n    text: S\n    on_enter: [give key, give rope]\n    choices:\n"
    + choices("text: Go, to: t")
    + "  t:\n    text: T\n    choices:\n"
)


@pytest.mark.parametrize(
    ("way_out", "shut"),
    [
        ("requires: has key, to: end", "has key"),
        ("requires: has key and has rope, to: end", "has key"),
        ("requires: [has rope, has key], to: end", "has key"),
        ("effects: [take key], to: end", "take key"),
        ("requires: has key or trust >= 4, to: end", "has key or trust >= 4"),
    ],
)
def test_what_stays_shut_is_shown_at_the_part_that_shuts_it(
    way_out: str, shut: str, tmp_path: Path
) -> None:
    lose = "text: Lose it, effects: [take key, 'trust += 1', 'trust -= 1'], to: t"
    (one,) = [
        one
        for one in found(tmp_path, WASTE + choices(lose, f"text: Out, {way_out}"))
        if one.code == "DIA501"
    ]
    assert words(one) == "Lose it"
    assert shut in marked(one)


def test_a_price_that_cannot_be_paid_any_more_is_shown(tmp_path: Path) -> None:
    spend = choices("text: Spend it, cost: 1 coins, to: t", "text: Out, cost: 2 coins, to: end")
    lost = [one for one in found(tmp_path, WASTE + spend) if one.code == "DIA501"]
    assert [words(one) for one in lost] == ["Spend it"]
    assert {"2 coins", "t"} <= marked(lost[0])


def test_what_the_graph_tells_of_a_dead_end_is_not_told_again(tmp_path: Path) -> None:
    lines = choices("text: Down, to: pit", "text: Out, to: end")
    assert told(tmp_path, f"{WASTE}{lines}  pit: {{text: P}}\n") == [("DIA402", "pit")]


def test_a_choice_that_leads_into_a_dead_end_in_some_steps_is_told_there_alone(
    tmp_path: Path,
) -> None:
    text = (
        WASTE
        + choices("text: Down, effects: [set met], to: hall", "text: Out, to: end")
        + "  hall:\n    text: H\n    choices:\n"
        + choices("text: On, to: pit", "text: Up, requires: not met, to: end")
        + "  pit:\n    text: P\n    choices:\n"
        + choices("text: Round, say: X, to: pit")
    )
    codes = [code for code, _ in told(tmp_path, text) if code in ("DIA403", "DIA501")]
    assert codes == ["DIA403"]


def test_a_region_behind_one_requirement_is_one_finding(tmp_path: Path) -> None:
    rooms = "".join(
        f"  r{n}: {{text: R, choices: [{{text: A, to: r{n + 1}}}, {{text: B, to: end}}]}}\n"
        for n in range(30)
    )
    lines = choices("text: In, requires: trust >= 3, to: r0", "text: Out, to: end")
    gain = "text: Greet, once: true, id: greet, effects: [trust += 2], to: t"
    text = WASTE + choices(gain) + lines + rooms + "  r30: {text: R, ending: deep}\n"
    findings = [one for one in found(tmp_path, text) if one.family == 5]
    assert [(one.code, words(one)) for one in findings] == [("DIA504", "r0")]
    assert "30 more are lost, the ending `deep` among them" in findings[0].message
    assert marked(findings[0]) == {"trust >= 3"}


def test_what_is_asked_in_vain_at_many_places_is_one_finding(tmp_path: Path) -> None:
    gain = "text: Greet, once: true, id: greet, effects: [trust += 2], to: t"
    asked = [f"text: Way {n}, requires: trust >= 4, to: end" for n in range(5)]
    text = WASTE + choices(gain, *asked, "text: Out, to: end")
    findings = [one for one in found(tmp_path, text) if one.family == 5]
    assert [one.code for one in findings] == ["DIA505"]
    assert len(findings[0].labels) == 4


@pytest.mark.parametrize(
    "requires", ["trust >= 6", "met and not met", "trust < 0 or trust > 5", "met"]
)
def test_what_the_ordinary_checks_tell_is_not_told_again(requires: str, tmp_path: Path) -> None:
    lines = choices(f"text: In, requires: {requires}, to: end", "text: Out, to: end")
    gain = "text: Greet, effects: [trust += 1], to: t"
    findings = found(tmp_path, WASTE + choices(gain) + lines)
    assert not [one for one in findings if one.family == 5]
    assert {one.code for one in findings} & {"DIA224", "DIA321", "DIA322"}


def test_one_place_can_be_told_to_ignore_what_no_play_comes_to(tmp_path: Path) -> None:
    gain = "text: Greet, once: true, id: greet, effects: [trust += 2], to: t"
    vain = "text: In, requires: trust >= 4, ignore: DIA505, to: end"
    findings = found(tmp_path, WASTE + choices(gain, vain, "text: Out, to: end"))
    assert not [one for one in findings if one.code in ("DIA505", "DIA126")]


def test_a_soft_lock_cannot_be_ignored(tmp_path: Path) -> None:
    lines = choices(
        "text: Lose it, ignore: DIA501, effects: [take key], to: t",
        "text: Out, requires: has key, to: end",
    )
    codes = {one.code for one in found(tmp_path, WASTE + lines)}
    assert {"DIA501", "DIA125"} <= codes


def test_an_undecided_story_is_not_told_that_it_ignores_what_is_not_there() -> None:
    file = SourceFile("story.yaml", "DIA505 DIA407")
    places = [ParsedIgnore(Located(file.text[i : i + 6], file, i, i + 6), 0, 99) for i in (0, 7)]
    for undecided, needless in ((False, ["DIA505", "DIA407"]), (True, ["DIA407"])):
        left = as_wished((), places, [], complete=True, undecided=undecided)
        assert [words(one) for one in left] == needless


def test_a_shared_choice_is_told_only_where_it_is_so_in_every_fragment(tmp_path: Path) -> None:
    head = HEAD.replace(
        "fragments:\n",
        "choices:\n  ways:\n    - {text: Out, requires: visited t, to: end}\n"
        "    - {text: Roof, requires: has rope and has key, to: end}\nfragments:\n",
    )
    rooms = (
        "  s:\n    text: S\n    on_enter: [give key]\n    choices:\n      - include: ways\n"
        + choices("text: Go, effects: [give rope], to: t", "text: Flee, to: end")
        + "  t:\n    text: T\n    choices:\n      - include: ways\n"
        + choices("text: Lose it, effects: [take key], to: t", "text: Back, to: s")
    )
    told_of = [one for one in found(tmp_path, rooms, head) if one.family == 5]
    assert [(one.code, words(one)) for one in told_of] == []


def test_what_only_follows_from_another_finding_is_not_told_beside_it(tmp_path: Path) -> None:
    text = (
        WASTE
        + choices(
            "text: Greet, once: true, id: greet, effects: [trust += 2], to: t",
            "text: Attic, requires: trust >= 4, to: attic",
            "text: Sing, requires: met, to: end",
            "text: Hum, requires: not met, to: end",
        )
        + "  attic:\n    text: A\n    on_enter: [set met]\n    choices:\n"
        + choices("text: Down, to: t")
    )
    assert told(tmp_path, text) == [("DIA504", "attic")]


def test_two_that_wait_for_each_other_are_both_told(tmp_path: Path) -> None:
    text = WASTE + choices(
        "text: One, requires: met, effects: [set met, 'trust = 4'], to: t",
        "text: Two, requires: trust >= 3, effects: [set met], to: t",
        "text: Out, to: end",
    )
    assert [code for code, _ in told(tmp_path, text)] == ["DIA505", "DIA505"]


def test_where_no_play_ends_a_gate_that_lets_nobody_in_is_marked(tmp_path: Path) -> None:
    text = (
        "  s:\n    text: S\n    choices:\n" + choices("text: In, to: hall") + "  hall:\n"
        "    requires: trust >= 2\n    otherwise: s\n    text: H\n    choices:\n"
        + choices("text: Out, to: end", "text: Trust, effects: [trust += 1], to: s")
    )
    (one,) = (one for one in found(tmp_path, text) if one.family == 5)
    assert one.code == "DIA502"
    assert marked(one) == {"trust >= 2"}


def test_of_a_choice_that_passes_on_for_ever_it_is_said_why_no_play_shows_it(
    tmp_path: Path,
) -> None:
    text = (
        "  s:\n    text: S\n    choices:\n"
        + choices("text: Trust, effects: [trust += 1], to: s", "text: In, to: ring")
        + "  ring:\n    next:\n      - {if: trust >= 2, to: end}\n      - {to: ring}\n"
    )
    (one,) = (one for one in found(tmp_path, text) if one.code == "DIA520")
    assert "passed on in a ring for ever" in one.help
    assert "whether an ending can be reached" not in one.message


AROUND = HEAD.replace(
    "fragments:\n",
    "access: {vip: {title: V}}\n"
    "missions:\n  find: {title: F, steps: [{visit: t}], effects: [trust += 1]}\n"
    "combinations:\n  knot: {from: [key, rope], gives: rope}\n"
    "fragments:\n",
)


ELSEWHERE = {
    "a question": "  q:\n    text: Q\n    ask: {into: trust}\n    next: s\n",
    "a call": "  q:\n    call: sub\n    next: s\n  sub: {text: B, return: true}\n",
    "a wait": "  q:\n    text: Q\n    wait: 8h\n    next: s\n",
    "a deck": "  q:\n    text: Q\n    deck: {tags: x, otherwise: s}\n"
    "  x:\n    text: X\n    storylet: {tags: x, text: X, once: true}\n    next: s\n",
    "a mission": "  q:\n    text: Q\n    on_enter: [start find]\n    next: s\n",
}


@pytest.mark.parametrize(
    ("elsewhere", "head"),
    [
        (one, head)
        for one in ELSEWHERE
        for head in (HEAD, AROUND)
        if one != "a mission" or head is AROUND
    ],
)
def test_what_stays_shut_is_marked_whatever_the_story_has(
    tmp_path: Path, elsewhere: str, head: str
) -> None:
    text = (
        "  s:\n    text: S\n    choices:\n"
        + choices(
            "text: Take the key, requires: not has key, effects: [give key], to: s",
            "text: Elsewhere, to: q",
            "text: Go, to: t",
        )
        + "  t:\n    text: T\n    choices:\n"
        + choices("text: Open, effects: [take key], to: end")
        + ELSEWHERE[elsewhere]
    )
    (one,) = (one for one in found(tmp_path, text, head) if one.code == "DIA501")
    assert words(one) == "Go"
    assert marked(one) == {"take key", "t"}


def test_a_story_that_ends_only_for_vips_is_told_of_at_its_start(tmp_path: Path) -> None:
    text = (
        "  s:\n    text: S\n    choices:\n"
        + choices("text: In, access: vip, to: end", "text: Stay, to: t")
        + "  t: {text: T, next: s}\n"
    )
    findings = [one for one in found(tmp_path, text, AROUND) if one.family == 5]
    assert [(one.code, marked(one)) for one in findings] == [("DIA513", {"vip"})]


def test_a_choice_that_shuts_only_itself_is_not_called_worse(tmp_path: Path) -> None:
    look = "text: Look, requires: not has key, effects: [give key], to: s"
    alone = "  s:\n    text: S\n    choices:\n" + choices(
        look, "text: Wait, to: s", "text: Out, to: end"
    )
    assert "DIA512" not in [one.code for one in found(tmp_path, alone)]
    wanted = alone + choices("text: Peek, requires: not has key, to: end")
    assert "DIA512" in [one.code for one in found(tmp_path, wanted)]
