"""What the sets of states say about the whole model, the places on chains of forced moves included."""

from __future__ import annotations

from diana_engine.compiler.analysis.states.graph.model import NOWHERE
from diana_engine.compiler.analysis.states.reductions.contraction import Contracted
from diana_engine.compiler.analysis.states.results.proved import NOTHING, Proved
from diana_engine.compiler.analysis.states.sets.diagrams import Node
from diana_engine.compiler.analysis.states.sets.exact import Exact

__all__ = ["findings", "losses", "touched"]


def findings(contracted: Contracted, exact: Exact, known: Proved = NOTHING) -> Proved:
    """Return all that `exact` proves, by the numbers of the whole model; what is `known` need not be told again."""
    return _Findings(contracted, exact, known).proved()


def losses(exact: Exact) -> dict[int, Node]:
    """Return for each edge after which no ending may be left who loses all of them by it."""
    none = exact.diagrams.none
    found: dict[int, Node] = {}
    for place in exact.order:
        for number in exact.model.inn[place]:
            source = exact.model.edges[number].source
            if source == NOWHERE or not exact.certain[number]:
                continue
            lost = exact.most.reached[place] & ~exact.most.can_end[place]
            hopeful = exact.least.reached[source] & exact.least.can_end[source]
            if none in (lost, hopeful):
                continue
            encoding = exact.encoding
            losing = encoding.preimage(encoding.move(number), lost) & hopeful
            if losing != none:
                found[number] = losing
    return found


def touched(exact: Exact) -> list[int]:
    """Return the variables that plays take to an artificial end, where what lies beyond may matter."""
    liveness, windows = exact.encoding.liveness, exact.encoding.windows
    slots: set[tuple[int, int]] = set()
    for place, truncated in liveness.truncated.items():
        for slot in truncated:
            if (
                exact.most.reached[place] & exact.encoding.at_end(place, slot)
                != exact.diagrams.none
            ):
                slots.add((slot, windows.block[place]))
    return [
        variable
        for variable, one in enumerate(exact.model.variables)
        if one.capped
        and any(
            windows.slot[variable] == slot and windows.open_in(variable, block)
            for slot, block in slots
        )
    ]


