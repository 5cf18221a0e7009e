"""Voice cloning over REST, under the audio-studio document's paths and names."""

from __future__ import annotations

import pathlib
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import FileResponse, JSONResponse
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from core.api.alias_voice import STARTED, Settings, speak_as
from core.api.bodies import Asked
from core.api.media import SAFE
from core.api.recordings import body, form_of, on_disk
from core.api.submitting import SUBMITTED, Submission, TheStudio, Who
from core.api.voice import preview_url
from core.app import Studio
from core.kit.actor import Actor
from core.kit.errors import UserError
from core.rights.consent import statement
from core.store.voices import VoiceFile, VoiceRow
from core.voice.cloning.own import PREFIX
from core.voice.cloning.recordings import check, scratch
from core.voice.cloning.service import Consenting
from core.voice.references.samples import told

BASE = "/api/audio-studio/voice-cloning"
VoiceId = Annotated[str, Path(max_length=60, examples=["voice_01k…"])]
router = APIRouter(tags=["voice cloning"])


class Line(BaseModel):
    """One check of a recording."""

    name: str
    verdict: str = Field(description="ok, problem or not assessed")
    value: float | None
    unit: str
    points_lost: float
    reason: str
    remedy: str


class RecordingOut(BaseModel):
    id: str = Field(description="empty where nothing was kept")
    name: str
    url: str
    duration: float = Field(description="seconds")
    speech_s: float
    score: float = Field(description="0 to 1")
    usable: bool
    cleaned: list[str] = Field(description="what was done to it")
    checks: list[Line]
    uploaded_at: datetime | None

    @classmethod
    def of(cls, name: str, facts: dict[str, Any], file: VoiceFile | None = None) -> RecordingOut:
        url = f"{BASE}/voices/{file.voice_id}/recordings/{file.id}" if file else ""
        return cls(
            id=file.id if file else "", name=name, url=url, duration=facts["duration_s"], speech_s=facts["speech_s"],
            score=facts["score"], usable=facts["usable"], cleaned=facts["cleaned"], checks=facts["report"]["checks"],
            uploaded_at=file.created_at if file else None,
        )  # fmt: skip


class Trait(BaseModel):
    value: str | float | None
    confidence: float = Field(description="0 to 1")


class Learned(BaseModel):
    engine: str
    learned_at: str
    recordings: int
    likeness: dict[str, Any] | None = Field(description="how near its own speech comes, as measured")
    notice: str = Field(description="what is still to be done at the service")


class ConsentOut(BaseModel):
    speaker: str
    statement: str
    how: str = Field(description="typed or spoken")
    commercial: bool
    given_at: str
    sha256: str
    recording_url: str


class ClonedVoice(BaseModel):
    voice_id: str
    speak_as: str = Field(description="what to send as `voice` to make it speak", examples=["clone:voice_01k…"])
    name: str
    description: str
    language: str
    status: str = Field(description="pending, training, trained or failed")
    error: dict[str, Any] | None
    is_active: bool
    training_job_id: str | None
    training_started_at: datetime | None
    training_completed_at: datetime | None
    characteristics: dict[str, Trait] = Field(description="estimates")
    quality_score: float | None = Field(description="0 to 1")
    engines: list[Learned]
    engine: str = Field(description="asked first; empty: the best that costs nothing")
    reference_audios: list[RecordingOut] = Field(description="shown to the owner alone")
    consent: ConsentOut | None = Field(description="shown to the owner alone")
    sample_text: str
    sample_audio: str
    usage_count: int
    last_used_at: datetime | None
    mine: bool
    created_at: datetime

    @classmethod
    def of(cls, row: VoiceRow, files: list[VoiceFile], actor: Actor) -> ClonedVoice:
        mine = row.user_id == actor.user_id or actor.is_admin
        spoken = next((file for file in files if file.role == "consent"), None)
        said = {name: row.consent[name] for name in ConsentOut.model_fields if name != "recording_url"}
        url = f"{BASE}/voices/{row.id}/recordings/{spoken.id}" if spoken else ""
        same = ("name", "description", "language", "status", "error", "training_job_id", "training_started_at",
                "training_completed_at", "characteristics", "quality_score", "engine", "sample_text", "usage_count",
                "last_used_at", "created_at")  # fmt: skip
        return cls(
            **{name: getattr(row, name) for name in same}, voice_id=row.id, speak_as=PREFIX + row.id,
            is_active=row.active, mine=mine, sample_audio=preview_url(PREFIX + row.id) if row.engines else "",
            engines=[Learned(engine=name, learned_at=each["learned_at"], recordings=each["recordings"],
                             likeness=each.get("likeness"), notice=each.get("notice", "")) for name, each in row.engines.items()],
            reference_audios=[RecordingOut.of(file.name, file.facts, file) for file in files if file.role == "reference"],
            consent=ConsentOut(**said, recording_url=url) if mine else None,
        )  # fmt: skip


