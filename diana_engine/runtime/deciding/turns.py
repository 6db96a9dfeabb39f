"""What shall come of a request, decided without a database: pure, so that a store may ask twice."""

from __future__ import annotations

from typing import assert_never

from diana_engine.database.port import Decision, Entry, Json, Message, PlayerRecord, Save
from diana_engine.expressions.terms import VariableId
from diana_engine.play import look, step
from diana_engine.play.actions import Action, Answer, Choose, Combine, Continue, Earn, Skip, Start
from diana_engine.play.events import Refused
from diana_engine.play.saved import encode_action
from diana_engine.play.scene import offered
from diana_engine.play.state import Moment, PlayerState
from diana_engine.play.view import View
from diana_engine.program.model import Points, Program
from diana_engine.records import dataclass, replace
from diana_engine.runtime.deciding.arrival import arrival, left_behind
from diana_engine.runtime.deciding.consequences import NOTHING, consequences
from diana_engine.runtime.events.happened import Happened
from diana_engine.runtime.replay import logged_carry
from diana_engine.runtime.requests import Result, Tap
from diana_engine.runtime.scheduler.timing import Standing
from diana_engine.runtime.versions.following import Followed
from diana_engine.runtime.versions.library import OpenStory, story_token

__all__ = ["Turn", "begin", "present", "say", "tap"]


@dataclass(frozen=True, slots=True)
class Turn:
    """The outcome of a request, the scene after it, what is to be saved, and the step that was made or refused.

    `since` is where the player stood before that step, and `None` where they had not begun. `moved` says that they were
    carried over to another version before it; then there is always something to be saved.
    """

    result: Result
    view: View | None
    save: Save | None = None
    refusal: Refused | None = None
    step: Happened | None = None
    since: Standing | None = None
    moved: Followed | None = None
    given_back: tuple[Entry, ...] = ()

    @property
    def over(self) -> bool:
        """Whether the story has ended."""
        return self.view is not None and self.view.ending is not None

    def after(self, moved: Followed | None, moment: Moment) -> Turn:
        """Return the same for a player who was carried over before."""
        if moved is None:
            return self
        did = None if self.save is None else self.save.action
        carried = logged_carry(moved.now.digest, moved.way.policy, did)
        save = self.save or Save(moved.now.digest, moved.now.state)
        return replace(self, save=replace(save, action=carried, now=moment.now), moved=moved)

    def decision(
        self, moment: Moment, correlation: str | None, messages: tuple[Message, ...]
    ) -> Decision:
        """Return what the store needs, with what is to be said."""
        came = NOTHING if self.moved is None else arrival(self.moved, moment, correlation)
        did = NOTHING if self.step is None else consequences(self.step, self.since, correlation)
        return Decision(
            self.result,
            self.save,
            self.given_back + came.entries + did.entries,
            came.events + did.events,
            messages,
            came.timers + did.timers,
            came.entitlements + did.entitlements,
        )


def begin(
    story: OpenStory, moment: Moment, seed: int, before: tuple[Program, PlayerRecord] | None = None
) -> Turn:
    """Start the story, whatever was played before; what is not the story's own stays with the player."""
    program, action = story.program, Start(seed)
    state = None if before is None else before[1].state
    outcome = step(program, state, action, moment)
    assert outcome.refused is None, f"a story always starts: {outcome.refused}"
    save = _saved(story.version.digest, outcome.state, action, moment)
    if before is None:
        happened = Happened(program, action, None, outcome.state, outcome.events, moment)
        return Turn("started", outcome.view, save, step=happened)
    old, record = before
    # Only what was points is in the ledger, whatever the same name is in another version.
    points = {name: record.state.values[name] for name in _points(old)}
    known = replace(record.state, values=points)
    happened = Happened(program, action, known, outcome.state, outcome.events, moment)
    since = Standing(old, record.state, record.updated_at)
    gone = left_behind(points, _points(program))
    return Turn("started", outcome.view, save, None, happened, since, given_back=gone)


def _points(program: Program) -> frozenset[VariableId]:
    return frozenset(
        name for name, variable in program.variables.items() if isinstance(variable, Points)
    )


def present(
    program: Program, record: PlayerRecord, moment: Moment, result: Result = "shown"
) -> Turn:
    """Show the scene as it is at this moment."""
    return Turn(result, look(program, record.state, moment))


def tap(program: Program, record: PlayerRecord, button: Tap, moment: Moment) -> Turn:
    """Do what a button says, if it is one of the present scene's."""
    if (button.story_token, button.sequence) != (story_token(record.digest), record.sequence):
        return present(program, record, moment, "stale")
    if button.choice is not None and button.choice >= 0:
        # Nearly every tap: the scene that it belongs to need not be written once more.
        choice = offered(program, record.state, moment, button.choice)
        if choice is not None:
            return _act(program, record, Choose(choice), moment)
    view = look(program, record.state, moment)
    match _action(view, button.choice):
        case Refused() as refusal:
            return Turn("refused", view, refusal=refusal)
        case Choose() | Continue() | Start() | Answer() | Combine() | Skip() | Earn() as action:
            return _act(program, record, action, moment)
        case other:
            assert_never(other)


def say(program: Program, record: PlayerRecord, typed: str, moment: Moment) -> Turn:
    """Take what was typed as the answer; where the present scene asks for none, only show that."""
    scene = present(program, record, moment)
    if scene.view is None or scene.view.ask is None:
        return scene
    return _act(program, record, Answer(typed), moment)


def _act(program: Program, record: PlayerRecord, action: Action, moment: Moment) -> Turn:
    outcome = step(program, record.state, action, moment)
    happened = Happened(program, action, record.state, outcome.state, outcome.events, moment)
    since = Standing(program, record.state, record.updated_at)
    if outcome.refused is not None:
        return Turn("refused", outcome.view, None, outcome.refused, happened, since)
    save = _saved(record.digest, outcome.state, action, moment)
    return Turn("moved", outcome.view, save, step=happened, since=since)


def _saved(digest: str, state: PlayerState, action: Action, moment: Moment) -> Save:
    """Return what is to be saved after a step, with what the step log needs to make the step again."""
    written: Json = encode_action(action)  # type: ignore[assignment]  # plain JSON, typed as object
    return Save(digest, state, written, moment.now)


def _action(view: View, choice: int | None) -> Action | Refused:
    if choice is None:
        return Continue()
    if choice == 0 and not view.choices and view.ask is None and view.ending is None:
        # The one button of a wait; it may have been over before the button was pressed.
        return Skip()
    if view.ask is not None and 0 <= choice < len(view.ask.options):
        return Answer(view.ask.options[choice])
    # A negative index would count from the end.
    if 0 <= choice < len(view.choices):
        return Choose(view.choices[choice].key)
    return Refused("over" if view.ending is not None else "no such choice")
