"""Do the keys of a fragment go together? Each is right by itself; here is what they say with one another."""

from __future__ import annotations

from collections.abc import Sequence

from diana_engine.compiler.checking.waiting import check_waiting_choice, check_waiting_fragment
from diana_engine.compiler.syntax.story import ParsedBranch, ParsedChoice, ParsedFragment
from diana_engine.diagnostics.model import Diagnostic, Label
from diana_engine.diagnostics.registry import diagnose
from diana_engine.source import Located

__all__ = ["check_choices", "check_structure"]


def check_structure(fragment: ParsedFragment) -> list[Diagnostic]:
    """Return what is wrong with a fragment taken as a whole."""
    found = [*_exits(fragment), *_branches(fragment.next or ())]
    if fragment.whole:
        found += [*_kind(fragment), *_gate(fragment), *_ask(fragment), *_call(fragment)]
        found += [*_deck(fragment), *_storylet(fragment), *check_waiting_fragment(fragment)]
    return found + check_choices([one for one in fragment.choices or () if one.included is None])


def check_choices(choices: Sequence[ParsedChoice]) -> list[Diagnostic]:
    """Return what is wrong with choices, each taken as a whole."""
    return [
        finding
        for choice in choices
        if choice.whole
        for finding in (*_choice(choice), *check_waiting_choice(choice))
    ]


def _exits(fragment: ParsedFragment) -> list[Diagnostic]:
    written: list[tuple[str, Located]] = []
    if fragment.deck is not None:
        written.append(("deck", fragment.deck.key))
    elif fragment.choices is not None:
        place = fragment.id
        for choice in fragment.choices[:1]:
            place = choice.included or choice.anchor
        written.append(("choices", place))
    if fragment.call is not None:
        written.append(("call", fragment.call))
    elif fragment.next is not None and fragment.deck is None:
        target = fragment.next[0].to if fragment.next else None
        written.append(("next", target or fragment.id))
    if fragment.ending is not None:
        written.append(("ending", fragment.ending))
    if fragment.ask is not None and (fragment.call is not None or fragment.deck is not None):
        written.append(("ask", fragment.ask.key))
    if fragment.returns is not None:
        written.append(("return", fragment.returns))
    if len(written) < 2:
        return []
    (first, one), (second, other) = written[:2]
    return [
        diagnose(
            "DIA120",
            other.whole,
            f"`{fragment.id.text}` has both `{first}:` and `{second}:`, and a fragment goes on in one way.",
            label=f"`{second}` is here",
            labels=(Label(one.whole, f"`{first}` is here"),),
            help="Keep one of them; to follow one fragment with another, lead to it.",
        )
    ]


def _call(fragment: ParsedFragment) -> list[Diagnostic]:
    if fragment.call is None or fragment.next is not None:
        return []
    return [
        diagnose(
            "DIA140",
            fragment.call.whole,
            "This fragment does not say what follows when its sub-story returns.",
            help="Write `next:` too, with the fragment that follows.",
        )
    ]


def _deck(fragment: ParsedFragment) -> list[Diagnostic]:
    deck = fragment.deck
    if deck is None or deck.otherwise is None or fragment.choices is None:
        return []
    return [
        diagnose(
            "DIA142",
            deck.otherwise.whole,
            "Beside `choices:` a deck has no use for `otherwise:`, for the choices are there in any case.",
            help="Leave `otherwise:` out, or write it as one more choice.",
        )
    ]


def _storylet(fragment: ParsedFragment) -> list[Diagnostic]:
    if fragment.storylet is None or not fragment.storylet.nameless:
        return []
    return [
        diagnose(
            "DIA141",
            fragment.storylet.key.whole,
            f"There are no words for the button by which decks offer `{fragment.id.text}`.",
            help="Write a `text:` in the `storylet:`, or give the fragment a `title:`.",
        )
    ]


