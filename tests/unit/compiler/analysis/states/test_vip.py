"""VIP is a fact about a player that no play decides: what is proved holds for those who are VIP and those who are not."""

from diana_engine.compiler.analysis.states import prove
from diana_engine.expressions.terms import IsVip, Not
from diana_engine.program.model import Choices
from tests.strategies.builders import choice, ending, fragment, story


def test_a_last_gate_for_vips_locks_out_the_others() -> None:
    start = fragment("start", Choices((choice("start.go", "gate"), choice("start.end", "end"))))
    gate = fragment("gate", Choices((choice("gate.in", "end", requires=IsVip()),)))
    report = prove(story(start, gate, ending()))
    assert report.complete
    assert report.fragments[gate.id].soft_lock == "some"
    assert report.fragments[gate.id].stuck == "some"
    assert report.choices[gate.id, 1] == "sometimes"
    assert [point.witness for point in report.points_of_no_return] == [((start.id, 1),)]
    assert not report.reasons


def test_who_is_vip_stays_so() -> None:
    start = fragment("start", Choices((choice("start.go", "gate", requires=IsVip()),)))
    gate = fragment("gate", Choices((choice("gate.in", "end", requires=Not(IsVip())),)))
    report = prove(story(start, gate, ending()))
    assert report.choices[gate.id, 1] == "never"
    assert report.winnable is False
