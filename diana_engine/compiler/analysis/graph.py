"""The story as a graph of fragments: dead ends, what is never reached, and what never ends.

Choices, branches and `otherwise` are edges, whatever they require: what is unreachable here is unreachable for sure.
Whether a way that is there can also be taken, the analysis of states tells.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from diana_engine.compiler.analysis.calls import check_calls
from diana_engine.compiler.analysis.flow import Flow, against, flow_of
from diana_engine.compiler.analysis.storylets import offered
from diana_engine.compiler.analysis.ways import Ways, components, reach
from diana_engine.compiler.checking.checked import CheckedStory
from diana_engine.diagnostics.model import Diagnostic, Label
from diana_engine.diagnostics.registry import diagnose
from diana_engine.expressions.terms import FragmentId
from diana_engine.program.exits import branches_of
from diana_engine.program.model import Choices, Deck, Ending, Fragment, Return
from diana_engine.source import Span

__all__ = ["analyse_graph"]


def analyse_graph(story: CheckedStory) -> list[Diagnostic]:
    """Return what is wrong with the ways through a story; each cause is told once, at the place to mend."""
    flow = flow_of(story.fragments)
    ways = _as_if_all_returned(story, flow)
    reached = reach([story.start], ways)
    calls, endless = check_calls(story, flow, reached)
    loops, caught = _endless_loops(story, flow)
    return [
        *_dead_ends(story),
        *_unreachable(story, ways, reached),
        *calls,
        *loops,
        *_no_ending(story, flow, reached, caught | endless),
    ]


def _as_if_all_returned(story: CheckedStory, flow: Flow) -> Ways[FragmentId]:
    """Return all ways, past each call too: that one never returns is told at the call, not behind it."""
    past = {
        id: flow.whole[id] + tuple(one.to for one in branches_of(story.fragments[id].exit))
        for id in flow.calls
    }
    return flow.whole | past if past else flow.whole


def _place(story: CheckedStory, id: FragmentId) -> Span:
    return story.places[id].id.whole


def _in_order(story: CheckedStory, ids: Iterable[FragmentId]) -> list[FragmentId]:
    """Sort by where they were written."""
    return sorted(ids, key=lambda id: _place(story, id).sort_key)


def _is_dead_end(fragment: Fragment) -> bool:
    match fragment.exit:
        case Choices(choices):
            return not choices
        case Deck(storylets, otherwise=otherwise, choices=choices):
            return not storylets and not choices and otherwise is None
        case _:
            return False


def _dead_ends(story: CheckedStory) -> Iterator[Diagnostic]:
    for id, fragment in story.fragments.items():
        # A deck that offers nothing is told as such.
        if _is_dead_end(fragment) and not isinstance(fragment.exit, Deck):
            yield diagnose(
                "DIA402",
                _place(story, id),
                f"`{id}` is a dead end: it has no way on, and is no ending.",
                help="Give it `choices:` or `next:`, or make it an ending with `ending: a_name`.",
            )


def _unreachable(
    story: CheckedStory, ways: Ways[FragmentId], reached: set[FragmentId]
) -> Iterator[Diagnostic]:
    """One finding for each place where players would have to come in; what only follows from it is counted there."""
    lost = [id for id in story.fragments if id not in reached]
    dealt = offered(story)
    alone = {id for id in lost if story.fragments[id].storylet is not None and id not in dealt}
    groups = [set(group) for group in components(lost, ways)]
    home = {id: number for number, group in enumerate(groups) for id in group}
    entered = {home[to] for id in lost for to in ways[id] if to in home and home[to] != home[id]}
    for number, group in enumerate(groups):
        # A storylet that no deck offers is told as such.
        if number in entered or any(id in alone for id in group):
            continue
        first = _in_order(story, group)[0]
        behind = len(reach([first], ways) - reached) - 1
        rest = f" With it {behind} more {'is' if behind == 1 else 'are'} lost." if behind else ""
        yield diagnose(
            "DIA401",
            _place(story, first),
            f"No way leads to `{first}`.{rest}",
            help="Lead to it from a choice or `next:` of a fragment that players reach, or remove it.",
        )


# Loops --------------------------------------------------------------------------------------------------------------


def _endless_loops(story: CheckedStory, flow: Flow) -> tuple[list[Diagnostic], set[FragmentId]]:
    """Find rings of fragments in which a player never rests; return them, and those that nobody ever leaves."""
    passing = flow.passing
    found: list[Diagnostic] = []
    caught: set[FragmentId] = set()
    # Nearly every place lets players rest, and so leads on in no ring of these.
    for members in components([id for id, to in passing.items() if to], passing):
        if len(members) == 1 and members[0] not in passing[members[0]]:
            continue
        ring = set(members)
        first, *others = _in_order(story, ring)
        closed = all(to in ring for id in ring for to in flow.whole[id])
        caught |= ring if closed else set()
        found.append(_loop(story, [first, *others], closed=closed))
    return found, caught


def _loop(story: CheckedStory, ring: list[FragmentId], *, closed: bool) -> Diagnostic:
    one = "one of them" if len(ring) > 1 else "it"
    return diagnose(
        "DIA404" if closed else "DIA406",
        _place(story, ring[0]),
        f"`{ring[0]}` leads round in a ring that nobody ever leaves."
        if closed
        else f"`{ring[0]}` may lead round in a ring without ever showing anything.",
        labels=tuple(Label(_place(story, id), "on this way round") for id in ring[1:]),
        help=f"Give {one} a `text:` and `choices:`, so that players can decide; or lead on from the ring.",
    )


def _no_ending(
    story: CheckedStory, flow: Flow, reached: set[FragmentId], caught: set[FragmentId]
) -> Iterator[Diagnostic]:
    """One finding for each part of the story that players can enter, cannot leave, and in which nothing ends.

    A sub-story is left by its return. What comes of it then is seen where it was called.
    """
    endings = [id for id, one in story.fragments.items() if isinstance(one.exit, Ending)]
    if not endings and not any(map(_is_dead_end, story.fragments.values())):
        yield _never_ends(story)
        return
    hopeful = reach(endings, against(flow.whole))
    if flow.returning:
        outside = reach([story.start], flow.level)
        hopeful |= set(flow.returning) - outside
    lost = [id for id in story.fragments if id in reached and id not in hopeful]
    for members in map(set, components(lost, flow.whole)):
        inside = members.union(hopeful)
        if members <= caught or any(to not in inside for id in members for to in flow.whole[id]):
            continue
        exits = [story.fragments[id].exit for id in members]
        if any(isinstance(way, Return) for way in exits) or any(
            _is_dead_end(story.fragments[id]) for id in members
        ):
            continue
        yield _trap(
            story,
            _in_order(story, members),
            choices=any(isinstance(way, Choices | Deck) for way in exits),
        )


def _never_ends(story: CheckedStory) -> Diagnostic:
    start = story.manifest.start
    return diagnose(
        "DIA405",
        start.whole if start is not None else story.manifest.file.span(0, 0),
        "This story has no ending.",
        help="Make at least one fragment an ending, with `ending: a_name` in place of choices.",
    )


def _trap(story: CheckedStory, members: list[FragmentId], *, choices: bool) -> Diagnostic:
    others = tuple(Label(_place(story, id), "nor from here") for id in members[1:4])
    if choices:
        message = f"From `{members[0]}` no ending can be reached."
        help = "Lead from here to an ending, or to a fragment from which one can be reached."
        return diagnose("DIA403", _place(story, members[0]), message, labels=others, help=help)
    return diagnose(
        "DIA404",
        _place(story, members[0]),
        f"`{members[0]}` leads round in a ring that nobody ever leaves.",
        labels=tuple(Label(label.span, "on this way round") for label in others),
        help="Give one of them `choices:`, or lead on from the ring.",
    )
