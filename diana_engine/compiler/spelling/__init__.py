"""Where each character of a value stands in its file: YAML's rules of quotes, folds and blocks, read once more."""

from diana_engine.compiler.spelling.pieces import Style, Written
from diana_engine.compiler.spelling.tokens import Spelling, spelling

__all__ = ["Spelling", "Style", "Written", "spelling"]
