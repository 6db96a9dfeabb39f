"""How the command ends when something comes in between, in processes of its own."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"aiogram", "sqlalchemy", "networkx", "yaml", "jsonschema", "asyncio"}
RUN = "from diana_cli.main import main; main(prog_name='diana')"
# A command that fails in a way of its own, put into the place of a real one.
FAIL = """
import click, sys, types
@click.command("check", context_settings={{"ignore_unknown_options": True}})
@click.argument("rest", nargs=-1)
def command(rest):
    {body}
sys.modules["diana_cli.commands.check"] = module = types.ModuleType("check")
module.command = command
from diana_cli.main import main
main(prog_name="diana")
"""


def python(code: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run Python code in a process, with nothing set that the test did not set."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DIANA_")}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**kept, "PYTHONIOENCODING": "utf-8", **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def failing(body: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `diana check` with a command that does `body`."""
    return python(FAIL.format(body=body), "check", **environment)


def test_help_waits_for_nothing_heavy() -> None:
    code = f"import atexit, sys; atexit.register(lambda: print(*sys.modules)); {RUN}"
    result = python(code, "--help")
    assert result.returncode == 0, result.stderr
    loaded = {name.partition(".")[0] for name in result.stdout.split()}
    assert "diana_cli" in loaded
    assert not loaded & HEAVY


@pytest.mark.parametrize(
    "arguments", [["check", "x"], ["schema"], ["explain"], ["new", "x"], ["compile", "--help"]]
)
def test_no_command_but_the_bot_loads_aiogram(arguments: list[str], tmp_path: Path) -> None:
    told = "atexit.register(lambda: print('aiogram' in sys.modules))"
    code = f"import atexit, os, sys; os.chdir({str(tmp_path)!r}); {told}; {RUN}"
    assert python(code, *arguments).stdout.endswith("False\n")


def test_a_mistake_of_our_own_is_an_apology_and_a_file(tmp_path: Path) -> None:
    result = failing(
        "raise LookupError('a secret 123456789:AAEabcdefghijklmnopqrstuvw')", TMPDIR=str(tmp_path)
    )
    assert (result.returncode, result.stdout) == (70, "")
    told = re.fullmatch(
        r"Sorry, this is a mistake of Diana's own \(LookupError\)\. "
        r"The details are in (\S+)\. Please report it with them\.\n",
        result.stderr,
    )
    assert told
    kept = Path(told[1])
    assert kept.parent == tmp_path
    details = kept.read_text(encoding="utf-8")
    assert "Traceback" in details
    assert "LookupError: a secret ***" in details


def test_the_details_never_hold_the_token_or_a_password(tmp_path: Path) -> None:
    result = failing(
        "raise ValueError('https://x/botTOKEN1/ postgresql://me:pass@word@host/x')",
        TMPDIR=str(tmp_path),
        DIANA_BOT_TOKEN="TOKEN1",
    )
    assert result.returncode == 70
    [kept] = tmp_path.iterdir()
    assert "https://x/bot***/ postgresql://me:***@host/x" in kept.read_text(encoding="utf-8")
    assert "TOKEN1" not in kept.read_text(encoding="utf-8")


def test_who_asks_for_it_sees_the_traceback(tmp_path: Path) -> None:
    result = failing("raise LookupError('x')", DIANA_DEBUG="1", TMPDIR=str(tmp_path))
    assert result.returncode == 70
    assert "Traceback" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_an_error_an_operator_can_mend_is_one_clear_line() -> None:
    result = failing(
        "from diana_engine.errors import DianaError; raise DianaError('No \\x1b[2J\\nday.')"
    )
    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == "error: No <U+001B>[2J day.\n"


def test_what_a_command_returns_is_its_exit_status() -> None:
    assert failing("return 1").returncode == 1
    assert failing("return None").returncode == 0


@pytest.mark.parametrize("ending", ["KeyboardInterrupt", "click.Abort"])
def test_an_interrupted_command_ends_quietly(ending: str) -> None:
    result = failing(f"raise {ending}")
    assert (result.returncode, result.stdout, result.stderr.strip()) == (130, "", "")


@pytest.mark.skipif(os.name == "nt", reason="sends a signal as a terminal on Unix does")
def test_ctrl_c_ends_with_130_and_without_a_traceback() -> None:
    # What starts the tests in the background lets them ignore the signal, and so would the command.
    code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)" + FAIL.format(
        body="import time; print('here', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, "check"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "here\n"
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert told.strip() == ""


@pytest.mark.skipif(os.name == "nt", reason="pipes break otherwise there")
@pytest.mark.parametrize("arguments", [["explain"], ["schema", "story"], ["--help"]])
def test_a_reader_that_stops_reading_is_no_reason_to_complain(arguments: list[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    with subprocess.Popen(
        [sys.executable, "-c", RUN, *arguments], stdout=write, stderr=subprocess.PIPE, text=True
    ) as process:
        os.close(write)
        _, told = process.communicate(timeout=30)
    assert told == ""
    assert process.returncode in (1, 141)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_told_in_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        result = subprocess.run(
            [sys.executable, "-c", RUN, "explain"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert result.returncode == 1
    assert re.fullmatch(r"error: The output cannot be written: .*\.\n", result.stderr)


@pytest.mark.skipif(os.name == "nt", reason="closes a stream as a shell on Unix does")
def test_a_closed_output_is_no_mistake_of_ours() -> None:
    command = f'"{sys.executable}" -c "{RUN}" schema >&-'
    result = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert result.returncode in (0, 1)
    assert "Traceback" not in result.stderr
    assert "Sorry" not in result.stderr


def test_a_narrow_terminal_gets_escapes_instead_of_failing(tmp_path: Path) -> None:
    story = tmp_path / "story.yaml"
    story.write_text("story: x\ntítulo: «日本»\n", encoding="utf-8")
    result = python(RUN, "check", str(story), PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert result.returncode == 1
    assert "t\\xedtulo" in result.stdout
    assert result.stderr == ""
