"""Where a sound goes in a mix, and how long the mix becomes. core.audio.mixing makes it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.audio.ducking import DuckSettings
from core.kit.errors import UserError

Progress = Callable[[str, float], None]

MAX_SECONDS = 3600.0
TAIL_S = 2.0
BED_FADE_S = 2.0
EDGE_FADE_S = 0.003  # a part cut out of a longer sound must not click
QUIET = 10 ** (-60 / 20)


@dataclass(frozen=True)
class MixPart:
    """Where and how one sound plays. Parts of the same name share a stem; `role` "voice" is what ducking listens to."""

    role: str = "music"
    name: str = ""
    start_s: float = 0.0
    offset_s: float = 0.0
    """Leave out this much of its beginning."""
    length_s: float | None = None
    """Use this much of it (None: all that is left after `offset_s`)."""
    gain_db: float = 0.0
    pan: float = 0.0
    level_lufs: float | None = None
    """Bring the part to this loudness first, so that gain_db means the same for every recording."""
    fade_in_s: float = 0.0
    fade_out_s: float = 0.0
    loop: bool = False
    """A bed: repeated, or cut, to reach the end of the mix, and faded out there."""
    seam_s: float = 1.0
    """Length of the cross-fade between two rounds; 0 for sound made to loop, which must stay in time."""
    duck: DuckSettings | None = None

    @property
    def stem(self) -> str:
        return self.name or self.role


def check(part: MixPart) -> None:
    """UserError for what cannot be placed."""
    numbers = (part.start_s, part.offset_s, part.gain_db, part.pan, part.fade_in_s, part.fade_out_s, part.seam_s)
    if not all(math.isfinite(number) for number in numbers):
        raise UserError(f"A setting of “{part.stem}” is not a number.", "Correct its start, gain, pan or fades.")
    if not (0 <= part.start_s <= MAX_SECONDS and part.offset_s >= 0 and part.fade_in_s >= 0 and part.fade_out_s >= 0):
        raise UserError(f"“{part.stem}” lies outside the mix.", "Starts, offsets and fades are 0 seconds or more.")
    if not -90 <= part.gain_db <= 40:
        raise UserError(f"A gain of {part.gain_db:g} dB is out of range.", "Gain goes from -90 to 40 dB.")
    if part.length_s is not None and not part.length_s > 0:
        raise UserError(f"“{part.stem}” is empty.", "Every part needs some sound.")


def length_of(lying: Sequence[tuple[bool, float, int]], sample_rate: int, length_s: float | None) -> int:
    """Frames of a mix. `lying`: of every part whether it loops, its start in seconds and its frames."""
    if not lying:
        raise UserError("There is nothing to mix.", "Add at least one sound.")
    if length_s is not None:
        seconds = length_s
    else:
        ends = [(loop, start_s + frames / sample_rate) for loop, start_s, frames in lying]
        fixed = [end for loop, end in ends if not loop]
        seconds = max(fixed or [end for _, end in ends])
        if fixed and len(fixed) < len(ends):
            seconds += TAIL_S
    if not (0 < seconds <= MAX_SECONDS):
        raise UserError(
            f"A mix of {seconds:g} seconds cannot be made.", f"Its length goes up to {MAX_SECONDS / 60:g} minutes."
        )
    return max(1, round(seconds * sample_rate))
