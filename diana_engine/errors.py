"""What went wrong outside a story, told so that the person who runs Diana can mend it.

Mistakes *in* a story are never exceptions: they are diagnostics, which are values. An exception of
this family is for what surrounds the story: a setting, a file, a database, a token.
"""

__all__ = ["DianaError"]


class DianaError(Exception):
    """An error that an operator or writer can act on.

    Its message is shown as it stands, without a traceback, so it says what was seen, where, and
    what would make it right. It never holds a secret.
    """
