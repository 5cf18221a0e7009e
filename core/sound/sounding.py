"""What of a project is heard: tracks that are not mute, or those that are solo; clips that are not mute, joined again
where a cut changed nothing."""

from __future__ import annotations

from core.sound.types import Clip, Document, Track

_SAME_S = 1e-5


def heard(document: Document) -> tuple[Track, ...]:
    """Tracks with what sounds of them. As the player has it: a solo track is heard though it is mute."""
    alone = any(track.solo for track in document.tracks)
    tracks = (track for track in document.tracks if (track.solo if alone else not track.mute))
    kept = (
        track.model_copy(update={"mute": False, "clips": joined(tuple(clip for clip in track.clips if not clip.mute))})
        for track in tracks
    )
    return tuple(track for track in kept if track.clips)


def joined(clips: tuple[Clip, ...]) -> tuple[Clip, ...]:
    """A clip that was split and not touched since sounds as it did before: every cut end of a sound gets a short fade
    against clicks, which would leave a dent between its halves."""
    done: list[Clip] = []
    for clip in sorted(clips, key=lambda each: each.start_s):
        before = next((n for n, each in enumerate(done) if _goes_on(each, clip)), None)
        if before is None:
            done.append(clip)
            continue
        first = done[before]
        assert first.duration_s is not None
        length = None if clip.duration_s is None else first.duration_s + clip.duration_s
        done[before] = first.model_copy(update={"duration_s": length, "fade_out_s": clip.fade_out_s})
    return tuple(done)


def _goes_on(before: Clip, after: Clip) -> bool:
    if before.duration_s is None or before.loop or after.loop or before.fade_out_s or after.fade_in_s:
        return False
    same = (before.asset_id, before.gain_db, before.pan) == (after.asset_id, after.gain_db, after.pan)
    at = abs(before.start_s + before.duration_s - after.start_s)
    inside = abs(before.offset_s + before.duration_s - after.offset_s)
    return same and at < _SAME_S and inside < _SAME_S
