"""One compilation in a process of its own, so that its processor time and memory can be told: `python -m … STORY MEMORY`.

It is what `diana check` does without the report; `MEMORY` is a folder, or `-` to remember nothing, and `proofs` proves too.
"""

from __future__ import annotations

import atexit
import gc
import sys
from pathlib import Path


def run(story: Path, kept: str, *, proofs: bool) -> int:
    """Compile a story for its findings; return 1 if there are errors, or nothing was read."""
    from diana_engine.compiler.again import check_story
    from diana_engine.compiler.memory.recall import Memory
    from diana_engine.compiler.memory.shelf import Shelf

    gc.disable()
    atexit.register(gc.freeze)  # as `diana` does
    memory = None if kept == "-" else Memory(Shelf(Path(kept)))
    result = check_story(story, memory, proofs=proofs)
    return 1 if result.errors or not result.fragments else 0


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1]), sys.argv[2], proofs="proofs" in sys.argv[3:]))
