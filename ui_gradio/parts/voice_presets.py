"""Saved ways of speaking on the Voice page: choose one, keep what stands in the form, start from one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from ui_gradio.errors import actor_of, door, notice, told
from ui_gradio.parts import part


def presets(studio: Studio) -> gr.HTML:
    """The chosen one lives in the browser (studio-preset). It tells `used` with a preset's id, and `kept` with the name
    to keep the form under, and the id of the one that is replaced."""

    def saved(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        service = studio.voice.presets
        return {"voice": service.voice(actor, service.get(actor, str(data.get("id", ""))))}

    return part(
        """<div class="vp"><label><span>Preset</span><select class="inp" aria-label="Preset"><option value="">None</option></select></label>
<label class="scope" hidden><span>Default</span><select class="inp" aria-label="Whose default"><option value="">of mine</option></select></label>
<div class="drow"><button type="button" class="tb" data-act="keep">Save as…</button><button type="button" class="tb" data-act="first" aria-pressed="false" disabled>Set as default</button>
<button type="button" class="tb" data-act="share" hidden>Share…</button><button type="button" class="tb bad" data-act="drop" disabled>Delete</button></div></div>""",
        script="voice_presets", functions=[door(studio, saved)],
    )  # fmt: skip


def keeping(studio: Studio, settings_of: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """The handler of `kept`: `settings_of(actor, *inputs)` under the name that was typed, told to the `live` part."""

    def keep(event: gr.EventData, request: gr.Request, *inputs: Any) -> dict[str, Any]:
        try:
            actor, service = actor_of(studio, request), studio.voice.presets
            name, replaced = str(event._data.get("name", "")), str(event._data.get("id", ""))
            settings = settings_of(actor, *inputs)
            row = (
                service.edit(actor, replaced, name=name, settings=settings)
                if replaced
                else service.create(actor, name, settings)
            )
            return notice(said=f"Preset {row.name} is saved", preset=row.id)
        except Exception as error:
            return notice(error=told(studio, error))

    return keep
