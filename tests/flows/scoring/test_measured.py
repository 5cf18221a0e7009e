"""What a scored film is, measured on what came out: loudness, peaks, ducking, beats, cross-fades, its end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from core.app import Studio, build_studio
from core.audio import files, loudness, meters, spectrum
from core.audio.tempo import onset_curve
from core.flows.recommending import tempo
from core.flows.recommending.cues import Cue
from core.flows.scoring.laying import overlap_s
from core.flows.scoring.making import encode_in_child
from core.kit.actor import LOCAL
from core.kit.settings import load_settings
from core.store.assets import Asset
from core.store.jobs import DONE, Job
from core.video.types import Clip
from tests.video import films

SPEECH = films.MEDIA / "clean_control.flac"
FLUX_PER_SECOND = spectrum.FRAMES_PER_SECOND


@dataclass(frozen=True)
class Scored:
    studio: Studio
    clip: Clip
    cues: tuple[Cue, ...]
    job: Job

    def asset(self, role: str) -> Asset:
        return next(
            self.studio.library.get(LOCAL, each["id"]) for each in self.job.result["assets"] if each["role"] == role
        )

    def sound(self, asset_id: str) -> files.Audio:
        return files.decode_stereo(self.studio.library.file(LOCAL, asset_id), sample_rate=44_100)

    def piece(self, number: int) -> files.Audio:
        return self.sound(self.job.result["cues"][number]["asset_id"])


@pytest.fixture(scope="module")
def scored(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scored]:
    """The montage with somebody speaking at 1 s and again at 9 s; two cues that meet on the cut at 173 frames."""
    folder = tmp_path_factory.mktemp("measured")
    twice = (
        "[1:a]atrim=0:3.5,asplit[a][b];[a]adelay=1000:all=1[c];[b]adelay=9000:all=1[d];[c][d]amix=normalize=0,apad[s]"
    )
    films.ffmpeg(
        "-i", films.MONTAGE, "-i", SPEECH, "-filter_complex", twice, "-map", "0:v", "-map", "[s]", "-c:v", "copy", "-c:a", "aac",
        "-shortest", folder / "talk.mp4",
    )  # fmt: skip
    studio = build_studio(load_settings(home=folder / "home"))
    studio.ensure_worker()
    film, _ = studio.importing.bring_in(LOCAL, folder / "talk.mp4", kind="video", licence_id="uploaded-own")
    taken = studio.wait(LOCAL, studio.video.take_apart(LOCAL, film.id).id, 120)
    clip_id = str((taken.result or {})["clip_id"])
    _, clip = studio.video.clip(LOCAL, clip_id)
    (whole,) = studio.scoring.plan(LOCAL, clip_id=clip_id, seed=5, one=True).cues
    cut_s = clip.scenes[3].start_s
    bpm, _ = tempo.between(cut_s, 112)
    after, _ = tempo.between(clip.seconds - cut_s, 112)
    made = {"mood": "energetic", "genre": "electronic", "intensity": "high"}
    cues = (
        whole.model_copy(update=made | {"end_s": cut_s, "bpm": bpm, "ending": "cut"}),
        whole.model_copy(update=made | {"start_s": cut_s, "bpm": after, "seed": 77}),
    )
    job = studio.scoring.submit(LOCAL, clip_id=clip_id, seed=5, cues=cues, loudness="broadcast")
    job = studio.wait(LOCAL, job.id, 300)
    assert job.status == DONE, job.error
    yield Scored(studio, clip, cues, job)
    studio.close()


def level_db(sound: files.Audio, start_s: float, end_s: float) -> float:
    piece = sound.samples[:, round(start_s * sound.sample_rate) : round(end_s * sound.sample_rate)]
    return float(10 * np.log10(np.square(piece, dtype=np.float64).mean() + 1e-12))


def stem(scored: Scored, mix_id: str) -> files.Audio:
    beside = scored.studio.library.beside(LOCAL, mix_id)
    return scored.sound(next(each.id for each in beside if each.role == "stem:music"))


@pytest.mark.parametrize("name", list(loudness.targets()))
def test_loudness_and_true_peak_of_every_preset(scored: Scored, tmp_path: Path, name: str) -> None:
    aim = loudness.target(name)
    out = tmp_path / "sound.m4a"
    mix = str(scored.studio.library.file(LOCAL, scored.job.result["mix"]))
    told = encode_in_child((mix, str(out), name), lambda stage, share: None)
    heard = files.decode(out)
    lufs, peak = meters.integrated_lufs(heard.samples, 44_100), meters.true_peak_dbtp(heard.samples, 44_100)
    assert lufs == pytest.approx(aim.lufs, abs=0.5)
    assert peak is not None
    assert peak <= aim.dbtp
    assert (told["lufs"], told["dbtp"]) == pytest.approx((lufs, peak), abs=0.01)


def test_the_film_itself_is_as_loud_as_it_says(scored: Scored) -> None:
    film = scored.asset("primary")
    heard = scored.sound(film.id)
    lufs = meters.integrated_lufs(heard.samples, heard.sample_rate)
    assert lufs == pytest.approx(-23, abs=0.5)
    assert film.lufs == pytest.approx(lufs, abs=0.1)
    assert heard.seconds == pytest.approx(scored.clip.seconds, abs=0.1)


@pytest.mark.parametrize("depth_db", [6.0, 10.0, 14.0])
def test_ducking_is_as_deep_as_asked_and_the_music_comes_back_between(scored: Scored, depth_db: float) -> None:
    studio = scored.studio
    (first, *_), (*_, last) = scored.clip.spoken, scored.clip.spoken
    assert (first[0], last[1]) == (pytest.approx(1.3, abs=0.6), pytest.approx(12.3, abs=0.8))
    gap = max(zip([end for _, end in scored.clip.spoken], [start for start, _ in scored.clip.spoken[1:]], strict=False),
              key=lambda each: each[1] - each[0])  # fmt: skip
    _, written = studio.projects.open(LOCAL, scored.job.result["project_id"])
    levels: list[list[float]] = []
    for depth in (0.0, depth_db):
        tracks = [
            track if track.duck is None else track.model_copy(update={"duck": track.duck.model_copy(update={"depth_db": depth})})
            for track in written.tracks
        ]  # fmt: skip
        row = studio.projects.create(LOCAL, f"Ducked {depth:g}", written.model_copy(update={"tracks": tuple(tracks)}))
        job = studio.wait(LOCAL, studio.sound.render(LOCAL, row.id).id, 120)
        assert job.status == DONE, job.error
        mix = next(each["id"] for each in job.result["assets"] if each["role"] == "primary")
        music = stem(scored, mix)
        stretches = ((first[0] + 0.5, gap[0] - 0.5), (gap[0] + 1.5, gap[1] - 0.6), (gap[1] + 0.5, last[1] - 0.5))
        levels.append([level_db(music, *stretch) for stretch in stretches])
    plain, ducked = levels
    down, free, again = (plain[n] - ducked[n] for n in range(3))
    assert down - free == pytest.approx(depth_db, abs=0.6)
    assert again - free == pytest.approx(depth_db, abs=0.6)


@pytest.mark.parametrize("number", [0, 1])
def test_beats_stand_where_they_are_stated(scored: Scored, number: int) -> None:
    """The beat that the rendered piece has, found in its onsets, is the one the cuts were laid on: within a frame."""
    cue, piece = scored.cues[number], scored.piece(number)
    onsets = onset_curve(spectrum.measure(files.to_mono(piece.samples)[0], piece.sample_rate).flux)
    beats = np.arange(0, cue.seconds - 0.5, 60 / cue.bpm)
    shifts = np.arange(-0.5, 0.5, 0.01) * 60 / cue.bpm
    strength = [strength_at(onsets, beats + shift) for shift in shifts]
    assert abs(shifts[int(np.argmax(strength))]) <= 1 / scored.clip.fps
    ends_bars = tempo.landings(cue.bpm, [cue.end_s], scored.clip.fps, cue.start_s).landings[0]
    assert abs(ends_bars.beat_frames) <= 0.1, "the next piece does not begin on this one's beat"


def strength_at(onsets: NDArray[Any], times: NDArray[Any]) -> float:
    places = np.round(times * FLUX_PER_SECOND).astype(int)
    return float(onsets[places[(places >= 0) & (places < onsets.size)]].sum())


def test_a_piece_rings_on_for_a_beat_under_the_next(scored: Scored) -> None:
    """Past the first beat after the cut the stem is the second piece and nothing else."""
    music, second = stem(scored, scored.job.result["mix"]), scored.piece(1)
    cut_s, beat_s = scored.cues[1].start_s, overlap_s(scored.cues[0])
    assert beat_s == pytest.approx(60 / scored.cues[0].bpm)

    def left_over_db(start_s: float, end_s: float) -> float:
        where = slice(round(start_s * 44_100), round(end_s * 44_100))
        behind = slice(where.start - round(cut_s * 44_100), where.stop - round(cut_s * 44_100))
        heard, alone = music.samples[:, where], second.samples[:, behind]
        alone = alone[:, : heard.shape[1]]
        gain = float((heard * alone).sum() / (alone * alone).sum())
        return float(10 * np.log10(np.square(heard - gain * alone).sum() / np.square(heard).sum()))

    free = cut_s + beat_s + 0.02
    assert left_over_db(free, free + 0.5) < -30
    assert left_over_db(cut_s, cut_s + beat_s / 2) > -25


def test_the_last_piece_ends_with_the_film(scored: Scored) -> None:
    cue, piece = scored.cues[1], scored.piece(1)
    assert cue.end_s == pytest.approx(scored.clip.seconds, abs=0.01)
    assert piece.seconds == pytest.approx(cue.seconds, abs=0.05)
    end = piece.seconds
    assert level_db(piece, end - 0.03, end) < level_db(piece, 0, end) - 20, "it is cut off, not ended"
    assert level_db(piece, end - 2.5, end - 1) > level_db(piece, 0, end) - 25
