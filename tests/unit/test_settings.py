"""What Diana takes from the command line, the environment and an env file."""

import os
from pathlib import Path

import pytest

from diana_engine.errors import DianaError
from diana_engine.settings import bot_token, database_url, load_env_file


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hand each test an environment of its own, without what the machine says about Diana."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DIANA_")}
    monkeypatch.setattr(os, "environ", kept)


@pytest.fixture
def env_file(tmp_path: Path) -> Path:
    return tmp_path / "diana.env"


# The database


def test_without_a_word_the_database_is_a_file_in_the_current_folder() -> None:
    assert database_url(None) == "sqlite:///diana.db"


def test_the_environment_names_the_database() -> None:
    os.environ["DIANA_DATABASE"] = "postgresql://diana@localhost/stories"
    assert database_url(None) == "postgresql://diana@localhost/stories"


def test_an_explicit_database_comes_before_the_environment() -> None:
    os.environ["DIANA_DATABASE"] = "elsewhere.db"
    assert database_url("here.db") == "sqlite:///here.db"


@pytest.mark.parametrize("blank", ["", "  "])
def test_a_blank_name_of_a_database_counts_as_none(blank: str) -> None:
    os.environ["DIANA_DATABASE"] = blank
    assert database_url(blank) == "sqlite:///diana.db"


@pytest.mark.parametrize(
    ("named", "url"),
    [
        ("build/demo.db", "sqlite:///build/demo.db"),
        ("/srv/diana.db", "sqlite:////srv/diana.db"),
        ("C:\\diana.db", "sqlite:///C:\\diana.db"),
        (":memory:", "sqlite:///:memory:"),
        ("sqlite:///diana.db", "sqlite:///diana.db"),
        ("sqlite+aiosqlite:///diana.db", "sqlite+aiosqlite:///diana.db"),
        ("postgres://host/name", "postgresql://host/name"),
        ("PostgreSQL+asyncpg://u:p%40@host/name?x=1", "postgresql+asyncpg://u:p%40@host/name?x=1"),
    ],
)
def test_a_path_and_a_url_both_name_a_database(named: str, url: str) -> None:
    assert database_url(named) == url


def test_a_home_folder_is_found() -> None:
    os.environ["HOME"] = os.environ["USERPROFILE"] = "/home/ana"
    assert database_url("~/diana.db") == "sqlite:////home/ana/diana.db"


def test_a_home_folder_of_nobody_is_a_path_like_any_other() -> None:
    assert database_url("~nobody-of-that-name/x.db") == "sqlite:///~nobody-of-that-name/x.db"


@pytest.mark.parametrize(
    "named", ["mysql://u:secret@host/name", "https://host/diana.db", "sqlite:diana.db", "why?.db"]
)
def test_a_database_that_diana_cannot_use_is_refused_with_the_way_to_mend_it(named: str) -> None:
    with pytest.raises(DianaError, match=r"Write a file's path|Choose a path") as refusal:
        database_url(named)
    assert "secret" not in str(refusal.value)


# The bot's token


@pytest.mark.parametrize("token", ["123456789:AAE_x-1", "  42:TEST\n"])
def test_the_token_comes_from_the_environment(token: str) -> None:
    os.environ["DIANA_BOT_TOKEN"] = token
    assert bot_token() == token.strip()


@pytest.mark.parametrize("value", [None, "", "   "])
def test_a_missing_token_is_asked_for_by_the_name_of_its_variable(value: str | None) -> None:
    if value is not None:
        os.environ["DIANA_BOT_TOKEN"] = value
    with pytest.raises(DianaError, match=r"There is no bot token.*DIANA_BOT_TOKEN"):
        bot_token()


@pytest.mark.parametrize("value", ["hunter2", ":hunter2", "7231:", "12 3:hunter2", "٣:hunter2"])
def test_what_cannot_be_a_token_is_refused_and_never_shown(value: str) -> None:
    os.environ["DIANA_BOT_TOKEN"] = value
    with pytest.raises(DianaError, match="is no bot token") as refusal:
        bot_token()
    assert value not in str(refusal.value)


# The env file


def test_an_env_file_fills_what_the_environment_leaves_open(env_file: Path) -> None:
    os.environ["DIANA_DATABASE"] = "real.db"
    os.environ["DIANA_EMPTY"] = ""
    env_file.write_text("DIANA_DATABASE=file.db\nDIANA_EMPTY=full\nDIANA_BOT_TOKEN=42:TEST\n")
    assert load_env_file(env_file) == ("DIANA_BOT_TOKEN",)
    assert os.environ["DIANA_DATABASE"] == "real.db"
    assert os.environ["DIANA_EMPTY"] == ""
    assert bot_token() == "42:TEST"


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("DIANA_X=plain", "plain"),
        ("  export DIANA_X = spaced  ", "spaced"),
        ("DIANA_X=two words # and why", "two words"),
        ("DIANA_X=a#b", "a#b"),
        ("DIANA_X=a=b", "a=b"),
        ("DIANA_X=", ""),
        ("DIANA_X= # nothing", ""),
        ("DIANA_X='single # quoted'", "single # quoted"),
        ('DIANA_X="double \' quoted" # and why', "double ' quoted"),
        ('DIANA_X=""', ""),
        ("DIANA_X=$HOME", "$HOME"),
        ("DIANA_X=ñandú", "ñandú"),
    ],
)
def test_a_value_is_what_stands_after_the_sign(env_file: Path, line: str, value: str) -> None:
    env_file.write_text(line, encoding="utf-8")
    load_env_file(env_file)
    assert os.environ["DIANA_X"] == value


def test_comments_blank_lines_a_mark_and_windows_line_ends_are_fine(env_file: Path) -> None:
    env_file.write_bytes(b"\xef\xbb\xbf# ours\r\n\r\n  # indented\r\nDIANA_X=1\r\nDIANA_X=2\r\n")
    load_env_file(env_file)
    assert os.environ["DIANA_X"] == "2"


@pytest.mark.parametrize(
    "line", ["42:SECRET", "9X=SECRET", "A B=SECRET", 'X="SECRET', "X='SECRET' x", "X=SECRET\0"]
)
def test_a_line_that_sets_nothing_is_named_and_its_text_is_not_shown(
    env_file: Path, line: str
) -> None:
    env_file.write_text(f"DIANA_X=1\n{line}\n")
    with pytest.raises(DianaError, match="line 2: ") as refusal:
        load_env_file(env_file)
    assert "SECRET" not in str(refusal.value)
    assert "DIANA_X" not in os.environ


def test_an_env_file_that_is_not_there_is_an_error_with_its_name(env_file: Path) -> None:
    with pytest.raises(DianaError, match=r"diana\.env cannot be read: No such file"):
        load_env_file(env_file)


def test_an_env_file_that_is_not_utf8_is_an_error_without_its_bytes(env_file: Path) -> None:
    env_file.write_bytes(b"DIANA_BOT_TOKEN=\xff")
    with pytest.raises(DianaError, match="is not UTF-8") as refusal:
        load_env_file(env_file)
    assert refusal.value.__cause__ is None
