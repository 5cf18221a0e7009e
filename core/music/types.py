"""What a music request is, and what comes back. Validated once, here; inside, everything is trusted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, InstanceOf
from pydantic.json_schema import SkipJsonSchema

Mood = Literal[
    "calm", "happy", "inspiring", "energetic", "dark", "sad", "tense", "romantic", "epic", "playful", "nostalgic"
]
Genre = Literal[
    "ambient", "cinematic", "electronic", "lo-fi", "hip-hop", "rock", "pop", "corporate", "folk", "jazz", "house",
    "orchestral",
]  # fmt: skip
Intensity = Literal["low", "medium", "high"]
Ending = Literal["resolve", "fade", "cut"]
"""resolve: a final cadence on the tonic that rings out; fade: fade out; cut: stop dead on the last beat."""

SHORTEST_S, LONGEST_S = 3.0, 600.0
"""Of a piece, in seconds."""

TRY = "try:"
BESIDE = "beside"
"""In what an engine hands over with further tries: the facts of each, in the order of their seeds."""


@dataclass(frozen=True)
class Material:
    """Files that a request names by id, found for the engine when the job runs."""

    melody: Path | None = None
    """Sound whose tune is taken up, or that is worked on."""
    soundfont: Path | None = None
    """Whose instruments play instead of the composer's own."""
    style: Mapping[str, Any] = field(default_factory=dict)
    """A measured style: see core.music.styles."""
    seeds: tuple[int, ...] = ()
    """Of further tries that may be wanted too: an engine that is quicker that way makes them in the same go and hands them
    over as outputs of role TRY + number."""
    aloud: bool = False
    """Somebody may listen while it is made: the engine hands its sound over as it comes (core.music.spool)."""


class MusicRequest(BaseModel):
    """Everything optional but the length: what is left open is chosen by the engine from prompt, mood and genre. An engine
    obeys those fields that its ProviderInfo.capabilities name (core.music.engine.CONTROLS) and is told no others.
    Limits are refused with a UserError by music.service before this model is built from a person's input."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    prompt: str = Field(default="", max_length=2000)
    mood: Mood | None = None
    genre: Genre | None = None
    bpm: float | None = Field(default=None, ge=40, le=220, allow_inf_nan=False)
    key: str | None = Field(default=None, description="'D minor', 'F# major', 'Bb major'")
    seconds: float = Field(default=30.0, ge=SHORTEST_S, le=LONGEST_S, allow_inf_nan=False)
    intensity: Intensity | None = None
    instruments: tuple[str, ...] = Field(default=(), description="ids of composer instruments to feature")
    seed: int | None = Field(default=None, ge=0, le=2**31 - 1)
    loopable: bool = False
    ending: Ending = "resolve"
    stems: bool = True
    name: str = Field(default="", max_length=200)
    draft: bool = Field(default=False, description="a preview: not kept in the library")
    preset: str | None = None
    model: str | None = Field(default=None, max_length=80, description="of the engine; left out: its usual one")
    negative_prompt: str = Field(default="", max_length=500, description="what should not be heard")
    instrumental: bool = Field(default=True, description="nobody sings; for engines that could")
    temperature: float | None = Field(default=None, ge=0.1, le=2, allow_inf_nan=False, description="of sampling; 1.0")
    top_k: int | None = Field(default=None, ge=0, le=2048, description="of sampling: the likeliest so many; 250")
    top_p: float | None = Field(default=None, ge=0, le=1, allow_inf_nan=False, description="of sampling; 0: not used")
    guidance: float | None = Field(
        default=None, ge=0, le=25, allow_inf_nan=False, description="how closely the prompt binds"
    )
    steps: int | None = Field(default=None, ge=1, le=500, description="of diffusion")
    melody: str | None = Field(default=None, max_length=60, description="id of an asset whose tune is taken up")
    strength: float | None = Field(
        default=None, ge=0.01, le=1, description="how far it may go from that asset; 1: anywhere"
    )
    style: str | None = Field(default=None, max_length=60, description="id of a style of one's own")
    soundfont: str | None = Field(default=None, max_length=60, description="id of an asset whose instruments play")
    best_of: int = Field(
        default=1,
        ge=1,
        le=8,
        description="made again with another seed while its score is too low, at most so often; the best is kept",
    )
    min_score: float | None = Field(
        default=None,
        ge=0,
        le=100,
        allow_inf_nan=False,
        description="the score that is enough; left out: the studio's own",
    )
    fresh: bool = Field(default=False, description="bought anew even if the library has the same already")
    # Paths: no JSON that comes in can name one.
    material: SkipJsonSchema[InstanceOf[Material]] = Field(default=Material(), exclude=True, repr=False)


@dataclass(frozen=True)
class Reading:
    """How a prompt was understood. Shown to the user, who may correct any field."""

    mood: Mood | None
    genre: Genre | None
    bpm: float | None
    key: str | None
    intensity: Intensity | None
    instruments: tuple[str, ...]
    excluded: tuple[str, ...]
    """Instruments or roles the prompt rules out ('no drums', 'sans batterie')."""
    seconds: float | None
    not_understood: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}
