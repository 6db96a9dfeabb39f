"""`diana doctor`: whether everything in a database agrees, and mending what does not."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from ..options import database_option
from ..output import write

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diana_engine.runtime.doctor.model import Ailment
    from diana_engine.runtime.doctor.visit import Examined

__all__ = ["command"]


@click.command("doctor", short_help="Look whether everything in a database agrees, and mend it.")
@database_option
@click.option("--fix", is_flag=True, help="Mend what can be mended; what players see may change.")
@click.option(
    "--replay",
    is_flag=True,
    help="Make every play again from the log of its steps, too; that takes as long as the plays are.",
)
@click.option(
    "--tell",
    is_flag=True,
    help="Have subscribers told what was found, by an event `consistency_check`; `--fix` always does.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How to tell what was found.",
)
def command(database: str | None, fix: bool, replay: bool, tell: bool, form: str) -> int:
    """Look whether everything in the database agrees: files, stories, players, points, timers.

    Nothing is changed without `--fix`, and nothing but an event is added with `--tell`. It can be run beside a bot. A play is mended by a step of its
    own, which stands in its log and its ledger. The exit status is 1 if errors are left.
    """
    import asyncio

    from diana_engine.settings import database_url

    found, plays = asyncio.run(
        _visit(database_url(database), fix=fix, replay=replay, tells=tell or fix)
    )
    left = sum(one.ailment.grave == "error" and not one.mended for one in found)
    if form == "json":
        write(json.dumps(_told(found, plays), indent=2, ensure_ascii=False) + "\n")
    else:
        write("".join(f"{line}\n" for line in _lines(found, plays)))
        if left and not fix and any(one.ailment.remedy for one in found):
            write("`diana doctor --fix` mends what can be mended.\n", to=sys.stderr)
    return 1 if left else 0


async def _visit(url: str, *, fix: bool, replay: bool, tells: bool) -> tuple[list[Examined], int]:
    import asyncio

    from diana_engine.database.address import address_of
    from diana_engine.database.connect import open_database
    from diana_engine.database.stores import store_on
    from diana_engine.database.upkeep.files import file_health
    from diana_engine.runtime.clock import system_clock
    from diana_engine.runtime.doctor.files import examined_file
    from diana_engine.runtime.doctor.telling import tell
    from diana_engine.runtime.doctor.visit import Doctor, Examined

    file = address_of(url).file
    async with await open_database(url, create=False) as database:
        found: list[Examined] = []
        if file is not None:
            health = await asyncio.to_thread(file_health, file)
            found += [Examined(one) for one in examined_file(health, database.place)]
        store = store_on(database, system_clock)
        history = store.history if replay else None
        doctor = Doctor(database, store.players, system_clock, history)
        async for one in doctor.visit(mend=fix):
            found.append(one)
        if tells:
            await tell(store.players, doctor.plays, found)
        return found, doctor.plays


def _lines(found: list[Examined], plays: int) -> Iterator[str]:
    from diana_engine.diagnostics.render.characters import safe

    for one in found:
        ailment = one.ailment
        mended = " (mended)" if one.mended else ""
        yield safe(f"{ailment.grave}[{ailment.check}] {ailment.subject}: {ailment.words}{mended}")
    counts = {"error": 0, "warning": 0}
    for one in found:
        counts[one.ailment.grave] += not one.mended
    healed = sum(one.mended for one in found)
    words = ", ".join(_counted(count, name) for name, count in counts.items() if count)
    tail = f", {healed:,} mended" if healed else ""
    yield f"{_counted(plays, 'play')} looked at: {words or 'everything agrees'}{tail}"


def _counted(count: int, name: str) -> str:
    return f"{count:,} {name}{'' if count == 1 else 's'}"


def _told(found: list[Examined], plays: int) -> dict[str, object]:
    def told(ailment: Ailment) -> dict[str, object]:
        return {
            "check": ailment.check,
            "grave": ailment.grave,
            "subject": ailment.subject,
            "words": ailment.words,
            "mendable": ailment.remedy is not None,
        }

    return {
        "plays": plays,
        "ailments": [{**told(one.ailment), "mended": one.mended} for one in found],
    }
