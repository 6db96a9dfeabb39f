"""What a YAML parser stumbled over, in our own few kinds.

libyaml and PyYAML's own parser describe a mistake by what they were doing and what they expected. Their words differ
from each other and mean little to a writer, so they serve only to tell the kind; the words people read are ours.
"""

from __future__ import annotations

import re
from typing import Literal

from diana_engine.records import dataclass

__all__ = ["Fault", "Kind", "kind_of"]

Kind = Literal[
    "tab",
    "directive",
    "escape",
    "quote",
    "sign",
    "colon",
    "dash",
    "question",
    "no colon",
    "brackets",
    "entry",
    "other",
]
"""`sign`: a character that begins something in YAML, and what should follow it does not. `colon`, `dash`, `question`: one
that may not stand there. `entry`: where another key, item or the end of the file should be, something else stands."""

_KINDS: tuple[tuple[str, Kind], ...] = (
    (r"tab character|character '\\t'", "tab"),
    (r"directive|incompatible YAML", "directive"),
    (r"escape|hexa?decimal", "escape"),
    (r"quoted scalar.*(end of stream|document (indicator|separator))", "quote"),
    (r"mapping values are not allowed", "colon"),
    (r"sequence entries are not allowed", "dash"),
    (r"mapping keys are not allowed", "question"),
    (r"could not find expected ':'", "no colon"),
    (r"an alias|an anchor|a tag|tag handle|block scalar|start any token|node content", "sign"),
    (r"flow (sequence|mapping)", "brackets"),
    (r"block (mapping|collection)|document start", "entry"),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """Where reading ended: the place of the fault, and where what it belongs to began."""

    kind: Kind
    at: int
    first: int


def kind_of(context: str, problem: str) -> Kind:
    """Return the kind of a fault from the words of either parser."""
    words = f"{context} {problem}"
    return next((kind for pattern, kind in _KINDS if re.search(pattern, words)), "other")
