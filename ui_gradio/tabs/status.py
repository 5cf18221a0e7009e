"""Status: is everything ready, what may be spent, and who is asked first."""

from __future__ import annotations

import gradio as gr

from core.app import Studio
from ui_gradio.parts import shell
from ui_gradio.parts.health import health


def build(studio: Studio) -> None:
    charts = (
        "" if studio.settings.demo
        else "<button type='button' class='tb' onclick=\"document.querySelector('#nav .charts').click()\">Dashboards</button>"
    )  # fmt: skip
    shell.header("Status", "<span class='status-line'>Looking…</span>", charts)
    with gr.Column(elem_classes="page one"):
        health(studio)
