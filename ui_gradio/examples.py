"""A playable example from the first minute: a voice, a bed and their mix, really made when the library is empty."""

from __future__ import annotations

import threading

from core.app import Studio
from core.kit.actor import LOCAL, Actor
from core.kit.errors import StudioError
from core.store.assets import Asset
from core.store.jobs import DONE

SCRIPT = (
    "# Opening\nThe harbour wakes before the town does.\n\n"
    "A rope creaks. Somewhere below the pier, a boat knocks twice against the stone, as if asking to be let in."
)
PROMPT = "calm ambient piano for a rainy evening"
TAG = "example"
EXAMPLE = Actor(user_id="demo-example", tier="free")
"""Whose examples every visitor of the demo sees."""


def start(studio: Studio) -> None:
    """In the background; asking again with the same keys makes nothing twice."""
    actor = EXAMPLE if studio.settings.demo else LOCAL
    threading.Thread(target=_quietly, args=(studio, actor), daemon=True, name="examples").start()


def _quietly(studio: Studio, actor: Actor) -> None:
    try:
        make(studio, actor)
    except StudioError:
        return  # the page has its empty states; Status says what is missing


def make(studio: Studio, actor: Actor) -> None:
    _, binned = studio.library.search(actor, binned=True, limit=1)
    _, kept = studio.library.search(actor, limit=1)
    started = studio.jobs.list(actor, limit=1)
    if (kept or binned or started) and not _ours(studio, actor):
        return
    voice = studio.voice.speak(actor, text=SCRIPT, name="The harbour wakes", idempotency_key="example-voice")
    music = studio.music.compose(
        actor, prompt=PROMPT, seconds=30, seed=7, name="Rainy evening", idempotency_key="example-music"
    )
    made = {}
    for role, job in (("voice", voice), ("music", music)):
        ended = studio.jobs.wait(actor, job.id, timeout_s=900)
        if ended.status != DONE:
            return
        made[role] = studio.jobs.assets(actor, job.id)[0]
        _mark(studio, actor, made[role])
    mix = studio.sound.voice_over_music(
        actor, [made["voice"].id], made["music"].id, name="The harbour wakes, scored", idempotency_key="example-mix"
    )
    if studio.jobs.wait(actor, mix.id, timeout_s=900).status == DONE:
        _mark(studio, actor, studio.jobs.assets(actor, mix.id)[0])


def _mark(studio: Studio, actor: Actor, asset: Asset) -> None:
    if TAG not in asset.tags and asset.deleted_at is None:
        studio.library.edit(actor, asset.id, tags=[TAG])
    if actor == EXAMPLE:
        for part in (asset, *studio.library.beside(actor, asset.id)):
            studio.library.edit(actor, part.id, visibility="public")


def _ours(studio: Studio, actor: Actor) -> bool:
    """Nothing but unfinished examples so far: the studio was stopped while it made them."""
    keys = {job.idempotency_key for job in studio.jobs.list(actor, limit=4)}
    return bool(keys) and keys <= {"example-voice", "example-music"}
