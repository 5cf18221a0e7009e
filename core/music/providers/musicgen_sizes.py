"""The models of MusicGen, and what is known of each before it is loaded."""

from __future__ import annotations

from dataclasses import dataclass

from core.kit.errors import UserError

DEFAULT = "medium"
RATE = 32_000
FRAMES_A_SECOND = 50
WINDOW_S = 30.0
"""What the models heard at a time when they were trained. A longer piece is made window by window."""
CONTEXT_S = 12.0
"""Of what is there already, as much is heard again when it goes on: what audiocraft's extend_stride of 18 s leaves."""


@dataclass(frozen=True)
class Size:
    name: str
    weights: str
    """In data/reference/models.yaml, and behind facebook/ on the hub."""
    million: int
    """Parameters of the part that composes."""
    melody: bool = False
    stereo: bool = False

    @property
    def smaller(self) -> str:
        """The next smaller one that does the same; "" where there is none."""
        same = [each for each in SIZES if (each.melody, each.stereo) == (self.melody, self.stereo)]
        return next((each.name for each in reversed(same) if each.million < self.million), "")


SIZES = (
    Size("small", "musicgen-small", 420),
    Size("medium", "musicgen-medium", 1400),
    Size("large", "musicgen-large", 3300),
    Size("melody", "musicgen-melody", 1400, melody=True),
    Size("melody-large", "musicgen-melody-large", 3300, melody=True),
    Size("stereo-small", "musicgen-stereo-small", 420, stereo=True),
    Size("stereo-medium", "musicgen-stereo-medium", 1400, stereo=True),
    Size("stereo-large", "musicgen-stereo-large", 3300, stereo=True),
    Size("stereo-melody", "musicgen-stereo-melody", 1400, melody=True, stereo=True),
    Size("stereo-melody-large", "musicgen-stereo-melody-large", 3300, melody=True, stereo=True),
)


def size(name: str) -> Size:
    for each in SIZES:
        if each.name == name.strip().lower():
            return each
    names = ", ".join(each.name for each in SIZES)
    raise UserError(f"MusicGen has no model {name[:60]!r}.", f"There is: {names}.", "no_model")


_WORK = {"cpu": 0.018, "cuda": 0.0015, "mps": 0.004}
"""Seconds of work for a second of sound and a million parameters. Rough guesses by the size of what is read for each of
fifty frames, not measured: they serve until this machine has made its first piece, and are told as such."""
_LEAST = 0.5


def expected_pace(of: Size, device: str) -> float:
    """Seconds of work for a second of sound, before any was made here. `auto` is taken for a processor."""
    return max(_LEAST, _WORK.get(device, _WORK["cpu"]) * of.million)
