"""AI voices: every voice there is, wide enough to compare; and an audition of several with one's own words."""

from __future__ import annotations

import gradio as gr

from core.app import Studio
from ui_gradio.parts import shell
from ui_gradio.parts.audition import audition


def build(studio: Studio) -> None:
    shell.header("AI voices", "Hear samples, then let several say your own words. What it costs is said before.")
    with (
        gr.Row(elem_classes="page"),
        gr.Column(min_width=0, elem_classes="work"),
        gr.Column(elem_classes="card", min_width=0),
    ):
        audition(studio)
