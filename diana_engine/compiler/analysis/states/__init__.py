"""What players can and cannot do in a program, over all plays: reachability, availability, soft-locks, witnesses."""

from diana_engine.compiler.analysis.states.prove import ordinary, prove
from diana_engine.compiler.analysis.states.results.report import Report

__all__ = ["Report", "ordinary", "prove"]
