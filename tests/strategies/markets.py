"""Random small programs in which some choices are never better than others: stalls that sell for gold what is asked later."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from diana_engine.expressions import terms, text
from diana_engine.expressions.terms import ChoiceKey, FragmentId, ItemId, VariableId
from diana_engine.program import model
from diana_engine.program.model import Program
from diana_engine.program.systems import Around, Income

__all__ = ["GOLD", "POOR", "markets", "paid_markets"]

GOLD = VariableId("gold")
MOOD = VariableId("mood")
MAP = ItemId("map")
PLACES = tuple(FragmentId(f"main.{name}") for name in ("market", "lane", "road", "sea"))


@st.composite
def paid_markets(draw: st.DrawFn) -> Program:
    """Return a program in which gold may also be earned outside, and may have no most; prices are higher."""
    program = draw(markets(prices=(None, None, 2, 4, 5)))
    endless = draw(st.booleans())
    return replace(
        program,
        variables={
            **program.variables,
            GOLD: model.Points(draw(st.integers(0, 2)), model.NUMBER_LIMIT if endless else 6),
        },
        around=Around(
            income={
                source: Income(
                    GOLD, draw(st.integers(1, 3)), daily=draw(st.sampled_from([None, 2]))
                )
                for source in draw(st.sampled_from([("check_in",), ("check_in", "message")]))
            }
        ),
    )


@st.composite
def markets(draw: st.DrawFn, prices: tuple[int | None, ...] = (None, None, 1, 2, 3)) -> Program:
    """Return a program of three places with choices that pay, earn, give and take, and an ending."""
    fragments = {
        id: model.Fragment(
            id=id,
            chapter=model.ChapterId("main"),
            kind="story",
            exit=model.Choices(
                tuple(
                    _choice(draw, id, number, prices) for number in range(draw(st.integers(2, 4)))
                )
            ),
            text=(text.Plain("Here."),),
        )
        for id in PLACES[:-1]
    }
    fragments[PLACES[-1]] = model.Fragment(
        PLACES[-1], model.ChapterId("main"), "ending", model.Ending("sea"), (text.Plain("Sea."),)
    )
    return Program(
        story=model.StoryId("market"),
        title="Market",
        language="en",
        version="1",
        start=PLACES[0],
        variables={
            GOLD: model.Points(draw(st.integers(0, 4)), 6),
            MOOD: model.WholeNumber(0, -2, 2),
        },
        items={MAP: model.Item("A map", maximum=draw(st.integers(1, 2)))},
        fragments=fragments,
    )


def _choice(
    draw: st.DrawFn, id: FragmentId, number: int, prices: tuple[int | None, ...]
) -> model.Choice:
    here = PLACES.index(id)
    cost = draw(st.sampled_from(prices))
    return model.Choice(
        key=ChoiceKey(f"{id}.c{number}"),
        text=(text.Plain("Go."),),
        to=draw(st.sampled_from([*4 * [PLACES[here + 1]], id, PLACES[-1]])),
        requires=draw(
            st.sampled_from(_REQUIREMENTS if here == 2 else [*5 * [None], *_REQUIREMENTS])
        ),
        cost=None if cost is None else model.Cost(GOLD, cost),
        once=draw(st.integers(0, 3)) == 0,
        effects=tuple(draw(st.lists(st.sampled_from(_EFFECTS), max_size=2 - here // 2))),
    )


POOR = terms.Compare("<", terms.NumberOf(GOLD), terms.Constant(2))
"""Asks for less gold."""
_REQUIREMENTS = (
    terms.Has(MAP),
    terms.Compare(">=", terms.NumberOf(GOLD), terms.Constant(3)),
    POOR,
    terms.Compare(">=", terms.NumberOf(MOOD), terms.Constant(1)),
    terms.Compare("<=", terms.NumberOf(MOOD), terms.Constant(-1)),
)
_EFFECTS = (
    terms.AddTo(GOLD, terms.Constant(2)),
    terms.AddTo(GOLD, terms.Constant(-1)),
    terms.AddTo(MOOD, terms.Constant(1)),
    terms.AddTo(MOOD, terms.Constant(-1)),
    terms.Assign(GOLD, terms.Constant(3)),
    terms.Give(MAP),
    terms.Take(MAP),
)
