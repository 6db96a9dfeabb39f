"""Time zones are those that the world knows, and a near miss is understood."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from diana_engine.compiler.checking.zones import check_time_zone, time_zones
from diana_engine.source import Located, SourceFile


def told(zone: str) -> list[str | None]:
    where = Located(zone, SourceFile("story.yaml", zone), 0, len(zone))
    return [one.help for one in check_time_zone(where)]


pytest.importorskip("tzdata", reason="this machine's own time zones are not known here")


def test_every_zone_that_is_accepted_can_be_used() -> None:
    assert len(time_zones()) > 400
    assert all(ZoneInfo(name).key == name for name in time_zones())


@pytest.mark.parametrize(
    "zone", ["Europe/Madrid", "UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+5"]
)
def test_a_zone_that_there_is_gives_no_finding(zone: str) -> None:
    assert told(zone) == []


@pytest.mark.parametrize(
    ("zone", "meant"),
    [
        ("Europe/Madird", "Europe/Madrid"),
        ("europe/madrid", "Europe/Madrid"),
        ("Madrid", "Europe/Madrid"),
        ("Buenos_Aires", "America/Buenos_Aires"),
        ("utc", "UTC"),
    ],
)
def test_a_near_miss_is_understood(zone: str, meant: str) -> None:
    assert told(zone) == [f"Did you mean `{meant}`?"]
