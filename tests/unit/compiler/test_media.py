"""Media are files of the story's own folder, found by their exact names and named in the program by their content."""

from __future__ import annotations

import os
from hashlib import sha256
from pathlib import Path

import pytest

from diana_engine.compiler.compilation import Compilation
from diana_engine.compiler.media import LARGEST
from diana_engine.compiler.pipeline import compile_story
from diana_engine.play import step
from diana_engine.play.actions import Start
from diana_engine.play.state import Moment
from diana_engine.program.codec import decode, encode
from diana_engine.program.media import albums
from diana_engine.program.model import Media
from diana_engine.source import Span

STORY = """story: tiny
title: Tiny
language: en
version: 1.0.0
start: start
fragments:
  start:
{media}
    text: Hello.
    next: end
  end: {{text: The end., ending: done}}
"""


def compiled(folder: Path, *media: str) -> Compilation:
    text = STORY.format(media="\n".join(f"    {one}" for one in media))
    (folder / "story.yaml").write_text(text, encoding="utf-8")
    return compile_story(folder)


def at(span: Span) -> str:
    return span.file.text[span.start : span.end]


def codes(result: Compilation) -> list[str]:
    return [one.code for one in result.diagnostics]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "media" / "in").mkdir(parents=True)
    for name in ("a.jpg", "in/b.png", "c.mp4", "d.ogg"):
        (tmp_path / "media" / name).write_bytes(name.encode())
    return tmp_path


ALL = ("photo: [a.jpg, in/b.png]", "video: c.mp4", "voice: d.ogg")


def test_a_program_names_its_media_by_their_content_and_the_view_shows_them(folder: Path) -> None:
    result = compiled(folder, *ALL)
    assert codes(result) == ["DIA725"]
    program = result.program
    assert program is not None
    names = [("photo", "a.jpg"), ("photo", "in/b.png"), ("video", "c.mp4"), ("voice", "d.ogg")]
    shown = step(program, None, Start(1), Moment()).view.media
    assert shown == tuple(
        Media(kind, name, sha256(name.encode()).hexdigest())
        for kind, name in names  # type: ignore[arg-type]
    )
    assert {digest: path.read_bytes() for digest, path in result.media.items()} == {
        one.digest: one.name.encode() for one in shown
    }
    assert decode(encode(program)) == program


def test_media_are_shown_in_the_order_in_which_they_were_written(folder: Path) -> None:
    program = compiled(folder, ALL[1], ALL[0], ALL[2]).program
    assert program is not None
    assert [one.name for one in program.fragments[program.start].media] == [
        "c.mp4", "a.jpg", "in/b.png", "d.ogg",
    ]  # fmt: skip


def test_the_content_decides_and_not_the_name(folder: Path) -> None:
    before = compiled(folder, *ALL).program
    (folder / "media" / "a.jpg").write_bytes(b"other")
    after = compiled(folder, *ALL).program
    assert before != after


@pytest.mark.parametrize(
    "name",
    ["../story.yaml", "/etc/passwd", "in/../../story.yaml", "~/a.jpg", "C:/a.jpg", "in\\b.png", ".."],
)  # fmt: skip
def test_a_path_that_leads_out_of_the_folder_is_refused(folder: Path, name: str) -> None:
    (finding,) = [
        one
        for one in compiled(folder, f"document: '{name}'").diagnostics
        if one.severity == "error"
    ]
    assert finding.code == "DIA703"
    assert at(finding.primary.span).strip("'") == name


def test_a_link_that_leads_out_of_the_folder_is_refused(folder: Path) -> None:
    (folder / "secret.jpg").write_bytes(b"secret")
    (folder / "media" / "link.jpg").symlink_to(folder / "secret.jpg")
    (folder / "media" / "loop.jpg").symlink_to(folder / "media" / "loop.jpg")
    (folder / "media" / "fine.jpg").symlink_to(folder / "media" / "a.jpg")
    result = compiled(folder, *ALL, "photo: [link.jpg]".replace("photo", "document"))
    assert [one.code for one in result.diagnostics if one.severity == "error"] == ["DIA703"]
    result = compiled(folder, "photo: [fine.jpg]")
    assert not result.errors
    assert compiled(folder, "photo: [loop.jpg]").errors == 1


def test_a_missing_file_is_told_at_its_name_with_the_nearest_one(folder: Path) -> None:
    result = compiled(folder, "photo: [a.jpg, in/c.png]", *ALL[1:])
    error = next(one for one in result.diagnostics if one.severity == "error")
    assert (error.code, at(error.primary.span)) == ("DIA720", "in/c.png")
    assert error.help == "Did you mean `in/b.png`?"
    assert "DIA721" not in codes(result), "what was probably meant is not called unused too"
    assert compiled(folder, "photo: A.jpg").errors == 1, "names are exact on every machine"


def test_files_that_nothing_shows_are_told_and_hidden_ones_passed_over(folder: Path) -> None:
    (folder / "media" / ".DS_Store").write_bytes(b"x")
    result = compiled(folder, *ALL[:2])
    assert [one.message for one in result.diagnostics] == ["Nothing shows the file `media/d.ogg`."]


@pytest.mark.parametrize(("over", "code"), [(0, None), (1, "DIA722")])
def test_a_file_may_be_as_large_as_telegram_takes_it(
    folder: Path, over: int, code: str | None
) -> None:
    with (folder / "media" / "a.jpg").open("wb") as stream:
        stream.truncate(LARGEST["photo"] + over)
    assert [one for one in codes(compiled(folder, *ALL)) if one != "DIA725"] == (
        [code] if code else []
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read_is_told(folder: Path) -> None:
    (folder / "media" / "a.jpg").chmod(0)
    assert "DIA723" in codes(compiled(folder, *ALL))


def test_a_pipe_is_no_file_and_is_never_opened(folder: Path) -> None:
    os.mkfifo(folder / "media" / "pipe.jpg")
    assert "DIA723" in codes(compiled(folder, "photo: pipe.jpg"))


def test_a_fragment_that_only_shows_something_lets_players_stop(folder: Path) -> None:
    text = STORY.format(media="    photo: a.jpg").replace("    text: Hello.\n", "")
    (folder / "story.yaml").write_text(text, encoding="utf-8")
    program = compile_story(folder).program
    assert program is not None
    view = step(program, None, Start(1), Moment()).view
    assert view.can_continue
    assert (view.text, len(view.media)) == ((), 1)


def test_albums_hold_ten_of_what_goes_together() -> None:
    photo, video, voice, audio, letter, film = (
        Media(kind, "x")  # type: ignore[arg-type]
        for kind in ("photo", "video", "voice", "audio", "document", "animation")
    )
    assert albums([]) == []
    assert albums([photo, video, photo]) == [[0, 1, 2]]
    assert albums([voice, voice, film, photo]) == [[0], [1], [2], [3]]
    assert albums([audio, audio, letter, letter, photo]) == [[0, 1], [2, 3], [4]]
    assert [len(one) for one in albums([photo] * 23)] == [10, 10, 3]
