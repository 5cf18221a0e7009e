"""Pictures of a piece: its piano roll in the colours of its parts, and under it the spectrogram of its sound.

    python -m tests.bench.music_pictures FOLDER [genre:seed …]

Without names it draws the three of the README.
"""

from __future__ import annotations

import colorsys
import sys
from pathlib import Path
from typing import Any

import numpy as np

from core.audio import spectrum
from core.music.composer.compose import compose
from core.music.composer.score import Score
from core.music.composer.synth import render
from core.music.types import MusicRequest

SHOWN = ("house:7", "orchestral:4", "jazz:12")
SECONDS, WIDTH, ROLL, SOUND, LABEL = 48.0, 1000, 300, 200, 18
LOW, HIGH = 26, 98
DRUM_ROWS = (36, 35, 38, 37, 39, 41, 45, 48)
"""Kick at the bottom, then snare and toms; hats and cymbals share the row above them."""
BACK, INK, RULE = (18, 20, 26), (225, 228, 235), (52, 56, 68)
# Dark to bright, as spectrograms are usually read.
HEAT = ((8, 8, 20), (60, 20, 100), (160, 40, 110), (235, 100, 60), (252, 200, 90), (255, 250, 220))


def picture(score: Score, mix: np.ndarray[Any, Any], sample_rate: int) -> Any:
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (WIDTH, 2 * LABEL + ROLL + SOUND), BACK)
    draw = ImageDraw.Draw(image)
    per_beat = WIDTH / (score.seconds * score.bpm / 60)
    for section in score.sections:
        x = section.start_bar * score.beats_per_bar * per_beat
        draw.line((x, LABEL, x, LABEL + ROLL + SOUND), RULE)
        draw.text((x + 3, 3), section.name, INK)
    parts = [part for part in score.parts if part.role not in ("drums", "fx")]
    names = []
    for n, part in enumerate(parts):
        colour = tuple(round(255 * v) for v in colorsys.hsv_to_rgb(n / len(parts), 0.55, 1.0))
        names.append((part.instrument.replace("_", " "), colour))
        for note in part.notes:
            y = LABEL + (HIGH - note.pitch) / (HIGH - LOW) * (ROLL - 40)
            shade = tuple(round(v * (0.35 + 0.65 * note.velocity / 127)) for v in colour)
            x = note.beat * per_beat
            draw.rectangle((x, y, max(x + 1, x + note.beats * per_beat - 1), y + 3), shade)
    for part in (part for part in score.parts if part.role == "drums"):
        for note in part.notes:
            row = DRUM_ROWS.index(note.pitch) if note.pitch in DRUM_ROWS else len(DRUM_ROWS) + 1
            y = LABEL + ROLL - 8 - 3 * row
            x = note.beat * per_beat
            draw.line((x, y, x, y + 2), tuple(round(v * note.velocity / 127) for v in INK))
    image.paste(_spectrogram(mix, sample_rate), (0, LABEL + ROLL))
    x = 4
    for name, colour in [
        *names,
        (f"{score.genre}, {score.mood}, {score.key}, {score.bpm:g} BPM, seed {score.seed}", INK),
    ]:
        draw.text((x, LABEL + ROLL + SOUND + 3), name, colour)
        x += 12 + round(draw.textlength(name))
    return image


def _spectrogram(mix: np.ndarray[Any, Any], sample_rate: int) -> Any:
    """80 mel bands, low at the bottom, over 70 dB."""
    from PIL import Image

    level = spectrum.measure(np.ascontiguousarray(mix.mean(axis=0)), sample_rate).mel_db
    part = np.clip((level - level.max() + 70) / 70, 0, 1)[::-1]
    steps = np.linspace(0, 1, len(HEAT))
    colour = np.stack([np.interp(part, steps, [c[n] for c in HEAT]) for n in range(3)], axis=-1)
    return Image.fromarray(colour.astype(np.uint8)).resize((WIDTH, SOUND), Image.Resampling.BILINEAR)


def main(folder: Path, names: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names or SHOWN:
        genre, seed = name.split(":")
        score = compose(MusicRequest.model_validate({"genre": genre, "seconds": SECONDS, "seed": int(seed)}))
        music = render(score, bank=None)
        path = folder / f"{genre}-{seed}.png"
        picture(score, music.mix, music.sample_rate).quantize(96).save(path, optimize=True)
        print(path, path.stat().st_size)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
