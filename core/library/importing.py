"""Bring a file in: read once in a child process, measured block by block, and kept as it came."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.kit.actor import Actor
from core.kit.children import Children, Progress
from core.kit.clock import new_id, now
from core.kit.errors import SetupError, UserError
from core.kit.settings import Settings
from core.kit.words import one_line
from core.library.pictures import plain_in_child
from core.rights import licences
from core.store import assets
from core.store.assets import Asset
from core.store.store import BLOBS, Store

PEAKS = 192
_KINDS = ("voiceover", "music", "sound_effect", "image", "soundfont", "video", "document")


def facts_in_child(request: tuple[str, float, int], progress: Progress) -> dict[str, Any]:
    """(path, longest seconds, largest bytes) → measured facts. Runs in a child: a hostile file can only hurt that."""
    from core.audio import facts

    path, max_seconds, max_bytes = request
    progress("Measuring", 0.1)
    found = asdict(facts.measure(path, columns=PEAKS, max_seconds=max_seconds, max_bytes=max_bytes))
    return found | {"format": found["format"] or Path(path).suffix.lstrip(".")}


class Importing:
    def __init__(
        self, settings: Settings, store: Store, children: Children, checks: Mapping[str, Callable[..., dict[str, Any]]]
    ) -> None:
        """`checks`: by kind, for files that are no sound: a child's side that takes the path and answers columns of the
        asset, or raises UserError."""
        self._checks = checks
        self._settings = settings
        self._store = store
        self._children = children

    def bring_in(
        self,
        actor: Actor,
        file: Path,
        *,
        name: str = "",
        kind: str = "music",
        licence_id: str = "unknown",
        credit: str = "",
        note: str = "",
        there: Callable[[Any, str], Asset | None] | None = None,
    ) -> tuple[Asset, list[str]]:
        """An asset from a file on this machine, and warnings about damage that was survived. UserError when it is no
        audio (with kind `image`: no picture), too long or too large; nothing is kept then. `there`: asked with the
        connection and the file's hash in the very transaction that would keep it; the asset it answers is taken instead."""
        if kind not in _KINDS:
            raise UserError(f"An upload cannot be a {kind!r}.", f"Choose one of: {', '.join(_KINDS)}.")
        if licence_id == "own-work":
            raise UserError("'own-work' is for what the studio itself made.", "For your own recordings: uploaded-own.")
        licence = licences.record(licence_id, credit=credit, note=note)
        # A file name may hold bytes that are no text, and what a terminal obeys.
        shown = one_line(file.name.encode("utf-8", "replace").decode(), 255)
        if not file.is_file():
            raise UserError(f"There is no file {file.name!r}.", "Check the path.")
        limit = (self._settings.max_audio_minutes * 60, self._settings.max_upload_mb * 2**20)
        with tempfile.TemporaryDirectory(dir=self._settings.work) as folder:
            # Measured on a copy of our own, so that what was measured is what is kept.
            copy = Path(folder) / "upload"
            if file.stat().st_size > limit[1]:
                raise UserError(
                    f"{file.name!r} is larger than {self._settings.max_upload_mb} MB.",
                    "Send a shorter or compressed file, or raise STUDIO_MAX_UPLOAD_MB.",
                )
            try:
                shutil.copyfile(file, copy)
            except OSError as error:
                raise SetupError(
                    f"{shown!r} could not be copied: {error.strerror or error}.",
                    "Check that the file can be read and that the data folder has space, then try again.",
                    "storage_failed",
                ) from error
            try:
                if kind == "image":
                    drawn = copy.with_name("picture.jpg")
                    facts = self._children.run(plain_in_child, (str(copy), str(drawn), shown), timeout_s=60)
                    copy = drawn
                elif kind in self._checks:
                    facts = self._children.run(self._checks[kind], str(copy), timeout_s=120)
                else:
                    facts = self._children.run(facts_in_child, (str(copy), *limit), timeout_s=300)
            except UserError as error:
                raise UserError(_named(error.message, shown), error.hint, error.code) from None
            sha256, size = self._store.blobs.keep(copy)
            warnings: list[str] = [_named(text, shown) for text in facts.pop("warnings")]
            moment = now()
            row: dict[str, Any] = {
                "id": new_id("asset"), "kind": kind, "source": "uploaded", "name": one_line(name) or one_line(Path(shown).stem) or "untitled",
                "folder": "", "tags": [], "favourite": False, "bytes": size, "sha256": sha256, "instruments": [],
                "generation_config": {"provider": "upload", "file": shown, "warnings": warnings}, "cost_usd": 0,
                "licence": licence, "job_id": None, "role": "primary", "user_id": actor.user_id,
                "organisation_id": actor.organisation_id, "visibility": "private", "draft": False,
                "created_at": moment, "updated_at": moment,
            } | facts  # fmt: skip
            row["format"] = str(row["format"])[:10]
            with self._store.db.shared(BLOBS) as connection:
                if there is not None and (known := there(connection, sha256)) is not None:
                    return known, warnings
                assets.add(connection, row)
                if not self._store.blobs.has(sha256):  # the last other piece with these bytes was purged just now
                    self._store.blobs.keep(copy)
                return assets.get(connection, actor, row["id"]), warnings


def _named(text: str, name: str) -> str:
    """Messages about our own copy, told about the file the user knows."""
    return text.replace("“upload”", f"“{name}”")
