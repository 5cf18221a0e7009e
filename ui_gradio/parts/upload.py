"""Bring a file in: chosen or dropped, with a declaration of its rights. The bytes go to POST /upload."""

from __future__ import annotations

import gradio as gr

from core.app import Studio
from core.rights import licences
from ui_gradio.parts import part
from ui_gradio.parts.details import DECLARABLE


def upload(studio: Studio) -> gr.HTML:
    known = licences.known()
    options = "".join(f'<option value="{name}">{known[name]["title"]}</option>' for name in DECLARABLE)
    settings = studio.settings
    return part(
        f"""<dialog class="box" aria-label="Upload audio"><form method="dialog"><h2>Upload audio</h2>
<label class="drop" tabindex="-1"><input type="file" name="file" accept="audio/*,video/*"><b>Choose a file, or drop it here</b>
<span>Any sound or video file, up to {settings.max_upload_mb} MB and {settings.max_audio_minutes:g} minutes</span></label>
<div class="two"><label class="field"><span>Name</span><input class="inp" name="name" maxlength="200" placeholder="Its file name"></label>
<label class="field"><span>What it is</span><select class="inp" name="kind"><option value="voiceover">Voice</option><option value="music">Music</option><option value="sound_effect">Sound effect</option><option value="soundfont">SoundFont (.sf2)</option></select></label></div>
<label class="field"><span>Who holds the rights?</span><select class="inp" name="licence">{options}</select></label><p class="lnote"></p>
<label class="field credit" hidden><span>Credit line to publish</span><input class="inp" name="credit" maxlength="300" placeholder="Author, title"></label>
<div class="pg" hidden role="progressbar" aria-label="Upload"><i></i></div>
<div class="drow"><button type="button" class="tb" data-act="close">Cancel</button><button type="button" class="tb ink" data-act="send" disabled>Upload</button></div></form></dialog>""",
        script="upload", notes={name: known[name]["note"] for name in DECLARABLE},
        credit=[name for name in DECLARABLE if known[name]["attribution"]],
    )  # fmt: skip
