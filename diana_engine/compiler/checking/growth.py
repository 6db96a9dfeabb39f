"""`renamed:`, `removed:` and `carry_over:`: does every old name lead to one that is there?

Fragments are named ``chapter.fragment``, choices ``chapter.fragment.choice``, variables, items, missions and achievements
by their own names. A bare name that is none of these is a fragment of the chapter ``main``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal, assert_never

from diana_engine.compiler.checking.parts import Part
from diana_engine.compiler.syntax.systems import ParsedMove, ParsedSystems
from diana_engine.diagnostics.model import Label
from diana_engine.diagnostics.registry import diagnose
from diana_engine.expressions.terms import (
    AchievementId,
    ChoiceKey,
    FragmentId,
    ItemId,
    MissionId,
    VariableId,
)
from diana_engine.program.systems import POLICIES, Growth, Policy
from diana_engine.records import dataclass
from diana_engine.source import Located

__all__ = ["check_growth"]

Kind = Literal["fragment", "choice", "variable", "item", "mission", "achievement"]
_ARTICLES: Mapping[Kind, str] = {
    "fragment": "a fragment", "choice": "a choice", "variable": "a variable", "item": "an item",
    "mission": "a mission", "achievement": "an achievement",
}  # fmt: skip


def check_growth(systems: ParsedSystems, part: Part) -> Growth:
    """Return where old names lead; what leads nowhere is reported."""
    written = systems.carry_over.text if systems.carry_over is not None else None
    policy = next((one for one in POLICIES if one == written), POLICIES[0])
    check = _Growth(part, {move.old.text: move for move in systems.renamed}, policy)
    for move in systems.removed:
        check.gone.setdefault(move.old.text, move)
    for move in systems.renamed:
        check.renamed(move)
    for move in systems.removed:
        check.removed(move)
    return check.growth()


@dataclass(slots=True)
class _Growth:
    part: Part
    names: Mapping[str, ParsedMove]
    policy: Policy
    gone: dict[str, ParsedMove] = field(default_factory=dict)
    moves: dict[Kind, dict[str, str]] = field(default_factory=dict)
    left: dict[FragmentId, FragmentId] = field(default_factory=dict)

    def growth(self) -> Growth:
        """Return all that was right, in the order of the old names."""
        of = {kind: sorted(moves.items()) for kind, moves in self.moves.items()}
        return Growth(
            {FragmentId(old): FragmentId(new) for old, new in of.get("fragment", ())},
            {ChoiceKey(old): ChoiceKey(new) for old, new in of.get("choice", ())},
            {VariableId(old): VariableId(new) for old, new in of.get("variable", ())},
            {ItemId(old): ItemId(new) for old, new in of.get("item", ())},
            dict(sorted(self.left.items())),
            self.policy,
            {MissionId(old): MissionId(new) for old, new in of.get("mission", ())},
            {AchievementId(old): AchievementId(new) for old, new in of.get("achievement", ())},
        )

    def renamed(self, move: ParsedMove) -> None:
        """Take one line of `renamed:`."""
        if move.to is None or self._twice(move) or self._leads_on(move, move.to):
            return
        kind = self._kind(move.to)
        if kind is None:
            self._missing(move.to)
        elif self._full(move.old, kind).count(".") != self._full(move.to, kind).count("."):
            message = f"`{move.to.text}` is {_ARTICLES[kind]}, and `{move.old.text}` cannot have been one."
            help = "Write `chapter.fragment` for fragments, `chapter.fragment.choice` for choices, and the name alone for variables, items, missions and achievements."
            self.part.report("DIA349", move.old, message, help)
        elif not self._still_there(move.old, kind):
            self.moves.setdefault(kind, {})[self._full(move.old, kind)] = self._full(move.to, kind)

    def removed(self, move: ParsedMove) -> None:
        """Take one line of `removed:`, whose old name is that of a fragment."""
        if move.to is None or self._leads_on(move, move.to):
            return
        to = self.part.fragment(move.to)
        if not self._still_there(move.old, "fragment") and to:
            self.left[FragmentId(self._full(move.old, "fragment"))] = to

    # What may be wrong

    def _twice(self, move: ParsedMove) -> bool:
        other = self.gone.get(move.old.text)
        if other is None:
            return False
        finding = diagnose(
            "DIA262",
            other.old.whole,
            f"`{move.old.text}` is said to be renamed and to be removed.",
            labels=(Label(move.old.whole, "renamed here"),),
            help="Keep the one that is true.",
        )
        self.part.found.append(finding)
        return True

    def _leads_on(self, move: ParsedMove, to: Located) -> bool:
        """Report a name that leads to another old name: the way must end in one step."""
        way = [move.old.text]
        following: Located | None = to
        while following is not None and following.text not in way:
            way.append(following.text)
            onward = self.names.get(following.text) or self.gone.get(following.text)
            following = onward.to if onward is not None else None
        shown = " → ".join(f"`{name}`" for name in way)
        if following is not None:
            message = f"`{move.old.text}` leads in a ring: {shown} → `{following.text}`."
            help = "Let each old name lead to one that is in the story."
            self.part.report("DIA260", move.old, message, help)
            return True
        if len(way) > 2:
            message = f"`{way[1]}` is an old name, too: {shown}."
            self.part.report("DIA259", to, message, f"Write `{way[0]}: {way[-1]}`.")
            return True
        return False

    def _still_there(self, old: Located, led: Kind) -> bool:
        kind = self._kind(old)
        if kind is None or (led != kind and {led, kind} & {"mission", "achievement"}):
            return False  # a mission may be called like something else
        message = f"`{old.text}` is still {_ARTICLES[kind]} of this story."
        help = "Only what is gone can have led elsewhere; leave this line out, or take the old one out of the story."
        self.part.report("DIA261", old, message, help)
        return True

    def _missing(self, name: Located) -> None:
        match name.text.count("."):
            case 0:
                self.part.scope.missing("variable", name.text, name.whole)
            case 1:
                self.part.scope.missing("fragment", name.text, name.whole)
            case _:
                self.part.scope.missing("choice", name.text, name.whole)

    # Names

    def _kind(self, name: Located) -> Kind | None:
        scope, text = self.part.scope, name.text
        if text.count(".") == 2:
            return "choice" if scope.choice(text) is not None else None
        if scope.type_of(text) is not None:
            return "variable"
        if scope.is_item(text):
            return "item"
        if text in scope.systems.missions:
            return "mission"
        if text in scope.systems.achievements:
            return "achievement"
        return "fragment" if scope.fragment(text) is not None else None

    def _full(self, name: Located, kind: Kind) -> str:
        match kind:
            case "fragment":
                return name.text if "." in name.text else f"main.{name.text}"
            case "choice" | "variable" | "item" | "mission" | "achievement":
                return name.text
            case _:
                assert_never(kind)
