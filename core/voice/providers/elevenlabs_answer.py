"""What came back: the sound as a file, and the time of every word from the time of every character."""

from __future__ import annotations

import base64
import binascii
import math
import re
import unicodedata
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.kit.errors import UserError
from core.providers.refusals import NoSound
from core.voice.cleaning import speakable

if TYPE_CHECKING:
    from core.audio.files import Audio

_RAW = {"pcm": "PCM_16", "ulaw": "ULAW", "alaw": "ALAW"}
"""Codecs that come without a header, by libsndfile's names: one channel, the rate stands in the format's name."""
_PAST_THE_END_S = 0.25
"""Times beyond the sound by more than this belong to another sound."""
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
_LONGEST_UNSPACED = 6
"""Characters of one caption word in scripts that set no blanks."""


def write_sound(folder: Path, encoded: Any, output_format: str) -> tuple[Path, Audio]:
    """The decoded base64 as a file with a header, and what is heard in it. NoSound says why there is none."""
    if not isinstance(encoded, str) or not encoded:
        raise NoSound("there is no sound in its answer")
    try:
        data = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise NoSound("the sound in its answer is cut off or garbled") from None
    return keep_sound(folder / "speech", data, output_format)


def keep_sound(place: Path, data: bytes, output_format: str) -> tuple[Path, Audio]:
    """The bytes as a file with a header, `place` and the ending of the format. NoSound where there is nothing to hear."""
    codec, _, rest = output_format.partition("_")
    path = place.with_suffix(f".{'wav' if codec in _RAW else codec}")
    try:
        if codec in _RAW:
            _wrap(path, data, _RAW[codec], int(rest))
        else:
            path.write_bytes(data)
        return path, _heard(path)
    except UserError as error:
        path.unlink(missing_ok=True)
        raise NoSound(f"the sound in its answer cannot be decoded: {error.message.rstrip('.')}") from error


def _wrap(path: Path, data: bytes, subtype: str, sample_rate: int) -> None:
    """A WAV header around bare samples; the companded telephone formats fit into its 16 bits without loss."""
    import io

    import soundfile

    if not data or (subtype == "PCM_16" and len(data) % 2):
        raise UserError("It is empty, or breaks off within a sample.")
    samples, _ = soundfile.read(
        io.BytesIO(data), dtype="int16", format="RAW", samplerate=sample_rate, channels=1, subtype=subtype,
        endian="LITTLE",
    )  # fmt: skip
    soundfile.write(path, samples, sample_rate, format="WAV", subtype="PCM_16")


def _heard(path: Path) -> Audio:
    from core.audio.files import decode

    audio = decode(path)
    if audio.samples.shape[1] == 0:
        raise UserError("It holds no sample.")
    return audio


def words_heard(text: str, sent: str, alignment: Any, seconds: float) -> list[tuple[int, int, float, float]]:
    """Words of `text` as core.voice.engine wants them. `sent` is the text with the audio tag before it: the service may
    count the tag's characters or not. Empty where the times are missing, do not fit the characters sent, go back, or
    outlast the sound: no time is better than an invented one."""
    characters = getattr(alignment, "characters", None)
    starts = getattr(alignment, "character_start_times_seconds", None)
    ends = getattr(alignment, "character_end_times_seconds", None)
    if not (isinstance(characters, list) and isinstance(starts, list) and isinstance(ends, list)):
        return []
    if not len(characters) == len(starts) == len(ends) or not all(isinstance(each, str) for each in characters):
        return []
    if not _is_time_line(starts, ends, seconds):
        return []
    joined = "".join(characters)
    if joined not in (sent, text):
        return []
    # One listed character may be several code points (an accent, a joined emoji): each has the time of the whole.
    times = [(starts[index], ends[index]) for index, character in enumerate(characters) for _ in range(len(character))]
    times = times[len(joined) - len(text) :]
    return [
        (start, end, min(times[start][0], seconds), min(times[end - 1][1], seconds)) for start, end in word_spans(text)
    ]


def _is_time_line(starts: list[Any], ends: list[Any], seconds: float) -> bool:
    for each in (*starts, *ends):
        if isinstance(each, bool) or not isinstance(each, int | float) or not math.isfinite(each) or each < 0:
            return False
    forward = all(before <= after for before, after in pairwise(starts))
    forward = forward and all(before <= after for before, after in pairwise(ends))
    return forward and all(start <= end <= seconds + _PAST_THE_END_S for start, end in zip(starts, ends, strict=True))


def word_spans(text: str) -> list[tuple[int, int]]:
    """Places of the words: what stands between blanks, in scripts without blanks a few characters each. A dash or an
    emoji that stands alone belongs to its neighbour, since nothing is said for it."""
    spans: list[tuple[int, int]] = []
    for match in re.finditer(r"\S+", text):
        for start, end in _pieces(text, *match.span()):
            if spans and not (speakable(text[start:end]) and speakable(text[slice(*spans[-1])])):
                spans[-1] = (spans[-1][0], end)
            else:
                spans.append((start, end))
    return spans


def _pieces(text: str, start: int, end: int) -> list[tuple[int, int]]:
    if not _UNSPACED.search(text, start, end):
        return [(start, end)]
    edges = [start]
    for place in range(start + 1, end):
        # A mark stays with its letter, a sign with what it closes, and Latin letters and digits with each other.
        within = not _UNSPACED.match(text, place) or unicodedata.category(text[place])[0] in "MP"
        if not within and (place - edges[-1] >= _LONGEST_UNSPACED or not _UNSPACED.match(text, place - 1)):
            edges.append(place)
    return list(pairwise([*edges, end]))
