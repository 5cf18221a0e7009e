"""A file through a preset, block by block: two hours of stereo take the memory of a minute.

First the source is measured and brought to the preset's rate, then every block goes through the steps with some sound
before and after it, so that no seam is heard; at last one gain for the whole and the limiter. Before and after are measured
on the files. For a child process: an hour takes minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.audio import files, streaming
from core.audio.limiter import limit
from core.audio.voicing.deess import DeessSettings, deess
from core.audio.voicing.figures import Figures, Meter
from core.audio.voicing.gate import GateSettings, gate
from core.audio.voicing.levels import VoiceLevel
from core.audio.voicing.presets import Overrides, Preset, changed, preset
from core.audio.voicing.requirements import Requirement, check
from core.audio.voicing.roomtone import Ends, room_tone
from core.audio.voicing.tone import shape
from core.kit.errors import UserError

Samples = NDArray[np.float32]

BLOCK_S = 60
CONTEXT_S = 2
"""Before and after each block: longer than any filter, gate or limiter remembers."""
WORKING_DB = -20.0
"""RMS of the speaking voice while the steps run."""
PEAK_COLUMNS = 800
_CLOSE_DB = 0.05
_MOST_PASSES = 4
_MOST_GAIN_DB = 40.0
_FULL_SCALE_DBTP = -0.1
"""Where a preset sets no ceiling: the equaliser may lift a peak, and a file holds none above full scale."""


@dataclass(frozen=True)
class PolishRequest:
    source: Path
    out: Path
    preset: str
    overrides: Overrides = field(default_factory=Overrides)


@dataclass(frozen=True)
class Polished:
    before: Figures
    after: Figures
    requirements: tuple[Requirement, ...]
    """Empty where the preset has none."""
    shift_s: float
    """How much later everything is heard; below 0 earlier."""
    facts: dict[str, Any]
    """Columns of the new asset."""

    def as_dict(self, name: str) -> dict[str, Any]:
        """What the piece remembers of the preset `name`: both measurements, and each requirement."""
        return {
            "preset": name, "before": self.before.as_dict(), "after": self.after.as_dict(),
            "shift_s": round(self.shift_s, 4), "requirements": [each.as_dict() for each in self.requirements],
        }  # fmt: skip


def polish(request: PolishRequest, progress: Callable[[str, float], None]) -> Polished:
    """Writes `out` as a WAV of 24 bits. UserError for a preset there is not, for silence, and for what core.audio.files
    refuses (longer than two hours, unreadable)."""
    chosen = changed(preset(request.preset), request.overrides)
    raw, shaped = (request.out.with_suffix(ending) for ending in (".raw.tmp", ".shaped.tmp"))
    try:
        before, level = _brought_in(request.source, raw, chosen, progress)
        if level is None or before.lufs is None:
            raise UserError("There is nothing to hear in this sound.", "Choose one in which somebody speaks.", "silent")
        meter = _through_steps(raw, shaped, chosen, level, lambda done: progress("shaping", 0.2 + 0.4 * done))
        ends = room_tone(shaped, meter.figures(), meter.frames_db, chosen)
        after, columns = _to_target(shaped, request.out, chosen, meter.figures(), ends, progress)
    finally:
        raw.unlink(missing_ok=True)
        shaped.unlink(missing_ok=True)
    facts = {
        "duration_s": round(after.duration_s, 4), "sample_rate": after.sample_rate, "channels": after.channels,
        "lufs": None if after.lufs is None else round(after.lufs, 2),
        "true_peak_dbtp": None if after.true_peak_dbtp is None else round(after.true_peak_dbtp, 2),
        "peaks": files.peaks(columns[None, :], PEAK_COLUMNS),
    }  # fmt: skip
    return Polished(before, after, check(after, chosen), ends.shift_s, facts)


def _brought_in(
    source: Path, raw: Path, chosen: Preset, progress: Callable[[str, float], None]
) -> tuple[Figures, VoiceLevel | None]:
    """The source as a float file at the preset's rate, in one channel or two; and its figures at its own rate."""
    import soxr

    progress("reading", 0.0)
    meters: list[Meter] = []
    state: dict[str, Any] = {}

    def take(block: Samples, rate: int) -> None:
        sound = files.to_stereo(block) if block.shape[0] > 2 else block
        if not meters:
            meters.append(Meter(rate, sound.shape[0]))
            new_rate = chosen.sample_rate or rate
            state["out"] = _writer(raw, new_rate, sound.shape[0])
            if new_rate != rate:
                state["change"] = soxr.ResampleStream(rate, new_rate, sound.shape[0], dtype="float32", quality="HQ")
        meters[0].feed(sound)
        if "change" in state:
            state["out"].write(state["change"].resample_chunk(np.ascontiguousarray(sound.T)))
        else:
            state["out"].write(sound.T)

    try:
        streaming.stream(source, take, block_s=BLOCK_S)
        if "change" in state:
            empty = np.zeros((0, meters[0].channels), dtype=np.float32)
            state["out"].write(state["change"].resample_chunk(empty, last=True))
    finally:
        if "out" in state:
            state["out"].close()
    return meters[0].figures(), meters[0].voice_level()


