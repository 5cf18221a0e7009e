"""Make it again: an asset's own recipe as a new job. Fresh draws a new seed; otherwise the same piece comes out."""

from __future__ import annotations

from core.app import Studio
from core.audio.voicing.presets import Overrides
from core.kit.actor import Actor
from core.kit.errors import UserError
from core.store.assets import Asset
from core.store.jobs import Job
from ui_gradio import limits


def again(studio: Studio, actor: Actor, asset: Asset, *, fresh: bool) -> Job:
    config = asset.generation_config
    settings = dict(config.get("settings") or {})
    if asset.kind == "voiceover" and config.get("text"):
        # As it was asked for: the model and the manner are those of that voice, not of one that stood in for it.
        asked = {row["voice"]: row["for"] for row in config.get("stood_in", ())}
        voice = str(config.get("voice", ""))
        values = settings | {"text": config["text"], "voice": asked.get(voice, voice), "name": asset.name}
        return studio.voice.speak(actor, **limits.speech(studio, actor, values))
    if asset.kind == "voiceover" and config.get("chapters"):
        raise UserError("A book is made again from its script.", "Put the script under Voice, then open Long form.")
    if asset.source == "ai_sound":
        limits.may_submit(studio, actor)
        wanted = {
            "seconds": settings.get("seconds"),
            "influence": settings.get("influence"),
            "loop": settings.get("loopable"),
        }
        return studio.effects.submit(actor, text=config["prompt"], name=asset.name, **wanted)
    if asset.source == "ai_music":
        values = settings | {"prompt": config.get("prompt", ""), "seed": None if fresh else config.get("seed")}
        values["name"] = "" if asset.name == values["prompt"][:60] else asset.name
        # Somebody pressed Again: another one, from the same engine.
        values |= {"provider": config.get("provider"), "fresh": True}
        return studio.music.compose(actor, **limits.music(studio, actor, values))
    if asset.kind == "mix" and config.get("project"):
        return studio.sound.render(actor, str(config["project"]), int(config["version"]), name=asset.name)
    polished = config.get("polish")
    if polished:
        wishes = Overrides(**polished["overrides"])
        return studio.polishing.submit(actor, polished["from"], polished["preset"], wishes)
    raise UserError(f"{asset.name!r} was not made here, so it cannot be made again.", "Upload a new version instead.")
