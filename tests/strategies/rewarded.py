"""Random programs with levels, achievements, missions and VIP, small enough to be played through by brute force."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from functools import cache
from typing import Any

from hypothesis import strategies as st

from diana_engine.expressions import terms
from diana_engine.expressions.terms import AchievementId, MissionId
from diana_engine.program import model, systems
from diana_engine.program.model import Program
from tests.strategies.programs import GOLD, KEY, MET, World, effects, programs, requirements

__all__ = ["rewarded"]

SOULS = tuple(AchievementId(f"a{index}") for index in range(2))
TASKS = tuple(MissionId(f"m{index}") for index in range(2))
THRESHOLDS = (0, 3, 8)


@cache
def asked() -> st.SearchStrategy[terms.Requirement]:
    """Requirements about what is around a story."""
    level = terms.LevelOf(GOLD, THRESHOLDS)
    return st.one_of(
        st.just(terms.IsVip()),
        st.sampled_from(SOULS).map(terms.Achieved),
        st.builds(terms.MissionIs, st.sampled_from(TASKS), st.sampled_from(["done", "active"])),
        st.builds(
            lambda operator, bound: terms.Compare(operator, level, terms.Constant(bound)),
            st.sampled_from(["==", "!=", "<", "<=", ">", ">="]),
            st.integers(0, 4),
        ),
    )


@cache
def done() -> st.SearchStrategy[terms.Effect]:
    """Effects on what is around a story."""
    return st.one_of(
        st.sampled_from(SOULS).map(terms.Unlock),
        st.sampled_from(TASKS).map(terms.StartMission),
        st.just(terms.GrantVip(60)),
        st.just(terms.Emit("bell")),
    )


@st.composite
def rewarded(draw: st.DrawFn, max_fragments: int = 4) -> Program:
    """Return a program in which all of this is asked for and brought about."""
    program = _plain(draw(programs(max_fragments)))
    world = World(tuple(program.fragments), tuple(_keys(program)))
    requirement = st.one_of(asked(), asked().map(terms.Not), requirements(world).map(_calm))
    brought = st.one_of(
        effects(world).map(lambda drawn: _plain(drawn[:1])),
        done().map(lambda one: (one,)),
        st.just(()),
    )
    most = draw(st.sampled_from([3, 6, model.NUMBER_LIMIT]))
    gold = draw(st.integers(0, 3))
    return replace(
        program,
        variables={**program.variables, GOLD: model.Points(gold, most)},
        fragments={id: _dressed(draw, fragment) for id, fragment in program.fragments.items()},
        levels=systems.Levels(
            GOLD,
            tuple(
                systems.Level(
                    at, effects=_placed(draw(brought), f"level{at}") if draw(st.booleans()) else ()
                )
                for at in THRESHOLDS
            ),
        ),
        achievements=tuple(
            systems.Achievement(
                soul, soul, draw(st.none() | requirement), effects=_placed(draw(brought), soul)
            )
            for soul in SOULS
        ),
        missions=tuple(
            systems.Mission(
                task,
                task,
                tuple(draw(st.lists(_steps(world, requirement), min_size=1, max_size=2))),
                effects=_placed(draw(brought), task),
                repeat=draw(st.booleans()),
            )
            for task in TASKS
        ),
    )


def _steps(
    world: World, requirement: st.SearchStrategy[terms.Requirement]
) -> st.SearchStrategy[systems.Step]:
    return st.one_of(
        st.builds(systems.StepVisit, st.sampled_from(world.fragments), st.integers(1, 2)),
        st.just(systems.StepItem(KEY)),
        st.builds(systems.StepCount, st.just("bell"), st.integers(1, 2)),
        st.sampled_from(TASKS).map(systems.StepMission),
        requirement.map(systems.StepHolds),
    )


def _dressed(draw: st.DrawFn, fragment: model.Fragment) -> model.Fragment:
    """Return the fragment with some of this in it."""
    if draw(st.booleans()):
        fragment = replace(fragment, on_enter=(*fragment.on_enter, draw(done())))
    if isinstance(fragment.exit, model.Choices):
        choices = tuple(_choice(draw, choice) for choice in fragment.exit.choices)
        fragment = replace(fragment, exit=model.Choices(choices))
    return fragment


def _choice(draw: st.DrawFn, choice: model.Choice) -> model.Choice:
    if draw(st.booleans()):
        choice = replace(choice, effects=(draw(done()), *choice.effects))
    return replace(choice, requires=draw(asked())) if draw(st.booleans()) else choice


def _keys(program: Program) -> list[terms.ChoiceKey]:
    found = [
        choice.key
        for fragment in program.fragments.values()
        if isinstance(fragment.exit, model.Choices)
        for choice in fragment.exit.choices
    ]
    return found or [terms.ChoiceKey("main.f0.a")]


def _calm(term: Any) -> Any:
    """Return a requirement without chance."""
    match term:
        case terms.Chance():
            return terms.FlagIs(MET)
        case terms.Roll(low):
            return terms.Constant(low)
        case _:
            return _each(term, _calm)


def _plain(term: Any) -> Any:
    """Return the same with amounts that are constants or thrown: what is reckoned is tested elsewhere."""
    match term:
        case terms.AddTo(_, amount) | terms.Assign(_, amount):
            known = isinstance(amount, terms.Constant | terms.Roll)
            return term if known else replace(term, **{fields(term)[1].name: terms.Constant(2)})
        case dict():
            return {key: _plain(value) for key, value in term.items()}
        case _:
            return _each(term, _plain)


def _placed(term: Any, name: str) -> Any:
    """Return effects whose draws are made at places of their own, as those of different texts are."""
    if isinstance(term, tuple):
        return tuple(_placed(part, f"{name}.{index}") for index, part in enumerate(term))
    if isinstance(term, terms.Roll):
        return replace(term, place=f"{name}:{term.place}")
    return _each(term, lambda part: _placed(part, name))


def _each(term: Any, change: Any) -> Any:
    if isinstance(term, tuple):
        return tuple(change(part) for part in term)
    if not is_dataclass(term):
        return term
    return replace(term, **{one.name: change(getattr(term, one.name)) for one in fields(term)})  # type: ignore[type-var]
