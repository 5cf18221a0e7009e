"""Library: everything made or brought in, with its rights, where it came from and how to make it again."""

from __future__ import annotations

import gradio as gr

from core.app import Studio
from ui_gradio.parts import shell
from ui_gradio.parts.grid import grid


def build(studio: Studio) -> None:
    shell.header(
        "Library", "<span class='library-line'>Everything you made or brought in</span>",
        "<button type='button' class='tb' onclick=\"st.tell('st:upload', {kind: 'music'})\">Upload</button>",
    )  # fmt: skip
    with gr.Column(elem_classes="page one"):
        grid(studio)
