"""The list of all codes in `docs/` is the one that the pages give."""

from pathlib import Path

from diana_engine.diagnostics.registry import codes
from diana_engine.diagnostics.render.contents import catalogue

LIST = Path(__file__).resolve().parents[2] / "docs" / "diagnostics.md"


def test_the_list_of_codes_is_what_the_pages_give(update_snapshots: bool) -> None:
    if update_snapshots:
        LIST.write_text(catalogue(codes()), encoding="utf-8")
    assert LIST.read_text(encoding="utf-8") == catalogue(codes()), (
        "write it anew with `diana explain --format markdown > docs/diagnostics.md`"
        " (or `pytest tests/diagnostics --update-snapshots`)"
    )
