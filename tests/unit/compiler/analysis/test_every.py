"""What the ordinary checks tell, where, and what they leave alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from diana_engine.adapters.telegram.api import limits
from diana_engine.compiler.analysis import lengths
from diana_engine.compiler.pipeline import compile_story

HEAD = "story: a\ntitle: A\nlanguage: en\nstart: s\n"


def findings(folder: Path, text: str) -> list[tuple[str, str]]:
    (folder / "story.yaml").write_text(HEAD + text, encoding="utf-8")
    # What plays tell (family 5) is held by tests of its own.
    found = (one for one in compile_story(folder).diagnostics if one.family != 5)
    spans = ((one.code, one.primary.span) for one in found)
    return [(code, span.file.text[span.start : span.end]) for code, span in spans]


def with_choices(*choices: str, variables: str = "") -> str:
    """Return a story whose first fragment has these choices, and where every variable is changed and shown."""
    lines = "".join(f"      - {{{choice}}}\n" for choice in choices)
    return (
        f"variables:\n  met: {{type: flag}}\n  trust: {{type: number, min: 0, max: 9}}\n{variables}"
        "fragments:\n  s:\n    text: '{trust}{if met: !}'\n    on_enter: [set met, trust += 1]\n"
        f"    choices:\n{lines}  t: {{text: T, ending: e}}\n"
    )


@pytest.mark.parametrize(
    ("requires", "at"),
    [
        ("trust >= 10", "trust >= 10"),
        ("met or not (trust < 0)", "trust < 0"),
        ("[met, trust between 10 and 20]", "trust between 10 and 20"),
        ("trust - 10 >= 0", "trust - 10 >= 0"),
        ("10 <= trust", "10 <= trust"),
        ("visits(s) < 0", "visits(s) < 0"),
    ],
)
def test_a_comparison_that_never_holds_is_shown_at_its_own_words(
    requires: str, at: str, tmp_path: Path
) -> None:
    requires = requires if requires.startswith("[") else f"'{requires}'"
    text = with_choices("text: Go, to: t", f"text: On, requires: {requires}, to: t")
    assert findings(tmp_path, text) == [("DIA321", at)]


def test_a_comparison_inside_a_text_is_looked_at_too(tmp_path: Path) -> None:
    text = with_choices("text: 'Go {if trust >= 0: on | else: back}', to: t")
    assert findings(tmp_path, text) == [("DIA320", "trust >= 0")]


@pytest.mark.parametrize(
    ("requires", "at"),
    [
        ("met and not met", "not met"),
        ("[met, trust > 2, not met]", "not met"),
        ("met or (trust >= 1 and trust >= 5 and trust <= 3)", "trust <= 3"),
        ("trust is 3 and trust is 4", "trust is 4"),
        ("mood is calm and mood is glad", "mood is glad"),
    ],
)
def test_a_contradiction_is_shown_at_the_part_that_makes_it(
    requires: str, at: str, tmp_path: Path
) -> None:
    requires = requires if requires.startswith("[") else f"'{requires}'"
    text = with_choices(
        "text: Go, effects: mood = glad, to: t",
        f"text: On, requires: {requires}, to: t",
        "text: '{mood}', to: t",
        variables="  mood: {type: one_of, values: [calm, glad]}\n",
    )
    assert findings(tmp_path, text) == [("DIA322", at)]


@pytest.mark.parametrize(
    "requires", ["met or trust >= 3", "trust >= 3 and trust <= 3", "chance(30) and not chance(30)"]
)
def test_what_can_hold_together_is_left_alone(requires: str, tmp_path: Path) -> None:
    text = with_choices("text: Go, to: t", f"text: On, requires: '{requires}', to: t")
    assert findings(tmp_path, text) == []


def test_the_label_of_a_contradiction_is_on_the_part_that_it_contradicts(tmp_path: Path) -> None:
    requires = "trust >= 1 and trust >= 5 and trust <= 3"
    text = with_choices("text: Go, to: t", f"text: On, requires: '{requires}', to: t")
    (tmp_path / "story.yaml").write_text(HEAD + text, encoding="utf-8")
    [finding] = compile_story(tmp_path).diagnostics
    [label] = finding.labels
    assert label.span.file.text[label.span.start : label.span.end] == "trust >= 5"


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("text: Go", "text: ' go '", True),
        ("text: Go", "text: '*Go*'", True),
        ("text: Go, requires: met", "text: Go, requires: trust > 3", True),
        ("text: Go, requires: met", "text: Go, requires: not met", False),
        ("text: Go, requires: trust < 3", "text: Go, requires: trust >= 3", False),
        ("text: Go, requires: met, locked: No", "text: Go, requires: not met", True),
        ("text: Go", "text: Go on", False),
        ("text: 'Go {trust}'", "text: 'Go {trust}'", False),
    ],
)
def test_choices_are_alike_when_players_may_see_both(
    one: str, other: str, alike: bool, tmp_path: Path
) -> None:
    text = with_choices(f"{one}, to: t", f"{other}, to: s")
    assert [code for code, _ in findings(tmp_path, text)] == ["DIA710"] * alike


@pytest.mark.parametrize(
    ("words", "empty"),
    [
        ("'{if met: Go}'", True),
        ("'{if met: Go | else: }'", True),
        ("'{once: Go}'", True),
        ("'{if met: Go | else: Stay}'", False),
        ("'{if met: Go}!'", False),
        ("'{trust}'", False),
    ],
)
def test_a_choice_needs_words_in_every_case(words: str, empty: bool, tmp_path: Path) -> None:
    text = with_choices(f"text: {words}, to: t")
    assert [code for code, _ in findings(tmp_path, text)] == ["DIA711"] * empty


@pytest.mark.parametrize(
    ("fragment", "idle"),
    [
        ("text: T", True),
        ("text: '{sequence: A | B}'", False),
        ("text: '{if visits(s) > 1: A | else: B}'", False),
        ("on_enter: [set met]\n    text: T", False),
    ],
)
def test_a_way_back_is_idle_when_the_next_visit_is_like_this_one(
    fragment: str, idle: bool, tmp_path: Path
) -> None:
    text = (
        f"variables:\n  met: {{type: flag}}\nfragments:\n  s:\n    {fragment}\n    choices:\n"
        "      - {text: Wait, to: s}\n      - {text: '{if met: Go | else: On}', to: t}\n"
        "  t: {on_enter: set met, text: T, ending: e}\n"
    )
    assert [code for code, _ in findings(tmp_path, text)] == ["DIA407"] * idle


@pytest.mark.parametrize(
    ("names", "alike"),
    [
        (("trust", "trusts"), True),
        (("trust", "turst"), True),
        (("trust", "trist"), True),
        (("open_door", "open_doors"), True),
        (("door_1", "door_2"), False),
        (("door1", "door2"), False),
        (("side_a", "side_b"), False),
        (("cat", "car"), False),
        (("abcd", "abde"), False),
    ],
)
def test_names_are_alike_that_are_one_slip_apart(
    names: tuple[str, str], alike: bool, tmp_path: Path
) -> None:
    declared = "".join(f"  {name}: {{type: number}}\n" for name in names)
    changes = ", ".join(f"{name} += 1" for name in names)
    shown = " ".join(f"{{{name}}}" for name in names)
    text = f"variables:\n{declared}fragments:\n  s: {{text: '{shown}', on_enter: [{changes}], ending: e}}\n"
    assert findings(tmp_path, text) == [("DIA229", names[1])] * alike


def test_a_number_that_is_read_only_to_change_itself_is_never_read(tmp_path: Path) -> None:
    text = (
        "variables:\n  trust: {type: number}\n"
        "fragments:\n  s: {text: T, on_enter: 'trust = trust + 1', ending: e}\n"
    )
    assert findings(tmp_path, text) == [("DIA225", "trust")]


@pytest.mark.parametrize(("initial", "told"), [(0, [("DIA224", "coins")]), (3, [])])
def test_points_that_are_only_paid_change_where_there_are_some(
    initial: int, told: list[tuple[str, str]], tmp_path: Path
) -> None:
    text = with_choices(
        "text: Buy, cost: 1 coins, to: t",
        "text: Go, to: t",
        variables=f"  coins: {{type: points, initial: {initial}}}\n",
    )
    assert findings(tmp_path, text) == told


def test_a_text_counts_in_its_longest_reading(tmp_path: Path) -> None:
    short, long = "a" * 30, "😀" * 20
    text = with_choices(
        f"text: '{{if met: {long} | else: {short}}} {{name}}', to: t",
        "text: Call, effects: 'name = \"Marmalade Melusine Marguerite\"', to: t",
        variables="  name: {type: text, initial: Ana}\n",
    )
    assert [code for code, _ in findings(tmp_path, text)] == ["DIA713"]
    assert findings(tmp_path, text.replace("Marmalade Melusine ", "")) == []


def test_the_limits_are_those_of_the_adapter() -> None:
    assert lengths.MESSAGE == limits.MESSAGE
    assert lengths.BUTTON == limits.BUTTON
    assert lengths.ANSWER == limits.ANSWER


@pytest.mark.parametrize(
    ("count", "hidden", "codes"),
    [(100, 0, set()), (101, 0, {"DIA740"}), (102, 2, {"DIA741"}), (103, 2, {"DIA740"})],
)
def test_what_is_shown_at_first_must_fit_under_one_message(
    count: int, hidden: int, codes: set[str], tmp_path: Path
) -> None:
    choices = [
        f"text: Door {n}, to: t{', requires: trust >= 5' if n < hidden else ''}"
        for n in range(count)
    ]
    found = {code for code, _ in findings(tmp_path, with_choices(*choices))}
    assert found & {"DIA740", "DIA741", "DIA107"} == codes


def asking(*requires: str) -> str:
    """Return a story with a choice for each requirement, in which everything can be so and otherwise."""
    choices = (f"text: Go {number}, requires: {one}, to: t" for number, one in enumerate(requires))
    return with_choices(
        "text: Take, effects: [give rope, mood = glad], to: s",
        "text: Tease, effects: mood = hurt, to: s",
        "text: 'Go {mood}', to: t",
        *choices,
        variables="  mood: {type: one_of, values: [calm, glad, hurt]}\n"
        "items: {rope: {name: Rope, max: 3}}\n"
        "conditions: {near: trust >= 5 and met}\n",
    )


USES_ALL = "near and has rope and mood is hurt"


@pytest.mark.parametrize(
    ("requires", "code", "at"),
    [
        ("trust >= 3 and trust >= 5", "DIA324", "trust >= 3"),
        ("met and trust >= 2 and met", "DIA324", "met"),
        ("trust >= 5 or trust >= 3", "DIA324", "trust >= 5"),
        ("[near, trust >= 1]", "DIA324", "trust >= 1"),
        ("has rope and count(rope) >= 2", "DIA324", "has rope"),
        ("met and (met or trust >= 2)", "DIA324", "met or trust >= 2"),
        ("not (trust < 3 or trust < 1)", "DIA324", "trust < 1"),
        ("mood is calm and mood is not glad", "DIA324", "mood is not glad"),
        ("met or not met", "DIA325", "met or not met"),
        ("trust < 5 or trust >= 3", "DIA325", "trust < 5 or trust >= 3"),
        (
            "mood is calm or mood is glad or mood is hurt",
            "DIA325",
            "mood is calm or mood is glad or mood is hurt",
        ),
        ("near and not met", "DIA322", "near and not met"),
        (
            "(trust < 2 or trust > 7) and trust is 4",
            "DIA322",
            "(trust < 2 or trust > 7) and trust is 4",
        ),
        ("chance(0)", "DIA321", "chance(0)"),
        ("met and chance(100)", "DIA320", "chance(100)"),
    ],
)
def test_a_requirement_is_seen_through(requires: str, code: str, at: str, tmp_path: Path) -> None:
    requires = requires if requires.startswith("[") else f"'{requires}'"
    assert findings(tmp_path, asking(f"'{USES_ALL}'", requires)) == [(code, at)]


@pytest.mark.parametrize(
    "requires",
    [
        "trust >= 3 and trust < 5",
        "met or trust >= 3",
        "chance(30) or chance(30)",
        "near or trust >= 7",
        "mood is calm or mood is glad",
        "trust >= visits(s) and trust >= 2",
        "(met and trust >= 3) or (not met and trust >= 5)",
    ],
)
def test_a_requirement_that_needs_all_its_parts_is_left_alone(
    requires: str, tmp_path: Path
) -> None:
    assert findings(tmp_path, asking(f"'{USES_ALL}'", f"'{requires}'")) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{if trust >= 3: a | elif trust >= 5: b | else: c}", [("DIA323", "trust >= 5")]),
        ("{if trust >= 5: a | elif trust >= 3: b | else: c}", []),
        ("{if met: a | elif not met: b | else: c}", [("DIA326", "not met")]),
        ("{if met: a | elif not met: b}", []),
        ("{if trust > 5: a | elif trust < 3: b | elif trust between 3 and 5: c | else: d}",
         [("DIA326", "trust between 3 and 5")]),
        ("{if met: a {if met: b | else: c} | else: d}", [("DIA326", "met")]),
        ("{if met: a | else: d {if met: b | else: c}}", [("DIA323", "met")]),
        ("{if trust >= 3: a {if trust >= 5: b | else: c}}", []),
        ("{if chance(40): a | elif chance(40): b | else: c}", []),
    ],
)  # fmt: skip
def test_a_branch_of_a_text_needs_something_left_for_it(
    text: str, found: list[tuple[str, str]], tmp_path: Path
) -> None:
    assert findings(tmp_path, with_choices(f"text: Go, say: '{text}', to: t")) == found


@pytest.mark.parametrize(
    ("choice", "found"),
    [
        ("effects: [trust += 0]", [("DIA328", "trust += 0")]),
        ("effects: [trust = trust]", [("DIA328", "trust = trust")]),
        ("effects: [clear met, trust += 1, set met]", [("DIA328", "clear met")]),
        ("effects: [trust = 3, trust = 5]", [("DIA328", "trust = 3")]),
        ("requires: met, effects: [set met]", [("DIA328", "set met")]),
        ("requires: trust >= 9, effects: [trust += 1]", [("DIA328", "trust += 1")]),
        ("effects: [trust = 3, trust = trust + 1]", []),
        ("requires: met, effects: [clear met, trust += 1]", []),
        ("effects: [coins = 3, coins = 1]", []),
        ("cost: 8 coins", [("DIA317", "8 coins")]),
        ("requires: coins < 3, cost: 3 coins", [("DIA317", "3 coins")]),
        ("requires: not has rope, effects: [take rope]", [("DIA317", "take rope")]),
        ("effects: [take rope, take rope]", [("DIA317", "take rope")]),
        ("requires: not has rope, effects: [give rope, take rope]", []),
    ],
)
def test_effects_do_something_and_prices_can_be_paid(
    choice: str, found: list[tuple[str, str]], tmp_path: Path
) -> None:
    text = with_choices(
        "text: Work, effects: [coins += 1, give rope], to: s",
        f"text: Try, {choice}, to: t",
        "text: 'Go {coins}', to: t",
        "text: Pull, requires: has rope, effects: [clear met], to: s",
        variables="  coins: {type: points, initial: 1, max: 5}\nitems: {rope: {name: Rope}}\n",
    )
    assert findings(tmp_path, text) == found


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("visited s", [("DIA430", "visited s")]),
        ("met and not visited s", [("DIA430", "visited s")]),
        ("visits(s) >= 1", [("DIA430", "visits(s) >= 1")]),
        ("visits(s) == 0", [("DIA430", "visits(s) == 0")]),
        ("visits(s) > 1", []),
        ("visited t", []),
    ],
)
def test_a_fragment_that_asks_whether_it_was_visited_is_told(
    asked: str, found: list[tuple[str, str]], tmp_path: Path
) -> None:
    text = with_choices(f"text: Go, say: '{{if {asked}: a}}', to: t", "text: Wait, to: s")
    assert findings(tmp_path, text) == found


def test_the_requirement_of_a_fragment_is_asked_before_its_visit_counts(tmp_path: Path) -> None:
    text = (
        "fragments:\n  s: {text: S, choices: [{text: Go, to: t}, {text: Home, to: e}]}\n"
        "  t: {text: T, requires: not visited t, otherwise: e, next: s}\n  e: {text: E, ending: e}\n"
    )
    assert findings(tmp_path, text) == []


FERRY = """\
variables: {{coins: {{type: points, initial: 5}}, met: {{type: flag}}}}
items: {{lamp: {{name: Lamp}}}}
conditions: {{lit: has lamp}}
fragments:
  s:
    text: "{{coins}}{{if met: .}}"
    choices:
      - {{text: Buy, effects: [give lamp, set met, coins += 1], to: s}}
      - {{text: Go, to: cave, {choice}}}
      - {{text: Home, to: home}}
  cave: {{requires: {gate}, otherwise: {otherwise}, text: C, ending: c}}
  home: {{text: H, ending: h}}
