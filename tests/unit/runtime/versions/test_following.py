"""What an old button does to a player who has just been carried over."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from diana_engine.database.port import PlayerKey, PlayerRecord, PlayKey
from diana_engine.expressions import terms
from diana_engine.play import step
from diana_engine.play.actions import Start
from diana_engine.play.carrying import passage
from diana_engine.play.state import Moment
from diana_engine.program.codec import digest
from diana_engine.program.model import Ask, Choices, Cost, Next, OneOf, Points, Program
from diana_engine.runtime.requests import Tap
from diana_engine.runtime.versions.following import Followed, InForce, followed
from diana_engine.runtime.versions.library import story_token
from strategies.builders import choice, ending, fragment, onward, story, words

NOW = Moment(1_000)
GOLD, MOOD = terms.VariableId("gold"), terms.VariableId("mood")


def tale(*choices: Any, text: str = "Here.", **parts: Any) -> Program:
    hall = fragment("hall", Choices(choices), text=text)
    return story(hall, ending(), variables={GOLD: Points(5)}, **parts)


def player(program: Program, sequence: int = 4) -> PlayerRecord:
    """Return somebody who has begun."""
    state = step(program, None, Start(1), NOW).state
    return PlayerRecord(
        PlayKey(PlayerKey("test", "ana"), program.story), digest(program), sequence, state, 0
    )


def there(old: Program, new: Program) -> Followed:
    in_force = InForce(1, digest(new), new, "migrate")
    record = player(old)
    assert in_force.wants(record)
    found = followed(record, in_force, {record.digest: passage(old, new)}, NOW)
    assert found is not None
    return found


def old_button(old: Program, number: int | None, sequence: int = 4) -> Tap:
    return Tap(story_token(digest(old)), sequence, number)


def test_a_button_holds_where_only_words_changed():
    old = tale(choice("hall~1"), choice("hall.b"))
    new = tale(replace(choice("hall~2"), text=words("Leave")), choice("hall.b"), text="There.")
    found = there(old, new)
    assert found.keeps
    for number in (0, 1, None):
        button = found.button(old_button(old, number), NOW)
        assert button == Tap(story_token(digest(new)), 4, number)


def test_a_button_is_an_old_one_where_its_scene_plays_otherwise():
    old = tale(choice("hall.a"))
    dearer = tale(choice("hall.a", cost=Cost(GOLD, 5)))
    found = there(old, dearer)
    assert not found.keeps
    assert found.button(old_button(old, 0), NOW) == old_button(old, 0)


def test_a_button_of_an_earlier_scene_stays_one():
    old, new = tale(choice("hall.a")), tale(choice("hall.a"), text="There.")
    found = there(old, new)
    for button in (old_button(old, 0, 3), old_button(old, 7), Tap("00000000", 4, 0)):
        assert found.button(button, NOW) == button


def test_a_button_means_its_choice_wherever_that_stands_now():
    poor = terms.Compare("<", terms.NumberOf(GOLD), terms.Constant(4))
    old = tale(choice("hall.a", requires=poor), choice("hall.b"))
    new = replace(old, version="2", variables={GOLD: Points(5, 3)})
    found = there(old, new)  # who has 3 now sees the first choice, too
    assert found.button(old_button(old, 0), NOW).choice == 1


def test_an_option_of_a_question_is_found_by_its_word():
    def asking(*options: str, text: str) -> Program:
        ask = fragment("hall", Next(onward("end").branches, Ask(MOOD)), text=text)
        return story(ask, ending(), variables={MOOD: OneOf(options, options[0])})

    old, new = asking("sad", "glad", text="How?"), asking("glad", "sad", text="And how?")
    assert there(old, new).button(old_button(old, 0), NOW).choice == 1


def test_who_has_the_version_or_is_to_stay_is_not_carried():
    program = tale(choice("hall.a"))
    assert not InForce(1, digest(program), program, "migrate").wants(player(program))
    other = replace(program, version="2")
    assert not InForce(1, digest(other), other, "pin").wants(player(program))
    assert not InForce(1, digest(other), other, "migrate").wants(None)


def test_who_cannot_be_carried_stays():
    old = tale(choice("hall.a"))
    new = story(ending())
    in_force, record = InForce(1, digest(new), new, "migrate"), player(old)
    assert followed(record, in_force, {record.digest: passage(old, new)}, NOW) is None
