"""Script files over REST: read, and what they need to be spoken."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from core.api.bodies import Asked
from core.api.submitting import TheStudio, Who
from core.api.uploads import Sent, form_of
from core.app import Studio
from core.kit.actor import Actor
from core.voice.scripts.casting import roles
from core.voice.scripts.reading import FORMATS, MAX_BYTES, read_script

router = APIRouter(tags=["voice"])


class Pasted(Asked):
    """A script as text: plain, SSML or subtitles, told by how it begins."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "ANNA: Is anybody there?\nBEN: Only me."}]})

    text: str
    voice: str = Field(default="", max_length=200, description="who reads the rest; suggestions speak its language")
    gaps: bool = Field(default=False, description="silences between subtitles become pauses")


class ScriptForm(BaseModel):
    file: bytes = Field(json_schema_extra={"format": "binary"}, description=f"one of {', '.join(FORMATS)}")
    voice: str = ""
    gaps: bool = False


class SpeakerOut(BaseModel):
    name: str
    lines: int = Field(description="that begin with the name")
    suggested_voice: str = Field(
        description="id of an embedded voice, another one for each name while there are enough"
    )


class ScriptOut(BaseModel):
    text: str = Field(description="in our markup, as /api/voice/speak takes it")
    speakers: list[SpeakerOut] = Field(description="give them voices in `speakers` of /api/voice/speak")
    sections: list[str]
    characters: int
    notes: list[str] = Field(description="what was left out or changed")
    pronunciations: dict[str, str] = Field(description="of words that the file spells in phonemes")


_BODIES: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": Pasted.model_json_schema()},
            "multipart/form-data": {"schema": ScriptForm.model_json_schema()},
        },
    }
}


@router.post("/api/voice/script", openapi_extra=_BODIES)
async def script(request: Request, actor: Who, studio: TheStudio) -> ScriptOut:
    """Read a script file, or a pasted script: its text in our markup, who speaks in it, its sections, and what was left
    out. Nothing is kept."""
    sent = await form_of(request, Pasted)
    return await run_in_threadpool(_read, studio, actor, sent)


def _read(studio: Studio, actor: Actor, sent: Sent | Pasted) -> ScriptOut:
    if isinstance(sent, Sent):
        name, data = sent.file.filename or "", sent.file.file.read(MAX_BYTES + 1)
        voice, gaps = sent.more.get("voice", "")[:200], sent.more.get("gaps", "").lower() in ("1", "true", "yes", "on")
    else:
        name, data, voice, gaps = "", sent.text.encode(), sent.voice, sent.gaps
    narrator = studio.voice.book.find(actor, voice) if voice else None
    found = read_script(name, data, gaps=gaps)
    return ScriptOut(
        text=found.text,
        speakers=[
            SpeakerOut(name=role.name, lines=role.lines, suggested_voice=role.voice)
            for role in roles(found.text, found.speakers, narrator)
        ],
        sections=list(found.sections), characters=len(found.text), notes=list(found.notes),
        pronunciations=dict(found.pronunciations),
    )  # fmt: skip
