"""`diana play` at a real terminal: a person chooses, takes back, presses Ctrl-C, and goes on later."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from diana_engine.adapters.terminal.saves import load

pytest.importorskip("termios", reason="there are no pseudo-terminals here")

STORY = """\
story: puerta
title: La puerta
language: es
start: hall
variables: {pasos: {type: number}}
fragments:
  hall:
    text: Una puerta cerrada. Has dado {pasos} pasos. ||Detrás está el mar.||
    choices:
      - id: wait
        text: Esperar
        effects: [pasos += 1]
        to: hall
      - id: open
        text: Abrir
        to: sea
  sea: {text: El mar., ending: mar}
"""
# The process takes the terminal as its own, or Ctrl-C would reach nobody.
CODE = """\
import fcntl, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from diana_cli.main import main
main(prog_name="diana")
"""
PATIENCE = 30.0
"""Real seconds for what takes far less than one, on a busy machine."""


class Terminal:
    """A process at a pseudo-terminal, what it has shown so far, and what of that was not looked at yet."""

    def __init__(self, arguments: list[str], folder: Path, **environment: str) -> None:
        self._master, slave = os.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", CODE, *arguments],
            cwd=folder,
            env={**os.environ, "TERM": "dumb", **environment},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
        )
        os.close(slave)
        self.shown = ""
        self._seen = 0

    def see(self, text: str) -> str:
        """Wait until `text` is shown, and return all up to it that was not looked at before."""
        until = time.monotonic() + PATIENCE
        while text not in self.shown[self._seen :]:
            assert time.monotonic() < until, f"{text!r} is not shown:\n{self.shown}"
            assert self._read(0.2), f"it ended without showing {text!r}:\n{self.shown}"
        start, self._seen = self._seen, self.shown.index(text, self._seen) + len(text)
        return self.shown[start : self._seen]

    def type(self, line: str) -> None:
        """Type a line once the prompt is there."""
        self.see("> ")
        self.press(f"{line}\n")

    def press(self, keys: str) -> None:
        """Press keys."""
        os.write(self._master, keys.encode())

    def interrupt(self) -> None:
        """Press Ctrl-C once it waits for a key.

        Python's `input` shows its prompt some microseconds before it listens, and a signal in between is only seen with
        the next key. No person is that quick; a test is.
        """
        before, quiet = "", 0
        until = time.monotonic() + PATIENCE
        while quiet < 5 and time.monotonic() < until:
            time.sleep(0.02)
            now = self._worked()
            quiet = quiet + 1 if now == before else 0
            before = now
        self.press("\x03")

    def _worked(self) -> str:
        """Return the state and the processor time of the process, where the system tells them."""
        stat = Path(f"/proc/{self.process.pid}/stat")
        if not stat.exists():
            return ""
        fields = stat.read_text().rpartition(")")[2].split()
        return " ".join((fields[0], *fields[11:13]))

    def end(self) -> int:
        """Wait for the end and return the exit status."""
        until = time.monotonic() + PATIENCE
        while self._read(0.2):
            assert time.monotonic() < until, f"it does not end:\n{self.shown}"
        status = self.process.wait(PATIENCE)
        assert "Traceback" not in self.shown, self.shown
        return status

    def close(self) -> None:
        """End the process if need be."""
        self.process.kill()
        self.process.wait()
        os.close(self._master)

    def _read(self, seconds: float) -> bool:
        """Read what there is; return whether there may be more."""
        ready, _, _ = select.select([self._master], [], [], seconds)
        if not ready:
            return True
        try:
            data = os.read(self._master, 65536)
        except OSError:  # Linux says so where the other side is closed
            return False
        self.shown += data.decode().replace("\r\n", "\n")
        return bool(data)


Sit = Callable[..., Terminal]


@pytest.fixture
def sit(tmp_path: Path) -> Iterator[Sit]:
    """Sit down at a terminal and play the story; a game is saved below the temporary folder."""
    (tmp_path / "puerta").mkdir()
    (tmp_path / "puerta" / "story.yaml").write_text(STORY, encoding="utf-8")
    used: list[Terminal] = []

    def sit(*arguments: str, **environment: str) -> Terminal:
        saves = str(tmp_path / "saves")
        command = ["play", "puerta", *arguments]
        used.append(Terminal(command, tmp_path, **{"DIANA_SAVES": saves, **environment}))
        return used[-1]

    yield sit
    for terminal in used:
        terminal.close()


def test_a_game_is_played_to_its_ending_and_left(sit: Sit) -> None:
    terminal = sit()
    assert "▒▒▒▒▒▒ ▒▒▒▒ ▒▒ ▒▒▒▒" in terminal.see("Escribe un número")
    terminal.type("2")
    assert "El mar." in terminal.see("La historia ha terminado.")
    terminal.type("q")
    terminal.see("Tu lugar está guardado")
    assert terminal.end() == 0


def test_ctrl_c_saves_the_game_and_it_goes_on_from_there(sit: Sit, tmp_path: Path) -> None:
    first = sit("--seed", "5")
    first.type("1")
    first.see("Has dado 1 pasos.")
    first.type("1")
    first.see("Has dado 2 pasos.")
    first.type("u")
    first.see("Has dado 1 pasos.")
    first.see("> ")
    first.interrupt()
    assert first.end() == 130
    kept = load(tmp_path / "saves" / "puerta.json")
    assert kept is not None
    assert (kept.seed, len(kept.moves)) == (5, 1)

    second = sit()
    second.see("Sigues donde estabas.")
    second.see("Has dado 1 pasos.")
    second.see("> ")
    second.press("\x04")
    assert second.end() == 0


def test_a_killed_game_has_lost_nothing(sit: Sit) -> None:
    first = sit()
    first.type("1")
    first.see("Has dado 1 pasos.")
    first.see("> ")
    first.process.send_signal(signal.SIGKILL)
    first.process.wait()
    second = sit()
    second.see("Has dado 1 pasos.")


def test_what_is_covered_is_shown_on_request(sit: Sit) -> None:
    terminal = sit()
    terminal.type("v")
    terminal.see("[Detrás está el mar.]")


def test_a_new_game_asks_first_and_keeps_the_old_one_aside(sit: Sit, tmp_path: Path) -> None:
    terminal = sit()
    terminal.type("1")
    terminal.type("r")
    terminal.see("(s/n)")
    terminal.type("n")
    terminal.see("Todo sigue como estaba.")
    terminal.type("r")
    terminal.type("s")
    terminal.see("Has dado 0 pasos.")
    terminal.type("1")
    terminal.type("q")
    assert terminal.end() == 0
    again = sit("--new")
    again.see("Has dado 0 pasos.")
    kept = load(tmp_path / "saves" / "puerta.json.previous")
    assert kept is not None
    assert len(kept.moves) == 1


def test_a_damaged_save_is_put_aside_and_told(sit: Sit, tmp_path: Path) -> None:
    saves = tmp_path / "saves"
    saves.mkdir()
    (saves / "puerta.json").write_bytes(b'{"diana_save": 1, "st')
    terminal = sit()
    terminal.see("No se puede leer tu partida guardada.")
    terminal.see("Has dado 0 pasos.")
    assert (saves / "puerta.json.damaged-1").read_bytes() == b'{"diana_save": 1, "st'


def test_a_terminal_with_colour_gets_colour_and_one_without_does_not(sit: Sit) -> None:
    plain = sit(NO_COLOR="1", TERM="xterm")
    assert not re.search(r"\x1b\[[0-9;]*m", plain.see("> "))
    coloured = sit(TERM="xterm", NO_COLOR="")
    coloured.type("2")
    assert "\x1b[1m— Fin: mar —\x1b[0m" in coloured.see("La historia ha terminado.")


def test_ctrl_c_in_the_middle_of_a_question_is_as_clean(sit: Sit) -> None:
    terminal = sit()
    terminal.type("r")
    terminal.see("(s/n)")
    terminal.see("> ")
    terminal.interrupt()
    assert terminal.end() == 130