class Voices(BaseModel):
    cloned_voices: list[ClonedVoice]


class Uploaded(BaseModel):
    voice: ClonedVoice
    advice: list[str]


class CheckedOut(BaseModel):
    recordings: list[RecordingOut]
    advice: list[str]
    statement: str = Field(description="the words proposed for the consent")


class Train(Asked):
    voice_id: str = Field(max_length=60)
    engines: list[str] = Field(default=[], max_length=10, description="empty: all that are ready and on this machine")


class Generate(Asked):
    voice_id: str = Field(max_length=60)
    text: str
    settings: Settings = Settings()


class Edit(Asked):
    name: str | None = Field(default=None, max_length=200)
    description: str | None = Field(default=None, max_length=4000)
    language: str | None = Field(default=None, max_length=20)
    is_active: bool | None = None
    sample_text: str | None = Field(default=None, max_length=2000)
    engine: str | None = Field(default=None, max_length=40)


class Team(Asked):
    team_id: str = Field(max_length=60)


class Deleted(BaseModel):
    voice_id: str
    files_deleted: int
    remaining: list[dict[str, str]] = Field(description="finished pieces it speaks in: they stay")
    left_at_services: dict[str, str] = Field(description="by service: why its copy is still there; delete once more")


_TEXTS = {
    "name": {"type": "string"}, "description": {"type": "string"}, "language": {"type": "string", "example": "en"},
    "speaker": {"type": "string", "description": "whose voice it is"},
    "statement": {"type": "string", "description": "the speaker's words of consent, typed or read aloud"},
    "commercial": {"type": "string", "enum": ["true", "false"], "description": "whether the speaker allows it; false where nothing is said"},
    "consent_recording": {"type": "string", "format": "binary", "description": "the statement read aloud"},
    "voice_id": {"type": "string", "description": "adds the recordings to this voice; nothing else is read then"},
}  # fmt: skip


@router.post(f"{BASE}/check", openapi_extra=body({}, ("files",)))
async def check_recordings(request: Request, actor: Who, studio: TheStudio) -> CheckedOut:
    """What each recording is worth for a voice, on the spot; nothing is kept."""
    studio.cloning.may_send(actor)
    form = await form_of(request)

    def act() -> CheckedOut:
        with on_disk(studio, form) as (files, _), scratch(studio.settings) as folder:
            checked = check(files, studio.children, studio.settings, pathlib.Path(folder))
            advice = list(told([each.sample for each in checked]))
            shown = [RecordingOut.of(each.recording.shown, each.facts()) for each in checked]
            words = statement(form.texts.get("speaker", "")[:120], form.texts.get("name", "")[:80])
            return CheckedOut(recordings=shown, advice=advice, statement=words)

    return await run_in_threadpool(act)


@router.post(f"{BASE}/upload", status_code=201, openapi_extra=body(_TEXTS, ("files",)))
async def upload(request: Request, actor: Who, studio: TheStudio) -> Uploaded:
    """A new voice from recordings and its speaker's consent; or more recordings for one. Each is checked, and cleaned
    where that helps."""
    studio.cloning.may_send(actor)
    form = await form_of(request)
    return await run_in_threadpool(_upload, studio, actor, form)


def _upload(studio: Studio, actor: Actor, form: Any) -> Uploaded:
    texts: dict[str, str] = form.texts
    with on_disk(studio, form) as (files, said):
        if texts.get("voice_id"):
            row, advice = studio.cloning.add_recordings(actor, texts["voice_id"], files)
        else:
            commercial = texts.get("commercial", "false").strip().lower()
            if commercial not in ("true", "false"):
                raise UserError(f"commercial = {commercial[:20]!r} cannot be used.", "Send true or false.", "field")
            consent = Consenting(texts.get("speaker", ""), texts.get("statement", ""), commercial == "true", said)
            row, advice = studio.cloning.create(
                actor, name=texts.get("name", ""), description=texts.get("description", ""),
                language=texts.get("language", ""), recordings=files, consent=consent,
            )  # fmt: skip
    return Uploaded(voice=_whole(studio, actor, row.id), advice=advice)


