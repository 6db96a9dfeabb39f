"""The program's own words: complete in every language, chosen by the story's."""

from __future__ import annotations

import string
from dataclasses import asdict

import pytest

from diana_engine.adapters.phrases import LANGUAGES, phrases
from diana_engine.play.view import Price


@pytest.mark.parametrize("code", sorted(LANGUAGES))
def test_a_language_says_everything_with_the_blanks_that_english_has(code: str) -> None:
    for name, words in asdict(LANGUAGES[code]).items():
        english = asdict(LANGUAGES["en"])[name]
        if isinstance(words, str):
            assert words.strip()
            assert blanks(words) == blanks(english), name
        else:
            assert [command for command, _ in words] == [command for command, _ in english]
            assert all(does.strip() for _, does in words)


def blanks(words: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(words)} - {None}


@pytest.mark.parametrize("language", ["es", "es-MX", "es_419", "ES"])
def test_every_kind_of_spanish_gets_spanish(language: str) -> None:
    assert phrases(language) is LANGUAGES["es"]


@pytest.mark.parametrize("language", ["en", "en-GB", "qu", "", "est"])
def test_a_language_without_words_gets_english(language: str) -> None:
    assert phrases(language) is LANGUAGES["en"]


def test_blanks_are_filled_with_data_that_is_never_read_as_a_template() -> None:
    price = Price("{balance}", 5, 2)
    assert phrases("en").say_price(price) == "5 {balance}"
    assert phrases("es").say_cannot_pay(price) == "Esto cuesta 5 {balance} y tienes 2."
    assert phrases("es").say_ending("{name}") == "Fin: {name}"


def test_an_ending_is_named_as_a_person_would_write_it() -> None:
    assert phrases("es").say_ending("el_alba_fria") == "Fin: el alba fria"
    assert phrases("es").say_ending("_") == "Fin"


def test_the_help_names_every_command() -> None:
    assert phrases("es").say_help().endswith("/help – Cómo se juega")
