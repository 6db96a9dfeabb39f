"""Is a time zone one that the world knows?

The names come from the package `tzdata`, so that they are the same on every machine. Distributions of Linux that leave the
package out bring the system's own instead, as `zoneinfo` itself has it; where there is neither, every name may be right.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from diana_engine.diagnostics.model import Diagnostic, Edit
from diana_engine.diagnostics.registry import diagnose
from diana_engine.diagnostics.suggest import closest
from diana_engine.source import Located

__all__ = ["check_time_zone", "time_zones"]


@cache
def time_zones() -> frozenset[str]:
    """Return the names of all time zones, such as ``Europe/Madrid``."""
    try:
        return frozenset((files("tzdata") / "zones").read_text(encoding="utf-8").split())
    except ModuleNotFoundError:
        # Here, because few need it and every check would wait for it.
        from zoneinfo import available_timezones

        return frozenset(available_timezones())


def check_time_zone(zone: Located) -> list[Diagnostic]:
    """Return a finding when there is no such time zone."""
    if zone.text in time_zones() or not time_zones():
        return []
    meant = _meant(zone.text, time_zones())
    return [
        diagnose(
            "DIA219",
            zone.whole,
            f"There is no time zone `{zone.text}`.",
            help=f"Did you mean `{meant}`?"
            if meant
            else "Write a continent and its city, as in `Europe/Madrid`, or `UTC`.",
            edit=Edit(zone.whole, meant) if meant else None,
        )
    ]


def _meant(written: str, known: Iterable[str]) -> str | None:
    """Return the zone that is written otherwise, named by its city alone, or misspelt."""
    plain = written.casefold().replace(" ", "_")
    by_name = {zone.casefold(): zone for zone in sorted(known)}
    by_city = {zone.rpartition("/")[2]: name for zone, name in by_name.items()}
    return by_name.get(plain) or by_city.get(plain) or closest(written, by_name.values())
