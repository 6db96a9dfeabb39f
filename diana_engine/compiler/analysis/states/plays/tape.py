"""Chance while a witness is played: what was drawn stays so, and beyond that every way is tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from diana_engine.compiler.analysis.states.graph.draws import Draw, drawn_in
from diana_engine.compiler.analysis.states.lowering.asked import granted
from diana_engine.compiler.analysis.states.lowering.luck import Lucks, kept_slot
from diana_engine.expressions.draw import Laid
from diana_engine.play.walk import Walk
from diana_engine.program.model import Deck, Program

__all__ = ["Tape", "Trying"]


class Trying(Laid):
    """A seed that draws what a tape says."""

    tape: Tape

    def laid(self, entry: int, place: str, size: int) -> int | None:
        """Return what is drawn in the present run."""
        return self.tape.draw(entry, place, size)


class Tape:
    """What is drawn in a play: known for the present entry, and beyond it tried in every way. `log` is all that was drawn."""

    def __init__(self, program: Program) -> None:
        self.values: dict[Draw, list[int]] = {}
        self.kept_values: dict[str, tuple[str, Draw, list[int]]] = {}
        self._gather(program)
        # What decks deal is not known beforehand.
        self.is_used = bool(self.values) or any(
            isinstance(fragment.exit, Deck) for fragment in program.fragments.values()
        )
        self.was_used = False
        self.log: dict[tuple[int, str], int] = {}
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
            values = _cards(place, size) if _is_deal(place) else self.values[place, size]
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

    def drawn(self) -> tuple[tuple[int, str, int], ...]:
        """Return what was drawn in this run: the number of the entry, the place, the value."""
        return tuple((at, place, value) for (at, place, _), value in self._drawn.items())

    def keep(self, entry: int) -> None:
        """Let what was drawn in this run stay drawn, as far as it can be looked at again."""
        if not (self._drawn or self._known):
            return
        both = {**self._known, **self._drawn}
        self.log.update(((at, place), value) for (at, place, _), value in both.items())
        self._known = self.remembered(entry)

    def forget(self) -> None:
        """Begin a new play."""
        self._known, self.log = {}, {}

    def recall(self, known: Mapping[tuple[int, str, int], int]) -> None:
        """Begin where this is drawn already: the number of the entry, the place, and from how many."""
        self._known, self.log = dict(known), {}

    def remembered(self, entry: int) -> dict[tuple[int, str, int], int]:
        """Return what is drawn in this run, as far as it can be looked at again in this entry."""
        both = {**self._known, **self._drawn}
        # What a deck deals when one comes to it decides nothing but whether there is anything; it may yet be dealt anew.
        return {
            key: value for key, value in both.items() if key[0] == entry and not _is_deal(key[1])
        }

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


def _is_deal(place: str) -> bool:
    return ".deck:" in place


def _cards(place: str, size: int) -> Sequence[int]:
    """Return what is worth drawing from a deck: as the first card any; it stays in the hand, whatever the others are."""
    return range(size) if place.endswith(".deck:1") else (0,)
