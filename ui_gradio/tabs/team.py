"""Team: who one is here, who one works with, and, for administrators, who may come in. Only where people sign in."""

from __future__ import annotations

import gradio as gr

from ui_gradio.parts import shell
from ui_gradio.parts.people import people


def build() -> None:
    shell.header("Team", "Your account, your tokens and the people you share with")
    with gr.Column(elem_classes="page one"):
        people()
