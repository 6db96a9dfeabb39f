"""What holds of every story and every play, however odd."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from itertools import pairwise, takewhile
from typing import NamedTuple
from unicodedata import category

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diana_engine.expressions.draw import draw
from diana_engine.expressions.evaluate import holds
from diana_engine.expressions.terms import ChoiceKey
from diana_engine.expressions.text import Plain, Rich
from diana_engine.play import advance, look, replay, step
from diana_engine.play.actions import Action, Answer, Choose, Continue, Skip, Start
from diana_engine.play.answers import read_answer, tidy
from diana_engine.play.events import (
    Answered,
    Called,
    ChoiceTaken,
    EndingReached,
    FragmentEntered,
    ItemChanged,
    Refused,
    ReminderSet,
    Returned,
    Started,
    TurnedAway,
    ValueChanged,
    WaitBegan,
    WaitSkipped,
)
from diana_engine.play.outcome import Outcome
from diana_engine.play.saved import decode_state, encode_state
from diana_engine.play.scene import offered, reminder
from diana_engine.play.state import Moment, PlayerState, Waiting
from diana_engine.play.waits import reminder_at, way_ahead
from diana_engine.play.walk import Walk
from diana_engine.program.codec import decode, encode
from diana_engine.program.exits import branches_of, choices_of
from diana_engine.program.model import (
    Deck,
    Flag,
    Next,
    OneOf,
    Points,
    Program,
    Storylet,
    WholeNumber,
    Words,
)
from strategies.builders import ending, fragment, story, words
from strategies.programs import ANSWERS, lively, pick, plays, programs

NOW = Moment(1_700_000_000)
many = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

FLOW = programs(flow=True)
ANY = lively(timed=True) | programs(flow=True, lives=True, timed=True)


class Played(NamedTuple):
    """A step: the state before, the action, its outcome, and when it was done."""

    before: PlayerState
    action: Action
    outcome: Outcome
    moment: Moment


def played(program: Program, numbers: list[int]) -> Iterator[Played]:
    """Play, and yield each step. Time passes, now and then backwards: clocks are set."""
    state, now = step(program, None, Start(7), NOW).state, NOW.now
    for number in numbers:
        now += (number % 11 - 2) * 1_800
        action = pick(program, state, number, Moment(now))
        outcome = step(program, state, action, Moment(now))
        yield Played(state, action, outcome, Moment(now))
        state = outcome.state


def states(program: Program, numbers: list[int]) -> Iterator[tuple[PlayerState, Moment]]:
    """Play, and yield each state on the way, and when it was reached."""
    yield step(program, None, Start(7), NOW).state, NOW
    for one in played(program, numbers):
        yield one.outcome.state, one.moment


@many
@given(ANY, plays)
def test_values_and_items_never_leave_their_ranges(program: Program, numbers: list[int]) -> None:
    for state, _ in states(program, numbers):
        assert state.values.keys() == program.variables.keys()
        for name, variable in program.variables.items():
            value = state.values[name]
            match variable:
                case Points():
                    assert 0 <= value <= variable.maximum
                case WholeNumber():
                    assert variable.minimum <= value <= variable.maximum
                case Flag():
                    assert isinstance(value, bool)
                case OneOf():
                    assert value in variable.values
                case Words():
                    assert len(value) <= variable.max_length
        for item, held in state.items.items():
            assert 1 <= held <= program.items[item].maximum


@many
@given(ANY, plays)
def test_a_refused_action_changes_nothing(program: Program, numbers: list[int]) -> None:
    for before, _, outcome, now in played(program, numbers):
        if outcome.refused:
            assert outcome.state == before
            assert outcome.view == look(program, before, now)
        else:
            assert not any(isinstance(event, Refused) for event in outcome.events)


@many
@given(ANY, plays)
def test_a_step_never_writes_to_the_state_it_was_given(
    program: Program, numbers: list[int]
) -> None:
    state = step(program, None, Start(7), NOW).state
    for number in numbers:
        kept = deepcopy(state)
        following = step(program, state, pick(program, state, number, NOW), NOW).state
        assert state == kept
        state = following


@many
@given(ANY, plays)
def test_the_choices_that_are_offered_are_those_that_are_shown(
    program: Program, numbers: list[int]
) -> None:
    for state, now in states(program, numbers):
        view = look(program, state, now)
        shown = [choice.key for choice in view.choices]
        counted = [offered(program, state, now, number) for number in range(len(shown) + 1)]
        assert counted == [*shown, None]
        assert view.ask is None or not view.choices


@given(ANY, plays)
def test_what_is_shown_as_possible_is_exactly_what_is_accepted(
    program: Program, numbers: list[int]
) -> None:
    for state, now in states(program, numbers):
        view = look(program, state, now)
        unlocked = {choice.key for choice in view.choices if choice.lock is None}
        way = program.fragments[state.fragment].exit
        keys = [choice.key for choice in choices_of(way)]
        if isinstance(way, Deck):
            keys += [ChoiceKey(f"{state.fragment}.{id}") for id in way.storylets]
        for key in keys:
            refused = step(program, state, Choose(key), now).refused
            assert (refused is None) == (key in unlocked)
        assert (step(program, state, Continue(), now).refused is None) == view.can_continue


@many
@given(ANY, plays)
def test_the_player_rests_only_where_a_fragment_rests(program: Program, numbers: list[int]) -> None:
    for state, _ in states(program, numbers):
        assert program.fragments[state.fragment].rests
        assert state.visits[state.fragment] > 0


@many
@given(ANY, plays)
def test_the_same_seed_and_actions_give_the_same_play(program: Program, numbers: list[int]) -> None:
    again = decode(encode(program))
    for before, action, outcome, now in played(program, numbers):
        assert step(again, decode_state(encode_state(before)), action, now) == outcome


@many
@given(programs(), plays)
def test_a_play_can_be_replayed_in_one_go(program: Program, numbers: list[int]) -> None:
    steps = list(played(program, numbers))
    actions = [Start(7), *(one.action for one in steps)]
    assert replay(program, actions) == steps[-1].outcome.state


@many
@given(ANY, plays)
def test_looking_is_repeatable_and_agrees_with_the_step(
    program: Program, numbers: list[int]
) -> None:
    for before, action, outcome, now in played(program, numbers):
        assert (
            outcome.view == look(program, outcome.state, now) == look(program, outcome.state, now)
        )
        assert advance(program, before, action, now) == (outcome.state, outcome.events)


@many
@given(ANY, plays)
def test_events_account_for_every_difference(program: Program, numbers: list[int]) -> None:
    for before, _, outcome, now in played(program, numbers):
        assert retold(program, before, outcome, now) == outcome.state


def retold(program: Program, before: PlayerState, outcome: Outcome, now: Moment) -> PlayerState:
    """Return the state that follows from `before` by the events alone; what is said is no event."""
    seed, entry, fragment = before.seed, before.entry, before.fragment
    values, items = dict(before.values), dict(before.items)
    visits, chosen, entered = dict(before.visits), dict(before.chosen), dict(before.entered)
    waiting, remind_at, calls = before.waiting, before.remind_at, before.calls
    for event in outcome.events:
        match event:
            case Started():
                seed, entry, entered = event.seed, 0, {}
                values = {name: variable.initial for name, variable in program.variables.items()}
                items, visits, chosen, calls = {}, {}, {}, ()
                waiting = remind_at = None
            case ChoiceTaken():
                assert event.fragment == fragment
                chosen[event.choice] = chosen.get(event.choice, 0) + 1
                remind_at = None
            case FragmentEntered():
                waiting = remind_at = None
                if event.fragment in program.timed:
                    entered[event.fragment] = now.now
                fragment, entry = event.fragment, entry + 1
                assert event.visits == visits.get(fragment, 0) + 1
                visits[fragment] = event.visits
            case Called():
                assert event.fragment == fragment
                calls = (*calls, fragment)
            case Returned():
                *calls_left, last = calls
                assert event.fragment == last
                calls = tuple(calls_left)
            case ValueChanged():
                assert values[event.variable] == event.before != event.after
                values[event.variable] = event.after
            case ItemChanged():
                assert items.get(event.item, 0) == event.before != event.after
                items[event.item] = event.after
            case WaitBegan():
                waiting = Waiting(event.due, event.choice)
            case ReminderSet():
                assert event.at > now.now
                remind_at = event.at
            case Answered() | WaitSkipped() | EndingReached() | TurnedAway() | Refused():
                pass
    held = {item: count for item, count in items.items() if count}
    said = outcome.state.said
    return PlayerState(
        seed,
        fragment,
        entry,
        values,
        held,
        visits,
        chosen,
        said,
        calls,
        entered=entered,
        waiting=waiting,
        remind_at=remind_at,
    )


@many
@given(ANY, plays, st.integers(0, 10**7))
def test_who_may_go_on_may_do_so_ever_after_and_nobody_before_it_is_time(
    program: Program, numbers: list[int], later: int
) -> None:
    for state, now in states(program, numbers):
        if state.waiting is None:
            continue
        due, key = state.waiting.due, state.waiting.choice
        view = look(program, state, now)
        assert (view.wait is None) == view.can_continue == (now.now >= due)
        assert view.wait is None or view.wait.left == due - now.now
        assert not view.choices
        early = step(program, state, Continue(), Moment(due - 1))
        assert early.refused is not None
        assert (early.refused.why, early.state) == ("waiting", state)
        gone = step(program, state, Continue(), Moment(due + later))
        assert gone.refused is None
        assert gone.state.entry > state.entry
        if key is not None:
            assert step(program, state, Choose(key), now).refused is not None


@many
@given(ANY, plays)
def test_who_pays_for_not_waiting_pays_once_the_whole_price_and_goes_where_waiting_leads(
    program: Program, numbers: list[int]
) -> None:
    for state, now in states(program, numbers):
        wait = way_ahead(program, state.fragment, state.waiting)
        skipped = step(program, state, Skip(), now)
        if wait is None or wait.skip is None or state.waiting is None:
            assert skipped.refused is not None
        elif now.now >= state.waiting.due:
            assert skipped == step(program, state, Continue(), now)
        elif state.values[wait.skip.points] < wait.skip.amount:
            assert skipped.refused is not None
            assert skipped.refused.why == "cost"
        else:
            marked, paid, *_ = skipped.events
            before = state.values[wait.skip.points]
            assert marked == WaitSkipped(state.fragment)
            assert paid == ValueChanged(wait.skip.points, before, before - wait.skip.amount)
            rich = replace(
                state,
                values={**state.values, paid.variable: paid.after},
                waiting=Waiting(now.now, state.waiting.choice),
            )
            assert skipped.state == step(program, rich, Continue(), now).state


@many
@given(ANY, plays)
def test_only_who_can_be_reminded_has_a_time_for_it(program: Program, numbers: list[int]) -> None:
    for state, now in states(program, numbers):
        if state.remind_at is not None:
            remind = reminder_at(program, state.fragment, state.waiting)
            assert remind is not None
            due = state.waiting.due if state.waiting else None
            assert due is None or state.remind_at == due + remind.after
            assert reminder(program, state, now) == reminder(program, state, now)


@many
@given(ANY, plays)
def test_a_sub_story_comes_back_to_the_way_on_of_its_own_call(
    program: Program, numbers: list[int]
) -> None:
    for before, _, outcome, _ in played(program, numbers):
        waiting = [] if isinstance(outcome.events[0], Started) else list(before.calls)
        for event, following in pairwise(outcome.events):
            if isinstance(event, Called):
                waiting.append(event.fragment)
                assert isinstance(following, FragmentEntered | TurnedAway)
                way = program.fragments[event.fragment].exit
                called = way.storylets if isinstance(way, Deck) else (way.to,)
                assert following.fragment in called
            elif isinstance(event, Returned):
                assert waiting.pop() == event.fragment
                assert isinstance(following, FragmentEntered | TurnedAway)
                targets = {one.to for one in branches_of(program.fragments[event.fragment].exit)}
                assert following.fragment in targets
        assert tuple(waiting) == outcome.state.calls


@many
@given(ANY, plays)
def test_an_answer_changes_nothing_but_its_variable(program: Program, numbers: list[int]) -> None:
    for before, action, outcome, _ in played(program, numbers):
        way = program.fragments[before.fragment].exit
        if isinstance(action, Answer) and isinstance(way, Next) and way.ask and not outcome.refused:
            answered, *after = outcome.events
            assert answered == Answered(before.fragment, way.ask.into)
            typed = list(takewhile(lambda one: isinstance(one, ValueChanged), after))
            assert {change.variable for change in typed} <= {way.ask.into}
            assert isinstance(after[len(typed)], FragmentEntered | TurnedAway)


@many
@given(ANY, plays, st.text(max_size=60) | st.sampled_from(ANSWERS))
def test_an_answer_is_taken_as_it_reads_or_not_at_all(
    program: Program, numbers: list[int], typed: str
) -> None:
    for state, now in states(program, numbers):
        way = program.fragments[state.fragment].exit
        refused = step(program, state, Answer(typed), now).refused
        if not isinstance(way, Next) or way.ask is None:
            assert refused is not None
            continue
        value = read_answer(program.variables[way.ask.into], typed)
        assert (refused is None) == (value is not None)
        if value is not None:
            # What it was read as is what it is read as: nothing is lost by answering with that.
            assert read_answer(program.variables[way.ask.into], str(value)) == value


@given(st.text(max_size=80))
def test_an_answer_holds_nothing_that_cannot_be_seen(typed: str) -> None:
    tidied = tidy(typed)
    assert tidied == tidy(tidied) == " ".join(tidied.split())
    bidi = {chr(sign) for sign in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F)}
    assert not bidi & set(tidied)
    assert not any(category(one) in ("Cc", "Cs", "Zl", "Zp") for one in tidied)


@many
@given(FLOW, plays)
def test_a_deck_offers_what_fits_the_first_in_priority_first(
    program: Program, numbers: list[int]
) -> None:
    for state, now in states(program, numbers):
        deck = program.fragments[state.fragment].exit
        if not isinstance(deck, Deck):
            continue
        keys = [one.key for one in look(program, state, now).choices]
        hand = [id for id in deck.storylets if f"{state.fragment}.{id}" in keys]
        # They stand first, in the order of the deck, as many as there are, up to its measure.
        assert keys[: len(hand)] == [f"{state.fragment}.{id}" for id in hand]
        fitting = [id for id in deck.storylets if fits(program, state, now, id)]
        assert set(hand) <= set(fitting)
        assert len(hand) == min(deck.show, len(fitting))
        rank = {id: program.fragments[id].storylet.priority for id in fitting}
        left = [rank[id] for id in fitting if id not in hand]
        assert not left or min(rank[id] for id in hand) >= max(left)


def fits(program: Program, state: PlayerState, now: Moment, id: str) -> bool:
    """Return whether decks may offer the storylet now."""
    storylet = program.fragments[id].storylet
    if storylet.once and state.visits.get(id):
        return False
    return storylet.requires is None or holds(
        storylet.requires, Walk(program, state, now.now), program.conditions
    )


@given(st.lists(st.integers(1, 50), min_size=2, max_size=5), st.integers(0, 2**32))
def test_a_storylet_is_drawn_as_often_as_its_weight_says(weights: list[int], first: int) -> None:
    program = story(
        fragment("hub", Deck(tuple(f"main.s{n}" for n in range(len(weights))), show=1)),
        *(
            ending(f"s{n}", storylet=Storylet(("a",), words("S"), weight=weight))
            for n, weight in enumerate(weights)
        ),
    )
    drawn = [
        look(program, PlayerState(seed, program.start), NOW).choices[0].key
        for seed in range(first, first + 400)
    ]
    for n, weight in enumerate(weights):
        share = weight / sum(weights)
        # Six standard deviations: one run in a hundred million falls outside.
        slack = 6 * math.sqrt(400 * share * (1 - share))
        assert abs(drawn.count(f"main.hub.main.s{n}") - 400 * share) <= slack


@many
@given(ANY, plays)
def test_a_text_is_read_without_loose_white_space(program: Program, numbers: list[int]) -> None:
    for state, now in states(program, numbers):
        view = look(program, state, now)
        for text in (view.text, view.said, *(choice.text for choice in view.choices)):
            assert_tidy(text)


def assert_tidy(text: Rich) -> None:
    """Check that no piece is empty and no two plain ones are neighbours."""
    kinds = [isinstance(part, Plain) for part in text]
    assert not any(left and right for left, right in pairwise(kinds))
    for part in text:
        if isinstance(part, Plain):
            assert part.characters
        else:
            assert part.text
            assert_tidy(part.text)


@many
@given(ANY)
def test_a_program_comes_back_from_its_bytes_and_its_bytes_from_it(program: Program) -> None:
    data = encode(program)
    assert decode(data) == program
    assert encode(decode(data)) == data


@many
@given(ANY, plays)
def test_a_state_comes_back_from_json(program: Program, numbers: list[int]) -> None:
    for state, _ in states(program, numbers):
        assert decode_state(json.loads(json.dumps(encode_state(state)))) == state


@given(st.integers(), st.integers(0), st.text(), st.integers(1, 2**54))
def test_a_draw_lies_in_its_range_and_stays_what_it_is(
    seed: int, entry: int, place: str, size: int
) -> None:
    drawn = draw(seed, entry, place, size)
    assert 0 <= drawn < size
    assert draw(seed, entry, place, size) == drawn
