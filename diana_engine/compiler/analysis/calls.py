"""Sub-stories that call themselves without end, that never return, and returns where nothing was called."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from diana_engine.compiler.analysis.flow import Flow, Table, against
from diana_engine.compiler.analysis.ways import components, reach
from diana_engine.compiler.checking.checked import CheckedStory
from diana_engine.diagnostics.model import Diagnostic, Label
from diana_engine.diagnostics.registry import diagnose
from diana_engine.expressions.terms import FragmentId
from diana_engine.program.model import Ending, Return
from diana_engine.source import Span

__all__ = ["check_calls"]

_MOST_LABELS = 4


def check_calls(
    story: CheckedStory, flow: Flow, reached: set[FragmentId]
) -> tuple[list[Diagnostic], set[FragmentId]]:
    """Return what is wrong with the sub-stories of a story, and the fragments among which calls go round without end.

    `reached` is what players can come to.
    """
    found = list(_returns_outside(story, flow))
    endless: set[FragmentId] = set()
    if flow.calls:
        rings = list(_endless(flow))
        found += [_ring(story, flow, ring) for ring in rings]
        found += _never_returning(story, flow, reached)
        endless.update(*rings)
    return found, endless


def _returns_outside(story: CheckedStory, flow: Flow) -> Iterator[Diagnostic]:
    for id in reach([story.start], flow.level):
        if not isinstance(story.fragments[id].exit, Return):
            continue
        place = story.places[id].returns
        if place is not None:
            yield diagnose(
                "DIA411",
                place.whole,
                f"Players can come to `{id}` without a call, and then there is nothing to return to.",
                help=_where_from(story, flow, id)
                + "Lead there with `call:`; or write `next:` here in place of `return:`.",
            )


def _where_from(story: CheckedStory, flow: Flow, id: FragmentId) -> str:
    way = _shortest(story.start, id, flow.level)
    return f"They come from `{way[-2]}`. " if len(way) > 1 else "The story begins here. "


def _endless(flow: Flow) -> Iterator[set[FragmentId]]:
    """Yield each ring of ways that leads through a call: with each time round, one more waits for its return."""
    for ring in map(set, components(flow.whole, flow.whole)):
        if any(not ring.isdisjoint(flow.calls[id]) for id in ring & flow.calls.keys()):
            yield ring


def _shortest(start: FragmentId, end: FragmentId, ways: Table) -> list[FragmentId]:
    """Return a shortest way; there must be one."""
    before: dict[FragmentId, FragmentId] = {start: start}
    waiting = deque([start])
    while end not in before:
        place = waiting.popleft()
        for to in ways[place]:
            if to not in before:
                before[to] = place
                waiting.append(to)
    way = [end]
    while way[-1] != start:
        way.append(before[way[-1]])
    return way[::-1]


def _ring(story: CheckedStory, flow: Flow, ring: set[FragmentId]) -> Diagnostic:
    callers = [(id, to) for id in ring & flow.calls.keys() for to in flow.calls[id] if to in ring]
    caller, called = min(callers, key=lambda pair: _call(story, pair[0]).sort_key)
    way = _shortest(called, caller, flow.whole)
    labels = tuple(Label(_id(story, id), "on the way back to it") for id in way[:-1][:_MOST_LABELS])
    return diagnose(
        "DIA410",
        _call(story, caller),
        f"From what `{caller}` calls, players can come back to this call without having returned, again and again.",
        labels=labels,
        help="Let the sub-story end with `return: true`, and lead on with `next:` beside the `call:`.",
    )


def _never_returning(
    story: CheckedStory, flow: Flow, reached: set[FragmentId]
) -> Iterator[Diagnostic]:
    """Tell calls whose sub-stories end the story always. One from which nothing leads anywhere is told as that."""
    endings = (id for id, one in story.fragments.items() if isinstance(one.exit, Ending))
    ending, returning = reach(endings, against(flow.whole)), set(flow.returning)
    for id, called in flow.calls.items():
        if id in reached and returning.isdisjoint(called) and ending.intersection(called):
            yield diagnose(
                "DIA412",
                _call(story, id),
                f"What `{id}` calls never returns, so its `next:` is never followed.",
                help="Let the sub-story end with `return: true`; or lead there with `next:` in place of `call:`.",
            )


def _id(story: CheckedStory, id: FragmentId) -> Span:
    return story.places[id].id.whole


def _call(story: CheckedStory, id: FragmentId) -> Span:
    place = story.places[id]
    call = place.call if place.deck is None else place.deck.key
    return _id(story, id) if call is None else call.whole
