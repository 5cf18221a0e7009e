"""A clip, its scenes, and what was measured of them."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

SceneType = Literal["talking_head", "conversation", "action", "montage", "titles", "product", "landscape", "calm"]
SCENE_TYPES: tuple[SceneType, ...] = (
    "talking_head", "conversation", "action", "montage", "titles", "product", "landscape", "calm",
)  # fmt: skip
Opened = Literal["start", "cut", "dissolve", "fade"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Features(_Part):
    """Of one scene. Shares and degrees are 0 to 1 unless said otherwise."""

    lufs: float | None = Field(description="loudness of its own sound; None where it has none")
    energy: float = Field(description="of its sound: half how loud, half how much happens in it")
    speech: float = Field(description="share of the time in which somebody speaks")
    centroid_hz: float = Field(description="the middle of its sound's spectrum; 0 where it is silent")
    motion: float = Field(description="0.5 at a quarter of the picture's height a second")
    motion_heights_s: float = Field(description="mean speed of the picture in picture heights a second")
    brightness: float
    contrast: float
    warmth: float = Field(description="-1 blue to 1 orange")
    saturation: float
    flat: float = Field(description="share of the picture in its commonest tone")
    face: float = Field(description="share of the looks in which a face was found")
    face_height: float = Field(description="of the largest face, as a share of the picture's height")
    cuts_per_minute: float = Field(description="within 10 s of its middle")
    position: float = Field(description="where its middle lies in the clip")


class Scene(_Part):
    id: str = ""
    number: int
    start_s: float
    end_s: float
    first_frame: int
    frames: int
    opened: Opened
    features: Features
    type: SceneType
    confidence: float = Field(description="of the type: how far it is ahead of the next")
    why: str

    @property
    def seconds(self) -> float:
        return self.end_s - self.start_s


class Curves(_Part):
    """Of the whole clip, for its timeline; two values a second."""

    per_second: float = 2.0
    motion: tuple[float, ...] = ()
    brightness: tuple[float, ...] = ()
    energy: tuple[float, ...] = ()
    speech: tuple[float, ...] = ()


class Clip(_Part):
    seconds: float
    fps: float
    width: int
    height: int
    varies: bool = False
    rotated: bool = False
    hdr: bool = False
    codec: str = ""
    sounds: bool = True
    sound_start_s: float = Field(default=0.0, description="when its sound begins, after its first picture")
    scenes: tuple[Scene, ...]
    spoken: tuple[tuple[float, float], ...] = Field(default=(), description="(start, end) in seconds")
    curves: Curves = Curves()
    warnings: tuple[str, ...] = ()

    @property
    def cuts_s(self) -> tuple[float, ...]:
        return tuple(scene.start_s for scene in self.scenes[1:])
