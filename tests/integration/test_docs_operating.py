"""docs/operating.md tells of every option, variable and figure that there is, and of no other."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from diana_cli.commands.bot import API_SERVER, command

from diana_engine import settings
from diana_engine.runtime.metrics import Metrics

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "operating.md").read_text(encoding="utf-8")


def table(mark: str) -> list[str]:
    """Return the first cells of the table after a mark."""
    rows = PAGE.split(f"<!-- {mark} -->\n")[1].split("\n\n")[0].splitlines()[2:]
    return [row.split("|")[1].strip().strip("`") for row in rows]


def test_every_option_is_told_with_its_name_and_what_it_takes() -> None:
    options = []
    for option in command.params:
        assert isinstance(option, click.Option)
        options.append(option.opts[0])
    assert [written.split()[0] for written in table("options")] == options


def test_every_figure_is_told_with_its_labels() -> None:
    figures = {}
    for metric in Metrics().registry.collect():
        figures[metric.name] = metric.type
    told = {re.sub(r"(_total)?(\{.*)?$", "", written) for written in table("metrics")}
    assert told == set(figures)
    for written in table("metrics"):
        name = re.sub(r"(_total)?(\{.*)?$", "", written)
        assert ("_total" in written) == (figures[name] == "counter"), written


def test_every_label_is_told() -> None:
    registry = Metrics().registry
    for written in table("metrics"):
        labels = re.search(r"\{(.*)\}", written)
        named = tuple(labels[1].split(", ")) if labels else ()
        name = re.sub(r"(_total)?(\{.*)?$", "", written)
        (found,) = [one for one in registry._collector_to_names if one._name == name]
        assert found._labelnames == named, written


@pytest.mark.parametrize(
    "variable", [settings.BOT_TOKEN, settings.WEBHOOK_SECRET, settings.DATABASE, API_SERVER]
)
def test_every_variable_is_told(variable: str) -> None:
    assert f"| `{variable}` |" in PAGE
