"""Diagnostics as a JUnit report, which most build servers show: a test suite a story, a test case a file.

A file with errors is a failure of the type ``error``. Warnings are a failure of their own type ``warning`` where they
fail the check (``--strict``); otherwise they stand with the notes in ``system-out``, so that a build server never calls
red what the exit status calls green. Readers take the first ``failure`` of a case only: each holds all findings of its
kind. The elements are those of Jenkins' ``junit-10.xsd``, the strictest description there is.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from diana_engine.diagnostics.model import Diagnostic, Severity
from diana_engine.diagnostics.render import terminal
from diana_engine.diagnostics.report import Report
from diana_engine.records import dataclass

__all__ = ["render"]

_WIDTH = 100
"""Columns of the findings, always the same: no terminal takes part."""

_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# A reader makes a `\n` of a `\r`, and spaces of tabs and line ends in an attribute, unless they are references.
_MARKUP = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_IN_ATTRIBUTE = str.maketrans({'"': "&quot;", "\t": "&#9;", "\n": "&#10;"})


@dataclass(frozen=True, slots=True)
class _Case:
    """One file, and what was found in it."""

    path: str
    found: Sequence[Diagnostic]
    strict: bool

    def of(self, *severities: Severity) -> list[Diagnostic]:
        """Return the findings of these severities."""
        return [one for one in self.found if one.severity in severities]

    @property
    def failures(self) -> Mapping[Severity, list[Diagnostic]]:
        """What fails this file, by kind."""
        kinds: dict[Severity, list[Diagnostic]] = {"error": self.of("error")}
        if self.strict:
            kinds["warning"] = self.of("warning")
        return {kind: found for kind, found in kinds.items() if found}

    @property
    def remarks(self) -> list[Diagnostic]:
        """What is told and fails nothing."""
        return self.of("note") if self.strict else self.of("warning", "note")


def render(report: Report) -> str:
    """Return the report as an XML document in ASCII, which is UTF-8 too; it ends with a line end."""
    cases = list(_cases(report))
    failed = sum(bool(case.failures) for case in cases)
    counts = f'tests="{len(cases)}" failures="{failed}" errors="0"'
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="diana check" {counts}>',
        f'  <testsuite name="{_attribute(report.story)}" {counts} skipped="0">',
        *(line for case in cases for line in _written(case, report.story)),
        "  </testsuite>",
        "</testsuites>",
    ]
    return "\n".join(lines) + "\n"


def _cases(report: Report) -> Iterator[_Case]:
    """Yield every file that was read, and those that findings speak of because they are not there."""
    found: dict[str, list[Diagnostic]] = defaultdict(list)
    for one in report.diagnostics:
        found[one.primary.span.file.path].append(one)
    for path in sorted({*report.files, *found}):
        yield _Case(path, found.get(path, ()), report.strict)


def _written(case: _Case, story: str) -> Iterator[str]:
    head = f'    <testcase name="{_attribute(case.path)}" classname="{_attribute(story)}"'
    if not case.found:
        yield f"{head}/>"
        return
    yield f"{head}>"
    for kind, found in case.failures.items():
        yield f'      <failure type="{kind}" message="{_attribute(_headline(kind, found))}">'
        yield f"{_shown(found)}</failure>"
    if case.remarks:
        yield f"      <system-out>{_shown(case.remarks)}</system-out>"
    yield "    </testcase>"


def _headline(kind: Severity, found: Sequence[Diagnostic]) -> str:
    first = found[0].message
    return first if len(found) == 1 else f"{len(found)} {kind}s, the first: {first}"


def _shown(found: Sequence[Diagnostic]) -> str:
    return _text(terminal.render(found, colour=False, width=_WIDTH))


def _text(text: str) -> str:
    """Return text as an element may hold it; what XML 1.0 cannot hold is named by its number."""
    held = _NO_XML.sub(lambda match: f"<U+{ord(match[0]):04X}>", text).translate(_MARKUP)
    return held.encode("ascii", "xmlcharrefreplace").decode("ascii")


def _attribute(text: str) -> str:
    return _text(text).translate(_IN_ATTRIBUTE)
