"""What a fuzzer once found stays mended: every story of the corpus gives sound findings."""

import random
from pathlib import Path

import pytest

from strategies.sound import assert_sound

CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.yaml"))


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_a_story_that_once_broke_something_gives_sound_findings(path: Path) -> None:
    assert_sound(path.read_bytes().decode("utf-8", "surrogateescape"), random.Random(0))
