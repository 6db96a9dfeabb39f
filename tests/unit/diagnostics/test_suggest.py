"""A mistyped name finds the known name it most likely stands for."""

import random
import string
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diana_engine.diagnostics.suggest import Names, closest

WORDS = st.text(alphabet="abcdeé_ñ.", max_size=9)


@pytest.mark.parametrize(
    ("written", "known", "meant"),
    [
        ("requiers", ["requires", "rewards"], "requires"),
        ("trsut", ["trust", "rust"], "trust"),
        ("kye", ["eye", "key", "kit"], "key"),
        ("effect", ["effects", "defect"], "effects"),
        ("Gate", ["date", "gate"], "gate"),
        ("GATE", ["gate", "Gate"], "Gate"),
        ("besistos", ["besitos"], "besitos"),
        ("jardin", ["jardín"], "jardín"),
    ],
)
def test_a_slip_of_the_fingers_is_understood(written: str, known: list[str], meant: str) -> None:
    assert closest(written, known) == meant


@pytest.mark.parametrize(
    ("written", "known", "meant"),
    [
        ("plaza.gate", ["garden.gate", "plaza.arrival"], "garden.gate"),
        ("gardn.gaet", ["garden.gate", "plaza.gate"], "garden.gate"),
        ("plaza.gaet", ["garden.gaet", "plaza.gate"], "plaza.gate"),
        ("library.door", ["library.floor", "garden.door"], "garden.door"),
        ("gate", ["garden.gate"], "garden.gate"),
        ("garden_gate", ["garden.gate", "plaza.gate"], "garden.gate"),
        ("gardengate", ["garden.gate", "plaza.gate"], "garden.gate"),
        ("garden.gate", ["garden_gate"], "garden_gate"),
        ("garden.cat", ["garden.catacombs", "garden.gate"], None),
    ],
)
def test_of_a_full_id_the_last_part_counts_more_than_the_chapter(
    written: str, known: list[str], meant: str | None
) -> None:
    assert closest(written, known) == meant


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("", ["a"]),
        ("x", ["a", "bc"]),
        ("cellar", ["garden", "plaza"]),
        ("gate", []),
        ("gate", [""]),
    ],
)
def test_where_nothing_is_near_nothing_is_suggested(written: str, known: list[str]) -> None:
    assert closest(written, known) is None


def test_the_longer_a_name_the_more_slips_are_forgiven_but_never_more_than_four() -> None:
    name = "the_hall_of_a_hundred_mirrors"
    for slips in range(1, 5):
        assert closest("x" * slips + name, [name]) == name
    assert closest("x" * 5 + name, [name]) is None


@given(WORDS, st.lists(WORDS, max_size=12), st.randoms(use_true_random=False))
def test_the_answer_does_not_depend_on_the_order_of_the_names(
    written: str, known: list[str], chance: random.Random
) -> None:
    mixed = [*known, *known[:2]]
    chance.shuffle(mixed)
    assert closest(written, mixed) == closest(written, known)


@given(WORDS.filter(bool), st.lists(WORDS, max_size=12))
def test_a_known_name_is_its_own_closest(written: str, known: list[str]) -> None:
    assert closest(written, [*known, written]) == written


PLAIN = st.text(alphabet="abc", min_size=1, max_size=7)


@given(PLAIN, st.lists(PLAIN, min_size=1, max_size=8))
def test_what_is_suggested_is_as_near_as_a_plain_distance_says(
    written: str, known: list[str]
) -> None:
    limit = max(1, len(written) // 3)
    distances = {name: _distance(written, name) for name in known}
    near = {
        name: slips
        for name, slips in distances.items()
        if slips <= limit and slips < max(len(written), len(name))
    }
    found = closest(written, known)
    assert (found is None) == (not near)
    assert found is None or near[found] == min(near.values())


def _distance(a: str, b: str) -> int:
    """Count slips by the textbook's whole table: no sharing, no band, no early end."""
    table = {(i, 0): i for i in range(len(a) + 1)} | {(0, j): j for j in range(len(b) + 1)}
    for i, j in product(range(1, len(a) + 1), range(1, len(b) + 1)):
        table[i, j] = min(
            table[i - 1, j] + 1,
            table[i, j - 1] + 1,
            table[i - 1, j - 1] + (a[i - 1] != b[j - 1]),
        )
        if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
            table[i, j] = min(table[i, j], table[i - 2, j - 2] + 1)
    return table[len(a), len(b)]


def test_a_hundred_thousand_names_are_asked_more_than_once() -> None:
    chance = random.Random(7)
    letters = string.ascii_lowercase
    known = [f"c{n % 100:02}.{''.join(chance.choices(letters, k=9))}{n}" for n in range(100_000)]
    names = Names(known)
    for name in known[::20_000]:
        assert names.closest(name[:-3] + name[-2:]) is not None
        assert names.closest(name.replace(".", "..")) == name


def test_once_the_budget_is_spent_nothing_is_suggested_any_more() -> None:
    names = Names((f"garden.gate_{number:04}" for number in range(2000)), budget=3000)
    asked = [names.closest(f"garden.gaet_{number:04}") for number in range(200)]
    helped = len([found for found in asked if found])
    assert 5 < helped < 200
    assert asked[:helped] == [f"garden.gate_{number:04}" for number in range(helped)]
    assert not any(asked[helped:])
