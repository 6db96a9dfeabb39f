"""The shapes of stories on which proofs are measured, and how long each may take.

Each is hard in its own way: for a search through single states most of them are out of reach.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from diana_engine.expressions.terms import (
    Chance,
    Effect,
    FragmentId,
    Give,
    Has,
    ItemId,
    Requirement,
    SetWord,
    Take,
    VariableId,
    Visited,
    WordIs,
)
from diana_engine.program.model import Flag, Item, OneOf, Points, Program, WholeNumber

from .building import Story, adds, every, flag, least, sets, some, unset

__all__ = ["SHAPES", "Shape"]


@dataclass(frozen=True, slots=True)
class Shape:
    """A story to be made, how much CPU its proof may take in seconds, and memory in MB; which share must be decided.

    `witness` is how much of it finding the witnesses may take, and playing the longest one again.
    """

    name: str
    make: Callable[[], Program]
    seconds: float
    megabytes: int | None = None
    decided: float = 1.0
    witness: float | None = None


def everything(chapters: int = 38) -> Program:
    """Return chapters of forty fragments in which every construct has its part."""
    story = Story()
    story.variable("gold", Points(3, 60))
    story.variable("trust", WholeNumber(0, -10, 10))
    story.variable("mood", OneOf(("calm", "curious", "hurt"), "calm"))
    story.items |= {f"map{i}": Item("Map", "maps") for i in range(6)}
    for chapter in range(chapters):
        _busy_chapter(story, chapter)
    story.place(f"c{chapters}")
    story.choice(f"c{chapters}", "rich", least("gold", 20))
    story.choice(f"c{chapters}", "loved", least("trust", 5))
    story.choice(f"c{chapters}", "plain")
    for name in ("rich", "loved", "plain"):
        story.end(name)
    return story.program()


def _busy_chapter(story: Story, chapter: int) -> None:
    """Add a hub with rooms, a shop, a gate, a draw and a passage."""
    hub, here = f"c{chapter}", f"c{chapter}_"
    story.place(hub)
    keys = [story.variable(f"{here}k{room}", Flag()) for room in range(6)]
    mood, item = VariableId("mood"), ItemId(f"map{chapter % 6}")
    for room, key in enumerate(keys):
        story.choice(hub, f"{here}r{room}", effects=[sets(key)], once=True)
        story.place(f"{here}r{room}", [adds("gold", 1)] if room < 2 else [])
        for step in range(2):
            story.choice(f"{here}r{room}" + "x" * step, f"{here}r{room}" + "x" * (step + 1))
            story.place(f"{here}r{room}" + "x" * (step + 1))
        story.choice(
            f"{here}r{room}xx", hub, effects=[SetWord(mood, "curious")] if room == 3 else []
        )
    story.choice(hub, f"{here}shop", cost=("gold", 2))
    story.place(f"{here}shop", [Give(item)])
    story.choice(f"{here}shop", hub)
    story.choice(hub, f"{here}talk")
    story.place(f"{here}talk")
    story.choice(f"{here}talk", hub, Chance(40, f"{here}luck"), [adds("trust", 1)])
    story.choice(
        f"{here}talk", hub, WordIs(mood, "curious"), [adds("trust", 2), SetWord(mood, "calm")]
    )
    story.choice(f"{here}talk", hub, effects=[adds("trust", -1)])
    story.choice(hub, f"{here}gate", every(map(flag, keys[:3])))
    story.place(f"{here}gate", gate=(Visited(FragmentId(f"main.{here}talk")), f"{here}turned"))
    story.place(f"{here}turned")
    story.choice(f"{here}turned", hub)
    story.choice(f"{here}gate", f"{here}sold", Has(item), [Take(item), adds("gold", 3)])
    story.choice(f"{here}gate", f"{here}out")
    story.place(f"{here}sold")
    story.choice(f"{here}sold", f"{here}out")
    ahead = f"c{chapter + 1}"
    story.passage(f"{here}out", (least("trust", 3), f"{here}kind"), (None, ahead), rests=False)
    story.passage(f"{here}kind", (None, ahead), rests=True)


def hub(rooms: int = 250) -> Program:
    """Return a hub with rooms that are each entered once, and a door that needs all of them."""
    story = Story()
    story.place("start")
    story.choice("start", "hub")
    story.place("hub")
    names = [story.variable(f"d{room}", Flag()) for room in range(rooms)]
    for room, name in enumerate(names):
        story.choice("hub", f"r{room}", unset(name), [sets(name)])
        story.place(f"r{room}")
        story.choice(f"r{room}", "hub")
    story.choice("hub", "end", every(map(flag, names)))
    story.end("end")
    return story.program()


def chapters(count: int = 1_000, flags: int = 20) -> Program:
    """Return chapters with flags of their own, and two flags that live to the end."""
    story = Story()
    long = [story.variable(f"g{number}", Flag()) for number in range(2)]
    for chapter in range(count):
        here = f"h{chapter}"
        story.place(here)
        names = [story.variable(f"l{chapter}_{number}", Flag()) for number in range(flags)]
        for number, name in enumerate(names):
            story.choice(here, f"p{chapter}_{number}", unset(name), [sets(name)])
            story.place(f"p{chapter}_{number}")
            story.choice(f"p{chapter}_{number}", here)
        enough = some([every(map(flag, names)), every([flag(names[0]), flag(names[-1])])])
        story.choice(here, f"x{chapter}", enough)
        story.place(f"x{chapter}")
        ahead = f"h{chapter + 1}" if chapter + 1 < count else "last"
        story.choice(f"x{chapter}", ahead, effects=[sets(long[chapter % 2])])
        later = [sets(long[chapter % 2], False)] if chapter >= 2 else []
        story.choice(f"x{chapter}", ahead, effects=later)
    story.place("last")
    story.choice("last", "good", every(map(flag, long)))
    story.choice("last", "bad", some(map(unset, long)))
    story.end("good")
    story.end("bad")
    return story.program()


def long_story(
    size: int = 100_000, near: int = 2_960, far: int = 40, counters: int = 1, seed: int = 0
) -> Program:
    """Return a mostly straight story of small forks: `near` flags are read soon, `far` ones only at the end."""
    return _Long(size, near, far, counters, seed).program()


class _Long:
    """A long story under construction; `at` is the fragment that is to lead on."""

    def __init__(self, size: int, near: int, far: int, counters: int, seed: int) -> None:
        self.story, self.size = Story(), size
        self.random = Random(seed)  # noqa: S311 - it shapes a story, it guards nothing
        self.points = [
            self.story.variable(f"pts{number}", WholeNumber(0, 0, 30)) for number in range(counters)
        ]
        self.flags = ["n"] * near + ["f"] * far
        self.random.shuffle(self.flags)
        self.share = len(self.flags) / max(1, size * 0.35 / 4)
        self.far: list[str] = []
        self.due: list[tuple[int, str]] = []
        self.forks = 0
        self.at = self.story.place("start")

    def program(self) -> Program:
        """Return the story."""
        story = self.story
        while len(story.fragments) < self.size:
            self.forks += 1
            if self.random.random() > 0.35:
                self._onward(self._new())
            else:
                self._fork()
        for _, name in self.due:
            self._scene(flag(name))
        if self.far:
            story.choice(self.at, "best", every(map(flag, self.far)))
            story.choice(self.at, "worst", some(map(unset, self.far)))
            story.end("best")
            story.end("worst")
        else:
            story.choice(self.at, "end")
            story.end("end")
        return story.program()

    def _new(self) -> str:
        return self.story.place(f"f{len(self.story.fragments)}")

    def _onward(self, to: str) -> None:
        self.story.choice(self.at, to)
        self.at = to

    def _fork(self) -> None:
        random, story = self.random, self.story
        left, right, joined = self._new(), self._new(), self._new()
        on_left: list[Effect] = []
        on_right: list[Effect] = []
        if self.flags and random.random() < self.share:
            kind = self.flags.pop()
            name = story.variable(f"{kind}{len(self.flags)}", Flag())
            on_left.append(sets(name))
            if kind == "n":
                self.due.append((self.forks + random.randint(1, 30), name))
            else:
                self.far.append(name)
        elif self.points and random.random() < 0.5:
            side = on_left if random.random() < 0.5 else on_right
            side.append(adds(random.choice(self.points), random.choice([1, 1, 2, 3, -1])))
        story.choice(self.at, left, effects=on_left)
        story.choice(self.at, right, effects=on_right)
        story.choice(left, joined)
        story.choice(right, joined)
        self.at = joined
        for _, name in [one for one in self.due if one[0] <= self.forks]:
            self._scene(flag(name))
        self.due = [one for one in self.due if one[0] > self.forks]
        if self.points and random.random() < 0.02:
            self._scene(least(random.choice(self.points), random.randint(2, 30)))

    def _scene(self, asked: Requirement) -> None:
        """Add a scene that only those come to who meet what is asked."""
        scene, joined = self._new(), self._new()
        self.story.choice(self.at, scene, asked)
        self.story.choice(scene, joined)
        self.story.choice(self.at, joined)
        self.at = joined


def keys(count: int = 20, doors: int = 20) -> Program:
    """Return a hub with keys to find, doors that each take one, and a way out that needs two."""
    story = Story()
    story.variable("key", WholeNumber(0, 0, count))
    story.place("start")
    story.choice("start", "hub")
    story.place("hub")
    for number in range(count):
        story.choice("hub", f"chest{number}", effects=[adds("key", 1)], once=True)
        story.place(f"chest{number}")
        story.choice(f"chest{number}", "hub")
    for number in range(doors):
        story.choice("hub", f"room{number}", least("key", 1), [adds("key", -1)], once=True)
        story.place(f"room{number}")
        story.choice(f"room{number}", "hub")
    story.choice("hub", "end", least("key", 2))
    story.end("end")
    return story.program()


def forks(count: int = 28) -> Program:
    """Return forks of which only always going left leaves no way to the ending."""
    story = Story()
    names = [story.variable(f"left{number}", Flag()) for number in range(count)]
    for number, name in enumerate(names):
        story.place(f"fork{number}")
        story.choice(f"fork{number}", f"fork{number + 1}", effects=[sets(name)])
        story.choice(f"fork{number}", f"fork{number + 1}")
    story.place(f"fork{count}")
    story.choice(f"fork{count}", "end", some(map(unset, names)))
    story.end("end")
    return story.program()


def far_lock(moves: int = 80_000) -> Program:
    """Return a story whose only wrong choice comes after very many moves."""
    story = Story()
    story.variable("gate", Flag())
    for number in range(moves):
        here, ahead = f"w{number}", f"w{number + 1}"
        story.place(here)
        story.choice(here, ahead)
        if number % 5 == 0:
            story.choice(here, ahead)
    story.place(f"w{moves}")
    story.choice(f"w{moves}", "door", effects=[sets("gate")])
    story.choice(f"w{moves}", "door")
    story.place("door")
    story.choice("door", "end", unset("gate"))
    story.end("end")
    return story.program()


SHAPES = (
    Shape("1,000 fragments, everything", everything, 0.3),
    Shape("hub with 250 rooms, all needed", hub, 0.2),
    Shape("1,000 chapters of 20 flags", chapters, 3.0),
    Shape("100,000 fragments, 3,000 flags, 40 read at the end", long_story, 8.0, 400),
    Shape("20 keys, 20 doors", keys, 2.0),
    Shape("100,000 fragments, 2 counters", lambda: long_story(far=0, near=3_000, counters=2), 8.0),
    Shape(
        "100,000 fragments, 12 counters",
        lambda: long_story(far=0, near=3_000, counters=12),
        10.0,
        decided=0.995,
    ),
    Shape("28 forks, only always left is locked", forks, 0.1),
    # The target is for the witness; as a whole it is a story of nearly 100,000 fragments like those above.
    Shape("a witness of 80,000 moves", far_lock, 8.0, witness=1.0),
)
"""The shapes, with the targets that the project set itself."""
