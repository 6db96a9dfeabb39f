"""Whether a play agrees with its version of the story, its ledger and its timers; and the step that puts it right.

Pure: what was found out about a play goes in, ailments come out. Everything that is wrong with a play's state, its ledger
or its timers is put right by one step of its own, as durable and as logged as a player's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from diana_engine.database.ports.decisions import Decision, Entitlement, Entry, Note, Save
from diana_engine.database.ports.timers import CancelTimer, SetTimer, TimerChange
from diana_engine.database.upkeep.examined import Patient
from diana_engine.play.belongings import carried
from diana_engine.play.rules import EndlessPassage, begin, travel
from diana_engine.play.settle import settle
from diana_engine.play.state import Moment, PlayerState
from diana_engine.play.walk import Walk
from diana_engine.program.compare.match import match
from diana_engine.program.model import Points, Program
from diana_engine.runtime.doctor.model import Ailment, Balances, Repair
from diana_engine.runtime.replay import logged_repair
from diana_engine.runtime.scheduler.timing import DAILY, VIP, planned
from diana_engine.runtime.versions.library import OpenStory

__all__ = ["examined"]


@dataclass(slots=True)
class _Chart:
    """What was found of one play, and where it leads: the state it shall have."""

    patient: Patient
    now: int
    ailments: list[tuple[str, str]]
    digest: str
    program: Program
    state: PlayerState
    moved: bool = False

    def note(self, check: str, words: str) -> None:
        """Note that something is wrong."""
        self.ailments.append((check, words))


def examined(
    patient: Patient, program: Program | None, active: OpenStory | None, now: int
) -> Iterator[Ailment]:
    """Yield what is wrong with a play, whose version has `program`; `active` is what new plays begin with.

    The first ailment that a step puts right carries that step, which puts all of them right.
    """
    subject = f"{patient.play.player} in {patient.play.story}"
    if patient.record is None:
        words = "Its state cannot be read. A backup may hold it; `diana player forget` lets the player begin anew."
        yield Ailment("state", "error", subject, words)
        return
    chart = _chart(patient, program, active, now)
    if chart is None:
        words = f"Neither the version {patient.digest[:12]} that it is played on nor any other is stored."
        yield Ailment("version", "error", subject, words)
        return
    balances = tuple(_balances(patient, subject))
    # Where entries are gone that others count on, theirs must come first: no balance is ever below 0.
    first = all(amount >= 0 for amount in patient.posted.values())
    yield from balances if first else ()
    _look(chart)
    remedy = Repair(patient.play, patient.sequence, _decision(chart)) if chart.ailments else None
    for check, words in chart.ailments:
        yield Ailment(check, "error", subject, words, remedy)
        remedy = None
    yield from () if first else balances


def _balances(patient: Patient, subject: str) -> Iterator[Ailment]:
    kept, posted = _without_nothing(patient.balances), _without_nothing(patient.posted)
    if kept != posted:
        words = (
            f"The balances kept are {_listed(kept)}, and the ledger adds up to {_listed(posted)}."
        )
        yield Ailment("ledger", "error", subject, words, Balances(patient.play))


def _chart(
    patient: Patient, program: Program | None, active: OpenStory | None, now: int
) -> _Chart | None:
    """Return where to begin: with the play as it is, or anew where its version is not there."""
    assert patient.record is not None, "what cannot be read is told before"
    before = patient.record.state
    if program is not None:
        return _Chart(patient, now, [], patient.digest, program, before)
    if active is None:
        return None
    state = begin(active.program, before.seed, Moment(now), before).state()
    chart = _Chart(patient, now, [], active.version.digest, active.program, state, moved=True)
    words = f"The version {patient.digest[:12]} that it is played on is not stored; it can only begin anew."
    chart.note("version", words)
    return chart


# What may be wrong --------------------------------------------------------------------------------


def _look(chart: _Chart) -> None:
    _look_at_place(chart)
    _look_at_belongings(chart)
    if not chart.moved and chart.patient.column != chart.state.fragment:
        words = f"Lists say that it stands on {chart.patient.column}, and it stands on {chart.state.fragment}."
        chart.note("place", words)
    _look_at_points(chart)
    _look_at_rights(chart)
    _look_at_timers(chart)


def _look_at_place(chart: _Chart) -> None:
    """A player on a fragment that is not there is put at the beginning, with all that they have."""
    known, state = chart.program.fragments, chart.state
    lost = next((one for one in (*state.calls, state.fragment) if one not in known), None)
    if lost is None:
        return
    chart.note("place", f"It is on {lost}, which is not in its version of the story.")
    bare = replace(
        state, fragment=chart.program.start, calls=(), waiting=None, remind_at=None, said=None
    )
    walk = Walk(chart.program, bare, chart.now)
    try:
        travel(walk, chart.program.start)
        settle(walk)
    except EndlessPassage:
        return
    chart.state, chart.moved = walk.state(), True


def _look_at_belongings(chart: _Chart) -> None:
    """What the version does not know is laid aside; it comes back with a version that does."""
    program = chart.program
    kept = carried(match(program, program), chart.state)
    if kept == chart.state:
        return
    for name, words in _UNKNOWN.items():
        if getattr(kept, name) != getattr(chart.state, name):
            chart.note("belongings", f"It has {words} that its version of the story does not know.")
    chart.state = kept


_UNKNOWN = {
    "values": "values",
    "items": "items",
    "missions": "missions",
    "achieved": "achievements",
    "chosen": "choices",
    "visits": "visits",
    "earned": "earnings",
    "feeling": "a feeling",
    "said": "a reply",
    "combined": "a combination",
    "entered": "times",
}


def _look_at_points(chart: _Chart) -> None:
    for name, had, posted in _points(chart):
        words = f"It has {had} {name}, and the ledger adds up to {posted}."
        chart.note("points", words)


def _points(chart: _Chart) -> Iterator[tuple[str, int, int]]:
    """Yield points of which the play has another number than its ledger."""
    declared = {name for name, one in chart.program.variables.items() if isinstance(one, Points)}
    for name in sorted(declared | chart.patient.posted.keys()):
        value = chart.state.values.get(name, 0) if name in declared else 0  # type: ignore[call-overload]
        posted = chart.patient.posted.get(name, 0)
        if isinstance(value, int) and value != posted:
            yield name, value, posted


def _look_at_rights(chart: _Chart) -> None:
    until, entitled = chart.state.vip_until, chart.patient.entitled.get(VIP, 0)
    if until != entitled:
        chart.note("vip", f"It is VIP until {until}, and the entitlement says {entitled}.")


def _look_at_timers(chart: _Chart) -> None:
    if changes := _timers(chart):
        names = ", ".join(sorted(change.key for change in changes))
        chart.note("timers", f"Timers are missing, or are there and should not be: {names}.")


def _timers(chart: _Chart) -> tuple[TimerChange, ...]:
    """Return what makes the timers those of the state; one that is due may have fired already."""
    wanted, there = planned(chart.program, chart.state), chart.patient.timers
    missing = tuple(
        timer
        for key, timer in wanted.items()
        if timer.due_at > chart.now and _due(there.get(key)) != timer.due_at
    )
    needless = tuple(
        CancelTimer(key) for key in there if key not in wanted and there[key].kind != DAILY
    )
    return (*missing, *needless)


def _due(timer: SetTimer | None) -> int | None:
    return None if timer is None else timer.due_at


# What mends it ------------------------------------------------------------------------------------


def _decision(chart: _Chart) -> Decision:
    checks = sorted({check for check, _ in chart.ailments})
    subject = f"{chart.patient.play.player}"
    rights: tuple[Entitlement, ...] = ()
    if chart.state.vip_until != chart.patient.entitled.get(VIP, 0):
        rights = (Entitlement(VIP, chart.state.vip_until, "repair"),)
    return Decision(
        "repaired",
        Save(chart.digest, chart.state, logged_repair(checks, chart.state), chart.now),
        entries=tuple(Entry(name, had - posted, "repair") for name, had, posted in _points(chart)),
        timers=_timers(chart),
        entitlements=rights,
        notes=(Note("diana doctor", "play repaired", subject, {"checks": checks}),),
    )


def _without_nothing(amounts: Mapping[str, int]) -> Mapping[str, int]:
    return {name: amount for name, amount in amounts.items() if amount}


def _listed(amounts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {amount}" for name, amount in sorted(amounts.items())) or "nothing"
