"""One reader of sound that is still being made: its bytes as they come, and an end that is told once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Protocol

from core.audio.stream_encoding import Encoder, StreamFormat, Wave


class Source(Protocol):
    """The sound of a job, in order. `stop` may be set by another thread than the one that takes the waves."""

    stop: threading.Event

    def waves(self) -> Iterator[Wave]: ...


class Stream:
    """The bytes of a job that is being made, for one reader."""

    def __init__(self, job_id: str, source: Source, format: StreamFormat, ended: Callable[[bool], None]) -> None:
        """`ended`: called once at the end, with whether the reader heard everything."""
        self.job_id = job_id
        self.mime = format.mime
        self._source = source
        self._encoder = Encoder(source.waves(), format)
        self._ended: Callable[[bool], None] | None = ended
        self._whole = False

    def read(self, timeout_s: float = 0.0) -> bytes | None:
        """What has come; b"" where nothing did in time, None at the end. Raises what the job failed with."""
        chunk = self._encoder.read(timeout_s)
        self._whole = self._whole or chunk is None
        return chunk

    def usage(self) -> dict[str, int]:
        """In OpenAI's terms; empty where nobody counts in them."""
        return {}

    def close(self) -> None:
        """Also before the end. What becomes of the job then is for `ended` to say."""
        ended, self._ended = self._ended, None
        if ended is None:
            return
        self._source.stop.set()
        try:
            self._encoder.close()
        finally:
            ended(self._whole)

    def __iter__(self) -> Iterator[bytes]:
        try:
            while (chunk := self.read(1.0)) is not None:
                if chunk:
                    yield chunk
        finally:
            self.close()
