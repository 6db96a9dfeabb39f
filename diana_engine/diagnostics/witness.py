"""The plays that findings carry: how they are numbered, found and told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from diana_engine.diagnostics.model import Diagnostic, Witness, WitnessStep

__all__ = ["named", "numbered", "said", "told", "witnessed"]

_FIRST, _LAST = 12, 12
"""How many steps of a long play are told from its beginning and from its end."""


def numbered(found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return the findings in their order, the plays of each code numbered from 1."""
    counts: Counter[str] = Counter()
    result = []
    for one in found:
        if one.witness is None:
            result.append(one)
            continue
        counts[one.code] += 1
        result.append(replace(one, witness=replace(one.witness, number=counts[one.code])))
    return tuple(result)


def named(one: Diagnostic) -> str | None:
    """Return the name by which a finding's play is asked for, as ``DIA501:1``, or `None` if it has none."""
    if one.witness is None or not one.witness.number:
        return None
    return f"{one.code}:{one.witness.number}"


def witnessed(found: Iterable[Diagnostic]) -> dict[str, Diagnostic]:
    """Return the findings that have a play, by the names of their plays."""
    return {name: one for one in found if (name := named(one)) is not None}


def told(witness: Witness) -> Iterator[str]:
    """Yield a play in words, a line a step; of a long one its beginning and its end."""
    steps = list(enumerate(witness.steps, start=1))
    left = len(steps) - _FIRST - _LAST
    if left <= 1:
        yield from (said(number, step) for number, step in steps)
        return
    yield from (said(number, step) for number, step in steps[:_FIRST])
    yield f"… {left} more steps …"
    yield from (said(number, step) for number, step in steps[-_LAST:])


def said(number: int, step: WitnessStep) -> str:
    """Return one step in words."""
    done = f"“{step.words}”" if step.words else "continue"
    if step.typed is not None:
        done = f"answer “{step.typed}”"
    if step.earned is not None:
        done = f"earn with `{step.earned}`, outside the story"
    if step.waits:
        done = f"let {step.words} pass"
    if step.streak is not None:
        done += f", to a streak of {step.streak}"
    if step.combines is not None:
        done = f"put together `{step.combines}`"
    if step.pays:
        done = "pay for not waiting"
    return f"{number}. {step.fragment}: {done}"