def _through_steps(raw: Path, shaped: Path, chosen: Preset, level: VoiceLevel, done: Callable[[float], None]) -> Meter:
    lift = WORKING_DB - level.speech_db if any(name == "compressor" for name, _ in chosen.steps) else 0.0
    lift = min(lift, _MOST_GAIN_DB)
    lifted = VoiceLevel(level.floor_db + lift, level.speech_db + lift)

    def steps(samples: Samples, rate: int) -> Samples:
        sound = samples * np.float32(10 ** (lift / 20))
        for step in chosen.steps:
            if step[0] == "gate":
                sound = gate(sound, rate, GateSettings(**step[1]), lifted)
            elif step[0] == "deess":
                sound = deess(sound, rate, DeessSettings(**step[1]), lifted)
            else:
                sound = shape(sound, rate, [step])
        return sound

    return _rewritten(raw, shaped, steps, done)


def _rewritten(
    source: Path, out: Path, change: Callable[[Samples, int], Samples], done: Callable[[float], None]
) -> Meter:
    import soundfile

    with soundfile.SoundFile(source) as opened:
        rate, channels = opened.samplerate, opened.channels
        meter = Meter(rate, channels)
        with _writer(out, rate, channels) as written:
            for samples, first, past in _blocks(opened):
                sound = change(samples, rate)[:, first:past]
                meter.feed(sound)
                written.write(sound.T)
                done(min(1.0, written.frames / max(1, opened.frames)))
    return meter


def _blocks(opened: Any) -> Iterator[tuple[Samples, int, int]]:
    """(samples with context, first and past the last frame that count)"""
    rate, frames = opened.samplerate, opened.frames
    for start in range(0, frames, BLOCK_S * rate):
        first = max(0, start - CONTEXT_S * rate)
        past = min(frames, start + BLOCK_S * rate)
        opened.seek(first)
        read = opened.read(min(frames, past + CONTEXT_S * rate) - first, dtype="float32", always_2d=True)
        yield np.ascontiguousarray(read.T), start - first, past - first


def _to_target(
    shaped: Path, out: Path, chosen: Preset, figures: Figures, ends: Ends, progress: Callable[[str, float], None]
) -> tuple[Figures, NDArray[np.float32]]:
    """One gain and the limiter, again with another gain while the limiter took too much; then the file as it lies there."""
    import soundfile

    lufs = chosen.lufs(figures.channels)
    aim = lufs if lufs is not None else chosen.rms.value if chosen.rms is not None else None
    reached = figures.lufs if lufs is not None else figures.rms_dbfs
    ceiling = chosen.dbtp.value if chosen.dbtp is not None and chosen.dbtp.value is not None else _FULL_SCALE_DBTP
    gain_db = 0.0 if aim is None or reached is None else min(aim - reached, _MOST_GAIN_DB)
    for turn in range(_MOST_PASSES):
        progress("levelling", 0.6 + 0.1 * turn)
        meter = _written(shaped, out, gain_db, ceiling, ends)
        after = meter.figures(ends.added_s)
        found = after.lufs if lufs is not None else after.rms_dbfs
        if aim is None or found is None or abs(aim - found) <= _CLOSE_DB:
            break
        gain_db = min(gain_db + aim - found, _MOST_GAIN_DB)
    with soundfile.SoundFile(out) as opened:
        if opened.frames == 0:
            raise UserError("Nothing was left of this sound.", "Choose one in which somebody speaks.", "silent")
    return after, meter.tops


def _written(shaped: Path, out: Path, gain_db: float, ceiling: float, ends: Ends) -> Meter:
    """Ends included; what is measured is what was written, in its 24 bits."""
    import soundfile

    gain = np.float32(10 ** (gain_db / 20))
    most = np.float32(1 - 2**-23)
    with soundfile.SoundFile(shaped) as opened:
        rate, channels = opened.samplerate, opened.channels
        meter = Meter(rate, channels)
        with soundfile.SoundFile(out, "w", rate, channels, "PCM_24", format="WAV") as written:
            last = opened.frames - ends.cut_tail
            at = 0
            written.write(np.clip(ends.head.T * gain, -most, most))
            for samples, first, past in _blocks(opened):
                sound = limit(samples * gain, rate, ceiling - _guard_db(rate))[0]
                begins = max(first, first + ends.cut_head - at)
                finishes = min(past, first + last - at)
                if finishes > begins:
                    written.write(np.clip(sound[:, begins:finishes].T, -most, most))
                at += past - first
            written.write(np.clip(ends.tail.T * gain, -most, most))
    with soundfile.SoundFile(out) as heard:
        while len(block := heard.read(BLOCK_S * heard.samplerate, dtype="float32", always_2d=True)):
            meter.feed(np.ascontiguousarray(block.T))
    return meter


def _guard_db(rate: int) -> float:
    """Meters differ by more where speech is bright up to the edge of its band (see core.audio.loudness)."""
    return 0.05 if rate >= 32_000 else 0.35


def _writer(path: Path, rate: int, channels: int) -> Any:
    import soundfile

    return soundfile.SoundFile(path, "w", rate, channels, "FLOAT", format="RF64")  # plain WAV ends at 4 GB
