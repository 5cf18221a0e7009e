"""Load a script file into the editor; what was left out of it is said below. The bytes go to POST /api/voice/script, and
so does SSML or a subtitle file that is pasted into the empty editor."""

from __future__ import annotations

import gradio as gr

from core.voice.scripts.reading import FORMATS
from ui_gradio.parts import part


def script_file() -> gr.HTML:
    return part(
        f"""<div class="sfile"><button type="button" class="tb" data-act="load">Load a script</button>
<input type="file" accept="{','.join(FORMATS)}" aria-label="Script file" tabindex="-1">
<small>Text, Markdown, Word, subtitles, a table or SSML. Lines such as <b>ANNA: …</b> get a voice each.</small>
<div class="told" role="status" hidden></div></div>""",
        script="script_file",
    )  # fmt: skip
