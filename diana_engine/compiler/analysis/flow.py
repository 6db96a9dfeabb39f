"""Where players can go, whatever that requires, sub-stories included.

A player is on a level: in the story itself, or in a sub-story that was called, or in one that this one called. Ways on
one level are told apart from calls, which lead one level down. Past a call there is a way on its own level only if
what it calls can return. So no way comes back to another call than the one by which it went in.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from diana_engine.compiler.analysis.ways import reach
from diana_engine.expressions.terms import FragmentId
from diana_engine.program.exits import branches_of, choices_of
from diana_engine.program.model import Call, Deck, Fragment, Next, Return
from diana_engine.records import dataclass

__all__ = ["Calls", "Flow", "Table", "against", "calls_of", "flow_of"]

Table = dict[FragmentId, tuple[FragmentId, ...]]
"""For each fragment: where it leads."""
Calls = Mapping[FragmentId, tuple[FragmentId, ...]]
"""For each fragment that calls: where the sub-stories begin that it may call."""


@dataclass(frozen=True, slots=True)
class Flow:
    """The ways through a story.

    `level` has the ways on one level, `whole` the calls too. `passing` has the ways on one level that take players
    along without a rest. From `returning` fragments the end of their sub-story can be reached.
    """

    level: Table
    whole: Table
    passing: Table
    calls: Calls
    returning: Collection[FragmentId]


def flow_of(fragments: Mapping[FragmentId, Fragment]) -> Flow:
    """Return the ways through a story of these fragments, without errors of names."""
    level = {id: tuple(_targets(one)) for id, one in fragments.items()}
    passing = {id: tuple(_passed(one)) for id, one in fragments.items()}
    calls = {id: called for id, one in fragments.items() if (called := calls_of(one))}
    returns = [id for id, one in fragments.items() if isinstance(one.exit, Return)]
    if not calls:
        return Flow(level, level, passing, calls, returns)
    returning = _with_returns(level, calls, returns, fragments)
    quiet = {id: called for id, called in calls.items() if not fragments[id].rests}
    _with_returns(passing, quiet, [id for id in returns if not fragments[id].rests], fragments)
    whole = level | {id: level[id] + called for id, called in calls.items()}
    return Flow(level, whole, passing, calls, returning)


def calls_of(fragment: Fragment) -> tuple[FragmentId, ...]:
    """Return where the sub-stories begin that a fragment may call."""
    match fragment.exit:
        case Call(to):
            return (to,)
        case Deck(storylets, branches=branches) if branches:
            return storylets
        case _:
            return ()


def against(
    ways: Mapping[FragmentId, Iterable[FragmentId]],
) -> Mapping[FragmentId, list[FragmentId]]:
    """Return the same ways, the other way round."""
    back: dict[FragmentId, list[FragmentId]] = {}
    for source, targets in ways.items():
        for target in targets:
            back.setdefault(target, []).append(source)
    return back


def _targets(fragment: Fragment) -> Iterator[FragmentId]:
    if fragment.gate is not None:
        yield fragment.gate.otherwise
    for choice in choices_of(fragment.exit):
        yield choice.to
    if isinstance(fragment.exit, Deck):
        yield from _offered(fragment.exit)
    elif not calls_of(fragment):
        yield from _following(fragment)


def _offered(deck: Deck) -> Iterator[FragmentId]:
    if not deck.branches:
        yield from deck.storylets
    if deck.otherwise is not None:
        yield deck.otherwise


def _passed(fragment: Fragment) -> Iterator[FragmentId]:
    if fragment.gate is not None:
        yield fragment.gate.otherwise
    match fragment.exit:
        case Next() if not fragment.rests:
            yield from _following(fragment)
        case Deck(otherwise=to) if to is not None and not fragment.shows:
            yield to
        case _:
            pass


def _following(fragment: Fragment) -> Iterator[FragmentId]:
    for branch in branches_of(fragment.exit):
        yield branch.to


def _with_returns(
    ways: Table, calls: Calls, returns: Iterable[FragmentId], of: Mapping[FragmentId, Fragment]
) -> set[FragmentId]:
    """Add the ways past those calls that may return to `ways`; return all from which a return can be reached.

    A way past a call may be what lets another sub-story return, so this goes on until nothing new comes of it: at most
    as often as calls are nested.
    """
    waiting = dict(calls)
    returning = reach(returns, against(ways))
    while past := [id for id, called in waiting.items() if not returning.isdisjoint(called)]:
        for id in past:
            del waiting[id]
            ways[id] += tuple(_following(of[id]))
        returning = reach(returns, against(ways))
    return returning
