"""The voice gallery: every voice with a sample to hear, grouped by tier and gender."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import quote

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from core.kit.errors import StudioError
from core.rights import licences
from core.voice import gallery
from core.voice.engine import LicensedByVoice
from core.voice.piecewise import licence
from core.voice.types import Voice
from ui_gradio.errors import door
from ui_gradio.parts import PLAY, part

_TIERS = {"standard": "Standard", "premium": "Premium", "custom": "Custom"}
_GENDERS = {"female": "Women", "male": "Men", "neutral": "Neutral"}
HEART = (
    '<svg aria-hidden="true" viewBox="0 0 24 24" width="17" height="17"><path d="M12 20.3 4.6 13a4.9 4.9 0 0 1 0-7 4.9 4.9 0 0 1 '
    '6.9 0l.5.5.5-.5a4.9 4.9 0 0 1 6.9 0 4.9 4.9 0 0 1 0 7z"/></svg>'
)
_EMPTY = {
    "premium": "Premium voices appear here when a cloud or neural provider is set up: Status says how.",
    "custom": "Your own voices appear here: make one under Clone.",
}


def voices(studio: Studio) -> gr.HTML:
    """'Chosen' lives in the browser (studio-voice), so that a reload keeps it; Generate reads it from there. It tells
    `chosen` with the voice's id. Voices of services come after the page is open: a service may be slow to answer."""
    found = gallery.voices()

    def others(actor: Actor, _data: dict[str, Any]) -> dict[str, Any]:
        book = studio.voice.book
        marked = studio.voice.favourites.listing(actor)
        return {"groups": groups(studio, book.voices(actor)), "notes": book.notes(), "favourites": marked}

    languages = sorted({voice.language_name for voice in found})
    options = "".join(f"<option>{name}</option>" for name in languages)
    tiers = "".join(
        f'<button type="button" data-tier="{tier}" aria-pressed="false">{title}</button>'
        for tier, title in _TIERS.items()
    )
    return part(
        f"""<div class="vtools"><input class="inp" type="search" placeholder="Search voices" aria-label="Search voices">
<select class="inp" aria-label="Language"><option value="">All languages</option>{options}</select>
<div class="fs" role="group" aria-label="Tier"><button type="button" data-tier="" aria-pressed="true">All</button>{tiers}<button type="button" data-fav aria-pressed="false">Favourites</button></div></div>
<div class="vlist" role="list" aria-label="Voices">{{{{#each value}}}}<h3 class="vgroup" data-tier="{{{{this.tier}}}}">{{{{this.title}}}}</h3>
{{{{#each this.voices}}}}<article role="listitem" class="vc" data-voice="{{{{this.id}}}}" data-words="{{{{this.words}}}}" data-language="{{{{this.language}}}}" data-tier="{{{{this.tier}}}}" {{{{#if this.more}}}}data-more="1"{{{{/if}}}} style="--h:{{{{this.hue}}}}">
<button type="button" class="play" data-play="{{{{this.url}}}}" data-title="{{{{this.name}}}}" data-sub="Voice sample" aria-pressed="false" aria-label="Play sample of {{{{this.name}}}}">{PLAY}</button>
<button type="button" class="body" data-act="choose" data-id="{{{{this.id}}}}" data-name="{{{{this.name}}}}" aria-pressed="false" aria-label="Use voice {{{{this.name}}}}"><b>{{{{this.name}}}}</b><small>{{{{this.about}}}}</small>
<span class="bd"><em>{{{{this.price}}}}</em><em>{{{{this.licence}}}}</em></span></button>
<button type="button" class="vfav" data-act="favour" data-id="{{{{this.id}}}}" aria-pressed="false" aria-label="Favourite {{{{this.name}}}}" title="Favourite">{HEART}</button></article>{{{{/each}}}}{{{{/each}}}}
<p class="none" hidden></p></div>""",
        script="voices", value=groups(studio, found), empty=_EMPTY, first=gallery.default_voice().id,
        functions=[door(studio, others)],
    )  # fmt: skip


def groups(studio: Studio, found: list[Voice]) -> list[dict[str, Any]]:
    engines: dict[str, Any] = {
        name: studio.registry.get("speech", name) for name in {voice.provider for voice in found}
    }
    prices = {name: _per_thousand(studio, name) for name in engines}
    by_voice = {name for name, engine in engines.items() if isinstance(engine, LicensedByVoice)}
    uses = {
        name: _use(licences.known()[licence(engines[name], studio.plans, "")]) for name in engines.keys() - by_voice
    }
    uses |= {
        voice.id: _use(licences.known()[engines[voice.provider].licence_of(str(voice.engine["voice"]))])
        for voice in found if voice.provider in by_voice
    }  # fmt: skip
    return [
        {
            "title": f"{_TIERS[tier]} · {_GENDERS[gender]}", "tier": tier,
            "voices": [_card(voice, prices, uses) for voice in members],
        }
        for tier, by_gender in gallery.grouped(found).items()
        for gender, members in by_gender.items()
    ]  # fmt: skip


def _use(known: dict[str, Any]) -> str:
    if not known.get("publish", True):
        return "private until a plan is chosen"
    return "commercial use" if known["commercial"] else "no commercial use"


def _per_thousand(studio: Studio, provider: str) -> str:
    """What 1,000 characters cost with the engine's default model, by the price file."""
    engine: Any = studio.registry.get("speech", provider)
    if not engine.info.paid:
        return "free"
    if "characters" not in engine.info.units:
        return "paid"
    try:
        usd = studio.prices.quote(provider, engine.default_model, {"characters": Decimal(1000)}).usd
    except StudioError:
        return "no price: not used"
    return f"${usd:.2f} / 1,000 characters"


def _card(voice: Voice, prices: dict[str, str], uses: dict[str, str]) -> dict[str, Any]:
    about = [voice.style.capitalize(), voice.language_name, voice.accent]
    return {
        "id": voice.id, "name": voice.name, "about": " · ".join(word for word in about if word),
        "language": voice.language_name, "tier": voice.tier, "more": not voice.curated and voice.tier == "standard",
        "price": prices[voice.provider],
        "licence": uses.get(voice.id) or uses[voice.provider],
        "words": " ".join((voice.name, voice.id, voice.language_name, voice.accent, voice.gender, voice.style)).lower(),
        "url": f"/voices/{quote(voice.id)}/preview", "hue": (sum(map(ord, voice.id)) * 47) % 360,
    }  # fmt: skip
