"""Is it in shape? Hold the nodes of a document against the schema; keep what fits, report what does not.

A misspelt key is read as the key that it most likely means, and a value that does not fit leaves a hole, so that one
mistake hides no other and causes no further finding. Where names may have been declared in what could not be read, the
kind of name is noted: what seems to be missing then may only be unread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from functools import cache
from typing import assert_never

from diana_engine.compiler.load.prose import (
    comment_after_prose,
    looks_like_template,
    prose_as_mapping,
)
from diana_engine.compiler.nodes import MappingNode, Node, ScalarNode, SequenceNode
from diana_engine.compiler.shape.scalars import check_scalar
from diana_engine.compiler.shape.schema import (
    EitherShape,
    ListShape,
    MapShape,
    RecordShape,
    ScalarShape,
    Shape,
)
from diana_engine.compiler.shape.values import Entry, ListValue, Record, Value
from diana_engine.diagnostics.model import Diagnostic, Edit
from diana_engine.diagnostics.registry import diagnose
from diana_engine.diagnostics.suggest import closest
from diana_engine.expressions.parsing.later import not_yet
from diana_engine.expressions.parsing.requirements import KEYWORDS
from diana_engine.expressions.types import NameKind
from diana_engine.records import dataclass
from diana_engine.source import SourceFile, Span

__all__ = ["Validated", "validate"]


@dataclass(slots=True)
class Validated:
    """What came of a document: the value that is left, what was found, and which names may be unread.

    `unread` are kinds of which any name may stand in a part that could not be read; `misnamed` are names that were
    declared in a form that is not allowed.
    """

    file: SourceFile
    value: Value | None = None
    found: list[Diagnostic] = field(default_factory=list)
    unread: set[NameKind] = field(default_factory=set)
    misnamed: list[tuple[NameKind, str]] = field(default_factory=list)

    def report(
        self,
        code: str,
        span: Span,
        message: str,
        help: str | None = None,
        *,
        label: str = "",
        edit: Edit | None = None,
    ) -> None:
        """Note a finding."""
        self.found.append(diagnose(code, span, message, label=label, help=help, edit=edit))

    def span(self, node: Node) -> Span:
        """Return where `node` stands."""
        return Span(self.file, node.start, node.end)


def validate(file: SourceFile, root: Node, shape: Shape) -> Validated:
    """Hold the document `root` against `shape`."""
    result = Validated(file)
    result.value = _value(root, shape, result, None)
    return result


def _value(node: Node, shape: Shape, result: Validated, key: ScalarNode | None) -> Value | None:
    # Nearly all are one of these; matching takes its time.
    if type(shape) is EitherShape:
        shape = _chosen(node, shape)
    if type(shape) is ScalarShape:
        return _scalar(node, shape, result, key)
    match shape:
        case EitherShape():
            return _value(node, _chosen(node, shape), result, key)
        case ScalarShape():
            return _scalar(node, shape, result, key)
        case _ if isinstance(node, ScalarNode) and not node.value and node.style == "plain":
            _nothing(node, shape, result, key)
        case ListShape() if isinstance(node, SequenceNode):
            return _list(node, shape, result)
        case MapShape() if isinstance(node, MappingNode):
            return _map(node, shape, result, key)
        case RecordShape() if isinstance(node, MappingNode):
            return _record(node, shape, result, key)
        case _:
            _wrong_form(node, shape, result)
    _note_unread(shape, result)
    return None


_FORMS: Mapping[type[Node], tuple[type[Shape], ...]] = {
    ScalarNode: (ScalarShape,),
    SequenceNode: (ListShape,),
    MappingNode: (RecordShape, MapShape),
}


@cache
def _fitting(shape: EitherShape, form: type) -> tuple[Shape, ...]:
    """Return the options that are written in a form, or the first one where there are none."""
    fitting = tuple(option for option in shape.options if type(option) in _FORMS[form])
    return fitting or shape.options[:1]


def _chosen(node: Node, shape: EitherShape) -> Shape:
    fitting = _fitting(shape, type(node))  # type: ignore[arg-type]  # a class has a hash
    if len(fitting) > 1 and isinstance(node, MappingNode):
        if _is_just(node, fitting[0]):
            return fitting[0]
        # `max` keeps the first of equals, so that what is nothing in particular is read as the usual thing.
        return max(fitting, key=lambda option: _likeness(node, option))
    return fitting[0]


def _is_just(node: MappingNode, option: Shape) -> bool:
    """Return whether `node` has keys of this shape alone, as nearly every one has of the usual shape."""
    if not isinstance(option, RecordShape):
        return False
    known = option.keys
    keys = [key.value for key, _ in node.pairs if key.value in known]
    return len(keys) == len(node.pairs) and all(name in keys for name in option.required)


def _likeness(node: MappingNode, option: Shape) -> int:
    """Return how many keys of `node` belong to a record of this shape, its required ones before all."""
    if not isinstance(option, RecordShape):
        return 0
    keys = [key.value for key, _ in node.pairs]
    known = sum(key in option.keys or closest(key, option.required) is not None for key in keys)
    return known + len(keys) * all(name in keys for name in option.required)


def _scalar(
    node: Node, shape: ScalarShape, result: Validated, key: ScalarNode | None
) -> Value | None:
    if isinstance(node, ScalarNode):
        if not node.value and node.style == "plain":
            _nothing(node, shape, result, key)
            return None
        finding = check_scalar(node, shape, result.file)
        if finding is not None:
            result.found.append(finding)
            return None
        if shape.prose and (warning := comment_after_prose(result.file, node)) is not None:
            result.found.append(warning)
        return node
    if shape.prose and key is not None and looks_like_template(node):
        result.found.append(prose_as_mapping(result.file, key, node))
    else:
        _wrong_form(node, shape, result)
    return None


def _list(node: SequenceNode, shape: ListShape, result: Validated) -> Value | None:
    values = [_value(item, shape.item, result, None) for item in node.items]
    if len(values) < shape.minimum:
        result.report(
            "DIA103",
            result.span(node),
            f"I expected {shape.say} here, and this one is empty.",
            "Put something into it, or leave the key out.",
        )
        return None
    if shape.maximum is not None and len(values) > shape.maximum:
        span = result.span(node.items[shape.maximum])
        result.report(
            "DIA107",
            span,
            f"There are {len(values)} here, and at most {shape.maximum} are allowed.",
            "Leave some of them out, from here on.",
        )
    return ListValue(node, [value for value in values if value is not None])


def _map(
    node: MappingNode, shape: MapShape, result: Validated, key: ScalarNode | None
) -> Value | None:
    entries: dict[str, Entry] = {}
    for name, inner in node.pairs:
        named = shape.key is None or _is_name(name, shape.key, shape.declares, result)
        if not named and shape.declares is not None:
            result.misnamed.append((shape.declares, name.value))
        entries[name.value] = Entry(name, _value(inner, shape.value, result, name))
    if len(entries) < shape.minimum:
        span = result.span(key or node)
        help = "Write each on a line of its own below the key, indented; or leave the key out."
        result.report("DIA103", span, f"I expected {shape.say} here, and there are none.", help)
        _note_unread(shape, result)
    return Record(node, entries)


def _is_name(
    key: ScalarNode, shape: ScalarShape, declares: NameKind | None, result: Validated
) -> bool:
    span = result.span(key)
    if check_scalar(key, shape, result.file) is not None:
        help = "Use small letters from a to z, digits and `_`, beginning with a letter."
        result.report("DIA105", span, f"`{key.value}` cannot be an id.", help)
        return False
    if declares in ("variable", "item", "condition") and key.value in KEYWORDS:
        help = "Choose another name; this word means something in requirements."
        result.report(
            "DIA106", span, f"`{key.value}` is a word of the language and cannot be a name.", help
        )
        return False
    return True


def _record(
    node: MappingNode, shape: RecordShape, result: Validated, anchor: ScalarNode | None
) -> Value:
    entries: dict[str, Entry] = {}
    present: set[str] = set()
    keys, strange = shape.keys, False
    for key, inner in node.pairs:
        name: str | None = key.value
        if name not in keys:
            present = present or {one.value for one, _ in node.pairs}
            name = _meant(key, inner, shape, present, result)
        if name is None:
            strange = True
        else:
            if key.value != name:
                present.add(name)
            form = keys[name]
            # Most are single values, and a call takes its time.
            if type(form) is ScalarShape:
                value = _scalar(inner, form, result, key)
            else:
                value = _value(inner, form, result, key)
            entries[name] = Entry(key, value)
    if len(node.pairs) < shape.minimum:
        result.report(
            "DIA103",
            result.span(anchor or node),
            f"I expected {shape.say}, and found nothing.",
            "Write its keys on the lines below it, indented, each with a colon and a value.",
        )
    if strange:
        for name in shape.keys.keys() - entries.keys():
            _note_unread(shape.keys[name], result)
    else:
        _check_required(node, shape, entries, result, anchor)
    return Record(node, entries, whole=not strange)


def _meant(
    key: ScalarNode, inner: Node, shape: RecordShape, present: set[str], result: Validated
) -> str | None:
    """Report an unknown key; return the key that it most likely means, when that one is absent."""
    span = result.span(key)
    if key.value in shape.later:
        if not (key.value in shape.media and _outside(inner, result)):
            result.found.append(not_yet(key.value, span))
        return None
    near, fits = _nearest(key, inner, shape, present, result)
    if near is not None:
        help = f"Did you mean `{near}`?"
        edit = Edit(span, near)
        result.report("DIA101", span, f"There is no key `{key.value}` here.", help, edit=edit)
        return near if fits else None
    known = ", ".join(f"`{name}`" for name in shape.keys)
    result.report("DIA101", span, f"There is no key `{key.value}` here.", f"Known here: {known}.")
    return None


def _nearest(
    key: ScalarNode, inner: Node, shape: RecordShape, present: set[str], result: Validated
) -> tuple[str | None, bool]:
    """Return the absent key that is most likely meant, and whether the value fits it.

    Of keys that are equally near (`ext`: `next` or `text`?) the value tells which one it is.
    """
    absent = [name for name in shape.keys if name not in present]
    first = near = closest(key.value, absent)
    while near is not None:
        trial = Validated(result.file)
        _value(inner, shape.keys[near], trial, key)
        if not any(finding.severity == "error" for finding in trial.found):
            return near, True
        absent.remove(near)
        near = closest(key.value, absent)
    return first, False


def _outside(node: Node, result: Validated) -> bool:
    if not isinstance(node, ScalarNode):
        return False
    path = node.value.replace("\\", "/")
    if not (path.startswith("/") or ".." in path.split("/") or ":" in path):
        return False
    help = "Media live in the story's folder `media/`; write the path from there."
    result.report("DIA703", result.span(node), f"`{node.value}` lies outside the story.", help)
    return True


def _check_required(
    node: MappingNode,
    shape: RecordShape,
    entries: dict[str, Entry],
    result: Validated,
    anchor: ScalarNode | None,
) -> None:
    missing = [name for name in shape.required if name not in entries]
    if not missing:
        return
    at = anchor or (node.pairs[0][0] if node.pairs else node)
    # Where nothing is said at all, it is about the first thing in the file, not about all of it.
    span = result.span(at)
    keys = " and ".join(f"`{name}:`" for name in missing)
    result.report(
        "DIA102",
        span,
        f"{keys} {'is' if len(missing) == 1 else 'are'} missing here.",
        f"Add {'it' if len(missing) == 1 else 'them'}: I expected {shape.say}.",
    )
    for name in missing:
        _note_unread(shape.keys[name], result)


def _nothing(node: Node, shape: Shape, result: Validated, key: ScalarNode | None) -> None:
    first = shape.options[0] if isinstance(shape, EitherShape) else shape
    assert not isinstance(first, EitherShape)
    span = result.span(key) if key is not None else result.span(node)
    what = f"Nothing stands after `{key.value}:`" if key is not None else "Nothing stands here"
    help: str | None = "Write it, or leave the key out."
    if isinstance(first, ScalarShape) and first.prose and isinstance(node, ScalarNode):
        # `text: #1 fan` says nothing: to YAML all of it is a comment.
        comment = comment_after_prose(result.file, node)
        help = comment.help if comment is not None else help
    result.report("DIA108", span, f"{what}, where I expected {first.say}.", help)


def _wrong_form(
    node: Node, shape: ScalarShape | ListShape | MapShape | RecordShape, result: Validated
) -> None:
    seen, at = _form(node)
    span = result.span(at)
    result.report(
        "DIA103", span, f"I expected {shape.say} here, and found {seen}.", _how_to_write(shape)
    )


def _how_to_write(shape: ScalarShape | ListShape | MapShape | RecordShape) -> str:
    match shape:
        case ScalarShape(prose=True):
            return "If it is a text, put it between quotes, or below `|` on lines of its own."
        case ScalarShape():
            return "Write it after the colon, on the same line, without brackets or dashes."
        case ListShape():
            return "Write each of them on a line of its own, after a dash and a space."
        case MapShape() | RecordShape():
            return "Write each on a line of its own: a name, a colon, and what belongs to it."
        case _:
            assert_never(shape)


def _form(node: Node) -> tuple[str, Node]:
    """Return what to call a node, and its part to point at: a long one is not underlined whole."""
    match node:
        case ScalarNode():
            return "a single value", node
        case SequenceNode():
            return "a list", node.items[0] if node.items else node
        case MappingNode():
            return "`key: value` lines", node.pairs[0][0] if node.pairs else node


def _note_unread(shape: Shape, result: Validated) -> None:
    """Note the kinds of names that may be declared in a part of this shape, which could not be read."""
    match shape:
        case MapShape():
            if shape.declares is not None:
                result.unread.add(shape.declares)
            _note_unread(shape.value, result)
        case ListShape():
            _note_unread(shape.item, result)
        case RecordShape():
            if shape.declares is not None:
                result.unread.add(shape.declares)
            for inner in shape.keys.values():
                _note_unread(inner, result)
        case EitherShape(options):
            for option in options:
                _note_unread(option, result)
        case ScalarShape():
            if shape.declares is not None:
                result.unread.add(shape.declares)
