"""Settings that come from outside a story: the command line, the environment, an env file.

Plain `os.environ` does: a settings framework would cost every command its import time to read
a few variables. Nothing is read when this module is imported, so a test or an env file may still set
what a command reads. Messages name a variable and a place, never a value: a value may be a token,
or a URL with a password in it.
"""

import os
import re
import sys
from pathlib import Path

from diana_engine.errors import DianaError

__all__ = [
    "BOT_TOKEN",
    "CACHE",
    "DATABASE",
    "WEBHOOK_SECRET",
    "bot_token",
    "cache_folder",
    "database_url",
    "load_env_file",
    "webhook_secret",
]

BOT_TOKEN = "DIANA_BOT_TOKEN"  # noqa: S105 - the variable's name, not a token
DATABASE = "DIANA_DATABASE"
CACHE = "DIANA_CACHE"
WEBHOOK_SECRET = "DIANA_WEBHOOK_SECRET"  # noqa: S105 - the variable's name, not a secret

_DEFAULT_DATABASE = "diana.db"
# SQLAlchemy dropped `postgres`, which hosting services still hand out.
_BACKENDS = {"sqlite": "sqlite", "postgresql": "postgresql", "postgres": "postgresql"}

_URL = re.compile(r"(?P<backend>[A-Za-z][A-Za-z0-9]*)(?P<driver>\+\w+)?://")
# The two halves BotFather hands out. Their lengths are Telegram's to change, so they are not tested.
_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")
# What Telegram takes as a secret; and no shorter than what nobody can try out.
_SECRET = re.compile(r"[A-Za-z0-9_-]{16,256}")
_ASSIGNMENT = re.compile(r"(?:export[ \t]+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)[ \t]*=(?P<value>.*)")
_QUOTED = re.compile(r"""(?P<quote>['"])(?P<text>.*?)(?P=quote)[ \t]*(?:#.*)?""")
_COMMENT = re.compile(r"(?:^|[ \t])#.*")


def database_url(explicit: str | None) -> str:
    """Return the URL of the database that holds stories and players.

    The first that is there counts: `explicit` (an option), `DIANA_DATABASE`, `diana.db` in the
    current folder. A bare path means a SQLite file. The URL names the backend, with the driver only
    if the operator named one; the database package chooses its own otherwise.

    Raises:
        DianaError: the URL names a database that Diana cannot use, or lacks its slashes, or the path
            holds a `?`.
    """
    named = (explicit or "").strip() or os.environ.get(DATABASE, "").strip() or _DEFAULT_DATABASE
    url = _URL.match(named)
    if url is None:
        return _sqlite_url(named)
    backend = _BACKENDS.get(url["backend"].lower())
    if backend is None:
        raise DianaError(
            f"Diana keeps its data in SQLite or PostgreSQL, and this database URL begins with "
            f"`{url[0]}`. Write a file's path, `sqlite:///diana.db` or "
            f"`postgresql://user:password@host/name`."
        )
    return f"{backend}{url['driver'] or ''}://{named[url.end() :]}"


def _sqlite_url(path: str) -> str:
    if path.partition(":")[0].partition("+")[0].lower() in _BACKENDS:
        raise DianaError(
            "This database URL lacks the two slashes after its colon. Write a file's path, "
            "`sqlite:///diana.db` or `postgresql://user:password@host/name`."
        )
    if "?" in path:
        raise DianaError(
            f"The database's path `{path}` holds a `?`, where a database URL would begin its "
            f"options. Choose a path without one."
        )
    home = os.path.expanduser(path)  # noqa: PTH111 - Path's raises where there is no home
    return f"sqlite:///{home}"


