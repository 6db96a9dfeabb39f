"""A scene as messages and buttons."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diana_engine.adapters.phrases import LANGUAGES
from diana_engine.adapters.telegram.api.limits import units
from diana_engine.adapters.telegram.showing.callback import Anew, Press, Stay, decode
from diana_engine.adapters.telegram.showing.screen import (
    confirmation,
    scene,
    why_locked,
    with_notice,
)
from diana_engine.expressions.terms import ChoiceKey, FragmentId
from diana_engine.expressions.text import Plain, Rich, RichFormat
from diana_engine.play.view import ChoiceView, Lock, Price, View

ES, EN = LANGUAGES["es"], LANGUAGES["en"]


def rich(words: str) -> Rich:
    return (Plain(words),)


def choice(text: Rich, price: Price | None = None, lock: Lock | None = None) -> ChoiceView:
    return ChoiceView(ChoiceKey("a.b.c"), text, price, lock)


def view(**parts: object) -> View:
    return View(FragmentId("a.b"), **({"text": rich("La verja.")} | parts))  # type: ignore[arg-type]


def test_a_scene_says_what_was_said_then_title_speaker_and_text() -> None:
    shown = scene(view(title="La <verja>", speaker="Lucien", said=rich("Silencio.")), "abc", 7, ES)
    assert [page.html for page in shown.pages] == [
        "Silencio.\n\n<b>La &lt;verja&gt;</b>\n\n<i>Lucien</i>\nLa verja."
    ]
    assert shown.rows == ()


def test_choices_are_buttons_in_order_that_carry_their_place() -> None:
    shown = scene(view(choices=(choice(rich("Uno")), choice(rich("Dos")))), "abc", 7, ES)
    assert [key.label for (key,) in shown.rows] == ["Uno", "Dos"]
    assert [decode(key.data) for (key,) in shown.rows] == [Press("abc", 7, 0), Press("abc", 7, 1)]


def test_going_on_is_a_button_without_a_place() -> None:
    ((key,),) = scene(view(can_continue=True), "abc", 7, EN).rows
    assert (key.label, decode(key.data)) == ("Continue", Press("abc", 7, None))


def test_an_ending_says_so_and_offers_another_play() -> None:
    shown = scene(view(ending="the_long_night"), "abc", 7, EN)
    assert shown.pages[0].plain == "La verja.\n\n— The end: the long night —"
    ((key,),) = shown.rows
    assert (key.label, decode(key.data)) == ("Play again", Anew("abc", 7))


def test_a_title_names_an_ending_better_than_its_id() -> None:
    shown = scene(view(title="El alba", ending="dawn"), "abc", 7, ES)
    assert shown.pages[0].plain == "El alba\n\nLa verja.\n\n— Fin —"


def test_locks_and_prices_stand_on_the_button() -> None:
    price = Price("besitos", 5, 2)
    shown = scene(
        view(
            choices=(
                choice(rich("Abrir"), lock=Lock(rich("Falta la llave."))),
                choice(rich("Ofrenda"), price),
                choice(rich("Ofrenda"), price, Lock(price=price)),
                choice(rich("Soborno"), lock=Lock(price=price)),
            )
        ),
        "abc",
        7,
        ES,
    )
    assert [key.label for (key,) in shown.rows] == [
        "🔒 Abrir",
        "Ofrenda · 5 besitos",
        "🔒 Ofrenda · 5 besitos",
        "🔒 Soborno · 5 besitos",
    ]


LABELS = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)
PRICES = st.none() | st.builds(Price, LABELS, st.integers(0, 2**53), st.integers(0, 2**53))


@settings(deadline=None)
@given(LABELS, PRICES, st.booleans())
def test_a_label_is_one_short_line_that_keeps_lock_and_price(
    text: str, price: Price | None, locked: bool
) -> None:
    one = choice((RichFormat("bold", rich(text)),), price, Lock() if locked else None)
    ((key,),) = scene(view(choices=(one,)), "abc", 7, EN).rows
    assert 0 < units(key.label) <= 64
    assert key.label == " ".join(key.label.split())
    assert key.label.startswith("🔒") >= locked
    assert price is None or "·" in key.label


def test_a_long_label_is_shortened_to_plain_text() -> None:
    one = choice((Plain("x" * 60), RichFormat("italic", rich("<y>" * 10))))
    ((key,),) = scene(view(choices=(one,)), "abc", 7, EN).rows
    assert key.label == "x" * 60 + "<y>…"
    assert len(key.label) == 64


@pytest.mark.parametrize(
    ("lock", "reason"),
    [
        (Lock(rich("Te falta\nla llave.")), "Te falta la llave."),
        (Lock(price=Price("besitos", 5, 2)), "Esto cuesta 5 besitos y tienes 2."),
        (Lock(), "Eso no se puede hacer ahora."),
    ],
)
def test_a_lock_says_why(lock: Lock, reason: str) -> None:
    assert why_locked(lock, ES) == reason


def test_a_long_reason_fits_into_the_answer_to_a_tap() -> None:
    reason = why_locked(Lock(rich("👍" * 150)), ES)
    assert units(reason) <= 200
    assert reason.endswith("…")


def test_buttons_stand_below_the_last_of_several_messages() -> None:
    shown = scene(view(text=rich("Palabra. " * 1000), can_continue=True), "abc", 7, ES)
    assert len(shown.pages) == 3
    assert all(units(page.plain) <= 4096 for page in shown.pages)
    assert len(shown.rows) == 1


def test_a_scene_without_any_text_can_still_be_sent() -> None:
    assert scene(view(text=()), "abc", 7, ES).pages[0].html == "…"


def test_a_notice_is_a_message_before_the_scene() -> None:
    shown = with_notice("<hola>", scene(view(can_continue=True), "abc", 7, ES))
    assert [page.html for page in shown.pages] == ["&lt;hola&gt;", "La verja."]
    assert len(shown.rows) == 1


def test_beginning_anew_is_asked_for_the_present_moment() -> None:
    shown = confirmation("abc", 7, ES)
    assert [decode(key.data) for (key,) in shown.rows] == [Anew("abc", 7), Stay("abc", 7)]
