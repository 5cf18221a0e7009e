"""Analyse: what a piece is and what is wrong with it, measured; with a way to listen at every place."""

from __future__ import annotations

from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.errors import StudioError
from ui_gradio.errors import actor_of
from ui_gradio.parts import heading, plots, shell
from ui_gradio.parts.report import chooser, report, spoken

_PLOTS = (
    ("Loudness over time", plots.loudness, "full"), ("Spectrum", plots.spectrum, "always"),
    ("Level and brightness", plots.movement, "full"), ("Stereo image", plots.image, "stereo"),
    ("Chords", plots.chords, "chords"),
)  # fmt: skip


def build(studio: Studio) -> None:
    shell.header("Analyse", "Tempo, key, loudness, structure and faults, measured on this machine.")
    with gr.Row(elem_classes="page"):
        with gr.Column(scale=4, min_width=300, elem_classes="side stay"):
            with gr.Column(elem_classes="card", min_width=0):
                heading("What to analyse")
                chooser(studio)
            shell.progress(studio, "analyse")
        with gr.Column(scale=8, min_width=320, elem_classes="work"):
            told = report(studio)
            cards, shown = [], []
            with gr.Row(elem_classes="plots"):
                for title, _, _ in _PLOTS:
                    with gr.Column(elem_classes="card", min_width=0, visible=False) as card:
                        heading(title)
                        shown.append(gr.Plot(show_label=False, container=False))
                    cards.append(card)

    def draw(event: gr.EventData, request: gr.Request) -> list[Any]:
        try:
            found = studio.analysing.report(actor_of(studio, request), str(event._data.get("job", "")))
        except StudioError:
            return [gr.update(visible=False)] * len(cards) + [None] * len(shown)
        there = {"always": True, "full": found["report"] == "full", "chords": not spoken(found) and any(row["chord"] != "N" for row in found.get("chords") or []),
                 "stereo": bool(found.get("stereo"))}  # fmt: skip
        figures = [make(found) if there[needs] else None for _, make, needs in _PLOTS]
        return [gr.update(visible=figure is not None) for figure in figures] + figures

    told.shown(draw, None, [*cards, *shown], show_progress="hidden", api_visibility="private", queue=False)
