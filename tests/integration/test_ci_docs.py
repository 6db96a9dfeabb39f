"""docs/ci.md, its workflow and its hooks: what they tell people to write is run here, as it will be there."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
WORKFLOW_TEXT = (ROOT / "docs" / "github-workflow.yml").read_text(encoding="utf-8")
WORKFLOW: dict[Any, Any] = yaml.safe_load(WORKFLOW_TEXT)
HOOKS: list[dict[str, Any]] = yaml.safe_load(
    (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
)
STORY = "stories/my-story"
# What pre-commit takes for granted where a hook does not say otherwise.
DEFAULTS = {"pass_filenames": True, "always_run": False, "args": []}


def shown(mark: str, language: str) -> list[str]:
    """Return what the page shows in a block of `language` after each `<!-- mark -->`."""
    return re.findall(
        rf"<!-- {mark} -->\n```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL
    )


@pytest.fixture(params=["sound", "broken"])
def story(request: pytest.FixtureRequest, tmp_path: Path) -> bool:
    """Lay the shipped story where the examples expect one; return whether it is sound."""
    shutil.copytree(ROOT / "stories" / "first-steps", tmp_path / STORY)
    if request.param == "broken":
        path = tmp_path / STORY / "story.yaml"
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"(?m)^start: .*", "start: nowhere", text), encoding="utf-8")
    return request.param == "sound"


def run(line: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a line of shell, with this environment's `diana`."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-e", "-c", line],
        cwd=folder,
        env={**os.environ, "PATH": path, **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


# The workflow


def steps() -> list[dict[str, Any]]:
    [job] = WORKFLOW["jobs"].values()
    return job["steps"]


def test_the_page_shows_the_workflow_as_it_is() -> None:
    assert shown("workflow", "yaml") == [WORKFLOW_TEXT]


def test_the_workflow_runs_on_every_change_and_may_upload() -> None:
    assert set(WORKFLOW[True]) == {"push", "pull_request"}  # YAML 1.1 reads `on` as true
    assert WORKFLOW["permissions"]["security-events"] == "write"


def test_the_workflow_installs_what_this_project_is_called() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    installs = [step["run"] for step in steps() if "pip install" in step.get("run", "")]
    assert installs == [f"python -m pip install {project['name']}"]


def test_the_lines_of_the_workflow_do_what_they_say(story: bool, tmp_path: Path) -> None:
    check, report = [step for step in steps() if "diana check" in step.get("run", "")]
    checked = run(check["run"], tmp_path, STORY=STORY)
    assert checked.returncode == (0 if story else 1), checked.stderr
    assert checked.stdout.startswith("" if story else f"::error file={STORY}/story.yaml,line=")
    written = run(report["run"], tmp_path, STORY=STORY)
    assert written.returncode == (0 if story else 1), written.stderr
    [upload] = [step for step in steps() if "upload-sarif" in step.get("uses", "")]
    [sarif] = json.loads((tmp_path / upload["with"]["sarif_file"]).read_text("utf-8"))["runs"]
    assert bool(sarif["results"]) is not story


def test_a_failed_check_is_uploaded_all_the_same() -> None:
    _, report, upload = steps()[-3:]
    assert "!cancelled()" in report["if"]
    assert "!cancelled()" in upload["if"]
    assert report["continue-on-error"] is True


# Other build servers


def test_the_commands_of_the_page_do_what_they_say(story: bool, tmp_path: Path) -> None:
    [session] = shown("run", "console")
    for line in re.findall(r"^\$ (.*)$", session, re.MULTILINE):
        assert run(line, tmp_path).returncode == (0 if story else 1)
    assert (tmp_path / "diana.xml").is_file()


def test_every_format_is_told() -> None:
    from diana_cli.reports import FORMATS

    assert re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE) == list(FORMATS)


# The hooks


def hook_of(config: str) -> dict[str, Any]:
    """Return the one hook of a configuration, completed from the repository's own list."""
    [repository] = yaml.safe_load(config)["repos"]
    [written] = repository["hooks"]
    if repository["repo"] == "local":
        return DEFAULTS | written
    [offered] = [hook for hook in HOOKS if hook["id"] == written["id"]]
    return DEFAULTS | offered | written


def called(hook: dict[str, Any], folder: Path) -> subprocess.CompletedProcess[str]:
    """Call a hook as pre-commit does: its entry, its arguments, then the files that changed."""
    changed = [path.relative_to(folder).as_posix() for path in folder.rglob("*.yaml")]
    files = changed if hook["pass_filenames"] else []
    return run(shlex.join([*shlex.split(hook["entry"]), *hook["args"], *files]), folder)


@pytest.mark.parametrize("config", shown("hook", "yaml"), ids=["installed", "local"])
def test_a_hook_lets_only_a_sound_story_pass(config: str, story: bool, tmp_path: Path) -> None:
    result = called(hook_of(config), tmp_path)
    assert result.returncode == (0 if story else 1), result.stderr


def test_without_arguments_the_story_is_in_the_root(story: bool, tmp_path: Path) -> None:
    [hook] = HOOKS
    assert called(DEFAULTS | hook, tmp_path / STORY).returncode == (0 if story else 1)


def test_pre_commit_takes_the_hooks_and_the_configurations(tmp_path: Path) -> None:
    configs = []
    for number, config in enumerate(shown("hook", "yaml")):
        configs.append(tmp_path / f"{number}.yaml")
        configs[-1].write_text(config, encoding="utf-8")
    for arguments in (
        ["validate-manifest", ROOT / ".pre-commit-hooks.yaml"],
        ["validate-config", *configs],
    ):
        command = [sys.executable, "-m", "pre_commit", *arguments]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (result.returncode, result.stdout) == (0, ""), result.stdout + result.stderr
