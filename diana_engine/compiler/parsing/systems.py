"""From checked shapes to what a writer wrote of levels, missions, access, income and their like."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from diana_engine.compiler.nodes import ScalarNode
from diana_engine.compiler.parsing.reader import Reader
from diana_engine.compiler.shape.values import Entry, ListValue, Record, Value
from diana_engine.compiler.syntax.systems import (
    ParsedAchievement,
    ParsedCombination,
    ParsedEarning,
    ParsedEmotions,
    ParsedFeelingRule,
    ParsedLeaderboard,
    ParsedLevels,
    ParsedMission,
    ParsedMove,
    ParsedMultiplier,
    ParsedOffer,
    ParsedPlan,
    ParsedStage,
    ParsedStep,
    ParsedStreak,
    ParsedSystems,
    ParsedThreshold,
    ParsedTimedEvent,
    ParsedTone,
    ParsedVip,
)
from diana_engine.expressions.parsing.requirements import parse_expression
from diana_engine.source import Located

__all__ = ["parse_systems"]


def parse_systems(reader: Reader) -> ParsedSystems:
    """Return what a manifest says of these."""
    return ParsedSystems(
        levels=_levels(reader),
        achievements=tuple(_achievement(id, one) for id, one in reader.each("achievements")),
        missions=tuple(_mission(id, one) for id, one in reader.each("missions")),
        combinations=tuple(_combination(id, one) for id, one in reader.each("combinations")),
        stages=tuple(_stage(id, entry, reader) for id, entry in reader.named("relationship")),
        vip=_vip(reader),
        streak=_streak(reader),
        income=tuple(_earning(source, one) for source, one in reader.each("income")),
        events=tuple(_timed_event(id, one) for id, one in reader.each("events")),
        multipliers=tuple(map(_multiplier, reader.records("multipliers"))),
        shop=tuple(_offer(item, one) for item, one in reader.each("shop")),
        leaderboards=tuple(_leaderboard(id, one) for id, one in reader.each("leaderboards")),
        emotions=_emotions(reader),
        menu=reader.several("menu"),
        renamed=tuple(_move(old, entry, reader) for old, entry in reader.named("renamed")),
        removed=tuple(_move(old, entry, reader) for old, entry in reader.named("removed")),
        carry_over=reader.text("carry_over"),
    )


def _levels(reader: Reader) -> ParsedLevels | None:
    if not reader.wrote("levels"):
        return None
    key, inner = reader.key("levels"), reader.under("levels")
    if inner is None:
        return ParsedLevels(key)
    value = inner.value("thresholds")
    items = value.items if isinstance(value, ListValue) else []
    return ParsedLevels(key, inner.text("points"), tuple(_thresholds(inner, items)))


def _thresholds(reader: Reader, items: Sequence[Value]) -> Iterator[ParsedThreshold]:
    for item in items:
        if isinstance(item, ScalarNode):
            at = reader.located(item)
            yield ParsedThreshold(at, at)
        elif isinstance(item, Record):
            one = Reader(reader.file, item, reader.found)
            yield ParsedThreshold(
                one.anchor, one.text("at"), one.text("title"), one.effects("effects")
            )


def _achievement(id: Located, reader: Reader | None) -> ParsedAchievement:
    if reader is None:
        return ParsedAchievement(id, whole=False)
    return ParsedAchievement(
        id=id,
        title=reader.text("title"),
        when=reader.requirement("when"),
        text=reader.prose("text"),
        effects=reader.effects("effects"),
        hidden=reader.switch("hidden"),
        whole=reader.whole and not reader.hollow("when"),
    )


def _mission(id: Located, reader: Reader | None) -> ParsedMission:
    if reader is None:
        return ParsedMission(id)
    return ParsedMission(
        id=id,
        title=reader.text("title"),
        kind=reader.text("kind"),
        text=reader.prose("text"),
        steps=tuple(map(_step, reader.records("steps"))),
        effects=reader.effects("effects"),
        repeat=reader.switch("repeat"),
        cooldown=reader.text("cooldown"),
        expires=reader.text("expires"),
        event=reader.text("event"),
    )


def _step(reader: Reader) -> ParsedStep:
    return ParsedStep(
        anchor=reader.anchor,
        visit=reader.text("visit"),
        item=reader.text("item"),
        event=reader.text("event"),
        mission=reader.text("mission"),
        when=reader.requirement("when"),
        times=reader.text("times"),
        text=reader.text("text"),
        whole=reader.whole and all(reader.value(key) is not None for key in reader.record.entries),
    )


def _combination(id: Located, reader: Reader | None) -> ParsedCombination:
    if reader is None:
        return ParsedCombination(id)
    return ParsedCombination(id, reader.several("from"), reader.text("gives"), reader.prose("say"))


def _stage(id: Located, entry: Entry, outer: Reader) -> ParsedStage:
    if isinstance(entry.value, ScalarNode):
        return ParsedStage(id, None, (outer.parsed(outer.located(entry.value), parse_expression),))
    reader = outer.inner(entry.value)
    if reader is None:
        return ParsedStage(id, whole=False)
    whole = reader.whole and not reader.hollow("when")
    return ParsedStage(id, reader.text("title"), reader.requirement("when"), whole)


def _vip(reader: Reader) -> ParsedVip | None:
    access = reader.under("access")
    if access is None:
        return None
    vip = access.under("vip")
    if vip is None:
        return ParsedVip()
    plans = (ParsedPlan(plan.text("days"), plan.text("stars")) for plan in vip.records("plans"))
    return ParsedVip(vip.text("title"), vip.text("channel"), tuple(plans))


def _streak(reader: Reader) -> ParsedStreak | None:
    if not reader.wrote("streak"):
        return None
    inner = reader.under("streak")
    if inner is None:
        return ParsedStreak()
    bonus = inner.under("bonus")
    return ParsedStreak(
        reward=inner.effects("reward"),
        every=bonus.text("every") if bonus else None,
        bonus=bonus.effects("reward") if bonus else (),
        forgive=inner.integer("forgive", 0),
    )


def _earning(source: Located, reader: Reader | None) -> ParsedEarning:
    if reader is None:
        return ParsedEarning(source)
    return ParsedEarning(
        source=source,
        points=reader.text("points"),
        amount=reader.text("amount"),
        cooldown=reader.text("cooldown"),
        daily=reader.text("daily"),
    )


def _timed_event(id: Located, reader: Reader | None) -> ParsedTimedEvent:
    if reader is None:
        return ParsedTimedEvent(id)
    return ParsedTimedEvent(id, reader.text("title"), reader.text("start"), reader.text("end"))


def _multiplier(reader: Reader) -> ParsedMultiplier:
    return ParsedMultiplier(
        reader.text("points"),
        reader.text("times"),
        reader.requirement("when"),
        reader.text("event"),
    )


def _offer(item: Located, reader: Reader | None) -> ParsedOffer:
    if reader is None:
        return ParsedOffer(item)
    return ParsedOffer(
        item=item,
        price=reader.cost("price"),
        access=reader.text("access"),
        stock=reader.text("stock"),
        limit=reader.text("limit"),
    )


def _leaderboard(id: Located, reader: Reader | None) -> ParsedLeaderboard:
    if reader is None:
        return ParsedLeaderboard(id)
    return ParsedLeaderboard(
        id=id,
        title=reader.text("title"),
        points=reader.text("points"),
        by=reader.text("by"),
        period=reader.text("period"),
        show=reader.integer("show", 10),
    )


def _emotions(reader: Reader) -> ParsedEmotions | None:
    if not reader.wrote("emotions"):
        return None
    inner = reader.under("emotions")
    if inner is None:
        return ParsedEmotions()
    rules = (
        ParsedFeelingRule(rule.text("on"), rule.requirement("if"), rule.text("feel"))
        for rule in inner.records("rules")
    )
    tones = (
        ParsedTone(
            feeling, one.prose("before") if one else None, one.prose("after") if one else None
        )
        for feeling, one in inner.each("tones")
    )
    return ParsedEmotions(
        states=inner.several("states") if inner.wrote("states") else None,
        rules=tuple(rules),
        decay=inner.text("decay"),
        tones=tuple(tones),
    )


def _move(old: Located, entry: Entry, reader: Reader) -> ParsedMove:
    return ParsedMove(old, reader.single(entry.value))
