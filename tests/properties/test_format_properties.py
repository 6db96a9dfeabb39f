"""The formats for programs depend on the findings alone: not on the process, and not on its hash seed."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diana_engine.diagnostics.render import github, json, junit, sarif
from diana_engine.diagnostics.report import Report
from strategies.findings import reports

FORMATS = (sarif.render, github.render, junit.render)

SCRIPT = """
import pickle, sys
from diana_engine.diagnostics.render import github, json, junit, sarif
for one in pickle.load(sys.stdin.buffer):
    rendered = [sarif.render(one), github.render(one), junit.render(one)]
    for text in (*rendered, json.render(one.story, one.diagnostics)):
        sys.stdout.buffer.write(text.encode("utf-8", "strict") + b"\\0")
"""


def elsewhere(written: bytes, seed: int) -> bytes:
    """Return what a new process with this hash seed renders."""
    return subprocess.run(
        [sys.executable, "-c", SCRIPT],
        input=written,
        env=os.environ | {"PYTHONHASHSEED": str(seed)},
        capture_output=True,
        check=True,
    ).stdout


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(reports(), min_size=1, max_size=12), st.integers(0, 2**32 - 1))
def test_every_process_renders_the_same_bytes(found: list[Report], seed: int) -> None:
    here = b"".join(
        text.encode("utf-8") + b"\0"
        for one in found
        for text in (
            *(render(one) for render in FORMATS),
            json.render(one.story, one.diagnostics),
        )
    )
    assert elsewhere(pickle.dumps(found), seed) == here


@settings(deadline=None)
@given(reports())
def test_the_order_and_number_of_the_findings_is_kept(report: Report) -> None:
    twice = Report(
        report.story, report.files, report.diagnostics * 2, report.strict, report.version
    )
    assert github.render(twice) == github.render(report) * 2
    assert sarif.render(twice).count('"ruleIndex"') == 2 * len(report.diagnostics)
