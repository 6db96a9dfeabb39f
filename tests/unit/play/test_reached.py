"""Whom a change reaches."""

from __future__ import annotations

from typing import Any

import pytest

from diana_engine.expressions import terms
from diana_engine.expressions.terms import ChoiceKey, FragmentId, ItemId, VariableId
from diana_engine.play.reached import is_reached
from diana_engine.play.state import MissionRun, PlayerState
from diana_engine.program.compare import model as reach
from diana_engine.program.model import Points
from strategies.builders import ending, fragment, onward, story

GOLD, KEY, FIND = VariableId("gold"), ItemId("key"), terms.MissionId("find")
HALL, SUB = FragmentId("main.hall"), FragmentId("main.sub")
TALE = story(fragment("hall", onward("end")), ending(), variables={GOLD: Points(1)})
PLAYER = PlayerState(
    1,
    SUB,
    values={GOLD: 5},
    items={KEY: 2},
    chosen={ChoiceKey("main.hall.go"): 1},
    calls=(HALL,),
    level=2,
    achieved={terms.AchievementId("soul"): 9},
    missions={FIND: MissionRun()},
)


@pytest.mark.parametrize(
    ("yes", "no"),
    [
        (reach.Everybody(), reach.Nobody()),
        (reach.Standing(SUB), reach.Standing(HALL)),
        (reach.Standing(HALL, calling=True), reach.Standing(FragmentId("main.end"), calling=True)),
        (reach.Calling(HALL), reach.Calling(SUB)),
        (reach.Taken(ChoiceKey("main.hall.go")), reach.Taken(ChoiceKey("main.hall.stay"))),
        (reach.Holding(KEY, 1), reach.Holding(KEY, 2)),
        (reach.Valued(GOLD), None),
        (reach.Valued(GOLD, Points(0, 4)), reach.Valued(GOLD, Points(0, 5))),
        (reach.OnMission(FIND), reach.OnMission(terms.MissionId("lose"))),
        (reach.Granted(terms.AchievementId("soul")), reach.Granted(terms.AchievementId("other"))),
        (reach.Level(2), reach.Level(3)),
    ],
)
def test_a_change_reaches_those_it_is_about_and_no_others(yes: Any, no: Any):
    assert is_reached(TALE, PLAYER, yes)
    assert no is None or not is_reached(TALE, PLAYER, no)
