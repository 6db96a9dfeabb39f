"""Reading: from a story's files to nodes that know their place. The only package that knows YAML."""

from diana_engine.compiler.load.build import MAX_DEPTH, MAX_FINDINGS, MAX_VALUES
from diana_engine.compiler.load.files import MAX_BYTES, read_file, read_text
from diana_engine.compiler.load.prose import (
    comment_after_prose,
    looks_like_template,
    prose_as_mapping,
)
from diana_engine.compiler.load.story import (
    Document,
    Sources,
    load_story,
    open_story,
    read_document,
)

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_FINDINGS",
    "MAX_VALUES",
    "Document",
    "Sources",
    "comment_after_prose",
    "load_story",
    "looks_like_template",
    "open_story",
    "prose_as_mapping",
    "read_document",
    "read_file",
    "read_text",
]
