"""Plugins bring subscribers, and one that fails is left out and named."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from types import ModuleType

import pytest

from diana_engine.errors import DianaError
from diana_engine.runtime.bus.plugins import GROUP, plugins
from diana_engine.runtime.bus.subscribers import Event, Subscriber, without_twins


async def handle(_event: Event) -> None:
    """Deal with nothing."""


def blocking(_event: Event) -> None:
    """Hold everything up."""


class Called:
    async def __call__(self, _event: Event) -> None:
        """Deal with nothing."""


@pytest.fixture
def package() -> Iterator[ModuleType]:
    """An installed module that a plugin may live in."""
    module = ModuleType("a_plugin")
    sys.modules["a_plugin"] = module
    yield module
    del sys.modules["a_plugin"]


def loaded(name: str = "stats") -> list[str]:
    point = EntryPoint(name, "a_plugin:plugin", GROUP)
    return [one.name for one in plugins([point])]


def test_a_plugin_s_subscribers_carry_its_name(package: ModuleType) -> None:
    package.plugin = lambda: [Subscriber("day", handle), Subscriber("week", Called())]
    assert loaded() == ["stats.day", "stats.week"]


def test_no_plugin_is_installed_with_diana() -> None:
    assert plugins() == ()


def _raises() -> list[Subscriber]:
    raise ZeroDivisionError("oh")


def _exits() -> list[Subscriber]:
    sys.exit(3)


@pytest.mark.parametrize(
    ("plugin", "why"),
    [
        (_raises, "ZeroDivisionError: oh"),
        (_exits, "SystemExit: 3"),
        ("no function", "`a_plugin:plugin` is no function."),
        (lambda: ["stats"], "It gave a str where a Subscriber belongs."),
        (lambda: None, "TypeError"),
        (lambda: [Subscriber("day", blocking)], "deals with events by a plain function"),
        (lambda: [Subscriber("day", handle, frozenset({"level_upp"}))], "Did you mean `level_up`?"),
        (lambda: [Subscriber("a day", handle)], "cannot be called 'a day'"),
        (lambda: [Subscriber("day", handle, hands=0)], "needs a hand"),
    ],
)
def test_a_plugin_that_fails_is_left_out_and_the_operator_is_told_which(
    package: ModuleType, plugin: object, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    package.plugin = plugin
    good = EntryPoint("good", "a_plugin:good", GROUP)
    package.good = lambda: [Subscriber("one", handle)]
    points = [EntryPoint("stats", "a_plugin:plugin", GROUP), good]
    assert [one.name for one in plugins(points)] == ["good.one"]
    [record] = caplog.records
    assert record.getMessage().startswith("the plugin `stats` is left out: ")
    assert why in record.getMessage()


def test_a_plugin_that_is_not_there_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    assert loaded() == []
    assert "No module named 'a_plugin'" in caplog.text


def test_two_subscribers_of_one_name_are_refused() -> None:
    with pytest.raises(DianaError, match="Two subscribers are called `day`"):
        without_twins((Subscriber("day", handle), Subscriber("day", handle)))
