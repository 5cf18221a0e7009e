"""The tune of a recording, as the melody models hear it: which of the twelve pitch classes is loudest, 7.8 times a second.

The library has the same behind torchaudio, which the optional set leaves out. Same figures: a window and a transform of
16384 at 32 kHz, a hop of 4096, centred; the strongest class is 1 and the others 0.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.kit.errors import UserError
from core.music.providers.musicgen_sizes import RATE

SIZE = 16_384
HOP = 4_096
FRAMES_A_SECOND = RATE / HOP
LONGEST_S = 600.0
_LEAST_S = 0.5


def chroma_of(path: Path) -> NDArray[np.float32]:
    """(frames, 12), each row one-hot. UserError for what holds no tune."""
    from core.audio.effects import resample
    from core.audio.files import decode

    audio = decode(path, mono=True)
    samples = resample(audio.samples, audio.sample_rate, RATE)[0][: int(LONGEST_S * RATE)]
    if len(samples) < _LEAST_S * RATE or float(np.abs(samples).max(initial=0.0)) < 1e-4:
        raise UserError("The melody is silent or shorter than half a second.", "Give a recording with a tune.")
    return chroma(np.asarray(samples, dtype=np.float32))


def chroma(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of (frames,) at 32 kHz."""
    import torch
    from transformers.audio_utils import chroma_filter_bank

    sound = torch.from_numpy(np.ascontiguousarray(samples))[None]
    if sound.shape[-1] < SIZE:
        missing = SIZE - sound.shape[-1]
        sound = torch.nn.functional.pad(sound, (missing // 2, missing - missing // 2))
    window = torch.hann_window(SIZE)
    spectrum = torch.stft(sound, SIZE, HOP, SIZE, window, center=True, pad_mode="reflect", return_complex=True)
    power = (spectrum / window.pow(2).sum().sqrt()).abs().pow(2)
    bank: Any = chroma_filter_bank(num_frequency_bins=SIZE, num_chroma=12, sampling_rate=RATE, tuning=0)
    classes = torch.einsum("cf,ft->tc", torch.from_numpy(bank).float(), power[0])
    found = torch.zeros_like(classes)
    found.scatter_(1, classes.argmax(dim=1, keepdim=True), 1.0)
    return np.asarray(found.numpy(), dtype=np.float32)


def part(tune: NDArray[np.float32], start_s: float, frames: int) -> NDArray[np.float32]:
    """`frames` rows from a moment on; a tune that ends before begins again."""
    first = round(start_s * FRAMES_A_SECOND)
    return tune[(first + np.arange(frames)) % len(tune)]
