"""PlayHT, which the planning documents name and which is no more: listed, so that whoever looks for it learns why."""

from __future__ import annotations

from datetime import date

from core.kit.errors import Unavailable
from core.providers.base import Call, Made, ProviderInfo, Units
from core.voice.engine import Utterance

CLOSED_ON = date(2025, 12, 31)


class PlayHtSpeech:
    info = ProviderInfo(
        name="playht",
        title="PlayHT",
        kind="speech",
        resource="net",
        retired_on=CLOSED_ON,
        retired_why="its owner closed the service and deleted its voices; ElevenLabs, OpenAI or the embedded voices speak instead",
    )
    speeds = (1.0, 1.0)
    default_model = "default"

    def longest(self, model: str) -> int:
        raise self._gone()

    def maximum(self, request: Utterance) -> Units:
        raise self._gone()

    def make(self, request: Utterance, call: Call) -> Made:
        raise self._gone()

    def _gone(self) -> Unavailable:
        return Unavailable(f"PlayHT closed on {CLOSED_ON}.", "Choose a voice of another engine.")
