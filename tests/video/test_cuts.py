"""Cuts on real shots: exact on hard ones, none in fades, dissolves near their middle; whatever the file is like."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.kit.errors import UserError
from core.video import footage
from core.video.cuts import Cuts, Found, _adaptive
from tests.video import films


def parted(path: Path) -> tuple[Found, footage.Footage, int]:
    found = footage.probe(path, max_seconds=600)
    cuts = Cuts(found.fps)
    frames, _ = footage.watch(path, found, cuts.see, max_seconds=600)
    return cuts.found(), found, frames


def cuts_of(path: Path) -> tuple[list[int], list[int], footage.Footage, int]:
    """The fades among the soft ones."""
    apart, found, frames = parted(path)
    return apart.hard, [*apart.dissolves, *apart.fades], found, frames


@pytest.mark.parametrize(
    ("film", "cuts", "frames"), [(films.BUNNY, films.BUNNY_CUTS, 720), (films.MONTAGE, films.MONTAGE_CUTS, 382)]
)
def test_hard_cuts_are_found_to_the_frame_and_fades_are_none(film: Path, cuts: list[int], frames: int) -> None:
    hard, soft, found, seen = cuts_of(film)
    assert (hard, soft, seen, found.fps) == (cuts, [], frames, 24.0)


def test_hard_cuts_are_measured_as_pyscenedetect_measures_them() -> None:
    from scenedetect import FrameTimecode
    from scenedetect.detectors import AdaptiveDetector

    ours, theirs = _adaptive(12), AdaptiveDetector(min_scene_len=12)
    apart: list[float] = []

    def see(number: int, frame: footage.Frame) -> None:
        at = FrameTimecode(number, 24.0)
        assert ours.process_frame(at, frame) == theirs.process_frame(at, frame.copy())
        apart.append(abs(ours._frame_score - theirs._frame_score))

    footage.watch(films.MONTAGE, footage.probe(films.MONTAGE, max_seconds=60), see, max_seconds=60)
    assert len(apart) == 382
    assert max(apart) < 1e-9


@pytest.mark.parametrize("seconds", [0.5, 1.0, 2.0])
def test_a_dissolve_is_found_near_its_middle(tmp_path: Path, seconds: float) -> None:
    hard, soft, found, _ = cuts_of(films.dissolves(tmp_path / "d.mp4", seconds))
    assert hard == []
    assert len(soft) == 1
    assert soft[0] / found.fps == pytest.approx(2.2, abs=0.2)


@pytest.mark.parametrize(
    ("seconds", "black_s", "darker"),
    [(0.5, 0.0, 1.0), (0.5, 1.0, 0.2), (1.0, 0.0, 0.2), (1.0, 1.0, 1.0), (2.0, 0.0, 1.0), (2.0, 1.0, 0.2)],
)
def test_all_fades_through_black_are_found_and_nothing_else(
    tmp_path: Path, seconds: float, black_s: float, darker: float
) -> None:
    middles = films.faded(tmp_path / "f.mp4", seconds, black_s, darker)
    apart, found, _ = parted(tmp_path / "f.mp4")
    assert (apart.hard, apart.dissolves) == ([], [])
    assert [at / found.fps for at in apart.fades] == pytest.approx(middles, abs=0.15)


@pytest.mark.parametrize(
    "how",
    [
        "lutyuv=y=16+(val-16)*0.1", "curves=all='0/0 0.6/0.03 1/0.5'", "eq=brightness='-0.8*lt(mod(t,1.7),0.05)':eval=frame",
        "eq=brightness='-0.3*exp(-pow(mod(t,6)-3,2))':eval=frame",
    ],
    ids=["dark", "night", "black frames", "a cloud"],
)  # fmt: skip
def test_no_fades_in_what_is_dark_or_flickers(tmp_path: Path, how: str) -> None:
    assert parted(films.looked(tmp_path / "d.mp4", how))[0].fades == []


def test_a_turned_film_is_seen_upright(tmp_path: Path) -> None:
    hard, _, found, _ = cuts_of(films.turned(tmp_path / "t.mp4"))
    assert (found.width, found.height, found.rotated) == (360, 640, True)
    assert (found.wide, found.high) == (144, 256)
    assert hard == films.MONTAGE_CUTS[:2]


def test_uneven_frames_keep_their_times(tmp_path: Path) -> None:
    hard, _, found, _ = cuts_of(films.uneven(tmp_path / "u.mp4"))
    assert found.varies
    wanted = [frame / 24 for frame in films.MONTAGE_CUTS]
    assert len(hard) == len(wanted)
    assert np.abs(np.asarray(hard) / found.fps - wanted).max() <= 1.5 / 24


def test_a_film_in_hdr_is_read_and_said_to_be(tmp_path: Path) -> None:
    hard, _, found, _ = cuts_of(films.hdr(tmp_path / "h.mp4"))
    assert found.hdr
    assert hard == films.MONTAGE_CUTS[:1]


def test_a_film_named_as_a_song_is_still_a_film(tmp_path: Path) -> None:
    song = tmp_path / "song.mp3"
    song.write_bytes(films.MONTAGE.read_bytes())
    assert footage.probe(song, max_seconds=60).codec == "h264"


def test_what_is_longer_than_allowed_is_refused_before_it_is_read() -> None:
    with pytest.raises(UserError, match=r"longer than 0\.25 minutes") as refused:
        footage.probe(films.MONTAGE, max_seconds=15)
    assert "STUDIO_MAX_VIDEO_MINUTES" in refused.value.hint


def test_a_film_without_frames_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no picture|no frames|no video"):
        cuts_of(films.framed(tmp_path / "none.mp4"))
