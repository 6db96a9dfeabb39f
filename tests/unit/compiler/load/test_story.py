"""The files of a story: which are read, in which order, and what they are called."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from diana_engine.compiler.load import load_story


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("a: b\n", encoding="utf-8")


def test_chapters_are_read_in_the_order_of_their_paths(here: Path) -> None:
    names = ["b.yaml", "a/z.yaml", "a.yaml", "a/y/x.yaml", "B.yaml"]
    write(here / "tale", "story.yaml", *(f"chapters/{name}" for name in names))
    sources, found = load_story(Path("tale"))
    assert found == []
    assert sources.folder == Path("tale")
    assert sources.manifest.file.path == "tale/story.yaml"
    assert [chapter.file.path for chapter in sources.chapters] == [
        f"tale/chapters/{name}" for name in ("B.yaml", "a.yaml", "a/y/x.yaml", "a/z.yaml", "b.yaml")
    ]
    assert all(
        one.readable and one.root is not None for one in (sources.manifest, *sources.chapters)
    )


@pytest.mark.parametrize(
    ("story", "shown"),
    [
        ("tale", "tale/story.yaml"),
        ("tale/story.yaml", "tale/story.yaml"),
        ("./tale/", "tale/story.yaml"),
        ("tale/../tale", "tale/../tale/story.yaml"),
    ],
)
def test_files_are_shown_as_the_story_was_named(here: Path, story: str, shown: str) -> None:
    write(here / "tale", "story.yaml", "chapters/a.yaml")
    sources, found = load_story(Path(story))
    assert found == []
    assert sources.manifest.file.path == shown
    assert sources.chapters[0].file.path == shown.replace("story.yaml", "chapters/a.yaml")


@pytest.mark.parametrize("story", [".", "story.yaml"])
def test_the_current_folder_needs_no_name(here: Path, story: str) -> None:
    write(here, "story.yaml", "chapters/a.yaml")
    sources, _ = load_story(Path(story))
    assert sources.manifest.file.path == "story.yaml"
    assert sources.chapters[0].file.path == "chapters/a.yaml"


def test_other_files_are_not_read(here: Path) -> None:
    write(
        here,
        "story.yaml",
        "tests/a.yaml",
        "chapters/notes.md",
        "chapters/.hidden.yaml",
        "chapters/.git/a.yaml",
    )
    write(here, "chapters/a.yaml~", "other.yaml", "media/a.yaml")
    sources, found = load_story(here)
    assert (sources.chapters, found) == ((), [])


@pytest.mark.parametrize("name", ["a.yml", "a.YAML", "sub/a.YML"])
def test_a_chapter_with_another_ending_is_an_error_and_not_passed_over(
    here: Path, name: str
) -> None:
    write(here, "story.yaml", f"chapters/{name}")
    sources, (finding,) = load_story(Path())
    assert (finding.code, finding.severity) == ("DIA018", "error")
    assert finding.primary.span.file.path == f"chapters/{name}"
    assert "`a.yaml`" in (finding.help or "")
    assert [chapter.readable for chapter in sources.chapters] == [False]


def test_what_cannot_be_read_hides_nothing_else(here: Path) -> None:
    write(here, "story.yaml", "chapters/a.yaml", "chapters/c.yaml")
    (here / "story.yaml").write_text("a: b: c")
    (here / "chapters/b.yaml").write_bytes(b"\xff")
    (here / "chapters/c.yaml").write_text("a: b\na: c\n")
    sources, found = load_story(Path())
    assert [one.code for one in found] == ["DIA020", "DIA005", "DIA012"]
    assert [one.readable for one in (sources.manifest, *sources.chapters)] == [
        False,
        True,
        False,
        True,
    ]


def test_a_link_to_a_folder_leads_nobody_round_in_a_circle(here: Path) -> None:
    write(here, "story.yaml", "chapters/a.yaml")
    (here / "chapters/loop").symlink_to(here, target_is_directory=True)
    sources, found = load_story(Path())
    assert [chapter.file.path for chapter in sources.chapters] == ["chapters/a.yaml"]
    assert found == []


def test_a_link_that_leads_nowhere_is_an_unreadable_chapter(here: Path) -> None:
    write(here, "story.yaml", "chapters/a.yaml")
    (here / "chapters/b.yaml").symlink_to("nowhere.yaml")
    sources, (finding,) = load_story(Path())
    assert (finding.code, finding.primary.span.file.path) == ("DIA003", "chapters/b.yaml")
    assert [chapter.readable for chapter in sources.chapters] == [True, False]


def test_chapters_that_are_a_file_cannot_be_read(here: Path) -> None:
    write(here, "story.yaml", "chapters")
    sources, (finding,) = load_story(Path())
    assert (finding.code, finding.primary.span.file.path) == ("DIA003", "chapters")
    assert [chapter.readable for chapter in sources.chapters] == [False]


@pytest.mark.skipif(os.name == "nt", reason="names are characters there")
def test_a_name_that_is_no_text_is_shown_with_marks(here: Path) -> None:
    write(here, "story.yaml", "chapters/a.yaml")
    (here / "chapters/a.yaml").rename(here / "chapters" / os.fsdecode(b"\xff.yaml"))
    sources, found = load_story(Path())
    assert found == []
    assert sources.chapters[0].file.path == "chapters/\ufffd.yaml"


@pytest.mark.parametrize(
    ("story", "code", "words"),
    [
        ("nowhere", "DIA001", "There is no story `nowhere`"),
        ("nowhere/story.yaml", "DIA001", "There is no story `nowhere`"),
        ("nowhere/tale.yaml", "DIA001", "There is no story `nowhere/tale.yaml`"),
        ("lone.yaml", "DIA001", "`lone.yaml` is a file"),
        ("lone.yaml/story.yaml", "DIA001", "`lone.yaml` is a file"),
        ("empty", "DIA002", "There is no `story.yaml` in the folder `empty`"),
        ("empty/story.yaml", "DIA002", "There is no `story.yaml` in the folder `empty`"),
        ("a\0b", "DIA001", "There is no story"),
        ("x" * 5000, "DIA003", "name too long"),
    ],
)
def test_a_story_that_is_not_there_is_one_finding(
    here: Path, story: str, code: str, words: str
) -> None:
    write(here, "lone.yaml", "empty/notes.txt")
    sources, (finding,) = load_story(Path(story))
    assert finding.code == code
    assert words in finding.message
    assert (sources.manifest.readable, sources.chapters) == (False, ())


@pytest.mark.parametrize("name", ["story.yml", "Story.yaml", "STORY.YML", "story.yaml.txt"])
def test_a_manifest_under_another_name_is_recognised(here: Path, name: str) -> None:
    write(here, name)
    _, (finding,) = load_story(Path())
    assert finding.code == "DIA002"
    assert f"Rename `{name}`" in (finding.help or "")


def test_a_manifest_that_is_a_folder_cannot_be_read(here: Path) -> None:
    write(here, "story.yaml/a.yaml")
    _, (finding,) = load_story(here)
    assert finding.code == "DIA003"
