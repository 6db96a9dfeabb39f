"""The built wheel works in a clean environment, far from the checkout, with runtime packages only."""

import os
import re
import subprocess
import sys
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

pytestmark = pytest.mark.acceptance

ROOT = Path(__file__).parents[2]
HEAVY = {"aiogram", "sqlalchemy", "networkx", "jsonschema"}
# Where the wheel's folders come from, and what lies there without being part of it.
SOURCES = {
    "diana_cli": "cli",
    "diana_engine": "diana_engine",
    "diana_engine/schema": "schema",
    "diana_stories": "stories",
}
LEFT_BEHIND = re.compile(r"__pycache__|\.pyc$|\.db$")


@dataclass(frozen=True, slots=True)
class Installed:
    """An environment that holds the wheel, and an empty folder to call it from."""

    scripts: Path
    folder: Path

    def run(self, command: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a command of the environment without a terminal, as a stranger would."""
        kept = {name: value for name, value in os.environ.items() if not _is_ours(name)}
        return subprocess.run(
            [self.scripts / command, *arguments],
            cwd=self.folder,
            env={**kept, "HOME": str(self.folder.parent / "home"), "PYTHONUTF8": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    def diana(self, *arguments: str | Path) -> str:
        """Run `diana`, which must succeed, and return what it printed."""
        result = self.run("diana", *arguments)
        said = f"diana {' '.join(map(str, arguments))}\n{result.stdout}\n{result.stderr}"
        assert result.returncode == 0, said
        assert "Traceback" not in result.stderr, said
        return result.stdout

    def python(self, code: str, *options: str) -> subprocess.CompletedProcess[str]:
        """Run a line of Python in the environment; it must succeed."""
        result = self.run("python", *options, "-c", code)
        assert result.returncode == 0, result.stderr
        return result


def _is_ours(name: str) -> bool:
    return name.startswith(("DIANA_", "PYTHON", "XDG_", "VIRTUAL_ENV"))


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the source distribution, and from that alone the wheel."""
    built = tmp_path_factory.mktemp("built")
    command = [sys.executable, "-m", "build", "--outdir", built, ROOT]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    [wheel] = built.glob("*.whl")
    return wheel


@pytest.fixture(scope="session")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel, and what it asks for, into an environment of its own."""
    place = tmp_path_factory.mktemp("environment")
    venv.create(place, with_pip=True)
    scripts = place / ("Scripts" if os.name == "nt" else "bin")
    for arguments in (["install", wheel], ["check"]):
        command = [scripts / "python", "-m", "pip", "--disable-pip-version-check", *arguments]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stdout + result.stderr
    return scripts


@pytest.fixture
def installed(environment: Path, tmp_path: Path) -> Installed:
    folder = tmp_path / "empty"
    folder.mkdir()
    (tmp_path / "home").mkdir()
    return Installed(environment, folder)


@pytest.fixture
def shipped(installed: Installed) -> Path:
    """Return the folder of the stories that travel in the wheel."""
    found = installed.python("import diana_stories; print(diana_stories.__path__[0])")
    folder = Path(found.stdout.strip())
    assert ROOT not in folder.parents
    return folder


def test_the_wheel_holds_the_files_of_the_checkout_and_no_others(wheel: Path) -> None:
    expected = {
        f"{installed}/{file.relative_to(ROOT / source).as_posix()}"
        for installed, source in SOURCES.items()
        for file in (ROOT / source).rglob("*")
        if file.is_file() and not LEFT_BEHIND.search(str(file.relative_to(ROOT)))
    }
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert held == expected


def test_help_names_every_command(installed: Installed) -> None:
    help_text = installed.diana("--help")
    for command in ("bot", "check", "compile", "explain", "new", "play", "schema"):
        assert re.search(rf"^ +{command}\b", help_text, re.MULTILINE), command


def test_a_new_story_checks_clean_and_compiles(installed: Installed) -> None:
    installed.diana("new", "x")
    installed.diana("check", "x")
    assert not (installed.folder / "diana.db").exists()
    installed.diana("compile", "x")
    assert (installed.folder / "diana.db").is_file()


@pytest.mark.parametrize("story", ["diana", "first-steps"])
def test_a_shipped_story_is_played_to_an_ending(
    story: str, installed: Installed, shipped: Path
) -> None:
    playthroughs = sorted((shipped / story / "tests").glob("*.yaml"))
    assert playthroughs
    played = installed.diana("play", shipped / story, "--playthrough", playthroughs[0])
    assert "ending" in played.lower()


def test_the_story_of_the_readme_is_proved_to_have_its_flaw(installed: Installed) -> None:
    [story] = re.findall(
        r"^```yaml\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    (installed.folder / "door").mkdir()
    file = installed.folder / "door" / "story.yaml"
    file.write_text(story, encoding="utf-8")
    found = installed.run("diana", "check", "--strict", "door")
    assert (found.returncode, found.stdout.partition(":")[0]) == (1, "error[DIA501]")
    mended = [line for line in story.splitlines(keepends=True) if "the dog, effects" not in line]
    file.write_text("".join(mended), encoding="utf-8")
    installed.diana("check", "--strict", "door")


def test_the_command_is_imported_without_what_takes_long(installed: Installed) -> None:
    trace = installed.python("import diana_cli.main", "-X", "importtime").stderr
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in trace.splitlines()}
    assert "diana_cli" in loaded
    assert not loaded & HEAVY


def test_a_mistake_is_told_without_a_traceback(installed: Installed) -> None:
    (installed.folder / "broken").mkdir()
    (installed.folder / "broken" / "story.yaml").write_text("story: [", encoding="utf-8")
    result = installed.run("diana", "check", "broken")
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert "story.yaml" in result.stdout + result.stderr
