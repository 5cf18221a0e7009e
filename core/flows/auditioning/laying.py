"""How music lies under a stretch of a clip: its own sound as it is there, the music at one level and back under speech."""

from __future__ import annotations

from typing import Any

from core.flows.scoring.laying import AMBIENCE_LUFS, MUSIC_LUFS, SPEECH_LUFS
from core.kit.errors import UserError
from core.sound.projects import document
from core.sound.types import Document
from core.store.assets import Asset
from core.video.types import Clip

_FADE_S = 1.0


def laid(
    clip: Clip, film: Asset, piece: Asset, start_s: float, seconds: float, *, music_start_s: float, duck_db: float
) -> Document:
    tracks: list[dict[str, Any]] = []
    late = max(0.0, clip.sound_start_s - start_s)
    heard = clip.sounds and film.sounds and late < seconds
    if heard:
        offset = max(0.0, start_s - clip.sound_start_s)
        tracks.append({
            "name": "Clip", "role": "effects", "level_lufs": SPEECH_LUFS if clip.spoken else AMBIENCE_LUFS,
            "clips": [{"type": "video", "asset_id": film.id, "start_s": late, "offset_s": offset, "duration_s": seconds - late}],
        })  # fmt: skip
    left = (piece.duration_s or 0.0) - music_start_s
    if left <= 0:
        raise UserError(
            f"“{piece.name}” is {piece.duration_s or 0:g} s long: it cannot begin at {music_start_s:g} s.",
            "Begin earlier in it; a preview is shorter than its track.", "past_end",
        )  # fmt: skip
    length = min(seconds, left)
    tracks.append({
        "name": "Music", "role": "music", "level_lufs": MUSIC_LUFS,
        "duck": {"depth_db": duck_db, "under": spoken(clip, start_s, seconds)} if heard and duck_db else None,
        "clips": [{
            "asset_id": piece.id, "offset_s": music_start_s, "duration_s": round(length, 4),
            "fade_out_s": round(min(_FADE_S, length / 4), 4),
        }],
    })  # fmt: skip
    return document(tracks=tracks, length_s=seconds)


def spoken(clip: Clip, start_s: float, seconds: float) -> list[dict[str, float]]:
    """Where somebody speaks in the stretch, counted from its own beginning."""
    found = ((max(0.0, begins - start_s), min(seconds, ends - start_s)) for begins, ends in clip.spoken)
    return [{"start_s": begins, "end_s": ends} for begins, ends in found if ends > begins]
