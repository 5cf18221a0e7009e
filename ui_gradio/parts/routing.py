"""Who speaks, on the Voice page: a quality instead of a voice, who may stand in, and the order of one's engines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from core.voice.estimate import Engine
from core.voice.languages import name_of
from core.voice.routing.tongue import written
from ui_gradio.parts import part

_QUALITIES = (
    ("The voice I choose", ""), ("Draft: free, at once", "draft"), ("Standard: the best without cash", "standard"),
    ("Premium: the best within the caps", "premium"),
)  # fmt: skip
_STAND_INS = (
    ("As I prefer (below)", ""), ("Stop", "never"), ("Another voice says all of it", "whole"),
    ("Another voice may go on in the middle", "mixed"),
)  # fmt: skip


@dataclass(frozen=True)
class Controls:
    quality: gr.Dropdown
    stand_in: gr.Dropdown
    language: gr.Dropdown

    @property
    def all(self) -> list[Any]:
        return [self.quality, self.stand_in, self.language]


def controls() -> Controls:
    quality = gr.Dropdown(
        list(_QUALITIES), value="", label="Quality", interactive=True, elem_id="voice-quality",
        info="Chooses an engine and a voice like the one below",
    )  # fmt: skip
    language = gr.Dropdown(
        [("As the text has it", ""), *((name_of(code), code) for code in written())], value="", label="Language",
        interactive=True, visible=False, elem_id="voice-language",
    )  # fmt: skip
    stand_in = gr.Dropdown(
        list(_STAND_INS), value="", label="If this voice cannot speak", interactive=True, visible=False, elem_id="voice-stand-in",
    )  # fmt: skip
    return Controls(quality, stand_in, language)


def unobeyed(engine: Engine, model: str, quality: str) -> set[str]:
    """Of the values of a request, those that would not count. Which engine a quality takes is not known before, so it has
    no controls but speed, pitch and pauses."""
    dropped = set()
    if quality:
        dropped |= {*engine.obeys, "model", "language", "range"} - {"speed", "pitch"}
    elif (model or engine.default_model) not in engine.told:
        dropped.add("language")
    if (engine.whole and not quality) or quality == "draft":
        dropped.add("stand_in")
    return dropped


def fitting(engine: Engine, model: str, quality: str) -> list[Any]:
    """What is shown of stand_in and language."""
    dropped = unobeyed(engine, model, quality)
    return [gr.update(visible=name not in dropped) for name in ("stand_in", "language")]


def preferences() -> gr.HTML:
    """The user's order of engines, over REST. It tells `changed` when something counts otherwise from now on."""
    return part(
        """<div class="rt"><p>A quality asks the engines from the top down. One that is off is never chosen, and never stands in;
a voice of it that you choose yourself still speaks.</p><ol aria-label="Engines in your order"></ol>
<label><span>If a voice cannot speak</span><select class="inp" aria-label="Who may stand in"><option value="never">stop</option>
<option value="whole">another voice says all of it</option><option value="mixed">another voice may go on in the middle</option></select></label></div>""",
        script="routing", elem_id="voice-routing",
    )  # fmt: skip
