"""The embedded mixer: a project's parts from files to one mastered piece and its stems, in a killable child."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.kit.children import Progress
from core.providers.base import Call, Made, Output, ProviderInfo
from core.sound.types import Clip, Track

PEAKS = 192
SAMPLE_RATE = 44_100


@dataclass(frozen=True)
class RenderRequest:
    """A project version with every asset resolved to a file."""

    tracks: tuple[Track, ...]
    files: Mapping[str, str]
    """asset id to path"""
    loudness: str
    length_s: float | None
    stems: bool
    loopable: frozenset[str]
    """Assets made to loop: they are repeated in time, without a cross-fade."""


class MixerProvider:
    info = ProviderInfo(
        name="mixer",
        title="Workbench mixer",
        kind="mix",
        resource="cpu",
        capabilities=frozenset({"ducking", "loop", "pan", "fades", "stems", "loudness"}),
    )

    def maximum(self, request: RenderRequest) -> Mapping[str, Decimal]:
        return {}

    def make(self, request: RenderRequest, call: Call) -> Made:
        made: dict[str, Any] = call.children.run(
            mix_in_child, (request, str(call.folder)), progress=call.progress, cancelled=call.cancelled, timeout_s=1800
        )
        outputs = [Output("primary", Path(made["mix"]), "mix", made["facts"])]
        outputs += [Output(f"stem:{name}", Path(path), "stem", facts) for name, path, facts in made["stems"]]
        return Made(tuple(outputs), facts={"master": made["master"]})


def mix_in_child(request: tuple[RenderRequest, str], progress: Progress) -> dict[str, Any]:
    from core.audio import files, loudness, mix

    wanted, folder = request
    parts: list[mix.MixPart] = []
    sounding = [track for track in wanted.tracks if not track.mute]
    names = _distinct([track.name for track in sounding])
    count = max(1, sum(len(track.clips) for track in sounding))
    for track, stem_name in zip(sounding, names, strict=True):
        for clip in track.clips:
            progress("Reading", 0.3 * len(parts) / count)
            audio = files.decode(wanted.files[clip.asset_id])
            loopable = clip.asset_id in wanted.loopable
            parts.append(_part(track, stem_name, clip, audio.samples, audio.sample_rate, loopable))
    stages = {"Placing the parts": 0.3, "Ducking": 0.5, "Mastering": 0.6}
    rendered = mix.render_mix(
        parts, SAMPLE_RATE, loudness.target(wanted.loudness), length_s=wanted.length_s,
        progress=lambda stage, fraction: progress(stage, stages.get(stage, 0.3) + 0.15 * fraction),
    )  # fmt: skip
    progress("Writing", 0.85)
    path = Path(folder) / "mix.wav"
    files.encode(path, rendered.samples, SAMPLE_RATE, "wav24")
    stems: list[tuple[str, str, dict[str, Any]]] = []
    if wanted.stems:
        for name, samples in rendered.stems.items():
            stem = Path(folder) / f"stem-{len(stems) + 1}.wav"
            files.encode(stem, samples, SAMPLE_RATE, "wav32f")
            stems.append((name.lower(), str(stem), _facts(samples) | {"name": f"{name} stem"}))
    facts = _facts(rendered.samples) | {
        "lufs": rendered.facts.get("lufs"),
        "true_peak_dbtp": rendered.facts.get("dbtp"),
    }
    return {"mix": str(path), "stems": stems, "facts": facts, "master": rendered.facts}


def _distinct(names: list[str]) -> list[str]:
    """Two tracks of one name are two stems; and a name has to fit into a role."""
    taken: set[str] = set()
    result: list[str] = []
    for name in names:
        plain = " ".join(name.split())[:28] or "track"
        number, tried = 1, plain
        while tried.lower() in taken:
            number += 1
            tried = f"{plain} {number}"
        taken.add(tried.lower())
        result.append(tried)
    return result


def _part(track: Track, stem_name: str, clip: Clip, samples: Any, sample_rate: int, loopable: bool) -> Any:
    from core.audio import chain
    from core.audio.effects import gain
    from core.audio.meters import integrated_lufs
    from core.audio.mix import DuckSettings, MixPart

    if track.effects:
        if track.level_lufs is not None:
            lufs = integrated_lufs(samples, sample_rate)
            samples = samples if lufs is None else gain(samples, track.level_lufs - lufs)
        samples = chain.apply(samples, sample_rate, [(effect.kind, effect.settings) for effect in track.effects])
    duck = track.duck
    return MixPart(
        samples=samples, sample_rate=sample_rate, role=track.role, name=stem_name, start_s=clip.start_s,
        offset_s=clip.offset_s, length_s=clip.duration_s, gain_db=track.gain_db + clip.gain_db,
        pan=max(-1.0, min(1.0, track.pan + clip.pan)),
        level_lufs=track.level_lufs, fade_in_s=clip.fade_in_s, fade_out_s=clip.fade_out_s, loop=clip.loop,
        seam_s=0.0 if loopable else 1.0,
        duck=None if duck is None
        else DuckSettings(
            duck.depth_db, attack_s=duck.attack_s, release_s=duck.release_s, hold_s=duck.hold_s,
            under=tuple((span.start_s, span.end_s) for span in duck.under),
        ),
    )  # fmt: skip


def _facts(samples: Any) -> dict[str, Any]:
    from core.audio import files

    return {
        "duration_s": samples.shape[1] / SAMPLE_RATE,
        "sample_rate": SAMPLE_RATE,
        "channels": int(samples.shape[0]),
        "peaks": files.peaks(samples, PEAKS),
    }
