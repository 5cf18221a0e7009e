"""What can be done to a project, one small wish each: what the page sends, and what PATCH /api/projects/{id} takes."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from core.kit.errors import UserError
from core.sound.types import ClipType, MarkerKind, PartId, PlannedUse, TrackRole, decibels, other_names

MOST = 500
"""Edits in one request."""
At = Annotated[float, Field(ge=0, le=36_000, description="seconds on the time line")]
Db = Annotated[float, Field(ge=-60, le=24)]
NewId = Annotated[PartId, Field(description="left out: the studio gives one")]
OldId = Annotated[str, Field(min_length=1, max_length=60)]


class _Edit(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class _Of(_Edit):
    """Of a clip or of a whole track."""

    clip: OldId | None = None
    track: OldId | None = None

    @model_validator(mode="after")
    def _one(self) -> _Of:
        if (self.clip is None) == (self.track is None):
            raise ValueError("name a clip or a track")
        return self


class AddTrack(_Edit):
    edit: Literal["add_track"]
    id: NewId = ""
    name: str = Field(max_length=100)
    role: TrackRole = "music"
    position: int | None = Field(default=None, ge=0, le=64, description="left out: the last")


class SetTrack(_Edit):
    edit: Literal["track"]
    track: OldId
    name: str | None = Field(default=None, max_length=100)
    role: TrackRole | None = None
    position: int | None = Field(default=None, ge=0, le=64)
    duck_db: float | None = Field(default=None, ge=0, le=40, description="under the voices; 0: not at all")


class DeleteTrack(_Edit):
    edit: Literal["delete_track"]
    track: OldId


class Add(_Edit):
    """A clip. `start`, `duration` and `volume` are taken too."""

    edit: Literal["add"]
    id: NewId = ""
    track: OldId
    type: ClipType = "audio"
    asset_id: str = Field(min_length=1, max_length=60)
    start_s: At = 0.0
    offset_s: float = Field(default=0.0, ge=0, le=36_000)
    duration_s: float | None = Field(default=None, gt=0, le=36_000)
    gain_db: Db = 0.0
    pan: float = Field(default=0.0, ge=-1, le=1)
    mute: bool = False
    fade_in_s: float = Field(default=0.0, ge=0, le=60)
    fade_out_s: float = Field(default=0.0, ge=0, le=60)
    snap: bool = False

    @model_validator(mode="before")
    @classmethod
    def _other_names(cls, data: Any) -> Any:
        return other_names(data)


class Move(_Edit):
    edit: Literal["move"]
    clip: OldId
    start_s: At | None = None
    by_s: float | None = Field(default=None, ge=-36_000, le=36_000, description="instead of start_s")
    track: OldId | None = Field(default=None, description="left out: it stays on its track")
    snap: bool = False


class Trim(_Edit):
    """Its edges on the time line; what stays does not move."""

    edit: Literal["trim"]
    clip: OldId
    start_s: At | None = None
    end_s: At | None = None
    snap: bool = False


class Split(_Edit):
    edit: Literal["split"]
    clip: OldId
    at_s: At
    id: NewId = ""
    snap: bool = False


class Fade(_Edit):
    edit: Literal["fade"]
    clip: OldId
    in_s: float | None = Field(default=None, ge=0, le=60)
    out_s: float | None = Field(default=None, ge=0, le=60)


class Gain(_Of):
    edit: Literal["gain"]
    gain_db: Db

    @model_validator(mode="before")
    @classmethod
    def _volume(cls, data: Any) -> Any:
        if not isinstance(data, dict) or "volume" not in data:
            return data
        values = dict(data)
        gain_db = decibels(values.pop("volume"))
        return values | {"gain_db": -60.0 if gain_db is None else gain_db}


class Pan(_Of):
    edit: Literal["pan"]
    pan: float = Field(ge=-1, le=1, description="-1 left, 1 right")


class Mute(_Of):
    edit: Literal["mute"]
    mute: bool = True


class Solo(_Edit):
    edit: Literal["solo"]
    track: OldId
    solo: bool = True


class Loop(_Edit):
    """Repeat it to the end of the piece."""

    edit: Literal["loop"]
    clip: OldId
    loop: bool = True


class Duplicate(_Edit):
    edit: Literal["duplicate"]
    clip: OldId
    start_s: At | None = Field(default=None, description="left out: right after it")
    id: NewId = ""
    snap: bool = False


class Delete(_Edit):
    edit: Literal["delete"]
    clip: OldId


class AddMarker(_Edit):
    edit: Literal["marker"]
    id: NewId = ""
    kind: MarkerKind = "marker"
    at_s: At
    label: str = Field(default="", max_length=200)


class SetMarker(_Edit):
    edit: Literal["set_marker"]
    marker: OldId
    at_s: At | None = None
    label: str | None = Field(default=None, max_length=200)


class DeleteMarker(_Edit):
    edit: Literal["delete_marker"]
    marker: OldId


class Piece(_Edit):
    """The whole piece: its loudness preset and its length (0: as long as its contents)."""

    edit: Literal["piece"]
    loudness: str | None = Field(default=None, max_length=40)
    length_s: float | None = Field(default=None, ge=0, le=36_000)


class PlanUse(_Edit):
    """What the piece is made for; without `use`, nothing is planned any more."""

    edit: Literal["plan"]
    use: PlannedUse | None = None


Edit = Annotated[
    AddTrack | SetTrack | DeleteTrack | Add | Move | Trim | Split | Fade | Gain | Pan | Mute | Solo | Loop | Duplicate
    | Delete | AddMarker | SetMarker | DeleteMarker | Piece | PlanUse,
    Field(discriminator="edit"),
]  # fmt: skip
_EDITS: TypeAdapter[list[Edit]] = TypeAdapter(Annotated[list[Edit], Field(min_length=1, max_length=MOST)])


def edits(values: Any) -> list[Edit]:
    """From outside data, or one UserError that names the first value that cannot work."""
    try:
        return _EDITS.validate_python(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "edits"
        raise UserError(f"{where}: {first['msg']}.", "Correct that edit.") from None
