"""A clip taken apart: its cuts, and of every scene what is seen and heard. One reading of the picture, one of the sound."""

from __future__ import annotations

from bisect import bisect_left
from pathlib import Path
from typing import Any

import numpy as np

from core.audio import files
from core.kit.children import Progress
from core.kit.errors import UserError
from core.video import footage, hears, scene_types
from core.video.cuts import Cuts
from core.video.footage import Footage
from core.video.hears import Heard, Listening
from core.video.looks import Look, Looks
from core.video.types import Clip, Curves, Features, Opened, Scene

HALF_MOTION = 0.25
"""Picture heights a second that count as motion 0.5."""
_AROUND_S = 10.0
_SEEN = 0.8
"""Share of the work that reading the picture is."""


def scan_in_child(request: tuple[str, str, float, str], progress: Progress) -> dict[str, Any]:
    """(clip, folder for the thumbnails, longest seconds, its name for messages) → Clip as plain data, with `thumbs`: a
    file by scene. Runs in a child: a hostile file can only hurt that."""
    path, folder, max_seconds, name = request
    held = files.name_of(path)
    try:
        clip, thumbs = scan(path, max_seconds=max_seconds, progress=progress)
    except UserError as error:
        raise UserError(error.message.replace(held, name), error.hint, error.code) from None
    clip = clip.model_copy(update={"warnings": tuple(text.replace(held, name) for text in clip.warnings)})
    names = []
    for scene, jpeg in zip(clip.scenes, thumbs, strict=True):
        file = Path(folder) / f"scene-{scene.number}.jpg"
        file.write_bytes(jpeg)
        names.append(str(file))
    return clip.model_dump(mode="json") | {"thumbs": names}


def scan(
    path: str | Path,
    *,
    max_seconds: float,
    max_bytes: int = files.MAX_BYTES,
    progress: Progress = lambda stage, share: None,
) -> tuple[Clip, list[bytes]]:
    """The clip, and a JPEG for each of its scenes."""
    progress("Reading the clip", 0.0)
    found = footage.probe(path, max_seconds=max_seconds, max_bytes=max_bytes)
    cuts, looks = Cuts(found.fps), Looks(found.fps)
    expected = (found.announced_s or 0.0) * found.fps
    second = max(1, round(found.fps))

    def see(number: int, frame: footage.Frame) -> None:
        cuts.see(number, frame)
        looks.see(number, frame)
        if expected and number % second == 0:
            progress("Watching", min(1.0, number / expected) * _SEEN)

    frames, warnings = footage.watch(path, found, see, max_seconds=max_seconds, max_bytes=max_bytes)
    parted = cuts.found()
    starts = [0, *sorted({*parted.hard, *parted.dissolves, *parted.fades})]
    ends = [*starts[1:], frames]
    progress("Listening", _SEEN)
    heard, more = _listen(path, found, [end / found.fps for end in ends], max_seconds, max_bytes)
    ways: dict[int, Opened] = {at: "dissolve" for at in parted.dissolves}
    ways.update({at: "fade" for at in parted.fades})
    opened: list[Opened] = ["start", *(ways.get(at, "cut") for at in starts[1:])]
    scenes = _scenes(found, looks, heard, starts, ends, opened)
    clip = Clip(
        seconds=frames / found.fps, fps=found.fps, width=found.width, height=found.height, varies=found.varies,
        rotated=found.rotated, hdr=found.hdr, codec=found.codec, sounds=found.sounds and not more,
        sound_start_s=round(found.sound_start_s, 4), scenes=tuple(scenes),
        spoken=tuple(heard.spoken),
        curves=_curves(looks.rows, heard, frames / found.fps, found.fps), warnings=(*warnings, *more),
    )  # fmt: skip
    return clip, [_thumb(looks, start, end) for start, end in zip(starts, ends, strict=True)]


def _listen(
    path: str | Path, found: Footage, ends_s: list[float], max_seconds: float, max_bytes: int
) -> tuple[Listening, tuple[str, ...]]:
    silent = Listening(ends_s)
    silent.close()
    if not found.sounds:
        return silent, ()
    try:
        return hears.listen(
            path, ends_s, max_seconds=max_seconds + 60, max_bytes=max_bytes, start_s=found.sound_start_s
        ), ()
    except UserError as error:  # a broken sound track is no reason to refuse the picture
        return silent, (f"Its sound cannot be read, so it counts as silent: {error.message}",)


