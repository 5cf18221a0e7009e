"""Sound on its way to listeners: one file that grows in the folder of the attempt that makes it, and whoever reads it.

A line of JSON says what it will be (rate, channels, frames, sections), then come its samples, 16 bit and interleaved. Who has
it open reads on when the folder is gone: a listener who is slower than the work hears all of it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

NAME = "heard"
Samples = NDArray[np.float32]


@dataclass(frozen=True)
class Plan:
    """What the whole will be."""

    rate: int
    channels: int
    frames: int
    sections: Sequence[Mapping[str, Any]] = ()
    """name, start_s, end_s; none where the engine has no sections."""

    @property
    def seconds(self) -> float:
        return self.frames / self.rate


class Spool:
    """Written by whoever makes the sound. A disk that will not take it costs the listening, never the piece."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        self._file: IO[bytes] | None = None
        self._left = plan.frames
        aside = folder / f"{NAME}.part"
        try:
            aside.write_bytes(json.dumps(asdict(plan)).encode() + b"\n")
            os.replace(aside, folder / NAME)
            self._file = (folder / NAME).open("ab")
        except OSError:
            self.close()

    def write(self, sound: Samples) -> None:
        """(channels, frames). More than was planned is left out."""
        if self._file is None:
            return
        whole = np.rint(np.clip(sound[:, : self._left], -1.0, 1.0) * 32767).astype("<i2")
        self._left -= whole.shape[1]
        try:
            self._file.write(np.ascontiguousarray(whole.T).tobytes())
            self._file.flush()
        except OSError:
            self.close()

    def close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError):
                file.close()


class Spooled:
    """One reader of it. OSError where it is not there."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        try:
            self.plan = Plan(**json.loads(self._file.readline()))
        except (ValueError, TypeError) as error:
            self._file.close()
            raise OSError(str(error)) from None
        self._begin = self._file.tell()
        self._frame_bytes = 2 * self.plan.channels

    def read(self, at: int, frames: int) -> Samples:
        """(channels, frames) from frame `at` on; fewer, or none, where no more has come yet."""
        self._file.seek(self._begin + at * self._frame_bytes)
        data = self._file.read(frames * self._frame_bytes)
        data = data[: len(data) // self._frame_bytes * self._frame_bytes]
        whole = np.frombuffer(data, "<i2").reshape(-1, self.plan.channels).T
        return whole.astype(np.float32) / np.float32(32767)

    @property
    def there(self) -> int:
        """Frames that have come."""
        return (os.fstat(self._file.fileno()).st_size - self._begin) // self._frame_bytes

    def close(self) -> None:
        self._file.close()
