"""Do the names and types hold? Check every declaration and fragment, and give back what the program has of them."""

from __future__ import annotations

from dataclasses import field

from diana_engine.compiler.checking.checked import CheckedStory
from diana_engine.compiler.checking.declarations import check_variable
from diana_engine.compiler.checking.fragments import (
    check_fragment,
    check_requirements,
    check_shared,
)
from diana_engine.compiler.checking.systems import check_systems
from diana_engine.compiler.checking.zones import check_time_zone
from diana_engine.compiler.names.symbols import Symbols
from diana_engine.compiler.syntax.story import ParsedChapter, ParsedManifest, ParsedRequirement
from diana_engine.diagnostics.model import Diagnostic, Label
from diana_engine.diagnostics.registry import diagnose
from diana_engine.expressions.syntax import (
    AndSyntax,
    CompareSyntax,
    Expression,
    IsSyntax,
    NameSyntax,
    NotSyntax,
    OrSyntax,
    depth_of,
)
from diana_engine.expressions.terms import ConditionId, FragmentId, ItemId, Requirement, VariableId
from diana_engine.program.model import Character, Fragment, Item, Media, Variable
from diana_engine.records import dataclass
from diana_engine.source import Span

__all__ = ["MAX_CONDITION_DEPTH", "MAX_CONDITION_WEIGHT", "check_chapter", "check_manifest"]

MAX_CONDITION_DEPTH = 100
"""How deep a condition may be with all those in it unfolded: requirements are read by recursion."""
MAX_CONDITION_WEIGHT = 1_000
"""How many conditions a condition may ask in all, each as often as it is asked; without a bound, thirty that each ask
the next one twice would ask the last one a thousand million times."""


def check_manifest(
    manifest: ParsedManifest, symbols: Symbols
) -> tuple[CheckedStory, list[Diagnostic]]:
    """Check a manifest; return the story without its chapters. Names that are missing gather in `symbols`."""
    found: list[Diagnostic] = []
    for shared in manifest.shared:
        check_shared(shared, symbols.scope("main"), found)
    if manifest.time_zone is not None:
        found += check_time_zone(manifest.time_zone)
    systems = check_systems(manifest.systems, symbols, found)
    checked = CheckedStory(
        manifest=manifest,
        start=_start(manifest, symbols),
        variables=_variables(manifest, found),
        items=_items(manifest),
        conditions={**_conditions(manifest, symbols, found), **dict(systems.conditions)},
        characters={
            one.id.text: Character(one.name.text)
            for one in manifest.characters or ()
            if one.name is not None
        },
        systems=systems,
    )
    return checked, found


def check_chapter(
    chapter: ParsedChapter, symbols: Symbols
) -> tuple[dict[FragmentId, Fragment], list[Diagnostic]]:
    """Check the fragments of a chapter. What has errors is left out; names that are missing gather in `symbols`."""
    found: list[Diagnostic] = []
    if chapter.id is None:
        return {}, found
    scope = symbols.scope(chapter.id.text)
    checked = (check_fragment(one, scope, found) for one in chapter.fragments if one.readable)
    return {fragment.id: fragment for fragment in checked}, found


def _start(manifest: ParsedManifest, symbols: Symbols) -> FragmentId:
    if manifest.start is None:
        return FragmentId("")
    scope = symbols.scope("main")
    start = scope.fragment(manifest.start.text)
    if start is None:
        scope.missing("fragment", manifest.start.text, manifest.start.whole)
    return start or FragmentId("")


def _variables(manifest: ParsedManifest, found: list[Diagnostic]) -> dict[VariableId, Variable]:
    variables: dict[VariableId, Variable] = {}
    for parsed in manifest.variables:
        variable, findings = check_variable(parsed)
        found += findings
        if variable is not None:
            variables[VariableId(parsed.id.text)] = variable
    return variables


def _items(manifest: ParsedManifest) -> dict[ItemId, Item]:
    return {
        ItemId(item.id.text): Item(
            name=item.name.text,
            category=item.category.text if item.category else None,
            clue=item.clue,
            maximum=item.maximum,
            text=item.text.text if item.text else None,
            photo=Media("photo", item.photo.text) if item.photo else None,
        )
        for item in manifest.items
        if item.name is not None
    }


# Conditions ---------------------------------------------------------------------------------------------------------


