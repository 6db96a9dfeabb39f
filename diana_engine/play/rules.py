"""The rules of play: what an action does.

`step` is the whole of it, pure, with what is seen afterwards. `advance` is the same without the view, and `begin` and
`act` are the same on a walk that changes in place, for plays of many thousand steps.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import assert_never

from diana_engine.errors import DianaError
from diana_engine.expressions.evaluate import holds
from diana_engine.expressions.terms import ChoiceKey, FragmentId
from diana_engine.play.actions import Action, Answer, Choose, Combine, Continue, Earn, Skip, Start
from diana_engine.play.answers import read_answer
from diana_engine.play.choices import balance, choices_at, take
from diana_engine.play.combining import combine
from diana_engine.play.decks import is_dealt, nothing_dealt
from diana_engine.play.earning import earn
from diana_engine.play.effects import perform
from diana_engine.play.events import (
    Answered,
    EndingReached,
    Event,
    Refused,
    Started,
    TurnedAway,
    WaitSkipped,
)
from diana_engine.play.outcome import Outcome
from diana_engine.play.scene import look, scene
from diana_engine.play.settle import settle
from diana_engine.play.state import NO_MOMENT, Moment, PlayerState
from diana_engine.play.waits import way_ahead
from diana_engine.play.walk import Walk
from diana_engine.program.exits import ask_of, branches_of, wait_of
from diana_engine.program.model import (
    Branch,
    Call,
    Choice,
    Choices,
    Deck,
    Ending,
    Fragment,
    Next,
    Program,
    Return,
)

__all__ = [
    "PASSAGE_LIMIT", "EndlessPassage", "act", "advance", "arrive", "begin", "onward", "replay", "step", "travel", "way_on",
]  # fmt: skip

PASSAGE_LIMIT = 1_000
"""How many fragments one step may pass through. Only a draft's endless loop comes near."""


class EndlessPassage(DianaError):  # noqa: N818 - it is what a writer meets by this name
    """Fragments without text lead to each other for ever, so that the player never comes to rest."""

    def __init__(self, fragment: FragmentId) -> None:
        super().__init__(
            f"The way on from `{fragment}` passes through more than {PASSAGE_LIMIT:,} fragments "
            "without coming to rest. Give one of them a text, or lead the last one elsewhere."
        )
        self.fragment = fragment


def step(program: Program, state: PlayerState | None, action: Action, moment: Moment) -> Outcome:
    """Return what `action` leads to. An action that is not possible changes nothing and is `Refused`.

    `state` is `None` for a player who has not begun; `Start` begins in any state.

    Raises:
        ValueError: any action but `Start` by a player who has not begun: a mistake of the caller.
        EndlessPassage: the story never comes to rest; the state is as before.
    """
    walk = _walked(program, state, action, moment)
    if isinstance(walk, Refused):
        assert state is not None, "who begins is never refused"
        return Outcome(state, (walk,), look(program, state, moment))
    # What is seen is read off the same walk: it stands where the player does now.
    return Outcome(walk.state(), tuple(walk.events), scene(walk))


def advance(
    program: Program,
    state: PlayerState | None,
    action: Action,
    moment: Moment,
) -> tuple[PlayerState, tuple[Event, ...]]:
    """Return the state after `action` and what happened: a step for who does not look. Raises as `step` does."""
    walk = _walked(program, state, action, moment)
    if isinstance(walk, Refused):
        assert state is not None, "who begins is never refused"
        return state, (walk,)
    return walk.state(), tuple(walk.events)


def _walked(
    program: Program, state: PlayerState | None, action: Action, moment: Moment
) -> Walk | Refused:
    match action:
        case Start():
            return begin(program, action.seed, moment, state)
        case Choose() | Continue() | Answer() | Combine() | Skip() | Earn():
            if state is None:
                raise ValueError(f"{action} came before the story was begun")
            walk = Walk(program, state, moment.now, moment.offset)
            return act(walk, action) or walk
        case _:
            assert_never(action)


def begin(
    program: Program, seed: int, moment: Moment = NO_MOMENT, before: PlayerState | None = None
) -> Walk:
    """Return a new play that has come to its first rest, with `events` so far.

    Of the play `before`, what is not the story's own stays: until when the player is VIP, the streak, the feeling, and what
    earned points when.
    """
    initial = {name: variable.initial for name, variable in program.variables.items()}
    state = PlayerState(seed, program.start, values=initial)
    if before is not None:
        state = replace(
            state,
            vip_until=before.vip_until,
            streak=before.streak,
            feeling=before.feeling,
            incomes=before.incomes,
        )
    walk = Walk(program, state, moment.now, moment.offset)
    walk.events.append(Started(seed))
    travel(walk, program.start)
    settle(walk)
    return walk


def act(walk: Walk, action: Choose | Continue | Answer | Combine | Skip | Earn) -> Refused | None:
    """Do `action` in place, or say why it is refused; `walk.events` then holds what happened in it.

    Raises:
        EndlessPassage: the story never comes to rest; the walk stands somewhere on the way and is of no more use.
    """
    walk.events = []
    match action:
        case Choose():
            refused = _choose(walk, action.choice)
        case Continue():
            refused = _go_on(walk)
        case Answer():
            refused = _answer(walk, action.typed)
        case Combine():
            refused = combine(walk, action.combination)
        case Skip():
            refused = _skip(walk)
        case Earn(source):
            refused = earn(walk, source)
        case _:
            assert_never(action)
    if refused is None:
        settle(walk)
    return refused


