"""Templates: music described once; opened, changed a little, and made again."""

from __future__ import annotations

import gradio as gr

from core.app import Studio
from ui_gradio.parts import heading, shell
from ui_gradio.parts.takes import takes
from ui_gradio.parts.templates import about, grid, opened


def build(studio: Studio) -> None:
    shell.header("Templates", "Music described once, made as often as you like, alone or with a team.")
    with gr.Row(elem_classes="page"):
        with gr.Column(scale=7, min_width=320, elem_classes="work"):
            shell.progress(studio, "music")
            about(studio)
            opened(studio)
            grid()
        with gr.Column(scale=4, min_width=320, elem_classes="side"), gr.Column(elem_classes="card narrow", min_width=0):
            heading("Takes")
            takes(studio, "music", "What you generate appears here.", letters=True)
