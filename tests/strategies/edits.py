"""Random edits of random programs: what writers do to a story that people are in the middle of.

A thing that is taken away and another one that comes are made in one: a name is changed, with or without the line in
`renamed:` that says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, cast

from hypothesis import strategies as st

from diana_engine.expressions import text
from diana_engine.expressions.terms import ChoiceKey, FragmentId
from diana_engine.program import model, systems
from diana_engine.program.exits import branches_of, choices_of
from diana_engine.program.model import Fragment, Program
from tests.strategies.programs import COIN, GOLD, KEY, LUCK, MET, MOOD, NAME

__all__ = ["edited", "renamed", "reworded"]

_NAMES = (GOLD, LUCK, MET, MOOD, NAME, KEY, COIN)


# Names


def _rewritten(value: Any, names: Mapping[str, str]) -> Any:
    """Return `value` with other names in it: alone, or at the beginning of a longer one such as a choice's key."""
    if isinstance(value, str):
        if value in names:
            return names[value]
        for old, new in names.items():
            if value.startswith(old) and value[len(old)] in ".~#":
                return new + _rewritten_rest(value[len(old) :], names)
        return value
    if isinstance(value, tuple):
        return tuple(_rewritten(one, names) for one in value)
    if isinstance(value, dict):
        return dict(
            sorted((_rewritten(key, names), _rewritten(one, names)) for key, one in value.items())
        )
    if is_dataclass(value):
        parts = {one.name: _rewritten(getattr(value, one.name), names) for one in fields(value)}
        return type(value)(**parts)
    return value


def _rewritten_rest(rest: str, names: Mapping[str, str]) -> str:
    return f".{names[rest[1:]]}" if rest[1:] in names else rest


def _called(program: Program, old: str, new: str) -> Program:
    return cast("Program", _rewritten(replace(program, growth=systems.Growth()), {old: new}))


def _growth(program: Program) -> systems.Growth:
    return program.growth


def _ids(program: Program) -> list[str]:
    declared = [name for name in _NAMES if name in program.variables or name in program.items]
    tasks = [one.id for one in program.missions] + [one.id for one in program.achievements]
    return [*program.fragments, *declared, *tasks]


def _with_rule(growth: systems.Growth, program: Program, old: str, new: str) -> systems.Growth:
    """Return the growth with the line ``old: new``, where it takes one."""
    if old in program.fragments:
        return replace(growth, fragments={**growth.fragments, old: new})  # type: ignore[dict-item]
    if old in program.variables:
        return replace(growth, variables={**growth.variables, old: new})  # type: ignore[dict-item]
    if old in program.items:
        return replace(growth, items={**growth.items, old: new})  # type: ignore[dict-item]
    if old in {one.id for one in program.missions}:
        return replace(growth, missions={**growth.missions, old: new})  # type: ignore[dict-item]
    return replace(growth, achievements={**growth.achievements, old: new})  # type: ignore[dict-item]


def _fresh(program: Program, old: str) -> str:
    new = f"{old}x"
    while new in _ids(program) or new in _grown(program.growth):
        new += "x"
    return new


def _grown(growth: systems.Growth) -> set[str]:
    names = (growth.fragments, growth.variables, growth.items, growth.missions)
    return {*growth.achievements, *growth.removed, *(name for some in names for name in some)}


@st.composite
def renamed(draw: st.DrawFn, program: Program) -> Program:
    """Return the program with some things called otherwise, and the lines that say so."""
    growth = systems.Growth()
    for old in draw(st.lists(st.sampled_from(_ids(program)), min_size=1, max_size=4, unique=True)):
        new = _fresh(program, old)
        growth = _with_rule(growth, program, old, new)
        program = _called(program, old, new)
    return replace(program, growth=growth)


# Words


@st.composite
def reworded(draw: st.DrawFn, program: Program) -> Program:
    """Return the program with other words and nothing else; choices without an id have other hashes then."""
    other = draw(st.sampled_from(["Otherwise.", "*", "Fin"]))
    fragments = {
        id: _reworded_fragment(draw, fragment, other) for id, fragment in program.fragments.items()
    }
    # Requirements name choices by their ids only; these programs name some by their hashes.
    keys = {
        old.key: new.key
        for id, fragment in program.fragments.items()
        for old, new in zip(choices_of(fragment.exit), choices_of(fragments[id].exit), strict=True)
        if old.key != new.key
    }
    program = cast("Program", _rewritten(replace(program, fragments=fragments), keys))
    return replace(
        program,
        version=other,
        title=other,
        items={id: replace(item, name=other, text=other) for id, item in program.items.items()},
        achievements=tuple(replace(one, title=other) for one in program.achievements),
        missions=tuple(replace(one, title=other) for one in program.missions),
    )