def replay(program: Program, actions: Iterable[Action]) -> PlayerState:
    """Return where `actions` lead, the first of which is `Start`; refused ones change nothing, as ever.

    It takes time in proportion to the actions, however long the play. Raises as `step` does.
    """
    walk: Walk | None = None
    for action in actions:
        if isinstance(action, Start):
            walk = begin(program, action.seed)
        elif walk is None:
            raise ValueError(f"{action} came before the story was begun")
        else:
            act(walk, action)
    if walk is None:
        raise ValueError("there is nothing to replay")
    return walk.state()


def _choose(walk: Walk, key: ChoiceKey) -> Refused | None:
    for choice in choices_at(walk):
        if choice.key == key:
            if walk.waiting is not None:
                return Refused("waiting", key)
            if why := take(choice, walk):
                return Refused(why, key)
            _set_out(walk, choice)
            return None
    is_over = isinstance(walk.program.fragments[walk.fragment].exit, Ending)
    return Refused("over" if is_over else "no such choice", key)


def _set_out(walk: Walk, choice: Choice) -> None:
    """Go where `choice` leads: at once, or when the time for it has come."""
    walk.remind_at = None
    if choice.wait is None:
        if is_dealt(choice) and branches_of(walk.program.fragments[walk.fragment].exit):
            walk.call()
        travel(walk, choice.to)
        return
    walk.wait(choice.wait.seconds, choice.key)
    if choice.remind is not None:
        walk.remind(choice.remind.after)


def _skip(walk: Walk) -> Refused | None:
    waiting, wait = walk.waiting, way_ahead(walk.program, walk.fragment, walk.waiting)
    if waiting is None or wait is None or wait.skip is None:
        return Refused("nothing to skip")
    if walk.now < waiting.due:
        left = balance(wait.skip, walk) - wait.skip.amount
        if left < 0:
            return Refused("cost")
        walk.events.append(WaitSkipped(walk.fragment))
        walk.set_value(wait.skip.points, left)
        walk.waiting = None
        return _arrive_late(walk, waiting.choice)
    return _go_on(walk)


def _arrive_late(walk: Walk, key: ChoiceKey | None) -> Refused | None:
    """Go on after a wait, on the way of the choice that began it or of the fragment."""
    if key is None:
        return _go_on(walk)
    walk.said = walk.combined = None
    travel(walk, next(choice.to for choice in choices_at(walk) if choice.key == key))
    return None


def _go_on(walk: Walk) -> Refused | None:
    waiting = walk.waiting
    if waiting is not None:
        if walk.now < waiting.due:
            return Refused("waiting")
        walk.waiting = None
        return _arrive_late(walk, waiting.choice)
    fragment = walk.program.fragments[walk.fragment]
    if isinstance(fragment.exit, Ending):
        return Refused("over")
    if ask_of(fragment.exit) is not None:
        return Refused("question")
    to = onward(walk, fragment)
    if to is None:
        return Refused("nothing to continue")
    walk.said = walk.combined = None
    travel(walk, to)
    return None


def _answer(walk: Walk, typed: str) -> Refused | None:
    way = walk.program.fragments[walk.fragment].exit
    if not isinstance(way, Next) or way.ask is None:
        return Refused("over" if isinstance(way, Ending) else "no question")
    into = way.ask.into
    value = read_answer(walk.program.variables[into], typed)
    if value is None:
        return Refused("answer")
    walk.events.append(Answered(walk.fragment, into))
    walk.set_value(into, value)
    walk.said = walk.combined = None
    travel(walk, way_on(way.branches, walk))
    return None


def travel(walk: Walk, to: FragmentId) -> None:
    """Go to the fragment `to`, and on through all that only let pass, until the player rests."""
    fragments = walk.program.fragments
    following: FragmentId | None = to
    for _ in range(PASSAGE_LIMIT):
        following = arrive(walk, fragments[to])
        if following is None:
            return
        to = following
    raise EndlessPassage(to)


def arrive(walk: Walk, fragment: Fragment) -> FragmentId | None:
    """Come to `fragment`; return where to go on at once, or `None` to rest here."""
    gate = fragment.gate
    if gate is not None and not holds(gate.requires, walk, walk.program.conditions):
        walk.events.append(TurnedAway(fragment.id, gate.otherwise))
        return gate.otherwise
    walk.enter(fragment.id)
    for effect in fragment.on_enter:
        perform(effect, walk)
    if isinstance(fragment.exit, Ending):
        walk.events.append(EndingReached(fragment.id, fragment.exit.name))
    may_pass = not fragment.rests or (isinstance(fragment.exit, Deck) and not fragment.shows)
    if may_pass and (passed := onward(walk, fragment)) is not None:
        return passed
    if (wait := wait_of(fragment.exit)) is not None:
        walk.wait(wait.seconds)
    if fragment.remind is not None:
        walk.remind(fragment.remind.after)
    return None


def onward(walk: Walk, fragment: Fragment) -> FragmentId | None:
    """Return where the way on from `fragment` leads that is no choice, or `None` where there is none.

    A call or a return that lies on it is made.
    """
    match fragment.exit:
        case Next(branches):
            return way_on(branches, walk)
        case Call(to):
            walk.call()
            return to
        case Return():
            caller = walk.end_call()
            if caller is None:
                return None
            return way_on(branches_of(walk.program.fragments[caller].exit), walk)
        case Deck() as deck:
            # Where it leads nowhere, nothing need be dealt to know that.
            return deck.otherwise if deck.otherwise and nothing_dealt(walk, deck) else None
        case Choices() | Ending():
            return None
        case _:
            assert_never(fragment.exit)


def way_on(branches: tuple[Branch, ...], walk: Walk) -> FragmentId:
    """Return where the first branch that holds leads; the last one is not asked: it always does."""
    *asked, last = branches
    for branch in asked:
        if branch.requires is None or holds(branch.requires, walk, walk.program.conditions):
            return branch.to
    return last.to
