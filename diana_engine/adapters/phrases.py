"""The few words that the program itself says to players, in the language of the story.

Everything else a player reads was written by the story's author. A language that is not here gets
English: a stray English button is better than none.
"""

from __future__ import annotations

from dataclasses import dataclass

from diana_engine.play.view import Price, View

__all__ = ["LANGUAGES", "Phrases", "phrases"]


@dataclass(frozen=True, slots=True)
class Phrases:
    """The words of one language; what stands in braces is filled in by the methods."""

    go_on: str
    the_end: str
    ending: str
    play_again: str
    price: str
    cannot_pay: str
    not_now: str
    moment_passed: str
    use_buttons: str
    confirm_anew: str
    begin_anew: str
    stay: str
    help: str
    commands: tuple[tuple[str, str], ...]

    def say_price(self, price: Price) -> str:
        """Say what a choice costs."""
        return self.price.format(amount=price.amount, points=price.points)

    def say_cannot_pay(self, price: Price) -> str:
        """Say why a choice cannot be paid."""
        return self.cannot_pay.format(
            amount=price.amount, points=price.points, balance=price.balance
        )

    def say_help(self) -> str:
        """Say how to play, and what can be typed."""
        return "\n".join((self.help, "", *(f"/{name} – {does}" for name, does in self.commands)))

    def say_ending(self, name: str) -> str:
        """Say that the story ended, and how; an ending's name may be written like an id."""
        named = " ".join(name.replace("_", " ").split())
        return self.ending.format(name=named) if named else self.the_end

    def say_end(self, view: View) -> str:
        """Say that the story ended; where the scene has a title, that names the ending better than its id."""
        return self.the_end if view.title else self.say_ending(view.ending or "")


LANGUAGES = {
    "en": Phrases(
        go_on="Continue",
        the_end="The end",
        ending="The end: {name}",
        play_again="Play again",
        price="{amount} {points}",
        cannot_pay="This costs {amount} {points}, and you have {balance}.",
        not_now="That cannot be done now.",
        moment_passed="That moment has passed. The story goes on below.",
        use_buttons="This story is played with the buttons below each scene.",
        confirm_anew="Begin the story anew? All that you did in it will be forgotten.",
        begin_anew="Begin anew",
        stay="Stay where I am",
        help="Read, and press a button to choose. Your place is kept, however long you are away.",
        commands=(
            ("start", "Show where I am"),
            ("restart", "Begin the story anew"),
            ("help", "How to play"),
        ),
    ),
    "es": Phrases(
        go_on="Continuar",
        the_end="Fin",
        ending="Fin: {name}",
        play_again="Jugar otra vez",
        price="{amount} {points}",
        cannot_pay="Esto cuesta {amount} {points} y tienes {balance}.",
        not_now="Eso no se puede hacer ahora.",
        moment_passed="Ese momento ya pasó. La historia sigue más abajo.",
        use_buttons="Esta historia se juega con los botones que hay debajo de cada escena.",
        confirm_anew="¿Empezar la historia de nuevo? Se olvidará todo lo que hiciste en ella.",
        begin_anew="Empezar de nuevo",
        stay="Quedarme donde estoy",
        help="Lee y pulsa un botón para elegir. Tu lugar se guarda aunque tardes en volver.",
        commands=(
            ("start", "Mostrar dónde estoy"),
            ("restart", "Empezar la historia de nuevo"),
            ("help", "Cómo se juega"),
        ),
    ),
}
"""The languages that there are words for, by their ISO 639 code."""


def phrases(language: str) -> Phrases:
    """Return the words for a story's `language` (``es``, ``es-MX``, ``es_419``), or English."""
    code = language.replace("_", "-").partition("-")[0].strip().lower()
    return LANGUAGES.get(code, LANGUAGES["en"])
