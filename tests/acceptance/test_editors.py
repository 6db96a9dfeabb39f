"""An editor that speaks to yaml-language-server knows the story language by the first line of a file."""

from __future__ import annotations

import json
import queue
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from diana_cli.main import main
from diana_cli.schemas import write_schemas

SERVER = "yaml-language-server@1.25.0"
STORIES = Path(__file__).parents[2] / "stories"
PATIENCE = 60.0
"""Seconds for one answer; it takes a hundredth of that."""

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.skipif(
        shutil.which("npm") is None or shutil.which("node") is None,
        reason="yaml-language-server needs node and npm",
    ),
]


class Editor:
    """An editor as the server sees it: the Language Server Protocol over its standard input and output."""

    def __init__(self, command: list[str], folder: Path) -> None:
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder
        )
        self.heard: queue.Queue[dict[str, Any]] = queue.Queue()
        self.asked = 0
        self.listener = threading.Thread(target=self.listen, daemon=True)
        self.listener.start()
        capabilities = {
            "textDocument": {"hover": {"contentFormat": ["plaintext"]}, "completion": {}},
            "workspace": {"configuration": True},
        }
        self.ask(
            "initialize",
            {"processId": None, "rootUri": folder.as_uri(), "capabilities": capabilities},
        )
        self.say({"method": "initialized", "params": {}})

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.kill()
        self.listener.join()
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()

    def listen(self) -> None:
        assert self.process.stdout is not None
        while header := self.process.stdout.readline():
            size = int(header.split(b":")[1])
            while self.process.stdout.readline() != b"\r\n":
                pass
            self.heard.put(json.loads(self.process.stdout.read(size)))

    def say(self, message: dict[str, Any]) -> None:
        assert self.process.stdin is not None
        data = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(data), data))
        self.process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        """Return the next message that asks for nothing; the server's questions get an answer on the way."""
        while True:
            message = self.heard.get(timeout=PATIENCE)
            if "id" not in message or "method" not in message:
                return message
            wanted = message["params"].get("items") if message.get("params") else None
            self.say({"id": message["id"], "result": [None for _ in wanted] if wanted else None})

    def ask(self, method: str, parameters: dict[str, Any]) -> Any:
        self.asked += 1
        self.say({"id": self.asked, "method": method, "params": parameters})
        while (message := self.hear()).get("id") != self.asked:
            pass
        assert "error" not in message, message
        return message["result"]

    def open(self, path: Path) -> list[str]:
        """Open a file; return what the server finds in it."""
        document = {"uri": path.as_uri(), "languageId": "yaml", "version": 1}
        document["text"] = path.read_text(encoding="utf-8")
        self.say({"method": "textDocument/didOpen", "params": {"textDocument": document}})
        while (message := self.hear()).get("method") != "textDocument/publishDiagnostics":
            pass
        assert message["params"]["uri"] == path.as_uri()
        return [one["message"] for one in message["params"]["diagnostics"]]

    def at(self, method: str, path: Path, line: int, character: int) -> Any:
        position = {"line": line, "character": character}
        return self.ask(method, {"textDocument": {"uri": path.as_uri()}, "position": position})


@pytest.fixture(scope="module")
def server(pytestconfig: pytest.Config) -> list[str]:
    """Return the command of the language server, which is installed once and kept."""
    assert pytestconfig.cache is not None
    home = pytestconfig.cache.mkdir(SERVER.replace("@", "-"))
    script = home / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
    if not script.exists():
        command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(home), SERVER]
        made = subprocess.run(command, capture_output=True, text=True, check=False)
        if made.returncode:
            pytest.skip(f"npm cannot install {SERVER}: {made.stderr.strip()[-200:]}")
    return ["node", str(script), "--stdio"]


@pytest.fixture
def editor(server: list[str], tmp_path: Path) -> Iterator[Editor]:
    opened = Editor(server, tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def story(tmp_path: Path) -> Path:
    made = CliRunner().invoke(main, ["new", str(tmp_path / "tale")])
    assert made.exit_code == 0, made.output
    return tmp_path / "tale"


@pytest.mark.parametrize("name", ["diana", "first-steps"])
def test_the_shipped_stories_show_no_problem(name: str, editor: Editor, tmp_path: Path) -> None:
    folder = tmp_path / name
    shutil.copytree(STORIES / name, folder)
    write_schemas(folder / ".diana", ("story", "chapter", "playthrough"))
    kinds = {"chapters": "chapter", "tests": "playthrough"}
    for path in sorted(folder.rglob("*.yaml")):
        inside = path.relative_to(folder).parts
        schema = f"{'../' * (len(inside) - 1)}.diana/{kinds.get(inside[0], 'story')}.schema.json"
        text = path.read_text(encoding="utf-8")
        path.write_text(f"# yaml-language-server: $schema={schema}\n{text}", encoding="utf-8")
        assert editor.open(path) == [], path


def test_a_new_story_shows_no_problem_in_any_of_its_files(editor: Editor, story: Path) -> None:
    files = sorted(story.rglob("*.yaml"))
    assert len(files) >= 3
    assert [editor.open(path) for path in files] == [[] for _ in files]


def test_a_misspelt_key_is_a_problem(editor: Editor, story: Path) -> None:
    path = next(iter(sorted((story / "chapters").iterdir())))
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("    choices:", "    chioces:", 1), encoding="utf-8")
    assert any("chioces" in message for message in editor.open(path))


def test_the_keys_that_are_missing_are_offered(editor: Editor, story: Path) -> None:
    path = story / "story.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    editor.open(path)
    offered = editor.at("textDocument/completion", path, len(lines), 0)["items"]
    labels = {one["label"] for one in offered}
    assert {"time_zone", "characters", "checks"} <= labels
    assert "title" not in labels


def test_a_key_shows_what_it_means(editor: Editor, story: Path) -> None:
    path = story / "story.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    editor.open(path)
    line = next(number for number, text in enumerate(lines) if text.startswith("start:"))
    shown = editor.at("textDocument/hover", path, line, 2)["contents"]["value"]
    assert "Where it begins." in shown
