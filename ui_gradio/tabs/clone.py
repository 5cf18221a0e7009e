"""Clone: a voice from recordings of somebody who consented; and the voices there are."""

from __future__ import annotations

import gradio as gr

from core.app import Studio
from ui_gradio.parts import heading, shell
from ui_gradio.parts.cloning import my_voices, new_voice


def build(studio: Studio) -> None:
    shell.header(
        "Clone", "A voice learned from recordings: checked on the spot, with the speaker's consent, on your machine."
    )
    with gr.Row(elem_classes="page"):
        with gr.Column(scale=6, min_width=320, elem_classes="work"), gr.Column(elem_classes="card", min_width=0):
            heading("New voice", "3 to 5 recordings of 6 to 30 s each, of one speaker in a quiet room.")
            new_voice(studio)
        with gr.Column(scale=6, min_width=320, elem_classes="side"):
            shell.progress(studio, "voice_training")
            with gr.Column(elem_classes="card", min_width=0):
                heading("Your voices", "They also stand in the gallery under Voice.")
                my_voices(studio)
