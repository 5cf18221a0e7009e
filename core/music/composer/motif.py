"""Motifs: the rhythm and contour that a theme is made of."""

from __future__ import annotations

import random
from dataclasses import dataclass

# Half a bar in sixteenths: x begins a note, - holds it, . rests. By density: spare, medium, busy.
CELLS: tuple[tuple[str, ...], ...] = (
    ("x-------", "x-----x-", "x---x---", "..x-----", "x-----..", "x--x----", "....x---", "x-----x-"),
    ("x---x-x-", "x-x-x---", "x--x--x-", "..x-x-x-", "x---x---", "x-x---x-", "x--x----", "x-----x-", "..x-x---"),
    ("x-x-x-x-", "x-xxx-x-", "x--x--x-", "x-x-xx--", "..x-x-x-", "x-x-x---", "xx--x-x-", "x--xx-x-", "x---xxx-"),
)
CADENCE_BARS = ("x-x-x-----......", "x---x-----......", "x-----x-----....", "x-----------....", "x-x-----........")
SPARE_CADENCES = ("x-----------....", "x---x-------....", "x-------........")


@dataclass(frozen=True)
class Motif:
    bars: tuple[str, str, str, str]
    """Rhythm of the four bars of a phrase: call, answer, call again (or carried on), close."""
    steps: tuple[int, ...]
    """Scale steps between notes, used in turn; the answer turns them upside down or carries them on."""
    answer: str
    """How the second and third bars treat the contour: same, mirror, onward"""
    arc: tuple[int, int, int, int]
    """Scale steps each bar's centre lies above the middle line"""


def make_motif(rng: random.Random, density: int, beats_per_bar: int) -> Motif:
    cells = CELLS[min(max(density, 0), 2)]

    def bar() -> str:
        text = rng.choice(cells) + rng.choice(cells)
        return text if beats_per_bar == 4 else text[: 4 * beats_per_bar]

    call, second = bar(), bar()
    close = rng.choice(SPARE_CADENCES if density <= 0 else CADENCE_BARS)[: 4 * beats_per_bar]
    scheme = rng.choice(("aabc", "abac", "abac", "aaac", "abbc"))
    table = {"a": call, "b": second, "c": close}
    first, then, third, last = (table[letter] for letter in scheme)
    arcs = ((0, 1, 2, 0), (0, 2, 3, 0), (2, 1, 0, 0), (0, 0, 2, 1), (1, 3, 2, 0), (3, 2, 1, 0), (0, -1, 2, 0))
    return Motif((first, then, third, last), _contour(rng), rng.choice(("same", "mirror", "onward")), rng.choice(arcs))


def _contour(rng: random.Random) -> tuple[int, ...]:
    """Mostly steps; a leap now and then, answered by a step the other way."""
    steps: list[int] = []
    length = rng.randint(4, 8)
    heading = rng.choice((-1, 1))
    while len(steps) < length:
        draw = rng.random()
        if draw < 0.12:
            steps.append(0)
        elif draw < 0.68:
            steps.append(heading)
        elif draw < 0.86:
            steps.append(2 * heading)
        else:
            steps += [heading * rng.choice((3, 4, 5)), -heading]
        if rng.random() < 0.38:
            heading = -heading
    return tuple(steps[:length])
