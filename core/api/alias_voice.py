"""The audio-studio document's own paths for voices: its field names, our services. See README for the table."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from core.api.bodies import Asked
from core.api.shapes import file_url, job_url
from core.api.submitting import Door, Submission, TheStudio, Who
from core.api.voice import preview_url
from core.kit.paths import reference
from core.store.assets import Asset
from core.store.jobs import Job
from core.voice.routing.wish import Quality
from core.voice.types import Voice

router = APIRouter(tags=["aliases"])


class Started(BaseModel):
    """202 of every alias."""

    jobId: str
    generationId: str
    status: Literal["processing"] = "processing"


class Success(BaseModel):
    """200 of the audio-studio document, with the ids beside it."""

    status: Literal["success"] = "success"
    audio_url: str
    duration: float | None = Field(description="seconds")
    audio_id: str
    provider: str | None = Field(description="who made it")
    ignored: list[str] = Field(description="settings that this provider does not have")
    jobId: str
    generationId: str


STARTED: dict[int | str, dict[str, Any]] = {
    200: {"model": Success, "description": "done within ?wait="},
    202: {"model": Started, "description": "written down; `Location` is where to follow it"},
}


class Settings(Asked):
    """Those of the document and of ElevenLabs. What the voice's engine has no knob for is named in `ignored`."""

    model_config = ConfigDict(extra="allow")

    speed: float = Field(default=1.0, ge=0.5, le=2.0)
    pitch: float = Field(default=0.0, ge=-12, le=12)
    preset: str = Field(default="", max_length=200, description="a voice preset for what is not said here")


class AudioGenerate(Asked):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"text": "The harbour wakes.", "model": "kokoro-82m", "voice": "am_adam",
                          "settings": {"speed": 1.0, "pitch": 0, "stability": 0.5, "clarity": 0.75}}]
        }
    )  # fmt: skip

    text: str
    voice: str = Field(default="", max_length=200)
    model: str = Field(default="", max_length=80, description="a wish; `provider` of the answer says who spoke")
    quality: Quality = Field(default="", description="instead of a voice: draft, standard or premium")
    settings: Settings = Settings()


class VoiceGenerate(Asked):
    model_config = ConfigDict(json_schema_extra={"examples": [{"text": "Hello world", "voice_id": "Emma"}]})

    text: str
    voice_id: str = Field(default="", max_length=200)
    model: str = Field(default="", max_length=80, description="a wish; `provider` of the answer says who spoke")
    quality: Quality = Field(default="", description="instead of a voice: draft, standard or premium")
    voice_settings: Settings = Settings()


class PreviewOf(Asked):
    voice_id: str = Field(max_length=200, examples=["Emma"])
    max_usd: Decimal | None = Field(default=None, ge=0, description="what the sample of a paid voice may cost")


class Preview(BaseModel):
    status: Literal["success"] = "success"
    audio_url: str


class Labels(BaseModel):
    gender: str
    accent: str
    language: str
    age: str
    description: str


class VoiceLine(BaseModel):
    voice_id: str
    name: str
    category: str
    labels: Labels
    preview_url: str


class VoiceList(BaseModel):
    voices: list[VoiceLine]


class GalleryVoice(BaseModel):
    id: str
    name: str
    gender: str
    accent: str
    provider: str
    preview: str


class Tiers(BaseModel):
    standard: list[GalleryVoice]
    premium: list[GalleryVoice]
    custom: list[GalleryVoice]


class Gallery(BaseModel):
    voices: Tiers


@router.post("/audio/generate", status_code=202, responses=STARTED)
async def audio_generate(body: AudioGenerate, door: Submission) -> JSONResponse:
    """Text to speech, under the audio-studio document's names."""
    return await speak_as(door, body.text, body.voice, body.settings, body.model, body.quality)


@router.post("/api/ai-voice/generate", status_code=202, responses=STARTED)
@router.post("/api/audio-studio/ai-voice/generate", status_code=202, responses=STARTED)
async def voice_generate(body: VoiceGenerate, door: Submission) -> JSONResponse:
    """AI voice generation, under the audio-studio document's names."""
    return await speak_as(door, body.text, body.voice_id, body.voice_settings, body.model, body.quality)


@router.get("/api/ai-voice/voices")
def voice_list(actor: Who, studio: TheStudio, language: Annotated[str, Query(max_length=60)] = "") -> VoiceList:
    """Voices as a list, in the shape ElevenLabs' clients know."""
    return VoiceList(voices=[_line(voice) for voice in studio.voice.book.voices(actor, language)])


