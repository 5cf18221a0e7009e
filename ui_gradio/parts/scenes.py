"""The scenes as a timeline: a picture of each, what was measured over it in one drawing, cut marks, the cues under it; and
the film above, which it follows."""

from __future__ import annotations

from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from ui_gradio import limits
from ui_gradio.errors import door
from ui_gradio.parts import PLAY, part, suggestions
from ui_gradio.parts.clip_rows import CURVES, HIGH, WIDE
from ui_gradio.parts.cues import usd_of


def scenes(studio: Studio) -> gr.HTML:
    def scene(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        """What is suggested for this scene alone, whatever cue it lies under."""
        found = suggestions.for_scene(studio, actor, str(data.get("id", "")))
        return suggestions.told(found) | {"seconds": found.seconds}

    def scene_music(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        scene_id, provider = str(data.get("id", "")), str(data.get("provider") or "")
        usd = suggestions.scene_price(studio, actor, scene_id, provider)
        if usd > usd_of(data):
            return {"usd": str(usd), "said": f"For at most ${usd:.4f}"}
        limits.may_submit(studio, actor)
        return {"job": suggestions.scene_music(studio, actor, scene_id, provider, usd).id}

    keys = "".join(
        f'<button type="button" data-curve="{name}" aria-pressed="true"><i class="{name}"></i>{title}</button>'
        for name, title in CURVES
    )
    return part(
        f"""<div class="rct" hidden><div class="hd"><div class="rc-t"><h2></h2><p></p></div><div class="fs" role="group" aria-label="Film shown"><button type="button" data-show="film" aria-pressed="true">Original</button><button type="button" data-show="scored" aria-pressed="false" hidden>Scored</button></div></div>
<ul class="rc-warn" hidden></ul><div class="rc-stage"></div>
<div class="rc-keys"><div class="fs" role="group" aria-label="Curves">{keys}</div><div class="acts"><button type="button" class="tb sq" data-act="out" aria-label="Show more of the clip" disabled>−</button><button type="button" class="tb sq" data-act="in" aria-label="Show the timeline larger">+</button></div></div>
<div class="rc-roll" tabindex="-1"><div class="rc-line" style="--zoom:1"><div class="rc-thumbs" role="listbox" aria-label="Scenes" aria-orientation="horizontal"></div>
<svg class="rc-svg" viewBox="0 0 {WIDE} {HIGH}" preserveAspectRatio="none" role="img" aria-label="Loudness, motion, light and speech over the clip, with its cuts"></svg>
<div class="rc-cues" aria-hidden="true"></div><div class="rc-ruler" aria-hidden="true"></div><i class="rc-head" hidden></i></div></div>
<div class="rc-scene" role="region" aria-label="Chosen scene" aria-live="polite"></div><template>{PLAY}</template></div>""",
        script="scenes", elem_id="scenes", functions=[door(studio, each) for each in (scene, scene_music, suggestions.made(studio))],
    )  # fmt: skip
