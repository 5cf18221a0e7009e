"""Suno, which has no public API: listed, so that whoever looks for it learns why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.kit.errors import SetupError
from core.music.engine import KIND
from core.music.types import MusicRequest
from core.providers.base import Call, Made, ProviderInfo, Units


class SunoMusic:
    info = ProviderInfo(name="suno", title="Suno", kind=KIND, resource="net", licence="unknown")
    default_model = "default"

    def lacks(self) -> SetupError:
        return SetupError(
            "Suno has no public API; what is sold as one shares accounts against its terms.",
            "Make the song on suno.com, then import the file and declare its rights: a free plan there allows no"
            " commercial use.",
        )

    def about(self) -> str:
        return "no public API"

    def lengths(self, model: str) -> tuple[float, float]:
        raise self.lacks()

    def told(self, request: MusicRequest) -> Mapping[str, Any]:
        raise self.lacks()

    def maximum(self, request: MusicRequest) -> Units:
        raise self.lacks()

    def make(self, request: MusicRequest, call: Call) -> Made:
        raise self.lacks()
