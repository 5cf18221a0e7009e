"""Captions that follow what plays: the newest voiceover's until another one is played; a click jumps there."""

from __future__ import annotations

import json
from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from ui_gradio.errors import door
from ui_gradio.parts import part


def captions(studio: Studio) -> gr.HTML:
    def lines(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        beside = studio.library.beside(actor, str(data.get("id", "")))
        files = {asset.role.partition(":")[2] or "json": asset.id for asset in beside if asset.kind == "captions"}
        if "json" not in files:
            return {"captions": [], "files": {}}
        read = json.loads(studio.library.file(actor, files["json"]).read_text(encoding="utf-8"))
        return {"captions": read["captions"], "words": read["words"], "files": files}

    return part(
        """<div class="caphead"><h2>Captions</h2><div class="files"></div></div><ol class="cap"></ol>
<p class="none">Captions appear with the first take, exact to the word.</p>""",
        script="captions", functions=[door(studio, lines)],
    )  # fmt: skip
