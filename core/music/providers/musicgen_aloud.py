"""MusicGen's tokens as sound while more of them are drawn: chunk after chunk, each with the tokens around it.

The decoder hears a second before and after a chunk, so that a seam is as the whole would be there; a test holds that. So the
listener is at most a chunk and a second behind the tokens.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.music.providers.musicgen_model import MARGIN_S, Loaded
from core.music.spool import Plan, Spool

CHUNK_S = 4.0


class Aloud:
    def __init__(self, model: Loaded, folder: Path, samples: int) -> None:
        """Of one piece that will have so many samples."""
        self._model = model
        self._spool = Spool(folder, Plan(model.rate, model.channels, samples))
        self._done = 0

    def next(self, codes: Any, *, whole: bool = False) -> None:
        """All tokens so far, (1, codebooks, frames)."""
        rate = self._model.frames_a_second
        end = codes.shape[-1] - (0 if whole else round(MARGIN_S * rate))
        if whole or end - self._done >= round(CHUNK_S * rate):
            self._spool.write(self._model.stretch(codes, self._done, end)[0])
            self._done = end
        if whole:
            self._spool.close()
