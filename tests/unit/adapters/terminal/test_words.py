"""What the terminal player says is said in every language, and in full."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from diana_engine.adapters import phrases
from diana_engine.adapters.terminal.words import LANGUAGES, Words, words

TEXTS = [field.name for field in fields(Words) if field.name not in ("phrases", "agree")]


def test_the_languages_are_those_of_the_phrases() -> None:
    assert LANGUAGES.keys() == phrases.LANGUAGES.keys()


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_has_the_same_gaps_in_every_language(name: str) -> None:
    gaps = {tuple(sorted(re.findall(r"{\w+}", getattr(one, name)))) for one in LANGUAGES.values()}
    assert len(gaps) == 1


@pytest.mark.parametrize(
    ("language", "hint"), [("es-MX", "Escribe"), ("EN", "Type"), ("xx", "Type")]
)
def test_a_language_without_words_gets_english(language: str, hint: str) -> None:
    assert words(language).hint.startswith(hint)
