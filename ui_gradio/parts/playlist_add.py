"""Puts one track or many into a playlist: one that is there, or a new one by its name."""

from __future__ import annotations

import gradio as gr

from core.licensing.playlists.types import NAME_LENGTH
from ui_gradio.parts import part


def playlist_add() -> gr.HTML:
    """Opened by `st:keep` {tracks: [{provider, id, title, artist}]}; tells `st:playlists` when they are in it."""
    return part(
        f"""<dialog class="box lc-keep" aria-label="Add to a playlist"><form><div class="hd"><h2>Add to a playlist</h2><p></p></div>
<label class="field"><span>Playlist</span><select class="inp" name="playlist"></select></label>
<label class="field lc-new"><span>Its name</span><input class="inp" name="name" maxlength="{NAME_LENGTH}"></label>
<div class="drow"><button type="button" class="tb" data-close>Cancel</button><button class="tb ink" type="submit">Add</button></div></form></dialog>""",
        script="playlist_add", elem_id="playlist-add",
    )  # fmt: skip
