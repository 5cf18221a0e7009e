"""The rules of editing: a document and a wish give a new document, or one UserError. Nothing here knows of a database.

`lengths` has the seconds of every asset a wish may need; clips whose asset is gone can still be moved, muted and deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import ValidationError

from core.kit.clock import new_id
from core.kit.errors import UserError
from core.sound import edits as ask
from core.sound.edits import Edit
from core.sound.types import Clip, Document, Duck, Marker, Track

SHORTEST_S = 0.01
_SLACK_S = 0.002
"""Lengths come from headers and from browsers; what is nearer than this is the same moment."""

Lengths = Mapping[str, float]
Snap = Callable[[float, Document, str], float | None]
"""(moment, document, id of the clip that moves) → the moment it snaps to; None where nothing is near."""
_P = TypeVar("_P", Clip, Track, Document)


def apply(document: Document, wishes: Sequence[Edit], lengths: Lengths, snap: Snap | None = None) -> Document:
    """All of them, one after the other, or none."""
    snap = snap or (lambda at_s, found, clip: None)
    for number, wish in enumerate(wishes, 1):
        try:
            document = _one(document, wish, lengths, snap)
        except UserError as error:
            if len(wishes) == 1:
                raise
            raise UserError(f"Edit {number} of {len(wishes)}: {error.message}", error.hint, error.code) from None
    return document


def end_of(clip: Clip, lengths: Lengths) -> float:
    """Where it ends, were it played once."""
    return clip.start_s + length_of(clip, lengths)


def length_of(clip: Clip, lengths: Lengths) -> float:
    whole = lengths.get(clip.asset_id)
    if clip.duration_s is not None and (whole is None or clip.offset_s + clip.duration_s <= whole + _SLACK_S):
        return clip.duration_s
    if whole is None:
        raise UserError("The sound of this clip is gone.", "Delete the clip, or bring the sound back.", "asset_gone")
    return max(SHORTEST_S, whole - clip.offset_s)


def _one(document: Document, wish: Edit, lengths: Lengths, snap: Snap) -> Document:
    match wish:
        case ask.AddTrack():
            made = _new(Track, id=_id(document, wish.id, "track"), name=_named(wish.name), role=wish.role)
            tracks = list(document.tracks)
            tracks.insert(len(tracks) if wish.position is None else wish.position, made)
            return _with(document, tracks=tuple(tracks))
        case ask.SetTrack():
            return _set_track(document, wish)
        case ask.DeleteTrack():
            gone = track_of(document, wish.track)
            return _with(document, tracks=tuple(each for each in document.tracks if each is not gone))
        case ask.Add():
            return _add(document, wish, lengths, snap)
        case ask.Move():
            return _move(document, wish, lengths, snap)
        case ask.Trim():
            return _put(document, _trimmed(document, wish, lengths, snap))
        case ask.Split():
            return _split(document, wish, lengths, snap)
        case ask.Fade():
            return _put(document, _faded(clip_of(document, wish.clip)[1], wish, lengths))
        case ask.Gain():
            return _set(document, wish.clip, wish.track, gain_db=wish.gain_db)
        case ask.Pan():
            return _set(document, wish.clip, wish.track, pan=wish.pan)
        case ask.Mute():
            return _set(document, wish.clip, wish.track, mute=wish.mute)
        case ask.Solo():
            return _set(document, None, wish.track, solo=wish.solo)
        case ask.Loop():
            return _set(document, wish.clip, None, loop=wish.loop)
        case ask.Duplicate():
            return _duplicate(document, wish, lengths, snap)
        case ask.Delete():
            track, clip = clip_of(document, wish.clip)
            return _track(document, track, clips=tuple(each for each in track.clips if each is not clip))
        case ask.Piece():
            values: dict[str, Any] = {} if wish.loudness is None else {"loudness": wish.loudness}
            if wish.length_s is not None:
                values["length_s"] = wish.length_s or None
            return _with(document, **values)
        case ask.PlanUse():
            return _with(document, planned_use=wish.use)
        case ask.AddMarker() | ask.SetMarker() | ask.DeleteMarker():
            return _marked(document, wish)


def track_of(document: Document, track_id: str) -> Track:
    found = next((track for track in document.tracks if track.id == track_id), None)
    if found is None:
        names = ", ".join(f"{track.id} ({track.name})" for track in document.tracks[:8])
        raise UserError(f"There is no track {track_id!r}.", f"There are: {names}." if names else "Add one.", "no_track")
    return found


def clip_of(document: Document, clip_id: str) -> tuple[Track, Clip]:
    for track, clip in document.clips():
        if clip.id == clip_id:
            return track, clip
    raise UserError(f"There is no clip {clip_id!r} in this version.", "Read the project again.", "no_clip")


def _set_track(document: Document, wish: ask.SetTrack) -> Document:
    track = track_of(document, wish.track)
    values: dict[str, Any] = {}
    if wish.name is not None:
        values["name"] = _named(wish.name)
    if wish.role is not None:
        values["role"] = wish.role
    if wish.duck_db is not None:
        duck = track.duck or Duck()
        values["duck"] = duck.model_copy(update={"depth_db": wish.duck_db}) if wish.duck_db else None
    document = _track(document, track, **values)
    if wish.position is not None:
        tracks = [each for each in document.tracks if each.id != track.id]
        tracks.insert(wish.position, track_of(document, track.id))
        document = _with(document, tracks=tuple(tracks))
    return document


def _add(document: Document, wish: ask.Add, lengths: Lengths, snap: Snap) -> Document:
    track = track_of(document, wish.track)
    values = wish.model_dump(exclude={"edit", "track", "snap"}) | {"id": _id(document, wish.id, "clip")}
    clip = _new(Clip, **values)
    _inside(clip, lengths)
    if wish.snap:
        clip = _snapped(clip, document, lengths, snap)
    return _track(document, track, clips=(*track.clips, _fades_fit(clip, length_of(clip, lengths))))


def _move(document: Document, wish: ask.Move, lengths: Lengths, snap: Snap) -> Document:
    track, clip = clip_of(document, wish.clip)
    if wish.start_s is not None and wish.by_s is not None:
        raise UserError("A clip moves to a moment or by a distance, not both.", "Give start_s or by_s.")
    # By a distance it stops at the beginning, as a clip that is pushed does; to a moment before it nothing can go.
    to_s = clip.start_s if wish.start_s is None else wish.start_s
    if wish.by_s is not None:
        to_s = max(0.0, clip.start_s + wish.by_s)
    moved = _changed(clip, start_s=round(to_s, 6))
    if wish.snap:
        moved = _snapped(moved, document, lengths, snap)
    target = track if wish.track is None else track_of(document, wish.track)
    if target.id == track.id:
        return _put(document, moved)
    document = _track(document, track, clips=tuple(each for each in track.clips if each is not clip))
    return _track(document, target, clips=(*target.clips, moved))


def _snapped(clip: Clip, document: Document, lengths: Lengths, snap: Snap) -> Clip:
    """By whichever of its ends has less far to go."""
    found: list[float | None] = [snap(clip.start_s, document, clip.id)]
    if not clip.loop and clip.asset_id in lengths:
        length = length_of(clip, lengths)
        end = snap(clip.start_s + length, document, clip.id)
        found.append(None if end is None else end - length)
    near: list[float] = [at for at in found if at is not None and at >= 0]
    to_s = min(near, key=lambda at: abs(at - clip.start_s), default=clip.start_s)
    return _changed(clip, start_s=round(to_s, 6))


def _trimmed(document: Document, wish: ask.Trim, lengths: Lengths, snap: Snap) -> Clip:
    _, clip = clip_of(document, wish.clip)
    if wish.start_s is None and wish.end_s is None:
        raise UserError("A trim needs an edge.", "Give start_s, end_s, or both.")

    def to(at_s: float) -> float:
        near = snap(at_s, document, clip.id) if wish.snap else None
        return at_s if near is None else near

    start = clip.start_s if wish.start_s is None else to(wish.start_s)
    if clip.loop:
        if wish.end_s is not None:
            raise UserError(
                "A loop goes on to the end of the piece.", "Switch its loop off first, or set the piece's length."
            )
        return _changed(clip, start_s=round(start, 6))
    length = length_of(clip, lengths)
    end = clip.start_s + length if wish.end_s is None else to(wish.end_s)
    offset = clip.offset_s + start - clip.start_s
    if offset < -_SLACK_S:
        raise UserError(
            f"The sound begins at {max(0.0, clip.start_s - clip.offset_s):.3f} s here: there is nothing before it.",
            "Trim its beginning to there at the earliest.", "beyond_sound",
        )  # fmt: skip
    if end - start < SHORTEST_S:
        raise UserError("Nothing would be left of this clip.", "Keep its beginning before its end, or delete it.")
    offset = max(0.0, offset)
    whole = lengths.get(clip.asset_id)
    last = None if whole is None else start + whole - offset
    if last is not None and end > last + _SLACK_S:
        raise UserError(
            f"The sound ends at {last:.3f} s here: there is nothing after it.",
            "Trim its end to there at the latest.", "beyond_sound",
        )  # fmt: skip
    made: float = (end if last is None else min(end, last)) - start
    trimmed = _changed(clip, start_s=round(start, 6), offset_s=round(offset, 6), duration_s=round(made, 6))
    return _fades_fit(trimmed, made)


def _split(document: Document, wish: ask.Split, lengths: Lengths, snap: Snap) -> Document:
    track, clip = clip_of(document, wish.clip)
    if clip.loop:
        raise UserError("A loop cannot be split.", "Switch its loop off first.")
    length = length_of(clip, lengths)
    near = snap(wish.at_s, document, clip.id) if wish.snap else None
    at_s = wish.at_s if near is None else near
    cut = at_s - clip.start_s
    if not SHORTEST_S <= cut <= length - SHORTEST_S:
        raise UserError(
            f"{at_s:.3f} s is not inside this clip.",
            f"It goes from {clip.start_s:.3f} to {clip.start_s + length:.3f} s.", "outside_clip",
        )  # fmt: skip
    left = _changed(clip, duration_s=round(cut, 6), fade_in_s=min(clip.fade_in_s, cut), fade_out_s=0.0)
    right = _changed(
        clip, id=_id(document, wish.id, "clip"), start_s=round(clip.start_s + cut, 6),
        offset_s=round(clip.offset_s + cut, 6), duration_s=round(length - cut, 6), fade_in_s=0.0,
        fade_out_s=min(clip.fade_out_s, length - cut),
    )  # fmt: skip
    at = track.clips.index(clip)
    return _track(document, track, clips=(*track.clips[:at], left, right, *track.clips[at + 1 :]))


def _faded(clip: Clip, wish: ask.Fade, lengths: Lengths) -> Clip:
    if wish.in_s is None and wish.out_s is None:
        raise UserError("A fade needs a length.", "Give in_s, out_s, or both.")
    length = None if clip.loop else length_of(clip, lengths)
    fade_in = clip.fade_in_s if wish.in_s is None else wish.in_s
    fade_out = clip.fade_out_s if wish.out_s is None else wish.out_s
    if length is not None and fade_in + fade_out > length + _SLACK_S:
        raise UserError(
            f"Fades of {fade_in:.2f} and {fade_out:.2f} s do not fit into a clip of {length:.2f} s.",
            "Together they may be as long as the clip.",
        )
    return _changed(clip, fade_in_s=round(fade_in, 6), fade_out_s=round(fade_out, 6))


def _duplicate(document: Document, wish: ask.Duplicate, lengths: Lengths, snap: Snap) -> Document:
    track, clip = clip_of(document, wish.clip)
    start = end_of(clip, lengths) if wish.start_s is None else wish.start_s
    copy = _changed(clip, id=_id(document, wish.id, "clip"), start_s=round(start, 6))
    if wish.snap:
        copy = _snapped(copy, document, lengths, snap)
    at = track.clips.index(clip) + 1
    return _track(document, track, clips=(*track.clips[:at], copy, *track.clips[at:]))


def _marked(document: Document, wish: ask.AddMarker | ask.SetMarker | ask.DeleteMarker) -> Document:
    if isinstance(wish, ask.AddMarker):
        made = _new(Marker, id=_id(document, wish.id, "marker"), kind=wish.kind, at_s=wish.at_s, label=wish.label)
        return _with(document, markers=tuple(sorted((*document.markers, made), key=lambda each: each.at_s)))
    found = next((marker for marker in document.markers if marker.id == wish.marker), None)
    if found is None:
        raise UserError(f"There is no marker {wish.marker!r}.", "Read the project again.", "no_marker")
    rest = [marker for marker in document.markers if marker is not found]
    if isinstance(wish, ask.SetMarker):
        values = {
            name: value for name, value in (("at_s", wish.at_s), ("label", wish.label)) if value is not None
        }  # fmt: skip
        rest.append(found.model_copy(update=values))
    return _with(document, markers=tuple(sorted(rest, key=lambda each: each.at_s)))


def _inside(clip: Clip, lengths: Lengths) -> None:
    whole = lengths.get(clip.asset_id)
    if whole is None:
        raise UserError("This has no sound and no picture.", "Choose a voice, music, a sound or a film.", "no_sound")
    if clip.offset_s > whole - SHORTEST_S or (clip.duration_s or 0.0) + clip.offset_s > whole + _SLACK_S:
        raise UserError(
            f"The sound is {whole:.3f} s long: {clip.offset_s:g} s into it "
            f"{'nothing is' if clip.duration_s is None else f'{clip.duration_s:g} s are not'} left.",
            "Begin earlier in it, or take less of it.", "beyond_sound",
        )  # fmt: skip


def _fades_fit(clip: Clip, length: float) -> Clip:
    """What became shorter than its fades has shorter ones."""
    both = clip.fade_in_s + clip.fade_out_s
    if both <= length or both == 0:
        return clip
    share = length / both
    return _changed(clip, fade_in_s=round(clip.fade_in_s * share, 6), fade_out_s=round(clip.fade_out_s * share, 6))


def _set(document: Document, clip_id: str | None, track_id: str | None, **values: Any) -> Document:
    if clip_id is None:
        return _track(document, track_of(document, track_id or ""), **values)
    return _put(document, _changed(clip_of(document, clip_id)[1], **values))


def _put(document: Document, clip: Clip) -> Document:
    track, _ = clip_of(document, clip.id)
    return _track(document, track, clips=tuple(clip if each.id == clip.id else each for each in track.clips))


def _track(document: Document, track: Track, **values: Any) -> Document:
    changed = _changed(track, **values)
    return _with(document, tracks=tuple(changed if each.id == track.id else each for each in document.tracks))


def _with(document: Document, **values: Any) -> Document:
    return _changed(document, **({"restores": None} | values))


def _changed(part: _P, **values: Any) -> _P:
    """Checked like something new: an edit cannot make what could not be brought in. Parts that did not change are not
    looked at again."""
    changed: _P = _new(type(part), **({name: getattr(part, name) for name in type(part).model_fields} | values))
    return changed


def _new(made: Any, /, **values: Any) -> Any:
    try:
        return made(**values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(str(each) for each in first["loc"])
        said = str(first["msg"]).removeprefix("Value error, ")
        raise UserError(
            f"{where}: {said}." if where else f"{said[:1].upper()}{said[1:]}.", "Change that value."
        ) from None


def _id(document: Document, wanted: str, kind: str) -> str:
    if not wanted:
        return new_id(kind)
    taken = {track.id for track in document.tracks} | {clip.id for _, clip in document.clips()}
    if wanted in taken or any(marker.id == wanted for marker in document.markers):
        raise UserError(f"There is a part with the id {wanted!r} already.", "Leave the id out, or choose another.")
    return wanted


def _named(name: str) -> str:
    return " ".join(name.split()) or "Track"
