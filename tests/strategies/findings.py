"""Random findings: of any code, at any place of any text, in any words."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from diana_engine.diagnostics.model import Diagnostic, Edit, Label, Witness, WitnessStep
from diana_engine.diagnostics.registry import codes, diagnose
from diana_engine.diagnostics.report import Report
from diana_engine.source import SourceFile, Span

__all__ = ["ANY", "findings", "reports"]

_STRANGE = st.sampled_from("\r\n\t\x00\x85\u2028\ud800\udc80\ufffe🌹é{}[]()%:,;#?<>&\"'\\")
ANY = st.text(alphabet=st.characters(exclude_categories=()) | _STRANGE, max_size=40)
"""Any text at all, more often one that some format must escape."""


@st.composite
def findings(draw: st.DrawFn) -> Diagnostic:
    """Draw a finding of any code, in any text and with any words."""
    file = SourceFile(draw(ANY), draw(ANY))

    def label() -> Label:
        ends = sorted(draw(st.tuples(*[st.integers(0, len(file.text))] * 2)))
        return Label(file.span(ends[0], ends[1]), draw(ANY))

    first, *others = [label() for _ in range(draw(st.integers(1, 3)))]
    found = diagnose(
        draw(st.sampled_from(codes())),
        first.span,
        draw(ANY),
        label=first.text,
        labels=tuple(others),
        help=draw(st.none() | ANY),
        edit=draw(st.none() | ANY.map(lambda text: Edit(first.span, text))),
    )
    return replace(found, witness=draw(st.none() | _witnesses(first.span)))


def _witnesses(span: Span) -> st.SearchStrategy[Witness]:
    count = st.integers(0, 9)
    steps = st.builds(WitnessStep, st.just(span), ANY, st.integers(1, 9), ANY, st.none() | ANY)
    laid = st.lists(st.tuples(count, ANY, count), max_size=2).map(tuple)
    return st.builds(Witness, st.lists(steps, max_size=4).map(tuple), count, laid, count)


def reports() -> st.SearchStrategy[Report]:
    """Return reports of any findings, and of files in which nothing was found."""
    return st.builds(
        Report,
        story=ANY,
        files=st.lists(ANY, max_size=3).map(tuple),
        diagnostics=st.lists(findings(), max_size=4).map(tuple),
        strict=st.booleans(),
        version=st.sampled_from(["", "0.1.0"]),
    )
