"""Voice presets and favourite voices over REST. Presets are shared under /api/shares/voice_preset/…"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from core.api.bodies import Asked
from core.api.submitting import TheStudio, Who
from core.api.voice import VoiceId
from core.kit.actor import Actor
from core.store.voice_presets import PresetRow
from core.voice.presets import SETTINGS

router = APIRouter(prefix="/api/voice", tags=["voice"])
PresetId = Annotated[str, Path(max_length=60, examples=["preset_01k…"])]
ProjectId = Annotated[str, Query(max_length=60, description="its default preset counts before yours")]
Settings = Annotated[
    dict[str, bool | int | float | str | None],
    Field(
        max_length=40, description=f"of a request to speak: {', '.join(SETTINGS)}. `voice` is always one of them",
        examples=[{"voice": "espeak:en-us+f3", "speed": 0.9}],
    ),
]  # fmt: skip


class NewVoicePreset(Asked):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "Audiobook", "settings": {"voice": "en-gb", "speed": 0.9}}]}
    )

    name: str = Field(max_length=200)
    settings: Settings


class VoicePresetEdit(Asked):
    """What is not sent stays; settings that are sent take the place of all there were."""

    name: str | None = Field(default=None, max_length=200)
    settings: Settings | None = None


class VoicePresetOut(BaseModel):
    id: str
    name: str
    settings: Settings
    mine: bool = Field(description="false: shared with you")
    user_id: str
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: PresetRow, actor: Actor) -> VoicePresetOut:
        fields = {name: getattr(row, name) for name in cls.model_fields if name != "mine"}
        return cls(**fields, mine=row.user_id == actor.user_id)


class VoicePresets(BaseModel):
    presets: list[VoicePresetOut]
    default_id: str | None = Field(description="the project's where one is named and has one, otherwise yours")


class DefaultVoicePreset(Asked):
    preset_id: str | None = Field(max_length=60, description="null: none any more")
    project_id: str = Field(default="", max_length=60, description="empty: your own default")


class FavouriteVoices(BaseModel):
    voice_ids: list[str]


@router.get("/presets")
def presets(actor: Who, studio: TheStudio, project_id: ProjectId = "") -> VoicePresets:
    """Your own, then those shared with you."""
    service = studio.voice.presets
    default = service.default(actor, project_id)
    found = [VoicePresetOut.of(row, actor) for row in service.listing(actor)]
    return VoicePresets(presets=found, default_id=None if default is None else default.id)


@router.post("/presets", status_code=201)
def create(body: NewVoicePreset, actor: Who, studio: TheStudio) -> VoicePresetOut:
    """Save a voice with settings under a name."""
    return VoicePresetOut.of(studio.voice.presets.create(actor, body.name, body.settings), actor)


@router.put("/presets/default")
def set_default(body: DefaultVoicePreset, actor: Who, studio: TheStudio) -> VoicePresets:
    """What you, or a project you may edit, start from."""
    studio.voice.presets.set_default(actor, body.preset_id, body.project_id)
    return presets(actor, studio, body.project_id)


@router.get("/presets/{preset_id}")
def preset(preset_id: PresetId, actor: Who, studio: TheStudio) -> VoicePresetOut:
    return VoicePresetOut.of(studio.voice.presets.get(actor, preset_id), actor)


@router.patch("/presets/{preset_id}")
def edit(preset_id: PresetId, body: VoicePresetEdit, actor: Who, studio: TheStudio) -> VoicePresetOut:
    """Rename it, or give it other settings."""
    changed = studio.voice.presets.edit(actor, preset_id, name=body.name, settings=body.settings)
    return VoicePresetOut.of(changed, actor)


@router.delete("/presets/{preset_id}", status_code=204)
def delete(preset_id: PresetId, actor: Who, studio: TheStudio) -> Response:
    """What was spoken with it stays as it is."""
    studio.voice.presets.delete(actor, preset_id)
    return Response(status_code=204)


@router.get("/favourites")
def favourites(actor: Who, studio: TheStudio) -> FavouriteVoices:
    """The voices you marked in the gallery."""
    return FavouriteVoices(voice_ids=studio.voice.favourites.listing(actor))


@router.put("/favourites/{voice_id:path}")
def mark(voice_id: VoiceId, actor: Who, studio: TheStudio) -> FavouriteVoices:
    return FavouriteVoices(voice_ids=studio.voice.favourites.add(actor, voice_id))


@router.delete("/favourites/{voice_id:path}")
def unmark(voice_id: VoiceId, actor: Who, studio: TheStudio) -> FavouriteVoices:
    return FavouriteVoices(voice_ids=studio.voice.favourites.remove(actor, voice_id))