def _kind(fragment: ParsedFragment) -> list[Diagnostic]:
    if fragment.kind is None:
        return []
    kind, choices = fragment.kind.text, len(fragment.choices or ())
    is_ending = fragment.ending is not None
    help = "Leave `kind:` out; it follows from the rest."
    if kind == "ending" and not is_ending:
        problem = "it has no `ending:`"
        help = "Leave `kind:` out, or name the ending, as in `ending: a_name`."
    elif kind != "ending" and is_ending:
        problem = f"it is the ending `{fragment.ending.text if fragment.ending else ''}`"
    elif kind == "decision" and not choices and fragment.deck is None:
        problem = "it has no `choices:`"
    elif kind == "info" and choices > 1:
        problem = f"it has {choices} choices"
    else:
        return []
    return [
        diagnose(
            "DIA123", fragment.kind.whole, f"This fragment is no {kind}: {problem}.", help=help
        )
    ]


def _gate(fragment: ParsedFragment) -> list[Diagnostic]:
    if fragment.otherwise is not None and not fragment.requires and fragment.access is None:
        help = "Write `requires:` or `access:` too, or leave `otherwise:` out."
        return [
            diagnose(
                "DIA122",
                fragment.otherwise.whole,
                "`otherwise:` stands here without a `requires:`.",
                help=help,
            )
        ]
    barred = fragment.access or (fragment.requires[0].source if fragment.requires else None)
    if barred is not None and fragment.otherwise is None:
        place = barred.whole
        help = "Write `otherwise:` with the fragment where those land who do not meet it."
        return [
            diagnose(
                "DIA122",
                place,
                "This fragment does not say what happens to those who cannot enter.",
                help=help,
            )
        ]
    return []


def _ask(fragment: ParsedFragment) -> list[Diagnostic]:
    if fragment.ask is None:
        return []
    place, name = fragment.ask.key.whole, fragment.id.text
    if fragment.next is None:
        message = f"`{name}` asks for something, and has no `next:` to go on with."
        help = "Write `next:` with the fragment that follows the answer; it may branch on what was answered."
        return [diagnose("DIA145", place, message, help=help)]
    if fragment.text is None and not fragment.media:
        message = f"`{name}` asks for something, and has no `text:` that says what."
        help = "Write the question as its `text:`."
        return [diagnose("DIA145", place, message, help=help)]
    return []


def _branches(branches: tuple[ParsedBranch, ...]) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    if not all(branch.whole for branch in branches):
        return found
    for index, branch in enumerate(branches):
        last = index == len(branches) - 1
        if branch.to is None:
            continue
        if last and branch.requires:
            help = "Add a last branch with `to:` alone, for when none of the others holds."
            found.append(
                diagnose(
                    "DIA121",
                    branch.to.whole,
                    "The last branch must always hold, and this one has an `if`.",
                    help=help,
                )
            )
        elif not last and not branch.requires:
            help = "Give it an `if:`, or put it last."
            found.append(
                diagnose(
                    "DIA121",
                    branch.to.whole,
                    "This branch always holds, so the ones after it are never taken.",
                    help=help,
                )
            )
    return found


def _choice(choice: ParsedChoice) -> list[Diagnostic]:
    found: list[Diagnostic] = []
    if choice.locked is not None and not choice.requires and choice.access is None:
        help = "Write `requires:` or `access:` too, or leave `locked:` out."
        found.append(
            diagnose(
                "DIA122",
                choice.locked.source.whole,
                "`locked:` stands here without a `requires:`.",
                help=help,
            )
        )
    if choice.once and choice.id is None:
        help = "Give it an `id:`; without one, a change of its text makes it new for players who took it already."
        found.append(
            diagnose(
                "DIA216",
                choice.anchor.whole,
                "This choice can be taken once, and has no id to be remembered by.",
                help=help,
            )
        )
    if choice.cost is not None and choice.cost.amount == 0:
        help = "Leave `cost:` out, or let it cost something."
        found.append(
            diagnose("DIA315", choice.cost.source.whole, "This price is nothing.", help=help)
        )
    return found
