"""Weights from a folder: another machine's copy, a hub's cache, or what a browser downloaded."""

from __future__ import annotations

import json
import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

from core.kit.clock import now
from core.kit.errors import UserError
from core.models.catalogue import Weights
from core.models.pulling import Progress, no_space
from core.models.shelf import Shelf, Stored, lost_parts, parts_of, sha256


@dataclass(frozen=True)
class Taken:
    place: Path
    voices: int
    unpublished: tuple[str, ...]
    """Files that differ from what the author published: another version, or somebody's own training."""


def take(weights: Weights, shelf: Shelf, folder: Path, progress: Progress) -> Taken:
    """Copied, never moved. UserError names what is missing or no weights at all."""
    source = folder.expanduser()
    if not source.is_dir():
        raise UserError(f"{str(folder)[:200]!r} is not there, or no folder.", "Give the folder that holds the files.")
    missing = [path for path in weights.files if not (source / path).is_file()] + lost_parts(weights, source)
    voices = [path for path in weights.voices if (source / path).is_file()]
    if missing or (weights.voices and not voices):
        wanted = [*missing, *([] if voices or not weights.voices else [f"at least one of {weights.voices[0]}, …"])]
        raise UserError(
            f"{str(folder)[:200]!r} lacks {', '.join(wanted)}.",
            f"It must hold {', '.join(weights.files)}{' and the voices' * bool(weights.voices)} under the names they have in "
            f"{weights.archive or weights.repo}.",
            "files_missing",
        )
    chosen = [*weights.files, *voices, *_tensors(weights, source)]
    for path in chosen:
        _recognise(source / path)
    needed = sum((source / path).stat().st_size for path in chosen)
    with shelf.alone(weights):
        coming = shelf.coming(weights)
        shutil.rmtree(coming, ignore_errors=True)
        coming.mkdir()
        if shutil.disk_usage(coming).free < needed + 100e6:
            raise no_space(f"{weights.title} needs {needed / 1e6:,.0f} MB.")
        stored: dict[str, Stored] = {}
        for path in chosen:
            copy = coming / path
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source / path, copy)
            stored[path] = Stored(copy.stat().st_size, sha256(copy))
            progress(path, stored[path].size, stored[path].size)
        place = shelf.finish(
            weights, stored, origin=str(source.resolve()), pulled_at=now().isoformat(timespec="seconds")
        )
    other = tuple(path for path, known in weights.published.items() if path in stored and stored[path].sha256 != known)
    return Taken(place, len(voices), other)


def _tensors(weights: Weights, source: Path) -> list[str]:
    if not weights.sharded:
        return []
    if (source / weights.sharded).is_file():
        return [weights.sharded]
    return [weights.index, *parts_of(source / weights.index)]


def _recognise(path: Path) -> None:
    """A page that says "sign in", or a pointer of Git LFS, goes by the same name surprisingly often."""
    if path.suffix == ".json":
        try:
            good = isinstance(json.loads(path.read_text(encoding="utf-8")), dict)
        except (OSError, ValueError):
            good = False
    elif path.suffix == ".safetensors":
        with path.open("rb") as file:  # the length of a JSON header, and the header
            length = int.from_bytes(file.read(8), "little")
            good = file.read(1) == b"{" and length + 8 < path.stat().st_size + 1
    else:
        good = zipfile.is_zipfile(path)
    if not good:
        raise UserError(
            f"{path.name} is damaged, or not the file of that name.",
            "Download it again; a file of a few hundred bytes is a pointer of Git LFS: run git lfs pull.",
            "not_weights",
        )
