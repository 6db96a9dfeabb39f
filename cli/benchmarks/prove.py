"""`diana bench prove`: the proofs of big stories, each in a process of its own, beside what they may take."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass

import click

from ..options import figures_option
from ..output import write

__all__ = ["command"]


@dataclass(frozen=True, slots=True)
class Measured:
    """What one proof took, and what came of it; `decided` is the share of choices that are not unknown.

    `seconds` are those of the proof alone, after a first small one; `imports` are those of loading the prover and of that one.
    `witness` and `replay` are the parts of them that go into finding witnesses and playing the longest one again, 0 without.
    """

    story: str
    fragments: int
    seconds: float
    imports: float
    megabytes: int
    decided: float
    complete: bool
    points_of_no_return: int
    longest_witness: int
    witness: float
    replay: float
    most_seconds: float
    most_megabytes: int | None
    least_decided: float
    most_witness: float | None

    @property
    def is_met(self) -> bool:
        """Whether the target is met."""
        return (
            self.seconds <= self.most_seconds
            and (self.most_megabytes is None or self.megabytes <= self.most_megabytes)
            and self.decided >= self.least_decided
            and (self.most_witness is None or max(self.witness, self.replay) <= self.most_witness)
        )


@click.command("prove", short_help="Measure the proofs of big stories of many shapes.")
@figures_option
@click.option(
    "--backend",
    type=click.Choice(["cudd", "python"]),
    help="What keeps the sets of states: CUDD, or Python where that is missing.",
)
@click.option(
    "--shape", type=int, metavar="N", help="Measure only the story with this number, from 1."
)
@click.option("--here", is_flag=True, hidden=True)
def command(form: str, backend: str | None, shape: int | None, here: bool) -> int:
    """Prove big stories, without reading any YAML, and print CPU seconds, memory and targets."""
    from .shapes import SHAPES

    numbers = range(1, len(SHAPES) + 1) if shape is None else [shape]
    if here:
        write(json.dumps(asdict(_measured(numbers[0], backend))))
        return 0
    found = [_in_a_process(number, backend) for number in numbers]
    if form == "json":
        write(json.dumps({"format": 1, "stories": [asdict(one) for one in found]}, indent=2) + "\n")
    else:
        write(_table(found))
    return 0


def _in_a_process(number: int, backend: str | None) -> Measured:
    """Measure in a process of its own: memory is only known for a whole process."""
    arguments = ["bench", "prove", "--here", "--shape", str(number)]
    if backend is not None:
        arguments += ["--backend", backend]
    done = subprocess.run(  # noqa: S603 - the arguments are ours
        [sys.executable, "-m", "diana_cli", *arguments], capture_output=True, check=True, text=True
    )
    return Measured(**json.loads(done.stdout))


def _measured(number: int, backend: str | None) -> Measured:
    from .shapes import SHAPES, forks
    from .witness import Witness, longest

    shape = SHAPES[number - 1]
    program, small = shape.make(), forks(2)
    start = time.process_time()
    from diana_engine.compiler.analysis.states import prove

    prove(small, backend=backend)  # type: ignore[arg-type]  # click allows these two only
    loaded = time.process_time()
    report = prove(program, backend=backend)  # type: ignore[arg-type]
    seconds = time.process_time() - loaded
    peak = _peak()
    played = longest(program, backend) if report.points_of_no_return else Witness(0, 0)  # type: ignore[arg-type]
    unknown = sum(verdict == "unknown" for verdict in report.choices.values())
    return Measured(
        shape.name,
        len(program.fragments),
        round(seconds, 2),
        round(loaded - start, 2),
        peak,
        round(1 - unknown / max(1, len(report.choices)), 4),
        report.complete,
        len(report.points_of_no_return),
        max((len(point.witness) for point in report.points_of_no_return), default=0),
        round(played.finding, 2),
        round(played.replaying, 2),
        shape.seconds,
        shape.megabytes,
        shape.decided,
        shape.witness,
    )


def _peak() -> int:
    """Return the most memory that this process had, in MB; 0 where the system does not say."""
    try:
        import resource
    except ImportError:
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most // (1024 * 1024 if sys.platform == "darwin" else 1024)


def _table(found: list[Measured]) -> str:
    width = max(len(one.story) for one in found)
    lines = [
        f"{'story':{width}}  CPU s  target  imports   MB  target  decided  complete  witness  replay  target"
    ]
    for one in found:
        memory = "" if one.most_megabytes is None else f"<= {one.most_megabytes}"
        lines.append(
            f"{one.story:{width}} {one.seconds:6.2f} {'<=':>2}{one.most_seconds:5.1f}  {one.imports:7.2f} {one.megabytes:4}"
            f"  {memory:6}  {one.decided:6.2%}  {'yes' if one.complete else 'no':8}  {_parts(one)}".rstrip()
            + ("" if one.is_met else "  over")
        )
    return "\n".join(lines) + "\n"


def _parts(one: Measured) -> str:
    """Return what finding witnesses and playing the longest one took."""
    if not one.longest_witness:
        return ""
    most = "" if one.most_witness is None else f"  <={one.most_witness:4.1f}"
    return f"{one.witness:7.2f} {one.replay:7.2f}{most}"
