"""Sound presets over REST: what there is, and one of them on a piece of the library."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from core.api.submitting import KNOWN, SUBMITTED, Making, Submission
from core.audio.voicing import presets
from core.audio.voicing.presets import Overrides
from core.kit.errors import UserError

router = APIRouter(tags=["sound"])


class Polish(Making):
    """A new piece beside the old one, with its captions; both measurements stand in its `generation_config.polish`."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"asset_id": "asset_01kc0s3t9v6xj4m2n8q5r7w1yz", "preset": "audiobook"}]}
    )

    asset_id: str = Field(max_length=60)
    preset: str = Field(max_length=40, description="one of GET /api/sound/presets")
    overrides: Overrides = Field(default_factory=Overrides)


class PresetOut(BaseModel):
    name: str = Field(examples=["podcast"])
    title: str
    about: str
    steps: list[str] = Field(description="in the order they run")
    lufs_mono: float | None
    lufs_stereo: float | None
    rms_db: float | None = Field(description="where it goes by RMS instead of loudness")
    dbtp: float | None
    sources: dict[str, str] = Field(description="who asks for each figure")


class Presets(BaseModel):
    presets: list[PresetOut]


@router.get("/api/sound/presets", dependencies=[KNOWN])
def listed() -> Presets:
    """What a voice can be made ready for, and by which figures."""
    return Presets(presets=[_row(presets.preset(name)) for name in presets.names()])


@router.post("/api/sound/polish", status_code=202, responses=SUBMITTED)
async def polish(body: Polish, door: Submission) -> JSONResponse:
    """Noise gate, equaliser, compressor, de-esser and loudness by preset, measured before and after."""
    if body.cap_usd is not None:
        raise UserError("Polishing happens on this machine and costs nothing.", "Leave cap_usd out.")
    return await door.make(
        lambda: door.studio.polishing.submit(
            door.actor, body.asset_id, body.preset, body.overrides, priority=body.priority, idempotency_key=door.key
        )
    )


def _row(chosen: presets.Preset) -> PresetOut:
    return PresetOut(
        name=chosen.name, title=chosen.title, about=chosen.about, steps=[name for name, _ in chosen.steps],
        lufs_mono=chosen.lufs_mono, lufs_stereo=chosen.lufs_stereo, rms_db=chosen.rms.value if chosen.rms else None,
        dbtp=chosen.dbtp.value if chosen.dbtp else None, sources=dict(chosen.sources or {}),
    )  # fmt: skip
