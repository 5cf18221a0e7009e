"""Licensing: licensed music is found, heard, licensed and cleared, and what ends when is seen before it ends."""

from __future__ import annotations

import gradio as gr

from core.app import Studio
from ui_gradio.parts import part, shell
from ui_gradio.parts.catalogue_search import catalogue_search
from ui_gradio.parts.catalogue_settings import catalogue_settings
from ui_gradio.parts.clip_audition import clip_audition
from ui_gradio.parts.licence_offer import licence_offer
from ui_gradio.parts.licence_radar import licence_radar
from ui_gradio.parts.licence_table import licence_table
from ui_gradio.parts.own_music import own_music
from ui_gradio.parts.playlist_add import playlist_add
from ui_gradio.parts.playlists_view import playlists_view

VIEWS = (
    ("search", "Search"),
    ("playlists", "Playlists"),
    ("own", "Your music"),
    ("licences", "Licences"),
    ("radar", "Radar"),
    ("catalogues", "Catalogues"),
)


def build(studio: Studio) -> None:
    shell.header(
        "Licensing", "Music of every catalogue in one search: hear it, license it, and know what may be published.",
        "<a class='tb' href='/api/music-licensing/report?form=csv' download>Report (CSV)</a>"
        "<a class='tb lc-wide' href='/api/music-licensing/report?form=json' download>Report (JSON)</a>"
        "<a class='tb' href='/api/music-licensing/report?form=pdf' download>Report (PDF)</a>",
    )  # fmt: skip
    with gr.Column(elem_classes="page one"):
        _views()
        with gr.Column(elem_classes="card lc-search", min_width=0):
            catalogue_search(studio)
        with gr.Column(elem_classes="lc-playlists", min_width=0):
            playlists_view(studio)
        with gr.Column(elem_classes="lc-own", min_width=0):
            own_music(studio)
        with gr.Column(elem_classes="lc-licences lc-stack", min_width=0):
            licence_table(studio)
        with gr.Column(elem_classes="card lc-radar", min_width=0):
            licence_radar(studio)
        with gr.Column(elem_classes="lc-catalogues lc-stack", min_width=0):
            catalogue_settings(studio)
        licence_offer(studio)
        playlist_add()
        clip_audition(studio)


def _views() -> gr.HTML:
    buttons = "".join(
        f'<button type="button" role="tab" data-v="{view}" aria-selected="false" aria-pressed="false">{title}</button>'
        for view, title in VIEWS
    )
    return part(
        f'<div class="fs" role="tablist" aria-label="Licensing">{buttons}</div>', script="licensing_views",
        elem_id="licensing-views",
    )  # fmt: skip
