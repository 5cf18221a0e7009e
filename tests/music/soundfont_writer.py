"""The smallest SoundFont 2 there can be, written byte by byte: one looped tone, under as many presets as wanted."""

from __future__ import annotations

import struct
from collections.abc import Iterable

import numpy as np

RATE = 44_100
_TONE_HZ = 441.0


def chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def soundfont(
    presets: Iterable[tuple[int, int]], *, name: str = "tiny", copyright: str = "CC0", level: float = 0.5
) -> bytes:
    """`presets`: (bank, program). A tone of harmonics, half a second, looped over its second half."""
    t = np.arange(RATE // 2) / RATE
    tone = sum(np.sin(2 * np.pi * _TONE_HZ * n * t) / n for n in range(1, 9))
    frames = (np.asarray(tone) * level * 12_000).astype("<i2")
    places = list(presets)
    head = b"".join(
        struct.pack("<20sHHHIII", b"tone", program, bank, n, 0, 0, 0) for n, (bank, program) in enumerate(places)
    )
    head += struct.pack("<20sHHHIII", b"EOP", 0, 0, len(places), 0, 0, 0)
    bags = b"".join(struct.pack("<HH", n, 0) for n in range(len(places) + 1))
    into = struct.pack("<HH", 41, 0) * len(places) + struct.pack("<HH", 0, 0)
    inst = struct.pack("<20sH", b"tone", 0) + struct.pack("<20sH", b"EOI", 1)
    inside = struct.pack("<HH", 0, 0) + struct.pack("<HH", 2, 0)
    gens = struct.pack("<HH", 54, 1) + struct.pack("<HH", 53, 0) + struct.pack("<HH", 0, 0)  # sampleModes, sampleID
    size = frames.size
    shdr = struct.pack("<20sIIIIIBbHH", b"tone", 0, size, size // 2, size - 10, RATE, 69, 0, 0, 1)
    shdr += struct.pack("<20sIIIIIBbHH", b"EOS", 0, 0, 0, 0, 0, 0, 0, 0, 0)
    pdta = b"".join(
        chunk(label, body)
        for label, body in (
            (b"phdr", head), (b"pbag", bags), (b"pmod", bytes(10)), (b"pgen", into), (b"inst", inst),
            (b"ibag", inside), (b"imod", bytes(10)), (b"igen", gens), (b"shdr", shdr),
        )
    )  # fmt: skip
    info = (
        chunk(b"ifil", struct.pack("<HH", 2, 1))
        + chunk(b"INAM", name.encode() + b"\0")
        + chunk(b"ICOP", copyright.encode() + b"\0")
    )
    body = chunk(b"LIST", b"INFO" + info)
    body += chunk(b"LIST", b"sdta" + chunk(b"smpl", frames.tobytes() + bytes(92)))
    body += chunk(b"LIST", b"pdta" + pdta)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"sfbk" + body
