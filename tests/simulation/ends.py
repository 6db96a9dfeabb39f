"""What must be so when a simulated run has come to rest."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from diana_engine.adapters.telegram.receiving.updates import Incoming, Reach, Said, Tapped
from diana_engine.adapters.telegram.sending.office import Manner
from diana_engine.adapters.telegram.showing.callback import decode
from diana_engine.database.memory import MemoryStore
from diana_engine.database.memory.tables import KeptMessage
from diana_engine.database.port import PlayerKey, PlayKey
from diana_engine.database.steps.written import MessageRow, from_json
from simulation.books import check_play
from simulation.following import check_followed, is_carried_unseen, is_only_carried
from simulation.heard import check_heard, check_told, check_woken
from simulation.story import known
from simulation.worker import CHANNEL

if TYPE_CHECKING:
    from simulation.world import World

__all__ = ["check_end"]


async def check_end(world: World, players: Iterable[int]) -> list[str]:
    """Return what is not as it must be."""
    store = MemoryStore(world.clock, None, world.tables)
    wrong: list[str] = []
    for player in players:
        play = PlayKey(PlayerKey(CHANNEL, str(player)), world.program.story)
        wrong += await check_play(store, play, known())
    if wrong:
        return wrong  # what follows makes the steps again, which may not be possible
    wrong += [*_known(world), *_pressed(world), *_spoken(world), *_told(world), *_sent(world)]
    wrong += check_told(world.tables, known())
    wrong += check_woken(world.tables, known())
    wrong += check_heard(world.tables, world.heard)
    wrong += check_followed(world)
    for player in players:
        wrong += _shown(world, player)
    return wrong


def _known(world: World) -> Iterator[str]:
    """No update is lost once it is acknowledged."""
    known = {update for _, update in world.tables.handled}
    for number, incoming in world.acknowledged.items():
        if isinstance(incoming, Said | Tapped) and number not in known:
            yield f"update {number} was acknowledged, and nobody knows of it"


def _pressed(world: World) -> Iterator[str]:
    """A button does something only at the moment of the play that it was shown at."""
    for row in world.tables.log:
        incoming = world.acknowledged.get(int(row.delivery)) if row.delivery else None
        if isinstance(incoming, Tapped) and not is_only_carried(row):
            button = decode(incoming.data)
            if button is None or button.sequence + 1 != row.sequence:
                yield f"update {row.delivery} pressed {button} and made step {row.sequence}"


def _spoken(world: World) -> Iterator[str]:
    """Every update that made a step is answered: the words are stored with the step, or nobody would say them."""
    answered = {_update(one.row) for one in world.tables.messages.values()}
    for row in world.tables.log:
        if row.delivery and isinstance(world.acknowledged.get(int(row.delivery)), Reach):
            continue  # who is back has said nothing
        if row.delivery and row.delivery not in answered:
            yield f"update {row.delivery} made step {row.sequence} of {row.player}, and is not answered"


def _update(row: MessageRow) -> str:
    payload = from_json(row.payload)
    assert isinstance(payload, dict)
    return str(payload.get("update"))


def _told(world: World) -> Iterator[str]:
    """What a timer told was told once."""
    counted = Counter(
        (row.player, row.correlation, row.name)
        for row in world.tables.events.values()
        if row.correlation and row.correlation.startswith("timer:")
    )
    for what, times in counted.items():
        if times > 1:
            yield f"{what} was told {times} times"


def _sent(world: World) -> Iterator[str]:
    """Story text is sent at least once and in order, twice only where nobody could know."""
    texts = [one for one in world.tables.messages.values() if one.row.policy == "again"]
    for one in texts:
        if one.state == "dead" and not (_in_the_dark(one) or _to_nobody(world, one)):
            yield f"message {one.id} was given up: {one.error}"
    sent = [one for one in texts if one.state == "sent" and one.message_id is not None]
    yield from _delivered(world, texts)
    surplus, allowed = world.telegram.last - len(sent), world.telegram.ambiguous + world.cut_off
    if surplus > allowed:
        yield f"{surplus} messages were sent twice, and of only {allowed} nobody knew"
    chats: dict[str, list[int]] = defaultdict(list)
    for one in sorted(sent, key=lambda one: one.id):
        if one.row.priority == 0:
            chats[one.row.chat].append(one.message_id or 0)
    for chat, numbers in chats.items():
        if numbers != sorted(numbers):
            yield f"messages to {chat} came out of order: {numbers}"


def _to_nobody(world: World, message: KeptMessage) -> bool:
    """Whether it was given up because the player had blocked the bot, and they did so after what it answers."""
    if "blocked" not in message.error:
        return False
    update = _update(message.row)
    last = max(world.blocked.get(message.row.chat, [0]))
    return update == "None" or int(update) < last


def _delivered(world: World, texts: list[KeptMessage]) -> Iterator[str]:
    """What is noted as sent stands in its chat, unless the player had gone on."""
    for one in texts:
        if one.state != "sent":
            continue
        payload = from_json(one.row.payload)
        assert isinstance(payload, dict)
        posted = world.telegram.chat(int(one.row.chat)).posted.get(one.message_id or 0)
        if one.message_id is None and (one.row.priority > 0 or "away" in payload):
            continue
        if posted is None or not posted.text.startswith(str(payload["html"])):
            yield f"message {one.id} is noted as sent, and the chat shows {posted}"


def _in_the_dark(message: KeptMessage) -> bool:
    """Whether it was sent so often without an answer that the bot promises no more."""
    return message.unknowns + 1 >= Manner().unknowns


def _shown(world: World, player: int) -> Iterator[str]:
    """The player sees where they stand, and can go on from there."""
    record = next(r for key, r in world.tables.records.items() if key.player.user == str(player))
    armed, waiting = world.telegram.chat(player).armed, record.state.waiting
    if waiting is not None and waiting.due > world.clock() - 10:
        return  # there may be nothing to press until then
    if _came_back_at_once(world, player):
        return  # whoever presses start once more sees the scene
    if not armed and _lost_its_last(world, player):
        return  # whatever the player writes shows the scene again
    if not armed:
        yield f"player {player} has no buttons at {record.state.fragment}"
        return
    if is_carried_unseen(world, player):
        return  # any button shows the scene as it is now
    button = decode(next(iter(armed[-1].buttons)))
    if button is None or button.sequence != record.sequence:
        yield f"player {player} sees {button} and is at {record.sequence}"


def _lost_its_last(world: World, player: int) -> bool:
    mine = [one for one in world.tables.messages.values() if one.row.chat == str(player)]
    return any(one.state == "dead" and _in_the_dark(one) for one in mine[-1:])


def _came_back_at_once(world: World, player: int) -> bool:
    """Whether they pressed start twice in a second and blocked the bot between: a worker that did not hear of it said it once.

    `Calm` is each worker's own; its answer to the first start was given up because of the block.
    """
    mine = [one for one in world.tables.messages.values() if one.row.chat == str(player)]
    if not mine or not (mine[-1].state == "dead" and "blocked" in mine[-1].error):
        return False
    at = {str(update): at for (_, update), (_, at) in world.tables.handled.items()}
    starts = [
        update for update, incoming in world.acknowledged.items() if _is_start(incoming, player)
    ]
    last, answered = str(max(starts)), _update(mine[-1].row)
    return answered in at and 0 <= at[last] - at[answered] <= 1 and last != answered


def _is_start(incoming: Incoming, player: int) -> bool:
    return isinstance(incoming, Said) and (incoming.player, incoming.command) == (player, "start")
