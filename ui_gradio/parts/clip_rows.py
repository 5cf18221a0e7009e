"""A clip as the page shows it: its facts in words, its scenes, and its curves as paths of one drawing."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from core.store.clips import ClipRow
from core.video.types import Clip, Scene
from ui_gradio.parts.rows import ago, clock

WIDE, HIGH = 1000, 100
"""Of the drawing, whatever its size on the page."""
_POINTS = 500
CURVES = (("energy", "Loudness"), ("motion", "Motion"), ("brightness", "Light"), ("speech", "Speech"))


def clip_row(row: ClipRow, clip: Clip) -> dict[str, Any]:
    return {
        "id": row.id, "asset": row.asset_id, "name": row.name, "url": f"/media/{row.asset_id}",
        "seconds": clip.seconds, "fps": clip.fps, "sounds": clip.sounds, "speaks": bool(clip.spoken),
        "facts": facts(clip), "warnings": [*clip.warnings, *([] if clip.sounds else [SILENT])],
        "scenes": [scene_row(clip, scene) for scene in clip.scenes],
        "curves": [
            {"name": name, "title": title, "d": path(getattr(clip.curves, name), filled=name == "speech")}
            for name, title in CURVES
        ],
    }  # fmt: skip


SILENT = "It has no sound of its own: the scenes are judged by the picture alone, and the music stands by itself."


def short_row(row: ClipRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "dur": clock(row.seconds),
        "age": ago(row.created_at),
        "asset": row.asset_id,
    }


def facts(clip: Clip) -> str:
    shape = "portrait, " if clip.height > clip.width else ""
    rate = f"about {clip.fps:.0f} frames a second, uneven" if clip.varies else f"{clip.fps:g} frames a second"
    count = len(clip.scenes)
    told = [
        exact(clip.seconds), f"{shape}{clip.width} × {clip.height}", rate, "HDR" if clip.hdr else "",
        f"{count} {'scene' if count == 1 else 'scenes'}",
        f"speech in {len(clip.spoken)} {'place' if len(clip.spoken) == 1 else 'places'}" if clip.spoken else "",
    ]  # fmt: skip
    return " · ".join(each for each in told if each)


def scene_row(clip: Clip, scene: Scene) -> dict[str, Any]:
    return {
        "id": scene.id, "number": scene.number, "start": scene.start_s, "end": scene.end_s,
        "left": round(100 * scene.start_s / clip.seconds, 4), "width": round(100 * scene.seconds / clip.seconds, 4),
        "kind": kind(scene.type), "sure": round(100 * scene.confidence), "why": scene.why[:1].upper() + scene.why[1:] + ".", "opened": scene.opened,
        "time": f"{exact(scene.start_s)} to {exact(scene.end_s)}",
    }  # fmt: skip


def kind(name: str) -> str:
    return name.replace("_", " ").capitalize()


def exact(seconds: float) -> str:
    """Minutes, seconds and tenths."""
    tenths = round(seconds * 10)
    return f"{tenths // 600}:{tenths // 10 % 60:02d}.{tenths % 10}"


def picture(jpeg: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode()


def path(values: Sequence[float], *, filled: bool = False) -> str:
    """A curve over the whole clip; 0 lies at the bottom, 1 at the top."""
    if not values:
        return ""
    count = min(_POINTS, len(values))
    means = [_mean(values[n * len(values) // count : (n + 1) * len(values) // count]) for n in range(count)]
    points = [f"{(n + 0.5) * WIDE / count:.1f} {HIGH * (1 - 0.96 * value) - 2:.1f}" for n, value in enumerate(means)]
    ends = (f"0 {points[0].split()[1]}", f"{WIDE} {points[-1].split()[1]}")
    line = "L".join([ends[0], *points, ends[1]])
    return f"M0 {HIGH}L{line}L{WIDE} {HIGH}Z" if filled else f"M{line}"


def _mean(values: Sequence[float]) -> float:
    return min(1.0, max(0.0, sum(values) / len(values)))
