"""Whether a worker is fit to be given work: questions with a time limit, asked when somebody wants to know."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from diana_engine.errors import DianaError

__all__ = ["Check", "Readiness"]

Check = Callable[[], Awaitable[str | None]]
"""Returns what is wrong, in a few words, or `None`; what it raises is wrong too."""


@dataclass(slots=True)
class Readiness:
    """The checks by name. While `closing`, a worker finishes what it has and wants nothing more."""

    checks: Mapping[str, Check]
    seconds: float = 1.0
    closing: bool = field(default=False)

    async def look(self) -> tuple[bool, dict[str, str]]:
        """Return whether all is well, and what each check says."""
        said = await asyncio.gather(*(self._ask(check) for check in self.checks.values()))
        found = {name: wrong or "ok" for name, wrong in zip(self.checks, said, strict=True)}
        if self.closing:
            found["worker"] = "stopping"
        return not self.closing and not any(said), found

    async def _ask(self, check: Check) -> str | None:
        try:
            async with asyncio.timeout(self.seconds):
                return await check()
        except TimeoutError:
            return f"no answer within {self.seconds:g} s"
        except DianaError as error:
            return str(error)
        except Exception as error:  # noqa: BLE001 - whoever asks is told, and asks again
            return type(error).__name__
