"""A mel spectrogram as a picture: time to the right, pitch upwards, 70 dB from black to light."""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 900, 160
_RANGE_DB = 70.0
_STEPS = 40
_COLOURS = (
    # Anchors of a scale that grows evenly in lightness: night, violet, ember (the studio's accent), sand.
    (0.00, (9, 8, 18)), (0.16, (30, 17, 62)), (0.34, (85, 24, 105)), (0.52, (158, 39, 99)), (0.68, (222, 73, 62)),
    (0.82, (249, 137, 64)), (0.93, (252, 203, 120)), (1.00, (255, 247, 222)),
)  # fmt: skip


def png(mel_db: NDArray[np.float32], width: int = WIDTH, height: int = HEIGHT) -> bytes:
    """`mel_db` (bands, frames) in dB. A palette PNG, some 60 kB."""
    from PIL import Image

    columns = _columns(mel_db, width)
    top = max(float(np.percentile(columns, 99.8)), -60.0)
    light = np.clip((columns - (top - _RANGE_DB)) / _RANGE_DB, 0.0, 1.0)
    small = Image.fromarray(np.ascontiguousarray(light[::-1] * 255).astype(np.uint8))
    picture = small.resize((width, height), Image.Resampling.BICUBIC)
    # 40 steps are as many as the eye tells apart here, and a third of the bytes of 256.
    grey = (np.asarray(picture, dtype=np.uint16) * (_STEPS - 1) // 255).astype(np.uint8)
    painted = Image.fromarray(grey, mode="P")
    painted.putpalette(_palette())
    target = io.BytesIO()
    painted.save(target, "PNG", optimize=True)
    return target.getvalue()


def _columns(mel_db: NDArray[np.float32], width: int) -> NDArray[np.float32]:
    """At most `width` columns, each the mean of its frames and half way to their highest, so that clicks stay seen."""
    frames = mel_db.shape[1]
    if frames <= width:
        return mel_db
    edges = np.arange(width) * frames // width
    highest = np.maximum.reduceat(mel_db, edges, axis=1)
    mean = np.add.reduceat(mel_db, edges, axis=1) / np.diff([*edges.tolist(), frames])
    return np.asarray((highest + mean) / 2, dtype=np.float32)


def _palette() -> list[int]:
    places = [place for place, _ in _COLOURS]
    at = np.linspace(0, 1, _STEPS)
    channels = [np.interp(at, places, [colour[n] for _, colour in _COLOURS]) for n in range(3)]
    return [round(value) for row in np.stack(channels, axis=1).tolist() for value in row]
