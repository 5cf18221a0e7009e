"""Mixing and mastering in blocks gives what doing it whole gives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from core.audio import encoding, files, mastering, metering, meters
from core.audio.ducking import DuckSettings
from core.audio.effects import gain
from core.audio.loudness import encode_to_target, normalise, target
from core.audio.mixing import Mixed, mix_tapes
from tests.audio.signals import RATE, noise, piece, sine
from tests.audio.test_mix import spoken
from tests.audio.whole_mix import Sound, joined, laid, sound, taped, whole_mix

Samples = files.Samples


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many seams in a short piece."""
    monkeypatch.setattr(metering, "_FRAMES", 1 << 14)


def both(parts: list[Sound], folder: Path, **how: Any) -> tuple[Any, Mixed]:
    whole = whole_mix(parts, RATE, **how)
    return whole, mix_tapes(laid(parts, folder), folder, RATE, how.pop("target", None), **how)


def apart_db(one: Samples, other: Samples) -> float:
    """The loudest difference."""
    assert one.shape == other.shape
    return 20 * float(np.log10(max(1e-12, float(np.abs(one - other).max()))))


PARTS: dict[str, Callable[[], list[Sound]]] = {
    "voice over a looped bed": lambda: [
        sound(spoken(), RATE, "voice", start_s=1.3, gain_db=-2, level_lufs=-20, offset_s=0.5),
        sound(piece(2.7), RATE, "music", loop=True, duck=DuckSettings(depth_db=12, under=((8.5, 9.5),)), fade_in_s=0.5),
        sound(sine(2000, 0.3), RATE, "effect", start_s=2, pan=0.7, gain_db=-6),
    ],
    "cut, faded, panned, of another rate": lambda: [
        sound(noise(5)[:1], 48000, name="a", level_lufs=-24, offset_s=1.1, length_s=2.5, pan=-0.4, fade_out_s=0.7, start_s=0.25),
        sound(piece(6), 22050, name="b", start_s=0.5, gain_db=-9, fade_in_s=0.01),
        sound(piece(3), RATE, name="a", start_s=2.0),
        sound(np.repeat(sine(300, 2)[:1], 6, axis=0) * np.float32(0.2), RATE, name="surround", start_s=1.0),
    ],
    "made to loop": lambda: [sound(piece(1.5), RATE, loop=True, seam_s=0.0), sound(spoken(), RATE, "voice")],
}  # fmt: skip


@pytest.mark.parametrize("name", PARTS)
@pytest.mark.parametrize("loudness", [None, "streaming"])
def test_in_blocks_it_is_the_same_as_whole(tmp_path: Path, name: str, loudness: str | None) -> None:
    aim = None if loudness is None else target(loudness)
    whole, made = both(PARTS[name](), tmp_path, target=aim)
    assert apart_db(joined(made.mastered()), whole.samples) < -90
    assert list(made.stems) == list(whole.stems)
    for stem, samples in whole.stems.items():
        assert apart_db(joined(made.mastered(stem)), samples) < -90
    told = made.facts()
    assert set(told) == set(whole.facts)
    assert {key: value for key, value in told.items() if isinstance(value, float)} == pytest.approx(
        {key: value for key, value in whole.facts.items() if isinstance(value, float)}, abs=0.02
    )


def test_without_stems_there_is_one_tape(tmp_path: Path) -> None:
    whole, made = both(PARTS["voice over a looped bed"](), tmp_path)
    again = laid(PARTS["voice over a looped bed"](), tmp_path)
    plain = mix_tapes(again, tmp_path, RATE, None, stems=False)
    assert list(plain.stems) == ["mix"]
    assert apart_db(joined(plain.mastered()), whole.samples) < -90
    assert made.frames == plain.frames


@pytest.mark.parametrize("samples", [piece(4), noise(3), np.zeros((2, RATE), np.float32), piece(0.2), sine(997, 3)])
@pytest.mark.parametrize("name", ["streaming", "podcast"])
def test_mastering_and_its_meters(tmp_path: Path, samples: Samples, name: str) -> None:
    source = taped(samples, RATE, tmp_path, "piece")
    assert source.lufs == pytest.approx(meters.integrated_lufs(samples, RATE), abs=1e-6)
    whole, made = normalise(samples, RATE, target(name)), mastering.master(source.blocks, RATE, target(name))
    curve = np.concatenate(
        [made.curve(at, min(3200, samples.shape[1] - at)) for at in range(0, samples.shape[1], 3200)]
    )
    np.testing.assert_allclose(curve, whole.gain_curve, atol=1e-5)
    assert (made.lufs, made.dbtp) == pytest.approx((whole.lufs, whole.dbtp), abs=1e-4, nan_ok=True)
    columns = metering.Columns(samples.shape[1], 192)
    for block in source.blocks():
        columns.feed(block)
    assert columns.columns == files.peaks(samples, 192)


def test_encoded_from_a_tape_it_is_the_same_file(tmp_path: Path) -> None:
    samples = gain(piece(4), -8)
    source = taped(samples, RATE, tmp_path, "piece")
    for name in ("m4a", "wav24", "wav32f"):
        whole = encode_to_target(tmp_path / f"whole.{name}", samples, RATE, name, target("video"))
        made = mastering.encode_to_target(tmp_path / f"made.{name}", source, name, target("video"))
        assert (made.lufs, made.dbtp, made.tries) == pytest.approx((whole.lufs, whole.dbtp, whole.tries), abs=0.01)
        assert apart_db(files.decode(made.path).samples, files.decode(whole.path).samples) < -80
    assert soundfile.info(tmp_path / "made.wav32f").subtype == "FLOAT"
    encoding.encode(tmp_path / "one.wav", samples, RATE, "wav32f")
    encoding.encode_blocks(tmp_path / "blocks.wav", source.blocks(), RATE, 2, "wav32f")
    assert (tmp_path / "one.wav").read_bytes() == (tmp_path / "blocks.wav").read_bytes()
    assert not list(tmp_path.glob(".*"))