@router.post(f"{BASE}/train", status_code=202, responses=SUBMITTED)
async def train(body: Train, door: Submission) -> JSONResponse:
    """Teach it to engines. A service is asked only by name, since the recordings leave the machine."""
    return await door.make(
        lambda: door.studio.cloning.train(door.actor, body.voice_id, body.engines, idempotency_key=door.key)
    )


@router.get(f"{BASE}/voices")
def voices(
    actor: Who, studio: TheStudio, status: Annotated[str, Query(max_length=20)] = "",
    search: Annotated[str, Query(max_length=200)] = "", active: bool | None = None,
) -> Voices:  # fmt: skip
    """Your voices and those shared with your teams."""
    found = studio.cloning.listing(actor, status=status, search=search, active=active)
    return Voices(cloned_voices=[ClonedVoice.of(row, [], actor) for row in found])


@router.get(f"{BASE}/voices/{{cloned_id}}")
def voice(cloned_id: VoiceId, actor: Who, studio: TheStudio) -> ClonedVoice:
    """One voice with its recordings."""
    return _whole(studio, actor, cloned_id)


@router.patch(f"{BASE}/voices/{{cloned_id}}")
def edit(cloned_id: VoiceId, body: Edit, actor: Who, studio: TheStudio) -> ClonedVoice:
    """Rename, describe, switch off or on, choose the engine asked first, change the sample's words."""
    changes = {name: getattr(body, name) for name in body.model_fields_set if getattr(body, name) is not None}
    if "is_active" in changes:
        changes["active"] = changes.pop("is_active")
    studio.cloning.edit(actor, cloned_id, **changes)
    return _whole(studio, actor, cloned_id)


@router.delete(f"{BASE}/voices/{{cloned_id}}")
def delete(cloned_id: VoiceId, actor: Who, studio: TheStudio, withdraw: bool = False) -> Deleted:
    """Recordings, what engines learned, and services' copies. `withdraw`: the speaker took the consent back, and the
    finished pieces may no longer be published."""
    gone = studio.cloning.delete(actor, cloned_id, withdraw=withdraw)
    return Deleted(
        voice_id=gone.voice_id, files_deleted=gone.files, left_at_services=gone.left,
        remaining=[{"id": asset_id, "name": name} for asset_id, name in gone.remaining],
    )  # fmt: skip


@router.post(f"{BASE}/voices/{{cloned_id}}/sample")
def sample(cloned_id: VoiceId, actor: Who, studio: TheStudio) -> ClonedVoice:
    """Have the sample spoken anew, at the next listening."""
    studio.cloning.new_sample(actor, cloned_id)
    return _whole(studio, actor, cloned_id)


@router.get(f"{BASE}/voices/{{cloned_id}}/recordings/{{file_id}}", response_class=FileResponse,
            responses={200: {"content": {"audio/*": {}}}})  # fmt: skip
def recording(
    cloned_id: VoiceId, file_id: Annotated[str, Path(max_length=60)], actor: Who, studio: TheStudio
) -> FileResponse:
    """A recording, or the consent read aloud; for the owner."""
    file, path = studio.cloning.recording(actor, cloned_id, file_id)
    return FileResponse(
        path, media_type="audio/wav", filename=file.name, content_disposition_type="inline", headers=SAFE
    )


@router.delete(f"{BASE}/voices/{{cloned_id}}/recordings/{{file_id}}")
def remove_recording(
    cloned_id: VoiceId, file_id: Annotated[str, Path(max_length=60)], actor: Who, studio: TheStudio
) -> ClonedVoice:
    """Delete one recording. What engines learned from it stays until the voice is trained again."""
    studio.cloning.remove_recording(actor, cloned_id, file_id)
    return _whole(studio, actor, cloned_id)


@router.post(f"{BASE}/voices/{{cloned_id}}/share")
def share(cloned_id: VoiceId, body: Team, actor: Who, studio: TheStudio) -> ClonedVoice:
    """Let a team speak with it. Its recordings and consent stay with you."""
    studio.access.sharing.share(actor, "voice", cloned_id, body.team_id)
    return _whole(studio, actor, cloned_id)


@router.post(f"{BASE}/generate", status_code=202, responses=STARTED)
async def generate(body: Generate, door: Submission) -> JSONResponse:
    """Speak a text with one of your voices."""
    return await speak_as(door, body.text, PREFIX + body.voice_id.removeprefix(PREFIX), body.settings, "")


def _whole(studio: Studio, actor: Actor, voice_id: str) -> ClonedVoice:
    return ClonedVoice.of(*studio.cloning.get(actor, voice_id), actor)
