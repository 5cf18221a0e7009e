"""Music for a film that is not at hand yet: suggested from what is said of it, in English or French."""

from __future__ import annotations

from typing import Any, get_args

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from core.kit.errors import UserError
from core.kit.paths import reference
from core.music.engines import EMBEDDED
from core.music.types import Genre, Intensity, Mood
from ui_gradio import limits
from ui_gradio.errors import door
from ui_gradio.parts import PLAY, part, suggestions
from ui_gradio.parts.scoring import number


def described(studio: Studio) -> gr.HTML:
    def suggest(_actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        said = {name: str(data.get(name) or "")[:5000] for name in ("title", "description", "category")}
        if not any(text.strip() for text in said.values()) and not str(data.get("tags") or "").strip():
            raise UserError("Nothing is said of the film yet.", "Give a title, a category, tags or a description.")
        tags = [tag.strip() for tag in str(data.get("tags") or "")[:2000].split(",") if tag.strip()]
        seconds = number("Length", data["seconds"]) if data.get("seconds") else None
        found = studio.recommending.for_video(**said, tags=tags, seconds=seconds)
        return suggestions.told(found) | {"seconds": found.seconds}

    def make_described(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        """One of the choices, by the embedded engine: free."""
        values = {"mood": data.get("mood"), "genre": data.get("genre"), "intensity": data.get("intensity")}
        for (name, value), known in zip(values.items(), (Mood, Genre, Intensity), strict=True):
            if value not in get_args(known):
                raise UserError(f"There is no {name} {str(value)[:40]!r}.", "Choose one of the suggestions.")
        values |= {"bpm": number("BPM", data.get("bpm")), "seconds": number("Length", data.get("seconds") or 60)}
        values |= {"provider": EMBEDDED, "stems": False, "name": str(data.get("title") or "")[:200]}
        return {"job": studio.music.compose(actor, priority="urgent", **limits.music(studio, actor, values)).id}

    categories = "".join(
        f'<option value="{key}">{row["names"][0].capitalize()}</option>'
        for key, row in reference("video_words")["categories"].items()
    )
    return part(
        f"""<details class="rcd"><summary>No film yet? Describe it</summary><form onsubmit="return false">
<label class="field"><span>Title</span><input class="inp" name="title" maxlength="200"></label>
<label class="field"><span>Category</span><select class="inp" name="category"><option value="">None</option>{categories}</select></label>
<label class="field"><span>Tags</span><input class="inp" name="tags" maxlength="500" placeholder="drone, sunset, slow"></label>
<label class="field"><span>Description, in English or French</span><textarea class="inp" name="description" rows="3" maxlength="5000"></textarea></label>
<label class="field"><span>Length (seconds)</span><input class="inp" name="seconds" inputmode="decimal" value="60"></label>
<div class="acts"><button type="submit" class="tb" data-act="suggest">Suggest music</button></div></form>
<div class="rc-scene" role="status" aria-label="Suggested from the description"></div><template>{PLAY}</template></details>""",
        script="described", elem_id="described", functions=[door(studio, each) for each in (suggest, make_described, suggestions.made(studio))],
    )  # fmt: skip
