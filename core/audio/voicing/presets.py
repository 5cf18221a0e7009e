"""The presets of data/reference/sound_presets.yaml, and what a person may change of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from core.kit.errors import UserError
from core.kit.paths import reference

Step = tuple[str, Mapping[str, float]]
_EQUALISER = ("high_pass", "low_shelf", "peak", "high_shelf")


class Overrides(BaseModel):
    """None: as the preset has it."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    gate: bool | None = None
    deess: bool | None = None
    equaliser: bool | None = None
    compressor: bool | None = Field(default=None, description="false leaves it out")
    lufs: float | None = Field(default=None, ge=-40, le=-8, description="integrated loudness; not for audiobook")
    dbtp: float | None = Field(default=None, ge=-12, le=-0.5, description="highest true peak")


@dataclass(frozen=True)
class Target:
    value: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Preset:
    name: str
    title: str
    about: str
    steps: tuple[Step, ...]
    lufs_mono: float | None = None
    lufs_stereo: float | None = None
    rms: Target | None = None
    dbtp: Target | None = None
    noise_floor: Target | None = None
    sample_rate: int | None = None
    """None: that of the source."""
    head_s: Target | None = None
    tail_s: Target | None = None
    length_s: Target | None = None
    sources: Mapping[str, str] | None = None
    """Who asks for each target."""

    def lufs(self, channels: int) -> float | None:
        return self.lufs_mono if channels == 1 else self.lufs_stereo

    @property
    def shifts(self) -> bool:
        """Whether the sound may begin later or earlier than before."""
        return self.head_s is not None


def names() -> tuple[str, ...]:
    return tuple(reference("sound_presets")["presets"])


def preset(name: str) -> Preset:
    """UserError for a name there is not."""
    rows: Mapping[str, Any] = reference("sound_presets")["presets"]
    if name not in rows:
        raise UserError(f"There is no sound preset {name[:60]!r}.", f"Presets: {', '.join(rows)}.", "no_preset")
    row = rows[name]
    steps = tuple((key, dict(value)) for step in row["steps"] for key, value in step.items())
    targets = dict(row["targets"])
    sources = {key: str(value["source"]) for key, value in targets.items()}
    loudness = targets.pop("lufs", {})
    rate = targets.pop("sample_rate", {}).get("value")
    made = {key: Target(**{k: float(v) for k, v in value.items() if k != "source"}) for key, value in targets.items()}
    return Preset(
        name, str(row["title"]), str(row["about"]), steps, lufs_mono=loudness.get("mono"),
        lufs_stereo=loudness.get("stereo"), sample_rate=rate, sources=sources, **made,
    )  # fmt: skip


def changed(chosen: Preset, wishes: Overrides) -> Preset:
    """UserError for a loudness where the preset goes by RMS: the two would contradict each other."""
    off = {name for name in ("gate", "deess", "compressor") if getattr(wishes, name) is False}
    off |= set(_EQUALISER) if wishes.equaliser is False else set()
    steps = [step for step in chosen.steps if step[0] not in off]
    present = {name for name, _ in chosen.steps}
    steps = [*([("gate", {})] if wishes.gate and "gate" not in present else []), *steps]
    steps += [(name, {}) for name in ("deess", "compressor") if getattr(wishes, name) and name not in present]
    made = replace(chosen, steps=tuple(steps))
    if wishes.lufs is not None:
        if chosen.rms is not None:
            raise UserError(
                f"{chosen.title} goes by RMS, not by LUFS.", "Leave lufs out, or choose another preset.", "lufs_and_rms"
            )
        made = replace(made, lufs_mono=wishes.lufs, lufs_stereo=wishes.lufs)
        if made.dbtp is None:
            made = replace(made, dbtp=Target(-1.0))
    if wishes.dbtp is not None:
        if made.lufs_mono is None and made.rms is None:
            raise UserError(
                "Without a loudness there is no limiter.", "Give lufs as well, or leave dbtp out.", "dbtp_alone"
            )
        ceiling = made.dbtp or Target()
        if ceiling.high is not None and wishes.dbtp > ceiling.high:
            raise UserError(
                f"{chosen.title} takes no peaks above {ceiling.high:g} dB.", f"Give {ceiling.high:g} or less."
            )
        made = replace(made, dbtp=replace(ceiling, value=wishes.dbtp))
    return made
