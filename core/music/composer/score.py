"""The score: what the composer hands to the synthesiser. Plain data, no audio, no judgement."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Role = Literal["drums", "bass", "chords", "pad", "lead", "arp", "strings", "fx"]


@dataclass(frozen=True)
class Note:
    beat: float
    """Onset in quarter-note beats from the start of the piece, swing and humanising included; never negative."""
    beats: float
    """Sounding length in beats before release."""
    pitch: int
    """MIDI note number; for drums a General MIDI percussion number (36 kick, 38 snare, 42 closed hat, …)."""
    velocity: int
    """1 to 127"""


@dataclass(frozen=True)
class Part:
    """One line of one instrument. Several parts may share a stem."""

    name: str
    role: Role
    stem: str
    """Which stem it is rendered into: drums, bass, chords, lead, texture."""
    instrument: str
    """Instrument id known to the synthesiser (core.music.composer.instruments)."""
    notes: tuple[Note, ...]
    gain_db: float = 0.0
    pan: float = 0.0
    """-1 left to 1 right"""


@dataclass(frozen=True)
class Section:
    name: str
    """intro, verse, build, chorus, bridge, breakdown, drop, outro, …"""
    start_bar: int
    bars: int
    energy: float
    """0 to 1"""
    chords: tuple[str, ...] = ()
    """Chord symbols bar by bar, for the page and the section map."""


@dataclass(frozen=True)
class Score:
    title: str
    genre: str
    mood: str
    bpm: float
    key: str
    """As asked for: 'D minor'"""
    beats_per_bar: int
    bars: int
    seconds: float
    """Length asked for; the render is exactly this long."""
    intensity: str
    seed: int
    loopable: bool
    ending: str
    parts: tuple[Part, ...]
    sections: tuple[Section, ...]
    drum_pattern: str = ""
    """Id of the groove used, so that variety can be measured."""
    tail_s: float = 0.0
    """Seconds left after the last bar for the ending to ring (resolve)."""
    reading: dict[str, object] = field(default_factory=dict)
