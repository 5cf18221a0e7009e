"""What the public demo allows. On one's own machine nothing here refuses anything."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from core.app import Studio
from core.kit.actor import SYSTEM, Actor
from core.kit.clock import now
from core.kit.errors import AccessError, UserError
from core.store.jobs import LIVE

CHARACTERS = 1000
MUSIC_SECONDS = 60
FILM_SECONDS = 60
JOBS_AT_ONCE = 4
KEEP = timedelta(hours=2)
PURGE_AT_ONCE = 500
STAYS = ("demo-example", "local", "system")
_OWN = "Run the studio on your own machine for more: it is free."


def may_submit(studio: Studio, actor: Actor) -> None:
    if not studio.settings.demo:
        return
    if actor.user_id == "demo-new":
        raise AccessError(
            "This browser did not keep the cookie that tells visitors apart.", "Allow cookies, then reload."
        )
    if len(studio.jobs.list(actor, statuses=LIVE, limit=JOBS_AT_ONCE)) >= JOBS_AT_ONCE:
        raise UserError(f"The demo makes {JOBS_AT_ONCE} things at a time.", f"Wait for one to finish. {_OWN}")


def speech(studio: Studio, actor: Actor, values: dict[str, Any]) -> dict[str, Any]:
    may_submit(studio, actor)
    count = len(str(values.get("text", "")))
    if studio.settings.demo and count > CHARACTERS:
        raise UserError(f"The demo speaks up to {CHARACTERS:,} characters; this text has {count:,}.", _OWN)
    return values


def music(studio: Studio, actor: Actor, values: dict[str, Any]) -> dict[str, Any]:
    may_submit(studio, actor)
    seconds = float(values.get("seconds") or 0)
    if studio.settings.demo and seconds > MUSIC_SECONDS:
        raise UserError(f"The demo composes up to {MUSIC_SECONDS} seconds; you asked for {seconds:g}.", _OWN)
    return values


def film(studio: Studio, actor: Actor, seconds: float | None) -> None:
    may_submit(studio, actor)
    if studio.settings.demo and (seconds or 0) > FILM_SECONDS:
        raise UserError(f"The demo scores films of up to {FILM_SECONDS} seconds; this one has {seconds:.0f}.", _OWN)


def purge_old(studio: Studio) -> int:
    """In the demo: everything visitors made more than two hours ago, for good. The examples stay."""
    if not studio.settings.demo:
        return 0
    gone = 0
    for binned in (False, True):
        # The oldest lie at the end of a listing that is newest first.
        _, total = studio.library.search(SYSTEM, parts=True, drafts=True, binned=binned, limit=1)
        found, _ = studio.library.search(
            SYSTEM, parts=True, drafts=True, binned=binned, limit=PURGE_AT_ONCE, offset=max(0, total - PURGE_AT_ONCE)
        )
        old = [a.id for a in found if a.user_id not in STAYS and now() - a.created_at > KEEP]
        studio.library.bin(SYSTEM, old)
        gone += studio.library.purge(SYSTEM, old)
    studio.cloning.forget(studio.retention.visitors_voices(KEEP, STAYS))
    studio.retention.forget_visitors(KEEP, STAYS)
    return gone
