"""`dataclass` as in the standard library, whose methods are written when they are first called.

The standard decorator writes and compiles six methods for each class while its module is imported: about half of all the
time that it takes to import the compiler, which has two hundred classes, of which a story uses some. Here the standard
decorator still makes the class, its fields and its slots; `__init__`, `__eq__`, `__hash__` and `__repr__` stand in for
themselves until somebody calls them. A frozen class also sets its fields through its slots, which is twice as quick.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

__all__ = ["dataclass"]

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    # What follows is the making of classes, which types do not describe; to mypy it is the standard decorator.
    _SETTERS = "_set_"
    _DEFAULTS = "_default_"

    def dataclass(*, frozen=False, slots=False, eq=True, **more):
        """Make a dataclass; what is not for classes with slots is left to the standard decorator."""
        if not slots or more:
            return dataclasses.dataclass(frozen=frozen, slots=slots, eq=eq, **more)
        return lambda cls: _made(cls, frozen, eq)

    def _made(cls, frozen, eq):
        own = set(cls.__dict__)
        made = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True)(cls)
        made.__reduce__ = _reduced
        _defer(made, own, "__init__", _frozen_init if frozen else _init)
        _defer(made, own, "__repr__", _repr)
        if eq:
            _defer(made, own, "__eq__", _eq)
        if eq and frozen:
            _defer(made, own, "__hash__", _hash)
        elif eq:
            made.__hash__ = None
        if frozen:
            made.__setattr__ = made.__delattr__ = _refuse
        return made

    def _defer(cls, own, name, write):
        """Put a method in its place that writes the real one when it is called."""
        if name in own and not (name == "__hash__" and cls.__dict__[name] is None):
            return

        def deferred(self, *given, **named):
            method = write(cls)
            method.__qualname__ = f"{cls.__qualname__}.{name}"
            setattr(cls, name, method)
            return method(self, *given, **named)

        setattr(cls, name, deferred)

    def _written(name, parameters, body, known):
        lines = "".join(f"\n    {line}" for line in body)
        exec(f"def {name}({', '.join(parameters)}):{lines or ' pass'}", known)  # noqa: S102 - names of our own fields
        return known[name]

    def _init(cls):
        return _initiating(cls, {}, lambda name, value: f"self.{name} = {value}")

    def _frozen_init(cls):
        setters = {f"{_SETTERS}{name}": getattr(cls, name).__set__ for name in _names(cls)}
        return _initiating(cls, setters, lambda name, value: f"{_SETTERS}{name}(self, {value})")

    def _initiating(cls, known, assigned):
        known["_absent"] = _ABSENT
        parameters, body = ["self"], []
        for field in dataclasses.fields(cls):
            parameter, value = _parameter(field, known)
            parameters.append(parameter)
            body.append(assigned(field.name, value))
        if hasattr(cls, "__post_init__"):
            body.append("self.__post_init__()")
        return _written("__init__", parameters, body, known)

    def _parameter(field, known):
        """Return a field's parameter, and the value that it is given."""
        name, default = field.name, f"{_DEFAULTS}{field.name}"
        if field.default is not dataclasses.MISSING:
            known[default] = field.default
            return f"{name}={default}", name
        if field.default_factory is not dataclasses.MISSING:
            known[default] = field.default_factory
            return f"{name}=_absent", f"{default}() if {name} is _absent else {name}"
        return name, name

    def _tuple(of, names):
        return f"({''.join(f'{of}.{name}, ' for name in names)})"

    def _names(cls):
        return [field.name for field in dataclasses.fields(cls)]

    def _eq(cls):
        mine, theirs = _tuple("self", _names(cls)), _tuple("other", _names(cls))
        body = [
            "if other.__class__ is not self.__class__: return NotImplemented",
            f"return {mine} == {theirs}",
        ]
        return _written("__eq__", ["self", "other"], body, {})

    def _hash(cls):
        return _written("__hash__", ["self"], [f"return hash({_tuple('self', _names(cls))})"], {})

    def _repr(cls):
        shown = ", ".join(
            f"{field.name}={{self.{field.name}!r}}"
            for field in dataclasses.fields(cls)
            if field.repr
        )
        body = [f'return f"{{self.__class__.__qualname__}}({shown})"']
        return _written("__repr__", ["self"], body, {})

    def _reduced(self):
        """Return how a copy is made, for `copy` and `pickle`."""
        cls = self.__class__
        return cls, tuple(getattr(self, name) for name in _names(cls))

    def _refuse(self, name, *_value):
        kind = self.__class__.__name__
        raise dataclasses.FrozenInstanceError(f"cannot change the field {name!r} of a {kind}")

    _ABSENT = object()
