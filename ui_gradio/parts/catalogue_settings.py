"""How the catalogues are used here: their limits and the cache for everybody to see; for administrators, their configuration,
syncs now and by night, and what is kept taken away."""

from __future__ import annotations

from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from core.kit.errors import UserError
from core.licensing.sync import DAILY, KIND
from ui_gradio.errors import door
from ui_gradio.parts import part


def catalogue_settings(studio: Studio) -> gr.HTML:
    """Reads and changes over REST; a key is never told, only whether there is one."""

    def lic_setup(actor: Actor, _: dict[str, Any]) -> dict[str, Any]:
        """What may be done here, and why a catalogue cannot be synced."""
        syncable: dict[str, str] = {}
        for name in studio.catalogue_settings.names():
            try:
                studio.catalogue_sync.checked({"provider": name})
                syncable[name] = ""
            except UserError as error:
                syncable[name] = error.message
        return {"admin": actor.is_admin, "syncable": syncable, "nightly": {"title": DAILY, "kind": KIND}}

    return part(
        """<div class="lx"><div class="lx-cols"><div class="hcol lx-left"></div><div class="hcol lx-right"></div></div></div>""",
        script="catalogue_settings", elem_id="catalogue-settings", functions=[door(studio, lic_setup)],
    )  # fmt: skip
