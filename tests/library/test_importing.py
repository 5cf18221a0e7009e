"""Into the library: what is kept is what was measured, with its rights, or nothing is."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.app import Studio
from core.kit.actor import LOCAL
from core.kit.errors import UserError
from tests.library.sounds import wav
from tests.library.test_library import known, stored

MEDIA = Path(__file__).parents[1] / "media"


def test_the_facts_are_measured_from_the_file(shop: Studio, folder: Path) -> None:
    asset, warnings = shop.importing.bring_in(LOCAL, wav(folder / "a b.wav", seconds=2.0), licence_id="uploaded-own")
    assert (asset.name, asset.kind, asset.source, asset.format) == ("a b", "music", "uploaded", "wav")
    assert asset.duration_s == pytest.approx(2.0, abs=0.01)
    assert (asset.sample_rate, asset.channels) == (22050, 1)
    assert asset.lufs is not None
    assert len(asset.peaks) <= 192
    assert max(asset.peaks) > 0
    assert asset.licence["id"] == "uploaded-own"
    assert warnings == []
    assert shop.library.file(LOCAL, asset.id).read_bytes() == (folder / "a b.wav").read_bytes()


@pytest.mark.parametrize(
    "name",
    ["text_renamed.wav", "zero_bytes.wav", "wav_truncated_header.wav", "moov_missing.m4a", "pydub__test1_empty.wav"],
)
def test_what_is_no_sound_is_refused_and_nothing_kept(shop: Studio, name: str) -> None:
    before = shop.library.search(LOCAL)[1]
    with pytest.raises(UserError):
        shop.importing.bring_in(LOCAL, MEDIA / name)
    assert shop.library.search(LOCAL)[1] == before
    assert stored(shop) == known(shop)
    assert not any(shop.settings.work.iterdir())


DAMAGED = ["truncated.mp3", "bitflips.mp3", "hole.ogg", "truncated.flac"]


@pytest.mark.parametrize("name", DAMAGED)
def test_damage_that_can_be_survived_is_said(shop: Studio, name: str) -> None:
    asset, warnings = shop.importing.bring_in(LOCAL, MEDIA / name)
    assert asset.duration_s
    assert asset.duration_s > 0.5
    assert warnings
    assert asset.generation_config["warnings"] == warnings


@pytest.mark.parametrize("name", DAMAGED)
def test_the_warnings_name_the_file_that_was_given(shop: Studio, name: str) -> None:
    assert name in " ".join(shop.importing.bring_in(LOCAL, MEDIA / name)[1])


def test_a_wrong_ending_changes_nothing(shop: Studio) -> None:
    asset, _ = shop.importing.bring_in(LOCAL, MEDIA / "mp3_named.wav")
    assert asset.format == "mp3", "the content decides, not the name"


def test_the_limits_hold(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    from core.app import build_studio
    from core.kit.settings import load_settings

    small = build_studio(load_settings(home=tmp_path_factory.mktemp("small"), max_audio_minutes=0.05, max_upload_mb=1))
    try:
        with pytest.raises(UserError, match=r"[Ll]ong|second|minute"):
            small.importing.bring_in(LOCAL, wav(folder / "long.wav", seconds=6.0, rate=8000))
        with pytest.raises(UserError, match="1 MB"):
            small.importing.bring_in(LOCAL, wav(folder / "large.wav", seconds=8.0, rate=44100))
        assert small.library.search(LOCAL)[1] == 0
        assert stored(small) == set()
    finally:
        small.close()


def test_silence_and_nothing_at_all(shop: Studio, folder: Path) -> None:
    import numpy as np
    import soundfile

    soundfile.write(folder / "silence.wav", np.zeros((2205, 2), dtype=np.float32), 22050)
    asset, _ = shop.importing.bring_in(LOCAL, folder / "silence.wav")
    assert asset.lufs is None
    assert asset.true_peak_dbtp is None or asset.true_peak_dbtp < -90
    broken = np.full((2205, 1), np.nan, dtype=np.float32)
    soundfile.write(folder / "nan.wav", broken, 22050, subtype="FLOAT")
    with pytest.raises(UserError):
        shop.importing.bring_in(LOCAL, folder / "nan.wav")
