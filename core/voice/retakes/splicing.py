"""Takes laid into a finished speech: cut in the pauses around a passage, at the loudness of what they replace. All that
is not replaced stays as it is, sample for sample but for 2 ms at a cut. Runs in a child process.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.kit.errors import UserError

Samples = NDArray[np.float32]
CEILING_DBTP = -1.0
_BLOCK_S = 0.005
_SILENT = 0.003
"""Of a passage's peak (-50 dB): below is not speech."""
_PAUSE_BLOCKS = 6
"""30 ms: a shorter silence is within a word, such as before a p."""
_FADE_S = 0.002
_MOST_GAIN_DB = 12.0
_COPY_FRAMES = 1 << 20
_COLUMNS = 800
_ACTIVE_DB = 30.0
"""Below the loudest block by more than this is pause: it does not count for the loudness of a passage."""


@dataclass(frozen=True)
class Splice:
    start_s: float
    end_s: float
    before_s: float
    after_s: float
    """As in Passage: the words of the passage, and where the pauses around it end."""
    take: Path


@dataclass(frozen=True)
class SpliceRequest:
    base: Path
    splices: tuple[Splice, ...]
    """In order, none overlapping another."""
    out: Path


@dataclass(frozen=True)
class Laid:
    """Where a take came to lie."""

    cut_in_s: float
    cut_out_s: float
    """Of the base."""
    at_s: float
    """In the new file, its first sample."""
    take_from_s: float
    """The first sample that was used of the take's file."""
    length_s: float
    gain_db: float


@dataclass(frozen=True)
class Spliced:
    duration_s: float
    laid: tuple[Laid, ...]
    facts: dict[str, Any]


def splice(request: SpliceRequest, progress: Callable[[str, float], None]) -> Spliced:
    """UserError where the base or a take cannot be read."""
    import soundfile

    laid: list[Laid] = []
    try:
        base = soundfile.SoundFile(request.base)
    except soundfile.LibsndfileError as error:
        raise UserError(f"The piece cannot be read: {error}", "Restore it from a backup.", "unreadable") from error
    with base, soundfile.SoundFile(
        request.out, "w", base.samplerate, base.channels, base.subtype, format="WAV"
    ) as out:  # fmt: skip
        at = 0
        for number, each in enumerate(request.splices):
            progress("laying the takes in", number / len(request.splices))
            cut_in, cut_out, replaced = _cuts(base, each)
            cut_in = max(at, cut_in)  # two neighbours share the pause between them
            _copy(base, out, at, cut_in, fade_in=at > 0, fade_out=True)
            sound, first, gain_db = _fitted(each.take, base.samplerate, replaced)
            begins = out.tell()
            out.write(np.repeat(sound.T, base.channels, axis=1))
            laid.append(
                Laid(
                    cut_in / base.samplerate, cut_out / base.samplerate, begins / base.samplerate, first,
                    sound.shape[1] / base.samplerate, round(gain_db, 2),
                )
            )  # fmt: skip
            at = cut_out
        _copy(base, out, at, base.frames, fade_in=at > 0, fade_out=False)
        frames, rate = out.tell(), base.samplerate
    progress("measuring", 0.9)
    return Spliced(frames / rate, tuple(laid), _facts(request.out))


def _cuts(base: Any, splice: Splice) -> tuple[int, int, Samples]:
    """First frame that goes, first that stays again, and the sound between the two."""
    rate = base.samplerate
    edges = [round(at * rate) for at in (splice.before_s, splice.start_s, splice.end_s, splice.after_s)]
    low, start, end, high = (min(max(0, at), base.frames) for at in edges)
    sound = _read(base, low, high)
    threshold = max(1e-4, _SILENT * float(np.abs(sound[0, start - low : max(end, start + 1) - low]).max(initial=0.0)))
    block = max(1, round(_BLOCK_S * rate))
    cut_in = start - block * _pause(sound[0, : start - low][::-1], block, threshold)
    cut_out = end + block * _pause(sound[0, end - low :], block, threshold)
    cut_in, cut_out = max(low, cut_in), min(high, cut_out)
    return cut_in, cut_out, sound[:, cut_in - low : cut_out - low]


