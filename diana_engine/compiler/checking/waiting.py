"""Do `wait:`, `skip:` and `remind:` stand where time can be waited for?"""

from __future__ import annotations

from diana_engine.compiler.syntax.story import ParsedChoice, ParsedFragment, ParsedWait
from diana_engine.diagnostics.model import Diagnostic
from diana_engine.diagnostics.registry import diagnose

__all__ = ["check_waiting_choice", "check_waiting_fragment"]

_AT_CHOICE = "Move `wait:` into the choice that takes the time, beside its `to:`."
_WITH_NEXT = "A wait comes before `next:`, or in a choice before its `to:`."


def check_waiting_fragment(fragment: ParsedFragment) -> list[Diagnostic]:
    """Return what is wrong with the waiting of a fragment as a whole."""
    waits, name = fragment.waits, fragment.id.text
    found = _common(waits)
    if waits.time is not None and fragment.ask is not None:
        message = f"`{name}` asks for something and waits too, and it can do one of them."
        found.append(
            diagnose(
                "DIA146",
                waits.time.whole,
                message,
                help="Let it ask, and lead on to a fragment that waits.",
            )
        )
    elif waits.time is not None and (fragment.call is not None or fragment.deck is not None):
        message = f"`{name}` waits and leads into a sub-story or a deck, and it can do one of them."
        help = "Let it wait, and lead with `next:` to a fragment that does the other."
        found.append(diagnose("DIA146", waits.time.whole, message, help=help))
    elif waits.time is not None and fragment.next is None:
        message = f"`{name}` waits, and has no `next:` to go on with when that is over."
        help = _AT_CHOICE if fragment.choices is not None else _WITH_NEXT
        found.append(diagnose("DIA146", waits.time.whole, message, help=help))
    if waits.remind is not None and _is_passed(fragment):
        message = f"Players pass through `{name}` at once, so nobody stays there to be reminded."
        help = "Write a `text:` too, or let the fragment where they stop do the reminding."
        found.append(diagnose("DIA146", waits.remind.key.whole, message, help=help))
    if waits.remind is not None and fragment.ending is not None:
        message = f"`{name}` is an ending, after which nobody has anything to be reminded of."
        help = "Leave `remind:` out here; it can stand wherever players go on."
        found.append(diagnose("DIA146", waits.remind.key.whole, message, help=help))
    return found


def _is_passed(fragment: ParsedFragment) -> bool:
    shows = fragment.text is not None or fragment.media
    stops = fragment.ask is not None or fragment.waits.time is not None
    return not (shows or stops) and (fragment.next is not None or fragment.returns is not None)


def check_waiting_choice(choice: ParsedChoice) -> list[Diagnostic]:
    """Return what is wrong with the waiting of a choice as a whole."""
    waits = choice.waits
    found = _common(waits)
    if waits.remind is not None and waits.time is None:
        message = "This choice leads on at once, so there is nothing to remind of on the way."
        help = "Write `wait:` too; or let the fragment where players stay do the reminding."
        found.append(diagnose("DIA146", waits.remind.key.whole, message, help=help))
    return found


def _common(waits: ParsedWait) -> list[Diagnostic]:
    if waits.skip is None:
        return []
    if waits.time is None:
        message = "`skip:` stands here without a `wait:`."
        help = "Write `wait:` too, or leave `skip:` out."
        return [diagnose("DIA146", waits.skip.source.whole, message, help=help)]
    if waits.skip.amount == 0:
        message = "This price is nothing."
        help = "Let it cost something, or leave `wait:` out: nobody would wait."
        return [diagnose("DIA315", waits.skip.source.whole, message, help=help)]
    return []
