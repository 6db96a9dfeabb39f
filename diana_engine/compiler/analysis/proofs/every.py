"""The findings that a report on all plays gives a writer."""

from __future__ import annotations

from collections.abc import Sequence

from diana_engine.compiler.analysis.proofs.always import always
from diana_engine.compiler.analysis.proofs.causes import Causes
from diana_engine.compiler.analysis.proofs.dominated import never_better
from diana_engine.compiler.analysis.proofs.earnings import earned_without_end
from diana_engine.compiler.analysis.proofs.gates import keeping_nobody_out
from diana_engine.compiler.analysis.proofs.income import only_by_income
from diana_engine.compiler.analysis.proofs.limits import limits
from diana_engine.compiler.analysis.proofs.locks import locks
from diana_engine.compiler.analysis.proofs.places import Places
from diana_engine.compiler.analysis.proofs.reach import never
from diana_engine.compiler.analysis.proofs.told import Told
from diana_engine.compiler.analysis.states.results.report import Report
from diana_engine.compiler.checking.checked import CheckedStory
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.program.model import Program

__all__ = ["findings_of_proof"]


def findings_of_proof(
    story: CheckedStory, program: Program, report: Report, found: Sequence[Diagnostic]
) -> list[Diagnostic]:
    """Return what `report` tells of a story beyond what was `found` already."""
    places = Places(story, program)
    caught = list(locks(places, report))
    earned = list(earned_without_end(places, report))
    rest = [*caught, *earned, *only_by_income(places, report), *limits(places, report, earned)]
    if report.winnable is False:
        # Whatever else is in no play may only follow from that.
        return rest
    shut = frozenset(label.span for one in caught for label in one.labels)
    causes = Causes(places, report, Told(story, found), shut)
    lost, unchanged = never(causes)
    needless = [*always(causes, unchanged), *keeping_nobody_out(causes, unchanged)]
    return [*rest, *lost, *needless, *never_better(places, report)]
