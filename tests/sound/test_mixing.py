"""Mixes as they lie on disk, measured again from the files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from core.app import Studio, build_studio
from core.audio import meters
from core.kit.actor import LOCAL
from core.kit.errors import UserError
from core.kit.settings import load_settings
from core.sound.projects import document
from core.store.assets import Asset
from tests.leftovers import remaining
from tests.library.sounds import bring

Samples = NDArray[np.float64]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    built = build_studio(load_settings(home=tmp_path_factory.mktemp("mixing") / "home"))
    built.ensure_worker()
    yield built
    built.close()


@pytest.fixture(scope="module")
def parts(desk: Studio, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Asset]:
    folder = tmp_path_factory.mktemp("parts")
    return {
        "one": bring(desk, folder, "One", kind="voiceover", seconds=2.0, hertz=300.0),
        "two": bring(desk, folder, "Two", kind="voiceover", seconds=3.0, hertz=310.0),
        "bed": bring(desk, folder, "Bed", seconds=4.0, hertz=80.0, rate=44100),
    }


def mixed(studio: Studio, job: Any) -> dict[str, Asset]:
    ended = studio.jobs.wait(LOCAL, job.id, 60)
    assert ended.status == "done", ended.error
    return {asset.role: asset for asset in studio.jobs.assets(LOCAL, job.id)}


def read(studio: Studio, asset: Asset) -> Samples:
    samples, rate = soundfile.read(studio.library.file(LOCAL, asset.id), dtype="float64", always_2d=True)
    assert rate == asset.sample_rate == 44_100
    return np.asarray(samples.T)


def db(samples: Samples) -> float:
    return float(20 * np.log10(max(1e-12, float(np.sqrt(np.mean(samples**2))))))


def test_the_facts_are_those_of_the_file(desk: Studio, parts: dict[str, Asset]) -> None:
    made = mixed(desk, desk.sound.voice_over_music(LOCAL, [parts["one"].id], parts["bed"].id, name="Facts"))
    mix = made["primary"]
    samples = read(desk, mix)
    assert (mix.kind, mix.source, mix.name) == ("mix", "mixed", "Facts")
    assert mix.duration_s == pytest.approx(samples.shape[1] / 44_100, abs=1e-3)
    assert mix.duration_s == pytest.approx(1.5 + 2.0 + 2.5, abs=0.01), "intro, voice, tail"
    lufs = meters.integrated_lufs(samples.astype(np.float32), 44_100)
    peak = meters.true_peak_dbtp(samples.astype(np.float32), 44_100)
    assert mix.lufs == pytest.approx(lufs, abs=0.05)
    assert mix.true_peak_dbtp == pytest.approx(peak, abs=0.05)
    assert lufs == pytest.approx(-14.0, abs=0.3)
    assert peak is not None
    assert peak <= -1.0
    assert {link.source_id for link in desk.library.sources(LOCAL, mix.id)} == {parts["one"].id, parts["bed"].id}
    assert mix.generation_config["project"]
    assert mix.generation_config["version"] == 1


def test_the_stems_null_against_the_mix(desk: Studio, parts: dict[str, Asset]) -> None:
    made = mixed(
        desk, desk.sound.voice_over_music(LOCAL, [parts["one"].id, parts["two"].id], parts["bed"].id, music_gain_db=-3)
    )
    mix = read(desk, made["primary"])
    stems = [read(desk, asset) for role, asset in made.items() if role.startswith("stem:")]
    assert len(stems) == 2
    assert all(stem.shape == mix.shape for stem in stems)
    assert db(np.sum(stems, axis=0) - mix) < -80
    assert min(db(stem) for stem in stems) > -50, "a stem is silent, so the null proves nothing"


def test_the_bed_steps_back_under_the_voice(desk: Studio, parts: dict[str, Asset]) -> None:
    """The same bed ducked and not: the ratio of the two beds is the ducking, whatever the master did to both."""
    made = mixed(desk, desk.sound.voice_over_music(
        LOCAL, [parts["two"].id], parts["bed"].id, duck_db=12, intro_s=2.0, tail_s=3.0, attack_s=0.1, release_s=0.3))  # fmt: skip
    flat = mixed(
        desk, desk.sound.voice_over_music(LOCAL, [parts["two"].id], parts["bed"].id, duck_db=0, intro_s=2.0, tail_s=3.0)
    )
    ducked, plain = read(desk, made["stem:music"]), read(desk, flat["stem:music"])

    def difference(start_s: float, end_s: float) -> float:
        part = slice(round(start_s * 44_100), round(end_s * 44_100))
        return db(ducked[:, part]) - db(plain[:, part])

    before, under, after = difference(0.5, 1.5), difference(3.0, 4.5), difference(7.0, 7.8)
    assert under - before == pytest.approx(-12, abs=1.0)
    assert after - before == pytest.approx(0, abs=0.5)


def test_several_voices_come_one_after_the_other(desk: Studio, parts: dict[str, Asset]) -> None:
    made = mixed(
        desk, desk.sound.voice_over_music(LOCAL, [parts["one"].id, parts["two"].id, parts["one"].id], None, gap_s=1.0)
    )
    assert set(made) == {"primary", "stem:voice"}
    samples = read(desk, made["primary"])
    assert samples.shape[1] / 44_100 == pytest.approx(2 + 1 + 3 + 1 + 2, abs=0.01)
    for start, end, sounds in ((0, 2, True), (2.05, 2.95, False), (3, 6, True), (6.05, 6.95, False), (7, 9, True)):
        level = db(samples[:, round(start * 44_100) : round(end * 44_100)])
        assert (level > -40) is sounds, (start, end, level)


def test_mute_pan_gain_and_fades(desk: Studio, parts: dict[str, Asset]) -> None:
    tracks = [
        {"name": "Left", "role": "music", "pan": -1.0, "clips": [{"asset_id": parts["bed"].id, "fade_in_s": 1.0}]},
        {"name": "Right", "role": "effects", "pan": 1.0, "gain_db": -12.0, "clips": [{"asset_id": parts["bed"].id}]},
        {"name": "Never", "role": "voice", "mute": True, "clips": [{"asset_id": parts["one"].id}]},
    ]
    row = desk.projects.create(LOCAL, "Desk", document(tracks=tracks))
    made = mixed(desk, desk.sound.render(LOCAL, row.id))
    assert set(made) == {"primary", "stem:left", "stem:right"}
    left, right = read(desk, made["primary"])[:2]
    late = slice(round(1.5 * 44_100), None)
    assert db(left[late]) - db(right[late]) == pytest.approx(12, abs=0.3)
    stem = read(desk, made["stem:left"])
    assert db(stem[1]) < -90, "panned hard left, it still sounds on the right"
    assert db(stem[0, :2000]) < db(stem[0, late]) - 15, "it does not fade in"
    sources = {link.source_id for link in desk.library.sources(LOCAL, made["primary"].id)}
    assert sources == {parts["bed"].id}, "a muted track is not a source"


def test_an_old_version_can_be_rendered_again_and_is_the_same(desk: Studio, parts: dict[str, Asset]) -> None:
    first = document(
        tracks=[{"name": "A", "role": "music", "clips": [{"asset_id": parts["bed"].id, "duration_s": 1.0}]}]
    )
    row = desk.projects.create(LOCAL, "Again", first)
    one = mixed(desk, desk.sound.render(LOCAL, row.id))["primary"]
    desk.projects.save(LOCAL, row.id, 1, first.model_copy(update={"length_s": 3.0}))
    two = mixed(desk, desk.sound.render(LOCAL, row.id))["primary"]
    again = mixed(desk, desk.sound.render(LOCAL, row.id, 1))["primary"]
    assert one.sha256 == again.sha256 != two.sha256
    assert again.generation_config["version"] == 1
    assert two.duration_s == pytest.approx(3.0, abs=0.01)


def test_a_bed_made_to_loop_stays_in_time(desk: Studio, tmp_path: Path, parts: dict[str, Asset]) -> None:
    """A loopable piece goes round without a cross-fade: every round is the one before, to the sample."""
    made = mixed(desk, desk.music.compose(LOCAL, genre="electronic", seconds=4, seed=3, loopable=True))["primary"]
    assert made.duration_s is not None
    long = bring(desk, tmp_path, "Long", kind="voiceover", seconds=round(2.5 * made.duration_s), gain=0.001)
    job = desk.sound.voice_over_music(LOCAL, [long.id], made.id, duck_db=0, intro_s=0.0, fade_in_s=0.0, fade_out_s=0.0)
    bed = read(desk, mixed(desk, job)["stem:music"])
    period = round(made.duration_s * 44_100)
    first, second = bed[:, :period], bed[:, period : 2 * period]
    assert second.shape == first.shape
    # The master's limiter breathes; what is left after it is small beside the music.
    assert db(second - first) < db(first) - 20
    assert not desk.library.get(LOCAL, parts["bed"].id).generation_config.get("settings")


def test_no_stems_when_none_are_asked_for(desk: Studio, parts: dict[str, Asset]) -> None:
    made = mixed(desk, desk.sound.voice_over_music(LOCAL, [parts["one"].id], None, stems=False))
    assert set(made) == {"primary"}


def test_two_tracks_of_one_name_are_two_stems(desk: Studio, parts: dict[str, Asset]) -> None:
    tracks = [{"name": "Bed", "role": "music", "clips": [{"asset_id": parts[key].id}]} for key in ("bed", "one")]
    row = desk.projects.create(LOCAL, "Twins", document(tracks=tracks))
    made = mixed(desk, desk.sound.render(LOCAL, row.id))
    assert len([role for role in made if role.startswith("stem:")]) == 2


def test_names_that_differ_only_in_case(desk: Studio, parts: dict[str, Asset]) -> None:
    tracks = [{"name": name, "role": "music", "clips": [{"asset_id": parts["bed"].id}]} for name in ("Bed", "bed")]
    row = desk.projects.create(LOCAL, "Case", document(tracks=tracks))
    mixed(desk, desk.sound.render(LOCAL, row.id))


def test_a_track_name_as_long_as_allowed(desk: Studio, parts: dict[str, Asset]) -> None:
    tracks = [{"name": "N" * 100, "role": "music", "clips": [{"asset_id": parts["bed"].id}]}]
    row = desk.projects.create(LOCAL, "Long name", document(tracks=tracks))
    made = mixed(desk, desk.sound.render(LOCAL, row.id))
    assert all(len(role) <= 40 for role in made)


def test_a_source_purged_while_the_mix_waits(desk: Studio, tmp_path: Path) -> None:
    asset = bring(desk, tmp_path, "Purged in the queue")
    desk.jobs.pause(LOCAL)
    job = desk.sound.voice_over_music(LOCAL, [asset.id], None)
    desk.library.bin(LOCAL, [asset.id])
    desk.library.purge(LOCAL, [asset.id])
    desk.jobs.resume(LOCAL)
    ended = desk.jobs.wait(LOCAL, job.id, 30)
    assert ended.status == "failed"
    assert ended.error is not None
    assert asset.id in ended.error["message"]
    assert remaining(desk.settings.work) == []


def test_effects_are_in_the_document_and_in_the_sound(desk: Studio, parts: dict[str, Asset]) -> None:
    track = {"name": "Voice", "role": "voice", "level_lufs": -18.0, "clips": [{"asset_id": parts["one"].id}]}
    dull = track | {"effects": [{"kind": "low_cut", "settings": {"hz": 2000.0}}]}
    levels = []
    for tracks in ([track], [dull]):
        row = desk.projects.create(LOCAL, "Effects", document(tracks=tracks, loudness="streaming"))
        made = mixed(desk, desk.sound.render(LOCAL, row.id, stems=False))["primary"]
        assert made.generation_config["settings"]["tracks"][0]["effects"] == (tracks[0].get("effects") or [])
        spectrum = np.abs(np.fft.rfft(read(desk, made)[0]))
        hertz = np.fft.rfftfreq(read(desk, made).shape[1], 1 / 44_100)
        levels.append(spectrum[(hertz > 250) & (hertz < 350)].sum() / spectrum.sum())
    assert levels[1] < levels[0] * 0.9
    polished = desk.sound.voice_over_music(LOCAL, [parts["one"].id], parts["bed"].id, polish_voice=True)
    settings = mixed(desk, polished)["primary"].generation_config["settings"]
    assert [effect["kind"] for effect in settings["tracks"][0]["effects"]] == ["low_cut", "compressor"]
    with pytest.raises(UserError, match="no setting"):
        document(tracks=[track | {"effects": [{"kind": "reverb", "settings": {"size": 1.0}}]}])
