"""One stem's way through the desk, window after window: what rings over a border goes on in the next window.

Windows of whole blocks (space.BLOCK), joined, are sample for sample the stem rendered in one go; a test holds that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.music.composer.score import Score
from core.music.composer.synth import bus, space
from core.music.composer.synth.mixing import DUCKED, ROLE_DB, SEND_DB, Desk, desk_of
from core.music.composer.synth.plan import Line, beat_frames
from core.music.composer.synth.shape import Sound
from core.music.composer.synth.sounds import is_kit

STEMS = ("drums", "bass", "chords", "lead", "texture")
_KICKS = frozenset({35, 36})
_UNSENT_DB = -30.0

Play = Callable[[Line, int, int], Sound]
"""One line as sound between two frames, (2, frames), before its place in the mix; the caller may change it."""


@dataclass(frozen=True)
class _Channel:
    line: Line
    gain: np.float32
    sent: np.float32 | None
    echo: space.Echo | None


class Strip:
    def __init__(
        self, name: str, lines: Sequence[Line], play: Play, desk: Desk, score: Score, frames: int, kicks: Sequence[int],
        start: int = 0,
    ) -> None:  # fmt: skip
        """Of a piece of so many frames; from `start` on, where nothing has sounded yet."""
        beat = beat_frames(score)
        self._channels = [_channel(line, desk, beat) for line in lines]
        self._play = play
        self._frames = frames
        self._at = self._laid = start
        self._shape: bus.Glue | bus.Steady | None = None
        self._tape: bus.Tape | None = None
        if name == "drums":
            self._shape = bus.Glue(desk.glue, desk.drive)
        elif name == "bass":
            self._shape = bus.Steady()
        elif desk.top_hz is not None:
            self._tape = bus.Tape(desk.top_hz, start, frames)
        self._send = np.zeros(0, np.float32)
        self._room = space.Reverb(desk.room) if any(each.sent is not None for each in self._channels) else None
        depth = desk.duck * DUCKED.get(name, 0.0)
        self._ducking = bus.ducking(kicks, frames, depth, beat) if depth and kicks else None

    def next(self, stop: int) -> Sound:
        """(2, frames) from where the last window ended up to `stop`."""
        at, self._at = self._at, stop
        dry, send = self._laid_out(stop)
        if self._shape is not None:
            dry = self._shape.next(dry)
        elif self._tape is not None:
            dry = self._tape.next(dry, at, stop)
        if self._send.size:
            send = np.concatenate([self._send, send])
        self._send = send[stop - at :].copy()
        if self._room is not None:
            dry += self._room.next(send[: stop - at])
        if self._ducking is not None:
            dry *= self._ducking[at:stop]
        return dry

    def _laid_out(self, stop: int) -> tuple[Sound, Sound]:
        """The lines of the stem together, and what they send to the room; as far ahead as a tape needs."""
        begin, end = self._laid, min(stop + (bus.Tape.AHEAD if self._tape else 0), self._frames)
        self._laid = end
        dry = np.zeros((2, end - begin), np.float32)
        send = np.zeros(end - begin, np.float32)
        for channel in self._channels:
            sound = self._play(channel.line, begin, end)
            sound *= channel.gain
            if channel.echo is not None:
                sound += channel.echo.next(sound)
            if channel.sent is not None:
                send += (sound[0] + sound[1]) * channel.sent
            dry += sound
        return dry, send


def _channel(line: Line, desk: Desk, beat: float) -> _Channel:
    role = line.part.role
    sent = np.float32(0.5 * gain_of(SEND_DB[role] + desk.wet_db)) if SEND_DB[role] > _UNSENT_DB else None
    echoes = role == "lead" and desk.echo_db is not None
    echo = space.Echo(round(beat * 0.75), gain_of(desk.echo_db or 0.0), 0.42) if echoes else None
    return _Channel(line, np.float32(gain_of(ROLE_DB[role] + line.part.gain_db)), sent, echo)


def gain_of(db: float) -> float:
    return float(10 ** (db / 20))


def grouped(lines: Sequence[Line]) -> dict[str, list[Line]]:
    """Lines that play by their stems, in the order of STEMS."""
    groups: dict[str, list[Line]] = {}
    for line in lines:
        if line.events:
            groups.setdefault(line.part.stem, []).append(line)
    names = [*(name for name in STEMS if name in groups), *sorted(groups.keys() - set(STEMS))]
    return {name: groups[name] for name in names}


def strips_of(
    score: Score, groups: Mapping[str, Sequence[Line]], play: Play, frames: int, start: int = 0
) -> dict[str, Strip]:
    desk = desk_of(score.genre)
    kicks = sorted(
        event.onset
        for lines in groups.values()
        for line in lines
        if is_kit(line.part.instrument)
        for event in line.events
        if event.key.pitch in _KICKS
    )
    return {name: Strip(name, lines, play, desk, score, frames, kicks, start) for name, lines in groups.items()}
