"""Playing a witness on the rules of play: nothing is told of a play that they do not make.

`begin` and `act` of `diana_engine.play` make every move. Where chance decides, what can be drawn is tried in turn, until
the player comes to stand where the model says, with what it says; where a player types, what can be told apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

from diana_engine.compiler.analysis.states.answers import possible_answers
from diana_engine.compiler.analysis.states.draws import Draw, drawn_in
from diana_engine.compiler.analysis.states.lowering.asked import granted
from diana_engine.compiler.analysis.states.lowering.luck import Lucks, kept_slot
from diana_engine.compiler.analysis.states.lowering.values import value_of
from diana_engine.compiler.analysis.states.model import NOWHERE, Edge, Model, changed
from diana_engine.compiler.analysis.states.report import source_of
from diana_engine.expressions.draw import Laid
from diana_engine.expressions.terms import NUMBER_LIMIT
from diana_engine.play.actions import Action, Answer, Choose, Continue, Earn
from diana_engine.play.earning import rest_of
from diana_engine.play.rules import EndlessPassage, act, begin
from diana_engine.play.state import PlayerState
from diana_engine.play.walk import Walk
from diana_engine.program.exits import ask_of
from diana_engine.program.model import Choices, Program

__all__ = ["Replay"]

_MOST_TRIES = 20_000
"""In how many ways one move is tried."""


class Replay:
    """Plays of `program` along the edges of its `model`."""

    def __init__(self, program: Program, model: Model, *, vip: bool = False) -> None:
        self.program, self.model = program, model
        self.tape = _Tape(program)
        self.seed = _Trying(0, {})
        self.seed.tape = self.tape
        # Who is VIP at first is so for as long as there is time.
        self.vip = (NUMBER_LIMIT if vip else 0,)
        self.asked = {one.slot[1]: one for one in model.variables if one.slot[0] == "value"}

    def plays(self, edges: Iterable[int]) -> bool:
        """Return whether a play can be made along these edges, from the beginning, and is what the model says."""
        walk: Walk | None = None
        values = [variable.initial for variable in self.model.variables]
        self.tape.forget()
        for move in self._moves(edges):
            for edge in move:
                self._follow(edge, values)
            walk = self._made(walk, move, values)
            if walk is None:
                return False
        return walk is not None and self._agrees(walk, values, ())

    def _moves(self, edges: Iterable[int]) -> Iterator[list[Edge]]:
        """Yield the edges of each move: up to where the player rests again."""
        move: list[Edge] = []
        for number in edges:
            edge = self.model.edges[number]
            move.append(edge)
            if self.model.rests[edge.target]:
                yield move
                move = []

    def _follow(self, edge: Edge, values: list[int]) -> None:
        for index, change in edge.changes.items():
            variable = self.model.variables[index]
            after = changed(values[index], change)
            values[index] = max(variable.low, min(variable.high, after))

    # Moves ----------------------------------------------------------------------------------------------------------

    def _made(self, walk: Walk | None, move: list[Edge], values: list[int]) -> Walk | None:
        """Return the play after a move that comes out as the model says."""
        to = self.model.places[move[-1].target]
        before: PlayerState | None = None
        now = 0 if walk is None else walk.now
        tries = 0
        loose = {variable for edge in move for variable in edge.loose}
        for action, vip_until in product(
            self._actions(move[0]), self.vip if walk is None else (0,)
        ):
            for _ in self.tape.runs():
                tries += 1
                if tries > _MOST_TRIES:
                    return None
                if before is not None:
                    walk = Walk(self.program, before, now)
                elif walk is not None and (self.tape.is_used or isinstance(action, Answer)):
                    before = walk.state()
                after = self._done(walk, action, vip_until)
                if after is None or after.fragment != to:
                    continue
                decided = not self.tape.was_used and not isinstance(action, Answer)
                decided = decided and (action is not None or len(self.vip) == 1)
                if decided or self._agrees(after, values, loose):
                    for variable in loose:
                        values[variable] = value_of(self.model.variables[variable], after)
                    self.tape.keep(after.entry)
                    return after
        return None

    def _done(self, walk: Walk | None, action: Action | None, vip_until: int) -> Walk | None:
        try:
            if walk is None:
                outside = PlayerState(self.seed, self.program.start, vip_until=vip_until)
                return begin(self.program, self.seed, before=outside)
            assert isinstance(action, Choose | Continue | Answer | Earn), "a play has begun"
            if isinstance(action, Earn):
                walk.now += rest_of(self.program, action.source)
            return None if act(walk, action) else walk
        except EndlessPassage:
            return None

    def _actions(self, edge: Edge) -> Iterator[Action | None]:
        """Yield what a player may do to go an edge."""
        if edge.source == NOWHERE:
            yield None
            return
        number = self.model.options[edge.option].number
        way = self.program.fragments[self.model.places[edge.source]].exit
        if (source := source_of(number)) is not None:
            yield Earn(source)
        elif isinstance(way, Choices):
            yield Choose(way.choices[number - 1].key)
        elif (ask := ask_of(way)) is not None:
            known = self.asked.get(ask.into)
            for answer in possible_answers(known, self.program.variables[ask.into]):
                yield Answer(answer)
        else:
            yield Continue()

    def _agrees(self, walk: Walk, values: list[int], loose: Iterable[int]) -> bool:
        """Return whether a player has what the model says, as far as that is known."""
        for index, (variable, value) in enumerate(zip(self.model.variables, values, strict=True)):
            if index in loose:
                continue
            if variable.slot[0] == "draw":
                real = self.tape.kept(variable.slot[1], walk)
                if real is not None and real != value:
                    return False
            elif max(variable.low, min(variable.high, value_of(variable, walk))) != value:
                return False
        return True


class _Trying(Laid):
    """A seed that draws what a tape says."""

    tape: _Tape

    def laid(self, entry: int, place: str, size: int) -> int | None:
        """Return what is drawn in the present run."""
        return self.tape.draw(entry, place, size)


class _Tape:
    """What is drawn in a play: known for the present entry, and beyond it tried in every way."""

    def __init__(self, program: Program) -> None:
        self.values: dict[Draw, list[int]] = {}
        self.kept_values: dict[str, tuple[str, Draw, list[int]]] = {}
        self._gather(program)
        self.is_used = bool(self.values)
        self.was_used = False
        self._known: dict[tuple[int, str, int], int] = {}
        self._drawn: dict[tuple[int, str, int], int] = {}
        self._script: list[tuple[int, int]] = []
        self._at = 0

    def draw(self, entry: int, place: str, size: int) -> int:
        """Return what is drawn in this run."""
        key = (entry, place, size)
        self.was_used = True
        found = self._known.get(key, self._drawn.get(key))
        if found is None:
            values = self.values[place, size]
            if self._at == len(self._script):
                self._script.append((0, len(values)))
            found = self._drawn[key] = values[self._script[self._at][0]]
            self._at += 1
        return found

    def runs(self) -> Iterator[None]:
        """Go on once for each way in which what is not known yet comes out."""
        self._script = []
        while True:
            self._drawn, self._at, self.was_used = {}, 0, False
            yield
            script = self._script
            while script and script[-1][0] + 1 == script[-1][1]:
                script.pop()
            if not script:
                return
            index, count = script.pop()
            script.append((index + 1, count))

    def keep(self, entry: int) -> None:
        """Let what was drawn in this run stay drawn, as far as it can be looked at again."""
        both = {**self._known, **self._drawn} if self._drawn or self._known else {}
        self._known = {key: value for key, value in both.items() if key[0] == entry}

    def forget(self) -> None:
        """Begin a new play."""
        self._known = {}

    def kept(self, slot: str, walk: Walk) -> int | None:
        """Return what stands in the slot of a draw that a fragment keeps; nothing elsewhere."""
        fragment, draw, values = self.kept_values[slot]
        key = (walk.entry, *draw)
        found = self._known.get(key, self._drawn.get(key))
        if fragment != walk.fragment or found is None:
            return None
        return max(index for index, value in enumerate(values) if value <= found)

    def _gather(self, program: Program) -> None:
        lucks = Lucks(program)
        found: dict[Draw, set[int]] = {}
        for fragment in program.fragments.values():
            entered = drawn_in(fragment.on_enter) if fragment.on_enter else {}
            for draws in (entered, lucks.leaving(fragment), lucks.at_gates(fragment.id)):
                for draw, values in draws.items():
                    found.setdefault(draw, {0}).update(values)
        self.values = {draw: sorted(values) for draw, values in found.items()}
        for effects in granted(program):
            for draw, values in drawn_in(effects).items():
                found.setdefault(draw, {0}).update(values)
        self.values = {draw: sorted(values) for draw, values in found.items()}
        for id, kept in lucks.kept.items():
            for draw, ways in kept.items():
                self.kept_values[kept_slot(id, draw)[1]] = (id, draw, ways)
