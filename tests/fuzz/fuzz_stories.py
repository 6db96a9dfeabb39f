"""Give the compiler stories that libFuzzer makes up, led by which of its lines they reach: `make fuzz`.

The fuzzer's own mutations know bytes, those of `strategies.mutations` know stories; they take turns. An input that
breaks something is written beside `corpus/`; put a story made from it there once it is mended, so that it is tried
first by every later run and by a test (`test_corpus.py`).
"""

from __future__ import annotations

import hashlib
import random
import sys
import tempfile
from pathlib import Path

import atheris

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

with atheris.instrument_imports(include=["diana_engine"]):
    from strategies.mutations import mutated, seeds
    from strategies.sound import assert_sound


def try_one(data: bytes) -> None:
    """Compile what the bytes say, and play it if it may be played."""
    # Bytes that are no UTF-8 never get past the reading of a file, which tests with bytes hold by themselves.
    text = data.decode("utf-8", "ignore")
    assert_sound(text, random.Random(hashlib.sha256(data).digest()))


def mutate(data: bytes, most: int, seed: int) -> bytes:
    """Return another input of at most `most` bytes."""
    chance = random.Random(seed)
    if chance.random() < 0.25:
        return bytes(atheris.Mutate(data, most))
    text = mutated(data.decode("utf-8", "ignore"), chance, chance.randrange(1, 4))
    return text.encode("utf-8", "ignore")[:most]


def main() -> None:
    """Fuzz with the arguments of libFuzzer; ``-max_total_time=60`` ends it after a minute."""
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(seeds()):
            (Path(folder) / f"seed-{number:04}.yaml").write_text(seed, encoding="utf-8")
        options = ["-timeout=20", "-max_len=6000", "-rss_limit_mb=1500", "-print_final_stats=1"]
        arguments = [sys.argv[0], *options, *sys.argv[1:], folder, str(HERE / "corpus")]
        atheris.Setup(arguments, try_one, custom_mutator=mutate)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
