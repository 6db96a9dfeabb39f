"""What a typed line means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diana_engine.adapters.terminal.commands import Command, Pick, Unknown, read_command


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("1", Pick(1)),
        (" 12 ", Pick(12)),
        ("3.", Pick(3)),
        ("٣", Pick(3)),
        ("", "continue"),
        ("  ", "continue"),
        ("0", "continue"),
        ("C", "continue"),
        ("u", "undo"),
        ("Deshacer", "undo"),
        ("s", "save"),
        ("q", "quit"),
        ("salir", "quit"),
        ("?", "help"),
        ("r", "restart"),
        ("v", "reveal"),
        ("go north", Unknown("go north")),
        ("-1", Unknown("-1")),
        ("1,2", Unknown("1,2")),
        ("²", Unknown("²")),
    ],
)
def test_a_line_means(line: str, command: Command) -> None:
    assert read_command(line) == command


@given(st.text() | st.text("0123456789", min_size=4000, max_size=5000))
def test_any_line_means_something(line: str) -> None:
    assert read_command(line) is not None