@router.get("/api/audio-studio/ai-voice/voices")
def voice_gallery(actor: Who, studio: TheStudio, language: Annotated[str, Query(max_length=60)] = "") -> Gallery:
    """The document's voice gallery: by tier."""
    everyone = studio.voice.book.voices(actor, language)
    found = [voice for voice in everyone if voice.curated or voice.tier != "standard"]
    tiers = {
        tier: [_card(voice) for voice in found if voice.tier == tier] for tier in ("standard", "premium", "custom")
    }
    return Gallery(voices=Tiers(**tiers))


@router.post("/api/audio-studio/ai-voice/preview")
def voice_preview(body: PreviewOf, actor: Who, studio: TheStudio) -> Preview:
    """Where to hear a voice's sample sentence. One that costs money is made here, within `max_usd`, and kept."""
    voice = studio.voice.book.find(actor, named(body.voice_id))
    if body.max_usd is not None:
        studio.voice.preview_file(actor, voice.id, max_usd=body.max_usd)
    return Preview(audio_url=preview_url(voice.id))


def named(voice: str) -> str:
    """The document's own voice names, and anything our gallery knows."""
    known: dict[str, str] = reference("voices/known_names")["audio_studio"]
    return known.get(voice, voice)


_SETTINGS = {
    "stability": "stability", "clarity": "similarity", "similarity_boost": "similarity", "similarity": "similarity",
    "style": "style", "use_speaker_boost": "speaker_boost", "emotion": "emotion", "instructions": "instructions",
}  # fmt: skip
"""The document's and ElevenLabs' words for ours."""


async def speak_as(
    door: Door, text: str, voice: str, settings: Settings, model: str, quality: str = ""
) -> JSONResponse:  # fmt: skip
    def submit() -> Job:
        values: dict[str, Any] = settings.model_dump(include=settings.model_fields_set & {"speed", "pitch", "preset"})
        presets, speaks = door.studio.voice.presets, named(voice)
        if settings.preset and not voice:
            speaks = presets.voice(door.actor, presets.find(door.actor, settings.preset))
        if quality:  # the engine that will speak says which settings it has
            routed = door.studio.voice.estimate(door.actor, text=text, voice=speaks, quality=quality, **values)
            speaks = routed.voice
        engine = door.studio.voice.engine(door.actor, speaks)
        for name, value in (settings.model_extra or {}).items():
            if _SETTINGS.get(name) in engine.obeys and value is not None:
                values[_SETTINGS[name]] = value
            else:
                ignored.append(name)
        if model in engine.models or (model and engine.paid):  # a slip must not buy a dearer model unasked
            values["model"] = model
        return door.studio.voice.speak(
            door.actor, text=text, voice=speaks, idempotency_key=door.key, quality=quality, **values
        )  # fmt: skip

    ignored: list[str] = []
    job = await door.submit(submit)
    return await told(door, job, sorted(ignored))


async def told(door: Door, job: Job, ignored: list[str]) -> JSONResponse:
    headers = {"Location": job_url(job.id)}
    if not door.wait_s or not job.ended:
        return JSONResponse(Started(jobId=job.id, generationId=job.id).model_dump(), 202, headers)
    _, made = await run_in_threadpool(door.outcome, job)
    said = Success(
        audio_url=url_of(made[0]), duration=made[0].duration_s, audio_id=made[0].id, provider=job.provider,
        ignored=[name[:60] for name in ignored[:20]], jobId=job.id, generationId=job.id,
    )  # fmt: skip
    return JSONResponse(said.model_dump(), 200, headers)


def url_of(asset: Asset) -> str:
    return f"/api/music/serve/{asset.id}.{asset.format}" if asset.kind == "music" else file_url(asset)


def _line(voice: Voice) -> VoiceLine:
    return VoiceLine(
        voice_id=voice.id, name=voice.name, category=voice.tier, preview_url=preview_url(voice.id),
        labels=Labels(gender=voice.gender, accent=voice.accent, language=voice.language, age=voice.age,
                      description=voice.style),
    )  # fmt: skip


def _card(voice: Voice) -> GalleryVoice:
    return GalleryVoice(
        id=voice.id, name=voice.name, gender=voice.gender, accent=voice.accent, provider=voice.provider,
        preview=preview_url(voice.id),
    )  # fmt: skip
