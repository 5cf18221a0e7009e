"""Everything ever asked for, failed and deleted too: searched, played where it is there, made again."""

from __future__ import annotations

import gradio as gr

from ui_gradio.parts import part
from ui_gradio.parts.rows import JOBS


def history() -> gr.HTML:
    return part(
        """<div class="hbar"><input class="inp" type="search" name="text" placeholder="Prompt, script, name or error" aria-label="Search everything ever made" maxlength="200">
<select class="inp" name="order" aria-label="Order"><option value="new">Newest first</option><option value="old">Oldest first</option><option value="long">Longest first</option><option value="dear">Dearest first</option></select></div>
<div class="hchips"></div>
<details class="smore"><summary>Figures and days</summary><div class="hfig"><label class="field"><span>From</span><input class="inp" type="date" name="from"></label><label class="field"><span>To</span><input class="inp" type="date" name="to"></label>
<label class="field"><span>BPM from</span><input class="inp" name="bpm_min" inputmode="decimal"></label><label class="field"><span>to</span><input class="inp" name="bpm_max" inputmode="decimal"></label>
<label class="field"><span>Seconds from</span><input class="inp" name="seconds_min" inputmode="decimal"></label><label class="field"><span>to</span><input class="inp" name="seconds_max" inputmode="decimal"></label>
<label class="field"><span>Cost from ($)</span><input class="inp" name="cost_min" inputmode="decimal"></label><label class="field"><span>to</span><input class="inp" name="cost_max" inputmode="decimal"></label>
<label class="field"><span>Rating</span><select class="inp" name="rating"><option value="">any</option><option value="1">★ or more</option><option value="2">★★ or more</option><option value="3">★★★ or more</option><option value="4">★★★★ or more</option><option value="5">★★★★★</option></select></label>
<label class="check"><input type="checkbox" name="drafts"> Previews as well</label></div></details>
<p class="said hcount" role="status"></p>
<table class="qt ht"><caption class="vh">History</caption><thead><tr><th scope="col"><span class="vh">Play</span></th><th scope="col">What</th><th scope="col">State</th><th scope="col">Made with</th><th scope="col">Cost</th><th scope="col"><span class="vh">Actions</span></th></tr></thead><tbody></tbody></table>
<p class="none" hidden>Nothing like that was ever made here.</p><div class="morebox"><button type="button" class="tb hmore" hidden>Show more</button></div>""",
        script="history", elem_id="history", kinds=JOBS,
    )  # fmt: skip
