"""Choices that are paid for before their target sends the player straight back."""

from __future__ import annotations

from collections.abc import Iterator

from diana_engine.compiler.analysis.together import can_hold, denied
from diana_engine.compiler.analysis.uses import Uses
from diana_engine.compiler.checking.checked import CheckedStory
from diana_engine.compiler.syntax.story import ParsedChoice
from diana_engine.diagnostics.model import Diagnostic, Label
from diana_engine.diagnostics.registry import diagnose
from diana_engine.expressions.terms import ConditionId, Requirement, Take
from diana_engine.program.exits import choices_of
from diana_engine.program.model import Choice, Gate

__all__ = ["turned_away"]


def turned_away(story: CheckedStory) -> Iterator[Diagnostic]:
    """Yield a note for each choice that costs something and may lead back to its fragment for want of something else."""
    for id, fragment in story.fragments.items():
        for index, choice in enumerate(choices_of(fragment.exit)):
            target = story.fragments.get(choice.to)
            if (
                target is None
                or target.gate is None
                or target.gate.otherwise != id
                or choice.to == id
            ):
                continue
            if _spends(choice) and _may_be_turned_away(choice, target.gate, story):
                # Only here a place is looked up: those of all chapters would have to be read.
                parsed = (story.places[id].choices or ())[index]
                yield _note(choice, parsed, story)


def _spends(choice: Choice) -> bool:
    return choice.cost is not None or any(isinstance(one, Take) for one in choice.effects)


def _may_be_turned_away(choice: Choice, gate: Gate, story: CheckedStory) -> bool:
    """Whether nothing that the choice asks or does is known to open the gate; where its effects matter, that is not known."""
    known = () if choice.requires is None else (choice.requires,)
    if not can_hold([*known, denied(gate.requires)], story):
        return False
    asked, done = _read(gate.requires, story), Uses()
    for effect in choice.effects:
        done.effect(effect)
    if choice.cost is not None:
        done.written.add(choice.cost.points)
    changed = {*done.written, *done.given, *done.taken}
    return not changed & {*asked.read, *asked.asked} and choice.key not in asked.chosen


def _read(requirement: Requirement, story: CheckedStory) -> Uses:
    uses = Uses()
    uses.requirement(requirement)
    unfolded: set[ConditionId] = set()
    while new := uses.conditions - unfolded:
        unfolded |= new
        for name in new:
            uses.requirement(story.conditions[name])
    return uses


def _note(choice: Choice, parsed: ParsedChoice, story: CheckedStory) -> Diagnostic:
    gate = story.places[choice.to].requires
    labels = (Label(gate[0].source.whole, "this is asked behind the price"),) if gate else ()
    where = choice.to.rpartition(".")[2]
    return diagnose(
        "DIA434",
        (parsed.included or parsed.to or parsed.anchor).whole,
        f"Players pay for this choice, and `{where}` may send them straight back here.",
        labels=labels,
        help=f"Ask for it in the choice too, under `requires:`, or let `otherwise:` of `{where}` lead elsewhere.",
    )
