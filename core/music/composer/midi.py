"""The score as a standard MIDI file (type 1), to be opened in any sequencer."""

from __future__ import annotations

import io
from typing import Any

from core.kit.paths import reference
from core.music.composer.keys import parse_key
from core.music.composer.score import Part, Score

TICKS = 480
DRUM_CHANNEL = 9
"""Channel 10, counted from 0."""
FLAT_SIGNATURES = {"D#": "Eb", "G#": "Ab", "A#": "Bb"}
"""Major keys with more than seven sharps have no signature: their flat names do."""
SHARP_SIGNATURES = {"Db": "C#", "Gb": "F#", "Cb": "B"}


def to_midi(score: Score) -> bytes:
    import mido

    file = mido.MidiFile(type=1, ticks_per_beat=TICKS)
    file.tracks.append(_conductor(score))
    channels = iter([c for c in range(16) if c != DRUM_CHANNEL] * 2)
    for part in score.parts:
        if part.role == "fx":  # noise has no place in a General MIDI set
            continue
        channel = DRUM_CHANNEL if part.role == "drums" else next(channels)
        file.tracks.append(_track(part, channel))
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


def signature(key: str) -> str:
    """The key as MIDI names signatures: 'Bbm', 'F#'."""
    parsed = parse_key(key)
    names = FLAT_SIGNATURES if parsed.mode == "major" else SHARP_SIGNATURES
    return names.get(parsed.name, parsed.name) + ("m" if parsed.mode == "minor" else "")


def program(instrument: str) -> int | None:
    """General MIDI program, or drum kit, counted from 0; None for effects, which it does not have."""
    table = reference("music/general_midi")
    found: int | None = (table["programs"] | table["kits"]).get(instrument)
    return found


def _conductor(score: Score) -> Any:
    import mido

    track = mido.MidiTrack()
    track.append(mido.MetaMessage("track_name", name=_latin(score.title), time=0))
    track.append(mido.MetaMessage("set_tempo", tempo=mido.bpm2tempo(score.bpm), time=0))
    track.append(mido.MetaMessage("time_signature", numerator=score.beats_per_bar, denominator=4, time=0))
    track.append(mido.MetaMessage("key_signature", key=signature(score.key), time=0))
    now = 0
    for section in score.sections:
        at = section.start_bar * score.beats_per_bar * TICKS
        track.append(mido.MetaMessage("marker", text=section.name, time=at - now))
        now = at
    end = round(score.seconds * score.bpm / 60 * TICKS)
    track.append(mido.MetaMessage("end_of_track", time=max(0, end - now)))
    return track


def _track(part: Part, channel: int) -> Any:
    import mido

    track = mido.MidiTrack()
    track.append(mido.MetaMessage("track_name", name=_latin(part.name), time=0))
    track.append(mido.Message("program_change", channel=channel, program=program(part.instrument) or 0, time=0))
    track.append(
        mido.Message("control_change", channel=channel, control=10, value=round(63.5 + 63.5 * part.pan), time=0)
    )
    events: list[tuple[int, int, int, int]] = []  # tick, off before on, pitch, velocity
    for note in part.notes:
        begin = round(note.beat * TICKS)
        events.append((begin, 1, note.pitch, note.velocity))
        events.append((max(begin + 1, round((note.beat + note.beats) * TICKS)), 0, note.pitch, 0))
    now = 0
    for tick, on, pitch, velocity in sorted(events):
        kind = "note_on" if on else "note_off"
        # What is written here is checked by the composer's own tests; mido's look at every field costs half the time.
        track.append(
            mido.Message(kind, skip_checks=True, channel=channel, note=pitch, velocity=velocity, time=tick - now)
        )
        now = tick
    return track


def _latin(text: str) -> str:
    """MIDI text is Latin-1: what it cannot hold becomes a question mark."""
    return text.encode("latin-1", "replace").decode("latin-1")
