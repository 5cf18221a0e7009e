"""Any file: decoded, decoded in part with a warning, or refused with one clear sentence."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest

from core.audio.files import decode, decode_stereo, peaks, probe, to_mono, to_stereo
from core.kit.errors import UserError

from .signals import COLLECTION, MEDIA, RATE, noise, sine, write

WHOLE = {
    "aac.m4a": (8.0, 44100, 2),
    "opus_24k.opus": (9.995, 48000, 1),
    "wma.wma": (5.98, 16000, 1),
    "mulaw_8khz.wav": (9.995, 8000, 1),
    "22050_ogg_flac.oga": (5.0, 22050, 1),
    "mp3_named.wav": (8.0, 44100, 2),
    "pedalboard__mp3_in_wav.wav": (1.07, 44100, 1),
    "scipy__test-8000Hz-le-3ch-5S-24bit.wav": (0.0006, 8000, 3),
    "mutagen__silence-44-s.mp3": (3.74, 44100, 2),
    "big_buck_bunny_0_30.webm": (30.019, 44100, 2),
    "montage_bbb_hardcuts.mp4": (15.916, 48000, 1),
}
IN_PART = {
    "bitflips.mp3": 7.9,
    "hole.ogg": 6.0,
    "truncated.mp3": 4.5,
    "truncated.flac": 4.6,
    "very_short_20ms.wav": 0.02,
    "scipy__test-44100Hz-le-1ch-4bytes-early-eof.wav": 0.005,
}
REFUSED = {
    "zero_bytes.wav": "empty",
    "text_renamed.wav": "not a sound file",
    "wav_truncated_header.wav": "not a sound file",
    "moov_missing.m4a": "never finished",
    "mutagen__106-invalid-streaminfo.flac": "not a sound file",
    "pydub__test1_empty.wav": "no samples",
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_sound_file_is_decoded_whatever_its_name_says(name: str) -> None:
    seconds, rate, channels = WHOLE[name]
    audio = decode(MEDIA / name)
    assert (audio.sample_rate, audio.channels) == (rate, channels)
    assert audio.seconds == pytest.approx(seconds, abs=0.01)
    assert audio.samples.dtype == np.float32
    assert audio.warnings == ()
    facts = probe(MEDIA / name)
    assert (facts.sample_rate, facts.channels, facts.bytes) == (rate, channels, (MEDIA / name).stat().st_size)


@pytest.mark.parametrize("name", IN_PART)
def test_what_a_damaged_file_still_holds_is_read_and_the_damage_named(name: str) -> None:
    audio = decode(MEDIA / name)
    assert audio.seconds == pytest.approx(IN_PART[name], abs=0.1)
    assert audio.warnings
    assert name in audio.warnings[0]


@pytest.mark.parametrize("name", REFUSED)
def test_what_holds_no_sound_is_refused_with_cause_and_remedy(name: str) -> None:
    with pytest.raises(UserError) as refused:
        decode(MEDIA / name)
    assert name in refused.value.message
    assert REFUSED[name] in refused.value.message
    assert refused.value.hint


def _collection() -> list[str]:
    manifest = COLLECTION / "MANIFEST.json"
    if not manifest.exists():
        return []
    kinds = ("corrupt/", "odd_real/", "formats/", "defects/", "video/")
    return [row["path"] for row in json.loads(manifest.read_text()) if row["path"].startswith(kinds)]


@pytest.mark.skipif(not COLLECTION.exists(), reason="the larger collection is not beside this repository")
def test_every_file_of_the_collection_is_decoded_or_refused_clearly() -> None:
    expected = {row["path"]: row for row in json.loads((COLLECTION / "MANIFEST.json").read_text())}
    assert len(_collection()) > 50
    for path in _collection():
        truth = expected[path]
        try:
            audio = decode(COLLECTION / path)
        except UserError:
            assert truth["duration_s"] is None, path
            continue
        assert np.isfinite(audio.samples).all()
        rate = truth["sample_rate"]
        assert audio.sample_rate == rate
        if path.startswith("formats/"):
            assert audio.seconds == pytest.approx(truth["duration_s"], abs=0.1), path
            assert audio.warnings == (), path


def test_a_list_of_other_files_is_not_followed(tmp_path: Path) -> None:
    secret = write(tmp_path / "secret.wav", sine(440, 1))
    lists = {
        "a.m3u8": f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{secret}\n#EXT-X-ENDLIST\n",
        "a.ffconcat": f"ffconcat version 1.0\nfile '{secret.name}'\n",
        "a.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
        "b.wav": f"ffconcat version 1.0\nfile '{secret}'\n",
    }
    for name, text in lists.items():
        (tmp_path / name).write_text(text)
        with pytest.raises(UserError, match="not a sound file"):
            decode(tmp_path / name)


@pytest.mark.parametrize("name", ["-i.wav", "naïve — “quotes” & 空白.wav", "a'b\"c;$(x).mp3", "%d.wav", "x:y|z.raw"])
def test_a_file_name_is_only_a_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes((MEDIA / "mp3_named.wav").read_bytes())
    assert decode(path).seconds == pytest.approx(8.0, abs=0.01)
    write(path, sine(440, 0.5))
    assert decode(path).seconds == 0.5


def test_missing_files_and_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no file “gone\.wav”"):
        decode(tmp_path / "gone.wav")
    with pytest.raises(UserError, match="is not a file"):
        decode(tmp_path)


@pytest.mark.parametrize("name", ["mp3_named.wav", "clean_control.flac"])
def test_limits_hold_while_decoding(name: str) -> None:
    with pytest.raises(UserError, match="longer than 2 seconds"):
        decode(MEDIA / name, max_seconds=2)
    with pytest.raises(UserError, match="MB"):
        decode(MEDIA / name, max_bytes=1000)


def test_a_header_that_promises_hours_does_not_fill_the_memory(tmp_path: Path) -> None:
    rate, frames = 44100, 1000
    data = struct.pack("<4sI4s4sIHHIIHH", b"RIFF", 0x7FFFFFFF, b"WAVE", b"fmt ", 16, 1, 2, rate, rate * 4, 4, 16)
    data += struct.pack("<4sI", b"data", 0x7FFFFFF0) + b"\x01\x00" * 2 * frames
    (tmp_path / "liar.wav").write_bytes(data)
    audio = decode(tmp_path / "liar.wav")
    assert audio.samples.shape == (2, frames)
    assert "breaks off early" in audio.warnings[0]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_samples_that_are_not_numbers_are_refused(tmp_path: Path, bad: float) -> None:
    samples = sine(440, 1)
    samples[0, 1000] = bad
    with pytest.raises(UserError, match="not numbers"):
        decode(write(tmp_path / "nan.wav", samples))


def test_rate_and_channels_are_changed_only_on_request(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", np.concatenate([sine(440, 1, -6), sine(440, 1, -200)]))
    assert decode(path).samples.shape == (2, RATE)
    mono = decode(path, sample_rate=22050, mono=True)
    assert mono.samples.shape == (1, 22050)
    assert np.abs(mono.samples[0, 2000:-2000]).max() == pytest.approx(0.25, abs=0.005)
    assert decode_stereo(MEDIA / "mulaw_8khz.wav", sample_rate=48000).samples.shape[0] == 2


def test_surround_is_mixed_down_by_its_layout() -> None:
    parts = [sine(300 + 100 * n, 0.5)[0] for n in range(6)]
    left, right = to_stereo(np.stack(parts))
    front_left, front_right, centre, _, back_left, back_right = parts
    np.testing.assert_allclose(left, front_left + 0.70710678 * (centre + back_left), atol=1e-5)
    np.testing.assert_allclose(right, front_right + 0.70710678 * (centre + back_right), atol=1e-5)
    assert to_mono(np.stack(parts)).shape == (1, parts[0].size)
    with pytest.raises(UserError):
        to_stereo(noise(0.1, channels=12))


def test_peaks_show_the_loudest_of_each_column() -> None:
    samples = np.zeros((2, 1000), dtype=np.float32)
    samples[1, 150] = -0.5
    samples[0, 999] = 2.0
    shown = peaks(samples, 10)
    assert shown == [0, 50, 0, 0, 0, 0, 0, 0, 0, 100]
    assert len(peaks(samples[:, :3], 10)) == 10
    assert peaks(samples[:, :0], 4) == [0, 0, 0, 0]
