"""Do streak, income, events, multipliers, shop, leaderboards, emotions and menu hold together?"""

from __future__ import annotations

from dataclasses import field
from datetime import date
from typing import Literal, cast

from diana_engine.compiler.checking.parts import Part
from diana_engine.compiler.names.symbols import ChapterScope
from diana_engine.compiler.names.systems import FEELINGS
from diana_engine.compiler.syntax.parts import ParsedRequirement
from diana_engine.compiler.syntax.systems import (
    ParsedEarning,
    ParsedEmotions,
    ParsedFeelingRule,
    ParsedLeaderboard,
    ParsedMultiplier,
    ParsedOffer,
    ParsedStreak,
    ParsedSystems,
    ParsedTimedEvent,
)
from diana_engine.diagnostics.model import Label
from diana_engine.diagnostics.registry import diagnose
from diana_engine.diagnostics.suggest import closest
from diana_engine.expressions.terms import Requirement
from diana_engine.expressions.types import NumberType, VariableType
from diana_engine.program.systems import (
    Around,
    Bonus,
    Emotions,
    EventId,
    FeelingRule,
    Income,
    Leaderboard,
    Multiplier,
    Offer,
    Streak,
    TimedEvent,
    Tone,
)
from diana_engine.records import dataclass
from diana_engine.source import Located

__all__ = ["OBSERVED", "check_around"]

OBSERVED = (
    "fragment_completed", "choice_taken", "choice_refused", "ending_reached", "returned", "achievement_unlocked",
    "mission_done", "level_up", "check_in", "message", "reaction", "comment", "post", "poll", "daily_gift", "invite",
)  # fmt: skip
"""What a rule of emotions can watch for."""

Asked = tuple[ParsedRequirement, Requirement | None]


def check_around(systems: ParsedSystems, part: Part) -> tuple[Around, tuple[Asked, ...]]:
    """Return what is right of these sections, and the requirements in them."""
    check = _Around(systems, part)
    return check.run(), tuple(check.asked)


@dataclass(slots=True)
class _Around:
    systems: ParsedSystems
    part: Part
    asked: list[Asked] = field(default_factory=list)

    def run(self) -> Around:
        systems, part = self.systems, self.part
        return Around(
            streak=_streak(systems.streak, part.at("streak")),
            income={
                one.source.text: income
                for one in sorted(systems.income, key=lambda one: one.source.text)
                if (income := _income(one, part)) is not None
            },
            events=tuple(_timed_event(one, part) for one in systems.events),
            multipliers=tuple(
                multiplier
                for number, one in enumerate(systems.multipliers, start=1)
                if (multiplier := self._multiplier(one, part.at(f"multiplier.{number}")))
            ),
            shop=tuple(offer for one in systems.shop if (offer := _offer(one, part)) is not None),
            leaderboards=tuple(
                board
                for one in systems.leaderboards
                if (board := _leaderboard(one, part)) is not None
            ),
            emotions=self._emotions(systems.emotions, part.at("emotions")),
            menu=_menu(systems, part),
        )

    def _when(self, parsed: ParsedRequirement, part: Part) -> Requirement | None:
        requirement = part.requirement(parsed)
        self.asked.append((parsed, requirement))
        return requirement

    def _multiplier(self, parsed: ParsedMultiplier, part: Part) -> Multiplier | None:
        points = part.points(parsed.points.text, parsed.points.whole) if parsed.points else None
        when = self._when(parsed.when, part)
        during = _during(parsed.event, part)
        if points is None or parsed.times is None:
            return None
        return Multiplier(points, int(parsed.times.text), when, during)

    def _emotions(self, parsed: ParsedEmotions | None, part: Part) -> Emotions | None:
        if parsed is None:
            return None
        states: tuple[str, ...] = FEELINGS
        if parsed.states is not None:
            states = tuple(state.text for state in parsed.states)
            _twice(parsed.states, part)
        rules = (
            self._rule(one, part.at(str(number)))
            for number, one in enumerate(parsed.rules, start=1)
        )
        for tone in parsed.tones:
            if tone.feeling.text not in states:
                part.scope.missing("feeling", tone.feeling.text, tone.feeling.whole)
        return Emotions(
            states=states,
            rules=tuple(rule for rule in rules if rule is not None),
            decay=_hundredths(parsed.decay.text) if parsed.decay else 0,
            tones={
                tone.feeling.text: Tone(
                    part.at(f"{tone.feeling.text}.before").text(tone.before),
                    part.at(f"{tone.feeling.text}.after").text(tone.after),
                )
                for tone in sorted(parsed.tones, key=lambda tone: tone.feeling.text)
            },
        )

    def _rule(self, parsed: ParsedFeelingRule, part: Part) -> FeelingRule | None:
        scope = _Watching(part.scope.symbols, part.scope.chapter)
        when = Part(part.name, scope, part.found).requirement(parsed.when)
        if parsed.on is not None and parsed.on.text not in OBSERVED:
            near = closest(parsed.on.text, OBSERVED)
            known = f"There are {', '.join(f'`{one}`' for one in OBSERVED)}."
            help = f"Did you mean `{near}`?" if near else known
            part.report("DIA257", parsed.on, f"Nothing called `{parsed.on.text}` is watched.", help)
        if parsed.on is None or parsed.feel is None:
            return None
        feeling, _, strength = parsed.feel.text.partition(" ")
        if feeling not in part.scope.systems.feelings:
            part.scope.missing("feeling", feeling, parsed.feel.span(0, len(feeling)))
        return FeelingRule(parsed.on.text, feeling, _hundredths(strength.strip()), when)


