"""Where weights lie: a folder a model, with a manifest of what was put there. A model appears under its name only when it
is whole; what is still coming lies beside it.

A person may also put the files there by hand. Then there is no manifest, and nothing to compare them with.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from core.kit.clock import new_id, now
from core.kit.errors import SetupError, UserError
from core.models.catalogue import Weights

MANIFEST = "manifest.json"
_CHUNK = 1 << 20


@dataclass(frozen=True)
class State:
    state: Literal["not there", "partial", "damaged", "ready"]
    size_mb: float
    """On the disk, what is still coming included."""
    origin: str = ""
    """A URL or a folder; "" for files that were put there by hand."""
    why: str = ""


@dataclass(frozen=True)
class Stored:
    """A line of the manifest."""

    size: int
    sha256: str


@dataclass(frozen=True)
class Agreed:
    by: str
    at: str
    """ISO 8601, UTC."""


class Shelf:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def place(self, weights: Weights) -> Path:
        return self.folder / weights.name

    def coming(self, weights: Weights) -> Path:
        """What is on its way. Survives an interruption, so that the rest can follow."""
        return self.folder / f".{weights.name}.partial"

    def state(self, weights: Weights) -> State:
        """Cheap: names and sizes. What is in the files is compared by check()."""
        place, coming = self.place(weights), self.coming(weights)
        size = _size_mb(place) + _size_mb(coming)
        if not any((place / path).is_file() for path in weights.everything):
            return State("partial" if size else "not there", size)
        missing = [path for path in weights.files if not (place / path).is_file()]
        if missing:
            return State("damaged", size, why=f"{', '.join(missing)} is missing")
        lost = lost_parts(weights, place)
        if lost:
            return State("damaged", size, why=f"{lost[0]} is missing")
        if weights.voices and not any((place / path).is_file() for path in weights.voices):
            return State("damaged", size, why="no voice is there")
        manifest = self.manifest(weights)
        for path, stored in manifest.items():
            there = place / path
            if not there.is_file() or there.stat().st_size != stored.size:
                return State("damaged", size, why=f"{path} is not as it was stored")
        return State("ready", size, str(self._read(weights).get("origin", "")))

    def ready(self, weights: Weights) -> Path:
        """The folder, or SetupError with the line that mends it."""
        found = self.state(weights)
        if found.state == "ready":
            return self.place(weights)
        what = {"damaged": f"are damaged ({found.why})", "partial": "are not all there yet"}
        raise SetupError(
            f"The weights of {weights.title} {what.get(found.state, 'are not there')}.",
            f"Run: studio models pull {weights.name}",
            "no_weights",
        )

    def usable(self, weights: Weights) -> Path:
        """As ready(), and where the licence binds what is made, somebody agreed to it."""
        place = self.ready(weights)
        if weights.binding and self.agreed(weights) is None:
            raise SetupError(
                f"Nobody has agreed to the licence of {weights.title} ({weights.licence}). {weights.terms}",
                f"Read {weights.licence_url}, then run: studio models agree {weights.name}", "licence",
            )  # fmt: skip
        return place

    def agreed(self, weights: Weights) -> Agreed | None:
        """To this licence; another one is asked for anew."""
        try:
            facts = json.loads(self._agreement(weights).read_text(encoding="utf-8"))
            return Agreed(str(facts["by"]), str(facts["at"])) if facts["licence"] == weights.licence else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def agree(self, weights: Weights, by: str) -> Agreed:
        """Written down beside the model, and kept when that is removed: it is asked once."""
        facts = {
            "model": weights.name, "licence": weights.licence, "licence_url": weights.licence_url, "terms": weights.terms,
            "by": by, "at": now().isoformat(timespec="seconds"),
        }  # fmt: skip
        with self.alone(weights):
            path = self._agreement(weights)
            part = path.with_suffix(".part")
            part.write_text(json.dumps(facts, indent=1), encoding="utf-8")
            part.replace(path)
        return Agreed(facts["by"], facts["at"])

    def _agreement(self, weights: Weights) -> Path:
        return self.folder / f"{weights.name}.licence.json"

    def manifest(self, weights: Weights) -> dict[str, Stored]:
        files = self._read(weights).get("files", {})
        try:
            return {str(path): Stored(int(row["size"]), str(row["sha256"])) for path, row in files.items()}
        except (AttributeError, KeyError, TypeError, ValueError):
            return {}

    def check(self, weights: Weights) -> list[str]:
        """Reads every byte. What is wrong, a line each; empty: all is as it was stored, or nothing is known to compare
        with."""
        self.ready(weights)
        known = {path: stored.sha256 for path, stored in self.manifest(weights).items()} or dict(weights.published)
        place = self.place(weights)
        return [
            f"{path} has other content than it should" for path, sha in known.items() if sha256(place / path) != sha
        ]

    def finish(self, weights: Weights, stored: Mapping[str, Stored], **about: str) -> Path:
        """What came lies under the model's name from here on; what lay there before is gone."""
        coming, place = self.coming(weights), self.place(weights)
        for stray in coming.rglob("*.part"):
            stray.unlink()
        facts: dict[str, Any] = {"model": weights.name, "licence": weights.licence, **about}
        facts["files"] = {path: {"size": one.size, "sha256": one.sha256} for path, one in stored.items()}
        (coming / MANIFEST).write_text(json.dumps(facts, indent=1), encoding="utf-8")
        old = self.folder / f".{weights.name}.{new_id('old')}"
        if place.exists():
            place.rename(old)
        coming.rename(place)
        shutil.rmtree(old, ignore_errors=True)
        return place

    def remove(self, weights: Weights) -> float:
        """Megabytes that became free. UserError where there was nothing."""
        with self.alone(weights):
            size = self.state(weights).size_mb
            if not size:
                raise UserError(f"There is nothing of {weights.title} here.", f"It would lie in {self.place(weights)}.")
            for folder in (self.place(weights), self.coming(weights)):
                if folder.exists():
                    shutil.rmtree(folder)
            return size

    @contextmanager
    def alone(self, weights: Weights) -> Iterator[None]:
        """Nobody else changes this model meanwhile."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = (self.folder / f".{weights.name}.lock").open("w")
        except OSError as error:
            raise SetupError(
                f"Nothing can be written to {self.folder}: {error.strerror}.",
                "Set STUDIO_MODELS_DIR to another folder.",
            ) from None
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise UserError(
                    f"{weights.title} is being pulled or removed already.", "Wait until that is done.", "busy"
                ) from None
            yield

    def _read(self, weights: Weights) -> dict[str, Any]:
        try:
            facts = json.loads((self.place(weights) / MANIFEST).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return facts if isinstance(facts, dict) else {}


def parts_of(index: Path) -> list[str]:
    """The files that an index of tensors names. ValueError where it is none, or leads out of the folder."""
    try:
        names = sorted({str(name) for name in json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{index.name} is no index of tensors") from error
    if not names or any(Path(name).name != name or not name.endswith(".safetensors") for name in names):
        raise ValueError(f"{index.name} names other files than tensors beside it")
    return names


def lost_parts(weights: Weights, folder: Path) -> list[str]:
    """What is missing of tensors that lie in one file or in parts."""
    if not weights.sharded or (folder / weights.sharded).is_file():
        return []
    if not (folder / weights.index).is_file():
        return [weights.sharded]
    try:
        return [name for name in parts_of(folder / weights.index) if not (folder / name).is_file()]
    except ValueError:
        return [weights.index]


def sha256(path: Path) -> str:
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()


def _size_mb(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
