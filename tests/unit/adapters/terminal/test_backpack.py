"""Looking into the backpack in the terminal, and putting together what is in it."""

from __future__ import annotations

from diana_engine.adapters.terminal.backpack import backpack
from diana_engine.adapters.terminal.commands import Backpack, Unknown, read_command
from diana_engine.adapters.terminal.saves import Save, decode, encode
from diana_engine.adapters.terminal.session import begin, resume
from diana_engine.adapters.terminal.words import LANGUAGES
from diana_engine.expressions.terms import Give, ItemId
from diana_engine.play.actions import Combine
from diana_engine.play.combining import possible
from diana_engine.play.walk import Walk
from diana_engine.program.model import Choices, Item, Program
from diana_engine.program.systems import Combination, CombinationId
from strategies.builders import choice, ending, fragment, story

WHOLE = CombinationId("whole")


def halves() -> Program:
    north, south, map_ = ItemId("north"), ItemId("south"), ItemId("whole_map")
    return story(
        fragment("hall", Choices((choice("hall.go"),)), on_enter=(Give(north), Give(south))),
        ending(),
        items={north: Item("North"), south: Item("South"), map_: Item("Map")},
        combinations=(Combination(WHOLE, (north, south), map_),),
    )


def test_a_letter_opens_the_backpack_and_a_number_after_it_puts_things_together() -> None:
    assert read_command("b") == Backpack()
    assert read_command(" Mochila 2 ") == Backpack(2)
    assert isinstance(read_command("b two"), Unknown)


def test_what_can_be_put_together_is_shown_with_its_number_until_it_was() -> None:
    game = begin(halves(), 1)
    found = possible(Walk(game.program, game.state))
    lines = list(backpack(game.program, game.state, found, LANGUAGES["en"]))
    assert lines == ["- North", "- South", "b 1: North + South → Map"]
    after, _ = game.act(Combine(WHOLE))
    assert possible(Walk(after.program, after.state)) == ()
    assert list(backpack(after.program, after.state, (), LANGUAGES["es"])) == ["- Map"]


def test_a_combination_is_saved_taken_again_and_taken_back() -> None:
    game, _ = begin(halves(), 1).act(Combine(WHOLE))
    saved = decode(encode(Save(game.program.story, "digest", game.seed, game.moves)))
    again = resume(game.program, saved.seed, saved.moves)
    assert again.state == game.state
    back = again.undo()
    assert back is not None
    assert back.state.items == {ItemId("north"): 1, ItemId("south"): 1}
