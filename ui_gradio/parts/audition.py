"""All voices as cards, and an audition: up to six of them say the same words, side by side, within a price said before."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from core.kit.errors import NotFound, StudioError, UserError
from core.store.jobs import DONE
from core.voice.text import DRAFT_CHARACTERS
from ui_gradio import limits
from ui_gradio.errors import door
from ui_gradio.parts import part
from ui_gradio.parts.rows import asset_row, job_row
from ui_gradio.parts.voices import groups

MOST = 6
_SHOWN = 120


def audition(studio: Studio) -> gr.HTML:
    def gallery(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        """Of what was asked for the first ones: over a hundred cards help nobody."""
        wanted = {name: str(data.get(name) or "") for name in ("language", "gender", "tier", "search")}
        found = studio.voice.book.voices(actor, **wanted)
        marked = set(studio.voice.favourites.listing(actor))
        if data.get("favourites"):
            found = [voice for voice in found if voice.id in marked]
        cards = [card for group in groups(studio, found) for card in group["voices"]]
        everyone = studio.voice.book.voices(actor)
        return {
            "rows": [card | {"favourite": card["id"] in marked} for card in cards[:_SHOWN]], "total": len(cards),
            "languages": sorted({voice.language_name for voice in everyone}),
        }  # fmt: skip

    def price(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        weighed = [studio.voice.estimate(actor, **values) for values in _asked(studio, actor, data)]
        sellers = sorted({name for each in weighed for name in each.sellers})
        usd = sum((each.usd for each in weighed), Decimal(0))
        return {
            "usd": str(usd),
            "said": f"up to ${usd:.4f} to {' and '.join(sellers)}" if sellers else "$0.00 on this machine",
        }

    def hear(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        """`usd`: the price that was shown; a price that rose since is refused before anything is bought."""
        asked = _asked(studio, actor, data)
        weighed = [studio.voice.estimate(actor, **values).usd for values in asked]
        if sum(weighed, Decimal(0)) > _usd(data):
            raise UserError("The price changed since it was shown.", "Look at it again, then press once more.", "price")
        limits.may_submit(studio, actor)
        jobs = [
            studio.voice.speak(actor, priority="urgent", cap_usd=usd, **limits.speech(studio, actor, values))
            for values, usd in zip(asked, weighed, strict=True)
        ]
        return {"jobs": {str(values["voice"]): job.id for values, job in zip(asked, jobs, strict=True)}}

    def heard(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        jobs = dict(data.get("jobs") or {})
        return {"rows": {str(voice): _heard(studio, actor, str(job)) for voice, job in list(jobs.items())[:MOST]}}

    return part(
        f"""<div class="av"><div class="gbar three"><input class="inp" type="search" name="search" placeholder="Search voices" aria-label="Search all voices">
<select class="inp" name="language" aria-label="Language of the voices"><option value="">All languages</option></select>
<select class="inp" name="gender" aria-label="Gender"><option value="">All</option><option value="female">Women</option><option value="male">Men</option><option value="neutral">Neutral</option></select>
<select class="inp" name="tier" aria-label="Kind of voice"><option value="">Every kind</option><option value="standard">Standard</option><option value="premium">Premium</option><option value="custom">Custom</option></select>
<button type="button" class="tb" data-act="favourites" aria-pressed="false">Favourites</button></div>
<p class="said count" role="status"></p><div class="avs" role="list" aria-label="All voices"></div>
<div class="avd" hidden><div class="drow"><label class="field"><span>Your words</span><input class="inp" name="words" maxlength="{DRAFT_CHARACTERS}" aria-label="Your words" value="The harbour wakes before the town does."></label>
<span class="acts"><output class="price" role="status"></output><button type="button" class="tb ink" data-act="hear">Hear them</button></span></div><div class="avc" role="list" aria-label="Audition"></div></div></div>""",
        script="audition", most=MOST, functions=[door(studio, each) for each in (gallery, price, hear, heard)],
    )  # fmt: skip


def _asked(studio: Studio, actor: Actor, data: dict[str, Any]) -> list[dict[str, Any]]:
    voices = list(dict.fromkeys(str(each) for each in data.get("voices") or ()))
    if not 1 <= len(voices) <= MOST:
        raise UserError(f"{len(voices)} voices cannot be heard at once.", f"Choose 1 to {MOST}.", "voices")
    words = str(data.get("words") or "")[:DRAFT_CHARACTERS]
    return [
        {"text": words, "voice": voice, "draft": True, "captions": False, "name": f"{studio.voice.book.find(actor, voice).name}, audition"}
        for voice in voices
    ]  # fmt: skip


def _usd(data: dict[str, Any]) -> Decimal:
    try:
        return Decimal(str(data.get("usd") or 0))
    except ArithmeticError:
        return Decimal(0)


def _heard(studio: Studio, actor: Actor, job_id: str) -> dict[str, Any]:
    try:
        job = studio.jobs.show(actor, job_id)
    except NotFound:
        return {"live": False, "cause": "It was cleared away.", "sound": None}
    row = job_row(studio, job)
    sound = None
    if job.status == DONE:
        try:
            sound = next(
                (asset_row(each) for each in studio.jobs.assets(actor, job_id) if each.role == "primary"), None
            )
        except StudioError:
            sound = None
    return {
        "live": row["live"],
        "cause": f"{row['cause']} {row['remedy']}".strip(),
        "cost": row["cost"],
        "sound": sound,
    }
