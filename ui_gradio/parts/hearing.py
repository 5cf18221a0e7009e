"""A piece that is heard while it is made: its sections, which of them sounds, and how much of it is there."""

from __future__ import annotations

from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from ui_gradio.errors import door
from ui_gradio.parts import part

STREAM = "/api/music/stream/"


def hearing(studio: Studio) -> gr.HTML:
    def sounding(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        job = studio.jobs.show(actor, str(data.get("id", "")))
        found = studio.music.listeners.heard(actor, job.id)
        whole = {"name": "The piece", "start_s": 0.0, "end_s": found.seconds}
        return {
            "sections": [
                {"name": str(each["name"]).capitalize(), "start": each["start_s"], "end": each["end_s"]}
                for each in (found.sections or ((whole,) if found.seconds else ()))
            ],
            "seconds": found.seconds, "ready": found.ready_s, "over": job.ended,
        }  # fmt: skip

    with gr.Column(elem_classes="card hearing", min_width=0):
        return part(
            """<div class="hd"><h2>Sounding while it is made</h2><p role="status" class="hs">Waiting for the first sound</p></div>
<div class="sm hm" role="list" aria-label="Sections of the piece that is being made"></div>""",
            script="hearing", functions=[door(studio, sounding)], stream=STREAM,
        )  # fmt: skip