@dataclass(frozen=True, slots=True)
class _Watching(ChapterScope):
    """The names where a rule of emotions asks: `seconds` is how long the player took."""

    def type_of(self, name: str) -> VariableType | None:
        """Return the type of a variable, or of what only these rules know."""
        known = self.symbols.variables.get(name)
        return NumberType() if known is None and name == "seconds" else known


def _streak(parsed: ParsedStreak | None, part: Part) -> Streak | None:
    if parsed is None:
        return None
    bonus = None
    if parsed.every is not None:
        bonus = Bonus(int(parsed.every.text), part.at("bonus").effects(parsed.bonus))
    return Streak(part.effects(parsed.reward), bonus, parsed.forgive)


def _income(parsed: ParsedEarning, part: Part) -> Income | None:
    points = part.points(parsed.points.text, parsed.points.whole) if parsed.points else None
    cooldown = part.seconds(parsed.cooldown) or 0
    if points is None or parsed.amount is None:
        return None
    daily = int(parsed.daily.text) if parsed.daily else None
    return Income(points, int(parsed.amount.text), cooldown, daily)


def _timed_event(parsed: ParsedTimedEvent, part: Part) -> TimedEvent:
    days = [_day(one, part) for one in (parsed.start, parsed.end)]
    if days[0] is not None and days[1] is not None and days[1] < days[0]:
        assert parsed.end is not None
        message = f"`{parsed.id.text}` ends before it begins."
        part.report(
            "DIA347",
            parsed.end,
            message,
            "`end:` is its last day: write a later one, or begin it sooner.",
        )
    return TimedEvent(
        EventId(parsed.id.text),
        parsed.title.text if parsed.title else "",
        parsed.start.text if parsed.start else "",
        parsed.end.text if parsed.end else "",
    )


def _day(written: Located | None, part: Part) -> date | None:
    if written is None:
        return None
    try:
        return date.fromisoformat(written.text)
    except ValueError:
        message = f"There is no day `{written.text}`."
        part.report("DIA346", written, message, "Write year, month and day, as in `2026-03-21`.")
        return None


def _during(written: Located | None, part: Part) -> EventId | None:
    if written is None:
        return None
    if written.text not in part.scope.symbols.events:
        part.scope.missing("event", written.text, written.whole)
    return EventId(written.text)


def _offer(parsed: ParsedOffer, part: Part) -> Offer | None:
    item = part.item(parsed.item)
    declared = part.scope.symbols.items.get(item)
    if declared is not None and parsed.limit and int(parsed.limit.text) < 1:
        return None
    if parsed.price is None:
        return None
    price = parsed.price
    span = price.source.span(price.points_start, price.points_start + len(price.points))
    points = part.points(price.points, span)
    if price.amount == 0:
        part.report("DIA315", price.source, "This price is nothing.", "Let it cost something.")
    if points is None:
        return None
    return Offer(
        item=item,
        points=points,
        price=price.amount,
        vip=parsed.access is not None,
        stock=int(parsed.stock.text) if parsed.stock else None,
        limit=int(parsed.limit.text) if parsed.limit else None,
    )


def _leaderboard(parsed: ParsedLeaderboard, part: Part) -> Leaderboard | None:
    points = part.points(parsed.points.text, parsed.points.whole) if parsed.points else None
    by = parsed.by.text if parsed.by else "earned"
    period = parsed.period.text if parsed.period else "ever"
    if by == "held" and parsed.period is not None and period != "ever":
        message = f"What players have is compared as it is now, so it has no {period}."
        help = "Write `by: earned`, or leave `period:` out."
        part.report("DIA348", parsed.period, message, help)
    if points is None:
        return None
    return Leaderboard(
        parsed.id.text,
        parsed.title.text if parsed.title else "",
        points,
        cast(Literal["earned", "held"], by),
        cast(Literal["ever", "month", "week", "day"], period),
        parsed.show,
    )


def _menu(systems: ParsedSystems, part: Part) -> tuple[str, ...]:
    _twice(systems.menu, part)
    return tuple(entry.text for entry in systems.menu)


def _twice(names: tuple[Located, ...], part: Part) -> None:
    first: dict[str, Located] = {}
    for name in names:
        before = first.setdefault(name.text, name)
        if before is not name:
            finding = diagnose(
                "DIA258",
                name.whole,
                f"`{name.text}` stands here twice.",
                labels=(Label(before.whole, "the first time"),),
                help="Leave one of them out.",
            )
            part.found.append(finding)


def _hundredths(words: str) -> int:
    """Return a share from 0 to 1 as hundredths: exact, where a fraction in binary would not be."""
    whole, _, fraction = words.partition(".")
    return int(whole) * 100 + int(f"{fraction}00"[:2])
