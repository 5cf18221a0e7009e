"""What a track's licence says, and the way to one: bought by hand with its price held meanwhile, or the full file at once."""

from __future__ import annotations

from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from core.licensing.catalogue import KIND
from ui_gradio.errors import door
from ui_gradio.parts import part

_FOR_ALL = ("cc", "own")
"""Kinds of terms for which nothing has to be bought."""


def licence_offer(studio: Studio) -> gr.HTML:
    """Opened by `st:license` {track: {provider, id}}; tells `st:licences` when a licence came, or one is ordered."""

    def lic_offer(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        track = studio.catalogues.track(actor, str(data.get("provider", "")), str(data.get("id", "")))
        catalogue = studio.registry.get(KIND, track.provider)
        held = studio.licences.list(actor, provider=track.provider, track_id=track.id, limit=20)
        terms = track.terms
        return {
            "provider": track.provider, "id": track.id, "title": track.title, "artist": track.artist,
            "catalogue": catalogue.info.title, "page": track.page_url, "price": track.price_usd or "",
            "terms": {
                "kind": terms.kind, "title": terms.title or terms.id, "url": terms.url, "commercial": terms.commercial,
                "derivatives": terms.derivatives, "share_alike": terms.share_alike, "attribution": terms.attribution,
                "conditions": list(terms.conditions),
            },
            "free": terms.kind in _FOR_ALL, "steps": list(getattr(catalogue, "steps", ())),
            "full": "download" in catalogue.info.capabilities and not track.preview_only,
            "held": [
                {"id": each.id, "status": each.standing, "ends_on": each.row.ends_on or "",
                 "ordered": each.row.job_id is not None and each.standing == "unknown",
                 "price": f"{each.row.price_usd:f}", "proof": each.row.proof_name}
                for each in held
            ],
        }  # fmt: skip

    return part(
        """<dialog class="box lc-offer" aria-label="License a track"><div class="lco"></div></dialog>""",
        script="licence_offer", elem_id="licence-offer", functions=[door(studio, lic_offer)],
    )  # fmt: skip
