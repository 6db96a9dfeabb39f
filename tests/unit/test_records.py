"""Our `dataclass` makes what the standard one makes."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, field, fields, replace
from typing import Any, Generic, TypeVar

import pytest

from diana_engine.records import dataclass

_T = TypeVar("_T")


def twins(**options: Any) -> tuple[type, type]:
    """Return the same class made twice: by the standard decorator and by ours."""

    def made(decorate: Callable[..., Callable[[type], type]]) -> type:
        @decorate(slots=True, **options)
        class Pair:
            left: int
            right: str = "r"
            more: list[int] = field(default_factory=list)
            quiet: int = field(default=0, repr=False)

        return Pair

    return made(dataclasses.dataclass), made(dataclass)


@dataclass(frozen=True, slots=True)
class Base:
    one: int


@dataclass(frozen=True, slots=True)
class Derived(Base):
    two: int = 2


@dataclass(slots=True)
class Counted:
    value: int
    twice: int = field(default=0)

    def __post_init__(self) -> None:
        self.twice = 2 * self.value


@dataclass(frozen=True, slots=True)
class Own(Generic[_T]):
    value: _T

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 7

    def __repr__(self) -> str:
        return "own"


@pytest.mark.parametrize("frozen", [True, False])
@pytest.mark.parametrize(
    ("given", "named"),
    [
        ((1,), {}),
        ((1, "x", [3], 4), {}),
        ((), {"left": 1, "right": "y"}),
        ((1,), {"quiet": 9}),
        ((1,), {"more": [1]}),
    ],
)
def test_a_value_has_the_fields_and_the_looks_of_a_standard_one(
    frozen: bool, given: tuple[Any, ...], named: dict[str, Any]
) -> None:
    standard, ours = (kind(*given, **named) for kind in twins(frozen=frozen))
    assert dataclasses.astuple(ours) == dataclasses.astuple(standard)
    assert repr(ours) == repr(standard)
    assert [one.name for one in fields(ours)] == [one.name for one in fields(standard)]
    assert type(ours).__match_args__ == type(standard).__match_args__


@pytest.mark.parametrize(("given", "named"), [((), {}), ((1, "a", [], 0, 0), {}), ((1,), {"x": 1})])
def test_what_a_standard_one_does_not_take_is_not_taken(
    given: tuple[Any, ...], named: dict[str, Any]
) -> None:
    for kind in twins():
        with pytest.raises(TypeError):
            kind(*given, **named)


def test_values_are_equal_when_their_fields_are_and_their_class_is_the_same() -> None:
    assert Base(1) == Base(1)
    assert Base(1) != Base(2)
    assert Base(1) != Derived(1)
    assert (Base(1) == 1) is False


def test_frozen_values_have_hashes_and_others_have_none() -> None:
    assert len({Base(1), Base(1), Base(2)}) == 2
    with pytest.raises(TypeError):
        hash(Counted(1))


def test_without_eq_values_are_told_apart_by_identity() -> None:
    _, ours = twins(eq=False)
    one = ours(1)
    assert one != ours(1)
    assert hash(one) == object.__hash__(one)


def test_a_frozen_value_cannot_be_changed() -> None:
    one: Any = Base(1)
    with pytest.raises(FrozenInstanceError):
        one.one = 2
    with pytest.raises(FrozenInstanceError):
        del one.one
    assert one.one == 1


def test_a_derived_class_has_the_fields_of_both() -> None:
    assert Derived(1) == Derived(one=1, two=2)
    assert repr(Derived(1, 3)) == "Derived(one=1, two=3)"


def test_each_default_that_is_made_is_its_own() -> None:
    _, ours = twins()
    assert ours(1).more is not ours(1).more


def test_what_follows_the_making_of_a_value_is_called() -> None:
    assert Counted(3).twice == 6


def test_methods_that_a_class_has_of_its_own_stay() -> None:
    assert Own(1) == Own("x")
    assert (hash(Own(1)), repr(Own(1))) == (7, "own")


def test_a_value_can_be_copied_pickled_and_replaced() -> None:
    one = Derived(1, 5)
    assert copy.copy(one) == copy.deepcopy(one) == one
    assert pickle.loads(pickle.dumps(one)) == one
    assert replace(one, two=6) == Derived(1, 6)


def test_a_value_has_no_other_attributes() -> None:
    assert not hasattr(Base(1), "__dict__")
    with pytest.raises(AttributeError):
        setattr(Counted(1), "other", 1)  # noqa: B010 - mypy knows that it cannot be set