def _scenes(
    found: Footage, looks: Looks, heard: Listening, starts: list[int], ends: list[int], opened: list[Opened]
) -> list[Scene]:
    total = ends[-1] / found.fps
    cuts_s = [start / found.fps for start in starts[1:]]
    made = []
    for number, (start, end) in enumerate(zip(starts, ends, strict=True), 1):
        start_s, end_s = start / found.fps, end / found.fps
        rows = _within(looks.rows, start, end)
        faces = looks.faces(start, end)
        features = _features(rows, faces, heard.heard[number - 1], heard.spoken, start_s, end_s, total, cuts_s)
        kind, confidence, why = scene_types.classify(features)
        scene = Scene(
            number=number, start_s=round(start_s, 4), end_s=round(end_s, 4), first_frame=start, frames=end - start,
            opened=opened[number - 1], features=features, type=kind, confidence=confidence, why=why,
        )  # fmt: skip
        made.append(scene)
    return made


def _features(
    rows: list[Look], faces: list[float], heard: Heard, spoken: list[tuple[float, float]], start_s: float, end_s: float,
    total_s: float, cuts_s: list[float],
) -> Features:  # fmt: skip
    def mean(name: str, of: list[Look] = rows) -> float:
        return round(float(np.mean([getattr(row, name) for row in of])), 4) if of else 0.0

    # The first look after a cut compares two shots: its motion is none.
    moving = mean("motion", rows[1:])
    middle = (start_s + end_s) / 2
    first, last = max(0.0, middle - _AROUND_S), min(total_s, middle + _AROUND_S)
    near = [cut for cut in cuts_s if first <= cut <= last]
    return Features(
        lufs=None if heard.lufs is None else round(heard.lufs, 2),
        energy=round(heard.energy, 4), speech=round(_share(spoken, start_s, end_s), 4), centroid_hz=round(heard.centroid_hz, 1),
        motion=round(moving / (moving + HALF_MOTION), 4), motion_heights_s=moving,
        brightness=mean("brightness"), contrast=mean("contrast"), warmth=mean("warmth"), saturation=mean("saturation"),
        flat=mean("flat"), face=round(float(np.mean([face > 0 for face in faces])), 4) if faces else 0.0,
        face_height=round(max(faces, default=0.0), 4),
        cuts_per_minute=round(60 * len(near) / max(1.0, last - first), 2),
        position=round(middle / total_s, 4) if total_s else 0.0,
    )  # fmt: skip


def _within(rows: list[Look], start: int, end: int) -> list[Look]:
    numbers = [row.frame for row in rows]
    return rows[bisect_left(numbers, start) : bisect_left(numbers, end)] or rows[bisect_left(numbers, start) - 1 :][:1]


def _share(spoken: list[tuple[float, float]], start_s: float, end_s: float) -> float:
    inside = sum(max(0.0, min(end, end_s) - max(start, start_s)) for start, end in spoken)
    return min(1.0, inside / (end_s - start_s)) if end_s > start_s else 0.0


def _thumb(looks: Looks, start: int, end: int) -> bytes:
    """The kept picture nearest to a third of the scene: past its opening, before it goes."""
    wanted = start + (end - start) // 3
    inside = [number for number in looks.thumbs if start <= number < end] or list(looks.thumbs)
    return looks.thumbs[min(inside, key=lambda number: abs(number - wanted))]


def _curves(rows: list[Look], heard: Listening, seconds: float, fps: float) -> Curves:
    count = max(1, round(seconds * hears.PER_SECOND))
    at = np.arange(count) / hears.PER_SECOND
    when = np.asarray([row.frame / fps for row in rows])
    motion = np.asarray([row.motion / (row.motion + HALF_MOTION) for row in rows])

    def along(values: list[float]) -> tuple[float, ...]:
        return tuple(round(value, 3) for value in [*values, *[0.0] * count][:count])

    return Curves(
        per_second=hears.PER_SECOND,
        motion=tuple(np.round(np.interp(at, when, motion), 3).tolist()),
        brightness=tuple(np.round(np.interp(at, when, [row.brightness for row in rows]), 3).tolist()),
        energy=along(heard.energy),
        speech=tuple(round(_share(heard.spoken, float(each), float(each) + 1 / hears.PER_SECOND), 3) for each in at),
    )
