"""The note bank: every distinct note is rendered once, kept in memory and on disk, and laid as often as needed.

One small file a note, under a folder named after the synthesiser's own source, so that a changed voice never meets an
old note. Files are written aside and moved into place, so that any number of writers may share a folder; one that
does not read back whole (its checksum fails) is rendered again. Notes are kept as 16-bit integers with a scale, and a
fresh note is used only after the same rounding: cold and warm runs give the same bytes.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import struct
import threading
import time
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.audio.ready import load as load_signal_libraries
from core.music.composer.synth.shape import Sound
from core.music.composer.synth.sounds import NoteKey, render_note

MAX_BYTES = 1_500_000_000
_MAGIC = b"NOTE"
_HEADER = struct.Struct("<4sHHIfI")
"""magic, version, channels, frames, scale, CRC-32 of the samples"""
_STALE_SECONDS = 3600.0
_added: dict[Path, int] = {}
"""By folder: bytes this process put there since its last look."""
_lock = threading.Lock()


@dataclass(frozen=True)
class Note:
    """Samples times `scale` is the sound; (channels, frames)."""

    samples: NDArray[np.int16]
    scale: float

    @property
    def frames(self) -> int:
        return int(self.samples.shape[1])


@cache
def fingerprint() -> str:
    """Names the synthesiser's sound: its source and numpy's version, which together decide every sample."""
    digest = hashlib.sha256(np.__version__.encode())
    here = Path(__file__).parent
    for name in ("shape.py", "modes.py", "waves.py", "sounds.py", "bank.py"):
        digest.update((here / name).read_bytes())
    for path in sorted((here / "voices").glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


class NoteBank:
    """`folder` None: memory only. Safe for threads and for several processes on one folder."""

    def __init__(self, folder: Path | None, max_bytes: int = MAX_BYTES) -> None:
        self._folder = None if folder is None else folder / fingerprint()
        self._root = folder
        self._max_bytes = max_bytes
        self._notes: dict[NoteKey, Note] = {}
        self.rendered = 0
        """How many notes had to be made; the others came from disk or memory."""
        self._fresh_bytes = 0

    def fill(self, keys: Sequence[NoteKey], workers: int, progress: Callable[[float], None] | None = None) -> None:
        """Bring every key into memory. The longest first, so that the workers finish together."""
        wanted = sorted(set(keys) - self._notes.keys(), key=lambda key: (-key.length, key))
        if not wanted:
            return
        self._make_folders({key.instrument for key in wanted})
        load_signal_libraries()
        done = 0
        with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
            for key, (note, fresh) in zip(wanted, pool.map(self._obtain, wanted), strict=True):
                self._notes[key] = note
                self.rendered += fresh
                self._fresh_bytes += note.samples.nbytes if fresh else 0
                done += 1
                if progress is not None:
                    progress(done / len(wanted))
        if self._root is not None and _grew(self._root, self._fresh_bytes, self._max_bytes // 32):
            self._shrink()

    def __getitem__(self, key: NoteKey) -> Note:
        return self._notes[key]

    def _obtain(self, key: NoteKey) -> tuple[Note, bool]:
        path = self._path(key)
        note = None if path is None else _read(path)
        if note is not None:
            return note, False
        note = _rounded(render_note(key))
        if path is not None:
            _write(path, note)
        return note, True

    def _path(self, key: NoteKey) -> Path | None:
        return None if self._folder is None else self._folder / key.instrument / f"{key.name}.note"

    def _make_folders(self, instruments: set[str]) -> None:
        if self._folder is None:
            return
        try:
            for name in instruments:
                (self._folder / name).mkdir(parents=True, exist_ok=True)
        except OSError:
            self._folder = None  # a read-only or full disk costs speed, never the piece

    def _shrink(self) -> None:
        """Forget the notes unused for longest until the bank fits; notes of older synthesisers go first."""
        if self._root is None or self._folder is None:
            return
        entries: list[tuple[bool, float, int, Path]] = []
        for path in self._root.rglob("*"):
            with contextlib.suppress(OSError):
                if path.suffix in {".note", ".part"}:
                    facts = path.stat()
                    if path.suffix == ".part" and time.time() - facts.st_mtime > _STALE_SECONDS:
                        path.unlink()
                    elif path.suffix == ".note":
                        entries.append((self._folder in path.parents, facts.st_mtime, facts.st_size, path))
        total = sum(size for *_, size, _ in entries)
        for _, _, size, path in sorted(entries):
            if total <= self._max_bytes:
                return
            with contextlib.suppress(OSError):
                path.unlink()
                total -= size


def _grew(root: Path, fresh_bytes: int, much: int) -> bool:
    """Whether it is time to look whether the bank still fits: at a process's first piece, then by what it added. A look
    reads the size of every note there is, which after a thousand pieces would cost more than the notes of one."""
    with _lock:
        before = _added.get(root)
        _added[root] = fresh_bytes + (before or 0)
        if before is not None and _added[root] < much:
            return False
        _added[root] = 0
        return fresh_bytes > 0


def _rounded(sound: Sound) -> Note:
    peak = float(np.abs(sound).max())
    if not np.isfinite(peak):
        raise FloatingPointError("a note came out as NaN or infinite")
    scale = np.float32(max(peak, 1e-9) / 32767.0)
    return Note(np.rint(sound / scale).astype(np.int16), float(scale))


def _write(path: Path, note: Note) -> None:
    data = note.samples.tobytes()
    header = _HEADER.pack(_MAGIC, 1, note.samples.shape[0], note.frames, note.scale, zlib.crc32(data))
    aside = path.with_name(f"{path.stem}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        with aside.open("wb") as file:
            file.write(header)
            file.write(data)
        os.replace(aside, path)
    except OSError:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)


def _read(path: Path) -> Note | None:
    """None when it is not there or not whole."""
    try:
        blob = path.read_bytes()
        magic, version, channels, frames, scale, crc = _HEADER.unpack_from(blob)
    except (OSError, struct.error):
        return None
    data = memoryview(blob)[_HEADER.size :]
    if (magic, version) != (_MAGIC, 1) or channels not in (1, 2) or not np.isfinite(scale):
        return None
    if len(data) != channels * frames * 2 or zlib.crc32(data) != crc:
        return None
    with contextlib.suppress(OSError):
        os.utime(path)
    return Note(np.frombuffer(data, np.int16).reshape(channels, frames), scale)
