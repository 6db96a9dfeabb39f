"""Tables of all chapters as one, whose values are fetched from their chapter when somebody asks for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Generic, TypeVar

from diana_engine.compiler.chapters.parts import Part
from diana_engine.expressions.terms import FragmentId

__all__ = ["Joined"]

_Value = TypeVar("_Value")


class Joined(Mapping[FragmentId, _Value], Generic[_Value]):
    """The tables that `table` gives of each part, in the order of the parts or, `ordered`, of their ids."""

    __slots__ = ("_homes", "_table")

    def __init__(
        self,
        parts: Sequence[Part],
        table: Callable[[Part], Mapping[FragmentId, _Value]],
        *,
        ordered: bool = False,
    ) -> None:
        homes = {
            id: part
            for part in parts
            for id, named in part.opened.declared.fragments.items()
            if named.readable
        }
        self._homes = dict(sorted(homes.items())) if ordered else homes
        self._table = table

    def __getitem__(self, id: FragmentId) -> _Value:
        return self._table(self._homes[id])[id]

    def __iter__(self) -> Iterator[FragmentId]:
        return iter(self._homes)

    def __len__(self) -> int:
        return len(self._homes)
