"""What the analysis of states does not follow yet. A program with it is left undecided, never decided wrongly."""

from __future__ import annotations

from diana_engine.program.model import Call, Choices, Next, Program

__all__ = ["unfollowed"]


def unfollowed(program: Program) -> str | None:
    """Return why nothing can be said about the states of `program`, or `None` where all of it is followed."""
    for id in program.timed:
        return f"the time since `{id}` is asked, and time is not followed yet"
    for id, fragment in program.fragments.items():
        match fragment.exit:
            case Next(_, ask, wait):
                if ask is not None:
                    return f"`{id}` asks players for something, and answers are not followed yet"
                if wait is not None:
                    return f"players wait in `{id}`, and time is not followed yet"
            case Choices(choices) if any(choice.wait is not None for choice in choices):
                return f"a choice of `{id}` takes time, and time is not followed yet"
            case Call():
                return f"`{id}` calls a sub-story, and these are not followed yet"
            case _:
                pass
    return None
