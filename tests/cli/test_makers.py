"""speak, music, mix, analyse, demo: the answers, the files and their formats."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from core.audio import files, meters
from tests.cli.conftest import Command

MAKER = {"job_id", "assets", "cost_usd", "licence"}


def rms_db(samples: np.ndarray) -> float:
    return float(20 * np.log10(max(1e-12, float(np.sqrt(np.mean(samples.astype(np.float64) ** 2))))))


def test_speak_as_typed(typed: Command, tmp_path: Path) -> None:
    answer = typed(
        "speak", "Hello there, harbour.", "--voice", "Emma", "--speed", "1.2", "--pitch", "-2", "--captions", "c.srt",
        "--out", "hello.wav", "--json",
    ).json  # fmt: skip
    assert set(answer) == MAKER
    assert answer["cost_usd"] == "0"
    assert answer["licence"]["commercial"] is True
    assert {asset["role"] for asset in answer["assets"]} == {
        "primary", "captions", "captions:srt", "captions:vtt", "captions:ass",
    }  # fmt: skip
    paths = {asset["role"]: tmp_path / asset["path"] for asset in answer["assets"]}
    assert paths["primary"] == tmp_path / "hello.wav"
    assert soundfile.info(str(paths["primary"])).duration > 0.8
    srt = (tmp_path / "c.srt").read_text()
    assert srt.startswith("1\n00:00:0")
    assert "Hello there, harbour." in srt
    assert all(path.exists() for path in paths.values())


def test_music_as_typed(typed: Command, tmp_path: Path) -> None:
    answer = typed(
        "music", "--prompt", "calm ambient piano", "--bpm", "80", "--key", "D minor", "--seconds", "6", "--seed", "5",
        "--stems", "parts", "--midi", "piece.mid", "--out", "piece.wav", "--json",
    ).json  # fmt: skip
    assert set(answer) == MAKER
    mix, rate = soundfile.read(tmp_path / "piece.wav", dtype="float32", always_2d=True)
    assert (rate, mix.shape[1]) == (44100, 2)
    assert abs(mix.shape[0] / rate - 6.0) < 0.05
    roles = {asset["role"]: asset["path"] for asset in answer["assets"]}
    stems = [tmp_path / path for role, path in roles.items() if role.startswith("stem:")]
    assert len(stems) >= 3
    assert {path.parent.name for path in stems} == {"parts"}
    total = sum(soundfile.read(path, dtype="float32", always_2d=True)[0].astype(np.float64) for path in stems)
    # The mix on disk has 24 bits; half a step of those is -144 dBFS.
    assert rms_db((total - mix).astype(np.float32)) < -80
    assert (tmp_path / "piece.mid").read_bytes().startswith(b"MThd")
    loudness = meters.integrated_lufs(mix.T, rate)
    assert loudness is not None
    assert abs(loudness - -14) < 0.3


def test_the_same_seed_is_the_same_file(cli: Command, tmp_path: Path) -> None:
    for name in ("one.wav", "two.wav"):
        assert cli("music", "--mood", "calm", "--seconds", "3", "--seed", "9", "--out", name).code == 0
    assert (tmp_path / "one.wav").read_bytes() == (tmp_path / "two.wav").read_bytes()


def test_the_prompt_may_say_how_long(cli: Command, tmp_path: Path) -> None:
    assert cli("music", "--prompt", "calm pads, 5 seconds", "--seed", "2", "--out", "p.wav").code == 0
    assert abs(soundfile.info(str(tmp_path / "p.wav")).duration - 5.0) < 0.05


def test_mix_keeps_what_is_known_of_the_parts(cli: Command, tmp_path: Path, tone: Path) -> None:
    assert cli("speak", "One two three four five six.", "--out", "v.wav").code == 0
    assert cli("music", "--mood", "calm", "--seconds", "3", "--seed", "9", "--out", "m.wav").code == 0
    answer = cli("mix", "--voice", "v.wav", "--music", "m.wav", "--out", "mix.wav", "--json").json
    assert set(answer) == MAKER
    assert answer["licence"]["commercial"] is True, "files the library made came back with their rights lost"
    assert {asset["role"] for asset in answer["assets"]} == {"primary", "stem:voice", "stem:music"}
    samples, rate = soundfile.read(tmp_path / "mix.wav", dtype="float32", always_2d=True)
    loudness = meters.integrated_lufs(samples.T, rate)
    assert loudness is not None
    assert abs(loudness - -14) < 0.3
    foreign = cli("mix", "--voice", "v.wav", "--music", str(tone), "--out", "other.wav", "--json").json
    assert foreign["licence"]["publish"] is False, "a file of unknown rights became publishable by being mixed"
    by_id = next(asset["id"] for asset in answer["assets"] if asset["role"] == "primary")
    again = cli("mix", "--voice", by_id, "--out", "again.wav", "--json").json
    assert again["licence"]["commercial"] is True


FORMATS = {
    "wav": "WAV", "flac": "FLAC", "ogg": "OGG", "mp3": "MP3", "opus": "OGG", "m4a": None,
}  # fmt: skip


@pytest.mark.parametrize("ending", FORMATS)
def test_every_ending_writes_its_format(cli: Command, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"take.{ending}"
    assert cli("speak", "One two three four five.", "--out", str(out)).code == 0
    audio = files.decode(out)
    if FORMATS[ending]:
        assert soundfile.info(str(out)).format.startswith(str(FORMATS[ending]))
    assert audio.seconds > 1.0
    peak = meters.true_peak_dbtp(audio.samples, audio.sample_rate)
    assert peak is not None
    assert peak <= -1.0
    assert [path.name for path in tmp_path.iterdir()] == [out.name], "something was left beside the file"


@pytest.mark.parametrize("ending", ["flac", "mp3"])
def test_every_ending_also_beside_you(cli: Command, tmp_path: Path, ending: str) -> None:
    assert cli("speak", "One two three.", "--out", f"take.{ending}").code == 0
    assert (tmp_path / f"take.{ending}").exists()


NAMES = ["it's.wav", 'with "quotes".wav', "with spaces .wav", "नमस्ते दुनिया.wav", "…/../up.wav", "new/deep/er.wav", "UP.WAV",
         "tab\tname.wav", "$(date) `x`.wav", "a.b.c.wav", "-dash.wav"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_names_of_every_kind(cli: Command, tmp_path: Path, name: str) -> None:
    assert cli("speak", "Name.", "--out", name).code == 0
    assert soundfile.info(str(tmp_path / name)).frames > 0


def test_text_of_every_kind(cli: Command) -> None:
    long_enough = {
        "-5 degrees": "en", "--out": "en", "שלום עולם": "he", "नमस्ते": "hi", "Ça va très bien": "fr", "a\x00\x01b": "en",
        "\u202ehello\u202c": "en", "“Quotes” & <tags> $HOME": "en",
    }  # fmt: skip
    for number, (text, voice) in enumerate(long_enough.items()):
        answer = cli("speak", "--voice", voice, "--out", f"{number}.wav", "--json", "--", text)
        assert answer.code == 0, (text, answer.err)
        assert soundfile.info(f"{number}.wav").duration > 0.2


def test_text_from_standard_input(cli: Command, tmp_path: Path) -> None:
    assert cli("speak", "-", "--out", "in.wav", stdin="From a pipe, नमस्ते.").code == 0
    assert soundfile.info(str(tmp_path / "in.wav")).duration > 0.5


@pytest.mark.parametrize("ending", ["srt", "vtt", "ass", "json"])
def test_captions_in_three_forms(cli: Command, tmp_path: Path, ending: str) -> None:
    captions = tmp_path / f"new/c.{ending}"
    assert cli("speak", "Some words to read.", "--captions", str(captions), "--out", "c.wav").code == 0
    text = captions.read_text()
    assert "words" in text
    if ending == "vtt":
        assert text.startswith("WEBVTT")
    if ending == "json":
        json.loads(text)


def test_analyse(cli: Command, tone: Path) -> None:
    found = cli("analyse", str(tone), "--json").json
    wanted = {"duration_s", "bpm", "bpm_candidates", "key", "camelot", "lufs", "true_peak_dbtp", "problems"}
    assert wanted <= set(found)
    assert abs(found["duration_s"] - 4.0) < 0.01
    assert found["key"] == "A major"
    assert found["camelot"] == "11B"
    assert isinstance(found["problems"], list)
    hum = Path(__file__).parents[1] / "media" / "hum_50hz.flac"
    problems = cli("analyse", str(hum), "--json").json["problems"]
    assert problems
    assert {"kind", "start_s", "end_s", "detail"} <= set(problems[0])


def test_demo_makes_ten_for_the_dashboards(typed: Command, cli: Command) -> None:
    before = len(cli("library", "list", "--limit", "1000", "--json").json)
    made = typed("demo", "--json", timeout=240).json
    assert len(made) == 10
    assert all(set(piece) == MAKER and piece["cost_usd"] == "0" for piece in made)
    after = cli("library", "list", "--limit", "1000", "--json").json
    assert len(after) == before + 10
    assert {asset["kind"] for asset in after} >= {"voiceover", "music", "mix"}
    rows = cli("mart", "refresh", "--json").json["rows"]
    assert rows["assets"] > 0


def test_polish_prints_before_and_after(cli: Command, tmp_path: Path) -> None:
    assert cli("speak", "The harbour wakes before the town does.", "--out", "take.wav").code == 0
    done = cli("polish", "take.wav", "--preset", "audiobook", "--out", "book.wav")
    assert done.code == 0, done.err
    assert "integrated loudness" in done.out
    assert "passed  Room tone at the head" in done.out
    assert soundfile.info(str(tmp_path / "book.wav")).samplerate == 44_100
    assert "no sound preset 'loud'" in cli("polish", "take.wav", "--preset", "loud").fails(2)