"""


@pytest.mark.parametrize(
    ("choice", "gate", "otherwise", "told"),
    [
        ("cost: 1 coins", "lit", "s", True),
        ("cost: 1 coins, requires: met", "lit", "s", True),
        ("effects: take lamp", "met", "s", True),
        ("cost: 1 coins, requires: has lamp", "lit", "s", False),
        ("cost: 1 coins", "lit", "home", False),
        ("cost: 1 coins, effects: give lamp", "lit", "s", False),
        ("cost: 1 coins", "coins >= 2", "s", False),
        ("requires: met", "lit", "s", False),
    ],
)
def test_who_pays_is_not_to_be_sent_straight_back(
    choice: str, gate: str, otherwise: str, told: bool, tmp_path: Path
) -> None:
    text = FERRY.format(choice=choice, gate=gate, otherwise=otherwise)
    codes = {code for code, _ in findings(tmp_path, text)}
    assert ("DIA434" in codes) == told


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ("speaker: lucien, ending: dawn", "speaker: lucein, ending: dusk", ["lucein"]),
        ("speaker: lucien, ending: dawn", "speaker: Lucien, ending: dusk", ["Lucien"]),
        ("tags: [garden], ending: dawn", "tags: [gardne], ending: dusk", ["gardne"]),
        ("speaker: lucien, ending: part_1", "speaker: lucien, ending: part_2", []),
        ("speaker: ana, ending: dawn", "speaker: ani, ending: dusk", []),
    ],
)
def test_names_that_nobody_declares_are_held_against_each_other(
    first: str, second: str, told: list[str], tmp_path: Path
) -> None:
    text = (
        "fragments:\n  s: {text: S, choices: [{text: A, to: a}, {text: B, to: b}]}\n"
        f"  a: {{text: A, {first}}}\n  b: {{text: B, {second}}}\n"
    )
    assert findings(tmp_path, text) == [("DIA217", name) for name in told]


@pytest.mark.parametrize("asked", ["level is 2", "level is not 1", "level == 2"])
def test_is_compares_the_level_as_it_compares_other_numbers(asked: str, tmp_path: Path) -> None:
    text = with_choices(
        f"text: '{{if {asked}: Go | else: Run}}', to: t",
        f"text: On, requires: {asked}, effects: coins += 1, to: t",
        variables="  coins: {type: points, max: 9}\n",
    )
    assert findings(tmp_path, f"levels: {{points: coins, thresholds: [0, 1]}}\n{text}") == []
