"""Costs: what is paid, what is left, who is told when, and what a month would cost."""

from __future__ import annotations

import gradio as gr

from core.app import Studio
from ui_gradio.parts import shell
from ui_gradio.parts.calculator import calculator
from ui_gradio.parts.money import money


def build(studio: Studio) -> None:
    shell.header("Costs", "<span class='money-line'>Looking…</span>")
    with gr.Column(elem_classes="page one"):
        money(studio)
        calculator(studio)