def _words(draw: st.DrawFn, old: text.Text, other: str) -> text.Text:
    return (text.Plain(other),) if old and draw(st.booleans()) else old


def _reworded_fragment(draw: st.DrawFn, fragment: Fragment, other: str) -> Fragment:
    fragment = replace(
        fragment,
        text=_words(draw, fragment.text, other),
        title=other,
        speaker=None,
        remind=_reminder(draw, fragment.remind, other),
    )
    if fragment.storylet is not None:
        storylet = replace(fragment.storylet, text=_words(draw, fragment.storylet.text, other))
        fragment = replace(fragment, storylet=storylet)
    way = fragment.exit
    if isinstance(way, model.Choices | model.Deck):
        choices = tuple(_reworded_choice(draw, one, other) for one in way.choices)
        return replace(fragment, exit=replace(way, choices=choices))
    return fragment


def _reworded_choice(draw: st.DrawFn, choice: model.Choice, other: str) -> model.Choice:
    words = _words(draw, choice.text, other)
    key = choice.key
    if words != choice.text and "~" in key:
        key = ChoiceKey(f"{key.partition('~')[0]}~{other.lower()}")
    return replace(
        choice,
        key=key,
        text=words,
        locked=choice.locked and _words(draw, choice.locked, other),
        say=choice.say and _words(draw, choice.say, other),
        remind=_reminder(draw, choice.remind, other),
    )


def _reminder(draw: st.DrawFn, remind: model.Remind | None, other: str) -> model.Remind | None:
    return remind and replace(remind, text=_words(draw, remind.text, other))


# Anything


@st.composite
def edited(draw: st.DrawFn, program: Program) -> Program:
    """Return the program after some edits of any kind, by any policy but to stay."""
    for _ in range(draw(st.integers(1, 5))):
        program = draw(st.sampled_from(_EDITS))(draw, program)
    policy = draw(st.sampled_from(["migrate", "restart_fragment"]))
    return replace(program, growth=replace(program.growth, policy=policy))


def _rename(draw: st.DrawFn, program: Program) -> Program:
    """Call something otherwise and say so, or not: then one thing is gone and another one is new."""
    old = draw(st.sampled_from(_ids(program)))
    new, growth = _fresh(program, old), program.growth
    after = _called(program, old, new)
    # What already led to it leads to the new name.
    growth = cast("systems.Growth", _rewritten_targets(growth, old, new))
    match draw(st.integers(0, 2)):
        case 0:
            growth = _with_rule(growth, program, old, new)
        case 1 if old in program.fragments:
            to = draw(st.sampled_from(sorted(after.fragments)))
            growth = replace(growth, removed={**growth.removed, FragmentId(old): to})
        case _:
            pass
    return replace(after, growth=growth)


def _rewritten_targets(growth: systems.Growth, old: str, new: str) -> systems.Growth:
    def led(moves: Mapping[Any, Any]) -> dict[Any, Any]:
        return {name: new if to == old else to for name, to in moves.items()}

    return replace(
        growth,
        fragments=led(growth.fragments),
        variables=led(growth.variables),
        items=led(growth.items),
        missions=led(growth.missions),
        achievements=led(growth.achievements),
        removed=led(growth.removed),
    )


def _put(program: Program, fragment: Fragment) -> Program:
    return replace(program, fragments={**program.fragments, fragment.id: fragment})


def _some(draw: st.DrawFn, program: Program) -> Fragment:
    return program.fragments[draw(st.sampled_from(sorted(program.fragments)))]


def _later(program: Program, fragment: Fragment) -> list[FragmentId]:
    """Return the fragments that passages from here may lead to, so that nothing passes on for ever."""
    order = program.chapters[fragment.chapter].fragments
    place = order.index(fragment.id)
    mains = [one for one in order if ".f" in one]
    return [one for one in order[place + 1 :] if (".f" in one) == (".f" in fragment.id)] or mains[
        -1:
    ]


