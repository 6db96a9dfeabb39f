"""What the lowering of one program works with: its variables, guards and courses, and what fragments keep of draws."""

from __future__ import annotations

from collections.abc import Iterable

from diana_engine.compiler.analysis.states.graph.draws import Luck, decided
from diana_engine.compiler.analysis.states.graph.guards import Guards
from diana_engine.compiler.analysis.states.graph.model import Guard, Slot, Variable
from diana_engine.compiler.analysis.states.lowering.courses import STRAIGHT, Course, Courses
from diana_engine.compiler.analysis.states.lowering.effects import Effects
from diana_engine.compiler.analysis.states.lowering.formulas import Formulas
from diana_engine.compiler.analysis.states.lowering.luck import Draws, Lucks, kept_slot
from diana_engine.compiler.analysis.states.lowering.settling import Settling
from diana_engine.compiler.analysis.states.lowering.slots import Slots
from diana_engine.compiler.analysis.states.lowering.stacks import STACK, Stacks
from diana_engine.compiler.analysis.states.lowering.sums import Opaque
from diana_engine.expressions.terms import FragmentId, Requirement
from diana_engine.program.exits import passes_by
from diana_engine.program.model import Program

__all__ = ["TOO_MUCH_LUCK", "Opening", "Parts"]

Opening = tuple[Guard, Guard]
"""For whom an option is open, and for whom it is so whatever was drawn."""
TOO_MUCH_LUCK = "too many draws are made at once"


class Parts:
    """The parts of one program's model while it is made; `opaque` says what could not be followed, and why.

    `taken` is what comes of choices that were followed already, by what they ask for, cost and do.
    """

    def __init__(self, program: Program, also: Iterable[Slot]) -> None:
        self.program = program
        self.slots = Slots(program, also)
        self.guards = Guards()
        self.formulas = Formulas(self.slots, self.guards)
        self.courses = Courses(self.slots, self.guards)
        self.effects = Effects(self.slots, self.guards, self.formulas, self.courses)
        self.places = list(program.fragments)
        self.rests = bytearray(fragment.rests for fragment in program.fragments.values())
        self.index = {id: index for index, id in enumerate(self.places)}
        self.coming: dict[int, int] = {}
        self._add_comings()
        self.opaque: dict[str, str] = {}
        self.taken: dict[object, list[Course]] = {}
        self.lucks = Lucks(program)
        self.settling = Settling(self.slots, self.guards, self.formulas, self.effects, self.lucks)
        self.stacks = Stacks(program)
        self._add_variables()

    def add_place(self, id: FragmentId, *, rests: bool) -> int:
        """Add a place beside a fragment; return its number."""
        self.places.append(id)
        self.rests.append(rests)
        return len(self.places) - 1

    def _add_comings(self) -> None:
        """Add the places where players come to decks that they may pass by."""
        for place, (id, fragment) in enumerate(self.program.fragments.items()):
            if passes_by(fragment):
                self.index[id] = self.coming[place] = self.add_place(id, rests=False)

    def _add_variables(self) -> None:
        """Take into the model what no requirement asks for by name: which calls wait, and what was drawn on entering."""
        if len(self.stacks.numbers) > 1:
            last = len(self.stacks.numbers) - 1
            self.slots.add(Variable(STACK, 0, last, 0, words=self.stacks.words()))
        for id, kept in self.lucks.kept.items():
            for draw, values in kept.items():
                words = {str(value): index for index, value in enumerate(values)}
                self.slots.add(Variable(kept_slot(id, draw), 0, len(values) - 1, 0, words=words))

    # Requirements ---------------------------------------------------------------------------------------------------

    def guard(self, requirement: Requirement, luck: Luck) -> Guard | None:
        """Return the guard of a requirement, or nothing where it is opaque."""
        if luck:
            requirement = decided(requirement, luck, self.program.conditions)
        try:
            return self.formulas.of(requirement)
        except Opaque as reason:
            self.courses.reasons.append(str(reason))
            return None

    def meeting(self, course: Course, requirement: Requirement, luck: Luck) -> Course:
        """Return the course of those who meet a requirement."""
        guard = self.guard(requirement, luck)
        if guard is None:
            return course._replace(certain=False)
        return self.courses.ask(course, guard)

    def why(self) -> str:
        """Return why something could not be followed just now."""
        return self.courses.reasons[-1] if self.courses.reasons else TOO_MUCH_LUCK

    # Draws kept -----------------------------------------------------------------------------------------------------

    def remembering(self, place: int, luck: Luck) -> Course:
        """Return who drew so on entering."""
        id = self.places[place]
        course = STRAIGHT
        for draw, values in self.lucks.kept.get(id, {}).items():
            if draw in luck:
                variable = self.slots.number[kept_slot(id, draw)]
                drawn = self.guards.equal(variable, values.index(luck[draw]))
                course = self.courses.ask(course, drawn)
        return course

    def opening(self, place: int, luck: Luck, guard: Guard) -> Opening:
        """Return for whom an option is open with this luck, and for whom it is, or who drew otherwise on entering."""
        if self.places[place] not in self.lucks.kept:
            return guard, guard
        otherwise = self.guards.negated(self.remembering(place, luck).guard)
        return guard, self.guards.either(guard, otherwise)

    def kept_at(self, place: int) -> Draws:
        """Return the draws that the fragment of a place keeps."""
        kept = self.lucks.kept.get(self.places[place])
        return {draw: set(values) for draw, values in kept.items()} if kept else {}
