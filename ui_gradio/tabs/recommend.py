"""Recommend: a film comes in, its scenes are found, music is suggested for them, and it goes out scored."""

from __future__ import annotations

import gradio as gr

from core.app import Studio
from ui_gradio.parts import heading, shell
from ui_gradio.parts.cues import cue_list
from ui_gradio.parts.described import described
from ui_gradio.parts.film import film
from ui_gradio.parts.scenes import scenes
from ui_gradio.parts.scored import scored
from ui_gradio.parts.scoring import scoring


def build(studio: Studio) -> None:
    shell.header(
        "Recommend", "Bring a film in and get it back scored from its own scenes, under its own sound or a voice."
    )
    with gr.Row(elem_classes="page film-page"):
        with gr.Column(scale=7, min_width=320, elem_classes="work"):
            with gr.Column(elem_classes="card rc-empty", min_width=0):
                heading(
                    "Scenes",
                    "Bring a film in: its scenes, what was measured of them and the music suggested for them appear here.",
                )
            with gr.Column(elem_classes="card", min_width=0):
                scenes(studio)
            with gr.Column(elem_classes="card", min_width=0):
                scored(studio)
            with gr.Column(elem_classes="card", min_width=0):
                cue_list(studio)
        with gr.Column(scale=4, min_width=320, elem_classes="side"):
            with gr.Column(elem_classes="card", min_width=0):
                heading("Film")
                film(studio)
                described(studio)
            with gr.Column(elem_classes="card", min_width=0):
                scoring(studio)
