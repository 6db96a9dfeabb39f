"""The one module that knows the YAML library: it hears libyaml's events and passes them on.

Events, not nodes: both C composers (PyYAML's and ruamel's) recurse, and end the whole process on 25,000 nested lists in
50 KB. The event parser does not recurse. PyYAML may have been built without libyaml; then its own parser, which gives
the same events, reads for us, some forty times slower.
"""

from __future__ import annotations

import re
from typing import Any, Protocol

from diana_engine.compiler.load.faults import Fault, kind_of

__all__ = ["Event", "Listener", "Mark", "listen"]

_TAG_HANDLES = re.compile(r"(?:\A|(?<=[\r\n]))%TAG")
_MOST_TAG_HANDLES = 16


class Mark(Protocol):
    """A place, in characters from the beginning of the text."""

    index: int


class Event(Protocol):
    """What a parser tells. Every event has marks; the others an event has where they mean something."""

    start_mark: Mark
    end_mark: Mark
    anchor: str | None
    tag: str | None
    value: str
    style: str | None
    flow_style: bool | None


class Listener(Protocol):
    """What is told of a file's events, in order, until it answers that it has heard enough (`True`)."""

    def document(self, event: Event) -> bool:
        """A document begins."""

    def scalar(self, event: Event) -> bool:
        """A single value."""

    def alias(self, event: Event) -> bool:
        """A reference to what was named before."""

    def open_sequence(self, event: Event) -> bool:
        """A list begins."""

    def open_mapping(self, event: Event) -> bool:
        """A mapping begins."""

    def close(self, event: Event) -> bool:
        """The innermost list or mapping ends."""


def listen(text: str, listener: Listener) -> Fault | None:
    """Tell `listener` what happens in `text`; return the fault that ended the reading, if one did."""
    # Here, because the library takes a tenth of the time in which a small story is checked.
    import yaml

    handles = _tag_handles(text)
    if handles is not None:
        return handles
    steps = {
        yaml.DocumentStartEvent: listener.document,
        yaml.ScalarEvent: listener.scalar,
        yaml.AliasEvent: listener.alias,
        yaml.SequenceStartEvent: listener.open_sequence,
        yaml.SequenceEndEvent: listener.close,
        yaml.MappingStartEvent: listener.open_mapping,
        yaml.MappingEndEvent: listener.close,
    }
    parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    try:
        while (event := parser.get_event()) is not None:
            step = steps.get(type(event))
            if step is not None and step(event):
                return None
    except yaml.MarkedYAMLError as error:
        return _fault(error, len(text))
    except (ValueError, OverflowError):
        # PyYAML's own parser, at an escape such as "\UFFFFFFFF".
        return Fault("escape", parser.index, parser.index)
    finally:
        parser.dispose()
    return None


def _fault(error: Any, end: int) -> Fault:
    at = min(error.problem_mark.index, end) if error.problem_mark is not None else end
    first = min(error.context_mark.index, at) if error.context_mark is not None else at
    return Fault(kind_of(error.context or "", error.problem or ""), at, first)


def _tag_handles(text: str) -> Fault | None:
    """Return a fault for a heap of ``%TAG`` lines: libyaml compares each with all before it, 4 MiB take minutes."""
    if "%TAG" not in text:
        return None
    found = list(_TAG_HANDLES.finditer(text))
    if len(found) <= _MOST_TAG_HANDLES:
        return None
    return Fault("directive", found[0].start(), found[0].start())
