"""The few words that the program itself says to players, in the language of the story.

Everything else a player reads was written by the story's author. A language that is not here gets
English: a stray English button is better than none.
"""

from __future__ import annotations

from dataclasses import dataclass

from diana_engine.play.view import AskView, Price, View, WaitView

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
    ask_text: str
    ask_number: str
    ask_number_between: str
    ask_number_least: str
    ask_number_most: str
    ask_one_of: str
    no_answer: str
    time_left: str
    too_early: str
    do_not_wait: str
    units: str
    answer_too_long: str
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

    def say_ask(self, ask: AskView) -> str:
        """Say what is to be typed."""
        if ask.options:
            return self.ask_one_of
        if ask.longest is not None:
            return self.ask_text
        match ask.low, ask.high:
            case None, None:
                return self.ask_number
            case None, _:
                return self.ask_number_most.format(high=ask.high)
            case _, None:
                return self.ask_number_least.format(low=ask.low)
            case _:
                return self.ask_number_between.format(low=ask.low, high=ask.high)

    def say_retry(self, ask: AskView) -> str:
        """Say what is to be typed to somebody whose answer did not fit, where the writer has no words for that."""
        if ask.longest is not None:
            return self.answer_too_long.format(longest=ask.longest)
        return f"{self.no_answer} {self.say_ask(ask)}"

    def say_time(self, seconds: int) -> str:
        """Say how long a time is, in its two largest units and never too short."""
        sizes = (86_400, 3_600, 60, 1)
        largest = next((n for n, size in enumerate(sizes) if seconds >= size), 3)
        smallest = sizes[min(largest + 1, 3)]
        rest, parts = -(-seconds // smallest) * smallest, []
        for size, unit in zip(sizes, self.units.split(), strict=True):
            count, rest = divmod(rest, size)
            if count:
                parts.append(f"{count} {unit}")
        return " ".join(parts) or f"0 {self.units.split()[-1]}"

    def say_left(self, wait: WaitView) -> str:
        """Say how long the player must still wait."""
        return self.time_left.format(time=self.say_time(wait.left))

    def say_too_early(self, wait: WaitView) -> str:
        """Say the same to somebody who wants to go on."""
        return self.too_early.format(time=self.say_time(wait.left))

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
        ask_text="Type your answer.",
        ask_number="Type a whole number.",
        ask_number_between="Type a whole number from {low} to {high}.",
        ask_number_least="Type a whole number, {low} or more.",
        ask_number_most="Type a whole number, {high} or less.",
        ask_one_of="Choose one, or type it.",
        no_answer="That is no answer here.",
        time_left="{time} left",
        too_early="Not yet: {time} left.",
        do_not_wait="Go on at once",
        units="d h min s",
        answer_too_long="The answer needs some words, at most {longest} characters.",
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
        ask_text="Escribe tu respuesta.",
        ask_number="Escribe un número entero.",
        ask_number_between="Escribe un número entero del {low} al {high}.",
        ask_number_least="Escribe un número entero, {low} o más.",
        ask_number_most="Escribe un número entero, {high} o menos.",
        ask_one_of="Elige una de estas palabras, o escríbela.",
        no_answer="Eso no responde a la pregunta.",
        time_left="Falta: {time}",
        too_early="Todavía no. Falta: {time}.",
        do_not_wait="Seguir sin esperar",
        units="d h min s",
        answer_too_long="La respuesta necesita alguna palabra, y como mucho {longest} caracteres.",
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
