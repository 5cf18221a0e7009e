"""The pronunciation dictionary: one word a line, used for every text from now on."""

from __future__ import annotations

from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from core.kit.errors import UserError
from ui_gradio.errors import door
from ui_gradio.parts import part


def dictionary(studio: Studio) -> gr.HTML:
    def words(actor: Actor, _data: dict[str, Any]) -> dict[str, Any]:
        return {"lines": "\n".join(f"{word} = {said}" for word, said in studio.voice.pronunciations(actor).items())}

    def store(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        entries = read_lines(str(data.get("lines", "")))
        studio.voice.set_pronunciations(actor, entries)
        return {"count": len(entries)}

    return part(
        """<div class="dict"><textarea class="inp" rows="4" spellcheck="false" aria-label="Pronunciations, one a line" placeholder="GIF = jif&#10;Nguyen = /wɪn/&#10;SQL = [[s'i:kw@L]]"></textarea>
<div class="dr"><small>word = how to say it: a respelling, /IPA/ or [[phonemes]]</small><button type="button" class="tb" data-act="store">Keep</button></div></div>""",
        script="dictionary", functions=[door(studio, words), door(studio, store)],
    )  # fmt: skip


def read_lines(text: str) -> dict[str, str]:
    entries: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        word, equals, said = line.partition("=")
        if not equals or not word.strip() or not said.strip():
            raise UserError(f"Line {number} of the dictionary has no word and sound: {line.strip()[:60]!r}.",
                            "Write it as: word = how to say it")  # fmt: skip
        entries[" ".join(word.split())] = " ".join(said.split())
    return entries
