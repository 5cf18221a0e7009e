"""A file of sound that a service sent, looked into by a child before anybody says that it is there. For whatever is bought:
music that is made, tracks of catalogues."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.kit.children import Progress
from core.kit.errors import StudioError, UserError
from core.providers.base import Call
from core.providers.refusals import NoSound

MOST_BYTES = 256 << 20
"""Of one file: 600 s of stereo at 48 kHz in 32 bits is 230 MB."""
_TIMEOUT_S = 300.0
_COLUMNS = 192


@dataclass(frozen=True)
class Heard:
    seconds: float
    sample_rate: int
    channels: int
    peaks: list[int]
    warnings: tuple[str, ...] = ()


def hear(path: Path, progress: Progress) -> Heard:
    """The child's side."""
    from core.audio.files import decode, peaks

    progress("Listening", 0.0)
    audio = decode(path)
    if audio.samples.shape[1] == 0:
        raise UserError("It holds no sample.")
    return Heard(audio.seconds, audio.sample_rate, audio.channels, peaks(audio.samples, _COLUMNS), audio.warnings)


def heard(path: Path, call: Call) -> Heard | None:
    """NoSound where nothing in it can be played. None where this machine could not look: a fault of ours is no reason to
    give up what was paid for. A cancel is not looked for."""
    try:
        found: Heard = call.children.run(hear, path, timeout_s=_TIMEOUT_S)
    except UserError as error:
        raise NoSound(f"the sound in its answer cannot be decoded: {error.message.rstrip('.')}") from error
    except StudioError:
        return None
    return found


def figures(found: Heard | None) -> dict[str, Any]:
    if found is None:
        return {}
    return {"duration_s": found.seconds, "sample_rate": found.sample_rate, "channels": found.channels, "peaks": found.peaks}  # fmt: skip
