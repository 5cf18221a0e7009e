"""The mixing desk's settings: how each genre sounds in its room, and where each role sits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.music.composer.synth.space import CATHEDRAL, CHAMBER, CLUB, HALL, PLATE, STUDIO, Room

Balance = Mapping[str, float]

_SONG: Balance = {"drums": -4.5, "bass": -6.0, "chords": -5.5, "lead": -5.0, "texture": -9.0}
_BEATS: Balance = {"drums": -3.0, "bass": -5.0, "chords": -7.0, "lead": -6.0, "texture": -10.0}
_BAND: Balance = {"drums": -4.0, "bass": -6.5, "chords": -4.0, "lead": -6.0, "texture": -10.0}
_ROOM: Balance = {"drums": -8.0, "bass": -6.0, "chords": -5.0, "lead": -4.0, "texture": -9.0}
_SCREEN: Balance = {"drums": -6.0, "bass": -8.0, "chords": -5.5, "lead": -4.5, "texture": -6.0}
_DRIFT: Balance = {"drums": -11.0, "bass": -8.0, "chords": -6.0, "lead": -5.5, "texture": -4.0}
_TAPE: Balance = {"drums": -5.0, "bass": -5.5, "chords": -4.5, "lead": -6.0, "texture": -11.0}


@dataclass(frozen=True)
class Desk:
    room: Room
    wet_db: float = 0.0
    """Added to every send."""
    duck: float = 0.0
    """How far the kick presses bass, chords and texture down, 0 to 1."""
    glue: float = 0.3
    """How much of the drums runs through the heavy compressor beside the dry ones, 0 to 1."""
    drive: float = 1.15
    """Rounding of the drum bus's peaks."""
    echo_db: float | None = None
    """Level of the lead's repeats; None: no repeats."""
    top_hz: float | None = None
    """An old medium's upper limit (lo-fi)."""
    air_db: float = 0.0
    """Taste against the reference spectrum, above 8 kHz."""
    balance: Balance = field(default_factory=lambda: _SONG)
    """Where each stem should sit, in LU against the whole."""


_PLAIN = Desk(PLATE)

DESKS: Mapping[str, Desk] = {
    "ambient": Desk(CATHEDRAL, 4.0, echo_db=-12.0, glue=0.1, air_db=-1.0, balance=_DRIFT),
    "cinematic": Desk(HALL, 3.0, glue=0.25, balance=_SCREEN),
    "orchestral": Desk(HALL, 2.5, glue=0.15, air_db=-1.0, balance=_SCREEN),
    "electronic": Desk(PLATE, 0.0, duck=0.5, glue=0.45, drive=1.5, echo_db=-13.0, air_db=1.0, balance=_BEATS),
    "house": Desk(CLUB, 0.5, duck=0.6, glue=0.4, drive=1.5, echo_db=-14.0, air_db=0.5, balance=_BEATS),
    "lo-fi": Desk(STUDIO, 1.0, duck=0.28, glue=0.5, drive=1.6, top_hz=12_000.0, air_db=-4.0, balance=_TAPE),
    "hip-hop": Desk(STUDIO, -1.0, duck=0.25, glue=0.5, drive=1.6, balance=_BEATS),
    "rock": Desk(CHAMBER, -3.0, glue=0.5, drive=1.5, balance=_BAND),
    "pop": Desk(PLATE, 0.0, duck=0.2, glue=0.4, drive=1.3, echo_db=-16.0, air_db=1.0),
    "corporate": Desk(PLATE, 0.0, glue=0.3, echo_db=-18.0, air_db=0.5),
    "folk": Desk(CHAMBER, -1.0, glue=0.2, balance=_ROOM),
    "jazz": Desk(CHAMBER, -1.0, glue=0.2, balance=_ROOM),
}


def desk_of(genre: str) -> Desk:
    return DESKS.get(genre, _PLAIN)


ROLE_DB: Mapping[str, float] = {
    "drums": -5.0,
    "bass": -3.0,
    "chords": -8.0,
    "pad": -12.0,
    "lead": -3.5,
    "arp": -9.5,
    "strings": -9.0,
    "fx": -14.0,
}
"""A part's level at gain_db 0."""

SEND_DB: Mapping[str, float] = {
    "drums": -19.0,
    "bass": -40.0,
    "chords": -14.0,
    "pad": -11.0,
    "lead": -12.0,
    "arp": -12.0,
    "strings": -10.0,
    "fx": -12.0,
}
"""How much of a part goes to the room."""

DUCKED: Mapping[str, float] = {"bass": 1.0, "chords": 0.8, "texture": 0.9, "lead": 0.25}
"""How much of the desk's ducking each stem takes."""

BALANCE_SHARE, BALANCE_REACH_DB = 0.75, 8.0
"""How much of a stem's distance from its place the desk takes back: the rest is the composer's intention."""
