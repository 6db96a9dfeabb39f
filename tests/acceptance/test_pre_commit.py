"""pre-commit installs this repository as a hook and runs it before a commit."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(shutil.which("git") is None, reason="pre-commit needs git"),
]

ROOT = Path(__file__).parents[2]


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


def hooked(folder: Path, home: Path) -> subprocess.CompletedProcess[str]:
    """Run the hook of this checkout, changes that are not committed included."""
    command = [sys.executable, "-m", "pre_commit", "try-repo", ROOT, "diana-check", "--all-files"]
    return subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PRE_COMMIT_HOME": str(home), "PRE_COMMIT_COLOR": "never"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_hook_lets_a_sound_story_pass_and_stops_a_broken_one(tmp_path: Path) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("pre-commit takes hooks from a repository only")
    folder = tmp_path / "tale"
    shutil.copytree(ROOT / "stories" / "first-steps", folder)
    git(folder, "init", "--quiet")
    git(folder, "add", ".")
    sound = hooked(folder, tmp_path / "home")
    assert sound.returncode == 0, sound.stdout + sound.stderr
    path = folder / "story.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"(?m)^start: .*", "start: nowhere", text), encoding="utf-8")
    git(folder, "add", ".")
    broken = hooked(folder, tmp_path / "home")
    assert broken.returncode == 1
    assert "error[DIA201]" in broken.stdout
    assert "story.yaml:" in broken.stdout
