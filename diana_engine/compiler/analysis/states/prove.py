"""From a program to its report: the layers are asked in turn, and what none can tell is unknown."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from diana_engine.compiler.analysis.states.contraction import contracted
from diana_engine.compiler.analysis.states.diagrams import Backend, Diagrams
from diana_engine.compiler.analysis.states.encoding import Encoding
from diana_engine.compiler.analysis.states.exact import Exact, OverBudget
from diana_engine.compiler.analysis.states.findings import findings, touched
from diana_engine.compiler.analysis.states.forward import forward
from diana_engine.compiler.analysis.states.liveness import Liveness
from diana_engine.compiler.analysis.states.lowering import lowered
from diana_engine.compiler.analysis.states.model import Model
from diana_engine.compiler.analysis.states.proved import Proved
from diana_engine.compiler.analysis.states.report import Report
from diana_engine.compiler.analysis.states.unfollowed import asks_vip, unfollowed
from diana_engine.compiler.analysis.states.verdicts import reported
from diana_engine.compiler.analysis.states.witnesses import points_of_no_return
from diana_engine.compiler.analysis.states.worlds import together
from diana_engine.program.model import Program

__all__ = ["NODES", "prove"]

NODES = 1_000_000
"""How many nodes the decision diagrams may have."""


def prove(program: Program, nodes: int = NODES, backend: Backend | None = None) -> Report:
    """Return what is true of every play of `program`; `nodes` is the budget of the sets of states."""
    with _without_collector():
        model = lowered(program, vip=False)
        plain = _prove(program, model, nodes, backend, vip=False)
        if not asks_vip(model):
            return plain
        return together(
            plain, _prove(program, lowered(program, vip=True), nodes, backend, vip=True)
        )


def _prove(
    program: Program, model: Model, nodes: int, backend: Backend | None, *, vip: bool
) -> Report:
    if reasons := unfollowed(program, model):
        return reported(program, model, Proved(), reasons=reasons)
    small = contracted(model)
    abstract = forward(small.model)
    encoding = Encoding(Liveness(abstract), Diagrams(backend))
    try:
        exact = Exact(encoding, nodes)
        proved = findings(small, exact)
    except OverBudget:
        reason = f"the sets of states outgrew {nodes} nodes"
        return reported(program, model, Proved(), reasons=(reason,))
    points, reasons = points_of_no_return(program, small, exact, vip=vip)
    bounded = tuple(sorted({model.variables[index].slot[1] for index in touched(exact)}))
    opaque = tuple(f"{where}: {why}" for where, why in model.opaque.items())
    return reported(program, model, proved, points, (*reasons, *opaque), bounded)


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
