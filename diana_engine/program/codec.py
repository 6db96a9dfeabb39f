"""The canonical form of a program: the bytes that are stored, hashed and compared.

Equal programs give equal bytes, on every machine and in every process: UTF-8 JSON without white space, names sorted,
fields at their default left out. `FORMAT` counts the changes after which older bytes would be misread.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import cast

from diana_engine.program.model import Program
from diana_engine.program.shape import Malformed, record_of

__all__ = ["FORMAT", "decode", "digest", "encode"]

FORMAT = 1


def encode(program: Program) -> bytes:
    """Return the canonical bytes of `program`."""
    document = {"format": FORMAT, "program": record_of(Program).pack(program)}
    return json.dumps(
        document, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
    ).encode()


def decode(data: bytes) -> Program:
    """Return the program whose canonical bytes are `data`.

    Raises:
        Malformed: `data` is no program, or one that another version of Diana wrote.
    """
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Malformed(
            "This is no compiled story: it is not the JSON that Diana writes."
        ) from error
    match document:
        case {"format": int(number), "program": packed, **rest} if number == FORMAT and not rest:
            return cast(Program, record_of(Program).unpack(packed))
        case {"format": int(number)} if number != FORMAT:
            raise Malformed(
                f"This compiled story has format {number}, and this version of Diana reads format "
                f"{FORMAT}. Compile the story again."
            )
        case _:
            raise Malformed("This is no compiled story: its format is not stated.")


def digest(program: Program) -> str:
    """Return the SHA-256 of the canonical bytes, in hexadecimal: what names this very program."""
    return sha256(encode(program)).hexdigest()
