"""Real files of known content, brought into a studio the way a person would."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from core.app import Studio
from core.kit.actor import LOCAL, Actor
from core.store.assets import Asset


def wav(path: Path, *, seconds: float = 1.0, hertz: float = 440.0, gain: float = 0.2, rate: int = 22050) -> Path:
    time = np.arange(round(seconds * rate)) / rate
    # Struck notes, so that there is something to duck and to loop, with a little noise that marks every moment.
    samples = gain * np.sin(2 * np.pi * hertz * time) * np.exp(-3 * (time % 0.5))
    samples += gain * 0.02 * np.random.default_rng(round(hertz)).standard_normal(time.size)
    soundfile.write(path, samples.astype(np.float32), rate, subtype="FLOAT")
    return path


def bring(studio: Studio, folder: Path, name: str, *, actor: Actor = LOCAL, **values: Any) -> Asset:
    """Each name sounds different, so that no two share a blob unless they are meant to."""
    sound = {key: values.pop(key) for key in ("seconds", "hertz", "gain", "rate") if key in values}
    hertz = sound.pop("hertz", 200.0 + sum(map(ord, name)) % 600)
    file = wav(folder / "upload.wav", hertz=hertz, **sound)
    return studio.importing.bring_in(actor, file, name=name, **values)[0]
