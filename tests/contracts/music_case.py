"""One engine of music as the contract suite asks it, and how a piece is had of it, whatever its form."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.kit.children import Children
from core.music.types import MusicRequest
from core.providers.base import Call, Made

PATIENCE_S = 60.0


@dataclass(frozen=True)
class Case:
    engine: Any
    """A core.music.engine.MusicEngine."""
    key: str = ""
    cloud: Any = None
    """The stand-in on loopback behind it (tests.clouds.service.Service); None: the engine works on this machine."""
    cache: Path | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    """Of a MusicRequest: what makes the quickest real piece."""

    def request(self, **values: Any) -> MusicRequest:
        quick = {"prompt": "a calm piano over soft rain", "seconds": 10.0, "seed": 7}
        return MusicRequest.model_validate(quick | dict(self.values) | values)

    def call(self, folder: Path, children: Children) -> Call:
        folder.mkdir(parents=True, exist_ok=True)
        return Call("attempt_1", folder, children, key=self.key, cache=self.cache)

    def made(self, folder: Path, children: Children, request: MusicRequest | None = None) -> Made:
        request = request or self.request()
        call = self.call(folder, children)
        answer: Made
        if self.engine.info.form == "make":
            answer = self.engine.make(request, call)
            return answer
        remote_id = self.engine.start(request, call)
        until = time.monotonic() + PATIENCE_S
        while (state := self.engine.check(remote_id, call)).state not in ("done", "failed"):
            assert time.monotonic() < until, "the remote job never ended"
        assert state.state == "done", state.message
        answer = self.engine.fetch(remote_id, request, call)
        return answer
