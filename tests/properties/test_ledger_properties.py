"""The ledger under any sequence of steps: balances are sums, nothing falls below nothing, and a reason pays once.

`DIANA_LEDGER_EXAMPLES` makes it longer: 480 examples of 50 operations are the 24,000 that the promise speaks of.
"""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from diana_engine.database.connect import open_database
from diana_engine.database.memory import MemoryStore
from diana_engine.database.port import Entry, LedgerError, PlayKey, UpdateId
from diana_engine.database.ports.store import Store
from diana_engine.database.stores import store_on
from strategies.steps import Steps, play

PLAYERS = st.sampled_from(["ana", "bea", "cai"])
POINTS = st.sampled_from(["coins", "gems"])
AMOUNTS = st.integers(-9, 9).filter(bool)


class Ledger(RuleBasedStateMachine):
    """Awards, costs, gifts and repetitions, one at a time and many at once, beside a model that is a dictionary."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.store: Store = self.loop.run_until_complete(self.open())
        self.steps = Steps(self.store)
        self.balances: Counter[tuple[str, str]] = Counter()
        self.sequences: Counter[str] = Counter()
        self.gifts: set[tuple[str, str]] = set()
        self.updates = 0

    async def open(self) -> Store:
        return MemoryStore(lambda: 1_000)

    async def close(self) -> None:
        """Close what was opened."""

    def teardown(self) -> None:
        self.loop.run_until_complete(self.close())
        self.loop.close()

    def pay(self, who: str, *entries: Entry) -> None:
        """Make a step with entries, and expect of it what the model says."""
        after = self.balances.copy()
        keys = [entry.key for entry in entries if entry.key is not None]
        for entry in entries:
            after[who, entry.points] += entry.amount
        self.updates += 1
        made = self.steps.make(who=who, delivery=UpdateId(self.updates), entries=entries)
        fits = (
            all(amount >= 0 for amount in after.values())
            and len(set(keys)) == len(keys)
            and not any((who, key) in self.gifts for key in keys)
        )
        if fits:
            stored = self.loop.run_until_complete(made)
            self.balances = after
            self.sequences[who] += 1
            self.gifts.update((who, key) for key in keys)
            assert stored.record.sequence == self.sequences[who]
        else:
            with pytest.raises(LedgerError):
                self.loop.run_until_complete(made)

    @rule(who=PLAYERS, points=POINTS, amount=AMOUNTS)
    def change(self, who: str, points: str, amount: int) -> None:
        self.pay(who, Entry(points, amount, "step"))

    @rule(who=PLAYERS, amounts=st.lists(st.tuples(POINTS, AMOUNTS), min_size=2, max_size=4))
    def several(self, who: str, amounts: list[tuple[str, int]]) -> None:
        self.pay(who, *(Entry(points, amount, "step") for points, amount in amounts))

    @rule(who=PLAYERS, key=st.sampled_from(["gift:1", "gift:2", "gift:3"]))
    def give(self, who: str, key: str) -> None:
        self.pay(who, Entry("coins", 5, "gift", key))

    @rule(who=PLAYERS)
    def repeat(self, who: str) -> None:
        if not self.updates:
            return
        update = UpdateId(10**6 + self.updates)
        for expected in (False, True):
            entries = (Entry("gems", 1, "once"),)
            made = self.steps.make(who=who, delivery=update, entries=entries)
            assert self.loop.run_until_complete(made).repeated == expected
            self.updates += 0 if expected else 1
        self.balances[who, "gems"] += 1
        self.sequences[who] += 1

    @rule(amount=st.integers(1, 3))
    def all_at_once(self, amount: int) -> None:
        async def together() -> None:
            entries = (Entry("coins", amount, "rain"),)
            await asyncio.gather(
                *(self.steps.make(who=who, entries=entries) for who in ("ana", "bea", "cai") * 2)
            )

        self.loop.run_until_complete(together())
        for who in ("ana", "bea", "cai"):
            self.balances[who, "coins"] += 2 * amount
            self.sequences[who] += 2

    @invariant()
    def balances_are_sums_and_reasons_pay_once(self) -> None:
        for who in ("ana", "bea", "cai"):
            posted, balances = self.loop.run_until_complete(self.seen(play(who)))
            sums: Counter[str] = Counter()
            for one in posted:
                sums[one.entry.points] += one.entry.amount
            keys = [one.entry.key for one in posted]
            assert len(set(keys)) == len(keys)
            expected = {
                points: n for (whose, points), n in self.balances.items() if whose == who and n
            }
            assert {points: n for points, n in sums.items() if n} == expected
            assert {points: n for points, n in balances.items() if n} == expected
            assert min(balances.values(), default=0) >= 0

    async def seen(self, one: PlayKey):
        return await self.store.history.ledger(one), await self.store.history.balances(one)


class LedgerOfSqlite(Ledger):
    """The same on a file."""

    async def open(self) -> Store:
        self.folder = TemporaryDirectory()
        self.database = await open_database(str(Path(self.folder.name) / "diana.db"))
        return store_on(self.database, lambda: 1_000)

    async def close(self) -> None:
        await self.database.close()
        self.folder.cleanup()


def examples(normal: int) -> settings:
    """Return how much is tried: every step of the machine is an operation."""
    wanted = int(os.environ.get("DIANA_LEDGER_EXAMPLES", normal))
    return settings(
        max_examples=wanted,
        stateful_step_count=50,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


TestLedger = Ledger.TestCase
TestLedger.settings = examples(30)
TestLedgerOfSqlite = LedgerOfSqlite.TestCase
TestLedgerOfSqlite.settings = examples(4)
