"""In the drawer: a voice through a sound preset, before and after at one loudness, and how good the take was."""

from __future__ import annotations

from typing import Any

import gradio as gr

from core.app import Studio
from core.audio.voicing import presets
from core.kit.actor import Actor
from core.kit.errors import StudioError
from core.store.assets import Asset
from ui_gradio import limits
from ui_gradio.errors import door
from ui_gradio.parts import part
from ui_gradio.parts.rows import asset_row

CHOICES = [
    ("As it is", ""),
    *((presets.preset(name).title, name) for name in ("podcast", "audiobook", "video", "clean")),
]
_ROWS = (
    ("lufs", "Loudness", "LUFS"), ("true_peak_dbtp", "True peak", "dBTP"), ("rms_dbfs", "RMS", "dBFS"),
    ("noise_floor_dbfs", "Noise floor", "dBFS"), ("snr_db", "Voice over noise", "dB"), ("sibilance_db", "Sibilance", "dB"),
)  # fmt: skip
_VOICES = ("voiceover", "mix", "sound_effect")


def polishing(studio: Studio) -> gr.HTML:
    def sound(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        asset = studio.library.get(actor, str(data.get("id", "")))
        return {
            "offered": asset.kind in _VOICES and asset.sounds and asset.deleted_at is None,
            "done": _done(studio, actor, asset), "quality": quality(asset),
        }  # fmt: skip

    def polish(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        asset = studio.library.get(actor, str(data.get("id", "")))
        limits.may_submit(studio, actor)
        return {"job": studio.polishing.submit(actor, asset.id, str(data.get("preset", ""))).id}

    return part(
        "<span hidden></span>", script="polish", functions=[door(studio, sound), door(studio, polish)],
        presets={name: presets.preset(name).title for name in presets.names()},
        abouts={name: presets.preset(name).about for name in presets.names()},
    )  # fmt: skip


def _done(studio: Studio, actor: Actor, asset: Asset) -> dict[str, Any] | None:
    """The table of a piece that went through a preset, and the piece it was, if that is still there."""
    told = asset.generation_config.get("polish") or asset.generation_config.get("sound")
    if not isinstance(told, dict) or asset.role != "primary":
        return None
    before, after = told["before"], told["after"]
    source = None
    try:
        found = studio.library.get(actor, str(told.get("from", "")))
        source = asset_row(found) if found.deleted_at is None else None
    except StudioError:
        pass
    louder = (after["lufs"] or 0.0) - (before["lufs"] or 0.0)
    return {
        "title": presets.preset(told["preset"]).title if told["preset"] in presets.names() else told["preset"],
        "rows": [
            {"title": title, "before": _figure(before[name]), "after": _figure(after[name]), "unit": unit}
            for name, title, unit in _ROWS
            if before[name] is not None or after[name] is not None
        ],
        "checks": [
            {"title": row["title"], "wanted": row["wanted"], "measured": _figure(row["measured"]), "passed": row["passed"],
             "remedy": row["remedy"]}
            for row in told["requirements"]
        ],
        "source": source, "shift": told["shift_s"],
        # The louder of the two is turned down: louder alone always seems better.
        "volumes": [round(10 ** (min(0.0, louder) / 20), 4), round(10 ** (min(0.0, -louder) / 20), 4)],
    }  # fmt: skip


def quality(asset: Asset) -> dict[str, Any] | None:
    told = asset.generation_config.get("quality")
    if not isinstance(told, dict) or asset.role != "primary":
        return None
    several = told["pieces"] > 1
    again = told.get("again", ())
    return {
        "state": told["state"],
        "lines": [
            (f"Piece {row['piece']}: " if several else "") + row["sentence"] for row in told["findings"]
        ] or (["Nothing wrong was found."] if told["state"] == "good" else []),
        "again": [
            f"Piece {row['piece']} was made twice; the {row['taken']} take is used." if "second" in row
            else f"Piece {row['piece']} was not made again. {row['why_not']}"
            for row in again
        ],
        "unknown": ", ".join(name.replace("_", " ") for name in told["not_assessed"]),
    }  # fmt: skip


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"
