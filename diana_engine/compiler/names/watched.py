"""Tables of names that note what was asked of them, so that it is known on what an answer depended."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Generic, TypeVar, cast

from diana_engine.compiler.names.symbols import Named

__all__ = ["ALL", "Answers", "Watched", "readable_only"]

_Key = TypeVar("_Key", bound=str)
_Value = TypeVar("_Value")

ALL = "*"
"""Stands for the question which names there are; no name is written so."""

Answers = MutableMapping[str, object]
"""For each name that was asked for, what the answer said."""


class Watched(Mapping[_Key, _Value], Generic[_Key, _Value]):
    """A table seen from one chapter. Its `own` names are its own matter; what it learns of others is noted in `answers`.

    `told` says what of a value counts as the answer; `None` is noted where there is no such name.
    """

    __slots__ = ("_every", "_own", "_told", "answers")

    def __init__(
        self,
        every: Mapping[_Key, _Value],
        own: Mapping[_Key, _Value],
        answers: Answers,
        told: Callable[[_Value], object] = str,
    ) -> None:
        self._every, self._own, self._told = every, own, told
        self.answers = answers

    def __getitem__(self, key: _Key) -> _Value:
        if key in self._own:
            return self._own[key]
        if key not in self._every:
            self.answers[key] = None
            raise KeyError(key)
        value = self._every[key]
        self.answers[key] = self._told(value)
        return value

    def __contains__(self, key: object) -> bool:
        if key in self._own:
            return True
        if key not in self._every:
            self.answers[str(key)] = None
            return False
        self.answers[str(key)] = self._told(self._every[cast(_Key, key)])
        return True

    def __iter__(self) -> Iterator[_Key]:
        self.answers[ALL] = sorted(self._every)
        return iter(self._every)

    def __len__(self) -> int:
        self.answers[ALL] = sorted(self._every)
        return len(self._every)

    def still(self, answers: Mapping[str, object]) -> bool:
        """Return whether the table gives these answers."""
        return all(self._answer(key) == answer for key, answer in answers.items())

    def _answer(self, key: str) -> object:
        if key == ALL:
            return sorted(self._every)
        value = self._every.get(cast(_Key, key))
        return None if value is None else self._told(value)


def readable_only(fragment: Named) -> bool:
    """Of another chapter's fragment, whether it could be read is all that may count."""
    return fragment.readable
