"""What is remembered of stories: only values of our own, in a folder of one's own."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest

from diana_engine.compiler.again import check_story
from diana_engine.compiler.memory.recall import Memory
from diana_engine.compiler.memory.shelf import Shelf
from diana_engine.compiler.memory.values import Unportable, pack, unpack
from diana_engine.diagnostics.registry import diagnose
from diana_engine.source import SourceFile

FILE = SourceFile("story.yaml", "story: s\n")


class Harm:
    def __reduce__(self):
        return os.system, ("exit 1",)


@pytest.mark.parametrize("value", [Harm(), os.system, Path, pack, Shelf])
def test_nothing_but_values_of_the_engine_comes_out_of_bytes(value: object) -> None:
    with pytest.raises(Unportable):
        unpack(pickle.dumps(value), [FILE])


def test_a_finding_comes_back_with_the_file_of_whoever_reads_it() -> None:
    finding = diagnose("DIA201", FILE.span(0, 5), "There is no fragment.")
    other = SourceFile("elsewhere.yaml", "story: s\n")
    assert unpack(pack(finding, [FILE]), [FILE]) == finding
    assert unpack(pack(finding, [FILE]), [other]).primary.span.file is other


def test_what_points_into_another_file_is_not_kept() -> None:
    with pytest.raises(Unportable):
        pack(FILE.span(0, 1), [])


def test_a_folder_that_others_may_write_to_is_not_used(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    Shelf(folder).put("ab" * 20, b"x")
    assert Shelf(folder).get("ab" * 20) == b"x"
    folder.chmod(0o777)
    assert Shelf(folder).get("ab" * 20) is None


def test_a_folder_that_cannot_be_written_keeps_nothing_and_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    shelf = Shelf(tmp_path / "file" / "kept")
    shelf.put("ab" * 20, b"x")
    assert shelf.get("ab" * 20) is None


def test_the_oldest_goes_first_where_there_is_too_much(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "kept", most=350)
    keys = [f"{number:02x}" * 20 for number in range(4)]
    for age, key in enumerate(keys):
        shelf.put(key, b"x" * 100)
        path = tmp_path / "kept" / key[:2] / f"{key[2:]}.kept"
        os.utime(path, (age, age))
    shelf.tidy()
    assert [shelf.get(key) is None for key in keys] == [True, True, False, False]


def test_clearing_leaves_what_is_not_ours(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    (tmp_path / "mine.txt").write_text("mine")
    shelf.put("ab" * 20, b"x")
    assert shelf.clear().files == 1
    assert shelf.stock().files == 0
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_a_picture_that_goes_is_missed_although_no_text_has_changed(tmp_path: Path) -> None:
    story, memory = tmp_path / "story", Memory(Shelf(tmp_path / "kept"))
    (story / "media").mkdir(parents=True)
    (story / "media" / "gate.jpg").write_bytes(b"\xff\xd8\xff picture")
    (story / "story.yaml").write_text(
        "story: s\ntitle: S\nlanguage: en\nstart: gate\nfragments:\n"
        "  gate:\n    text: The gate.\n    photo: gate.jpg\n    ending: home\n"
    )
    before = [check_story(story, memory).errors for _ in range(2)]
    (story / "media" / "gate.jpg").unlink()
    assert (before, check_story(story, memory).errors) == ([0, 0], 1)
