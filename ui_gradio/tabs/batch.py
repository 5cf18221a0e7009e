"""Batch & A/B: many pieces from a table, and a few variants heard blind."""

from __future__ import annotations

import gradio as gr

from core.app import Studio
from ui_gradio.parts import heading, shell
from ui_gradio.parts.music_table import music_table, tracks
from ui_gradio.parts.trials import listening, trial_form


def build(studio: Studio) -> None:
    shell.header(
        "Batch & A/B", "Up to a thousand pieces from a table; or a few variants, heard without knowing which is which."
    )
    with gr.Row(elem_classes="page"):
        with gr.Column(scale=5, min_width=340, elem_classes="side"):
            with gr.Column(elem_classes="card", min_width=0):
                heading("A/B trial", "What differs is hidden until you have chosen.")
                trial_form(studio)
            with gr.Column(elem_classes="card", min_width=0):
                heading("Batch", "Drop a CSV, or write the rows here.")
                music_table(studio)
        with gr.Column(scale=7, min_width=320, elem_classes="work"):
            with gr.Column(elem_classes="card", min_width=0):
                heading("Listen and choose")
                listening(studio)
            with gr.Column(elem_classes="card", min_width=0):
                heading("Tracks of the batch", "What is done can be heard while the rest is made.")
                tracks(studio)
