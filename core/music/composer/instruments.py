"""What the composer must know of each instrument: its range, its family, and its nearest General MIDI program."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Instrument:
    id: str
    family: str
    """keys, mallet, pluck, guitar, pad, strings, brass, bass, lead, drums, fx"""
    low: int
    high: int
    """MIDI range it is written in (comfortable, not extreme)"""
    program: int
    """General MIDI, counted from 0; drums and effects: unused"""
    title: str


_ROWS = (
    ("grand_piano", "keys", 33, 96, 0, "Grand piano"),
    ("felt_piano", "keys", 36, 91, 0, "Felt piano"),
    ("electric_piano", "keys", 36, 91, 4, "Electric piano"),
    ("organ", "keys", 36, 91, 16, "Organ"),
    ("music_box", "mallet", 60, 100, 10, "Music box"),
    ("marimba", "mallet", 45, 93, 12, "Marimba"),
    ("vibraphone", "mallet", 53, 89, 11, "Vibraphone"),
    ("pluck_synth", "pluck", 40, 96, 87, "Pluck synth"),
    ("harp", "pluck", 36, 98, 46, "Harp"),
    ("nylon_guitar", "guitar", 40, 83, 24, "Nylon guitar"),
    ("steel_guitar", "guitar", 40, 84, 25, "Steel-string guitar"),
    ("clean_guitar", "guitar", 40, 86, 27, "Clean electric guitar"),
    ("distorted_guitar", "guitar", 38, 86, 30, "Distorted guitar"),
    ("muted_guitar", "guitar", 40, 80, 28, "Muted guitar"),
    ("warm_pad", "pad", 40, 88, 89, "Warm pad"),
    ("air_pad", "pad", 45, 93, 91, "Air pad"),
    ("dark_pad", "pad", 34, 81, 95, "Dark pad"),
    ("string_section", "strings", 43, 93, 48, "String section"),
    ("string_staccato", "strings", 40, 91, 48, "Staccato strings"),
    ("choir_pad", "pad", 43, 84, 52, "Choir"),
    ("brass_section", "brass", 40, 80, 61, "Brass section"),
    ("solo_cello", "strings", 36, 74, 42, "Solo cello"),
    ("upright_bass", "bass", 28, 57, 32, "Upright bass"),
    ("electric_bass", "bass", 28, 57, 33, "Electric bass"),
    ("synth_bass", "bass", 28, 57, 38, "Synth bass"),
    ("sub_bass", "bass", 26, 50, 39, "Sub bass"),
    ("reese_bass", "bass", 28, 55, 39, "Reese bass"),
    ("saw_lead", "lead", 52, 91, 81, "Saw lead"),
    ("square_lead", "lead", 52, 91, 80, "Square lead"),
    ("soft_lead", "lead", 52, 88, 85, "Soft lead"),
    ("flute", "lead", 60, 93, 73, "Flute"),
    ("whistle", "lead", 67, 96, 78, "Whistle"),
    ("trumpet_muted", "brass", 54, 84, 59, "Muted trumpet"),
    ("bell", "mallet", 60, 100, 14, "Bell"),
    ("kit_acoustic", "drums", 27, 87, 0, "Acoustic kit"),
    ("kit_rock", "drums", 27, 87, 16, "Rock kit"),
    ("kit_electronic", "drums", 27, 87, 24, "Electronic kit"),
    ("kit_808", "drums", 27, 87, 25, "808 kit"),
    ("kit_lofi", "drums", 27, 87, 25, "Lo-fi kit"),
    ("kit_house", "drums", 27, 87, 25, "House kit"),
    ("kit_jazz_brushes", "drums", 27, 87, 40, "Brushes kit"),
    ("kit_cinematic", "drums", 27, 87, 48, "Cinematic drums"),
    ("kit_percussion", "drums", 27, 87, 0, "Percussion"),
    ("riser", "fx", 0, 127, 97, "Riser"),
    ("impact", "fx", 0, 127, 127, "Impact"),
    ("vinyl_noise", "fx", 0, 127, 122, "Vinyl noise"),
    ("noise_swell", "fx", 0, 127, 122, "Noise swell"),
)

INSTRUMENTS: dict[str, Instrument] = {row[0]: Instrument(*row) for row in _ROWS}
