"""What things snap to, and how far they may be pulled."""

from __future__ import annotations

from typing import Any

import pytest

from core.sound import editing
from core.sound.edits import edits
from core.sound.projects import document
from core.sound.snapping import Beats, beats_of, nearest, snapper, targets
from core.sound.types import Clip, Document

LENGTHS = {"bed": 8.0, "voice": 2.0}
BEATS = {"bed": beats_of({"seconds": 8.0, "bpm": 120, "first_s": 0.0})}


def scored() -> Document:
    """A bed of 120 BPM from 1 s, scene cuts at 3.3 and 5.1 s, a voice somewhere."""
    tracks = [
        {"name": "Music", "role": "music", "clips": [{"id": "bed", "asset_id": "bed", "start_s": 1.0}]},
        {"name": "Voice", "role": "voice", "clips": [{"id": "say", "asset_id": "voice", "start_s": 20.0}]},
    ]
    markers = [{"at_s": 3.3, "label": "Scene 2", "kind": "scene"}, {"at_s": 5.1, "label": "Scene 3", "kind": "scene"}]
    return document(tracks=tracks, markers=markers)


def moved(found: Document, **wish: Any) -> Clip:
    known = {key: grid for key, grid in BEATS.items() if grid is not None}
    done = editing.apply(found, edits([{"clip": "say", "snap": True} | wish]), LENGTHS, snapper(LENGTHS, known))
    return editing.clip_of(done, "say")[1]


def test_beats_of_what_is_known() -> None:
    grid = beats_of({"seconds": 2.0, "bpm": 120, "first_s": 0.25})
    assert grid == Beats((0.25, 0.75, 1.25, 1.75), frozenset({0}))
    heard = beats_of({"seconds": 3.0, "bpm": 99, "beats": [0.5, 1.0, 1.5, 9.0], "bars": [1.0]})
    assert heard == Beats((0.5, 1.0, 1.5), frozenset({1}))
    assert beats_of({"seconds": 2.0, "bpm": 120}) is None, "a tempo without a first beat lands nowhere"
    assert beats_of({"seconds": 2.0, "bpm": 0, "first_s": 0.0}) is None


@pytest.mark.parametrize(
    ("at_s", "to_s", "kind"),
    [(3.25, 3.3, "scene"), (2.45, 2.5, "beat"), (1.06, 1.0, "bar"), (8.93, 9.0, "edge"), (5.05, 5.1, "scene"),
     (0.1, 0.0, "start"), (14.0, None, None)],
)  # fmt: skip
def test_the_nearest_of_what_means_most(at_s: float, to_s: float | None, kind: str | None) -> None:
    found = targets(scored(), LENGTHS, {key: grid for key, grid in BEATS.items() if grid is not None})
    target = nearest(at_s, found)
    assert (None if target is None else target.at_s) == to_s
    assert (None if target is None else target.kind) in (kind, "bar" if kind == "edge" else kind)


def test_a_clip_snaps_by_the_nearer_of_its_ends() -> None:
    assert moved(scored(), edit="move", start_s=3.22).start_s == 3.3
    assert moved(scored(), edit="move", start_s=3.21).start_s == pytest.approx(3.3), "its end is near no cut"
    assert moved(scored(), edit="move", start_s=3.12).start_s == pytest.approx(3.1), "its end is on the cut at 5.1"
    assert moved(scored(), edit="move", start_s=5.1).start_s == 5.1, "what is on a cut stays there"
    assert moved(scored(), edit="move", start_s=13.4).start_s == 13.4


def test_edges_and_cuts_snap_too() -> None:
    there = editing.apply(scored(), edits([{"edit": "move", "clip": "say", "start_s": 3.0}]), LENGTHS)
    end = moved(there, edit="trim", end_s=4.95)
    assert end.start_s + (end.duration_s or 0) == pytest.approx(5.0)
    assert moved(there, edit="split", at_s=3.36).duration_s == pytest.approx(0.3)


def test_nothing_snaps_to_itself_or_to_what_is_mute() -> None:
    assert moved(scored(), edit="move", start_s=20.05).start_s == 20.05
    quiet = editing.apply(scored(), edits([{"edit": "mute", "clip": "bed"}]), LENGTHS)
    found = targets(quiet, LENGTHS, {key: grid for key, grid in BEATS.items() if grid is not None})
    assert {target.kind for target in found} == {"start", "scene", "edge"}
