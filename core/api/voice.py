"""Voice over REST: speak, the gallery, samples, the user's pronunciations."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import FileResponse, JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from core.api.bodies import Asked
from core.api.media import SAFE
from core.api.shapes import PAGE_MAX, Page
from core.api.submitting import SUBMITTED, Making, Submission, TheStudio, Who
from core.kit.errors import SetupError, StudioError
from core.voice.routing.wish import Wish
from core.voice.types import SpeechRequest, Voice

router = APIRouter(tags=["voice"])
VoiceId = Annotated[str, Path(max_length=200, examples=["espeak:en-us+f3"])]


class FromPreset(BaseModel):
    """A saved way of speaking fills in what the request does not say itself."""

    preset: str = Field(
        default="", max_length=200, description="id or name of a voice preset, or `default`", examples=["Audiobook"]
    )
    project_id: str = Field(
        default="", max_length=60, description="whose default preset and pronunciations count before one's own"
    )


class Speak(Making, FromPreset, Wish, SpeechRequest):
    """What to say and how."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False,
        json_schema_extra={"examples": [{"text": "The harbour wakes before the town does.", "voice": "en-gb"}]},
    )  # fmt: skip


class Weigh(FromPreset, Wish, SpeechRequest):
    """What would be said and how."""

    cap_usd: Decimal | None = Field(
        default=None, ge=0, le=1_000_000, max_digits=13, decimal_places=6, allow_inf_nan=False,
        description="the job's own cap, within which a quality chooses",
    )  # fmt: skip


class VoiceOut(BaseModel):
    id: str = Field(examples=["espeak:en-us+f3"])
    name: str
    provider: str
    tier: str = Field(description="standard: free and on this machine; premium: paid or neural; custom: your own")
    language: str
    language_name: str
    accent: str
    gender: str
    style: str
    age: str
    curated: bool
    preview_url: str

    @classmethod
    def of(cls, voice: Voice) -> VoiceOut:
        fields = {name: getattr(voice, name) for name in cls.model_fields if name != "preview_url"}
        return cls(**fields, preview_url=preview_url(voice.id))


class Voices(Page):
    voices: list[VoiceOut]


class EstimateOut(BaseModel):
    characters: int = Field(description="that the engine gets; markup and headings are not spoken")
    seconds: float
    usd: Decimal = Field(description="at most; what a plan's allowance pays for is not cash")
    provider: str
    model: str
    requests: int = Field(description="to the engine")
    sections: int
    sellers: list[str] = Field(description="paid services that would speak in it")
    voice: str = Field(description="id of the main voice")
    route: str = Field(
        description="why this voice, where a quality chose it",
        examples=["premium: ElevenLabs Rachel, up to $0.12; OpenAI skipped: over your daily cap"],
    )
    stand_ins: list[str] = Field(description="names of those who may speak where a voice cannot")


class Pronunciations(Asked):
    words: dict[str, str] = Field(examples=[{"GIF": "jif"}], max_length=1000)


def preview_url(voice_id: str) -> str:
    from urllib.parse import quote

    return f"/api/voice/voices/{quote(voice_id, safe='')}/preview"


@router.post("/api/voice/speak", status_code=202, responses=SUBMITTED)
async def speak(body: Speak, door: Submission) -> JSONResponse:
    """Speak a text. Captions come beside the sound unless `captions` is false."""
    return await door.make(lambda: door.studio.voice.speak(door.actor, idempotency_key=door.key, **given(body)))


@router.get("/api/voice/voices")
def voices(
    actor: Who,
    studio: TheStudio,
    language: Annotated[str, Query(max_length=60, examples=["fr"])] = "",
    gender: Annotated[str, Query(max_length=20)] = "",
    tier: Annotated[str, Query(max_length=20)] = "",
    search: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=PAGE_MAX)] = 100,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> Voices:
    """The gallery: voices chosen by hand first, then those of services that are set up, then every other voice of the
    embedded engine."""
    found = studio.voice.book.voices(actor, language, gender, tier, search)
    page = [VoiceOut.of(voice) for voice in found[offset : offset + limit]]
    return Voices(limit=limit, offset=offset, total=len(found), voices=page)


@router.get(
    "/api/voice/voices/{voice_id:path}/preview", response_class=FileResponse,
    responses={200: {"content": {"audio/wav": {}}}},
)  # fmt: skip
def preview(voice_id: VoiceId, actor: Who, studio: TheStudio) -> FileResponse:
    """A voice's sample sentence; made on the first request, from then on out of the cache. A voice that costs money is
    not made to speak by a GET: 402 says what it would cost and where to ask for it."""
    try:
        path = studio.voice.preview_file(actor, voice_id)
    except StudioError as error:
        if type(error) is StudioError:
            raise SetupError(error.message, error.hint, "no_preview_yet") from error
        raise
    return FileResponse(path, media_type="audio/wav", filename="voice.wav", content_disposition_type="inline",
                        headers=SAFE)  # fmt: skip


@router.get("/api/voice/voices/{voice_id:path}")
def voice(voice_id: VoiceId, actor: Who, studio: TheStudio) -> VoiceOut:
    """One voice, by id or name."""
    return VoiceOut.of(studio.voice.book.find(actor, voice_id))


@router.post("/api/voice/estimate")
def estimate(body: Weigh, actor: Who, studio: TheStudio) -> EstimateOut:
    """How long it will last and what it may cost at most, before anything is spent."""
    found = studio.voice.estimate(actor, **given(body))
    return EstimateOut(**found.__dict__)


OfProject = Annotated[str, Query(max_length=60, description="its dictionary, which wins over one's own")]


@router.get("/api/voice/pronunciations")
def pronunciations(actor: Who, studio: TheStudio, project_id: OfProject = "") -> Pronunciations:
    """The user's own dictionary, or a project's: word to respelling."""
    return Pronunciations(words=studio.voice.pronunciations(actor, project_id))


@router.put("/api/voice/pronunciations")
def set_pronunciations(
    body: Pronunciations, actor: Who, studio: TheStudio, project_id: OfProject = ""
) -> Pronunciations:
    """Replace the dictionary: one's own counts for every text from now on, a project's for what names the project."""
    studio.voice.set_pronunciations(actor, body.words, project_id)
    return Pronunciations(words=studio.voice.pronunciations(actor, project_id))


def given(body: BaseModel) -> dict[str, Any]:
    """The values that were sent, as the service takes them."""
    return {name: getattr(body, name) for name in body.model_fields_set}
