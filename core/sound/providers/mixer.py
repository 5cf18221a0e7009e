"""The embedded mixer: a project's parts from files to one mastered piece and its stems, in a killable child."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.kit.children import Progress
from core.providers.base import Call, Made, Output, ProviderInfo
from core.sound.types import Clip, Track

if TYPE_CHECKING:
    from core.audio.mix import MixPart
    from core.audio.mixing import Laid
    from core.audio.tape import Tape

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
            mix_in_child,
            (request, str(call.folder)),
            progress=call.progress,
            cancelled=call.cancelled,
            timeout_s=1800 + 3 * (request.length_s or 0.0),
        )
        outputs = [Output("primary", Path(made["mix"]), "mix", made["facts"])]
        outputs += [Output(f"stem:{name}", Path(path), "stem", facts) for name, path, facts in made["stems"]]
        return Made(tuple(outputs), facts={"master": made["master"]})


def mix_in_child(request: tuple[RenderRequest, str], progress: Progress) -> dict[str, Any]:
    """Read, mixed and written a few seconds at a time: an hour takes no more memory than a minute. What lies in the
    folder meanwhile is gone at the end."""
    from core.audio import encoding, loudness, mixing
    from core.audio.metering import Columns

    wanted, folder = request
    with tempfile.TemporaryDirectory(dir=folder, prefix="mixing-") as scratch:
        laid = _laid(wanted, Path(scratch), lambda share: progress("Reading", 0.3 * share))
        stages = {"Placing the parts": (0.3, 0.05), "Mixing": (0.35, 0.25), "Mastering": (0.6, 0.2)}

        def tell(stage: str, share: float) -> None:
            begins, part = stages.get(stage, (0.3, 0.0))
            progress(stage, begins + part * share)

        made = mixing.mix_tapes(
            laid, Path(scratch), SAMPLE_RATE, loudness.target(wanted.loudness), length_s=wanted.length_s, stems=wanted.stems,
            progress=tell,
        )  # fmt: skip

        def written(name: str, stem: str | None, format: str) -> tuple[str, dict[str, Any]]:
            columns, at = Columns(made.frames, PEAKS), 0

            def told() -> Iterator[Any]:
                nonlocal at
                for block in made.mastered(stem):
                    columns.feed(block)
                    yield block
                    at += block.shape[1]
                    progress("Writing", 0.8 + 0.2 * at / made.frames / (1 + len(made.stems)))

            path = Path(folder) / name
            encoding.encode_blocks(path, told(), SAMPLE_RATE, 2, format)
            facts = {"duration_s": made.frames / SAMPLE_RATE, "sample_rate": SAMPLE_RATE, "channels": 2}
            return str(path), facts | {"peaks": columns.columns}

        path, facts = written("mix.wav", None, "wav24")
        stems: list[tuple[str, str, dict[str, Any]]] = []
        for number, name in enumerate(made.stems if wanted.stems else (), 1):
            stem, said = written(f"stem-{number}.wav", name, "wav32f")
            stems.append((name.lower(), stem, said | {"name": f"{name} stem"}))
    return {
        "mix": path, "stems": stems, "master": made.facts(),
        "facts": facts | {"lufs": made.facts().get("lufs"), "true_peak_dbtp": made.facts().get("dbtp")},
    }  # fmt: skip


def _laid(wanted: RenderRequest, scratch: Path, progress: Callable[[float], None]) -> list[Laid]:
    """Every asset is read once, and changed once for each track with effects."""
    from core.audio import tape
    from core.audio.mixing import Laid

    sounding = [track for track in wanted.tracks if not track.mute]
    # What a compressor does depends on the level that comes in.
    levelled = {c.asset_id for t in sounding if t.effects and t.level_lufs is not None for c in t.clips}
    read: dict[str, Tape] = {}
    laid: list[Laid] = []
    count = max(1, sum(len(track.clips) for track in sounding))
    for track, stem_name in zip(sounding, _distinct([track.name for track in sounding]), strict=True):
        changed: dict[str, Tape] = {}
        for clip in track.clips:
            progress(len(laid) / count)
            key = clip.asset_id
            if key not in read:
                out = scratch / f"read-{len(read)}.tape"
                read[key] = tape.record(wanted.files[key], out, measured=key in levelled)
            if track.effects and key not in changed:
                changed[key] = _through_effects(track, read[key], scratch / f"track-{len(laid)}.tape")
            laid.append(Laid(changed.get(key, read[key]), _part(track, stem_name, clip, key in wanted.loopable)))
    return laid


def _through_effects(track: Track, sound: Tape, out: Path) -> Tape:
    from core.audio import chain, effects, tape

    board = chain.Chain([(effect.kind, effect.settings) for effect in track.effects], sound.sample_rate)
    level_db = 0.0 if track.level_lufs is None or sound.lufs is None else track.level_lufs - sound.lufs
    return tape.changed(sound, out, lambda block: board(effects.gain(block, level_db)))


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


def _part(track: Track, stem_name: str, clip: Clip, loopable: bool) -> MixPart:
    """Where and how it plays; what plays is on a tape."""
    from core.audio.ducking import DuckSettings
    from core.audio.mix import MixPart

    duck = track.duck
    return MixPart(
        role=track.role, name=stem_name, start_s=clip.start_s,
        offset_s=clip.offset_s, length_s=clip.duration_s, gain_db=track.gain_db + clip.gain_db,
        pan=max(-1.0, min(1.0, track.pan + clip.pan)), level_lufs=track.level_lufs,
        fade_in_s=clip.fade_in_s, fade_out_s=clip.fade_out_s, loop=clip.loop,
        seam_s=0.0 if loopable else 1.0,
        duck=None if duck is None
        else DuckSettings(
            duck.depth_db, attack_s=duck.attack_s, release_s=duck.release_s, hold_s=duck.hold_s,
            under=tuple((span.start_s, span.end_s) for span in duck.under),
        ),
    )  # fmt: skip
