"""From a program to its report: the layers are asked in turn, and what none can tell is unknown."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from diana_engine.compiler.analysis.states.attractor import proved_by
from diana_engine.compiler.analysis.states.contraction import Contracted, contracted
from diana_engine.compiler.analysis.states.diagrams import Backend, Diagrams
from diana_engine.compiler.analysis.states.economy import earnings, endless
from diana_engine.compiler.analysis.states.encoding import Encoding
from diana_engine.compiler.analysis.states.exact import Exact, OverBudget
from diana_engine.compiler.analysis.states.findings import findings, touched
from diana_engine.compiler.analysis.states.forward import Abstract, forward
from diana_engine.compiler.analysis.states.liveness import Liveness
from diana_engine.compiler.analysis.states.lowering import lowered
from diana_engine.compiler.analysis.states.model import Model
from diana_engine.compiler.analysis.states.plays import play_about
from diana_engine.compiler.analysis.states.proved import Proved, together
from diana_engine.compiler.analysis.states.report import Report
from diana_engine.compiler.analysis.states.sandwich import sandwiched
from diana_engine.compiler.analysis.states.unfollowed import unfollowed
from diana_engine.compiler.analysis.states.verdicts import reported
from diana_engine.compiler.analysis.states.witnesses import points_of_no_return
from diana_engine.program.model import Program

__all__ = ["NODES", "prove"]

NODES = 1_000_000
"""How many nodes the decision diagrams may have."""


def prove(program: Program, nodes: int = NODES, backend: Backend | None = None) -> Report:
    """Return what is true of every play of `program`; `nodes` is the budget of the sets of states."""
    with _without_collector():
        model = lowered(program, endless(program))
        if reasons := unfollowed(program):
            return reported(program, model, Proved(), reasons=reasons)
        return replace(_prove(program, model, nodes, backend), earnings=earnings(program, model))


def _prove(program: Program, model: Model, nodes: int, backend: Backend | None) -> Report:
    small = contracted(model)
    abstract = forward(small.model)
    exact: Exact | None
    try:
        exact = Exact(Encoding(Liveness(abstract), Diagrams(backend)), nodes)
        proved = findings(small, exact)
    except OverBudget:
        exact = None
        proved = _without_all_states(model, small, abstract, nodes, backend)
    if exact is None:
        reason = f"the sets of states outgrew {nodes} nodes"
        report = reported(program, model, proved, reasons=(reason,))
        # Where somebody is locked, the choices that lead there are not known.
        return replace(report, reasons=(reason,)) if proved.locked else report
    points, reasons = points_of_no_return(program, small, exact)
    bounded = tuple(sorted({model.variables[index].slot[1] for index in touched(exact)}))
    opaque = tuple(f"{where}: {why}" for where, why in model.opaque.items())
    return reported(program, model, proved, points, (*reasons, *opaque), bounded)


def _without_all_states(
    model: Model, small: Contracted, abstract: Abstract, nodes: int, backend: Backend | None
) -> Proved:
    """Return what is certain all the same."""
    quick = together(proved_by(forward(model)), play_about(model).proved())
    return together(quick, sandwiched(small, abstract, nodes, backend))


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
