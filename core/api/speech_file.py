"""A spoken file in the six forms OpenAI's clients ask for."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.kit.children import Progress
from core.kit.errors import StudioError

MIMES = {
    "mp3": "audio/mpeg", "opus": "audio/ogg", "aac": "audio/aac", "flac": "audio/flac", "wav": "audio/wav",
    "pcm": "audio/pcm",
}  # fmt: skip
PCM_RATE = 24_000


def encode_in_child(request: dict[str, Any], progress: Progress) -> None:
    """{source, path, format}; pcm is 24 kHz, 16 bits, little endian, mono, without a header, as OpenAI sends it."""
    from core.audio import effects, encoding, ffmpeg, files

    progress("Encoding", 0.1)
    audio = files.decode(request["source"])
    samples, rate = audio.samples, audio.sample_rate
    if request["format"] == "pcm":
        mono = effects.resample(files.to_mono(samples), rate, PCM_RATE)
        whole = np.clip(np.rint(mono * 32767), -32768, 32767).astype("<i2")
        with open(request["path"], "wb") as out:
            out.write(whole.tobytes())
    elif request["format"] == "aac":
        # A bare ADTS stream: what OpenAI calls aac. Our own m4a wraps the same codec in a file.
        raw = np.ascontiguousarray(samples.T, dtype="<f4").tobytes()
        arguments = ["-f", "f32le", "-ar", str(rate), "-ac", str(samples.shape[0]), "-i", "pipe:0", "-map_metadata",
                     "-1", "-bitexact", "-c:a", "aac", "-b:a", "128k", "-ar", "44100", "-f", "adts", "-y",
                     f"file:{request['path']}"]  # fmt: skip
        if said := ffmpeg.write_with(raw, arguments, time_limit_s=60 + audio.seconds):
            raise StudioError(f"The AAC encoder failed ({said}).", "Ask for another response_format.")
    else:
        encoding.encode(request["path"], samples, rate, request["format"])
