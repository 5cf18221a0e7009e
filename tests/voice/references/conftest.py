"""A real voice, clean, and signals to spoil it with. The voice is CC BY 4.0: see tests/media/ATTRIBUTION.md."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from core.audio.files import decode
from core.kit.paths import ROOT
from core.voice.references import card

Samples = NDArray[np.float32]


@pytest.fixture(scope="session")
def voice() -> tuple[Samples, int]:
    """10 s of one woman reading, 16 kHz mono."""
    clean = decode(ROOT / "tests" / "media" / "clean_control.flac")
    return clean.samples, clean.sample_rate


@pytest.fixture
def hiss(voice: tuple[Samples, int]) -> Samples:
    """White noise of RMS 1, as long as the voice."""
    return np.random.default_rng(3).standard_normal(voice[0].shape).astype(np.float32)


@pytest.fixture
def all_vouched(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the card thinks of a check is another test's matter."""
    monkeypatch.setattr(card, "vouched", lambda name: True)
