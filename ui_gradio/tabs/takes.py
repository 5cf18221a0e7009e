"""Takes: single sentences of a finished speech spoken anew, compared side by side, and laid into a new version."""

from __future__ import annotations

import gradio as gr

from core.app import Studio
from ui_gradio.parts import shell
from ui_gradio.parts.retakes import retakes


def build(studio: Studio) -> None:
    shell.header("Takes", "Speak a sentence or a section anew, compare, choose. The piece itself never changes.")
    with gr.Row(elem_classes="page"), gr.Column(min_width=0, elem_classes="work"):
        shell.progress(studio, "speech batch assembly narration")
        with gr.Column(elem_classes="card", min_width=0):
            retakes(studio)
