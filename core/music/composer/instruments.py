"""What the composer must know of each instrument: its range and its family."""

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
    title: str


_ROWS = (
    ("grand_piano", "keys", 33, 96, "Grand piano"),
    ("felt_piano", "keys", 36, 91, "Felt piano"),
    ("electric_piano", "keys", 36, 91, "Electric piano"),
    ("organ", "keys", 36, 91, "Organ"),
    ("music_box", "mallet", 60, 100, "Music box"),
    ("marimba", "mallet", 45, 93, "Marimba"),
    ("vibraphone", "mallet", 53, 89, "Vibraphone"),
    ("pluck_synth", "pluck", 40, 96, "Pluck synth"),
    ("harp", "pluck", 36, 98, "Harp"),
    ("nylon_guitar", "guitar", 40, 83, "Nylon guitar"),
    ("steel_guitar", "guitar", 40, 84, "Steel-string guitar"),
    ("clean_guitar", "guitar", 40, 86, "Clean electric guitar"),
    ("distorted_guitar", "guitar", 38, 86, "Distorted guitar"),
    ("muted_guitar", "guitar", 40, 80, "Muted guitar"),
    ("warm_pad", "pad", 40, 88, "Warm pad"),
    ("air_pad", "pad", 45, 93, "Air pad"),
    ("dark_pad", "pad", 34, 81, "Dark pad"),
    ("string_section", "strings", 43, 93, "String section"),
    ("string_staccato", "strings", 40, 91, "Staccato strings"),
    ("choir_pad", "pad", 43, 84, "Choir"),
    ("brass_section", "brass", 40, 80, "Brass section"),
    ("solo_cello", "strings", 36, 69, "Solo cello"),
    ("upright_bass", "bass", 28, 57, "Upright bass"),
    ("electric_bass", "bass", 28, 57, "Electric bass"),
    ("synth_bass", "bass", 28, 57, "Synth bass"),
    ("sub_bass", "bass", 26, 50, "Sub bass"),
    ("reese_bass", "bass", 28, 55, "Reese bass"),
    ("saw_lead", "lead", 52, 91, "Saw lead"),
    ("square_lead", "lead", 52, 91, "Square lead"),
    ("soft_lead", "lead", 52, 88, "Soft lead"),
    ("flute", "lead", 60, 93, "Flute"),
    ("whistle", "lead", 67, 96, "Whistle"),
    ("trumpet_muted", "brass", 54, 84, "Muted trumpet"),
    ("bell", "mallet", 60, 100, "Bell"),
    ("kit_acoustic", "drums", 27, 87, "Acoustic kit"),
    ("kit_rock", "drums", 27, 87, "Rock kit"),
    ("kit_electronic", "drums", 27, 87, "Electronic kit"),
    ("kit_808", "drums", 27, 87, "808 kit"),
    ("kit_lofi", "drums", 27, 87, "Lo-fi kit"),
    ("kit_house", "drums", 27, 87, "House kit"),
    ("kit_jazz_brushes", "drums", 27, 87, "Brushes kit"),
    ("kit_cinematic", "drums", 27, 87, "Cinematic drums"),
    ("kit_percussion", "drums", 27, 87, "Percussion"),
    ("riser", "fx", 0, 127, "Riser"),
    ("impact", "fx", 0, 127, "Impact"),
    ("vinyl_noise", "fx", 0, 127, "Vinyl noise"),
    ("noise_swell", "fx", 0, 127, "Noise swell"),
)

INSTRUMENTS: dict[str, Instrument] = {row[0]: Instrument(*row) for row in _ROWS}