def _pause(sound: Samples, block: int, threshold: float) -> int:
    """Blocks from the beginning up to the first pause; up to the quietest block where there is none."""
    whole = sound[: sound.size // block * block].reshape(-1, block)
    if not whole.size:
        return 0
    levels = np.abs(whole).max(axis=1)
    silent = levels <= threshold
    needed = min(_PAUSE_BLOCKS, silent.size)
    runs = np.convolve(silent, np.ones(needed, dtype=int), mode="valid") == needed
    return int(np.argmax(runs)) if runs.any() else int(np.argmin(levels))


def _fitted(path: Path, rate: int, replaced: Samples) -> tuple[Samples, float, float]:
    """The take's speech, mono, as loud as what it replaces; where in its file it begins (s), and the gain."""
    from core.audio import effects, files
    from core.audio.limiter import limit

    audio = files.decode(path)
    sound = effects.resample(files.to_mono(audio.samples), audio.sample_rate, rate)
    level = np.abs(sound[0])
    loud = np.flatnonzero(level > max(1e-4, _SILENT * float(level.max(initial=0.0))))
    if not loud.size:
        raise UserError("A chosen take is silent.", "Choose another take of that passage.", "silent_take")
    first, past = int(loud[0]), int(loud[-1]) + 1
    sound = sound[:, first:past]
    had, has = _active_db(replaced, rate), _active_db(sound, rate)
    gain_db = 0.0 if had is None or has is None else float(np.clip(had - has, -_MOST_GAIN_DB, _MOST_GAIN_DB))
    sound, _ = limit((sound * np.float32(10 ** (gain_db / 20))).astype(np.float32), rate, CEILING_DBTP)
    return _faded(sound, rate, fade_in=True, fade_out=True), first / rate, gain_db


def _active_db(sound: Samples, rate: int) -> float | None:
    """Mean K-weighted level of 20 ms blocks that hold speech; None for silence."""
    from core.audio.meters import weighted_power

    block = max(1, round(0.02 * rate))
    power = weighted_power(sound, rate)
    whole = power[: power.size // block * block].reshape(-1, block).mean(axis=1) if power.size >= block else power
    top = float(whole.max(initial=0.0))
    if top < 1e-12:
        return None
    return 10 * float(np.log10(whole[whole > top * 10 ** (-_ACTIVE_DB / 10)].mean()))


def _read(base: Any, start: int, end: int) -> Samples:
    base.seek(start)
    return np.ascontiguousarray(base.read(end - start, dtype="float32", always_2d=True).T)


def _copy(base: Any, out: Any, start: int, end: int, *, fade_in: bool, fade_out: bool) -> None:
    at = start
    while at < end:
        size = min(_COPY_FRAMES, end - at)
        sound = _read(base, at, at + size)
        first, last = at == start and fade_in, at + size == end and fade_out
        out.write(_faded(sound, base.samplerate, fade_in=first, fade_out=last).T)
        at += size


def _faded(sound: Samples, rate: int, *, fade_in: bool, fade_out: bool) -> Samples:
    frames = min(round(_FADE_S * rate), sound.shape[1] // 2)
    if not frames or not (fade_in or fade_out):
        return sound
    sound = sound.copy()
    ramp = np.linspace(0, 1, frames, endpoint=False, dtype=np.float32)
    if fade_in:
        sound[:, :frames] *= ramp
    if fade_out:
        sound[:, -frames:] *= ramp[::-1]
    return sound


def _facts(path: Path) -> dict[str, Any]:
    from core.audio import facts

    found = facts.measure(path, columns=_COLUMNS, max_seconds=24 * 3600.0, max_bytes=2**40)
    return {
        "duration_s": round(found.duration_s, 4), "format": "wav", "sample_rate": found.sample_rate,
        "channels": found.channels, "lufs": found.lufs, "true_peak_dbtp": found.true_peak_dbtp, "peaks": found.peaks,
    }  # fmt: skip


def moved(at_s: float, laid: Sequence[Laid]) -> float:
    """Where a moment of the base lies in the new file; one within a replaced passage moves to its beginning."""
    shift = 0.0
    for each in laid:
        if at_s < each.cut_in_s:
            break
        if at_s < each.cut_out_s:
            return each.at_s
        shift = each.at_s + each.length_s - each.cut_out_s
    return at_s + shift
