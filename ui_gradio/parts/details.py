"""The drawer: everything about one asset, and everything that can be done with it. One for the whole page."""

from __future__ import annotations

from typing import Any, get_args

import gradio as gr

from core.app import Studio
from core.audio import loudness
from core.audio.encoding import FORMATS
from core.kit.actor import Actor
from core.rights import licences
from core.rights.gate import Use
from core.rights.platforms import Platform
from core.store.assets import Asset
from ui_gradio.again import again
from ui_gradio.errors import door
from ui_gradio.parts import part
from ui_gradio.parts.rows import KINDS, asset_row, clock, money

PLATFORMS = {
    "private": "Just for me", "web": "Website", "youtube": "YouTube", "instagram": "Instagram", "tiktok": "TikTok",
    "podcast": "Podcast", "broadcast": "Broadcast",
}  # fmt: skip
DECLARABLE = ("uploaded-own", "cc0-1.0", "cc-by-4.0", "cc-by-sa-4.0", "cc-by-nc-4.0", "licensed", "unknown")

_ALIKE = 8


def details(studio: Studio) -> gr.HTML:
    def asset(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        found = studio.library.get(actor, _id(data))
        beside = studio.library.beside(actor, found.id)
        return asset_row(found) | {
            "facts": _facts(found), "recipe": _recipe(found), "licence_facts": found.licence,
            "beside": [
                asset_row(other) | {"label": other.role.replace("stem:", "").replace("captions:", "captions ")}
                for other in beside
            ],
            "sources": [
                {"id": link.source_id, "name": link.name, "role": link.role, "licence": link.licence["title"]}
                for link in studio.library.sources(actor, found.id)
            ],
            "job": found.job_id or "", "folders": studio.library.folders(actor), "binned": found.deleted_at is not None,
            "mine": found.user_id == actor.user_id or actor.is_admin,
            "uploaded": found.source == "uploaded", "remake": found.source in ("tts", "ai_music", "ai_sound", "mixed"),
        }  # fmt: skip

    def edit(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        changes = {name: data[name] for name in ("name", "folder", "tags", "rating", "favourite") if name in data}
        if changes.get("rating") == 0:
            changes["rating"] = None
        return asset_row(studio.library.edit(actor, _id(data), **changes))

    def verdict(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        wanted = str(data.get("platform", "private"))
        platform: Platform = wanted if wanted in get_args(Platform) else "private"  # type: ignore[assignment]
        found = studio.library.may(actor, _id(data), Use(platform=platform, commercial=bool(data.get("commercial"))))
        said = {name: list(getattr(found, name)) for name in ("reasons", "steps", "credits", "codes")}
        return {"allowed": found.allowed, **said}

    def remake(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        found = studio.library.get(actor, _id(data))
        return {"job": again(studio, actor, found, fresh=bool(data.get("fresh"))).id}

    def declare(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        studio.library.declare_rights(
            actor, _id(data), str(data.get("licence", "")), credit=str(data.get("credit", "")),
            note=str(data.get("note", "")), ends=str(data.get("ends", "")),
        )  # fmt: skip
        return {}

    def alike(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        """The music that sounds most like it, nearest first, and why."""
        found = studio.recommending.like(actor, _id(data), _ALIKE)
        return {"rows": [asset_row(studio.library.get(actor, each.asset_id)) | {"why": each.why} for each in found]}

    def discard(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        ids = [str(one) for one in data.get("ids") or [data.get("id")]][:500]
        act = {"bin": studio.library.bin, "restore": studio.library.restore, "purge": studio.library.purge}
        return {"count": act[str(data.get("how"))](actor, ids)}

    return part(
        '<dialog class="drawer" aria-label="Details"></dialog>',
        script="details", elem_id="details", formats={name: one.label for name, one in FORMATS.items()},
        platforms=PLATFORMS, sharing=studio.settings.sign_in_required, targets={name: f"{one.title} ({one.lufs:g} LUFS)" for name, one in loudness.targets().items()},
        licences={name: licences.known()[name]["title"] for name in DECLARABLE},
        functions=[door(studio, each) for each in (asset, edit, verdict, remake, declare, alike, discard)],
    )  # fmt: skip


def _id(data: dict[str, Any]) -> str:
    return str(data.get("id", ""))


def _facts(asset: Asset) -> list[tuple[str, str]]:
    sound = f"{(asset.sample_rate or 0) / 1000:g} kHz" if asset.sample_rate else ""
    channels = {1: "mono", 2: "stereo"}.get(asset.channels or 0, f"{asset.channels} channels" if asset.channels else "")
    facts = (
        ("Kind", KINDS.get(asset.kind, asset.kind)), ("Length", clock(asset.duration_s)),
        ("File", " · ".join(x for x in (asset.format.split(",")[0].upper(), sound, channels, _size(asset.bytes)) if x)),
        ("Loudness", f"{asset.lufs:.1f} LUFS" if asset.lufs is not None else ""),
        ("True peak", f"{asset.true_peak_dbtp:.1f} dBTP" if asset.true_peak_dbtp is not None else ""),
        ("Key", asset.key or ""), ("Tempo", f"{asset.bpm:.0f} BPM" if asset.bpm else ""),
        ("Genre", asset.genre or ""), ("Mood", asset.mood or ""),
        ("Instruments", ", ".join(name.replace("_", " ") for name in asset.instruments)),
        ("Cost", money(asset.cost_usd)), ("Made", f"{asset.created_at:%d %b %Y, %H:%M} UTC"),
    )  # fmt: skip
    return [fact for fact in facts if fact[1]]


def _recipe(asset: Asset) -> list[tuple[str, str]]:
    """The generation config in words, without what stands in the facts already."""
    config = asset.generation_config
    told = [(name.capitalize(), str(config[name])) for name in ("provider", "model", "voice", "preset", "prompt", "seed", "file")
            if config.get(name) not in (None, "")]  # fmt: skip
    settings = config.get("settings") or {}
    if isinstance(settings, dict) and asset.kind != "mix":
        told += [(name.replace("_", " ").capitalize(), str(value)) for name, value in settings.items()
                 if name != "style" and value not in (None, "", [], {}, False) and not isinstance(value, dict | list)]  # fmt: skip
    if config.get("template"):
        told.append(("Template", f"{config['template']['name']}, version {config['template']['version']}"))
    if isinstance(config.get("style"), dict):
        told.append(("In the style of", f"{config['style']['name']}. {' '.join(config['style']['why'])}"))
    if config.get("route"):
        told.append(("Chosen", str(config["route"]["why"])))
    told += [("Stood in", f"{one['name']} for {one['for_name']}") for one in config.get("stood_in", ())]
    told += [("Passed over", f"{one['engine']}: {one['why']}") for one in config.get("failovers", ())[:5]]
    if config.get("text"):
        told.append(("Text", str(config["text"])[:600]))
    return told


def _size(count: int) -> str:
    return f"{count / 2**20:.1f} MB" if count >= 2**20 else f"{max(1, round(count / 1024))} kB"