class _Findings:
    def __init__(self, contracted: Contracted, exact: Exact, known: Proved) -> None:
        self.contracted, self.exact = contracted, exact
        self.known_places = known.reached & (known.locked | known.unlocked)
        self.known_rests = known.stuck | known.unstuck
        self.known_options = (known.opened | known.never_opened) & (known.shut | known.never_shut)
        self.whole, self.model = contracted.whole, exact.model
        self.none = exact.diagrams.none
        self.found: dict[str, set[int]] = {name: set() for name in Proved.__slots__}

    def proved(self) -> Proved:
        """Return all findings."""
        for place, whole in enumerate(self.contracted.place_of):
            self._place(place, whole)
        self._chains()
        return Proved(**{name: frozenset(numbers) for name, numbers in self.found.items()})

    def _say(self, name: str, number: int) -> None:
        self.found[name].add(number)

    def _place(self, place: int, whole: int) -> None:
        if self.exact.most.reached[place] == self.none:
            self._nobody(whole)
            return
        if whole not in self.known_places:
            self._coming(place, whole)
        is_known = whole in self.known_rests
        option_of = self.contracted.option_of
        options = [
            (self.model.options[number].certain, *self._option(place, number))
            for number in self.model.options_of[place]
            if not (is_known and option_of[number] in self.known_options)
        ]
        if not is_known:
            self._resting(place, whole, options)

    def _coming(self, place: int, whole: int) -> None:
        """Say who comes to a place, and whether they can end."""
        most, least, none = self.exact.most, self.exact.least, self.none
        if least.reached[place] != none:
            self._say("reached", whole)
        if least.reached[place] & ~most.can_end[place] != none:
            self._say("locked", whole)
        if most.reached[place] & ~least.can_end[place] == none:
            self._say("unlocked", whole)

    def _resting(self, place: int, whole: int, options: list[tuple[bool, Node, Node]]) -> None:
        """Say whether one may be stuck at a place, for whose options it is said who finds them open."""
        most, least, none = self.exact.most, self.exact.least, self.none
        idle, maybe_idle = least.reached[place], most.reached[place]
        for certain, opens, sure in options:
            idle = idle & ~opens
            maybe_idle = maybe_idle & ~(opens if certain else sure)
        if idle != none and (incomes := self._incomes(place)):
            idle = idle & ~self._freed(place, least.reached[place] & ~idle, incomes)
            freed = self._freed(place, most.reached[place] & ~maybe_idle, incomes)
            maybe_idle = maybe_idle & ~freed
        if self.model.ending[place] or maybe_idle == none:
            self._say("unstuck", whole)
        elif idle != none:
            self._say("stuck", whole)

    def _incomes(self, place: int) -> list[int]:
        """Return the edges at a place that are no choice of the player's: what comes from outside, or is put together."""
        taken = self.exact.encoding.liveness.abstract.taken
        return [
            number
            for number in self.model.out[place]
            if taken[number] and self.contracted.stays(number)
        ]

    def _freed(self, place: int, free: Node, incomes: list[int]) -> Node:
        """Return who at a place comes to be `free` if only enough comes from outside."""
        encoding, within = self.exact.encoding, self.exact.most.reached[place]
        found = fresh = free
        while fresh != self.none:
            before = found
            for number in incomes:
                found = found | (encoding.preimage(encoding.move(number), found) & within)
            fresh = found & ~before
        return found

    def _nobody(self, whole: int) -> None:
        """Say that nobody comes to a place of the whole model."""
        for name in ("unreached", "unstuck", "unlocked"):
            self._say(name, whole)
        for number in self.whole.options_of[whole]:
            self._say("never_opened", number)
            self._say("never_shut", number)

    def _option(self, place: int, number: int) -> tuple[Node, Node]:
        """Say what is so of an option; return for whom it may be open, and for whom it is so whatever is drawn."""
        exact, none = self.exact, self.none
        option, whole = self.model.options[number], self.contracted.option_of[number]
        most, least = exact.most.reached[place], exact.least.reached[place]
        opens = exact.encoding.guard(option.open, place)
        sure = opens if option.sure is option.open else exact.encoding.guard(option.sure, place)
        if least & (opens if option.certain else sure) != none:
            self._say("opened", whole)
        if most & opens == none:
            self._say("never_opened", whole)
        if least & ~(sure if option.certain else opens) != none:
            self._say("shut", whole)
        if most & ~sure == none:
            self._say("never_shut", whole)
        return opens, sure

    # Chains ---------------------------------------------------------------------------------------------------------

    def _chains(self) -> None:
        """Say what is so of the places left out, by the edges that lead through them."""
        forced = self.contracted.forced
        maybe: set[int] = set()
        maybe_locked: set[int] = set()
        for number, edge in enumerate(self.model.edges):
            first = self.whole.edges[self.contracted.first[number]].target
            if forced[first] == NOWHERE or not self._used(number):
                continue
            self._mark(first, maybe)
            certain = self.exact.certain[number] and self._used(number, certainly=True)
            if certain:
                self._mark(first, self.found["reached"])
            lost, doubtful = self._lost(number, edge.target)
            if lost and certain:
                self._mark(first, self.found["locked"])
            if doubtful:
                self._mark(first, maybe_locked)
        for place, onward in enumerate(forced):
            if onward == NOWHERE:
                continue
            if place not in maybe:
                self._nobody(place)
                continue
            self._say("unstuck", place)
            if place not in maybe_locked:
                self._say("unlocked", place)
            self._only_way(place, onward)

    def _only_way(self, place: int, onward: int) -> None:
        taken = self.whole.edges[onward].option
        for number in self.whole.options_of[place]:
            if number != taken:
                self._say("never_opened", number)
                continue
            self._say("never_shut", number)
            if place in self.found["reached"]:
                self._say("opened", number)

    def _mark(self, place: int, into: set[int]) -> None:
        """Add the places of a chain from `place` on; where one is known, all behind it are."""
        forced, edges = self.contracted.forced, self.whole.edges
        while forced[place] != NOWHERE and place not in into:
            into.add(place)
            place = edges[forced[place]].target

    def _used(self, number: int, *, certainly: bool = False) -> bool:
        edge, exact = self.model.edges[number], self.exact
        if edge.source == NOWHERE:
            return True
        if not exact.encoding.liveness.abstract.taken[number]:
            return False
        states = (exact.least if certainly else exact.most).reached[edge.source]
        return bool(states != self.none and states & exact.encoding.move(number).who != self.none)

    def _lost(self, number: int, target: int) -> tuple[bool, bool]:
        """Return whether somebody who goes an edge for certain can end no more, and whether anybody may."""
        exact, none = self.exact, self.none
        doubtful = exact.most.reached[target] & ~exact.least.can_end[target]
        if doubtful == none:
            return False, False
        source = self.model.edges[number].source
        lost = exact.most.reached[target] & ~exact.most.can_end[target]
        encoding = exact.encoding
        move = encoding.move(number)
        if source == NOWHERE:
            begun = encoding.begun(number)
            return bool(begun & lost != none), bool(begun & doubtful != none)
        return (
            bool(encoding.preimage(move, lost) & exact.least.reached[source] != none),
            bool(encoding.preimage(move, doubtful) & exact.most.reached[source] != none),
        )
