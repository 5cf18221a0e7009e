"""Every recording there is, the damaged ones too, through every door that takes one: each takes it and tells the same
facts, or all refuse it with the same sentence and nothing stays behind.

STUDIO_BENCH_MEDIA names a folder with a larger collection and its MANIFEST.json; `make test-long` takes that too.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import soundfile

from core.app import Studio
from core.kit.actor import LOCAL
from tests.audio.signals import MEDIA
from tests.audio.test_files import IN_PART, REFUSED, WHOLE
from tests.bad_input.conftest import clean, errors_logged
from tests.bad_input.doors import Doors, passed

SMALL = sorted(path for path in MEDIA.iterdir() if path.suffix != ".md")
FULL = {"very_short_20ms.wav", "scipy__test-8000Hz-le-3ch-5S-24bit.wav", "hole.ogg"}
"""Full reports of these in the quick run: the shortest, and a damaged one."""
COLLECTION = Path(os.environ.get("STUDIO_BENCH_MEDIA") or "/nonexistent")


def _listed() -> dict[str, dict[str, Any]]:
    manifest = COLLECTION / "MANIFEST.json"
    if not manifest.exists():
        return {}
    return {row["path"]: row for row in json.loads(manifest.read_text(encoding="utf-8"))}


TRUTH = _listed()
LARGE = sorted(str(path.relative_to(COLLECTION)) for path in COLLECTION.rglob("*") if path.is_file()) if TRUTH else []


def _seconds_of(name: str) -> tuple[float, float]:
    """How long it is by another reader or by hand, and how exactly that is known."""
    if name in WHOLE:
        return WHOLE[name][0], 0.01
    if name in IN_PART:
        return IN_PART[name], 0.1
    return soundfile.info(MEDIA / name).duration, 0.01


@pytest.mark.parametrize("path", SMALL, ids=lambda path: path.name)
def test_every_file_through_every_door(
    doors: Doors, path: Path, record_property: Callable[[str, object], None]
) -> None:
    verdict = passed(doors, path, full=path.name in FULL, note=record_property)
    assert bool(verdict.refused) == (path.name in REFUSED), verdict
    if not verdict.refused:
        seconds, exactly = _seconds_of(path.name)
        assert verdict.seconds == pytest.approx(seconds, abs=exactly)


@pytest.mark.long
@pytest.mark.parametrize("name", LARGE)
def test_every_file_of_the_collection_through_every_door(
    doors: Doors, name: str, record_property: Callable[[str, object], None]
) -> None:
    verdict = passed(doors, COLLECTION / name, full=True, note=record_property)
    truth = TRUTH.get(name, {})
    seconds = truth.get("duration_s")
    assert bool(verdict.refused) == (seconds is None), verdict
    if verdict.refused:
        return
    asset = doors.desk.library.get(LOCAL, verdict.asset_id)
    assert (asset.sample_rate, asset.channels) == (truth["sample_rate"], truth["channels"])
    assert verdict.seconds is not None
    if name.startswith(("corrupt/", "odd_real/")):
        # What a header announces, or ffprobe estimates from the bit rate, is only about right in these.
        assert 0 < verdict.seconds <= 1.05 * seconds + 0.1
    else:
        assert verdict.seconds == pytest.approx(seconds, abs=0.1)
        known = truth["ground_truth"]
        lufs = known.get("integrated_lufs", known.get("lufs_measured"))
        if lufs is not None:
            assert asset.lufs == pytest.approx(lufs, abs=0.3)


def test_nothing_of_all_this_was_left_lying_around(desk: Studio) -> None:
    assert clean(desk) == []
    assert errors_logged(desk) == ""
