"""The model in which plays are analysed, held against the rules of play, move by move."""

from collections.abc import Iterator

from hypothesis import HealthCheck, assume, given, settings

from diana_engine.compiler.analysis.states.graph.guards import holds
from diana_engine.compiler.analysis.states.graph.model import Edge, Model, Variable, changed
from diana_engine.compiler.analysis.states.lowering import lowered
from diana_engine.compiler.analysis.states.lowering.values import value_of
from diana_engine.play.state import PlayerState
from diana_engine.program.model import Next, Program
from tests.strategies.brute import MOST_VISITS, Stand, Table, explore
from tests.strategies.programs import lively, programs

LENIENT = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

State = tuple[int, tuple[int, ...]]


class Modelled:
    """A program's model, and its moves from rest to rest."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.model: Model = lowered(program)
        self.place = {id: index for index, id in enumerate(program.fragments)}

    def state(self, stand: Stand) -> State:
        """Return where a player stands, in the model."""
        player, table = stand
        return self.place[player.fragment], tuple(
            min(max(self._value(variable, player, table), variable.low), variable.high)
            for variable in self.model.variables
        )

    def _value(self, variable: Variable, player: PlayerState, table: Table) -> int:
        if variable.slot[0] != "draw":
            return value_of(variable, player)
        fragment, place, size = variable.slot[1].split(" ")
        if fragment != player.fragment:
            return -1
        drawn = table.get((0, place, int(size)), 0)
        return max(index for word, index in variable.words.items() if int(word) <= drawn)

    def resting(self, state: State) -> State:
        """Return a state without what a mission that is not under way has counted: it counts anew when it begins."""
        place, values = state
        known = {
            variable.slot: value
            for variable, value in zip(self.model.variables, values, strict=True)
        }
        return place, tuple(
            0 if kind == "count" and not known["active", name.partition(" ")[0]] else value
            for (kind, name), value in known.items()
        )

    def beyond(self, state: State) -> bool:
        """Return whether a cap was touched, beyond which the model is not the story, or brute force tells no visits apart."""
        return any(
            (variable.capped and value in (variable.low, variable.high))
            or (variable.slot[0] == "visits" and value >= MOST_VISITS)
            for variable, value in zip(self.model.variables, state[1], strict=True)
        )

    def begun(self) -> set[State]:
        initial = [variable.initial for variable in self.model.variables]
        edges = [self.model.edges[number] for number in self.model.beginnings]
        return {rest for edge in edges for rest in self._along(edge, initial)}

    def moves(self, state: State) -> set[tuple[int, State]]:
        """Return the numbers of what can be done, with where it can lead."""
        place, values = state
        return {
            (self._number(edge), rest)
            for edge in self._leaving(place)
            for rest in self._along(edge, list(values))
        }

    def open(self, state: State) -> tuple[set[int], set[int]]:
        """Return the numbers of the options that are open with luck, and of those that are so without."""
        place, values = state
        options = [self.model.options[number] for number in self.model.options_of[place]]
        return (
            {option.number for option in options if holds(option.open, list(values))},
            {option.number for option in options if holds(option.sure, list(values))},
        )

    def _along(self, edge: Edge, values: list[int]) -> Iterator[State]:
        assert edge.certain
        if not holds(edge.guard, values):
            return
        after = list(values)
        for changing, change in edge.changes.items():
            after[changing] = changed(after[changing], change)
        for index, variable in enumerate(self.model.variables):
            after[index] = min(max(after[index], variable.low), variable.high)
        model = self.model
        if model.rests[edge.target] and edge.target < len(self.place):
            yield edge.target, self._forgetting(edge.target, after)
            return
        # Passed through, or waited there on the way of a choice: what can follow belongs to the same move.
        for onward in self._leaving(edge.target):
            yield from self._along(onward, after)

    def _forgetting(self, place: int, values: list[int]) -> tuple[int, ...]:
        """Return the values without what was drawn elsewhere: nobody can ask for it again."""
        return tuple(
            0
            if variable.slot[0] == "draw"
            and variable.slot[1].split(" ")[0] != self.model.places[place]
            else value
            for variable, value in zip(self.model.variables, values, strict=True)
        )

    def _leaving(self, place: int) -> Iterator[Edge]:
        yield from (self.model.edges[number] for number in self.model.out[place])

    def _number(self, edge: Edge) -> int:
        return self.model.options[edge.option].number


@LENIENT
@given(lively())
def test_every_move_of_a_model_is_one_of_play_and_every_move_of_play_is_in_the_model(
    program: Program,
) -> None:
    compare(program)


@LENIENT
@given(programs(flow=True))
def test_moves_through_sub_stories_and_decks_are_those_of_play(program: Program) -> None:
    compare(program)


def compare(program: Program) -> None:
    """Hold the moves of the model equal to those of play."""
    found = explore(program, budget=150)
    modelled = Modelled(program)
    assume(not modelled.model.opaque)
    states = [modelled.state(stand) for stand in found.stands]
    for index, tried in found.moves.items():
        state = states[index]
        if modelled.beyond(state):
            continue
        took = {(number, states[to]) for number, to in tried if to is not None}
        onward = isinstance(program.fragments[found.stands[index][0].fragment].exit, Next)
        moves = modelled.moves(state)
        # Going on is one thing to do for who plays, and has a number for each branch in the model.
        assert {(1 if onward else number, to) for number, to in moves} == took
        if not onward:
            opens, sure = modelled.open(state)
            refused = {number for number, to in tried if to is None}
            assert opens == {number for number, _ in took}
            assert sure == opens - refused


@LENIENT
@given(lively() | programs(flow=True))
def test_plays_begin_in_a_model_as_they_do_in_play(program: Program) -> None:
    found = explore(program, budget=1)
    modelled = Modelled(program)
    states = [modelled.state(stand) for stand in found.stands]
    assert modelled.begun() <= set(states)
    assert states[0] in modelled.begun()
