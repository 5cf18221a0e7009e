"""What MusicGen is told, and what it refuses: no library is needed for that."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.kit.children import Children
from core.kit.errors import SetupError, UserError
from core.music.engine import ignored, obeyed
from core.music.providers import musicgen_audiocraft
from core.music.providers.musicgen import MusicGen
from core.music.providers.musicgen_prompt import text_of
from core.music.service import music_request
from core.music.types import MusicRequest
from core.providers.base import Call

ENGINE = MusicGen(Path("nowhere"))


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"prompt": "a slow waltz"}, "a slow waltz"),
        ({"mood": "calm", "genre": "jazz"}, "calm jazz music"),
        ({"prompt": "a slow waltz", "mood": "sad", "genre": "folk"}, "a slow waltz, sad folk"),
        ({"prompt": "Calm rain", "mood": "calm", "genre": "ambient"}, "Calm rain, ambient"),
        ({"genre": "rock", "intensity": "high"}, "rock music, powerful and energetic"),
        ({"genre": "rock", "intensity": "medium"}, "rock music"),
        ({"prompt": "loops", "instruments": ("grand_piano", "strings")}, "loops, with grand piano and strings"),
        ({"prompt": "house", "bpm": 124, "key": "D minor"}, "house, in D minor, 124 bpm"),
        ({"prompt": "house at 124 BPM", "bpm": 124}, "house at 124 BPM"),
        ({}, "instrumental music"),
    ],
)
def test_choices_are_put_into_words(values: dict[str, object], text: str) -> None:
    assert text_of(MusicRequest(**values)) == text  # type: ignore[arg-type]


def test_what_it_is_told_is_shown_beforehand() -> None:
    told = ENGINE.told(MusicRequest(mood="calm", seconds=45, seed=3, guidance=5.5))
    assert told == {
        "text": "calm music", "model": "medium", "duration": 45, "temperature": 1.0, "top_k": 250, "top_p": 0.0,
        "guidance_scale": 5.5, "seed": 3, "melody": None, "style": None,
    }  # fmt: skip
    assert ENGINE.told(MusicRequest(melody="asset_1"))["model"] == "melody"


def test_what_it_does_not_obey_is_named() -> None:
    assert {"seconds", "melody", "style", "guidance", "top_p"} <= obeyed(ENGINE.info)
    asked = MusicRequest(negative_prompt="voices", steps=50, loopable=True, guidance=3)
    assert set(ignored(ENGINE.info, asked)) == {"negative_prompt", "steps", "loopable"}


@pytest.mark.parametrize(
    ("field", "value", "allowed"),
    [
        ("temperature", 0.0, "0.1"), ("temperature", 2.5, "2"), ("temperature", float("nan"), "0.1 to 2"),
        ("top_k", -1, "0"), ("top_k", 4096, "2048"), ("top_p", 1.5, "1"), ("guidance", -1, "0"), ("guidance", 26, "25"),
        ("seconds", 601, "3 to 600"), ("seed", -1, "0 to 2147483647"), ("prompt", "x" * 10_000, "2,000"),
    ],
)  # fmt: skip
def test_knobs_out_of_range_are_refused_with_what_is_allowed(field: str, value: object, allowed: str) -> None:
    with pytest.raises(UserError, match=field) as refused:
        music_request(**{field: value})
    assert allowed in refused.value.hint


def test_lengths_and_models() -> None:
    assert ENGINE.lengths("stereo-large") == (1.0, 600.0)
    with pytest.raises(UserError, match="no model 'huge'") as refused:
        ENGINE.lengths("huge")
    assert "medium" in refused.value.hint
    assert {"small", "medium", "large", "melody", "stereo-small"} <= set(ENGINE.info.models)


def test_an_estimate_grows_with_the_length_and_the_model() -> None:
    short, measured = ENGINE.estimate_s(MusicRequest(seconds=10, model="small"), None)
    longer, _ = ENGINE.estimate_s(MusicRequest(seconds=20, model="small"), None)
    larger, _ = ENGINE.estimate_s(MusicRequest(seconds=10, model="large"), None)
    assert not measured
    assert longer == pytest.approx(2 * short)
    assert larger > 5 * short


def test_audiocraft_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(musicgen_audiocraft, "find_spec", lambda name: None)
    engine = MusicGen(tmp_path, backend="audiocraft")
    with pytest.raises(SetupError, match="audiocraft is not installed") as refused:
        engine.make(MusicRequest(prompt="x", seconds=3), Call("c", tmp_path, Children(1)))
    assert "STUDIO_MUSICGEN_BACKEND=transformers" in refused.value.hint
