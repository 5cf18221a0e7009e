"""What every engine of music owes the studio, as checks of what came out: for engines asked directly, for stand-ins on
loopback, and for the live services."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.audio import files
from core.music.engine import CONTROLS, STREAM, obeyed
from core.music.types import MusicRequest
from core.providers.base import Made, ProviderInfo
from core.rights import licences

CAPABILITIES = (set(CONTROLS) - {"seconds"}) | {"duration", "stems", "midi", "sections", "draft", STREAM}


def quick_request(seconds: float, **values: Any) -> MusicRequest:
    return MusicRequest.model_validate({"prompt": "calm piano", "mood": "calm", "seconds": seconds, "seed": 7} | values)


def info_is_whole(info: ProviderInfo) -> None:
    assert info.kind == "music"
    assert info.form in ("make", "job")
    assert info.capabilities <= CAPABILITIES
    assert "prompt" in obeyed(info)
    assert info.licence in licences.known()
    assert not info.licence_on_plan or info.licence_on_plan in licences.known()
    assert info.models
    assert bool(info.units) == bool(info.settings_key), "what is billed has a key, and what has a key is billed"


def one_piece(made: Made, folder: Path) -> float:
    """A primary sound that can be played, and what lies beside it; its seconds."""
    roles = [output.role for output in made.outputs]
    assert len(roles) == len(set(roles))
    primary = next(output for output in made.outputs if output.role == "primary")
    assert primary.kind == "music"
    for output in made.outputs:
        assert output.path.is_relative_to(folder)
        assert output.kind == "midi" or sounds(output.path) > 0
    return sounds(primary.path)


def sounds(path: Path) -> float:
    audio = files.decode(path)
    assert abs(audio.samples).max() > 0.01
    return audio.seconds


def bills_no_more(used: Mapping[str, Decimal], most: Mapping[str, Decimal]) -> None:
    assert set(used) <= set(most)
    assert all(Decimal(0) < used[unit] <= most[unit] for unit in used)


def told_in_words(error: Any) -> None:
    assert error.message.endswith(".")
    assert "<" not in error.message, "a web page is not an explanation"
