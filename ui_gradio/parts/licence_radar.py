"""What ends soon, and which published pieces would be left uncovered by it."""

from __future__ import annotations

import gradio as gr

from core.app import Studio
from core.licensing.catalogue import KIND
from ui_gradio.parts import part

SPANS = ((30, "30 days"), (90, "90 days"), (180, "half a year"), (365, "a year"))


def licence_radar(studio: Studio) -> gr.HTML:
    spans = "".join(
        f'<option value="{days}"{" selected" if days == 90 else ""}>{words}</option>' for days, words in SPANS
    )
    catalogues = {each.info.name: each.info.title for each in studio.registry.readiness(KIND)}
    return part(
        f"""<div class="hd"><h2>What ends soon</h2><label class="lr-days">Within <select class="inp mini" name="days">{spans}</select></label></div>
<div class="lr-list" role="list" aria-label="Licences by their end"></div>
<p class="none" hidden>No licence ends within that time.</p>""",
        script="licence_radar", elem_id="licence-radar", titles=catalogues,
    )  # fmt: skip
