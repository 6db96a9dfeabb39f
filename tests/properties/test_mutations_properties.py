"""However a story is mutated, the compiler answers with findings: never an exception, never without end."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from strategies.mutations import expression, mutated, seeds, template
from strategies.sound import assert_sound

CHANCE = st.randoms(use_true_random=False)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(seeds()), CHANCE, st.integers(1, 8))
def test_a_mutated_story_gives_findings_and_never_an_exception(
    seed: str, chance: random.Random, slips: int
) -> None:
    assert_sound(mutated(seed, chance, slips), chance)


STORY = """\
story: tiny
title: Tiny
language: en
start: start
variables:
  coins: {type: points, initial: 5}
  trust: {type: number, min: -10, max: 10}
  met: {type: flag}
  mood: {type: one_of, values: [calm, hurt]}
  name: {type: text}
items:
  lamp: {name: Lamp, category: tools}
  rope: {name: Rope, category: tools, max: 3}
conditions:
  near: trust >= 5 and not met
fragments:
  start:
    text: TEXT
    choices:
      - id: go
        text: Go
        requires: REQUIRES
        effects: EFFECTS
        to: start
      - text: Leave
        to: end
  end:
    text: The end.
    ending: done
"""


@settings(max_examples=400, deadline=None)
@given(CHANCE)
def test_any_requirement_effect_and_text_gives_findings_or_can_be_played(
    chance: random.Random,
) -> None:
    written = {
        "REQUIRES": expression(STORY, chance),
        "EFFECTS": expression(STORY, chance),
        "TEXT": template(STORY, chance),
    }
    story = STORY
    for place, words in written.items():
        quoted = words.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        story = story.replace(place, f'"{quoted}"')
    assert_sound(story, chance)
