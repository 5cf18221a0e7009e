"""MusicGen with its real library on tiny random checkpoints: skipped where it is not installed."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from core.kit.children import Children
from core.kit.errors import Cancelled, Rejected, SetupError, UserError
from core.models.shelf import Shelf
from core.music.providers import musicgen as module
from core.music.providers.musicgen import MusicGen
from core.music.providers.musicgen_making import windows
from core.music.spool import NAME, Spooled
from core.music.types import Material, MusicRequest
from core.providers.base import Call
from core.rights.licences import record
from tests.music.providers import musicgen_child as inside
from tests.music.providers.musicgen_checkpoint import needs_musicgen

pytestmark = needs_musicgen
Play = Callable[..., Any]


def wav(path: Path, hz: tuple[float, ...], seconds: float = 2.0, rate: int = 22_050) -> Path:
    """These tones one after another."""
    time_s = np.arange(int(seconds * rate / len(hz))) / rate
    soundfile.write(path, np.concatenate([0.4 * np.sin(2 * np.pi * each * time_s) for each in hz]), rate)
    return path


def test_a_seed_makes_the_same_piece_again(play: Play) -> None:
    made, sound = play()
    assert (made.facts["model"], made.facts["seed"], made.facts["device"]) == ("small", 7, "cpu")
    assert made.facts["tokens"] == 4 * 150
    assert made.facts["seams"] == []
    assert (made.outputs[0].role, made.outputs[0].kind) == ("primary", "music")
    assert made.outputs[0].facts["duration_s"] == 3.0
    assert sound.shape[1] == 1
    assert np.abs(sound).max() > 0.001
    assert np.array_equal(sound, play()[1])
    assert not np.array_equal(sound, play(seed=8)[1])


def test_a_piece_without_a_seed_says_which_it_had(play: Play) -> None:
    made, sound = play(seed=None)
    assert np.array_equal(sound, play(seed=made.facts["seed"])[1])


def test_words_and_knobs_are_heard(play: Play) -> None:
    sounds = [
        play(**values)[1] for values in (
            {}, {"prompt": "happy rock drum"}, {"temperature": 0.3}, {"top_k": 2}, {"top_p": 0.4}, {"guidance": 0.0},
            {"guidance": 9.0}, {"mood": "dark"},
        )
    ]  # fmt: skip
    assert len({sound.tobytes() for sound in sounds}) == len(sounds)


@pytest.mark.parametrize("name", inside.MADE)
def test_one_likeliest_token_is_the_library_s_own(pool: Children, models: Path, name: str) -> None:
    kept = MusicGen(models, threads=1).kept
    theirs, ours = pool.run(inside.likeliest, (models / f"musicgen-{name}", "calm piano", 60), kept=kept)
    assert theirs.shape == ours.shape == (2 if "stereo" in name else 1, 60 * 640)
    assert np.abs(theirs).max() > 0.001
    assert np.allclose(theirs, ours, atol=1e-5)


def test_what_is_longer_than_the_window_goes_on(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    real = module.MakeRequest
    monkeypatch.setattr(module, "MakeRequest", lambda *a, **k: replace(real(*a, **k), window_s=2.0, context_s=0.8))
    made, sound = play(seconds=5.13)
    seams = made.facts["seams"]
    assert [seam["at_s"] for seam in seams] == [2.0, 3.2, 4.4]
    hop = 640
    frames = {sound[at : at + hop].tobytes() for at in range(0, len(sound) - hop, hop)}
    assert len(frames) == (len(sound) - 1) // hop  # nothing is heard twice
    usual = np.abs(np.diff(sound[:, 0]))
    for seam in seams:
        at = round(seam["at_s"] * 32_000)
        assert usual[at - 64 : at + 64].max() <= usual.max()
        assert abs(seam["step_db"]) < 6


def test_the_windows_add_up() -> None:
    for total in (1, 1499, 1500, 1501, 2400, 30_000):
        plan = windows(total, 1500, 600)
        assert sum(new for _, _, new in plan) == total
        assert all(known + new <= 1500 for _, known, new in plan)
        assert all(known == min(had, 600) for had, known, _ in plan)


def test_a_long_piece_decoded_in_parts_sounds_like_the_whole(pool: Children, models: Path) -> None:
    parts, whole = pool.run(inside.decoded, (models / "musicgen-small", 3300), kept=MusicGen(models, threads=1).kept)
    assert parts.shape == whole.shape == (1, 3300 * 640)
    assert np.abs(parts - whole).max() < 0.01 * np.abs(whole).max()


def test_stereo_has_two_channels_that_differ(play: Play) -> None:
    made, sound = play(model="stereo-small")
    assert made.outputs[0].facts["channels"] == 2
    assert made.facts["tokens"] == 8 * 150
    assert not np.array_equal(sound[:, 0], sound[:, 1])


def test_a_melody_is_heard(play: Play, tmp_path: Path) -> None:
    low = Material(melody=wav(tmp_path / "low.wav", (220.0, 261.6)))
    high = Material(melody=wav(tmp_path / "high.wav", (329.6, 415.3)))
    sounds = [play(model="melody", **values)[1] for values in ({}, {"material": low}, {"material": high})]
    assert len({sound.tobytes() for sound in sounds}) == 3
    assert np.array_equal(sounds[1], play(model=None, material=low)[1])  # a melody chooses a model that listens to it


def test_the_tune_is_the_pitch_class_that_sounds(pool: Children, models: Path) -> None:
    rate = 32_000
    sung = [440.0 * 2 ** (step / 12) for step in (0, 3, 7)]  # A, C, E
    sound = np.concatenate([np.sin(2 * np.pi * hz * np.arange(2 * rate) / rate) for hz in sung]).astype(np.float32)
    found = pool.run(inside.tune, sound, kept=MusicGen(models, threads=1).kept)
    assert found.shape == (6 * rate // 4096 + 1, 12)
    assert (found.sum(axis=1) == 1).all()
    classes = [int(found[round((second + 1) * rate / 4096)].argmax()) for second in (0, 2, 4)]
    assert [(each - classes[0]) % 12 for each in classes] == [0, 3, 7]


def test_a_recording_becomes_tokens(pool: Children, models: Path) -> None:
    kept = MusicGen(models, threads=1).kept
    sound = np.zeros((2, 32_000), dtype=np.float32)
    assert pool.run(inside.there_and_back, (models / "musicgen-small", sound), kept=kept) == (1, 4, 50)
    assert pool.run(inside.there_and_back, (models / "musicgen-stereo-small", sound), kept=kept) == (1, 8, 50)


def test_a_melody_without_a_tune_or_for_a_deaf_model_is_told(play: Play, tmp_path: Path) -> None:
    silent = tmp_path / "silent.wav"
    soundfile.write(silent, np.zeros(32_000), 32_000)
    with pytest.raises(UserError, match="silent"):
        play(model="melody", material=Material(melody=silent))
    with pytest.raises(UserError, match="does not listen") as refused:
        play(material=Material(melody=wav(tmp_path / "low.wav", (220.0,))))
    assert "melody" in refused.value.hint


def test_several_in_one_go_have_seeds_of_their_own(pool: Children, models: Path, play: Play, tmp_path: Path) -> None:
    engine = MusicGen(models, threads=1)
    one = MusicRequest(prompt="calm piano", seconds=3.0, seed=7, model="small")
    other = one.model_copy(update={"prompt": "happy rock drum with piano", "seed": 8})
    both = engine.make_many([one, other, one], Call("c", tmp_path, pool))
    sounds = [soundfile.read(made.outputs[0].path)[0] for made in both]
    assert len({made.outputs[0].path for made in both}) == 3
    assert [made.facts["made_together"] for made in both] == [3, 3, 3]
    assert np.array_equal(sounds[0], sounds[2])
    assert not np.array_equal(sounds[0], sounds[1])
    assert np.allclose(sounds[0], play()[1][:, 0], atol=2e-3)
    with pytest.raises(UserError, match="in one go differ in their words"):
        engine.make_many([one, one.model_copy(update={"seconds": 4.0})], Call("c", tmp_path, pool))
    with pytest.raises(UserError, match="too many for one go"):
        engine.make_many([one] * 9, Call("c", tmp_path, pool))


def test_further_tries_come_with_the_first_where_it_is_known_to_be_quicker(
    pool: Children, models: Path, play: Play, tmp_path: Path
) -> None:
    engine = MusicGen(models, threads=1)
    asked = MusicRequest(prompt="calm piano", seconds=3.0, seed=7, model="small", material=Material(seeds=(8, 9)))
    call = Call("c", tmp_path, pool, cache=tmp_path / "cache")
    made = engine.make(asked, call)
    assert [each.role for each in made.outputs] == ["primary", "try:1", "try:2"]
    assert [made.facts["seed"], *(each["seed"] for each in made.facts["beside"])] == [7, 8, 9]
    sounds = [soundfile.read(each.path)[0] for each in made.outputs]
    assert np.allclose(sounds[1], play(seed=8)[1][:, 0], atol=2e-3)
    paces = tmp_path / "cache" / "pace"
    (three,) = paces.glob("*-x3.json")
    three.with_name(three.name.replace("-x3", "")).write_text(three.read_text())  # three cost what one does: gained
    assert len(engine.make(asked, call).outputs) == 3
    slow = json.loads(three.read_text())["seconds_per_second"] / 1000
    three.with_name(three.name.replace("-x3", "")).write_text(json.dumps({"seconds_per_second": slow}))
    assert [each.role for each in engine.make(asked, call).outputs] == ["primary"]


def test_progress_is_told_and_the_time_before_it(play: Play, pool: Children, tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    cache = tmp_path / "cache"
    call = Call("c", tmp_path, pool, progress=lambda *said: told.append(said), cache=cache)
    play(call=call)
    assert "by a rough table" in told[0][0]
    assert [share for _, share in told] == sorted(share for _, share in told)
    assert any(stage.startswith("Composing") for stage, _ in told)
    (pace,) = (cache / "pace").iterdir()
    pace.write_text(json.dumps({"seconds_per_second": 50.0}))
    told.clear()
    play(call=call)
    assert told[0][0] == "Starting; about 2 min of work"


def test_a_cancel_in_the_middle_leaves_the_model_loaded(
    play: Play, pool: Children, models: Path, tmp_path: Path
) -> None:
    kept = MusicGen(models, threads=1).kept
    before = pool.run(inside.process, None, kept=kept)
    wanted = threading.Event()
    folder = tmp_path / "cancelled"
    folder.mkdir()

    def seen(stage: str, share: float) -> None:
        if stage.startswith("Composing") and share > 0.03:
            wanted.set()

    call = Call("c", folder, pool, cancelled=wanted.is_set, progress=seen)
    began = time.monotonic()
    with pytest.raises(Cancelled):
        play(seconds=300.0, call=call)
    assert list(folder.iterdir()) == []
    assert pool.run(inside.process, None, kept=kept) == before
    assert np.array_equal(play()[1], play()[1])
    assert time.monotonic() - began < 60


def test_memory_that_ends_is_one_clear_error(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = play()[1]
    with monkeypatch.context() as patched:
        patched.setattr(module, "compose", inside.run_out)
        with pytest.raises(Rejected, match="too small for MusicGen's model stereo-small") as refused:
            play(model="stereo-small")
        assert refused.value.code == "out_of_memory"
        assert "fewer pieces" in refused.value.hint
    assert np.array_equal(usual, play()[1])
    assert "Choose the model small" in module.no_memory("cuda", "medium").hint
    assert "Choose the model melody" in module.no_memory("cuda", "melody-large").hint


def test_a_child_that_dies_is_taken_for_memory(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(module, "compose", inside.die)
        with pytest.raises(Rejected) as refused:
            play()
        assert refused.value.code == "out_of_memory"
    play()


def test_missing_weights_name_the_line_that_fetches_them(play: Play, models: Path, tmp_path: Path) -> None:
    engine = MusicGen(tmp_path / "none", threads=1)
    lacking = engine.lacks()
    assert lacking is not None
    assert lacking.hint == "Run: studio models pull musicgen-medium"
    with pytest.raises(SetupError, match="MusicGen large are not there"):
        play(model="large")
    assert MusicGen(models, threads=1).default_model == "small"
    assert MusicGen(models, threads=1).lacks() is None


def test_its_licence_is_agreed_to_once_for_all_sizes(models: Path, tmp_path: Path) -> None:
    copy = tmp_path / "models"
    shutil.copytree(models, copy)
    for agreement in copy.glob("*.licence.json"):
        agreement.unlink()
    engine = MusicGen(copy, threads=1)
    lacking = engine.lacks()
    assert lacking is not None
    assert lacking.code in {"no_weights", "licence"}
    with pytest.raises(SetupError, match="Nobody has agreed") as refused:
        engine.make(MusicRequest(prompt="x", seconds=3, model="small"), Call("c", tmp_path, Children(1)))
    assert refused.value.code == "licence"
    Shelf(copy).agree(module.find("musicgen-large"), "a test")
    assert engine.lacks() is None


@pytest.mark.parametrize("harm", ["bytes", "names", "kind", "config"])
def test_weights_that_cannot_be_read_are_told(play: Play, models: Path, tmp_path: Path, harm: str) -> None:
    copy = tmp_path / "models"
    shutil.copytree(models, copy, ignore=shutil.ignore_patterns("musicgen-melody", "musicgen-stereo*"))
    place = copy / "musicgen-small"
    if harm == "bytes":
        (place / "model.safetensors").write_bytes((place / "model.safetensors").read_bytes()[:5000])
    elif harm == "names":
        from safetensors.numpy import load_file, save_file

        tensors = load_file(place / "model.safetensors")
        save_file(
            {f"other.{name}": each for name, each in tensors.items()}, place / "model.safetensors", {"format": "pt"}
        )
    else:
        said = json.loads((place / "config.json").read_text())
        (place / "config.json").write_text("{" if harm == "config" else json.dumps(said | {"model_type": "t5"}))
    with pytest.raises(SetupError, match="damaged or of another version") as refused:
        play(folder=copy)
    assert refused.value.code == "weights_unusable"
    assert "studio models pull musicgen-small" in refused.value.hint


def test_a_device_that_is_not_there_is_told(play: Play) -> None:
    with pytest.raises(SetupError, match="STUDIO_MODEL_DEVICE is mps"):
        play(device="mps")


def test_eight_bits_play_too(pool: Children, models: Path, tmp_path: Path) -> None:
    engine = MusicGen(models, "cpu", threads=1, eight_bit=True)
    made = engine.make(MusicRequest(prompt="calm piano", seconds=3.0, seed=7, model="small"), Call("c", tmp_path, pool))
    assert made.facts["eight_bit"] is True
    assert np.abs(soundfile.read(made.outputs[0].path)[0]).max() > 0.001


def test_its_licence_forbids_commercial_use() -> None:
    kept = record(MusicGen.info.licence)
    assert kept["commercial"] is False
    assert "MusicGen by Meta AI" in kept["note"]


@pytest.mark.parametrize("model", ["small", "stereo-small"])
def test_chunks_heard_on_the_way_are_the_kept_piece(play: Play, tmp_path: Path, model: str) -> None:
    """Two seams, at 4 and 8 s: the decoder hears a second around each. Kept is 16 bit, and so is what is handed over."""
    _, sound = play(seconds=9.5, model=model, material=Material(aloud=True))
    heard = Spooled(tmp_path / NAME)
    assert (heard.plan.seconds, heard.plan.channels, heard.there) == (9.5, sound.shape[1], len(sound))
    assert np.abs(heard.read(0, len(sound)).T - sound).max() <= 2 / 32768
    heard.close()
    if model == "small":
        assert np.array_equal(sound, play(seconds=9.5)[1]), "who listens changes nothing"
