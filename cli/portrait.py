"""A player as an operator sees one: where they stand, what they have, what came last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from diana_engine.diagnostics.render.characters import safe

from .findings import counted

if TYPE_CHECKING:
    from diana_engine.database.upkeep.players import Known

__all__ = ["portrait"]

_LAST = 5
"""How many of the newest rows of a kind are told."""

Row = Mapping[str, Any]


def portrait(known: Known) -> str:
    """Return what is known of a player, in lines for a terminal."""
    return "".join(f"{safe(line)}\n" for line in _lines(known))


def _lines(known: Known) -> Iterator[str]:
    yield str(known.player)
    for play in known.tables.get("players", ()):
        yield ""
        yield from _play(play, known)
    for chat in known.tables.get("paused_chats", ()):
        yield ""
        yield f"Nothing is sent to the chat {chat['chat']}: {chat['reason']}."


def _play(play: Row, known: Known) -> Iterator[str]:
    state = play["state"]["state"]
    yield f"{play['story']}, version {play['digest'][:12]}"
    yield f"  stands in     {play['fragment']}, after {counted(play['sequence'], 'step')}, the last {_when(play['updated_at'])}"
    for words, name in (("has", "items"), ("knows", "values"), ("visited", "visits")):
        had = {key: value for key, value in (state.get(name) or {}).items() if value}
        if had:
            yield f"  {words:<13} {_listed(had)}"
    theirs = {name: _of(rows, play) for name, rows in known.tables.items()}
    yield from _owned(theirs)
    yield from _pending(theirs)
    yield from _past(theirs)


def _of(rows: tuple[Row, ...], play: Row) -> list[Row]:
    return [row for row in rows if row.get("story") in (None, play["story"])]


def _owned(theirs: Mapping[str, list[Row]]) -> Iterator[str]:
    balances = {row["points"]: row["amount"] for row in theirs.get("balances", ())}
    if balances:
        yield f"  points        {_listed(balances)}"
    for right in theirs.get("entitlements", ()):
        yield f"  {right['kind']:<13} until {_when(right['until'])}"


def _pending(theirs: Mapping[str, list[Row]]) -> Iterator[str]:
    for timer in theirs.get("timers", ()):
        yield f"  timer         {timer['kind']} at {_when(timer['due_at'])}"
    states: dict[str, int] = {}
    for message in theirs.get("outbox", ()):
        states[message["state"]] = states.get(message["state"], 0) + 1
    if states:
        yield f"  messages      {_listed(states)}"
    for one in theirs.get("parked", ()):
        given_up = "given up" if one["given_up"] else "tried again"
        yield f"  failed        delivery {one['delivery']}, {one['attempts']} times, {given_up}: {one['error']}"


def _past(theirs: Mapping[str, list[Row]]) -> Iterator[str]:
    for step in theirs.get("step_log", ())[-_LAST:]:
        yield f"  step {step['sequence']:<8} {_when(step['now'])}  {_action(step['action'])}"
    entries = sorted(theirs.get("ledger", ()), key=lambda entry: (entry["sequence"], entry["at"]))
    for entry in entries[-_LAST:]:
        yield f"  {entry['amount']:+} {entry['points']}, step {entry['sequence']}: {entry['reason']}"


def _action(action: Mapping[str, Any]) -> str:
    """Return what a player did, and with what; the seed of a draw is for replaying it, which nobody does by hand."""
    given = [str(value) for name, value in action.items() if name not in ("$", "seed")]
    return " ".join((str(action.get("$", "")), *given)).strip()


def _listed(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in sorted(values.items()))


def _when(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
