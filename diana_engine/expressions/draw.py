"""Chance without a source of chance: every draw is computed from the player's seed and where it is made.

So a draw stays what it is however often one looks, and a play can be repeated exactly on any machine. BLAKE2b gives
the same number everywhere and mixes well even where seeds and places differ by one character; Python's own `hash`
would differ from process to process.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b

__all__ = ["Drawn", "Laid", "draw"]

_BYTES = 16

Drawn = tuple[int, str]
"""Which draw: the number of the entry, and the place in the story."""


class Laid(int):
    """A seed that lays some draws down, so that a play which a search found can be played again; others are as ever."""

    draws: Mapping[Drawn, int]

    def __new__(cls, seed: int, draws: Mapping[Drawn, int]) -> Laid:
        """Return `seed` with these draws laid down."""
        made = super().__new__(cls, seed)
        made.draws = draws
        return made

    def laid(self, entry: int, place: str, size: int) -> int | None:  # noqa: ARG002 - one that tries all asks the size
        """Return what is laid down for a draw, or `None`."""
        return self.draws.get((entry, place))


def draw(seed: int, entry: int, place: str, size: int) -> int:
    """Return a whole number from 0 up to, not including, `size`; each is equally likely.

    `entry` counts the fragments that were entered, `place` says where in the story the draw is made. Of 128 bits the
    multiplication keeps a bias below 2^-74 for the language's largest range, which nobody could ever observe.

    Raises:
        ValueError: `size` is below 1: there is nothing to draw from.
    """
    if size < 1:
        raise ValueError(f"a draw needs at least one possibility, not {size}")
    if isinstance(seed, Laid) and (laid := seed.laid(entry, place, size)) is not None:
        return laid
    # Two numbers and one separator each before the free text: no two draws share what is hashed.
    drawn = blake2b(f"{seed}/{entry}/{place}".encode(), digest_size=_BYTES).digest()
    return (int.from_bytes(drawn, "big") * size) >> (8 * _BYTES)