def _other_way(draw: st.DrawFn, program: Program) -> Program:
    """Let a fragment lead on otherwise: what asked, called, waited or dealt may not any more, and the other way round."""
    fragment, later = _some(draw, program), _later(program, fragment := _some(draw, program))
    if not later or isinstance(fragment.exit, model.Return):
        return program
    to = draw(st.sampled_from(later))
    branches = (model.Branch(to),)
    ways: list[model.Exit] = [
        model.Choices((model.Choice(ChoiceKey(f"{fragment.id}.z"), (text.Plain("Z"),), to),)),
        model.Next(branches_of(fragment.exit) or branches),
        model.Next(branches, wait=model.Wait(60)),
        model.Ending("new"),
    ]
    words = fragment.text or (text.Plain("Here."),)
    return _put(program, replace(fragment, exit=draw(st.sampled_from(ways)), text=words))


def _fewer_choices(draw: st.DrawFn, program: Program) -> Program:
    """Take a choice away, turn them round, or change what one asks for."""
    fragment = _some(draw, program)
    way, choices = fragment.exit, choices_of(fragment.exit)
    if not isinstance(way, model.Choices | model.Deck) or not choices:
        return program
    first, *rest = choices
    some = draw(
        st.sampled_from(
            [
                tuple(rest),
                tuple(reversed(choices)),
                (replace(first, once=not first.once), *rest),
                (replace(first, cost=model.Cost(*_price(program))), *rest),
                (replace(first, wait=None, remind=None), *rest),
                (replace(first, wait=model.Wait(30)), *rest),
                (replace(first, key=ChoiceKey(f"{fragment.id}.y")), *rest),
            ]
        )
    )
    if isinstance(way, model.Deck) and not some:
        return program
    return _put(program, replace(fragment, exit=replace(way, choices=some)))


def _price(program: Program) -> tuple[Any, int]:
    points = [name for name, one in program.variables.items() if isinstance(one, model.Points)]
    return points[0], 2


def _gate(draw: st.DrawFn, program: Program) -> Program:
    """Let a fragment ask for a flag, or for nothing, of who comes; or do nothing to them."""
    fragment = _some(draw, program)
    later = [one for one in _later(program, fragment) if one != fragment.id]
    if fragment.gate is not None or not later or fragment.id == program.start:
        return _put(program, replace(fragment, gate=None, on_enter=()))
    flags = [name for name, one in program.variables.items() if isinstance(one, model.Flag)]
    from diana_engine.expressions.terms import FlagIs

    return _put(program, replace(fragment, gate=model.Gate(FlagIs(flags[0]), later[0])))


def _silence(draw: st.DrawFn, program: Program) -> Program:
    """Take the words from a fragment; one whose ways lead on to later ones is passed through then."""
    fragment = _some(draw, program)
    later = {*_later(program, fragment)}
    ahead = {branch.to for branch in branches_of(fragment.exit)}
    if isinstance(fragment.exit, model.Call | model.Deck) or not ahead <= later:
        return program
    return _put(program, replace(fragment, text=(), media=()))


def _ranges(draw: st.DrawFn, program: Program) -> Program:
    """Let variables and items hold less, or something else."""
    variables = {name: _range(draw, one) for name, one in program.variables.items()}
    items = {id: replace(one, maximum=1) for id, one in program.items.items()}
    return replace(program, variables=variables, items=items)


def _range(draw: st.DrawFn, variable: model.Variable) -> model.Variable:
    if draw(st.booleans()):
        return variable
    match variable:
        case model.Points():
            return model.Points(1, 2)
        case model.WholeNumber():
            return draw(st.sampled_from([model.WholeNumber(0, 0, 1), model.Points(0, 1)]))
        case model.Flag():
            return model.Flag(not variable.initial)
        case model.OneOf(values):
            return model.OneOf(("new", *values), "new")
        case model.Words():
            return model.Words("", 1)


def _rewards(draw: st.DrawFn, program: Program) -> Program:
    """Let levels ask for more, be gone, or come; let missions be repeated or not."""
    points = _price(program)[0]
    some = systems.Levels(points, (systems.Level(0), systems.Level(2)))
    levels = draw(st.sampled_from([None, some]))
    missions = tuple(replace(one, repeat=not one.repeat, expires=60) for one in program.missions)
    return replace(program, levels=levels, missions=missions)


def _words_too(draw: st.DrawFn, program: Program) -> Program:
    return draw(reworded(program))


_EDITS: list[Callable[[st.DrawFn, Program], Program]] = [
    _rename, _rename, _rename, _other_way, _fewer_choices, _gate, _silence, _ranges, _rewards, _words_too,
]  # fmt: skip
