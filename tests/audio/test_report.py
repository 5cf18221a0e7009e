"""The full report on signals whose truth is known: beats, bars, chords, sections, curves, stereo, speech, picture."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.audio import beats, picture, sections, spectrum, speech, stereo, streaming
from core.audio.analysis import analyse
from core.audio.files import decode
from core.kit.children import Children
from core.kit.errors import ProviderError

from .signals import MEDIA, RATE, noise, piece, sine, write

CHORDS = (("A", 220.0, 4), ("F#m", 185.0, 3), ("D", 146.83, 4), ("E", 164.81, 4))


@pytest.fixture(scope="module")
def children() -> Iterator[Children]:
    pool = Children(limit=1)
    yield pool
    pool.close()


def song(bars: int, bpm: float = 120.0) -> np.ndarray:
    """Four chords in turn, a bar each, kick on one, hat on every beat; the second half an octave higher and noisier."""
    beat = 60 / bpm
    count = round(bars * 4 * beat * RATE)
    t = np.arange(count) / RATE
    bar = (t / (4 * beat)).astype(int)
    track = np.zeros(count)
    for number, (_, root, third) in enumerate(CHORDS):
        here = bar % 4 == number
        for interval in (0, third, 7):
            track += here * 0.08 * np.sin(2 * np.pi * root * 2 ** (interval / 12) * t)
    phase = (t / beat) % 1
    track += 0.3 * np.exp(-phase * 25) * np.sin(2 * np.pi * 55 * t) * ((t / beat).astype(int) % 4 == 0)
    hat = np.random.default_rng(2).standard_normal(count) * 0.08 * np.exp(-phase * 60)
    late = bar >= bars // 2
    track = np.where(
        late, 0.6 * track + 0.25 * np.sign(np.sin(2 * np.pi * 880 * t)) * np.exp(-((phase * 2) % 1) * 6), track
    )
    return np.stack([track + hat, 0.8 * track - 0.5 * hat]).astype(np.float32)


@pytest.fixture(scope="module")
def found(children: Children, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = write(tmp_path_factory.mktemp("song") / "song.wav", song(16))
    return analyse(path, children, full=True).as_dict()


def test_it_is_json_and_says_so(found: dict[str, Any]) -> None:
    json.dumps(found, allow_nan=False)
    assert found["report"] == "full"
    assert found["bpm"] == pytest.approx(120, rel=0.01)
    assert found["bpm_alternatives"] == {"half": pytest.approx(60, abs=1), "double": pytest.approx(240, abs=3)}


def test_beats_and_bars(found: dict[str, Any]) -> None:
    at = np.asarray(found["beats"])
    assert np.diff(at) == pytest.approx(0.5, abs=0.03)
    assert (np.abs(at / 0.5 - np.rint(at / 0.5)) < 0.08).mean() > 0.95
    assert found["beats_per_bar"] == 4
    inner = np.asarray(found["bars"][1:-1])
    assert (np.abs(inner / 2 - np.rint(inner / 2)) < 0.05).mean() > 0.9


def test_chords_by_bar(found: dict[str, Any]) -> None:
    right = 0
    rows = [row for row in found["chords"] if row["end_s"] < 15.9]
    for row in rows:
        middle = (row["start_s"] + row["end_s"]) / 2
        right += row["chord"] == CHORDS[int(middle / 2) % 4][0]
    assert right >= len(rows) - 1
    assert all(0 <= row["confidence"] <= 1 for row in found["chords"])


def test_sections(found: dict[str, Any]) -> None:
    rows = found["sections"]
    assert rows[0]["start_s"] == 0
    assert rows[-1]["end_s"] == pytest.approx(found["duration_s"], abs=0.01)
    assert any(row["start_s"] == pytest.approx(16, abs=2.1) for row in rows[1:])
    assert rows[0]["label"] != rows[-1]["label"]


def test_what_comes_back_gets_its_letter_again() -> None:
    rng = np.random.default_rng(3)
    dark, bright = np.linspace(-20, -60, 80), np.linspace(-60, -20, 80)
    mel = np.concatenate([np.tile(shape[:, None], 200) for shape in (dark, bright, dark)], axis=1)
    mel = (mel + rng.standard_normal(mel.shape)).astype(np.float32)
    chroma = np.full((12, 600), 1 / 12, dtype=np.float32)
    rows = sections.find(mel, 10, chroma, 10, np.zeros(0), 60.0)
    assert [row.label for row in rows] == ["A", "B", "A"]
    assert [row.start_s for row in rows] == pytest.approx([0, 20, 40], abs=1.1)


def test_curves_reach_from_end_to_end(found: dict[str, Any]) -> None:
    for name, curve in found["curves"].items():
        end = curve["start_s"] + curve["step_s"] * len(curve["values"])
        assert end == pytest.approx(found["duration_s"], abs=0.3), name
        assert len(curve["values"]) <= 600
    loud = found["curves"]["short_term_lufs"]["values"]
    assert max(loud) == pytest.approx(found["loudness"]["short_term_max_lufs"], abs=0.2)


def test_dynamics_and_spectrum_of_a_sine(children: Children, tmp_path: Path) -> None:
    quick = analyse(write(tmp_path / "sine.wav", sine(1000, 5, -6.0, channels=2)), children).as_dict()
    assert quick["report"] == "quick"
    assert quick["dynamics"]["crest_db"] == pytest.approx(3.01, abs=0.05)
    assert quick["dynamics"]["peak_dbfs"] == pytest.approx(-6, abs=0.05)
    assert quick["spectrum"]["centroid_hz"] == pytest.approx(1000, rel=0.02)
    rows = dict(zip(quick["spectrum"]["bands_hz"], quick["spectrum"]["bands_db"], strict=True))
    assert max(rows, key=rows.__getitem__) == 1000.0
    assert len(rows) in (29, 30)
    assert len(quick["waveform"]) == 500
    assert set(quick["waveform"]) <= {50, 51}


def test_a_metronome_in_three() -> None:
    at = np.arange(0.5, 30, 0.5)
    bass = np.zeros(3100)
    bass[np.rint(at[::3] * 100).astype(int)] = 1.0
    first, meter = beats.bars(at, bass, np.full((12, 310), 1 / 12, dtype=np.float32))
    assert meter == 3
    assert first[:3] == pytest.approx([0.5, 2.0, 3.5])


def test_the_stereo_image() -> None:
    mono = sine(300, 2, channels=2)
    assert stereo.image(stereo.measure(mono, RATE)) == {"correlation": 1.0, "width": 0.0, "balance_db": 0.0}  # type: ignore[arg-type]
    inverted = mono * np.float32([[1], [-1]])
    assert stereo.image(stereo.measure(inverted, RATE))["correlation"] == -1.0  # type: ignore[arg-type]
    wide = noise(2)
    assert stereo.image(stereo.measure(wide, RATE))["width"] == pytest.approx(0.5, abs=0.02)  # type: ignore[arg-type]
    right = mono * np.float32([[0.5], [1]])
    assert stereo.image(stereo.measure(right, RATE))["balance_db"] == pytest.approx(6.02, abs=0.05)  # type: ignore[arg-type]
    assert stereo.measure(mono[:1], RATE) is None


def test_speech_is_told_from_music() -> None:
    clean = decode(MEDIA / "clean_control.flac")
    assert speech.share_of(spectrum.measure(clean.samples[0], clean.sample_rate)) > 0.8
    assert speech.share_of(spectrum.measure(piece(10)[0], RATE)) < 0.2
    assert speech.share_of(spectrum.measure(np.zeros(RATE, np.float32), RATE)) == 0.0
    assert speech.share_of(spectrum.measure(np.zeros(100, np.float32), RATE)) == 0.0


def test_the_picture_is_a_picture(found: dict[str, Any]) -> None:
    from PIL import Image

    data = base64.b64decode(found["mel_png"])
    opened = Image.open(io.BytesIO(data))
    assert opened.size == (picture.WIDTH, picture.HEIGHT)
    assert len(opened.convert("RGB").getcolors(100_000) or []) > 20
    assert len(data) < 100_000


@pytest.mark.parametrize("seconds", [0.02, 0.3, 1.5])
@pytest.mark.parametrize("level", [0.0, 0.3])
def test_short_and_silent_files_have_a_full_report_too(
    seconds: float, level: float, children: Children, tmp_path: Path
) -> None:
    told = analyse(write(tmp_path / "s.wav", noise(seconds, level)), children, full=True).as_dict()
    json.dumps(told, allow_nan=False)
    assert told["duration_s"] == pytest.approx(seconds, abs=0.001)
    assert (told["lufs"] is None) is (level == 0)
    assert told["beats"] == []


def test_a_file_in_blocks_is_told_as_the_whole(
    children: Children, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.audio import analysis

    path = write(tmp_path / "song.wav", song(16))
    whole = analyse(path, children, full=True).as_dict()
    monkeypatch.setattr(streaming, "LONG_BYTES", 0)
    monkeypatch.setattr(streaming, "BLOCK_S", 9.0)
    quick = analysis.analyse_file(
        {"path": str(path), "expected_bpm": 120.0, "full": False}, lambda stage, fraction: None
    )
    assert quick.duration_s == pytest.approx(whole["duration_s"])
    assert quick.lufs == pytest.approx(whole["lufs"], abs=0.01)
    assert quick.true_peak_dbtp == pytest.approx(whole["true_peak_dbtp"], abs=0.1)
    assert quick.bpm == pytest.approx(whole["bpm"], rel=0.01)
    assert quick.key == whole["key"]


def test_a_full_report_past_its_deadline_is_stopped_and_the_next_one_runs(tmp_path: Path) -> None:
    pool = Children(limit=1)
    try:
        path = write(tmp_path / "long.wav", noise(300, 0.2))
        with pytest.raises(ProviderError, match="time limit"):
            analyse(path, pool, full=True, timeout_s=0.4)
        assert analyse(MEDIA / "very_short_20ms.wav", pool, full=True).details is not None
    finally:
        pool.close()


@pytest.mark.long
@pytest.mark.timeout(600)
def test_two_hours(children: Children, tmp_path: Path) -> None:
    """Read in blocks, within half a gigabyte."""
    import soundfile

    path = tmp_path / "long.wav"
    minute = (piece(60)[:1, ::4] * 0.5).T
    with soundfile.SoundFile(path, "w", RATE // 4, 1, subtype="PCM_16") as file:
        for _ in range(119):
            file.write(minute)
        file.write(np.zeros((59 * RATE // 4, 1)))
    for full in (False, True):
        told, megabytes = children.run(measured_in_child, (str(path), full), timeout_s=400)
        assert told["duration_s"] == pytest.approx(7199, abs=1)
        assert told["bpm"] == pytest.approx(120, rel=0.02)
        assert any(problem["kind"] == "silence_trail" for problem in told["problems"])
        assert megabytes < 1000
        json.dumps(told, allow_nan=False)


def measured_in_child(request: tuple[str, bool], progress: Any) -> tuple[dict[str, Any], float]:
    import resource

    from core.audio.analysis import analyse_file

    told = analyse_file({"path": request[0], "expected_bpm": None, "full": request[1]}, progress)
    return told.as_dict(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
