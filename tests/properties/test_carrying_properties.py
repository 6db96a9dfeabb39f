"""What holds of every player who is carried over, whatever was done to the story."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from diana_engine.database.port import Message, PlayerKey, PlayerRecord, PlayKey
from diana_engine.play import look, step
from diana_engine.play.actions import Action, Choose, Start
from diana_engine.play.carrying import Carried, Left, carry, passage
from diana_engine.play.saved import decode_state, encode_state
from diana_engine.play.state import Moment, PlayerState
from diana_engine.program.codec import decode, digest, encode
from diana_engine.program.compare.compare import compare
from diana_engine.program.compare.match import Match
from diana_engine.program.compare.values import fits
from diana_engine.program.exits import branches_of, choices_of
from diana_engine.program.model import Program
from diana_engine.runtime.deciding.turns import tap
from diana_engine.runtime.requests import Tap
from diana_engine.runtime.scheduler.firing import Scene, Wakeup, fire
from diana_engine.runtime.scheduler.timing import REMIND, WAIT, planned
from diana_engine.runtime.versions.following import InForce, followed
from strategies.edits import edited, renamed, reworded
from strategies.programs import lively, pick, plays, programs
from strategies.rewarded import rewarded

NOW = 1_700_000_000
some = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

STORIES = programs(flow=True, lives=True, timed=True) | lively(timed=True) | rewarded()


def played(program: Program, numbers: list[int]) -> list[tuple[Action, PlayerState, Moment]]:
    """Return each action of a play, where it led, and when."""
    state = step(program, None, Start(7), Moment(NOW)).state
    history: list[tuple[Action, PlayerState, Moment]] = [(Start(7), state, Moment(NOW))]
    for index, number in enumerate(numbers, start=1):
        moment = Moment(NOW + index * (number % 3) * 1_800)
        action = pick(program, state, number, moment)
        state = step(program, state, action, moment).state
        history.append((action, state, moment))
    return history


def check_whole(program: Program, state: PlayerState) -> None:
    """Everything that the player stands on or holds is in the program."""
    assert state.fragment in program.fragments
    for caller in state.calls:
        assert branches_of(program.fragments[caller].exit), caller
    assert state.values.keys() == program.variables.keys()
    assert all(fits(one, state.values[name]) for name, one in program.variables.items())
    for item, held in state.items.items():
        assert 1 <= held <= program.items[item].maximum
    assert state.missions.keys() <= {one.id for one in program.missions}
    assert state.achieved.keys() <= {one.id for one in program.achievements}
    assert state.earned.keys() <= program.variables.keys()
    if state.waiting is not None and state.waiting.choice is not None:
        there = choices_of(program.fragments[state.fragment].exit)
        assert state.waiting.choice in {choice.key for choice in there}


def under(match: Match, state: PlayerState) -> PlayerState:
    """Return the state with its choices under their keys in the new version."""
    waiting = state.waiting
    if waiting is not None and waiting.choice is not None:
        waiting = replace(waiting, choice=match.key(waiting.choice))
    return replace(
        state,
        chosen={match.key(key): times for key, times in state.chosen.items()},
        said=None if state.said is None else match.key(state.said),
        waiting=waiting,
    )


@some
@given(st.data(), STORIES, plays, plays)
def test_nobody_is_carried_to_what_is_not_there_and_all_can_play_on(
    data: st.DataObject, old: Program, numbers: list[int], more: list[int]
) -> None:
    new = data.draw(edited(old))
    way = passage(old, new)
    for _, state, moment in played(old, numbers):
        there = carry(way, state, moment)
        if isinstance(there, Left):
            event(f"left: {there.reason}")
            continue
        event("carried")
        after = there.state
        check_whole(new, after)
        assert decode_state(encode_state(after)) == after
        for number in more[:6]:
            after = step(new, after, pick(new, after, number, moment), moment).state


@some
@given(st.data(), STORIES, plays)
def test_other_words_disturb_nobody(data: st.DataObject, old: Program, numbers: list[int]) -> None:
    new = data.draw(reworded(old))
    assert compare(old, new).words_only
    way = passage(old, new, data.draw(st.sampled_from(["migrate", "restart_fragment"])))
    for _, state, moment in played(old, numbers):
        there = carry(way, state, moment)
        assert isinstance(there, Carried)
        assert there.state == under(way.match, state)
        assert not there.booked
        assert not there.events
        assert way.keeps(state, there.state)
        before, after = look(old, state, moment), look(new, there.state, moment)
        assert [way.match.key(one.key) for one in before.choices] == [
            one.key for one in after.choices
        ]
        assert [bool(one.lock) for one in before.choices] == [
            bool(one.lock) for one in after.choices
        ]
        assert (before.can_continue, before.ending, before.wait) == (
            after.can_continue, after.ending, after.wait,
        )  # fmt: skip


@some
@given(st.data(), STORIES, plays)
def test_a_history_replays_alike_on_other_words(
    data: st.DataObject, old: Program, numbers: list[int]
) -> None:
    new = data.draw(reworded(old))
    way = passage(old, new)
    state = None
    for action, expected, moment in played(old, numbers):
        same = Choose(way.match.key(action.choice)) if isinstance(action, Choose) else action
        state = step(new, state, same, moment).state
        assert state == under(way.match, expected)


@some
@given(st.data(), STORIES, plays)
def test_who_is_carried_over_new_names_and_back_has_not_changed(
    data: st.DataObject, old: Program, numbers: list[int]
) -> None:
    new = data.draw(renamed(old))
    there, back = passage(old, new), passage(new, old)
    for _, state, moment in played(old, numbers):
        carried = carry(there, state, moment)
        assert isinstance(carried, Carried)
        check_whole(new, carried.state)
        returned = carry(back, carried.state, moment)
        assert isinstance(returned, Carried)
        assert returned.state == state


@some
@given(STORIES)
def test_a_story_does_not_differ_from_itself(program: Program) -> None:
    assert compare(program, decode(encode(program))).changes == ()


@some
@given(st.data(), STORIES)
def test_every_difference_is_told(data: st.DataObject, old: Program) -> None:
    new = data.draw(edited(old))
    if new != old:
        assert compare(old, new).changes


# What wakes ------------------------------------------------------------------------------------------


def scenes(old: Program, new: Program, state: PlayerState) -> Iterator[tuple[Scene, Wakeup, str]]:
    """Yield each wake-up of a player who is on the old version, with its kind, after the new one was published."""
    way, name = passage(old, new), digest(old)
    record = PlayerRecord(PlayKey(PlayerKey("test", "ana"), old.story), name, 3, state, 0)
    in_force = InForce(2, digest(new), new, "migrate")
    for timer in planned(old, state).values():
        if timer.kind not in (WAIT, REMIND):
            continue
        moved = followed(record, in_force, {name: way}, Moment(timer.due_at))
        scene = Scene(old, record, timer.due_at, moved)
        heard: list[Wakeup] = []

        def announce(wakeup: Wakeup, heard: list[Wakeup] = heard) -> tuple[Message, ...]:
            heard.append(wakeup)
            return ()

        assert fire(scene, timer, announce).save is None
        yield from ((scene, wakeup, timer.kind) for wakeup in heard)


@some
@given(st.data(), STORIES, plays)
def test_the_way_on_that_a_wake_up_shows_can_be_gone_on_whatever_was_published(
    data: st.DataObject, old: Program, numbers: list[int]
) -> None:
    new = data.draw(edited(old))
    for _, state, _ in played(old, numbers):
        for scene, wakeup, kind in scenes(old, new, state):
            reply, moment = wakeup.reply, Moment(scene.now)
            assert reply.view is not None
            if kind != WAIT or not reply.view.can_continue:
                continue
            if scene.moved is None or not scene.moved.keeps:
                event("another scene")
                continue
            event("the same scene")
            button = scene.moved.button(Tap(reply.story_token, reply.sequence), moment)
            assert tap(new, scene.moved.now, button, moment).result == "moved"


@some
@given(st.data(), STORIES, plays)
def test_where_only_words_changed_a_wake_up_has_the_new_ones(
    data: st.DataObject, old: Program, numbers: list[int]
) -> None:
    new = data.draw(reworded(old))
    for _, state, _ in played(old, numbers):
        for scene, wakeup, _ in scenes(old, new, state):
            view = wakeup.reply.view
            assert view is not None
            assert scene.moved is not None
            if view.choices or view.ask is not None:
                continue  # what buttons say goes by the version that they are of
            event("woken")
            assert view == look(new, scene.moved.now.state, Moment(scene.now))