def cache_folder() -> Path | None:
    """Return the folder for what may be made anew at any time: `DIANA_CACHE`, or where this system keeps such things.

    `None` where the system says nothing, as for a user without a home.
    """
    if named := os.environ.get(CACHE, "").strip():
        return Path(os.path.expanduser(named))  # noqa: PTH111 - Path's raises where there is no home
    if os.name == "nt":
        local = os.environ.get("LOCALAPPDATA", "")
        return Path(local) / "diana" / "cache" if local else None
    named = os.environ.get("XDG_CACHE_HOME", "").strip()
    if Path(named).is_absolute():
        return Path(named) / "diana"
    home = os.path.expanduser("~")  # noqa: PTH111 - as above
    caches = "Library/Caches" if sys.platform == "darwin" else ".cache"
    return Path(home) / caches / "diana" if Path(home).is_absolute() else None


def bot_token() -> str:
    """Return the Telegram bot's token from `DIANA_BOT_TOKEN`.

    Raises:
        DianaError: the variable is missing, or its value cannot be a token. The message does not
            show the value.
    """
    token = os.environ.get(BOT_TOKEN, "").strip()
    if not token:
        raise DianaError(
            f"There is no bot token. Ask @BotFather on Telegram for one, then set {BOT_TOKEN} in "
            f"the environment, or write the line `{BOT_TOKEN}=<token>` in an env file."
        )
    if _TOKEN.fullmatch(token) is None:
        raise DianaError(
            f"The value of {BOT_TOKEN} is no bot token. A token is digits, a colon, then letters, "
            f"digits, `_` or `-`, in one piece, as in `123456789:AAE_x-1`. Copy it from @BotFather "
            f"again."
        )
    return token


def webhook_secret(explicit: str | None) -> str:
    """Return the secret that Telegram must show with every update: `explicit` (an option), else `DIANA_WEBHOOK_SECRET`.

    Raises:
        DianaError: there is none, or it cannot be one. The message does not show the value.
    """
    secret = (explicit or os.environ.get(WEBHOOK_SECRET, "")).strip()
    if not secret:
        raise DianaError(
            f"A webhook needs a secret, or anybody could send updates in your players' names. Make one up, such as with "
            f"`openssl rand -hex 32`, and set {WEBHOOK_SECRET}."
        )
    if _SECRET.fullmatch(secret) is None:
        raise DianaError(
            f"The value of {WEBHOOK_SECRET} is no secret that Telegram takes. It is 16 to 256 letters, digits, `_` or `-`."
        )
    return secret


def load_env_file(path: Path) -> tuple[str, ...]:
    """Put the assignments of an env file into the environment, where they are not set already.

    A line is `NAME=VALUE`, blank, or a `#` comment; `export` may stand before the name, quotes
    around the value; ` #` begins a comment after a value without quotes. Nothing is expanded. What
    the real environment says, even an empty value, is never overridden, and within the file the
    last assignment of a name counts. A file with a mistake sets nothing.

    Returns:
        The names that were set, in the order of the file.

    Raises:
        DianaError: the file cannot be read, is not UTF-8, or has a line that is no assignment.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(_text(path).split("\n"), start=1):
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            name, value = _parse(stripped, f"{path}, line {number}")
            found[name] = value
    new = {name: value for name, value in found.items() if name not in os.environ}
    os.environ.update(new)
    return tuple(new)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise DianaError(f"The env file {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError:
        # The cause would carry the file's bytes, secrets included, into a traceback.
        raise DianaError(f"The env file {path} is not UTF-8 text. Save it as UTF-8.") from None


def _parse(line: str, place: str) -> tuple[str, str]:
    assignment = _ASSIGNMENT.fullmatch(line)
    if assignment is None or "\0" in line:
        raise DianaError(f"{place}: this is no setting. A line says `NAME=VALUE`.")
    return assignment["name"], _value(assignment["value"].strip(), place)


def _value(written: str, place: str) -> str:
    if not written.startswith(("'", '"')):
        return _COMMENT.sub("", written).rstrip()
    quoted = _QUOTED.fullmatch(written)
    if quoted is None:
        raise DianaError(
            f"{place}: the value begins with a quote that does not end with the value. Close it, "
            f"or write the value without quotes."
        )
    return quoted["text"]
