"""From a program to its model: every way in which a move can come out, as edges.

`diana_engine.play` is followed rule by rule: `_choice` is `choices.take`, `_arrivals` is `rules.arrive`, `_onward` is
`rules.way_on`. Chance is free: what is drawn differently is another edge. So is time: a wait can always be waited out, and
where it can be paid off, to pay is another edge. A new way to leave a fragment is an arm of
`_Lowering._place`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import assert_never

from diana_engine.compiler.analysis.states.answers import answers
from diana_engine.compiler.analysis.states.bounds import set_ends
from diana_engine.compiler.analysis.states.courses import STRAIGHT, Course, Courses
from diana_engine.compiler.analysis.states.dealing import chances
from diana_engine.compiler.analysis.states.draws import Luck, decide, decided, drawn_in
from diana_engine.compiler.analysis.states.formulas import Formulas, Opaque
from diana_engine.compiler.analysis.states.graph import gates
from diana_engine.compiler.analysis.states.guards import Guards
from diana_engine.compiler.analysis.states.luck import Draws, Lucks, kept_slot
from diana_engine.compiler.analysis.states.model import (
    ALWAYS,
    NEVER,
    NOWHERE,
    Change,
    Changes,
    Edge,
    Guard,
    Model,
    Option,
    Slot,
    Variable,
)
from diana_engine.compiler.analysis.states.settling import Settling
from diana_engine.compiler.analysis.states.slots import Slots
from diana_engine.compiler.analysis.states.stacks import STACK, Stack, Stacks
from diana_engine.expressions.terms import FragmentId, Requirement
from diana_engine.program.exits import branches_of
from diana_engine.program.model import (
    Branch,
    Call,
    Choice,
    Choices,
    Deck,
    Ending,
    Fragment,
    Next,
    Program,
    Return,
    Wait,
)

__all__ = ["lowered"]

Arrival = tuple[int, Course]
"""The place where one comes to stand, and what happens on the way to it."""
_Opening = tuple[Guard, Guard]
"""For whom an option is open, and for whom it is so whatever was drawn."""
_TOO_MUCH_LUCK = "too many draws are made at once"
_TOO_MANY_CALLS = "too many calls may wait for their return in different ways"


def lowered(program: Program, also: Iterable[Slot] = (), *, vip: bool | None = None) -> Model:
    """Return the model of `program`; slots of `also` are variables even if nobody asks for them.

    `vip` says whether players are VIP at first, `None` that they may be or not.
    """
    return _Lowering(program, also, vip).model()


class _Lowering:
    def __init__(self, program: Program, also: Iterable[Slot], vip: bool | None) -> None:
        self.program, self.vip = program, vip
        self.slots = Slots(program, also)
        self.guards = Guards()
        self.formulas = Formulas(self.slots, self.guards)
        self.courses = Courses(self.slots, self.guards, self.formulas)
        self.places = list(program.fragments)
        self.index = {id: index for index, id in enumerate(self.places)}
        self.edges: list[Edge] = []
        self.options: list[Option] = []
        self.opaque: dict[str, str] = {}
        self._arrived: dict[FragmentId, list[Arrival]] = {}
        self.lucks = Lucks(program)
        self.settling = Settling(self.slots, self.guards, self.formulas, self.courses, self.lucks)
        self.stacks = Stacks(program)
        if len(self.stacks.numbers) > 1:
            last = len(self.stacks.numbers) - 1
            self.slots.add(Variable(STACK, 0, last, 0, words=self.stacks.words()))
        self._kept_places = frozenset(self.index[id] for id in self.lucks.kept)
        for id, kept in self.lucks.kept.items():
            for draw, values in kept.items():
                words = {str(value): index for index, value in enumerate(values)}
                self.slots.add(Variable(kept_slot(id, draw), 0, len(values) - 1, 0, words=words))

    def model(self) -> Model:
        """Return the model."""
        program = self.program
        fragments = program.fragments.values()
        for to, course in self._begun():
            for initial in self._as_vip_or_not():
                self._arrive(NOWHERE, NOWHERE, to, self.courses.joined(initial, course))
        beginnings = list(range(len(self.edges)))
        options_of = []
        for place, fragment in enumerate(fragments):
            first = len(self.options)
            self._place(place, fragment)
            options_of.append(range(first, len(self.options)))
        out: list[list[int]] = [[] for _ in self.places]
        inn: list[list[int]] = [[] for _ in self.places]
        for number, edge in enumerate(self.edges):
            if edge.source != NOWHERE:
                out[edge.source].append(number)
            inn[edge.target].append(number)
        model = Model(
            self.slots.variables,
            self.places,
            bytearray(isinstance(fragment.exit, Ending) for fragment in fragments),
            bytearray(fragment.rests for fragment in fragments),
            self.edges,
            out,
            inn,
            self.options,
            options_of,
            beginnings,
            self.opaque,
        )
        set_ends(model, self.guards)
        return model

    def _place(self, place: int, fragment: Fragment) -> None:
        match fragment.exit:
            case Choices(choices):
                for number, choice in enumerate(choices, start=1):
                    self._choice(place, number, choice)
            case Next() as onward:
                self._onward(place, onward)
            case Call(to):
                self._call(place, to)
            case Return():
                self._return(place, fragment)
            case Deck() as deck:
                self._deck(place, deck)
            case Ending():
                pass
            case _:
                assert_never(fragment.exit)

    # Moves ----------------------------------------------------------------------------------------------------------

    def _begun(self) -> Iterator[Arrival]:
        start = self.program.start
        for luck in self.lucks.ways(self.lucks.at_gates(start)) or [{}]:
            yield from self._arrivals(start, luck)

    def _choice(self, place: int, number: int, choice: Choice) -> None:
        ways = self.lucks.ways(self.lucks.of_choice(choice) | self._kept_at(place))
        if ways is None:
            written = self.courses.written(choice.effects)
            if choice.cost is not None:
                written.append(("value", choice.cost.points))
            course = self._marked(STRAIGHT, choice)
            course = self.courses.unknown(course, written, _TOO_MUCH_LUCK)
            self._leave(place, number, [(course, choice.to, None)])
            return
        leaving: list[tuple[Course, FragmentId, Luck | None]] = []
        by_luck: list[_Opening] = []
        for luck in ways:
            courses = self._taken(place, choice, luck)
            opens = self.guards.some([course.guard for course in courses])
            by_luck.append(self._opening(place, luck, opens))
            leaving += [(course, choice.to, luck) for course in courses]
        self._leave(place, number, leaving, by_luck)

    def _taken(self, place: int, choice: Choice, luck: Luck) -> list[Course]:
        """Return the ways in which the choice is taken, up to the moment before the player moves."""
        course = self._remembering(place, luck)
        if choice.once:
            variable = self.slots.number["chosen", choice.key]
            course = self.courses.ask(course, self.guards.below(variable, 1))
        if choice.requires is not None:
            course = self._meeting(course, choice.requires, luck)
        if choice.cost is not None:
            # The price is asked before anything changes, and paid after the choice is marked as taken.
            course = self.courses.pay(course, choice.cost.points, choice.cost.amount)
        if course.guard is NEVER:
            return []
        course = self._marked(course, choice)
        taken = [course]
        if choice.effects:
            effects = decide(choice.effects, luck) if luck else choice.effects
            taken = self.courses.follow([course], effects, refusing=True)
        return self._waited([one for one in taken if one.guard is not NEVER], choice.wait)

    def _waited(self, courses: list[Course], wait: Wait | None) -> list[Course]:
        """Return the ways through a wait: in patience, or paying for what can be paid."""
        if wait is None or wait.skip is None:
            return courses
        if ("value", wait.skip.points) not in self.slots.number:
            # Nothing asks for these points but such prices, and who cannot pay one can wait.
            return courses
        paying = [self.courses.pay(one, wait.skip.points, wait.skip.amount) for one in courses]
        return [*courses, *(one for one in paying if one.guard is not NEVER)]

    def _marked(self, course: Course, choice: Choice) -> Course:
        return self.courses.change(course, ("chosen", choice.key), (0, 1, 1))

    def _onward(self, place: int, onward: Next) -> None:
        branches = onward.branches
        draws = self.lucks.of(*[branch.requires for branch in branches])
        ways = self.lucks.ways(draws | self._kept_at(place))
        leaving: list[list[tuple[Course, FragmentId, Luck | None]]] = [[] for _ in branches]
        by_luck: list[list[_Opening]] = [[] for _ in branches]
        for luck, start in product(
            [None] if ways is None else ways, self._waited(self._answered(onward), onward.wait)
        ):
            rest = start
            if luck is not None:
                rest = self.courses.joined(self._remembering(place, luck), start)
            for index, branch in enumerate(branches):
                course, rest = self._branch(rest, branch, luck, index == len(branches) - 1)
                by_luck[index].append(self._opening(place, luck or {}, course.guard))
                if course.guard is not NEVER:
                    leaving[index].append((course, branch.to, luck))
        for index in range(len(branches)):
            self._leave(place, index + 1, leaving[index], by_luck[index])

    def _call(self, place: int, to: FragmentId) -> None:
        draws = self.lucks.at_gates(to) | self._kept_at(place)
        ways: Sequence[Luck | None] = self.lucks.ways(draws) or [None]
        calling = self._calling(place, STRAIGHT)
        leaving: list[tuple[Course, FragmentId, Luck | None]] = [
            (self.courses.joined(self._remembering(place, luck or {}), course), to, luck)
            for luck in ways
            for course in calling
        ]
        self._leave(place, 1, leaving, [(ALWAYS, ALWAYS)])

    def _calling(self, place: int, course: Course) -> list[Course]:
        """Return the course of those who enter a sub-story, for each of the calls that wait already."""
        if not self.stacks.complete:
            return [self.courses.unknown(course, [STACK], _TOO_MANY_CALLS)]
        id = self.places[place]
        return [
            self._restacked(course, stack, (*stack, id)) for stack in self.stacks.at.get(id, [])
        ]

    def _restacked(self, course: Course, stack: Stack, after: Stack) -> Course:
        number = self.stacks.numbers[after]
        course = self.courses.ask(course, self._waits(stack))
        return self.courses.change(course, STACK, (0, number, number))

    def _waits(self, stack: Stack) -> Guard:
        """Return the guard that just these calls wait."""
        if len(self.stacks.numbers) == 1:
            return ALWAYS
        return self.guards.equal(self.slots.number[STACK], self.stacks.numbers[stack])

    def _return(self, place: int, fragment: Fragment) -> None:
        if not self.stacks.complete:
            self.opaque[fragment.id] = _TOO_MANY_CALLS
        leaving: list[tuple[Course, FragmentId, Luck | None]] = []
        stacks = [stack for stack in self.stacks.at.get(fragment.id, []) if stack]
        for stack in stacks:
            branches = branches_of(self.program.fragments[stack[-1]].exit)
            draws = self.lucks.of(*[branch.requires for branch in branches])
            ways: Sequence[Luck | None] = self.lucks.ways(draws | self._kept_at(place)) or [None]
            for luck in ways:
                rest = self._remembering(place, luck or {})
                rest = self._restacked(rest, stack, stack[:-1])
                for index, branch in enumerate(branches):
                    course, rest = self._branch(rest, branch, luck, index == len(branches) - 1)
                    if course.guard is not NEVER:
                        leaving.append((course, branch.to, luck))
        opens = self.guards.some([self._waits(stack) for stack in stacks])
        self._leave(place, 1, leaving, [(opens, opens)])

    def _deck(self, place: int, deck: Deck) -> None:
        storylets = [self.program.fragments[id].storylet for id in deck.storylets]
        asked = [one.requires for one in storylets if one is not None]
        priorities = [one.priority for one in storylets if one is not None]
        shared = self.lucks.of(*asked) | self._kept_at(place)
        none: list[_Opening] = []
        leaving: list[list[tuple[Course, FragmentId, Luck | None]]] = [[] for _ in storylets]
        by_luck: list[list[_Opening]] = [[] for _ in storylets]
        away: list[tuple[Course, FragmentId, Luck | None]] = []
        for luck in self.lucks.ways(shared) or []:
            fits = [self._fits(id, luck) for id in deck.storylets]
            if any(fit is None for fit in fits):
                break
            known = [fit for fit in fits if fit is not None]
            start = self._remembering(place, luck)
            for index, (may, surely) in enumerate(
                chances(self.guards, known, priorities, deck.show)
            ):
                course = self.courses.ask(start, may)
                by_luck[index].append(
                    (
                        course.guard,
                        self._opening(place, luck, self.guards.both(start.guard, surely))[1],
                    )
                )
                courses = self._calling(place, course) if deck.branches else [course]
                leaving[index] += [
                    (one, deck.storylets[index], luck) for one in courses if one.guard is not NEVER
                ]
            course = self.courses.ask(start, self.guards.negated(self.guards.some(known)))
            none.append(self._opening(place, luck, course.guard))
            if deck.otherwise is not None and course.guard is not NEVER:
                away.append((course, deck.otherwise, luck))
        else:
            for index in range(len(storylets)):
                self._leave(place, index + 1, leaving[index], by_luck[index])
            for index, choice in enumerate(deck.choices, start=len(storylets) + 1):
                self._choice(place, index, choice)
            if deck.otherwise is not None and not deck.choices:
                self._leave(place, len(storylets) + 1, away, none)
            return
        self._deal_unseen(place, deck)

    def _fits(self, id: FragmentId, luck: Luck) -> Guard | None:
        """Return the guard that decks may offer the storylet, or nothing where it is opaque."""
        storylet = self.program.fragments[id].storylet
        assert storylet is not None
        new: Guard = ALWAYS
        if storylet.once:
            new = self.guards.below(self.slots.number["visits", id], 1)
        asked = ALWAYS if storylet.requires is None else self._guard(storylet.requires, luck)
        return None if asked is None else self.guards.both(new, asked)

    def _deal_unseen(self, place: int, deck: Deck) -> None:
        """Add the ways of a deck of which it could not be followed what it offers: each may be there or not."""
        unsure = STRAIGHT._replace(certain=False)
        for index, id in enumerate(deck.storylets, start=1):
            courses = self._calling(place, unsure) if deck.branches else [unsure]
            self._leave(place, index, [(course, id, None) for course in courses])
        for index, choice in enumerate(deck.choices, start=len(deck.storylets) + 1):
            self._choice(place, index, choice)
        if deck.otherwise is not None and not deck.choices:
            self._leave(place, len(deck.storylets) + 1, [(unsure, deck.otherwise, None)])

    def _answered(self, onward: Next) -> list[Course]:
        """Return how the answer to a question may come out, as far as it matters: like chance, it is free."""
        slot: Slot | None = ("value", onward.ask.into) if onward.ask is not None else None
        if slot is None or slot not in self.slots.number:
            return [STRAIGHT]
        values = answers(self.slots.variables[self.slots.number[slot]], self.program)
        if values is None:
            return [STRAIGHT._replace(loose=frozenset([self.slots.number[slot]]))]
        return [self.courses.change(STRAIGHT, slot, (0, value, value)) for value in values]

    def _branch(
        self, rest: Course, branch: Branch, luck: Luck | None, is_last: bool
    ) -> tuple[Course, Course]:
        """Return who of the `rest` takes a branch, and who goes on to the next; the last one is not asked."""
        if branch.requires is None or is_last:
            return rest, rest._replace(guard=NEVER)
        guard = None if luck is None else self._guard(branch.requires, luck)
        if guard is None:
            unsure = rest._replace(certain=False)
            return unsure, unsure
        return (
            self.courses.ask(rest, guard),
            self.courses.ask(rest, self.guards.negated(guard)),
        )

    def _leave(
        self,
        place: int,
        number: int,
        leaving: list[tuple[Course, FragmentId, Luck | None]],
        by_luck: list[_Opening] | None = None,
    ) -> None:
        """Add an option, which `by_luck` opens for each way in which its draws come out, and its edges."""
        certain = all(course.certain for course, _, _ in leaving)
        opens: Guard
        sure: Guard
        if by_luck is None or not certain:
            opens, sure = self.guards.some([course.guard for course, _, _ in leaving]), NEVER
        elif len(by_luck) == 1:
            opens, sure = by_luck[0]
        else:
            opens = self.guards.some([one for one, _ in by_luck])
            sure = self.guards.every([one for _, one in by_luck])
        option = len(self.options)
        self.options.append(Option(place, number, opens, sure, certain))
        first = len(self.edges)
        for course, to, luck in leaving:
            for known in self._known(to, luck):
                for target, entered in self._arrivals(to, known):
                    self._arrive(place, option, target, self.courses.joined(course, entered))
        if len(self.edges) - first > 1:
            self.edges[first:] = self._merged(self.edges[first:])
        if not certain:
            why = self.courses.reasons[-1] if self.courses.reasons else _TOO_MUCH_LUCK
            self.opaque[f"{self.places[place]}#{number}"] = why

    def _known(self, to: FragmentId, luck: Luck | None) -> Iterable[Luck | None]:
        """Return how the draws at the gates of `to` come out, where they are not decided with the move."""
        draws = self.lucks.at_gates(to)
        if luck is None or not draws:
            return (luck,)
        return self.lucks.ways(draws, luck) or (None,)

    # Arrivals -------------------------------------------------------------------------------------------------------

    def _arrivals(self, to: FragmentId, luck: Luck | None) -> list[Arrival]:
        """Return where one who goes to `to` may come to stand; without luck, whatever gates with draws say."""
        if not luck:
            found = self._arrived.get(to)
            if found is None:
                found = self._arrived[to] = list(self._arriving(to, luck))
            return found
        return list(self._arriving(to, luck))

    def _arriving(self, to: FragmentId, luck: Luck | None) -> Iterator[Arrival]:
        rest = STRAIGHT
        for fragment in gates(self.program, to):
            coming = rest
            if fragment.gate is not None:
                guard = (
                    self._guard(fragment.gate.requires, luck or {})
                    if self._may_ask(fragment, luck)
                    else None
                )
                if guard is None:
                    coming = rest = rest._replace(certain=False)
                else:
                    coming = self.courses.ask(rest, guard)
                    rest = self.courses.ask(rest, self.guards.negated(guard))
            if coming.guard is not NEVER:
                place = self.index[fragment.id]
                for entered in self._entered(fragment, coming):
                    yield place, entered
            if fragment.gate is None:
                return

    def _may_ask(self, fragment: Fragment, luck: Luck | None) -> bool:
        """Return whether what the gate draws is known."""
        asked = fragment.gate.requires if fragment.gate is not None else None
        return all(draw in (luck or {}) for draw in self.lucks.of(asked))

    def _entered(self, fragment: Fragment, coming: Course) -> list[Course]:
        """Return the ways to enter a fragment: its visit is counted, then its effects are done as far as possible."""
        coming = self.courses.counting(coming, fragment.id, "visits")
        if not fragment.on_enter:
            return [coming]
        draws = drawn_in(fragment.on_enter)
        kept = self.lucks.kept.get(fragment.id, {})
        for draw, values in kept.items():
            draws[draw] = set(values)
        ways = self.lucks.ways(draws)
        if ways is None:
            written = self.courses.written(fragment.on_enter)
            written += [kept_slot(fragment.id, draw) for draw in kept]
            return [self.courses.unknown(coming, written, _TOO_MUCH_LUCK)]
        found: list[Course] = []
        for luck in ways:
            course = coming
            for draw, values in kept.items():
                drawn = values.index(luck[draw])
                course = self.courses.change(
                    course, kept_slot(fragment.id, draw), (0, drawn, drawn)
                )
            effects = decide(fragment.on_enter, luck) if luck else fragment.on_enter
            found += self.courses.follow([course], effects, refusing=False)
        return found

    # Edges ----------------------------------------------------------------------------------------------------------

    def _arrive(self, source: int, option: int, target: int, course: Course) -> None:
        """Add the edges of who comes to `target` so: where one rests there, the step has come to its end."""
        if not self.program.fragments[self.places[target]].rests:
            self._add_edge(source, option, target, course)
            return
        began_at_rest = source != NOWHERE and self.program.fragments[self.places[source]].rests
        for settled in self.settling.settled(course, fresh=not began_at_rest):
            self._add_edge(source, option, target, settled)

    def _as_vip_or_not(self) -> Iterator[Course]:
        """Yield what players are before they begin: where it matters, a player is VIP at first or is not.

        Where a beginning may bring much, the initial values are said, so that nothing is followed that cannot be.
        """
        known = STRAIGHT
        if self.program.settles:
            for variable in self.slots.variables:
                value = variable.initial
                known = self.courses.change(known, variable.slot, (0, value, value))
        slot: Slot = ("vip", "")
        if slot not in self.slots.number:
            yield known
            return
        for value in (0, 1) if self.vip is None else (int(self.vip),):
            yield self.courses.change(known, slot, (0, value, value))

    def _unlike_initial(self, changes: Changes) -> Changes:
        """Return the changes of a beginning without those that leave a variable as it is at first."""
        variables = self.slots.variables
        return {
            variable: change
            for variable, change in changes.items()
            if change != (0, variables[variable].initial, variables[variable].initial)
        }

    def _add_edge(self, source: int, option: int, target: int, course: Course) -> None:
        if course.guard is NEVER:
            return
        if source == NOWHERE and self.program.settles:
            course = course._replace(changes=self._unlike_initial(course.changes))
        if not course.certain:
            why = self.courses.reasons[-1] if self.courses.reasons else _TOO_MUCH_LUCK
            self.opaque.setdefault(self.places[target], why)
        loose = (
            tuple(sorted(course.loose | self.slots.free)) if course.loose or self.slots.free else ()
        )
        self.edges.append(
            Edge(source, target, course.guard, course.changes, option, course.certain, loose)
        )

    def _merged(self, edges: list[Edge]) -> list[Edge]:
        """Return edges of one option with those made one that do the same."""
        alike: dict[tuple[int, tuple[tuple[int, Change], ...], bool, tuple[int, ...]], list[Edge]]
        alike = {}
        for edge in edges:
            key = (edge.target, tuple(sorted(edge.changes.items())), edge.certain, edge.loose)
            alike.setdefault(key, []).append(edge)
        return [
            same[0]
            if len(same) == 1
            else same[0]._replace(guard=self.guards.some([edge.guard for edge in same]))
            for same in alike.values()
        ]

    # Requirements ---------------------------------------------------------------------------------------------------

    def _meeting(self, course: Course, requirement: Requirement, luck: Luck) -> Course:
        guard = self._guard(requirement, luck)
        if guard is None:
            return course._replace(certain=False)
        return self.courses.ask(course, guard)

    def _guard(self, requirement: Requirement, luck: Luck) -> Guard | None:
        """Return the guard of a requirement, or nothing where it is opaque."""
        if luck:
            requirement = decided(requirement, luck, self.program.conditions)
        try:
            return self.formulas.of(requirement)
        except Opaque as reason:
            self.courses.reasons.append(str(reason))
            return None

    # Draws kept ----------------------------------------------------------------------------------------------------

    def _remembering(self, place: int, luck: Luck) -> Course:
        """Return who drew so on entering."""
        id = self.places[place]
        course = STRAIGHT
        for draw, values in self.lucks.kept.get(id, {}).items():
            if draw in luck:
                variable = self.slots.number[kept_slot(id, draw)]
                drawn = self.guards.equal(variable, values.index(luck[draw]))
                course = self.courses.ask(course, drawn)
        return course

    def _opening(self, place: int, luck: Luck, guard: Guard) -> _Opening:
        """Return for whom an option is open with this luck, and for whom it is, or who drew otherwise on entering."""
        if place not in self._kept_places:
            return guard, guard
        otherwise = self.guards.negated(self._remembering(place, luck).guard)
        return guard, self.guards.either(guard, otherwise)

    def _kept_at(self, place: int) -> Draws:
        kept = self.lucks.kept.get(self.places[place])
        return {draw: set(values) for draw, values in kept.items()} if kept else {}
