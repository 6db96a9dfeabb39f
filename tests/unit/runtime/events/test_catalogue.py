"""The catalogue of events: every name that is promised, and payloads that every version can read."""

from __future__ import annotations

import pytest

from diana_engine.database.ports.events import NewEvent
from diana_engine.runtime.events.catalogue import (
    CATALOGUE,
    NarrativeAccessDenied,
    PointsAwarded,
    as_event,
    read_event,
)

PROMISED = """
    user_reaction user_participation user_daily_checkin user_interaction narrative_decision narrative_progress
    narrative_access_denied points_awarded achievement_unlocked level_up channel_engagement vip_access_required
    workflow_completed error_occurred consistency_check
"""


def test_every_promised_name_is_in_the_catalogue() -> None:
    assert set(PROMISED.split()) <= CATALOGUE.keys()


def test_a_payload_is_the_fields_of_its_type() -> None:
    award = PointsAwarded("coins", 5, 12, "choice:main.hall.a")
    payload = {"points": "coins", "amount": 5, "balance": 12, "reason": "choice:main.hall.a"}
    assert as_event(award, "update:7") == NewEvent("points_awarded", payload, "update:7")


def test_fields_that_a_newer_version_added_are_passed_over_and_new_ones_have_their_default() -> (
    None
):
    newer = NewEvent("level_up", {"level": 2, "colour": "blue"})
    assert read_event(newer) == CATALOGUE["level_up"](level=2)
    older = NewEvent("narrative_access_denied", {"fragment": "main.hall", "why": "cost"})
    assert read_event(older) == NarrativeAccessDenied("main.hall", "cost")


@pytest.mark.parametrize(
    "event", [NewEvent("moon_rose", {}), NewEvent("level_up", {}), NewEvent("level_up")]
)
def test_what_is_not_known_is_not_guessed(event: NewEvent) -> None:
    assert read_event(event) is None
