"""From a program to its report: the layers are asked in turn, and what none can tell is unknown."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from diana_engine.compiler.analysis.states.economy.earnings import earnings, endless
from diana_engine.compiler.analysis.states.economy.looks import Looks
from diana_engine.compiler.analysis.states.economy.needs import ASSUMED, least, needing, outside_of
from diana_engine.compiler.analysis.states.graph.model import Model
from diana_engine.compiler.analysis.states.lowering import lowered
from diana_engine.compiler.analysis.states.lowering.unfollowed import (
    STREAKS,
    asks_streak,
    asks_vip,
    unfollowed,
)
from diana_engine.compiler.analysis.states.plays.residue import residue
from diana_engine.compiler.analysis.states.plays.witnesses import points_of_no_return
from diana_engine.compiler.analysis.states.ranges.attractor import proved_by
from diana_engine.compiler.analysis.states.ranges.liveness import Liveness
from diana_engine.compiler.analysis.states.reductions.contraction import Contracted
from diana_engine.compiler.analysis.states.results.proved import Proved, together
from diana_engine.compiler.analysis.states.results.report import Effort, Report, decided
from diana_engine.compiler.analysis.states.sets.diagrams import (
    NODES,
    Backend,
    Diagrams,
    OverBudget,
    within_budget,
)
from diana_engine.compiler.analysis.states.sets.dominated import dominated
from diana_engine.compiler.analysis.states.sets.encoding import Encoding
from diana_engine.compiler.analysis.states.sets.exact import Exact
from diana_engine.compiler.analysis.states.sets.findings import findings, touched
from diana_engine.compiler.analysis.states.sets.sandwich import sandwiched
from diana_engine.compiler.analysis.states.telling.turned import (
    Meetings,
    Turned,
    after_calls,
    met,
    of_plays,
    of_sets,
    turned,
)
from diana_engine.compiler.analysis.states.telling.verdicts import reported
from diana_engine.compiler.analysis.states.telling.worlds import of_both
from diana_engine.program.model import Program

__all__ = ["NODES", "ordinary", "prove"]

_LEAST, _EACH = 100_000, 10
"""The nodes that a check may take, and for each fragment more. Every story of `diana bench prove` is decided within that."""


def ordinary(program: Program) -> int:
    """Return the budget of nodes within which a check proves a story; who asks for proofs alone waits longer."""
    return _LEAST + _EACH * len(program.fragments)


def prove(program: Program, nodes: int = NODES, backend: Backend | None = None) -> Report:
    """Return what is true of every play of `program`; `nodes` is the budget of the sets of states."""
    report = _proved(program, nodes, backend)
    return replace(report, combinations=tuple(one.id for one in program.combinations))


def _proved(program: Program, nodes: int, backend: Backend | None) -> Report:
    with _without_collector():
        model = lowered(program, endless(program), vip=False)
        if reasons := unfollowed(program):
            return reported(program, model, Proved(), reasons=reasons)
        plain = _world(program, model, nodes, backend, vip=False)
        if asks_streak(model):
            plain = replace(plain, assumed=(*plain.assumed, STREAKS))
        if not asks_vip(model):
            return plain
        model = lowered(program, endless(program), vip=True)
        return of_both(plain, _world(program, model, nodes, backend, vip=True))


def _world(
    program: Program, model: Model, nodes: int, backend: Backend | None, *, vip: bool
) -> Report:
    looks = Looks(model)
    report = _prove(program, looks, nodes, backend, vip=vip)
    report = replace(report, earnings=earnings(program, looks, vip=vip))
    outside = outside_of(program, model)
    if not outside.incomes:
        return report
    model = lowered(program, endless(program), vip=vip, outside=outside)
    rich = _prove(program, Looks(model), nodes, backend, vip=vip)
    needs = needing(report, rich)
    if needs:
        model = lowered(program, vip=vip, outside=replace(outside, least=True))
        needs, reasons = least(program, model, needs, nodes, backend)
        rich = replace(rich, reasons=(*rich.reasons, *reasons))
    return replace(rich, earnings=report.earnings, needs_income=needs, assumed=(ASSUMED,))


def _prove(
    program: Program, looks: Looks, nodes: int, backend: Backend | None, *, vip: bool
) -> Report:
    model, small = looks.model, looks.small
    liveness = Liveness(looks.abstract_small)
    try:
        with within_budget():
            exact = Exact(Encoding(liveness, Diagrams(backend, nodes)))
            report = _with_all_states(program, model, small, exact, vip=vip)
            used = exact.diagrams.size()
            return replace(report, effort=Effort(nodes, used, (("all states", *decided(report)),)))
    except OverBudget:
        pass  # What the search held is let go before the next one begins.
    return _without_all_states(program, looks, liveness, (nodes, backend, vip))


def _with_all_states(
    program: Program, model: Model, small: Contracted, exact: Exact, *, vip: bool
) -> Report:
    proved = findings(small, exact)
    points, reasons = points_of_no_return(program, small, exact, vip=vip)
    bounded = tuple(sorted({model.variables[index].slot[1] for index in touched(exact)}))
    opaque = tuple(f"{where}: {why}" for where, why in model.opaque.items())
    report = reported(program, model, proved, points, opaque, bounded)
    meetings = met(program, model)
    report = _with_turns(report, meetings, of_sets(meetings, small, exact), opaque)
    report = replace(report, dominated=dominated(program, small, exact))
    # A choice whose play could not be told is missing from the points, whatever the verdicts say.
    return replace(report, reasons=(*reasons, *report.reasons)) if reasons else report


def _without_all_states(
    program: Program,
    looks: Looks,
    liveness: Liveness,
    means: tuple[int, Backend | None, bool],
) -> Report:
    """Return what is certain all the same; `means` are the budget, the package, and whether players are VIP at first."""
    nodes, backend, vip = means
    reason = f"the sets of states grew too large for {nodes} nodes"
    model, known, plays = looks.model, looks.abstract, looks.plays
    layers = [("values one by one", proved_by(known)), ("plays", plays.proved())]
    known_yet = together(*(one for _, one in layers))
    sandwich = sandwiched(looks.small, liveness, partial(Diagrams, backend, nodes), known_yet)
    layers.append(("sets without some numbers", sandwich))
    left = residue(program, model, plays, vip=vip)
    layers.append(("plays that cannot end", left.proved))
    proved = together(*(one for _, one in layers))
    report = reported(program, model, proved, left.points, reasons=(reason,))
    if proved.locked:
        # Where somebody is locked, not all of the choices that lead there are known.
        report = replace(report, reasons=(reason,))
    report = replace(report, effort=Effort(nodes, None, tuple(_decided(program, model, layers))))
    meetings = met(program, model)
    return _with_turns(report, meetings, of_plays(meetings, plays, known), (reason,))


def _decided(
    program: Program, model: Model, layers: list[tuple[str, Proved]]
) -> Iterator[tuple[str, int, int]]:
    """Yield how many fragments and choices are decided after each layer."""
    proved, known = Proved(), (0, 0)
    for name, layer in layers:
        before, proved = proved, together(proved, layer)
        if proved != before:
            known = decided(reported(program, model, proved))
        yield name, *known


def _with_turns(
    report: Report, meetings: Meetings, edges: Turned, reasons: tuple[str, ...]
) -> Report:
    """Return the report with what is known of gates and of branches after calls; `reasons` say why it may not be."""
    gates, after = turned(meetings, edges), after_calls(meetings, edges)
    report = replace(report, gates=gates, after_calls=after)
    if "unknown" in (*gates.values(), *after.values()):
        return replace(report, reasons=tuple(dict.fromkeys((*report.reasons, *reasons))))
    return report


@contextmanager
def _without_collector() -> Iterator[None]:
    """Let nothing look for cycles: there are hardly any, and millions of parts of which none can go yet."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
