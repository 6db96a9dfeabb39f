"""Signatures of webhooks: who has the secret can tell that a request is Diana's, whole, and of now."""

from __future__ import annotations

import hmac
import re
from hashlib import sha256

__all__ = ["TOLERANCE", "signature", "verified"]

TOLERANCE = 300
"""Seconds that a request may be old, or young where clocks differ."""

_FORM = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")


def signature(secret: str, at: int, body: bytes) -> str:
    """Return the header for a body that is sent at a time, in seconds since 1970 in UTC.

    What is signed is the time in digits, a dot, and the body; by HMAC with SHA-256.
    """
    return f"t={at},v1={_mac(secret, at, body)}"


def verified(secret: str, header: str, body: bytes, now: int, tolerance: int = TOLERANCE) -> bool:
    """Return whether a header is the signature of a body, and not too old: what a receiver asks."""
    found = _FORM.fullmatch(header)
    if found is None or abs(now - int(found[1])) > tolerance:
        return False
    return hmac.compare_digest(_mac(secret, int(found[1]), body), found[2])


def _mac(secret: str, at: int, body: bytes) -> str:
    return hmac.new(secret.encode(), b"%d." % at + body, sha256).hexdigest()
