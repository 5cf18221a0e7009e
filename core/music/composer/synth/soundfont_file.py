"""A SoundFont 2 file, looked through before a player is trusted with it: every table whole, every index in its place.

The player is C code that believes what it reads. A file comes from outside, so what could lead it astray (tables cut
short, indices that run backwards or past the end, samples outside the sample data, zones multiplied into gigabytes) is
refused here, with one sentence.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.kit.errors import UserError

MAX_BYTES = 512 * 1024 * 1024
_MAX_ZONES = 400_000
_INSTRUMENT = 41
_ROM = 0x8000
_RECORDS: dict[bytes, np.dtype[Any]] = {
    b"phdr": np.dtype([("name", "S20"), ("preset", "<u2"), ("bank", "<u2"), ("bag", "<u2"), ("rest", "V12")]),
    b"pbag": np.dtype([("gen", "<u2"), ("mod", "<u2")]),
    b"pgen": np.dtype([("what", "<u2"), ("amount", "<u2")]),
    b"inst": np.dtype([("name", "S20"), ("bag", "<u2")]),
    b"ibag": np.dtype([("gen", "<u2"), ("mod", "<u2")]),
    b"igen": np.dtype([("what", "<u2"), ("amount", "<u2")]),
    b"shdr": np.dtype(
        [("name", "S20"), ("start", "<u4"), ("end", "<u4"), ("loop_start", "<u4"), ("loop_end", "<u4"), ("rate", "<u4"),
         ("key", "u1"), ("cents", "i1"), ("link", "<u2"), ("kind", "<u2")]
    ),
}  # fmt: skip


@dataclass(frozen=True)
class SoundFontFile:
    data: bytes
    name: str
    copyright: str
    """As the file states it; often empty, and no proof of anything."""
    presets: frozenset[tuple[int, int]]
    """(bank, program); bank 128 holds drum kits."""


def read_soundfont(path: Path) -> SoundFontFile:
    """UserError unless it is a SoundFont 2 that can be played."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise UserError(
                f"The SoundFont has {size / 1e6:.0f} MB.", f"At most {MAX_BYTES // 2**20} MB can be used.", "soundfont"
            )
        data = path.read_bytes()
    except OSError:
        raise UserError(
            "The SoundFont cannot be read.", "Upload it again, or choose our own sounds.", "soundfont"
        ) from None
    try:
        return _looked_through(data)
    except (_Broken, struct.error, ValueError) as error:
        raise UserError(
            f"This is not a SoundFont that can be played: {error}.",
            "Give a whole .sf2 file (SoundFont 2, 16 bit), or choose our own sounds.", "soundfont",
        ) from None  # fmt: skip


class _Broken(Exception):
    """What is wrong with the file, as the end of a sentence."""


def _looked_through(data: bytes) -> SoundFontFile:
    if data[:4] != b"RIFF" or data[8:12] != b"sfbk":
        raise _Broken("it does not begin as one")
    lists: dict[bytes, dict[bytes, memoryview]] = {}
    for name, body in _chunks(memoryview(data)[12:]):
        if name == b"LIST":
            lists[bytes(body[:4])] = dict(_chunks(body[4:]))
    samples = lists.get(b"sdta", {}).get(b"smpl")
    tables = {name: _table(lists.get(b"pdta", {}), name) for name in _RECORDS}
    if samples is None or not len(samples):
        raise _Broken("it holds no samples")
    _check_indices(tables)
    _check_samples(tables[b"shdr"][:-1], len(samples) // 2)
    info = lists.get(b"INFO", {})
    presets = frozenset((int(row["bank"]), int(row["preset"])) for row in tables[b"phdr"][:-1])
    return SoundFontFile(data, _text(info.get(b"INAM")), _text(info.get(b"ICOP")), presets)


def _chunks(data: memoryview) -> list[tuple[bytes, memoryview]]:
    found = []
    at = 0
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<4sI", data, at)
        if at + 8 + size > len(data):
            raise _Broken("it is cut short")
        found.append((name, data[at + 8 : at + 8 + size]))
        at += 8 + size + size % 2
    return found


def _table(pdta: dict[bytes, memoryview], name: bytes) -> NDArray[Any]:
    body, kind = pdta.get(name), _RECORDS[name]
    if body is None or len(body) % kind.itemsize or len(body) < 2 * kind.itemsize:
        raise _Broken(f"its table “{name.decode()}” is missing or not whole")
    return np.frombuffer(body, kind)


def _check_indices(tables: dict[bytes, NDArray[Any]]) -> None:
    links = ((b"phdr", "bag", b"pbag"), (b"pbag", "gen", b"pgen"), (b"inst", "bag", b"ibag"), (b"ibag", "gen", b"igen"))
    for table, field, into in links:
        index = tables[table][field].astype(np.int64)
        if np.any(np.diff(index) < 0) or index[-1] >= tables[into].size:
            raise _Broken(f"the indices of its table “{table.decode()}” lead nowhere")
    inside = np.diff(tables[b"inst"]["bag"].astype(np.int64))
    used = tables[b"pgen"][tables[b"pgen"]["what"] == _INSTRUMENT]["amount"].astype(np.int64)
    used = used[used < inside.size]
    if int(inside[used].sum()) > _MAX_ZONES:
        raise _Broken("it has more zones than any real one")


def _check_samples(heads: NDArray[Any], frames: int) -> None:
    held = heads[(heads["kind"] & _ROM) == 0]
    if np.any(held["end"] > frames) or np.any(held["start"] > held["end"]) or np.any(held["loop_end"] > frames):
        raise _Broken("a sample lies outside its sample data")


def _text(chunk: memoryview | None) -> str:
    raw = b"" if chunk is None else bytes(chunk[:256]).split(b"\0")[0]
    return "".join(c for c in raw.decode("latin-1") if c.isprintable()).strip()
