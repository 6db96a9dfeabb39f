"""Single values held against the schema. Plain YAML is text, and the schema types it: ``012`` stays what was written."""

from __future__ import annotations

import re

from diana_engine.compiler.nodes import ScalarNode
from diana_engine.compiler.shape.schema import ScalarShape
from diana_engine.diagnostics.model import Diagnostic, Edit
from diana_engine.diagnostics.registry import diagnose
from diana_engine.diagnostics.suggest import closest
from diana_engine.source import SourceFile, Span

__all__ = ["check_scalar"]

_INTEGER = re.compile(r"[-+]?[0-9]{1,16}\Z")
_SWITCHES = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


def check_scalar(node: ScalarNode, shape: ScalarShape, file: SourceFile) -> Diagnostic | None:
    """Return what is wrong with `node`, or `None` when it fits."""
    match shape.kind:
        case "text":
            return None if _fits(node.value, shape) else _text(node, shape, file)
        case "integer":
            return _integer(node, shape, file)
        case "switch":
            return _switch(node, shape, file)


def _fits(value: str, shape: ScalarShape) -> bool:
    """Whether a text is right for sure, as nearly all are."""
    if shape.values or (shape.max_length is not None and len(value) > shape.max_length):
        return False
    if shape.pattern is not None:
        return shape.min_length == 0 and shape.pattern.search(value) is not None
    return len(value.strip()) >= shape.min_length


def _wrong(
    node: ScalarNode,
    file: SourceFile,
    message: str,
    help: str | None = None,
    edit: str | None = None,
) -> Diagnostic:
    span = Span(file, node.start, node.end)
    return diagnose(
        "DIA104", span, message, help=help, edit=None if edit is None else Edit(span, edit)
    )


def _integer(node: ScalarNode, shape: ScalarShape, file: SourceFile) -> Diagnostic | None:
    if not _INTEGER.match(node.value) or node.style != "plain":
        message = f"I expected {shape.say} here, and found `{_short(node.value)}`."
        help = "Write it in digits, without quotes or a point, such as `3`."
        return _wrong(node, file, message, help)
    value = int(node.value)
    if shape.minimum is not None and value < shape.minimum:
        return _wrong(node, file, f"`{value}` is too small here.", f"The least is {shape.minimum}.")
    if shape.maximum is not None and value > shape.maximum:
        return _wrong(node, file, f"`{value}` is too large here.", f"The most is {shape.maximum}.")
    return None


def _switch(node: ScalarNode, shape: ScalarShape, file: SourceFile) -> Diagnostic | None:
    if node.style == "plain" and node.value in ("true", "false"):
        return None
    meant = _SWITCHES.get(node.value.casefold()) or closest(node.value, ("true", "false"))
    help = f"Write `{meant}`." if meant else "Write `true` for a yes, `false` for a no."
    return _wrong(
        node, file, f"I expected {shape.say} here, and found `{_short(node.value)}`.", help, meant
    )


def _text(node: ScalarNode, shape: ScalarShape, file: SourceFile) -> Diagnostic | None:
    value = node.value
    if shape.values and value not in shape.values:
        meant = closest(value, shape.values)
        known = ", ".join(f"`{known}`" for known in shape.values)
        help = f"Did you mean `{meant}`? Known are {known}." if meant else f"Known are {known}."
        return _wrong(node, file, f"`{_short(value)}` is not {shape.say} that I know.", help, meant)
    if len(value.strip()) < shape.min_length:
        return diagnose(
            "DIA108",
            Span(file, node.start, node.end),
            f"This is empty, where I expected {shape.say}.",
            help="Write it between the quotes, or leave the key out.",
        )
    if shape.max_length is not None and len(value) > shape.max_length:
        span = Span(file, node.start, node.end)
        message = f"This has {len(value)} characters, and at most {shape.max_length} are allowed."
        return diagnose("DIA107", span, message, help="Say it in fewer words.")
    if shape.pattern is not None and not shape.pattern.search(value):
        return _wrong(node, file, f"`{_short(value)}` is not {shape.say}.", _form_of(shape.pattern))
    return None


def _form_of(pattern: re.Pattern[str]) -> str:
    if pattern.search("a_1") and not pattern.search("A"):
        return "Use small letters from a to z, digits and `_`, beginning with a letter."
    return "Write it in that form, with no other signs in it."


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 40 else f"{line[:39]}…"
