"""Players put into a database where a test wants them, without having played there."""

from __future__ import annotations

import json

from sqlalchemy import insert

from diana_engine.database.connect import Database
from diana_engine.database.tables import players
from diana_engine.expressions.terms import ChoiceKey
from diana_engine.play import step
from diana_engine.play.actions import Choose, Continue, Start
from diana_engine.play.saved import encode_state
from diana_engine.play.state import Moment, PlayerState
from diana_engine.program.codec import digest
from diana_engine.program.model import Program

__all__ = ["put", "stand"]


def stand(program: Program, *choices: str) -> PlayerState:
    """Return the state after these choices; an empty word is *Continue*."""
    state = step(program, None, Start(7), Moment()).state
    for key in choices:
        action = Choose(ChoiceKey(key)) if key else Continue()
        outcome = step(program, state, action, Moment())
        assert outcome.refused is None, f"{key}: {outcome.refused}"
        state = outcome.state
    return state


async def put(database: Database, program: Program, *states: PlayerState) -> None:
    """Add a player for each state, who is on this version."""
    rows = [
        {
            "player": f"test/{digest(program)[:6]}{number}",
            "story": program.story,
            "digest": digest(program),
            "sequence": 1,
            "fragment": state.fragment,
            "state": json.dumps(encode_state(state)),
            "updated_at": 0,
        }
        for number, state in enumerate(states)
    ]
    async with database.transaction(writes=True) as connection:
        await connection.execute(insert(players), rows)
