"""The project of a scored clip: its own sound, a voice over it, and the cues, each from its cut to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.flows.recommending.cues import Cue
from core.flows.scoring.request import ScoreRequest
from core.sound.projects import POLISH, document
from core.sound.types import Document
from core.store.assets import Asset
from core.video.types import Clip

VOICE_LUFS = -18.0
SPEECH_LUFS, AMBIENCE_LUFS = -19.0, -27.0
"""Where the clip's own sound is brought to: people who speak are understood, wind and traffic stay behind the music."""
MUSIC_LUFS = -18.0
_QUIETER_DB: Mapping[str, float] = {"low": -3.0, "medium": -1.5, "high": 0.0}
"""Engines deliver every piece at one loudness; a calm scene's music is to be softer than a chase's."""
OVERLAP_BEATS = 1.0


def overlap_s(cue: Cue) -> float:
    """How long a cue rings on under the next one: it fades out over the first beat after the cut."""
    return OVERLAP_BEATS * 60 / cue.bpm


def laid(
    request: ScoreRequest, clip: Clip, film: Asset, cues: Sequence[Cue], pieces: Sequence[Asset], voice: Asset | None
) -> Document:
    """Tracks as the mixer takes them; markers on the scenes."""
    tracks: list[dict[str, Any]] = []
    keeps = request.keep_sound and clip.sounds and clip.sound_start_s < clip.seconds
    if keeps:
        speaks = bool(clip.spoken)
        tracks.append({
            "name": "Clip", "role": "effects", "level_lufs": SPEECH_LUFS if speaks else AMBIENCE_LUFS,
            "gain_db": request.sound_gain_db, "clips": [_own_sound(clip, film)],
        })  # fmt: skip
    elif film.sounds:  # that is, its length is known
        # Nothing to hear, but to see where one is.
        shown = {"type": "video", "asset_id": film.id, "duration_s": clip.seconds}
        tracks.append({"name": "Film", "role": "effects", "mute": True, "clips": [shown]})
    if voice is not None:
        tracks.append({
            "name": "Voice", "role": "voice", "level_lufs": VOICE_LUFS, "effects": POLISH,
            "clips": [{"asset_id": voice.id, "start_s": request.voice_start_s}],
        })  # fmt: skip
    under = [
        {"start_s": start, "end_s": end} for start, end in clip.spoken if keeps
    ]  # fmt: skip
    tracks.append({
        "name": "Music", "role": "music", "level_lufs": MUSIC_LUFS, "gain_db": request.music_gain_db,
        "duck": {"depth_db": request.duck_db, "under": under} if request.duck_db else None,
        "clips": [
            _cue_clip(clip, cue, piece, last=cue is cues[-1]) for cue, piece in zip(cues, pieces, strict=True)
        ],
    })  # fmt: skip
    markers = [
        {"kind": "scene", "at_s": scene.start_s, "label": f"Scene {scene.number}: {scene.type.replace('_', ' ')}"}
        for scene in clip.scenes
    ]
    return document(tracks=tracks, markers=markers, loudness=request.loudness, length_s=clip.seconds)


def _own_sound(clip: Clip, film: Asset) -> dict[str, Any]:
    """Where the film has it: sound may begin after the first picture."""
    late = clip.sound_start_s
    return {"type": "video", "asset_id": film.id, "start_s": late, "duration_s": clip.seconds - late}


def _cue_clip(clip: Clip, cue: Cue, piece: Asset, *, last: bool) -> dict[str, Any]:
    wanted = cue.seconds + (0.0 if last else overlap_s(cue))
    length = min(wanted, piece.duration_s or wanted, clip.seconds - cue.start_s)
    return {
        "asset_id": piece.id, "start_s": cue.start_s, "duration_s": round(length, 4),
        "gain_db": _QUIETER_DB[cue.intensity],
        "fade_out_s": 0.0 if last else round(max(0.0, length - cue.seconds), 4),
    }  # fmt: skip
