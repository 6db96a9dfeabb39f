"""What a writer sees for each code, word by word and mark by mark."""

from __future__ import annotations

from pathlib import Path

import pytest

from diagnostics.pages import SHOWN, compiled, sections
from diana_engine.diagnostics.model import Code
from diana_engine.diagnostics.render.terminal import render

SNAPSHOTS = Path(__file__).parent / "snapshots"


@pytest.mark.parametrize("code", SHOWN)
def test_a_finding_reads_as_before(
    code: Code, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, update_snapshots: bool
) -> None:
    story = tmp_path / "tiny"
    story.mkdir()
    monkeypatch.chdir(tmp_path)
    shown = render(
        compiled(sections(code)["Wrong"], Path("tiny")).diagnostics, colour=False, width=100
    )
    snapshot = SNAPSHOTS / f"{code}.txt"
    if update_snapshots:
        SNAPSHOTS.mkdir(exist_ok=True)
        snapshot.write_text(shown, encoding="utf-8")
    assert shown == snapshot.read_text(encoding="utf-8")


@pytest.mark.parametrize("code", SHOWN)
def test_a_finding_says_what_would_make_it_right(code: Code, tmp_path: Path) -> None:
    (finding,) = compiled(sections(code)["Wrong"], tmp_path).diagnostics
    assert finding.help is not None
    assert finding.help.endswith((".", "?"))
    assert finding.message.endswith((".", "?"))


def test_there_is_no_snapshot_that_nobody_reads() -> None:
    assert {path.stem for path in SNAPSHOTS.iterdir()} == set(SHOWN)
