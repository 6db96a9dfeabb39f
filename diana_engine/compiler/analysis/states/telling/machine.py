"""The report for programs: JSON that is the same, byte for byte, for the same story."""

from __future__ import annotations

import json

from diana_engine.compiler.analysis.states.results.report import Effort, Report, Way, written

__all__ = ["render"]


def render(report: Report) -> str:
    """Return the report as JSON; `prove.schema.json` describes the form."""
    names = report.combinations
    return (
        json.dumps(
            {
                "format": 1,
                "complete": report.complete,
                "winnable": report.winnable,
                "fragments": {
                    id: {
                        "reachable": verdict.reachable,
                        "stuck": verdict.stuck,
                        "soft_lock": verdict.soft_lock,
                    }
                    for id, verdict in report.fragments.items()
                },
                "choices": {
                    written(way): {"available": verdict} for way, verdict in report.choices.items()
                },
                "points_of_no_return": [
                    {
                        "choice": written(point.choice, names),
                        "witness": [written(way, names) for way in point.witness],
                        **({} if point.vip is None else {"when": {"vip": point.vip}}),
                    }
                    for point in report.points_of_no_return
                ],
                "farmable": {
                    one.variable: {
                        "farmable": one.farmable,
                        "gain": one.gain,
                        "witness": [written(way, names) for way in one.play],
                        "loop": [written(way, names) for way in one.loop],
                    }
                    for one in report.earnings
                },
                "after_calls": {
                    written(way): {"taken": verdict} for way, verdict in report.after_calls.items()
                },
                "gates": {id: {"turns_away": found} for id, found in report.gates.items()},
                "dominated": [
                    {
                        "choice": written(one.choice),
                        "by": written(one.by),
                        "in": list(one.in_what),
                    }
                    for one in report.dominated
                ],
                "needs_income": [
                    {
                        **_what(one.what),
                        "missing": dict(one.missing),
                        "by": {
                            need.source: {"times": need.times, "days": need.days} for need in one.by
                        },
                    }
                    for one in report.needs_income
                ],
                "effort": _effort(report.effort),
                "unknown": list(report.reasons),
                "bounded": list(report.bounded),
                **({"assumed": list(report.assumed)} if report.assumed else {}),
            },
            indent=2,
        )
        + "\n"
    )


def _effort(effort: Effort | None) -> object:
    if effort is None:
        return None
    return {
        "budget": effort.budget,
        "used": effort.used,
        "layers": [
            {"layer": name, "fragments": fragments, "choices": choices}
            for name, fragments, choices in effort.layers
        ],
    }


def _what(what: Way) -> dict[str, str]:
    """Return a choice or a fragment under the word for it."""
    id, number = what
    return {"choice": written(what)} if number else {"fragment": id}
