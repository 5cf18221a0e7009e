"""Music services that tests script: they do what they are told, and count what they sold.

They stand for services outside the machine; tests/clouds has stand-ins that speak the real ones' own protocols.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import soundfile

from core.kit.errors import Rejected, Unavailable, UserError
from core.music.types import MusicRequest
from core.providers.base import Call, Made, Output, ProviderInfo

RATE = 22050


class Seller:
    """Sells a tone of a stated pitch, in beats of the tempo that was asked for."""

    default_model = "one"

    def __init__(
        self, name: str, *, acts: tuple[str, ...] = (), longest_s: float = 60.0, licence: str = "own-work"
    ) -> None:
        self.info = ProviderInfo(
            name=name, title=name.title(), kind="music", resource="net", units=("tracks",), licence=licence,
            capabilities=frozenset({"prompt", "mood", "bpm", "duration", "seed", "melody"}), models=("one", "two"),
        )  # fmt: skip
        self.acts = list(acts)
        self.longest_s = longest_s
        self.sold: list[MusicRequest] = []
        self.seconds_off = 0.0

    def lengths(self, model: str) -> tuple[float, float]:
        return (1.0, self.longest_s)

    def told(self, request: MusicRequest) -> Mapping[str, Any]:
        if "unsayable" in request.prompt:
            raise UserError("It has no word for that.", "Say it otherwise.")
        return {
            "text": f"{request.mood or ''} {request.prompt}".strip(),
            "length": request.seconds,
            "seed": request.seed,
        }

    def maximum(self, request: MusicRequest) -> Mapping[str, Decimal]:
        return {"tracks": Decimal(1)}

    def make(self, request: MusicRequest, call: Call) -> Made:
        act = self.acts.pop(0) if self.acts else "ok"
        if act == "unavailable":
            raise Unavailable("nobody is there")
        if act == "rejected":
            raise Rejected("this is refused")
        self.sold.append(request)
        seconds = request.seconds + self.seconds_off
        time = np.arange(int(seconds * RATE)) / RATE
        beat = (request.bpm or 100.0) / 60
        tone = 0.3 * np.sin(2 * np.pi * (220 + len(self.sold)) * time) * np.exp(-6 * ((time * beat) % 1.0))
        path = call.folder / "track.flac"
        soundfile.write(path, tone.astype(np.float32), RATE)
        return Made(
            (Output("primary", path, "music"),), {"tracks": Decimal(1)}, facts={"model": request.model or "one"}
        )
