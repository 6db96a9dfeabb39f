"""`dataclass` as in the standard library, whose values are made in a third of the time.

A story of ten thousand fragments is a million small values on its way through the compiler. The standard decorator writes
methods in Python that set, compare and hash their fields one by one, and takes half of the time in which the compiler is
imported to write them. Here a class with slots is made by msgspec, which does all of that in C; its fields, its looks and
what can be done with its values are those of a standard one. What msgspec has no words for is left to the standard decorator.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

__all__ = ["as_mapping", "dataclass", "replace", "written"]

if TYPE_CHECKING:
    from dataclasses import asdict as as_mapping
    from dataclasses import dataclass, replace
    from dataclasses import dataclass as written
else:
    # What follows is the making of classes, which types do not describe; to mypy it is the standard decorator.
    from msgspec import NODEFAULT, Struct
    from msgspec import field as made_by
    from msgspec.structs import asdict as as_mapping
    from msgspec.structs import replace

    StructMeta, _Field = type(Struct), dataclasses.Field

    def dataclass(*, frozen=False, slots=False, eq=True, **more):
        """Make a dataclass; what is not for classes with slots is left to the standard decorator."""
        if not slots or more:
            return dataclasses.dataclass(frozen=frozen, slots=slots, eq=eq, **more)
        return lambda cls: _made(cls, frozen=frozen, eq=eq)

    def written(*, frozen=False, slots=False):
        """Make a dataclass whose values msgspec writes as `program.shape` does: with the class's name, without defaults.

        A default that is no `None`, truth value, empty or small number is left out by `program.shape` alone.
        """
        assert slots, "only a class with slots is made by msgspec"
        return lambda cls: _made(
            cls, frozen=frozen, tag_field="$", tag=cls.__name__, omit_defaults=True
        )

    def _made(cls, *, frozen, eq=True, **more):
        _restore_defaults(cls)
        own = {name: one for name, one in vars(cls).items() if name not in _OF_THE_OLD}
        own |= {name: _default(one) for name, one in own.items() if isinstance(one, _Field)}
        own |= {"__qualname__": cls.__qualname__, "__repr__": own.get("__repr__", _repr)}
        own["__dataclass_fields__"] = _Described(cls)
        bases = tuple(base for base in cls.__bases__ if base is not object)
        if not any(isinstance(base, StructMeta) for base in bases):
            bases = (Struct, *bases)
        made = StructMeta(cls.__name__, bases, own, frozen=frozen, eq=eq, **more)
        if frozen:
            made.__setattr__ = made.__delattr__ = _refuse
        return made

    class _Described:
        """Stands for what the standard decorator says of a class's fields until somebody asks: it takes its time."""

        def __init__(self, written):
            self._written = written

        def __get__(self, value, cls):
            owner = next(
                one for one in cls.__mro__ if vars(one).get("__dataclass_fields__") is self
            )
            described = dataclasses.dataclass(init=False, repr=False, eq=False, match_args=False)
            done = described(self._written)
            owner.__dataclass_params__ = done.__dataclass_params__
            owner.__dataclass_fields__ = done.__dataclass_fields__
            return owner.__dataclass_fields__

    def _default(field):
        if field.default_factory is not dataclasses.MISSING:
            return made_by(default_factory=field.default_factory)
        return NODEFAULT if field.default is dataclasses.MISSING else field.default

    _OF_THE_OLD = frozenset(("__dict__", "__weakref__", "__slots__"))
    """What belongs to the class that is made anew, and not to what its writer wrote."""

    def _restore_defaults(cls):
        """Put the defaults of a class that derives from another where the standard decorator looks for them."""
        if isinstance(cls, StructMeta):
            named = zip(
                reversed(cls.__struct_fields__), reversed(cls.__struct_defaults__), strict=False
            )
            for name, default in named:
                if name in cls.__annotations__:
                    setattr(cls, name, default)

    def _repr(self):
        shown = ", ".join(
            f"{field.name}={getattr(self, field.name)!r}"
            for field in dataclasses.fields(self)
            if field.repr
        )
        return f"{self.__class__.__qualname__}({shown})"

    def _refuse(self, name, *_value):
        kind = self.__class__.__name__
        raise dataclasses.FrozenInstanceError(f"cannot change the field {name!r} of a {kind}")
