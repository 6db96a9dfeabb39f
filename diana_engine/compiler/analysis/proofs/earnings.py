"""Points that players can earn without end, by doing the same again and again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from diana_engine.compiler.analysis.proofs.luck import Budget
from diana_engine.compiler.analysis.proofs.places import Places
from diana_engine.compiler.analysis.proofs.witnesses import witness
from diana_engine.compiler.analysis.states.results.report import Report, Way
from diana_engine.diagnostics.model import Diagnostic, Label
from diana_engine.diagnostics.registry import diagnose
from diana_engine.expressions.terms import VariableId
from diana_engine.program.model import Points

__all__ = ["earned_without_end"]

_MOST = 4
"""How many choices of a loop are marked."""
_SEEDS = 5_000
"""How many steps are made to find a seed with which a loop comes out."""


def earned_without_end(places: Places, report: Report) -> Iterator[Diagnostic]:
    """Yield a warning for each points without a `max` that some loop brings more of each time round.

    Other numbers may well count for ever; points are what players are paid and pay with.
    """
    declared = {one.id.text: one.id.whole for one in places.story.manifest.variables}
    for one in report.earnings:
        if one.farmable != "yes" or one.variable not in declared:
            continue
        if not isinstance(places.program.variables[VariableId(one.variable)], Points):
            continue
        if one.played is None:
            continue
        around = list(dict.fromkeys(one.loop))
        found = diagnose(
            "DIA640",
            declared[one.variable],
            f"Players can earn `{one.variable}` without end: {_said(places, around)} again and again brings "
            f"{one.gain} more each time.",
            label="nothing stops it from growing",
            labels=tuple(Label(places.span(way), "part of the loop") for way in around[:_MOST]),
            help="Let something in the loop happen only once (`once: true`), cost as much as it brings, or depend on "
            f"something that runs out; or declare a `max:` for `{one.variable}` if this is as you want it.",
        )
        yield replace(found, witness=witness(places, one.played, Budget(_SEEDS)))


def _said(places: Places, around: list[Way]) -> str:
    words = [f"“{said}”" for way in around[:_MOST] if (said := places.words(way))]
    if not words:
        return "going on"
    more = f" and {len(around) - len(words)} more" if len(around) > len(words) else ""
    return f"taking {', '.join(words)}{more}"
