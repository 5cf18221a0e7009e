"""Sound effects on the Music page: describe one, see its price, hear it. Where no service is set up it says what is
missing. Everything travels over the REST paths."""

from __future__ import annotations

import gradio as gr

from core.app import Studio
from core.voice.effects import MAX_CHARACTERS, SECONDS
from ui_gradio.parts import heading, part
from ui_gradio.parts.takes import takes


def effects(studio: Studio) -> None:
    heading("Sound effects", "Footsteps, rain, a door: described in words, usable in a mix like a voice.")
    _form()
    takes(studio, "sound_effect", "Your sound effects appear here.")


def _form() -> gr.HTML:
    least, most = SECONDS
    return part(
        f"""<form class="fx" aria-label="Sound effect"><div class="drow asks miss" hidden><span></span></div>
<fieldset disabled><textarea class="inp" name="text" rows="2" maxlength="{MAX_CHARACTERS}" aria-label="What should be heard" placeholder="rain on a tin roof, far thunder"></textarea>
<div class="drow wrap"><label class="field"><span>Length (seconds)</span><input class="inp" name="seconds" type="number" min="{least}" max="{most}" step="0.5" placeholder="as it needs"></label>
<label class="field"><span>Follow the words</span><input name="influence" type="range" min="0" max="1" step="0.05" value="0.3" aria-label="Follow the words: left freely, right to the letter"></label>
<label class="ckl"><input type="checkbox" name="loop"> Loops</label></div>
<div class="drow"><small class="cost"></small><button type="submit" class="tb ink">Make the effect</button></div></fieldset></form>""",
        script="effects", elem_id="effects",
    )  # fmt: skip
