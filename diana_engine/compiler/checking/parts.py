"""Checking the requirements, effects and texts of the manifest's sections, which stand in no fragment."""

from __future__ import annotations

from collections.abc import Sequence

from diana_engine.compiler.checking.fragments import NOWHERE, check_requirements
from diana_engine.compiler.names.symbols import ChapterScope
from diana_engine.compiler.syntax.parts import ParsedEffect, ParsedRequirement, ParsedText
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.diagnostics.registry import diagnose
from diana_engine.expressions.checking.context import Checking, named_type
from diana_engine.expressions.checking.effects import check_effect
from diana_engine.expressions.checking.texts import check_text
from diana_engine.expressions.durations import seconds_of
from diana_engine.expressions.terms import Effect, FragmentId, ItemId, Requirement, VariableId
from diana_engine.expressions.text import Text
from diana_engine.expressions.types import PointsType, UnknownType
from diana_engine.records import dataclass
from diana_engine.source import Located, Span

__all__ = ["Part"]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the manifest that is being checked: its name within the story, and where its findings go."""

    name: str
    scope: ChapterScope
    found: list[Diagnostic]

    def at(self, name: str) -> Part:
        """Return a part within this one."""
        return Part(f"{self.name}.{name}", self.scope, self.found)

    def report(
        self, code: str, where: Located | Span, message: str, help: str | None = None
    ) -> None:
        """Note a finding."""
        span = where.whole if isinstance(where, Located) else where
        self.found.append(diagnose(code, span, message, help=help))

    def requirement(self, parsed: ParsedRequirement) -> Requirement | None:
        """Return what is required, or `None` where there is nothing or nothing that is right."""
        return check_requirements(parsed, self.scope, f"{self.name}.when", None, self.found)

    def effects(self, parsed: Sequence[ParsedEffect]) -> tuple[Effect, ...]:
        """Return the effects that are right."""
        effects: list[Effect] = []
        for index, part in enumerate(parsed, start=1):
            if part.syntax is None:
                continue
            checking = Checking(part.source, self.scope, f"{self.name}.effects.{index}")
            effect = check_effect(part.syntax, checking)
            self.found.extend(checking.found)
            effects += [effect] if effect is not None else []
        return tuple(effects)

    def text(self, parsed: ParsedText | None) -> Text | None:
        """Return a text, or `None` where there is none."""
        if parsed is None or parsed.syntax is None:
            return None
        checking = Checking(parsed.source, self.scope, f"{self.name}.text", shown=True)
        text = check_text(parsed.syntax, checking)
        self.found.extend(checking.found)
        return text

    def fragment(self, name: Located) -> FragmentId:
        """Return the fragment of that name."""
        fragment = self.scope.fragment(name.text)
        if fragment is None:
            self.scope.missing("fragment", name.text, name.whole)
        return fragment or NOWHERE

    def item(self, name: Located) -> ItemId:
        """Return the item of that name."""
        if self.scope.is_item(name.text):
            return ItemId(name.text)
        if (type_ := self.scope.type_of(name.text)) is None:
            self.scope.missing("item", name.text, name.whole)
        elif not isinstance(type_, UnknownType):
            message = f"`{name.text}` is {named_type(type_)}, not an item."
            self.report("DIA312", name, message, "Name something that is declared under `items:`.")
        return ItemId("")

    def points(self, name: str, span: Span) -> VariableId | None:
        """Return the points of that name, or `None` where there are none."""
        match self.scope.type_of(name):
            case PointsType():
                return VariableId(name)
            case UnknownType():
                pass
            case None:
                self.scope.missing("variable", name, span)
            case other:
                message = f"Only points can stand here, and `{name}` is {named_type(other)}."
                self.report("DIA343", span, message, "Give the variable the type `points`.")
        return None

    def seconds(self, duration: Located | None) -> int | None:
        """Return how long a duration is, or `None` where there is none."""
        if duration is None:
            return None
        seconds = seconds_of(duration.text)
        if seconds is None:
            message = f"`{duration.text}` is no time at all."
            self.report("DIA341", duration, message, "Leave it out, or write at least `1s`.")
        return seconds