def _conditions(
    manifest: ParsedManifest, symbols: Symbols, found: list[Diagnostic]
) -> dict[ConditionId, Requirement]:
    conditions: dict[ConditionId, Requirement] = {}
    scope = symbols.scope("main")
    for condition in manifest.conditions:
        requirement = check_requirements(
            condition.requirement, scope, condition.id.text, None, found
        )
        if requirement is not None:
            conditions[ConditionId(condition.id.text)] = requirement
    _Cycles(symbols, found).run()
    return conditions


@dataclass(slots=True)
class _Cycles:
    """Conditions that need themselves, and those that are stacked too high. Walked with a list, not by recursion."""

    symbols: Symbols
    found: list[Diagnostic]
    heights: dict[str, int] = field(default_factory=dict)
    weights: dict[str, int] = field(default_factory=dict)

    def run(self) -> None:
        for name in (*self.symbols.conditions, *self.symbols.stages):
            self._visit(name)

    def _visit(self, first: str) -> None:
        path: list[tuple[str, list[str]]] = (
            [(first, self._used(first))] if first not in self.heights else []
        )
        while path:
            name, waiting = path[-1]
            if not waiting:
                path.pop()
                self._finish(name)
                continue
            used = waiting.pop()
            on_path = [step for step, _ in path]
            if used in on_path:
                self._cycle(on_path[on_path.index(used) :])
            elif used not in self.heights:
                path.append((used, self._used(used)))

    def _used(self, name: str) -> list[str]:
        return _names(self._requirement(name), self.symbols)

    def _requirement(self, name: str) -> ParsedRequirement:
        """Return what a condition asks; a stage asks what those before it ask, too."""
        if (known := self.symbols.conditions.get(name)) is not None:
            return known.requirement
        stages = list(self.symbols.stages)
        asked = stages[: stages.index(ConditionId(name)) + 1]
        return tuple(part for one in asked for part in self.symbols.stages[one].when)

    def _place(self, name: str) -> Span:
        known = self.symbols.conditions.get(name)
        return (known or self.symbols.stages[ConditionId(name)]).id.whole

    def _finish(self, name: str) -> None:
        used = self._used(name)
        requirement = self._requirement(name)
        own = max((depth_of(part.syntax) for part in requirement if part.syntax), default=0)
        height = 1 + own + max((self.heights.get(one, 0) for one in used), default=0)
        weight = 1 + sum(self.weights.get(one, 0) for one in used)
        # One that is too much is told, and counts as nothing in those made of it.
        self.heights[name], self.weights[name] = 0, 0
        if height <= MAX_CONDITION_DEPTH and weight <= MAX_CONDITION_WEIGHT:
            self.heights[name], self.weights[name] = height, weight
            return
        span = self._place(name)
        how = "too deeply" if height > MAX_CONDITION_DEPTH else "too many times over"
        message = f"`{name}` is made of conditions that are made of conditions, {how}."
        help = "Let one of them ask about variables instead."
        self.found.append(diagnose("DIA115", span, message, help=help))

    def _cycle(self, names: list[str]) -> None:
        name = _shown(names[0])
        if any(
            finding.code == "DIA214" and finding.message.startswith(f"`{name}`")
            for finding in self.found
        ):
            return
        places = [self._place(name) for name in names]
        way = " → ".join(f"`{_shown(one)}`" for one in (*names, names[0]))
        self.found.append(
            diagnose(
                "DIA214",
                places[0],
                f"`{name}` is a {_called(names[0])} that needs itself.",
                labels=tuple(Label(place, "by way of this one") for place in places[1:]),
                help=f"It goes {way}. Break the ring at one of them.",
            )
        )


def _called(name: str) -> str:
    return "stage" if " " in name else "condition"


def _shown(name: str) -> str:
    """Return a condition's or a stage's name as the writer knows it."""
    return name.rpartition(" ")[2]


def _names(requirement: ParsedRequirement, symbols: Symbols) -> list[str]:
    names: list[str] = []
    waiting: list[Expression] = [part.syntax for part in requirement if part.syntax is not None]
    while waiting:
        match waiting.pop():
            case NameSyntax(text) if text in symbols.conditions:
                names.append(text)
            case (
                IsSyntax(NameSyntax("stage"), NameSyntax(text))
                | CompareSyntax(left=NameSyntax("stage"), right=NameSyntax(text))
            ) if text in symbols.systems.stages:
                names.append(symbols.systems.stages[text])
            case NotSyntax(operand):
                waiting.append(operand)
            case AndSyntax(operands) | OrSyntax(operands):
                waiting += operands
            case _:
                pass
    return names
