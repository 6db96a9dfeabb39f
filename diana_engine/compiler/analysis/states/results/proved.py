"""What a layer of the analysis found out for certain: both what is so and what is not so.

Layers are put together by putting their findings together. What no layer found is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields

__all__ = ["NOTHING", "Proved", "together"]

_NONE: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Proved:
    """Places and options of a model, by their numbers, of which something is certain.

    Somebody reaches a place, or nobody does; is stuck there, or nobody is; has no ending left there, or everybody who
    comes has. An option is open for somebody or for nobody, and shut for somebody or for nobody.
    """

    reached: frozenset[int] = field(default=_NONE)
    unreached: frozenset[int] = field(default=_NONE)
    stuck: frozenset[int] = field(default=_NONE)
    unstuck: frozenset[int] = field(default=_NONE)
    locked: frozenset[int] = field(default=_NONE)
    unlocked: frozenset[int] = field(default=_NONE)
    opened: frozenset[int] = field(default=_NONE)
    never_opened: frozenset[int] = field(default=_NONE)
    shut: frozenset[int] = field(default=_NONE)
    never_shut: frozenset[int] = field(default=_NONE)


NOTHING = Proved()


def together(*layers: Proved) -> Proved:
    """Return all that the layers found."""
    return Proved(
        **{
            one.name: frozenset().union(*(getattr(layer, one.name) for layer in layers))
            for one in fields(Proved)
        }
    )
