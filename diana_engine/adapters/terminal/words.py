"""What the terminal player itself says, in the language of the story; what every channel says is in `phrases`."""

from __future__ import annotations

from dataclasses import dataclass

from diana_engine.adapters.phrases import Phrases, phrases

__all__ = ["LANGUAGES", "Words", "words"]


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language; what stands in braces is filled in where they are said."""

    phrases: Phrases
    enter: str
    hint: str
    choose: str
    one_way: str
    no_number: str
    waiting: str
    wait: str
    over: str
    stuck: str
    unknown: str
    not_shown: str
    backpack: str
    empty_backpack: str
    no_combination: str
    undone: str
    nothing_to_undo: str
    saved: str
    unsaved: str
    goodbye: str
    confirm: str
    agree: frozenset[str]
    unchanged: str
    resumed: str
    changed: str
    outdated: str
    damaged: str
    other_seed: str
    set_by: str
    help: str


LANGUAGES = {
    "en": Words(
        phrases=phrases("en"),
        enter="Enter",
        hint="Type a number and press Enter; ? shows what else can be typed.",
        choose="Choose by number, from 1 to {last}.",
        one_way="There is nothing to choose here. Press Enter to continue.",
        no_number="There is no choice {number} here.",
        waiting="{left}. Press Enter to let that time pass in the game.",
        wait="Let the time pass",
        over="The story is over. r plays it again, u takes the last step back, q leaves.",
        stuck="There is no way on from here: this story is a draft. u takes the last step back.",
        unknown="I do not know “{line}”; ? shows what can be typed.",
        not_shown="Nothing is covered here.",
        backpack="b",
        empty_backpack="Your backpack is empty.",
        no_combination="There is no combination {number}; b shows what can be put together.",
        undone="One step back.",
        nothing_to_undo="This is the beginning; there is nothing to take back.",
        saved="Your place is saved in {path}.",
        unsaved="This game is not being saved; --save FILE would do it.",
        goodbye="Your place is saved; the same command goes on from here.",
        confirm="{question} (y/n)",
        agree=frozenset({"y", "yes"}),
        unchanged="Nothing was changed.",
        resumed="You go on where you were. (--new begins anew.)",
        changed="The story has changed since you saved; your steps were taken again in the new one, and "
        "you go on from there. (--new begins anew.)",
        outdated="The story has changed since you saved. Of your {all} steps only the first "
        "{kept} can still be taken, and you go on from there. What you had saved is kept in {path}.",
        damaged="Your saved game cannot be read. It was put aside as {path}, and the story begins anew.",
        other_seed="The saved game goes on with its own seed; --new would begin with yours.",
        set_by="This game's chance is fixed by --seed {seed}.",
        help="a number  takes that choice; one in brackets cannot be taken now\n"
        "Enter     continues where there is nothing to choose\n"
        "words     answer where the story asks; a single letter is an answer in quotes\n"
        "w 8h      lets eight hours pass in the game (also 30s, 15m, 2d)\n"
        "b         shows what you hold; b 1 puts things together\n"
        "u         takes the last step back\n"
        "v         shows the covered parts of the text\n"
        "s         saves (which also happens by itself)\n"
        "r         begins the story anew\n"
        "q         leaves; your place is kept\n"
        "?         shows this",
    ),
    "es": Words(
        phrases=phrases("es"),
        enter="Intro",
        hint="Escribe un número y pulsa Intro; ? muestra qué más se puede escribir.",
        choose="Elige por número, del 1 al {last}.",
        one_way="Aquí no hay nada que elegir. Pulsa Intro para continuar.",
        no_number="Aquí no hay ninguna opción {number}.",
        waiting="{left}. Pulsa Intro para que ese tiempo pase en el juego.",
        wait="Dejar pasar el tiempo",
        over="La historia ha terminado. r la juega otra vez, u deshace el último paso, q sale.",
        stuck="Desde aquí no se puede seguir: esta historia es un borrador. u deshace el último paso.",
        unknown="No conozco «{line}»; ? muestra qué se puede escribir.",
        not_shown="Aquí no hay nada tapado.",
        backpack="m",
        empty_backpack="Tu mochila está vacía.",
        no_combination="No hay ninguna combinación {number}; m muestra lo que se puede juntar.",
        undone="Un paso atrás.",
        nothing_to_undo="Este es el comienzo; no hay nada que deshacer.",
        saved="Tu lugar está guardado en {path}.",
        unsaved="Esta partida no se guarda; --save FICHERO la guardaría.",
        goodbye="Tu lugar está guardado; la misma orden sigue desde aquí.",
        confirm="{question} (s/n)",
        agree=frozenset({"s", "si", "sí", "y"}),
        unchanged="Todo sigue como estaba.",
        resumed="Sigues donde estabas. (--new empieza de nuevo.)",
        changed="La historia ha cambiado desde que guardaste; tus pasos se han repetido en la nueva, y "
        "sigues desde ahí. (--new empieza de nuevo.)",
        outdated="La historia ha cambiado desde que guardaste. De tus {all} pasos solo se pueden "
        "dar todavía los {kept} primeros, y sigues desde ahí. Lo que habías guardado queda en {path}.",
        damaged="No se puede leer tu partida guardada. Queda aparte como {path}, y la historia empieza "
        "de nuevo.",
        other_seed="La partida guardada sigue con su propia semilla; --new empezaría con la tuya.",
        set_by="El azar de esta partida lo fija --seed {seed}.",
        help="un número  toma esa opción; una entre paréntesis no se puede tomar ahora\n"
        "Intro      continúa donde no hay nada que elegir\n"
        "palabras   responden donde la historia pregunta; una sola letra, entre comillas\n"
        "e 8h       deja pasar ocho horas en el juego (también 30s, 15m, 2d)\n"
        "m          muestra lo que llevas; m 1 junta cosas\n"
        "u          deshace el último paso\n"
        "v          descubre las partes tapadas del texto\n"
        "s          guarda (también ocurre solo)\n"
        "r          empieza la historia de nuevo\n"
        "q          sale; tu lugar se conserva\n"
        "?          muestra esto",
    ),
}
"""The languages that there are words for; those of `phrases`."""


def words(language: str) -> Words:
    """Return the words for a story's `language`, or English where there are none."""
    chosen = phrases(language)
    return next(known for known in LANGUAGES.values() if known.phrases is chosen)
